// verify_kernels: refuses an entry or a kernel that is not of form 4
//
// Why     Everything after form-kernels compiles kernels one by one and trusts that nothing is left
//         between them: no op that computes in an entry, no copy that hides in one.
// Needs   nothing beyond verified IR.
// Keeps   everything.
// Not     whether a kernel computes what its ops did before; tests on numbers do that.
// Test    test/passes/verify_kernels.mlir
#include "dialect/fail.h"
#include "dialect/lowering.h"
#include "dialect/match.h"
#include "dialect/op_code.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

static mth_status refuse(MlirOperation op, const char *holder, const char *wanted) {
  const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(op), "%s holds %s, found %.*s", holder,
                     wanted, (int)name.length, name.data);
}

static const mth_lowering *lowering_of(MlirOperation op) {
  const mth_op *known = mth_op_of(op);
  return known ? mth_lowering_of(known) : NULL;
}

static bool is_splat(MlirOperation constant) {
  const MlirAttribute value = mth_op_attribute(constant, "value");
  return mlirAttributeIsADenseElements(value) && mlirDenseElementsAttrIsSplat(value);
}

// What an op reads at indices of its own was made before the kernel began, by all grid points.
static mth_status check_reads(MlirOperation op, const mth_lowering *lowering) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    const MlirOperation made = mth_defining_op(mlirOperationGetOperand(op, i));
    if (!mth_lowering_reads_itself(lowering, (size_t)i) || mlirOperationIsNull(made)) continue;
    const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(made));
    return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(op),
                       "operand %td wants an argument of the kernel, found %.*s", i,
                       (int)name.length, name.data);
  }
  return MTH_OK;
}

static mth_status check_kernel_op(MlirOperation op) {
  if (mth_op_is_named(op, "mithril.return")) return MTH_OK;
  if (mth_op_is_named(op, "mithril.constant") && is_splat(op)) return MTH_OK;
  const mth_lowering *lowering = lowering_of(op);
  if (lowering && lowering->kind != MTH_LOWERING_CONTRACT) return check_reads(op, lowering);
  return refuse(op, "a kernel", "core ops and splat constants");
}

static bool is_c_kernel(MlirOperation op) {
  const mth_op *known = mth_op_of(op);
  return known && !mth_lowering_of(known) && mth_code_of(known).kernel_symbol;
}

static mth_status check_kernel(MlirOperation kernel) {
  const MlirOperation first = mlirBlockGetFirstOperation(mth_op_body(kernel));
  if (is_c_kernel(first)) {
    const MlirOperation next = mlirOperationGetNextInBlock(first);
    return mth_op_is_named(next, "mithril.return")
               ? MTH_OK
               : refuse(next, "a kernel around a C kernel", "nothing else");
  }
  for (MlirOperation op = first; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    MTH_TRY(check_kernel_op(op));
  return MTH_OK;
}

static intptr_t count_of(MlirAttribute array) {
  return mlirAttributeIsNull(array) ? 0 : mlirArrayAttrGetNumElements(array);
}

// Element types and ranks agree; dims are each side's own symbols.
static bool agrees(MlirType a, MlirType b) {
  return mlirTypeEqual(mlirShapedTypeGetElementType(a), mlirShapedTypeGetElementType(b)) &&
         mlirShapedTypeGetRank(a) == mlirShapedTypeGetRank(b);
}

static mth_status check_launch(MlirOperation module, MlirOperation launch) {
  const MlirLocation loc = mlirOperationGetLocation(launch);
  const MlirStringRef name = mlirFlatSymbolRefAttrGetValue(mth_op_attribute(launch, "kernel"));
  const MlirOperation kernel = mth_find_symbol(module, name);
  if (!mth_op_is_named(kernel, "mithril.kernel"))
    return mth_fail_ir(MTH_INTERNAL, loc, "there is no kernel '%.*s'", (int)name.length, name.data);
  const MlirType type = mlirTypeAttrGetValue(mth_op_attribute(kernel, "function_type"));
  const intptr_t inputs = mlirFunctionTypeGetNumInputs(type);
  const intptr_t outputs = mlirFunctionTypeGetNumResults(type);
  bool fits = inputs == mlirOperationGetNumOperands(launch) &&
              outputs == mlirOperationGetNumResults(launch);
  for (intptr_t i = 0; fits && i < inputs; ++i)
    fits = agrees(mlirFunctionTypeGetInput(type, i),
                  mlirValueGetType(mlirOperationGetOperand(launch, i)));
  for (intptr_t i = 0; fits && i < outputs; ++i)
    fits = agrees(mlirFunctionTypeGetResult(type, i),
                  mlirValueGetType(mlirOperationGetResult(launch, i)));
  if (!fits)
    return mth_fail_ir(MTH_INTERNAL, loc, "the launch does not fit the signature of '%.*s'",
                       (int)name.length, name.data);
  const intptr_t wanted = count_of(mth_op_attribute(kernel, "symbols"));
  const intptr_t found = count_of(mth_op_attribute(launch, "dims"));
  if (wanted == found) return MTH_OK;
  return mth_fail_ir(MTH_INTERNAL, loc, "kernel '%.*s' has %td symbols, the launch gives %td",
                     (int)name.length, name.data, wanted, found);
}

static mth_status check_entry(MlirOperation module, MlirOperation entry) {
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(entry)); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (mth_op_is_named(op, "mithril.return") || mth_op_is_named(op, "mithril.constant")) continue;
    if (mth_op_is_named(op, "mithril.launch")) {
      MTH_TRY(check_launch(module, op));
      continue;
    }
    const mth_lowering *lowering = lowering_of(op);
    const bool is_alias = lowering && lowering->kind == MTH_LOWERING_RESHAPE;
    if (!is_alias) return refuse(op, "an entry", "launches, constants and reshapes");
  }
  return MTH_OK;
}

mth_status mth_pass_verify_kernels(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module)); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (mth_op_is_named(op, "mithril.kernel")) MTH_TRY(check_kernel(op));
    if (mth_op_is_named(op, "mithril.entry")) MTH_TRY(check_entry(module, op));
  }
  return MTH_OK;
}
