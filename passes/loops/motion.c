// motion.c: how what a generic reads and writes moves with one of its loops.
#include "passes/loops/motion.h"

#include "dialect/match.h"
#include "passes/loops/extent.h"
#include "passes/loops/lanes.h"

#include "mlir-c/AffineExpr.h"
#include "mlir-c/AffineMap.h"
#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

// How an index moves.
typedef enum step { NONE, BY_ONE, OTHERWISE } step;

static step combine(step a, step b) {
  if (a == NONE) return b;
  return b == NONE ? a : OTHERWISE;
}

static step of_expression(MlirAffineExpr expression, intptr_t loop) {
  if (mlirAffineExprIsADim(expression))
    return mlirAffineDimExprGetPosition(expression) == loop ? BY_ONE : NONE;
  if (mlirAffineExprIsAConstant(expression)) return NONE;
  const step a = of_expression(mlirAffineBinaryOpExprGetLHS(expression), loop);
  const step b = of_expression(mlirAffineBinaryOpExprGetRHS(expression), loop);
  if (mlirAffineExprIsAAdd(expression)) return combine(a, b);
  return combine(a, b) == NONE ? NONE : OTHERWISE;
}

static bool keeps_steps(MlirOperation op) {
  return mth_op_is_named(op, "arith.addi") || mth_op_is_named(op, "arith.minsi") ||
         mth_op_is_named(op, "arith.maxsi");
}

static bool is_of_body(MlirValue value, MlirBlock body) {
  if (mlirValueIsABlockArgument(value))
    return mlirBlockEqual(mlirBlockArgumentGetOwner(value), body);
  return mlirBlockEqual(mlirOperationGetBlock(mth_defining_op(value)), body);
}

// A value computed in the generic's body.
static step of_value(MlirValue value, MlirBlock body, MlirOperation generic, intptr_t loop) {
  if (!is_of_body(value, body)) return NONE;
  if (mlirValueIsABlockArgument(value)) {
    const intptr_t operand = mlirBlockArgumentGetArgNumber(value);
    return mth_motion_of_operand(generic, operand, loop) == MTH_STILL ? NONE : OTHERWISE;
  }
  const MlirOperation op = mth_defining_op(value);
  if (mth_op_is_named(op, "linalg.index"))
    return mlirIntegerAttrGetValueInt(mth_op_attribute(op, "dim")) == loop ? BY_ONE : NONE;
  step all = NONE;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i)
    all = combine(all, of_value(mlirOperationGetOperand(op, i), body, generic, loop));
  return all == NONE || keeps_steps(op) ? all : OTHERWISE;
}

// `memory`: the type of what is read or written. Behind the last extent that is not known to be 1
// nothing lies between neighbours.
static mth_motion of_steps(const step *indices, intptr_t rank, MlirType memory) {
  bool moves = false;
  while (rank > 0 && !mlirShapedTypeIsDynamicDim(memory, rank - 1) &&
         mlirShapedTypeGetDimSize(memory, rank - 1) == 1)
    --rank;
  for (intptr_t i = 0; i < rank; ++i) {
    if (indices[i] == NONE) continue;
    if (i + 1 < rank || indices[i] == OTHERWISE) return MTH_STRIDED;
    moves = true;
  }
  return moves ? MTH_CONTIGUOUS : MTH_STILL;
}

mth_motion mth_motion_of_operand(MlirOperation generic, intptr_t operand, intptr_t loop) {
  const MlirAffineMap map = mth_generic_map(generic, operand);
  const intptr_t rank = mlirAffineMapGetNumResults(map);
  step indices[MTH_MAX_RANK];
  if (rank > MTH_MAX_RANK) return MTH_STRIDED;
  for (intptr_t i = 0; i < rank; ++i)
    indices[i] = of_expression(mlirAffineMapGetResult(map, i), loop);
  return of_steps(indices, rank, mlirValueGetType(mlirOperationGetOperand(generic, operand)));
}

mth_motion mth_motion_of_read(MlirOperation read, MlirOperation generic, intptr_t loop) {
  const intptr_t rank = mlirOperationGetNumOperands(read) - 1;
  step indices[MTH_MAX_RANK];
  if (rank > MTH_MAX_RANK) return MTH_STRIDED;
  for (intptr_t i = 0; i < rank; ++i)
    indices[i] =
        of_value(mlirOperationGetOperand(read, i + 1), mth_op_body(generic), generic, loop);
  return of_steps(indices, rank, mlirValueGetType(mlirOperationGetOperand(read, 0)));
}

bool mth_is_element_read(MlirOperation op) {
  return mth_op_is_named(op, "tensor.extract") || mth_op_is_named(op, "memref.load");
}

static bool is_free_of_data(MlirValue value, MlirBlock body) {
  if (!is_of_body(value, body)) return true;
  if (mlirValueIsABlockArgument(value)) return false;
  const MlirOperation op = mth_defining_op(value);
  if (mth_is_element_read(op)) return false;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i)
    if (!is_free_of_data(mlirOperationGetOperand(op, i), body)) return false;
  return true;
}

bool mth_read_is_free_of_data(MlirOperation read, MlirOperation generic) {
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(read); ++i)
    if (!is_free_of_data(mlirOperationGetOperand(read, i), mth_op_body(generic))) return false;
  return true;
}
