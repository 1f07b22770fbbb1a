// c_kernel.c: a kernel around one op becomes a declaration; its launches tell the C function all
// sizes, because it knows nothing of the kernel's symbols.
#include "passes/c_kernel.h"

#include "dialect/lowering.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "dialect/op_code.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

const char *mth_c_kernel_of(MlirOperation kernel) {
  const mth_op *op = mth_op_of(mlirBlockGetFirstOperation(mth_op_body(kernel)));
  return op && !mth_lowering_of(op) ? mth_code_of(op).kernel_symbol : NULL;
}

// Appends the dims of a tensor: numbers, or the next expression of its encoding.
static size_t add_dims(MlirType type, MlirAttribute *dims, size_t count) {
  const MlirAttribute encoding = mlirRankedTensorTypeGetEncoding(type);
  intptr_t symbolic = 0;
  for (intptr_t i = 0; i < mlirShapedTypeGetRank(type); ++i)
    dims[count++] = mlirShapedTypeIsDynamicDim(type, i)
                        ? mlirArrayAttrGetElement(encoding, symbolic++)
                        : mth_i64_attr(mlirTypeGetContext(type), mlirShapedTypeGetDimSize(type, i));
  return count;
}

// The launch with the operands that `op` has in the kernel.
static mth_status relaunch(MlirOperation launch, MlirOperation op, mth_arena *arena) {
  const MlirContext context = mlirOperationGetContext(launch);
  const intptr_t operand_count = mlirOperationGetNumOperands(op);
  const intptr_t result_count = mlirOperationGetNumResults(launch);
  size_t dim_count = 0;
  MlirValue *const operands = MTH_NEW_ARRAY(arena, MlirValue, (size_t)operand_count);
  MlirType *const types = MTH_NEW_ARRAY(arena, MlirType, (size_t)(operand_count + result_count));
  if (!operands || !types) return MTH_NO_MEMORY;
  for (intptr_t i = 0; i < operand_count; ++i) {
    const MlirValue argument = mlirOperationGetOperand(op, i); // of the kernel: it holds no more
    operands[i] = mlirOperationGetOperand(launch, mlirBlockArgumentGetArgNumber(argument));
    types[i] = mlirValueGetType(operands[i]);
  }
  for (intptr_t i = 0; i < result_count; ++i)
    types[operand_count + i] = mlirValueGetType(mlirOperationGetResult(launch, i));
  for (intptr_t i = 0; i < operand_count + result_count; ++i)
    dim_count += (size_t)mlirShapedTypeGetRank(types[i]);
  MlirAttribute *const dims = MTH_NEW_ARRAY(arena, MlirAttribute, dim_count);
  if (!dims) return MTH_NO_MEMORY;
  size_t filled = 0;
  for (intptr_t i = 0; i < operand_count + result_count; ++i)
    filled = add_dims(types[i], dims, filled);

  const MlirNamedAttribute attributes[] = {
      mth_named(context, "kernel", mth_op_attribute(launch, "kernel")),
      mth_named(context, "dims", mlirArrayAttrGet(context, (intptr_t)dim_count, dims))};
  const MlirOperation made = mth_make_op(&(mth_op_spec){.name = "mithril.launch",
                                                        .loc = mlirOperationGetLocation(launch),
                                                        .operand_count = operand_count,
                                                        .operands = operands,
                                                        .result_count = result_count,
                                                        .results = types + operand_count,
                                                        .attribute_count = 2,
                                                        .attributes = attributes});
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(launch), launch, made);
  for (intptr_t i = 0; i < result_count; ++i)
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(launch, i),
                                  mlirOperationGetResult(made, i));
  mlirOperationDestroy(launch);
  return MTH_OK;
}

static mth_status relaunch_in(MlirOperation entry, MlirOperation kernel, mth_arena *arena) {
  const MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(kernel));
  const MlirAttribute symbol =
      mlirFlatSymbolRefAttrGet(mlirOperationGetContext(kernel), mth_op_symbol(kernel));
  MlirOperation next;
  for (MlirOperation at = mlirBlockGetFirstOperation(mth_op_body(entry)); !mlirOperationIsNull(at);
       at = next) {
    next = mlirOperationGetNextInBlock(at);
    if (mth_op_is_named(at, "mithril.launch") &&
        mlirAttributeEqual(mth_op_attribute(at, "kernel"), symbol))
      MTH_TRY(relaunch(at, op, arena));
  }
  return MTH_OK;
}

mth_status mth_c_kernel_declare(MlirOperation module, MlirOperation kernel, mth_arena *arena) {
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module)); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.entry")) MTH_TRY(relaunch_in(op, kernel, arena));

  const MlirContext context = mlirOperationGetContext(kernel);
  const int64_t block = 1;
  const MlirAttribute one = mth_i64_attr(context, 1);
  const MlirNamedAttribute attributes[] = {
      mth_named(context, "sym_name", mth_op_attribute(kernel, "sym_name")),
      mth_named(context, "sym_visibility", mth_text_attr(context, "private")),
      mth_named(context, "function_type",
                mlirTypeAttrGet(mlirFunctionTypeGet(context, 0, NULL, 0, NULL))),
      mth_named(context, "mithril.kernel", mlirUnitAttrGet(context)),
      mth_named(context, "mithril.c_kernel", mth_text_attr(context, mth_c_kernel_of(kernel))),
      // One tile, so on the caller's thread.
      mth_named(context, "mithril.grid", mlirArrayAttrGet(context, 1, &one)),
      mth_named(context, "mithril.block", mlirDenseI64ArrayGet(context, 1, &block)),
      mth_named(context, "mithril.work", one)};
  const MlirRegion body = mlirRegionCreate();
  const MlirOperation function = mth_make_op(&(mth_op_spec){.name = "func.func",
                                                            .loc = mlirOperationGetLocation(kernel),
                                                            .attribute_count = 8,
                                                            .attributes = attributes,
                                                            .region_count = 1,
                                                            .regions = &body});
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(kernel), kernel, function);
  mlirOperationDestroy(kernel);
  return MTH_OK;
}
