// view.c: what ops that move elements without arithmetic mean.
//
// Shapes  reshape(x, shape): as many elements; one -1 in `shape` is what is left.
//         transpose(x, axes): out dim i is in dim axes[i]; None reverses.
//         slice(x, start, size, step): out[i...] = x[start + i * step...], `size` elements.
//         broadcast_to(x, shape): aligned on the right, a dim that is 1 stretches.
//         concat(inputs, axis): dims along the axis add up, the others are equal; None: all
//         elements of all inputs in one row. Its element type is the widest of theirs. pad(x, low, high): `low` zeros in front and `high`
//         behind, on each axis.
#include "ir/ops/signature.h"

#include <string.h>

enum { rank_max = 64 };

// The dims of an argument, or NULL while it is not known.
static const mth_arg *dims_arg(mth_rule *rule, const char *key) {
  const mth_arg *arg = mth_rule_arg(rule, key);
  return arg && arg->kind == MTH_ARG_DIMS ? arg : NULL;
}

static bool is_number(const mth_dim *dim, int64_t number) {
  int64_t value;
  return mth_dim_is_constant(dim, &value) && value == number;
}

// ---- reshape ------------------------------------------------------------------------------------

// The number of elements of a tensor of known rank; NULL without memory.
static const mth_dim *element_count(mth_rule *rule, size_t tensor) {
  const mth_dim *count = mth_dim_constant(mth_rule_dims(rule), 1);
  for (int32_t i = 0; i < mth_rule_rank(rule, tensor); ++i)
    count = mth_dim_multiply(mth_rule_dims(rule), count, mth_rule_dim(rule, tensor, i));
  return count;
}

// What -1 stands for: all elements divided by the other dims.
static mth_status infer_left_over(mth_rule *rule, const mth_arg *shape, int32_t open_axis) {
  if (mth_rule_rank(rule, 0) < 0) return MTH_OK;
  mth_dim_table *dims = mth_rule_dims(rule);
  const mth_dim *count = element_count(rule, 0), *others = mth_dim_constant(dims, 1);
  for (size_t i = 0; i < shape->count; ++i)
    if ((int32_t)i != open_axis) others = mth_dim_multiply(dims, others, shape->dims[i]);
  if (!count || !others) return mth_rule_no_dim(rule);
  if (is_number(others, 0))
    return mth_rule_fail(rule, "'shape' has a 0 and a -1; what -1 stands for is not defined");
  // Divided factor by factor: an unknown that is in both cancels.
  const mth_dim *left = count, *rest = mth_dim_constant(dims, 0);
  for (size_t i = 0; i < shape->count && is_number(rest, 0); ++i)
    if ((int32_t)i != open_axis) {
      rest = mth_dim_mod(dims, left, shape->dims[i]);
      left = mth_dim_floordiv(dims, left, shape->dims[i]);
    }
  if (!left || !rest) return mth_rule_no_dim(rule);
  if (is_number(rest, 0)) return mth_rule_state_dim(rule, 1, open_axis, left);
  const bool is_settled = mth_rule_is_program(rule) ||
                          (mth_dim_is_constant(count, NULL) && mth_dim_is_constant(others, NULL));
  if (!is_settled) return MTH_OK;
  return mth_rule_fail(rule, "the %s elements of '%s' do not divide by %s",
                       mth_rule_dim_text(rule, count), mth_rule_name(rule, 0),
                       mth_rule_dim_text(rule, others));
}

