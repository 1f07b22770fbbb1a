// nest.c: the generics of a kernel as loops over one tile.
//
// At a grid point, or a vector of them, each generic has loops of its own; neighbours that run over
// the same one share it. A loop along `lanes` elements at a time ends in one masked step.
#include "passes/loops/nest.h"

#include "dialect/fail.h"
#include "dialect/match.h"
#include "passes/loops/fold.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>

enum { MAX_GROUP = 8, MAX_RESULTS = 8 };

// Generics that share their loops inside a grid point.
typedef struct group {
  size_t first, count;
  intptr_t level_count, first_reduction; // levels: loops of the first generic, outermost first
  intptr_t loop[MTH_MAX_RANK];
  intptr_t vector_level; // -1: none
  int64_t lanes;         // of the vector level
} group;

// An accumulator of the group.
typedef struct accumulator {
  MlirOperation generic, fold; // fold: null if the values are combined in index order
  intptr_t result;
  mth_lane initial;
} accumulator;

typedef struct accumulators {
  intptr_t count;
  accumulator of[MAX_GROUP * MAX_RESULTS];
  MlirValue now[MAX_GROUP * MAX_RESULTS];
} accumulators;

// ---- what a generic says ------------------------------------------------------------------------

intptr_t mth_nest_vector_loop(MlirOperation generic) {
  const MlirAttribute loop = mth_op_attribute(generic, "mithril.vector_loop");
  return mlirAttributeIsNull(loop) ? -1 : (intptr_t)mlirIntegerAttrGetValueInt(loop);
}

int64_t mth_nest_lanes(MlirOperation generic) {
  const MlirAttribute lanes = mth_op_attribute(generic, "mithril.lanes");
  return mlirAttributeIsNull(lanes) ? 1 : mlirIntegerAttrGetValueInt(lanes);
}

static bool is_scratch(const mth_nest *nest, MlirValue memory) {
  MlirOperation op = mth_defining_op(memory);
  while (mth_op_is_named(op, "memref.reinterpret_cast") || mth_op_is_named(op, "memref.subview"))
    op = mth_defining_op(mlirOperationGetOperand(op, 0));
  return mth_op_is_named(op, "memref.view") &&
         mlirValueEqual(mlirOperationGetOperand(op, 0), nest->scratch);
}

// ---- values that need no memory -----------------------------------------------------------------

// Whether both maps lead to the same element of the memory. A dim of extent 1 has one index,
// however it is written.
static bool maps_agree(MlirValue memory, MlirAffineMap a, MlirAffineMap b) {
  const MlirType type = mlirValueGetType(memory);
  const intptr_t count = mlirAffineMapGetNumResults(a);
  if (count != mlirAffineMapGetNumResults(b)) return false;
  for (intptr_t i = 0; i < count; ++i) {
    const bool is_unit =
        !mlirShapedTypeIsDynamicDim(type, i) && mlirShapedTypeGetDimSize(type, i) == 1;
    if (!is_unit &&
        !mlirAffineExprEqual(mlirAffineMapGetResult(a, i), mlirAffineMapGetResult(b, i)))
      return false;
  }
  return true;
}

static const mth_forward *find_forward(const mth_nest *nest, MlirValue memory, MlirAffineMap map) {
  for (size_t i = nest->forward_count; i-- > 0;)
    if (mlirValueEqual(nest->forwards[i].memory, memory))
      return maps_agree(memory, nest->forwards[i].map, map) ? &nest->forwards[i] : NULL;
  return NULL;
}

static void forward(mth_nest *nest, MlirValue memory, MlirAffineMap map, mth_lane lane) {
  assert(nest->forward_count < nest->forward_capacity);
  nest->forwards[nest->forward_count++] = (mth_forward){.memory = memory, .map = map, .lane = lane};
}

// Whether a buffer's dims are all grid loops: then one grid point makes one element of it.
static bool is_one_element(const mth_nest *nest, MlirAffineMap map) {
  for (intptr_t i = 0; i < mlirAffineMapGetNumResults(map); ++i) {
    const MlirAffineExpr index = mlirAffineMapGetResult(map, i);
    if (!mlirAffineExprIsADim(index) || mlirAffineDimExprGetPosition(index) >= nest->grid_rank)
      return false;
  }
  return true;
}

