// rate.c: which loop of a generic makes good vectors.
#include "dialect/match.h"
#include "passes/loops/motion.h"
#include "passes/loops/turn.h"
#include "passes/schedules/schedules.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

enum { CONTIGUOUS = 4, UNIFORM = 1, TURNED = 2, STRIDED = -6, STRIDED_WRITE = -12 };

static int rate_motion(mth_motion moves, int strided) {
  switch (moves) {
  case MTH_STILL:
    return UNIFORM;
  case MTH_CONTIGUOUS:
    return CONTIGUOUS;
  case MTH_STRIDED:
    break;
  }
  return strided;
}

// Whether operand `k` is a value that stays inside the kernel: its layout is ours.
static bool is_kept(MlirOperation generic, intptr_t k) {
  const intptr_t input_count = mth_generic_input_count(generic);
  const MlirValue value = k < input_count ? mlirOperationGetOperand(generic, k)
                                          : mlirOperationGetResult(generic, k - input_count);
  if (mlirValueIsABlockArgument(value)) return false;
  for (MlirOpOperand use = mlirValueGetFirstUse(value); !mlirOpOperandIsNull(use);
       use = mlirOpOperandGetNextUse(use))
    if (!mth_op_is_named(mlirOpOperandGetOwner(use), "linalg.generic")) return false;
  return mth_op_is_named(mth_defining_op(value), "linalg.generic");
}

// Along a grid loop, scratch holds the neighbours of a vector side by side (passes/bufferize.c).
static mth_motion motion(MlirOperation generic, intptr_t k, intptr_t loop) {
  const mth_motion moves = mth_motion_of_operand(generic, k, loop);
  const intptr_t grid_rank =
      (intptr_t)mth_kernel_grid_rank(mlirOperationGetParentOperation(generic));
  return moves == MTH_STRIDED && loop < grid_rank && is_kept(generic, k) ? MTH_CONTIGUOUS : moves;
}

int mth_schedule_rate(MlirOperation generic, intptr_t loop, intptr_t turned_loop) {
  const intptr_t input_count = mth_generic_input_count(generic);
  int rating = 0;
  for (intptr_t k = 0; k < mlirOperationGetNumOperands(generic); ++k)
    rating +=
        turned_loop >= 0 && mth_can_turn_operand(generic, k, loop, turned_loop)
            ? TURNED
            : rate_motion(motion(generic, k, loop), k < input_count ? STRIDED : STRIDED_WRITE);
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(generic));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (mth_is_element_read(op))
      rating += turned_loop >= 0 && mth_can_turn_read(op, generic, loop, turned_loop)
                    ? TURNED
                    : rate_motion(mth_motion_of_read(op, generic, loop), STRIDED);
  return rating;
}

static MlirWalkResult find_f64(MlirOperation op, void *found) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    if (mlirTypeIsAF64(mlirValueGetType(mlirOperationGetResult(op, i)))) *(bool *)found = true;
  return MlirWalkResultAdvance;
}

int64_t mth_schedule_lanes(MlirOperation generic) {
  bool has_f64 = false;
  const MlirBlock body = mth_op_body(generic);
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(body); ++i)
    has_f64 = has_f64 || mlirTypeIsAF64(mlirValueGetType(mlirBlockGetArgument(body, i)));
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    find_f64(op, &has_f64);
  return has_f64 ? 8 : 16;
}

int64_t mth_schedule_extent(const mth_dim *extent, int64_t otherwise) {
  int64_t number;
  return mth_dim_is_constant(extent, &number) ? number : otherwise;
}

bool mth_schedule_is_one(const mth_dim *extent) { return mth_schedule_extent(extent, 0) == 1; }
