// view.c: what ops that only move elements become. The transpose of a view is a view, or a sum
// where one element was shown several times.
#include "dialect/axes.h"
#include "dialect/op_code.h"

static mth_status gradient_reshape(mth_builder *b, const mth_op_site *op,
                                   const mth_value *cotangents, mth_value *out) {
  out[0] = mth_build_reshape_like(b, cotangents[0], op->operands[0]);
  return b->status;
}

// The axes argument, or its default: all axes reversed.
static void permutation_of(const mth_op_site *op, int32_t rank, int64_t *out_axes) {
  const mth_arg *axes = mth_site_arg(op, "axes");
  for (int32_t i = 0; i < rank; ++i)
    out_axes[i] = axes->kind == MTH_ARG_INTS ? mth_axis_of(axes->ints[i], rank) : rank - 1 - i;
}

static mth_status gradient_transpose(mth_builder *b, const mth_op_site *op,
                                     const mth_value *cotangents, mth_value *out) {
  const int32_t rank = mth_rank_of(b, op->operands[0]);
  int64_t forward[mth_rank_max], back[mth_rank_max];
  permutation_of(op, rank, forward);
  for (int32_t i = 0; i < rank; ++i)
    back[forward[i]] = i;
  out[0] = mth_build_transpose(b, cotangents[0], (size_t)rank, back);
  return b->status;
}

static mth_status gradient_broadcast_to(mth_builder *b, const mth_op_site *op,
                                        const mth_value *cotangents, mth_value *out) {
  out[0] = mth_build_sum_to(b, cotangents[0], op->operands[0]);
  return b->status;
}

static int64_t step_of(const mth_op_site *op, size_t axis) {
  const mth_arg *step = mth_site_arg(op, "step");
  return step->kind == MTH_ARG_INTS ? step->ints[axis] : 1;
}

static mth_status gradient_slice(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                 mth_value *out) {
  const mth_arg *start = mth_site_arg(op, "start");
  mth_value g = cotangents[0];
  const mth_dim *high[mth_rank_max];
  for (size_t i = 0; i < start->count; ++i) {
    const int64_t step = step_of(op, i);
    g = mth_build_spread(b, g, (int32_t)i, step);
    const mth_dim *end = mth_dim_add(b->dims, start->dims[i], mth_dim_of(b, g, (int32_t)i));
    high[i] = mth_dim_subtract(b->dims, mth_dim_of(b, op->operands[0], (int32_t)i), end);
  }
  out[0] = mth_build_pad(b, g, start->count, start->dims, high);
  return b->status;
}

static mth_status gradient_pad(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                               mth_value *out) {
  const mth_arg *low = mth_site_arg(op, "low");
  const mth_type *type = mth_build_type(b, op->operands[0]);
  if (type) out[0] = mth_build_slice(b, cotangents[0], low->count, low->dims, type->dims);
  return b->status;
}

// x as a row of all its elements.
static mth_value as_row(mth_builder *b, mth_value x) {
  const mth_dim *count = mth_number_dim(b, 1);
  for (int32_t i = 0; i < mth_rank_of(b, x); ++i)
    count = mth_dim_multiply(b->dims, count, mth_dim_of(b, x, i));
  return mth_build_reshape(b, x, 1, &count);
}

static bool joins_rows(const mth_op_site *op) {
  return mth_site_arg(op, "axis")->kind != MTH_ARG_INT;
}

// Without an axis, rows are joined.
static mth_status decompose_concat(mth_builder *b, const mth_op_site *op, mth_value *out) {
  if (!joins_rows(op)) return b->status;
  const mth_arg axis = MTH_ARG_I("axis", 0);
  mth_value rows[mth_rank_max]; // so many at a time
  size_t count = 0;
  for (size_t i = 0; i < op->operand_count; ++i) {
    rows[count++] = as_row(b, op->operands[i]);
    if (count < mth_rank_max && i + 1 < op->operand_count) continue;
    if (count > 1) rows[0] = mth_build(b, "concat", count, rows, 1, &axis);
    count = 1;
  }
  out[0] = rows[0];
  return b->status;
}

// Each operand gets its part of the cotangent.
static mth_status gradient_concat(mth_builder *b, const mth_op_site *op,
                                  const mth_value *cotangents, mth_value *out) {
  const int32_t rank = mth_rank_of(b, op->results[0]);
  const int32_t axis = joins_rows(op) ? 0 : mth_axis_of(mth_site_arg(op, "axis")->i, rank);
  const mth_dim *start[mth_rank_max];
  for (int32_t i = 0; i < rank; ++i)
    start[i] = mth_number_dim(b, 0);
  for (size_t i = 0; i < op->operand_count; ++i) {
    const mth_value x = joins_rows(op) ? as_row(b, op->operands[i]) : op->operands[i];
    const mth_type *type = mth_build_type(b, x);
    if (!type) break;
    const mth_value part = mth_build_slice(b, cotangents[0], (size_t)rank, start, type->dims);
    out[i] = mth_build_reshape_like(b, part, op->operands[i]);
    start[axis] = mth_dim_add(b->dims, start[axis], type->dims[axis]);
  }
  return b->status;
}

// A view of its own shape shows its operand; a reshape of a reshape is one.
static mth_value simplify_reshape(mth_builder *b, const mth_op_site *op) {
  if (mth_same_shape(b, op->operands[0], op->results[0])) return op->operands[0];
  mth_op_site inner;
  if (!mth_value_is_op(b, op->operands[0], "reshape", &inner)) return (mth_value){NULL};
  return mth_build(b, "reshape", 1, inner.operands, op->arg_count, op->args);
}

