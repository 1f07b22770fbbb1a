// product.c: sums of products of packed operands, by one shared function for each register tile.
#include "passes/loops/product.h"

#include "dialect/fail.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "dialect/type.h"

#include "mlir-c/AffineExpr.h"
#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ACCUMULATORS = 64, MAX_COLUMN_VECTORS = 8, VECTOR_BYTES = 64 };

// The register tile: rows x columns of the result, in vectors of `lanes` columns.
typedef struct register_tile {
  MlirType input, output; // elements
  int64_t rows, columns, lanes;
} register_tile;

size_t mth_product_find(const mth_nest *nest) {
  size_t i = 0;
  while (i < nest->generic_count &&
         mlirAttributeIsNull(mth_op_attribute(nest->generics[i], "mithril.contract")))
    ++i;
  return i;
}

// NULL: products of such elements are not made.
static const char *type_name(MlirType type) {
  const mth_dtype_info *info = mth_dtype_get(mth_dtype_from_ir(type));
  return info && info->family != MTH_FAMILY_BOOL ? info->mlir : NULL;
}

static MlirType flat_type(MlirType element) {
  const int64_t any = mlirShapedTypeGetDynamicSize();
  return mlirMemRefTypeContiguousGet(element, 1, &any, mlirAttributeGetNull());
}

// A loaded element or vector of `input` as `output`.
static MlirValue widen(mth_writer *w, const register_tile *t, MlirValue stored) {
  const MlirValue value = mth_write_from_storage(w, t->input, stored);
  if (mlirTypeEqual(t->input, t->output)) return value;
  const bool is_vector = mlirTypeIsAVector(mlirValueGetType(value));
  return mth_write_widen(w, mth_lanes_type(is_vector ? t->lanes : 1, t->output), value);
}

static MlirValue number(mth_writer *w, int64_t value) {
  return mth_write_index(w, mth_index_number(value));
}

// x y + sum; integers wrap.
static MlirValue multiply_add(mth_writer *w, const register_tile *t, MlirValue x, MlirValue y,
                              MlirValue sum) {
  const MlirType type = mlirValueGetType(sum);
  if (mlirTypeIsAFloat(t->output))
    return mth_write_op(w, "vector.fma", type, 3, (MlirValue[]){x, y, sum});
  const MlirValue product = mth_write_op(w, "arith.muli", type, 2, (MlirValue[]){x, y});
  return mth_write_op(w, "arith.addi", type, 2, (MlirValue[]){sum, product});
}

