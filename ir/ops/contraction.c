// contraction.c: what sums of products mean.
//
// Shapes  matmul: left [B1..., m, k], right [B2..., k, n], out [B1 (+) B2..., m, n]; leading dims
//         broadcast.
#include "ir/ops/signature.h"

static mth_status infer_matmul(mth_rule *rule) {
  static const size_t operands[] = {0, 1};
  const size_t result = mth_rule_result(rule, 0);
  MTH_TRY(mth_rule_promote(rule, result, 2, operands));
  for (size_t i = 0; i < 3; ++i)
    MTH_TRY(mth_rule_state_min_rank(rule, i, 2));
  MTH_TRY(mth_rule_same_dim(rule, 0, -1, 1, -2));
  MTH_TRY(mth_rule_same_dim(rule, 0, -2, result, -2));
  MTH_TRY(mth_rule_same_dim(rule, 1, -1, result, -1));
  return mth_rule_broadcast(rule, result, 2, operands, 2);
}

static const mth_op_key sides[] = {MTH_IN("left", MTH_NUMBER), MTH_IN("right", MTH_NUMBER)};
static const mth_op_key number[] = {MTH_OUTPUT(MTH_NUMBER)};

static const mth_op ops[] = {
    MTH_OP("matmul", "MatrixMultiply", CONTRACT, sides, number, 1, infer_matmul),
};

mth_op_table mth_contraction_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
