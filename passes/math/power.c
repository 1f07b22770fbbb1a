// power: pow, as C17 F.10.4.4 defines it.
//
// |x|^y = e^(y ln|x|), with ln|x| and the product in about twice the precision. With
// |x| = 2^k m, s = (m - 1)/(m + 1), z = s^2:
//
//   ln|x| = k ln 2 + 2 s + (2/3) s^3 + s^5 R(z)
//
// Values called `high` and `low` are an unevaluated sum. s^5 R(z) is below 2^-13 of the whole, so
// it may be rounded; everything before it is kept in two parts.
//
// Source   R: minimax by Sollya's fpminimax, relative error of ln 8.5e-13 in f32 (degree 3),
//          1.5e-21 in f64 (7). Sums and products in two parts: Dekker 1971, with the fma.
// Numbers  <= 1 ulp; a subnormal result <= 1 ulp.
#include "passes/math/functions.h"

#include <math.h>

static const double log_f32[] = {0x1.99999ap-2, 0x1.24921p-2, 0x1.c7040ep-3, 0x1.827eb6p-3};
static const double log_f64[] = {0x1.999999999999ap-2, 0x1.24924924922fep-2, 0x1.c71c71c74c7f3p-3,
                                 0x1.745d173cd8fa5p-3, 0x1.3b13a9d19f6c2p-3, 0x1.11154fa3c0b71p-3,
                                 0x1.e019c6a719cf8p-4, 0x1.daa1a47ba8cbbp-4};
static const mth_polynomial log_terms[] = {MTH_POLYNOMIAL(log_f32), MTH_POLYNOMIAL(log_f64)};

#define LN2_HIGH 0x1.62e43p-1, 0x1.62e42fefa39efp-1
#define LN2_LOW -0x1.05c61p-29, 0x1.abc9e3b39803fp-56
#define TWO_THIRDS_HIGH 0x1.555556p-1, 0x1.5555555555555p-1
#define TWO_THIRDS_LOW -0x1.555556p-26, 0x1.5555555555555p-55

typedef struct pair {
  MlirValue high, low;
} pair;

// a + b for |a| >= |b| or a = 0.
static pair sum_of(const mth_formula *f, MlirValue a, MlirValue b) {
  const MlirValue high = add(f, a, b);
  return (pair){high, subtract(f, b, subtract(f, high, a))};
}

static pair product_of(const mth_formula *f, MlirValue a, MlirValue b) {
  const MlirValue high = multiply(f, a, b);
  return (pair){high, fused(f, a, b, negate(f, high))};
}

static pair product_of_pairs(const mth_formula *f, pair a, pair b) {
  pair p = product_of(f, a.high, b.high);
  p.low = fused(f, a.high, b.low, fused(f, a.low, b.high, p.low));
  return p;
}

// ln x for finite x > 0.
static pair log_pair(const mth_formula *f, MlirValue x) {
  const mth_scaled parts = mth_take_apart(f, x);
  const MlirValue two = mth_real(f, 2), fraction = parts.fraction, k = parts.exponent;

  const pair divisor = sum_of(f, two, fraction); // m + 1
  pair s = {.high = divide(f, fraction, divisor.high)};
  const MlirValue minus_s = negate(f, s.high);
  const MlirValue remainder =
      fused(f, minus_s, divisor.low, fused(f, minus_s, divisor.high, fraction));
  s.low = divide(f, remainder, divisor.high);

  const pair z = product_of_pairs(f, s, s);
  const pair cube = product_of_pairs(f, s, z);
  const pair third =
      product_of_pairs(f, cube, (pair){pick(f, TWO_THIRDS_HIGH), pick(f, TWO_THIRDS_LOW)});
  const MlirValue R = mth_horner(f, z.high, log_terms[f->f64]);
  const MlirValue tail = fused(f, multiply(f, cube.high, z.high), R, third.low);

  pair power = product_of(f, k, pick(f, LN2_HIGH));
  power.low = fused(f, k, pick(f, LN2_LOW), power.low);
  const pair first = sum_of(f, power.high, add(f, s.high, s.high));
  const pair second = sum_of(f, first.high, third.high);
  const MlirValue twice_s_low = add(f, s.low, s.low);
  const MlirValue low =
      add(f, add(f, first.low, power.low), add(f, second.low, add(f, twice_s_low, tail)));
  return sum_of(f, second.high, low);
}

// For v >= 0: true if it is an integer, or inf.
static MlirValue is_whole(const mth_formula *f, MlirValue v) {
  const MlirValue whole = mth_real(f, mth_formula_layout(f)->whole);
  const MlirValue rounded = subtract(f, add(f, v, whole), whole);
  return one_of(f, mth_compare_reals(f, MTH_OEQ, rounded, v),
                mth_compare_reals(f, MTH_OGE, v, whole));
}

MlirValue mth_expand_pow(const mth_formula *f, const MlirValue *operands) {
  const MlirValue x = operands[0], y = operands[1];
  const MlirValue zero = mth_real(f, 0), one = mth_real(f, 1), inf = mth_real(f, INFINITY);
  const MlirValue a = magnitude(f, x), b = magnitude(f, y);

  // ln 0 = -inf and ln inf = inf make the product the right infinity.
  pair log = log_pair(f, a);
  const MlirValue at_zero = mth_compare_reals(f, MTH_OEQ, a, zero);
  const MlirValue at_inf = mth_compare_reals(f, MTH_OEQ, a, inf);
  log.high = where(f, at_zero, mth_real(f, -INFINITY), where(f, at_inf, inf, log.high));
  log.low = where(f, one_of(f, at_zero, at_inf), zero, log.low);
  pair exponent = product_of(f, y, log.high);
  exponent.low = fused(f, y, log.low, exponent.low);
  MlirValue power = mth_exp_of_sum(f, exponent.high, exponent.low);

  // |x| = 1: 1 for every y, inf too, where the product above is nan.
  power = where(f, mth_compare_reals(f, MTH_OEQ, a, one), one, power);
  const MlirValue not_number = mth_compare_reals(f, MTH_UNO, x, y);
  power = where(f, not_number, add(f, x, y), power);

  // A negative x (-0 and -inf too): odd y keep the sign; a y between integers has no real power.
  const MlirValue whole = is_whole(f, b);
  const MlirValue half_whole = is_whole(f, multiply(f, b, mth_real(f, 0.5)));
  const MlirValue signed_power = with_sign_of(f, power, x);
  const MlirValue even_or_fraction = one_of(f, half_whole, mth_not(f, whole));
  power = where(f, even_or_fraction, power, signed_power);
  const MlirValue negative = both(f, mth_compare_reals(f, MTH_OLT, x, zero), mth_not(f, at_inf));
  power = where(f, both(f, negative, mth_not(f, whole)), mth_real(f, NAN), power);

  // 1 even if the other is nan.
  const MlirValue is_one =
      one_of(f, mth_compare_reals(f, MTH_OEQ, x, one), mth_compare_reals(f, MTH_OEQ, y, zero));
  return where(f, is_one, one, power);
}
