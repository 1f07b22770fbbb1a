// gradient_test.c: compiled gradients against central differences of the oracle, for every row of
// op_cases.c that takes and gives floats.
//
// The loss is sum(out^2) / 2, so the cotangent of the op is its result. Gradients are computed in
// f64, with static and with symbolic dims; differences in long double.
//
// Tolerance  h = 1e-5 leaves h^2/6 f''' + eps/h |f|, below 1e-9 of the largest gradient for these
//            inputs; the compiled sums add 1e-13. 1e-7 of it, plus 1e-7, is a wide margin against
//            functions whose third derivative is large.
#include "jit/compiler.h"
#include "test/harness/harness.h"
#include "test/numerics/op_cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Inputs
// ----------------------------------------------------------------------------------------

static double next_random(uint64_t *state) { // splitmix64, in [0, 1)
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static char kind_of(const char *input) { return strchr(input, ':')[1]; }
static int rank_of(const char *input) { return (int)(strchr(input, ':') - input); }

static oracle_tensor draw(const op_case *row, int input, const case_sizes sizes, uint64_t *seed) {
  const char *shape = row->inputs[input];
  int64_t dims[ORACLE_RANK];
  for (int i = 0; i < rank_of(shape); ++i)
    dims[i] = shape[i] >= 'A' ? sizes[shape[i] - 'A'] : shape[i] - '0';
  oracle_tensor drawn = oracle_make(rank_of(shape), dims);
  for (int64_t i = 0; i < drawn.count; ++i) {
    const double number = row->low + (row->high - row->low) * next_random(seed);
    drawn.value[i] = kind_of(shape) == 'f'   ? (long double)number
                     : kind_of(shape) == 'i' ? (long double)floor(number)
                                             : (long double)(next_random(seed) < 0.5);
  }
  return drawn;
}

// ---- Oracle
// ----------------------------------------------------------------------------------------

static long double loss(const op_case *row, const oracle_tensor *inputs, const case_sizes sizes) {
  oracle_tensor out = row->oracle(inputs, sizes);
  long double sum = 0;
  for (int64_t i = 0; i < out.count; ++i)
    sum += out.value[i] * out.value[i] / 2;
  oracle_free(&out);
  return sum;
}

static long double difference(const op_case *row, oracle_tensor *inputs, int input, int64_t element,
                              const case_sizes sizes) {
  const long double h = 1e-5L, x = inputs[input].value[element];
  inputs[input].value[element] = x + h;
  const long double above = loss(row, inputs, sizes);
  inputs[input].value[element] = x - h;
  const long double below = loss(row, inputs, sizes);
  inputs[input].value[element] = x;
  return (above - below) / (2 * h);
}

// ---- Program
// ---------------------------------------------------------------------------------------

typedef struct writer {
  char text[8192];
  size_t used;
} writer;

static void put(writer *to, const char *text) {
  const size_t bytes = strlen(text);
  if (to->used + bytes >= sizeof to->text) abort();
  memcpy(to->text + to->used, text, bytes + 1);
  to->used += bytes;
}

static void put_number(writer *to, int64_t number) {
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)number);
  put(to, text);
}

static void put_type(writer *to, const char *input, const int64_t *sizes, bool symbolic) {
  const char kind = kind_of(input);
  char encoding[64] = "";
  put(to, "tensor<");
  for (const char *c = input; *c != ':'; ++c) {
    if (*c < 'A')
      put_number(to, *c - '0');
    else if (!symbolic)
      put_number(to, sizes[*c - 'A']);
    else {
      put(to, "?");
      const size_t used = strlen(encoding);
      snprintf(encoding + used, sizeof encoding - used, "%s\"%c\"", used ? ", " : "", *c);
    }
    put(to, "x");
  }
  put(to, kind == 'f' ? "f64" : kind == 'i' ? "i64" : "i1");
  if (*encoding) put(to, ", ["), put(to, encoding), put(to, "]");
  put(to, ">");
}

static void put_attributes(writer *to, const char *attributes, const int64_t *sizes,
                           bool symbolic) {
  for (const char *c = attributes; *c; ++c) {
    const char one[] = {*c, 0}, quoted[] = {'"', c[1], '"', 0};
    if (*c != '$')
      put(to, one);
    else if (*++c == 'F')
      put(to, "f64");
    else if (symbolic)
      put(to, quoted);
    else
      put_number(to, sizes[*c - 'A']);
  }
}

