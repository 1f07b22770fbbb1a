// normalization.c: what ops that normalise along an axis become.
//
// Numbers  every exp is of x - max(x): none overflows, one of them is 1. Gradients are written with
//          the op's own result where that loses fewer digits than the chain rule of its parts.
#include "dialect/axes.h"
#include "dialect/op_code.h"
#include "dialect/shared_formula.h"

enum { all_axes = -1 };

// The axis of the op; None is all of them as one.
static int32_t axis_of(mth_builder *b, const mth_op_site *op) {
  const mth_arg *axis = mth_site_arg(op, "axis");
  if (axis->kind != MTH_ARG_INT) return all_axes;
  return mth_axis_of(axis->i, mth_rank_of(b, op->operands[0]));
}

// Folds the axis and keeps it with extent 1.
static mth_value fold(mth_builder *b, const char *op, mth_value x, int32_t axis) {
  const mth_arg all[] = {{.key = "axis", .kind = MTH_ARG_NONE}, MTH_ARG_B("keepdim", true)};
  return axis == all_axes ? mth_build(b, op, 1, &x, 2, all) : mth_build_fold(b, op, x, axis);
}

// x - max(x) along the axis
static mth_value centre(mth_builder *b, mth_value x, int32_t axis) {
  return mth_build_subtract(b, x, fold(b, "reduce_max", x, axis));
}

static mth_status decompose_softmax(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const int32_t axis = axis_of(b, op);
  const mth_value e = mth_build_unary(b, "exp", centre(b, op->operands[0], axis));
  out[0] = mth_build_divide(b, e, fold(b, "sum", e, axis));
  return b->status;
}

// y (g - sum(g y))
static mth_status gradient_softmax(mth_builder *b, const mth_op_site *op,
                                   const mth_value *cotangents, mth_value *out) {
  const mth_value g = cotangents[0], y = op->results[0];
  const mth_value sum = fold(b, "sum", mth_build_multiply(b, g, y), axis_of(b, op));
  out[0] = mth_build_multiply(b, y, mth_build_subtract(b, g, sum));
  return b->status;
}

static mth_status decompose_log_softmax(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const int32_t axis = axis_of(b, op);
  const mth_value z = centre(b, op->operands[0], axis);
  const mth_value sum = fold(b, "sum", mth_build_unary(b, "exp", z), axis);
  out[0] = mth_build_subtract(b, z, mth_build_unary(b, "log", sum));
  return b->status;
}

// g - exp(y) sum(g)
static mth_status gradient_log_softmax(mth_builder *b, const mth_op_site *op,
                                       const mth_value *cotangents, mth_value *out) {
  const mth_value g = cotangents[0];
  const mth_value sum = fold(b, "sum", g, axis_of(b, op));
  const mth_value p = mth_build_unary(b, "exp", op->results[0]);
  out[0] = mth_build_subtract(b, g, mth_build_multiply(b, p, sum));
  return b->status;
}

// What layer_norm computes on the way. n is the extent of the last axis.
typedef struct layer_statistics {
  mth_value normal; // (x - mean(x)) * scale
  mth_value scale;  // 1 / sqrt(mean((x - mean(x))^2) + eps)
  int32_t axis;
  mth_value count; // n
} layer_statistics;

static mth_value mean(mth_builder *b, const layer_statistics *s, mth_value x) {
  return mth_build_divide(b, mth_build_fold(b, "sum", x, s->axis), s->count);
}

static layer_statistics normalise(mth_builder *b, const mth_op_site *op) {
  const mth_value x = op->operands[0];
  const mth_type *type = mth_build_type(b, x);
  layer_statistics s = {.axis = mth_rank_of(b, x) - 1};
  if (!type) return s;
  s.count = mth_build_dim_value(b, mth_dim_of(b, x, s.axis), type->dtype);
  const mth_value centred = mth_build_subtract(b, x, mean(b, &s, x));
  const mth_value variance = mean(b, &s, mth_build_multiply(b, centred, centred));
  const mth_arg *eps = mth_site_arg(op, "eps");
  const mth_value shifted = mth_build_add(b, variance, mth_build_constant_like(b, x, eps->f));
  s.scale =
      mth_build_divide(b, mth_build_constant_like(b, x, 1), mth_build_unary(b, "sqrt", shifted));
  s.normal = mth_build_multiply(b, centred, s.scale);
  return s;
}

