// reduction.c: what folds of axes mean.
//
// Shapes  `axis` lists the axes that are folded, None all of them; with `keepdim` they stay as 1.
//         arg_max, arg_min fold one axis, or all as if they were one.
// Numbers sum and prod of ints are ints, mean and variance are floats. variance divides by the
//         count less `correction`. arg_max and arg_min give the first index of the extremum.
#include "ir/ops/signature.h"

#include <string.h>

enum { rank_max = 64 };

// True for the axes that are folded.
static mth_status folded_axes(mth_rule *rule, const mth_arg *axis, int32_t rank, bool *folded) {
  memset(folded, axis->kind == MTH_ARG_NONE, rank_max);
  for (size_t i = 0; axis->kind == MTH_ARG_INTS && i < axis->count; ++i) {
    int32_t at;
    MTH_TRY(mth_rule_axis(rule, axis->ints[i], rank, &at));
    if (folded[at]) return mth_rule_fail(rule, "axis %d is folded twice", at);
    folded[at] = true;
  }
  return MTH_OK;
}

static mth_status infer_known_rank(mth_rule *rule, const mth_arg *axis, bool keepdim,
                                   int32_t rank) {
  bool folded[rank_max];
  if (rank > rank_max)
    return mth_rule_fail(rule, "wanted rank %d or less, found %d", rank_max, rank);
  MTH_TRY(folded_axes(rule, axis, rank, folded));
  int32_t left = 0;
  for (int32_t i = 0; i < rank; ++i)
    left += keepdim || !folded[i];
  MTH_TRY(mth_rule_state_rank(rule, 1, left));
  for (int32_t i = 0, j = 0; i < rank; ++i) {
    if (folded[i] && keepdim)
      MTH_TRY(mth_rule_state_dim(rule, 1, j++, mth_dim_constant(mth_rule_dims(rule), 1)));
    else if (!folded[i])
      MTH_TRY(mth_rule_same_dim(rule, 0, i, 1, j++));
  }
  return MTH_OK;
}

// What axes say while the input's rank is not known.
static mth_status infer_unknown_rank(mth_rule *rule, const mth_arg *axis, bool keepdim) {
  if (axis->kind == MTH_ARG_NONE) return keepdim ? MTH_OK : mth_rule_state_rank(rule, 1, 0);
  int64_t depth = 0, least = 0;
  bool all_negative = true, all_positive = true;
  for (size_t i = 0; i < axis->count; ++i) {
    const int64_t at = axis->ints[i];
    if (at < -rank_max || at >= rank_max)
      return mth_rule_fail(rule, "axis %lld is outside of any rank, which is %d at most",
                           (long long)at, rank_max);
    *(at < 0 ? &all_positive : &all_negative) = false;
    if (at < 0 && -at > depth) depth = -at;
    if (at >= 0 && at + 1 > least) least = at + 1;
  }
  if (depth > least) least = depth;
  if (all_positive || !all_negative) return mth_rule_state_min_rank(rule, 0, (int32_t)least);
  // Only the last dims are folded: those in front are the result's.
  MTH_TRY(mth_rule_state_last_dims(rule, 0, (int32_t)depth));
  bool folded[rank_max];
  MTH_TRY(folded_axes(rule, axis, (int32_t)depth, folded));
  int32_t left = 0;
  for (int32_t i = 0; i < depth; ++i)
    left += keepdim || !folded[i];
  MTH_TRY(mth_rule_state_last_dims(rule, 1, left));
  MTH_TRY(mth_rule_same_leading(rule, 0, (size_t)depth, 1, (size_t)left));
  for (int32_t i = (int32_t)depth - 1, j = -1; i >= 0; --i) {
    if (folded[i] && keepdim)
      MTH_TRY(mth_rule_state_dim(rule, 1, j--, mth_dim_constant(mth_rule_dims(rule), 1)));
    else if (!folded[i])
      MTH_TRY(mth_rule_same_dim(rule, 0, i - depth, 1, j--));
  }
  return MTH_OK;
}

static mth_status infer_folded(mth_rule *rule, const mth_arg *axis, bool keep) {
  const int32_t out_rank = mth_rule_rank(rule, 1);
  if (mth_rule_rank(rule, 0) < 0 && out_rank >= 0 && (keep || axis->kind == MTH_ARG_INTS))
    MTH_TRY(mth_rule_state_rank(rule, 0, out_rank + (keep ? 0 : (int32_t)axis->count)));
  const int32_t rank = mth_rule_rank(rule, 0);
  return rank < 0 ? infer_unknown_rank(rule, axis, keep) : infer_known_rank(rule, axis, keep, rank);
}

static mth_status infer_shape(mth_rule *rule) {
  const mth_arg *axis = mth_rule_arg(rule, "axis"), *keepdim = mth_rule_arg(rule, "keepdim");
  if (!axis || !keepdim) return MTH_OK;
  return infer_folded(rule, axis, keepdim->kind == MTH_ARG_BOOL && keepdim->b);
}

