// train_model_test.c: the cost of a TrainModel, its gradients and its training step against naive
// loops, for static and symbolic sizes; regularizers and estimators with it.
//
// Tolerance: everything is f64. Costs are sums of some hundred products of numbers near 1, so 1e-13
// of their size holds. Central differences with step 1e-5 err by about 1e-10 for these smooth sums;
// 1e-8 leaves room. No parameter is near 0, where |x| has its kink.
#include "frontend/compile.h"
#include "ir/models/layers.h"
#include "ir/models/optimizers.h"
#include "runtime/call.h"
#include "runtime/parameters.h"
#include "test/ir/train_fixture.h"

#include <math.h>

enum { In = 5, Out = 3, most_rows = 9, most_ports = 8 };

typedef struct data {
  int N;
  double x[most_rows * In], s[most_rows * Out], t[most_rows * Out], w[Out * In], b[Out];
} data;

static data make_data(int N) {
  data d = {.N = N};
  for (int i = 0; i < N * In; i++)
    d.x[i] = sin(3 * i + 1);
  for (int i = 0; i < N * Out; i++)
    d.s[i] = cos(2 * i), d.t[i] = sin(5 * i + 2);
  for (int i = 0; i < Out * In; i++)
    d.w[i] = (i % 2 ? 1 : -1) * (0.3 + 0.1 * (i % 4));
  for (int i = 0; i < Out; i++)
    d.b[i] = 0.5 - 0.4 * i;
  return d;
}

// mean (y - s)^2 + sum (y - t)^2 + 0.3 L2(w) / sqrt(N Out) + 0.2 (L1(w) + L1(b)) / sqrt(N Out):
// the first loss folds N Out elements, the second none, and both depend on w and b.
static double cost_of(const data *d) {
  const double scale = sqrt(d->N * (double)Out);
  double mean = 0, sum = 0, squares = 0, sizes = 0;
  for (int n = 0; n < d->N; n++)
    for (int o = 0; o < Out; o++) {
      double y = d->b[o];
      for (int i = 0; i < In; i++)
        y += d->w[o * In + i] * d->x[n * In + i];
      const double e = y - d->s[n * Out + o], f = y - d->t[n * Out + o];
      mean += e * e / (d->N * Out);
      sum += f * f;
    }
  for (int i = 0; i < Out * In; i++)
    squares += d->w[i] * d->w[i], sizes += fabs(d->w[i]);
  for (int o = 0; o < Out; o++)
    sizes += fabs(d->b[o]);
  return mean + sum + 0.3 * 0.5 * squares / scale + 0.2 * sizes / scale;
}

static double slope_of(data *d, double *parameter) {
  const double at = *parameter, h = 1e-5;
  *parameter = at + h;
  const double above = cost_of(d);
  *parameter = at - h;
  const double below = cost_of(d);
  *parameter = at;
  return (above - below) / (2 * h);
}

// That cost as a TrainModel; destroys nothing on failure, the test stops.
static mth_train_model *make_train(mth_context *context, mth_model **out_model) {
  mth_model *net = new_model(context);
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("weight", "weight"),
                            MTH_WIRE("bias", "bias"), MTH_WIRE("output", "y")};
  EXPECT_INT(mth_model_add(net, new_linear(context, Out), NULL, wires, 4), MTH_OK);
  mth_train_model *train = new_train(context, net);
  mth_model *const sum[] = {new_op(context, "Sum")};
  const mth_loss_options options = {.struct_bytes = sizeof options, .steps = sum, .step_count = 1};
  EXPECT_INT(add_error(train, "y", "s", NULL), MTH_OK);
  EXPECT_INT(add_error(train, "y", "t", &options), MTH_OK);
  const mth_wire weight = MTH_WIRE("input", "weight");
  EXPECT_INT(mth_train_model_add_regularization(train, new_class(context, "L2"), MTH_COEF(0.3),
                                                &weight, 1, NULL),
             MTH_OK);
  const mth_regularization_options all = {.struct_bytes = sizeof all, .pattern = "^(weight|bias)$"};
  EXPECT_INT(mth_train_model_add_regularization(train, new_class(context, "L1"), MTH_COEF(0.2),
                                                NULL, 0, &all),
             MTH_OK);
  EXPECT_INT(mth_train_model_finalize(train, out_model), MTH_OK);
  return train;
}

// ---- running ------------------------------------------------------------------------------------

typedef struct tensors {
  int64_t extents[most_ports][2];
  DLTensor items[most_ports];
  size_t count;
} tensors;