static int input_count(const op_case *row) {
  int count = 0;
  while (count < CASE_INPUTS && row->inputs[count])
    ++count;
  return count;
}

// "%x0: type {mithril.port = "x0"}, ..." or "%x0, ..." or "type, ...".
typedef enum list_kind { LIST_PORTS, LIST_VALUES, LIST_TYPES } list_kind;

static void put_inputs(writer *to, const op_case *row, list_kind kind, const int64_t *sizes,
                       bool symbolic) {
  for (int i = 0; i < input_count(row); ++i) {
    char name[48];
    if (i) put(to, ", ");
    snprintf(name, sizeof name, kind == LIST_PORTS ? "%%x%d: " : "%%x%d", i);
    if (kind != LIST_TYPES) put(to, name);
    if (kind != LIST_VALUES) put_type(to, row->inputs[i], sizes, symbolic);
    snprintf(name, sizeof name, " {mithril.port = \"x%d\"}", i);
    if (kind == LIST_PORTS) put(to, name);
  }
}

// Types of everything but the inputs are left to inference.
static void write_program(writer *to, const op_case *row, const int64_t *sizes, bool symbolic) {
  const char *any = "tensor<*xf64>";
  int gradients = 0;
  put(to, "module @gradient_test {\nmithril.model @loss(");
  put_inputs(to, row, LIST_PORTS, sizes, symbolic);
  put(to, ") -> (tensor<f64> {mithril.port = \"loss\"}) {\n  %out = mithril."), put(to, row->op);
  put(to, " "), put_inputs(to, row, LIST_VALUES, sizes, symbolic), put(to, " ");
  put_attributes(to, row->attributes, sizes, symbolic);
  put(to, " : ("), put_inputs(to, row, LIST_TYPES, sizes, symbolic), put(to, ") -> "), put(to, any);
  put(to,
      "\n  %half = mithril.constant dense<0.5> : tensor<f64>\n"
      "  %square = mithril.multiply %out, %out : (tensor<*xf64>, tensor<*xf64>) -> tensor<*xf64>\n"
      "  %sum = mithril.sum %square : (tensor<*xf64>) -> tensor<f64>\n"
      "  %loss = mithril.multiply %half, %sum : (tensor<f64>, tensor<f64>) -> tensor<f64>\n"
      "  mithril.return %loss : tensor<f64>\n}\nmithril.entry @gradient(");
  put_inputs(to, row, LIST_PORTS, sizes, symbolic), put(to, ") -> (");
  writer wrt = {.used = 0}, types = {.used = 0}, values = {.used = 0};
  for (int i = 0; i < input_count(row); ++i) {
    char text[64];
    if (kind_of(row->inputs[i]) != 'f') continue;
    snprintf(text, sizeof text, "%s%s {mithril.port = \"d%d\"}", gradients ? ", " : "", any, i);
    put(to, text);
    snprintf(text, sizeof text, "%s%d", gradients ? ", " : "", i), put(&wrt, text);
    snprintf(text, sizeof text, "%s%s", gradients ? ", " : "", any), put(&types, text);
    snprintf(text, sizeof text, "%s%%g#%d", gradients ? ", " : "", gradients + 1);
    put(&values, text);
    ++gradients;
  }
  put(to, ") {\n  %one = mithril.constant dense<1.0> : tensor<f64>\n  %g:");
  put_number(to, gradients + 1), put(to, " = mithril.gradient @loss (");
  put_inputs(to, row, LIST_VALUES, sizes, symbolic);
  put(to, ") of [0] cotangents (%one) wrt ["), put(to, wrt.text), put(to, "] : (");
  put_inputs(to, row, LIST_TYPES, sizes, symbolic), put(to, ", tensor<f64>) -> (tensor<f64>, ");
  put(to, types.text), put(to, ")\n  mithril.return "), put(to, values.text), put(to, " : ");
  put(to, types.text), put(to, "\n}\n}\n");
}

