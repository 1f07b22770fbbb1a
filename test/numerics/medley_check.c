// medley_check.c: compiling a medley, and comparing what its entries give.
//
// Tolerance  values are at most 200, chains a few ops long, and slopes of ops at most some ten, so
//            f64 keeps nine digits and f32 three; an element from a wrong place is off by more. How
//            exact single ops are is for op_test.c. Central differences of long doubles with step
//            1e-6 err by 1e-9. Two threads: the same bits.
#include "test/numerics/medley_check.h"

#include "frontend/compile_text.h"
#include "runtime/call.h"
#include "runtime/dlpack.h"
#include "test/numerics/compiled.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct check {
  const medley *m;
  mth_context *context;
  mth_program *program;
  mth_text *failure;
} check;

#define FAIL(c, ...) ((c)->failure ? mth_text_add((c)->failure, __VA_ARGS__) : (void)0)

// What an entry gave: its outputs and gradients, copied.
typedef struct results {
  void *values[MEDLEY_VALUES], *slopes[MEDLEY_VALUES];
} results;

static void free_results(results *r) {
  for (int v = 0; v < MEDLEY_VALUES; ++v)
    free(r->values[v]), free(r->slopes[v]);
}

static size_t bytes_of(const medley *m, int v) {
  return (size_t)m->at[v].count * mth_dtype_get(medley_dtype(m, m->values[v].kind))->bits / 8;
}

static long double cotangent_of(int v, int64_t i) {
  return (long double)(float)sin(1.7 * (double)i + v);
}

// ---- running ------------------------------------------------------------------------------------

static bool bind(check *c, mth_call *call, char letter, int v, DLTensor *tensor) {
  const medley *m = c->m;
  const mth_dtype dtype = medley_dtype(m, m->values[v].kind);
  char port[16];
  snprintf(port, sizeof port, "%c%d", letter, v);
  void *data = aligned_alloc(64, bytes_of(m, v) / 64 * 64 + 64);
  if (!data) abort();
  for (int64_t i = 0; i < m->at[v].count; ++i)
    compiled_store(data, dtype, i, letter == 'x' ? m->at[v].value[i] : cotangent_of(v, i));
  *tensor = mth_tensor_make(dtype, m->at[v].rank, (int64_t *)m->at[v].dims, data);
  return mth_call_bind(call, port, tensor) == MTH_OK;
}

static bool copy_out(check *c, mth_call *call, char letter, int v, void **out) {
  char port[16];
  const DLTensor *tensor;
  snprintf(port, sizeof port, "%c%d", letter, v);
  if (mth_call_output(call, port, &tensor) != MTH_OK) return false;
  bool fits = tensor->ndim == c->m->at[v].rank;
  for (int i = 0; fits && i < tensor->ndim; ++i)
    fits = tensor->shape[i] == c->m->at[v].dims[i];
  if (!fits) return FAIL(c, "%s has another shape\n", port), false;
  *out = malloc(bytes_of(c->m, v) + 1);
  if (!*out) abort();
  if (bytes_of(c->m, v)) memcpy(*out, mth_tensor_data(tensor), bytes_of(c->m, v));
  return true;
}

static bool run(check *c, const char *entry, size_t threads, bool slopes, results *out) {
  const medley *m = c->m;
  mth_diagnostic said = {0};
  const mth_sink sink = mth_sink_keep_first(&said);
  const mth_call_options options = {
      .struct_bytes = sizeof options, .thread_count = threads, .sink = &sink};
  DLTensor bound[2 * MEDLEY_VALUES] = {{0}};
  mth_call *call = NULL;
  bool ok = mth_call_create(c->program, entry, &options, &call) == MTH_OK;
  for (int v = 0; ok && v < m->count; ++v) {
    if (!m->values[v].op) ok = bind(c, call, 'x', v, &bound[v]);
    if (slopes && m->values[v].is_output && m->values[v].kind == 'f')
      ok = bind(c, call, 'c', v, &bound[MEDLEY_VALUES + v]);
  }
  ok = ok && mth_call_run(call) == MTH_OK;
  for (int v = 0; ok && v < m->count; ++v) {
    if (m->values[v].is_output) ok = copy_out(c, call, 'y', v, &out->values[v]);
    if (ok && slopes && !m->values[v].op && m->values[v].kind == 'f')
      ok = copy_out(c, call, 'd', v, &out->slopes[v]);
  }
  if (!ok) FAIL(c, "%s does not run: %s: %s\n", entry, said.where, said.message);
  mth_call_destroy(call);
  for (int v = 0; v < 2 * MEDLEY_VALUES; ++v)
    free(bound[v].data);
  return ok;
}

// ---- comparing ----------------------------------------------------------------------------------

static bool values_hold(check *c, const char *entry, const results *r) {
  const medley *m = c->m;
  for (int v = 0; v < m->count; ++v) {
    if (!m->values[v].is_output) continue;
    const char kind = m->values[v].kind;
    const long double relative = kind != 'f' ? 0 : m->float_dtype == MTH_F64 ? 1e-9L : 2e-3L;
    long double largest = 1;
    for (int64_t i = 0; i < m->at[v].count; ++i)
      if (fabsl(m->at[v].value[i]) > largest) largest = fabsl(m->at[v].value[i]);
    for (int64_t i = 0; i < m->at[v].count; ++i) {
      const long double found = compiled_load(r->values[v], medley_dtype(m, kind), i);
      if (fabsl(found - m->at[v].value[i]) <= relative * largest) continue;
      FAIL(c, "%s: element %lld of y%d is %.17Lg, wanted %.17Lg\n", entry, (long long)i, v, found,
           m->at[v].value[i]);
      return false;
    }
  }
  return true;
}

