// extent.c: how long a kernel's values are, as expressions over its symbols.
#include "passes/loops/extent.h"

#include "dialect/fail.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "passes/memory_plan.h"
#include "runtime/allocator.h"

#include "mlir-c/AffineExpr.h"
#include "mlir-c/AffineMap.h"
#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

mth_status mth_visit_kernels(MlirOperation module, mth_kernel_visitor *visit, void *user) {
  MlirOperation next;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module)); !mlirOperationIsNull(op);
       op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (!mth_op_is_named(op, "func.func")) continue;
    if (mlirAttributeIsNull(mth_op_attribute(op, "mithril.kernel"))) continue;
    if (!mlirBlockIsNull(mth_op_body(op))) MTH_TRY(visit(op, user));
  }
  return MTH_OK;
}

size_t mth_kernel_generics(MlirOperation function, size_t capacity, MlirOperation *out_generics) {
  size_t count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(function));
       !mlirOperationIsNull(op) && count < capacity; op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "linalg.generic")) out_generics[count++] = op;
  return count;
}

int64_t mth_kernel_grid_rank(MlirOperation function) {
  const MlirAttribute rank = mth_op_attribute(function, "mithril.grid_rank");
  return mlirAttributeIsNull(rank) ? 0 : mlirIntegerAttrGetValueInt(rank);
}

MlirAffineMap mth_generic_map(MlirOperation generic, intptr_t operand) {
  const MlirAttribute maps = mth_op_attribute(generic, "indexing_maps");
  return mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(maps, operand));
}

int64_t mth_kernel_tile_rank(MlirOperation function) {
  const int64_t rank = mth_kernel_grid_rank(function);
  return rank > 0 ? rank : 1;
}

intptr_t mth_generic_input_count(MlirOperation generic) {
  return mlirDenseI32ArrayGetElement(mth_op_attribute(generic, "operandSegmentSizes"), 0);
}

intptr_t mth_generic_loop_count(MlirOperation generic) {
  return mlirArrayAttrGetNumElements(mth_op_attribute(generic, "iterator_types"));
}

bool mth_generic_is_reduction(MlirOperation generic, intptr_t loop) {
  const MlirAttribute kind =
      mlirArrayAttrGetElement(mth_op_attribute(generic, "iterator_types"), loop);
  const MlirAttribute reduction = mlirAttributeParseGet(
      mlirOperationGetContext(generic), mth_str("#linalg.iterator_type<reduction>"));
  return mlirAttributeEqual(kind, reduction);
}

mth_status mth_extents_init(mth_extents *extents, MlirOperation function) {
  *extents = (mth_extents){.function = function, .arena = MTH_ARENA_INIT(mth_default_allocator())};
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &extents->table));
  const MlirBlock entry = mth_op_body(function);
  const intptr_t argument_count = mlirBlockGetNumArguments(entry);
  bool has_tiles = false;
  for (intptr_t i = 0; i < argument_count; ++i) {
    const MlirType type = mlirValueGetType(mlirBlockGetArgument(entry, i));
    if (mlirTypeIsAIndex(type)) {
      if (extents->symbol_count++ == 0) extents->first_symbol = i;
    } else if (extents->symbol_count > 0) {
      has_tiles = true; // scratch follows: form 7
    }
  }
  if (has_tiles) extents->symbol_count -= 2 * mth_kernel_tile_rank(function);
  return MTH_OK;
}

void mth_extents_deinit(mth_extents *extents) {
  mth_arena_reset(&extents->arena);
  mth_dim_table_destroy(extents->table);
}

static const mth_dim *symbol(mth_extents *extents, intptr_t index) {
  char name[24];
  snprintf(name, sizeof name, "d%d", (int)index);
  return mth_dim_symbol(extents->table, name);
}

const mth_dim *mth_extent_of_index(mth_extents *extents, MlirValue index) {
  mth_dim_table *const t = extents->table;
  if (mlirValueIsABlockArgument(index)) {
    const intptr_t number = mlirBlockArgumentGetArgNumber(index) - extents->first_symbol;
    return number >= 0 && number < extents->symbol_count ? symbol(extents, number) : NULL;
  }
  const MlirOperation op = mth_defining_op(index);
  if (mth_op_is_named(op, "arith.constant"))
    return mth_dim_constant(t, mlirIntegerAttrGetValueInt(mth_op_attribute(op, "value")));
  if (mlirOperationGetNumOperands(op) != 2) return NULL;
  const mth_dim *const a = mth_extent_of_index(extents, mlirOperationGetOperand(op, 0));
  const mth_dim *const b = mth_extent_of_index(extents, mlirOperationGetOperand(op, 1));
  if (mth_op_is_named(op, "arith.addi")) return mth_dim_add(t, a, b);
  if (mth_op_is_named(op, "arith.subi")) return mth_dim_subtract(t, a, b);
  if (mth_op_is_named(op, "arith.muli")) return mth_dim_multiply(t, a, b);
  if (mth_op_is_named(op, "arith.floordivsi")) return mth_dim_floordiv(t, a, b);
  if (mth_op_is_named(op, "arith.divui") || mth_op_is_named(op, "arith.divsi"))
    return mth_dim_floordiv(t, a, b); // extents are not negative
  if (mth_op_is_named(op, "arith.remui") || mth_op_is_named(op, "arith.remsi"))
    return mth_dim_mod(t, a, b);
  if (mth_op_is_named(op, "arith.minsi")) return mth_dim_min(t, a, b);
  if (mth_op_is_named(op, "arith.maxsi")) return mth_dim_max(t, a, b);
  if (mth_op_is_named(op, "arith.ceildivsi"))
    return mth_dim_floordiv(t, mth_dim_add(t, a, mth_dim_subtract(t, b, mth_dim_constant(t, 1))),
                            b);
  return NULL;
}

