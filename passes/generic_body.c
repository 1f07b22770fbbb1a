// generic_body.c: scalars of a linalg.generic, made where they are read.
#include "passes/generic_body.h"

#include "dialect/make.h"
#include "dialect/match.h"
#include "dialect/scalar.h"
#include "dialect/type.h"

#include "mlir-c/AffineExpr.h"
#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>
#include <string.h>

typedef struct input {
  MlirValue tensor, scalar;
  MlirAffineMap map;
} input;

typedef struct result {
  MlirValue start;
  MlirAffineMap map;
} result;

// A scalar that is there already.
typedef struct memo {
  size_t node;
  bool guarded;
  const mth_index *index;
  MlirValue scalar;
  struct memo *next;
} memo;

struct mth_generic {
  mth_kernel_function *function;
  mth_loops loops;
  MlirBlock block;
  input *inputs;
  size_t input_count, input_capacity;
  result *results;
  size_t result_count, result_capacity;
  bool lacked_memory; // for a result: closing fails
  memo *memos;
  int guards; // masks around the scalar: what is read may lie outside of its tensor
};

typedef struct node_scalar {
  mth_scalar base; // first: the callbacks cast back
  mth_generic *generic;
  const mth_kernel_node *node;
  const mth_index *index;
} node_scalar;

//===--- indices ---===//

// A dim inside the body.
static MlirValue body_dim(mth_generic *generic, const mth_dim *dim) {
  int64_t value;
  if (mth_dim_is_constant(dim, &value))
    return mth_index_constant_op(generic->block, generic->function->loc, value);
  return mth_kernel_dim(generic->function, dim);
}

static mth_scalar plain_scalar(mth_generic *generic) {
  return (mth_scalar){.context = generic->function->context,
                      .block = generic->block,
                      .loc = generic->function->loc};
}

static MlirValue loop_value(mth_generic *generic, int32_t loop) {
  const MlirType type = mlirIndexTypeGet(generic->function->context);
  const MlirNamedAttribute dim =
      mth_named(generic->function->context, "dim", mth_i64_attr(generic->function->context, loop));
  return mlirOperationGetResult(
      mth_append_op(generic->block, &(mth_op_spec){.name = "linalg.index",
                                                   .loc = generic->function->loc,
                                                   .result_count = 1,
                                                   .results = &type,
                                                   .attribute_count = 1,
                                                   .attributes = &dim}),
      0);
}

static MlirValue index_value(mth_generic *generic, const mth_index *index) {
  mth_scalar at = plain_scalar(generic);
  int64_t start;
  const bool from_zero = mth_dim_is_constant(index->start, &start) && start == 0;
  MlirValue sum = {NULL};
  for (int t = 0; t < mth_index_terms; ++t) {
    if (index->loop[t] < 0) continue;
    MlirValue term = loop_value(generic, index->loop[t]);
    if (index->step[t] != 1)
      term = mth_scalar_binary(&at, "arith.muli", term,
                               mth_index_constant_op(generic->block, at.loc, index->step[t]));
    sum = mlirValueIsNull(sum) ? term : mth_scalar_binary(&at, "arith.addi", sum, term);
  }
  if (mlirValueIsNull(sum)) return body_dim(generic, index->start);
  return from_zero ? sum
                   : mth_scalar_binary(&at, "arith.addi", sum, body_dim(generic, index->start));
}

// What is known of an index: whether it is never below 0, and never reaches the extent.
typedef struct bounds {
  bool low, high;
} bounds;

static bounds known_bounds(const mth_generic *generic, const mth_index *index,
                           const mth_dim *extent) {
  bounds known = {false, false};
  int64_t low, end, high;
  if (!mth_dim_is_constant(index->start, &low)) return known;
  known.low = low >= 0;
  for (int t = 0; t < mth_index_terms; ++t)
    known.low = known.low && (index->loop[t] < 0 || index->step[t] >= 0);
  known.high = low == 0 && index->loop[0] >= 0 && index->loop[1] < 0 && index->step[0] == 1 &&
               generic->loops.extent[index->loop[0]] == extent;
  if (!mth_dim_is_constant(extent, &end)) return known;
  high = low;
  for (int t = 0; t < mth_index_terms; ++t) {
    int64_t count, reach;
    if (index->loop[t] < 0) continue;
    if (!mth_dim_is_constant(generic->loops.extent[index->loop[t]], &count)) return known;
    if (__builtin_mul_overflow(index->step[t], count - 1, &reach)) return known;
    if (__builtin_add_overflow(reach < 0 ? low : high, reach, reach < 0 ? &low : &high))
      return known;
  }
  return (bounds){low >= 0, high < end};
}