static mth_status infer_reshape(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const mth_arg *shape = dims_arg(rule, "shape");
  if (!shape) return MTH_OK;
  int32_t open_axis = -1;
  for (size_t i = 0; i < shape->count; ++i) {
    if (!is_number(shape->dims[i], -1)) continue;
    if (open_axis >= 0) return mth_rule_fail(rule, "'shape' has more than one -1");
    open_axis = (int32_t)i;
  }
  MTH_TRY(mth_rule_state_rank(rule, 1, (int32_t)shape->count));
  for (size_t i = 0; i < shape->count; ++i)
    if ((int32_t)i != open_axis) MTH_TRY(mth_rule_state_dim(rule, 1, (int64_t)i, shape->dims[i]));
  if (open_axis >= 0) MTH_TRY(infer_left_over(rule, shape, open_axis));
  if (mth_rule_rank(rule, 0) < 0) return MTH_OK;
  return mth_rule_equate(rule, element_count(rule, 0), element_count(rule, 1),
                         "the numbers of elements before and after differ");
}

// ---- transpose ----------------------------------------------------------------------------------

static mth_status infer_transpose(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const mth_arg *axes = mth_rule_arg(rule, "axes");
  if (!axes) return MTH_OK;
  const bool reverses = axes->kind == MTH_ARG_NONE;
  int32_t rank = mth_rule_rank(rule, 0) >= 0 ? mth_rule_rank(rule, 0) : mth_rule_rank(rule, 1);
  if (!reverses) {
    if (rank >= 0 && (size_t)rank != axes->count)
      return mth_rule_fail(rule, "'axes' lists %zu axes, '%s' has rank %d", axes->count,
                           mth_rule_name(rule, mth_rule_rank(rule, 0) >= 0 ? 0 : 1), rank);
    rank = (int32_t)axes->count;
  }
  if (rank < 0) return MTH_OK;
  if (rank > rank_max)
    return mth_rule_fail(rule, "wanted rank %d or less, found %d", rank_max, rank);
  MTH_TRY(mth_rule_state_rank(rule, 0, rank));
  MTH_TRY(mth_rule_state_rank(rule, 1, rank));
  bool seen[rank_max] = {false};
  for (int32_t i = 0; i < rank; ++i) {
    int32_t from = rank - 1 - i;
    if (!reverses) MTH_TRY(mth_rule_axis(rule, axes->ints[i], rank, &from));
    if (seen[from]) return mth_rule_fail(rule, "'axes' has %d twice", from);
    seen[from] = true;
    MTH_TRY(mth_rule_same_dim(rule, 0, from, 1, i));
  }
  return MTH_OK;
}

// ---- slice, pad ---------------------------------------------------------------------------------

// A part that a slice of known numbers takes must lie inside.
static mth_status check_slice(mth_rule *rule, int64_t axis, const mth_dim *start,
                              const mth_dim *size, int64_t step) {
  int64_t first, count, extent, last;
  if (step <= 0)
    return mth_rule_fail(rule, "wanted a step of 1 or more on axis %lld, found %lld",
                         (long long)axis, (long long)step);
  if (!mth_dim_is_constant(start, &first) || !mth_dim_is_constant(size, &count)) return MTH_OK;
  if (first < 0 || count < 0)
    return mth_rule_fail(rule, "axis %lld: start %lld and size %lld must not be negative",
                         (long long)axis, (long long)first, (long long)count);
  if (!mth_dim_is_constant(mth_rule_dim(rule, 0, axis), &extent)) return MTH_OK;
  const bool overflows = count > 0 && (__builtin_mul_overflow(count - 1, step, &last) ||
                                       __builtin_add_overflow(last, first, &last));
  if (count > 0 && (overflows || last >= extent))
    return mth_rule_fail(rule, "axis %lld: %lld elements from %lld leave its extent %lld",
                         (long long)axis, (long long)count, (long long)first, (long long)extent);
  return MTH_OK;
}

static mth_status infer_slice(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const mth_arg *start = dims_arg(rule, "start"), *size = dims_arg(rule, "size");
  const mth_arg *step = mth_rule_arg(rule, "step");
  if (!start || !size || !step) return MTH_OK;
  if (start->count != size->count || (step->kind == MTH_ARG_INTS && step->count != size->count))
    return mth_rule_fail(rule, "wanted as many starts, sizes and steps; found %zu, %zu and %zu",
                         start->count, size->count, step->count);
  MTH_TRY(mth_rule_state_rank(rule, 0, (int32_t)size->count));
  MTH_TRY(mth_rule_state_shape(rule, 1, size->count, size->dims));
  for (size_t i = 0; i < size->count; ++i)
    MTH_TRY(check_slice(rule, (int64_t)i, start->dims[i], size->dims[i],
                        step->kind == MTH_ARG_INTS ? step->ints[i] : 1));
  return MTH_OK;
}

