// bufferize: kernels on memrefs, by construction.
//
// Why     A kernel is small and pure, so every value's place can be read off its uses: a result is
//         written where the caller wants it, a step on the way into scratch. An analysis that could
//         also decide to copy has nothing to decide here.
// Needs   form 6: pure generics that say their vector loop; a grid on the function.
// Keeps   the order of the generics, their maps and bodies, all attributes of the function.
// Not     a loop: a scratch view repeats along grid dims (stride 0), so later passes must run one
//         grid point, or one vector of them, through all generics before the next.
// Test    test/passes/bufferize.mlir
#include "dialect/fail.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "passes/loops/extent.h"
#include "passes/loops/nest.h"
#include "passes/passes.h"
#include "runtime/allocator.h"
#include "runtime/arena.h"
#include "runtime/dtype.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>

enum { SCRATCH_ALIGNMENT = 64, MAX_OPERANDS = 64, MAX_TENSORS = 4096 };

// A tensor and the memref it becomes.
typedef struct place {
  MlirValue tensor, memory;
} place;

typedef struct bufferizer {
  MlirOperation function;
  MlirBlock entry;
  mth_arena *arena;
  mth_extents extents;
  mth_writer w;
  intptr_t grid_rank, vector_loop; // vector_loop: a grid loop, or -1
  int64_t vector_block;
  intptr_t operand_count, result_count, argument_count;
  MlirValue scratch, first_begin;
  const mth_dim *scratch_bytes;
  place *places;
  size_t place_count, place_capacity;
} bufferizer;

static void set_place(bufferizer *b, MlirValue tensor, MlirValue memory) {
  assert(b->place_count < b->place_capacity);
  b->places[b->place_count++] = (place){tensor, memory};
}

static MlirValue find_place(const bufferizer *b, MlirValue tensor) {
  for (size_t i = b->place_count; i-- > 0;)
    if (mlirValueEqual(b->places[i].tensor, tensor)) return b->places[i].memory;
  return (MlirValue){NULL};
}

static MlirType memref_of(MlirType tensor) {
  int64_t shape[MTH_MAX_RANK];
  const intptr_t rank = mlirShapedTypeGetRank(tensor);
  for (intptr_t i = 0; i < rank; ++i)
    shape[i] = mlirShapedTypeGetDimSize(tensor, i);
  return mlirMemRefTypeContiguousGet(mlirShapedTypeGetElementType(tensor), rank, shape,
                                     mlirAttributeGetNull());
}

static int64_t element_bytes(MlirType type) {
  const MlirType element = mlirShapedTypeGetElementType(type);
  const unsigned bits =
      mlirTypeIsAFloat(element) ? mlirFloatTypeGetWidth(element) : mlirIntegerTypeGetWidth(element);
  return (bits + 7) / 8;
}

// ---- scratch ------------------------------------------------------------------------------------

// A scratch view's strides: how far apart neighbours along each dim are, in elements.
typedef struct layout {
  intptr_t rank;
  const mth_dim *size[MTH_MAX_RANK], *stride[MTH_MAX_RANK], *elements;
  bool from_begin; // the vector loop starts at the tile's begin
} layout;

// Whether a body reads the value at computed indices, beside the maps of the generics.
static bool is_read_at_indices(MlirValue value) {
  for (MlirOpOperand use = mlirValueGetFirstUse(value); !mlirOpOperandIsNull(use);
       use = mlirOpOperandGetNextUse(use))
    if (mth_op_is_named(mlirOpOperandGetOwner(use), "tensor.extract")) return true;
  return false;
}

