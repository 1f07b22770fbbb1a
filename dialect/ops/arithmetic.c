// arithmetic.c: what maps of two tensors become.
//
// Where an operand was broadcast, its cotangent is summed over the axes along which it was.
#include "dialect/axes.h"
#include "dialect/op_code.h"
#include "dialect/shared_formula.h"

#include <math.h>

static mth_status gradient_add(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                               mth_value *out) {
  out[0] = mth_build_sum_to(b, cotangents[0], op->operands[0]);
  out[1] = mth_build_sum_to(b, cotangents[0], op->operands[1]);
  return b->status;
}

static mth_status gradient_subtract(mth_builder *b, const mth_op_site *op,
                                    const mth_value *cotangents, mth_value *out) {
  out[0] = mth_build_sum_to(b, cotangents[0], op->operands[0]);
  out[1] = mth_build_sum_to(b, mth_build_negate(b, cotangents[0]), op->operands[1]);
  return b->status;
}

static mth_status gradient_multiply(mth_builder *b, const mth_op_site *op,
                                    const mth_value *cotangents, mth_value *out) {
  const mth_value g = cotangents[0], *x = op->operands;
  out[0] = mth_build_sum_to(b, mth_build_multiply(b, g, x[1]), x[0]);
  out[1] = mth_build_sum_to(b, mth_build_multiply(b, g, x[0]), x[1]);
  return b->status;
}

// y = n / d:  dn = g / d,  dd = -g y / d
static mth_status gradient_divide(mth_builder *b, const mth_op_site *op,
                                  const mth_value *cotangents, mth_value *out) {
  const mth_value *x = op->operands;
  const mth_value scaled = mth_build_divide(b, cotangents[0], x[1]);
  out[0] = mth_build_sum_to(b, scaled, x[0]);
  const mth_value product = mth_build_multiply(b, scaled, op->results[0]);
  out[1] = mth_build_sum_to(b, mth_build_negate(b, product), x[1]);
  return b->status;
}

// A step has no slope.
static mth_status gradient_none(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                mth_value *out) {
  (void)op, (void)cotangents, (void)out;
  return b->status;
}

// y = n - d floor(n / d):  dn = g,  dd = -g floor(n / d)
static mth_status gradient_modulo(mth_builder *b, const mth_op_site *op,
                                  const mth_value *cotangents, mth_value *out) {
  const mth_value g = cotangents[0], *x = op->operands;
  const mth_value quotient = mth_build_binary(b, "floor_divide", x[0], x[1]);
  out[0] = mth_build_sum_to(b, g, x[0]);
  out[1] = mth_build_sum_to(b, mth_build_negate(b, mth_build_multiply(b, g, quotient)), x[1]);
  return b->status;
}

// |x|^e, and |x|/t where |x| < t and e < 1 - log t / log |x|: there the slope would be above 1/t.
typedef struct robust_power {
  double t;
  mth_value size, log, is_line; // |x|, log |x|
} robust_power;

static robust_power read_power(mth_builder *b, const mth_op_site *op) {
  const mth_value x = op->operands[0], e = op->operands[1];
  robust_power p = {.t = mth_threshold(b, op, x), .size = mth_build_unary(b, "abs", x)};
  p.log = mth_build_unary(b, "log", p.size);
  const mth_value ratio = mth_build_divide(b, mth_build_constant_like(b, x, log(p.t)), p.log);
  const mth_value most = mth_build_subtract(b, mth_build_constant_like(b, x, 1), ratio);
  p.is_line = mth_build_binary(b, "logical_and", mth_build_binary(b, "less", e, most),
                               mth_build_is_near_zero(b, x, p.t));
  return p;
}

static mth_status decompose_power(mth_builder *b, const mth_op_site *op, mth_value *out) {
  if (!mth_is_robust(op)) return b->status;
  const robust_power p = read_power(b, op);
  const mth_value line = mth_build_divide(b, p.size, mth_build_constant_like(b, p.size, p.t));
  out[0] =
      mth_build_where(b, p.is_line, line, mth_build_binary(b, "power", p.size, op->operands[1]));
  return b->status;
}

