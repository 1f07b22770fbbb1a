// activation.c: what maps become that are formulas of simpler maps.
#include "dialect/op_code.h"
#include "dialect/shared_formula.h"

#include <math.h>

static mth_status decompose_square(mth_builder *b, const mth_op_site *op, mth_value *out) {
  out[0] = mth_build_multiply(b, op->operands[0], op->operands[0]);
  return b->status;
}

// 2 x g
static mth_status gradient_square(mth_builder *b, const mth_op_site *op,
                                  const mth_value *cotangents, mth_value *out) {
  const mth_value x = op->operands[0];
  out[0] = mth_build_multiply(b, mth_build_add(b, x, x), cotangents[0]);
  return b->status;
}

// max(x, 0) + log1p(exp(-|x|)): no exponential overflows
static mth_status decompose_softplus(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_value x = op->operands[0];
  const mth_value down = mth_build_negate(b, mth_build_unary(b, "abs", x));
  const mth_value tail = mth_build_unary(b, "log1p", mth_build_unary(b, "exp", down));
  out[0] = mth_build_add(b, mth_build_unary(b, "relu", x), tail);
  return b->status;
}

static mth_status gradient_softplus(mth_builder *b, const mth_op_site *op,
                                    const mth_value *cotangents, mth_value *out) {
  out[0] = mth_build_multiply(b, cotangents[0], mth_build_unary(b, "sigmoid", op->operands[0]));
  return b->status;
}

// y where x > 0, else slope y: at 0 the slope is that of the left side.
static mth_value bend(mth_builder *b, const mth_op_site *op, mth_value y) {
  const mth_value x = op->operands[0], zero = mth_build_constant_like(b, x, 0);
  const mth_value positive = mth_build_binary(b, "greater", x, zero);
  return mth_build_where(b, positive, y, mth_build_times(b, y, mth_site_arg(op, "slope")->f));
}

static mth_status decompose_leaky_relu(mth_builder *b, const mth_op_site *op, mth_value *out) {
  out[0] = bend(b, op, op->operands[0]);
  return b->status;
}

static mth_status gradient_leaky_relu(mth_builder *b, const mth_op_site *op,
                                      const mth_value *cotangents, mth_value *out) {
  out[0] = bend(b, op, cotangents[0]);
  return b->status;
}

// ---- clamp --------------------------------------------------------------------------------------

// A bound as a number of x's dtype; a fraction bounds integers by the next one inside.
static bool bound_of(mth_builder *b, const mth_op_site *op, const char *key, bool is_low,
                     mth_value *out) {
  const mth_arg *bound = mth_site_arg(op, key);
  const mth_type *type = mth_build_type(b, op->operands[0]);
  if (bound->kind != MTH_ARG_FLOAT || !type) return false;
  const bool is_float = mth_dtype_get(type->dtype)->family == MTH_FAMILY_FLOAT;
  const double inside = is_float ? bound->f : is_low ? ceil(bound->f) : floor(bound->f);
  *out = mth_build_constant_like(b, op->operands[0], inside);
  return true;
}

static mth_status decompose_clamp(mth_builder *b, const mth_op_site *op, mth_value *out) {
  mth_value low, high;
  out[0] = op->operands[0];
  if (bound_of(b, op, "min_val", true, &low)) out[0] = mth_build_binary(b, "maximum", out[0], low);
  if (bound_of(b, op, "max_val", false, &high))
    out[0] = mth_build_binary(b, "minimum", out[0], high);
  return b->status;
}

// g where x lies between the bounds or on one of them
static mth_status gradient_clamp(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                 mth_value *out) {
  const mth_value x = op->operands[0];
  const mth_value zero = mth_build_constant_like(b, x, 0);
  mth_value low, high;
  out[0] = cotangents[0];
  if (bound_of(b, op, "min_val", true, &low))
    out[0] = mth_build_where(b, mth_build_binary(b, "greater_equal", x, low), out[0], zero);
  if (bound_of(b, op, "max_val", false, &high))
    out[0] = mth_build_where(b, mth_build_binary(b, "less_equal", x, high), out[0], zero);
  return b->status;
}

// ---- stable_reciprocal --------------------------------------------------------------------------

// The argument, or ten times the root of the least normal number, as Mithril has it for f64, and
// its own numbers for shorter floats.
static double reciprocal_threshold(mth_builder *b, const mth_op_site *op) {
  const mth_arg *given = mth_site_arg(op, "threshold");
  const mth_type *type = mth_build_type(b, op->operands[0]);
  if (given->kind == MTH_ARG_FLOAT) return given->f;
  if (!type) return 1;
  switch (mth_dtype_get(type->dtype)->bits) {
  case 64:
    return 1.4916681462400413e-153;
  case 32:
    return 1.0842021951e-19;
  default:
    return 0.007812809993849843;
  }
}

static mth_status decompose_stable_reciprocal(mth_builder *b, const mth_op_site *op,
                                              mth_value *out) {
  const mth_value x = op->operands[0];
  const double t = reciprocal_threshold(b, op);
  const mth_value one = mth_build_constant_like(b, x, 1), zero = mth_build_constant_like(b, x, 0);
  const mth_value up = mth_build_constant_like(b, x, 2 / t);
  const mth_value negative = mth_build_binary(b, "less", x, zero);
  const mth_value middle = mth_build_where(b, negative, mth_build_negate(b, up), up);
  const mth_value slope = mth_build_divide(b, x, mth_build_constant_like(b, x, t * t));
  out[0] = mth_build_where(b, mth_build_is_near_zero(b, x, t), mth_build_subtract(b, middle, slope),
                           mth_build_divide(b, one, x));
  return b->status;
}

// -g / x^2, within the threshold -g / t^2
static mth_status gradient_stable_reciprocal(mth_builder *b, const mth_op_site *op,
                                             const mth_value *cotangents, mth_value *out) {
  const mth_value x = op->operands[0];
  const double t = reciprocal_threshold(b, op);
  const mth_value square =
      mth_build_where(b, mth_build_is_near_zero(b, x, t), mth_build_constant_like(b, x, t * t),
                      mth_build_multiply(b, x, x));
  out[0] = mth_build_divide(b, mth_build_negate(b, cotangents[0]), square);
  return b->status;
}

static const mth_code codes[] = {
    {.name = "square", .code = {.gradient = gradient_square, .decompose = decompose_square}},
    {.name = "softplus", .code = {.gradient = gradient_softplus, .decompose = decompose_softplus}},
    {.name = "leaky_relu",
     .code = {.gradient = gradient_leaky_relu, .decompose = decompose_leaky_relu}},
    {.name = "clamp", .code = {.gradient = gradient_clamp, .decompose = decompose_clamp}},
    {.name = "stable_reciprocal",
     .code = {.gradient = gradient_stable_reciprocal, .decompose = decompose_stable_reciprocal}},
};

const mth_code_family mth_activation_codes = {codes, sizeof codes / sizeof codes[0]};