static mth_status lay_out(bufferizer *b, MlirOperation generic, intptr_t result, MlirType type,
                          layout *out) {
  mth_dim_table *const t = b->extents.table;
  const MlirAffineMap map = mth_generic_map(generic, mth_generic_input_count(generic) + result);
  const MlirAttribute tile = mth_op_attribute(generic, "mithril.contract");
  const mth_dim *elements = mth_dim_constant(t, 1), *const zero = mth_dim_constant(t, 0);
  const bool is_lanes = b->vector_loop >= 0 && mlirAttributeIsNull(tile);
  *out = (layout){.rank = mlirShapedTypeGetRank(type), .from_begin = false};
  bool is_one_element = !is_read_at_indices(mlirOperationGetResult(generic, result));
  for (intptr_t i = 0; i < out->rank; ++i) {
    const MlirAffineExpr index = mlirAffineMapGetResult(map, i);
    if (!mlirAffineExprIsADim(index))
      return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(generic),
                         "a value kept inside a kernel is written at computed indices");
    if (mlirAffineDimExprGetPosition(index) >= b->grid_rank) is_one_element = false;
  }
  if (is_lanes) elements = mth_dim_constant(t, b->vector_block);
  if (!mlirAttributeIsNull(tile))
    elements = mth_dim_constant(t, mlirDenseI64ArrayGetElement(tile, 0) *
                                       mlirDenseI64ArrayGetElement(tile, 1));
  for (intptr_t i = out->rank; i-- > 0;) {
    const intptr_t loop = mlirAffineDimExprGetPosition(mlirAffineMapGetResult(map, i));
    MTH_TRY(mth_extent_get(&b->extents, mlirOperationGetResult(generic, result), i, &out->size[i]));
    out->stride[i] = zero;
    if (loop >= b->grid_rank) {
      out->stride[i] = elements;
      elements = mth_dim_multiply(t, elements, out->size[i]);
    } else if (loop == b->vector_loop && is_lanes && !is_one_element) {
      out->stride[i] = mth_dim_constant(t, 1);
      out->from_begin = true;
    }
  }
  // One element for each grid point stays in a register: its view is never touched.
  if (is_one_element && mlirAttributeIsNull(tile)) elements = zero;
  out->elements = elements;
  return elements ? MTH_OK : MTH_NO_MEMORY;
}

static int64_t as_static(mth_index_value value) {
  return mlirValueIsNull(value.value) ? value.number : INT64_MIN;
}

// A view of the next free bytes of scratch for a result of `generic`.
static mth_status allocate(bufferizer *b, MlirOperation generic, intptr_t result,
                           MlirValue *out_memory) {
  mth_dim_table *const t = b->extents.table;
  const MlirType type = mlirValueGetType(mlirOperationGetResult(generic, result));
  layout l;
  MTH_TRY(lay_out(b, generic, result, type, &l));
  const mth_dim *const alignment = mth_dim_constant(t, SCRATCH_ALIGNMENT);
  const mth_dim *const bytes =
      mth_dim_multiply(t, l.elements, mth_dim_constant(t, element_bytes(type)));
  const mth_dim *const blocks = mth_dim_floordiv(
      t, mth_dim_add(t, bytes, mth_dim_constant(t, SCRATCH_ALIGNMENT - 1)), alignment);
  const mth_dim *const start = b->scratch_bytes;
  b->scratch_bytes = mth_dim_add(t, start, mth_dim_multiply(t, blocks, alignment));
  if (!b->scratch_bytes) return MTH_NO_MEMORY;

  const MlirType element = mlirShapedTypeGetElementType(type);
  const mth_index_value count = mth_extent_write(&b->extents, &b->w, l.elements);
  MlirValue operands[2 + 3 * MTH_MAX_RANK] = {
      b->scratch, mth_write_index(&b->w, mth_extent_write(&b->extents, &b->w, start))};
  intptr_t n = 2;
  int64_t flat_size = mlirShapedTypeGetDynamicSize();
  if (mlirValueIsNull(count.value))
    flat_size = count.number;
  else
    operands[n++] = count.value;
  const MlirType flat = mlirMemRefTypeContiguousGet(element, 1, &flat_size, mlirAttributeGetNull());
  const MlirValue view = mth_write_op(&b->w, "memref.view", flat, n, operands);

  int64_t offset = 0, sizes[MTH_MAX_RANK], strides[MTH_MAX_RANK], shape[MTH_MAX_RANK];
  int32_t segments[4] = {1, 0, 0, 0};
  operands[0] = view, n = 1;
  if (l.from_begin) {
    const mth_index_value none = mth_index_number(0);
    const mth_index_value begin = mth_index_of(b->first_begin);
    operands[n++] = mth_write_index(&b->w, mth_write_subtract(&b->w, none, begin));
    offset = INT64_MIN, segments[1] = 1;
  }
  for (intptr_t i = 0; i < l.rank; ++i) {
    const mth_index_value size = mth_extent_write(&b->extents, &b->w, l.size[i]);
    sizes[i] = shape[i] = mlirShapedTypeGetDimSize(type, i);
    if (!mlirShapedTypeIsDynamicDim(type, i)) continue;
    operands[n++] = mth_write_index(&b->w, size);
    sizes[i] = INT64_MIN, ++segments[2];
  }
  for (intptr_t i = 0; i < l.rank; ++i) {
    const mth_index_value stride = mth_extent_write(&b->extents, &b->w, l.stride[i]);
    strides[i] = as_static(stride);
    if (strides[i] == INT64_MIN) operands[n++] = stride.value, ++segments[3];
  }
  const MlirContext context = b->w.context;
  const MlirType memory = mlirMemRefTypeGet(
      element, l.rank, shape, mlirStridedLayoutAttrGet(context, offset, l.rank, strides),
      mlirAttributeGetNull());
  const MlirNamedAttribute attributes[] = {
      mth_named(context, "operandSegmentSizes", mlirDenseI32ArrayGet(context, 4, segments)),
      mth_named(context, "static_offsets", mlirDenseI64ArrayGet(context, 1, &offset)),
      mth_named(context, "static_sizes", mlirDenseI64ArrayGet(context, l.rank, sizes)),
      mth_named(context, "static_strides", mlirDenseI64ArrayGet(context, l.rank, strides))};
  *out_memory =
      mth_write_op_with(&b->w, "memref.reinterpret_cast", memory, n, operands, 4, attributes);
  return MTH_OK;
}

