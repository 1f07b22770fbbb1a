// drop_models: models that no gradient refers to go away.
//
// Why     Once instances are flat, a model is compiled only through a gradient.
// Needs   no instances.
// Keeps   entries, and models that an entry reaches through gradients.
// Not     anything else.
// Test    test/passes/drop_models.mlir
#include "dialect/match.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinAttributes.h"

typedef struct search {
  MlirOperation model; // asked for
  bool found;
} search;

static MlirWalkResult visit(MlirOperation op, void *user) {
  search *state = user;
  const MlirAttribute model = mth_op_attribute(op, "model");
  if (!mth_op_is_named(op, "mithril.gradient") ||
      !mlirStringRefEqual(mlirFlatSymbolRefAttrGetValue(model), mth_op_symbol(state->model)))
    return MlirWalkResultAdvance;
  state->found = true;
  return MlirWalkResultInterrupt;
}

// Erases every model that nothing refers to now; whether there was one.
static bool drop_unused(MlirOperation module) {
  bool dropped = false;
  MlirOperation next = mlirBlockGetFirstOperation(mth_op_body(module));
  while (!mlirOperationIsNull(next)) {
    const MlirOperation op = next;
    next = mlirOperationGetNextInBlock(op);
    if (!mth_op_is_named(op, "mithril.model")) continue;
    search state = {op, false};
    mlirOperationWalk(module, visit, &state, MlirWalkPreOrder);
    if (state.found) continue;
    mlirOperationDestroy(op);
    dropped = true;
  }
  return dropped;
}

mth_status mth_pass_drop_models(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  while (drop_unused(module))
    continue; // a dropped model may have held the last gradient of another
  return MTH_OK;
}
