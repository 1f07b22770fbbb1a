// elementary.c: what maps of one tensor become.
#include "dialect/op_code.h"

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

static mth_status gradient_log(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                               mth_value *out) {
  out[0] = mth_build_divide(b, cotangents[0], op->operands[0]);
  return b->status;
}

// g / (2 y): infinite at 0
static mth_status gradient_sqrt(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                mth_value *out) {
  const mth_value y = op->results[0];
  out[0] = mth_build_divide(b, cotangents[0], mth_build_add(b, y, y));
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

static mth_value times(mth_builder *b, mth_value x, double factor) {
  return mth_build_multiply(b, x, mth_build_constant_like(b, x, factor));
}

static mth_value plus(mth_builder *b, mth_value x, double term) {
  return mth_build_add(b, x, mth_build_constant_like(b, x, term));
}

// y = x Phi(x):  Phi(x) + x phi(x),  Phi(x) = (1 + erf(x / sqrt 2)) / 2,
//                                    phi(x) = exp(-x^2 / 2) / sqrt(2 pi)
static mth_value gelu_slope(mth_builder *b, mth_value x) {
  const mth_value erf = mth_build_unary(b, "erf", times(b, x, M_SQRT1_2));
  const mth_value square = mth_build_multiply(b, x, x);
  const mth_value bell =
      times(b, mth_build_unary(b, "exp", times(b, square, -0.5)), 0.5 * M_2_SQRTPI * M_SQRT1_2);
  return mth_build_add(b, times(b, plus(b, erf, 1), 0.5), mth_build_multiply(b, x, bell));
}

// y = x (1 + t) / 2, t = tanh(u), u = c (x + a x^3):  (1 + t) / 2 + x (1 - t^2) c (1 + 3 a x^2) / 2
//
// Source  Hendrycks & Gimpel 2016, arXiv:1606.08415: a = 0.044715, c = sqrt(2 / pi)
static mth_value gelu_slope_approximate(mth_builder *b, mth_value x) {
  const double a = 0.044715, c = M_2_SQRTPI * M_SQRT1_2;
  const mth_value square = mth_build_multiply(b, x, x);
  const mth_value u = times(b, mth_build_multiply(b, x, plus(b, times(b, square, a), 1)), c);
  const mth_value t = mth_build_unary(b, "tanh", u);
  const mth_value bend =
      mth_build_subtract(b, mth_build_constant_like(b, t, 1), mth_build_multiply(b, t, t));
  const mth_value inner = plus(b, times(b, square, 3 * a * c), c);
  const mth_value right = mth_build_multiply(b, mth_build_multiply(b, x, bend), inner);
  return times(b, mth_build_add(b, plus(b, t, 1), right), 0.5);
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
  return scale(b, cotangents[0], times(b, bell, M_2_SQRTPI), out);
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
    {.name = "log", .code = {.gradient = gradient_log}},
    {.name = "sqrt", .code = {.gradient = gradient_sqrt}},
    {.name = "abs", .code = {.gradient = gradient_abs}, .algebra = MTH_ALGEBRA_IDEMPOTENT},
    {.name = "sign", .code = {.gradient = gradient_none}, .algebra = MTH_ALGEBRA_IDEMPOTENT},
    {.name = "tanh", .code = {.gradient = gradient_tanh}},
    {.name = "sigmoid", .code = {.gradient = gradient_sigmoid}},
    {.name = "relu", .code = {.gradient = gradient_relu}, .algebra = MTH_ALGEBRA_IDEMPOTENT},
    {.name = "gelu", .code = {.gradient = gradient_gelu}},
    {.name = "erf", .code = {.gradient = gradient_erf}},
    {.name = "sin", .code = {.gradient = gradient_sin}},
    {.name = "cos", .code = {.gradient = gradient_cos}},
    {.name = "logical_not", .algebra = MTH_ALGEBRA_INVOLUTION},
    {.name = "stop_gradient",
     .code = {.gradient = gradient_none, .decompose = decompose_stop_gradient}},
    {.name = "cast", .code = {.gradient = gradient_cast}, .simplify = simplify_cast},
};

const mth_code_family mth_elementary_codes = {codes, sizeof codes / sizeof codes[0]};
