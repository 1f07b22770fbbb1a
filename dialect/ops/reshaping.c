// reshaping.c: the simpler views that views become. Their gradients are those of the simpler ones.
#include "dialect/axes.h"
#include "dialect/op_code.h"

// flatten_axes, squeeze: the elements stay in order, so the result's shape says it all.
static mth_status decompose_to_reshape(mth_builder *b, const mth_op_site *op, mth_value *out) {
  out[0] = mth_build_reshape_like(b, op->operands[0], op->results[0]);
  return b->status;
}

static mth_status decompose_swap_axes(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const int32_t rank = mth_rank_of(b, op->operands[0]);
  const int32_t first = mth_axis_of(mth_site_arg(op, "axis1")->i, rank);
  const int32_t second = mth_axis_of(mth_site_arg(op, "axis2")->i, rank);
  int64_t axes[mth_rank_max];
  for (int32_t i = 0; i < rank; ++i)
    axes[i] = i == first ? second : i == second ? first : i;
  out[0] = mth_build_transpose(b, op->operands[0], (size_t)rank, axes);
  return b->status;
}

// Part i begins at i times the size of parts that are not the last.
static mth_status decompose_split_part(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_type *type = mth_build_type(b, op->results[0]);
  if (!type) return b->status;
  const int32_t axis = mth_axis_of(mth_site_arg(op, "axis")->i, type->rank);
  const mth_arg *size = mth_site_arg(op, "split_size");
  const mth_dim *whole =
      size->kind == MTH_ARG_INT ? mth_dim_constant(b->dims, size->i) : type->dims[axis];
  const mth_dim *start[mth_rank_max];
  for (int32_t i = 0; i < type->rank; ++i)
    start[i] = mth_dim_constant(b->dims, 0);
  start[axis] =
      mth_dim_multiply(b->dims, whole, mth_dim_constant(b->dims, mth_site_arg(op, "index")->i));
  out[0] = mth_build_slice(b, op->operands[0], (size_t)type->rank, start, type->dims);
  return b->status;
}

static mth_status decompose_buffer(mth_builder *b, const mth_op_site *op, mth_value *out) {
  out[0] = op->operands[0];
  return b->status;
}

static const mth_code codes[] = {
    {.name = "flatten_axes", .code = {.decompose = decompose_to_reshape}},
    {.name = "squeeze", .code = {.decompose = decompose_to_reshape}},
    {.name = "swap_axes", .code = {.decompose = decompose_swap_axes}},
    {.name = "split_part", .code = {.decompose = decompose_split_part}},
    {.name = "buffer", .code = {.decompose = decompose_buffer}},
};

const mth_code_family mth_reshaping_codes = {codes, sizeof codes / sizeof codes[0]};
