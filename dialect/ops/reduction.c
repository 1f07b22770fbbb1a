// reduction.c: what folds of axes become.
//
// A long fold becomes chunks and a combining step: the chunks run side by side, and the sum's error
// grows with their length instead of the whole. Which fold is long, and where the chunks lie,
// depends on the type alone, so results do not depend on threads or targets.
#include "dialect/axes.h"
#include "dialect/op_code.h"

// A fold of all axes goes by chunks of this many elements and a rest: docs/decisions/0006.
enum { chunk_elems = 1 << 12 };

// A value of the reduced shape, stretched back over the folded axes.
static mth_value stretch(mth_builder *b, const mth_op_site *op, mth_value reduced) {
  const mth_value x = op->operands[0];
  const int32_t rank = mth_rank_of(b, x);
  bool folded[mth_rank_max];
  mth_folded_axes(mth_site_arg(op, "axis"), rank, folded);
  return mth_build_broadcast_like(b, mth_build_keepdim(b, reduced, rank, folded), x);
}

static mth_status gradient_sum(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                               mth_value *out) {
  out[0] = stretch(b, op, cotangents[0]);
  return b->status;
}

// How many elements one result of the op folds.
static const mth_dim *folded_count(mth_builder *b, const mth_op_site *op) {
  const int32_t rank = mth_rank_of(b, op->operands[0]);
  bool folded[mth_rank_max];
  mth_folded_axes(mth_site_arg(op, "axis"), rank, folded);
  const mth_dim *count = mth_dim_constant(b->dims, 1);
  for (int32_t i = 0; i < rank; ++i)
    if (folded[i]) count = mth_dim_multiply(b->dims, count, mth_dim_of(b, op->operands[0], i));
  return count;
}

static mth_value divide_by_count(mth_builder *b, const mth_op_site *op, mth_value x) {
  const mth_type *type = mth_build_type(b, op->operands[0]);
  if (!type) return x;
  return mth_build_divide(b, x, mth_build_dim_value(b, folded_count(b, op), type->dtype));
}

static mth_status gradient_mean(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                mth_value *out) {
  out[0] = stretch(b, op, divide_by_count(b, op, cotangents[0]));
  return b->status;
}

static mth_status decompose_mean(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_value sum = mth_build(b, "sum", 1, op->operands, op->arg_count, op->args);
  out[0] = divide_by_count(b, op, sum);
  return b->status;
}

// Every element that equals the extremum gets an equal share.
static mth_status gradient_extremum(mth_builder *b, const mth_op_site *op,
                                    const mth_value *cotangents, mth_value *out) {
  const mth_value x = op->operands[0];
  const mth_type *type = mth_build_type(b, x);
  if (!type) return b->status;
  const mth_value taken = mth_build_binary(b, "equal", x, stretch(b, op, op->results[0]));
  const mth_value mask = mth_build_cast(b, taken, type->dtype);
  const mth_value ties = mth_build(b, "sum", 1, &mask, op->arg_count, op->args);
  const mth_value share = mth_build_divide(b, cotangents[0], ties);
  const mth_value zero = mth_build_constant_like(b, x, 0);
  out[0] = mth_build_where(b, taken, stretch(b, op, share), zero);
  return b->status;
}

// The operand with its folded axes, which lie side by side, as one; false if they do not.
typedef struct merged_fold {
  mth_value x;
  int32_t axis, rank;
  const mth_dim *shape[mth_rank_max];
} merged_fold;

static bool merge_axes(mth_builder *b, const mth_op_site *op, merged_fold *out) {
  const int32_t rank = mth_rank_of(b, op->operands[0]);
  bool folded[mth_rank_max];
  mth_folded_axes(mth_site_arg(op, "axis"), rank, folded);
  *out = (merged_fold){.axis = -1};
  for (int32_t i = 0; i < rank; ++i) {
    const mth_dim *dim = mth_dim_of(b, op->operands[0], i);
    const bool continues = i > 0 && folded[i] && folded[i - 1];
    if (folded[i] && !continues && out->axis >= 0) return false;
    if (continues) {
      out->shape[out->axis] = mth_dim_multiply(b->dims, out->shape[out->axis], dim);
      continue;
    }
    if (folded[i]) out->axis = out->rank;
    out->shape[out->rank++] = dim;
  }
  return out->axis >= 0;
}

