// normalization.c: what ops that normalise along an axis, and losses built on them, mean.
//
// Shapes  softmax, log_softmax: as the input; axis None is all axes as one. layer_norm: over the
//         last axis; weight and bias have its extent. cross_entropy: out is the input without the
//         class axis; target holds class ids in the shape of out. No mean is taken.
// Numbers results are floats; in a logical model ints are cast by whoever writes the program.
#include "ir/ops/signature.h"

static mth_status infer_softmax(mth_rule *rule) {
  if (mth_rule_is_program(rule)) MTH_TRY(mth_rule_same_type(rule, 0, 1));
  MTH_TRY(mth_rule_state_last_dims(rule, 0, 1));
  const mth_arg *axis = mth_rule_arg(rule, "axis");
  const int32_t rank = mth_rule_rank(rule, 0);
  int32_t at;
  if (axis && axis->kind == MTH_ARG_INT && rank >= 0)
    MTH_TRY(mth_rule_axis(rule, axis->i, rank, &at));
  return mth_rule_same_shape(rule, 0, 1);
}

static mth_status infer_layer_norm(mth_rule *rule) {
  static const size_t operands[] = {0, 1, 2};
  const size_t result = mth_rule_result(rule, 0);
  MTH_TRY(mth_rule_comparable(rule, 3, operands));
  if (mth_rule_is_program(rule)) MTH_TRY(mth_rule_same_type(rule, 0, result));
  MTH_TRY(mth_rule_state_last_dims(rule, 0, 1));
  MTH_TRY(mth_rule_same_shape(rule, 0, result));
  for (size_t i = 1; i <= 2; ++i) {
    MTH_TRY(mth_rule_state_rank(rule, i, 1));
    MTH_TRY(mth_rule_same_dim(rule, 0, -1, i, 0));
  }
  return MTH_OK;
}

// `without` has the dims of `with` but one.
static mth_status drop_axis(mth_rule *rule, size_t with, size_t without, int32_t axis,
                            int32_t rank) {
  MTH_TRY(mth_rule_state_rank(rule, without, rank - 1));
  for (int32_t i = 0, j = 0; i < rank; ++i)
    if (i != axis) MTH_TRY(mth_rule_same_dim(rule, with, i, without, j++));
  return MTH_OK;
}

static mth_status infer_cross_entropy(mth_rule *rule) {
  enum { input, target, result };
  if (mth_rule_is_program(rule)) MTH_TRY(mth_rule_same_type(rule, input, result));
  MTH_TRY(mth_rule_state_last_dims(rule, input, 1));
  const mth_arg *arg = mth_rule_arg(rule, "axis");
  int32_t rank = mth_rule_rank(rule, input);
  if (rank < 0 && mth_rule_rank(rule, result) >= 0) {
    rank = mth_rule_rank(rule, result) + 1;
    MTH_TRY(mth_rule_state_rank(rule, input, rank));
  }
  MTH_TRY(mth_rule_same_shape(rule, target, result));
  if (rank < 0 || !arg || arg->kind != MTH_ARG_INT) return MTH_OK;
  int32_t axis;
  MTH_TRY(mth_rule_axis(rule, arg->i, rank, &axis));
  return drop_axis(rule, input, result, axis, rank);
}

static const mth_op_key softmax[] = {MTH_IN("input", MTH_NUMBER),
                                     {.name = "axis",
                                      .kind = MTH_KEY_ARG,
                                      .arg_kind = MTH_ARG_INT,
                                      .value = {.kind = MTH_ARG_INT, .i = -1},
                                      .absent_is_none = true}};
static const mth_op_key layer_norm[] = {
    MTH_IN("input", MTH_NUMBER), MTH_IN("weight", MTH_NUMBER), MTH_IN("bias", MTH_NUMBER),
    MTH_OPTION("eps", MTH_ARG_FLOAT, {.kind = MTH_ARG_FLOAT, .f = 1e-5})};
static const mth_op_key cross_entropy[] = {
    MTH_IN("input", MTH_NUMBER), MTH_IN("target", MTH_FAMILY_INT),
    MTH_OPTION("axis", MTH_ARG_INT, {.kind = MTH_ARG_INT, .i = 1})};
static const mth_op_key real[] = {MTH_OUTPUT(MTH_FAMILY_FLOAT)};

static const mth_op ops[] = {
    MTH_OP("softmax", "Softmax", OPAQUE, softmax, real, 0, infer_softmax),
    MTH_OP("log_softmax", "LogSoftmax", OPAQUE, softmax, real, 0, infer_softmax),
    MTH_OP("layer_norm", "NormalizeLast", OPAQUE, layer_norm, real, 0, infer_layer_norm),
    MTH_OP("cross_entropy", "SoftmaxCrossEntropy", OPAQUE, cross_entropy, real, 0,
           infer_cross_entropy),
};

mth_op_table mth_normalization_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
