// activation.c: what maps of one tensor mean that are formulas of simpler maps.
//
// Shapes  the result has the shape of the input.
// Numbers square x x. softplus log(1 + exp(x)). leaky_relu x above 0, slope x up to 0. clamp
//         min(max(x, min_val), max_val); None is no bound. stable_reciprocal 1/x, within the
//         threshold t around 0 the line 2s/t - x/t^2 with s the sign of x, + at 0.
#include "ir/ops/signature.h"

// A real function: an int is cast to the result's float.
static mth_status infer_real(mth_rule *rule) {
  if (mth_rule_is_program(rule)) MTH_TRY(mth_rule_same_type(rule, 0, 1));
  return mth_rule_same_shape(rule, 0, 1);
}

static mth_status infer_clamp(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const mth_arg *low = mth_rule_arg(rule, "min_val"), *high = mth_rule_arg(rule, "max_val");
  if (low && high && low->kind == MTH_ARG_FLOAT && high->kind == MTH_ARG_FLOAT && low->f > high->f)
    return mth_rule_fail(rule, "'min_val' is %g, above 'max_val', %g", low->f, high->f);
  return mth_rule_same_shape(rule, 0, 1);
}

static mth_status infer_reciprocal(mth_rule *rule) {
  const mth_arg *threshold = mth_rule_arg(rule, "threshold");
  if (threshold && threshold->kind == MTH_ARG_FLOAT && !(threshold->f > 0))
    return mth_rule_fail(rule, "wanted a 'threshold' above 0, found %g", threshold->f);
  return infer_real(rule);
}

#define OPEN_FLOAT(name) MTH_OPTION(name, MTH_ARG_FLOAT, {.kind = MTH_ARG_NONE})

static const mth_op_key any[] = {MTH_IN("input", MTH_FAMILY_ANY)};
static const mth_op_key leaky[] = {
    MTH_IN("input", MTH_FAMILY_ANY),
    MTH_OPTION("slope", MTH_ARG_FLOAT, {.kind = MTH_ARG_FLOAT, .f = 0.01})};
static const mth_op_key clamp[] = {MTH_IN("input", MTH_NUMBER), OPEN_FLOAT("min_val"),
                                   OPEN_FLOAT("max_val")};
static const mth_op_key reciprocal[] = {MTH_IN("input", MTH_FAMILY_ANY), OPEN_FLOAT("threshold")};
static const mth_op_key number_out[] = {MTH_OUTPUT(MTH_NUMBER)};
static const mth_op_key real_out[] = {MTH_OUTPUT(MTH_FAMILY_FLOAT)};

static const mth_op ops[] = {
    MTH_OP("square", "Square", MAP, any, real_out, 0, infer_real),
    MTH_OP("softplus", "Softplus", MAP, any, real_out, 0, infer_real),
    MTH_OP("leaky_relu", "LeakyRelu", MAP, leaky, real_out, 0, infer_real),
    MTH_OP("clamp", "Clamp", MAP, clamp, number_out, 0, infer_clamp),
    MTH_OP("stable_reciprocal", "StableReciprocal", MAP, reciprocal, real_out, 0, infer_reciprocal),
};

mth_op_table mth_activation_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
