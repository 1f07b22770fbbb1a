// lower_window.c: where the elements of windows come from.
#include "dialect/lowering.h"

// [A..., k, i, E...] reads [A..., start + i*stride + k*dilation, E...], and zero outside.
static bool windows(mth_dim_table *dims, const mth_core_op *op, size_t operand,
                    const mth_index *result, mth_index *out) {
  (void)operand;
  const int32_t rank = op->operands[0].rank;
  const int64_t given = mth_site_arg(op->site, "axis")->i;
  const int32_t axis = (int32_t)(given < 0 ? given + rank : given);
  for (int32_t i = 0; i < rank; ++i)
    if (i != axis) out[i] = result[i < axis ? i : i + 1];
  mth_index from_start;
  return mth_index_combine(dims, mth_site_arg(op->site, "start")->dims[0],
                           mth_site_arg(op->site, "stride")->i, &result[axis + 1], NULL,
                           &from_start) &&
         mth_index_combine(dims, NULL, mth_site_arg(op->site, "dilation")->i, &result[axis],
                           &from_start, &out[axis]);
}

static const mth_lowering rows[] = {
    {.name = "windows", .kind = MTH_LOWERING_VIEW, .cost = 2, .masked = true, .access = windows},
};
const mth_lowering_family mth_window_lowerings = {rows, sizeof rows / sizeof rows[0]};