static bool same_bits(check *c, const char *entry, const results *a, const results *b) {
  for (int v = 0; v < c->m->count; ++v) {
    if (a->values[v] && b->values[v] && memcmp(a->values[v], b->values[v], bytes_of(c->m, v)))
      return FAIL(c, "%s: other bits in y%d on two threads\n", entry, v), false;
    if (a->slopes[v] && b->slopes[v] && memcmp(a->slopes[v], b->slopes[v], bytes_of(c->m, v)))
      return FAIL(c, "%s: other bits in d%d on two threads\n", entry, v), false;
  }
  return true;
}

// ---- slopes -------------------------------------------------------------------------------------

// sum over outputs of their numbers times their cotangents, with `moved` in place of input v.
static long double weighted(const medley *m, int v, oracle_tensor moved, medley_sides *sides) {
  oracle_tensor at[MEDLEY_VALUES];
  long double sum = 0;
  for (int i = 0; i < m->count; ++i) {
    at[i] = i == v ? moved : m->values[i].op ? medley_evaluate(m, i, at, sides) : m->at[i];
    for (int64_t e = 0; m->values[i].is_output && m->values[i].kind == 'f' && e < at[i].count; ++e)
      sum += at[i].value[e] * cotangent_of(i, e);
  }
  for (int i = 0; i < m->count; ++i)
    if (m->values[i].op) oracle_free(&at[i]);
  return sum;
}

// The slope of input v in a direction; false: a kink is near.
static bool slope_along(const medley *m, int v, const long double *direction, long double *out) {
  const long double h = 1e-6L;
  long double ends[2];
  medley_sides sides[2] = {{0}, {0}};
  for (int side = 0; side < 2; ++side) {
    oracle_tensor moved = oracle_make(m->at[v].rank, m->at[v].dims);
    for (int64_t i = 0; i < moved.count; ++i)
      moved.value[i] = m->at[v].value[i] + (side ? h : -h) * direction[i];
    ends[side] = weighted(m, v, moved, &sides[side]);
    oracle_free(&moved);
  }
  *out = (ends[1] - ends[0]) / (2 * h);
  return sides[0].hash == sides[1].hash && !sides[0].tied && !sides[1].tied;
}

// Along a direction through all elements, and along some elements alone.
static bool slopes_hold(check *c, const char *entry, const results *r) {
  enum { DIRECTIONS = 3 };
  const medley *m = c->m;
  for (int v = 0; v < m->count; ++v) {
    const int64_t count = m->at[v].count;
    if (!r->slopes[v] || count == 0) continue;
    long double *direction = calloc((size_t)count, sizeof *direction);
    if (!direction) abort();
    bool holds = true;
    for (int k = 0; holds && k < DIRECTIONS; ++k) {
      long double found = 0, size = 1, wanted;
      for (int64_t i = 0; i < count; ++i) {
        const int64_t alone = k * 7919 % count;
        direction[i] = k == 0 ? cosl(2.3L * (long double)i) : i == alone;
        const long double slope = compiled_load(r->slopes[v], m->float_dtype, i);
        found += slope * direction[i];
        size += fabsl(slope);
      }
      if (!slope_along(m, v, direction, &wanted)) continue;
      const long double relative = m->float_dtype == MTH_F64 ? 1e-7L : 5e-3L;
      holds = fabsl(found - wanted) <= relative * size;
      if (!holds)
        FAIL(c, "%s: d%d along direction %d is %.12Lg, the difference %.12Lg\n", entry, v, k, found,
             wanted);
    }
    free(direction);
    if (!holds) return false;
  }
  return true;
}

// ---- all ----------------------------------------------------------------------------------------

// One entry on one thread and on two.
static bool entry_holds(check *c, const char *entry, bool slopes) {
  results all[2] = {{{0}, {0}}};
  bool holds = run(c, entry, 1, slopes, &all[0]) && run(c, entry, 2, slopes, &all[1]);
  holds = holds && values_hold(c, entry, &all[0]) && slopes_hold(c, entry, &all[0]);
  holds = holds && same_bits(c, entry, &all[0], &all[1]);
  for (int i = 0; i < 2; ++i)
    free_results(&all[i]);
  return holds;
}

static bool entries_hold(check *c) {
  static const char *const names[2][2] = {{"run_fixed", "run_any"}, {"slopes_fixed", "slopes_any"}};
  for (int slopes = 0; slopes < 1 + medley_has_slopes(c->m); ++slopes)
    for (int form = 0; form < 2; ++form)
      if (c->m->forms[form] && !entry_holds(c, names[slopes][form], slopes)) return false;
  return true;
}

bool medley_holds(const medley *m, mth_text *failure) {
  check c = {.m = m, .failure = failure};
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  medley_write(m, &text);
  if (mth_context_create(NULL, &c.context) != MTH_OK) abort();
  const mth_module_text module = {mth_text_get(&text), text.byte_count, "medley.mlir"};
  bool holds = mth_compile_text(c.context, &module, NULL, &c.program) == MTH_OK;
  if (!holds)
    FAIL(&c, "not compiled: %s: %s\n", mth_context_diagnostic(c.context)->where,
         mth_context_diagnostic(c.context)->message);
  holds = holds && entries_hold(&c);
  mth_program_destroy(c.program);
  mth_context_destroy(c.context);
  mth_text_deinit(&text);
  return holds;
}
