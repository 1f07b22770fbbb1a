// contraction.c: what sums of products become.
#include "dialect/axes.h"
#include "dialect/op_code.h"

// x with its last two axes exchanged.
static mth_value swap_last(mth_builder *b, mth_value x) {
  const int32_t rank = mth_rank_of(b, x);
  if (rank < 2) return x;
  int64_t axes[mth_rank_max];
  for (int32_t i = 0; i < rank; ++i)
    axes[i] = i;
  axes[rank - 1] = rank - 2;
  axes[rank - 2] = rank - 1;
  return mth_build_transpose(b, x, (size_t)rank, axes);
}

// x [..., n] as [rows, n].
static mth_value as_matrix(mth_builder *b, mth_value x) {
  const int32_t rank = mth_rank_of(b, x);
  const mth_dim *shape[2] = {mth_dim_constant(b->dims, 1), mth_dim_of(b, x, rank - 1)};
  for (int32_t i = 0; i + 1 < rank; ++i)
    shape[0] = mth_dim_multiply(b->dims, shape[0], mth_dim_of(b, x, i));
  return mth_build_reshape(b, x, 2, shape);
}

// y = l r:  dl = g r^T,  dr = l^T g, summed over the batch axes along which an operand was
// stretched
//
// One matrix on the right of a batch sees the batch as more rows: one contraction, and no tensor of
// a product for each member.
static mth_status gradient_matmul(mth_builder *b, const mth_op_site *op,
                                  const mth_value *cotangents, mth_value *out) {
  const mth_value l = op->operands[0], r = op->operands[1], g = cotangents[0];
  out[0] = mth_build_sum_to(b, mth_build_matmul(b, g, swap_last(b, r)), l);
  if (mth_rank_of(b, r) == 2 && mth_rank_of(b, l) > 2)
    out[1] = mth_build_matmul(b, swap_last(b, as_matrix(b, l)), as_matrix(b, g));
  else
    out[1] = mth_build_sum_to(b, mth_build_matmul(b, swap_last(b, l), g), r);
  return b->status;
}

static const mth_code codes[] = {{.name = "matmul", .code = {.gradient = gradient_matmul}}};

const mth_code_family mth_contraction_codes = {codes, sizeof codes / sizeof codes[0]};
