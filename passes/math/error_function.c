// error_function: erf.
//
//   |x| < 1   x + x p(x^2)
//   else      1 - e^(-Q(|x|)), with the sign of x, where Q = -ln(1 - erf)
//
// In the second range e^(-Q) is below 0.16, so an ulp or two of it are a fraction of an ulp of erf.
// Q is one polynomial in |x| - 1 in f32. In f64 it is two of one degree, in |x| - 1 and |x| - 2.5:
// expanded at the left end their terms hardly cancel where e^(-Q) is largest.
//
// Source   p: minimax by Sollya's fpminimax, relative error of erf 1.5e-9 in f32 (degree 6),
//          1.1e-17 in f64 (12). Q: minimax (Remez) with weight 1 - erf, error of erf 1.2e-8 in
//          f32 (degree 7), 2.3e-17 and 7.4e-18 in f64 (14).
// Numbers  <= 1.1 ulp. erf(+-0) = +-0, erf(+-inf) = +-1.
#include "passes/math/functions.h"

#include <math.h>

static const double near_f32[] = {0x1.06eba8p-3, -0x1.81274p-2,   0x1.ce2d52p-4, -0x1.b7fec4p-6,
                                  0x1.542fecp-8, -0x1.a5197ap-11, 0x1.4c5cb4p-14};
static const double near_f64[] = {
    0x1.06eba8214db69p-3,  -0x1.812746b0379fdp-2,  0x1.ce2f21a04362dp-4,  -0x1.b82ce312abf08p-6,
    0x1.565bcd12991cp-8,   -0x1.c02db49b09506p-11, 0x1.f9a335388d2f5p-14, -0x1.f4d333884b5cap-17,
    0x1.b9ee95850f6f5p-20, -0x1.5f9828c55da45p-23, 0x1.fc78cbccf6129p-27, -0x1.46794feb16f44p-30,
    0x1.2978304266ff7p-34};
static const mth_polynomial near_terms[] = {MTH_POLYNOMIAL(near_f32), MTH_POLYNOMIAL(near_f64)};

static const double far_f32[] = {0x1.d97fcp0,    0x1.51c9a2p1,   0x1.afaee4p-1,   0x1.53b4eap-5,
                                 -0x1.441462p-7, 0x1.ef72a8p-10, -0x1.002f1cp-12, 0x1.00358ep-16};
enum { Q_TERMS = 15 };
static const double far_from_1[Q_TERMS] = {
    0x1.d97fbf27aa2a1p0,   0x1.51c9b0006c22ap1,    0x1.afabc11a2ada2p-1,   0x1.5477f098fc86bp-5,
    -0x1.48c9d33c2c9ap-7,  0x1.033f4fd52998ep-9,   -0x1.f1acbb33eb55ap-13, -0x1.b993c2664987ap-16,
    0x1.c94b322481cdfp-16, -0x1.47d8843e7780ap-17, 0x1.2e6c2e29419aep-19,  -0x1.4db0ec93a03eep-22,
    0x1.fe2fce77bc9c8p-28, 0x1.7ded3a65e0a3dp-28,  -0x1.964cddfacaeccp-31};
static const double far_from_2_5[Q_TERMS] = {
    0x1.f3a2dc8691b91p2,    0x1.56925248dadccp2,    0x1.e3460a185a509p-1,   0x1.63cc1f18e5e01p-7,
    -0x1.1bd57cf11b536p-9,  0x1.b96529cf671f2p-12,  -0x1.4339ec99d4018p-14, 0x1.ada1439d8d549p-17,
    -0x1.e86fbd6f609fep-20, 0x1.a20e934e062cep-23,  -0x1.438e55fa4bd8fp-27, -0x1.904ddb84be948p-30,
    0x1.a85478a5539bap-32,  -0x1.558ad5e1a8a6ep-35, 0x1.bffc707629d37p-40};

// Q(a) for 1 <= a <= 4 (f32) or 6 (f64); any finite value elsewhere.
static MlirValue minus_log_rest(const mth_formula *f, MlirValue a) {
  if (!f->f64)
    return mth_horner(f, subtract(f, a, mth_real(f, 1)), (mth_polynomial)MTH_POLYNOMIAL(far_f32));
  const MlirValue beyond = mth_compare_reals(f, MTH_OGE, a, mth_real(f, 2.5));
  const MlirValue u = subtract(f, a, where(f, beyond, mth_real(f, 2.5), mth_real(f, 1)));
  MlirValue sum = mth_real(f, 0);
  for (size_t i = Q_TERMS; i-- > 0;)
    sum = fused(f, sum, u,
                where(f, beyond, mth_real(f, far_from_2_5[i]), mth_real(f, far_from_1[i])));
  return sum;
}

MlirValue mth_expand_erf(const mth_formula *f, const MlirValue *operands) {
  const MlirValue x = operands[0], one = mth_real(f, 1);
  const MlirValue a = magnitude(f, x);
  const MlirValue near = fused(f, a, mth_horner(f, multiply(f, a, a), near_terms[f->f64]), a);

  // From `saturated` on, erf is 1 to the last bit.
  const MlirValue saturated = pick(f, 4, 6);
  const MlirValue b = where(f, mth_compare_reals(f, MTH_OGT, a, saturated), saturated, a);
  const MlirValue rest = mth_exp_of_moderate(f, negate(f, minus_log_rest(f, b)));

  const MlirValue is_near = mth_compare_reals(f, MTH_OLT, a, one);
  return with_sign_of(f, where(f, is_near, near, subtract(f, one, rest)), x);
}
