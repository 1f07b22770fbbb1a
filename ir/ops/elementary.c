// elementary.c: what ops on one tensor, element by element, mean.
//
// Shapes  the result has the shape of the input.
// Robust  with `robust`, log and sqrt take |x| and, within the threshold t around 0, a line:
//         log t + |x|/t - 1 and |x|/sqrt(t). t is `threshold`, or the least normal number.
// Numbers the result has the input's element type, but for cast. Functions with real values take
//         floats; in a logical model an int is cast by whoever writes the program.
#include "ir/ops/signature.h"

static mth_status infer_same(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  return mth_rule_same_shape(rule, 0, 1);
}

// A real function: an int is cast to the result's float.
static mth_status infer_real(mth_rule *rule) {
  if (mth_rule_is_program(rule)) MTH_TRY(mth_rule_same_type(rule, 0, 1));
  return mth_rule_same_shape(rule, 0, 1);
}

static mth_status infer_robust(mth_rule *rule) {
  const mth_arg *threshold = mth_rule_arg(rule, "threshold");
  if (threshold && threshold->kind == MTH_ARG_FLOAT && !(threshold->f > 0))
    return mth_rule_fail(rule, "wanted a 'threshold' above 0, found %g", threshold->f);
  return infer_real(rule);
}

static mth_status infer_cast(mth_rule *rule) {
  const mth_arg *dtype = mth_rule_arg(rule, "dtype");
  if (dtype && dtype->kind == MTH_ARG_DTYPE) MTH_TRY(mth_rule_state_dtype(rule, 1, dtype->dtype));
  return mth_rule_same_shape(rule, 0, 1);
}

static const mth_op_key any[] = {MTH_IN("input", MTH_FAMILY_ANY)};
static const mth_op_key number[] = {MTH_IN("input", MTH_NUMBER)};
static const mth_op_key robust[] = {MTH_IN("input", MTH_FAMILY_ANY),
                                    MTH_OPTION("robust", MTH_ARG_BOOL, {.kind = MTH_ARG_NONE}),
                                    MTH_OPTION("threshold", MTH_ARG_FLOAT, {.kind = MTH_ARG_NONE})};
static const mth_op_key gelu[] = {
    MTH_IN("input", MTH_FAMILY_ANY),
    MTH_OPTION("approximate", MTH_ARG_BOOL, {.kind = MTH_ARG_BOOL, .b = false})};
static const mth_op_key cast[] = {MTH_IN("input", MTH_FAMILY_ANY),
                                  MTH_NEEDED("dtype", MTH_ARG_DTYPE)};
static const mth_op_key any_out[] = {MTH_OUTPUT(MTH_FAMILY_ANY)};
static const mth_op_key number_out[] = {MTH_OUTPUT(MTH_NUMBER)};
static const mth_op_key real_out[] = {MTH_OUTPUT(MTH_FAMILY_FLOAT)};

static const mth_op ops[] = {
    MTH_OP("negate", "Negate", MAP, number, number_out, 0, infer_same),
    MTH_OP("exp", "Exponential", MAP, any, real_out, 0, infer_real),
    MTH_OP("log", "Log", MAP, robust, real_out, 0, infer_robust),
    MTH_OP("log1p", "Log1p", MAP, any, real_out, 0, infer_real),
    MTH_OP("sqrt", "Sqrt", MAP, robust, real_out, 0, infer_robust),
    MTH_OP("abs", "Absolute", MAP, number, number_out, 0, infer_same),
    MTH_OP("sign", "Sign", MAP, number, number_out, 0, infer_same),
    MTH_OP_THAT("floor", "Floor", MAP, number, number_out, 0, infer_same, .stops_gradients = true),
    MTH_OP("tanh", "Tanh", MAP, any, real_out, 0, infer_real),
    MTH_OP("sigmoid", "Sigmoid", MAP, any, real_out, 0, infer_real),
    MTH_OP("relu", "Relu", MAP, number, number_out, 0, infer_same),
    MTH_OP("gelu", "Gelu", MAP, gelu, real_out, 0, infer_real),
    MTH_OP("erf", "Erf", MAP, any, real_out, 0, infer_real),
    MTH_OP("sin", "Sine", MAP, any, real_out, 0, infer_real),
    MTH_OP("cos", "Cosine", MAP, any, real_out, 0, infer_real),
    // differentiable, with the derivative 0, as in the reference
    MTH_OP("stop_gradient", "StopGradient", MAP, any, any_out, 0, infer_same),
    MTH_OP("cast", "Cast", MAP, cast, any_out, 0, infer_cast),
};

mth_op_table mth_elementary_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
