// nest.h: the generics of a kernel as loops over one tile.
#ifndef MTH_PASSES_LOOPS_NEST_H
#define MTH_PASSES_LOOPS_NEST_H
#include "passes/loops/extent.h"
#include "passes/loops/lanes.h"

enum { MTH_MAX_GENERICS = 64, MTH_MAX_GRID = 4 };

// A value of this grid point that later generics find without going through memory.
typedef struct mth_forward {
  MlirValue memory;
  MlirAffineMap map;
  mth_lane lane;
} mth_forward;

// A value of a generic that is contiguous along another loop than the vectors: it is loaded along
// that loop for each lane, and turned.
enum { MTH_MAX_TURNED = 4, MTH_MAX_TURNED_LANES = 16 };
typedef struct mth_turned {
  MlirOperation generic;
  MlirValue key;    // the body's argument, or the result of a read
  intptr_t operand; // of the generic; -1 for a read
  MlirValue vectors[MTH_MAX_TURNED_LANES];
  mth_lane now; // at the point that is being written
} mth_turned;

// A kernel of form 7 that is being written as loops.
typedef struct mth_nest {
  MlirOperation function;
  mth_arena *arena;
  mth_extents extents;
  mth_writer w;
  intptr_t grid_rank;
  mth_index_value begin[MTH_MAX_GRID], end[MTH_MAX_GRID]; // of the tile
  MlirValue scratch;
  size_t generic_count;
  MlirOperation generics[MTH_MAX_GENERICS];
  mth_buffer *buffers;
  size_t buffer_count, buffer_capacity;
  mth_forward *forwards;
  size_t forward_count, forward_capacity;
  mth_turned turned[MTH_MAX_TURNED];
  size_t turned_count;
} mth_nest;

// Fails  MTH_NO_MEMORY, MTH_UNSUPPORTED for a kernel beyond the limits above.
MTH_MUST_USE mth_status mth_nest_init(mth_nest *nest, MlirOperation function, mth_arena *arena);
void mth_nest_deinit(mth_nest *nest);

// The buffer of a memref of the kernel, or NULL if it is none of form 7's.
mth_buffer *mth_nest_buffer(mth_nest *nest, MlirValue memory);
// The loop that a generic is vectorised along, or -1; and its lanes.
intptr_t mth_nest_vector_loop(MlirOperation generic);
int64_t mth_nest_lanes(MlirOperation generic);

// The same for mth_lane_write_block; `nest` is a mth_nest.
const mth_buffer *mth_nest_find_buffer(void *nest, MlirValue memory);
// What a generic reads through the map of an operand at this point.
MTH_MUST_USE mth_status mth_nest_read(mth_nest *nest, mth_point *p, MlirOperation generic,
                                      intptr_t operand, mth_lane *out_lane);
// Writes generics [first, first + count) at one grid point, or one vector of them.
MTH_MUST_USE mth_status mth_nest_write_point(mth_nest *nest, mth_point *p, size_t first,
                                             size_t count);
// grid.c: writes generics [first, first + count) for the grid points from `begin` below `end`.
MTH_MUST_USE mth_status mth_nest_write(mth_nest *nest, size_t first, size_t count,
                                       const mth_index_value *begin, const mth_index_value *end);
#endif