//===--- reading tensors ---===//

MlirValue mth_generic_computed_form(mth_generic *generic, MlirValue stored, mth_dtype dtype) {
  mth_scalar at = plain_scalar(generic);
  const MlirType type = mlirValueGetType(stored), wide = mth_scalar_type(at.context, dtype);
  if (dtype == MTH_BOOL)
    return mth_scalar_compare(&at, MTH_NOT_EQUAL, stored, mth_scalar_integer(&at, type, 0));
  if (mlirTypeEqual(type, wide)) { // an accumulator of f16 or bf16 is f32: its value is rounded
    if (dtype != MTH_F16 && dtype != MTH_BF16) return stored;
    return mth_scalar_convert(&at, stored, MTH_F32, dtype);
  }
  return mth_scalar_op(&at, "arith.extf", wide, 1, &stored);
}

MlirValue mth_generic_store_form(mth_generic *generic, MlirValue scalar, MlirType element) {
  mth_scalar at = plain_scalar(generic);
  const MlirType type = mlirValueGetType(scalar);
  if (mlirTypeEqual(type, element)) return scalar;
  return mth_scalar_op(&at, mlirTypeIsAFloat(element) ? "arith.truncf" : "arith.extui", element, 1,
                       &scalar);
}

MlirValue mth_generic_load(mth_generic *generic, MlirValue tensor, MlirAffineMap map) {
  for (size_t i = 0; i < generic->input_count; ++i)
    if (mlirValueEqual(generic->inputs[i].tensor, tensor) &&
        mlirAffineMapEqual(generic->inputs[i].map, map))
      return generic->inputs[i].scalar;
  if (generic->input_count == generic->input_capacity) {
    const size_t capacity = generic->input_capacity * 2 + 8;
    input *grown = MTH_NEW_ARRAY(generic->function->body->arena, input, capacity);
    if (!grown) return (MlirValue){NULL};
    if (generic->input_count) memcpy(grown, generic->inputs, generic->input_count * sizeof *grown);
    generic->inputs = grown;
    generic->input_capacity = capacity;
  }
  const MlirType element = mlirShapedTypeGetElementType(mlirValueGetType(tensor));
  assert(generic->result_count == 0 && "inputs come before results");
  const MlirValue scalar = mlirBlockAddArgument(generic->block, element, generic->function->loc);
  generic->inputs[generic->input_count++] = (input){tensor, scalar, map};
  return scalar;
}

static MlirValue extract(mth_generic *generic, MlirValue tensor, size_t rank,
                         const MlirValue *indices) {
  MlirValue operands[mth_axes_max + 1] = {tensor};
  for (size_t i = 0; i < rank; ++i)
    operands[1 + i] = indices[i];
  mth_scalar at = plain_scalar(generic);
  return mth_scalar_op(&at, "tensor.extract",
                       mlirShapedTypeGetElementType(mlirValueGetType(tensor)), rank + 1, operands);
}

// Reads at indices that may lie outside: they are clamped.
static MlirValue read_guarded(mth_generic *generic, const mth_kernel_node *node,
                              const mth_kernel_tensor *tensor, const mth_index *index) {
  mth_scalar at = plain_scalar(generic);
  MlirValue indices[mth_axes_max];
  for (size_t j = 0; j < tensor->layout.rank; ++j) {
    const int32_t axis = tensor->layout.axis[j];
    const mth_dim *extent = node->type.dims[axis];
    indices[j] = index_value(generic, &index[axis]);
    const bounds known = known_bounds(generic, &index[axis], extent);
    const mth_dim *last = mth_dim_subtract(generic->function->body->dims, extent,
                                           mth_dim_constant(generic->function->body->dims, 1));
    if (!known.high)
      indices[j] = mth_scalar_binary(&at, "arith.minsi", indices[j], body_dim(generic, last));
    if (!known.low)
      indices[j] = mth_scalar_binary(&at, "arith.maxsi", indices[j],
                                     mth_index_constant_op(generic->block, at.loc, 0));
  }
  return extract(generic, tensor->value, tensor->layout.rank, indices);
}

