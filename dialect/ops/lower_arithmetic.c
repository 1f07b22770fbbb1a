// lower_arithmetic.c: maps of two tensors and more, as scalars.
#include "dialect/scalar.h"

static MlirValue both(mth_scalar *scalar, const MlirValue *operands, const char *float_op,
                      const char *integer_op) {
  return mth_scalar_arith(scalar, float_op, integer_op, mth_scalar_operand(scalar, operands, 0),
                          mth_scalar_operand(scalar, operands, 1));
}

// Of bools: whether the sum is not 0.
static MlirValue add(mth_scalar *scalar, const MlirValue *operands) {
  return both(scalar, operands, "arith.addf",
              scalar->dtype == MTH_BOOL ? "arith.ori" : "arith.addi");
}

static MlirValue subtract(mth_scalar *scalar, const MlirValue *operands) {
  return both(scalar, operands, "arith.subf", "arith.subi");
}

static MlirValue multiply(mth_scalar *scalar, const MlirValue *operands) {
  return both(scalar, operands, "arith.mulf", "arith.muli");
}

// NaN if either is NaN. A bool's order is false, true.
static MlirValue maximum(mth_scalar *scalar, const MlirValue *operands) {
  return both(scalar, operands, "arith.maximumf",
              scalar->dtype == MTH_BOOL ? "arith.ori" : "arith.maxsi");
}

static MlirValue minimum(mth_scalar *scalar, const MlirValue *operands) {
  return both(scalar, operands, "arith.minimumf",
              scalar->dtype == MTH_BOOL ? "arith.andi" : "arith.minsi");
}

// Integers round down; x / 0 is 0, and the least integer over -1 wraps.
static MlirValue divide_integers(mth_scalar *scalar, MlirValue x, MlirValue y) {
  const MlirValue zero = mth_scalar_result_number(scalar, 0);
  const MlirValue one = mth_scalar_result_number(scalar, 1);
  const MlirValue minus_one = mth_scalar_result_number(scalar, -1);
  const MlirValue by_zero = mth_scalar_compare(scalar, MTH_EQUAL, y, zero);
  const MlirValue by_minus_one = mth_scalar_compare(scalar, MTH_EQUAL, y, minus_one);
  const MlirValue unsafe = mth_scalar_binary(scalar, "arith.ori", by_zero, by_minus_one);
  const MlirValue divisor = mth_scalar_select(scalar, unsafe, one, y);
  const MlirValue quotient = mth_scalar_binary(scalar, "arith.divsi", x, divisor);
  const MlirValue rest = mth_scalar_binary(scalar, "arith.remsi", x, divisor);
  const MlirValue inexact = mth_scalar_compare(scalar, MTH_NOT_EQUAL, rest, zero);
  const MlirValue signs = mth_scalar_binary(scalar, "arith.xori", rest, divisor);
  const MlirValue negative = mth_scalar_compare(scalar, MTH_LESS, signs, zero);
  const MlirValue down = mth_scalar_binary(scalar, "arith.andi", inexact, negative);
  const MlirValue below = mth_scalar_binary(scalar, "arith.subi", quotient, one);
  const MlirValue opposite = mth_scalar_binary(scalar, "arith.subi", zero, x);
  MlirValue result = mth_scalar_select(scalar, down, below, quotient);
  result = mth_scalar_select(scalar, by_minus_one, opposite, result);
  return mth_scalar_select(scalar, by_zero, zero, result);
}

static MlirValue divide(mth_scalar *scalar, const MlirValue *operands) {
  const MlirValue x = mth_scalar_operand(scalar, operands, 0);
  const MlirValue y = mth_scalar_operand(scalar, operands, 1);
  if (mth_scalar_is_float(scalar)) return mth_scalar_binary(scalar, "arith.divf", x, y);
  return divide_integers(scalar, x, y);
}

// x = q y + rest with |rest| < |y|, q the quotient rounded down but where that is far from 1.
typedef struct whole_quotient {
  MlirValue quotient, rest;
} whole_quotient;

