// verify_source: refuses what is no source program.
//
// Why     What a person or a writer gives may be any MLIR; the passes after this one rely on models
//         and entries made of ops of the dialect (docs/ir-forms.md, form 1).
// Needs   nothing beyond verified IR.
// Keeps   everything.
// Not     the meaning of ops, types and ports: the dialect's verifier has seen to them.
// Test    test/passes/verify_source.mlir
#include "dialect/fail.h"
#include "dialect/match.h"
#include "dialect/site.h"
#include "passes/passes.h"

static bool is_one_of(MlirOperation op, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (mth_op_is_named(op, names[i])) return true;
  return false;
}

static mth_status refuse(MlirOperation op, const char *place, const char *wanted) {
  const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(op), "%s holds %s, found '%.*s'", place,
                     wanted, (int)name.length, name.data);
}

static mth_status check_body(MlirOperation function) {
  static const char *const structural[] = {"mithril.instance", "mithril.gradient",
                                           "mithril.constant", "mithril.return"};
  const size_t count = sizeof structural / sizeof *structural;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(function));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (!is_one_of(op, structural, count) && !mth_op_of(op))
      return refuse(op, "a model or an entry", "ops of the registry, instances and gradients");
  return MTH_OK;
}

mth_status mth_pass_verify_source(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  static const char *const functions[] = {"mithril.model", "mithril.entry"};
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module)); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!is_one_of(op, functions, 2)) return refuse(op, "a program", "models and entries");
    MTH_TRY(check_body(op));
  }
  return MTH_OK;
}
