// launch_dims.h: what the numbers of a launch are in its entry's symbols.
#ifndef MTH_PASSES_LAUNCH_DIMS_H
#define MTH_PASSES_LAUNCH_DIMS_H
#include "ir/dim.h"
#include "mlir-c/IR.h"
#include "runtime/program.h"

#include <stddef.h>
#include <stdint.h>

typedef struct mth_launch_dims {
  MlirOperation kernel;          // an llvm.func
  const mth_dim *const *symbols; // the values of the kernel's d0, d1, ...
  size_t symbol_count;
  int32_t grid_rank;
  const mth_dim *grid[MTH_GRID_RANK];  // extents; 1 beyond grid_rank
  const mth_dim *work, *scratch_bytes; // scratch is a multiple of the plan's alignment
} mth_launch_dims;

// Reads a launch and the attributes of its kernel (docs/ir-forms.md, form 6 and 10).
//
// Owns   the array belongs to `arena`, dims to `dims`.
// Fails  MTH_INVALID: the kernel is not in the LLVM dialect, its grid or block is not of 1 to
//        MTH_GRID_RANK numbers, an attribute is no dim.
MTH_MUST_USE mth_status mth_launch_dims_read(MlirOperation module, MlirOperation launch,
                                             mth_dim_table *dims, mth_arena *arena,
                                             mth_launch_dims *out_dims);

// The scratch bytes of the entry's launch that wants most.
MTH_MUST_USE mth_status mth_launches_scratch(MlirOperation module, MlirOperation entry,
                                             mth_dim_table *dims, mth_arena *arena,
                                             const mth_dim **out_bytes);
#endif
