// fine_tune.c: a layer is frozen and the one behind it is trained by hand: the program hands out
// gradients, loss and update are written here. Then the weights become part of the code.
//
//   build/bin/fine_tune
#include "frontend/mithril.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { batch = 64, inputs = 4, hidden = 16, steps = 300, report_every = 100 };

// input -> Linear 16 `features` -> tanh -> Linear 1 `head` -> output
static mth_status compose(mth_context *context, mth_model **out_model) {
  mth_model *net = NULL, *features = NULL, *tanh = NULL, *head = NULL;
  MTH_TRY(mth_model_create(context, "Net", &net));
  *out_model = net;
  MTH_TRY(mth_linear(context, hidden, true, &features));
  MTH_TRY(mth_model_append(net, features, "features", (mth_wire[]){MTH_WIRE("input", "input")}, 1));
  MTH_TRY(mth_model_create_op(context, "Tanh", NULL, 0, &tanh));
  MTH_TRY(mth_model_append(net, tanh, NULL, NULL, 0));
  MTH_TRY(mth_linear(context, 1, true, &head));
  return mth_model_append(net, head, "head", NULL, 0);
}

static const mth_key_shape input_shape = {
    {.name = "input"},
    {2, (const mth_extent[]){{.kind = MTH_EXTENT_INT, .value = batch},
                             {.kind = MTH_EXTENT_INT, .value = inputs}}}};

static mth_status compile_to_train(mth_model *net, mth_program **out_program) {
  static const char *const frozen[] = {"features_weight", "features_bias"};
  const mth_entry_request entries[] = {{.name = "evaluate"},
                                       {.name = "gradients",
                                        .kind = MTH_ENTRY_GRADIENTS,
                                        .constant_parameters = frozen,
                                        .constant_parameter_count = 2}};
  const mth_physical_options keys = {.struct_bytes = sizeof keys,
                                     .naming = MTH_NAMING_LONG,
                                     .shapes = &input_shape,
                                     .shape_count = 1};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = entries, .entry_count = 2, .physical = &keys};
  return mth_compile(net, &options, out_program);
}

// ---- training by hand ---------------------------------------------------------------------------

typedef struct trainer {
  mth_parameters *parameters;
  mth_call *evaluate, *gradients;
  float points[batch][inputs], wanted[batch], cotangent[batch];
} trainer;

static void make_data(trainer *t) {
  for (int i = 0; i < batch; ++i) {
    float sum = 0;
    for (int k = 0; k < inputs; ++k)
      sum += t->points[i][k] = sinf((float)(7 * i + 3 * k));
    t->wanted[i] = sinf(sum);
  }
}

// The mean of the squared differences; its gradient becomes the cotangent of `output`.
static double measure(trainer *t, const float *output) {
  double loss = 0;
  for (int i = 0; i < batch; ++i) {
    const float difference = output[i] - t->wanted[i];
    t->cotangent[i] = 2 * difference / (float)batch;
    loss += (double)(difference * difference / (float)batch);
  }
  return loss;
}

static mth_status descend(trainer *t, const char *name, const char *gradient_name, int64_t count) {
  float *parameter = mth_parameters_find(t->parameters, name)->data;
  const DLTensor *gradient;
  MTH_TRY(mth_call_output(t->gradients, gradient_name, &gradient));
  for (int64_t i = 0; i < count; ++i)
    parameter[i] -= 0.2f * ((const float *)gradient->data)[i];
  return MTH_OK;
}

static mth_status train(trainer *t) {
  for (int step = 0; step <= steps; ++step) {
    const DLTensor *output;
    MTH_TRY(mth_call_run(t->evaluate));
    MTH_TRY(mth_call_output(t->evaluate, "output", &output));
    const double loss = measure(t, output->data);
    if (step % report_every == 0) printf("step %3d  loss %.4f\n", step, loss);
    MTH_TRY(mth_call_run(t->gradients));
    MTH_TRY(descend(t, "head_weight", "head_weight_gradient", hidden));
    MTH_TRY(descend(t, "head_bias", "head_bias_gradient", 1));
  }
  return MTH_OK;
}

// ---- the weights as constants -------------------------------------------------------------------

// One parameter, as a constant of the model.
typedef struct fixed {
  double numbers[hidden * inputs];
  mth_constant constant;
} fixed;

static mth_key_constant fix(const mth_parameters *parameters, const char *name, fixed *storage) {
  const DLTensor *parameter = mth_parameters_find(parameters, name);
  int64_t count = 1;
  for (int32_t d = 0; d < parameter->ndim; ++d)
    count *= parameter->shape[d];
  for (int64_t i = 0; i < count; ++i)
    storage->numbers[i] = (double)((const float *)parameter->data)[i];
  storage->constant = (mth_constant){.dtype = MTH_F64,
                                     .rank = (size_t)parameter->ndim,
                                     .extents = parameter->shape,
                                     .data = storage->numbers};
  return (mth_key_constant){.key = MTH_REF(name), .constant = &storage->constant};
}

