// whole_numbers_test.c: composites on ints give what they give on floats that hold the same
// numbers. What they give on floats is held against naive formulas elsewhere.
//
// Tolerance: both are computed in f64 by the same ops, only the casts differ; equal.
#include "frontend/mithril.h"
#include "runtime/dlpack.h"
#include "test/harness/harness.h"
#include "test/numerics/compiled.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_keys = 6, most_args = 4 };

typedef struct whole_row {
  const char *class_name;
  const char *keys[most_keys]; // "input:34i": extents, then the kind: i may be int, I is, f float
  char result;                 // of ints: i or f
  size_t arg_count;
  mth_arg args[most_args];
} whole_row;

#define NO_ARGS .arg_count = 0
#define ARGS(n, ...) .arg_count = n, .args = {__VA_ARGS__}

static const whole_row rows[] = {
    {"Linear", {"input:34i", "weight:24f", "bias:2f"}, 'f', ARGS(1, MTH_ARG_I("dimension", 2))},
    {"LayerNorm", {"input:234i", "weight:4f", "bias:4f"}, 'f', NO_ARGS},
    {"Convolution1D",
     {"input:238i", "weight:233f", "bias:2f"},
     'f',
     ARGS(2, MTH_ARG_I("kernel_size", 3), MTH_ARG_I("out_channels", 2))},
    {"Convolution2D",
     {"input:2344i", "weight:2322f", "bias:2f"},
     'f',
     ARGS(2, MTH_ARG_I("kernel_size", 2), MTH_ARG_I("out_channels", 2))},
    {"LinearSVM", {"input:34i", "weight:14f", "bias:1f"}, 'f', NO_ARGS},
    {"LogisticRegression", {"input:34i", "weight:14f", "bias:1f"}, 'f', NO_ARGS},
    {"PolynomialRegression",
     {"input:32i", "weight:15f", "bias:1f"},
     'f',
     ARGS(2, MTH_ARG_I("degree", 2), MTH_ARG_I("dimension", 1))},
    {"ElementWiseAffine", {"input:23i", "weight:3i", "bias:3i"}, 'i', NO_ARGS},
    {"SiLU", {"input:23i"}, 'f', NO_ARGS},
    {"L1", {"input:23i"}, 'i', NO_ARGS},
    {"L2", {"input:23i"}, 'f', NO_ARGS},
    {"QuadraticFormRegularizer", {"input:13i", "kernel:33i"}, 'f', NO_ARGS},
    {"PermuteTensor", {"input:32i", "indices:3I"}, 'i', NO_ARGS},
    {"TransposedDiagonal", {"input:33i"}, 'i', NO_ARGS},
    {"CartesianDifference", {"left:32i", "right:42i"}, 'i', NO_ARGS},
    {"NormModifier", {"input:i"}, 'f', NO_ARGS},
    {"DistanceMatrix", {"left:32i", "right:42i", "norm:i"}, 'i', NO_ARGS},
    {"RBFKernel", {"input1:32i", "input2:42i", "sigma:1i", "l_scale:1i"}, 'f', NO_ARGS},
    {"PolynomialKernel", {"input1:32i", "input2:42i", "poly_coef:i", "degree:i"}, 'f', NO_ARGS},
    {"CrossEntropy", {"input:34i", "target:3I"}, 'f', NO_ARGS},
    {"CrossEntropy", {"input:34i", "target:3I"}, 'f', ARGS(1, MTH_ARG_S("weights", "auto"))},
    {"CrossEntropy", {"input:34i", "target:34i"}, 'f', ARGS(1, MTH_ARG_B("categorical", false))},
    {"BinaryCrossEntropy", {"input:34i", "target:34i"}, 'f', NO_ARGS},
};

// ---- one model ----------------------------------------------------------------------------------

typedef struct key {
  char name[32];
  mth_extent extents[4];
  int64_t dims[4];
  int rank;
  char kind;
} key;

static key read_key(const char *text) {
  key k = {.rank = 0};
  const char *c = strchr(text, ':');
  snprintf(k.name, sizeof k.name, "%.*s", (int)(c - text), text);
  for (++c; c[1]; ++c) {
    k.dims[k.rank] = *c - '0';
    k.extents[k.rank++] = MTH_N(*c - '0');
  }
  k.kind = *c;
  return k;
}

static mth_dtype dtype_of(const key *k, bool of_ints) {
  return k->kind == 'I' || (k->kind == 'i' && of_ints) ? MTH_I64 : MTH_F64;
}