static intptr_t dynamic_dims_before(MlirType type, intptr_t dim) {
  intptr_t count = 0;
  for (intptr_t i = 0; i < dim; ++i)
    count += mlirShapedTypeIsDynamicDim(type, i);
  return count;
}

// What the attribute `mithril.dims` of an argument or a result says of its n-th `?`.
static mth_status declared(mth_extents *extents, MlirAttribute dims, intptr_t n,
                           const mth_dim **out_extent) {
  const MlirLocation loc = mlirOperationGetLocation(extents->function);
  if (mlirAttributeIsNull(dims) || !mlirAttributeIsAArray(dims) ||
      n >= mlirArrayAttrGetNumElements(dims))
    return mth_fail_ir(MTH_INTERNAL, loc, "a kernel's operand does not say what its `?` are");
  return mth_dim_from_attribute(extents->table, &extents->arena, loc,
                                mlirArrayAttrGetElement(dims, n), out_extent);
}

mth_status mth_extent_get(mth_extents *extents, MlirValue value, intptr_t dim,
                          const mth_dim **out_extent) {
  const MlirType type = mlirValueGetType(value);
  if (!mlirShapedTypeIsDynamicDim(type, dim)) {
    *out_extent = mth_dim_constant(extents->table, mlirShapedTypeGetDimSize(type, dim));
    return *out_extent ? MTH_OK : MTH_NO_MEMORY;
  }
  const intptr_t n = dynamic_dims_before(type, dim);
  if (mlirValueIsABlockArgument(value))
    return declared(extents,
                    mth_argument_attribute(extents->function, mlirBlockArgumentGetArgNumber(value),
                                           "mithril.dims"),
                    n, out_extent);
  const MlirOperation op = mth_defining_op(value);
  if (mth_op_is_named(op, "linalg.generic"))
    return mth_extent_get(extents,
                          mlirOperationGetOperand(op, mth_generic_input_count(op) +
                                                          mlirOpResultGetResultNumber(value)),
                          dim, out_extent);
  MlirValue size = {NULL};
  if (mth_op_is_named(op, "tensor.empty")) {
    size = mlirOperationGetOperand(op, n);
  } else if (mth_op_is_named(op, "tensor.extract_slice") || mth_op_is_named(op, "memref.subview") ||
             mth_op_is_named(op, "memref.reinterpret_cast")) {
    const MlirAttribute segments = mth_op_attribute(op, "operandSegmentSizes");
    size = mlirOperationGetOperand(op, mlirDenseI32ArrayGetElement(segments, 0) +
                                           mlirDenseI32ArrayGetElement(segments, 1) + n);
  }
  *out_extent = mlirValueIsNull(size) ? NULL : mth_extent_of_index(extents, size);
  if (*out_extent) return MTH_OK;
  return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(op),
                     "nothing says what dim %d of this value is", (int)dim);
}

mth_status mth_extent_of_loop(mth_extents *extents, MlirOperation generic, intptr_t loop,
                              const mth_dim **out_extent) {
  const intptr_t operand_count = mlirOperationGetNumOperands(generic);
  for (intptr_t i = operand_count; i-- > 0;) { // results first: theirs are the simplest maps
    const MlirAffineMap map = mth_generic_map(generic, i);
    for (intptr_t d = 0; d < mlirAffineMapGetNumResults(map); ++d) {
      const MlirAffineExpr result = mlirAffineMapGetResult(map, d);
      if (mlirAffineExprIsADim(result) && mlirAffineDimExprGetPosition(result) == loop)
        return mth_extent_get(extents, mlirOperationGetOperand(generic, i), d, out_extent);
    }
  }
  assert(false && "linalg's verifier wants each loop to be a dim of an operand");
  return MTH_INTERNAL;
}

mth_index_value mth_extent_write(mth_extents *extents, mth_writer *w, const mth_dim *extent) {
  static const char *const ops[] = {[MTH_DIM_FLOORDIV] = "arith.floordivsi",
                                    [MTH_DIM_MOD] = "arith.remsi",
                                    [MTH_DIM_MIN] = "arith.minsi",
                                    [MTH_DIM_MAX] = "arith.maxsi"};
  const mth_dim_kind kind = mth_dim_get_kind(extent);
  if (kind == MTH_DIM_CONSTANT) return mth_index_number(mth_dim_value(extent));
  if (kind == MTH_DIM_SYMBOL) {
    const intptr_t number = strtol(mth_dim_name(extent) + 1, NULL, 10);
    assert(number < extents->symbol_count);
    return mth_index_of(
        mlirBlockGetArgument(mth_op_body(extents->function), extents->first_symbol + number));
  }
  mth_index_value value = mth_extent_write(extents, w, mth_dim_operand(extent, 0));
  for (size_t i = 1; i < mth_dim_operand_count(extent); ++i) {
    const mth_index_value next = mth_extent_write(extents, w, mth_dim_operand(extent, i));
    if (kind == MTH_DIM_ADD)
      value = mth_write_add(w, value, next);
    else if (kind == MTH_DIM_MULTIPLY)
      value = mth_write_multiply(w, value, next);
    else
      value = mth_index_of(
          mth_write_op(w, ops[kind], w->index, 2,
                       (MlirValue[]){mth_write_index(w, value), mth_write_index(w, next)}));
  }
  return value;
}

MlirAttribute mth_extent_attribute(mth_extents *extents, const mth_dim *extent) {
  const MlirContext context = mlirOperationGetContext(extents->function);
  int64_t number;
  if (mth_dim_is_constant(extent, &number)) return mth_i64_attr(context, number);
  return mth_text_attr(context, mth_dim_text(extents->table, extent));
}
