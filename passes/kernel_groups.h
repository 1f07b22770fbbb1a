// kernel_groups.h: which ops of an entry become one kernel.
//
// Groups grow greedily, in the order of the ops. What joins shares the grid of the group: every
// value that it reads from the group, it reads at its own grid point.
//   maps         one shape, read element by element
//   rows         folds of trailing axes, and maps around them that share the leading axes
//   contraction  a packed contraction and maps on its result
//   sink         any other fold; maps that nothing else reads are computed inside
//   opaque       a C kernel, alone
//   copy         a view that must be a tensor
// No group depends on itself through another.
#ifndef MTH_PASSES_KERNEL_GROUPS_H
#define MTH_PASSES_KERNEL_GROUPS_H
#include "passes/kernel_body.h"

typedef struct mth_kernel_group {
  const size_t *nodes; // in order; for a copy: none
  size_t node_count;
  const size_t *results; // nodes that others need as tensors; may be views of the group's own
  size_t result_count;
  bool opaque;
} mth_kernel_group;

typedef struct mth_kernel_groups {
  const mth_kernel_group *groups; // by their first node, copies last; not ordered by dependence
  size_t count;
  const size_t *producer; // by node: the group that makes it a tensor, or SIZE_MAX
} mth_kernel_groups;

MTH_MUST_USE mth_status mth_kernel_groups_find(const mth_kernel_body *entry,
                                               mth_kernel_groups *out_groups);

// Whether the node stays in the entry: a reshape whose operand is a tensor, so that no byte moves.
bool mth_node_is_alias(const mth_kernel_body *entry, size_t node);
#endif