// Whether the count is that of chunks, or of what is left of them: in normal form a quotient lies in
// a sum if the divided count has a number or a multiple of the chunk, "(N + 4094) floordiv 4096 - 1".
static bool is_of_parts(const mth_dim *count) {
  const mth_dim_kind kind = mth_dim_get_kind(count);
  int64_t divisor;
  if (kind == MTH_DIM_MOD || kind == MTH_DIM_FLOORDIV)
    return mth_dim_is_constant(mth_dim_operand(count, 1), &divisor) && divisor == chunk_elems;
  for (size_t i = 0; kind == MTH_DIM_ADD && i < mth_dim_operand_count(count); ++i)
    if (is_of_parts(mth_dim_operand(count, i))) return true;
  return false;
}

// Whether the fold is split: all axes are folded, and there may be more than one chunk. Nothing but
// the number of elements decides, known now or at run time: a symbolic count that turns out to be
// small has no whole chunk, and its rest alone is the fold. What a split leaves behind is not split
// again: the rest is shorter than a chunk, and chunks are few in all tensors that fit in memory.
static bool is_long(const merged_fold *fold) {
  int64_t count;
  if (fold->rank != 1) return false;
  if (!fold->shape[0]) return true; // it leaves 63 bits: the builder refuses it
  if (mth_dim_is_constant(fold->shape[0], &count)) return count > chunk_elems;
  return !is_of_parts(fold->shape[0]);
}

// Elements [start, start + size) of the folded axis.
static mth_value part(mth_builder *b, const merged_fold *fold, const mth_dim *start,
                      const mth_dim *size) {
  const mth_dim *starts[mth_rank_max], *sizes[mth_rank_max];
  for (int32_t i = 0; i < fold->rank; ++i) {
    starts[i] = i == fold->axis ? start : mth_dim_constant(b->dims, 0);
    sizes[i] = i == fold->axis ? size : fold->shape[i];
  }
  return mth_build_slice(b, fold->x, (size_t)fold->rank, starts, sizes);
}

// Folds one axis away.
static mth_value drop_axis(mth_builder *b, const char *op, mth_value x, int64_t axis) {
  const mth_arg arg = MTH_ARG_IS("axis", 1, &axis);
  return mth_build(b, op, 1, &x, 1, &arg);
}

// Whether the op folds one element for each of its results, so that it gives its operand's bits.
static bool folds_nothing(mth_builder *b, const mth_op_site *op) {
  const mth_type *from = mth_build_type(b, op->operands[0]);
  const mth_type *to = mth_build_type(b, op->results[0]);
  if (!from || !to || from->dtype != to->dtype) return false;
  bool folded[mth_rank_max], nothing = true;
  mth_folded_axes(mth_site_arg(op, "axis"), from->rank, folded);
  for (int32_t i = 0; i < from->rank; ++i) {
    int64_t extent;
    nothing =
        nothing && (!folded[i] || (mth_dim_is_constant(from->dims[i], &extent) && extent == 1));
  }
  return nothing;
}

