// elementary.c: what maps of one tensor become.
#include "dialect/op_code.h"
#include "dialect/shared_formula.h"

#include <math.h>

// out = g * factor
static mth_status scale(mth_builder *b, mth_value g, mth_value factor, mth_value *out) {
  out[0] = mth_build_multiply(b, g, factor);
  return b->status;
}

static mth_status gradient_negate(mth_builder *b, const mth_op_site *op,
                                  const mth_value *cotangents, mth_value *out) {
  (void)op;
  out[0] = mth_build_negate(b, cotangents[0]);
  return b->status;
}

static mth_status gradient_exp(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                               mth_value *out) {
  return scale(b, cotangents[0], op->results[0], out);
}

// 1 for x >= 0, -1 below.
static mth_value side_of(mth_builder *b, mth_value x) {
  const mth_value negative = mth_build_binary(b, "less", x, mth_build_constant_like(b, x, 0));
  return mth_build_where(b, negative, mth_build_constant_like(b, x, -1),
                         mth_build_constant_like(b, x, 1));
}

// log |x|, and log t + |x|/t - 1 for |x| < t
static mth_status decompose_log(mth_builder *b, const mth_op_site *op, mth_value *out) {
  if (!mth_is_robust(op)) return b->status;
  const double t = mth_threshold(b, op, op->operands[0]);
  const mth_value x = mth_build_unary(b, "abs", op->operands[0]);
  const mth_value line = mth_build_divide(b, x, mth_build_constant_like(b, x, t));
  out[0] = mth_build_where(b, mth_build_is_near_zero(b, x, t), mth_build_plus(b, line, log(t) - 1),
                           mth_build_unary(b, "log", x));
  return b->status;
}

// g / x; robust: g s / max(|x|, t), s = -1 below 0 and 1 from 0 on
static mth_status gradient_log(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                               mth_value *out) {
  const mth_value x = op->operands[0];
  mth_value g = cotangents[0], divisor = x;
  if (mth_is_robust(op)) {
    const mth_value t = mth_build_constant_like(b, x, mth_threshold(b, op, x));
    divisor = mth_build_binary(b, "maximum", mth_build_unary(b, "abs", x), t);
    g = mth_build_multiply(b, g, side_of(b, x));
  }
  out[0] = mth_build_divide(b, g, divisor);
  return b->status;
}

static mth_status gradient_log1p(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                 mth_value *out) {
  out[0] = mth_build_divide(b, cotangents[0], mth_build_plus(b, op->operands[0], 1));
  return b->status;
}

// sqrt |x|, and |x| / sqrt t for |x| < t
static mth_status decompose_sqrt(mth_builder *b, const mth_op_site *op, mth_value *out) {
  if (!mth_is_robust(op)) return b->status;
  const double t = mth_threshold(b, op, op->operands[0]);
  const mth_value x = mth_build_unary(b, "abs", op->operands[0]);
  const mth_value line = mth_build_divide(b, x, mth_build_constant_like(b, x, sqrt(t)));
  out[0] = mth_build_where(b, mth_build_is_near_zero(b, x, t), line, mth_build_unary(b, "sqrt", x));
  return b->status;
}

// g / (2 y): infinite at 0; robust: g sign(x) / (2 y), and g sign(x) / sqrt t for |x| < t
static mth_status gradient_sqrt(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                mth_value *out) {
  const mth_value x = op->operands[0], y = op->results[0];
  mth_value g = cotangents[0], divisor = mth_build_add(b, y, y);
  if (mth_is_robust(op)) {
    const double t = mth_threshold(b, op, x);
    divisor = mth_build_where(b, mth_build_is_near_zero(b, x, t),
                              mth_build_constant_like(b, x, sqrt(t)), divisor);
    g = mth_build_multiply(b, g, mth_build_unary(b, "sign", x));
  }
  out[0] = mth_build_divide(b, g, divisor);
  return b->status;
}

// g sign(x): 0 at 0
static mth_status gradient_abs(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                               mth_value *out) {
  return scale(b, cotangents[0], mth_build_unary(b, "sign", op->operands[0]), out);
}

// No gradient flows; as opposed to an op without a gradient, which is an error on the way.
static mth_status gradient_none(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                mth_value *out) {
  (void)op, (void)cotangents, (void)out;
  return b->status;
}

// g (1 - y^2)
static mth_status gradient_tanh(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                mth_value *out) {
  const mth_value y = op->results[0], one = mth_build_constant_like(b, y, 1);
  return scale(b, cotangents[0], mth_build_subtract(b, one, mth_build_multiply(b, y, y)), out);
}

// g y (1 - y)
static mth_status gradient_sigmoid(mth_builder *b, const mth_op_site *op,
                                   const mth_value *cotangents, mth_value *out) {
  const mth_value y = op->results[0], one = mth_build_constant_like(b, y, 1);
  return scale(b, cotangents[0], mth_build_multiply(b, y, mth_build_subtract(b, one, y)), out);
}

// g where x > 0: 0 at 0
static mth_status gradient_relu(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                mth_value *out) {
  const mth_value zero = mth_build_constant_like(b, op->operands[0], 0);
  const mth_value positive = mth_build_binary(b, "greater", op->operands[0], zero);
  out[0] = mth_build_where(b, positive, cotangents[0], zero);
  return b->status;
}

