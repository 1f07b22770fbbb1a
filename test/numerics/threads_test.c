// threads_test.c: how many threads run an entry does not change one bit of what it gives, nor, for
// these ops, whether its sizes are static or symbolic (docs/decisions/0006 says where it may).
//
// Tolerance  none: where tiles begin depends on the launch alone (runtime/host.h), so each sum is
//            taken in one order. Sizes are odd, and large enough for launches that use threads.
#include "runtime/call.h"
#include "test/harness/harness.h"
#include "test/numerics/compiled.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A worker that wakes late finds its tiles run by others, so launches are repeated until two of the
// workers have run some.
enum { tensors_max = 3, rank_max = 2, threads_max = 3, runs_max = 20 };

// A tensor at the border. The last of a case is its result "y"; the others are its inputs "a0", ...
typedef struct border {
  mth_dtype dtype;
  int rank;
  int64_t shape[rank_max];
  int64_t below; // of integers: they are drawn from 0 .. below - 1
} border;

typedef struct threads_case {
  const char *name;
  const char *op, *attributes; // NULL: the gradient of gather
  int count;                   // of tensors
  border tensors[tensors_max];
  // Types of the tensors in the entries `fixed`, `any` and maybe `open`.
  const char *types[3][tensors_max];
  bool uses_threads; // two workers must have run tiles
} threads_case;

static const char *const entries[] = {"fixed", "any", "open"};