static mth_status compose(mth_context *context, const whole_row *row, bool of_ints,
                          mth_model **out_model) {
  MTH_TRY(mth_model_create_class(context, row->class_name, row->args, row->arg_count, out_model));
  for (size_t i = 0; i < most_keys && row->keys[i]; ++i) {
    const key k = read_key(row->keys[i]);
    mth_connection *c = NULL;
    MTH_TRY(mth_model_get(*out_model, k.name, &c));
    MTH_TRY(mth_connection_set_shape(c, (mth_shape){(size_t)k.rank, k.extents}));
    MTH_TRY(mth_connection_set_families(c, dtype_of(&k, of_ints) == MTH_I64 ? MTH_FAMILY_INT
                                                                            : MTH_FAMILY_FLOAT));
  }
  return MTH_OK;
}

static void fill(const key *k, mth_dtype dtype, DLTensor *out_tensor, int64_t *dims) {
  int64_t count = 1;
  for (int i = 0; i < k->rank; ++i)
    count *= dims[i] = k->dims[i];
  void *data = malloc((size_t)count * 8);
  if (!data) abort();
  for (int64_t i = 0; i < count; ++i) // targets are classes, indices rows: below 3
    compiled_store(data, dtype, i, (long double)((7 * i + (int64_t)strlen(k->name)) % 3));
  *out_tensor = mth_tensor_make(dtype, k->rank, dims, data);
}

// The outputs of the model, as one row of numbers; its length, or -1.
static int64_t run(mth_context *context, mth_model *model, const whole_row *row, bool of_ints,
                   long double *out_numbers, mth_dtype *out_dtype) {
  static const mth_entry_request entry = {.name = "evaluate"};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .float_dtype = MTH_F64, .entries = &entry, .entry_count = 1};
  DLTensor tensors[most_keys];
  int64_t dims[most_keys][4], count = -1;
  size_t key_count = 0;
  mth_program *program = NULL;
  mth_call *call = NULL;
  const DLTensor *y = NULL;
  const mth_status status = mth_compile(model, &options, &program);
  const mth_diagnostic *said = mth_context_diagnostic(context);
  harness_check(status == MTH_OK, false, __FILE__, __LINE__, "%s: %s: %s", row->class_name,
                said->where, said->message);
  if (status != MTH_OK) return -1;
  EXPECT_INT(mth_call_create(program, "evaluate", NULL, &call), MTH_OK);
  for (; key_count < most_keys && row->keys[key_count]; ++key_count) {
    const key k = read_key(row->keys[key_count]);
    fill(&k, dtype_of(&k, of_ints), &tensors[key_count], dims[key_count]);
    EXPECT_INT(mth_call_bind(call, k.name, &tensors[key_count]), MTH_OK);
  }
  if (mth_call_run(call) == MTH_OK && mth_call_output(call, "output", &y) == MTH_OK) {
    count = 1;
    for (int i = 0; i < y->ndim; ++i)
      count *= y->shape[i];
    *out_dtype = mth_tensor_dtype(y);
    for (int64_t i = 0; i < count; ++i)
      out_numbers[i] = compiled_load(mth_tensor_data(y), *out_dtype, i);
  }
  for (size_t i = 0; i < key_count; ++i)
    free(tensors[i].data);
  mth_call_destroy(call);
  mth_program_destroy(program);
  return count;
}

static void check(const whole_row *row) {
  long double numbers[2][256] = {{0}};
  mth_dtype dtypes[2] = {MTH_DTYPE_NONE};
  int64_t counts[2] = {-1, -1};
  for (int of_ints = 0; of_ints < 2; ++of_ints) {
    mth_context *context = NULL;
    mth_model *model = NULL;
    ASSERT(mth_context_create(NULL, &context) == MTH_OK);
    const mth_status status = compose(context, row, of_ints, &model);
    const mth_diagnostic *said = mth_context_diagnostic(context);
    harness_check(status == MTH_OK, false, __FILE__, __LINE__, "%s is refused: %s: %s",
                  row->class_name, said->where, said->message);
    if (status == MTH_OK)
      counts[of_ints] = run(context, model, row, of_ints, numbers[of_ints], &dtypes[of_ints]);
    mth_model_destroy(model);
    mth_context_destroy(context);
  }
  harness_check(counts[0] > 0 && counts[0] == counts[1], false, __FILE__, __LINE__,
                "%s: %lld numbers of floats, %lld of ints", row->class_name, (long long)counts[0],
                (long long)counts[1]);
  EXPECT_INT(dtypes[0], MTH_F64);
  harness_check(dtypes[1] == (row->result == 'i' ? MTH_I64 : MTH_F64), false, __FILE__, __LINE__,
                "%s of ints gives another type than '%c'", row->class_name, row->result);
  for (int64_t i = 0; i < counts[0] && counts[0] == counts[1]; ++i) {
    const long double a = numbers[0][i], b = numbers[1][i];
    const bool same = a == b || (isnan(a) && isnan(b));
    if (!harness_check(same, false, __FILE__, __LINE__, "%s: number %lld is %Lg of floats, %Lg",
                       row->class_name, (long long)i, a, b))
      return;
  }
}

TEST(whole_numbers, give_what_floats_give) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
    check(&rows[i]);
}
