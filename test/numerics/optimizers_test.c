// optimizers_test.c: compiled update rules and a compiled training step against naive C loops.
//
// Tolerance: the loops are in double, the programs in f32. An update is a dozen f32 operations on
// numbers near 1, so 1e-6 of the parameter's size holds for a few steps; 2e-5 for the loss of a
// trained model after 20.
#include "frontend/compile.h"
#include "ir/models/layers.h"
#include "ir/models/optimizers.h"
#include "runtime/call.h"
#include "runtime/parameters.h"
#include "test/harness/harness.h"

#include <math.h>
#include <string.h>

enum { elems = 37, steps = 5 };

static DLTensor tensor(void *data, int32_t rank, int64_t *extents) {
  DLTensor t;
  memset(&t, 0, sizeof t);
  t.data = data;
  t.ndim = rank;
  t.shape = extents;
  t.dtype = (DLDataType){2, 32, 1};
  t.device = (DLDevice){1, 0};
  return t;
}

// Runs `steps` updates of `model`; every slot's output goes back into its input.
typedef struct rule_run {
  mth_context *context;
  mth_program *program;
  mth_call *call;
  float parameter[elems], gradient[elems], slots[2][elems], count;
  int64_t extents[1];
  DLTensor tensors[5];
} rule_run;

static const char *const keys[5] = {"parameter", "gradient", "", "", "step_count"};

static bool set_up(rule_run *run, mth_context *context, mth_model *model,
                   const char *const slots[2]) {
  mth_entry_shape shapes[5];
  size_t count = 0;
  *run = (rule_run){.context = context, .extents = {elems}};
  for (size_t i = 0; i < 5; i++) {
    const char *key = i == 2 || i == 3 ? slots[i - 2] : keys[i];
    if (key)
      shapes[count++] = (mth_entry_shape){key, i == 4 ? MTH_SCALAR_SHAPE : MTH_SHAPE(MTH_N(elems))};
  }
  const mth_entry_request entry = {.name = "update", .shapes = shapes, .shape_count = count};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  const mth_call_options reports = {.struct_bytes = sizeof reports,
                                    .sink = mth_context_sink(context)};
  if (mth_compile(model, &options, &run->program) != MTH_OK ||
      mth_call_create(run->program, "update", &reports, &run->call) != MTH_OK)
    return false;
  float *const data[5] = {run->parameter, run->gradient, run->slots[0], run->slots[1], &run->count};
  for (size_t i = 0; i < 5; i++) {
    const char *key = i == 2 || i == 3 ? slots[i - 2] : keys[i];
    run->tensors[i] = tensor(data[i], i == 4 ? 0 : 1, run->extents);
    if (key && mth_call_bind(run->call, key, &run->tensors[i]) != MTH_OK) return false;
  }
  for (int i = 0; i < elems; i++)
    run->parameter[i] = (float)sin(i);
  return true;
}

static void take(rule_run *run, const char *key, float *into, size_t count) {
  const DLTensor *output = NULL;
  EXPECT_INT(mth_call_output(run->call, key, &output), MTH_OK);
  if (output) memcpy(into, output->data, count * sizeof *into);
}

static void tear_down(rule_run *run, mth_model *model) {
  mth_call_destroy(run->call);
  mth_program_destroy(run->program);
  mth_model_destroy(model);
  mth_context_destroy(run->context);
}

static double gradient_of(double parameter, int step, int i) {
  return parameter - cos(3 * i) + 0.1 * step;
}

