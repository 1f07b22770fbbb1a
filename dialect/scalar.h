// scalar.h: writing scalar code in arith and math. Makers append to scalar->block.
#ifndef MTH_DIALECT_SCALAR_H
#define MTH_DIALECT_SCALAR_H
#include "dialect/lowering.h"

// The type in which scalars of a dtype are computed: f32 for f16 and bf16, i1 for bool.
MlirType mth_scalar_type(MlirContext context, mth_dtype dtype);

MlirValue mth_scalar_op(mth_scalar *scalar, const char *name, MlirType type, size_t operand_count,
                        const MlirValue *operands);
MlirValue mth_scalar_unary(mth_scalar *scalar, const char *name, MlirValue x);
MlirValue mth_scalar_binary(mth_scalar *scalar, const char *name, MlirValue x, MlirValue y);
// The op of x's type among the two: floats, and everything else.
MlirValue mth_scalar_arith(mth_scalar *scalar, const char *float_op, const char *integer_op,
                           MlirValue x, MlirValue y);
MlirValue mth_scalar_select(mth_scalar *scalar, MlirValue condition, MlirValue x, MlirValue y);

typedef enum mth_relation {
  MTH_EQUAL,
  MTH_NOT_EQUAL,
  MTH_LESS,
  MTH_LESS_EQUAL,
  MTH_GREATER,
  MTH_GREATER_EQUAL,
} mth_relation;
// IEEE comparison: false with a NaN, except MTH_NOT_EQUAL. Integers are signed, bools are not.
MlirValue mth_scalar_compare(mth_scalar *scalar, mth_relation relation, MlirValue x, MlirValue y);

// A constant of a float type (rounded), or of an integer type, i1 or index.
MlirValue mth_scalar_number(mth_scalar *scalar, MlirType type, double value);
MlirValue mth_scalar_integer(mth_scalar *scalar, MlirType type, int64_t value);

// Numbers  float to integer truncates, saturates, and takes NaN to 0; to bool is x != 0.
MlirValue mth_scalar_convert(mth_scalar *scalar, MlirValue x, mth_dtype from, mth_dtype to);

// The scalar of operand `i` in the dtype to make, and a number of that dtype.
MlirValue mth_scalar_operand(mth_scalar *scalar, const MlirValue *operands, size_t i);
MlirValue mth_scalar_result_number(mth_scalar *scalar, double value);
bool mth_scalar_is_float(const mth_scalar *scalar); // the dtype to make
#endif
