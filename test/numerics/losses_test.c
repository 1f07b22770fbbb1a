// losses_test.c: losses whose arguments choose a formula, compiled in f64, against loops written
// from the definitions.
//
// Tolerance: a dozen operations on numbers of size 1: 1e-14.
#include "frontend/compile.h"
#include "ir/class.h"
#include "runtime/call.h"
#include "test/harness/harness.h"

#include <math.h>
#include <string.h>

enum { N = 3, C = 4, V = 2, shares = N * C * V, places = N * V };

static mth_model *make(mth_context *context, const char *name, const mth_arg *args, size_t count) {
  mth_model *model = NULL;
  const mth_status status = mth_model_create_class(context, name, args, count, &model);
  harness_check(status == MTH_OK, false, __FILE__, __LINE__, "%s",
                mth_context_diagnostic(context)->message);
  return model;
}

static DLTensor tensor(void *data, int rank, int64_t *extents, bool is_float) {
  DLTensor x;
  memset(&x, 0, sizeof x);
  x.data = data, x.ndim = rank, x.shape = extents;
  x.dtype = (DLDataType){is_float ? 2 : 0, 64, 1}, x.device = (DLDevice){1, 0};
  return x;
}

// The loss of one input and target, of at most `places` or `shares` numbers.
static void run(mth_context *context, mth_model *model, const DLTensor *x, const DLTensor *target,
                double *out) {
  mth_program *program = NULL;
  mth_call *call = NULL;
  const DLTensor *output = NULL;
  const mth_compile_options options = {.struct_bytes = sizeof options, .float_dtype = MTH_F64};
  ASSERT(mth_compile(model, &options, &program) == MTH_OK);
  ASSERT(mth_call_create(program, "evaluate", NULL, &call) == MTH_OK);
  ASSERT(mth_call_bind(call, "input", x) == MTH_OK);
  ASSERT(mth_call_bind(call, "target", target) == MTH_OK);
  const mth_status status = mth_call_run(call);
  harness_check(status == MTH_OK, false, __FILE__, __LINE__, "%s",
                mth_context_diagnostic(context)->message);
  ASSERT(status == MTH_OK && mth_call_output(call, "output", &output) == MTH_OK);
  size_t count = 1;
  for (int d = 0; d < output->ndim; d++)
    count *= (size_t)output->shape[d];
  memcpy(out, output->data, count * sizeof *out);
  mth_call_destroy(call);
  mth_program_destroy(program);
}

// ---- CrossEntropy -------------------------------------------------------------------------------

typedef struct entropy_case {
  const char *type;
  bool categorical;
  char weights; // 'n'one, 'l'ist, 'a'uto
} entropy_case;

// log p of class c at n, v.
static double log_p(const char *type, const double *x, int n, int c, int v) {
  const double at = x[(n * C + c) * V + v];
  double sum = 0;
  for (int k = 0; k < C; k++)
    sum += exp(x[(n * C + k) * V + v]);
  return strcmp(type, "logits") == 0 ? at - log(sum) : strcmp(type, "probs") == 0 ? log(at) : at;
}