static mth_status compile_fixed(mth_model *net, const mth_parameters *parameters,
                                mth_program **out_program) {
  static const char *const names[] = {"features_weight", "features_bias", "head_weight",
                                      "head_bias"};
  fixed storage[4];
  mth_key_constant constants[4];
  for (size_t i = 0; i < 4; ++i)
    constants[i] = fix(parameters, names[i], &storage[i]);
  const mth_physical_options keys = {.struct_bytes = sizeof keys,
                                     .constants = constants,
                                     .constant_count = 4,
                                     .shapes = &input_shape,
                                     .shape_count = 1,
                                     .inference = true};
  const mth_compile_options options = {.struct_bytes = sizeof options, .physical = &keys};
  return mth_compile(net, &options, out_program);
}

static mth_status compare(mth_program *program, const DLTensor *points, const DLTensor *trained) {
  const DLTensor *output;
  mth_call *call;
  MTH_TRY(mth_call_create(program, "evaluate", NULL, &call));
  mth_status status = mth_call_bind(call, "input", points);
  if (status == MTH_OK) status = mth_call_run(call);
  if (status == MTH_OK) status = mth_call_output(call, "output", &output);
  if (status == MTH_OK) {
    double most = 0;
    for (int i = 0; i < batch; ++i)
      most = fmax(most, fabs((double)(((const float *)output->data)[i] -
                                      ((const float *)trained->data)[i])));
    printf("with constant weights: %s\n", most < 1e-6 ? "the same" : "other outputs");
  }
  mth_call_destroy(call);
  return status;
}

// ---- all ----------------------------------------------------------------------------------------

static mth_status run_with(trainer *t, mth_model *net, mth_program *program,
                           const mth_call_options *reports, mth_program **out_fixed) {
  int64_t points_shape[] = {batch, inputs}, output_shape[] = {batch, 1};
  const DLTensor points = mth_tensor_make(MTH_F32, 2, points_shape, t->points);
  const DLTensor cotangent = mth_tensor_make(MTH_F32, 2, output_shape, t->cotangent), *trained;
  float before[hidden * inputs];
  MTH_TRY(mth_parameters_create(program, NULL, &t->parameters));
  MTH_TRY(mth_call_create(program, "evaluate", reports, &t->evaluate));
  MTH_TRY(mth_call_create(program, "gradients", reports, &t->gradients));
  MTH_TRY(mth_parameters_bind(t->parameters, t->evaluate));
  MTH_TRY(mth_parameters_bind(t->parameters, t->gradients));
  MTH_TRY(mth_call_bind(t->evaluate, "input", &points));
  MTH_TRY(mth_call_bind(t->gradients, "input", &points));
  MTH_TRY(mth_call_bind(t->gradients, "output_gradient", &cotangent));
  const float *features = mth_parameters_find(t->parameters, "features_weight")->data;
  memcpy(before, features, sizeof before);
  make_data(t);
  MTH_TRY(train(t));
  printf("frozen weights: %s\n",
         memcmp(before, features, sizeof before) == 0 ? "unchanged" : "changed");
  MTH_TRY(mth_call_run(t->evaluate));
  MTH_TRY(mth_call_output(t->evaluate, "output", &trained));
  MTH_TRY(compile_fixed(net, t->parameters, out_fixed));
  return compare(*out_fixed, &points, trained);
}

static mth_status run(mth_context *context) {
  static trainer t;
  mth_model *net = NULL;
  mth_program *program = NULL, *fixed = NULL;
  const mth_call_options reports = {.struct_bytes = sizeof reports,
                                    .sink = mth_context_sink(context)};
  mth_status status = compose(context, &net);
  if (status == MTH_OK) status = compile_to_train(net, &program);
  if (status == MTH_OK) status = run_with(&t, net, program, &reports, &fixed);
  mth_call_destroy(t.evaluate);
  mth_call_destroy(t.gradients);
  mth_parameters_destroy(t.parameters);
  mth_program_destroy(program);
  mth_program_destroy(fixed);
  mth_model_destroy(net);
  return status;
}

int main(void) {
  mth_context *context;
  if (mth_context_create(NULL, &context) != MTH_OK) return 1;
  const mth_status status = run(context);
  if (status != MTH_OK) {
    const mth_diagnostic *why = mth_context_diagnostic(context);
    fprintf(stderr, "%s: %s\n", why->where, why->message);
  }
  mth_context_destroy(context);
  return status != MTH_OK;
}
