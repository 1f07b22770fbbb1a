// to_linalg: mithril.kernel  ==>  func.func of linalg.generic ops on tensors
//
// Why     Loops, vectors and buffers are made from one form, whatever the op.
// Needs   kernels of core ops (verify-kernels); operands of random access are arguments.
// Keeps   entries, launches and symbol names; the order of every sum; NaNs. Each kept value
//         (kernel_stages.h) is one generic, or two with the one that fills an accumulator.
// Not     ops that are C kernels: they become declarations.
// Test    test/passes/to_linalg.mlir
#include "dialect/fail.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "dialect/op_code.h"
#include "dialect/scalar.h"
#include "dialect/type.h"
#include "passes/c_kernel.h"
#include "passes/generic_body.h"
#include "passes/passes.h"

#include "mlir-c/AffineExpr.h"
#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>

static mth_loops parallel_loops(size_t count, const mth_dim *const *extents) {
  mth_loops loops = {.count = count, .parallel = count};
  for (size_t i = 0; i < count; ++i)
    loops.extent[i] = extents[i];
  return loops;
}

static void identity_index(const mth_kernel_body *body, size_t rank, mth_index *out) {
  for (size_t i = 0; i < rank; ++i)
    out[i] = mth_index_loop(body->dims, i);
}

static MlirAffineMap identity_map(MlirContext context, size_t count) {
  return mlirAffineMapMultiDimIdentityGet(context, (intptr_t)count);
}

// Folds run in f32 for f16 and bf16.
static mth_dtype fold_dtype(mth_dtype dtype) {
  return dtype == MTH_F16 || dtype == MTH_BF16 ? MTH_F32 : dtype;
}

static MlirValue empty_tensor(mth_kernel_function *function, size_t node, MlirType element,
                              const mth_layout *layout) {
  const mth_dim *dims[mth_axes_max];
  for (size_t j = 0; j < layout->rank; ++j)
    dims[j] = function->body->nodes[node].type.dims[layout->axis[j]];
  return mth_kernel_empty(function, element, layout->rank, dims);
}

//===--- stages ---===//

static mth_status write_maps(mth_kernel_function *function, const mth_kernel_stages *stages,
                             const mth_stage *stage) {
  const mth_kernel_body *body = function->body;
  const mth_type *shape = &body->nodes[stage->nodes[0]].type;
  const mth_loops loops = parallel_loops((size_t)shape->rank, shape->dims);
  mth_generic *generic = mth_generic_open(function, &loops);
  MlirValue *yields = MTH_NEW_ARRAY(body->arena, MlirValue, stage->node_count);
  if (!generic || !yields) return MTH_NO_MEMORY;
  mth_index index[mth_axes_max];
  identity_index(body, loops.count, index);
  for (size_t i = 0; i < stage->node_count; ++i) {
    yields[i] = mth_generic_read(generic, stage->nodes[i], index);
    if (mlirValueIsNull(yields[i])) return MTH_NO_MEMORY;
  }
  for (size_t i = 0; i < stage->node_count; ++i) {
    const size_t node = stage->nodes[i];
    const MlirType element = mth_storage_type(function->context, body->nodes[node].type.dtype);
    const mth_layout *layout = &stages->layouts[node];
    yields[i] = mth_generic_store_form(generic, yields[i], element);
    mth_generic_add_result(generic, empty_tensor(function, node, element, layout),
                           mth_layout_map(function->context, loops.count, layout));
  }
  const MlirOperation op = mth_generic_close(generic, yields, 0, NULL);
  if (mlirOperationIsNull(op)) return MTH_NO_MEMORY;
  for (size_t i = 0; i < stage->node_count; ++i)
    function->tensors[stage->nodes[i]] = (mth_kernel_tensor){
        mlirOperationGetResult(op, (intptr_t)i), stages->layouts[stage->nodes[i]]};
  return MTH_OK;
}

