// hyperbolic: tanh.
//
//   |x| < 0.5625   x + x^3 p(x^2)
//   else           1 - 2 / (e^(2|x|) + 1), with the sign of x
//
// In the second range the quotient is below 1/2, so its error of an ulp or two is halved.
//
// Source   p: minimax by Sollya's fpminimax, relative error of tanh 4.9e-10 in f32 (degree 5),
//          1.6e-19 in f64 (11).
// Numbers  <= 1.5 ulp. tanh(+-0) = +-0, tanh of a subnormal is itself, tanh(+-inf) = +-1.
#include "passes/math/functions.h"

static const double tanh_f32[] = {-0x1.555556p-2, 0x1.11115ap-3,  -0x1.ba2b2cp-5,
                                  0x1.66bd3cp-6,  -0x1.1f2f08p-7, 0x1.6df82p-9};
static const double tanh_f64[] = {
    -0x1.5555555555555p-2,  0x1.111111111105p-3,   -0x1.ba1ba1ba0b5bdp-5,  0x1.664f487da4463p-6,
    -0x1.226e34774c63ap-7,  0x1.d6d39e3d4716ap-9,  -0x1.7d9fc0e475646p-10, 0x1.352aef16092eap-11,
    -0x1.f27e6c01907b8p-13, 0x1.85418b5b0c88bp-14, -0x1.07fff7af3b5a8p-15, 0x1.bbcc874143067p-18};
static const mth_polynomial tanh_terms[] = {MTH_POLYNOMIAL(tanh_f32), MTH_POLYNOMIAL(tanh_f64)};

MlirValue mth_expand_tanh(const mth_formula *f, const MlirValue *operands) {
  const MlirValue x = operands[0], one = mth_real(f, 1), two = mth_real(f, 2);
  const MlirValue a = magnitude(f, x);

  const MlirValue square = multiply(f, a, a);
  const MlirValue p = mth_horner(f, square, tanh_terms[f->f64]);
  const MlirValue near = fused(f, multiply(f, a, square), p, a);

  // From `saturated` on, tanh is 1 to the last bit.
  const MlirValue saturated = pick(f, 10, 20);
  const MlirValue b = where(f, mth_compare_reals(f, MTH_OGT, a, saturated), saturated, a);
  const MlirValue e = mth_exp_of_moderate(f, add(f, b, b));
  const MlirValue far = subtract(f, one, divide(f, two, add(f, e, one)));

  const MlirValue is_near = mth_compare_reals(f, MTH_OLT, a, mth_real(f, 0.5625));
  return with_sign_of(f, where(f, is_near, near, far), x);
}