// Reads at indices that lie inside: through an affine map, of a slice if the index does not run
// over the whole axis.
static MlirValue read_affine(mth_generic *generic, const mth_kernel_node *node,
                             const mth_kernel_tensor *tensor, const mth_index *index) {
  mth_dim_table *dims = generic->function->body->dims;
  const MlirContext context = generic->function->context;
  mth_slice_dim slice[mth_axes_max];
  MlirAffineExpr exprs[mth_axes_max];
  const size_t rank = tensor->layout.rank;
  bool whole = true;
  for (size_t j = 0; j < rank; ++j) {
    const int32_t axis = tensor->layout.axis[j];
    const mth_index *at = &index[axis];
    const mth_dim *extent = node->type.dims[axis];
    int64_t start;
    const bool from_zero = mth_dim_is_constant(at->start, &start) && start == 0;
    exprs[j] = mlirAffineConstantExprGet(context, 0);
    // One element. A parallel loop of one step says no more than 0, and grid loops stay apart.
    const bool one_step = at->loop[0] >= 0 && (size_t)at->loop[0] < generic->loops.parallel &&
                          mth_dim_is_one(generic->loops.extent[at->loop[0]]);
    if (at->loop[0] < 0 || (one_step && at->loop[1] < 0)) {
      slice[j] = (mth_slice_dim){at->start, mth_dim_constant(dims, 1), 1};
      whole = whole && from_zero;
      continue;
    }
    if (at->loop[1] < 0) { // a slice's own stride
      slice[j] = (mth_slice_dim){at->start, generic->loops.extent[at->loop[0]], at->step[0]};
      exprs[j] = mlirAffineDimExprGet(context, at->loop[0]);
      whole = whole && from_zero && at->step[0] == 1 && slice[j].size == extent;
      continue;
    }
    slice[j] = (mth_slice_dim){at->start, mth_dim_subtract(dims, extent, at->start), 1};
    for (int t = 0; t < mth_index_terms && at->loop[t] >= 0; ++t)
      exprs[j] = mlirAffineAddExprGet(
          exprs[j], mlirAffineMulExprGet(mlirAffineDimExprGet(context, at->loop[t]),
                                         mlirAffineConstantExprGet(context, at->step[t])));
    whole = whole && from_zero;
  }
  const MlirValue from =
      whole ? tensor->value : mth_kernel_slice(generic->function, tensor->value, rank, slice);
  const MlirAffineMap map =
      mlirAffineMapGet(context, (intptr_t)generic->loops.count, 0, (intptr_t)rank, exprs);
  return mth_generic_load(generic, from, map);
}

static bool runs_backwards(const mth_index *index, size_t rank) {
  for (size_t i = 0; i < rank; ++i)
    for (int t = 0; t < mth_index_terms; ++t)
      if (index[i].loop[t] >= 0 && index[i].step[t] < 0) return true;
  return false;
}

static MlirValue read_tensor(mth_generic *generic, size_t node, const mth_index *index) {
  const mth_kernel_node *at = &generic->function->body->nodes[node];
  const mth_kernel_tensor *tensor = &generic->function->tensors[node];
  const bool computed = generic->guards > 0 || runs_backwards(index, (size_t)at->type.rank);
  const MlirValue stored =
      computed ? read_guarded(generic, at, tensor, index) : read_affine(generic, at, tensor, index);
  if (mlirValueIsNull(stored)) return stored;
  return mth_generic_computed_form(generic, stored, at->type.dtype);
}

//===--- computing ---===//

