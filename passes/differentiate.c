// differentiate: a gradient becomes its model's ops and their reverse mode.
//
// Why     The result is ordinary ops: fused, sharded, tested and differentiated again like any
//         others.
// Needs   no instances; typed tensors.
// Keeps   what the model computes, bit for bit. The cotangent of a value is the sum over its users,
//         last user first. Values that `wrt` does not reach get no cotangents.
// Not     integers and bools, which carry none. An op with neither gradient nor decomposition on
//         the way from `wrt` to a result that has a cotangent is refused.
//
// Kinks follow the ops' own gradients (dialect/ops). Gradients in a model that is itself
// differentiated are replaced first, innermost model first.
//
// Test    test/passes/differentiate.mlir, test/passes/user_op_test.c,
//         test/numerics/gradient_test.c
#include "dialect/expand.h"
#include "dialect/fail.h"
#include "dialect/inline.h"
#include "dialect/match.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinAttributes.h"

typedef struct differentiation {
  MlirOperation module;
  mth_dim_table *dims;
  mth_arena *arena;
  mth_ir_builder builder;
  size_t room; // ops of models that may still be copied
} differentiation;

// Ops in the order of their block.
typedef struct trace {
  MlirOperation *ops;
  size_t count;
} trace;

// The reverse sweep of one gradient.
typedef struct sweep {
  differentiation *state;
  mth_value_map active;     // value -> itself, if `wrt` reaches it
  mth_value_map cotangents; // value -> the sum so far
} sweep;

static bool is_float(differentiation *state, mth_value value) {
  const mth_type *type = mth_build_type(&state->builder.base, value);
  return type && mth_dtype_get(type->dtype)->family == MTH_FAMILY_FLOAT;
}

static bool is_active(const sweep *sweep, MlirValue value) {
  return !mlirValueIsNull(mth_value_map_get(&sweep->active, value));
}

static bool has_active_operand(const sweep *sweep, MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i)
    if (is_active(sweep, mlirOperationGetOperand(op, i))) return true;
  return false;
}

static mth_status mark(sweep *sweep, MlirOperation op) {
  if (!has_active_operand(sweep, op)) return MTH_OK;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    const MlirValue result = mlirOperationGetResult(op, i);
    if (is_float(sweep->state, mth_value_from_ir(result)))
      MTH_TRY(mth_value_map_set(&sweep->active, result, result));
  }
  return MTH_OK;
}

static MlirOperation after(MlirOperation before, MlirBlock block) {
  return mlirOperationIsNull(before) ? mlirBlockGetFirstOperation(block)
                                     : mlirOperationGetNextInBlock(before);
}

// More expansions than this at one place, without one op that stays, never end.
enum { expansions_max = 100 };

// Marks what `wrt` reaches between `before` and `end`, both excluded, and expands ops on the way
// that have no gradient of their own.
static mth_status mark_and_expand(sweep *sweep, MlirOperation before, MlirOperation end) {
  differentiation *state = sweep->state;
  const MlirBlock block = mlirOperationGetBlock(end);
  int expansions = 0;
  for (MlirOperation op; op = after(before, block), !mlirOperationEqual(op, end);) {
    const mth_op *known = mth_op_of(op);
    if (known && expansions++ > expansions_max)
      return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(op),
                         "the decomposition of '%s' does not end", known->name);
    bool expanded = false;
    if (known && has_active_operand(sweep, op) && !mth_code_of(known).gradient)
      MTH_TRY(mth_expand_op(&state->builder, op, &expanded));
    if (expanded) continue; // the ops that took its place may need expanding themselves
    MTH_TRY(mark(sweep, op));
    before = op;
    expansions = 0;
  }
  return MTH_OK;
}

static mth_status accumulate(sweep *sweep, MlirValue value, mth_value cotangent) {
  if (!cotangent.handle || !is_active(sweep, value)) return MTH_OK;
  const MlirValue sum = mth_value_map_get(&sweep->cotangents, value);
  const mth_value total = mlirValueIsNull(sum) ? cotangent
                                               : mth_build_add(&sweep->state->builder.base,
                                                               mth_value_from_ir(sum), cotangent);
  MTH_TRY(sweep->state->builder.base.status);
  return mth_value_map_set(&sweep->cotangents, value, mth_value_to_ir(total));
}

