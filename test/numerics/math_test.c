// math_test: what expand-math writes, against a libm of more precision.
//
// Oracles: f64 against the 80-bit long double functions of x87's libm (64 bits of precision, so
// their own error is about 0.001 ulp of f64), f32 against double ones. Errors are in units in the
// last place of the exact result, of a subnormal where that is one. inf counts as the number after
// the largest.
//
// Asserted: the bound of each function's file (passes/math/); nan, infinities and zeros with their
// sign; a lane's bits do not depend on the vector's length, on its neighbours, or on the target.
// MTH_LONG=1 sweeps every 13th f32, and more numbers at random.
#include "test/numerics/math_kernel.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

typedef struct function {
  const char *op;
  double bound_f32, bound_f64; // ulp
  double low, high;            // where most of its values are neither 0, inf, nan nor constant
  double (*exact_f32)(double);
  long double (*exact_f64)(long double);
} function;

static const function functions[] = {
    {"math.exp", 1.1, 1, -750, 720, exp, expl},
    {"math.exp2", 1, 1, -1080, 1030, exp2, exp2l},
    {"math.expm1", 1.5, 1.5, -45, 720, expm1, expm1l},
    {"math.log", 1, 1, 0.3, 3, log, logl},
    {"math.log1p", 1, 1, -1, 3, log1p, log1pl},
    {"math.tanh", 1.5, 1.5, -22, 22, tanh, tanhl},
    {"math.erf", 1.1, 1.1, -6.5, 6.5, erf, erfl},
    {"math.sin", 1, 1, -30, 30, sin, sinl},
    {"math.cos", 1, 1, -30, 30, cos, cosl},
};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };
static const double pow_bound = 1;

// Numbers where something changes, for one function or another.
static const double landmarks[] = {0,
                                   1,
                                   0.5,
                                   2,
                                   3,
                                   10,
                                   0.5625,
                                   2.5,
                                   4,
                                   6,
                                   20,
                                   40,
                                   90,
                                   710,
                                   105,
                                   746,
                                   0.25,
                                   0x1p-25,
                                   0x1p-54,
                                   0x1.62e42fefa39efp-1,
                                   0x1.62e42fefa39efp-2,
                                   0x1.6a09e667f3bcdp-1,
                                   0x1.6a09e667f3bcdp0,
                                   0x1.921fb54442d18p-1,
                                   0x1.921fb54442d18p0,
                                   0x1.921fb54442d18p1,
                                   0x1.2d97c7f3321d2p2,
                                   0x1.921fb54442d18p20,
                                   0x1p16,
                                   0x1p30,
                                   0x1p23,
                                   0x1p24,
                                   0x1p52,
                                   0x1p53,
                                   88.72283905206835,
                                   103.97207708399179,
                                   87.33654475055310,
                                   709.782712893384,
                                   745.1332191019411,
                                   708.3964185322641,
                                   0x1p-126,
                                   0x1.fffffcp-127,
                                   0x1p-149,
                                   0x1.fffffep127,
                                   0x1p-1022,
                                   0x0.fffffffffffffp-1022,
                                   0x1p-1074,
                                   0x1.fffffffffffffp1023,
                                   1024,
                                   1074,
                                   1075,
                                   127,
                                   128,
                                   149,
                                   150,
                                   0x1.6ac5b262ca1ffp849,
                                   0x1.ce3c4ap86,
                                   33.25,
                                   9.010913347279289,
                                   3.9192059,
                                   5.921587195794507};
enum { LANDMARKS = sizeof landmarks / sizeof landmarks[0] };

