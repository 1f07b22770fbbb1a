// map.c: the schedule of chains of maps.
#include "dialect/match.h"
#include "passes/schedules/schedules.h"

enum {
  TILE_BYTES = 64 * 1024,
  MAX_TILE_ELEMENTS = 16 * 1024,
  TURNED_WIDTH = 128, // of a tile along the vector loop, if operands are read along another
  LINE_ELEMENTS = 64,
  MAX_TURNED_OPS = 48, // of a body that is written once for each line of a square
};

static int rate_all(const mth_schedule *s, intptr_t loop, intptr_t turned_loop) {
  int rating = 0;
  for (size_t g = 0; g < s->generic_count; ++g)
    rating += mth_schedule_rate(s->generics[g], loop, turned_loop);
  return rating;
}

static bool is_small(const mth_schedule *s) {
  int ops = 0;
  for (size_t g = 0; g < s->generic_count; ++g)
    for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(s->generics[g]));
         !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
      ++ops;
  return ops <= MAX_TURNED_OPS;
}

// Tiles of a turned kernel are wide enough for whole lines on both sides.
static void block_turned(mth_schedule *s, intptr_t vector_loop, int64_t elements) {
  const int64_t extent = mth_schedule_extent(s->grid[vector_loop], TURNED_WIDTH);
  const int64_t width = extent < TURNED_WIDTH ? extent : TURNED_WIDTH;
  const int64_t lines = width > 0 ? elements / width / LINE_ELEMENTS : 1;
  for (intptr_t i = 0; i < s->grid_rank; ++i)
    s->block[i] = 1;
  s->block[vector_loop] = (width + LINE_ELEMENTS - 1) / LINE_ELEMENTS * LINE_ELEMENTS;
  if (s->block[vector_loop] < LINE_ELEMENTS) s->block[vector_loop] = LINE_ELEMENTS;
  s->block[s->turned_loop] = (lines > 0 ? lines : 1) * LINE_ELEMENTS;
}

void mth_schedule_map(mth_schedule *s) {
  intptr_t best = -1, turned = -1;
  int best_rating = 0;
  int64_t lanes = 16;
  for (size_t g = 0; g < s->generic_count; ++g)
    if (mth_schedule_lanes(s->generics[g]) < lanes) lanes = mth_schedule_lanes(s->generics[g]);
  const bool can_turn = is_small(s);
  for (intptr_t i = s->grid_rank; i-- > 0;) { // of equals, the innermost, and nothing turned
    if (mth_schedule_is_one(s->grid[i])) continue;
    for (intptr_t u = -1; u < (can_turn ? s->grid_rank : 0); ++u) {
      const int rating = u == i ? 0 : rate_all(s, i, u);
      if (rating > best_rating) best = i, turned = u, best_rating = rating;
    }
  }
  for (size_t g = 0; g < s->generic_count; ++g)
    s->vector_loop[g] = best, s->lanes[g] = best < 0 ? 1 : lanes;
  s->turned_loop = turned;
  int64_t elements = TILE_BYTES / mth_schedule_point_bytes(s);
  if (elements > MAX_TILE_ELEMENTS) elements = MAX_TILE_ELEMENTS;
  if (turned >= 0)
    block_turned(s, best, elements);
  else
    mth_schedule_block(s, best, elements);
}
