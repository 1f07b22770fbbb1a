// indexing.c: what reading and writing at indices that are data means.
//
// Shapes  gather: input [V, E...], indices [I...], out [I..., E...]: rows of the input.
//         scatter_add: indices [I...], updates [I..., E...], out [size, E...]: rows added in order
//         to zeros. Each is the other's gradient.
// Numbers an index outside of the rows is not checked here: data is not known.
#include "ir/ops/signature.h"

// `rows` [n, E...], `indices` [I...], `picked` [I..., E...]; n is not looked at.
static mth_status relate(mth_rule *rule, size_t rows, size_t indices, size_t picked) {
  MTH_TRY(mth_rule_state_min_rank(rule, rows, 1));
  int32_t rank = mth_rule_rank(rule, rows);
  const int32_t picked_rank = mth_rule_rank(rule, picked);
  const int32_t index_rank = mth_rule_rank(rule, indices);
  if (rank < 0 && picked_rank >= 0 && index_rank >= 0) {
    if (picked_rank < index_rank)
      return mth_rule_fail(rule, "'%s' has rank %d, below the rank %d of '%s'",
                           mth_rule_name(rule, picked), picked_rank, index_rank,
                           mth_rule_name(rule, indices));
    rank = picked_rank - index_rank + 1;
    MTH_TRY(mth_rule_state_rank(rule, rows, rank));
  }
  if (rank < 0) return MTH_OK;
  MTH_TRY(mth_rule_state_min_rank(rule, picked, rank - 1));
  MTH_TRY(mth_rule_same_leading(rule, picked, (size_t)rank - 1, indices, 0));
  for (int32_t i = 1; i < rank; ++i)
    MTH_TRY(mth_rule_same_dim(rule, rows, i, picked, i - rank));
  return MTH_OK;
}

static mth_status infer_gather(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 2));
  return relate(rule, 0, 1, 2);
}

static mth_status infer_scatter_add(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 1, 2));
  MTH_TRY(relate(rule, 2, 0, 1));
  const mth_arg *size = mth_rule_arg(rule, "size");
  if (!size || size->kind != MTH_ARG_DIMS) return MTH_OK;
  if (size->count != 1)
    return mth_rule_fail(rule, "wanted one number of rows in 'size', found %zu", size->count);
  return mth_rule_state_dim(rule, 2, 0, size->dims[0]);
}

static const mth_op_key gather[] = {MTH_IN("input", MTH_FAMILY_ANY),
                                    MTH_IN("indices", MTH_FAMILY_INT)};
static const mth_op_key scatter_add[] = {MTH_IN("indices", MTH_FAMILY_INT),
                                         MTH_IN("updates", MTH_NUMBER),
                                         MTH_NEEDED("size", MTH_ARG_DIMS)};
static const mth_op_key any[] = {MTH_OUTPUT(MTH_FAMILY_ANY)};
static const mth_op_key number[] = {MTH_OUTPUT(MTH_NUMBER)};

enum { updates = 2 }; // canonical inputs

static const mth_op ops[] = {
    MTH_OP("gather", "Gather", GATHER, gather, any, 0, infer_gather),
    MTH_OP("scatter_add", "ScatterAdd", GATHER, scatter_add, number, updates, infer_scatter_add),
};

mth_op_table mth_indexing_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