// The tensor of `start`, filled with a scalar that `value` makes, in loops over `loops`.
static mth_status write_fill(mth_kernel_function *function, size_t node, mth_dtype dtype,
                             MlirValue (*value)(mth_scalar *scalar), const mth_loops *loops,
                             MlirAffineMap map, MlirValue start, MlirValue *out_filled) {
  mth_generic *generic = mth_generic_open(function, loops);
  if (!generic) return MTH_NO_MEMORY;
  mth_scalar *scalar = mth_generic_scalar(generic, node, NULL, dtype);
  if (!scalar) return MTH_NO_MEMORY;
  const MlirType element = mlirShapedTypeGetElementType(mlirValueGetType(start));
  const MlirValue yield = mth_generic_store_form(generic, value(scalar), element);
  mth_generic_add_result(generic, start, map);
  const MlirOperation op = mth_generic_close(generic, &yield, 0, NULL);
  if (mlirOperationIsNull(op)) return MTH_NO_MEMORY;
  *out_filled = mlirOperationGetResult(op, 0);
  return MTH_OK;
}

// Closes the generic of a fold: accumulator = scalar(element, accumulator).
static mth_status close_fold(mth_kernel_function *function, mth_generic *generic, size_t node,
                             mth_dtype dtype, MlirValue element, MlirValue start, MlirAffineMap map,
                             size_t attribute_count, const MlirNamedAttribute *attributes) {
  const mth_kernel_node *at = &function->body->nodes[node];
  mth_scalar *scalar = mth_generic_scalar(generic, node, NULL, dtype);
  if (!scalar) return MTH_NO_MEMORY;
  const MlirValue stored = mth_generic_add_result(generic, start, map);
  const MlirValue accumulator = mth_generic_computed_form(generic, stored, dtype);
  const MlirValue sum = at->core.lowering->scalar(scalar, (MlirValue[]){element, accumulator});
  const MlirType type = mlirShapedTypeGetElementType(mlirValueGetType(start));
  const MlirValue yield = mth_generic_store_form(generic, sum, type);
  const MlirOperation op = mth_generic_close(generic, &yield, attribute_count, attributes);
  if (mlirOperationIsNull(op)) return MTH_NO_MEMORY;
  function->tensors[node].value = mlirOperationGetResult(op, 0);
  return MTH_OK;
}

// Loops along the axes of a reduction's tensor. Its loops are the kept axes in their order.
static void reduction_exprs(MlirContext context, const mth_layout *layout, MlirAffineExpr *out) {
  for (size_t j = 0; j < layout->rank; ++j) {
    intptr_t loop = 0;
    for (size_t k = 0; k < layout->rank; ++k)
      loop += layout->axis[k] < layout->axis[j];
    out[j] = mlirAffineDimExprGet(context, loop);
  }
}

static mth_status write_reduction(mth_kernel_function *function, const mth_kernel_stages *stages,
                                  size_t node) {
  const mth_kernel_body *body = function->body;
  const mth_kernel_node *at = &body->nodes[node];
  const mth_dtype dtype = fold_dtype(at->type.dtype);
  const mth_layout *layout = &stages->layouts[node];
  const intptr_t rank = (intptr_t)layout->rank;
  mth_loops loops;
  mth_node_loops(body, node, &loops);
  const mth_loops kept = parallel_loops(loops.parallel, loops.extent);
  assert(kept.count == layout->rank && "a reduction's tensor has its kept axes");
  MlirAffineExpr exprs[mth_axes_max];
  reduction_exprs(function->context, layout, exprs);
  MlirValue start =
      empty_tensor(function, node, mth_storage_type(function->context, dtype), layout);
  MTH_TRY(write_fill(function, node, dtype, at->core.lowering->identity, &kept,
                     mlirAffineMapGet(function->context, rank, 0, rank, exprs), start, &start));
  mth_generic *generic = mth_generic_open(function, &loops);
  if (!generic) return MTH_NO_MEMORY;
  mth_index index[mth_axes_max];
  mth_node_operand_index(body, node, 0, index);
  MlirValue element = mth_generic_read(generic, at->operands[0], index);
  mth_scalar *scalar = mth_generic_scalar(generic, node, NULL, dtype);
  if (mlirValueIsNull(element) || !scalar) return MTH_NO_MEMORY;
  element = mth_scalar_convert(scalar, element, at->core.operands[0].dtype, dtype);
  const MlirAffineMap map =
      mlirAffineMapGet(function->context, (intptr_t)loops.count, 0, rank, exprs);
  function->tensors[node].layout = *layout;
  return close_fold(function, generic, node, dtype, element, start, map, 0, NULL);
}