// A user's gradient is checked here, where its op can be named.
static mth_status check_cotangent(const mth_op_site *site, MlirLocation loc, size_t operand,
                                  mth_value cotangent) {
  const MlirValue value = mth_value_to_ir(site->operands[operand]);
  if (!cotangent.handle ||
      mlirTypeEqual(mlirValueGetType(value), mlirValueGetType(mth_value_to_ir(cotangent))))
    return MTH_OK;
  return mth_fail_ir(MTH_INVALID, loc, "the gradient of '%s' gives operand %zu another type",
                     site->op->name, operand);
}

static mth_status reverse_op(sweep *sweep, MlirOperation op, MlirOperation before) {
  differentiation *state = sweep->state;
  const intptr_t result_count = mlirOperationGetNumResults(op);
  mth_value *given = MTH_NEW_ARRAY(state->arena, mth_value, (size_t)result_count);
  if (!given) return MTH_NO_MEMORY;
  bool any = false;
  for (intptr_t i = 0; i < result_count; ++i) {
    const MlirValue result = mlirOperationGetResult(op, i);
    given[i] = mth_value_from_ir(mth_value_map_get(&sweep->cotangents, result));
    any = any || given[i].handle;
  }
  if (!any) return MTH_OK; // else `wrt` reaches it: cotangents arrive nowhere else
  mth_op_site site;
  MTH_TRY(mth_site_of(op, state->dims, state->arena, &site));
  const mth_op_code code = mth_code_of(site.op);
  if (!code.gradient)
    return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(op),
                       "'%s' has no gradient, and a gradient was asked for through it",
                       site.op->name);
  mth_value *found = MTH_NEW_ARRAY(state->arena, mth_value, site.operand_count);
  if (!found) return MTH_NO_MEMORY;
  mth_ir_builder_set_before(&state->builder, before);
  state->builder.loc = mlirOperationGetLocation(op);
  MTH_TRY(code.gradient(&state->builder.base, &site, given, found));
  MTH_TRY(state->builder.base.status);
  for (size_t i = 0; i < site.operand_count; ++i) {
    MTH_TRY(check_cotangent(&site, state->builder.loc, i, found[i]));
    MTH_TRY(accumulate(sweep, mth_value_to_ir(site.operands[i]), found[i]));
  }
  return MTH_OK;
}

// The ops between `before` and `end`, both excluded.
static mth_status collect(differentiation *state, MlirOperation before, MlirOperation end,
                          trace *out_trace) {
  const MlirOperation first = after(before, mlirOperationGetBlock(end));
  trace found = {NULL, 0};
  for (MlirOperation op = first; !mlirOperationEqual(op, end); op = mlirOperationGetNextInBlock(op))
    ++found.count;
  found.ops = MTH_NEW_ARRAY(state->arena, MlirOperation, found.count);
  if (!found.ops) return MTH_NO_MEMORY;
  size_t i = 0;
  for (MlirOperation op = first; !mlirOperationEqual(op, end); op = mlirOperationGetNextInBlock(op))
    found.ops[i++] = op;
  *out_trace = found;
  return MTH_OK;
}

static MlirOperation previous(MlirOperation op) {
  MlirOperation before = {NULL};
  for (MlirOperation at = mlirBlockGetFirstOperation(mlirOperationGetBlock(op));
       !mlirOperationEqual(at, op); at = mlirOperationGetNextInBlock(at))
    before = at;
  return before;
}

// One gradient op while it is replaced. Its model's arguments are arguments of the block for that
// time, so that a tensor passed twice has two cotangents. What the model returns is added to the
// operands of the op, so that expanding keeps it up to date.
typedef struct replacement {
  MlirOperation gradient, before; // the op, and what stood in front of it
  MlirBlock block;
  intptr_t inputs, cotangents, returned; // counts of its operands, in this order
  intptr_t first_argument;               // of the added ones
  MlirValue *operands;
} replacement;

