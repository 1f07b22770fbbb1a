// lower_contraction.c: matmul on packed operands.
#include "dialect/lowering.h"
#include "dialect/op_code.h"
#include "dialect/scalar.h"
#include "runtime/program.h"

// An operand as seen by its contraction: axes[i] is the axis of `value` that stands at place i of
// (batch..., tiled, k).
typedef struct factor {
  mth_value value;
  size_t rank;
  int64_t axes[mth_axes_max];
} factor;

// Reads through transposes: packing may take the axes in any order.
static void fold_transposes(mth_builder *builder, factor *at) {
  mth_op_site site;
  while (mth_value_is_op(builder, at->value, "transpose", &site)) {
    const mth_arg *axes = mth_site_arg(&site, "axes");
    const int64_t rank = (int64_t)at->rank;
    for (size_t i = 0; i < at->rank; ++i) {
      const int64_t from =
          axes->kind == MTH_ARG_INTS ? axes->ints[at->axes[i]] : rank - 1 - at->axes[i];
      at->axes[i] = from < 0 ? from + rank : from;
    }
    at->value = site.operands[0];
  }
}

// `tiled` and `k` are axes of `value`; all before them are batch.
static mth_value pack(mth_builder *builder, mth_value value, size_t tiled, size_t k, int64_t tile) {
  const mth_type *type = mth_build_type(builder, value);
  if (!type || type->rank > mth_axes_max) return (mth_value){NULL};
  factor at = {.value = value, .rank = (size_t)type->rank};
  for (size_t i = 0; i + 2 < at.rank; ++i)
    at.axes[i] = (int64_t)i;
  at.axes[at.rank - 2] = (int64_t)tiled;
  at.axes[at.rank - 1] = (int64_t)k;
  fold_transposes(builder, &at);
  return mth_build(builder, "pack", 1, &at.value, 2,
                   (mth_arg[]){MTH_ARG_IS("axes", at.rank, at.axes), MTH_ARG_I("tile", tile)});
}

static mth_value reshape(mth_builder *builder, mth_value value, size_t rank,
                         const mth_dim *const *dims) {
  return mth_build(builder, "reshape", 1, &value, 1, (mth_arg[]){MTH_ARG_DS("shape", rank, dims)});
}

// The operand with all of the result's batch axes, stretched, as one.
static mth_value join_batch(mth_builder *builder, mth_value value, const mth_type *result) {
  const mth_type *type = mth_build_type(builder, value);
  if (!type) return (mth_value){NULL};
  const size_t batch = (size_t)result->rank - 2, rank = (size_t)type->rank;
  const mth_dim *full[mth_axes_max], *joined[3] = {mth_dim_constant(builder->dims, 1)};
  for (size_t i = 0; i < batch; ++i) {
    full[i] = result->dims[i];
    joined[0] = mth_dim_multiply(builder->dims, joined[0], result->dims[i]);
  }
  full[batch] = joined[1] = type->dims[rank - 2];
  full[batch + 1] = joined[2] = type->dims[rank - 1];
  const mth_value stretched = mth_build(builder, "broadcast_to", 1, &value, 1,
                                        (mth_arg[]){MTH_ARG_DS("shape", batch + 2, full)});
  return reshape(builder, stretched, 3, joined);
}

// matmul(x, y) = matmul_packed(pack(x), pack(y)).
static mth_status pack_matmul(mth_builder *builder, const mth_op_site *site, int64_t rows,
                              int64_t columns, mth_value *out_result) {
  mth_value x = site->operands[0], y = site->operands[1];
  const mth_type *result = mth_build_type(builder, site->results[0]);
  if (!result) return MTH_NO_MEMORY;
  const bool join = result->rank > MTH_GRID_RANK;
  if (join) {
    x = join_batch(builder, x, result);
    y = join_batch(builder, y, result);
  }
  const mth_type *left = mth_build_type(builder, x), *right = mth_build_type(builder, y);
  if (!left || !right) return builder->status;
  const size_t m = (size_t)left->rank - 2, k = (size_t)right->rank - 2;
  const mth_dim *shape[] = {left->dims[m], right->dims[k + 1]};
  const mth_value packed[] = {pack(builder, x, m, m + 1, rows),
                              pack(builder, y, k + 1, k, columns)};
  *out_result =
      mth_build(builder, "matmul_packed", 2, packed, 1, (mth_arg[]){MTH_ARG_DS("shape", 2, shape)});
  if (join) *out_result = reshape(builder, *out_result, (size_t)result->rank, result->dims);
  return builder->status;
}

// One fused multiply-add per term: operands[0] * operands[1] + operands[2].
static MlirValue multiply_add(mth_scalar *scalar, const MlirValue *operands) {
  if (mth_scalar_is_float(scalar))
    return mth_scalar_op(scalar, "math.fma", mlirValueGetType(operands[2]), 3, operands);
  const MlirValue product = mth_scalar_binary(scalar, "arith.muli", operands[0], operands[1]);
  return mth_scalar_binary(scalar, "arith.addi", operands[2], product);
}

static const mth_lowering rows[] = {
    {.name = "matmul", .kind = MTH_LOWERING_CONTRACT, .pack = pack_matmul},
    {.name = "matmul_packed", .kind = MTH_LOWERING_PACKED, .cost = 2, .scalar = multiply_add},
};
const mth_lowering_family mth_contraction_lowerings = {rows, sizeof rows / sizeof rows[0]};
