// infer: every tensor gets its element type, rank and an expression for each dim.
//
// Why     Differentiation, fusion and memory planning compare dims; a `?` that nobody explains
//         would make each of them guess.
// Needs   no instances.
// Keeps   declared dims: what is inferred must equal them. A dim of an argument that nobody named
//         becomes a symbol of its own ("?0"). Signatures are rewritten to what was inferred.
// Not     an argument of unknown rank, which is refused: ranks come with the entry. Nothing flows
//         from results back to operands; logical models have done that before they are written.
//         A model under a gradient is typed for that gradient: it is copied unless its arguments
//         have the types of the operands already.
// Test    test/passes/infer.mlir
#include "dialect/binding.h"
#include "dialect/fail.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "dialect/site.h"
#include "dialect/type.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <string.h>

typedef struct inference {
  MlirOperation module;
  MlirContext context;
  mth_dim_table *dims;
  mth_arena *arena;
  size_t copies; // models copied so far: numbers the names
} inference;

static mth_status read(inference *state, MlirLocation loc, MlirValue value, mth_type *out_type) {
  return mth_type_from_ir(state->dims, state->arena, loc, mlirValueGetType(value), out_type);
}

static mth_status write(inference *state, MlirValue value, const mth_type *type) {
  const MlirType ir = mth_type_to_ir(state->context, state->dims, type);
  if (mlirTypeIsNull(ir)) return MTH_NO_MEMORY;
  mlirValueSetType(value, ir);
  return MTH_OK;
}

// Whether inference invented the dim: it holds an unnamed symbol.
static bool is_invented(inference *state, const mth_dim *dim) {
  const char *text = mth_dim_text(state->dims, dim);
  return text && strchr(text, '?');
}

// What is declared, completed by what was inferred.
static mth_status merge(inference *state, MlirLocation loc, const char *what,
                        const mth_type *declared, const mth_type *inferred, mth_type *out_type) {
  bool agrees = declared->dtype == inferred->dtype &&
                (declared->rank < 0 || declared->rank == inferred->rank);
  const size_t rank = (size_t)inferred->rank;
  const mth_dim **shape = MTH_NEW_ARRAY(state->arena, const mth_dim *, rank);
  if (!shape) return MTH_NO_MEMORY;
  for (size_t i = 0; agrees && i < rank; ++i) {
    const mth_dim *wanted = declared->rank < 0 ? NULL : declared->dims[i];
    shape[i] = wanted ? wanted : inferred->dims[i];
    agrees = !wanted || wanted == inferred->dims[i] || is_invented(state, inferred->dims[i]);
  }
  if (!agrees)
    return mth_fail_ir(MTH_INVALID, loc, "%s gives %s, declared is %s", what,
                       mth_type_text(state->dims, state->arena, inferred),
                       mth_type_text(state->dims, state->arena, declared));
  *out_type = (mth_type){inferred->dtype, inferred->rank, shape};
  return MTH_OK;
}

static mth_status infer_registered(inference *state, MlirOperation op) {
  MlirLocation loc = mlirOperationGetLocation(op);
  mth_op_site site;
  MTH_TRY(mth_site_of(op, state->dims, state->arena, &site));
  mth_type *types = MTH_NEW_ARRAY(state->arena, mth_type, site.operand_count + site.result_count);
  if (!types) return MTH_NO_MEMORY;
  mth_type *inferred = types + site.operand_count;
  for (size_t i = 0; i < site.operand_count; ++i)
    MTH_TRY(read(state, loc, mth_value_to_ir(site.operands[i]), &types[i]));
  const mth_sink sink = mth_ir_sink(&loc);
  MTH_TRY(mth_infer_results(mth_registry_of(state->context), site.op, state->dims,
                            site.operand_count, types, site.arg_count, site.args,
                            (mth_location){&sink, NULL}, inferred));
  for (size_t i = 0; i < site.result_count; ++i) {
    const MlirValue result = mth_value_to_ir(site.results[i]);
    mth_type declared, merged;
    MTH_TRY(read(state, loc, result, &declared));
    MTH_TRY(merge(state, loc, site.op->name, &declared, &inferred[i], &merged));
    MTH_TRY(write(state, result, &merged));
  }
  return MTH_OK;
}