static mth_status infer_pad(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const mth_arg *low = dims_arg(rule, "low"), *high = dims_arg(rule, "high");
  if (!low || !high) return MTH_OK;
  if (low->count != high->count)
    return mth_rule_fail(rule, "wanted as many 'low' as 'high', found %zu and %zu", low->count,
                         high->count);
  MTH_TRY(mth_rule_state_rank(rule, 0, (int32_t)low->count));
  MTH_TRY(mth_rule_state_rank(rule, 1, (int32_t)low->count));
  mth_dim_table *dims = mth_rule_dims(rule);
  for (size_t i = 0; i < low->count; ++i) {
    int64_t value;
    if ((mth_dim_is_constant(low->dims[i], &value) && value < 0) ||
        (mth_dim_is_constant(high->dims[i], &value) && value < 0))
      return mth_rule_fail(rule, "axis %zu is padded by %lld, wanted 0 or more", i,
                           (long long)value);
    const mth_dim *margins = mth_dim_add(dims, low->dims[i], high->dims[i]);
    const mth_dim *whole = mth_dim_add(dims, mth_rule_dim(rule, 0, (int64_t)i), margins);
    MTH_TRY(mth_rule_state_dim(rule, 1, (int64_t)i, whole));
  }
  return MTH_OK;
}

// ---- broadcast_to, concat -----------------------------------------------------------------------

static mth_status infer_broadcast_to(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const mth_arg *shape = dims_arg(rule, "shape");
  if (shape) MTH_TRY(mth_rule_state_shape(rule, 1, shape->count, shape->dims));
  return mth_rule_stretch(rule, 1, 0);
}

// All elements in one row.
static mth_status infer_row(mth_rule *rule, size_t count, size_t result) {
  const mth_dim *sum = mth_dim_constant(mth_rule_dims(rule), 0);
  MTH_TRY(mth_rule_state_rank(rule, result, 1));
  for (size_t i = 0; i < count; ++i) {
    if (mth_rule_rank(rule, i) < 0) return MTH_OK;
    sum = mth_dim_add(mth_rule_dims(rule), sum, element_count(rule, i));
  }
  return mth_rule_state_dim(rule, result, 0, sum);
}

// A sum of unknown extents is long, and every one that becomes known makes another: of so many it
// waits until they do.
enum { most_unknown_terms = 64 };

static bool sum_waits(mth_rule *rule, size_t count, int32_t axis) {
  size_t unknown = 0;
  for (size_t i = 0; i < count; ++i) {
    const mth_dim *dim = mth_rule_dim(rule, i, axis);
    unknown += dim && mth_dim_is_symbol(dim) && mth_dim_name(dim)[0] == '?';
  }
  return unknown > most_unknown_terms && !mth_rule_is_program(rule);
}

// What is left of the result for an operand.
static mth_status refuse_negative(mth_rule *rule, size_t count, int32_t axis) {
  int64_t extent;
  for (size_t i = 0; i < count; ++i) {
    const mth_dim *dim = mth_rule_dim(rule, i, axis);
    if (dim && mth_dim_is_constant(dim, &extent) && extent < 0)
      return mth_rule_fail(rule, "dim %d of '%s' would be %lld, wanted 0 or more", (int)axis,
                           mth_rule_name(rule, i), (long long)extent);
  }
  return MTH_OK;
}