// Numbers  q = floor(x / y), one less where the division was rounded up to an integer: then the
//          rest has the other sign than y. The rest is one fused multiply-add, exact while q is an
//          integer that floats tell from its neighbours; a larger q leaves 0, NaN if y is 0.
static whole_quotient divide_floats(mth_scalar *scalar, MlirValue x, MlirValue y) {
  const MlirValue zero = mth_scalar_result_number(scalar, 0);
  const MlirType type = mlirValueGetType(x);
  const double most = mth_dtype_get(scalar->dtype)->bits == 64 ? 0x1p53 : 0x1p24;
  const MlirValue q =
      mth_scalar_unary(scalar, "math.floor", mth_scalar_binary(scalar, "arith.divf", x, y));
  const MlirValue opposite = mth_scalar_unary(scalar, "arith.negf", q);
  const MlirValue fused = mth_scalar_op(scalar, "math.fma", type, 3, (MlirValue[]){opposite, y, x});
  const MlirValue none = mth_scalar_compare(scalar, MTH_EQUAL, q, zero);
  const MlirValue rest = mth_scalar_select(scalar, none, x, fused); // 0 times an infinite y
  const MlirValue differ =
      mth_scalar_binary(scalar, "arith.xori", mth_scalar_compare(scalar, MTH_LESS, rest, zero),
                        mth_scalar_compare(scalar, MTH_LESS, y, zero));
  const MlirValue inexact = mth_scalar_compare(scalar, MTH_NOT_EQUAL, rest, zero);
  const MlirValue too_large = mth_scalar_binary(scalar, "arith.andi", differ, inexact);
  const MlirValue below =
      mth_scalar_binary(scalar, "arith.subf", q, mth_scalar_result_number(scalar, 1));
  const MlirValue above = mth_scalar_binary(scalar, "arith.addf", rest, y);
  const MlirValue far =
      mth_scalar_compare(scalar, MTH_GREATER_EQUAL, mth_scalar_unary(scalar, "math.absf", q),
                         mth_scalar_result_number(scalar, most));
  return (whole_quotient){mth_scalar_select(scalar, too_large, below, q),
                          mth_scalar_select(scalar, far,
                                            mth_scalar_binary(scalar, "arith.mulf", rest, zero),
                                            mth_scalar_select(scalar, too_large, above, rest))};
}

static MlirValue floor_divide(mth_scalar *scalar, const MlirValue *operands) {
  const MlirValue x = mth_scalar_operand(scalar, operands, 0);
  const MlirValue y = mth_scalar_operand(scalar, operands, 1);
  if (mth_scalar_is_float(scalar)) return divide_floats(scalar, x, y).quotient;
  return divide_integers(scalar, x, y);
}

static MlirValue modulo(mth_scalar *scalar, const MlirValue *operands) {
  const MlirValue x = mth_scalar_operand(scalar, operands, 0);
  const MlirValue y = mth_scalar_operand(scalar, operands, 1);
  if (mth_scalar_is_float(scalar)) return divide_floats(scalar, x, y).rest;
  const MlirValue zero = mth_scalar_result_number(scalar, 0);
  const MlirValue product =
      mth_scalar_binary(scalar, "arith.muli", divide_integers(scalar, x, y), y);
  const MlirValue rest = mth_scalar_binary(scalar, "arith.subi", x, product);
  return mth_scalar_select(scalar, mth_scalar_compare(scalar, MTH_EQUAL, y, zero), zero, rest);
}

// Six squarings reach exponent 63. Above it only 0, 1 and -1 have powers that fit, and those depend
// on parity alone; so do negative exponents of 1 and -1. Other negative exponents give 0.
static MlirValue power_of_integers(mth_scalar *scalar, MlirValue base, MlirValue exponent) {
  const MlirValue zero = mth_scalar_result_number(scalar, 0);
  const MlirValue one = mth_scalar_result_number(scalar, 1);
  const MlirValue parity = mth_scalar_binary(scalar, "arith.andi", exponent, one);
  const MlirValue folded =
      mth_scalar_binary(scalar, "arith.addi", mth_scalar_result_number(scalar, 62), parity);
  const MlirValue most = mth_scalar_result_number(scalar, 63);
  const MlirValue large = mth_scalar_compare(scalar, MTH_GREATER, exponent, most);
  const MlirValue negative = mth_scalar_compare(scalar, MTH_LESS, exponent, zero);
  const MlirValue fold = mth_scalar_binary(scalar, "arith.ori", large, negative);
  const MlirValue bits = mth_scalar_select(scalar, fold, folded, exponent);
  MlirValue result = one, square = base;
  for (int bit = 0; bit < 6; ++bit) {
    const MlirValue mask = mth_scalar_result_number(scalar, 1 << bit);
    const MlirValue masked = mth_scalar_binary(scalar, "arith.andi", bits, mask);
    const MlirValue set = mth_scalar_compare(scalar, MTH_NOT_EQUAL, masked, zero);
    const MlirValue product = mth_scalar_binary(scalar, "arith.muli", result, square);
    result = mth_scalar_select(scalar, set, product, result);
    square = mth_scalar_binary(scalar, "arith.muli", square, square);
  }
  const MlirValue base_squared = mth_scalar_binary(scalar, "arith.muli", base, base);
  const MlirValue unit = mth_scalar_compare(scalar, MTH_EQUAL, base_squared, one);
  const MlirValue inverse = mth_scalar_select(scalar, unit, result, zero);
  return mth_scalar_select(scalar, negative, inverse, result);
}

