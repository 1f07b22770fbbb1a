// indexing.c: what reading and writing at indices that are data means.
//
// Shapes  gather: input [V, E...], indices [I...], out [I..., E...]: rows of the input.
//         scatter_add: indices [I...], updates [I..., E...], out [size, E...]: rows added in order
//         to zeros. Each is the other's gradient.
//         pick: input [A..., C, E...], target [A..., E...], out as target: the element along `axis`
//         that the target names. one_hot: target without the axis, out as like: 1 there, 0
//         elsewhere. along_axis: input [C], out as like: the vector along `axis`, the same
//         everywhere else.
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
  MTH_TRY(mth_rule_state_last_dims(rule, picked, rank - 1));
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

// `without` has the dims of `with` but the one at the argument `axis`.
static mth_status relate_without_axis(mth_rule *rule, size_t with, size_t without) {
  const mth_arg *arg = mth_rule_arg(rule, "axis");
  int32_t rank = mth_rule_rank(rule, with), axis;
  if (rank < 0 && mth_rule_rank(rule, without) >= 0) rank = mth_rule_rank(rule, without) + 1;
  if (rank < 0 || !arg) return MTH_OK;
  MTH_TRY(mth_rule_axis(rule, arg->i, rank, &axis));
  MTH_TRY(mth_rule_state_rank(rule, with, rank));
  MTH_TRY(mth_rule_state_rank(rule, without, rank - 1));
  for (int32_t i = 0; i < rank; ++i)
    if (i != axis) MTH_TRY(mth_rule_same_dim(rule, with, i, without, i < axis ? i : i - 1));
  return MTH_OK;
}

static mth_status infer_pick(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 2));
  MTH_TRY(mth_rule_same_shape(rule, 1, 2));
  return relate_without_axis(rule, 0, 1);
}

static mth_status infer_one_hot(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 1, 2));
  MTH_TRY(mth_rule_same_shape(rule, 1, 2));
  return relate_without_axis(rule, 1, 0);
}

static mth_status infer_along_axis(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 2));
  MTH_TRY(mth_rule_state_rank(rule, 0, 1));
  MTH_TRY(mth_rule_same_shape(rule, 1, 2));
  const mth_arg *arg = mth_rule_arg(rule, "axis");
  const int32_t rank = mth_rule_rank(rule, 1);
  int32_t axis;
  if (rank < 0 || !arg) return MTH_OK;
  MTH_TRY(mth_rule_axis(rule, arg->i, rank, &axis));
  return mth_rule_same_dim(rule, 0, 0, 1, axis);
}

#define AXIS MTH_OPTION("axis", MTH_ARG_INT, {.kind = MTH_ARG_INT, .i = 1})

static const mth_op_key pick[] = {MTH_IN("input", MTH_FAMILY_ANY), MTH_IN("target", MTH_FAMILY_INT),
                                  AXIS};
static const mth_op_key one_hot[] = {MTH_IN("target", MTH_FAMILY_INT), MTH_IN("like", MTH_NUMBER),
                                     AXIS};
static const mth_op_key along[] = {MTH_IN("input", MTH_FAMILY_ANY), MTH_IN("like", MTH_FAMILY_ANY),
                                   AXIS};
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
    MTH_OP("pick", "Pick", GATHER, pick, any, 0, infer_pick),
    MTH_OP("one_hot", "OneHot", GATHER, one_hot, number, 0, infer_one_hot),
    MTH_OP("along_axis", "AlongAxis", GATHER, along, any, 0, infer_along_axis),
    MTH_OP("scatter_add", "ScatterAdd", GATHER, scatter_add, number, updates, infer_scatter_add),
};

mth_op_table mth_indexing_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
