// families_test.c: every op on every family of element types, composed, compiled and run.
//
// The rows of op_cases.c are made again as expressions of a logical model, each with all
// combinations of float, int and bool operands. Which of them an op takes, and what its result is,
// stands in the table below, from the ops' definitions: what it does not take is refused at
// composition, with the operand's name and family; the others are held against the row's oracle.
// Integers and bools have the value of their numbers in it; a bool result is whether the number is
// not 0.
#include "frontend/mithril.h"
#include "ir/registry.h"
#include "runtime/dlpack.h"
#include "test/harness/harness.h"
#include "test/numerics/compiled.h"
#include "test/numerics/op_cases.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_args = 8, most_numbers = 8, in_one_model = 48 };

// ---- what ops take and give ---------------------------------------------------------------------

typedef struct families_row {
  const char *op;
  const char *takes[CASE_INPUTS]; // families of each operand; NULL: any
  // r: float; p: the widest of the operands that `among` lists; c: the same, a bool counted as an
  // int; b: bool; i: int
  char result;
  const char *among;      // NULL: all operands
  const char *attributes; // with these alone; NULL: with those that no row names
  const char *oracle;     // the families that its formula holds of; NULL: of all that it takes
} families_row;

#define NUMBERS_1 {"fi"}
#define NUMBERS_2 {"fi", "fi"}
#define NUMBERS_3 {"fi", "fi", "fi"}