static mth_status decompose_layer_norm(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const layer_statistics s = normalise(b, op);
  const mth_value scaled = mth_build_multiply(b, s.normal, op->operands[1]);
  out[0] = mth_build_add(b, scaled, op->operands[2]);
  return b->status;
}

// h = g w:  dx = scale (h - mean(h) - normal mean(h normal)),  dw = sum(g normal),  db = sum(g)
static mth_status gradient_layer_norm(mth_builder *b, const mth_op_site *op,
                                      const mth_value *cotangents, mth_value *out) {
  const mth_value g = cotangents[0];
  const layer_statistics s = normalise(b, op);
  const mth_value h = mth_build_multiply(b, g, op->operands[1]);
  const mth_value along = mean(b, &s, mth_build_multiply(b, h, s.normal));
  const mth_value inner = mth_build_subtract(b, mth_build_subtract(b, h, mean(b, &s, h)),
                                             mth_build_multiply(b, s.normal, along));
  out[0] = mth_build_multiply(b, s.scale, inner);
  out[1] = mth_build_sum_to(b, mth_build_multiply(b, g, s.normal), op->operands[1]);
  out[2] = mth_build_sum_to(b, g, op->operands[2]);
  return b->status;
}

// log(sum(exp z)) - z[target],  z = x - max(x)
static mth_status decompose_cross_entropy(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const int32_t axis = axis_of(b, op);
  const mth_value z = centre(b, op->operands[0], axis);
  const mth_value sum = mth_build_fold(b, "sum", mth_build_unary(b, "exp", z), axis);
  const mth_value zero = mth_build_constant_like(b, z, 0);
  const mth_value picked = mth_build_fold(
      b, "sum",
      mth_build_where(b, mth_build_one_hot(b, op->operands[0], op->operands[1], axis), z, zero),
      axis);
  const mth_value loss = mth_build_subtract(b, mth_build_unary(b, "log", sum), picked);
  out[0] = mth_build_reshape_like(b, loss, op->results[0]);
  return b->status;
}

// g (softmax(x) - one_hot(target))
static mth_status gradient_cross_entropy(mth_builder *b, const mth_op_site *op,
                                         const mth_value *cotangents, mth_value *out) {
  const mth_value x = op->operands[0];
  const int32_t axis = axis_of(b, op), rank = mth_rank_of(b, x);
  bool folded[mth_rank_max];
  for (int32_t i = 0; i < rank; ++i)
    folded[i] = i == axis;
  const mth_arg arg = MTH_ARG_I("axis", axis);
  const mth_value p = mth_build(b, "softmax", 1, &x, 1, &arg);
  const mth_value one = mth_build_constant_like(b, x, 1);
  const mth_value less =
      mth_build_where(b, mth_build_one_hot(b, op->operands[0], op->operands[1], axis),
                      mth_build_subtract(b, p, one), p);
  out[0] = mth_build_multiply(b, mth_build_keepdim(b, cotangents[0], rank, folded), less);
  return b->status;
}

static const mth_code codes[] = {
    {.name = "softmax", .code = {.gradient = gradient_softmax, .decompose = decompose_softmax}},
    {.name = "log_softmax",
     .code = {.gradient = gradient_log_softmax, .decompose = decompose_log_softmax}},
    {.name = "layer_norm",
     .code = {.gradient = gradient_layer_norm, .decompose = decompose_layer_norm}},
    {.name = "cross_entropy",
     .code = {.gradient = gradient_cross_entropy, .decompose = decompose_cross_entropy}},
};

const mth_code_family mth_normalization_codes = {codes, sizeof codes / sizeof codes[0]};