static mth_status infer_same(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  return infer_shape(rule);
}

// Bools are counted as ints, which a writer casts.
static mth_status infer_sum(mth_rule *rule) {
  const unsigned families = (unsigned)mth_rule_families(rule, 0);
  if (mth_rule_is_program(rule) || !(families & MTH_FAMILY_BOOL))
    MTH_TRY(mth_rule_same_type(rule, 0, 1));
  else if (!(families & MTH_FAMILY_FLOAT))
    MTH_TRY(mth_rule_state_families(rule, 1, MTH_FAMILY_INT));
  else if (mth_rule_families(rule, 1) == MTH_FAMILY_FLOAT)
    MTH_TRY(mth_rule_state_families(rule, 0, MTH_FAMILY_FLOAT));
  return infer_shape(rule);
}

static mth_status infer_mean(mth_rule *rule) {
  if (mth_rule_is_program(rule)) MTH_TRY(mth_rule_same_type(rule, 0, 1));
  return infer_shape(rule);
}

// One axis, or all. What is folded must hold something.
static mth_status infer_index(mth_rule *rule) {
  MTH_TRY(mth_rule_state_dtype(rule, 1, MTH_I64));
  const mth_arg *axis = mth_rule_arg(rule, "axis"), *keepdim = mth_rule_arg(rule, "keepdim");
  if (!axis || !keepdim) return MTH_OK;
  const bool is_one = axis->kind == MTH_ARG_INT;
  const int64_t at = is_one ? axis->i : 0;
  const mth_arg axes = {.kind = is_one ? MTH_ARG_INTS : MTH_ARG_NONE, .count = is_one, .ints = &at};
  const bool keep = keepdim->kind == MTH_ARG_BOOL && keepdim->b;
  MTH_TRY(infer_folded(rule, &axes, keep));
  const int32_t rank = mth_rule_rank(rule, 0);
  for (int32_t i = 0; i < rank; ++i) {
    int64_t extent;
    const bool folds = !is_one || i == (at < 0 ? at + rank : at);
    if (folds && mth_dim_is_constant(mth_rule_dim(rule, 0, i), &extent) && extent == 0)
      return mth_rule_fail(rule, "axis %d is empty: nothing is its extremum", i);
  }
  return MTH_OK;
}

static const mth_op_key inputs[] = {
    MTH_IN("input", MTH_FAMILY_ANY), MTH_OPTION("axis", MTH_ARG_INTS, {.kind = MTH_ARG_NONE}),
    MTH_OPTION("keepdim", MTH_ARG_BOOL, {.kind = MTH_ARG_BOOL, .b = false})};
static const mth_op_key spread[] = {
    MTH_IN("input", MTH_FAMILY_ANY), MTH_OPTION("axis", MTH_ARG_INTS, {.kind = MTH_ARG_NONE}),
    MTH_OPTION("keepdim", MTH_ARG_BOOL, {.kind = MTH_ARG_BOOL, .b = false}),
    MTH_OPTION("correction", MTH_ARG_FLOAT, {.kind = MTH_ARG_FLOAT, .f = 0})};
static const mth_op_key one_axis[] = {
    MTH_IN("input", MTH_FAMILY_ANY), MTH_OPTION("axis", MTH_ARG_INT, {.kind = MTH_ARG_NONE}),
    MTH_OPTION("keepdim", MTH_ARG_BOOL, {.kind = MTH_ARG_BOOL, .b = false})};
static const mth_op_key place[] = {MTH_OUTPUT(MTH_FAMILY_INT)};
static const mth_op_key any[] = {MTH_OUTPUT(MTH_FAMILY_ANY)};
static const mth_op_key number[] = {MTH_OUTPUT(MTH_NUMBER)};
static const mth_op_key real[] = {MTH_OUTPUT(MTH_FAMILY_FLOAT)};

static const mth_op ops[] = {
    MTH_OP("sum", "Sum", REDUCE, inputs, number, 0, infer_sum),
    MTH_OP("mean", "Mean", REDUCE, inputs, real, 0, infer_mean),
    MTH_OP("prod", "Prod", REDUCE, inputs, number, 0, infer_sum),
    MTH_OP("variance", "Variance", REDUCE, spread, real, 0, infer_mean),
    MTH_OP("arg_max", "ArgMax", REDUCE, one_axis, place, 0, infer_index),
    MTH_OP("arg_min", "ArgMin", REDUCE, one_axis, place, 0, infer_index),
    MTH_OP("reduce_max", "Max", REDUCE, inputs, any, 0, infer_same),
    MTH_OP("reduce_min", "Min", REDUCE, inputs, any, 0, infer_same),
};

mth_op_table mth_reduction_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
