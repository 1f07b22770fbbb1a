// fake_ops.c: a library of ops that the environment makes wrong. For op_library_test.c.
#include "frontend/op_library.h"

#include <stdlib.h>

const mth_op_library *mth_op_library_get(void);

static const mth_op_key output[] = {{.name = "output", .families = MTH_FAMILY_FLOAT}};
static const mth_op fresh = {.struct_bytes = sizeof(mth_op),
                             .abi = MTH_OP_ABI,
                             .name = "fresh",
                             .model = "Fresh",
                             .outputs = output,
                             .output_count = 1};
static const mth_op taken = {.struct_bytes = sizeof(mth_op),
                             .abi = MTH_OP_ABI,
                             .name = "relu",
                             .outputs = output,
                             .output_count = 1};

const mth_op_library *mth_op_library_get(void) {
  static const mth_op *const ops[] = {&fresh, &taken};
  static const mth_op_library good = {sizeof good, MTH_OP_ABI, ops, 1};
  static const mth_op_library old = {sizeof old, MTH_OP_ABI - 1, ops, 1};
  static const mth_op_library clash = {sizeof clash, MTH_OP_ABI, ops, 2};
  if (getenv("FAKE_OPS_ARE_OLD")) return &old;
  return getenv("FAKE_OPS_CLASH") ? &clash : &good;
}
