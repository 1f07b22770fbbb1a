// verify_loops: refuses a kernel that is not of form 8
//
// Why     What upstream's conversions do not know they leave, and LLVM's verifier then speaks of
//         casts that nobody wrote; an allocation or a copy in a kernel would not be seen at all.
// Needs   nothing beyond verified IR.
// Keeps   everything.
// Not     functions that are no kernels, and whether the loops are right: test/numerics says that.
// Test    test/passes/verify_loops.mlir
#include "dialect/fail.h"
#include "dialect/match.h"
#include "passes/loops/extent.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinTypes.h"

static bool is_expandable(MlirOperation op) {
  static const char *const functions[] = {
#define MTH_FUNCTION(function, name) name,
#include "passes/math/functions.def"
#undef MTH_FUNCTION
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; ++i)
    if (mth_op_is_named(op, functions[i])) return true;
  return false;
}

static bool is_allowed(MlirOperation op) {
  static const char *const ops[] = {"memref.load", "memref.store", "memref.view", "memref.cast",
                                    "func.func",   "func.call",    "func.return"};
  static const char *const dialects[] = {"arith.", "scf.", "vector.", "math."};
  for (size_t i = 0; i < sizeof ops / sizeof *ops; ++i)
    if (mth_op_is_named(op, ops[i])) return true;
  const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  for (size_t i = 0; i < sizeof dialects / sizeof *dialects; ++i)
    if (mth_str_begins(name, dialects[i])) return !is_expandable(op);
  return false;
}

static MlirWalkResult check_op(MlirOperation op, void *status) {
  if (is_allowed(op)) return MlirWalkResultAdvance;
  const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  *(mth_status *)status =
      mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(op),
                  "a kernel is loops over vectors, found %.*s", (int)name.length, name.data);
  return MlirWalkResultInterrupt;
}

static mth_status check(MlirOperation function, void *user) {
  (void)user;
  mth_status status = MTH_OK;
  mlirOperationWalk(function, check_op, &status, MlirWalkPreOrder);
  MTH_TRY(status);
  const MlirBlock entry = mth_op_body(function);
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(entry); ++i) {
    const MlirType type = mlirValueGetType(mlirBlockGetArgument(entry, i));
    const bool is_flat = mlirTypeIsAMemRef(type) && mlirShapedTypeGetRank(type) == 1 &&
                         mlirShapedTypeIsDynamicDim(type, 0);
    if (!is_flat && !mlirTypeIsAIndex(type))
      return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(function),
                         "argument %d is neither elements in a row nor an index", (int)i);
  }
  return MTH_OK;
}

mth_status mth_pass_verify_loops(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  return mth_visit_kernels(module, check, NULL);
}