// ---- Running
// ---------------------------------------------------------------------------------------

static void print_report(void *user, const mth_diagnostic *diagnostic) {
  (void)user;
  harness_check(false, false, __FILE__, __LINE__, "%s: %s", diagnostic->where, diagnostic->message);
}

static void *aligned_zeros(size_t bytes) {
  const size_t rounded = (bytes + 63) / 64 * 64 + 64;
  void *memory = aligned_alloc(64, rounded);
  if (!memory) abort();
  return memset(memory, 0, rounded);
}

static void *to_buffer(const oracle_tensor *tensor, char kind) {
  void *buffer = aligned_zeros((size_t)tensor->count * 8);
  for (int64_t i = 0; i < tensor->count; ++i) {
    if (kind == 'f')
      ((double *)buffer)[i] = (double)tensor->value[i];
    else if (kind == 'i')
      ((int64_t *)buffer)[i] = (int64_t)tensor->value[i];
    else
      ((uint8_t *)buffer)[i] = tensor->value[i] != 0;
  }
  return buffer;
}

// Runs the entry on `inputs`; out_gradients[i] belongs to input i, NULL where it holds no floats.
static bool run_entry(const mth_entry_desc *entry, const op_case *row, const oracle_tensor *inputs,
                      const int64_t *sizes, double **out_gradients) {
  enum { ports_max = 2 * CASE_INPUTS, symbols_max = 8, computed_max = 32 };
  void *ports[ports_max] = {NULL};
  int64_t symbols[symbols_max], computed[2 + computed_max];
  if (entry->port_count > ports_max || entry->symbol_count > symbols_max ||
      entry->computed_count > computed_max)
    return false;
  for (int p = 0; p < entry->port_count; ++p) {
    const mth_port_desc *port = &entry->ports[p];
    const int i = port->name[1] - '0';
    if (port->role == MTH_IN)
      ports[p] = to_buffer(&inputs[i], kind_of(row->inputs[i]));
    else
      ports[p] = out_gradients[i] = aligned_zeros((size_t)inputs[i].count * 8);
  }
  for (int s = 0; s < entry->symbol_count; ++s)
    symbols[s] = sizes[entry->symbols[s].name[0] - 'A'];
  bool ok = entry->sizes(symbols, computed) == 0;
  if (ok) {
    void *workspace = aligned_zeros((size_t)(computed[0] + computed[1]));
    ok = entry->run(NULL, ports, symbols, workspace) == 0;
    free(workspace);
  }
  for (int p = 0; p < entry->port_count; ++p)
    if (entry->ports[p].role == MTH_IN) free(ports[p]);
  return ok;
}

static void compare(const op_case *row, oracle_tensor *inputs, int input, const double *gradient,
                    const case_sizes sizes) {
  double largest = 1;
  for (int64_t i = 0; i < inputs[input].count; ++i)
    if (fabs(gradient[i]) > largest) largest = fabs(gradient[i]);
  for (int64_t i = 0; i < inputs[input].count; ++i) {
    const double wanted = (double)difference(row, inputs, input, i, sizes);
    if (!harness_check(fabs(gradient[i] - wanted) <= 1e-7 * largest, false, __FILE__, __LINE__,
                       "%s %s, input %d, element %lld: gradient %.17g, difference %.17g", row->op,
                       row->attributes, input, (long long)i, gradient[i], wanted))
      return;
  }
}

static void check_sizes(const mth_entry_desc *entry, const op_case *row, const case_sizes sizes,
                        uint64_t *seed) {
  oracle_tensor inputs[CASE_INPUTS];
  double *gradients[CASE_INPUTS] = {NULL};
  const int count = input_count(row);
  for (int i = 0; i < count; ++i)
    inputs[i] = draw(row, i, sizes, seed);
  const bool ran = run_entry(entry, row, inputs, sizes, gradients);
  harness_check(ran, false, __FILE__, __LINE__, "%s %s does not run", row->op, row->attributes);
  for (int i = 0; i < count; ++i) {
    if (ran && gradients[i]) compare(row, inputs, i, gradients[i], sizes);
    free(gradients[i]);
  }
  for (int i = 0; i < count; ++i)
    oracle_free(&inputs[i]);
}