// ---- where results go ---------------------------------------------------------------------------

static MlirValue output(const bufferizer *b, intptr_t result) {
  return mlirBlockGetArgument(b->entry, b->operand_count + result);
}

// The result of the kernel that `value` is returned as, or -1.
static intptr_t returned_as(const bufferizer *b, MlirValue value) {
  const MlirOperation end = mlirBlockGetTerminator(b->entry);
  for (intptr_t i = 0; i < b->result_count; ++i)
    if (mlirValueEqual(mlirOperationGetOperand(end, i), value)) return i;
  return -1;
}

// The generic that goes on writing where `value` was written: it is its only use.
static MlirOpOperand only_use_as_init(MlirValue value) {
  const MlirOpOperand use = mlirValueGetFirstUse(value);
  const MlirOpOperand none = {NULL};
  if (mlirOpOperandIsNull(use) || !mlirOpOperandIsNull(mlirOpOperandGetNextUse(use))) return none;
  const MlirOperation user = mlirOpOperandGetOwner(use);
  if (!mth_op_is_named(user, "linalg.generic")) return none;
  return (intptr_t)mlirOpOperandGetOperandNumber(use) >= mth_generic_input_count(user) ? use : none;
}

// Places are chosen from the last generic to the first, so that a value that a later one updates
// is made where the update wants it.
static mth_status choose_place(bufferizer *b, MlirOperation generic, intptr_t result) {
  const MlirValue value = mlirOperationGetResult(generic, result);
  const bool is_product = !mlirAttributeIsNull(mth_op_attribute(generic, "mithril.contract"));
  const intptr_t returned = returned_as(b, value);
  const MlirOpOperand update = only_use_as_init(value);
  MlirValue memory = {NULL};
  if (!is_product && returned >= 0) {
    memory = output(b, returned);
  } else if (!is_product && !mlirOpOperandIsNull(update)) {
    const MlirOperation user = mlirOpOperandGetOwner(update);
    const intptr_t at = (intptr_t)mlirOpOperandGetOperandNumber(update);
    memory = find_place(b, mlirOperationGetResult(user, at - mth_generic_input_count(user)));
  }
  if (mlirValueIsNull(memory)) MTH_TRY(allocate(b, generic, result, &memory));
  set_place(b, value, memory);
  return MTH_OK;
}

static bool is_on_tensors(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    if (mlirTypeIsARankedTensor(mlirValueGetType(mlirOperationGetResult(op, i)))) return true;
  return false;
}

// ---- slices -------------------------------------------------------------------------------------