// c[i, j] = sum_k a[k, i] * b[k, j], one register tile. Arguments: a and where in it, b and where
// in it, K, c.
static void write_tile_function(const register_tile *t, mth_writer *w, MlirBlock entry) {
  const MlirValue a = mlirBlockGetArgument(entry, 0), b = mlirBlockGetArgument(entry, 2);
  const mth_index_value a_start = mth_index_of(mlirBlockGetArgument(entry, 1));
  const mth_index_value b_start = mth_index_of(mlirBlockGetArgument(entry, 3));
  const MlirValue K = mlirBlockGetArgument(entry, 4), c = mlirBlockGetArgument(entry, 5);
  const int64_t vectors = t->columns / t->lanes;
  const intptr_t count = (intptr_t)(t->rows * vectors);
  const MlirType out_vector = mth_lanes_type(t->lanes, t->output);
  const MlirType in_element = mth_storage_element(t->input);
  const MlirType in_vector = mth_lanes_type(t->lanes, in_element);
  const MlirAttribute zero = mlirTypeIsAFloat(t->output)
                                 ? mlirFloatAttrDoubleGet(w->context, t->output, 0)
                                 : mlirIntegerAttrGet(t->output, 0);
  MlirValue sums[MAX_ACCUMULATORS];
  for (intptr_t i = 0; i < count; ++i)
    sums[i] = mth_write_constant(w, out_vector, mlirDenseElementsAttrSplatGet(out_vector, zero));

  mth_loop loop =
      mth_open_loop(w, mth_index_number(0), mth_index_of(K), mth_index_number(1), count, sums);
  const mth_index_value k = mth_index_of(loop.induction);
  const mth_index_value a_at =
      mth_write_add(w, a_start, mth_write_multiply(w, k, mth_index_number(t->rows)));
  const mth_index_value b_at =
      mth_write_add(w, b_start, mth_write_multiply(w, k, mth_index_number(t->columns)));
  MlirValue columns[MAX_COLUMN_VECTORS];
  for (int64_t j = 0; j < vectors; ++j) {
    const MlirValue at = mth_write_index(w, mth_write_add(w, b_at, mth_index_number(j * t->lanes)));
    columns[j] = widen(w, t, mth_write_op(w, "vector.load", in_vector, 2, (MlirValue[]){b, at}));
  }
  for (int64_t i = 0; i < t->rows; ++i) {
    const MlirValue at = mth_write_index(w, mth_write_add(w, a_at, mth_index_number(i)));
    const MlirValue element =
        widen(w, t, mth_write_op(w, "memref.load", in_element, 2, (MlirValue[]){a, at}));
    const MlirValue row = mth_write_broadcast(w, t->lanes, element);
    for (int64_t j = 0; j < vectors; ++j)
      sums[i * vectors + j] = multiply_add(w, t, row, columns[j], sums[i * vectors + j]);
  }
  mth_close_loop(w, &loop, count, sums);
  for (intptr_t i = 0; i < count; ++i)
    mth_write_effect(w, "vector.store", 3,
                     (MlirValue[]){sums[i], c, number(w, (int64_t)i * t->lanes)}, 0, NULL);
  mth_write_effect(w, "func.return", 0, NULL, 0, NULL);
}

// The module's function for the tile: made before the kernel the first time.
static void require_function(const mth_nest *nest, const register_tile *t, const char *name) {
  const MlirContext context = nest->w.context;
  const MlirOperation module = mlirOperationGetParentOperation(nest->function);
  if (!mlirOperationIsNull(mth_find_symbol(module, mth_str(name)))) return;
  const MlirType in = flat_type(mth_storage_element(t->input)), out = flat_type(t->output),
                 index = nest->w.index;
  const MlirType types[] = {in, index, in, index, index, out};
  MlirLocation locs[6];
  for (int i = 0; i < 6; ++i)
    locs[i] = nest->w.loc;
  const MlirBlock entry = mlirBlockCreate(6, types, locs);
  const MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, entry);
  const MlirNamedAttribute attributes[] = {
      mth_named(context, "sym_name", mth_text_attr(context, name)),
      mth_named(context, "sym_visibility", mth_text_attr(context, "private")),
      mth_named(context, "function_type",
                mlirTypeAttrGet(mlirFunctionTypeGet(context, 6, types, 0, NULL))),
      mth_named(context, "llvm.linkage",
                mlirAttributeParseGet(context, mth_str("#llvm.linkage<internal>")))};
  const MlirOperation function = mth_make_op(&(mth_op_spec){.name = "func.func",
                                                            .loc = nest->w.loc,
                                                            .attribute_count = 4,
                                                            .attributes = attributes,
                                                            .region_count = 1,
                                                            .regions = &region});
  mlirBlockInsertOwnedOperationBefore(mth_op_body(module), nest->function, function);
  mth_writer w = mth_writer_get(nest->w.loc, entry, (MlirOperation){NULL});
  write_tile_function(t, &w, entry);
}

static mth_status find_tile(MlirOperation product, register_tile *out) {
  const MlirAttribute tag = mth_op_attribute(product, "mithril.contract");
  *out = (register_tile){
      .input = mlirShapedTypeGetElementType(mlirValueGetType(mlirOperationGetOperand(product, 0))),
      .output = mlirShapedTypeGetElementType(mlirValueGetType(mlirOperationGetOperand(product, 2))),
      .rows = mlirDenseI64ArrayGetElement(tag, 0),
      .columns = mlirDenseI64ArrayGetElement(tag, 1)};
  const bool is_known = type_name(out->input) && type_name(out->output);
  out->lanes =
      VECTOR_BYTES / (is_known && mth_dtype_get(mth_dtype_from_ir(out->output))->bits > 32 ? 8 : 4);
  if (out->columns < out->lanes) out->lanes = out->columns;
  if (is_known && out->columns % out->lanes == 0 &&
      out->columns / out->lanes <= MAX_COLUMN_VECTORS &&
      out->rows * (out->columns / out->lanes) <= MAX_ACCUMULATORS)
    return MTH_OK;
  return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(product),
                     "no register tile of %lld x %lld for these elements", (long long)out->rows,
                     (long long)out->columns);
}