TEST(optimizers_numerics, adam) {
  mth_context *context = NULL;
  mth_model *adam = NULL;
  rule_run run;
  double p[elems], m[elems] = {0}, v[elems] = {0};
  const mth_adam_options options = {.struct_bytes = sizeof options, .learning_rate = 0.05};
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(mth_adam(context, &options, &adam) == MTH_OK);
  ASSERT(set_up(&run, context, adam, (const char *const[]){"m", "v"}));
  for (int i = 0; i < elems; i++)
    p[i] = run.parameter[i];
  for (int step = 1; step <= steps; step++) {
    for (int i = 0; i < elems; i++) {
      const double g = gradient_of(p[i], step, i);
      run.gradient[i] = (float)g;
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      p[i] -= 0.05 * (m[i] / (1 - pow(0.9, step))) / (sqrt(v[i] / (1 - pow(0.999, step))) + 1e-8);
    }
    ASSERT(mth_call_run(run.call) == MTH_OK);
    take(&run, "new_parameter", run.parameter, elems);
    take(&run, "new_m", run.slots[0], elems);
    take(&run, "new_v", run.slots[1], elems);
    take(&run, "new_step_count", &run.count, 1);
    for (int i = 0; i < elems; i++)
      EXPECT_NEAR(run.parameter[i], p[i], 1e-6);
  }
  EXPECT_NEAR(run.count, steps, 0);
  tear_down(&run, adam);
}

TEST(optimizers_numerics, sgd_with_momentum_and_decay) {
  mth_context *context = NULL;
  mth_model *sgd = NULL;
  rule_run run;
  double p[elems], momentum[elems] = {0};
  const mth_sgd_options options = {
      .struct_bytes = sizeof options, .learning_rate = 0.05, .momentum = 0.9, .weight_decay = 0.01};
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(mth_sgd(context, &options, &sgd) == MTH_OK);
  ASSERT(set_up(&run, context, sgd, (const char *const[]){"momentum", NULL}));
  for (int i = 0; i < elems; i++)
    p[i] = run.parameter[i];
  for (int step = 1; step <= steps; step++) {
    for (int i = 0; i < elems; i++) {
      const double g = gradient_of(p[i], step, i);
      run.gradient[i] = (float)g;
      momentum[i] = 0.9 * momentum[i] + g + 0.01 * p[i];
      p[i] -= 0.05 * momentum[i];
    }
    ASSERT(mth_call_run(run.call) == MTH_OK);
    take(&run, "new_parameter", run.parameter, elems);
    take(&run, "new_momentum", run.slots[0], elems);
    take(&run, "new_step_count", &run.count, 1);
    for (int i = 0; i < elems; i++)
      EXPECT_NEAR(run.parameter[i], p[i], 2e-6);
  }
  tear_down(&run, sgd);
}

// ---- a training step ----------------------------------------------------------------------------

enum { N = 6, In = 5, Out = 3 };

// Linear(3), squared error, mean; named x, y, weight, bias, loss.
static mth_status make_regression(mth_context *context, mth_model **out_model) {
  mth_model *m = NULL, *child = NULL;
  MTH_TRY(mth_model_create(context, NULL, &m));
  MTH_TRY(mth_linear(context, Out, true, &child));
  const mth_wire linear[] = {MTH_WIRE("input", "x"), MTH_WIRE("weight", "weight"),
                             MTH_WIRE("bias", "bias")};
  MTH_TRY(mth_model_append(m, child, NULL, linear, 3));
  MTH_TRY(mth_model_create_op(context, "squared_error", NULL, 0, &child));
  MTH_TRY(mth_model_append(m, child, NULL, (mth_wire[]){MTH_WIRE("target", "y")}, 1));
  MTH_TRY(mth_model_create_op(context, "mean", NULL, 0, &child));
  MTH_TRY(mth_model_append(m, child, NULL, (mth_wire[]){MTH_WIRE("output", "loss")}, 1));
  *out_model = m;
  return mth_model_expose(m, mth_model_find(m, "loss"), NULL);
}