// Whether a generic after the group reads the memory, perhaps in part.
static bool is_read_later(const mth_nest *nest, const group *g, MlirValue memory) {
  for (size_t i = g->first + g->count; i < nest->generic_count; ++i)
    for (intptr_t k = 0; k < mlirOperationGetNumOperands(nest->generics[i]); ++k)
      if (mlirValueEqual(mlirOperationGetOperand(nest->generics[i], k), memory)) return true;
  return false;
}

// Whether a body loads from the memory at computed indices: then forwarding does not reach it.
static bool is_read_at_indices(MlirValue memory) {
  for (MlirOpOperand use = mlirValueGetFirstUse(memory); !mlirOpOperandIsNull(use);
       use = mlirOpOperandGetNextUse(use))
    if (!mth_op_is_named(mlirOpOperandGetOwner(use), "linalg.generic")) return true;
  return false;
}

mth_status mth_nest_read(mth_nest *nest, mth_point *p, MlirOperation generic, intptr_t operand,
                         mth_lane *out_lane) {
  const MlirValue memory = mlirOperationGetOperand(generic, operand);
  const MlirAffineMap map = mth_generic_map(generic, operand);
  if (!mlirTypeIsAMemRef(mlirValueGetType(memory))) { // a scalar operand
    *out_lane = mth_lane_uniform(memory);
    return MTH_OK;
  }
  const mth_forward *const known = find_forward(nest, memory, map);
  if (known) {
    *out_lane = known->lane;
    return MTH_OK;
  }
  const mth_buffer *const buffer = mth_nest_buffer(nest, memory);
  if (!buffer)
    return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(generic),
                       "operand %d is no buffer of the kernel", (int)operand);
  mth_lane indices[MTH_MAX_RANK];
  for (intptr_t i = 0; i < buffer->rank; ++i)
    indices[i] = mth_lane_affine(p, mlirAffineMapGetResult(map, i));
  *out_lane = mth_lane_load(p, buffer, mth_lane_offset(p, buffer, buffer->rank, indices));
  return MTH_OK;
}

static mth_status write(mth_nest *nest, mth_point *p, const group *g, MlirOperation generic,
                        intptr_t result, mth_lane lane) {
  const intptr_t operand = mth_generic_input_count(generic) + result;
  const MlirValue memory = mlirOperationGetOperand(generic, operand);
  const MlirAffineMap map = mth_generic_map(generic, operand);
  const mth_buffer *const buffer = mth_nest_buffer(nest, memory);
  if (!buffer)
    return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(generic),
                       "result %d is no buffer of the kernel", (int)result);
  forward(nest, memory, map, lane);
  if (is_scratch(nest, memory) && !is_read_at_indices(memory) &&
      (is_one_element(nest, map) || !is_read_later(nest, g, memory)))
    return MTH_OK;
  mth_lane indices[MTH_MAX_RANK];
  for (intptr_t i = 0; i < buffer->rank; ++i)
    indices[i] = mth_lane_affine(p, mlirAffineMapGetResult(map, i));
  mth_lane_store(p, buffer, mth_lane_offset(p, buffer, buffer->rank, indices), lane);
  return MTH_OK;
}

// ---- values that were turned --------------------------------------------------------------------

static const mth_turned *find_turned(const mth_nest *nest, MlirValue key) {
  for (size_t i = 0; i < nest->turned_count; ++i)
    if (mlirValueEqual(nest->turned[i].key, key)) return &nest->turned[i];
  return NULL;
}

static void set_turned_reads(const mth_nest *nest, MlirBlock body, mth_lane_map *map) {
  for (size_t i = 0; i < nest->turned_count; ++i) {
    const MlirOperation op = mth_defining_op(nest->turned[i].key);
    if (!mlirOperationIsNull(op) && mlirBlockEqual(mlirOperationGetBlock(op), body))
      mth_lane_map_set(map, nest->turned[i].key, nest->turned[i].now);
  }
}

// ---- bodies -------------------------------------------------------------------------------------

static bool is_scatter(MlirOperation generic) {
  return !mlirAttributeIsNull(mth_op_attribute(generic, "mithril.scatter"));
}

