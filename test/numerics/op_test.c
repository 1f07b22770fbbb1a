// op_test.c: every row of op_cases.c, compiled, against the oracle.
//
// One program holds an entry per row, so a run compiles a handful of programs: f32 and f64, each
// with symbolic dims (one code, many sizes) and with several draws of static sizes.
#include "test/harness/harness.h"
#include "test/numerics/compiled.h"
#include "test/numerics/op_cases.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct program_text {
  char *text;
  size_t length, capacity;
} program_text;

__attribute__((format(printf, 2, 3))) static void put(program_text *p, const char *format, ...) {
  va_list args;
  for (;;) {
    va_start(args, format);
    const int bytes = vsnprintf(p->text + p->length, p->capacity - p->length, format, args);
    va_end(args);
    if (p->length + (size_t)bytes < p->capacity) {
      p->length += (size_t)bytes;
      return;
    }
    p->text = realloc(p->text, p->capacity = p->capacity * 2 + 4096);
    if (!p->text) abort();
  }
}

static uint64_t state;

static uint64_t draw(void) { // Source: Steele, Lea & Flood 2014, SplitMix
  uint64_t x = state += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

static double draw_unit(void) { return (double)(draw() >> 11) * 0x1p-53; }

// Sizes that matter: none, one, odd, around a vector, around a register tile, and larger.
static void draw_sizes(case_sizes sizes, int64_t least) {
  static const int64_t interesting[] = {0, 1, 2, 3, 5, 7, 13, 15, 16, 17, 31, 33, 47, 64, 70, 129};
  for (int i = 0; i < 26; ++i) {
    do
      sizes[i] = interesting[draw() % (sizeof interesting / sizeof *interesting)];
    while (sizes[i] < least);
  }
  sizes['B' - 'A'] = least + (int64_t)(draw() % 4);
}

static mth_dtype dtype_of(char kind, mth_dtype float_dtype) {
  return kind == 'f'   ? float_dtype
         : kind == 'i' ? MTH_I64
         : kind == 'w' ? MTH_I32
         : kind == 'h' ? MTH_I8
                       : MTH_BOOL;
}

static bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }

static void put_type(program_text *p, const char *shape, char kind, mth_dtype float_dtype,
                     const case_sizes sizes, bool symbolic) {
  put(p, "tensor<");
  int letters = 0;
  for (const char *c = shape; *c && *c != ':'; ++c)
    if (!is_letter(*c))
      put(p, "%cx", *c);
    else if (symbolic)
      put(p, "?x"), ++letters;
    else
      put(p, "%lldx", (long long)sizes[*c - 'A']);
  put(p, "%s", mth_dtype_get(dtype_of(kind, float_dtype))->mlir);
  const char *separator = ", [";
  for (const char *c = shape; letters && *c != ':'; ++c)
    if (is_letter(*c)) put(p, "%s\"%c\"", separator, *c), separator = ", ";
  put(p, letters ? "]>" : ">");
}

static void put_attributes(program_text *p, const char *attributes, mth_dtype float_dtype,
                           const case_sizes sizes, bool symbolic) {
  for (const char *c = attributes; *c; ++c)
    if (*c != '$')
      put(p, "%c", *c);
    else if (*++c == 'F')
      put(p, "%s", mth_dtype_get(float_dtype)->mlir);
    else if (symbolic)
      put(p, "\"%c\"", *c);
    else
      put(p, "%lld", (long long)sizes[*c - 'A']);
}

static int input_count(const op_case *row) {
  int n = 0;
  while (n < CASE_INPUTS && row->inputs[n])
    ++n;
  return n;
}

static void put_entry(program_text *p, size_t index, const op_case *row, mth_dtype float_dtype,
                      const case_sizes sizes, bool symbolic) {
  const int inputs = input_count(row);
  const char *result = mth_dtype_get(dtype_of(row->result, float_dtype))->mlir;
  put(p, "  mithril.entry @case_%zu(", index);
  for (int i = 0; i < inputs; ++i) {
    put(p, "%s%%a%d: ", i ? ", " : "", i);
    put_type(p, row->inputs[i], *(strchr(row->inputs[i], ':') + 1), float_dtype, sizes, symbolic);
    put(p, " {mithril.port = \"a%d\"}", i);
  }
  put(p, ") -> (tensor<*x%s> {mithril.port = \"y\"}) {\n    %%y = mithril.%s ", result, row->op);
  for (int i = 0; i < inputs; ++i)
    put(p, "%s%%a%d", i ? ", " : "", i);
  put(p, " ");
  put_attributes(p, row->attributes, float_dtype, sizes, symbolic);
  put(p, " : (");
  for (int i = 0; i < inputs; ++i) {
    put(p, "%s", i ? ", " : "");
    put_type(p, row->inputs[i], *(strchr(row->inputs[i], ':') + 1), float_dtype, sizes, symbolic);
  }
  put(p, ") -> tensor<*x%s>\n    mithril.return %%y : tensor<*x%s>\n  }\n", result, result);
}