static uint64_t random_bits(uint64_t *state) { // splitmix64
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static double random_between(uint64_t *state, double low, double high) {
  return low + (high - low) * (double)(random_bits(state) >> 11) * 0x1p-53;
}

static bool is_long(void) {
  const char *const value = getenv("MTH_LONG");
  return value && *value;
}

// Arrays of either precision, read and written as bits or as numbers.
typedef struct numbers {
  bool f64;
  int64_t count;
  void *data;
} numbers;

enum { LANES = 16 }; // every count is a multiple

static numbers numbers_create(bool f64, int64_t count) {
  count = (count + LANES - 1) / LANES * LANES;
  return (numbers){f64, count, calloc((size_t)count, f64 ? 8 : 4)};
}

static double number(numbers a, int64_t i) {
  return a.f64 ? ((double *)a.data)[i] : (double)((float *)a.data)[i];
}

static void set_number(numbers a, int64_t i, double value) {
  if (a.f64)
    ((double *)a.data)[i] = value;
  else
    ((float *)a.data)[i] = (float)value;
}

static void set_bits(numbers a, int64_t i, uint64_t bits) {
  if (a.f64)
    memcpy((double *)a.data + i, &bits, 8);
  else
    memcpy((float *)a.data + i, &(uint32_t){(uint32_t)bits}, 4);
}

static uint64_t bits_of(numbers a, int64_t i) {
  uint64_t bits = 0;
  memcpy(&bits, (const char *)a.data + i * (a.f64 ? 8 : 4), a.f64 ? 8 : 4);
  return bits;
}

// |got - exact| in ulp of `exact`; 0 where both are the same nan, infinity or signed zero.
static double error_ulp(bool f64, double got, long double exact) {
  const long double largest = f64 ? (long double)DBL_MAX : (long double)FLT_MAX;
  const int max_exponent = f64 ? 1024 : 128, min_exponent = f64 ? -1074 : -149;
  const int digits = f64 ? 53 : 24;
  if (isnan(exact) || isnan(got)) return isnan(exact) && isnan(got) ? 0 : INFINITY;
  if (isinf(exact)) return (long double)got == exact ? 0 : INFINITY;
  if (exact == 0) return got == 0 && signbit(got) == signbit(exact) ? 0 : INFINITY;
  if (got == 0 && signbit(got) != signbit(exact)) return INFINITY;
  if (fabsl(exact) >= largest && isinf(got) && (got > 0) == (exact > 0)) return 0;
  if (fabsl(exact) >= 2 * largest) return INFINITY;
  const long double value = isinf(got) ? copysignl(ldexpl(1, max_exponent), got) : got;
  int exponent;
  frexpl(exact, &exponent);
  int place = exponent - digits;
  if (place < min_exponent) place = min_exponent;
  return (double)(fabsl(value - exact) / ldexpl(1, place));
}

typedef struct worst {
  double ulp, x, y, got;
  int64_t bad; // numbers beyond the bound
} worst;

static void worst_update(worst *w, double bound, double ulp, double x, double y, double got) {
  if (!(ulp <= bound)) ++w->bad;
  if (ulp > w->ulp) w->ulp = ulp, w->x = x, w->y = y, w->got = got;
}

// Landmarks of both signs with their neighbours, the special values, everything over all exponents
// and in the function's own range.
static numbers arguments_create(bool f64, const function *f) {
  enum { NEAR = 40 };
  const int64_t at_random = is_long() ? 4000000 : 150000;
  numbers a = numbers_create(f64, LANDMARKS * 2 * (2 * NEAR + 1) + 2 * at_random + 3);
  int64_t n = 0;
  for (int i = 0; i < LANDMARKS; ++i)
    for (int sign = -1; sign <= 1; sign += 2)
      for (int64_t near = -NEAR; near <= NEAR; ++near, ++n) {
        set_number(a, n, sign * landmarks[i]);
        set_bits(a, n, bits_of(a, n) + (uint64_t)near);
      }
  set_number(a, n++, INFINITY);
  set_number(a, n++, -INFINITY);
  set_number(a, n++, NAN);
  uint64_t state = 1;
  for (int64_t i = 0; i < at_random; ++i)
    set_bits(a, n++, random_bits(&state));
  const double shrink = f64 ? 1 : 1.0 / 7; // f32's exponents are fewer
  while (n < a.count) {
    const bool scaled = f->high > 100;
    set_number(a, n++, (scaled ? shrink : 1) * random_between(&state, f->low, f->high));
  }
  return a;
}

static const char *element_name(bool f64) { return f64 ? "f64" : "f32"; }

static void check_unary(const function *f, bool f64) {
  math_kernel kernel;
  if (!math_kernel_init(&kernel, f->op, false, element_name(f64), f64 ? 8 : 16, "native")) return;
  const numbers x = arguments_create(f64, f), out = numbers_create(f64, x.count);
  kernel.run(x.data, x.data, out.data, x.count);
  worst w = {0};
  const double bound = f64 ? f->bound_f64 : f->bound_f32;
  for (int64_t i = 0; i < x.count; ++i) {
    const double argument = number(x, i), got = number(out, i);
    const long double exact =
        f64 ? f->exact_f64((long double)argument) : (long double)f->exact_f32(argument);
    worst_update(&w, bound, error_ulp(f64, got, exact), argument, 0, got);
  }
  printf("%-11s %s  %.3f ulp at %a\n", f->op, element_name(f64), w.ulp, w.x);
  harness_check(w.bad == 0, false, __FILE__, __LINE__,
                "%s %s: %lld results beyond %g ulp; the worst: %g ulp, f(%a) = %a", f->op,
                element_name(f64), (long long)w.bad, bound, w.ulp, w.x, w.got);
  free(x.data), free(out.data);
  math_kernel_deinit(&kernel);
}

TEST(math, unary_functions_hold_their_bounds_f32) {
  for (int i = 0; i < FUNCTIONS; ++i)
    check_unary(&functions[i], false);
}
TEST(math, unary_functions_hold_their_bounds_f64) {
  for (int i = 0; i < FUNCTIONS; ++i)
    check_unary(&functions[i], true);
}

// Every pair of landmarks and special values, integers, and pairs at random whose power is finite.
static void pow_arguments(numbers *x, numbers *y) {
  const int64_t at_random = is_long() ? 8000000 : 300000, specials = 2 * LANDMARKS + 3;
  const bool f64 = x->f64;
  *x = numbers_create(f64, specials * specials + 2 * at_random);
  *y = numbers_create(f64, x->count);
  double special[2 * LANDMARKS + 3] = {INFINITY, -INFINITY, NAN};
  for (int i = 0; i < LANDMARKS; ++i)
    special[3 + 2 * i] = landmarks[i], special[4 + 2 * i] = -landmarks[i];
  int64_t n = 0;
  for (int64_t i = 0; i < specials; ++i)
    for (int64_t j = 0; j < specials; ++j, ++n)
      set_number(*x, n, special[i]), set_number(*y, n, special[j]);
  uint64_t state = 2;
  for (int64_t i = 0; i < at_random; ++i, ++n)
    set_bits(*x, n, random_bits(&state)), set_bits(*y, n, random_bits(&state));
  const double reach = f64 ? 746 : 105;
  for (; n < x->count; ++n) {
    // A third near 1, a third over all exponents, a third with small integers as exponents.
    const double wanted = random_between(&state, -reach, reach);
    if (n % 3 == 0)
      set_number(*x, n, random_between(&state, 0.9, 1.1));
    else
      set_bits(*x, n, random_bits(&state) & (f64 ? INT64_MAX : INT32_MAX));
    if (n % 3 == 1) {
      set_number(*x, n, random_between(&state, -9, 9));
      set_number(*y, n, (double)((int64_t)(random_bits(&state) % 61) - 30));
    } else {
      set_number(*y, n, wanted / log(number(*x, n)));
    }
  }
}

static void check_pow(bool f64) {
  math_kernel kernel;
  if (!math_kernel_init(&kernel, "math.powf", true, element_name(f64), f64 ? 8 : 16, "native"))
    return;
  numbers x = {.f64 = f64}, y = {.f64 = f64};
  pow_arguments(&x, &y);
  const numbers out = numbers_create(f64, x.count);
  kernel.run(x.data, y.data, out.data, x.count);
  worst w = {0};
  for (int64_t i = 0; i < x.count; ++i) {
    const double a = number(x, i), b = number(y, i), got = number(out, i);
    const long double exact = f64 ? powl((long double)a, (long double)b) : (long double)pow(a, b);
    worst_update(&w, pow_bound, error_ulp(f64, got, exact), a, b, got);
  }
  printf("%-11s %s  %.3f ulp at %a, %a\n", "math.powf", element_name(f64), w.ulp, w.x, w.y);
  harness_check(w.bad == 0, false, __FILE__, __LINE__,
                "pow %s: %lld results beyond %g ulp; the worst: %g ulp, pow(%a, %a) = %a",
                element_name(f64), (long long)w.bad, pow_bound, w.ulp, w.x, w.y, w.got);
  free(x.data), free(y.data), free(out.data);
  math_kernel_deinit(&kernel);
}

TEST(math, pow_holds_its_bound_f32) { check_pow(false); }
TEST(math, pow_holds_its_bound_f64) { check_pow(true); }

// The larger or smaller of all pairs of landmarks and special values; of zeros, either.
static void check_extremum(const char *op, bool f64, bool largest) {
  math_kernel kernel;
  if (!math_kernel_init(&kernel, op, true, element_name(f64), f64 ? 8 : 16, "native")) return;
  enum { SPECIALS = 2 * LANDMARKS + 3 };
  double special[SPECIALS] = {INFINITY, -INFINITY, NAN};
  for (int i = 0; i < LANDMARKS; ++i)
    special[3 + 2 * i] = landmarks[i], special[4 + 2 * i] = -landmarks[i];
  const numbers x = numbers_create(f64, SPECIALS * SPECIALS);
  const numbers y = numbers_create(f64, x.count), out = numbers_create(f64, x.count);
  for (int64_t i = 0; i < SPECIALS * SPECIALS; ++i)
    set_number(x, i, special[i / SPECIALS]), set_number(y, i, special[i % SPECIALS]);
  kernel.run(x.data, y.data, out.data, x.count);
  for (int64_t i = 0; i < x.count; ++i) {
    const double a = number(x, i), b = number(y, i), got = number(out, i);
    const double wanted = isnan(a) || isnan(b) ? NAN : (a > b) == largest ? a : b;
    harness_check(isnan(wanted) ? isnan(got) : got == wanted, false, __FILE__, __LINE__,
                  "%s %s of %a, %a is %a", op, element_name(f64), a, b, got);
  }
  free(x.data), free(y.data), free(out.data);
  math_kernel_deinit(&kernel);
}

TEST(math, extremum_of_anything_and_nan_is_nan) {
  for (int f64 = 0; f64 < 2; ++f64) {
    check_extremum("arith.maximumf", f64, true);
    check_extremum("arith.minimumf", f64, false);
  }
}

// The same op compiled in another way gives the same bits.
static void check_same_bits(const char *op, bool f64, int lanes, const char *cpu, numbers x,
                            numbers y, numbers wanted) {
  math_kernel kernel;
  const bool binary = strcmp(op, "math.powf") == 0;
  if (!math_kernel_init(&kernel, op, binary, element_name(f64), lanes, cpu)) return;
  const numbers out = numbers_create(f64, wanted.count);
  const int64_t whole = lanes ? wanted.count / lanes * lanes : wanted.count;
  kernel.run(x.data, y.data, out.data, whole);
  int64_t differing = 0, first = -1;
  for (int64_t i = 0; i < whole; ++i) {
    const bool both_nan = isnan(number(out, i)) && isnan(number(wanted, i));
    if (both_nan || bits_of(out, i) == bits_of(wanted, i)) continue;
    if (!differing++) first = i;
  }
  harness_check(differing == 0, false, __FILE__, __LINE__,
                "%s %s, %d lanes, %s: %lld of %lld differ, first f(%a)", op, element_name(f64),
                lanes, cpu, (long long)differing, (long long)whole,
                first < 0 ? 0 : number(x, first));
  free(out.data);
  math_kernel_deinit(&kernel);
}

// Mixes what takes different paths: each vector holds small, large and special arguments.
static void fill_mixed(numbers x, numbers y) {
  uint64_t state = 3;
  for (int64_t i = 0; i < x.count; ++i) {
    set_bits(x, i, random_bits(&state)), set_bits(y, i, random_bits(&state));
    if (i % 3 == 0) set_number(x, i, random_between(&state, -8, 8));
    if (i % 3 != 2) set_number(y, i, random_between(&state, -8, 8));
  }
}

static void check_alike(const char *op, bool f64) {
  const int64_t count = 6000;
  const numbers x = numbers_create(f64, count), y = numbers_create(f64, count);
  const numbers wanted = numbers_create(f64, count);
  fill_mixed(x, y);
  math_kernel kernel;
  const bool binary = strcmp(op, "math.powf") == 0;
  if (math_kernel_init(&kernel, op, binary, element_name(f64), f64 ? 8 : 16, "native")) {
    kernel.run(x.data, y.data, wanted.data, wanted.count);
    check_same_bits(op, f64, 0, "native", x, y, wanted);
    check_same_bits(op, f64, 3, "native", x, y, wanted);
    check_same_bits(op, f64, f64 ? 8 : 16, "x86-64-v3", x, y, wanted);
    check_same_bits(op, f64, 4, "x86-64", x, y, wanted); // without fma instructions
  }
  math_kernel_deinit(&kernel);
  free(x.data), free(y.data), free(wanted.data);
}

TEST(math, bits_depend_on_the_argument_alone) {
  for (int i = 0; i < FUNCTIONS; ++i)
    for (int f64 = 0; f64 < 2; ++f64)
      check_alike(functions[i].op, f64);
  check_alike("math.powf", false);
  check_alike("math.powf", true);
}

TEST(math, unary_functions_hold_their_bounds_over_all_f32) {
  if (!is_long()) return;
  enum { CHUNK = 1 << 16, STRIDE = 13 };
  const numbers x = numbers_create(false, CHUNK), out = numbers_create(false, CHUNK);
  for (int i = 0; i < FUNCTIONS; ++i) {
    const function *const f = &functions[i];
    math_kernel kernel;
    if (!math_kernel_init(&kernel, f->op, false, "f32", 16, "native")) continue;
    worst w = {0};
    for (uint64_t bits = 0; bits < UINT32_MAX;) {
      for (int64_t j = 0; j < CHUNK; ++j, bits += STRIDE)
        set_bits(x, j, bits);
      kernel.run(x.data, x.data, out.data, CHUNK);
      for (int64_t j = 0; j < CHUNK; ++j) {
        const double exact = f->exact_f32(number(x, j)), got = number(out, j);
        if (got == (double)(float)exact && got != 0) continue; // within half an ulp
        worst_update(&w, f->bound_f32, error_ulp(false, got, (long double)exact), number(x, j), 0,
                     got);
      }
    }
    printf("%-11s f32  %.3f ulp at %a, of every %dth float\n", f->op, w.ulp, w.x, STRIDE);
    EXPECT_INT(w.bad, 0);
    math_kernel_deinit(&kernel);
  }
  free(x.data), free(out.data);
}
