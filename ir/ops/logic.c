// logic.c: what ops on bits mean.
//
// Shapes  operands broadcast to the result.
// Numbers of ints each bit by itself, of bools as truth values. In a logical model the result of
//         and, or and xor has the wider family of the operands', of shifts it is int. A shift by
//         less than 0 or by at least the width moves every bit out: 0, and to the right of a
//         negative number -1.
#include "ir/ops/signature.h"

#define BITS (MTH_FAMILY_BOOL | MTH_FAMILY_INT)

static mth_status infer_bits(mth_rule *rule) {
  static const size_t operands[] = {0, 1};
  const size_t result = mth_rule_result(rule, 0);
  MTH_TRY(mth_rule_promote(rule, result, 2, operands));
  return mth_rule_broadcast(rule, result, 2, operands, 0);
}

static mth_status infer_shift(mth_rule *rule) {
  static const size_t operands[] = {0, 1};
  const size_t result = mth_rule_result(rule, 0);
  if (mth_rule_is_program(rule)) MTH_TRY(mth_rule_promote(rule, result, 2, operands));
  return mth_rule_broadcast(rule, result, 2, operands, 0);
}

static mth_status infer_same(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  return mth_rule_same_shape(rule, 0, 1);
}

static const mth_op_key sides[] = {MTH_IN("left", BITS), MTH_IN("right", BITS)};
static const mth_op_key shifted[] = {MTH_IN("input", BITS), MTH_IN("shift", BITS)};
static const mth_op_key one[] = {MTH_IN("input", BITS)};
static const mth_op_key bits[] = {MTH_OUTPUT(BITS)};
static const mth_op_key integer[] = {MTH_OUTPUT(MTH_FAMILY_INT)};

enum { input = 1, both = 3 }; // canonical inputs

static const mth_op ops[] = {
    MTH_OP("logical_and", "LogicalAnd", MAP, sides, bits, both, infer_bits),
    MTH_OP("logical_or", "LogicalOr", MAP, sides, bits, both, infer_bits),
    MTH_OP("logical_xor", "LogicalXOr", MAP, sides, bits, both, infer_bits),
    MTH_OP("logical_not", "LogicalNot", MAP, one, bits, 0, infer_same),
    MTH_OP("shift_left", "ShiftLeft", MAP, shifted, integer, input, infer_shift),
    MTH_OP("shift_right", "ShiftRight", MAP, shifted, integer, input, infer_shift),
};

mth_op_table mth_logic_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