static MlirValue scalar_index(mth_scalar *scalar, size_t axis) {
  node_scalar *at = (node_scalar *)scalar;
  return index_value(at->generic, &at->index[axis]);
}

static MlirValue scalar_extent(mth_scalar *scalar, int operand, size_t axis) {
  node_scalar *at = (node_scalar *)scalar;
  const mth_type *type = operand < 0 ? &at->node->type : &at->node->core.operands[operand];
  return body_dim(at->generic, type->dims[axis]);
}

static MlirValue scalar_read(mth_scalar *scalar, size_t operand, const MlirValue *indices) {
  node_scalar *at = (node_scalar *)scalar;
  mth_generic *generic = at->generic;
  const size_t node = at->node->operands[operand];
  const mth_kernel_tensor *tensor = &generic->function->tensors[node];
  assert(!mlirValueIsNull(tensor->value) && "form-kernels makes it an argument");
  const MlirValue stored = extract(generic, tensor->value, tensor->layout.rank, indices);
  return mth_generic_computed_form(generic, stored,
                                   generic->function->body->nodes[node].type.dtype);
}

mth_scalar *mth_generic_scalar(mth_generic *generic, size_t node, const mth_index *index,
                               mth_dtype dtype) {
  const mth_kernel_body *body = generic->function->body;
  node_scalar *made = MTH_NEW(body->arena, node_scalar);
  if (!made) return NULL;
  made->base = plain_scalar(generic);
  made->base.op = &body->nodes[node].core;
  made->base.dtype = dtype;
  made->base.index = scalar_index;
  made->base.extent = scalar_extent;
  made->base.read = scalar_read;
  made->generic = generic;
  made->node = &body->nodes[node];
  made->index = index;
  return &made->base;
}

static MlirValue both(mth_generic *generic, MlirValue a, MlirValue b) {
  mth_scalar at = plain_scalar(generic);
  return mlirValueIsNull(a) ? b : mth_scalar_binary(&at, "arith.andi", a, b);
}

// Whether the element lies inside of the operand; a null value if it always does.
static MlirValue inside_mask(mth_generic *generic, const mth_type *operand,
                             const mth_index *index) {
  mth_scalar at = plain_scalar(generic);
  MlirValue all = {NULL};
  for (int32_t i = 0; i < operand->rank; ++i) {
    const bounds known = known_bounds(generic, &index[i], operand->dims[i]);
    if (known.low && known.high) continue;
    const MlirValue value = index_value(generic, &index[i]);
    if (!known.low) {
      const MlirValue zero = mth_index_constant_op(generic->block, at.loc, 0);
      all = both(generic, all, mth_scalar_compare(&at, MTH_GREATER_EQUAL, value, zero));
    }
    if (!known.high) {
      const MlirValue end = body_dim(generic, operand->dims[i]);
      all = both(generic, all, mth_scalar_compare(&at, MTH_LESS, value, end));
    }
  }
  return all;
}

static MlirValue read_operand(mth_generic *generic, const mth_kernel_node *node, size_t operand,
                              const mth_index *index) {
  mth_index inner[mth_axes_max];
  const mth_type *type = &node->core.operands[operand];
  const bool known =
      mth_lowering_access(generic->function->body->dims, &node->core, operand, index, inner);
  assert(known && "form-kernels takes no other");
  (void)known;
  if (!node->core.lowering->masked)
    return mth_generic_read(generic, node->operands[operand], inner);
  const MlirValue mask = inside_mask(generic, type, inner);
  if (mlirValueIsNull(mask)) return mth_generic_read(generic, node->operands[operand], inner);
  ++generic->guards;
  const MlirValue value = mth_generic_read(generic, node->operands[operand], inner);
  --generic->guards;
  if (mlirValueIsNull(value)) return value;
  mth_scalar at = plain_scalar(generic);
  const MlirValue zero = mth_scalar_number(&at, mlirValueGetType(value), 0);
  return mth_scalar_select(&at, mask, value, zero);
}

