// fold_static: ops whose operands are all constants are computed now.
//
// Why     A scale, a mask, a table of positions need not be computed at each call.
// Needs   typed tensors, no instances. A way to compute (mth_dialect_set_evaluate): without one,
//         nothing is folded.
// Keeps   numbers: what is folded is compiled and run as it would be later.
// Not     ops without operands; operands and results with more bytes than `max-bytes`; results
//         with more than their constant operands unless they are small: a broadcast number stays a
//         number.
// Test    test/passes/fold_static_test.c, test/passes/fold_static.mlir
#include "dialect/capi.h"
#include "dialect/fail.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "dialect/site.h"
#include "dialect/type.h"
#include "dialect/value_map.h"
#include "passes/options.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

enum { small_bytes = 1024 };

typedef struct folding {
  MlirContext context;
  const mth_evaluate *evaluate;
  int64_t max_bytes;
  mth_arena *arena;
  mth_value_map constants; // value -> itself: constants, and what is computed from them
} folding;

// Ops of one body that are computed together, in order.
typedef struct batch {
  MlirOperation *ops;
  size_t count;
} batch;

// Bytes of a tensor, or -1 if a dim is not a number.
static int64_t byte_count(MlirType type) {
  if (!mlirShapedTypeHasStaticShape(type)) return -1; // nor has a tensor without a rank
  const mth_dtype_info *dtype =
      mth_dtype_get(mth_dtype_from_ir(mlirShapedTypeGetElementType(type)));
  int64_t bytes = dtype ? (int64_t)(dtype->bits + 7) / 8 : -1;
  for (intptr_t i = 0; i < mlirShapedTypeGetRank(type); ++i)
    bytes *= mlirShapedTypeGetDimSize(type, i); // verified: fits in 63 bits
  return bytes;
}

static bool is_constant(const folding *state, MlirValue value) {
  return !mlirValueIsNull(mth_value_map_get(&state->constants, value));
}

static bool is_foldable(const folding *state, MlirOperation op) {
  const intptr_t operand_count = mlirOperationGetNumOperands(op);
  if (!mth_op_of(op) || operand_count == 0) return false;
  int64_t limit = small_bytes;
  for (intptr_t i = 0; i < operand_count; ++i) {
    const MlirValue operand = mlirOperationGetOperand(op, i);
    if (!is_constant(state, operand)) return false;
    const int64_t bytes = byte_count(mlirValueGetType(operand));
    if (bytes < 0 || bytes > state->max_bytes) return false;
    if (bytes > limit) limit = bytes;
  }
  if (limit > state->max_bytes) limit = state->max_bytes;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    const int64_t bytes = byte_count(mlirValueGetType(mlirOperationGetResult(op, i)));
    if (bytes < 0 || bytes > limit) return false;
  }
  return true;
}

static mth_status find_batch(folding *state, MlirBlock body, batch *out_batch) {
  size_t count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    ++count;
  batch found = {MTH_NEW_ARRAY(state->arena, MlirOperation, count), 0};
  if (!found.ops) return MTH_NO_MEMORY;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    const bool foldable = is_foldable(state, op);
    if (foldable) found.ops[found.count++] = op;
    if (!foldable && !mth_op_is_named(op, "mithril.constant")) continue;
    for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
      const MlirValue result = mlirOperationGetResult(op, i);
      MTH_TRY(mth_value_map_set(&state->constants, result, result));
    }
  }
  *out_batch = found;
  return MTH_OK;
}

// Values of the batch that are used outside of it; their count.
static size_t find_results(const folding *state, const batch *batch, MlirValue *out_results) {
  size_t count = 0;
  for (size_t i = 0; i < batch->count; ++i)
    for (intptr_t r = 0; r < mlirOperationGetNumResults(batch->ops[i]); ++r) {
      const MlirValue result = mlirOperationGetResult(batch->ops[i], r);
      bool outside = false;
      for (MlirOpOperand use = mlirValueGetFirstUse(result); !mlirOpOperandIsNull(use);
           use = mlirOpOperandGetNextUse(use)) {
        const MlirOperation user = mlirOpOperandGetOwner(use);
        outside = outside || mlirOperationGetNumResults(user) == 0 ||
                  !is_constant(state, mlirOperationGetResult(user, 0));
      }
      if (outside) out_results[count++] = result;
    }
  return count;
}

// Copies `op`, and the constants it reads, to the end of `block`.
static mth_status copy_op(folding *state, MlirBlock block, MlirOperation op,
                          mth_value_map *copies) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    const MlirValue operand = mlirOperationGetOperand(op, i);
    if (!mlirValueIsNull(mth_value_map_get(copies, operand))) continue;
    MTH_TRY(copy_op(state, block, mth_defining_op(operand), copies)); // a constant: no operands
  }
  const MlirOperation copy = mlirOperationClone(op);
  mlirBlockAppendOwnedOperation(block, copy);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i)
    mlirOperationSetOperand(copy, i, mth_value_map_get(copies, mlirOperationGetOperand(op, i)));
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    MTH_TRY(
        mth_value_map_set(copies, mlirOperationGetResult(op, i), mlirOperationGetResult(copy, i)));
  return MTH_OK;
}

