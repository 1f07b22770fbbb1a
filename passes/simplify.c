// simplify: dead ops go, equal ops become one, ops that change nothing become their operand.
//
// Why     Differentiation and decomposition write plain formulas; this pass may then be the only
//         one that cleans up.
// Needs   typed tensors, no instances.
// Keeps   every bit of every result: only identities that hold for signed zeros, infinities and
//         NaNs are used (x + 0.0 is none: it changes -0.0). Arguments that nothing uses stay ports.
// Not     functions of constants, and constants of more than one number (`fold-static`).
// Test    test/passes/simplify.mlir
#include "dialect/axes.h"
#include "dialect/match.h"
#include "dialect/op_code.h"
#include "passes/passes.h"

#include <stdint.h>

typedef struct simplification {
  mth_dim_table *dims;
  mth_arena *arena;
  mth_ir_builder builder;
} simplification;

// Ops by what they compute: name, operands, attributes, result types. All are unique objects of
// the context, so addresses decide.
typedef struct op_table {
  MlirOperation *slots;
  size_t capacity; // a power of two
} op_table;

static uint64_t mix(uint64_t hash, const void *pointer) {
  return (hash ^ (uint64_t)(uintptr_t)pointer) * UINT64_C(0x9E3779B97F4A7C15) + (hash >> 29);
}

static uint64_t hash_op(MlirOperation op) {
  uint64_t hash = mix(0, mlirOperationGetName(op).ptr);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i)
    hash = mix(hash, mlirOperationGetOperand(op, i).ptr);
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(op); ++i)
    hash = mix(hash, mlirOperationGetAttribute(op, i).attribute.ptr);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    hash = mix(hash, mlirValueGetType(mlirOperationGetResult(op, i)).ptr);
  return hash ^ (hash >> 32);
}

static bool equal_ops(MlirOperation a, MlirOperation b) {
  if (!mlirIdentifierEqual(mlirOperationGetName(a), mlirOperationGetName(b)) ||
      mlirOperationGetNumOperands(a) != mlirOperationGetNumOperands(b) ||
      mlirOperationGetNumAttributes(a) != mlirOperationGetNumAttributes(b) ||
      mlirOperationGetNumResults(a) != mlirOperationGetNumResults(b))
    return false;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(a); ++i)
    if (!mlirValueEqual(mlirOperationGetOperand(a, i), mlirOperationGetOperand(b, i))) return false;
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(a); ++i) {
    const MlirNamedAttribute x = mlirOperationGetAttribute(a, i);
    const MlirNamedAttribute y = mlirOperationGetAttribute(b, i);
    if (!mlirIdentifierEqual(x.name, y.name) || !mlirAttributeEqual(x.attribute, y.attribute))
      return false;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(a); ++i)
    if (!mlirTypeEqual(mlirValueGetType(mlirOperationGetResult(a, i)),
                       mlirValueGetType(mlirOperationGetResult(b, i))))
      return false;
  return true;
}

// Pure ops are those of the registry, constants and gradients; all that a body holds but its
// return.
static bool is_pure(MlirOperation op, MlirOperation end) { return !mlirOperationEqual(op, end); }

// The earlier op that equals `op`, or `op`, which is remembered.
static MlirOperation find_equal(op_table *table, MlirOperation op) {
  size_t i = (size_t)hash_op(op) & (table->capacity - 1);
  for (; !mlirOperationIsNull(table->slots[i]); i = (i + 1) & (table->capacity - 1))
    if (equal_ops(table->slots[i], op)) return table->slots[i];
  return table->slots[i] = op;
}

static void replace_op(MlirOperation op, MlirOperation by) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, i), mlirOperationGetResult(by, i));
  mlirOperationDestroy(op);
}