static mth_value simplify_broadcast_to(mth_builder *b, const mth_op_site *op) {
  if (mth_same_shape(b, op->operands[0], op->results[0])) return op->operands[0];
  mth_op_site inner;
  if (!mth_value_is_op(b, op->operands[0], "broadcast_to", &inner)) return (mth_value){NULL};
  return mth_build(b, "broadcast_to", 1, inner.operands, op->arg_count, op->args);
}

// Whether the permutation exchanges the last two axes and no others.
static bool swaps_last(const int64_t *axes, int32_t rank) {
  bool found = rank >= 2 && axes[rank - 1] == rank - 2 && axes[rank - 2] == rank - 1;
  for (int32_t i = 0; i + 2 < rank; ++i)
    found = found && axes[i] == i;
  return found;
}

static mth_value swap_last(mth_builder *b, mth_value x) {
  const int32_t rank = mth_rank_of(b, x);
  int64_t axes[mth_rank_max];
  for (int32_t i = 0; i < rank; ++i)
    axes[i] = i + 2 < rank ? i : 2 * rank - 3 - i;
  return mth_build_transpose(b, x, (size_t)rank, axes);
}

// (l r)^T = r^T l^T: the same products, added in the same order. Where l or r is transposed itself,
// one transpose goes.
static mth_value transpose_of_product(mth_builder *b, const mth_op_site *op, const int64_t *axes) {
  mth_op_site product, side;
  int64_t inner[mth_rank_max];
  if (!swaps_last(axes, mth_rank_of(b, op->operands[0])) ||
      !mth_value_is_op(b, op->operands[0], "matmul", &product) ||
      !mth_value_has_one_use(op->operands[0]))
    return (mth_value){NULL};
  for (int i = 0; i < 2; ++i) {
    const mth_value x = product.operands[i];
    if (!mth_value_is_op(b, x, "transpose", &side)) continue;
    permutation_of(&side, mth_rank_of(b, x), inner);
    if (swaps_last(inner, mth_rank_of(b, x)))
      return mth_build_matmul(b, swap_last(b, product.operands[1]),
                              swap_last(b, product.operands[0]));
  }
  return (mth_value){NULL};
}

static mth_value simplify_transpose(mth_builder *b, const mth_op_site *op) {
  const int32_t rank = mth_rank_of(b, op->operands[0]);
  int64_t outer[mth_rank_max], inner_axes[mth_rank_max], both[mth_rank_max];
  permutation_of(op, rank, outer);
  mth_value from = op->operands[0];
  mth_op_site inner;
  const bool twice = mth_value_is_op(b, from, "transpose", &inner);
  if (twice) {
    from = inner.operands[0];
    permutation_of(&inner, rank, inner_axes);
  }
  bool identity = true;
  for (int32_t i = 0; i < rank; ++i) {
    both[i] = twice ? inner_axes[outer[i]] : outer[i];
    identity = identity && both[i] == i;
  }
  if (identity) return from;
  return twice ? mth_build_transpose(b, from, (size_t)rank, both)
               : transpose_of_product(b, op, outer);
}

// All elements in order, unless an axis runs backwards.
static mth_value simplify_slice(mth_builder *b, const mth_op_site *op) {
  const int32_t rank = mth_rank_of(b, op->operands[0]);
  for (int32_t i = 0; i < rank; ++i)
    if (step_of(op, (size_t)i) < 0) return (mth_value){NULL};
  return mth_same_shape(b, op->operands[0], op->results[0]) ? op->operands[0] : (mth_value){NULL};
}

static mth_value simplify_pad(mth_builder *b, const mth_op_site *op) {
  const mth_arg *low = mth_site_arg(op, "low"), *high = mth_site_arg(op, "high");
  for (size_t i = 0; i < low->count; ++i)
    if (low->dims[i] != mth_number_dim(b, 0) || high->dims[i] != mth_number_dim(b, 0))
      return (mth_value){NULL};
  return op->operands[0];
}

static mth_value simplify_concat(mth_builder *b, const mth_op_site *op) {
  const bool is_one = op->operand_count == 1 && mth_same_shape(b, op->operands[0], op->results[0]);
  return is_one ? op->operands[0] : (mth_value){NULL};
}

static const mth_code codes[] = {
    {.name = "reshape",
     .code = {.gradient = gradient_reshape},
     .algebra = MTH_ALGEBRA_SELECTS,
     .simplify = simplify_reshape},
    {.name = "transpose",
     .code = {.gradient = gradient_transpose},
     .algebra = MTH_ALGEBRA_SELECTS,
     .simplify = simplify_transpose},
    {.name = "broadcast_to",
     .code = {.gradient = gradient_broadcast_to},
     .algebra = MTH_ALGEBRA_SELECTS | MTH_ALGEBRA_STRETCHES,
     .simplify = simplify_broadcast_to},
    {.name = "slice",
     .code = {.gradient = gradient_slice},
     .algebra = MTH_ALGEBRA_SELECTS,
     .simplify = simplify_slice},
    {.name = "pad", .code = {.gradient = gradient_pad}, .simplify = simplify_pad},
    {.name = "concat",
     .code = {.gradient = gradient_concat, .decompose = decompose_concat},
     .simplify = simplify_concat},
};

const mth_code_family mth_view_codes = {codes, sizeof codes / sizeof codes[0]};
