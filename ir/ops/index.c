// index.c: what x[...] means, as NumPy has it.
//
// Shapes  input of any rank, indices: one tensor of integers for each 't' in `items`, which
//         broadcast together. ir/index_plan.h says what the other items are; start, stop and step
//         list a number for each item, 0 where it has none. Bounds of slices are clamped. A number
//         outside of a known extent is refused; one that is a symbol, and elements of index
//         tensors, are clamped, after what is negative was counted from the end.
#include "ir/index_plan.h"
#include "ir/ops/signature.h"

#include <string.h>

static bool read_items(mth_rule *rule, mth_index_items *out) {
  const mth_arg *letters = mth_rule_arg(rule, "items"), *start = mth_rule_arg(rule, "start");
  const mth_arg *stop = mth_rule_arg(rule, "stop"), *step = mth_rule_arg(rule, "step");
  if (!letters || !start || !stop || !step) return false;
  *out = (mth_index_items){letters->s, strlen(letters->s), start->dims, stop->dims, step->ints};
  return true;
}

static mth_status check_items(mth_rule *rule, const mth_index_items *items) {
  size_t axes, tensors;
  mth_index_count(items->letters, &axes, &tensors);
  const size_t listed[] = {mth_rule_arg(rule, "start")->count, mth_rule_arg(rule, "stop")->count,
                           mth_rule_arg(rule, "step")->count};
  for (size_t i = 0; i < 3; ++i)
    if (listed[i] != items->count)
      return mth_rule_fail(rule,
                           "wanted start, stop and step for %zu items, found %zu, %zu and %zu",
                           items->count, listed[0], listed[1], listed[2]);
  if (strspn(items->letters, "isabrnet") != items->count)
    return mth_rule_fail(rule, "'items' wants letters of \"isabrnet\", found \"%s\"",
                         items->letters);
  if (tensors != mth_rule_operand_count(rule) - 1)
    return mth_rule_fail(rule, "'items' has %zu index tensors, %zu are given", tensors,
                         mth_rule_operand_count(rule) - 1);
  return MTH_OK;
}

typedef struct joined { // the dims that the index tensors broadcast to
  int32_t rank;         // -1: not known yet
  const mth_dim *dims[mth_rank_max];
} joined;

static mth_status refuse_rank(mth_rule *rule, int32_t rank) {
  return mth_rule_fail(rule, "wanted rank %d or less, found %d", mth_rank_max, rank);
}

static mth_status join(mth_rule *rule, joined *out) {
  const size_t count = mth_rule_operand_count(rule);
  out->rank = 0;
  for (size_t t = 1; t < count; ++t) {
    const int32_t rank = mth_rule_rank(rule, t);
    if (rank > mth_rank_max) return refuse_rank(rule, rank);
    if (rank < 0 || out->rank < 0)
      out->rank = -1;
    else if (rank > out->rank)
      out->rank = rank;
  }
  for (int32_t i = 1; i <= out->rank; ++i) {
    const mth_dim *kept = mth_dim_constant(mth_rule_dims(rule), 1);
    for (size_t t = 1; t < count; ++t) {
      int64_t a, b;
      const mth_dim *dim = mth_rule_rank(rule, t) < i ? NULL : mth_rule_dim(rule, t, -i);
      if (!dim || dim == kept || (mth_dim_is_constant(dim, &a) && a == 1)) continue;
      if (mth_dim_is_constant(kept, &b) && b == 1) {
        kept = dim;
      } else if (mth_rule_is_program(rule) ||
                 (mth_dim_is_constant(dim, NULL) && mth_dim_is_constant(kept, NULL))) {
        return mth_rule_fail(rule, "index tensors do not broadcast: %s and %s",
                             mth_rule_dim_text(rule, kept), mth_rule_dim_text(rule, dim));
      } else { // one of them may still be 1
        out->rank = -1;
        return MTH_OK;
      }
    }
    out->dims[out->rank - i] = kept;
  }
  return MTH_OK;
}

static mth_status infer_index(mth_rule *rule) {
  const size_t result = mth_rule_result(rule, 0);
  mth_index_items items;
  MTH_TRY(mth_rule_same_type(rule, 0, result));
  if (!read_items(rule, &items)) return MTH_OK;
  MTH_TRY(check_items(rule, &items));
  size_t mentioned, tensors;
  mth_index_count(items.letters, &mentioned, &tensors);
  const int32_t rank = mth_rule_rank(rule, 0);
  if (rank < 0) return mth_rule_state_min_rank(rule, 0, (int32_t)mentioned);
  if (rank > mth_rank_max) return refuse_rank(rule, rank);
  const mth_dim *extents[mth_rank_max];
  for (int32_t i = 0; i < rank; ++i)
    if (!(extents[i] = mth_rule_dim(rule, 0, i))) return mth_rule_no_dim(rule);
  mth_index_plan plan;
  const mth_status status = mth_index_plan_make(mth_rule_dims(rule), &items, rank, extents, &plan);
  if (status == MTH_INVALID) return mth_rule_fail(rule, "%s", plan.problem);
  if (status != MTH_OK) return mth_rule_no_dim(rule);
  joined joined;
  MTH_TRY(join(rule, &joined));
  if (joined.rank < 0) return MTH_OK;
  const mth_dim *dims[3 * mth_rank_max];
  size_t count = 0;
  for (size_t i = 0; i < plan.part_count; ++i) {
    const int32_t part = plan.parts[i];
    if (part >= 0) dims[count++] = plan.axes[part].size;
    if (part == MTH_PART_NEW) dims[count++] = mth_dim_constant(mth_rule_dims(rule), 1);
    for (int32_t j = 0; part == MTH_PART_TENSORS && j < joined.rank; ++j)
      dims[count++] = joined.dims[j];
  }
  if (count > mth_rank_max)
    return mth_rule_fail(rule, "the result wants rank %zu, at most %d is possible", count,
                         mth_rank_max);
  return mth_rule_state_shape(rule, result, count, dims);
}

static const mth_op_key inputs[] = {
    MTH_IN("input", MTH_FAMILY_ANY),     MTH_MANY("indices", MTH_FAMILY_INT),
    MTH_NEEDED("items", MTH_ARG_STRING), MTH_NEEDED("start", MTH_ARG_DIMS),
    MTH_NEEDED("stop", MTH_ARG_DIMS),    MTH_NEEDED("step", MTH_ARG_INTS)};
static const mth_op_key any[] = {MTH_OUTPUT(MTH_FAMILY_ANY)};

static const mth_op ops[] = {
    MTH_OP("index", "Indexer", OPAQUE, inputs, any, 0, infer_index),
};

mth_op_table mth_index_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