// A symbol is read from an input, so each one in the attributes must stand in one.
static bool can_be_symbolic(const op_case *row) {
  for (const char *c = row->attributes; *c; ++c) {
    if (*c != '$' || *++c == 'F') continue;
    bool found = false;
    for (int i = 0; i < input_count(row); ++i)
      found = found || strchr(row->inputs[i], *c);
    if (!found) return false;
  }
  return input_count(row) > 0;
}

static oracle_tensor draw_input(const op_case *row, int i, const case_sizes sizes) {
  int64_t dims[ORACLE_RANK];
  int rank = 0;
  const char *c = row->inputs[i];
  for (; *c != ':'; ++c)
    dims[rank++] = is_letter(*c) ? sizes[*c - 'A'] : *c - '0';
  oracle_tensor x = oracle_make(rank, dims);
  for (int64_t e = 0; e < x.count; ++e) {
    x.value[e] = row->low + (row->high - row->low) * draw_unit();
    if (c[1] != 'f') x.value[e] = floorl(x.value[e]);
  }
  return x;
}

static void run_row(const compiled *c, size_t index, const op_case *row, mth_dtype float_dtype,
                    const case_sizes sizes, size_t threads) {
  oracle_tensor inputs[CASE_INPUTS];
  mth_dtype dtypes[CASE_INPUTS];
  const int count = input_count(row);
  for (int i = 0; i < count; ++i) {
    inputs[i] = draw_input(row, i, sizes);
    dtypes[i] = dtype_of(*(strchr(row->inputs[i], ':') + 1), float_dtype);
    compiled_round(&inputs[i], dtypes[i]);
  }
  const mth_dtype result_dtype = dtype_of(row->result, float_dtype);
  oracle_tensor wanted = row->oracle(inputs, sizes);
  oracle_tensor actual = oracle_make(wanted.rank, wanted.dims);
  char entry[32], what[160];
  snprintf(entry, sizeof entry, "case_%zu", index);
  int length = snprintf(what, sizeof what, "%s %s row %zu", row->op, row->attributes, index);
  for (int i = 0; i < count && length < 120; ++i)
    for (int d = 0; d < inputs[i].rank; ++d)
      length += snprintf(what + length, sizeof what - (size_t)length, "%s%lld", d ? "x" : " ",
                         (long long)inputs[i].dims[d]);
  if (compiled_run(c, entry, threads, count, inputs, dtypes, result_dtype, &actual))
    compiled_compare(what, &actual, &wanted, result_dtype, row->ulps);
  for (int i = 0; i < count; ++i)
    oracle_free(&inputs[i]);
  oracle_free(&wanted);
  oracle_free(&actual);
}

// Compiles all rows once and runs each at `rounds` draws of sizes (static: at the one compiled).
static void run_all(mth_dtype float_dtype, bool symbolic, uint64_t seed, int rounds) {
  size_t row_count;
  const op_case *rows = op_cases(&row_count);
  const char *only = getenv("MTH_OP"); // for people: one op alone
  state = seed;
  program_text p = {0};
  case_sizes *sizes = calloc(row_count, sizeof *sizes);
  ASSERT(sizes != NULL);
  put(&p, "module @ops {\n");
  for (size_t i = 0; i < row_count; ++i) {
    draw_sizes(sizes[i], rows[i].least);
    if (symbolic && !can_be_symbolic(&rows[i])) continue;
    if (only && strcmp(only, rows[i].op) != 0) continue;
    put_entry(&p, i, &rows[i], float_dtype, sizes[i], symbolic);
  }
  put(&p, "}\n");
  compiled c;
  if (strstr(p.text, "entry") && compiled_make(p.text, &c)) {
    for (size_t i = 0; i < row_count; ++i) {
      if (symbolic && !can_be_symbolic(&rows[i])) continue;
      if (only && strcmp(only, rows[i].op) != 0) continue;
      for (int round = 0; round < (symbolic ? rounds : 1); ++round) {
        run_row(&c, i, &rows[i], float_dtype, sizes[i], 1 + (size_t)round % 2);
        draw_sizes(sizes[i], rows[i].least);
      }
    }
    compiled_free(&c);
  }
  free(sizes);
  free(p.text);
}

TEST(op, f32_symbolic) { run_all(MTH_F32, true, 1, 12); }
TEST(op, f64_symbolic) { run_all(MTH_F64, true, 2, 12); }
TEST(op, f32_static) {
  for (uint64_t seed = 10; seed < 13; ++seed)
    run_all(MTH_F32, false, seed, 1);
}
TEST(op, f64_static) {
  for (uint64_t seed = 20; seed < 22; ++seed)
    run_all(MTH_F64, false, seed, 1);
}