// Where the panel at this point begins.
static MlirValue panel(mth_point *p, MlirOperation product, intptr_t operand,
                       const mth_buffer *buffer) {
  const MlirAffineMap map = mth_generic_map(product, operand);
  mth_lane indices[MTH_MAX_RANK];
  for (intptr_t i = 0; i < buffer->rank; ++i)
    indices[i] = mth_lane_affine(p, mlirAffineMapGetResult(map, i));
  return mth_lane_scalar(p, mth_lane_offset(p, buffer, buffer->rank, indices));
}

static bool is_zero(MlirAttribute number) {
  if (mlirAttributeIsNull(number)) return false;
  if (mlirAttributeIsAFloat(number)) return mlirFloatAttrGetValueDouble(number) == 0;
  return mlirAttributeIsAInteger(number) && mlirIntegerAttrGetValueInt(number) == 0;
}

// Whether generic i writes what the product adds to.
static bool is_start(const mth_nest *nest, size_t i, size_t product) {
  const MlirOperation generic = nest->generics[i];
  const MlirValue sum = mlirOperationGetOperand(nest->generics[product], 2);
  bool is_written = false;
  for (intptr_t k = mth_generic_input_count(generic); k < mlirOperationGetNumOperands(generic); ++k)
    is_written |= mlirValueEqual(mlirOperationGetOperand(generic, k), sum);
  return is_written;
}

// Maps that stand before the product come after it, on its elements: its operands are panels that
// the kernel was given, so it waits for none of them. Where the product is then.
static size_t bring_forward(mth_nest *nest, size_t product) {
  size_t count = 0;
  for (size_t i = 0; i <= product; ++i) {
    const MlirOperation moved = nest->generics[i];
    if (i < product && !is_start(nest, i, product)) continue;
    memmove(&nest->generics[count + 1], &nest->generics[count], (i - count) * sizeof moved);
    nest->generics[count++] = moved;
  }
  return count - 1;
}

static mth_status check_start(const mth_nest *nest, size_t product) {
  for (size_t i = 0; i < product; ++i) {
    const MlirOperation start = nest->generics[i];
    const MlirOperation value =
        mth_defining_op(mlirOperationGetOperand(mlirBlockGetTerminator(mth_op_body(start)), 0));
    const MlirAttribute number_attr = mth_op_is_named(value, "arith.constant")
                                          ? mth_op_attribute(value, "value")
                                          : mlirAttributeGetNull();
    if (mth_generic_input_count(start) > 0 || !is_zero(number_attr))
      return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(start),
                         "a product starts from something else than zero");
  }
  return MTH_OK;
}

