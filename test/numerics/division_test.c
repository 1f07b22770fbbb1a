// division_test.c: floor_divide and modulo where a rounded quotient would mislead, and at the ends
// of the numbers; as Python has them, but where a quotient does not fit.
#include "test/harness/harness.h"
#include "test/numerics/compiled.h"

#include <math.h>
#include <stdio.h>

typedef struct division {
  double x, y, quotient, rest; // rest: in f64
} division;

static const division divisions[] = {
    {7, 2, 3, 1},
    {-7, 2, -4, 1},
    {7, -2, -4, -1},
    {-7, -2, 3, -1},
    {6, -3, -2, 0},
    {0, 5, 0, 0},
    {-0x1p-40, 3, -1, 3 - 0x1p-40},
    {1, INFINITY, 0, 1},
    {-1, INFINITY, -1, INFINITY},
    {1, -INFINITY, -1, -INFINITY},
    {1, 0, INFINITY, NAN},
    {-1, 0, -INFINITY, NAN},
    {0, 0, NAN, NAN},
    {INFINITY, 2, INFINITY, NAN},
    {NAN, 2, NAN, NAN},
    {1, NAN, NAN, NAN},
    {0x1p60, 3, 0x1.5555555555555p+58, 0}, // too far from 1 to have a rest
};

enum { count = sizeof divisions / sizeof *divisions };

static oracle_tensor column(size_t which) {
  const int64_t dims[] = {count};
  oracle_tensor column = oracle_make(1, dims);
  for (int i = 0; i < count; ++i)
    column.value[i] = which == 0   ? divisions[i].x
                      : which == 1 ? divisions[i].y
                      : which == 2 ? divisions[i].quotient
                                   : divisions[i].rest;
  return column;
}

static void check(const char *op, mth_dtype dtype, oracle_tensor *x, oracle_tensor *wanted) {
  static const char format[] =
      "module @m {\n  mithril.entry @e(%%x: %1$s {mithril.port = \"a0\"}, %%y: %1$s {mithril.port "
      "= \"a1\"}) -> (%1$s {mithril.port = \"y\"}) {\n    %%z = mithril.%2$s %%x, %%y : (%1$s, "
      "%1$s) -> %1$s\n    mithril.return %%z : %1$s\n  }\n}\n";
  const mth_dtype dtypes[] = {dtype, dtype};
  char type[32], text[640];
  compiled c;
  snprintf(type, sizeof type, "tensor<%lldx%s>", (long long)x->dims[0], mth_dtype_get(dtype)->mlir);
  snprintf(text, sizeof text, format, type, op);
  ASSERT(compiled_make(text, &c));
  oracle_tensor actual = oracle_make(1, x->dims);
  compiled_round(wanted, dtype);
  if (compiled_run(&c, "e", 1, 2, x, dtypes, dtype, &actual))
    compiled_compare(op, &actual, wanted, dtype, 0);
  oracle_free(&actual);
  compiled_free(&c);
}

static void check_all(mth_dtype dtype) {
  oracle_tensor x[] = {column(0), column(1)}, quotient = column(2), rest = column(3);
  check("floor_divide", dtype, x, &quotient);
  check("modulo", dtype, x, &rest);
  for (int i = 0; i < 2; ++i)
    oracle_free(&x[i]);
  oracle_free(&quotient);
  oracle_free(&rest);
}

TEST(division, f32) { check_all(MTH_F32); }
TEST(division, f64) { check_all(MTH_F64); }

// 0.1 is above a tenth, so it is 9 times in 1; the quotient rounds to 10.
TEST(division, a_quotient_that_is_rounded_up_is_one_less) {
  const int64_t dims[] = {2};
  oracle_tensor x[] = {oracle_make(1, dims), oracle_make(1, dims)}, wanted = oracle_make(1, dims);
  x[0].value[0] = 1, x[1].value[0] = 0.1;
  x[0].value[1] = -1, x[1].value[1] = -0.1;
  wanted.value[0] = wanted.value[1] = 9;
  check("floor_divide", MTH_F64, x, &wanted);
  wanted.value[0] = fmodl(1, 0.1), wanted.value[1] = -fmodl(1, 0.1);
  check("modulo", MTH_F64, x, &wanted);
  oracle_free(&x[0]);
  oracle_free(&x[1]);
  oracle_free(&wanted);
}

TEST(division, integers_by_zero_and_by_minus_one) {
  const int64_t dims[] = {4};
  oracle_tensor x[] = {oracle_make(1, dims), oracle_make(1, dims)}, wanted = oracle_make(1, dims);
  const long double numbers[] = {5, -5, -128, 127}, by[] = {0, 0, -1, -1};
  for (int i = 0; i < 4; ++i)
    x[0].value[i] = numbers[i], x[1].value[i] = by[i];
  wanted.value[2] = -128, wanted.value[3] = -127; // the least number has no opposite: it wraps
  check("floor_divide", MTH_I8, x, &wanted);
  wanted.value[2] = wanted.value[3] = 0;
  check("modulo", MTH_I8, x, &wanted);
  oracle_free(&x[0]);
  oracle_free(&x[1]);
  oracle_free(&wanted);
}