static void check_entropy(const entropy_case *at) {
  const mth_arg numbers[C] = {MTH_ARG_F(NULL, 0.5), MTH_ARG_I(NULL, 2), MTH_ARG_F(NULL, 1.5),
                              MTH_ARG_F(NULL, 0.25)};
  const mth_arg args[] = {MTH_ARG_S("input_type", at->type),
                          MTH_ARG_B("categorical", at->categorical),
                          at->weights == 'l'   ? MTH_ARG_TUPLE_OF("weights", C, numbers)
                          : at->weights == 'a' ? MTH_ARG_S("weights", "auto")
                                               : MTH_ARG_S("weights", ""),
                          MTH_ARG_B("robust", at->weights == 'a')};
  double x[shares], share[shares], found[shares], weight[C] = {0.5, 2, 1.5, 0.25}, counts[C] = {0};
  int64_t id[places] = {0, 2, 1, 3, 2, 2}, x_extents[] = {N, C, V}, id_extents[] = {N, V};
  for (int i = 0; i < shares; i++) {
    x[i] = 0.1 + 0.8 * fabs(sin(1 + 2.3 * i));
    share[i] = at->categorical ? id[i / (C * V) * V + i % V] == i / V % C : fabs(cos(1 + 1.7 * i));
    counts[i / V % C] += share[i];
  }
  for (int c = 0; c < C && at->weights != 'l'; c++)
    weight[c] = at->weights == 'n'
                    ? 1
                    : (counts[0] + counts[1] + counts[2] + counts[3]) / ((int)C * counts[c]);
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *model = make(context, "crossEntropy", args, 4);
  ASSERT(model != NULL);
  const DLTensor input = tensor(x, 3, x_extents, true);
  const DLTensor target =
      at->categorical ? tensor(id, 2, id_extents, false) : tensor(share, 3, x_extents, true);
  run(context, model, &input, &target, found);
  for (int n = 0; n < N; n++)
    for (int v = 0; v < V; v++) {
      double wanted = 0;
      for (int c = 0; c < C; c++)
        wanted -= share[(n * C + c) * V + v] * log_p(at->type, x, n, c, v) * weight[c];
      harness_check(fabs(found[n * V + v] - wanted) <= 1e-14 * (1 + fabs(wanted)), false, __FILE__,
                    __LINE__, "%s, ids %d, weights %c, at %d, %d: %.17g, wanted %.17g", at->type,
                    at->categorical, at->weights, n, v, found[n * V + v], wanted);
    }
  mth_model_destroy(model);
  mth_context_destroy(context);
}

TEST(losses, cross_entropy_of_all_kinds) {
  static const char *const types[] = {"logits", "probs", "log_probs"};
  for (int type = 0; type < 3; type++)
    for (int categorical = 0; categorical < 2; categorical++)
      for (int w = 0; w < 3; w++)
        check_entropy(&(const entropy_case){types[type], categorical, "nla"[w]});
}

// ---- BinaryCrossEntropy -------------------------------------------------------------------------

// Sides of integers too: class ids 0 and 1 are what most users have.
static void check_binary(const char *type, double weight, bool is_integer) {
  const mth_arg args[] = {MTH_ARG_S("input_type", type),
                          weight > 0 ? MTH_ARG_F("pos_weight", weight)
                                     : MTH_ARG_S("pos_weight", "auto"),
                          MTH_ARG_B("robust", is_integer)};
  const bool is_logits = strcmp(type, "logits") == 0;
  double x[places], t[places], found[places], mean = 0;
  int64_t ids[places], extents[] = {N, V};
  for (int i = 0; i < places; i++) {
    x[i] = is_logits ? 3 * sin(1 + 2.3 * i) : 0.1 + 0.8 * fabs(sin(1 + 2.3 * i));
    t[i] = is_integer ? i % 3 == 0 : fabs(cos(1 + 1.7 * i));
    ids[i] = i % 3 == 0;
    mean += (is_logits ? 1 / (1 + exp(-t[i])) : t[i]) / (int)places;
  }
  const double p = weight > 0 ? weight : (1 - mean) / mean;
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *model = make(context, "BinaryCrossEntropy", args, 3);
  ASSERT(model != NULL);
  const DLTensor input = tensor(x, 2, extents, true);
  const DLTensor target = tensor(is_integer ? (void *)ids : t, 2, extents, !is_integer);
  if (is_integer)
    ASSERT(mth_connection_set_families(mth_model_find(model, "target"), MTH_FAMILY_INT) == MTH_OK);
  run(context, model, &input, &target, found);
  for (int i = 0; i < places; i++) {
    const double q = is_logits ? 1 / (1 + exp(-x[i])) : x[i];
    const double wanted = -p * t[i] * log(q) - (1 - t[i]) * log(1 - q);
    EXPECT_NEAR(found[i], wanted, 1e-14 * (1 + wanted));
  }
  mth_model_destroy(model);
  mth_context_destroy(context);
}

TEST(losses, binary_cross_entropy_of_all_kinds) {
  for (int is_integer = 0; is_integer < 2; is_integer++) {
    check_binary("probs", 1, is_integer);
    check_binary("probs", 0.625, is_integer);
    check_binary("probs", 0, is_integer);
    check_binary("logits", 1, is_integer);
    check_binary("logits", 3, is_integer);
    check_binary("logits", 0, is_integer);
  }
}