static bool merge_equal(simplification *state, MlirBlock body, mth_status *out_status) {
  size_t count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    ++count;
  op_table table = {NULL, 16};
  while (table.capacity < 2 * count)
    table.capacity *= 2;
  table.slots = MTH_NEW_ARRAY(state->arena, MlirOperation, table.capacity);
  if (!table.slots) {
    *out_status = MTH_NO_MEMORY;
    return false;
  }
  bool changed = false;
  const MlirOperation end = mlirBlockGetTerminator(body);
  MlirOperation next = mlirBlockGetFirstOperation(body);
  while (is_pure(next, end)) {
    const MlirOperation op = next;
    next = mlirOperationGetNextInBlock(op);
    const MlirOperation first = find_equal(&table, op);
    if (mlirOperationEqual(first, op)) continue;
    replace_op(op, first);
    changed = true;
  }
  return changed;
}

static bool erase_dead(simplification *state, MlirBlock body, mth_status *out_status) {
  size_t count = 0;
  const MlirOperation end = mlirBlockGetTerminator(body);
  for (MlirOperation op = mlirBlockGetFirstOperation(body); is_pure(op, end);
       op = mlirOperationGetNextInBlock(op))
    ++count;
  MlirOperation *ops = MTH_NEW_ARRAY(state->arena, MlirOperation, count);
  if (!ops) {
    *out_status = MTH_NO_MEMORY;
    return false;
  }
  size_t i = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); is_pure(op, end);
       op = mlirOperationGetNextInBlock(op))
    ops[i++] = op;
  bool changed = false;
  while (i-- > 0) { // users before what they use
    if (mth_op_is_used(ops[i])) continue;
    mlirOperationDestroy(ops[i]);
    changed = true;
  }
  return changed;
}

static bool same_type(mth_value a, mth_value b) {
  return mlirTypeEqual(mlirValueGetType(mth_value_to_ir(a)), mlirValueGetType(mth_value_to_ir(b)));
}

static bool is_neutral(simplification *state, const mth_code *code, mth_value value) {
  double number;
  if (!mth_value_is_splat(value, &number)) return false;
  const mth_type *type = mth_build_type(&state->builder.base, value);
  if (!type) return false;
  const bool is_float = mth_dtype_get(type->dtype)->family == MTH_FAMILY_FLOAT;
  const double wanted = is_float ? code->neutral : code->neutral_integer;
  return number == wanted && !__builtin_signbit(number) == !__builtin_signbit(wanted);
}

// What algebra says the only result of the op equals, or null.
static mth_value apply_algebra(simplification *state, const mth_code *code,
                               const mth_op_site *site) {
  const mth_value none = {NULL};
  const mth_value *x = site->operands;
  if (site->operand_count == 2 && (code->algebra & MTH_ALGEBRA_NEUTRAL_RIGHT) &&
      same_type(x[0], site->results[0]) && is_neutral(state, code, x[1]))
    return x[0];
  if (site->operand_count == 2 && (code->algebra & MTH_ALGEBRA_NEUTRAL_LEFT) &&
      same_type(x[1], site->results[0]) && is_neutral(state, code, x[0]))
    return x[1];
  mth_op_site inner;
  if (site->operand_count != 1 ||
      !(code->algebra & (MTH_ALGEBRA_INVOLUTION | MTH_ALGEBRA_IDEMPOTENT)) ||
      !mth_value_is_op(&state->builder.base, x[0], code->name, &inner))
    return none;
  return code->algebra & MTH_ALGEBRA_INVOLUTION ? inner.operands[0] : x[0];
}

// The op on operands that are filled with one number each, floats or bools: that number, stretched
// to the result. Null if it is not so.
static mth_value apply_to_numbers(simplification *state, const mth_code *code,
                                  const mth_op_site *site) {
  enum { operands_max = 2 };
  mth_builder *builder = &state->builder.base;
  double numbers[operands_max];
  if (!code->number || site->operand_count > operands_max) return (mth_value){NULL};
  for (size_t i = 0; i < site->operand_count; ++i) {
    const mth_type *type = mth_build_type(builder, site->operands[i]);
    if (!type || mth_dtype_get(type->dtype)->family == MTH_FAMILY_INT ||
        !mth_value_is_splat(site->operands[i], &numbers[i]))
      return (mth_value){NULL};
  }
  const mth_value like = site->results[0];
  const mth_value number = mth_build_constant_like(builder, like, code->number(numbers));
  return mth_build_broadcast_like(builder, number, like);
}

