// exponential: exp, exp2, expm1.
//
// e^x = 2^n * e^r with n = round(x / ln 2) and r = x - n ln 2, |r| <= ln(2)/2. The first product
// n*ln2_high is exact inside the fma, so r is x - n ln 2 to the last bit.
//
//   e^r = 1 + (r + r^2 q(r))
//
// Source   q: minimax for e^r on |r| <= 0.3466, by lattice reduction (Sollya's fpminimax, with
//          1 + r given): relative error 3.3e-9 in f32 (degree 6 in all), 3.8e-18 in f64 (11). expm1
//          needs r^2 q(r) alone, so it takes one degree more: 1.3e-10 and 7.6e-20.
// Numbers  exp, exp2: <= 1 ulp (exp in f32: 1.1). expm1: <= 1.5 ulp. Gradual underflow and overflow
//          as IEEE 754 has them: 2^n is applied in two halves, so only the last product rounds.
#include "passes/math/functions.h"

#include <math.h>

static const double exp_f32[] = {0x1.fffffap-2, 0x1.555492p-3, 0x1.555a26p-5, 0x1.12397cp-7,
                                 0x1.694c86p-10};
static const double exp_f64[] = {
    0x1.000000000000ap-1,  0x1.55555555554fep-3,  0x1.55555555506cp-5,   0x1.1111111126b37p-7,
    0x1.6c16c18475a25p-10, 0x1.a01a012fec324p-13, 0x1.a0199963c51b7p-16, 0x1.71df18fbb5452p-19,
    0x1.28adf7a82c1dbp-22, 0x1.ad92c8121229dp-26};
static const double expm1_f32[] = {0x1p-1,        0x1.555552p-3,  0x1.5554e4p-5,
                                   0x1.1115b4p-7, 0x1.6d5142p-10, 0x1.9a97e2p-13};
static const double expm1_f64[] = {0x1p-1,
                                   0x1.555555555555cp-3,
                                   0x1.5555555555544p-5,
                                   0x1.111111110ea08p-7,
                                   0x1.6c16c16c1e5bep-10,
                                   0x1.a01a01b43cdd4p-13,
                                   0x1.a01a017d475d4p-16,
                                   0x1.71ddee8a230e1p-19,
                                   0x1.27e533a40c50fp-22,
                                   0x1.af6e53f02c24p-26,
                                   0x1.1eed0114bdb61p-29};
static const mth_polynomial exp_tail[] = {MTH_POLYNOMIAL(exp_f32), MTH_POLYNOMIAL(exp_f64)};
static const mth_polynomial expm1_tail[] = {MTH_POLYNOMIAL(expm1_f32), MTH_POLYNOMIAL(expm1_f64)};

#define LOG2_E 0x1.715476p0, 0x1.71547652b82fep0
#define LN2_HIGH 0x1.62e43p-1, 0x1.62e42fefa39efp-1
#define LN2_LOW -0x1.05c61p-29, 0x1.abc9e3b39803fp-56

// x = n ln 2 + r + r_low. The low bits of `power`, as many as an exponent and a sign take, hold
// n + excess; those above are left over from rounding, and shifting n into place drops them.
typedef struct reduced {
  MlirValue r, r_low, power;
} reduced;

// The excess with which the two halves of n + excess are biased exponents as they are.
static int64_t excess_of_halves(const mth_formula *f) { return 2 * mth_formula_layout(f)->bias; }

// Adding it to a small number leaves the nearest integer plus `excess` in the low bits.
static MlirValue rounding_constant(const mth_formula *f, int64_t excess) {
  return mth_real(f, mth_formula_layout(f)->round + (double)excess);
}

static reduced reduce(const mth_formula *f, MlirValue x, int64_t excess) {
  const MlirValue round = rounding_constant(f, excess);
  const MlirValue rounded = fused(f, x, pick(f, LOG2_E), round);
  const MlirValue minus_n = subtract(f, round, rounded);
  const MlirValue r_exact = fused(f, minus_n, pick(f, LN2_HIGH), x);
  const MlirValue ln2_low = pick(f, LN2_LOW);
  const MlirValue r = fused(f, minus_n, ln2_low, r_exact);
  const MlirValue r_low = fused(f, minus_n, ln2_low, subtract(f, r_exact, r));
  return (reduced){r, r_low, bits_of(f, rounded)};
}

// 2^(biased - bias), for a biased exponent of a normal number.
static MlirValue power_of_two(const mth_formula *f, MlirValue biased) {
  const MlirValue shift = mth_whole(f, mth_formula_layout(f)->fraction_bits);
  return real_of(f, shift_left(f, biased, shift));
}

