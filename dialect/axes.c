// axes.c: shapes of values, as gradients and decompositions compute with them.
#include "dialect/axes.h"

#include <assert.h>

int32_t mth_rank_of(mth_builder *builder, mth_value value) {
  const mth_type *type = mth_build_type(builder, value);
  return type ? type->rank : 0;
}

const mth_dim *mth_dim_of(mth_builder *builder, mth_value value, int32_t axis) {
  const mth_type *type = mth_build_type(builder, value);
  return type && axis < type->rank ? type->dims[axis] : NULL;
}

bool mth_same_shape(mth_builder *builder, mth_value x, mth_value y) {
  const mth_type *a = mth_build_type(builder, x), *c = mth_build_type(builder, y);
  if (!a || !c || a->rank != c->rank) return false;
  for (int32_t i = 0; i < a->rank; ++i)
    if (a->dims[i] != c->dims[i]) return false;
  return true;
}

int32_t mth_axis_of(int64_t axis, int32_t rank) { return (int32_t)(axis < 0 ? axis + rank : axis); }

void mth_folded_axes(const mth_arg *axis, int32_t rank, bool *out_folded) {
  for (int32_t i = 0; i < rank; ++i)
    out_folded[i] = axis->kind == MTH_ARG_NONE;
  if (axis->kind == MTH_ARG_INTS)
    for (size_t i = 0; i < axis->count; ++i)
      out_folded[mth_axis_of(axis->ints[i], rank)] = true;
}

static mth_value with_shape(mth_builder *builder, const char *op, mth_value x, size_t rank,
                            const mth_dim *const *shape) {
  const mth_arg arg = MTH_ARG_DS("shape", rank, shape);
  return mth_build(builder, op, 1, &x, 1, &arg);
}

mth_value mth_build_reshape(mth_builder *builder, mth_value x, size_t rank,
                            const mth_dim *const *shape) {
  return with_shape(builder, "reshape", x, rank, shape);
}

mth_value mth_build_broadcast(mth_builder *builder, mth_value x, size_t rank,
                              const mth_dim *const *shape) {
  return with_shape(builder, "broadcast_to", x, rank, shape);
}

mth_value mth_build_keepdim(mth_builder *builder, mth_value x, int32_t rank, const bool *folded) {
  assert(rank <= mth_rank_max);
  if (mth_rank_of(builder, x) == rank) return x;
  const mth_dim *shape[mth_rank_max];
  for (int32_t i = 0, from = 0; i < rank; ++i)
    shape[i] = folded[i] ? mth_dim_constant(builder->dims, 1) : mth_dim_of(builder, x, from++);
  return mth_build_reshape(builder, x, (size_t)rank, shape);
}

mth_value mth_build_fold(mth_builder *builder, const char *op, mth_value x, int32_t axis) {
  const int64_t axes[] = {axis};
  const mth_arg args[] = {MTH_ARG_IS("axis", 1, axes), MTH_ARG_B("keepdim", true)};
  return mth_build(builder, op, 1, &x, 2, args);
}

mth_value mth_build_dim_value(mth_builder *builder, const mth_dim *dim, mth_dtype dtype) {
  int64_t number;
  if (dim && mth_dim_is_constant(dim, &number))
    return mth_build_constant(builder, dtype, (double)number);
  const mth_dim *one = mth_dim_constant(builder->dims, 1);
  const mth_dim *size = mth_dim_add(builder->dims, dim, one);
  const mth_arg args[] = {MTH_ARG_DS("shape", 1, &size), MTH_ARG_I("axis", 0),
                          MTH_ARG_T("dtype", dtype)};
  const mth_value counted = mth_build(builder, "iota", 0, NULL, 3, args);
  return mth_build_reshape(builder, mth_build_slice(builder, counted, 1, &dim, &one), 0, NULL);
}

mth_value mth_build_slice(mth_builder *builder, mth_value x, size_t rank,
                          const mth_dim *const *start, const mth_dim *const *size) {
  const mth_arg args[] = {MTH_ARG_DS("start", rank, start), MTH_ARG_DS("size", rank, size)};
  return mth_build(builder, "slice", 1, &x, 2, args);
}

const mth_dim *mth_number_dim(mth_builder *b, int64_t value) {
  return mth_dim_constant(b->dims, value);
}

mth_value mth_build_pad(mth_builder *b, mth_value x, size_t rank, const mth_dim *const *low,
                        const mth_dim *const *high) {
  const mth_arg args[] = {MTH_ARG_DS("low", rank, low), MTH_ARG_DS("high", rank, high)};
  return mth_build(b, "pad", 1, &x, 2, args);
}

// [n] -> [n, 1] -> [n, step] -> [n step] -> [(n - 1) step + 1]
mth_value mth_build_spread(mth_builder *b, mth_value x, int32_t axis, int64_t step) {
  if (step == 1) return x;
  const int32_t rank = mth_rank_of(b, x);
  const mth_dim *split[mth_rank_max + 1], *low[mth_rank_max + 1], *high[mth_rank_max + 1];
  const mth_dim *joined[mth_rank_max], *start[mth_rank_max];
  const mth_dim *n = mth_dim_of(b, x, axis);
  for (int32_t i = 0; i <= rank; ++i) {
    split[i] = i <= axis       ? mth_dim_of(b, x, i)
               : i == axis + 1 ? mth_number_dim(b, 1)
                               : mth_dim_of(b, x, i - 1);
    low[i] = mth_number_dim(b, 0);
    high[i] = mth_number_dim(b, i == axis + 1 ? step - 1 : 0);
  }
  for (int32_t i = 0; i < rank; ++i) {
    joined[i] = mth_dim_of(b, x, i);
    start[i] = mth_number_dim(b, 0);
  }
  joined[axis] = mth_dim_multiply(b->dims, n, mth_number_dim(b, step));
  x = mth_build_pad(b, mth_build_reshape(b, x, (size_t)rank + 1, split), (size_t)rank + 1, low,
                    high);
  x = mth_build_reshape(b, x, (size_t)rank, joined);
  // Of no element, nothing is left.
  joined[axis] = mth_dim_max(b->dims, mth_number_dim(b, 0),
                             mth_dim_subtract(b->dims, joined[axis], mth_number_dim(b, step - 1)));
  return mth_build_slice(b, x, (size_t)rank, start, joined);
}
