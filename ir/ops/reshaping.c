// reshaping.c: what views mean that stand for simpler views once shapes are known.
//
// Shapes  flatten_axes: axes start_dim to end_dim, both included, become one.
//         squeeze: without the axes of extent 1; a symbolic extent is not 1.
//         swap_axes: two axes change places.
//         split_part: part `index` of the input cut along `axis` into parts of `split_size`, the
//         last of which may be smaller, or into `sections` equal parts.
//         buffer: the input itself.
#include "ir/ops/signature.h"

#include <string.h>

// ---- flatten ------------------------------------------------------------------------------------

// What is known without the rank: which axes stay in front and behind.
static mth_status infer_open_flatten(mth_rule *rule, int64_t start, int64_t end) {
  if (start < 0 || start > mth_rank_max || end >= 0 || end < -mth_rank_max) return MTH_OK;
  if (start - end > mth_rank_max) return MTH_OK;
  MTH_TRY(mth_rule_state_first_dims(rule, 0, (int32_t)start));
  MTH_TRY(mth_rule_state_last_dims(rule, 0, (int32_t)(-1 - end)));
  MTH_TRY(mth_rule_state_min_rank(rule, 0, (int32_t)(start - end)));
  MTH_TRY(mth_rule_state_rank(rule, 1, (int32_t)(start - end)));
  for (int64_t i = 0; i < start; ++i)
    MTH_TRY(mth_rule_same_dim(rule, 0, i, 1, i));
  for (int64_t i = end + 1; i < 0; ++i)
    MTH_TRY(mth_rule_same_dim(rule, 0, i, 1, i));
  return MTH_OK;
}

static mth_status infer_flatten(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const mth_arg *start_arg = mth_rule_arg(rule, "start_dim");
  const mth_arg *end_arg = mth_rule_arg(rule, "end_dim");
  if (!start_arg || !end_arg) return MTH_OK;
  const int32_t rank = mth_rule_rank(rule, 0);
  if (rank < 0) return infer_open_flatten(rule, start_arg->i, end_arg->i);
  int32_t start, end;
  MTH_TRY(mth_rule_axis(rule, start_arg->i, rank, &start));
  MTH_TRY(mth_rule_axis(rule, end_arg->i, rank, &end));
  if (start > end)
    return mth_rule_fail(rule, "'start_dim' is axis %d, after 'end_dim', axis %d", start, end);
  MTH_TRY(mth_rule_state_rank(rule, 1, rank - (end - start)));
  const mth_dim *joined = mth_dim_constant(mth_rule_dims(rule), 1);
  for (int32_t i = 0; i < rank; ++i) {
    if (i < start) MTH_TRY(mth_rule_same_dim(rule, 0, i, 1, i));
    if (i > end) MTH_TRY(mth_rule_same_dim(rule, 0, i, 1, i - (end - start)));
    if (i >= start && i <= end)
      joined = mth_dim_multiply(mth_rule_dims(rule), joined, mth_rule_dim(rule, 0, i));
  }
  return mth_rule_state_dim(rule, 1, start, joined);
}

// ---- squeeze, swap_axes -------------------------------------------------------------------------

// Whether a dim is 1 or will never be: 1, another number, or one that the user declared.
static bool is_settled(mth_rule *rule, const mth_dim *dim) {
  if (mth_rule_is_program(rule) || mth_dim_is_constant(dim, NULL)) return true;
  const char *text = mth_dim_text(mth_rule_dims(rule), dim);
  return text && !strchr(text, '?');
}

// What is left has no dim of 1.
static mth_status check_squeezed(mth_rule *rule) {
  const int32_t rank = mth_rule_rank(rule, 1);
  for (int32_t i = 0; i < rank; ++i) {
    int64_t extent;
    const mth_dim *dim = mth_rule_dim(rule, 1, i);
    if (dim && mth_dim_is_constant(dim, &extent) && extent == 1)
      return mth_rule_fail(rule, "dim %d of '%s' would be 1, wanted another", i,
                           mth_rule_name(rule, 1));
  }
  return MTH_OK;
}