// The operand of a packed contraction: (batch, panel, k, lane), a batch axis of 1 is stretched.
static MlirAffineMap packed_map(mth_kernel_function *function, const mth_kernel_node *at,
                                size_t operand) {
  const MlirContext context = function->context;
  const mth_type *type = &at->core.operands[operand];
  const intptr_t loops = at->type.rank + 1, batch = type->rank - 3;
  const intptr_t missing = at->type.rank - 2 - batch;
  MlirAffineExpr exprs[mth_axes_max];
  for (intptr_t i = 0; i < batch; ++i)
    exprs[i] = mth_dim_is_one(type->dims[i]) && !mth_dim_is_one(at->type.dims[missing + i])
                   ? mlirAffineConstantExprGet(context, 0)
                   : mlirAffineDimExprGet(context, missing + i);
  const MlirAffineExpr row = mlirAffineDimExprGet(context, at->type.rank - 2 + (intptr_t)operand);
  int64_t lanes = 1;
  const bool known = mth_dim_is_constant(type->dims[type->rank - 1], &lanes);
  assert(known && "tiles are numbers");
  (void)known;
  const MlirAffineExpr tile = mlirAffineConstantExprGet(context, lanes);
  exprs[batch] = mlirAffineFloorDivExprGet(row, tile);
  exprs[batch + 1] = mlirAffineDimExprGet(context, loops - 1);
  exprs[batch + 2] = mlirAffineModExprGet(row, tile);
  return mlirAffineMapGet(context, loops, 0, type->rank, exprs);
}

static MlirValue zero(mth_scalar *scalar) { return mth_scalar_result_number(scalar, 0); }

static MlirAttribute tile_attribute(MlirContext context, const mth_kernel_node *at) {
  int64_t tile[2] = {1, 1};
  for (size_t i = 0; i < 2; ++i)
    mth_dim_is_constant(at->core.operands[i].dims[at->core.operands[i].rank - 1], &tile[i]);
  return mlirDenseI64ArrayGet(context, 2, tile);
}

static mth_status write_contraction(mth_kernel_function *function, const mth_kernel_stages *stages,
                                    size_t node) {
  const mth_kernel_body *body = function->body;
  const mth_kernel_node *at = &body->nodes[node];
  const mth_dtype dtype = fold_dtype(at->type.dtype);
  const mth_layout *layout = &stages->layouts[node];
  mth_loops loops;
  mth_node_loops(body, node, &loops);
  const mth_loops kept = parallel_loops(loops.parallel, loops.extent);
  MlirValue start =
      empty_tensor(function, node, mth_storage_type(function->context, dtype), layout);
  MTH_TRY(write_fill(function, node, dtype, zero, &kept,
                     mth_layout_map(function->context, kept.count, layout), start, &start));
  mth_generic *generic = mth_generic_open(function, &loops);
  if (!generic) return MTH_NO_MEMORY;
  MlirValue factors[2];
  for (size_t i = 0; i < 2; ++i) {
    const size_t operand = at->operands[i];
    assert(!mlirValueIsNull(function->tensors[operand].value) && "packs are kernels of their own");
    factors[i] =
        mth_generic_load(generic, function->tensors[operand].value, packed_map(function, at, i));
    if (mlirValueIsNull(factors[i])) return MTH_NO_MEMORY;
    const mth_dtype from = body->nodes[operand].type.dtype;
    mth_scalar *scalar = mth_generic_scalar(generic, node, NULL, dtype);
    if (!scalar) return MTH_NO_MEMORY;
    factors[i] = mth_scalar_convert(scalar, mth_generic_computed_form(generic, factors[i], from),
                                    fold_dtype(from), dtype);
  }
  mth_scalar *scalar = mth_generic_scalar(generic, node, NULL, dtype);
  if (!scalar) return MTH_NO_MEMORY;
  const MlirValue stored = mth_generic_add_result(
      generic, start, mth_layout_map(function->context, loops.count, layout));
  const MlirValue sum =
      at->core.lowering->scalar(scalar, (MlirValue[]){factors[0], factors[1], stored});
  const MlirNamedAttribute tag =
      mth_named(function->context, "mithril.contract", tile_attribute(function->context, at));
  const MlirOperation op = mth_generic_close(generic, &sum, 1, &tag);
  if (mlirOperationIsNull(op)) return MTH_NO_MEMORY;
  function->tensors[node] = (mth_kernel_tensor){mlirOperationGetResult(op, 0), *layout};
  return MTH_OK;
}

