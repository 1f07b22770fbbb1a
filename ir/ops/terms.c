// terms.c: what ops mean that prepare numbers to be combined.
//
// Shapes  atleast_1d: the operand's, [1] for a rank-0 one. item: the only element, of a
//         tensor whose dims are all 1, as a tensor of rank 0. element_count: none; its value is the
//         number of elements along `axis`, None all of them. That value is known as soon as the
//         shape is, and no element is read for it.
#include "ir/ops/signature.h"

static mth_status infer_atleast_1d(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const int32_t rank = mth_rule_rank(rule, 0);
  if (rank > 0 || mth_rule_rank(rule, 1) > 1) return mth_rule_same_shape(rule, 0, 1);
  if (rank < 0) return mth_rule_state_last_dims(rule, 1, 1);
  const mth_dim *one = mth_dim_constant(mth_rule_dims(rule), 1);
  return mth_rule_state_shape(rule, 1, 1, &one);
}

static mth_status infer_item(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  MTH_TRY(mth_rule_state_rank(rule, 1, 0));
  const mth_dim *one = mth_dim_constant(mth_rule_dims(rule), 1);
  for (int32_t i = 0; i < mth_rule_rank(rule, 0); ++i)
    MTH_TRY(mth_rule_state_dim(rule, 0, i, one));
  return MTH_OK;
}

// A writer casts the operand to the element type in which the number is wanted.
static mth_status infer_element_count(mth_rule *rule) {
  if (mth_rule_is_program(rule)) MTH_TRY(mth_rule_same_type(rule, 0, 1));
  MTH_TRY(mth_rule_state_rank(rule, 1, 0));
  const mth_arg *axis = mth_rule_arg(rule, "axis");
  const int32_t rank = mth_rule_rank(rule, 0);
  for (size_t i = 0; axis && axis->kind == MTH_ARG_INTS && rank >= 0 && i < axis->count; ++i) {
    int32_t at;
    MTH_TRY(mth_rule_axis(rule, axis->ints[i], rank, &at));
  }
  return MTH_OK;
}

static const mth_op_key any[] = {MTH_IN("input", MTH_FAMILY_ANY)};
static const mth_op_key counted[] = {MTH_IN("input", MTH_FAMILY_ANY),
                                     MTH_OPTION("axis", MTH_ARG_INTS, {.kind = MTH_ARG_NONE})};
static const mth_op_key any_out[] = {MTH_OUTPUT(MTH_FAMILY_ANY)};
static const mth_op_key real_out[] = {MTH_OUTPUT(MTH_FAMILY_FLOAT)};

static const mth_op ops[] = {
    MTH_OP("atleast_1d", "AtLeast1D", VIEW, any, any_out, 0, infer_atleast_1d),
    MTH_OP("item", "Item", VIEW, any, any_out, 0, infer_item),
    MTH_OP_THAT("element_count", "ElementCount", VIEW, counted, real_out, 0, infer_element_count,
                .stops_gradients = true),
};

mth_op_table mth_terms_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
