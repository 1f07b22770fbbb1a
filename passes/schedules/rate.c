// rate.c: which loop of a generic makes good vectors.
#include "dialect/match.h"
#include "passes/schedules/schedules.h"

#include "mlir-c/AffineExpr.h"
#include "mlir-c/AffineMap.h"
#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

enum { CONTIGUOUS = 4, UNIFORM = 1, STRIDED = -6, STRIDED_WRITE = -12 };

// How an index moves with a loop.
typedef enum motion { STILL, BY_ONE, OTHERWISE } motion;

static motion combine(motion a, motion b) {
  if (a == STILL) return b;
  return b == STILL ? a : OTHERWISE;
}

static motion of_expression(MlirAffineExpr expression, intptr_t loop) {
  if (mlirAffineExprIsADim(expression))
    return mlirAffineDimExprGetPosition(expression) == loop ? BY_ONE : STILL;
  if (mlirAffineExprIsAConstant(expression)) return STILL;
  const motion a = of_expression(mlirAffineBinaryOpExprGetLHS(expression), loop);
  const motion b = of_expression(mlirAffineBinaryOpExprGetRHS(expression), loop);
  if (mlirAffineExprIsAAdd(expression)) return combine(a, b);
  return combine(a, b) == STILL ? STILL : OTHERWISE;
}

static bool keeps_steps(MlirOperation op) {
  return mth_op_is_named(op, "arith.addi") || mth_op_is_named(op, "arith.minsi") ||
         mth_op_is_named(op, "arith.maxsi");
}

// A value computed in the generic's body.
static motion of_value(MlirValue value, MlirBlock body, MlirOperation generic, intptr_t loop) {
  if (mlirValueIsABlockArgument(value)) {
    if (!mlirBlockEqual(mlirBlockArgumentGetOwner(value), body)) return STILL;
    const intptr_t operand = mlirBlockArgumentGetArgNumber(value);
    const MlirAffineMap map = mth_generic_map(generic, operand);
    for (intptr_t i = 0; i < mlirAffineMapGetNumResults(map); ++i)
      if (of_expression(mlirAffineMapGetResult(map, i), loop) != STILL) return OTHERWISE;
    return STILL;
  }
  const MlirOperation op = mth_defining_op(value);
  if (!mlirBlockEqual(mlirOperationGetBlock(op), body)) return STILL;
  if (mth_op_is_named(op, "linalg.index"))
    return mlirIntegerAttrGetValueInt(mth_op_attribute(op, "dim")) == loop ? BY_ONE : STILL;
  motion all = STILL;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i)
    all = combine(all, of_value(mlirOperationGetOperand(op, i), body, generic, loop));
  return all == STILL || keeps_steps(op) ? all : OTHERWISE;
}

static int rate_motions(const motion *indices, intptr_t rank, int strided) {
  bool moves = false;
  for (intptr_t i = 0; i < rank; ++i) {
    if (indices[i] == STILL) continue;
    if (i + 1 < rank || indices[i] == OTHERWISE) return strided;
    moves = true;
  }
  return moves ? CONTIGUOUS : UNIFORM;
}

int mth_schedule_rate(MlirOperation generic, intptr_t loop) {
  const MlirBlock body = mth_op_body(generic);
  const intptr_t input_count = mth_generic_input_count(generic);
  motion indices[MTH_MAX_RANK];
  int rating = 0;
  for (intptr_t k = 0; k < mlirOperationGetNumOperands(generic); ++k) {
    const MlirAffineMap map = mth_generic_map(generic, k);
    const intptr_t rank = mlirAffineMapGetNumResults(map);
    for (intptr_t i = 0; i < rank && i < MTH_MAX_RANK; ++i)
      indices[i] = of_expression(mlirAffineMapGetResult(map, i), loop);
    rating += rate_motions(indices, rank, k < input_count ? STRIDED : STRIDED_WRITE);
  }
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!mth_op_is_named(op, "tensor.extract")) continue;
    const intptr_t rank = mlirOperationGetNumOperands(op) - 1;
    for (intptr_t i = 0; i < rank && i < MTH_MAX_RANK; ++i)
      indices[i] = of_value(mlirOperationGetOperand(op, i + 1), body, generic, loop);
    rating += rate_motions(indices, rank, STRIDED);
  }
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
