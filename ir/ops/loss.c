// loss.c: what losses mean, element by element: no mean is taken.
//
// Shapes  operands broadcast to the result; in a logical model both sides of a binary cross entropy
//         have one shape. class_weights: input [N, C, V...], out [C].
// Numbers with x the input, t the target:
//         absolute_error |x - t|. hinge_loss max(0, 1 - t x), quad_hinge_loss its square.
//         quantile_loss max(q e, (q - 1) e), e = t - x. kl_divergence t (log t - log x), robust
//         logarithms. binary_cross_entropy -p t log x - (1 - t) log(1 - x), p a weight; with_logits
//         the same of sigmoid(x). class_weights sum(input) / (C sum of the class).
#include "ir/ops/signature.h"

enum { input, target, weight };

static mth_status infer_error(mth_rule *rule) {
  static const size_t operands[] = {input, target};
  const size_t result = mth_rule_result(rule, 0);
  MTH_TRY(mth_rule_promote(rule, result, 2, operands));
  return mth_rule_broadcast(rule, result, 2, operands, 0);
}

// The result is a float even of integers, which a writer casts.
static mth_status infer_real(mth_rule *rule) {
  static const size_t operands[] = {input, target};
  const size_t result = mth_rule_result(rule, 0);
  MTH_TRY(mth_rule_comparable(rule, 2, operands));
  if (mth_rule_is_program(rule)) MTH_TRY(mth_rule_same_type(rule, input, result));
  return mth_rule_broadcast(rule, result, 2, operands, 0);
}

static mth_status infer_quantile(mth_rule *rule) {
  const mth_arg *quantile = mth_rule_arg(rule, "quantile");
  if (quantile && quantile->kind == MTH_ARG_FLOAT && !(quantile->f >= 0 && quantile->f <= 1))
    return mth_rule_fail(rule, "wanted a 'quantile' from 0 to 1, found %g", quantile->f);
  return infer_real(rule);
}

static mth_status infer_binary(mth_rule *rule) {
  static const size_t operands[] = {input, target, weight};
  const size_t result = mth_rule_result(rule, 0);
  MTH_TRY(mth_rule_comparable(rule, 3, operands));
  if (mth_rule_is_program(rule))
    MTH_TRY(mth_rule_same_type(rule, input, result));
  else
    MTH_TRY(mth_rule_same_shape(rule, input, target));
  return mth_rule_broadcast(rule, result, 3, operands, 0);
}

static mth_status infer_class_weights(mth_rule *rule) {
  if (mth_rule_is_program(rule)) MTH_TRY(mth_rule_same_type(rule, 0, 1));
  MTH_TRY(mth_rule_state_rank(rule, 1, 1));
  const int32_t rank = mth_rule_rank(rule, 0);
  if (rank >= 0 && rank < 2)
    return mth_rule_fail(rule, "wanted rank 2 or more, [N, C, ...]; found rank %d", rank);
  return mth_rule_same_dim(rule, 0, 1, 1, 0);
}

#define SIDES MTH_IN("input", MTH_NUMBER), MTH_IN("target", MTH_NUMBER)
#define OPEN_FLOAT(name) MTH_OPTION(name, MTH_ARG_FLOAT, {.kind = MTH_ARG_NONE})

static const mth_op_key sides[] = {SIDES};
static const mth_op_key quantile[] = {
    SIDES, MTH_OPTION("quantile", MTH_ARG_FLOAT, {.kind = MTH_ARG_FLOAT, .f = 0.5})};
static const mth_op_key divergence[] = {SIDES, OPEN_FLOAT("threshold")};
static const mth_op_key binary[] = {SIDES, MTH_IN("pos_weight", MTH_NUMBER),
                                    MTH_OPTION("robust", MTH_ARG_BOOL, {.kind = MTH_ARG_NONE}),
                                    OPEN_FLOAT("threshold")};
static const mth_op_key logits[] = {SIDES, MTH_IN("pos_weight", MTH_NUMBER)};
static const mth_op_key one[] = {MTH_IN("input", MTH_NUMBER)};
static const mth_op_key number[] = {MTH_OUTPUT(MTH_NUMBER)};
static const mth_op_key real[] = {MTH_OUTPUT(MTH_FAMILY_FLOAT)};

// An operand may be broadcast, unless the option safe_shapes says that it is not.
#define LOSS(...) MTH_OP_THAT(__VA_ARGS__, .has_one_shape = true)

static const mth_op ops[] = {
    LOSS("absolute_error", "AbsoluteError", MAP, sides, number, 0, infer_error),
    LOSS("hinge_loss", "HingeLoss", MAP, sides, real, 0, infer_real),
    LOSS("quad_hinge_loss", "QuadHingeLoss", MAP, sides, real, 0, infer_real),
    LOSS("quantile_loss", "QuantileLoss", MAP, quantile, real, 0, infer_quantile),
    LOSS("kl_divergence", "KLDivergence", MAP, divergence, real, 0, infer_real),
    MTH_OP("binary_cross_entropy", "WeightedBinaryCrossEntropy", MAP, binary, real, 0,
           infer_binary),
    MTH_OP("binary_cross_entropy_with_logits", "WeightedBinaryCrossEntropyWithLogits", MAP, logits,
           real, 0, infer_binary),
    MTH_OP("class_weights", "ClassWeights", REDUCE, one, real, 0, infer_class_weights),
};

mth_op_table mth_loss_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