static const families_row table[] = {
    {.op = "add", .result = 'p'},
    {.op = "subtract", .result = 'p'},
    {.op = "multiply", .result = 'p'},
    {.op = "divide", .result = 'r'},
    {.op = "floor_divide", .result = 'c'},
    {.op = "modulo", .result = 'c'},
    {.op = "power", .result = 'c'},
    {.op = "power", .result = 'r', .attributes = "robust"},
    {.op = "maximum", .result = 'p'},
    {.op = "minimum", .result = 'p'},
    {.op = "equal", .result = 'b'},
    {.op = "not_equal", .result = 'b'},
    {.op = "less", .result = 'b'},
    {.op = "less_equal", .result = 'b'},
    {.op = "greater", .result = 'b'},
    {.op = "greater_equal", .result = 'b'},
    {.op = "logical_and", .result = 'p', .takes = {"ib", "ib"}},
    {.op = "logical_or", .result = 'p', .takes = {"ib", "ib"}},
    {.op = "logical_xor", .result = 'p', .takes = {"ib", "ib"}},
    {.op = "logical_not", .result = 'p', .takes = {"ib"}, .oracle = "b"},
    {.op = "shift_left", .result = 'i', .takes = {"ib", "ib"}},
    {.op = "shift_right", .result = 'i', .takes = {"ib", "ib"}},
    {.op = "item", .result = 'p'},
    {.op = "where", .result = 'p', .takes = {"b"}, .among = "12"},
    {.op = "squared_error", .result = 'p', .takes = NUMBERS_2},
    {.op = "negate", .result = 'p', .takes = NUMBERS_1},
    {.op = "exp", .result = 'r'},
    {.op = "log", .result = 'r'},
    {.op = "log1p", .result = 'r'},
    {.op = "sqrt", .result = 'r'},
    {.op = "stable_reciprocal", .result = 'r'},
    {.op = "floor", .result = 'p', .takes = NUMBERS_1},
    {.op = "square", .result = 'r'},
    {.op = "softplus", .result = 'r'},
    {.op = "leaky_relu", .result = 'r'},
    {.op = "clamp", .result = 'p', .takes = NUMBERS_1},
    {.op = "abs", .result = 'p', .takes = NUMBERS_1},
    {.op = "sign", .result = 'p', .takes = NUMBERS_1},
    {.op = "tanh", .result = 'r'},
    {.op = "sigmoid", .result = 'r'},
    {.op = "relu", .result = 'p', .takes = NUMBERS_1},
    {.op = "gelu", .result = 'r'},
    {.op = "erf", .result = 'r'},
    {.op = "sin", .result = 'r'},
    {.op = "cos", .result = 'r'},
    {.op = "stop_gradient", .result = 'p'},
    {.op = "cast", .result = 0}, // the row's
    {.op = "sum", .result = 'c'},
    {.op = "prod", .result = 'c'},
    {.op = "mean", .result = 'r'},
    {.op = "variance", .result = 'r'},
    {.op = "reduce_max", .result = 'p'},
    {.op = "reduce_min", .result = 'p'},
    {.op = "arg_max", .result = 'i'},
    {.op = "arg_min", .result = 'i'},
    {.op = "matmul", .result = 'p', .takes = NUMBERS_2},
    {.op = "reshape", .result = 'p'},
    {.op = "transpose", .result = 'p'},
    {.op = "broadcast_to", .result = 'p'},
    {.op = "slice", .result = 'p'},
    {.op = "pad", .result = 'p'},
    {.op = "concat", .result = 'p'},
    {.op = "atleast_1d", .result = 'p'},
    {.op = "element_count", .result = 'r'},
    {.op = "polynomial_features", .result = 'p', .takes = NUMBERS_1},
    {.op = "gather", .result = 'p', .takes = {NULL, "i"}, .among = "0"},
    {.op = "index", .result = 'p', .takes = {NULL, "i"}, .among = "0"},
    {.op = "scatter_add", .result = 'p', .takes = {"i", "fi"}, .among = "1"},
    {.op = "pick", .result = 'p', .takes = {NULL, "i"}, .among = "0"},
    {.op = "one_hot", .result = 'p', .takes = {"i", "fi"}, .among = "1"},
    {.op = "along_axis", .result = 'p', .among = "0"},
    {.op = "class_weights", .result = 'r', .takes = NUMBERS_1},
    {.op = "absolute_error", .result = 'p', .takes = NUMBERS_2},
    {.op = "hinge_loss", .result = 'r', .takes = NUMBERS_2},
    {.op = "quad_hinge_loss", .result = 'r', .takes = NUMBERS_2},
    {.op = "quantile_loss", .result = 'r', .takes = NUMBERS_2},
    {.op = "kl_divergence", .result = 'r', .takes = NUMBERS_2},
    {.op = "binary_cross_entropy", .result = 'r', .takes = NUMBERS_3},
    {.op = "binary_cross_entropy_with_logits", .result = 'r', .takes = NUMBERS_3},
    {.op = "flatten_axes", .result = 'p'},
    {.op = "squeeze", .result = 'p'},
    {.op = "swap_axes", .result = 'p'},
    {.op = "split_part", .result = 'p'},
    {.op = "buffer", .result = 'p'},
    {.op = "windows", .result = 'p'},
    {.op = "convolution", .result = 'p', .takes = NUMBERS_2},
    {.op = "softmax", .result = 'r', .takes = NUMBERS_1},
    {.op = "log_softmax", .result = 'r', .takes = NUMBERS_1},
    {.op = "layer_norm", .result = 'r', .takes = NUMBERS_3},
    {.op = "cross_entropy", .result = 'r', .takes = {"fi", "i"}},
};

// What has no operands, draws, or is made by the compiler alone.
static const char *const without_rows[] = {"iota", "random_normal", "random_uniform", "pack",
                                           "matmul_packed"};

static const families_row *find_row(const char *op, const char *attributes) {
  const families_row *found = NULL;
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i)
    if (strcmp(table[i].op, op) == 0 &&
        (!table[i].attributes || strstr(attributes, table[i].attributes)))
      found = &table[i];
  return found;
}

// 'f' 'i' 'b' from narrow to wide.
static int width(char family) { return family == 'f' ? 2 : family == 'i'; }

static char result_of(const families_row *row, const op_case *c, const char *families) {
  if (row->result == 'r') return 'f';
  if (row->result == 'b' || row->result == 'i') return row->result;
  if (!row->result) return c->result;
  char widest = 'b';
  for (int i = 0; families[i]; ++i)
    if ((!row->among || strchr(row->among, '0' + i)) && width(families[i]) > width(widest))
      widest = families[i];
  return row->result == 'c' && widest == 'b' ? 'i' : widest;
}

static bool takes(const families_row *row, const char *families) {
  for (int i = 0; families[i]; ++i)
    if (row->takes[i] && !strchr(row->takes[i], families[i])) return false;
  return true;
}

// ---- arguments of a row -------------------------------------------------------------------------