static mth_status infer_squeeze(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  MTH_TRY(check_squeezed(rule));
  const int32_t rank = mth_rule_rank(rule, 0);
  if (rank > mth_rank_max)
    return mth_rule_fail(rule, "wanted rank %d or less, found %d", mth_rank_max, rank);
  const mth_dim *kept[mth_rank_max];
  size_t count = 0;
  for (int32_t i = 0; i < rank; ++i) {
    int64_t extent;
    const mth_dim *dim = mth_rule_dim(rule, 0, i);
    if (!dim) return mth_rule_no_dim(rule);
    if (!is_settled(rule, dim)) return MTH_OK;
    if (!mth_dim_is_constant(dim, &extent) || extent != 1) kept[count++] = dim;
  }
  return rank < 0 ? MTH_OK : mth_rule_state_shape(rule, 1, count, kept);
}

static mth_status infer_swap_axes(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const mth_arg *first = mth_rule_arg(rule, "axis1"), *second = mth_rule_arg(rule, "axis2");
  const int32_t rank =
      mth_rule_rank(rule, 0) >= 0 ? mth_rule_rank(rule, 0) : mth_rule_rank(rule, 1);
  int32_t a, b;
  if (!first || !second || rank < 0) return MTH_OK;
  MTH_TRY(mth_rule_axis(rule, first->i, rank, &a));
  MTH_TRY(mth_rule_axis(rule, second->i, rank, &b));
  for (size_t i = 0; i < 2; ++i)
    MTH_TRY(mth_rule_state_rank(rule, i, rank));
  for (int32_t i = 0; i < rank; ++i)
    MTH_TRY(mth_rule_same_dim(rule, 0, i == a ? b : i == b ? a : i, 1, i));
  return MTH_OK;
}

// ---- split_part ---------------------------------------------------------------------------------

static bool is_zero(const mth_dim *dim) {
  int64_t value;
  return mth_dim_is_constant(dim, &value) && value == 0;
}

// `sections` equal parts of `extent`.
static mth_status infer_section(mth_rule *rule, int32_t axis, const mth_dim *extent,
                                const mth_dim *sections, int64_t index) {
  mth_dim_table *dims = mth_rule_dims(rule);
  int64_t count;
  const bool is_number = mth_dim_is_constant(sections, &count);
  if (index < 0 || (is_number && (count < 1 || index >= count)))
    return mth_rule_fail(
        rule, "wanted a part from 0 to %s, found %lld",
        mth_rule_dim_text(rule, mth_dim_subtract(dims, sections, mth_dim_constant(dims, 1))),
        (long long)index);
  const mth_dim *rest = mth_dim_mod(dims, extent, sections);
  if (!rest) return mth_rule_no_dim(rule);
  if (!is_zero(rest) && is_settled(rule, rest))
    return mth_rule_fail(rule, "the extent %s of axis %d does not divide into %s equal parts",
                         mth_rule_dim_text(rule, extent), axis, mth_rule_dim_text(rule, sections));
  if (is_zero(rest))
    return mth_rule_state_dim(rule, 1, axis, mth_dim_floordiv(dims, extent, sections));
  return mth_rule_equate(rule, extent,
                         mth_dim_multiply(dims, sections, mth_rule_dim(rule, 1, axis)),
                         "the parts do not add up to the whole");
}

// min(size, extent - index*size); `size` itself where it divides the extent.
static mth_status infer_sized_part(mth_rule *rule, int32_t axis, const mth_dim *extent,
                                   const mth_dim *size, int64_t index) {
  mth_dim_table *dims = mth_rule_dims(rule);
  int64_t number, left;
  if (index < 0 || (mth_dim_is_constant(size, &number) && number < 1))
    return mth_rule_fail(rule,
                         "wanted parts of 1 or more and an index from 0 on, found %s and %lld",
                         mth_rule_dim_text(rule, size), (long long)index);
  const mth_dim *start = mth_dim_multiply(dims, size, mth_dim_constant(dims, index));
  const mth_dim *rest = mth_dim_subtract(dims, extent, start);
  if (rest && mth_dim_is_constant(rest, &left) && left < 1)
    return mth_rule_fail(rule, "axis %d has no part %lld of %s: its extent is %s", axis,
                         (long long)index, mth_rule_dim_text(rule, size),
                         mth_rule_dim_text(rule, extent));
  const mth_dim *uneven = mth_dim_mod(dims, extent, size);
  if (!rest || !uneven) return mth_rule_no_dim(rule);
  return mth_rule_state_dim(rule, 1, axis, is_zero(uneven) ? size : mth_dim_min(dims, size, rest));
}