// Whether accumulators go round the generic's loops. A scatter adds to memory instead.
static bool reduces(const mth_nest *nest, MlirOperation generic) {
  if (is_scatter(generic)) return false;
  for (intptr_t i = nest->grid_rank; i < mth_generic_loop_count(generic); ++i)
    if (mth_generic_is_reduction(generic, i)) return true;
  return false;
}

static bool reads_argument(MlirBlock body, intptr_t argument) {
  return !mlirOpOperandIsNull(mlirValueGetFirstUse(mlirBlockGetArgument(body, argument)));
}

static size_t op_count(MlirBlock block) {
  size_t count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(block); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    ++count;
  return count;
}

// The row that a number names: a negative one counts from the end, then it is clamped.
static mth_index_value named_row(mth_writer *w, MlirValue number, mth_index_value rows) {
  const MlirValue index = mth_write_op(w, "arith.index_cast", w->index, 1, &number);
  const MlirValue zero = mth_write_index(w, mth_index_number(0));
  const MlirValue from_end = mth_write_index(w, mth_write_add(w, mth_index_of(index), rows));
  const MlirValue choice[] = {mth_write_compare(w, MTH_SLT, index, zero), from_end, index};
  const MlirValue row = mth_write_op(w, "arith.select", w->index, 3, choice);
  const mth_index_value last = mth_write_subtract(w, rows, mth_index_number(1));
  const MlirValue below = mth_write_index(w, mth_write_min(w, mth_index_of(row), last));
  return mth_index_of(mth_write_op(w, "arith.maxsi", w->index, 2, (MlirValue[]){below, zero}));
}

// Adds an element to the row of the result that the first input names. Rows come in index order,
// because one tile owns all rows of its columns. A result without rows takes nothing.
static mth_status write_scattered(mth_nest *nest, mth_point *p, MlirOperation generic) {
  mth_writer *const w = p->w;
  const MlirBlock body = mth_op_body(generic);
  const intptr_t input_count = mth_generic_input_count(generic);
  const mth_buffer *const buffer =
      mth_nest_buffer(nest, mlirOperationGetOperand(generic, input_count));
  const mth_dim *rows;
  mth_lane_map map;
  mth_lane row;
  MTH_TRY(mth_lane_map_init(&map, nest->arena,
                            (size_t)mlirBlockGetNumArguments(body) + op_count(body)));
  MTH_TRY(mth_nest_read(nest, p, generic, 0, &row));
  if (!buffer || row.kind != MTH_LANE_UNIFORM)
    return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(generic),
                       "a scatter is vectorised along its rows, or into no buffer of the kernel");
  MTH_TRY(mth_extent_get(&nest->extents, buffer->memory, 0, &rows));
  const mth_index_value count = mth_extent_write(&nest->extents, w, rows);
  const MlirValue zero = mth_write_index(w, mth_index_number(0));
  mth_branch branch =
      mth_open_branch(w, mth_write_compare(w, MTH_SLT, zero, mth_write_index(w, count)), 0, NULL);
  mth_lane indices[MTH_MAX_RANK], lane;
  indices[0] = mth_lane_index(named_row(w, mth_lane_scalar(p, row), count));
  const MlirAffineMap result = mth_generic_map(generic, input_count);
  for (intptr_t i = 1; i < buffer->rank; ++i)
    indices[i] = mth_lane_affine(p, mlirAffineMapGetResult(result, i));
  const mth_lane at = mth_lane_offset(p, buffer, buffer->rank, indices);
  mth_lane_map_set(&map, mlirBlockGetArgument(body, 0), row);
  for (intptr_t i = 1; i < input_count; ++i) {
    MTH_TRY(mth_nest_read(nest, p, generic, i, &lane));
    mth_lane_map_set(&map, mlirBlockGetArgument(body, i), lane);
  }
  mth_lane_map_set(&map, mlirBlockGetArgument(body, input_count), mth_lane_load(p, buffer, at));
  MTH_TRY(mth_lane_write_block(p, body, &map, mth_nest_find_buffer, nest));
  const MlirValue sum = mlirOperationGetOperand(mlirBlockGetTerminator(body), 0);
  mth_lane_store(p, buffer, at, mth_lane_map_get(&map, sum));
  mth_close_branch(w, &branch, 0, NULL);
  return MTH_OK;
}

