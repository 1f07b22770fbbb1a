// outline.h: a group of ops as a kernel of its own.
#ifndef MTH_PASSES_OUTLINE_H
#define MTH_PASSES_OUTLINE_H
#include "passes/kernel_groups.h"

typedef struct mth_outlined {
  MlirOperation kernel;   // detached; the caller owns it. Its symbol is "kernel"
  const size_t *operands; // nodes of the entry that it takes
  size_t operand_count;
  MlirAttribute dims; // the launch's
  const char *name;   // from its ops: "matmul_relu"
} mth_outlined;

// What is known of an entry's nodes while a group is copied; used again for the next group.
typedef struct mth_outline_room {
  MlirValue *copies; // by node: in the kernel, or null
  bool *own;         // by node: computed in the kernel
  size_t *operands, *copied;
  size_t copied_count;
} mth_outline_room;

// Belongs to the arena of `entry`.
MTH_MUST_USE mth_status mth_outline_room_make(const mth_kernel_body *entry,
                                              mth_outline_room *out_room);

// Copies the group's ops, with the views and small constants that they read, into a kernel whose
// symbols are d0, d1, ... in order of first use.
//
// Owns   arrays and name belong to the arena of `entry`.
MTH_MUST_USE mth_status mth_outline(const mth_kernel_body *entry, const mth_kernel_group *group,
                                    mth_outline_room *room, mth_outlined *out_outlined);
#endif
