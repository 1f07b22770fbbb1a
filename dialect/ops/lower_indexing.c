// lower_indexing.c: reads and writes at indices that are data. A negative index counts from the
// end; what is still outside is clamped, so no index is undefined.
#include "dialect/scalar.h"

#include "mlir-c/BuiltinTypes.h"

// Indices are the result's leading axes.
static bool access_indices(mth_dim_table *dims, const mth_core_op *op, size_t operand,
                           const mth_index *result, mth_index *out) {
  (void)dims;
  for (int32_t i = 0; i < op->operands[operand].rank; ++i)
    out[i] = result[i];
  return true;
}

static MlirValue gather(mth_scalar *scalar, const MlirValue *operands) {
  const mth_type *types = scalar->op->operands;
  const MlirType index_type = mlirIndexTypeGet(scalar->context);
  const MlirValue wide = mth_scalar_convert(scalar, operands[1], types[1].dtype, MTH_I64);
  const MlirValue row = mth_scalar_op(scalar, "arith.index_cast", index_type, 1, &wide);
  const MlirValue zero = mth_scalar_integer(scalar, index_type, 0);
  const MlirValue rows = scalar->extent(scalar, 0, 0);
  const MlirValue from_end = mth_scalar_binary(scalar, "arith.addi", row, rows);
  const MlirValue negative = mth_scalar_compare(scalar, MTH_LESS, row, zero);
  const MlirValue last =
      mth_scalar_binary(scalar, "arith.subi", rows, mth_scalar_integer(scalar, index_type, 1));
  MlirValue indices[mth_axes_max];
  indices[0] = mth_scalar_select(scalar, negative, from_end, row);
  indices[0] = mth_scalar_binary(scalar, "arith.minsi", indices[0], last);
  indices[0] = mth_scalar_binary(scalar, "arith.maxsi", indices[0], zero);
  for (int32_t i = 1; i < types[0].rank; ++i)
    indices[i] = scalar->index(scalar, (size_t)(types[1].rank + i - 1));
  return scalar->read(scalar, 0, indices);
}

static MlirValue add(mth_scalar *scalar, const MlirValue *operands) {
  return mth_scalar_arith(scalar, "arith.addf", "arith.addi", operands[1], operands[0]);
}

static MlirValue zero(mth_scalar *scalar) { return mth_scalar_result_number(scalar, 0); }

static const mth_lowering rows[] = {
    {.name = "gather",
     .kind = MTH_LOWERING_MAP,
     .cost = 4,
     .indexed = true,
     .random_access = 1,
     .scalar = gather,
     .access = access_indices},
    {.name = "scatter_add",
     .kind = MTH_LOWERING_SCATTER,
     .cost = 2,
     .scalar = add,
     .identity = zero},
};
const mth_lowering_family mth_indexing_lowerings = {rows, sizeof rows / sizeof rows[0]};