static mth_status inline_forward(differentiation *state, MlirOperation model,
                                 replacement *replacement) {
  const MlirOperation op = replacement->gradient;
  const MlirOperation end = mlirBlockGetTerminator(mth_op_body(model));
  const intptr_t given = replacement->inputs + replacement->cotangents;
  replacement->returned = mlirOperationGetNumOperands(end);
  replacement->operands =
      MTH_NEW_ARRAY(state->arena, MlirValue, (size_t)(given + replacement->returned));
  MlirValue *arguments = MTH_NEW_ARRAY(state->arena, MlirValue, (size_t)replacement->inputs);
  if (!replacement->operands || !arguments) return MTH_NO_MEMORY;
  for (intptr_t i = 0; i < given; ++i)
    replacement->operands[i] = mlirOperationGetOperand(op, i);
  replacement->first_argument = mlirBlockGetNumArguments(replacement->block);
  for (intptr_t i = 0; i < replacement->inputs; ++i)
    arguments[i] =
        mlirBlockAddArgument(replacement->block, mlirValueGetType(replacement->operands[i]),
                             mlirOperationGetLocation(op));
  const mth_inline_request request = {.function = model,
                                      .operand_count = replacement->inputs,
                                      .operands = arguments,
                                      .before = op,
                                      .around = mlirLocationNameGet(mlirOperationGetContext(op),
                                                                    mth_op_symbol(model),
                                                                    mlirOperationGetLocation(op)),
                                      .dims = state->dims,
                                      .arena = state->arena,
                                      .room = &state->room};
  mth_value_map values;
  MTH_TRY(mth_inline_body(&request, &values));
  for (intptr_t i = 0; i < replacement->returned; ++i)
    replacement->operands[given + i] =
        mth_value_map_follow(&values, mlirOperationGetOperand(end, i));
  mlirOperationSetOperands(op, given + replacement->returned, replacement->operands);
  return MTH_OK;
}

static MlirValue argument(const replacement *replacement, int64_t index) {
  return mlirBlockGetArgument(replacement->block, replacement->first_argument + (intptr_t)index);
}

static mth_status seed_arguments(sweep *sweep, const replacement *replacement) {
  const MlirAttribute wrt = mth_op_attribute(replacement->gradient, "wrt");
  for (intptr_t k = 0; k < mlirDenseArrayGetNumElements(wrt); ++k) {
    const int64_t index = mlirDenseI64ArrayGetElement(wrt, k);
    const MlirValue value = argument(replacement, index);
    if (!is_float(sweep->state, mth_value_from_ir(value)))
      return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(replacement->gradient),
                         "argument %lld holds no floats, so it has no gradient", (long long)index);
    MTH_TRY(mth_value_map_set(&sweep->active, value, value));
  }
  return MTH_OK;
}

static mth_status seed_results(sweep *sweep, const replacement *replacement) {
  const MlirOperation op = replacement->gradient;
  const MlirAttribute of = mth_op_attribute(op, "of");
  for (intptr_t k = 0; k < replacement->cotangents; ++k) {
    const int64_t index = mlirDenseI64ArrayGetElement(of, k);
    if (index < 0 || index >= replacement->returned)
      return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(op), "'of' lists result %lld of %td",
                         (long long)index, replacement->returned);
    const MlirValue result = mlirOperationGetOperand(
        op, replacement->inputs + replacement->cotangents + (intptr_t)index);
    const MlirValue cotangent = replacement->operands[replacement->inputs + k];
    if (!mlirTypeEqual(mlirValueGetType(result), mlirValueGetType(cotangent)))
      return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(op),
                         "cotangent %td has another type than result %lld", k, (long long)index);
    MTH_TRY(accumulate(sweep, result, mth_value_from_ir(cotangent)));
  }
  return MTH_OK;
}

// The cotangent of an argument; zeros where none arrived.
static mth_value cotangent_of(const sweep *sweep, MlirValue value) {
  mth_builder *builder = &sweep->state->builder.base;
  const MlirValue found = mth_value_map_get(&sweep->cotangents, value);
  if (!mlirValueIsNull(found)) return mth_value_from_ir(found);
  const mth_value like = mth_value_from_ir(value);
  return mth_build_broadcast_like(builder, mth_build_constant_like(builder, like, 0.0), like);
}

