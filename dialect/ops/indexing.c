// indexing.c: what ops whose indices are data become.
#include "dialect/axes.h"
#include "dialect/op_code.h"

// Rows that were read several times add up.
static mth_status gradient_gather(mth_builder *b, const mth_op_site *op,
                                  const mth_value *cotangents, mth_value *out) {
  const mth_dim *rows = mth_dim_of(b, op->operands[0], 0);
  const mth_arg size = MTH_ARG_DS("size", 1, &rows);
  const mth_value operands[] = {op->operands[1], cotangents[0]};
  out[0] = mth_build(b, "scatter_add", 2, operands, 1, &size);
  return b->status;
}

static mth_status gradient_scatter_add(mth_builder *b, const mth_op_site *op,
                                       const mth_value *cotangents, mth_value *out) {
  out[1] = mth_build_binary(b, "gather", cotangents[0], op->operands[0]);
  return b->status;
}

static const mth_code codes[] = {
    {.name = "gather", .code = {.gradient = gradient_gather}},
    {.name = "scatter_add", .code = {.gradient = gradient_scatter_add}},
};

const mth_code_family mth_indexing_codes = {codes, sizeof codes / sizeof codes[0]};