// Accumulates, or stores, what one generic makes of the element or the lanes at `p`.
static mth_status write_element(mth_nest *nest, mth_point *p, const group *g, MlirOperation generic,
                                accumulators *sums, intptr_t *next_sum) {
  const MlirBlock body = mth_op_body(generic);
  const intptr_t argument_count = mlirBlockGetNumArguments(body);
  const intptr_t input_count = mth_generic_input_count(generic);
  if (is_scatter(generic)) return write_scattered(nest, p, generic);
  const bool is_reduction = reduces(nest, generic);
  mth_lane_map map;
  MTH_TRY(mth_lane_map_init(&map, nest->arena, (size_t)argument_count + op_count(body)));
  for (intptr_t i = 0; i < argument_count; ++i) {
    mth_lane lane;
    if (i >= input_count && is_reduction) {
      const MlirValue now = sums->now[*next_sum + i - input_count];
      lane = mth_lane_uniform(now);
      if (mlirTypeIsAVector(mlirValueGetType(now))) lane.kind = MTH_LANE_VECTOR;
    } else {
      if (!reads_argument(body, i)) continue;
      const mth_turned *const turned = find_turned(nest, mlirBlockGetArgument(body, i));
      if (turned)
        lane = turned->now;
      else
        MTH_TRY(mth_nest_read(nest, p, generic, i, &lane));
    }
    mth_lane_map_set(&map, mlirBlockGetArgument(body, i), lane);
  }
  set_turned_reads(nest, body, &map);
  MTH_TRY(mth_lane_write_block(p, body, &map, mth_nest_find_buffer, nest));
  const MlirOperation yield = mlirBlockGetTerminator(body);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(yield); ++i) {
    const mth_lane lane = mth_lane_map_get(&map, mlirOperationGetOperand(yield, i));
    if (!is_reduction) {
      MTH_TRY(write(nest, p, g, generic, i, lane));
      continue;
    }
    const MlirValue before = sums->now[*next_sum];
    MlirValue after = mlirTypeIsAVector(mlirValueGetType(before)) ? mth_lane_value(p, lane)
                                                                  : mth_lane_scalar(p, lane);
    // Lanes beyond the end must leave their partials alone.
    if (g->vector_level >= g->first_reduction && !mlirValueIsNull(p->mask))
      after = mth_write_op(p->w, "arith.select", mlirValueGetType(before), 3,
                           (MlirValue[]){p->mask, after, before});
    sums->now[(*next_sum)++] = after;
  }
  return MTH_OK;
}

// ---- loops --------------------------------------------------------------------------------------

static mth_status write_level(mth_nest *nest, mth_point *p, const group *g, intptr_t level,
                              accumulators *sums);

// One step of the vector loop at `base`: all lanes, or the first `count`.
static mth_status write_step(mth_nest *nest, mth_point *p, const group *g, intptr_t level,
                             mth_index_value base, const mth_index_value *count,
                             accumulators *sums) {
  mth_point inner = *p;
  inner.lanes = g->lanes;
  inner.loop[g->loop[level]] = mth_lane_linear(base, mth_index_number(1));
  if (count) inner.mask = mth_write_mask(p->w, g->lanes, *count);
  return write_level(nest, &inner, g, level + 1, sums);
}

static mth_status write_vector_loop(mth_nest *nest, mth_point *p, const group *g, intptr_t level,
                                    mth_index_value extent, accumulators *sums) {
  mth_writer *const w = p->w;
  const size_t floor = nest->forward_count;
  const mth_index_value rest = mth_write_modulo(w, extent, g->lanes);
  const mth_index_value main_end = mth_write_subtract(w, extent, rest);
  const intptr_t carried = level >= g->first_reduction ? sums->count : 0;
  if (!mth_index_is(main_end, 0)) {
    mth_loop loop = mth_open_loop(w, mth_index_number(0), main_end, mth_index_number(g->lanes),
                                  carried, sums->now);
    MTH_TRY(write_step(nest, p, g, level, mth_index_of(loop.induction), NULL, sums));
    mth_close_loop(w, &loop, carried, sums->now);
    nest->forward_count = floor;
  }
  if (mth_index_is(rest, 0)) return MTH_OK;
  MlirType types[MAX_GROUP * MAX_RESULTS];
  MlirValue before[MAX_GROUP * MAX_RESULTS];
  for (intptr_t i = 0; i < carried; ++i)
    types[i] = mlirValueGetType(sums->now[i]), before[i] = sums->now[i];
  const MlirValue some =
      mth_write_compare(w, MTH_SLT, mth_write_index(w, main_end), mth_write_index(w, extent));
  mth_branch branch = mth_open_branch(w, some, carried, types);
  MTH_TRY(write_step(nest, p, g, level, main_end, &rest, sums));
  if (carried > 0) {
    mth_else(w, &branch, carried, sums->now);
    for (intptr_t i = 0; i < carried; ++i)
      sums->now[i] = before[i];
  }
  mth_close_branch(w, &branch, carried, sums->now);
  nest->forward_count = floor;
  return MTH_OK;
}