// dx = g sign(x) / t on the line, else g sign(x) e |x|^(e-1);  de = g y log |x|, 0 on the line and
// where x = 0
static mth_status gradient_robust_power(mth_builder *b, const mth_op_site *op, mth_value g,
                                        mth_value *out) {
  const mth_value x = op->operands[0], e = op->operands[1];
  const mth_value zero = mth_build_constant_like(b, x, 0), one = mth_build_constant_like(b, e, 1);
  const robust_power p = read_power(b, op);
  const mth_value lower = mth_build_binary(b, "power", p.size, mth_build_subtract(b, e, one));
  const mth_value slope = mth_build_where(b, p.is_line, mth_build_constant_like(b, x, 1 / p.t),
                                          mth_build_multiply(b, e, lower));
  // No infinite slope times the sign 0.
  const mth_value no_base = mth_build_binary(b, "equal", x, zero);
  const mth_value dx =
      mth_build_multiply(b, g, mth_build_multiply(b, mth_build_unary(b, "sign", x), slope));
  out[0] = mth_build_sum_to(b, mth_build_where(b, no_base, zero, dx), x);
  const mth_value flat = mth_build_binary(b, "logical_or", p.is_line, no_base);
  const mth_value de = mth_build_multiply(b, g, mth_build_multiply(b, op->results[0], p.log));
  out[1] = mth_build_sum_to(b, mth_build_where(b, flat, zero, de), e);
  return b->status;
}

// y = x^e:  dx = g e x^(e-1), 0 where e = 0;  de = g y log(x), 0 where x = 0
//
// Numbers  both exceptions are the limits; the products would be 0 * inf there.
static mth_status gradient_power(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                 mth_value *out) {
  const mth_value g = cotangents[0], x = op->operands[0], e = op->operands[1];
  if (mth_is_robust(op)) return gradient_robust_power(b, op, g, out);
  const mth_value zero = mth_build_constant_like(b, x, 0), one = mth_build_constant_like(b, e, 1);
  const mth_value lower = mth_build_binary(b, "power", x, mth_build_subtract(b, e, one));
  const mth_value dx = mth_build_multiply(b, g, mth_build_multiply(b, e, lower));
  const mth_value no_exponent = mth_build_binary(b, "equal", e, mth_build_constant_like(b, e, 0));
  out[0] = mth_build_sum_to(b, mth_build_where(b, no_exponent, zero, dx), x);
  const mth_value log = mth_build_unary(b, "log", x);
  const mth_value de = mth_build_multiply(b, g, mth_build_multiply(b, op->results[0], log));
  const mth_value no_base = mth_build_binary(b, "equal", x, zero);
  out[1] = mth_build_sum_to(b, mth_build_where(b, no_base, zero, de), e);
  return b->status;
}

// The side that was taken gets the cotangent; at a tie each gets half, as reductions share it.
static mth_status share(mth_builder *b, const mth_op_site *op, const char *wins, mth_value g,
                        mth_value *out) {
  const mth_value *x = op->operands;
  const mth_value zero = mth_build_constant_like(b, g, 0);
  const mth_value half = mth_build_multiply(b, g, mth_build_constant_like(b, g, 0.5));
  const mth_value tie = mth_build_binary(b, "equal", x[0], x[1]);
  const mth_value shared = mth_build_where(b, tie, half, zero);
  for (int i = 0; i < 2; ++i) {
    const mth_value taken = mth_build_binary(b, wins, x[i], x[1 - i]);
    out[i] = mth_build_sum_to(b, mth_build_where(b, taken, g, shared), x[i]);
  }
  return b->status;
}

static mth_status gradient_maximum(mth_builder *b, const mth_op_site *op,
                                   const mth_value *cotangents, mth_value *out) {
  return share(b, op, "greater", cotangents[0], out);
}

static mth_status gradient_minimum(mth_builder *b, const mth_op_site *op,
                                   const mth_value *cotangents, mth_value *out) {
  return share(b, op, "less", cotangents[0], out);
}

