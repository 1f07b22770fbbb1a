// matmul.c: products of f32 matrices against OpenBLAS, in one process, round about.
//
// The goals: 512^3 on one thread at 0.85 of OpenBLAS's speed; 511x513x509, and 512^3 with a
// symbolic M, at 0.75; two threads take at most 0.65 of the time of one.
#include "bench/measure/compiled.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void openblas_set_num_threads(int count);
char *openblas_get_corename(void);

enum { ROUNDS = 101 };

typedef struct product {
  int64_t M, N, K;
  float *a, *b, *ours, *theirs;
} product;

static product product_create(int64_t M, int64_t N, int64_t K) {
  return (product){M,
                   N,
                   K,
                   bench_random_floats((size_t)(M * K), 1),
                   bench_random_floats((size_t)(K * N), 2),
                   bench_random_floats((size_t)(M * N), 3),
                   bench_random_floats((size_t)(M * N), 4)};
}

static void product_destroy(product *p) { free(p->a), free(p->b), free(p->ours), free(p->theirs); }

static void run_openblas(void *user) {
  const product *const p = user;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)p->M, (int)p->N, (int)p->K, 1, p->a,
              (int)p->K, p->b, (int)p->N, 0, p->theirs, (int)p->N);
}

// A dim of a type and of its encoding: "512" or "?" with "M".
static void compile_product(bench_compiled *compiled, mth_context *context, const product *p,
                            bool symbolic_M, size_t threads) {
  char a[64], c[64], text[1024];
  if (symbolic_M) {
    snprintf(a, sizeof a, "tensor<?x%lldxf32, [\"M\"]>", (long long)p->K);
    snprintf(c, sizeof c, "tensor<?x%lldxf32, [\"M\"]>", (long long)p->N);
  } else {
    snprintf(a, sizeof a, "tensor<%lldx%lldxf32>", (long long)p->M, (long long)p->K);
    snprintf(c, sizeof c, "tensor<%lldx%lldxf32>", (long long)p->M, (long long)p->N);
  }
  snprintf(
      text, sizeof text,
      "module @product {\n"
      "  mithril.entry @evaluate(%%a: %s {mithril.port = \"a\"},\n"
      "      %%b: tensor<%lldx%lldxf32> {mithril.port = \"b\"}) -> (%s {mithril.port = \"c\"}) {\n"
      "    %%c = mithril.matmul %%a, %%b : (%s, tensor<%lldx%lldxf32>) -> %s\n"
      "    mithril.return %%c : %s\n"
      "  }\n"
      "}\n",
      a, (long long)p->K, (long long)p->N, c, a, (long long)p->K, (long long)p->N, c, c);
  bench_load(compiled, context, text);
  bench_call(compiled, "evaluate", threads);
  bench_bind(compiled, "a", p->a, 2, (const int64_t[]){p->M, p->K});
  bench_bind(compiled, "b", p->b, 2, (const int64_t[]){p->K, p->N});
  bench_bind(compiled, "c", p->ours, 2, (const int64_t[]){p->M, p->N});
}

// A benchmark of a wrong product says nothing.
static void check(const product *p) {
  run_openblas((void *)(uintptr_t)p);
  const double bound = (double)p->K * 0x1p-22; // K terms below 1 each, rounded on both sides
  for (int64_t i = 0; i < p->M * p->N; ++i)
    if (!(fabs((double)p->ours[i] - (double)p->theirs[i]) <= bound))
      bench_fail("wrong at %lld: %g, OpenBLAS has %g", (long long)i, (double)p->ours[i],
                 (double)p->theirs[i]);
}

static void compare(mth_context *context, const char *name, int64_t M, int64_t N, int64_t K,
                    bool symbolic_M) {
  product p = product_create(M, N, K);
  static bench_compiled compiled;
  compile_product(&compiled, context, &p, symbolic_M, 1);
  const bench_side ours = bench_run_of(&compiled);
  ours.run(ours.user);
  check(&p);
  const bench_row row =
      bench_compare(name, "OpenBLAS", 1, ours, (bench_side){run_openblas, &p, NULL}, ROUNDS);
  bench_report(&row);
  const double gflop = 2e-9 * (double)M * (double)N * (double)K;
  bench_note("ours    ", gflop / row.ours, "GFLOP/s");
  bench_note("OpenBLAS", gflop / row.theirs, "GFLOP/s");
  bench_call_deinit(&compiled);
  bench_compiled_deinit(&compiled);
  product_destroy(&p);
}

// Against ourselves: 512^3 on two threads, and on one.
static void compare_threads(mth_context *context) {
  product p = product_create(512, 512, 512);
  static bench_compiled two, one;
  compile_product(&two, context, &p, false, 2);
  compile_product(&one, context, &p, false, 1);
  const bench_row row = bench_compare("matmul_512_f32_two_threads", "one thread", 2,
                                      bench_run_of(&two), bench_run_of(&one), ROUNDS);
  bench_report(&row);
  bench_note("two threads take of one", 1 / row.ratio, "(goal 0.65)");
  bench_call_deinit(&two);
  bench_compiled_deinit(&two);
  bench_call_deinit(&one);
  bench_compiled_deinit(&one);
  product_destroy(&p);
}

int main(void) {
  openblas_set_num_threads(1);
  printf("OpenBLAS for %s\n", openblas_get_corename());
  mth_context *const context = bench_context();
  compare(context, "matmul_512_f32", 512, 512, 512, false);
  compare(context, "matmul_511x513x509_f32", 511, 513, 509, false);
  compare(context, "matmul_512_f32_symbolic_M", 512, 512, 512, true);
  compare_threads(context);
  mth_context_destroy(context);
  return 0;
}