// Loads what accumulators start from. Partials of a vector start at the neutral element, and the
// initial value joins last.
static mth_status open_sums(mth_nest *nest, mth_point *p, const group *g, accumulators *sums) {
  const bool has_partials = g->vector_level >= g->first_reduction && g->vector_level >= 0;
  for (size_t i = 0; i < g->count; ++i) {
    const MlirOperation generic = nest->generics[g->first + i];
    if (!reduces(nest, generic)) continue;
    const intptr_t inputs = mth_generic_input_count(generic);
    for (intptr_t k = 0; k < mlirOperationGetNumOperands(generic) - inputs; ++k) {
      if (sums->count == MAX_GROUP * MAX_RESULTS)
        return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(generic),
                           "more accumulators than a loop carries");
      accumulator *const sum = &sums->of[sums->count];
      *sum = (accumulator){.generic = generic, .result = k};
      MTH_TRY(mth_nest_read(nest, p, generic, inputs + k, &sum->initial));
      if (has_partials) {
        sum->fold = mth_fold_find(generic, k);
        if (mlirOperationIsNull(sum->fold))
          return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(generic),
                             "a reduction that only index order defines has a vector loop");
        sums->now[sums->count] =
            mth_write_broadcast(p->w, g->lanes, mth_fold_neutral(p->w, sum->fold));
      } else {
        sums->now[sums->count] = mth_lane_value(p, sum->initial);
      }
      ++sums->count;
    }
  }
  return MTH_OK;
}

static mth_status close_sums(mth_nest *nest, mth_point *p, const group *g, accumulators *sums) {
  for (intptr_t i = 0; i < sums->count; ++i) {
    const accumulator *const sum = &sums->of[i];
    MlirValue total = sums->now[i];
    if (!mlirOperationIsNull(sum->fold))
      total = mth_fold_combine(p->w, sum->fold, mth_lane_scalar(p, sum->initial),
                               mth_fold_lanes(p->w, sum->fold, total, g->lanes));
    mth_lane lane = mth_lane_uniform(total);
    if (mlirTypeIsAVector(mlirValueGetType(total))) lane.kind = MTH_LANE_VECTOR;
    MTH_TRY(write(nest, p, g, sum->generic, sum->result, lane));
  }
  return MTH_OK;
}

static mth_status write_loop(mth_nest *nest, mth_point *p, const group *g, intptr_t level,
                             accumulators *sums) {
  const mth_dim *dim;
  const MlirOperation generic = nest->generics[g->first];
  MTH_TRY(mth_extent_of_loop(&nest->extents, generic, g->loop[level], &dim));
  const mth_index_value extent = mth_extent_write(&nest->extents, p->w, dim);
  if (level == g->vector_level) return write_vector_loop(nest, p, g, level, extent, sums);
  const intptr_t carried = level >= g->first_reduction ? sums->count : 0;
  const size_t floor = nest->forward_count;
  mth_loop loop =
      mth_open_loop(p->w, mth_index_number(0), extent, mth_index_number(1), carried, sums->now);
  mth_point inner = *p;
  inner.loop[g->loop[level]] = mth_lane_index(mth_index_of(loop.induction));
  MTH_TRY(write_level(nest, &inner, g, level + 1, sums));
  mth_close_loop(p->w, &loop, carried, sums->now);
  nest->forward_count = floor;
  return MTH_OK;
}

