// verify_plan: refuses a memory plan in which a launch overwrites a value that is still needed.
//
// Why     A wrong plan computes wrong numbers, silently. This pass trusts nothing of the planner's:
//         it walks the entry launch by launch and asks of each write what it destroys.
// Needs   the attributes that passes/plan_memory.c describes.
// Keeps   everything; it only looks.
// Not     symbolic offsets it cannot prove apart from sizes >= 0: they are refused.
// Test    test/passes/verify_plan.mlir
#include "dialect/fail.h"
#include "dialect/match.h"
#include "dialect/type.h"
#include "passes/kernel_overwrite.h"
#include "passes/lifetimes.h"
#include "passes/memory_plan.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinAttributes.h"

typedef struct value {
  MlirValue root;
  mth_place place;
  const mth_dim *bytes;
  // Numbers of launches; the return's follows the last. made -1: a port's first contents.
  int64_t made, last_read;
} value;

typedef struct checker {
  MlirOperation module, return_op;
  mth_dim_table *dims;
  mth_arena *arena;
  mth_entry_interface interface;
  value *values;
  size_t value_count;
  mth_value_numbers numbers; // of the values
  mth_lifetimes lifetimes; // of the values; an argument's begins at 0, what launch t makes at t + 1
  value **room;            // for all values
  const mth_dim *workspace;
} checker;

// offset + bytes <= end, proven.
static bool ends_before(checker *c, const mth_dim *offset, const mth_dim *bytes,
                        const mth_dim *end) {
  return mth_plan_is_nonnegative(
      mth_dim_subtract(c->dims, end, mth_dim_add(c->dims, offset, bytes)));
}

static bool are_apart(checker *c, const mth_place *a, const mth_dim *a_bytes, const mth_place *b,
                      const mth_dim *b_bytes) {
  if (a->kind != b->kind) return true;
  if (a->kind == MTH_PLACE_PORT) return a->port != b->port;
  if (a->kind == MTH_PLACE_CONSTANT) return true; // nobody writes one
  return ends_before(c, a->offset, a_bytes, b->offset) ||
         ends_before(c, b->offset, b_bytes, a->offset);
}

static value *find_value(checker *c, MlirValue root) {
  const size_t number = mth_value_numbers_get(&c->numbers, root);
  return number == SIZE_MAX ? NULL : &c->values[number]; // NULL: a constant
}

// Whether the launch reads the root as it writes `result` over it, unprovenly.
static bool is_read_unsafely(checker *c, MlirOperation launch, intptr_t result, const value *old) {
  const MlirOperation kernel =
      mth_find_symbol(c->module, mlirFlatSymbolRefAttrGetValue(mth_op_attribute(launch, "kernel")));
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(launch); ++i) {
    if (!mlirValueEqual(mth_plan_root(mlirOperationGetOperand(launch, i)), old->root)) continue;
    if (old->place.kind != MTH_PLACE_PORT || !mth_kernel_may_overwrite(kernel, i, result))
      return true;
  }
  return false;
}

static mth_status add_value(checker *c, MlirValue root, MlirLocation loc, int64_t made) {
  mth_type type;
  MTH_TRY(mth_type_from_ir(c->dims, c->arena, loc, mlirValueGetType(root), &type));
  value v = {.root = root, .made = made, .last_read = -1, .bytes = mth_plan_bytes(c->dims, &type)};
  if (!v.bytes) return mth_fail_ir(MTH_UNSUPPORTED, loc, "a tensor's bytes do not fit");
  MTH_TRY(mth_place_of(&c->interface, c->dims, c->arena, root, &v.place));
  if (v.place.kind == MTH_PLACE_WORKSPACE &&
      (!mth_plan_is_nonnegative(v.place.offset) ||
       !ends_before(c, v.place.offset, v.bytes, c->workspace)))
    return mth_fail_ir(MTH_INVALID, loc, "a tensor leaves the workspace");
  mth_value_numbers_set(&c->numbers, root, c->value_count);
  c->values[c->value_count++] = v;
  return MTH_OK;
}

// Lists the values of the entry, with their last readers; a view reads nothing.
static mth_status read_values(checker *c, MlirOperation entry) {
  const MlirBlock body = mth_op_body(entry);
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(body); ++i)
    MTH_TRY(add_value(c, mlirBlockGetArgument(body, i), mlirOperationGetLocation(entry), -1));
  int64_t time = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    const bool is_launch = mth_op_is_named(op, "mithril.launch");
    if (!is_launch && !mlirOperationEqual(op, c->return_op)) continue;
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
      value *const read = find_value(c, mth_plan_root(mlirOperationGetOperand(op, i)));
      if (read) read->last_read = time;
    }
    for (intptr_t i = 0; is_launch && i < mlirOperationGetNumResults(op); ++i)
      MTH_TRY(add_value(c, mlirOperationGetResult(op, i), mlirOperationGetLocation(op), time));
    time += is_launch;
  }
  MTH_TRY(mth_lifetimes_make(c->arena, (size_t)time + 2, &c->lifetimes));
  for (value *v = c->values; v != c->values + c->value_count; ++v) {
    const int64_t last = v->last_read > v->made ? v->last_read : v->made;
    MTH_TRY(mth_lifetimes_add(&c->lifetimes, (size_t)(v->made + 1), (size_t)(last + 1), v));
  }
  return MTH_OK;
}