// Accumulates into row 0 of the result; the tag says that the first input tells which row instead.
static mth_status write_scatter(mth_kernel_function *function, const mth_kernel_stages *stages,
                                size_t node) {
  const mth_kernel_body *body = function->body;
  const mth_kernel_node *at = &body->nodes[node];
  const MlirContext context = function->context;
  const mth_dtype dtype = at->type.dtype;
  const mth_layout *layout = &stages->layouts[node];
  mth_loops loops, fill;
  mth_node_loops(body, node, &loops);
  fill = parallel_loops(loops.parallel, loops.extent);
  fill.extent[fill.count++] = at->type.dims[0];
  fill.parallel = fill.count;
  MlirAffineExpr fill_exprs[mth_axes_max], exprs[mth_axes_max];
  fill_exprs[0] = mlirAffineDimExprGet(context, (intptr_t)loops.parallel);
  exprs[0] = mlirAffineConstantExprGet(context, 0);
  for (size_t i = 0; i < loops.parallel; ++i)
    exprs[1 + i] = fill_exprs[1 + i] = mlirAffineDimExprGet(context, (intptr_t)i);
  const intptr_t rank = at->type.rank;
  MlirValue start = empty_tensor(function, node, mth_storage_type(context, dtype), layout);
  MTH_TRY(write_fill(function, node, dtype, at->core.lowering->identity, &fill,
                     mlirAffineMapGet(context, (intptr_t)fill.count, 0, rank, fill_exprs), start,
                     &start));
  mth_generic *generic = mth_generic_open(function, &loops);
  if (!generic) return MTH_NO_MEMORY;
  mth_index index[mth_axes_max];
  mth_node_operand_index(body, node, 0, index);
  const MlirValue row = mth_generic_read(generic, at->operands[0], index);
  mth_node_operand_index(body, node, 1, index);
  MlirValue element = mth_generic_read(generic, at->operands[1], index);
  mth_scalar *scalar = mth_generic_scalar(generic, node, NULL, dtype);
  if (mlirValueIsNull(row) || mlirValueIsNull(element) || !scalar) return MTH_NO_MEMORY;
  element = mth_scalar_convert(scalar, element, at->core.operands[1].dtype, dtype);
  const MlirNamedAttribute tag = mth_named(context, "mithril.scatter", mlirUnitAttrGet(context));
  function->tensors[node].layout = *layout;
  return close_fold(function, generic, node, dtype, element, start,
                    mlirAffineMapGet(context, (intptr_t)loops.count, 0, rank, exprs), 1, &tag);
}

static mth_status write_stage(mth_kernel_function *function, const mth_kernel_stages *stages,
                              const mth_stage *stage) {
  const size_t node = stage->nodes[0];
  if (!mth_node_is_fold(&function->body->nodes[node])) return write_maps(function, stages, stage);
  switch (function->body->nodes[node].core.lowering->kind) {
  case MTH_LOWERING_REDUCE:
    return write_reduction(function, stages, node);
  case MTH_LOWERING_PACKED:
    return write_contraction(function, stages, node);
  case MTH_LOWERING_SCATTER:
    return write_scatter(function, stages, node);
  case MTH_LOWERING_MAP:
  case MTH_LOWERING_VIEW:
  case MTH_LOWERING_RESHAPE:
  case MTH_LOWERING_CONTRACT:
    break;
  }
  return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(function->body->nodes[node].op),
                     "a contraction reaches to-linalg unpacked");
}

// A result that no stage makes in its final place.
static mth_status write_copy(mth_kernel_function *function, size_t node, MlirValue *out_tensor) {
  const mth_kernel_body *body = function->body;
  const mth_type *type = &body->nodes[node].type;
  const mth_loops loops = parallel_loops((size_t)type->rank, type->dims);
  mth_generic *generic = mth_generic_open(function, &loops);
  if (!generic) return MTH_NO_MEMORY;
  mth_index index[mth_axes_max];
  identity_index(body, loops.count, index);
  MlirValue scalar = mth_generic_read(generic, node, index);
  if (mlirValueIsNull(scalar)) return MTH_NO_MEMORY;
  const MlirType element = mth_storage_type(function->context, type->dtype);
  scalar = mth_generic_store_form(generic, scalar, element);
  mth_generic_add_result(generic, mth_kernel_empty(function, element, loops.count, loops.extent),
                         identity_map(function->context, loops.count));
  const MlirOperation op = mth_generic_close(generic, &scalar, 0, NULL);
  if (mlirOperationIsNull(op)) return MTH_NO_MEMORY;
  *out_tensor = mlirOperationGetResult(op, 0);
  return MTH_OK;
}

