// contract.c: the schedule of a product of packed operands.
#include "dialect/match.h"
#include "passes/schedules/schedules.h"

#include "mlir-c/BuiltinAttributes.h"

enum { TILE_ROWS = 112, TILE_COLUMNS = 256 };

static int64_t whole_tiles(const mth_dim *extent, int64_t wanted, int64_t tile) {
  const int64_t known = mth_schedule_extent(extent, wanted);
  const int64_t size = known < wanted ? known : wanted;
  const int64_t tiles = (size + tile - 1) / tile;
  return (tiles > 0 ? tiles : 1) * tile;
}

void mth_schedule_contract(mth_schedule *s) {
  MlirAttribute tile = mlirAttributeGetNull();
  for (size_t g = 0; g < s->generic_count && mlirAttributeIsNull(tile); ++g)
    tile = mth_op_attribute(s->generics[g], "mithril.contract");
  const int64_t rows = mlirDenseI64ArrayGetElement(tile, 0);
  const int64_t columns = mlirDenseI64ArrayGetElement(tile, 1);
  const intptr_t m = s->grid_rank - 2, n = s->grid_rank - 1;
  for (intptr_t i = 0; i < m; ++i)
    s->block[i] = 1;
  s->block[m] = whole_tiles(s->grid[m], TILE_ROWS / rows * rows, rows);
  s->block[n] = whole_tiles(s->grid[n], TILE_COLUMNS, columns);
  int64_t lanes = 16;
  for (size_t g = 0; g < s->generic_count; ++g)
    if (mth_schedule_lanes(s->generics[g]) < lanes) lanes = mth_schedule_lanes(s->generics[g]);
  for (size_t g = 0; g < s->generic_count; ++g)
    s->vector_loop[g] = n, s->lanes[g] = lanes;
}
