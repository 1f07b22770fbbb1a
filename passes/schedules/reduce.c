// reduce.c: the schedule of reductions and the maps around them.
#include "dialect/match.h"
#include "passes/loops/fold.h"
#include "passes/schedules/schedules.h"

#include "mlir-c/BuiltinAttributes.h"

enum { TILE_ELEMENTS = 16 * 1024, UNKNOWN_ROW = 512, WIDE = 4 };

// Rows of a scatter come in index order; its columns are the grid.
static bool can_be_vector(mth_schedule *s, MlirOperation generic, intptr_t loop) {
  const mth_dim *extent;
  if (mth_extent_of_loop(&s->extents, generic, loop, &extent) == MTH_OK &&
      mth_schedule_is_one(extent))
    return false;
  if (!mlirAttributeIsNull(mth_op_attribute(generic, "mithril.scatter"))) return false;
  if (loop < s->grid_rank || !mth_generic_is_reduction(generic, loop)) return true;
  const intptr_t results = mlirOperationGetNumOperands(generic) - mth_generic_input_count(generic);
  for (intptr_t i = 0; i < results; ++i)
    if (mlirOperationIsNull(mth_fold_find(generic, i))) return false;
  return true;
}

// The best loop inside of a grid point, or -1: scalar code.
static intptr_t inner_loop(mth_schedule *s, MlirOperation generic, int *out_rating) {
  intptr_t best = -1;
  *out_rating = 0;
  for (intptr_t i = mth_generic_loop_count(generic); i-- > s->grid_rank;) {
    const int rating = mth_schedule_rate(generic, i, -1);
    if (rating > *out_rating && can_be_vector(s, generic, i)) best = i, *out_rating = rating;
  }
  return best;
}

// Elements that one grid point reads: its longest generic's loops.
static int64_t point_elements(mth_schedule *s) {
  int64_t most = 1;
  for (size_t g = 0; g < s->generic_count; ++g) {
    int64_t elements = 1;
    for (intptr_t i = s->grid_rank; i < mth_generic_loop_count(s->generics[g]); ++i) {
      const mth_dim *extent;
      if (mth_extent_of_loop(&s->extents, s->generics[g], i, &extent) != MTH_OK) continue;
      elements *= mth_schedule_extent(extent, UNKNOWN_ROW);
      if (elements > TILE_ELEMENTS) elements = TILE_ELEMENTS;
    }
    if (elements > most) most = elements;
  }
  return most;
}

// A minimum or maximum costs several dependent instructions: four vectors at once hide them, and
// the bits are the same.
static int64_t inner_lanes(mth_schedule *s, MlirOperation generic, intptr_t loop) {
  const int64_t lanes = mth_schedule_lanes(generic);
  const intptr_t results = mlirOperationGetNumOperands(generic) - mth_generic_input_count(generic);
  const mth_dim *extent;
  if (!mth_generic_is_reduction(generic, loop)) return lanes;
  for (intptr_t i = 0; i < results; ++i)
    if (!mth_fold_is_exact(mth_fold_find(generic, i))) return lanes;
  if (mth_extent_of_loop(&s->extents, generic, loop, &extent) != MTH_OK) return lanes;
  return mth_schedule_extent(extent, WIDE * lanes) >= WIDE * lanes ? WIDE * lanes : lanes;
}

void mth_schedule_reduce(mth_schedule *s) {
  int inner = 0, across = 0;
  intptr_t best_grid = -1;
  for (size_t g = 0; g < s->generic_count; ++g) {
    int rating;
    s->vector_loop[g] = inner_loop(s, s->generics[g], &rating);
    s->lanes[g] = s->vector_loop[g] < 0 ? 1 : inner_lanes(s, s->generics[g], s->vector_loop[g]);
    inner += rating;
  }
  for (intptr_t i = s->grid_rank; i-- > 0;) {
    int rating = 0;
    if (mth_schedule_is_one(s->grid[i])) continue;
    for (size_t g = 0; g < s->generic_count; ++g)
      if (mth_generic_loop_count(s->generics[g]) > s->grid_rank)
        rating += mth_schedule_rate(s->generics[g], i, -1);
    if (rating > across) across = rating, best_grid = i;
  }
  const int64_t elements = TILE_ELEMENTS / point_elements(s);
  if (across < inner || best_grid < 0) {
    mth_schedule_block(s, -1, elements);
    for (intptr_t i = 0; i < s->grid_rank; ++i) // small rows: many of them in a tile
      if (s->block[i] > elements && elements > 0) s->block[i] = elements;
    return;
  }
  // Across grid points. Several vectors side by side: each row of the operand is read by lines.
  int64_t lanes = 16;
  for (size_t g = 0; g < s->generic_count; ++g)
    if (mth_schedule_lanes(s->generics[g]) < lanes) lanes = mth_schedule_lanes(s->generics[g]);
  if (mth_schedule_extent(s->grid[best_grid], WIDE * lanes) >= WIDE * lanes) lanes *= WIDE;
  for (size_t g = 0; g < s->generic_count; ++g)
    s->vector_loop[g] = best_grid, s->lanes[g] = lanes;
  mth_schedule_block(s, best_grid, elements);
}
