// lanes.h: scalar code written once for one element, or for one vector of elements.
//
// A value is the same for all lanes (uniform), a vector, or linear: base + lane * step, perhaps
// clamped. Linear indices make loads contiguous; a uniform operation is written as a scalar.
#ifndef MTH_PASSES_LOOPS_LANES_H
#define MTH_PASSES_LOOPS_LANES_H
#include "passes/loops/writer.h"
#include "runtime/arena.h"
#include "runtime/status.h"

#include "mlir-c/AffineExpr.h"
#include "mlir-c/AffineMap.h"

#include <stddef.h>

enum { MTH_MAX_RANK = 16 };

typedef enum mth_lane_kind { MTH_LANE_UNIFORM, MTH_LANE_VECTOR, MTH_LANE_LINEAR } mth_lane_kind;

typedef struct mth_lane {
  mth_lane_kind kind;
  MlirValue value;            // uniform: a scalar. vector: a vector. linear: null
  mth_index_value base, step; // linear, and uniform if `value` is null
  bool has_low, has_high;     // linear: the index is max(low, min(high, base + lane * step))
  mth_index_value low, high;
} mth_lane;

mth_lane mth_lane_uniform(MlirValue scalar);
mth_lane mth_lane_index(mth_index_value index); // uniform
mth_lane mth_lane_linear(mth_index_value base, mth_index_value step);

// A buffer as its elements in a row: element (i, j, ...) is flat[offset + i*stride[0] + ...].
typedef struct mth_buffer {
  MlirValue memory; // the memref that form 7 names
  MlirValue flat;   // rank 1
  MlirType element;
  mth_index_value offset, stride[MTH_MAX_RANK];
  intptr_t rank;
  bool streamed; // stores go past the cache
} mth_buffer;

// Short floats lie in memory as i16: not every target has vectors of them. The type of an element
// in `flat`, and a loaded or computed value as the other of the two.
MlirType mth_storage_element(MlirType element);
MlirValue mth_write_from_storage(mth_writer *w, MlirType element, MlirValue stored);
MlirValue mth_write_to_storage(mth_writer *w, MlirValue value);
// f16 or bf16 to f32 and back; bf16 in integer arithmetic, to the nearest, ties to even.
MlirValue mth_write_widen(mth_writer *w, MlirType type, MlirValue value);
MlirValue mth_write_narrow(mth_writer *w, MlirType type, MlirValue value);

// Where code is being written: which element, or which lanes of which vector.
typedef struct mth_point {
  mth_writer *w;
  int64_t lanes;  // 1: scalar code
  MlirValue mask; // which lanes are there; null: all
  mth_lane loop[MTH_MAX_RANK];
} mth_point;

// What values of the old code are in the new one.
typedef struct mth_lane_map {
  MlirValue *keys;
  mth_lane *lanes;
  size_t count, capacity;
} mth_lane_map;
MTH_MUST_USE mth_status mth_lane_map_init(mth_lane_map *map, mth_arena *arena, size_t capacity);
void mth_lane_map_set(mth_lane_map *map, MlirValue key, mth_lane lane); // asserts that it fits
// A value that is not in the map is uniform: it was made outside of the code that is rewritten.
mth_lane mth_lane_map_get(const mth_lane_map *map, MlirValue key);

// The lane as a value of `lanes` elements, or as a scalar if lanes == 1 or `scalar`.
MlirValue mth_lane_value(mth_point *p, mth_lane lane);
MlirValue mth_lane_scalar(mth_point *p, mth_lane lane); // of a uniform lane

// An index of an affine map at this point.
mth_lane mth_lane_affine(mth_point *p, MlirAffineExpr expression);
// Where an element of the buffer lies in `flat`.
mth_lane mth_lane_offset(mth_point *p, const mth_buffer *buffer, intptr_t rank,
                         const mth_lane *indices);
mth_lane mth_lane_load(mth_point *p, const mth_buffer *buffer, mth_lane offset);
void mth_lane_store(mth_point *p, const mth_buffer *buffer, mth_lane offset, mth_lane value);

// Finds the buffer of a memref that code reads at computed indices.
typedef const mth_buffer *mth_find_buffer_fn(void *user, MlirValue memory);
// Writes the ops of a block up to its terminator for this point. The block's arguments are in
// `map`; results are added to it.
// Fails  MTH_UNSUPPORTED for an op with regions.
// Results that are in the map already are left as they are.
MTH_MUST_USE mth_status mth_lane_write_block(mth_point *p, MlirBlock block, mth_lane_map *map,
                                             mth_find_buffer_fn *find_buffer, void *user);
// Writes one op of a block with the ops of the block that it needs, at most MTH_MAX_READ_OPS.
enum { MTH_MAX_READ_OPS = 64 };
MTH_MUST_USE mth_status mth_lane_write_read(mth_point *p, MlirOperation op, mth_lane_map *map,
                                            mth_find_buffer_fn *find_buffer, void *user);
#endif
