// lower_elementary.c: maps of one tensor, as scalars.
#include "dialect/scalar.h"

#include "mlir-c/BuiltinTypes.h"

static MlirValue opposite(mth_scalar *scalar, MlirValue x) {
  if (mth_scalar_is_float(scalar)) return mth_scalar_unary(scalar, "arith.negf", x);
  return mth_scalar_binary(scalar, "arith.subi", mth_scalar_result_number(scalar, 0), x);
}

static MlirValue negate(mth_scalar *scalar, const MlirValue *operands) {
  return opposite(scalar, mth_scalar_operand(scalar, operands, 0));
}

static MlirValue function(mth_scalar *scalar, const MlirValue *operands, const char *name) {
  return mth_scalar_unary(scalar, name, mth_scalar_operand(scalar, operands, 0));
}

static MlirValue exponential(mth_scalar *scalar, const MlirValue *operands) {
  return function(scalar, operands, "math.exp");
}

static MlirValue logarithm(mth_scalar *scalar, const MlirValue *operands) {
  return function(scalar, operands, "math.log");
}

static MlirValue logarithm_above_one(mth_scalar *scalar, const MlirValue *operands) {
  return function(scalar, operands, "math.log1p");
}

// Integers are whole already.
static MlirValue round_down(mth_scalar *scalar, const MlirValue *operands) {
  if (mth_scalar_is_float(scalar)) return function(scalar, operands, "math.floor");
  return mth_scalar_operand(scalar, operands, 0);
}

static MlirValue square_root(mth_scalar *scalar, const MlirValue *operands) {
  return function(scalar, operands, "math.sqrt");
}

static MlirValue hyperbolic_tangent(mth_scalar *scalar, const MlirValue *operands) {
  return function(scalar, operands, "math.tanh");
}

static MlirValue error_function(mth_scalar *scalar, const MlirValue *operands) {
  return function(scalar, operands, "math.erf");
}

static MlirValue sine(mth_scalar *scalar, const MlirValue *operands) {
  return function(scalar, operands, "math.sin");
}

static MlirValue cosine(mth_scalar *scalar, const MlirValue *operands) {
  return function(scalar, operands, "math.cos");
}

static MlirValue absolute(mth_scalar *scalar, const MlirValue *operands) {
  const MlirValue x = mth_scalar_operand(scalar, operands, 0);
  if (mth_scalar_is_float(scalar)) return mth_scalar_unary(scalar, "math.absf", x);
  return mth_scalar_binary(scalar, "arith.maxsi", x, opposite(scalar, x));
}

// -1, +0, 1, or NaN.
static MlirValue sign(mth_scalar *scalar, const MlirValue *operands) {
  const MlirValue x = mth_scalar_operand(scalar, operands, 0);
  const MlirValue zero = mth_scalar_result_number(scalar, 0);
  const MlirValue is_zero = mth_scalar_compare(scalar, MTH_EQUAL, x, zero);
  MlirValue result = mth_scalar_select(scalar, is_zero, zero, x);
  const MlirValue positive = mth_scalar_compare(scalar, MTH_GREATER, x, zero);
  result = mth_scalar_select(scalar, positive, mth_scalar_result_number(scalar, 1), result);
  const MlirValue negative = mth_scalar_compare(scalar, MTH_LESS, x, zero);
  return mth_scalar_select(scalar, negative, mth_scalar_result_number(scalar, -1), result);
}

// With e = exp(-|x|): 1/(1+e) for x >= 0, e/(1+e) below. No overflow, and small results keep their
// digits.
static MlirValue sigmoid(mth_scalar *scalar, const MlirValue *operands) {
  const MlirValue x = mth_scalar_operand(scalar, operands, 0);
  const MlirValue one = mth_scalar_result_number(scalar, 1);
  const MlirValue magnitude = mth_scalar_unary(scalar, "math.absf", x);
  const MlirValue down = mth_scalar_unary(scalar, "arith.negf", magnitude);
  const MlirValue e = mth_scalar_unary(scalar, "math.exp", down);
  const MlirValue negative =
      mth_scalar_compare(scalar, MTH_LESS, x, mth_scalar_result_number(scalar, 0));
  const MlirValue numerator = mth_scalar_select(scalar, negative, e, one);
  const MlirValue denominator = mth_scalar_binary(scalar, "arith.addf", one, e);
  return mth_scalar_binary(scalar, "arith.divf", numerator, denominator);
}

static MlirValue relu(mth_scalar *scalar, const MlirValue *operands) {
  return mth_scalar_arith(scalar, "arith.maximumf", "arith.maxsi",
                          mth_scalar_operand(scalar, operands, 0),
                          mth_scalar_result_number(scalar, 0));
}

static MlirValue scaled(mth_scalar *scalar, MlirValue x, double factor) {
  return mth_scalar_binary(scalar, "arith.mulf", x, mth_scalar_result_number(scalar, factor));
}

// x/2 (1 + erf(x/sqrt 2)), or with `approximate` x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
//
// Source   Hendrycks & Gimpel 2016, arXiv:1606.08415.
static MlirValue gelu(mth_scalar *scalar, const MlirValue *operands) {
  const MlirValue x = mth_scalar_operand(scalar, operands, 0);
  const MlirValue one = mth_scalar_result_number(scalar, 1);
  MlirValue bell;
  if (mth_site_arg(scalar->op->site, "approximate")->b) {
    const MlirValue square = mth_scalar_binary(scalar, "arith.mulf", x, x);
    const MlirValue cubic =
        mth_scalar_binary(scalar, "arith.addf", scaled(scalar, square, 0.044715), one);
    const MlirValue linear = scaled(scalar, x, 0.79788456080286535588);
    const MlirValue argument = mth_scalar_binary(scalar, "arith.mulf", linear, cubic);
    bell = mth_scalar_unary(scalar, "math.tanh", argument);
  } else {
    bell = mth_scalar_unary(scalar, "math.erf", scaled(scalar, x, 0.70710678118654752440));
  }
  return mth_scalar_binary(scalar, "arith.mulf", scaled(scalar, x, 0.5),
                           mth_scalar_binary(scalar, "arith.addf", bell, one));
}

static MlirValue cast(mth_scalar *scalar, const MlirValue *operands) {
  return mth_scalar_operand(scalar, operands, 0);
}

#define MAP(name_, cost_, scalar_)                                                                 \
  {.name = name_, .kind = MTH_LOWERING_MAP, .cost = cost_, .scalar = scalar_}

static const mth_lowering rows[] = {
    MAP("negate", 1, negate),
    MAP("exp", 16, exponential),
    MAP("log", 16, logarithm),
    MAP("log1p", 20, logarithm_above_one),
    MAP("floor", 1, round_down),
    MAP("sqrt", 4, square_root),
    MAP("abs", 1, absolute),
    MAP("sign", 3, sign),
    MAP("tanh", 16, hyperbolic_tangent),
    MAP("sigmoid", 24, sigmoid),
    MAP("relu", 1, relu),
    MAP("gelu", 24, gelu),
    MAP("erf", 16, error_function),
    MAP("sin", 24, sine),
    MAP("cos", 24, cosine),
    MAP("cast", 1, cast),
    {.name = "stop_gradient", .kind = MTH_LOWERING_VIEW},
};
const mth_lowering_family mth_elementary_lowerings = {rows, sizeof rows / sizeof rows[0]};
