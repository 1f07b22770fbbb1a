// train_mlp.c: a network is composed, compiled and trained on a spiral in one process; then it
// classifies points in batches of other sizes, without being compiled again.
//
//   build/bin/train_mlp
#include "frontend/mithril.h"

#include <math.h>
#include <stdio.h>

enum { batch = 96, steps = 400, report_every = 100 };

// input -> Linear 32 -> tanh -> Linear 32 -> tanh -> Linear 2 -> logits; cross entropy -> loss
static mth_status compose(mth_context *context, mth_model **out_model) {
  static const char *const tanhs[] = {"tanh", "tanh", NULL};
  static const int64_t sizes[] = {32, 32, 2};
  mth_model *net = NULL, *mlp = NULL, *error = NULL, *mean = NULL;
  MTH_TRY(mth_model_create(context, "Net", &net));
  MTH_TRY(mth_mlp(context, 3, tanhs, sizes, &mlp));
  MTH_TRY(mth_model_append(
      net, mlp, NULL, (mth_wire[]){MTH_WIRE("input", "input"), MTH_WIRE("output", "logits")}, 2));
  MTH_TRY(mth_model_create_class(context, "CrossEntropy", NULL, 0, &error));
  MTH_TRY(mth_model_append(net, error, NULL,
                           (mth_wire[]){MTH_WIRE("input", "logits"), MTH_WIRE("target", "classes")},
                           2));
  // Class ids, not probabilities.
  MTH_TRY(mth_connection_set_families(mth_model_find(net, "classes"), MTH_FAMILY_INT));
  MTH_TRY(mth_model_create_op(context, "Mean", NULL, 0, &mean));
  MTH_TRY(mth_model_append(net, mean, NULL, (mth_wire[]){MTH_WIRE("output", "loss")}, 1));
  MTH_TRY(mth_model_expose(net, mth_model_find(net, "logits"), NULL));
  *out_model = net;
  return mth_model_expose(net, mth_model_find(net, "loss"), NULL);
}

// Point i of two arms that wind around each other.
static void make_point(int i, float point[2], int64_t *out_class) {
  const double angle = 0.07 * (double)(i / 2), radius = 0.15 + 0.25 * angle;
  const double turn = i % 2 ? 3.14159265358979 : 0;
  point[0] = (float)(radius * cos(angle + turn));
  point[1] = (float)(radius * sin(angle + turn));
  *out_class = i % 2;
}

typedef struct data {
  float points[batch][2];
  int64_t classes[batch];
} data;

static mth_status train(mth_program *program, mth_parameters *parameters, data *d) {
  int64_t shape[] = {batch, 2};
  const DLTensor input = mth_tensor_make(MTH_F32, 2, shape, d->points);
  const DLTensor classes = mth_tensor_make(MTH_I64, 1, shape, d->classes);
  mth_call *step;
  MTH_TRY(mth_call_create(program, "step", NULL, &step));
  mth_status status = mth_parameters_bind(parameters, step);
  if (status == MTH_OK) status = mth_call_bind(step, "input", &input);
  if (status == MTH_OK) status = mth_call_bind(step, "classes", &classes);
  for (int i = 0; i <= steps && status == MTH_OK; ++i) {
    const DLTensor *loss;
    status = mth_call_run(step);
    if (status == MTH_OK) status = mth_call_output(step, "loss", &loss);
    if (status == MTH_OK && i % report_every == 0)
      printf("step %3d  loss %.4f\n", i, (double)*(const float *)loss->data);
  }
  mth_call_destroy(step);
  return status;
}

static mth_status classify(mth_program *program, mth_parameters *parameters, data *d,
                           int64_t count) {
  int64_t shape[] = {count, 2};
  const DLTensor input = mth_tensor_make(MTH_F32, 2, shape, d->points);
  const DLTensor *logits;
  mth_call *predict;
  MTH_TRY(mth_call_create(program, "predict", NULL, &predict));
  mth_status status = mth_parameters_bind(parameters, predict);
  if (status == MTH_OK) status = mth_call_bind(predict, "input", &input);
  if (status == MTH_OK) status = mth_call_run(predict);
  if (status == MTH_OK) status = mth_call_output(predict, "logits", &logits);
  int64_t right = 0;
  for (int64_t i = 0; i < count && status == MTH_OK; ++i) {
    const float *row = (const float *)logits->data + 2 * i;
    right += (row[1] > row[0]) == d->classes[i];
  }
  if (status == MTH_OK) printf("%d of %d points right\n", (int)right, (int)count);
  mth_call_destroy(predict);
  return status;
}

static mth_status run(mth_context *context) {
  const mth_adam_options adam_options = {.struct_bytes = sizeof adam_options,
                                         .learning_rate = 0.01};
  static const char *const logits[] = {"logits"};
  static data d;
  mth_model *net = NULL, *adam = NULL;
  mth_program *program = NULL;
  mth_parameters *parameters = NULL;
  for (int i = 0; i < batch; ++i)
    make_point(i, d.points[i], &d.classes[i]);
  mth_status status = compose(context, &net);
  if (status == MTH_OK) status = mth_adam(context, &adam_options, &adam);
  const mth_entry_shape training[] = {{"input", MTH_SHAPE(MTH_N(batch), MTH_N(2))},
                                      {"classes", MTH_SHAPE(MTH_N(batch))}};
  const mth_entry_shape any_batch[] = {{"input", MTH_SHAPE(MTH_DECLARED("B"), MTH_N(2))}};
  const mth_entry_request entries[] = {{.name = "step",
                                        .kind = MTH_ENTRY_STEP,
                                        .loss = "loss",
                                        .optimizer = adam,
                                        .shapes = training,
                                        .shape_count = 2},
                                       {.name = "predict",
                                        .outputs = logits,
                                        .output_count = 1,
                                        .shapes = any_batch,
                                        .shape_count = 1}};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = entries, .entry_count = 2};
  if (status == MTH_OK) status = mth_compile(net, &options, &program);
  if (status == MTH_OK) status = mth_parameters_create(program, NULL, &parameters);
  if (status == MTH_OK) status = train(program, parameters, &d);
  if (status == MTH_OK) status = classify(program, parameters, &d, batch);
  if (status == MTH_OK) status = classify(program, parameters, &d, 7);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  mth_model_destroy(adam);
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
