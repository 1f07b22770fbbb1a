// indexing.c: what ops whose indices are data become.
#include "dialect/axes.h"
#include "dialect/op_code.h"
#include "dialect/shared_formula.h"

// Rows that were read several times add up.
static mth_status gradient_gather(mth_builder *b, const mth_op_site *op,
                                  const mth_value *cotangents, mth_value *out) {
  const mth_dim *rows = mth_dim_of(b, op->operands[0], 0);
  const mth_arg size = MTH_ARG_DS("size", 1, &rows);
  const mth_value operands[] = {op->operands[1], cotangents[0]};
  out[0] = mth_build(b, "scatter_add", 2, operands, 1, &size);
  return b->status;
}

static mth_status gradient_scatter_add(mth_builder *b, const mth_op_site *op,
                                       const mth_value *cotangents, mth_value *out) {
  out[1] = mth_build_binary(b, "gather", cotangents[0], op->operands[0]);
  return b->status;
}

static int32_t axis_of(mth_builder *b, const mth_op_site *op, mth_value shaped) {
  return mth_axis_of(mth_site_arg(op, "axis")->i, mth_rank_of(b, shaped));
}

// The sum of the one element that is chosen, of bools the greatest: no infinity of another one gets
// in.
static mth_status decompose_pick(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_value x = op->operands[0], zero = mth_build_constant_like(b, x, 0);
  const mth_type *type = mth_build_type(b, x);
  if (!type) return b->status;
  const int32_t axis = axis_of(b, op, x);
  const mth_value chosen = mth_build_one_hot(b, x, op->operands[1], axis);
  const mth_value rest = mth_build_where(b, chosen, x, zero);
  const int64_t axes[] = {axis};
  const mth_arg args[] = {MTH_ARG_IS("axis", 1, axes), MTH_ARG_B("keepdim", false)};
  out[0] = mth_build(b, type->dtype == MTH_BOOL ? "reduce_max" : "sum", 1, &rest, 2, args);
  return b->status;
}

static mth_status decompose_one_hot(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_value like = op->operands[1];
  const mth_type *type = mth_build_type(b, like);
  if (!type) return b->status;
  out[0] = mth_build_cast(b, mth_build_one_hot(b, like, op->operands[0], axis_of(b, op, like)),
                          type->dtype);
  return b->status;
}

static mth_status decompose_along_axis(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_value like = op->operands[1];
  const int32_t rank = mth_rank_of(b, like), axis = axis_of(b, op, like);
  bool folded[mth_rank_max];
  for (int32_t i = 0; i < rank; ++i)
    folded[i] = i != axis;
  out[0] = mth_build_broadcast_like(b, mth_build_keepdim(b, op->operands[0], rank, folded), like);
  return b->status;
}

static const mth_code codes[] = {
    {.name = "gather", .code = {.gradient = gradient_gather}},
    {.name = "pick", .code = {.decompose = decompose_pick}},
    {.name = "one_hot", .code = {.decompose = decompose_one_hot}},
    {.name = "along_axis", .code = {.decompose = decompose_along_axis}},
    {.name = "scatter_add", .code = {.gradient = gradient_scatter_add}},
};

const mth_code_family mth_indexing_codes = {codes, sizeof codes / sizeof codes[0]};