// The strided layout of a slice, as memref.subview infers it: static where all that it is made of
// is.
static MlirAttribute slice_layout(MlirType source, MlirOperation slice, intptr_t rank) {
  const int64_t unknown = mlirShapedTypeGetDynamicStrideOrOffset();
  int64_t strides[MTH_MAX_RANK], offset = 0;
  mlirMemRefTypeGetStridesAndOffset(source, strides, &offset);
  const MlirAttribute starts = mth_op_attribute(slice, "static_offsets");
  const MlirAttribute steps = mth_op_attribute(slice, "static_strides");
  for (intptr_t i = 0; i < rank; ++i) {
    const int64_t start = mlirDenseI64ArrayGetElement(starts, i);
    const bool is_known = start != unknown && strides[i] != unknown && offset != unknown;
    offset = start == 0 ? offset : is_known ? offset + start * strides[i] : unknown;
  }
  for (intptr_t i = 0; i < rank; ++i) {
    const int64_t step = mlirDenseI64ArrayGetElement(steps, i);
    strides[i] = step != unknown && strides[i] != unknown ? step * strides[i] : unknown;
  }
  return mlirStridedLayoutAttrGet(mlirOperationGetContext(slice), offset, rank, strides);
}

// tensor.extract_slice becomes a memref.subview: the same elements.
static mth_status rewrite_slice(bufferizer *b, MlirOperation slice) {
  const intptr_t operand_count = mlirOperationGetNumOperands(slice);
  const MlirType type = mlirValueGetType(mlirOperationGetResult(slice, 0));
  const intptr_t rank = mlirShapedTypeGetRank(type);
  const MlirValue source = find_place(b, mlirOperationGetOperand(slice, 0));
  if (mlirValueIsNull(source) || mlirShapedTypeGetRank(mlirValueGetType(source)) != rank)
    return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(slice),
                       "a slice of what is not in memory, or of another rank");
  static_assert(1 + 3 * MTH_MAX_RANK <= MAX_OPERANDS, "a slice's operands fit");
  MlirValue operands[MAX_OPERANDS] = {source};
  for (intptr_t i = 1; i < operand_count; ++i)
    operands[i] = mlirOperationGetOperand(slice, i);
  int64_t shape[MTH_MAX_RANK];
  for (intptr_t i = 0; i < rank; ++i)
    shape[i] = mlirShapedTypeGetDimSize(type, i);
  const MlirType memory = mlirMemRefTypeGet(mlirShapedTypeGetElementType(type), rank, shape,
                                            slice_layout(mlirValueGetType(source), slice, rank),
                                            mlirAttributeGetNull());
  MlirNamedAttribute attributes[4];
  static const char *const names[] = {"operandSegmentSizes", "static_offsets", "static_sizes",
                                      "static_strides"};
  for (int i = 0; i < 4; ++i)
    attributes[i] = mth_named(b->w.context, names[i], mth_op_attribute(slice, names[i]));
  set_place(
      b, mlirOperationGetResult(slice, 0),
      mth_write_op_with(&b->w, "memref.subview", memory, operand_count, operands, 4, attributes));
  return MTH_OK;
}

// ---- rewriting ----------------------------------------------------------------------------------

static MlirOperation make_generic(bufferizer *b, MlirOperation old, intptr_t operand_count,
                                  const MlirValue *operands, MlirRegion body) {
  MlirNamedAttribute attributes[16];
  intptr_t count = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(old) && count < 16; ++i)
    attributes[count++] = mlirOperationGetAttribute(old, i);
  const MlirOperation made = mth_make_op(&(mth_op_spec){.name = "linalg.generic",
                                                        .loc = mlirOperationGetLocation(old),
                                                        .operand_count = operand_count,
                                                        .operands = operands,
                                                        .attribute_count = count,
                                                        .attributes = attributes,
                                                        .region_count = 1,
                                                        .regions = &body});
  mlirBlockInsertOwnedOperationBefore(b->entry, mlirBlockGetTerminator(b->entry), made);
  return made;
}

