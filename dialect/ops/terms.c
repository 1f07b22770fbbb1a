// terms.c: what ops become that prepare numbers to be combined.
#include "dialect/axes.h"
#include "dialect/op_code.h"

// Of atleast_1d and item: the same elements in another shape.
static mth_status gradient_reshaped(mth_builder *b, const mth_op_site *op,
                                    const mth_value *cotangents, mth_value *out) {
  out[0] = mth_build_reshape_like(b, cotangents[0], op->operands[0]);
  return b->status;
}

static mth_status decompose_reshaped(mth_builder *b, const mth_op_site *op, mth_value *out) {
  out[0] = mth_build_reshape_like(b, op->operands[0], op->results[0]);
  return b->status;
}

// The number does not change with the elements.
static mth_status gradient_element_count(mth_builder *b, const mth_op_site *op,
                                         const mth_value *cotangents, mth_value *out) {
  (void)op, (void)cotangents, (void)out;
  return b->status;
}

static mth_status decompose_element_count(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_type *type = mth_build_type(b, op->operands[0]);
  if (!type) return b->status;
  bool counted[mth_rank_max];
  mth_folded_axes(mth_site_arg(op, "axis"), type->rank, counted);
  const mth_dim *count = mth_dim_constant(b->dims, 1);
  for (int32_t i = 0; i < type->rank; ++i)
    if (counted[i]) count = mth_dim_multiply(b->dims, count, type->dims[i]);
  out[0] = mth_build_dim_value(b, count, type->dtype);
  return b->status;
}

static const mth_code codes[] = {
    {.name = "atleast_1d",
     .code = {.gradient = gradient_reshaped, .decompose = decompose_reshaped}},
    {.name = "item", .code = {.gradient = gradient_reshaped, .decompose = decompose_reshaped}},
    {.name = "element_count",
     .code = {.gradient = gradient_element_count, .decompose = decompose_element_count}},
};

const mth_code_family mth_terms_codes = {codes, sizeof codes / sizeof codes[0]};