// Whether result `index` of the launch, which lives in `made`, destroys `old`.
static bool destroys(checker *c, MlirOperation launch, intptr_t index, const value *made,
                     const value *old) {
  if (old->last_read < made->made && old->made != made->made) return false; // nobody wants it
  if (are_apart(c, &old->place, old->bytes, &made->place, made->bytes)) return false;
  return old->made == made->made || old->last_read > made->made ||
         is_read_unsafely(c, launch, index, old);
}

static mth_status check_launch(checker *c, MlirOperation launch) {
  const MlirLocation loc = mlirOperationGetLocation(launch);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(launch); ++i) {
    const value *const made = find_value(c, mlirOperationGetResult(launch, i));
    if (made->place.kind == MTH_PLACE_PORT && c->interface.ports[made->place.port].role == MTH_IN)
      return mth_fail_ir(MTH_INVALID, loc, "result %d is written over input '%s'", (int)i,
                         c->interface.ports[made->place.port].name);
    const size_t count =
        mth_lifetimes_at(&c->lifetimes, (size_t)(made->made + 1), (void **)c->room);
    for (size_t k = 0; k < count; ++k)
      if (c->room[k] < made && destroys(c, launch, i, made, c->room[k]))
        return mth_fail_ir(MTH_INVALID, loc,
                           "result %d is written over a tensor that is still needed", (int)i);
  }
  return MTH_OK;
}

// Stages are written before anything is copied, then outputs, then states.
static mth_status check_return(checker *c) {
  const MlirLocation loc = mlirOperationGetLocation(c->return_op);
  const intptr_t count = mlirOperationGetNumOperands(c->return_op);
  mth_place *const homes = MTH_NEW_ARRAY(c->arena, mth_place, (size_t)count);
  value *const stages = MTH_NEW_ARRAY(c->arena, value, (size_t)count);
  if (!homes || !stages) return MTH_NO_MEMORY;
  size_t stage_count = 0;
  for (intptr_t i = 0; i < count; ++i) {
    const MlirValue operand = mlirOperationGetOperand(c->return_op, i);
    MTH_TRY(mth_place_of(&c->interface, c->dims, c->arena, operand, &homes[i]));
    value stage = {.place = {.kind = MTH_PLACE_WORKSPACE}};
    MTH_TRY(mth_stage_of(c->return_op, i, c->dims, c->arena, &stage.place.offset));
    if (!stage.place.offset) continue;
    mth_type type;
    MTH_TRY(mth_type_from_ir(c->dims, c->arena, loc, mlirValueGetType(operand), &type));
    stage.bytes = mth_plan_bytes(c->dims, &type);
    bool apart = mth_plan_is_nonnegative(stage.place.offset) &&
                 ends_before(c, stage.place.offset, stage.bytes, c->workspace);
    for (size_t s = 0; s < stage_count; ++s)
      apart = apart && are_apart(c, &stages[s].place, stages[s].bytes, &stage.place, stage.bytes);
    for (intptr_t j = 0; j < count; ++j) {
      const MlirValue root = mth_plan_root(mlirOperationGetOperand(c->return_op, j));
      for (size_t v = 0; v < c->value_count; ++v)
        if (mlirValueEqual(c->values[v].root, root))
          apart = apart &&
                  are_apart(c, &c->values[v].place, c->values[v].bytes, &stage.place, stage.bytes);
    }
    if (!apart)
      return mth_fail_ir(MTH_INVALID, loc, "the stage of result %d overlaps another tensor",
                         (int)i);
    stages[stage_count++] = stage;
    homes[i] = stage.place;
  }
  for (intptr_t i = 0; i < count; ++i) { // copy i overwrites a state: who reads it as late?
    const int32_t port = c->interface.port_of_result[i];
    if (homes[i].kind == MTH_PLACE_PORT && homes[i].port == port) continue;
    for (intptr_t j = 0; j < count; ++j)
      if (j != i && homes[j].kind == MTH_PLACE_PORT && homes[j].port == port &&
          c->interface.ports[c->interface.port_of_result[j]].role == MTH_STATE)
        return mth_fail_ir(MTH_INVALID, loc, "result %d is copied over the state of result %d",
                           (int)i, (int)j);
  }
  return MTH_OK;
}

static mth_status check_entry(MlirOperation module, MlirOperation entry, mth_dim_table *dims,
                              mth_arena *arena) {
  const MlirBlock body = mth_op_body(entry);
  checker c = {
      .module = module, .return_op = mlirBlockGetTerminator(body), .dims = dims, .arena = arena};
  MTH_TRY(mth_entry_interface_read(entry, dims, arena, &c.interface));
  MTH_TRY(mth_dim_from_attribute(dims, arena, mlirOperationGetLocation(entry),
                                 mth_op_attribute(entry, "mithril.workspace"), &c.workspace));
  size_t value_count = (size_t)mlirBlockGetNumArguments(body);
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    value_count += (size_t)mlirOperationGetNumResults(op);
  c.values = MTH_NEW_ARRAY(arena, value, value_count);
  c.room = MTH_NEW_ARRAY(arena, value *, value_count);
  if (!c.values || !c.room) return MTH_NO_MEMORY;
  MTH_TRY(mth_value_numbers_make(arena, value_count, &c.numbers));
  MTH_TRY(read_values(&c, entry));
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.launch")) MTH_TRY(check_launch(&c, op));
  return check_return(&c);
}

mth_status mth_pass_verify_plan(MlirOperation module, const void *options) {
  (void)options;
  return mth_entry_visit_all(module, check_entry);
}