static MlirWalkResult load_instead_of_extract(MlirOperation op, void *user) {
  bufferizer *const b = user;
  if (!mth_op_is_named(op, "tensor.extract")) return MlirWalkResultAdvance;
  MlirValue operands[1 + MTH_MAX_RANK];
  const intptr_t count = mlirOperationGetNumOperands(op);
  for (intptr_t i = 0; i < count; ++i)
    operands[i] = mlirOperationGetOperand(op, i);
  operands[0] = find_place(b, operands[0]);
  if (mlirValueIsNull(operands[0])) return MlirWalkResultAdvance; // verify-buffers will say so
  mth_writer w = mth_writer_get(mlirOperationGetLocation(op), mlirOperationGetBlock(op), op);
  const MlirValue loaded = mth_write_op(
      &w, "memref.load", mlirValueGetType(mlirOperationGetResult(op, 0)), count, operands);
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0), loaded);
  mlirOperationDestroy(op);
  return MlirWalkResultAdvance;
}

// A returned value that is not made in its place: product -> result, element by element of the
// grid.
static void copy_to_output(bufferizer *b, MlirOperation like, MlirValue from, MlirValue to) {
  const MlirContext context = b->w.context;
  const intptr_t rank = b->grid_rank;
  const MlirAffineMap product_map = mth_generic_map(like, mth_generic_input_count(like));
  const intptr_t result_rank = mlirAffineMapGetNumResults(product_map);
  MlirAffineExpr indices[MTH_MAX_RANK];
  for (intptr_t i = 0; i < result_rank; ++i)
    indices[i] = mlirAffineMapGetResult(product_map, i);
  const MlirAttribute map =
      mlirAffineMapAttrGet(mlirAffineMapGet(context, rank, 0, result_rank, indices));
  const MlirAttribute parallel =
      mlirAttributeParseGet(context, mth_str("#linalg.iterator_type<parallel>"));
  MlirAttribute kinds[MTH_MAX_RANK];
  for (intptr_t i = 0; i < rank; ++i)
    kinds[i] = parallel;
  const MlirType element = mlirShapedTypeGetElementType(mlirValueGetType(to));
  const MlirType types[] = {element, element};
  const MlirLocation locs[] = {b->w.loc, b->w.loc};
  const MlirBlock body = mlirBlockCreate(2, types, locs);
  const MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, body);
  const MlirValue element_in = mlirBlockGetArgument(body, 0);
  mth_append_op(body, &(mth_op_spec){.name = "linalg.yield",
                                     .loc = b->w.loc,
                                     .operand_count = 1,
                                     .operands = &element_in});
  MlirNamedAttribute attributes[] = {
      mth_named(context, "indexing_maps",
                mlirArrayAttrGet(context, 2, (MlirAttribute[]){map, map})),
      mth_named(context, "iterator_types", mlirArrayAttrGet(context, rank, kinds)),
      mth_named(context, "operandSegmentSizes",
                mlirDenseI32ArrayGet(context, 2, (int32_t[]){1, 1})),
      mth_named(context, "mithril.vector_loop", mth_op_attribute(like, "mithril.vector_loop")),
      mth_named(context, "mithril.lanes", mth_op_attribute(like, "mithril.lanes"))};
  const MlirOperation copy = mth_make_op(&(mth_op_spec){.name = "linalg.generic",
                                                        .loc = b->w.loc,
                                                        .operand_count = 2,
                                                        .operands = (MlirValue[]){from, to},
                                                        .attribute_count = 5,
                                                        .attributes = attributes,
                                                        .region_count = 1,
                                                        .regions = &region});
  mlirBlockInsertOwnedOperationBefore(b->entry, mlirBlockGetTerminator(b->entry), copy);
}

static mth_status rewrite_generic(bufferizer *b, MlirOperation generic) {
  MlirValue operands[MAX_OPERANDS];
  const intptr_t operand_count = mlirOperationGetNumOperands(generic);
  const intptr_t input_count = mth_generic_input_count(generic);
  if (operand_count > MAX_OPERANDS)
    return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(generic), "more than %d operands",
                       MAX_OPERANDS);
  for (intptr_t i = 0; i < operand_count; ++i) {
    const MlirValue old = mlirOperationGetOperand(generic, i);
    operands[i] = i < input_count
                      ? (mlirTypeIsARankedTensor(mlirValueGetType(old)) ? find_place(b, old) : old)
                      : find_place(b, mlirOperationGetResult(generic, i - input_count));
    if (mlirValueIsNull(operands[i]))
      return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(generic),
                         "operand %d is neither an argument nor made by a generic", (int)i);
  }
  const MlirRegion body = mlirRegionCreate();
  mlirRegionTakeBody(body, mlirOperationGetRegion(generic, 0));
  const MlirOperation made = make_generic(b, generic, operand_count, operands, body);
  mlirOperationWalk(made, load_instead_of_extract, b, MlirWalkPostOrder);
  const bool is_product = !mlirAttributeIsNull(mth_op_attribute(generic, "mithril.contract"));
  for (intptr_t i = 0; i < mlirOperationGetNumResults(generic) && is_product; ++i) {
    const intptr_t returned = returned_as(b, mlirOperationGetResult(generic, i));
    if (returned >= 0) copy_to_output(b, generic, operands[input_count + i], output(b, returned));
  }
  return MTH_OK;
}

