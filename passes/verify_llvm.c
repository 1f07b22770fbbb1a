// verify_llvm: refuses kernels that are not functions of the LLVM dialect with their signature
//
// Why     The host function calls every kernel through one type; and a kernel may call nothing that
//         an object would leave undefined.
// Needs   nothing beyond verified IR.
// Keeps   everything.
// Not     the entries of the module.
// Test    test/passes/verify_llvm.mlir
#include "dialect/fail.h"
#include "dialect/match.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"
#include "mlir-c/Dialect/LLVM.h"

enum { KERNEL_ARGUMENTS = 4 };

typedef struct check {
  MlirOperation module;
  mth_status status;
} check;

static MlirWalkResult check_op(MlirOperation op, void *user) {
  check *const c = user;
  const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  if (!mth_str_begins(name, "llvm.")) {
    c->status =
        mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(op),
                    "a kernel is of the LLVM dialect, found %.*s", (int)name.length, name.data);
    return MlirWalkResultInterrupt;
  }
  const MlirAttribute callee = mth_op_attribute(op, "callee");
  const bool is_direct_call = !mlirAttributeIsNull(callee) && mlirAttributeIsAFlatSymbolRef(callee);
  if (!is_direct_call) return MlirWalkResultAdvance;
  const MlirStringRef symbol = mlirFlatSymbolRefAttrGetValue(callee);
  const MlirOperation function = mth_find_symbol(c->module, symbol);
  if (!mlirOperationIsNull(function) && !mlirBlockIsNull(mth_op_body(function)))
    return MlirWalkResultAdvance;
  c->status = mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(op),
                          "a kernel calls '%.*s', which the module does not hold",
                          (int)symbol.length, symbol.data);
  return MlirWalkResultInterrupt;
}

static mth_status check_kernel(MlirOperation module, MlirOperation function) {
  if (!mth_op_is_named(function, "llvm.func"))
    return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(function),
                       "a kernel is not a function of the LLVM dialect");
  const MlirBlock entry = mth_op_body(function);
  if (mlirBlockIsNull(entry)) return MTH_OK; // a C kernel
  bool is_right = mlirBlockGetNumArguments(entry) == KERNEL_ARGUMENTS;
  for (intptr_t i = 0; is_right && i < KERNEL_ARGUMENTS; ++i)
    is_right = mlirTypeIsALLVMPointerType(mlirValueGetType(mlirBlockGetArgument(entry, i)));
  if (!is_right)
    return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(function),
                       "a kernel takes %d pointers: buffers, dims, tile, scratch",
                       KERNEL_ARGUMENTS);
  check c = {.module = module, .status = MTH_OK};
  mlirOperationWalk(function, check_op, &c, MlirWalkPreOrder);
  return c.status;
}

mth_status mth_pass_verify_llvm(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module)); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    if (!mlirAttributeIsNull(mth_op_attribute(op, "mithril.kernel")))
      MTH_TRY(check_kernel(module, op));
  return MTH_OK;
}