static mth_status infer_concat(mth_rule *rule) {
  const size_t count = mth_rule_operand_count(rule), result = mth_rule_result(rule, 0);
  if (count == 0) return mth_rule_fail(rule, "wanted at least one tensor");
  size_t *operands = mth_rule_scratch(rule, count, sizeof *operands);
  if (!operands) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; ++i)
    operands[i] = i;
  MTH_TRY(mth_rule_promote(rule, result, count, operands));
  const mth_arg *arg = mth_rule_arg(rule, "axis");
  if (arg && arg->kind == MTH_ARG_NONE) return infer_row(rule, count, result);
  int32_t rank = mth_rule_rank(rule, result), axis;
  for (size_t i = 0; i < count && rank < 0; ++i)
    rank = mth_rule_rank(rule, i);
  if (rank < 0 || !arg || arg->kind != MTH_ARG_INT) return MTH_OK;
  MTH_TRY(mth_rule_axis(rule, arg->i, rank, &axis));
  MTH_TRY(mth_rule_state_rank(rule, result, rank));
  for (size_t i = 0; i < count; ++i) {
    MTH_TRY(mth_rule_state_rank(rule, i, rank));
    for (int32_t j = 0; j < rank; ++j)
      if (j != axis) MTH_TRY(mth_rule_same_dim(rule, 0, j, i, j));
  }
  for (int32_t j = 0; j < rank; ++j)
    if (j != axis) MTH_TRY(mth_rule_same_dim(rule, 0, j, result, j));
  if (sum_waits(rule, count, axis)) return MTH_OK;
  const mth_dim *sum = mth_dim_constant(mth_rule_dims(rule), 0);
  for (size_t i = 0; i < count; ++i)
    sum = mth_dim_add(mth_rule_dims(rule), sum, mth_rule_dim(rule, i, axis));
  MTH_TRY(mth_rule_state_dim(rule, result, axis, sum));
  return refuse_negative(rule, count, axis);
}

// ---- the table ----------------------------------------------------------------------------------

static const mth_op_key reshape[] = {MTH_IN("input", MTH_FAMILY_ANY),
                                     MTH_NEEDED("shape", MTH_ARG_DIMS)};
static const mth_op_key transpose[] = {MTH_IN("input", MTH_FAMILY_ANY),
                                       MTH_OPTION("axes", MTH_ARG_INTS, {.kind = MTH_ARG_NONE})};
static const mth_op_key slice[] = {
    MTH_IN("input", MTH_FAMILY_ANY), MTH_NEEDED("start", MTH_ARG_DIMS),
    MTH_NEEDED("size", MTH_ARG_DIMS), MTH_OPTION("step", MTH_ARG_INTS, {.kind = MTH_ARG_NONE})};
static const mth_op_key concat[] = {MTH_MANY("inputs", MTH_FAMILY_ANY),
                                    {.name = "axis",
                                     .kind = MTH_KEY_ARG,
                                     .arg_kind = MTH_ARG_INT,
                                     .value = {.kind = MTH_ARG_INT, .i = 0},
                                     .absent_is_none = true}};
static const mth_op_key pad[] = {MTH_IN("input", MTH_FAMILY_ANY), MTH_NEEDED("low", MTH_ARG_DIMS),
                                 MTH_NEEDED("high", MTH_ARG_DIMS)};
static const mth_op_key any[] = {MTH_OUTPUT(MTH_FAMILY_ANY)};

static const mth_op ops[] = {
    MTH_OP("reshape", "Reshape", VIEW, reshape, any, 0, infer_reshape),
    MTH_OP("transpose", "Transpose", VIEW, transpose, any, 0, infer_transpose),
    MTH_OP("slice", "SliceTensor", VIEW, slice, any, 0, infer_slice),
    MTH_OP("broadcast_to", "BroadcastTo", VIEW, reshape, any, 0, infer_broadcast_to),
    MTH_OP("concat", "Concat", VIEW, concat, any, 0, infer_concat),
    MTH_OP("pad", "PadTensor", VIEW, pad, any, 0, infer_pad),
};

mth_op_table mth_view_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
