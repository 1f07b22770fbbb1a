// arguments.h: what must be true of the tensors of a run.
#ifndef MTH_RUNTIME_ARGUMENTS_H
#define MTH_RUNTIME_ARGUMENTS_H
#include "runtime/diagnostic.h"
#include "runtime/dlpack.h"
#include "runtime/program.h"

#include <stdbool.h>

// The bytes of one port's tensor; empty if begin == end.
typedef struct mth_extent {
  uintptr_t begin, end;
} mth_extent;

// The arguments of an entry. The storage is the caller's; nothing here allocates.
typedef struct mth_arguments {
  const mth_entry_desc *entry;
  const DLTensor *const *bound; // per port; NULL: not bound
  const mth_sink *sink;
  mth_extent owned;    // memory of the call itself, where no bound tensor may lie
  int64_t *symbols;    // per symbol: written by mth_arguments_check_shapes
  int64_t *sizes;      // 2 + computed_count: written by the same; see mth_sizes_fn
  mth_extent *extents; // per port: written by mth_arguments_check_data
  int32_t *order;      // ports by address: a permutation, kept from run to run
} mth_arguments;

// Checks that all ports but those that are out are bound. Looks at names and roles alone.
MTH_MUST_USE mth_status mth_arguments_check_bound(const mth_arguments *arguments);

// Checks device, dtype, rank and dims of every port that is bound, reading the symbols from their
// ports and all that depends on symbols from the entry's `sizes`.
//
// Fails  MTH_INVALID, also if a port that a symbol is read from is not bound.
MTH_MUST_USE mth_status mth_arguments_check_shapes(const mth_arguments *arguments);

// Checks, after the shapes, that every bound tensor is contiguous, has data and is aligned to its
// elements, and that no port which is written shares a byte with another.
MTH_MUST_USE mth_status mth_arguments_check_data(const mth_arguments *arguments);

// The extent of dim `dim` of a port, after the shapes.
int64_t mth_arguments_extent(const mth_arguments *arguments, int32_t port, int32_t dim);
#endif