// fold(x) = combine(fold over chunks of (fold in each chunk), fold of the rest)
static mth_status split_fold(mth_builder *b, const mth_op_site *op, const char *combine,
                             mth_value *out) {
  merged_fold fold;
  if (folds_nothing(b, op)) {
    out[0] = mth_build_reshape_like(b, op->operands[0], op->results[0]);
    return b->status;
  }
  if (!merge_axes(b, op, &fold) || !is_long(&fold)) return b->status;
  mth_dim_table *dims = b->dims;
  fold.x = mth_build_reshape(b, op->operands[0], (size_t)fold.rank, fold.shape);
  MTH_TRY(b->status);
  const mth_dim *count = fold.shape[fold.axis], *length = mth_dim_constant(dims, chunk_elems);
  const mth_dim *chunks = mth_dim_floordiv(dims, count, length);
  const mth_dim *whole = mth_dim_multiply(dims, chunks, length);
  const mth_dim *rest = mth_dim_mod(dims, count, length);
  const mth_dim *split[mth_rank_max + 1];
  for (int32_t i = 0; i <= fold.rank; ++i)
    split[i] = i < fold.axis        ? fold.shape[i]
               : i == fold.axis     ? chunks
               : i == fold.axis + 1 ? length
                                    : fold.shape[i - 1];
  const mth_value main_part = part(b, &fold, mth_dim_constant(dims, 0), whole);
  const mth_value rows = mth_build_reshape(b, main_part, (size_t)fold.rank + 1, split);
  const char *name = op->op->name;
  const mth_value partials = drop_axis(b, name, rows, fold.axis + 1);
  mth_value total = drop_axis(b, name, partials, fold.axis);
  total = mth_build_reshape_like(b, total, op->results[0]);
  int64_t rest_elems;
  if (!mth_dim_is_constant(rest, &rest_elems) || rest_elems > 0) {
    const mth_value tail = drop_axis(b, name, part(b, &fold, whole, rest), fold.axis);
    total = mth_build_binary(b, combine, total, mth_build_reshape_like(b, tail, op->results[0]));
  }
  out[0] = total;
  return b->status;
}

static mth_status decompose_sum(mth_builder *b, const mth_op_site *op, mth_value *out) {
  return split_fold(b, op, "add", out);
}

static mth_status decompose_reduce_max(mth_builder *b, const mth_op_site *op, mth_value *out) {
  return split_fold(b, op, "maximum", out);
}

static mth_status decompose_reduce_min(mth_builder *b, const mth_op_site *op, mth_value *out) {
  return split_fold(b, op, "minimum", out);
}

static mth_status decompose_prod(mth_builder *b, const mth_op_site *op, mth_value *out) {
  return split_fold(b, op, "multiply", out);
}

// g y / x; where a factor is 0, the product of the others: not 0 only at a single 0
static mth_status gradient_prod(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                mth_value *out) {
  const mth_value x = op->operands[0];
  const mth_type *type = mth_build_type(b, x);
  if (!type) return b->status;
  const mth_value zero = mth_build_constant_like(b, x, 0), one = mth_build_constant_like(b, x, 1);
  const mth_value is_zero = mth_build_binary(b, "equal", x, zero);
  const mth_value mask = mth_build_cast(b, is_zero, type->dtype);
  const mth_value zeros = mth_build(b, "sum", 1, &mask, op->arg_count, op->args);
  const mth_value factors = mth_build_where(b, is_zero, one, x);
  const mth_value others = mth_build(b, "prod", 1, &factors, op->arg_count, op->args);
  const mth_value single =
      mth_build_where(b, mth_build_binary(b, "equal", zeros, one), others, zero);
  const mth_value usual = mth_build_divide(b, stretch(b, op, op->results[0]), factors);
  const mth_value rest = mth_build_where(b, is_zero, stretch(b, op, single), usual);
  out[0] = mth_build_multiply(b, stretch(b, op, cotangents[0]), rest);
  return b->status;
}

// ---- variance -----------------------------------------------------------------------------------

// x less its mean, and the divisor: the count of folded elements less the correction.
static mth_value centre(mth_builder *b, const mth_op_site *op, mth_value *out_divisor) {
  const mth_value x = op->operands[0];
  const mth_type *type = mth_build_type(b, x);
  if (!type) return x;
  const mth_arg args[] = {*mth_site_arg(op, "axis"), MTH_ARG_B("keepdim", true)};
  const mth_value count = mth_build_dim_value(b, folded_count(b, op), type->dtype);
  const mth_value correction = mth_build_constant_like(b, x, mth_site_arg(op, "correction")->f);
  *out_divisor = mth_build_subtract(b, count, correction);
  return mth_build_subtract(b, x, mth_build(b, "mean", 1, &x, 2, args));
}