// The signature says what the body has.
static void write_signature(inference *state, MlirOperation function) {
  const MlirBlock body = mth_op_body(function);
  const MlirOperation end = mlirBlockGetTerminator(body);
  const intptr_t in = mlirBlockGetNumArguments(body), out = mlirOperationGetNumOperands(end);
  MlirType *types = MTH_NEW_ARRAY(state->arena, MlirType, (size_t)(in + out));
  if (!types) return;
  for (intptr_t i = 0; i < in; ++i)
    types[i] = mlirValueGetType(mlirBlockGetArgument(body, i));
  for (intptr_t i = 0; i < out; ++i)
    types[in + i] = mlirValueGetType(mlirOperationGetOperand(end, i));
  const MlirType type = mlirFunctionTypeGet(state->context, in, types, out, types + in);
  mlirOperationSetAttributeByName(function, mth_str("function_type"), mlirTypeAttrGet(type));
}

static mth_status name_argument(inference *state, MlirOperation function, intptr_t index) {
  const MlirValue value = mlirBlockGetArgument(mth_op_body(function), index);
  MlirLocation loc = mlirOperationGetLocation(function);
  mth_type type;
  MTH_TRY(read(state, loc, value, &type));
  if (mth_type_is_inferred(&type)) return MTH_OK;
  if (type.rank < 0) {
    const MlirAttribute port = mth_argument_attribute(function, index, "mithril.port");
    const MlirStringRef name = mlirStringAttrGetValue(port);
    return mth_fail_ir(MTH_INVALID, loc, "the rank of port '%.*s' is not known", (int)name.length,
                       name.data);
  }
  const mth_dim **shape = MTH_NEW_ARRAY(state->arena, const mth_dim *, (size_t)type.rank);
  if (!shape) return MTH_NO_MEMORY;
  for (int32_t i = 0; i < type.rank; ++i) {
    shape[i] = type.dims[i] ? type.dims[i] : mth_dim_fresh(state->dims);
    if (!shape[i]) return MTH_NO_MEMORY;
  }
  return write(state, value, &(mth_type){type.dtype, type.rank, shape});
}

static mth_status merge_returns(inference *state, MlirOperation function) {
  const MlirOperation end = mlirBlockGetTerminator(mth_op_body(function));
  const MlirType type = mlirTypeAttrGetValue(mth_op_attribute(function, "function_type"));
  MlirLocation loc = mlirOperationGetLocation(end);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(end); ++i) {
    mth_type declared, inferred, merged;
    MTH_TRY(mth_type_from_ir(state->dims, state->arena, loc, mlirFunctionTypeGetResult(type, i),
                             &declared));
    MTH_TRY(read(state, loc, mlirOperationGetOperand(end, i), &inferred));
    MTH_TRY(merge(state, loc, "the body", &declared, &inferred, &merged));
  }
  return MTH_OK;
}

// The model of a gradient with the operands' types: itself, or a copy next to it.
static mth_status model_for(inference *state, MlirOperation gradient, MlirOperation model,
                            intptr_t count, const MlirValue *operands, MlirOperation *out_model) {
  mth_binding binding;
  MTH_TRY(mth_bind(state->dims, state->arena, mlirOperationGetLocation(gradient), model, count,
                   operands, &binding));
  bool fits = true;
  for (intptr_t i = 0; i < count; ++i)
    fits = fits && mlirTypeEqual(mlirValueGetType(mlirBlockGetArgument(mth_op_body(model), i)),
                                 mlirValueGetType(operands[i]));
  *out_model = model;
  if (fits) return MTH_OK;
  const MlirOperation copy = mlirOperationClone(model);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(model), model, copy);
  const MlirStringRef symbol = mth_op_symbol(model);
  const char *name;
  do {
    name = mth_arena_format(state->arena, "%.*s_%zu", (int)symbol.length, symbol.data,
                            state->copies++);
    if (!name) return MTH_NO_MEMORY;
  } while (!mlirOperationIsNull(mth_find_symbol(state->module, mth_str(name))));
  mlirOperationSetAttributeByName(copy, mth_str("sym_name"), mth_text_attr(state->context, name));
  mlirOperationSetAttributeByName(gradient, mth_str("model"),
                                  mlirFlatSymbolRefAttrGet(state->context, mth_str(name)));
  const MlirBlock body = mth_op_body(copy);
  for (intptr_t i = 0; i < count; ++i)
    mlirValueSetType(mlirBlockGetArgument(body, i), mlirValueGetType(operands[i]));
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    MTH_TRY(mth_binding_apply(&binding, op));
  *out_model = copy;
  return MTH_OK;
}