MlirValue mth_generic_compute(mth_generic *generic, size_t node, const mth_index *index) {
  const mth_kernel_node *at = &generic->function->body->nodes[node];
  const mth_lowering *lowering = at->core.lowering;
  MlirValue *operands =
      MTH_NEW_ARRAY(generic->function->body->arena, MlirValue, at->core.site->operand_count);
  mth_scalar *scalar = mth_generic_scalar(generic, node, index, at->type.dtype);
  if (!operands || !scalar) return (MlirValue){NULL};
  for (size_t i = 0; i < at->core.site->operand_count; ++i) {
    if (mth_lowering_reads_itself(lowering, i)) continue;
    operands[i] = read_operand(generic, at, i, index);
    if (mlirValueIsNull(operands[i])) return operands[i];
  }
  if (!lowering->scalar) return operands[0]; // a masked view
  const MlirValue made = lowering->scalar(scalar, operands);
  const bool narrow = at->type.dtype == MTH_F16 || at->type.dtype == MTH_BF16;
  return narrow ? mth_scalar_convert(scalar, made, MTH_F32, at->type.dtype) : made;
}

static MlirValue constant(mth_generic *generic, const mth_kernel_node *node) {
  mth_scalar at = plain_scalar(generic);
  const MlirAttribute elements = mth_op_attribute(node->op, "value");
  const MlirType type = mth_scalar_type(at.context, node->type.dtype);
  assert(mlirDenseElementsAttrIsSplat(elements) && "form-kernels passes other constants");
  const MlirAttribute splat = mlirDenseElementsAttrGetSplatValue(elements);
  if (mlirTypeIsAFloat(type))
    return mth_scalar_number(&at, type, mlirFloatAttrGetValueDouble(splat));
  if (node->type.dtype == MTH_BOOL)
    return mth_scalar_integer(&at, type, mlirBoolAttrGetValue(splat));
  return mth_scalar_integer(&at, type, mlirIntegerAttrGetValueInt(splat));
}

static bool same_index(const mth_index *a, const mth_index *b, size_t rank) {
  for (size_t i = 0; i < rank; ++i) {
    if (a[i].start != b[i].start) return false;
    for (int t = 0; t < mth_index_terms; ++t)
      if (a[i].loop[t] != b[i].loop[t] || (a[i].loop[t] >= 0 && a[i].step[t] != b[i].step[t]))
        return false;
  }
  return true;
}

MlirValue mth_generic_read(mth_generic *generic, size_t node, const mth_index *index) {
  const mth_kernel_body *body = generic->function->body;
  mth_index at[mth_axes_max];
  memcpy(at, index, sizeof *at * (size_t)body->nodes[node].type.rank);
  const bool seen = mth_kernel_see_through(body, &node, at);
  assert(seen && "form-kernels takes no other");
  (void)seen;
  const mth_kernel_node *base = &body->nodes[node];
  const size_t rank = (size_t)base->type.rank;
  for (memo *m = generic->memos; m; m = m->next)
    if (m->node == node && m->guarded == (generic->guards > 0) && same_index(m->index, at, rank))
      return m->scalar;
  memo *made = MTH_NEW(body->arena, memo);
  mth_index *copy = MTH_NEW_ARRAY(body->arena, mth_index, rank);
  if (!made || !copy) return (MlirValue){NULL};
  if (rank) memcpy(copy, at, rank * sizeof *copy);
  const bool guarded = generic->guards > 0;
  MlirValue scalar;
  if (base->is_constant)
    scalar = constant(generic, base);
  else if (!mlirValueIsNull(generic->function->tensors[node].value))
    scalar = read_tensor(generic, node, copy);
  else
    scalar = mth_generic_compute(generic, node, copy);
  *made = (memo){node, guarded, copy, scalar, generic->memos};
  generic->memos = made;
  return scalar;
}

//===--- the op ---===//

mth_generic *mth_generic_open(mth_kernel_function *function, const mth_loops *loops) {
  mth_generic *generic = MTH_NEW(function->body->arena, mth_generic);
  if (!generic) return NULL;
  generic->function = function;
  generic->loops = *loops;
  generic->block = mlirBlockCreate(0, NULL, NULL);
  return generic;
}

