// circular: sin, cos.
//
// |x| = n pi/2 + high + low (quadrant.c). On |r| <= pi/4, with z = high^2:
//
//   sin(high + low) = high + (low (1 - z/2) + high^3 S(z))
//   cos(high + low) = w + (((1 - w) - z/2) + (z^2 C(z) - high low))      w = 1 - z/2 rounded
//
// and n mod 4 says which of the two it is, and its sign.
//
// Source   S, C: minimax by Sollya's fpminimax, error 5.2e-10 and 6.8e-11 in f32 (degree 3),
//          4.8e-19 and 6.8e-20 in f64 (6). The form of cos is fdlibm's (k_cos.c).
// Numbers  <= 1 ulp for every finite x. sin(+-0) = +-0; sin and cos of +-inf are nan.
#include "passes/math/functions.h"

#include <math.h>

static const double sin_f32[] = {-0x1.555556p-3, 0x1.11119ap-7, -0x1.a08582p-13, 0x1.88262p-19};
static const double cos_f32[] = {0x1.555556p-5, -0x1.6c17d4p-10, 0x1.a0f5d2p-16, -0x1.58ffe6p-22};
static const double sin_f64[] = {
    -0x1.5555555555555p-3,  0x1.111111111101ep-7,  -0x1.a01a019fe885ap-13, 0x1.71de3a10359fap-19,
    -0x1.ae63f7fc07437p-26, 0x1.60e5c90fcf6f2p-33, -0x1.8d4fd3e41b318p-41};
static const double cos_f64[] = {
    0x1.5555555555555p-5,  -0x1.6c16c16c16a32p-10, 0x1.a01a019fb7ab3p-16, -0x1.27e4faeeb2daep-22,
    0x1.1eecd5b3876b9p-29, -0x1.92a5d72683724p-37, 0x1.3453e9202cfecp-45};
static const mth_polynomial sin_terms[] = {MTH_POLYNOMIAL(sin_f32), MTH_POLYNOMIAL(sin_f64)};
static const mth_polynomial cos_terms[] = {MTH_POLYNOMIAL(cos_f32), MTH_POLYNOMIAL(cos_f64)};

// The quadrant's bit 1 in the place of the sign.
static MlirValue sign_of_quadrant(const mth_formula *f, MlirValue quadrant) {
  const int64_t to_sign = f->f64 ? 62 : 30;
  return shift_left(f, and_bits(f, quadrant, mth_whole(f, 2)), mth_whole(f, to_sign));
}

// sin(|x| + quarters pi/2)
static MlirValue sin_of_magnitude(const mth_formula *f, MlirValue a, int64_t quarters) {
  const mth_reduced r = mth_reduce_by_half_pi(f, a);
  const MlirValue one = mth_real(f, 1);
  const MlirValue z = multiply(f, r.high, r.high);
  const MlirValue half_z = multiply(f, z, mth_real(f, 0.5));
  const MlirValue w = subtract(f, one, half_z);

  const MlirValue S = mth_horner(f, z, sin_terms[f->f64]);
  const MlirValue sine = add(f, r.high, fused(f, multiply(f, r.high, z), S, multiply(f, r.low, w)));

  const MlirValue C = mth_horner(f, z, cos_terms[f->f64]);
  const MlirValue small = fused(f, multiply(f, z, z), C, negate(f, multiply(f, r.high, r.low)));
  const MlirValue cosine = add(f, w, add(f, subtract(f, subtract(f, one, w), half_z), small));

  const MlirValue quadrant = add_bits(f, r.quadrant, mth_whole(f, quarters));
  const MlirValue bit = mth_whole(f, 1);
  const MlirValue odd = mth_equal_bits(f, and_bits(f, quadrant, bit), bit);
  const MlirValue y = where(f, odd, cosine, sine);
  return real_of(f, xor_bits(f, bits_of(f, y), sign_of_quadrant(f, quadrant)));
}

// y, but nan where x is inf or nan.
static MlirValue where_finite(const mth_formula *f, MlirValue a, MlirValue y) {
  return where(f, mth_compare_reals(f, MTH_OLT, a, mth_real(f, INFINITY)), y, mth_real(f, NAN));
}

MlirValue mth_expand_sin(const mth_formula *f, const MlirValue *operands) {
  const MlirValue x = operands[0], a = magnitude(f, x);
  const MlirValue y = sin_of_magnitude(f, a, 0);
  // sin is odd: the sign of x turns the sign of y. xor keeps -0.
  const int64_t sign_bit = f->f64 ? INT64_MIN : INT32_MIN;
  const MlirValue sign = and_bits(f, bits_of(f, x), mth_whole(f, sign_bit));
  return where_finite(f, a, real_of(f, xor_bits(f, bits_of(f, y), sign)));
}

MlirValue mth_expand_cos(const mth_formula *f, const MlirValue *operands) {
  const MlirValue a = magnitude(f, operands[0]);
  return where_finite(f, a, sin_of_magnitude(f, a, 1));
}