static mth_status write_body(mth_kernel_function *function, const mth_kernel_stages *stages) {
  const mth_kernel_body *body = function->body;
  for (size_t s = 0; s < stages->stage_count; ++s)
    MTH_TRY(write_stage(function, stages, &stages->stages[s]));
  MlirValue *results = MTH_NEW_ARRAY(body->arena, MlirValue, body->returned_count);
  if (!results) return MTH_NO_MEMORY;
  for (size_t i = 0; i < body->returned_count; ++i) {
    results[i] = function->tensors[stages->results[i].base].value;
    if (stages->results[i].copied) MTH_TRY(write_copy(function, body->returned[i], &results[i]));
  }
  mth_append_op(function->block, &(mth_op_spec){.name = "func.return",
                                                .loc = function->loc,
                                                .operand_count = (intptr_t)body->returned_count,
                                                .operands = results});
  return MTH_OK;
}

//===--- functions ---===//

// The type without its encoding, bool as i8.
static MlirType plain_type(MlirType type) {
  const MlirType element = mlirShapedTypeGetElementType(type);
  const mth_dtype dtype = mth_dtype_from_ir(element);
  int64_t shape[mth_axes_max];
  const intptr_t rank = mlirShapedTypeGetRank(type);
  for (intptr_t i = 0; i < rank; ++i)
    shape[i] = mlirShapedTypeIsDynamicDim(type, i) ? mlirShapedTypeGetDynamicSize()
                                                   : mlirShapedTypeGetDimSize(type, i);
  return mlirRankedTensorTypeGet(rank, shape, mth_storage_type(mlirTypeGetContext(type), dtype),
                                 mlirAttributeGetNull());
}

// {mithril.dims = [...]}: what the `?` of the type are, in the kernel's symbols.
static MlirAttribute dims_attribute(MlirType type) {
  const MlirContext context = mlirTypeGetContext(type);
  const MlirAttribute encoding = mlirRankedTensorTypeGetEncoding(type);
  if (mlirAttributeIsNull(encoding)) return mlirDictionaryAttrGet(context, 0, NULL);
  const MlirNamedAttribute dims = mth_named(context, "mithril.dims", encoding);
  return mlirDictionaryAttrGet(context, 1, &dims);
}

typedef struct signature {
  MlirType function_type;
  MlirType *arguments;
  size_t argument_count;
  MlirAttribute argument_attributes, result_attributes;
} signature;

static mth_status make_signature(MlirOperation kernel, mth_arena *arena, signature *out) {
  const MlirContext context = mlirOperationGetContext(kernel);
  const MlirType type = mlirTypeAttrGetValue(mth_op_attribute(kernel, "function_type"));
  const MlirAttribute symbols = mth_op_attribute(kernel, "symbols");
  const size_t operand_count = (size_t)mlirFunctionTypeGetNumInputs(type);
  const size_t result_count = (size_t)mlirFunctionTypeGetNumResults(type);
  const size_t symbol_count =
      mlirAttributeIsNull(symbols) ? 0 : (size_t)mlirArrayAttrGetNumElements(symbols);
  const size_t count = operand_count + symbol_count;
  MlirType *arguments = MTH_NEW_ARRAY(arena, MlirType, count);
  MlirType *results = MTH_NEW_ARRAY(arena, MlirType, result_count);
  MlirAttribute *attributes = MTH_NEW_ARRAY(arena, MlirAttribute, count + result_count);
  if (!arguments || !results || !attributes) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; ++i) {
    const bool is_operand = i < operand_count;
    const MlirType given =
        is_operand ? mlirFunctionTypeGetInput(type, (intptr_t)i) : mlirIndexTypeGet(context);
    arguments[i] = is_operand ? plain_type(given) : given;
    attributes[i] = is_operand ? dims_attribute(given) : mlirDictionaryAttrGet(context, 0, NULL);
  }
  for (size_t i = 0; i < result_count; ++i) {
    const MlirType given = mlirFunctionTypeGetResult(type, (intptr_t)i);
    results[i] = plain_type(given);
    attributes[count + i] = dims_attribute(given);
  }
  *out = (signature){
      .function_type =
          mlirFunctionTypeGet(context, (intptr_t)count, arguments, (intptr_t)result_count, results),
      .arguments = arguments,
      .argument_count = count,
      .argument_attributes = mlirArrayAttrGet(context, (intptr_t)count, attributes),
      .result_attributes = mlirArrayAttrGet(context, (intptr_t)result_count, attributes + count)};
  return MTH_OK;
}