// The entry @fold that returns `results`; one port "r0", "r1", ... for each.
static mth_status write_entry(folding *state, MlirModule module, const batch *batch, size_t count,
                              const MlirValue *results) {
  MlirContext context = state->context;
  const MlirLocation loc = mlirOperationGetLocation(batch->ops[0]);
  MlirValue *returned = MTH_NEW_ARRAY(state->arena, MlirValue, count);
  MlirType *types = MTH_NEW_ARRAY(state->arena, MlirType, count);
  MlirAttribute *ports = MTH_NEW_ARRAY(state->arena, MlirAttribute, count);
  if (!returned || !types || !ports) return MTH_NO_MEMORY;
  MlirRegion region = mlirRegionCreate();
  const MlirBlock block = mlirBlockCreate(0, NULL, NULL);
  mlirRegionAppendOwnedBlock(region, block);
  mth_value_map copies = MTH_VALUE_MAP_INIT(state->arena);
  for (size_t i = 0; i < batch->count; ++i)
    MTH_TRY(copy_op(state, block, batch->ops[i], &copies));
  for (size_t i = 0; i < count; ++i) {
    returned[i] = mth_value_map_get(&copies, results[i]);
    types[i] = mlirValueGetType(returned[i]);
    const char *name = mth_arena_format(state->arena, "r%zu", i);
    if (!name) return MTH_NO_MEMORY;
    const MlirNamedAttribute port =
        mth_named(context, "mithril.port", mth_text_attr(context, name));
    ports[i] = mlirDictionaryAttrGet(context, 1, &port);
  }
  mth_append_op(block, &(mth_op_spec){.name = "mithril.return",
                                      .loc = loc,
                                      .operand_count = (intptr_t)count,
                                      .operands = returned});
  const MlirNamedAttribute attributes[] = {
      mth_named(context, "sym_name", mth_text_attr(context, "fold")),
      mth_named(context, "function_type",
                mlirTypeAttrGet(mlirFunctionTypeGet(context, 0, NULL, (intptr_t)count, types))),
      mth_named(context, "res_attrs", mlirArrayAttrGet(context, (intptr_t)count, ports))};
  mth_append_op(mlirModuleGetBody(module), &(mth_op_spec){.name = "mithril.entry",
                                                          .loc = loc,
                                                          .attribute_count = 3,
                                                          .attributes = attributes,
                                                          .region_count = 1,
                                                          .regions = &region});
  return MTH_OK;
}

static mth_status put_constants(const folding *state, size_t count, const MlirValue *results,
                                const MlirAttribute *values) {
  for (size_t i = 0; i < count; ++i) {
    const MlirType type = mlirValueGetType(results[i]);
    const MlirOperation op = mth_defining_op(results[i]);
    if (mlirAttributeIsNull(values[i]) || !mlirTypeEqual(mlirAttributeGetType(values[i]), type))
      return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(op),
                         "a folded constant has another type");
    const MlirNamedAttribute value = mth_named(state->context, "value", values[i]);
    const MlirOperation constant = mth_make_op(&(mth_op_spec){.name = "mithril.constant",
                                                              .loc = mlirOperationGetLocation(op),
                                                              .result_count = 1,
                                                              .results = &type,
                                                              .attribute_count = 1,
                                                              .attributes = &value});
    mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(op), op, constant);
    mlirValueReplaceAllUsesOfWith(results[i], mlirOperationGetResult(constant, 0));
  }
  return MTH_OK;
}

static mth_status fold_body(folding *state, MlirBlock body) {
  state->constants = MTH_VALUE_MAP_INIT(state->arena);
  batch batch;
  MTH_TRY(find_batch(state, body, &batch));
  size_t most = 0;
  for (size_t i = 0; i < batch.count; ++i)
    most += (size_t)mlirOperationGetNumResults(batch.ops[i]);
  MlirValue *results = MTH_NEW_ARRAY(state->arena, MlirValue, most);
  MlirAttribute *values = MTH_NEW_ARRAY(state->arena, MlirAttribute, most);
  if (!results || !values) return MTH_NO_MEMORY;
  const size_t count = find_results(state, &batch, results);
  if (count == 0) return MTH_OK;
  const MlirModule module = mlirModuleCreateEmpty(mlirOperationGetLocation(batch.ops[0]));
  mth_status status = write_entry(state, module, &batch, count, results);
  if (status == MTH_OK)
    status = state->evaluate->run(state->evaluate->user, mlirModuleGetOperation(module),
                                  (intptr_t)count, values);
  if (status == MTH_OK) status = put_constants(state, count, results, values);
  mlirModuleDestroy(module);
  for (size_t i = batch.count; status == MTH_OK && i-- > 0;)
    if (!mth_op_is_used(batch.ops[i])) mlirOperationDestroy(batch.ops[i]);
  return status;
}

mth_status mth_pass_fold_static(MlirOperation module, const void *options) {
  const mth_fold_static_options *given = options;
  MlirContext context = mlirOperationGetContext(module);
  const mth_evaluate *evaluate = mth_dialect_get_evaluate(context);
  if (!evaluate) return MTH_OK;
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  folding state = {
      .context = context, .evaluate = evaluate, .max_bytes = given->max_bytes, .arena = &arena};
  mth_status status = MTH_OK;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module));
       status == MTH_OK && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.entry")) status = fold_body(&state, mth_op_body(op));
  mth_arena_reset(&arena);
  return status;
}
