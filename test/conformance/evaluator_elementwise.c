// evaluator_elementwise.c: maps of one and two arrays.
#include "test/conformance/evaluator.h"

#include <float.h>
#include <math.h>
#include <string.h>

static real relu(real x) { return x > 0 ? x : 0; }
static real sigmoid(real x) { return x >= 0 ? 1 / (1 + expl(-x)) : expl(x) / (1 + expl(x)); }
static real softplus(real x) { return log1pl(expl(-fabsl(x))) + (x > 0 ? x : 0); }
static real square(real x) { return x * x; }
static real negate(real x) { return -x; }
static real same(real x) { return x; }
static real sign(real x) { return (real)((x > 0) - (x < 0)); }
static real silu(real x) { return x / (1 + expl(-x)); }
static real log_of(real x) { return logl(x); }
static real log1p_of(real x) { return log1pl(x); }
static real erf_of(real x) { return erfl(x); }
// With t: the threshold, by default the smallest normal double, and its root for the reciprocal.
static real robust_log(real x, real t) {
  const real a = fabsl(x);
  return a >= t ? logl(a) : logl(t) + a / t - 1;
}
static real robust_sqrt(real x, real t) {
  const real a = fabsl(x);
  return a >= t ? sqrtl(a) : a / sqrtl(t);
}
static real stable_reciprocal(real x, real t) {
  return fabsl(x) >= t ? 1 / x : 2 / t * (x < 0 ? -1 : 1) - x / (t * t);
}
static real gelu(real x) { return x * (1 + erfl(x / sqrtl(2))) / 2; }
static real gelu_by_tanh(real x) {
  return x / 2 * (1 + tanhl(sqrtl(2 / acosl(-1)) * (x + 0.044715L * x * x * x)));
}

static real add(real x, real y) { return x + y; }
static real subtract(real x, real y) { return x - y; }
static real multiply(real x, real y) { return x * y; }
static real divide(real x, real y) { return x / y; }
static real floor_divide(real x, real y) { return floorl(x / y); }
static real least(real x, real y) { return x < y ? x : y; }
static real greatest(real x, real y) { return x > y ? x : y; }
static real greater(real x, real y) { return x > y; }
static real less(real x, real y) { return x < y; }
static real greater_equal(real x, real y) { return x >= y; }
static real less_equal(real x, real y) { return x <= y; }
static real equal(real x, real y) { return x == y; }
static real not_equal(real x, real y) { return x != y; }
static real power(real x, real y) { return powl(x, y); }
static real robust_power(real x, real y) {
  const real t = DBL_MIN, a = fabsl(x);
  const bool is_linear = a < t && y < 1 - logl(t) / logl(a);
  return is_linear ? a / t : powl(a, y);
}

static void map(evaluator *e, unary_fn *f) {
  evaluator_output(e, "output", evaluator_map(e, f, evaluator_input(e, "input")));
}

static void map2(evaluator *e, binary_fn *f, const char *x, const char *y) {
  evaluator_output(e, "output", evaluator_map2(e, f, evaluator_input(e, x), evaluator_input(e, y)));
}

#define UNARY(name, f)                                                                             \
  static void run_##name(evaluator *e) { map(e, f); }
#define BINARY(name, f)                                                                            \
  static void run_##name(evaluator *e) { map2(e, f, "left", "right"); }

UNARY(relu, relu)
UNARY(sigmoid, sigmoid)
UNARY(tanh, tanhl)
UNARY(softplus, softplus)
UNARY(square, square)
UNARY(negate, negate)
UNARY(buffer, same)
UNARY(sign, sign)
UNARY(silu, silu)
UNARY(exponential, expl)
UNARY(sine, sinl)
UNARY(cosine, cosl)
UNARY(absolute, fabsl)
UNARY(floor, floorl)
UNARY(log1p, log1p_of)
UNARY(erf, erf_of)
BINARY(add, add)
BINARY(subtract, subtract)
BINARY(multiply, multiply)
BINARY(minimum, least)
BINARY(maximum, greatest)
BINARY(greater, greater)
BINARY(less, less)
BINARY(greater_equal, greater_equal)
BINARY(less_equal, less_equal)
BINARY(equal, equal)
BINARY(not_equal, not_equal)

static real zero(real x) {
  (void)x;
  return 0;
}
static void run_stop_gradient(evaluator *e) { map(e, e->stops ? zero : same); }

static void map_robust(evaluator *e, binary_fn *f, real threshold) {
  real_array t = evaluator_make(e, 0, NULL);
  if (!e->why) *t.values = evaluator_real(e, "threshold", threshold);
  evaluator_output(e, "output", evaluator_map2(e, f, evaluator_input(e, "input"), t));
}