// Extra values that return the same tensor again, or an argument, would be hidden copies.
static mth_status check_return(const bufferizer *b) {
  const MlirOperation end = mlirBlockGetTerminator(b->entry);
  for (intptr_t i = 0; i < b->result_count; ++i) {
    const MlirValue value = mlirOperationGetOperand(end, i);
    if (returned_as(b, value) != i || !mth_op_is_named(mth_defining_op(value), "linalg.generic"))
      return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(end),
                         "result %d is not a value of its own, made by a generic", (int)i);
  }
  return MTH_OK;
}

static MlirAttribute or_empty(MlirContext context, MlirAttribute all, intptr_t i) {
  if (mlirAttributeIsNull(all) || i >= mlirArrayAttrGetNumElements(all))
    return mlirDictionaryAttrGet(context, 0, NULL);
  return mlirArrayAttrGetElement(all, i);
}

// operands, symbols -> operands, results, symbols, begins and ends, scratch
static mth_status change_signature(bufferizer *b) {
  const MlirContext context = b->w.context;
  const intptr_t symbol_count = b->extents.symbol_count;
  const MlirOperation end = mlirBlockGetTerminator(b->entry);
  for (intptr_t i = 0; i < b->operand_count; ++i) {
    const MlirValue operand = mlirBlockGetArgument(b->entry, i);
    mlirValueSetType(operand, memref_of(mlirValueGetType(operand)));
    set_place(b, operand, operand);
  }
  for (intptr_t i = 0; i < b->result_count; ++i)
    mlirBlockInsertArgument(b->entry, b->operand_count + i,
                            memref_of(mlirValueGetType(mlirOperationGetOperand(end, i))), b->w.loc);
  for (intptr_t i = 0; i < 2 * mth_kernel_tile_rank(b->function); ++i)
    mlirBlockAddArgument(b->entry, b->w.index, b->w.loc);
  const int64_t any = mlirShapedTypeGetDynamicSize();
  b->scratch = mlirBlockAddArgument(
      b->entry,
      mlirMemRefTypeContiguousGet(mlirIntegerTypeGet(context, 8), 1, &any, mlirAttributeGetNull()),
      b->w.loc);
  b->argument_count = mlirBlockGetNumArguments(b->entry);
  b->extents.first_symbol = b->operand_count + b->result_count;
  const intptr_t first_begin = b->extents.first_symbol + symbol_count;
  if (b->vector_loop >= 0)
    b->first_begin = mlirBlockGetArgument(b->entry, first_begin + 2 * b->vector_loop);

  MlirType *const types = MTH_NEW_ARRAY(b->arena, MlirType, (size_t)b->argument_count);
  MlirAttribute *const attributes =
      MTH_NEW_ARRAY(b->arena, MlirAttribute, (size_t)b->argument_count);
  if (!types || !attributes) return MTH_NO_MEMORY;
  const MlirAttribute arg_attrs = mth_op_attribute(b->function, "arg_attrs");
  const MlirAttribute res_attrs = mth_op_attribute(b->function, "res_attrs");
  for (intptr_t i = 0; i < b->argument_count; ++i) {
    types[i] = mlirValueGetType(mlirBlockGetArgument(b->entry, i));
    attributes[i] = or_empty(context, mlirAttributeGetNull(), 0);
    if (i < b->operand_count)
      attributes[i] = or_empty(context, arg_attrs, i);
    else if (i < b->extents.first_symbol)
      attributes[i] = or_empty(context, res_attrs, i - b->operand_count);
  }
  mlirOperationSetAttributeByName(
      b->function, mth_str("function_type"),
      mlirTypeAttrGet(mlirFunctionTypeGet(context, b->argument_count, types, 0, NULL)));
  mlirOperationSetAttributeByName(b->function, mth_str("arg_attrs"),
                                  mlirArrayAttrGet(context, b->argument_count, attributes));
  mlirOperationRemoveAttributeByName(b->function, mth_str("res_attrs"));
  return MTH_OK;
}