static mth_status write_level(mth_nest *nest, mth_point *p, const group *g, intptr_t level,
                              accumulators *sums) {
  if (level == g->first_reduction && sums->count == 0) { // before the first reduction loop
    MTH_TRY(open_sums(nest, p, g, sums));
    if (sums->count > 0) {
      MTH_TRY(level == g->level_count ? MTH_OK : write_loop(nest, p, g, level, sums));
      const mth_status status = close_sums(nest, p, g, sums);
      sums->count = 0;
      return status;
    }
  }
  if (level < g->level_count) return write_loop(nest, p, g, level, sums);
  intptr_t next_sum = 0;
  for (size_t i = 0; i < g->count; ++i)
    MTH_TRY(write_element(nest, p, g, nest->generics[g->first + i], sums, &next_sum));
  return MTH_OK;
}

// ---- groups -------------------------------------------------------------------------------------

// Parallel loops outermost, and the vector loop innermost among its own kind.
static void order_levels(const mth_nest *nest, MlirOperation generic, group *g) {
  const intptr_t loop_count = mth_generic_loop_count(generic);
  const intptr_t vector_loop = mth_nest_vector_loop(generic);
  g->vector_level = -1;
  for (int reduction = 0; reduction < 2; ++reduction) {
    if (reduction) g->first_reduction = g->level_count;
    for (intptr_t i = nest->grid_rank; i < loop_count; ++i)
      if (i != vector_loop && mth_generic_is_reduction(generic, i) == (reduction != 0))
        g->loop[g->level_count++] = i;
    if (vector_loop >= nest->grid_rank &&
        mth_generic_is_reduction(generic, vector_loop) == (reduction != 0)) {
      g->vector_level = g->level_count;
      g->loop[g->level_count++] = vector_loop;
    }
  }
  g->lanes = mth_nest_lanes(generic);
}

// Whether `next` reads what a reduction of the group makes: known only when its loops are over.
static bool reads_sum(const mth_nest *nest, const group *g, MlirOperation next) {
  for (size_t i = g->first; i < g->first + g->count; ++i) {
    const MlirOperation made = nest->generics[i];
    if (!reduces(nest, made)) continue;
    for (intptr_t k = mth_generic_input_count(made); k < mlirOperationGetNumOperands(made); ++k)
      for (intptr_t n = 0; n < mlirOperationGetNumOperands(next); ++n)
        if (mlirValueEqual(mlirOperationGetOperand(made, k), mlirOperationGetOperand(next, n)))
          return true;
  }
  return false;
}

// Whether all that `next` reads of the group's results, it reads where they are being written.
static bool reads_in_place(const mth_nest *nest, const group *g, MlirOperation next) {
  for (size_t i = g->first; i < g->first + g->count; ++i) {
    const MlirOperation made = nest->generics[i];
    for (intptr_t k = mth_generic_input_count(made); k < mlirOperationGetNumOperands(made); ++k)
      for (intptr_t n = 0; n < mlirOperationGetNumOperands(next); ++n)
        if (mlirValueEqual(mlirOperationGetOperand(made, k), mlirOperationGetOperand(next, n)) &&
            !maps_agree(mlirOperationGetOperand(made, k), mth_generic_map(made, k),
                        mth_generic_map(next, n)))
          return false;
  }
  return true;
}

static bool reads_at_computed_index(MlirOperation generic) {
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(generic));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "memref.load")) return true;
  return false;
}

// Whether generic `next` can run in the group's loops: one vector loop of the same extent.
static bool joins(mth_nest *nest, const group *g, MlirOperation next) {
  const MlirOperation first = nest->generics[g->first];
  const intptr_t loop = mth_nest_vector_loop(next);
  const mth_dim *a, *b;
  if (g->count == MAX_GROUP || g->level_count != 1 || g->vector_level != 0) return false;
  if (mth_generic_loop_count(next) != nest->grid_rank + 1 || loop != nest->grid_rank) return false;
  if (mth_nest_lanes(next) != g->lanes || reads_at_computed_index(next)) return false;
  if (mth_extent_of_loop(&nest->extents, first, loop, &a) != MTH_OK) return false;
  if (mth_extent_of_loop(&nest->extents, next, loop, &b) != MTH_OK) return false;
  return a == b && !reads_sum(nest, g, next) && reads_in_place(nest, g, next);
}