static mth_status replace_results(sweep *sweep, const replacement *replacement) {
  differentiation *state = sweep->state;
  const MlirOperation op = replacement->gradient;
  const intptr_t given = replacement->inputs + replacement->cotangents;
  for (intptr_t i = 0; i < replacement->returned; ++i)
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, i),
                                  mlirOperationGetOperand(op, given + i));
  const MlirAttribute wrt = mth_op_attribute(op, "wrt");
  mth_ir_builder_set_before(&state->builder, op);
  for (intptr_t k = 0; k < mlirDenseArrayGetNumElements(wrt); ++k) {
    const mth_value found =
        cotangent_of(sweep, argument(replacement, mlirDenseI64ArrayGetElement(wrt, k)));
    MTH_TRY(state->builder.base.status);
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, replacement->returned + k),
                                  mth_value_to_ir(found));
  }
  return MTH_OK;
}

// Erases the gradient, ops that turned out to be unused, and the added arguments.
static mth_status clean_up(differentiation *state, const replacement *replacement) {
  trace written;
  MTH_TRY(collect(state, replacement->before, replacement->gradient, &written));
  mlirOperationDestroy(replacement->gradient);
  for (size_t i = written.count; i-- > 0;)
    if (!mth_op_is_used(written.ops[i])) mlirOperationDestroy(written.ops[i]);
  for (intptr_t i = replacement->inputs; i-- > 0;) {
    mlirValueReplaceAllUsesOfWith(argument(replacement, i), replacement->operands[i]);
    mlirBlockEraseArgument(replacement->block, (unsigned)(replacement->first_argument + i));
  }
  return MTH_OK;
}

static mth_status differentiate_op(differentiation *state, MlirOperation op, MlirOperation model) {
  const MlirAttribute segments = mth_op_attribute(op, "operandSegmentSizes");
  replacement replacement = {.gradient = op,
                             .before = previous(op),
                             .block = mlirOperationGetBlock(op),
                             .inputs = mlirDenseI32ArrayGetElement(segments, 0),
                             .cotangents = mlirDenseI32ArrayGetElement(segments, 1)};
  sweep sweep = {state, MTH_VALUE_MAP_INIT(state->arena), MTH_VALUE_MAP_INIT(state->arena)};
  MTH_TRY(inline_forward(state, model, &replacement));
  MTH_TRY(seed_arguments(&sweep, &replacement));
  MTH_TRY(mark_and_expand(&sweep, replacement.before, op));
  trace forward;
  MTH_TRY(collect(state, replacement.before, op, &forward));
  mth_ir_builder_set_before(&state->builder, op);
  MTH_TRY(seed_results(&sweep, &replacement));
  for (size_t i = forward.count; i-- > 0;)
    MTH_TRY(reverse_op(&sweep, forward.ops[i], op));
  MTH_TRY(replace_results(&sweep, &replacement));
  return clean_up(state, &replacement);
}

static mth_status differentiate_function(differentiation *state, MlirOperation function) {
  MlirOperation next = mlirBlockGetFirstOperation(mth_op_body(function));
  while (!mlirOperationIsNull(next)) {
    const MlirOperation op = next;
    next = mlirOperationGetNextInBlock(op);
    if (!mth_op_is_named(op, "mithril.gradient")) continue;
    const MlirStringRef symbol = mlirFlatSymbolRefAttrGetValue(mth_op_attribute(op, "model"));
    const MlirOperation model = mth_find_symbol(state->module, symbol);
    if (!mth_op_is_named(model, "mithril.model"))
      return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(op), "there is no model '%.*s'",
                         (int)symbol.length, symbol.data);
    MTH_TRY(differentiate_function(state, model));
    MTH_TRY(differentiate_op(state, op, model));
  }
  return MTH_OK;
}

mth_status mth_pass_differentiate(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  mth_dim_table *dims;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  differentiation state = {
      .module = module, .dims = dims, .arena = &arena, .room = mth_inline_room};
  mth_ir_builder_init(&state.builder, mlirOperationGetContext(module), dims, &arena);
  mth_status status = MTH_OK;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module));
       status == MTH_OK && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.entry")) status = differentiate_function(&state, op);
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}
