// decompose: ops become simpler ops until only core ops are left.
//
// Why     Kernels are written for core ops alone.
// Needs   no instances, no gradients; typed tensors.
// Keeps   core ops, unless their own decomposition asks for more (a long reduction becomes chunks
//         and a combining step, whose sizes depend on the types alone).
// Not     an op with a C kernel, which is kept even if it has a decomposition. An op that is
// neither
//         core nor has one is refused, and so is a decomposition that comes back to itself.
// Test    test/passes/decompose.mlir, test/passes/user_op_test.c
#include "dialect/expand.h"
#include "dialect/fail.h"
#include "dialect/lowering.h"
#include "dialect/match.h"
#include "passes/passes.h"

typedef struct decomposition {
  mth_dim_table *dims;
  mth_arena *arena;
  mth_ir_builder builder;
} decomposition;

// More expansions than this of one op, without one op that stays, never end.
enum { expansions_max = 100 };

static mth_status decompose_body(decomposition *state, MlirBlock body) {
  MlirOperation before = {NULL}; // the last op that is known to stay
  MlirOperation end = {NULL};    // follows the op that is expanded
  for (int expansions = 0;; ++expansions) {
    const MlirOperation op = mlirOperationIsNull(before) ? mlirBlockGetFirstOperation(body)
                                                         : mlirOperationGetNextInBlock(before);
    if (mlirOperationIsNull(op)) return MTH_OK;
    const mth_op *known = mth_op_of(op);
    if (mlirOperationEqual(op, end)) expansions = 0; // nothing is left of the last one
    if (expansions == 0) end = mlirOperationGetNextInBlock(op);
    if (known && expansions > expansions_max)
      return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(op),
                         "the decomposition of '%s' does not end", known->name);
    bool replaced = false;
    if (known && !mth_code_of(known).kernel) MTH_TRY(mth_expand_op(&state->builder, op, &replaced));
    if (replaced) continue; // the new ops come next
    if (known && !mth_op_is_core(known))
      return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(op),
                         "'%s' has neither a kernel nor a decomposition", known->name);
    before = op;
    expansions = 0;
  }
}

mth_status mth_pass_decompose(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  mth_dim_table *dims;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  decomposition state = {dims, &arena, {0}};
  mth_ir_builder_init(&state.builder, mlirOperationGetContext(module), dims, &arena);
  mth_status status = MTH_OK;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module));
       status == MTH_OK && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.entry")) status = decompose_body(&state, mth_op_body(op));
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}