static mth_status infer_function(inference *state, MlirOperation function);

static mth_status infer_gradient(inference *state, MlirOperation op) {
  const MlirLocation loc = mlirOperationGetLocation(op);
  const MlirStringRef symbol = mlirFlatSymbolRefAttrGetValue(mth_op_attribute(op, "model"));
  MlirOperation model = mth_find_symbol(state->module, symbol);
  if (!mth_op_is_named(model, "mithril.model"))
    return mth_fail_ir(MTH_INVALID, loc, "there is no model '%.*s'", (int)symbol.length,
                       symbol.data);
  const MlirAttribute segments = mth_op_attribute(op, "operandSegmentSizes");
  const intptr_t count = mlirDenseI32ArrayGetElement(segments, 0);
  MlirValue *operands = MTH_NEW_ARRAY(state->arena, MlirValue, (size_t)count);
  if (!operands) return MTH_NO_MEMORY;
  for (intptr_t i = 0; i < count; ++i)
    operands[i] = mlirOperationGetOperand(op, i);
  MTH_TRY(model_for(state, op, model, count, operands, &model));
  MTH_TRY(infer_function(state, model));
  const MlirOperation end = mlirBlockGetTerminator(mth_op_body(model));
  const intptr_t returned = mlirOperationGetNumOperands(end);
  const MlirAttribute wrt = mth_op_attribute(op, "wrt");
  const intptr_t results = mlirOperationGetNumResults(op);
  if (results != returned + mlirDenseArrayGetNumElements(wrt))
    return mth_fail_ir(MTH_INVALID, loc,
                       "has %td results, wants %td of the model and %td gradients", results,
                       returned, mlirDenseArrayGetNumElements(wrt));
  for (intptr_t i = 0; i < results; ++i) {
    const MlirValue like = i < returned ? mlirOperationGetOperand(end, i)
                                        : operands[mlirDenseI64ArrayGetElement(wrt, i - returned)];
    const MlirValue result = mlirOperationGetResult(op, i);
    mth_type declared, inferred, merged;
    MTH_TRY(read(state, loc, like, &inferred));
    MTH_TRY(read(state, loc, result, &declared));
    MTH_TRY(merge(state, loc, "the model", &declared, &inferred, &merged));
    MTH_TRY(write(state, result, &merged));
  }
  return MTH_OK;
}

static mth_status infer_function(inference *state, MlirOperation function) {
  const MlirBlock body = mth_op_body(function);
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(body); ++i)
    MTH_TRY(name_argument(state, function, i));
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (mth_op_is_named(op, "mithril.gradient"))
      MTH_TRY(infer_gradient(state, op));
    else if (mth_op_of(op))
      MTH_TRY(infer_registered(state, op));
  }
  MTH_TRY(merge_returns(state, function));
  write_signature(state, function);
  return MTH_OK;
}

// Makes every name in use known to the table, so that fresh symbols differ from all of them.
static MlirWalkResult reserve(MlirOperation op, void *user) {
  inference *state = user;
  mth_type ignored;
  const MlirLocation loc = mlirOperationGetLocation(op);
  mth_status status = MTH_OK;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op) && status == MTH_OK; ++i)
    status = read(state, loc, mlirOperationGetResult(op, i), &ignored);
  if (mth_op_is_named(op, "mithril.entry") || mth_op_is_named(op, "mithril.model")) {
    const MlirBlock body = mth_op_body(op);
    for (intptr_t i = 0; i < mlirBlockGetNumArguments(body) && status == MTH_OK; ++i)
      status = read(state, loc, mlirBlockGetArgument(body, i), &ignored);
  }
  return status == MTH_OK ? MlirWalkResultAdvance : MlirWalkResultInterrupt;
}

mth_status mth_pass_infer(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  mth_dim_table *dims;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  inference state = {module, mlirOperationGetContext(module), dims, &arena, 0};
  mth_status status = MTH_OK;
  mlirOperationWalk(module, reserve, &state, MlirWalkPreOrder);
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module));
       status == MTH_OK && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.entry")) status = infer_function(&state, op);
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}