// sum((x - mean(x))^2) / (n - correction)
static mth_status decompose_variance(mth_builder *b, const mth_op_site *op, mth_value *out) {
  mth_value divisor = {NULL};
  const mth_value centred = centre(b, op, &divisor);
  const mth_value squares = mth_build_multiply(b, centred, centred);
  const mth_arg args[] = {*mth_site_arg(op, "axis"), *mth_site_arg(op, "keepdim")};
  out[0] = mth_build_divide(b, mth_build(b, "sum", 1, &squares, 2, args), divisor);
  return b->status;
}

// 2 g (x - mean(x)) / (n - correction)
static mth_status gradient_variance(mth_builder *b, const mth_op_site *op,
                                    const mth_value *cotangents, mth_value *out) {
  mth_value divisor = {NULL};
  const mth_value centred = centre(b, op, &divisor);
  const mth_value twice = mth_build_add(b, cotangents[0], cotangents[0]);
  const mth_value share = stretch(b, op, mth_build_divide(b, twice, divisor));
  out[0] = mth_build_multiply(b, share, centred);
  return b->status;
}

// ---- arg_max, arg_min ---------------------------------------------------------------------------

// The least index at which x is its extremum, or NaN. All axes are folded as one.
static mth_status first_index(mth_builder *b, const mth_op_site *op, const char *extremum,
                              mth_value *out) {
  mth_value x = op->operands[0];
  const mth_arg *axis_arg = mth_site_arg(op, "axis");
  int32_t axis = 0;
  if (axis_arg->kind == MTH_ARG_INT)
    axis = mth_axis_of(axis_arg->i, mth_rank_of(b, x));
  else {
    const mth_dim *count = mth_dim_constant(b->dims, 1);
    for (int32_t i = 0; i < mth_rank_of(b, x); ++i)
      count = mth_dim_multiply(b->dims, count, mth_dim_of(b, x, i));
    x = mth_build_reshape(b, x, 1, &count);
  }
  const int32_t rank = mth_rank_of(b, x);
  const mth_dim *shape[mth_rank_max];
  for (int32_t i = 0; i < rank; ++i)
    shape[i] = i == axis ? mth_dim_of(b, x, i) : mth_dim_constant(b->dims, 1);
  const mth_arg args[] = {MTH_ARG_DS("shape", (size_t)rank, shape), MTH_ARG_I("axis", axis),
                          MTH_ARG_T("dtype", MTH_I64)};
  const mth_value index = mth_build(b, "iota", 0, NULL, 3, args);
  const mth_value found = mth_build_binary(b, "equal", x, mth_build_fold(b, extremum, x, axis));
  const mth_value is_nan = mth_build_binary(b, "not_equal", x, x);
  const mth_value none = mth_build_constant_like(b, index, 0x1p62);
  const mth_value at =
      mth_build_where(b, mth_build_binary(b, "logical_or", found, is_nan), index, none);
  out[0] = mth_build_reshape_like(b, mth_build_fold(b, "reduce_min", at, axis), op->results[0]);
  return b->status;
}

static mth_status decompose_arg_max(mth_builder *b, const mth_op_site *op, mth_value *out) {
  return first_index(b, op, "reduce_max", out);
}

static mth_status decompose_arg_min(mth_builder *b, const mth_op_site *op, mth_value *out) {
  return first_index(b, op, "reduce_min", out);
}

static const mth_code codes[] = {
    {.name = "sum", .code = {.gradient = gradient_sum, .decompose = decompose_sum}},
    {.name = "mean", .code = {.gradient = gradient_mean, .decompose = decompose_mean}},
    {.name = "prod", .code = {.gradient = gradient_prod, .decompose = decompose_prod}},
    {.name = "variance", .code = {.gradient = gradient_variance, .decompose = decompose_variance}},
    {.name = "arg_max", .code = {.decompose = decompose_arg_max}},
    {.name = "arg_min", .code = {.decompose = decompose_arg_min}},
    {.name = "reduce_max",
     .code = {.gradient = gradient_extremum, .decompose = decompose_reduce_max}},
    {.name = "reduce_min",
     .code = {.gradient = gradient_extremum, .decompose = decompose_reduce_min}},
};

const mth_code_family mth_reduction_codes = {codes, sizeof codes / sizeof codes[0]};