typedef struct row_args {
  mth_arg args[most_args];
  size_t count;
  char text[512];
  int64_t numbers[most_args][most_numbers];
} row_args;

static const char *skip(const char *c, const char *what) { return c + strspn(c, what); }

static const char *read_numbers(const char *c, char closing, int64_t *out, size_t *count) {
  for (*count = 0; *(c = skip(c, " ,")) != closing; ++*count) {
    char *end;
    out[*count] = strtoll(c, &end, 10);
    c = end;
  }
  return c + 1;
}

static mth_dtype dtype_named(const char *name) {
  for (int d = 0; d < 32; ++d) {
    const mth_dtype_info *info = mth_dtype_get((mth_dtype)d);
    if (info && strncmp(info->mlir, name, strlen(info->mlir)) == 0) return info->dtype;
  }
  abort();
}

// "$M" is the size of M, "$F" the float type.
static void write_sizes(const op_case *c, const case_sizes sizes, mth_dtype float_dtype,
                        char *out) {
  for (const char *from = c->attributes; *from; ++from)
    if (*from != '$')
      *out++ = *from;
    else if (*++from == 'F')
      out += sprintf(out, "%s", mth_dtype_get(float_dtype)->mlir);
    else
      out += sprintf(out, "%lld", (long long)sizes[*from - 'A']);
  *out = 0;
}

// None is written by leaving it out where that is not the default.
static void add_absent(const mth_op *op, row_args *out) {
  for (size_t i = 0; i < op->input_count; ++i) {
    bool is_there = !op->inputs[i].absent_is_none;
    for (size_t j = 0; j < out->count; ++j)
      is_there |= strcmp(out->args[j].key, op->inputs[i].name) == 0;
    if (!is_there)
      out->args[out->count++] = (mth_arg){.key = op->inputs[i].name, .kind = MTH_ARG_NONE};
  }
}

// Reads "{axis = array<i64: 1>, keepdim = true}".
static void read_args(const op_case *c, const case_sizes sizes, mth_dtype float_dtype,
                      row_args *out) {
  *out = (row_args){0};
  write_sizes(c, sizes, float_dtype, out->text);
  char *at = out->text;
  while (*(at = (char *)skip(at, "{, ")) && *at != '}') {
    const char *const key = at;
    at += strcspn(at, " ");
    *at = 0;
    at = (char *)skip(at + 1, "= ");
    int64_t *const numbers = out->numbers[out->count];
    mth_arg *const arg = &out->args[out->count++];
    size_t count;
    if (strncmp(at, "array<i64: ", 11) == 0) {
      at = (char *)read_numbers(at + 11, '>', numbers, &count);
      *arg = MTH_ARG_IS(key, count, numbers);
    } else if (*at == '[') {
      at = (char *)read_numbers(at + 1, ']', numbers, &count);
      *arg = MTH_ARG_IS(key, count, numbers);
    } else if (*at == '"') {
      *arg = MTH_ARG_S(key, at + 1);
      at = strchr(at + 1, '"');
      *at++ = 0;
    } else if (isdigit((unsigned char)*at) || *at == '-') {
      char *end;
      const double number = strtod(at, &end);
      *arg = end[3] == 'i' ? MTH_ARG_I(key, (int64_t)number) : MTH_ARG_F(key, number);
      at = end + 6; // " : i64"
    } else if (*at == 't' || (*at == 'f' && at[1] == 'a')) {
      *arg = MTH_ARG_B(key, *at == 't');
      at += strcspn(at, ",}");
    } else {
      *arg = MTH_ARG_T(key, dtype_named(at));
      at += strcspn(at, ",}");
    }
  }
}

// ---- values -------------------------------------------------------------------------------------

static uint64_t state;