// y = x Phi(x):  Phi(x) + x phi(x),  Phi(x) = (1 + erf(x / sqrt 2)) / 2,
//                                    phi(x) = exp(-x^2 / 2) / sqrt(2 pi)
static mth_value gelu_slope(mth_builder *b, mth_value x) {
  const mth_value erf = mth_build_unary(b, "erf", mth_build_times(b, x, M_SQRT1_2));
  const mth_value square = mth_build_multiply(b, x, x);
  const mth_value bell = mth_build_times(
      b, mth_build_unary(b, "exp", mth_build_times(b, square, -0.5)), 0.5 * M_2_SQRTPI * M_SQRT1_2);
  return mth_build_add(b, mth_build_times(b, mth_build_plus(b, erf, 1), 0.5),
                       mth_build_multiply(b, x, bell));
}

// y = x (1 + t) / 2, t = tanh(u), u = c (x + a x^3):  (1 + t) / 2 + x (1 - t^2) c (1 + 3 a x^2) / 2
//
// Source  Hendrycks & Gimpel 2016, arXiv:1606.08415: a = 0.044715, c = sqrt(2 / pi)
static mth_value gelu_slope_approximate(mth_builder *b, mth_value x) {
  const double a = 0.044715, c = M_2_SQRTPI * M_SQRT1_2;
  const mth_value square = mth_build_multiply(b, x, x);
  const mth_value u = mth_build_times(
      b, mth_build_multiply(b, x, mth_build_plus(b, mth_build_times(b, square, a), 1)), c);
  const mth_value t = mth_build_unary(b, "tanh", u);
  const mth_value bend =
      mth_build_subtract(b, mth_build_constant_like(b, t, 1), mth_build_multiply(b, t, t));
  const mth_value inner = mth_build_plus(b, mth_build_times(b, square, 3 * a * c), c);
  const mth_value right = mth_build_multiply(b, mth_build_multiply(b, x, bend), inner);
  return mth_build_times(b, mth_build_add(b, mth_build_plus(b, t, 1), right), 0.5);
}

static mth_status gradient_gelu(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                mth_value *out) {
  const mth_value x = op->operands[0];
  const mth_arg *approximate = mth_site_arg(op, "approximate");
  const bool is_approximate = approximate->kind == MTH_ARG_BOOL && approximate->b;
  return scale(b, cotangents[0], is_approximate ? gelu_slope_approximate(b, x) : gelu_slope(b, x),
               out);
}

// g 2 / sqrt(pi) exp(-x^2)
static mth_status gradient_erf(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                               mth_value *out) {
  const mth_value x = op->operands[0];
  const mth_value bell =
      mth_build_unary(b, "exp", mth_build_negate(b, mth_build_multiply(b, x, x)));
  return scale(b, cotangents[0], mth_build_times(b, bell, M_2_SQRTPI), out);
}

static mth_status gradient_sin(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                               mth_value *out) {
  return scale(b, cotangents[0], mth_build_unary(b, "cos", op->operands[0]), out);
}

static mth_status gradient_cos(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                               mth_value *out) {
  const mth_value sine = mth_build_unary(b, "sin", op->operands[0]);
  return scale(b, cotangents[0], mth_build_negate(b, sine), out);
}

// Between floats, the cotangent is cast back.
static mth_status gradient_cast(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                mth_value *out) {
  const mth_type *type = mth_build_type(b, op->operands[0]);
  if (type && mth_dtype_get(type->dtype)->family == MTH_FAMILY_FLOAT)
    out[0] = mth_build_cast(b, cotangents[0], type->dtype);
  return b->status;
}

// Once nothing is differentiated any more, it is its operand.
static mth_status decompose_stop_gradient(mth_builder *b, const mth_op_site *op, mth_value *out) {
  out[0] = op->operands[0];
  return b->status;
}

static mth_value simplify_cast(mth_builder *b, const mth_op_site *op) {
  const mth_type *type = mth_build_type(b, op->operands[0]);
  return type && type->dtype == mth_site_arg(op, "dtype")->dtype ? op->operands[0]
                                                                 : (mth_value){NULL};
}

static const mth_code codes[] = {
    {.name = "negate", .code = {.gradient = gradient_negate}, .algebra = MTH_ALGEBRA_INVOLUTION},
    {.name = "exp", .code = {.gradient = gradient_exp}},
    {.name = "log", .code = {.gradient = gradient_log, .decompose = decompose_log}},
    {.name = "log1p", .code = {.gradient = gradient_log1p}},
    {.name = "floor", .code = {.gradient = gradient_none}, .algebra = MTH_ALGEBRA_IDEMPOTENT},
    {.name = "sqrt", .code = {.gradient = gradient_sqrt, .decompose = decompose_sqrt}},
    {.name = "abs", .code = {.gradient = gradient_abs}, .algebra = MTH_ALGEBRA_IDEMPOTENT},
    {.name = "sign", .code = {.gradient = gradient_none}, .algebra = MTH_ALGEBRA_IDEMPOTENT},
    {.name = "tanh", .code = {.gradient = gradient_tanh}},
    {.name = "sigmoid", .code = {.gradient = gradient_sigmoid}},
    {.name = "relu", .code = {.gradient = gradient_relu}, .algebra = MTH_ALGEBRA_IDEMPOTENT},
    {.name = "gelu", .code = {.gradient = gradient_gelu}},
    {.name = "erf", .code = {.gradient = gradient_erf}},
    {.name = "sin", .code = {.gradient = gradient_sin}},
    {.name = "cos", .code = {.gradient = gradient_cos}},
    {.name = "stop_gradient",
     .code = {.gradient = gradient_none, .decompose = decompose_stop_gradient}},
    {.name = "cast", .code = {.gradient = gradient_cast}, .simplify = simplify_cast},
};

const mth_code_family mth_elementary_codes = {codes, sizeof codes / sizeof codes[0]};
