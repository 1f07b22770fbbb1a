// kernel_function.c: tensors and extents of a kernel's function.
#include "passes/kernel_function.h"

#include "dialect/make.h"
#include "dialect/scalar.h"
#include "dialect/type.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

MlirType mth_storage_type(MlirContext context, mth_dtype dtype) {
  return dtype == MTH_BOOL ? mlirIntegerTypeGet(context, 8) : mth_dtype_to_ir(context, dtype);
}

static MlirValue index_op(mth_kernel_function *function, const char *name, MlirValue a,
                          MlirValue b) {
  const MlirType type = mlirIndexTypeGet(function->context);
  return mlirOperationGetResult(
      mth_append_op(function->block, &(mth_op_spec){.name = name,
                                                    .loc = function->loc,
                                                    .operand_count = 2,
                                                    .operands = (MlirValue[]){a, b},
                                                    .result_count = 1,
                                                    .results = &type}),
      0);
}

MlirValue mth_index_constant_op(MlirBlock block, MlirLocation loc, int64_t value) {
  mth_scalar at = {.context = mlirLocationGetContext(loc), .block = block, .loc = loc};
  return mth_scalar_integer(&at, mlirIndexTypeGet(at.context), value);
}

// Kernels name their symbols d0, d1, ...
static size_t symbol_number(const mth_dim *dim) {
  size_t number = 0;
  for (const char *digit = mth_dim_name(dim) + 1; *digit; ++digit)
    number = number * 10 + (size_t)(*digit - '0');
  return number;
}

MlirValue mth_kernel_dim(mth_kernel_function *function, const mth_dim *dim) {
  const mth_dim_kind kind = mth_dim_get_kind(dim);
  if (kind == MTH_DIM_CONSTANT)
    return mth_index_constant_op(function->block, function->loc, mth_dim_value(dim));
  if (kind == MTH_DIM_SYMBOL)
    return mlirBlockGetArgument(function->block,
                                (intptr_t)(function->first_symbol + symbol_number(dim)));
  static const char *const ops[] = {[MTH_DIM_ADD] = "arith.addi",
                                    [MTH_DIM_MULTIPLY] = "arith.muli",
                                    [MTH_DIM_FLOORDIV] = "arith.floordivsi",
                                    [MTH_DIM_MOD] = "arith.remsi",
                                    [MTH_DIM_MIN] = "arith.minsi",
                                    [MTH_DIM_MAX] = "arith.maxsi"};
  MlirValue value = mth_kernel_dim(function, mth_dim_operand(dim, 0));
  for (size_t i = 1; i < mth_dim_operand_count(dim); ++i)
    value = index_op(function, ops[kind], value, mth_kernel_dim(function, mth_dim_operand(dim, i)));
  return value;
}

static MlirType tensor_type(mth_kernel_function *function, MlirType element, size_t rank,
                            const mth_dim *const *dims) {
  (void)function;
  int64_t shape[mth_axes_max];
  for (size_t i = 0; i < rank; ++i)
    if (!mth_dim_is_constant(dims[i], &shape[i])) shape[i] = mlirShapedTypeGetDynamicSize();
  return mlirRankedTensorTypeGet((intptr_t)rank, shape, element, mlirAttributeGetNull());
}

MlirValue mth_kernel_empty(mth_kernel_function *function, MlirType element, size_t rank,
                           const mth_dim *const *dims) {
  MlirValue sizes[mth_axes_max];
  intptr_t count = 0;
  for (size_t i = 0; i < rank; ++i)
    if (!mth_dim_is_constant(dims[i], NULL)) sizes[count++] = mth_kernel_dim(function, dims[i]);
  const MlirType type = tensor_type(function, element, rank, dims);
  return mlirOperationGetResult(
      mth_append_op(function->block, &(mth_op_spec){.name = "tensor.empty",
                                                    .loc = function->loc,
                                                    .operand_count = count,
                                                    .operands = sizes,
                                                    .result_count = 1,
                                                    .results = &type}),
      0);
}

MlirValue mth_kernel_slice(mth_kernel_function *function, MlirValue tensor, size_t rank,
                           const mth_slice_dim *slice) {
  MlirValue operands[1 + 2 * mth_axes_max] = {tensor};
  int64_t numbers[3][mth_axes_max];
  const mth_dim *sizes[mth_axes_max];
  int32_t dynamic[2] = {0, 0};
  intptr_t count = 1;
  // MLIR refuses a number as offset that is not inside the tensor, also where nothing is read.
  bool is_empty = false;
  for (size_t i = 0; i < rank; ++i) {
    int64_t size;
    if (mth_dim_is_constant(slice[i].size, &size) && size == 0) is_empty = true;
  }
  for (int part = 0; part < 2; ++part)
    for (size_t i = 0; i < rank; ++i) {
      const mth_dim *dim = part == 0 ? slice[i].offset : slice[i].size;
      sizes[i] = slice[i].size;
      numbers[2][i] = slice[i].stride;
      const bool is_number = mth_dim_is_constant(dim, &numbers[part][i]);
      if (is_number && (part == 1 || !is_empty)) continue;
      numbers[part][i] = mlirShapedTypeGetDynamicSize();
      operands[count++] = mth_kernel_dim(function, dim);
      ++dynamic[part];
    }
  const MlirContext context = function->context;
  const MlirType element = mlirShapedTypeGetElementType(mlirValueGetType(tensor));
  const MlirType type = tensor_type(function, element, rank, sizes);
  const int32_t segments[] = {1, dynamic[0], dynamic[1], 0};
  const intptr_t n = (intptr_t)rank;
  const MlirNamedAttribute attributes[] = {
      mth_named(context, "operandSegmentSizes", mlirDenseI32ArrayGet(context, 4, segments)),
      mth_named(context, "static_offsets", mlirDenseI64ArrayGet(context, n, numbers[0])),
      mth_named(context, "static_sizes", mlirDenseI64ArrayGet(context, n, numbers[1])),
      mth_named(context, "static_strides", mlirDenseI64ArrayGet(context, n, numbers[2]))};
  return mlirOperationGetResult(
      mth_append_op(function->block, &(mth_op_spec){.name = "tensor.extract_slice",
                                                    .loc = function->loc,
                                                    .operand_count = count,
                                                    .operands = operands,
                                                    .result_count = 1,
                                                    .results = &type,
                                                    .attribute_count = 4,
                                                    .attributes = attributes}),
      0);
}
