// kernel_stages.h: which values of a kernel become tensors, in which loops, in which order.
//
// A value is *kept* if it is a tensor of its own inside the kernel: every fold, every map that the
// kernel returns, and every map that is too dear to be computed again where it is read. All other
// maps are computed where they are read. Kept maps of one shape whose operands are ready at the
// same time share one stage; every fold is a stage of its own.
#ifndef MTH_PASSES_KERNEL_STAGES_H
#define MTH_PASSES_KERNEL_STAGES_H
#include "passes/kernel_body.h"

// In what order a tensor holds the axes of a value: tensor dim j runs along axis axis[j].
typedef struct mth_layout {
  size_t rank;
  int32_t axis[mth_axes_max];
} mth_layout;

typedef struct mth_stage {
  const size_t *nodes; // one fold, or kept maps of one shape
  size_t node_count;
} mth_stage;

// A value that the kernel returns: the tensor of `base` as it is, or copied by a stage at the end.
typedef struct mth_stage_result {
  size_t base;
  bool copied;
} mth_stage_result;

typedef struct mth_kernel_stages {
  const bool *kept;          // by node
  const mth_layout *layouts; // by node, of kept values
  const mth_stage_result *results;
  const mth_stage *stages;
  size_t stage_count;
} mth_kernel_stages;

MTH_MUST_USE mth_status mth_kernel_stages_find(const mth_kernel_body *body,
                                               mth_kernel_stages *out_stages);

// How many leading loops all stages share: with the same extents, and reading kept values only at
// the loops' own point. At most MTH_GRID_RANK.
MTH_MUST_USE mth_status mth_kernel_stages_grid(const mth_kernel_body *body,
                                               const mth_kernel_stages *stages, size_t *out_rank);
#endif