static void run_log(evaluator *e) {
  if (evaluator_bool(e, "robust", false))
    map_robust(e, robust_log, DBL_MIN);
  else
    map(e, log_of);
}
static void run_sqrt(evaluator *e) {
  if (evaluator_bool(e, "robust", false))
    map_robust(e, robust_sqrt, DBL_MIN);
  else
    map(e, sqrtl);
}
static void run_stable_reciprocal(evaluator *e) {
  map_robust(e, stable_reciprocal, 1.4916681462400413e-153);
}
// min(max(x, min_val), max_val)
static void run_clamp(evaluator *e) {
  const real low = evaluator_real(e, "min_val", -INFINITY);
  const real high = evaluator_real(e, "max_val", INFINITY);
  real_array y = evaluator_map(e, same, evaluator_input(e, "input"));
  for (size_t i = 0; i < y.count && !e->why; ++i)
    y.values[i] = least(greatest(y.values[i], low), high);
  evaluator_output(e, "output", y);
}
// To an integer: towards 0. To a bool: whether it is not 0.
static void run_cast(evaluator *e) {
  const char *const dtype = json_string_value(evaluator_arg(e, "dtype"));
  real_array y = evaluator_map(e, same, evaluator_input(e, "input"));
  if (!dtype) evaluator_refuse(e, "a cast wants a dtype");
  for (size_t i = 0; i < y.count && !e->why; ++i) {
    if (strstr(dtype, "int")) y.values[i] = truncl(y.values[i]);
    if (strstr(dtype, "bool")) y.values[i] = y.values[i] != 0;
  }
  evaluator_output(e, "output", y);
}
static real both(real x, real y) { return x != 0 && y != 0; }
static real either(real x, real y) { return x != 0 || y != 0; }
static real none(real x) { return x == 0; }
UNARY(logical_not, none)
BINARY(logical_and, both)
BINARY(logical_or, either)
static void run_gelu(evaluator *e) {
  map(e, evaluator_bool(e, "approximate", false) ? gelu_by_tanh : gelu);
}
static void run_divide(evaluator *e) { map2(e, divide, "numerator", "denominator"); }
static void run_floor_divide(evaluator *e) { map2(e, floor_divide, "numerator", "denominator"); }
static void run_power(evaluator *e) {
  map2(e, evaluator_bool(e, "robust", false) ? robust_power : power, "base", "exponent");
}

static void run_leaky_relu(evaluator *e) {
  const real slope = evaluator_real(e, "slope", 0.01L);
  real_array y = evaluator_map(e, same, evaluator_input(e, "input"));
  for (size_t i = 0; i < y.count && !e->why; ++i)
    if (y.values[i] < 0) y.values[i] *= slope;
  evaluator_output(e, "output", y);
}

static void run_where(evaluator *e) {
  const real_array c = evaluator_input(e, "cond");
  // c*x + (1-c)*y, with x and y finite
  const real_array x = evaluator_map2(e, multiply, c, evaluator_input(e, "input1"));
  real_array not_c = evaluator_map(e, same, c);
  for (size_t i = 0; i < not_c.count && !e->why; ++i)
    not_c.values[i] = c.values[i] == 0;
  const real_array y = evaluator_map2(e, multiply, not_c, evaluator_input(e, "input2"));
  evaluator_output(e, "output", evaluator_map2(e, add, x, y));
}

static const evaluator_class classes[] = {
    {"relu", run_relu},
    {"sigmoid", run_sigmoid},
    {"tanh", run_tanh},
    {"softplus", run_softplus},
    {"square", run_square},
    {"negate", run_negate},
    {"buffer", run_buffer},
    {"stopgradient", run_stop_gradient},
    {"sign", run_sign},
    {"silu", run_silu},
    {"exponential", run_exponential},
    {"sine", run_sine},
    {"cosine", run_cosine},
    {"absolute", run_absolute},
    {"floor", run_floor},
    {"log", run_log},
    {"sqrt", run_sqrt},
    {"gelu", run_gelu},
    {"leakyrelu", run_leaky_relu},
    {"stablereciprocal", run_stable_reciprocal},
    {"add", run_add},
    {"subtract", run_subtract},
    {"multiply", run_multiply},
    {"divide", run_divide},
    {"floordivide", run_floor_divide},
    {"power", run_power},
    {"minimum", run_minimum},
    {"maximum", run_maximum},
    {"greater", run_greater},
    {"less", run_less},
    {"greaterequal", run_greater_equal},
    {"lessequal", run_less_equal},
    {"equal", run_equal},
    {"notequal", run_not_equal},
    {"where", run_where},
    {"log1p", run_log1p},
    {"erf", run_erf},
    {"clamp", run_clamp},
    {"cast", run_cast},
    {"logicalnot", run_logical_not},
    {"logicaland", run_logical_and},
    {"logicalor", run_logical_or},
};

evaluator_table evaluator_elementwise(void) {
  return (evaluator_table){classes, sizeof classes / sizeof *classes};
}
