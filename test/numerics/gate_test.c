// gate_test.c: a product of matrices that a map which is a result too is multiplied with.
#include "test/harness/harness.h"
#include "test/numerics/compiled.h"

#include <math.h>
#include <stdio.h>

static oracle_tensor filled(int64_t rows, int64_t columns, int64_t step) {
  oracle_tensor t = oracle_make(2, (int64_t[]){rows, columns});
  for (int64_t i = 0; i < rows * columns; ++i)
    t.value[i] = (long double)((i * step) % 17 - 8) / 16;
  return t;
}

// y = exp(x) * (a @ b), and exp(x) itself.
static void check(int64_t M, int64_t K, int64_t N) {
  char text[2048];
  const long long m = M, k = K, n = N;
  snprintf(
      text, sizeof text,
      "module {\n  mithril.entry @f(%%a: tensor<%lldx%lldxf64> {mithril.port = \"a0\"}, "
      "%%b: tensor<%lldx%lldxf64> {mithril.port = \"a1\"}, %%x: tensor<%lldx%lldxf64> "
      "{mithril.port = \"a2\"}) -> (tensor<%lldx%lldxf64> {mithril.port = \"y\"}, "
      "tensor<%lldx%lldxf64> {mithril.port = \"kept\"}) {\n"
      "    %%g = mithril.exp %%x : (tensor<%lldx%lldxf64>) -> tensor<%lldx%lldxf64>\n"
      "    %%p = mithril.matmul %%a, %%b : (tensor<%lldx%lldxf64>, tensor<%lldx%lldxf64>) -> "
      "tensor<%lldx%lldxf64>\n"
      "    %%y = mithril.multiply %%p, %%g : (tensor<%lldx%lldxf64>, tensor<%lldx%lldxf64>) -> "
      "tensor<%lldx%lldxf64>\n"
      "    mithril.return %%y, %%g : tensor<%lldx%lldxf64>, tensor<%lldx%lldxf64>\n  }\n}\n",
      m, k, k, n, m, n, m, n, m, n, m, n, m, n, m, k, k, n, m, n, m, n, m, n, m, n, m, n, m, n);
  oracle_tensor inputs[] = {filled(M, K, 5), filled(K, N, 7), filled(M, N, 3)};
  oracle_tensor wanted = filled(M, N, 1), found = filled(M, N, 1);
  const mth_dtype dtypes[] = {MTH_F64, MTH_F64, MTH_F64};
  for (int64_t i = 0; i < M * N; ++i) {
    long double sum = 0;
    for (int64_t j = 0; j < K; ++j)
      sum += inputs[0].value[i / N * K + j] * inputs[1].value[j * N + i % N];
    wanted.value[i] = sum * expl(inputs[2].value[i]);
  }
  compiled c;
  if (compiled_make(text, &c)) {
    if (compiled_run(&c, "f", 1, 3, inputs, dtypes, MTH_F64, &found))
      for (int64_t i = 0; i < M * N; ++i) // each product is at most 1/4, exp at most e
        EXPECT_NEAR((double)found.value[i], (double)wanted.value[i], (double)K * 4e-16);
    compiled_free(&c);
  }
  for (int i = 0; i < 3; ++i)
    oracle_free(&inputs[i]);
  oracle_free(&wanted);
  oracle_free(&found);
}

TEST(gate, may_be_a_result_beside_the_product) {
  check(1, 1, 1);
  check(3, 2, 5);
  check(37, 19, 70);
}
