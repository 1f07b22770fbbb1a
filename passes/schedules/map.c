// map.c: the schedule of chains of maps.
#include "passes/schedules/schedules.h"

enum { TILE_BYTES = 64 * 1024, MAX_TILE_ELEMENTS = 16 * 1024 };

void mth_schedule_map(mth_schedule *s) {
  intptr_t best = -1;
  int best_rating = 0;
  int64_t lanes = 16;
  for (size_t g = 0; g < s->generic_count; ++g)
    if (mth_schedule_lanes(s->generics[g]) < lanes) lanes = mth_schedule_lanes(s->generics[g]);
  for (intptr_t i = s->grid_rank; i-- > 0;) { // of equals, the innermost
    int rating = 0;
    for (size_t g = 0; g < s->generic_count; ++g)
      rating += mth_schedule_rate(s->generics[g], i);
    if (rating > best_rating) best = i, best_rating = rating;
  }
  for (size_t g = 0; g < s->generic_count; ++g)
    s->vector_loop[g] = best, s->lanes[g] = best < 0 ? 1 : lanes;
  int64_t elements = TILE_BYTES / mth_schedule_point_bytes(s);
  if (elements > MAX_TILE_ELEMENTS) elements = MAX_TILE_ELEMENTS;
  mth_schedule_block(s, best, elements);
}
