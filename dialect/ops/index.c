// index.c: what x[...] becomes: a slice, a gather for what is reversed, a gather for index tensors,
// and a reshape. Its gradient is theirs.
#include "dialect/axes.h"
#include "dialect/op_code.h"
#include "ir/index_plan.h"

#include <string.h>

static const mth_dim *number(mth_builder *b, int64_t value) {
  return mth_dim_constant(b->dims, value);
}

// The part of x that slices and integers leave.
static mth_value take_slice(mth_builder *b, const mth_index_plan *plan, mth_value x) {
  const mth_dim *start[mth_rank_max], *size[mth_rank_max];
  int64_t step[mth_rank_max];
  bool is_whole = true;
  for (int32_t i = 0; i < plan->rank; ++i) {
    const mth_index_axis *axis = &plan->axes[i];
    start[i] = axis->start, size[i] = axis->size, step[i] = axis->step;
    is_whole =
        is_whole && start[i] == number(b, 0) && size[i] == mth_dim_of(b, x, i) && step[i] == 1;
  }
  if (is_whole) return x;
  const size_t rank = (size_t)plan->rank;
  const mth_arg args[] = {MTH_ARG_DS("start", rank, start), MTH_ARG_DS("size", rank, size),
                          MTH_ARG_IS("step", rank, step)};
  return mth_build(b, "slice", 1, &x, 3, args);
}

// Axis i in front, the others in order behind it; `back` undoes it.
static mth_value bring_forward(mth_builder *b, mth_value x, int32_t rank, int32_t front,
                               int64_t *out_back) {
  int64_t axes[mth_rank_max];
  axes[0] = front;
  for (int32_t i = 0, at = 1; i < rank; ++i)
    if (i != front) axes[at++] = i;
  for (int32_t i = 0; i < rank; ++i)
    out_back[axes[i]] = i;
  return mth_build_transpose(b, x, (size_t)rank, axes);
}

// A negative index counts from the end: -1, -2, ... is the axis reversed.
static mth_value reverse(mth_builder *b, mth_value x, int32_t rank, int32_t axis) {
  const mth_dim *size = mth_dim_of(b, x, axis);
  const mth_arg args[] = {MTH_ARG_DS("shape", 1, &size), MTH_ARG_I("axis", 0),
                          MTH_ARG_T("dtype", MTH_I64)};
  const mth_value count = mth_build(b, "iota", 0, NULL, 3, args);
  const mth_value minus_one = mth_build_constant(b, MTH_I64, -1);
  int64_t back[mth_rank_max];
  x = bring_forward(b, x, rank, axis, back);
  x = mth_build_binary(b, "gather", x, mth_build_subtract(b, minus_one, count));
  return mth_build_transpose(b, x, (size_t)rank, back);
}

// min(max(index, 0), extent - 1), where a negative index counts from the end.
static mth_value put_inside(mth_builder *b, mth_value index, const mth_dim *extent) {
  const mth_value zero = mth_build_constant(b, MTH_I64, 0), one = mth_build_constant(b, MTH_I64, 1);
  const mth_value count = mth_build_dim_value(b, extent, MTH_I64);
  const mth_value is_negative = mth_build_binary(b, "less", index, zero);
  index = mth_build_where(b, is_negative, mth_build_add(b, index, count), index);
  index = mth_build_binary(b, "minimum", index, mth_build_subtract(b, count, one));
  return mth_build_binary(b, "maximum", index, zero);
}

// Rows of x at several index tensors: its indexed axes in front as one, their indices as one.
// Gives [joined..., the other axes...].
static mth_value take_rows(mth_builder *b, const mth_index_plan *plan, mth_value x,
                           const mth_value *indices) {
  int64_t axes[mth_rank_max];
  const mth_dim *shape[mth_rank_max];
  int32_t front = 0, rank = 1;
  mth_value row = {NULL};
  shape[0] = number(b, 1);
  for (int32_t i = 0; i < plan->rank; ++i) {
    if (plan->axes[i].tensor < 0) continue;
    const mth_dim *extent = mth_dim_of(b, x, i);
    mth_value at = mth_build_cast(b, indices[plan->axes[i].tensor], MTH_I64);
    at = put_inside(b, at, extent);
    if (front) // row * extent + at
      at =
          mth_build_add(b, mth_build_multiply(b, row, mth_build_dim_value(b, extent, MTH_I64)), at);
    row = at;
    shape[0] = mth_dim_multiply(b->dims, shape[0], extent);
    axes[front++] = i;
  }
  for (int32_t i = 0; i < plan->rank; ++i)
    if (plan->axes[i].tensor < 0) {
      axes[front++] = i;
      shape[rank++] = mth_dim_of(b, x, i);
    }
  x = mth_build_transpose(b, x, (size_t)plan->rank, axes);
  x = mth_build_reshape(b, x, (size_t)rank, shape);
  return mth_build_binary(b, "gather", x, row);
}

// [joined..., the other axes...] with the joined dims where the plan has them.
static mth_value place_rows(mth_builder *b, const mth_index_plan *plan, mth_value x) {
  int32_t kept = 0, before = 0;
  bool passed = false;
  for (int32_t i = 0; i < plan->rank; ++i)
    kept += plan->axes[i].tensor < 0;
  for (size_t i = 0; i < plan->part_count; ++i) {
    passed = passed || plan->parts[i] == MTH_PART_TENSORS;
    before += plan->parts[i] >= 0 && !passed;
  }
  // Integers are still axes of x here; they are 1, so where they stand does not matter, but those
  // in front of the joined dims count.
  const int32_t rank = mth_rank_of(b, x), joined = rank - kept;
  int32_t skipped = 0;
  for (int32_t i = 0, seen = 0; i < plan->rank && seen < before; ++i)
    if (plan->axes[i].tensor < 0) {
      skipped += 1;
      seen += !plan->axes[i].is_dropped;
    }
  int64_t axes[mth_rank_max];
  int32_t at = 0;
  for (int32_t i = 0; i < skipped; ++i)
    axes[at++] = joined + i;
  for (int32_t i = 0; i < joined; ++i)
    axes[at++] = i;
  for (int32_t i = skipped; i < kept; ++i)
    axes[at++] = joined + i;
  return b->status == MTH_OK ? mth_build_transpose(b, x, (size_t)rank, axes) : x;
}

static mth_status decompose_index(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_type *type = mth_build_type(b, op->operands[0]);
  if (!type) return b->status;
  const mth_index_items items = {mth_site_arg(op, "items")->s, strlen(mth_site_arg(op, "items")->s),
                                 mth_site_arg(op, "start")->dims, mth_site_arg(op, "stop")->dims,
                                 mth_site_arg(op, "step")->ints};
  mth_index_plan plan;
  MTH_TRY(mth_index_plan_make(b->dims, &items, type->rank, type->dims, &plan));
  mth_value x = take_slice(b, &plan, op->operands[0]);
  for (int32_t i = 0; i < plan.rank; ++i)
    if (plan.axes[i].is_reversed) x = reverse(b, x, plan.rank, i);
  if (op->operand_count > 1) x = place_rows(b, &plan, take_rows(b, &plan, x, op->operands + 1));
  out[0] = mth_build_reshape_like(b, x, op->results[0]);
  return b->status;
}

static const mth_code codes[] = {{.name = "index", .code = {.decompose = decompose_index}}};

const mth_code_family mth_index_codes = {codes, sizeof codes / sizeof codes[0]};