static void erase_tensors(bufferizer *b) {
  const MlirOperation old_end = mlirBlockGetTerminator(b->entry);
  const MlirOperation new_end = mth_make_op(&(mth_op_spec){.name = "func.return", .loc = b->w.loc});
  mlirBlockInsertOwnedOperationAfter(b->entry, old_end, new_end);
  mlirOperationDestroy(old_end);
  // Uses come after what they use: erase from the end.
  MlirOperation previous[MAX_TENSORS];
  size_t count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(b->entry);
       !mlirOperationIsNull(op) && count < MAX_TENSORS; op = mlirOperationGetNextInBlock(op))
    if (is_on_tensors(op)) previous[count++] = op;
  while (count-- > 0)
    mlirOperationDestroy(previous[count]);
}

static mth_status run(bufferizer *b) {
  MlirOperation generics[MTH_MAX_GENERICS];
  const size_t generic_count = mth_kernel_generics(b->function, MTH_MAX_GENERICS, generics);
  const MlirOperation end = mlirBlockGetTerminator(b->entry);
  b->grid_rank = (intptr_t)mth_kernel_grid_rank(b->function);
  b->vector_loop = generic_count ? mth_nest_vector_loop(generics[0]) : -1;
  if (b->vector_loop >= b->grid_rank) b->vector_loop = -1;
  const MlirAttribute block = mth_op_attribute(b->function, "mithril.block");
  if (b->vector_loop >= 0) b->vector_block = mlirDenseI64ArrayGetElement(block, b->vector_loop);
  b->operand_count = mlirBlockGetNumArguments(b->entry) - b->extents.symbol_count;
  b->result_count = mlirOperationGetNumOperands(end);
  b->place_capacity = (size_t)b->operand_count + MAX_TENSORS;
  b->places = MTH_NEW_ARRAY(b->arena, place, b->place_capacity);
  b->scratch_bytes = mth_dim_constant(b->extents.table, 0);
  if (!b->places || !b->scratch_bytes) return MTH_NO_MEMORY;
  MTH_TRY(check_return(b));
  MTH_TRY(change_signature(b));
  for (size_t i = generic_count; i-- > 0;)
    for (intptr_t k = 0; k < mlirOperationGetNumResults(generics[i]); ++k)
      MTH_TRY(choose_place(b, generics[i], k));
  // What is written below goes before the terminator, after all that is old.
  for (MlirOperation op = mlirBlockGetFirstOperation(b->entry); !mlirOperationEqual(op, end);
       op = mlirOperationGetNextInBlock(op)) {
    if (mth_op_is_named(op, "tensor.extract_slice")) MTH_TRY(rewrite_slice(b, op));
    if (is_on_tensors(op) && mth_op_is_named(op, "linalg.generic")) MTH_TRY(rewrite_generic(b, op));
  }
  erase_tensors(b);
  mlirOperationSetAttributeByName(b->function, mth_str("mithril.scratch"),
                                  mth_extent_attribute(&b->extents, b->scratch_bytes));
  return MTH_OK;
}

static mth_status bufferize(MlirOperation function, void *user) {
  (void)user;
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const MlirBlock entry = mth_op_body(function);
  bufferizer b = {.function = function, .entry = entry, .arena = &arena};
  b.w = mth_writer_get(mlirOperationGetLocation(function), entry, mlirBlockGetTerminator(entry));
  mth_status status = mth_extents_init(&b.extents, function);
  if (status == MTH_OK) {
    status = run(&b);
    mth_extents_deinit(&b.extents);
  }
  mth_arena_reset(&arena);
  return status;
}

mth_status mth_pass_bufferize(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  return mth_visit_kernels(module, bufferize, NULL);
}