static void bind(mth_call *call, tensors *t, const char *port, double *values, int rank, int64_t a,
                 int64_t b) {
  const size_t i = t->count++;
  t->extents[i][0] = a;
  t->extents[i][1] = b;
  memset(&t->items[i], 0, sizeof t->items[i]);
  t->items[i].data = values;
  t->items[i].ndim = rank;
  t->items[i].shape = t->extents[i];
  t->items[i].dtype = (DLDataType){2, 64, 1};
  t->items[i].device = (DLDevice){1, 0};
  EXPECT_INT(mth_call_bind(call, port, &t->items[i]), MTH_OK);
}

static const double *output_of(mth_call *call, const char *port) {
  static const double nothing[most_rows * In] = {NAN};
  const DLTensor *output = NULL;
  EXPECT_INT(mth_call_output(call, port, &output), MTH_OK);
  return output ? output->data : nothing;
}

static void bind_data(mth_call *call, tensors *t, data *d, bool with_parameters) {
  bind(call, t, "x", d->x, 2, d->N, In);
  bind(call, t, "s", d->s, 2, d->N, Out);
  bind(call, t, "t", d->t, 2, d->N, Out);
  if (!with_parameters) return;
  bind(call, t, "weight", d->w, 2, Out, In);
  bind(call, t, "bias", d->b, 1, Out, 0);
}

// Compiles with `rows` in front of x, s and t.
static mth_program *compile(mth_model *model, mth_extent rows, mth_entry_kind kind,
                            mth_model *optimizer) {
  static const char *const cost = "final_cost";
  const mth_entry_shape shapes[] = {{"x", MTH_SHAPE(rows, MTH_N(In))},
                                    {"s", MTH_SHAPE(rows, MTH_N(Out))},
                                    {"t", MTH_SHAPE(rows, MTH_N(Out))}};
  const mth_entry_request entry = {.name = "entry",
                                   .kind = kind,
                                   .shapes = shapes,
                                   .shape_count = 3,
                                   .outputs = &cost,
                                   .output_count = kind == MTH_ENTRY_STEP ? 0 : 1,
                                   .loss = kind == MTH_ENTRY_EVALUATE ? NULL : cost,
                                   .optimizer = optimizer};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .float_dtype = MTH_F64, .entries = &entry, .entry_count = 1};
  mth_program *program = NULL;
  EXPECT_INT(mth_compile(model, &options, &program), MTH_OK);
  return program;
}

static void check_gradients(mth_program *program, int N) {
  data d = make_data(N);
  mth_call *call = NULL;
  tensors t = {.count = 0};
  ASSERT(program && mth_call_create(program, "entry", NULL, &call) == MTH_OK);
  bind_data(call, &t, &d, true);
  ASSERT(mth_call_run(call) == MTH_OK);
  const double cost = cost_of(&d), *dw = output_of(call, "weight_gradient");
  EXPECT_NEAR(*output_of(call, "final_cost"), cost, 1e-13 * cost);
  for (int i = 0; i < Out * In; i++)
    EXPECT_NEAR(dw[i], slope_of(&d, &d.w[i]), 1e-8);
  const double *db = output_of(call, "bias_gradient");
  for (int o = 0; o < Out; o++)
    EXPECT_NEAR(db[o], slope_of(&d, &d.b[o]), 1e-8);
  mth_call_destroy(call);
}