// y * 2^n for power = n + excess_of_halves, rounded once even where the result is subnormal.
static MlirValue scale(const mth_formula *f, MlirValue y, MlirValue power) {
  const MlirValue half = shift_right(f, power, mth_whole(f, 1));
  const MlirValue rest = subtract_bits(f, power, half);
  return multiply(f, multiply(f, y, power_of_two(f, half)), power_of_two(f, rest));
}

// 1 + (r + (r_low + r^2 q(r))); r_low may be null.
static MlirValue exp_reduced(const mth_formula *f, MlirValue r, MlirValue r_low) {
  const MlirValue q = mth_horner(f, r, exp_tail[f->f64]);
  const MlirValue r_squared = multiply(f, r, r);
  const MlirValue sum =
      mlirValueIsNull(r_low) ? fused(f, r_squared, q, r) : add(f, r, fused(f, r_squared, q, r_low));
  return add(f, mth_real(f, 1), sum);
}

MlirValue mth_formula_clamp(const mth_formula *f, MlirValue x, MlirValue lowest,
                            MlirValue highest) {
  x = where(f, mth_compare_reals(f, MTH_OGT, x, highest), highest, x);
  return where(f, mth_compare_reals(f, MTH_OLT, x, lowest), lowest, x);
}

MlirValue mth_exp_of_sum(const mth_formula *f, MlirValue high, MlirValue low) {
  // Beyond these e^x is 0 or inf, and n stays in the range of `scale`.
  const MlirValue x = mth_formula_clamp(f, high, pick(f, -105, -746), pick(f, 90, 710));
  const reduced by = reduce(f, x, excess_of_halves(f));
  if (mlirValueIsNull(low)) return scale(f, exp_reduced(f, by.r, low), by.power);
  // `low` may be a thousand ulps of r, and e^low - 1 counts e^r times: it goes into r itself.
  const MlirValue unclamped = mth_compare_reals(f, MTH_OEQ, x, high);
  const MlirValue rest = add(f, by.r_low, where(f, unclamped, low, mth_real(f, 0)));
  const MlirValue r = add(f, by.r, rest);
  const MlirValue r_low = add(f, subtract(f, by.r, r), rest);
  return scale(f, exp_reduced(f, r, r_low), by.power);
}

MlirValue mth_exp_of_moderate(const mth_formula *f, MlirValue x) {
  const reduced by = reduce(f, x, mth_formula_layout(f)->bias);
  return multiply(f, exp_reduced(f, by.r, (MlirValue){NULL}), power_of_two(f, by.power));
}

MlirValue mth_expand_exp(const mth_formula *f, const MlirValue *operands) {
  return mth_exp_of_sum(f, operands[0], (MlirValue){NULL});
}

// 2^x = 2^n * e^(r ln 2) with n = round(x): r is exact, r ln 2 is split in two.
MlirValue mth_expand_exp2(const mth_formula *f, const MlirValue *operands) {
  const MlirValue x = mth_formula_clamp(f, operands[0], pick(f, -151, -1077), pick(f, 129, 1025));
  const MlirValue round = rounding_constant(f, excess_of_halves(f));
  const MlirValue rounded = add(f, x, round);
  const MlirValue r = subtract(f, x, subtract(f, rounded, round));
  const MlirValue ln2 = pick(f, LN2_HIGH);
  const MlirValue high = multiply(f, r, ln2);
  const MlirValue low = fused(f, r, pick(f, LN2_LOW), fused(f, r, ln2, negate(f, high)));
  return scale(f, exp_reduced(f, high, low), bits_of(f, rounded));
}

// e^x - 1 = 2 * ((h - 1/2) + h (r + (r_low + r^2 q(r)))) with h = 2^(n-1), which is finite when 2^n
// is not. h - 1/2 is exact, or so large that its error does not count.
MlirValue mth_expand_expm1(const mth_formula *f, const MlirValue *operands) {
  const MlirValue input = operands[0];
  // Below the lowest e^x - 1 is -1; at the highest it is inf, and h still finite.
  const MlirValue x = mth_formula_clamp(f, input, pick(f, -20, -40), pick(f, 89, 710));
  const reduced by = reduce(f, x, mth_formula_layout(f)->bias - 1);
  const MlirValue h = power_of_two(f, by.power);
  const MlirValue q = mth_horner(f, by.r, expm1_tail[f->f64]);
  const MlirValue low = fused(f, multiply(f, by.r, by.r), q, by.r_low);
  MlirValue y = fused(f, h, by.r, subtract(f, h, mth_real(f, 0.5)));
  y = fused(f, h, low, y);
  y = add(f, y, y);
  // Where x^2/2 is below half an ulp of x, x itself is right: it keeps -0 and subnormals.
  const MlirValue tiny =
      mth_compare_reals(f, MTH_OLT, magnitude(f, input), pick(f, 0x1p-25, 0x1p-54));
  return where(f, tiny, input, y);
}
