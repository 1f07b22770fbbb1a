// arithmetic.c: what ops on two or three tensors, element by element, mean.
//
// Shapes  operands broadcast to the result.
// Numbers in a program all operands have one element type. In a logical model the result's family
//         is the widest of the operands' (bool < int < float), that of two bools in power, floor_divide
//         and modulo int; divide's is float. floor_divide rounds x / y down, modulo is what is left:
//         it has the sign of y. Of ints divided by 0 both are 0.
#include "ir/ops/signature.h"

static mth_status infer_map(mth_rule *rule) {
  static const size_t operands[] = {0, 1};
  MTH_TRY(mth_rule_promote(rule, mth_rule_result(rule, 0), 2, operands));
  return mth_rule_broadcast(rule, mth_rule_result(rule, 0), 2, operands, 0);
}

// As infer_map, but bools are counted as ints: the result is a number.
static mth_status infer_number(mth_rule *rule) {
  static const size_t operands[] = {0, 1};
  const size_t result = mth_rule_result(rule, 0);
  const unsigned x = (unsigned)mth_rule_families(rule, 0), y = (unsigned)mth_rule_families(rule, 1);
  if (mth_rule_is_program(rule) || !(x & y & MTH_FAMILY_BOOL)) return infer_map(rule);
  if (!((x | y) & MTH_FAMILY_FLOAT)) MTH_TRY(mth_rule_state_families(rule, result, MTH_FAMILY_INT));
  if (mth_rule_families(rule, result) == MTH_FAMILY_INT)
    for (size_t i = 0; i < 2; ++i)
      MTH_TRY(mth_rule_state_families(rule, i, (mth_family)(MTH_FAMILY_BOOL | MTH_FAMILY_INT)));
  return mth_rule_broadcast(rule, result, 2, operands, 0);
}

static mth_status infer_divide(mth_rule *rule) {
  static const size_t operands[] = {0, 1};
  const size_t result = mth_rule_result(rule, 0);
  MTH_TRY(mth_rule_comparable(rule, 2, operands));
  if (mth_rule_is_program(rule)) MTH_TRY(mth_rule_same_type(rule, 0, result));
  return mth_rule_broadcast(rule, result, 2, operands, 0);
}

// Robust: of |base|, and within the threshold t around 0 where the slope would be above 1/t,
// |base|/t.
static mth_status infer_power(mth_rule *rule) {
  const mth_arg *robust = mth_rule_arg(rule, "robust");
  const mth_arg *threshold = mth_rule_arg(rule, "threshold");
  if (!robust) return MTH_OK;
  if (robust->kind != MTH_ARG_BOOL || !robust->b) return infer_number(rule);
  if (threshold && threshold->kind == MTH_ARG_FLOAT && !(threshold->f > 0))
    return mth_rule_fail(rule, "wanted a 'threshold' above 0, found %g", threshold->f);
  MTH_TRY(mth_rule_state_families(rule, mth_rule_result(rule, 0), MTH_FAMILY_FLOAT));
  return infer_divide(rule);
}

static mth_status infer_comparison(mth_rule *rule) {
  static const size_t operands[] = {0, 1};
  MTH_TRY(mth_rule_comparable(rule, 2, operands));
  MTH_TRY(mth_rule_state_dtype(rule, mth_rule_result(rule, 0), MTH_BOOL));
  return mth_rule_broadcast(rule, mth_rule_result(rule, 0), 2, operands, 0);
}

static mth_status infer_where(mth_rule *rule) {
  static const size_t operands[] = {0, 1, 2};
  MTH_TRY(mth_rule_promote(rule, mth_rule_result(rule, 0), 2, operands + 1));
  return mth_rule_broadcast(rule, mth_rule_result(rule, 0), 3, operands, 0);
}

static const mth_op_key sides[] = {MTH_IN("left", MTH_FAMILY_ANY), MTH_IN("right", MTH_FAMILY_ANY)};
static const mth_op_key fraction[] = {MTH_IN("numerator", MTH_FAMILY_ANY),
                                      MTH_IN("denominator", MTH_FAMILY_ANY)};
static const mth_op_key power[] = {MTH_IN("base", MTH_FAMILY_ANY),
                                   MTH_IN("exponent", MTH_FAMILY_ANY),
                                   MTH_OPTION("robust", MTH_ARG_BOOL, {.kind = MTH_ARG_NONE}),
                                   MTH_OPTION("threshold", MTH_ARG_FLOAT, {.kind = MTH_ARG_NONE})};
static const mth_op_key choice[] = {MTH_IN("cond", MTH_FAMILY_BOOL),
                                    MTH_IN("input1", MTH_FAMILY_ANY),
                                    MTH_IN("input2", MTH_FAMILY_ANY)};
static const mth_op_key error[] = {MTH_IN("input", MTH_NUMBER), MTH_IN("target", MTH_NUMBER)};
static const mth_op_key any[] = {MTH_OUTPUT(MTH_FAMILY_ANY)};
static const mth_op_key number[] = {MTH_OUTPUT(MTH_NUMBER)};
static const mth_op_key real[] = {MTH_OUTPUT(MTH_FAMILY_FLOAT)};
static const mth_op_key truth[] = {MTH_OUTPUT(MTH_FAMILY_BOOL)};

enum { left = 1, both = 3, input1 = 2 }; // canonical inputs

static const mth_op ops[] = {
    MTH_OP("add", "Add", MAP, sides, any, both, infer_map),
    MTH_OP("subtract", "Subtract", MAP, sides, any, left, infer_map),
    MTH_OP("multiply", "Multiply", MAP, sides, any, both, infer_map),
    MTH_OP("divide", "Divide", MAP, fraction, real, left, infer_divide),
    MTH_OP_THAT("floor_divide", "FloorDivide", MAP, fraction, number, left, infer_number,
                .stops_gradients = true),
    MTH_OP("modulo", "Modulo", MAP, sides, number, left, infer_number),
    MTH_OP("power", "Power", MAP, power, number, left, infer_power),
    MTH_OP("maximum", "Maximum", MAP, sides, any, both, infer_map),
    MTH_OP("minimum", "Minimum", MAP, sides, any, both, infer_map),
    MTH_OP("equal", "Equal", MAP, sides, truth, both, infer_comparison),
    MTH_OP("not_equal", "NotEqual", MAP, sides, truth, both, infer_comparison),
    MTH_OP("less", "Less", MAP, sides, truth, left, infer_comparison),
    MTH_OP("less_equal", "LessEqual", MAP, sides, truth, left, infer_comparison),
    MTH_OP("greater", "Greater", MAP, sides, truth, left, infer_comparison),
    MTH_OP("greater_equal", "GreaterEqual", MAP, sides, truth, left, infer_comparison),
    MTH_OP("where", "Where", MAP, choice, any, input1, infer_where),
    MTH_OP_THAT("squared_error", "SquaredError", MAP, error, number, 0, infer_map,
                .has_one_shape = true),
};

mth_op_table mth_arithmetic_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
