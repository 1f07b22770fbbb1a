// lower_view.c: where the elements of views come from. Pad, concat and pack are views with zeros
// outside of their operands.
#include "dialect/scalar.h"

static bool transpose(mth_dim_table *dims, const mth_core_op *op, size_t operand,
                      const mth_index *result, mth_index *out) {
  (void)dims, (void)operand;
  const mth_arg *axes = mth_site_arg(op->site, "axes");
  const int32_t rank = op->results[0].rank;
  for (int32_t i = 0; i < rank; ++i) {
    const int64_t axis = axes->kind == MTH_ARG_INTS ? axes->ints[i] : rank - 1 - i;
    out[axis < 0 ? axis + rank : axis] = result[i];
  }
  return true;
}

static bool slice(mth_dim_table *dims, const mth_core_op *op, size_t operand,
                  const mth_index *result, mth_index *out) {
  (void)operand;
  const mth_arg *start = mth_site_arg(op->site, "start"), *step = mth_site_arg(op->site, "step");
  for (int32_t i = 0; i < op->results[0].rank; ++i)
    if (!mth_index_combine(dims, start->dims[i], step->kind == MTH_ARG_INTS ? step->ints[i] : 1,
                           &result[i], NULL, &out[i]))
      return false;
  return true;
}

static bool pad(mth_dim_table *dims, const mth_core_op *op, size_t operand, const mth_index *result,
                mth_index *out) {
  (void)operand;
  const mth_arg *low = mth_site_arg(op->site, "low");
  for (int32_t i = 0; i < op->results[0].rank; ++i) {
    const mth_dim *before = mth_dim_subtract(dims, mth_dim_constant(dims, 0), low->dims[i]);
    if (!mth_index_combine(dims, before, 1, &result[i], NULL, &out[i])) return false;
  }
  return true;
}

static bool is_one(const mth_dim *dim) {
  int64_t extent;
  return mth_dim_is_constant(dim, &extent) && extent == 1;
}

static mth_index at_zero(mth_dim_table *dims) {
  return mth_index_constant(mth_dim_constant(dims, 0));
}

// An index map if each axis of the operand is one axis of the result, or several: [h*d] read as
// [h, d] lies at index h*|d| + d. Axes of extent 1 come and go.
static bool reshape(mth_dim_table *dims, const mth_core_op *op, size_t operand,
                    const mth_index *result, mth_index *out) {
  (void)operand;
  enum { most_parts = 3 }; // and one more loop for whoever reads: mth_index_terms in all
  const mth_type *from = &op->operands[0], *to = &op->results[0];
  int32_t j = 0;
  for (int32_t i = 0; i < from->rank; ++i) {
    out[i] = at_zero(dims);
    const mth_dim *covered = mth_dim_constant(dims, 1);
    int parts = 0;
    while (covered != from->dims[i]) {
      if (j == to->rank) return false;
      int64_t extent;
      const bool known = mth_dim_is_constant(to->dims[j], &extent);
      if (known && extent == 1) {
        ++j;
        continue;
      }
      if (!known && !is_one(covered)) return false; // its stride would be no number
      if (++parts > most_parts) return false;
      if (!mth_index_combine(dims, NULL, known ? extent : 1, &out[i], &result[j], &out[i]))
        return false;
      covered = mth_dim_multiply(dims, covered, to->dims[j++]);
      if (!covered) return false;
    }
  }
  while (j < to->rank && is_one(to->dims[j]))
    ++j;
  return j == to->rank;
}

static size_t concat_axis(const mth_core_op *op) {
  const int64_t axis = mth_site_arg(op->site, "axis")->i;
  return (size_t)(axis < 0 ? axis + op->results[0].rank : axis);
}

static bool concat(mth_dim_table *dims, const mth_core_op *op, size_t operand,
                   const mth_index *result, mth_index *out) {
  const size_t axis = concat_axis(op);
  const mth_dim *before = mth_dim_constant(dims, 0);
  for (size_t k = 0; k < operand; ++k)
    before = mth_dim_subtract(dims, before, op->operands[k].dims[axis]);
  for (int32_t i = 0; i < op->results[0].rank; ++i)
    if (!mth_index_combine(dims, (size_t)i == axis ? before : NULL, 1, &result[i], NULL, &out[i]))
      return false;
  return true;
}

// The first operand whose end lies beyond the index: each operand stands from the end of those
// before it.
static MlirValue pick_piece(mth_scalar *scalar, const MlirValue *operands) {
  const size_t axis = concat_axis(scalar->op), count = scalar->op->site->operand_count;
  const MlirValue index = scalar->index(scalar, axis);
  MlirValue result = mth_scalar_operand(scalar, operands, 0), end = {NULL};
  for (size_t i = 1; i < count; ++i) {
    const MlirValue extent = scalar->extent(scalar, (int)i - 1, axis);
    end = i > 1 ? mth_scalar_binary(scalar, "arith.addi", end, extent) : extent;
    const MlirValue is_before = mth_scalar_compare(scalar, MTH_LESS, index, end);
    result = mth_scalar_select(scalar, is_before, result, mth_scalar_operand(scalar, operands, i));
  }
  return result;
}

// result[batch..., panel, k, lane] = operand[batch..., panel*tile + lane, k], axes as `axes` says.
static bool pack(mth_dim_table *dims, const mth_core_op *op, size_t operand,
                 const mth_index *result, mth_index *out) {
  (void)operand;
  const mth_arg *axes = mth_site_arg(op->site, "axes");
  const int64_t tile = mth_site_arg(op->site, "tile")->i;
  const size_t batch = axes->count - 2;
  for (size_t i = 0; i < batch; ++i)
    out[axes->ints[i]] = result[i];
  out[axes->ints[batch + 1]] = result[batch + 1];
  return mth_index_combine(dims, NULL, tile, &result[batch], &result[batch + 2],
                           &out[axes->ints[batch]]);
}

static MlirValue iota(mth_scalar *scalar, const MlirValue *operands) {
  (void)operands;
  const int64_t axis = mth_site_arg(scalar->op->site, "axis")->i;
  const int32_t rank = scalar->op->results[0].rank;
  const MlirValue index = scalar->index(scalar, (size_t)(axis < 0 ? axis + rank : axis));
  const MlirType i64 = mth_scalar_type(scalar->context, MTH_I64);
  const MlirValue wide = mth_scalar_op(scalar, "arith.index_cast", i64, 1, &index);
  return mth_scalar_convert(scalar, wide, MTH_I64, scalar->dtype);
}

static const mth_lowering rows[] = {
    {.name = "reshape", .kind = MTH_LOWERING_RESHAPE, .access = reshape},
    {.name = "transpose", .kind = MTH_LOWERING_VIEW, .access = transpose},
    {.name = "slice", .kind = MTH_LOWERING_VIEW, .access = slice},
    {.name = "broadcast_to", .kind = MTH_LOWERING_VIEW},
    {.name = "pad", .kind = MTH_LOWERING_VIEW, .cost = 2, .masked = true, .access = pad},
    {.name = "pack", .kind = MTH_LOWERING_VIEW, .cost = 2, .masked = true, .access = pack},
    {.name = "concat",
     .kind = MTH_LOWERING_MAP,
     .cost = 4,
     .indexed = true,
     .masked = true,
     .scalar = pick_piece,
     .access = concat},
    {.name = "iota", .kind = MTH_LOWERING_MAP, .cost = 1, .indexed = true, .scalar = iota},
};
const mth_lowering_family mth_view_lowerings = {rows, sizeof rows / sizeof rows[0]};
