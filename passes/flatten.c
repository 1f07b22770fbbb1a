// flatten: instances become the bodies of their models.
//
// Why     Every later pass sees all ops of an entry at once; which model they came from matters
//         only to people, so it goes into the locations.
// Needs   nothing beyond verified IR.
// Keeps   the order of ops, and models themselves: gradients may still refer to them. Each copy is
//         located at callsite(its own location at name(path of the instance, the instance)).
// Not     gradient ops (`differentiate` does those). A model that contains itself, or its own
//         gradient, is refused: no pass after this one meets a cycle.
//         So are models nested deeper than nesting_max: every later walk over them is recursive;
//         and models that stand for more ops than mth_inline_room.
// Test    test/passes/flatten.mlir, test/passes/flatten_test.c
#include "dialect/fail.h"
#include "dialect/inline.h"
#include "dialect/match.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinAttributes.h"

// A function on the way from an entry to the one that is flattened now.
typedef struct frame {
  const struct frame *outer;
  MlirOperation function;
  int depth;
} frame;

enum { nesting_max = 1000 };

typedef struct flattening {
  MlirOperation module;
  mth_dim_table *dims;
  mth_arena *arena;
  size_t *room; // ops that may still be copied, or looked at again under another gradient
} flattening;

static bool is_open(const frame *at, MlirOperation function) {
  for (; at; at = at->outer)
    if (mlirOperationEqual(at->function, function)) return true;
  return false;
}

static MlirLocation location_at(MlirOperation instance) {
  const MlirStringRef path = mlirStringAttrGetValue(mth_op_attribute(instance, "path"));
  return mlirLocationNameGet(mlirOperationGetContext(instance), path,
                             mlirOperationGetLocation(instance));
}

static mth_status inline_instance(const flattening *state, MlirOperation instance,
                                  MlirOperation model) {
  const intptr_t count = mlirOperationGetNumOperands(instance);
  MlirValue *operands = MTH_NEW_ARRAY(state->arena, MlirValue, (size_t)count);
  if (!operands) return MTH_NO_MEMORY;
  for (intptr_t i = 0; i < count; ++i)
    operands[i] = mlirOperationGetOperand(instance, i);
  const MlirOperation end = mlirBlockGetTerminator(mth_op_body(model));
  const intptr_t results = mlirOperationGetNumResults(instance);
  if (results != mlirOperationGetNumOperands(end))
    return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(instance),
                       "the model returns %td values, the instance has %td results",
                       mlirOperationGetNumOperands(end), results);
  const mth_inline_request request = {
      model,       count,        operands,   instance, location_at(instance),
      state->dims, state->arena, state->room};
  mth_value_map values;
  MTH_TRY(mth_inline_body(&request, &values));
  for (intptr_t i = 0; i < results; ++i)
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(instance, i),
                                  mth_value_map_follow(&values, mlirOperationGetOperand(end, i)));
  mlirOperationDestroy(instance);
  return MTH_OK;
}

// Flattens what the function instantiates before it copies it, so each body is flattened once.
static mth_status flatten_function(const flattening *state, const frame *at) {
  MlirOperation next = mlirBlockGetFirstOperation(mth_op_body(at->function));
  while (!mlirOperationIsNull(next)) {
    const MlirOperation op = next;
    next = mlirOperationGetNextInBlock(op);
    if (at->outer) MTH_TRY(mth_inline_count(state->room, op));
    const bool instance = mth_op_is_named(op, "mithril.instance");
    if (!instance && !mth_op_is_named(op, "mithril.gradient")) continue;
    const MlirStringRef symbol = mlirFlatSymbolRefAttrGetValue(mth_op_attribute(op, "model"));
    const MlirOperation model = mth_find_symbol(state->module, symbol);
    if (!mth_op_is_named(model, "mithril.model"))
      return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(op), "there is no model '%.*s'",
                         (int)symbol.length, symbol.data);
    if (is_open(at, model))
      return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(op), "model '%.*s' contains itself",
                         (int)symbol.length, symbol.data);
    if (at->depth == nesting_max)
      return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(op),
                         "models are nested deeper than %d", nesting_max);
    MTH_TRY(flatten_function(state, &(frame){at, model, at->depth + 1}));
    if (instance) MTH_TRY(inline_instance(state, op, model));
  }
  return MTH_OK;
}

mth_status mth_pass_flatten(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  mth_dim_table *dims;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  size_t room = mth_inline_room;
  const flattening state = {module, dims, &arena, &room};
  mth_status status = MTH_OK;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module));
       status == MTH_OK && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.entry") || mth_op_is_named(op, "mithril.model"))
      status = flatten_function(&state, &(frame){NULL, op, 0});
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}
