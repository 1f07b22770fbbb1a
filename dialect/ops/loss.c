// loss.c: what losses become. Most gradients are those of the formulas: a maximum shares at a tie,
// so hinge_loss has half its slope at the margin and quantile_loss q - 1/2 at 0.
#include "dialect/axes.h"
#include "dialect/op_code.h"
#include "dialect/shared_formula.h"

static mth_value one_like(mth_builder *b, mth_value x) { return mth_build_constant_like(b, x, 1); }

static mth_status decompose_absolute_error(mth_builder *b, const mth_op_site *op, mth_value *out) {
  out[0] = mth_build_unary(b, "abs", mth_build_subtract(b, op->operands[0], op->operands[1]));
  return b->status;
}

// max(1 - t x, 0)
static mth_status decompose_hinge_loss(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_value product = mth_build_multiply(b, op->operands[1], op->operands[0]);
  const mth_value margin = mth_build_subtract(b, one_like(b, product), product);
  out[0] = mth_build_binary(b, "maximum", margin, mth_build_constant_like(b, margin, 0));
  return b->status;
}

static mth_status decompose_quad_hinge_loss(mth_builder *b, const mth_op_site *op, mth_value *out) {
  decompose_hinge_loss(b, op, out);
  out[0] = mth_build_unary(b, "square", out[0]);
  return b->status;
}

// max(q e, (q - 1) e), e = t - x
static mth_status decompose_quantile_loss(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const double q = mth_site_arg(op, "quantile")->f;
  const mth_value e = mth_build_subtract(b, op->operands[1], op->operands[0]);
  out[0] = mth_build_binary(b, "maximum", mth_build_times(b, e, q), mth_build_times(b, e, q - 1));
  return b->status;
}

static mth_status decompose_kl_divergence(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_arg args[] = {MTH_ARG_B("robust", true), *mth_site_arg(op, "threshold")};
  const mth_value logs[] = {mth_build(b, "log", 1, &op->operands[0], 2, args),
                            mth_build(b, "log", 1, &op->operands[1], 2, args)};
  out[0] = mth_build_multiply(b, op->operands[1], mth_build_subtract(b, logs[1], logs[0]));
  return b->status;
}

// ---- binary cross entropy -----------------------------------------------------------------------

// -(p t log x + (1 - t) log(1 - x))
static mth_status decompose_binary(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_value x = op->operands[0], t = op->operands[1], p = op->operands[2];
  const mth_value no_t = mth_build_subtract(b, one_like(b, t), t);
  const mth_value no_x = mth_build_subtract(b, one_like(b, x), x);
  const mth_value yes =
      mth_build_multiply(b, mth_build_multiply(b, p, t), mth_build_log_like(b, op, x));
  const mth_value no = mth_build_multiply(b, no_t, mth_build_log_like(b, op, no_x));
  out[0] = mth_build_negate(b, mth_build_add(b, yes, no));
  return b->status;
}

// (p - 1) t + 1 is what softplus(-x) counts.
static mth_value tail_weight(mth_builder *b, mth_value t, mth_value p) {
  const mth_value more = mth_build_multiply(b, mth_build_plus(b, p, -1), t);
  return mth_build_plus(b, more, 1);
}

// (1 - t) x + ((p - 1) t + 1) softplus(-x): softplus(-x) = -log sigmoid(x)
static mth_status decompose_binary_with_logits(mth_builder *b, const mth_op_site *op,
                                               mth_value *out) {
  const mth_value x = op->operands[0], t = op->operands[1], p = op->operands[2];
  const mth_value tail = mth_build_unary(b, "softplus", mth_build_negate(b, x));
  const mth_value rise = mth_build_multiply(b, mth_build_subtract(b, one_like(b, t), t), x);
  out[0] = mth_build_add(b, rise, mth_build_multiply(b, tail_weight(b, t, p), tail));
  return b->status;
}

// dx = g (((p - 1) t + 1) sigmoid(x) - p t),  dt = g ((p - 1) softplus(-x) - x),  dp = g t
// softplus(-x)
//
// Numbers  dx as the difference of the parts' slopes would lose what is left of a confident answer.
static mth_status gradient_binary_with_logits(mth_builder *b, const mth_op_site *op,
                                              const mth_value *cotangents, mth_value *out) {
  const mth_value x = op->operands[0], t = op->operands[1], p = op->operands[2];
  const mth_value g = cotangents[0], s = mth_build_unary(b, "sigmoid", x);
  const mth_value tail = mth_build_unary(b, "softplus", mth_build_negate(b, x));
  const mth_value dx = mth_build_subtract(b, mth_build_multiply(b, tail_weight(b, t, p), s),
                                          mth_build_multiply(b, p, t));
  const mth_value dt =
      mth_build_subtract(b, mth_build_multiply(b, mth_build_plus(b, p, -1), tail), x);
  out[0] = mth_build_sum_to(b, mth_build_multiply(b, g, dx), x);
  out[1] = mth_build_sum_to(b, mth_build_multiply(b, g, dt), t);
  out[2] = mth_build_sum_to(b, mth_build_multiply(b, g, mth_build_multiply(b, t, tail)), p);
  return b->status;
}

// ---- class_weights ------------------------------------------------------------------------------

// sum(counts) / (C counts), counts the sums over all axes but the class's
static mth_status decompose_class_weights(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_value x = op->operands[0];
  const mth_type *type = mth_build_type(b, x);
  if (!type) return b->status;
  int64_t axes[mth_rank_max] = {0};
  for (int32_t i = 1; i + 1 < type->rank; ++i)
    axes[i] = i + 1;
  const mth_value counts = mth_build_sum(b, x, (size_t)type->rank - 1, axes, false);
  const mth_value classes = mth_build_dim_value(b, type->dims[1], type->dtype);
  out[0] = mth_build_divide(b, mth_build_sum(b, counts, 1, (const int64_t[]){0}, false),
                            mth_build_multiply(b, classes, counts));
  return b->status;
}

#define FORMULA(name_, decompose_)                                                                 \
  {                                                                                                \
    .name = (name_), .code = {.decompose = (decompose_) }                                          \
  }

static const mth_code codes[] = {
    FORMULA("absolute_error", decompose_absolute_error),
    FORMULA("hinge_loss", decompose_hinge_loss),
    FORMULA("quad_hinge_loss", decompose_quad_hinge_loss),
    FORMULA("quantile_loss", decompose_quantile_loss),
    FORMULA("kl_divergence", decompose_kl_divergence),
    FORMULA("binary_cross_entropy", decompose_binary),
    {.name = "binary_cross_entropy_with_logits",
     .code = {.gradient = gradient_binary_with_logits, .decompose = decompose_binary_with_logits}},
    FORMULA("class_weights", decompose_class_weights),
};

const mth_code_family mth_loss_codes = {codes, sizeof codes / sizeof codes[0]};