// Replaces `kernel` by a func.func with this body; `body` is taken.
static void replace_kernel(MlirOperation kernel, const signature *type, MlirRegion body,
                           MlirNamedAttribute what) {
  const MlirContext context = mlirOperationGetContext(kernel);
  const MlirNamedAttribute attributes[] = {
      mth_named(context, "sym_name", mth_op_attribute(kernel, "sym_name")),
      mth_named(context, "sym_visibility", mth_text_attr(context, "private")),
      mth_named(context, "function_type", mlirTypeAttrGet(type->function_type)),
      mth_named(context, "arg_attrs", type->argument_attributes),
      mth_named(context, "res_attrs", type->result_attributes),
      mth_named(context, "mithril.kernel", mlirUnitAttrGet(context)),
      what};
  const MlirOperation function = mth_make_op(&(mth_op_spec){.name = "func.func",
                                                            .loc = mlirOperationGetLocation(kernel),
                                                            .attribute_count = 7,
                                                            .attributes = attributes,
                                                            .region_count = 1,
                                                            .regions = &body});
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(kernel), kernel, function);
  mlirOperationDestroy(kernel);
}

static mth_status lower(MlirOperation kernel, mth_dim_table *dims, mth_arena *arena) {
  const MlirContext context = mlirOperationGetContext(kernel);
  signature type;
  MTH_TRY(make_signature(kernel, arena, &type));
  mth_kernel_body body;
  mth_kernel_stages stages;
  size_t grid_rank;
  MTH_TRY(mth_kernel_body_read(kernel, dims, arena, &body));
  MTH_TRY(mth_kernel_stages_find(&body, &stages));
  MTH_TRY(mth_kernel_stages_grid(&body, &stages, &grid_rank));
  mth_kernel_function function = {.body = &body,
                                  .context = context,
                                  .loc = mlirOperationGetLocation(kernel),
                                  .first_symbol = body.argument_count,
                                  .tensors =
                                      MTH_NEW_ARRAY(arena, mth_kernel_tensor, body.node_count)};
  MlirLocation *locations = MTH_NEW_ARRAY(arena, MlirLocation, type.argument_count);
  if (!function.tensors || !locations) return MTH_NO_MEMORY;
  for (size_t i = 0; i < type.argument_count; ++i)
    locations[i] = function.loc;
  function.block = mlirBlockCreate((intptr_t)type.argument_count, type.arguments, locations);
  const MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, function.block);
  for (size_t i = 0; i < body.argument_count; ++i)
    function.tensors[i] =
        (mth_kernel_tensor){mlirBlockGetArgument(function.block, (intptr_t)i), stages.layouts[i]};
  const mth_status status = write_body(&function, &stages);
  if (status != MTH_OK) {
    mlirRegionDestroy(region);
    return status;
  }
  replace_kernel(
      kernel, &type, region,
      mth_named(context, "mithril.grid_rank", mth_i64_attr(context, (int64_t)grid_rank)));
  return MTH_OK;
}

mth_status mth_pass_to_linalg(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  mth_status status = MTH_OK;
  MlirOperation next;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module));
       status == MTH_OK && !mlirOperationIsNull(op); op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (!mth_op_is_named(op, "mithril.kernel")) continue;
    mth_dim_table *dims;
    MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
    mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
    status =
        mth_c_kernel_of(op) ? mth_c_kernel_declare(module, op, &arena) : lower(op, dims, &arena);
    mth_arena_reset(&arena);
    mth_dim_table_destroy(dims);
  }
  return status;
}