static mth_status write_tiles(mth_nest *nest, size_t product, const register_tile *t,
                              const char *function, mth_point *p, mth_index_value *begin,
                              mth_index_value *end) {
  mth_writer *const w = &nest->w;
  const MlirOperation generic = nest->generics[product];
  const intptr_t m = nest->grid_rank - 2, n = nest->grid_rank - 1, k = nest->grid_rank;
  const mth_buffer *const a = mth_nest_buffer(nest, mlirOperationGetOperand(generic, 0));
  const mth_buffer *const b = mth_nest_buffer(nest, mlirOperationGetOperand(generic, 1));
  mth_buffer *const c = mth_nest_buffer(nest, mlirOperationGetOperand(generic, 2));
  const mth_dim *K;
  const bool has_buffers = a && b && c;
  if (!has_buffers)
    return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(generic),
                       "an operand of a product is no buffer of the kernel");
  MTH_TRY(mth_extent_of_loop(&nest->extents, generic, k, &K));
  const mth_index_value depth = mth_extent_write(&nest->extents, w, K);
  const MlirType flat = flat_type(t->output);
  const MlirValue tile = mth_write_op(w, "memref.cast", flat, 1, (MlirValue[]){c->flat});

  mth_loop columns =
      mth_open_loop(w, nest->begin[n], nest->end[n], mth_index_number(t->columns), 0, NULL);
  const mth_index_value j = mth_index_of(columns.induction);
  p->loop[n] = mth_lane_index(j), begin[n] = j;
  end[n] = mth_write_min(w, mth_write_add(w, j, mth_index_number(t->columns)), nest->end[n]);
  mth_loop rows =
      mth_open_loop(w, nest->begin[m], nest->end[m], mth_index_number(t->rows), 0, NULL);
  const mth_index_value i = mth_index_of(rows.induction);
  p->loop[m] = mth_lane_index(i), begin[m] = i;
  end[m] = mth_write_min(w, mth_write_add(w, i, mth_index_number(t->rows)), nest->end[m]);
  p->loop[k] = mth_lane_index(mth_index_number(0));

  const MlirValue operands[] = {
      a->flat, panel(p, generic, 0, a), b->flat, panel(p, generic, 1, b), mth_write_index(w, depth),
      tile};
  const MlirNamedAttribute callee =
      mth_named(w->context, "callee", mlirFlatSymbolRefAttrGet(w->context, mth_str(function)));
  mth_write_effect(w, "func.call", 6, operands, 1, &callee);

  // Element (m, n) of the product is element (m - i, n - j) of the register tile.
  const MlirAffineMap map = mth_generic_map(generic, 2);
  for (intptr_t d = 0; d < c->rank; ++d) {
    const intptr_t loop = mlirAffineDimExprGetPosition(mlirAffineMapGetResult(map, d));
    c->stride[d] = mth_index_number(loop == m ? t->columns : loop == n ? 1 : 0);
  }
  const mth_index_value first =
      mth_write_add(w, mth_write_multiply(w, i, mth_index_number(t->columns)), j);
  c->offset = mth_write_subtract(w, mth_index_number(0), first);
  MTH_TRY(mth_nest_write(nest, product + 1, nest->generic_count - product - 1, begin, end));
  mth_close_loop(w, &rows, 0, NULL);
  mth_close_loop(w, &columns, 0, NULL);
  return MTH_OK;
}

static mth_status write_batches(mth_nest *nest, size_t product, const register_tile *t,
                                const char *function, mth_point *p, intptr_t level,
                                mth_index_value *begin, mth_index_value *end) {
  if (level == nest->grid_rank - 2) return write_tiles(nest, product, t, function, p, begin, end);
  mth_loop loop =
      mth_open_loop(&nest->w, nest->begin[level], nest->end[level], mth_index_number(1), 0, NULL);
  begin[level] = mth_index_of(loop.induction);
  end[level] = mth_write_add(&nest->w, begin[level], mth_index_number(1));
  p->loop[level] = mth_lane_index(begin[level]);
  MTH_TRY(write_batches(nest, product, t, function, p, level + 1, begin, end));
  mth_close_loop(&nest->w, &loop, 0, NULL);
  return MTH_OK;
}

mth_status mth_product_write(mth_nest *nest, size_t product) {
  register_tile tile;
  char name[64];
  product = bring_forward(nest, product);
  MTH_TRY(check_start(nest, product));
  MTH_TRY(find_tile(nest->generics[product], &tile));
  snprintf(name, sizeof name, "mithril_product_%s_%s_%dx%d", type_name(tile.input),
           type_name(tile.output), (int)tile.rows, (int)tile.columns);
  require_function(nest, &tile, name);
  mth_point p = {.w = &nest->w, .lanes = 1};
  mth_index_value begin[MTH_MAX_GRID], end[MTH_MAX_GRID];
  return write_batches(nest, product, &tile, name, &p, 0, begin, end);
}
