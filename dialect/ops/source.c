// source.c: what ops that make tensors out of numbers become.
#include "dialect/axes.h"
#include "dialect/op_code.h"

// True: the dim is not negative, whatever its symbols are.
static bool is_natural(const mth_dim *dim) {
  int64_t value;
  if (mth_dim_is_constant(dim, &value)) return value >= 0;
  for (size_t i = 0; !mth_dim_is_symbol(dim) && i < mth_dim_operand_count(dim); ++i)
    if (!is_natural(mth_dim_operand(dim, i))) return false;
  return true;
}

// A tensor of shape [1] that holds a dim which is not negative: the last of 0, 1, ..., dim.
static mth_value last_of_iota(mth_builder *b, const mth_dim *dim, mth_dtype dtype) {
  const mth_dim *one = mth_dim_constant(b->dims, 1), *count = mth_dim_add(b->dims, dim, one);
  const mth_arg counting[] = {MTH_ARG_DS("shape", 1, &count), MTH_ARG_I("axis", 0),
                              MTH_ARG_T("dtype", dtype)};
  const mth_arg last[] = {MTH_ARG_DS("start", 1, &dim), MTH_ARG_DS("size", 1, &one)};
  const mth_value counted = mth_build(b, "iota", 0, NULL, 3, counting);
  return mth_build(b, "slice", 1, &counted, 2, last);
}

static mth_value element(mth_builder *b, const mth_dim *dim, mth_dtype dtype) {
  const mth_dim *one = mth_dim_constant(b->dims, 1), *zero = mth_dim_constant(b->dims, 0);
  int64_t value;
  if (mth_dim_is_constant(dim, &value))
    return mth_build_broadcast(b, mth_build_constant(b, dtype, (double)value), 1, &one);
  if (is_natural(dim)) return last_of_iota(b, dim, dtype);
  const mth_dim *above = mth_dim_max(b->dims, dim, zero);
  const mth_dim *below = mth_dim_max(b->dims, mth_dim_subtract(b->dims, zero, dim), zero);
  return mth_build_subtract(b, last_of_iota(b, above, dtype), last_of_iota(b, below, dtype));
}

static mth_status decompose_dims(mth_builder *b, const mth_op_site *op, mth_value *out_results) {
  const mth_arg *dims = mth_site_arg(op, "dims"), *shape = mth_site_arg(op, "shape");
  const mth_dtype dtype = mth_site_arg(op, "dtype")->dtype;
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_value *elements = MTH_NEW_ARRAY(&arena, mth_value, dims->count);
  const mth_arg axis = MTH_ARG_I("axis", 0);
  if (!elements) return MTH_NO_MEMORY;
  for (size_t i = 0; i < dims->count; ++i)
    elements[i] = element(b, dims->dims[i], dtype);
  const mth_value row = dims->count == 0 ? mth_build_constant(b, dtype, 0)
                                         : mth_build(b, "concat", dims->count, elements, 1, &axis);
  mth_arena_reset(&arena);
  *out_results = dims->count == 0 ? mth_build_broadcast(b, row, shape->count, shape->dims)
                                  : mth_build_reshape(b, row, shape->count, shape->dims);
  return b->status;
}

static const mth_code codes[] = {
    {.name = "dim_values", .code = {.decompose = decompose_dims}},
};

const mth_code_family mth_source_codes = {codes, sizeof codes / sizeof codes[0]};