static MlirValue power(mth_scalar *scalar, const MlirValue *operands) {
  const MlirValue x = mth_scalar_operand(scalar, operands, 0);
  const MlirValue y = mth_scalar_operand(scalar, operands, 1);
  if (mth_scalar_is_float(scalar)) return mth_scalar_binary(scalar, "math.powf", x, y);
  return power_of_integers(scalar, x, y);
}

// The dtype in which two operands are compared: a float beats integers, more bits beat fewer.
static mth_dtype compared_dtype(const mth_scalar *scalar) {
  const mth_dtype_info *a = mth_dtype_get(scalar->op->operands[0].dtype);
  const mth_dtype_info *b = mth_dtype_get(scalar->op->operands[1].dtype);
  if (a->family != b->family) return a->family > b->family ? a->dtype : b->dtype;
  if (a->bits == b->bits && a->dtype != b->dtype) return MTH_F32; // f16 and bf16
  return a->bits >= b->bits ? a->dtype : b->dtype;
}

static MlirValue compare(mth_scalar *scalar, const MlirValue *operands, mth_relation relation) {
  const mth_dtype dtype = compared_dtype(scalar);
  const mth_type *types = scalar->op->operands;
  return mth_scalar_compare(scalar, relation,
                            mth_scalar_convert(scalar, operands[0], types[0].dtype, dtype),
                            mth_scalar_convert(scalar, operands[1], types[1].dtype, dtype));
}

static MlirValue equal(mth_scalar *scalar, const MlirValue *operands) {
  return compare(scalar, operands, MTH_EQUAL);
}

static MlirValue not_equal(mth_scalar *scalar, const MlirValue *operands) {
  return compare(scalar, operands, MTH_NOT_EQUAL);
}

static MlirValue less(mth_scalar *scalar, const MlirValue *operands) {
  return compare(scalar, operands, MTH_LESS);
}

static MlirValue less_equal(mth_scalar *scalar, const MlirValue *operands) {
  return compare(scalar, operands, MTH_LESS_EQUAL);
}

static MlirValue greater(mth_scalar *scalar, const MlirValue *operands) {
  return compare(scalar, operands, MTH_GREATER);
}

static MlirValue greater_equal(mth_scalar *scalar, const MlirValue *operands) {
  return compare(scalar, operands, MTH_GREATER_EQUAL);
}

static MlirValue as_bool(mth_scalar *scalar, const MlirValue *operands, size_t i) {
  return mth_scalar_convert(scalar, operands[i], scalar->op->operands[i].dtype, MTH_BOOL);
}

static MlirValue where(mth_scalar *scalar, const MlirValue *operands) {
  return mth_scalar_select(scalar, as_bool(scalar, operands, 0),
                           mth_scalar_operand(scalar, operands, 1),
                           mth_scalar_operand(scalar, operands, 2));
}

#define MAP(name_, cost_, scalar_)                                                                 \
  {.name = name_, .kind = MTH_LOWERING_MAP, .cost = cost_, .scalar = scalar_}

static const mth_lowering rows[] = {
    MAP("add", 1, add),
    MAP("subtract", 1, subtract),
    MAP("multiply", 1, multiply),
    MAP("divide", 4, divide),
    MAP("floor_divide", 10, floor_divide),
    MAP("modulo", 12, modulo),
    MAP("power", 40, power),
    MAP("maximum", 1, maximum),
    MAP("minimum", 1, minimum),
    MAP("equal", 1, equal),
    MAP("not_equal", 1, not_equal),
    MAP("less", 1, less),
    MAP("less_equal", 1, less_equal),
    MAP("greater", 1, greater),
    MAP("greater_equal", 1, greater_equal),
    MAP("where", 1, where),
};
const mth_lowering_family mth_arithmetic_lowerings = {rows, sizeof rows / sizeof rows[0]};