// Is the argument known to be None?
static bool is_none(mth_rule *rule, const char *key) {
  const mth_arg *arg = mth_rule_arg(rule, key);
  return arg && arg->kind == MTH_ARG_NONE;
}

static mth_status infer_split_part(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const mth_arg *index = mth_rule_arg(rule, "index"), *axis_arg = mth_rule_arg(rule, "axis");
  const mth_dim *size = mth_rule_int(rule, "split_size"),
                *sections = mth_rule_int(rule, "sections");
  const bool no_size = is_none(rule, "split_size"), no_sections = is_none(rule, "sections");
  if ((no_size && no_sections) || (size && sections))
    return mth_rule_fail(rule, "wanted either 'split_size' or 'sections', found %s",
                         no_size ? "neither" : "both");
  if (!index || !axis_arg) return MTH_OK;
  const int32_t rank =
      mth_rule_rank(rule, 0) >= 0 ? mth_rule_rank(rule, 0) : mth_rule_rank(rule, 1);
  int32_t axis;
  if (rank < 0) return MTH_OK;
  MTH_TRY(mth_rule_axis(rule, axis_arg->i, rank, &axis));
  for (size_t i = 0; i < 2; ++i)
    MTH_TRY(mth_rule_state_rank(rule, i, rank));
  for (int32_t i = 0; i < rank; ++i)
    if (i != axis) MTH_TRY(mth_rule_same_dim(rule, 0, i, 1, i));
  const mth_dim *extent = mth_rule_dim(rule, 0, axis);
  if (sections) return infer_section(rule, axis, extent, sections, index->i);
  return size ? infer_sized_part(rule, axis, extent, size, index->i) : MTH_OK;
}

static mth_status infer_buffer(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  return mth_rule_same_shape(rule, 0, 1);
}

// ---- the table ----------------------------------------------------------------------------------

#define NUMBER(name, number) MTH_OPTION(name, MTH_ARG_INT, {.kind = MTH_ARG_INT, .i = (number)})

static const mth_op_key flatten[] = {MTH_IN("input", MTH_FAMILY_ANY), NUMBER("start_dim", 1),
                                     NUMBER("end_dim", -1)};
static const mth_op_key input[] = {MTH_IN("input", MTH_FAMILY_ANY)};
static const mth_op_key swap[] = {MTH_IN("input", MTH_FAMILY_ANY), MTH_NEEDED("axis1", MTH_ARG_INT),
                                  MTH_NEEDED("axis2", MTH_ARG_INT)};
static const mth_op_key part[] = {MTH_IN("input", MTH_FAMILY_ANY),
                                  MTH_OPTION("split_size", MTH_ARG_INT, {.kind = MTH_ARG_NONE}),
                                  MTH_OPTION("sections", MTH_ARG_INT, {.kind = MTH_ARG_NONE}),
                                  NUMBER("axis", 0), MTH_NEEDED("index", MTH_ARG_INT)};
static const mth_op_key any[] = {MTH_OUTPUT(MTH_FAMILY_ANY)};

static const mth_op ops[] = {
    MTH_OP("flatten_axes", "Flatten", VIEW, flatten, any, 0, infer_flatten),
    MTH_OP("squeeze", "Squeeze", VIEW, input, any, 0, infer_squeeze),
    MTH_OP("swap_axes", "SwapAxes", VIEW, swap, any, 0, infer_swap_axes),
    MTH_OP("split_part", "SplitPart", VIEW, part, any, 0, infer_split_part),
    MTH_OP("buffer", "Buffer", VIEW, input, any, 0, infer_buffer),
};

mth_op_table mth_reshaping_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
