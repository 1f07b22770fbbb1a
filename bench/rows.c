// rows.c: memory-bound kernels against the same loops in C: softmax of rows, and a chain of maps.
//
// The goal is 1.1 times the loop's time. The time of a memcpy of the same bytes stands beside.
#include "bench/measure/compiled.h"
#include "bench/peers/loops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 21, ROWS = 4096, COLUMNS = 1024, CHAIN = 16 << 20 };

typedef struct arrays {
  int64_t count;
  float *x, *ours, *theirs;
} arrays;

static const float chain_a = 1.5f, chain_b = -0.25f, chain_c = 0.75f;

static arrays arrays_create(int64_t count) {
  return (arrays){count, bench_random_floats((size_t)count, 1),
                  bench_random_floats((size_t)count, 2), bench_random_floats((size_t)count, 3)};
}
static void arrays_destroy(arrays *p) { free(p->x), free(p->ours), free(p->theirs); }

static void run_softmax(void *user) {
  const arrays *const p = user;
  loops_softmax(p->x, p->theirs, ROWS, COLUMNS);
}
static void run_chain(void *user) {
  const arrays *const p = user;
  loops_relu_chain(p->x, chain_a, chain_b, chain_c, p->theirs, p->count);
}
static void run_copy(void *user) {
  const arrays *const p = user;
  memcpy(p->theirs, p->x, (size_t)p->count * sizeof *p->x);
}

static void check(const arrays *p, double tolerance) {
  for (int64_t i = 0; i < p->count; ++i)
    if (!(fabs((double)p->ours[i] - (double)p->theirs[i]) <= tolerance))
      bench_fail("wrong at %lld: %g, the loop has %g", (long long)i, (double)p->ours[i],
                 (double)p->theirs[i]);
}

static void compare(const char *name, bench_compiled *compiled, arrays *p, bench_side peer,
                    double tolerance) {
  const bench_side ours = bench_run_of(compiled);
  ours.run(ours.user);
  peer.run(peer.user);
  check(p, tolerance);
  bench_row row = bench_compare(name, "C loop", 1, ours, peer, ROUNDS);
  bench_report(&row);
  row = bench_compare(name, "memcpy", 1, ours, (bench_side){run_copy, p, NULL}, ROUNDS);
  bench_note("memcpy of the bytes", row.theirs * 1e3, "ms");
}

static void softmax(mth_context *context) {
  static const char text[] =
      "module @rows {\n"
      "  mithril.entry @evaluate(%x: tensor<4096x1024xf32> {mithril.port = \"x\"})\n"
      "      -> (tensor<4096x1024xf32> {mithril.port = \"y\"}) {\n"
      "    %y = mithril.softmax %x {axis = -1 : i64}\n"
      "        : (tensor<4096x1024xf32>) -> tensor<4096x1024xf32>\n"
      "    mithril.return %y : tensor<4096x1024xf32>\n"
      "  }\n"
      "}\n";
  const int64_t shape[] = {ROWS, COLUMNS};
  arrays p = arrays_create((int64_t)ROWS * COLUMNS);
  static bench_compiled compiled;
  bench_load(&compiled, context, text);
  bench_call(&compiled, "evaluate", 1);
  bench_bind(&compiled, "x", p.x, 2, shape);
  bench_bind(&compiled, "y", p.ours, 2, shape);
  compare("softmax_4096x1024_f32", &compiled, &p, (bench_side){run_softmax, &p, NULL}, 0x1p-24);
  bench_call_deinit(&compiled);
  bench_compiled_deinit(&compiled);
  arrays_destroy(&p);
}

static void chain(mth_context *context) {
  static const char text[] =
      "module @chain {\n"
      "  mithril.entry @evaluate(%x: tensor<16777216xf32> {mithril.port = \"x\"},\n"
      "      %a: tensor<f32> {mithril.port = \"a\"}, %b: tensor<f32> {mithril.port = \"b\"},\n"
      "      %c: tensor<f32> {mithril.port = \"c\"})\n"
      "      -> (tensor<16777216xf32> {mithril.port = \"y\"}) {\n"
      "    %0 = mithril.multiply %a, %x\n"
      "        : (tensor<f32>, tensor<16777216xf32>) -> tensor<16777216xf32>\n"
      "    %1 = mithril.add %0, %b\n"
      "        : (tensor<16777216xf32>, tensor<f32>) -> tensor<16777216xf32>\n"
      "    %2 = mithril.relu %1 : (tensor<16777216xf32>) -> tensor<16777216xf32>\n"
      "    %3 = mithril.multiply %2, %c\n"
      "        : (tensor<16777216xf32>, tensor<f32>) -> tensor<16777216xf32>\n"
      "    mithril.return %3 : tensor<16777216xf32>\n"
      "  }\n"
      "}\n";
  const int64_t shape[] = {CHAIN};
  float a = chain_a, b = chain_b, c = chain_c;
  arrays p = arrays_create(CHAIN);
  static bench_compiled compiled;
  bench_load(&compiled, context, text);
  bench_call(&compiled, "evaluate", 1);
  bench_bind(&compiled, "x", p.x, 1, shape);
  bench_bind(&compiled, "a", &a, 0, NULL);
  bench_bind(&compiled, "b", &b, 0, NULL);
  bench_bind(&compiled, "c", &c, 0, NULL);
  bench_bind(&compiled, "y", p.ours, 1, shape);
  // The loop fuses a x + b into one rounding.
  compare("relu_chain_16M_f32", &compiled, &p, (bench_side){run_chain, &p, NULL}, 0x1p-22);
  bench_call_deinit(&compiled);
  bench_compiled_deinit(&compiled);
  arrays_destroy(&p);
}

int main(void) {
  mth_context *const context = bench_context();
  softmax(context);
  chain(context);
  mth_context_destroy(context);
  return 0;
}
