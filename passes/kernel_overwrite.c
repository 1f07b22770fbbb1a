// kernel_overwrite.c: proving that a kernel may write a result over an operand.
//
// In form 5 the first loops of every linalg.generic are the kernel's grid, with the same extents.
// So an access map that is the identity on the leading loops touches, in each grid point, elements
// of that grid point alone. If every read of the operand and the write of the result have such a
// map and the same type, then no grid point reads what another one writes; within a grid point, ops
// run in their order, and one op reads an element before it writes it.
#include "passes/kernel_overwrite.h"

#include "dialect/match.h"

#include "mlir-c/AffineMap.h"
#include "mlir-c/BuiltinAttributes.h"

static MlirAffineMap access_map(MlirOperation generic, intptr_t operand) {
  return mlirAffineMapAttrGetValue(
      mlirArrayAttrGetElement(mth_op_attribute(generic, "indexing_maps"), operand));
}

// (d0, ..., dn) -> (d0, ..., dr).
static bool is_leading_identity(MlirAffineMap map) {
  for (intptr_t i = 0; i < mlirAffineMapGetNumResults(map); ++i) {
    const MlirAffineExpr index = mlirAffineMapGetResult(map, i);
    if (!mlirAffineExprIsADim(index) || mlirAffineDimExprGetPosition(index) != i) return false;
  }
  return true;
}

static intptr_t input_count(MlirOperation generic) {
  return mlirOperationGetNumOperands(generic) - mlirOperationGetNumResults(generic);
}

// A read of the operand by `user` as its input number `index`, before or in the op `writer`.
static bool read_is_safe(MlirOperation user, intptr_t index, MlirOperation writer, MlirBlock body) {
  if (!mth_op_is_named(user, "linalg.generic") ||
      !mlirBlockEqual(mlirOperationGetBlock(user), body) || index >= input_count(user) ||
      !is_leading_identity(access_map(user, index)))
    return false;
  if (mlirOperationEqual(user, writer)) {
    // A reduction may write a partial result before its last read.
    const MlirAffineMap map = access_map(user, index);
    return mlirAffineMapGetNumDims(map) == mlirAffineMapGetNumResults(map);
  }
  return mlirOperationIsBeforeInBlock(user, writer);
}

bool mth_kernel_may_overwrite(MlirOperation kernel, intptr_t operand, intptr_t result) {
  if (!mth_op_is_named(kernel, "func.func")) return false;
  const MlirBlock body = mth_op_body(kernel);
  if (mlirBlockIsNull(body)) return false;
  const MlirValue read = mlirBlockGetArgument(body, operand);
  const MlirValue written = mlirOperationGetOperand(mlirBlockGetTerminator(body), result);
  if (!mlirTypeEqual(mlirValueGetType(read), mlirValueGetType(written))) return false;

  const MlirOperation writer = mth_defining_op(written);
  if (!mth_op_is_named(writer, "linalg.generic")) return false;
  const intptr_t output = input_count(writer) + mlirOpResultGetResultNumber(written);
  if (!is_leading_identity(access_map(writer, output))) return false;
  // What the writer starts from lies in the same bytes, and was written before the writer reads.
  if (!mth_op_is_named(mth_defining_op(mlirOperationGetOperand(writer, output)), "tensor.empty"))
    return false;

  for (MlirOpOperand use = mlirValueGetFirstUse(read); !mlirOpOperandIsNull(use);
       use = mlirOpOperandGetNextUse(use))
    if (!read_is_safe(mlirOpOperandGetOwner(use), (intptr_t)mlirOpOperandGetOperandNumber(use),
                      writer, body))
      return false;
  return true;
}