static mth_status write_group(mth_nest *nest, mth_point *p, size_t *first, size_t end) {
  group g = {.first = *first, .count = 1};
  order_levels(nest, nest->generics[*first], &g);
  while (g.first + g.count < end && joins(nest, &g, nest->generics[g.first + g.count]))
    ++g.count;
  *first += g.count;
  // A group of one vector loop carries the sums of all, whatever the first generic is.
  if (g.vector_level == 0 && g.level_count == 1 && g.count > 1) g.first_reduction = 0;
  return write_level(nest, p, &g, 0, &(accumulators){0});
}

mth_status mth_nest_write_point(mth_nest *nest, mth_point *p, size_t first, size_t count) {
  const size_t end = first + count, floor = nest->forward_count;
  while (first < end)
    MTH_TRY(write_group(nest, p, &first, end));
  nest->forward_count = floor;
  return MTH_OK;
}

// ---- life -------------------------------------------------------------------------------------

static MlirWalkResult describe_operands(MlirOperation op, void *nest) {
  if (mth_op_is_named(op, "linalg.generic") || mth_op_is_named(op, "memref.load"))
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i)
      mth_nest_buffer(nest, mlirOperationGetOperand(op, i));
  return MlirWalkResultAdvance;
}

// Whether one tile covers the whole grid along this dim: then its ends are known.
static bool is_one_tile(MlirOperation function, intptr_t dim, int64_t *out_extent) {
  const MlirAttribute extent =
      mlirArrayAttrGetElement(mth_op_attribute(function, "mithril.grid"), dim);
  if (!mlirAttributeIsAInteger(extent)) return false;
  const int64_t number = mlirIntegerAttrGetValueInt(extent);
  const MlirAttribute block = mth_op_attribute(function, "mithril.block");
  if (number > mlirDenseI64ArrayGetElement(block, dim)) return false;
  *out_extent = number;
  return true;
}

mth_status mth_nest_init(mth_nest *nest, MlirOperation function, mth_arena *arena) {
  const MlirBlock entry = mth_op_body(function);
  const MlirOperation end = mlirBlockGetTerminator(entry);
  *nest = (mth_nest){.function = function,
                     .arena = arena,
                     .w = mth_writer_get(mlirOperationGetLocation(function), entry, end),
                     .grid_rank = mth_kernel_grid_rank(function)};
  nest->generic_count = mth_kernel_generics(function, MTH_MAX_GENERICS, nest->generics);
  if (nest->grid_rank > MTH_MAX_GRID || nest->generic_count == MTH_MAX_GENERICS)
    return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(function),
                       "a kernel has too many loops or parts");
  const intptr_t argument_count = mlirBlockGetNumArguments(entry);
  nest->scratch = mlirBlockGetArgument(entry, argument_count - 1);
  const intptr_t tile_rank = (intptr_t)mth_kernel_tile_rank(function);
  for (intptr_t i = 0; i < tile_rank; ++i) {
    const intptr_t at = argument_count - 1 - 2 * (tile_rank - i);
    nest->begin[i] = mth_index_of(mlirBlockGetArgument(entry, at));
    nest->end[i] = mth_index_of(mlirBlockGetArgument(entry, at + 1));
    if (is_one_tile(function, i, &nest->end[i].number)) {
      nest->begin[i] = mth_index_number(0);
      nest->end[i].value = (MlirValue){NULL};
    }
  }
  nest->buffer_capacity = 16 + (size_t)argument_count + 4 * op_count(entry);
  nest->forward_capacity = 64 * MTH_MAX_GENERICS;
  nest->buffers = MTH_NEW_ARRAY(arena, mth_buffer, nest->buffer_capacity);
  nest->forwards = MTH_NEW_ARRAY(arena, mth_forward, nest->forward_capacity);
  if (!nest->buffers || !nest->forwards) return MTH_NO_MEMORY;
  MTH_TRY(mth_extents_init(&nest->extents, function));
  // All buffers now: their strides must be known before the first loop.
  mlirOperationWalk(function, describe_operands, nest, MlirWalkPreOrder);
  return MTH_OK;
}

void mth_nest_deinit(mth_nest *nest) {
  if (nest->extents.table) mth_extents_deinit(&nest->extents);
}