static uint64_t next_bits(uint64_t *state) { // splitmix64
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static int64_t elems(const border *tensor) {
  int64_t count = 1;
  for (int i = 0; i < tensor->rank; ++i)
    count *= tensor->shape[i];
  return count;
}

static size_t bytes_of(const border *tensor) {
  return (size_t)elems(tensor) * (tensor->dtype == MTH_I64 ? sizeof(int64_t) : sizeof(float));
}

// Floats in [-1, 1) with full mantissas, so that another order of a sum gives other bits.
static void *draw(const border *tensor, uint64_t *seed) {
  void *const data = malloc(bytes_of(tensor));
  if (!data) abort();
  for (int64_t i = 0; i < elems(tensor); ++i) {
    const uint64_t bits = next_bits(seed);
    if (tensor->dtype == MTH_I64)
      ((int64_t *)data)[i] = (int64_t)(bits % (uint64_t)tensor->below);
    else
      ((float *)data)[i] = (float)((double)(bits >> 11) * 0x1p-52 - 1);
  }
  return data;
}

static int busy_workers(const mth_pool *pool) {
  int count = 0;
  for (size_t w = 0; w < mth_pool_thread_count(pool); ++w)
    count += mth_pool_tile_count(pool, w) > 0;
  return count;
}

// Runs an entry, again and again if more than one worker should run tiles and none did; the caller
// frees the result. `out_workers` tells how many workers ran tiles.
static void *run(const threads_case *c, const compiled *p, const char *entry, size_t threads,
                 uint64_t seed, int *out_workers) {
  static const char *const names[] = {"a0", "a1"};
  border tensors[tensors_max];
  DLTensor bound[tensors_max];
  const int last = c->count - 1;
  const mth_sink *const sink = mth_context_sink(p->context);
  mth_pool *pool = NULL;
  mth_call *call = NULL;
  const mth_pool_options pool_options = {
      .struct_bytes = sizeof pool_options, .thread_count = threads, .sink = sink};
  mth_status status = mth_pool_create(&pool_options, &pool);
  const mth_call_options options = {.struct_bytes = sizeof options, .pool = pool, .sink = sink};
  if (status == MTH_OK) status = mth_call_create(p->program, entry, &options, &call);
  memcpy(tensors, c->tensors, sizeof tensors);
  for (int i = 0; i <= last; ++i) {
    void *const data = i < last ? draw(&tensors[i], &seed) : calloc(1, bytes_of(&tensors[i]));
    if (!data) abort();
    bound[i] = mth_tensor_make(tensors[i].dtype, tensors[i].rank, tensors[i].shape, data);
    if (status == MTH_OK) status = mth_call_bind(call, i < last ? names[i] : "y", &bound[i]);
  }
  if (status == MTH_OK) status = mth_call_run(call);
  for (int i = 1; i < runs_max && status == MTH_OK; ++i) {
    if (!c->uses_threads || threads == 1 || busy_workers(pool) > 1) break;
    status = mth_call_run(call);
  }
  harness_check(status == MTH_OK, false, __FILE__, __LINE__, "%s, %s: %s", c->name, entry,
                mth_context_diagnostic(p->context)->message);
  *out_workers = pool ? busy_workers(pool) : 0;
  for (int i = 0; i < last; ++i)
    free(bound[i].data);
  mth_call_destroy(call);
  mth_pool_destroy(pool);
  return bound[last].data;
}

static bool is_number(const float *y, int64_t count) {
  bool some = false;
  for (int64_t i = 0; i < count; ++i) {
    if (!isfinite(y[i])) return false;
    some = some || y[i] != 0;
  }
  return some;
}

// Adds an entry that is the op; for gather's gradient also the model of the gather.
static size_t write_entry(const threads_case *c, int form, char *text, size_t bytes) {
  const char *const name = entries[form], *const *t = c->types[form];
  if (!c->op)
    return (size_t)snprintf(
        text, bytes,
        "mithril.model @rows_%s(%%w: %s {mithril.port = \"w\"}, %%i: %s {mithril.port = \"i\"})\n"
        "    -> (%s {mithril.port = \"rows\"}) {\n"
        "  %%y = mithril.gather %%w, %%i : (%s, %s) -> %s\n  mithril.return %%y : %s\n}\n"
        "mithril.entry @%s(%%i: %s {mithril.port = \"a0\"}, %%g: %s {mithril.port = \"a1\"})\n"
        "    -> (%s {mithril.port = \"y\"}) {\n  %%w = mithril.constant dense<0.0> : %s\n"
        "  %%d:2 = mithril.gradient @rows_%s (%%w, %%i) of [0] cotangents (%%g) wrt [0]\n"
        "      : (%s, %s, %s) -> (%s, %s)\n  mithril.return %%d#1 : %s\n}\n",
        name, t[2], t[0], t[1], t[2], t[0], t[1], t[1], name, t[0], t[1], t[2], t[2], name, t[2],
        t[0], t[1], t[1], t[2], t[2]);
  if (c->count == 2)
    return (size_t)snprintf(
        text, bytes,
        "mithril.entry @%s(%%x: %s {mithril.port = \"a0\"}) -> (%s {mithril.port = \"y\"}) {\n"
        "  %%y = mithril.%s %%x %s : (%s) -> %s\n  mithril.return %%y : %s\n}\n",
        name, t[0], t[1], c->op, c->attributes, t[0], t[1], t[1]);
  return (size_t)snprintf(
      text, bytes,
      "mithril.entry @%s(%%x: %s {mithril.port = \"a0\"}, %%w: %s {mithril.port = \"a1\"})\n"
      "    -> (%s {mithril.port = \"y\"}) {\n"
      "  %%y = mithril.%s %%x, %%w %s : (%s, %s) -> %s\n  mithril.return %%y : %s\n}\n",
      name, t[0], t[1], t[2], c->op, c->attributes, t[0], t[1], t[2], t[2]);
}

static bool compile(const threads_case *c, compiled *out) {
  char text[8192] = "module @m {\n";
  size_t used = strlen(text);
  for (int form = 0; form < 3 && c->types[form][0]; ++form)
    used += write_entry(c, form, text + used, sizeof text - used);
  snprintf(text + used, sizeof text - used, "}\n");
  return compiled_make(text, out);
}

// Runs an entry with each number of threads. The bits must be those of `wanted`.
static void check_entry(const threads_case *c, const compiled *p, const char *entry,
                        const void *wanted, bool uses_threads) {
  for (size_t threads = 1; threads <= threads_max; ++threads) {
    int workers;
    void *const found = run(c, p, entry, threads, 1, &workers);
    harness_check(memcmp(found, wanted, bytes_of(&c->tensors[c->count - 1])) == 0, false, __FILE__,
                  __LINE__, "%s, entry %s, %zu threads: other bits", c->name, entry, threads);
    if (uses_threads && threads > 1)
      harness_check(workers > 1, false, __FILE__, __LINE__, "%s, entry %s: %d of %zu workers ran",
                    c->name, entry, workers, threads);
    free(found);
  }
}

static void check(const threads_case *c) {
  const border *const result = &c->tensors[c->count - 1];
  compiled p;
  int workers;
  if (!compile(c, &p)) return;
  void *const wanted = run(c, &p, "fixed", 1, 1, &workers);
  EXPECT(is_number(wanted, elems(result)));
  check_entry(c, &p, "fixed", wanted, c->uses_threads);
  check_entry(c, &p, "any", wanted, c->uses_threads);
  if (c->types[2][0]) check_entry(c, &p, "open", wanted, false);
  void *const other = run(c, &p, "fixed", 1, 2, &workers);
  EXPECT(memcmp(other, wanted, bytes_of(result)) != 0); // the comparison can tell
  free(other);
  free(wanted);
  compiled_free(&p);
}

TEST(Threads, SumOfSeveralChunks) {
  check(&(threads_case){
      .name = "sum",
      .op = "sum",
      .attributes = "",
      .count = 2,
      .tensors = {{MTH_F32, 1, {10007}, 0}, {MTH_F32, 0, {0}, 0}},
      .types = {{"tensor<10007xf32>", "tensor<f32>"}, {"tensor<?xf32, [\"N\"]>", "tensor<f32>"}}});
}

TEST(Threads, SumOfAMillion) {
  check(&(threads_case){.name = "sum",
                        .op = "sum",
                        .attributes = "",
                        .count = 2,
                        .tensors = {{MTH_F32, 1, {1000003}, 0}, {MTH_F32, 0, {0}, 0}},
                        .types = {{"tensor<1000003xf32>", "tensor<f32>"},
                                  {"tensor<?xf32, [\"N\"]>", "tensor<f32>"}}});
}

TEST(Threads, SoftmaxOfThreeLongRows) {
  check(&(threads_case){
      .name = "softmax",
      .op = "softmax",
      .attributes = "{axis = -1 : i64}",
      .count = 2,
      .tensors = {{MTH_F32, 2, {3, 100003}, 0}, {MTH_F32, 2, {3, 100003}, 0}},
      .types = {{"tensor<3x100003xf32>", "tensor<3x100003xf32>"},
                {"tensor<?x100003xf32, [\"M\"]>", "tensor<?x100003xf32, [\"M\"]>"},
                {"tensor<?x?xf32, [\"M\", \"N\"]>", "tensor<?x?xf32, [\"M\", \"N\"]>"}}});
}

TEST(Threads, ProductOfOddSizes) {
  check(&(threads_case){
      .name = "matmul",
      .op = "matmul",
      .attributes = "",
      .count = 3,
      .tensors = {{MTH_F32, 2, {257, 1023}, 0},
                  {MTH_F32, 2, {1023, 65}, 0},
                  {MTH_F32, 2, {257, 65}, 0}},
      .types = {{"tensor<257x1023xf32>", "tensor<1023x65xf32>", "tensor<257x65xf32>"},
                {"tensor<?x?xf32, [\"M\", \"K\"]>", "tensor<?x?xf32, [\"K\", \"N\"]>",
                 "tensor<?x?xf32, [\"M\", \"N\"]>"}}});
}

// Long enough that a worker which waits for a processor still finds tiles.
TEST(Threads, LargeProductIsSharedByWorkers) {
  check(&(threads_case){
      .name = "large matmul",
      .op = "matmul",
      .attributes = "",
      .count = 3,
      .tensors = {{MTH_F32, 2, {1537, 1023}, 0},
                  {MTH_F32, 2, {1023, 1025}, 0},
                  {MTH_F32, 2, {1537, 1025}, 0}},
      .types = {{"tensor<1537x1023xf32>", "tensor<1023x1025xf32>", "tensor<1537x1025xf32>"},
                {"tensor<?x?xf32, [\"M\", \"K\"]>", "tensor<?x?xf32, [\"K\", \"N\"]>",
                 "tensor<?x?xf32, [\"M\", \"N\"]>"}},
      .uses_threads = true});
}

// The gradient of a gather adds up rows: 20,001 of them into 51, so each index comes back some 400
// times, and the order of the additions shows in the bits. They are done by one worker.
TEST(Threads, GradientOfAnEmbedding) {
  check(&(threads_case){
      .name = "gather's gradient",
      .count = 3,
      .tensors = {{MTH_I64, 1, {20001}, 51},
                  {MTH_F32, 2, {20001, 33}, 0},
                  {MTH_F32, 2, {51, 33}, 0}},
      .types = {{"tensor<20001xi64>", "tensor<20001x33xf32>", "tensor<51x33xf32>"},
                {"tensor<?xi64, [\"T\"]>", "tensor<?x33xf32, [\"T\"]>", "tensor<51x33xf32>"}}});
}
