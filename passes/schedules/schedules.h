// schedules.h: how kernels are cut into tiles and vectors. One file per kind of kernel.
//
// A schedule looks at the structure of a kernel's generics alone, and it decides three things: the
// tile's extents, the loop of each generic that becomes vectors, and how many lanes these have.
#ifndef MTH_PASSES_SCHEDULES_SCHEDULES_H
#define MTH_PASSES_SCHEDULES_SCHEDULES_H
#include "passes/loops/extent.h"
#include "passes/loops/nest.h"

// What a schedule is asked, and where it puts its answers.
typedef struct mth_schedule {
  MlirOperation function;
  mth_extents extents;
  intptr_t grid_rank; // as the generics have it: may be 0
  const mth_dim *grid[MTH_MAX_GRID];
  size_t generic_count;
  MlirOperation generics[MTH_MAX_GENERICS];

  int64_t block[MTH_MAX_GRID];
  intptr_t vector_loop[MTH_MAX_GENERICS]; // -1: scalar code
  int64_t lanes[MTH_MAX_GENERICS];
  intptr_t turned_loop; // a grid loop along which operands are read and then turned; -1: none
} mth_schedule;

// Chains of maps: the vector loop is a grid loop, tiles have 32 to 64 KB of data.
void mth_schedule_map(mth_schedule *s);
// Reductions and the maps around them: along each grid point's own loop where that is contiguous,
// else across grid points.
void mth_schedule_reduce(mth_schedule *s);
// A product of packed operands with its epilogue: tiles of whole register tiles.
void mth_schedule_contract(mth_schedule *s);

// How good a vector loop this is for a generic: high where operands are contiguous along it, or, if
// `turned_loop` is not -1, where they can be read along that loop and turned.
int mth_schedule_rate(MlirOperation generic, intptr_t loop, intptr_t turned_loop);
// 8 if 64-bit floats take part, else 16.
int64_t mth_schedule_lanes(MlirOperation generic);
// The extent if it is known, else `otherwise`.
int64_t mth_schedule_extent(const mth_dim *extent, int64_t otherwise);
// Whether it is known to be 1: a vector along it would hold one element.
bool mth_schedule_is_one(const mth_dim *extent);
// Bytes of the elements that one iteration of the grid touches in operands of its rank.
int64_t mth_schedule_point_bytes(const mth_schedule *s);
// Blocks of about `elements` grid points, a multiple of 64 along `vector_loop` (-1: none).
void mth_schedule_block(mth_schedule *s, intptr_t vector_loop, int64_t elements);
#endif
