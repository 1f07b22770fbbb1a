// verify_core: refuses gradients, models and ops that are not core.
//
// Why     Makes the promise of differentiate and decompose executable (docs/ir-forms.md, form 3).
// Needs   nothing beyond verified IR.
// Keeps   everything.
// Not     types: verify-flat has seen to them.
// Test    test/passes/verify_core.mlir
#include "dialect/fail.h"
#include "dialect/lowering.h"
#include "dialect/match.h"
#include "dialect/site.h"
#include "passes/passes.h"

static mth_status check(MlirOperation op) {
  const MlirLocation loc = mlirOperationGetLocation(op);
  if (mth_op_is_named(op, "mithril.model"))
    return mth_fail_ir(MTH_INTERNAL, loc, "a model is left");
  if (mth_op_is_named(op, "mithril.gradient"))
    return mth_fail_ir(MTH_INTERNAL, loc, "a gradient is left");
  if (mth_op_is_named(op, "mithril.instance"))
    return mth_fail_ir(MTH_INTERNAL, loc, "an instance is left");
  const mth_op *known = mth_op_of(op);
  if (!known || mth_op_is_core(known)) return MTH_OK;
  return mth_fail_ir(MTH_INTERNAL, loc, "'%s' is no core op", known->name);
}

static MlirWalkResult visit(MlirOperation op, void *user) {
  mth_status *status = user;
  *status = check(op);
  return *status == MTH_OK ? MlirWalkResultAdvance : MlirWalkResultInterrupt;
}

mth_status mth_pass_verify_core(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  mth_status status = MTH_OK;
  mlirOperationWalk(module, visit, &status, MlirWalkPreOrder);
  return status;
}
