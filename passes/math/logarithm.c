// logarithm: log, log1p, and numbers taken apart.
//
// x = 2^k * (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); f is exact. With c the part of the argument
// that x lost (log1p; 0 in log):
//
//   log x = (k ln2_high + f) + ((k ln2_low + c) + (t - f^2/2))
//   f64: t = s (f^2/2 + R), s = f/(2 + f), z = s^2, R = z p(z); what rounding loses of the first
//   sum is added to the second
//   f32: t = f^3 p(f)
//
// Source   the f64 form is fdlibm's (Sun Microsystems 1993, e_log.c). p: minimax by Sollya's
//          fpminimax, relative error of log(1+f) 7.9e-9 in f32 (degree 7), 1.8e-20 in f64 (7).
// Numbers  <= 1 ulp. log(+-0) = -inf, log(x < 0) = nan, subnormals are
//          scaled first and lose nothing.
#include "passes/math/functions.h"

#include <math.h>

static const double log_f32[] = {0x1.55557p-2,  -0x1.000234p-2, 0x1.99944ep-3, -0x1.5466fep-3,
                                 0x1.239ce2p-3, -0x1.0e96ccp-3, 0x1.015974p-3, -0x1.2a6f78p-4};
static const double log_f64[] = {0x1.5555555555555p-1, 0x1.9999999999d58p-2, 0x1.249249242f0a1p-2,
                                 0x1.c71c725c1a672p-3, 0x1.745cdb8ff466ep-3, 0x1.3b2153e15cf96p-3,
                                 0x1.0f4a9a6948da6p-3, 0x1.101ea0fa0f56dp-3};
static const mth_polynomial log_terms[] = {MTH_POLYNOMIAL(log_f32), MTH_POLYNOMIAL(log_f64)};

#define LN2_HIGH 0x1.62e43p-1, 0x1.62e42fefa39efp-1
#define LN2_LOW -0x1.05c61p-29, 0x1.abc9e3b39803fp-56

// For x >= min_normal. Adding the distance from sqrt(1/2) to 1 makes the exponent field k + bias.
static mth_scaled take_apart_normal(const mth_formula *f, MlirValue x) {
  const mth_float_layout *layout = mth_formula_layout(f);
  const int64_t one_bits = layout->bias << layout->fraction_bits;
  const int64_t whole_bits = (layout->bias + layout->fraction_bits) << layout->fraction_bits;
  const int64_t sqrt_half_bits = f->f64 ? 0x3fe6a09e667f3bcd : 0x3f3504f3;
  const MlirValue moved = add_bits(f, bits_of(f, x), mth_whole(f, one_bits - sqrt_half_bits));
  const MlirValue biased = shift_right(f, moved, mth_whole(f, layout->fraction_bits));
  // As a float: the bits of 2^fraction_bits + biased. AVX2 converts no 64-bit integers.
  const MlirValue as_real = real_of(f, add_bits(f, biased, mth_whole(f, whole_bits)));
  const MlirValue exponent =
      subtract(f, as_real, mth_real(f, layout->whole + (double)layout->bias));
  const int64_t fraction_mask = ((int64_t)1 << layout->fraction_bits) - 1;
  const MlirValue scaled = real_of(f, add_bits(f, and_bits(f, moved, mth_whole(f, fraction_mask)),
                                               mth_whole(f, sqrt_half_bits)));
  return (mth_scaled){exponent, subtract(f, scaled, mth_real(f, 1))};
}

mth_scaled mth_take_apart(const mth_formula *f, MlirValue x) {
  const mth_float_layout *layout = mth_formula_layout(f);
  const MlirValue subnormal = mth_compare_reals(f, MTH_OLT, x, mth_real(f, layout->min_normal));
  const double shift = (double)(layout->fraction_bits + 1);
  const MlirValue raised = multiply(f, x, mth_real(f, ldexp(1, (int)shift)));
  mth_scaled parts = take_apart_normal(f, where(f, subnormal, raised, x));
  parts.exponent =
      subtract(f, parts.exponent, where(f, subnormal, mth_real(f, shift), mth_real(f, 0)));
  return parts;
}

// log(2^k (1 + f)) + c, by the formula on top; c may be null.
static MlirValue log_of(const mth_formula *f, mth_scaled x, MlirValue c) {
  const MlirValue k = x.exponent, fraction = x.fraction;
  const MlirValue square = multiply(f, fraction, fraction);
  const MlirValue half_square = multiply(f, square, mth_real(f, 0.5));
  const MlirValue ln2_low = pick(f, LN2_LOW), ln2_high = pick(f, LN2_HIGH);
  const MlirValue low = mlirValueIsNull(c) ? multiply(f, k, ln2_low) : fused(f, k, ln2_low, c);
  if (f->f64) {
    const MlirValue s = divide(f, fraction, add(f, mth_real(f, 2), fraction));
    const MlirValue z = multiply(f, s, s);
    const MlirValue R = multiply(f, z, mth_horner(f, z, log_terms[true]));
    const MlirValue rest = subtract(f, fused(f, s, add(f, half_square, R), low), half_square);
    // k ln2_high + f as sum + lost, exactly: either k is 0, or the product is the larger one.
    const MlirValue product = multiply(f, k, ln2_high);
    const MlirValue sum = add(f, product, fraction);
    const MlirValue lost = add(f, subtract(f, fraction, subtract(f, sum, product)),
                               fused(f, k, ln2_high, negate(f, product)));
    return add(f, sum, add(f, lost, rest));
  }
  const MlirValue p = mth_horner(f, fraction, log_terms[false]);
  const MlirValue sum = fused(f, multiply(f, fraction, square), p, low);
  return fused(f, k, ln2_high, add(f, fraction, subtract(f, sum, half_square)));
}

// y, but -inf where x is 0, nan below it, and x itself where it is inf or nan.
static MlirValue with_edges(const mth_formula *f, MlirValue x, MlirValue y) {
  const MlirValue zero = mth_real(f, 0);
  const MlirValue edge =
      where(f, mth_compare_reals(f, MTH_OEQ, x, zero), mth_real(f, -INFINITY), mth_real(f, NAN));
  y = where(f, mth_compare_reals(f, MTH_OLE, x, zero), edge, y);
  return where(f, mth_compare_reals(f, MTH_OLT, x, mth_real(f, INFINITY)), y, x);
}

MlirValue mth_expand_log(const mth_formula *f, const MlirValue *operands) {
  const MlirValue x = operands[0];
  const MlirValue y = log_of(f, mth_take_apart(f, x), (MlirValue){NULL});
  return with_edges(f, x, y);
}

// log(1 + x) = log(u) + c/u for u = 1 + x rounded and c = (1 + x) - u, which is exact.
MlirValue mth_expand_log1p(const mth_formula *f, const MlirValue *operands) {
  const MlirValue x = operands[0], one = mth_real(f, 1);
  const MlirValue u = add(f, one, x);
  const MlirValue large = mth_compare_reals(f, MTH_OGE, x, one);
  const MlirValue lost =
      where(f, large, subtract(f, one, subtract(f, u, x)), subtract(f, x, subtract(f, u, one)));
  const MlirValue y = log_of(f, take_apart_normal(f, u), divide(f, lost, u));
  const MlirValue tiny = mth_compare_reals(f, MTH_OLT, magnitude(f, x), pick(f, 0x1p-25, 0x1p-54));
  return where(f, tiny, x, with_edges(f, u, y));
}