static mth_status gradient_where(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                 mth_value *out) {
  const mth_value g = cotangents[0], zero = mth_build_constant_like(b, g, 0);
  const mth_value *x = op->operands;
  out[1] = mth_build_sum_to(b, mth_build_where(b, x[0], g, zero), x[1]);
  out[2] = mth_build_sum_to(b, mth_build_where(b, x[0], zero, g), x[2]);
  return b->status;
}

// (x - t)^2
static mth_status decompose_squared_error(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_value difference = mth_build_subtract(b, op->operands[0], op->operands[1]);
  out[0] = mth_build_multiply(b, difference, difference);
  return b->status;
}

// x^1 = x and x^2 = x x, bit for bit; not where x is stretched
static mth_value simplify_power(mth_builder *b, const mth_op_site *op) {
  double e;
  if (mth_is_robust(op) || !mth_value_is_splat(op->operands[1], &e)) return (mth_value){NULL};
  const mth_value x = op->operands[0];
  if (e == 1) return x;
  return e == 2 && mth_same_shape(b, x, op->results[0]) ? mth_build_multiply(b, x, x)
                                                        : (mth_value){NULL};
}

// A condition that is known chooses a side, if that side is not stretched.
static mth_value simplify_where(mth_builder *b, const mth_op_site *op) {
  double condition;
  (void)b;
  return mth_value_is_splat(op->operands[0], &condition) ? op->operands[condition != 0 ? 1 : 2]
                                                         : (mth_value){NULL};
}

static double add_numbers(const double *x) { return x[0] + x[1]; }
static double subtract_numbers(const double *x) { return x[0] - x[1]; }
static double multiply_numbers(const double *x) { return x[0] * x[1]; }
static double divide_numbers(const double *x) { return x[0] / x[1]; }
static double equal_numbers(const double *x) { return x[0] == x[1]; }
static double differ_numbers(const double *x) { return x[0] != x[1]; }
static double less_numbers(const double *x) { return x[0] < x[1]; }
static double at_most_numbers(const double *x) { return x[0] <= x[1]; }
static double greater_numbers(const double *x) { return x[0] > x[1]; }
static double at_least_numbers(const double *x) { return x[0] >= x[1]; }

static const mth_code codes[] = {
    {.name = "add",
     .number = add_numbers,
     .code = {.gradient = gradient_add},
     .algebra = MTH_ALGEBRA_NEUTRAL_LEFT | MTH_ALGEBRA_NEUTRAL_RIGHT,
     .neutral = -0.0,
     .neutral_integer = 0},
    {.name = "subtract",
     .number = subtract_numbers,
     .code = {.gradient = gradient_subtract},
     .algebra = MTH_ALGEBRA_NEUTRAL_RIGHT,
     .neutral = 0,
     .neutral_integer = 0},
    {.name = "multiply",
     .number = multiply_numbers,
     .code = {.gradient = gradient_multiply},
     .algebra = MTH_ALGEBRA_NEUTRAL_LEFT | MTH_ALGEBRA_NEUTRAL_RIGHT,
     .neutral = 1,
     .neutral_integer = 1},
    {.name = "divide",
     .number = divide_numbers,
     .code = {.gradient = gradient_divide},
     .algebra = MTH_ALGEBRA_NEUTRAL_RIGHT,
     .neutral = 1,
     .neutral_integer = 1},
    {.name = "floor_divide", .code = {.gradient = gradient_none}},
    {.name = "modulo", .code = {.gradient = gradient_modulo}},
    {.name = "power",
     .code = {.gradient = gradient_power, .decompose = decompose_power},
     .simplify = simplify_power},
    {.name = "maximum", .code = {.gradient = gradient_maximum}},
    {.name = "minimum", .code = {.gradient = gradient_minimum}},
    {.name = "where", .code = {.gradient = gradient_where}, .simplify = simplify_where},
    {.name = "equal", .number = equal_numbers},
    {.name = "not_equal", .number = differ_numbers},
    {.name = "less", .number = less_numbers},
    {.name = "less_equal", .number = at_most_numbers},
    {.name = "greater", .number = greater_numbers},
    {.name = "greater_equal", .number = at_least_numbers},
    {.name = "squared_error", .code = {.decompose = decompose_squared_error}},
};

const mth_code_family mth_arithmetic_codes = {codes, sizeof codes / sizeof codes[0]};
