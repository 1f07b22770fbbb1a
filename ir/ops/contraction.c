// contraction.c: what sums of products mean.
//
// Shapes  matmul: left [B1..., m, k], right [B2..., k, n], out [B1 (+) B2..., m, n]; leading dims
//         broadcast.
//         pack: input's axes as `axes` says (b..., t, k), out [b..., ceil(t / tile), k, tile].
//         matmul_packed: left [B1..., p, k, i], right [B2..., q, k, j],
//         out [B1 (+) B2..., shape...] with shape[0] <= p*i and shape[1] <= q*j.
#include "ir/ops/signature.h"

// Where the right operand is a matrix all dims but the last go through, however many; else rows are
// the last dim but one.
static mth_status keep_rows(mth_rule *rule, size_t result) {
  const bool is_matrix = mth_rule_rank(rule, 1) == 2;
  MTH_TRY(mth_rule_state_min_rank(rule, 0, 2));
  MTH_TRY(mth_rule_state_last_dims(rule, 0, is_matrix ? 1 : 2));
  MTH_TRY(mth_rule_state_last_dims(rule, result, is_matrix ? 1 : 2));
  return is_matrix ? mth_rule_same_leading(rule, 0, 1, result, 1) : MTH_OK;
}

static mth_status infer_matmul(mth_rule *rule) {
  static const size_t operands[] = {0, 1};
  const size_t result = mth_rule_result(rule, 0);
  MTH_TRY(mth_rule_promote(rule, result, 2, operands));
  MTH_TRY(mth_rule_state_last_dims(rule, 1, 2));
  MTH_TRY(keep_rows(rule, result));
  MTH_TRY(mth_rule_same_dim(rule, 0, -1, 1, -2));
  MTH_TRY(mth_rule_same_dim(rule, 0, -2, result, -2));
  MTH_TRY(mth_rule_same_dim(rule, 1, -1, result, -1));
  return mth_rule_broadcast(rule, result, 2, operands, 2);
}

static mth_status infer_pack(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const mth_arg *axes = mth_rule_arg(rule, "axes"), *tile = mth_rule_arg(rule, "tile");
  if (!axes || !tile) return MTH_OK;
  const int32_t rank = (int32_t)axes->count;
  if (rank < 2 || tile->i < 1)
    return mth_rule_fail(rule, "wanted two axes or more and a tile of 1 or more, found %d and %lld",
                         rank, (long long)tile->i);
  MTH_TRY(mth_rule_state_rank(rule, 0, rank));
  MTH_TRY(mth_rule_state_rank(rule, 1, rank + 1));
  for (int32_t i = 0; i < rank; ++i) {
    int32_t axis;
    MTH_TRY(mth_rule_axis(rule, axes->ints[i], rank, &axis));
    if (i != rank - 2) MTH_TRY(mth_rule_same_dim(rule, 0, axis, 1, i));
  }
  mth_dim_table *dims = mth_rule_dims(rule);
  const mth_dim *extent = mth_rule_dim(rule, 0, axes->ints[rank - 2]);
  const mth_dim *size = mth_dim_constant(dims, tile->i);
  const mth_dim *up = mth_dim_add(dims, extent, mth_dim_constant(dims, tile->i - 1));
  MTH_TRY(mth_rule_state_dim(rule, 1, rank - 2, mth_dim_floordiv(dims, up, size)));
  return mth_rule_state_dim(rule, 1, rank, size);
}

static mth_status infer_matmul_packed(mth_rule *rule) {
  static const size_t operands[] = {0, 1};
  const size_t result = mth_rule_result(rule, 0);
  MTH_TRY(mth_rule_promote(rule, result, 2, operands));
  for (size_t i = 0; i < 2; ++i)
    MTH_TRY(mth_rule_state_last_dims(rule, i, 3));
  MTH_TRY(mth_rule_same_dim(rule, 0, -2, 1, -2));
  const mth_arg *shape = mth_rule_arg(rule, "shape");
  if (!shape || shape->kind != MTH_ARG_DIMS) return MTH_OK;
  if (shape->count != 2)
    return mth_rule_fail(rule, "wanted two dims in 'shape', found %zu", shape->count);
  const int32_t left = mth_rule_rank(rule, 0), right = mth_rule_rank(rule, 1);
  if (left < 0 || right < 0) return MTH_OK;
  const int32_t rank = (left > right ? left : right) - 1;
  MTH_TRY(mth_rule_state_rank(rule, result, rank));
  MTH_TRY(mth_rule_state_dim(rule, result, -2, shape->dims[0]));
  MTH_TRY(mth_rule_state_dim(rule, result, -1, shape->dims[1]));
  for (int32_t axis = -3; axis >= -rank; --axis) { // batch axes lie one further in an operand
    const mth_dim *l = axis - 1 >= -left ? mth_rule_dim(rule, 0, axis - 1) : NULL;
    const mth_dim *r = axis - 1 >= -right ? mth_rule_dim(rule, 1, axis - 1) : NULL;
    int64_t extent;
    const bool stretched = r && l && mth_dim_is_constant(l, &extent) && extent == 1;
    MTH_TRY(mth_rule_state_dim(rule, result, axis, l && !stretched ? l : r));
  }
  return MTH_OK;
}

static const mth_op_key sides[] = {MTH_IN("left", MTH_NUMBER), MTH_IN("right", MTH_NUMBER)};
static const mth_op_key number[] = {MTH_OUTPUT(MTH_NUMBER)};

static const mth_op_key pack[] = {MTH_IN("input", MTH_FAMILY_ANY), MTH_NEEDED("axes", MTH_ARG_INTS),
                                  MTH_NEEDED("tile", MTH_ARG_INT)};
static const mth_op_key panels[] = {MTH_OUTPUT(MTH_FAMILY_ANY)};
static const mth_op_key packed_sides[] = {MTH_IN("left", MTH_NUMBER), MTH_IN("right", MTH_NUMBER),
                                          MTH_NEEDED("shape", MTH_ARG_DIMS)};

static const mth_op ops[] = {
    MTH_OP("matmul", "MatrixMultiply", CONTRACT, sides, number, 1, infer_matmul),
    MTH_OP("pack", "Pack", VIEW, pack, panels, 0, infer_pack),
    MTH_OP("matmul_packed", "MatrixMultiplyPacked", CONTRACT, packed_sides, number, 1,
           infer_matmul_packed),
};

mth_op_table mth_contraction_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
