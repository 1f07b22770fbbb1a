// verify_flat: refuses instances and tensors that are not inferred.
//
// Why     Makes the promise of flatten and infer executable (docs/ir-forms.md, form 2).
// Needs   nothing beyond verified IR.
// Keeps   everything.
// Not     the meaning of ops: their verifier has seen to it.
// Test    test/passes/verify_flat.mlir
#include "dialect/fail.h"
#include "dialect/match.h"
#include "dialect/type.h"
#include "passes/passes.h"

typedef struct verification {
  mth_dim_table *dims;
  mth_arena *arena;
  mth_status status;
} verification;

static mth_status check_value(verification *state, MlirLocation loc, MlirValue value) {
  mth_type type;
  MTH_TRY(mth_type_from_ir(state->dims, state->arena, loc, mlirValueGetType(value), &type));
  if (mth_type_is_inferred(&type)) return MTH_OK;
  return mth_fail_ir(MTH_INTERNAL, loc, "a tensor is not inferred: %s",
                     mth_type_text(state->dims, state->arena, &type));
}

static mth_status check(verification *state, MlirOperation op) {
  const MlirLocation loc = mlirOperationGetLocation(op);
  if (mth_op_is_named(op, "mithril.instance"))
    return mth_fail_ir(MTH_INTERNAL, loc, "an instance is left");
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    MTH_TRY(check_value(state, loc, mlirOperationGetResult(op, i)));
  if (!mth_op_is_named(op, "mithril.entry") && !mth_op_is_named(op, "mithril.model")) return MTH_OK;
  const MlirBlock body = mth_op_body(op);
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(body); ++i)
    MTH_TRY(check_value(state, loc, mlirBlockGetArgument(body, i)));
  return MTH_OK;
}

static MlirWalkResult visit(MlirOperation op, void *user) {
  verification *state = user;
  state->status = check(state, op);
  return state->status == MTH_OK ? MlirWalkResultAdvance : MlirWalkResultInterrupt;
}

mth_status mth_pass_verify_flat(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  verification state = {.status = MTH_OK};
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &state.dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  state.arena = &arena;
  mlirOperationWalk(module, visit, &state, MlirWalkPreOrder);
  mth_arena_reset(&arena);
  mth_dim_table_destroy(state.dims);
  return state.status;
}
