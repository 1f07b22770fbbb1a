// index_plan.h: what x[1, :, None, t, ..., ::2] reads, axis by axis, as NumPy has it. Both halves
// of the op `index` work from it.
//
// Items  one letter each: i an integer; s, a, b, r a slice with neither bound, with its first, its
//        last, with both; n a new axis; e all axes that no item mentions; t a tensor of integers.
#ifndef MTH_IR_INDEX_PLAN_H
#define MTH_IR_INDEX_PLAN_H
#include "ir/op.h"
#include "runtime/status.h"

// Of axis i of x: `size` positions from `start` on, `step` apart, last first if it is reversed.
typedef struct mth_index_axis {
  const mth_dim *start, *size;
  int64_t step;
  bool is_reversed;
  bool is_dropped; // read at one integer
  int32_t tensor;  // read where this index tensor says; -1: none does
} mth_index_axis;

enum { MTH_PART_NEW = -1, MTH_PART_TENSORS = -2 };

typedef struct mth_index_plan {
  int32_t rank;
  mth_index_axis axes[mth_rank_max];
  // The result's dims in order: an axis of x, a new one of 1, those of the index tensors together.
  size_t part_count;
  int32_t parts[2 * mth_rank_max];
  char problem[160]; // after MTH_INVALID: what is wrong
} mth_index_plan;

// The items of an index and their numbers: start, stop and step of each, 0 where it has none. An
// integer is a start.
typedef struct mth_index_items {
  const char *letters;
  size_t count;
  const mth_dim *const *start, *const *stop;
  const int64_t *step;
} mth_index_items;

// How many axes the items mention, and how many tensors there are among them.
void mth_index_count(const char *letters, size_t *out_axes, size_t *out_tensors);
// Fails  MTH_INVALID: see `problem`; MTH_NO_MEMORY: a dim could not be made.
MTH_MUST_USE mth_status mth_index_plan_make(mth_dim_table *dims, const mth_index_items *items,
                                            int32_t rank, const mth_dim *const *extents,
                                            mth_index_plan *out_plan);
#endif