static double draw_unit(void) { // Source: Steele, Lea & Flood 2014, SplitMix
  uint64_t x = state += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

// What both the row and the family allow; where that is nothing, 0 and 1.
static long double draw(const op_case *c, char kind, char family) {
  double low = c->low, high = c->high;
  if (family == 'f' && kind == 'f') return low + (high - low) * draw_unit();
  low = ceil(low), high = floor(high);
  if (kind != 'f' && high == c->high) --high; // rounded down, so below the bound
  if (family == 'b' && low < 0) low = 0;
  if (family == 'b' && high > 1) high = 1;
  if (low > high) low = 0, high = 1;
  return floor(low + (high - low + 1) * draw_unit());
}

typedef struct config {
  mth_dtype float_dtype, int_dtype;
} config;

static mth_dtype dtype_of(const config *config, char family) {
  return family == 'f' ? config->float_dtype : family == 'i' ? config->int_dtype : MTH_BOOL;
}

static oracle_tensor draw_input(const op_case *c, const config *config, int i, char family,
                                const case_sizes sizes) {
  int64_t dims[ORACLE_RANK];
  int rank = 0;
  const char *at = c->inputs[i];
  for (; *at != ':'; ++at)
    dims[rank++] = *at >= 'A' ? sizes[*at - 'A'] : *at - '0';
  oracle_tensor x = oracle_make(rank, dims);
  for (int64_t e = 0; e < x.count; ++e)
    x.value[e] = draw(c, at[1], family);
  compiled_round(&x, dtype_of(config, family));
  return x;
}

// ---- one expression -----------------------------------------------------------------------------

// One row with its operands of these families.
typedef struct trial {
  const op_case *c;
  char families[CASE_INPUTS + 1], result;
  case_sizes sizes;
  int input_count;
  oracle_tensor inputs[CASE_INPUTS];
} trial;

static const char *describe(const trial *t, char text[200]) {
  snprintf(text, 200, "%s %s of %s", t->c->op, t->c->attributes, t->families);
  return text;
}

static void name_of(char name[32], size_t index, int input) {
  snprintf(name, 32, "x%zu_%d", index, input);
}

static mth_family family_of(char family) {
  return family == 'f' ? MTH_FAMILY_FLOAT : family == 'i' ? MTH_FAMILY_INT : MTH_FAMILY_BOOL;
}

static mth_connection *express(mth_model *model, const trial *t, const config *config,
                               size_t index) {
  mth_connection *operands[CASE_INPUTS];
  char name[32];
  for (int i = 0; i < t->input_count; ++i) {
    mth_extent extents[ORACLE_RANK];
    for (int d = 0; d < t->inputs[i].rank; ++d)
      extents[d] = MTH_N(t->inputs[i].dims[d]);
    const mth_shape shape = {(size_t)t->inputs[i].rank, extents};
    const mth_facts facts = {.shape = &shape, .families = family_of(t->families[i])};
    name_of(name, index, i);
    EXPECT_INT(mth_model_add_input(model, name, &facts, &operands[i]), MTH_OK);
  }
  row_args args;
  read_args(t->c, t->sizes, config->float_dtype, &args);
  add_absent(mth_registry_find(mth_context_registry(mth_model_context(model)), t->c->op), &args);
  return mth_express(model, t->c->op, (size_t)t->input_count, operands, args.count, args.args);
}

// Composes it alone. True if it is taken, as it should be.
static bool is_taken(mth_context *context, const config *config, trial *t) {
  const families_row *row = find_row(t->c->op, t->c->attributes);
  const bool should = takes(row, t->families);
  char what[200];
  mth_model *model = NULL;
  EXPECT_INT(mth_model_create(context, NULL, &model), MTH_OK);
  mth_connection *y = express(model, t, config, 0);
  const char *const said = mth_context_diagnostic(context)->message;
  harness_check(should == (y != NULL), false, __FILE__, __LINE__, "%s is %s %s", describe(t, what),
                y ? "taken" : "refused:", y ? "" : said);
  if (y && should) {
    t->result = result_of(row, t->c, t->families);
    harness_check(mth_connection_families(y) == family_of(t->result), false, __FILE__, __LINE__,
                  "%s gives the families %d, wanted %c", describe(t, what),
                  (int)mth_connection_families(y), t->result);
  }
  if (!y && !should)
    harness_check(strstr(said, "holds") && strstr(said, "the other"), false, __FILE__, __LINE__,
                  "%s is refused in other words: %s", describe(t, what), said);
  if (!y) EXPECT_INT(mth_model_take_failure(model), MTH_INVALID);
  mth_model_destroy(model);
  return y && should;
}

// ---- many expressions in one model --------------------------------------------------------------

typedef struct batch {
  const config *config;
  mth_context *context;
  trial trials[in_one_model];
  size_t count;
} batch;

static mth_program *compile(const batch *b, mth_model **out_model) {
  static const mth_entry_request entry = {.name = "evaluate"};
  const mth_compile_options options = {.struct_bytes = sizeof options,
                                       .float_dtype = b->config->float_dtype,
                                       .int_dtype = b->config->int_dtype,
                                       .entries = &entry,
                                       .entry_count = 1};
  mth_program *program = NULL;
  EXPECT_INT(mth_model_create(b->context, NULL, out_model), MTH_OK);
  for (size_t i = 0; i < b->count; ++i) {
    char name[32];
    name_of(name, i, CASE_INPUTS);
    EXPECT_INT(mth_model_expose(*out_model, express(*out_model, &b->trials[i], b->config, i), name),
               MTH_OK);
  }
  const mth_status status = mth_compile(*out_model, &options, &program);
  const mth_diagnostic *said = mth_context_diagnostic(b->context);
  harness_check(status == MTH_OK, false, __FILE__, __LINE__, "%s: %s: %s", mth_status_name(status),
                said->where, said->message);
  return program;
}

static void bind(mth_call *call, batch *b, size_t index, void **out_data) {
  static DLTensor tensors[in_one_model][CASE_INPUTS]; // a call reads them when it runs
  trial *const t = &b->trials[index];
  for (int i = 0; i < t->input_count; ++i) {
    const mth_dtype dtype = dtype_of(b->config, t->families[i]);
    const size_t bytes = (size_t)t->inputs[i].count * mth_dtype_get(dtype)->bits / 8;
    char name[32];
    name_of(name, index, i);
    if (!(out_data[i] = aligned_alloc(64, (bytes + 64) / 64 * 64))) abort();
    for (int64_t e = 0; e < t->inputs[i].count; ++e)
      compiled_store(out_data[i], dtype, e, t->inputs[i].value[e]);
    tensors[index][i] = mth_tensor_make(dtype, t->inputs[i].rank, t->inputs[i].dims, out_data[i]);
    EXPECT_INT(mth_call_bind(call, name, &tensors[index][i]), MTH_OK);
  }
}

static void compare(mth_call *call, const batch *b, size_t index) {
  const trial *const t = &b->trials[index];
  const mth_dtype dtype = dtype_of(b->config, t->result);
  const DLTensor *y = NULL;
  char name[32], what[200];
  name_of(name, index, CASE_INPUTS);
  describe(t, what);
  oracle_tensor wanted = t->c->oracle(t->inputs, t->sizes);
  oracle_tensor actual = oracle_make(wanted.rank, wanted.dims);
  for (int64_t e = 0; e < wanted.count && t->result != 'f'; ++e)
    wanted.value[e] = t->result == 'b' ? wanted.value[e] != 0 : truncl(wanted.value[e]);
  EXPECT_INT(mth_call_output(call, name, &y), MTH_OK);
  const bool has_type = y && mth_tensor_dtype(y) == dtype && y->ndim == wanted.rank;
  if (harness_check(has_type, false, __FILE__, __LINE__, "%s gives another type", what)) {
    for (int64_t e = 0; e < wanted.count; ++e) {
      actual.value[e] = compiled_load(mth_tensor_data(y), dtype, e);
      // Where no integer is in the row's range its formula may have no number.
      if (!isfinite(wanted.value[e])) wanted.value[e] = actual.value[e];
    }
    compiled_compare(what, &actual, &wanted, dtype, t->c->ulps);
  }
  oracle_free(&wanted);
  oracle_free(&actual);
}

// Compiles and runs what was collected.
static void finish(batch *b) {
  void *data[in_one_model][CASE_INPUTS] = {{NULL}};
  mth_model *model = NULL;
  mth_call *call = NULL;
  mth_program *const program = compile(b, &model);
  mth_diagnostic said = {0};
  const mth_sink sink = mth_sink_keep_first(&said);
  const mth_call_options options = {.struct_bytes = sizeof options, .sink = &sink};
  if (program) EXPECT_INT(mth_call_create(program, "evaluate", &options, &call), MTH_OK);
  for (size_t i = 0; call && i < b->count; ++i)
    bind(call, b, i, data[i]);
  const bool has_run = call && mth_call_run(call) == MTH_OK;
  for (size_t i = 0; has_run && i < b->count; ++i)
    compare(call, b, i);
  harness_check(has_run || !program, false, __FILE__, __LINE__, "%s: %s", said.where, said.message);
  mth_call_destroy(call);
  mth_program_destroy(program);
  mth_model_destroy(model);
  for (size_t i = 0; i < b->count; ++i)
    for (int j = 0; j < b->trials[i].input_count; ++j) {
      oracle_free(&b->trials[i].inputs[j]);
      free(data[i][j]);
    }
  b->count = 0;
}

// ---- all of them --------------------------------------------------------------------------------

static void draw_sizes(case_sizes sizes, int64_t least) {
  for (int i = 0; i < 26; ++i) {
    sizes[i] = 1 + (int64_t)(4 * draw_unit());
    if (sizes[i] < least) sizes[i] = least;
  }
}

// Combination `number` of families for the operands; false if there are not so many.
static bool combine(trial *t, int number) {
  for (int i = 0; i < t->input_count; ++i, number /= 3)
    t->families[i] = "fib"[number % 3];
  return number == 0;
}

// A later row of an op on integers alone is for their range; the first is made with all families.
static bool is_of_integers(const op_case *rows, size_t index) {
  bool has_float = false, is_first = true;
  for (int i = 0; i < CASE_INPUTS && rows[index].inputs[i]; ++i)
    has_float |= strstr(rows[index].inputs[i], ":f") != NULL;
  for (size_t i = 0; i < index; ++i)
    is_first &= strcmp(rows[i].op, rows[index].op) != 0;
  return !has_float && !is_first;
}

static void check_row(batch *b, const op_case *c) {
  for (int number = 0;; ++number) {
    trial t = {.c = c};
    while (t.input_count < CASE_INPUTS && c->inputs[t.input_count])
      ++t.input_count;
    if (!combine(&t, number)) return;
    draw_sizes(t.sizes, c->least);
    for (int i = 0; i < t.input_count; ++i)
      t.inputs[i] = draw_input(c, b->config, i, t.families[i], t.sizes);
    const char *const of = find_row(c->op, c->attributes)->oracle;
    if (is_taken(b->context, b->config, &t) && (!of || strchr(of, t.families[0]))) {
      b->trials[b->count++] = t;
      if (b->count == in_one_model) finish(b);
    } else {
      for (int i = 0; i < t.input_count; ++i)
        oracle_free(&t.inputs[i]);
    }
  }
}

static void check_all(config config, uint64_t seed) {
  size_t count;
  const op_case *rows = op_cases(&count);
  const char *only = getenv("MTH_OP"); // for people: one op alone
  batch b = {.config = &config};
  state = seed;
  ASSERT(mth_context_create(NULL, &b.context) == MTH_OK);
  for (size_t i = 0; i < count; ++i)
    if (rows[i].inputs[0] && !is_of_integers(rows, i) && (!only || strcmp(only, rows[i].op) == 0))
      check_row(&b, &rows[i]);
  if (b.count) finish(&b);
  mth_context_destroy(b.context);
}

TEST(families, f32_i64) { check_all((config){MTH_F32, MTH_I64}, 1); }
TEST(families, f64_i32) { check_all((config){MTH_F64, MTH_I32}, 2); }

static bool is_among(const char *name, const char *const *names, size_t count) {
  while (count && strcmp(names[count - 1], name) != 0)
    --count;
  return count > 0;
}

TEST(families, every_op_has_a_row) {
  size_t count;
  const op_case *rows = op_cases(&count);
  mth_registry *registry = NULL;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  for (size_t i = 0; i < mth_registry_count(registry); ++i) {
    const mth_op *op = mth_registry_get(registry, i);
    bool is_run = false;
    for (size_t j = 0; j < count; ++j)
      is_run |= strcmp(rows[j].op, op->name) == 0;
    const bool is_left_out =
        op->category == MTH_CATEGORY_VALUE || !op->model ||
        is_among(op->name, without_rows, sizeof without_rows / sizeof *without_rows);
    harness_check(is_left_out != (is_run && find_row(op->name, "")), false, __FILE__, __LINE__,
                  "%s has a row and is left out, or neither", op->name);
  }
  mth_registry_destroy(registry);
}