MlirValue mth_generic_add_result(mth_generic *generic, MlirValue start, MlirAffineMap map) {
  if (generic->result_count == generic->result_capacity) {
    const size_t capacity = generic->result_capacity * 2 + 4;
    result *grown = MTH_NEW_ARRAY(generic->function->body->arena, result, capacity);
    generic->lacked_memory |= !grown;
    if (!grown) return start; // which closing will not accept
    if (generic->result_count)
      memcpy(grown, generic->results, generic->result_count * sizeof *grown);
    generic->results = grown;
    generic->result_capacity = capacity;
  }
  generic->results[generic->result_count++] = (result){start, map};
  return mlirBlockAddArgument(generic->block, mlirShapedTypeGetElementType(mlirValueGetType(start)),
                              generic->function->loc);
}

MlirAffineMap mth_layout_map(MlirContext context, size_t loop_count, const mth_layout *layout) {
  MlirAffineExpr exprs[mth_axes_max];
  for (size_t j = 0; j < layout->rank; ++j)
    exprs[j] = mlirAffineDimExprGet(context, layout->axis[j]);
  return mlirAffineMapGet(context, (intptr_t)loop_count, 0, (intptr_t)layout->rank, exprs);
}

MlirOperation mth_generic_close(mth_generic *generic, const MlirValue *yields,
                                size_t attribute_count, const MlirNamedAttribute *attributes) {
  const MlirContext context = generic->function->context;
  mth_arena *arena = generic->function->body->arena;
  const size_t operand_count = generic->input_count + generic->result_count;
  MlirValue *operands = MTH_NEW_ARRAY(arena, MlirValue, operand_count);
  MlirAttribute *maps = MTH_NEW_ARRAY(arena, MlirAttribute, operand_count);
  MlirAttribute iterators[mth_loops_max];
  MlirType *types = MTH_NEW_ARRAY(arena, MlirType, generic->result_count);
  MlirNamedAttribute all[8];
  assert(attribute_count + 3 <= sizeof all / sizeof all[0]);
  if (!operands || !maps || !types || generic->lacked_memory) return (MlirOperation){NULL};
  for (size_t i = 0; i < generic->input_count; ++i) {
    operands[i] = generic->inputs[i].tensor;
    maps[i] = mlirAffineMapAttrGet(generic->inputs[i].map);
  }
  for (size_t i = 0; i < generic->result_count; ++i) {
    operands[generic->input_count + i] = generic->results[i].start;
    maps[generic->input_count + i] = mlirAffineMapAttrGet(generic->results[i].map);
    types[i] = mlirValueGetType(generic->results[i].start);
  }
  for (size_t i = 0; i < generic->loops.count; ++i)
    iterators[i] = mlirAttributeParseGet(
        context, mth_str(i < generic->loops.parallel ? "#linalg.iterator_type<parallel>"
                                                     : "#linalg.iterator_type<reduction>"));
  mth_append_op(generic->block, &(mth_op_spec){.name = "linalg.yield",
                                               .loc = generic->function->loc,
                                               .operand_count = (intptr_t)generic->result_count,
                                               .operands = yields});
  const int32_t segments[] = {(int32_t)generic->input_count, (int32_t)generic->result_count};
  all[0] =
      mth_named(context, "indexing_maps", mlirArrayAttrGet(context, (intptr_t)operand_count, maps));
  all[1] = mth_named(context, "iterator_types",
                     mlirArrayAttrGet(context, (intptr_t)generic->loops.count, iterators));
  all[2] = mth_named(context, "operandSegmentSizes", mlirDenseI32ArrayGet(context, 2, segments));
  for (size_t i = 0; i < attribute_count; ++i)
    all[3 + i] = attributes[i];
  const MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, generic->block);
  return mth_append_op(generic->function->block,
                       &(mth_op_spec){.name = "linalg.generic",
                                      .loc = generic->function->loc,
                                      .operand_count = (intptr_t)operand_count,
                                      .operands = operands,
                                      .result_count = (intptr_t)generic->result_count,
                                      .results = types,
                                      .attribute_count = (intptr_t)(3 + attribute_count),
                                      .attributes = all,
                                      .region_count = 1,
                                      .regions = &region});
}
