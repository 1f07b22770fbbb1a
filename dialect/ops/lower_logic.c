// lower_logic.c: ops on bits, as scalars.
#include "dialect/scalar.h"

static MlirValue both(mth_scalar *scalar, const MlirValue *operands, const char *op) {
  return mth_scalar_binary(scalar, op, mth_scalar_operand(scalar, operands, 0),
                           mth_scalar_operand(scalar, operands, 1));
}

static MlirValue logical_and(mth_scalar *scalar, const MlirValue *operands) {
  return both(scalar, operands, "arith.andi");
}

static MlirValue logical_or(mth_scalar *scalar, const MlirValue *operands) {
  return both(scalar, operands, "arith.ori");
}

static MlirValue logical_xor(mth_scalar *scalar, const MlirValue *operands) {
  return both(scalar, operands, "arith.xori");
}

static MlirValue logical_not(mth_scalar *scalar, const MlirValue *operands) {
  const MlirValue x = mth_scalar_operand(scalar, operands, 0);
  const int64_t ones = scalar->dtype == MTH_BOOL ? 1 : -1;
  return mth_scalar_binary(scalar, "arith.xori", x,
                           mth_scalar_integer(scalar, mlirValueGetType(x), ones));
}

// Whether a shift is one of 0 to width - 1; arith's shifts by others mean nothing.
static MlirValue is_inside(mth_scalar *scalar, MlirValue shift) {
  const double width = (double)mth_dtype_get(scalar->dtype)->bits;
  return mth_scalar_binary(
      scalar, "arith.andi",
      mth_scalar_compare(scalar, MTH_GREATER_EQUAL, shift, mth_scalar_result_number(scalar, 0)),
      mth_scalar_compare(scalar, MTH_LESS, shift, mth_scalar_result_number(scalar, width)));
}

static MlirValue shift_left(mth_scalar *scalar, const MlirValue *operands) {
  const MlirValue shift = mth_scalar_operand(scalar, operands, 1);
  const MlirValue zero = mth_scalar_result_number(scalar, 0);
  const MlirValue inside = is_inside(scalar, shift);
  const MlirValue by = mth_scalar_select(scalar, inside, shift, zero);
  const MlirValue moved =
      mth_scalar_binary(scalar, "arith.shli", mth_scalar_operand(scalar, operands, 0), by);
  return mth_scalar_select(scalar, inside, moved, zero);
}

// By width - 1, nothing is left but the sign.
static MlirValue shift_right(mth_scalar *scalar, const MlirValue *operands) {
  const MlirValue shift = mth_scalar_operand(scalar, operands, 1);
  const double width = (double)mth_dtype_get(scalar->dtype)->bits;
  const MlirValue by = mth_scalar_select(scalar, is_inside(scalar, shift), shift,
                                         mth_scalar_result_number(scalar, width - 1));
  return mth_scalar_binary(scalar, "arith.shrsi", mth_scalar_operand(scalar, operands, 0), by);
}

#define MAP(name_, cost_, scalar_)                                                                 \
  {.name = name_, .kind = MTH_LOWERING_MAP, .cost = cost_, .scalar = scalar_}

static const mth_lowering rows[] = {
    MAP("logical_and", 1, logical_and), MAP("logical_or", 1, logical_or),
    MAP("logical_xor", 1, logical_xor), MAP("logical_not", 1, logical_not),
    MAP("shift_left", 3, shift_left),   MAP("shift_right", 3, shift_right),
};
const mth_lowering_family mth_logic_lowerings = {rows, sizeof rows / sizeof rows[0]};