TEST(train_model_numerics, cost_and_gradients_agree_with_differences) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  mth_train_model *train = make_train(context, &model);
  ASSERT(model);
  mth_program *fixed = compile(model, MTH_N(6), MTH_ENTRY_GRADIENTS, NULL);
  check_gradients(fixed, 6);
  mth_program *symbolic = compile(model, MTH_DECLARED("N"), MTH_ENTRY_GRADIENTS, NULL);
  for (int N = 1; N <= most_rows; N += 4)
    check_gradients(symbolic, N);
  mth_program_destroy(fixed);
  mth_program_destroy(symbolic);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model_numerics, a_step_minimises_the_cost) {
  mth_context *context = new_context();
  mth_model *model = NULL, *sgd = NULL;
  mth_parameters *parameters = NULL;
  mth_call *call = NULL;
  mth_train_model *train = make_train(context, &model);
  const mth_sgd_options rule = {.struct_bytes = sizeof rule, .learning_rate = 0.01};
  const mth_parameters_options start = {.struct_bytes = sizeof start};
  ASSERT(model && mth_sgd(context, &rule, &sgd) == MTH_OK);
  mth_program *program = compile(model, MTH_N(6), MTH_ENTRY_STEP, sgd);
  ASSERT(program && mth_parameters_create(program, &start, &parameters) == MTH_OK);
  ASSERT(mth_call_create(program, "entry", NULL, &call) == MTH_OK);
  ASSERT(mth_parameters_bind(parameters, call) == MTH_OK);
  data d = make_data(6);
  tensors t = {.count = 0};
  bind_data(call, &t, &d, false);
  const DLTensor *w = mth_parameters_find(parameters, "weight");
  const DLTensor *b = mth_parameters_find(parameters, "bias");
  ASSERT(w && b);
  memcpy(w->data, d.w, sizeof d.w);
  memcpy(b->data, d.b, sizeof d.b);
  double first = 0, last = 0;
  for (int step = 0; step < 10; step++) {
    last = cost_of(&d);
    if (step == 0) first = last;
    double dw[Out * In], db[Out];
    for (int i = 0; i < Out * In; i++)
      dw[i] = slope_of(&d, &d.w[i]);
    for (int o = 0; o < Out; o++)
      db[o] = slope_of(&d, &d.b[o]);
    for (int i = 0; i < Out * In; i++)
      d.w[i] -= 0.01 * dw[i];
    for (int o = 0; o < Out; o++)
      d.b[o] -= 0.01 * db[o];
    ASSERT(mth_call_run(call) == MTH_OK);
    EXPECT_NEAR(*output_of(call, "final_cost"), last, 1e-8);
  }
  EXPECT(last < 0.8 * first);
  for (int i = 0; i < Out * In; i++)
    EXPECT_NEAR(((const double *)w->data)[i], d.w[i], 1e-8);
  mth_call_destroy(call);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  mth_model_destroy(sgd);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

// ---- other models -------------------------------------------------------------------------------

// 1/4 sum (w x - t)^2 over 4 samples + 0.1 (1/2 w K w^T) / 4
TEST(train_model_numerics, a_quadratic_form_of_data) {
  double x[4 * 2] = {1, 2, -1, 0.5, 3, 0, 0.25, -2}, target[4] = {1, 0, -1, 2};
  double w[2] = {0.5, -2}, kernel[4] = {2, 0.5, -1, 3}, wanted = 0;
  mth_context *context = new_context();
  mth_model *linear = NULL, *model = NULL;
  ASSERT(mth_linear(context, 1, false, &linear) == MTH_OK);
  mth_train_model *train = new_train(context, linear);
  const mth_wire wires[] = {MTH_WIRE("input", "weight"), MTH_WIRE("kernel", "kernel")};
  ASSERT(add_error(train, "output", "target", NULL) == MTH_OK);
  ASSERT(mth_train_model_add_regularization(train, new_class(context, "QuadraticFormRegularizer"),
                                            MTH_COEF(0.1), wires, 2, NULL) == MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  const mth_entry_shape shapes[] = {{"input", MTH_SHAPE(MTH_N(4), MTH_N(2))},
                                    {"target", MTH_SHAPE(MTH_N(4), MTH_N(1))}};
  const mth_entry_request entry = {.name = "entry", .shapes = shapes, .shape_count = 2};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .float_dtype = MTH_F64, .entries = &entry, .entry_count = 1};
  mth_program *program = NULL;
  mth_call *call = NULL;
  tensors t = {.count = 0};
  ASSERT(mth_compile(model, &options, &program) == MTH_OK);
  ASSERT(mth_call_create(program, "entry", NULL, &call) == MTH_OK);
  bind(call, &t, "input", x, 2, 4, 2);
  bind(call, &t, "target", target, 2, 4, 1);
  bind(call, &t, "weight", w, 2, 1, 2);
  bind(call, &t, "kernel", kernel, 2, 2, 2);
  ASSERT(mth_call_run(call) == MTH_OK);
  for (int n = 0; n < 4; n++) {
    const double e = w[0] * x[2 * n] + w[1] * x[2 * n + 1] - target[n];
    wanted += e * e / 4;
  }
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++)
      wanted += 0.1 * 0.5 * w[i] * kernel[2 * i + j] * w[j] / 4;
  EXPECT_NEAR(*output_of(call, "final_cost"), wanted, 1e-13 * wanted);
  mth_call_destroy(call);
  mth_program_destroy(program);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

// Two coefficients are two groups, of one number each: 0.1 b^2/2 / 4 + 0.2 |b| / 4 beside the mean.
TEST(train_model_numerics, groups_of_one_parameter) {
  double x[4] = {1, 2, -1, 0.5}, target[4] = {1, 0, -1, 2}, w[1] = {0.5}, b[1] = {-2}, wanted = 0;
  mth_context *context = new_context();
  mth_model *linear = NULL, *model = NULL;
  ASSERT(mth_linear(context, 1, true, &linear) == MTH_OK);
  mth_train_model *train = new_train(context, linear);
  const mth_wire bias = MTH_WIRE("input", "bias");
  ASSERT(add_error(train, "output", "target", NULL) == MTH_OK);
  ASSERT(mth_train_model_add_regularization(train, new_class(context, "L2"), MTH_COEF(0.1), &bias,
                                            1, NULL) == MTH_OK);
  ASSERT(mth_train_model_add_regularization(train, new_class(context, "L1"), MTH_COEF(0.2), &bias,
                                            1, NULL) == MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  const mth_entry_shape shapes[] = {{"input", MTH_SHAPE(MTH_N(4), MTH_N(1))},
                                    {"target", MTH_SHAPE(MTH_N(4), MTH_N(1))}};
  const mth_entry_request entry = {.name = "entry", .shapes = shapes, .shape_count = 2};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .float_dtype = MTH_F64, .entries = &entry, .entry_count = 1};
  mth_program *program = NULL;
  mth_call *call = NULL;
  tensors t = {.count = 0};
  ASSERT(mth_compile(model, &options, &program) == MTH_OK);
  ASSERT(mth_call_create(program, "entry", NULL, &call) == MTH_OK);
  bind(call, &t, "input", x, 2, 4, 1);
  bind(call, &t, "target", target, 2, 4, 1);
  bind(call, &t, "weight", w, 2, 1, 1);
  bind(call, &t, "bias", b, 1, 1, 0);
  ASSERT(mth_call_run(call) == MTH_OK);
  for (int n = 0; n < 4; n++) {
    const double e = w[0] * x[n] + b[0] - target[n];
    wanted += e * e / 4;
  }
  wanted += 0.1 * 0.5 * 4 / 4 + 0.2 * 2 / 4;
  EXPECT_NEAR(*output_of(call, "final_cost"), wanted, 1e-13 * wanted);
  mth_call_destroy(call);
  mth_program_destroy(program);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model_numerics, estimators_and_silu) {
  double x[4 * 2] = {1, 2, -1, 0.5, 3, 0, 0.25, -2}, w[2] = {0.5, -2}, b[1] = {0.25};
  static const struct {
    const char *name, *extra;
  } rows[] = {{"LinearSVM", "decision_output"}, {"LogisticRegression", "probs_output"}};
  mth_context *context = new_context();
  const mth_entry_shape shape = {"input", MTH_SHAPE(MTH_N(4), MTH_N(2))};
  const mth_entry_request entry = {.name = "entry", .shapes = &shape, .shape_count = 1};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .float_dtype = MTH_F64, .entries = &entry, .entry_count = 1};
  for (size_t row = 0; row < 3; row++) {
    mth_model *model = new_class(context, row < 2 ? rows[row].name : "SiLU");
    mth_program *program = NULL;
    mth_call *call = NULL;
    tensors t = {.count = 0};
    ASSERT(mth_compile(model, &options, &program) == MTH_OK);
    ASSERT(mth_call_create(program, "entry", NULL, &call) == MTH_OK);
    bind(call, &t, "input", x, 2, 4, 2);
    if (row < 2) bind(call, &t, "weight", w, 2, 1, 2);
    if (row < 2) bind(call, &t, "bias", b, 1, 1, 0);
    ASSERT(mth_call_run(call) == MTH_OK);
    const double *y = output_of(call, "output");
    const double *extra = row < 2 ? output_of(call, rows[row].extra) : NULL;
    for (int n = 0; n < 8; n++) {
      const double z = n < 4 ? w[0] * x[2 * n] + w[1] * x[2 * n + 1] + b[0] : 0;
      if (row == 2) EXPECT_NEAR(y[n], x[n] / (1 + exp(-x[n])), 1e-15);
      if (row == 2 || n >= 4) continue;
      EXPECT_NEAR(y[n], z, 1e-15);
      EXPECT_NEAR(extra[n], row == 0 ? (z > 0) - (z < 0) : 1 / (1 + exp(-z)), 1e-15);
    }
    mth_call_destroy(call);
    mth_program_destroy(program);
    mth_model_destroy(model);
  }
  mth_context_destroy(context);
}