// What `value` was stretched from, or a null value.
static MlirValue stretched_from(MlirValue value) {
  const MlirOperation op = mth_defining_op(value);
  const mth_op *known = mlirOperationIsNull(op) ? NULL : mth_op_of(op);
  const mth_code *code = known ? mth_code_find(known) : NULL;
  return code && (code->algebra & MTH_ALGEBRA_STRETCHES) ? mlirOperationGetOperand(op, 0)
                                                         : (MlirValue){NULL};
}

// A map broadcasts by itself: it reads what an operand was stretched from, as long as another
// operand gives the result its shape.
static bool read_unstretched(simplification *state, MlirOperation op) {
  mth_builder *builder = &state->builder.base;
  const mth_value result = mth_value_from_ir(mlirOperationGetResult(op, 0));
  const intptr_t count = mlirOperationGetNumOperands(op);
  bool changed = false;
  for (intptr_t i = 0; i < count; ++i) {
    const MlirValue from = stretched_from(mlirOperationGetOperand(op, i));
    bool shaped = false;
    for (intptr_t k = 0; k < count; ++k)
      shaped = shaped ||
               (k != i &&
                mth_same_shape(builder, mth_value_from_ir(mlirOperationGetOperand(op, k)), result));
    if (mlirValueIsNull(from) || !shaped) continue;
    mlirOperationSetOperand(op, i, from);
    changed = true;
  }
  return changed;
}

static mth_status rewrite(simplification *state, MlirOperation op, bool *changed) {
  const mth_op *known = mth_op_of(op);
  if (known && known->category == MTH_CATEGORY_MAP && read_unstretched(state, op)) *changed = true;
  const mth_code *code = known ? mth_code_find(known) : NULL;
  if (!code || (!code->algebra && !code->number && !code->simplify)) return MTH_OK;
  mth_op_site site;
  MTH_TRY(mth_site_of(op, state->dims, state->arena, &site));
  mth_ir_builder_set_before(&state->builder, op);
  mth_value value = apply_algebra(state, code, &site);
  if (!value.handle) value = apply_to_numbers(state, code, &site);
  if (!value.handle && code->simplify) value = code->simplify(&state->builder.base, &site);
  MTH_TRY(state->builder.base.status);
  if (!value.handle || !same_type(value, site.results[0])) return MTH_OK;
  mlirValueReplaceAllUsesOfWith(mth_value_to_ir(site.results[0]), mth_value_to_ir(value));
  mlirOperationDestroy(op);
  *changed = true;
  return MTH_OK;
}

static mth_status simplify_body(simplification *state, MlirBlock body) {
  bool changed = true;
  mth_status status = MTH_OK;
  while (changed && status == MTH_OK) {
    changed = false;
    const MlirOperation end = mlirBlockGetTerminator(body);
    MlirOperation next = mlirBlockGetFirstOperation(body);
    while (is_pure(next, end)) {
      const MlirOperation op = next;
      next = mlirOperationGetNextInBlock(op);
      MTH_TRY(rewrite(state, op, &changed));
    }
    changed = merge_equal(state, body, &status) || changed;
    changed = erase_dead(state, body, &status) || changed;
  }
  return status;
}

mth_status mth_pass_simplify(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  mth_dim_table *dims;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  simplification state = {dims, &arena, {0}};
  mth_ir_builder_init(&state.builder, mlirOperationGetContext(module), dims, &arena);
  mth_status status = MTH_OK;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module));
       status == MTH_OK && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.entry") || mth_op_is_named(op, "mithril.model"))
      status = simplify_body(&state, mth_op_body(op));
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}