// Sizes of B, K, M, N: odd, one, larger than a vector, zero.
static const int64_t all_sizes[][4] = {{2, 4, 3, 5}, {3, 1, 1, 1}, {1, 33, 17, 2}, {2, 2, 0, 3}};
enum { size_sets = sizeof all_sizes / sizeof all_sizes[0] };

static void set_sizes(case_sizes out, int set) {
  memset(out, 0, sizeof(case_sizes));
  for (int i = 0; i < 4; ++i)
    out["BKMN"[i] - 'A'] = all_sizes[set][i];
}

static bool applies(const op_case *row, int set) {
  for (int i = 0; i < 4; ++i)
    if (all_sizes[set][i] < row->least) return false;
  return true;
}

// Compiles the row for the sizes of `set`; symbolic: for all sizes, and runs all sets.
static void check_row(const op_case *row, int set, bool symbolic, const mth_registry *registry) {
  const mth_compiler_api *compiler = mth_compiler_get(MTH_COMPILER_ABI);
  const mth_sink sink = {print_report, NULL};
  case_sizes sizes;
  set_sizes(sizes, set);
  writer program = {.used = 0};
  write_program(&program, row, sizes, symbolic);
  const mth_compile_request request = {.struct_bytes = sizeof request,
                                       .registry = registry,
                                       .allocator = mth_default_allocator(),
                                       .sink = &sink,
                                       .source = program.text,
                                       .source_bytes = program.used,
                                       .source_name = row->op,
                                       .emit = MTH_EMIT_OBJECT};
  mth_artifact object;
  if (!harness_check(compiler->compile(&request, &object) == MTH_OK, false, __FILE__, __LINE__,
                     "does not compile:\n%s", program.text))
    return;
  mth_loaded *loaded;
  const mth_program_desc *desc;
  const bool ok = compiler->load(registry, object.bytes, object.byte_count, NULL, &sink, &loaded,
                                 &desc) == MTH_OK;
  mth_release(mth_default_allocator(), object.bytes);
  if (!harness_check(ok, false, __FILE__, __LINE__, "%s does not load", row->op)) return;
  uint64_t seed = 7;
  for (int s = symbolic ? 0 : set; s < (symbolic ? size_sets : set + 1); ++s) {
    set_sizes(sizes, s);
    if (applies(row, s)) check_sizes(&desc->entries[0], row, sizes, &seed);
  }
  compiler->unload(loaded);
}

// stop_gradient differs from its difference by design; ops on no floats have no gradient.
static bool is_differentiable(const op_case *row) {
  const char *only = getenv("MTH_OP"); // for people: one op alone
  if (only && strcmp(only, row->op) != 0) return false;
  if (row->result != 'f' || strcmp(row->op, "stop_gradient") == 0) return false;
  for (int i = 0; i < input_count(row); ++i)
    if (kind_of(row->inputs[i]) == 'f') return true;
  return false;
}

// Whether the inputs tell every size that the attributes ask for.
static bool has_symbolic_form(const op_case *row) {
  for (const char *c = row->attributes; *c; ++c) {
    if (*c != '$' || c[1] == 'F') continue;
    bool told = false;
    for (int i = 0; i < input_count(row); ++i)
      told = told || memchr(row->inputs[i], c[1], (size_t)rank_of(row->inputs[i]));
    if (!told) return false;
  }
  return true;
}

TEST(Gradient, OfEveryOpHoldsForSymbolicSizes) {
  mth_registry *registry;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  size_t count;
  const op_case *rows = op_cases(&count);
  for (size_t i = 0; i < count; ++i)
    if (is_differentiable(&rows[i]) && has_symbolic_form(&rows[i]))
      check_row(&rows[i], 0, true, registry);
  mth_registry_destroy(registry);
}
TEST(Gradient, OfEveryOpIsItsDifferenceQuotient) {
  mth_registry *registry;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  size_t count;
  const op_case *rows = op_cases(&count);
  for (size_t i = 0; i < count; ++i)
    for (int set = 0; set < size_sets && is_differentiable(&rows[i]); ++set)
      if (applies(&rows[i], set)) check_row(&rows[i], set, false, registry);
  mth_registry_destroy(registry);
}