// One step of gradient descent on mean((x w^T + b - y)^2); returns the loss before it.
static double descend(double w[Out][In], double b[Out], float x[N][In], float y[N][Out],
                      double rate) {
  double dw[Out][In] = {{0}}, db[Out] = {0}, loss = 0;
  for (int n = 0; n < N; n++)
    for (int o = 0; o < Out; o++) {
      double error = b[o] - y[n][o];
      for (int i = 0; i < In; i++)
        error += w[o][i] * x[n][i];
      loss += error * error / (N * Out);
      db[o] += 2 * error / (N * Out);
      for (int i = 0; i < In; i++)
        dw[o][i] += 2 * error * x[n][i] / (N * Out);
    }
  for (int o = 0; o < Out; o++) {
    b[o] -= rate * db[o];
    for (int i = 0; i < In; i++)
      w[o][i] -= rate * dw[o][i];
  }
  return loss;
}

TEST(optimizers_numerics, a_training_step_is_gradient_descent) {
  mth_context *context = NULL;
  mth_model *m = NULL, *sgd = NULL;
  mth_program *program = NULL;
  mth_parameters *parameters = NULL;
  mth_call *call = NULL;
  float x[N][In], y[N][Out];
  double w[Out][In], b[Out];
  const mth_sgd_options rule = {.struct_bytes = sizeof rule, .learning_rate = 0.2};
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(make_regression(context, &m) == MTH_OK);
  ASSERT(mth_sgd(context, &rule, &sgd) == MTH_OK);
  const mth_entry_shape shapes[] = {{"x", MTH_SHAPE(MTH_N(N), MTH_N(In))},
                                    {"y", MTH_SHAPE(MTH_N(N), MTH_N(Out))}};
  const mth_entry_request entry = {.name = "step",
                                   .kind = MTH_ENTRY_STEP,
                                   .loss = "loss",
                                   .optimizer = sgd,
                                   .shapes = shapes,
                                   .shape_count = 2};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  ASSERT(mth_compile(m, &options, &program) == MTH_OK);
  ASSERT(mth_parameters_create(program, NULL, &parameters) == MTH_OK);
  ASSERT(mth_call_create(program, "step", NULL, &call) == MTH_OK);
  ASSERT(mth_parameters_bind(parameters, call) == MTH_OK);
  for (int n = 0; n < N; n++) {
    for (int i = 0; i < In; i++)
      x[n][i] = (float)sin(n * In + i);
    for (int o = 0; o < Out; o++)
      y[n][o] = (float)cos(n + 2 * o);
  }
  DLTensor x_tensor = tensor(x, 2, (int64_t[]){N, In}),
           y_tensor = tensor(y, 2, (int64_t[]){N, Out});
  ASSERT(mth_call_bind(call, "x", &x_tensor) == MTH_OK);
  ASSERT(mth_call_bind(call, "y", &y_tensor) == MTH_OK);
  const DLTensor *weight = mth_parameters_find(parameters, "weight");
  const DLTensor *bias = mth_parameters_find(parameters, "bias"), *loss = NULL;
  ASSERT(weight && bias);
  const float *start = weight->data, *bias_start = bias->data;
  for (int o = 0; o < Out; o++) {
    b[o] = bias_start[o];
    for (int i = 0; i < In; i++) {
      w[o][i] = start[o * In + i];
      EXPECT(fabs(w[o][i]) <= 1 / sqrt(In) && w[o][i] != 0); // uniform +-1/sqrt(in)
    }
  }
  double first = 0, last = 0;
  for (int step = 0; step < 20; step++) {
    last = descend(w, b, x, y, 0.2);
    if (step == 0) first = last;
    ASSERT(mth_call_run(call) == MTH_OK);
    ASSERT(mth_call_output(call, "loss", &loss) == MTH_OK);
    EXPECT_NEAR(*(const float *)loss->data, last, 2e-5);
  }
  EXPECT(last < 0.7 * first);
  for (int o = 0; o < Out; o++)
    for (int i = 0; i < In; i++)
      EXPECT_NEAR(((const float *)weight->data)[o * In + i], w[o][i], 2e-5);
  mth_call_destroy(call);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_model_destroy(sgd);
  mth_context_destroy(context);
}
