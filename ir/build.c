// build.c: the makers that gradients and decompositions are written with.
#include "ir/build.h"

#include <assert.h>
#include <string.h>

static const mth_value none = {NULL};

// Remembers the first failure.
static void keep(mth_builder *builder, mth_status status) {
  if (builder->status == MTH_OK) builder->status = status;
}

static bool is_ready(const mth_builder *builder, size_t count, const mth_value *values) {
  if (builder->status != MTH_OK) return false;
  for (size_t i = 0; i < count; ++i)
    if (!values[i].handle) return false;
  return true;
}

const mth_arg *mth_site_arg(const mth_op_site *site, const char *key) {
  for (size_t i = 0; i < site->arg_count; ++i)
    if (strcmp(site->args[i].key, key) == 0) return &site->args[i];
  assert(false && "the op has this argument");
  return NULL;
}

// Why a maker of dims gave NULL.
static mth_status refuse_dim(const mth_builder *builder, const char *op) {
  if (mth_dim_table_failure_count(builder->dims) > 0) return MTH_NO_MEMORY;
  return mth_fail(MTH_UNSUPPORTED, builder->at, "a size in '%s' leaves 63 bits", op);
}

void mth_build_many(mth_builder *builder, const char *op, size_t operand_count,
                    const mth_value *operands, size_t arg_count, const mth_arg *args,
                    size_t result_count, mth_value *out_results) {
  for (size_t i = 0; i < result_count; ++i)
    out_results[i] = none;
  if (!is_ready(builder, operand_count, operands)) return;
  for (size_t i = 0; i < arg_count; ++i) // a dim that could not be made
    for (size_t j = 0; args[i].kind == MTH_ARG_DIMS && j < args[i].count; ++j)
      if (!args[i].dims[j]) {
        keep(builder, refuse_dim(builder, op));
        return;
      }
  keep(builder, builder->vtable->op(builder, op, operand_count, operands, arg_count, args,
                                    result_count, out_results));
}

mth_value mth_build(mth_builder *builder, const char *op, size_t operand_count,
                    const mth_value *operands, size_t arg_count, const mth_arg *args) {
  mth_value result;
  mth_build_many(builder, op, operand_count, operands, arg_count, args, 1, &result);
  return result;
}

mth_value mth_build_constant(mth_builder *builder, mth_dtype dtype, double value) {
  mth_value result = none;
  if (builder->status == MTH_OK)
    keep(builder, builder->vtable->constant(builder, dtype, value, &result));
  return result;
}

mth_value mth_build_constant_like(mth_builder *builder, mth_value like, double value) {
  const mth_type *type = mth_build_type(builder, like);
  return type ? mth_build_constant(builder, type->dtype, value) : none;
}

const mth_type *mth_build_type(mth_builder *builder, mth_value value) {
  if (!is_ready(builder, 1, &value)) return NULL;
  const mth_type *type = builder->vtable->type(builder, value);
  if (!type) keep(builder, MTH_NO_MEMORY);
  return type;
}

mth_value mth_build_unary(mth_builder *builder, const char *op, mth_value x) {
  return mth_build(builder, op, 1, &x, 0, NULL);
}

mth_value mth_build_binary(mth_builder *builder, const char *op, mth_value x, mth_value y) {
  const mth_value operands[] = {x, y};
  return mth_build(builder, op, 2, operands, 0, NULL);
}

mth_value mth_build_add(mth_builder *builder, mth_value x, mth_value y) {
  return mth_build_binary(builder, "add", x, y);
}

mth_value mth_build_subtract(mth_builder *builder, mth_value x, mth_value y) {
  return mth_build_binary(builder, "subtract", x, y);
}

mth_value mth_build_multiply(mth_builder *builder, mth_value x, mth_value y) {
  return mth_build_binary(builder, "multiply", x, y);
}

mth_value mth_build_divide(mth_builder *builder, mth_value x, mth_value y) {
  return mth_build_binary(builder, "divide", x, y);
}

mth_value mth_build_negate(mth_builder *builder, mth_value x) {
  return mth_build_unary(builder, "negate", x);
}

mth_value mth_build_where(mth_builder *builder, mth_value condition, mth_value x, mth_value y) {
  const mth_value operands[] = {condition, x, y};
  return mth_build(builder, "where", 3, operands, 0, NULL);
}

mth_value mth_build_sum(mth_builder *builder, mth_value x, size_t axis_count, const int64_t *axes,
                        bool keepdim) {
  const mth_arg args[] = {MTH_ARG_IS("axis", axis_count, axes), MTH_ARG_B("keepdim", keepdim)};
  return mth_build(builder, "sum", 1, &x, 2, args);
}

// Views `x` in the shape of `like`; `x` itself if it has it.
static mth_value in_shape_of(mth_builder *builder, const char *op, mth_value x, mth_value like) {
  const mth_type *from = mth_build_type(builder, x), *to = mth_build_type(builder, like);
  if (!from || !to) return none;
  bool same = from->rank == to->rank;
  for (int32_t i = 0; same && i < to->rank; ++i)
    same = from->dims[i] == to->dims[i];
  if (same) return x;
  const mth_arg shape = MTH_ARG_DS("shape", (size_t)to->rank, to->dims);
  return mth_build(builder, op, 1, &x, 1, &shape);
}

mth_value mth_build_reshape_like(mth_builder *builder, mth_value x, mth_value like) {
  return in_shape_of(builder, "reshape", x, like);
}

mth_value mth_build_broadcast_like(mth_builder *builder, mth_value x, mth_value like) {
  return in_shape_of(builder, "broadcast_to", x, like);
}

mth_value mth_build_transpose(mth_builder *builder, mth_value x, size_t rank,
                              const int64_t *permutation) {
  const mth_arg axes = MTH_ARG_IS("axes", rank, permutation);
  return mth_build(builder, "transpose", 1, &x, 1, &axes);
}

mth_value mth_build_matmul(mth_builder *builder, mth_value x, mth_value y) {
  return mth_build_binary(builder, "matmul", x, y);
}

mth_value mth_build_cast(mth_builder *builder, mth_value x, mth_dtype dtype) {
  const mth_type *type = mth_build_type(builder, x);
  if (!type || type->dtype == dtype) return x;
  const mth_arg arg = MTH_ARG_T("dtype", dtype);
  return mth_build(builder, "cast", 1, &x, 1, &arg);
}

mth_value mth_build_sum_to(mth_builder *builder, mth_value x, mth_value like) {
  const mth_type *from = mth_build_type(builder, x), *to = mth_build_type(builder, like);
  if (!from || !to) return none;
  assert(from->rank >= to->rank && from->rank <= mth_rank_max);
  int64_t axes[mth_rank_max];
  size_t count = 0;
  const int32_t added = from->rank - to->rank;
  for (int32_t i = 0; i < from->rank; ++i)
    if (i < added || to->dims[i - added] != from->dims[i]) axes[count++] = i;
  if (count == 0) return x;
  return mth_build_reshape_like(builder, mth_build_sum(builder, x, count, axes, false), like);
}
