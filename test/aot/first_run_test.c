// first_run_test.c: a model made, compiled and trained through the public interface alone, its
// shapes given by the first run.
#include "frontend/mithril.h"
#include "test/harness/harness.h"

#include <math.h>

enum { rows = 32, inputs = 8, hidden = 16, outputs = 4 };

typedef struct setting {
  mth_context *context;
  mth_model *model, *optimizer;
  mth_program *program;
  float x[rows * inputs], y[rows * outputs];
  int64_t x_shape[2], y_shape[2];
  DLTensor x_tensor, y_tensor;
} setting;

// x -> Linear 16 -> relu -> Linear 4 -> prediction; mean of squared errors against y -> loss
static mth_status make_model(mth_context *context, mth_model **out_model) {
  mth_model *m = NULL, *child = NULL;
  MTH_TRY(mth_model_create(context, NULL, &m));
  *out_model = m;
  MTH_TRY(mth_linear(context, hidden, true, &child));
  MTH_TRY(mth_model_append(m, child, "first", (mth_wire[]){MTH_WIRE("input", "x")}, 1));
  MTH_TRY(mth_model_create_op(context, "Relu", NULL, 0, &child));
  MTH_TRY(mth_model_append(m, child, NULL, NULL, 0));
  MTH_TRY(mth_linear(context, outputs, true, &child));
  MTH_TRY(mth_model_append(m, child, "second", (mth_wire[]){MTH_WIRE("output", "prediction")}, 1));
  MTH_TRY(mth_model_create_op(context, "SquaredError", NULL, 0, &child));
  MTH_TRY(mth_model_append(
      m, child, NULL, (mth_wire[]){MTH_WIRE("input", "prediction"), MTH_WIRE("target", "y")}, 2));
  MTH_TRY(mth_model_create_op(context, "Mean", NULL, 0, &child));
  MTH_TRY(mth_model_append(m, child, NULL, (mth_wire[]){MTH_WIRE("output", "loss")}, 1));
  MTH_TRY(mth_model_expose(m, mth_model_find(m, "prediction"), NULL));
  return mth_model_expose(m, mth_model_find(m, "loss"), NULL);
}

static bool open_setting(setting *s) {
  *s = (setting){0};
  for (int i = 0; i < rows * inputs; ++i)
    s->x[i] = (float)(i * 37 % 101) / 50.5f - 1;
  for (int i = 0; i < rows * outputs; ++i) {
    const float *row = &s->x[i / outputs * inputs + i % outputs];
    s->y[i] = 0.5f * row[0] + 0.25f * row[outputs];
  }
  s->x_shape[0] = s->y_shape[0] = rows, s->x_shape[1] = inputs, s->y_shape[1] = outputs;
  s->x_tensor = mth_tensor_make(MTH_F32, 2, s->x_shape, s->x);
  s->y_tensor = mth_tensor_make(MTH_F32, 2, s->y_shape, s->y);
  static const char *const prediction[] = {"prediction"};
  const mth_sgd_options sgd = {.struct_bytes = sizeof sgd, .learning_rate = 0.1, .momentum = 0.9};
  if (mth_context_create(NULL, &s->context) != MTH_OK) return false;
  mth_status status = make_model(s->context, &s->model);
  if (status == MTH_OK) status = mth_sgd(s->context, &sgd, &s->optimizer);
  static mth_entry_request entries[2]; // a late program reads them again
  entries[0] = (mth_entry_request){.name = "predict", .outputs = prediction, .output_count = 1};
  entries[1] = (mth_entry_request){
      .name = "step", .kind = MTH_ENTRY_STEP, .loss = "loss", .optimizer = s->optimizer};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = entries, .entry_count = 2};
  if (status == MTH_OK) status = mth_compile(s->model, &options, &s->program);
  EXPECT_TEXT(mth_context_diagnostic(s->context)->message, "");
  return status == MTH_OK;
}

static void close_setting(setting *s) {
  mth_program_destroy(s->program);
  mth_model_destroy(s->optimizer);
  mth_model_destroy(s->model);
  mth_context_destroy(s->context);
}

static mth_status open_call(setting *s, const char *entry, mth_call **out_call) {
  const mth_call_options options = {.struct_bytes = sizeof options,
                                    .sink = mth_context_sink(s->context)};
  MTH_TRY(mth_call_create(s->program, entry, &options, out_call));
  return mth_call_bind(*out_call, "x", &s->x_tensor);
}

static const float *data_of(const mth_parameters *parameters, const char *name) {
  return mth_parameters_find(parameters, name)->data;
}

// Row `row` of the network, in f64.
static void predict_row(const setting *s, const mth_parameters *p, int64_t row, double *out) {
  const float *w1 = data_of(p, "first_weight"), *b1 = data_of(p, "first_bias");
  const float *w2 = data_of(p, "second_weight"), *b2 = data_of(p, "second_bias");
  double middle[hidden];
  for (int h = 0; h < hidden; ++h) {
    middle[h] = (double)b1[h];
    for (int i = 0; i < inputs; ++i)
      middle[h] += (double)s->x[row * inputs + i] * (double)w1[h * inputs + i];
    if (middle[h] < 0) middle[h] = 0;
  }
  for (int o = 0; o < outputs; ++o) {
    out[o] = (double)b2[o];
    for (int h = 0; h < hidden; ++h)
      out[o] += middle[h] * (double)w2[o * hidden + h];
  }
}

TEST(first_run, a_model_is_trained_and_predicts_for_other_sizes) {
  static setting s;
  ASSERT(open_setting(&s));
  mth_call *step, *predict;
  mth_parameters *parameters;
  ASSERT(open_call(&s, "step", &step) == MTH_OK);
  ASSERT(open_call(&s, "predict", &predict) == MTH_OK);
  ASSERT(mth_call_bind(step, "y", &s.y_tensor) == MTH_OK);
  ASSERT(mth_call_reserve(step) == MTH_OK);
  ASSERT(mth_parameters_create(s.program, NULL, &parameters) == MTH_OK);
  ASSERT(mth_parameters_bind(parameters, step) == MTH_OK);
  ASSERT(mth_parameters_bind(parameters, predict) == MTH_OK);
  float first = 0, last = 0;
  for (int i = 0; i < 100; ++i) {
    const DLTensor *loss;
    ASSERT(mth_call_run(step) == MTH_OK);
    ASSERT(mth_call_output(step, "loss", &loss) == MTH_OK);
    last = *(const float *)loss->data;
    if (i == 0) first = last;
  }
  EXPECT_NEAR(last / first, 0, 0.03); // NumPy in f64: 0.008
  const int64_t sizes[] = {rows, 1, 13};
  for (int k = 0; k < 3; ++k) {
    const DLTensor *prediction;
    s.x_shape[0] = sizes[k];
    ASSERT(mth_call_run(predict) == MTH_OK);
    ASSERT(mth_call_output(predict, "prediction", &prediction) == MTH_OK);
    EXPECT_INT(prediction->shape[0], sizes[k]);
    for (int64_t row = 0; row < sizes[k]; ++row) {
      double wanted[outputs];
      predict_row(&s, parameters, row, wanted);
      for (int o = 0; o < outputs; ++o) // sums of 8 and 16 terms below 4: far below 1e-5 in f32
        EXPECT_NEAR(((const float *)prediction->data)[row * outputs + o], wanted[o], 1e-5);
    }
  }
  mth_call_destroy(step);
  mth_call_destroy(predict);
  mth_parameters_destroy(parameters);
  close_setting(&s);
}
