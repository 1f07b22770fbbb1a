// same_bits_test.c: a program that was compiled when this test was built, and linked into it, gives
// the bits of the same program compiled now, for any number of threads.
#include "frontend/compile_text.h"
#include "mlp.h"
#include "runtime/parameters.h"
#include "test/harness/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { x_columns = 8, y_columns = 4, step_rows = 32, most_rows = 300 };

// The program linked in, and the one that the JIT makes of the same module.
typedef struct setting {
  mth_context *context;
  mth_program *linked, *made;
  float x[most_rows * x_columns], y[step_rows * y_columns], rate;
} setting;

static char *read_module(size_t *out_bytes) {
  FILE *file = fopen(MTH_MLP_MODULE, "rb");
  char *text = file ? calloc(1, 1 << 20) : NULL;
  *out_bytes = text ? fread(text, 1, 1 << 20, file) : 0;
  if (file) fclose(file);
  return text;
}

static bool open_setting(setting *s) {
  memset(s, 0, sizeof *s);
  size_t bytes;
  char *text = read_module(&bytes);
  const mth_module_text module = {text, bytes, "mlp.mlir"};
  const mth_program_source source = {.struct_bytes = sizeof source, .desc = &mlp_program};
  const bool ok = text && mth_context_create(NULL, &s->context) == MTH_OK &&
                  mth_program_create(&source, &s->linked) == MTH_OK &&
                  mth_compile_text(s->context, &module, NULL, &s->made) == MTH_OK;
  if (s->context) EXPECT_TEXT(mth_context_diagnostic(s->context)->message, "");
  for (int i = 0; i < most_rows * x_columns; ++i)
    s->x[i] = (float)(i * 37 % 101) / 50.5f - 1;
  for (int i = 0; i < step_rows * y_columns; ++i)
    s->y[i] = (float)(i * 17 % 23) / 23;
  s->rate = 0.01f;
  free(text);
  return ok;
}

static void close_setting(setting *s) {
  mth_program_destroy(s->made);
  mth_program_destroy(s->linked);
  mth_context_destroy(s->context);
}

// Predictions for `rows` rows with the parameters of seed 1.
static mth_status predict(setting *s, mth_program *program, size_t threads, int64_t rows,
                          float *out) {
  const mth_parameters_options seed = {.struct_bytes = sizeof seed, .seed = 1};
  const mth_call_options options = {.struct_bytes = sizeof options, .thread_count = threads};
  int64_t shape[] = {rows, x_columns}, out_shape[] = {rows, y_columns};
  const DLTensor x = mth_tensor_make(MTH_F32, 2, shape, s->x);
  const DLTensor prediction = mth_tensor_make(MTH_F32, 2, out_shape, out);
  mth_parameters *parameters = NULL;
  mth_call *call = NULL;
  mth_status status = mth_parameters_create(program, &seed, &parameters);
  if (status == MTH_OK) status = mth_call_create(program, "evaluate", &options, &call);
  if (status == MTH_OK) status = mth_parameters_bind(parameters, call);
  if (status == MTH_OK) status = mth_call_bind(call, "x", &x);
  if (status == MTH_OK) status = mth_call_bind(call, "prediction", &prediction);
  if (status == MTH_OK) status = mth_call_run(call);
  mth_call_destroy(call);
  mth_parameters_destroy(parameters);
  return status;
}

TEST(same_bits, of_predictions_for_any_size_and_threads) {
  static setting s;
  static float linked[most_rows * y_columns], made[most_rows * y_columns];
  ASSERT(open_setting(&s));
  const int64_t sizes[] = {0, 1, 7, 64, 113, most_rows};
  for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; ++k) {
    const size_t bytes = (size_t)(sizes[k] * y_columns) * sizeof(float);
    ASSERT(predict(&s, s.linked, 1, sizes[k], linked) == MTH_OK);
    for (size_t threads = 1; threads <= 3; ++threads) {
      memset(made, 0xFF, sizeof made);
      ASSERT(predict(&s, s.made, threads, sizes[k], made) == MTH_OK);
      EXPECT(memcmp(linked, made, bytes) == 0);
    }
  }
  close_setting(&s);
}

// Trains for `steps` steps from seed 1; the loss of each, and the parameters at the end.
static mth_status train(setting *s, mth_program *program, size_t threads, int steps, float *losses,
                        float weight[16 * 8]) {
  const mth_parameters_options seed = {.struct_bytes = sizeof seed, .seed = 1};
  const mth_call_options options = {.struct_bytes = sizeof options, .thread_count = threads};
  int64_t x_shape[] = {step_rows, x_columns}, y_shape[] = {step_rows, y_columns};
  const DLTensor x = mth_tensor_make(MTH_F32, 2, x_shape, s->x);
  const DLTensor y = mth_tensor_make(MTH_F32, 2, y_shape, s->y);
  const DLTensor rate = mth_tensor_make(MTH_F32, 0, NULL, &s->rate);
  mth_parameters *parameters = NULL;
  mth_call *call = NULL;
  mth_status status = mth_parameters_create(program, &seed, &parameters);
  if (status == MTH_OK) status = mth_call_create(program, "step", &options, &call);
  if (status == MTH_OK) status = mth_parameters_bind(parameters, call);
  if (status == MTH_OK) status = mth_call_bind(call, "x", &x);
  if (status == MTH_OK) status = mth_call_bind(call, "y", &y);
  if (status == MTH_OK) status = mth_call_bind(call, "learning_rate", &rate);
  for (int i = 0; i < steps && status == MTH_OK; ++i) {
    const DLTensor *loss;
    status = mth_call_run(call);
    if (status == MTH_OK) status = mth_call_output(call, "loss", &loss);
    if (status == MTH_OK) losses[i] = *(const float *)loss->data;
  }
  if (status == MTH_OK)
    memcpy(weight, mth_parameters_find(parameters, "weight0")->data, 16 * 8 * sizeof(float));
  mth_call_destroy(call);
  mth_parameters_destroy(parameters);
  return status;
}

TEST(same_bits, of_training_whose_loss_falls) {
  enum { steps = 100 };
  static setting s;
  static float linked[steps], made[steps], linked_weight[16 * 8], made_weight[16 * 8];
  ASSERT(open_setting(&s));
  ASSERT(train(&s, s.linked, 1, steps, linked, linked_weight) == MTH_OK);
  EXPECT(linked[steps - 1] < 0.5f * linked[0]);
  for (size_t threads = 1; threads <= 3; ++threads) {
    ASSERT(train(&s, s.made, threads, steps, made, made_weight) == MTH_OK);
    EXPECT(memcmp(linked, made, sizeof made) == 0);
    EXPECT(memcmp(linked_weight, made_weight, sizeof made_weight) == 0);
  }
  close_setting(&s);
}

TEST(same_bits, without_any_runtime) {
  static setting s;
  static float with[64 * y_columns], without[64 * y_columns];
  ASSERT(open_setting(&s));
  ASSERT(predict(&s, s.linked, 1, 64, with) == MTH_OK);
  const mth_parameters_options seed = {.struct_bytes = sizeof seed, .seed = 1};
  mth_parameters *parameters;
  ASSERT(mth_parameters_create(s.linked, &seed, &parameters) == MTH_OK);
  void *workspace = aligned_alloc(64, mlp_evaluate_workspace_bytes(64));
  const mlp_evaluate_args args = {.B = 64,
                                  .weight0 = mth_parameters_find(parameters, "weight0")->data,
                                  .x = s.x,
                                  .bias0 = mth_parameters_find(parameters, "bias0")->data,
                                  .weight1 = mth_parameters_find(parameters, "weight1")->data,
                                  .bias1 = mth_parameters_find(parameters, "bias1")->data,
                                  .prediction = without};
  EXPECT_INT(mlp_evaluate_run(&args, workspace), 0);
  EXPECT(memcmp(with, without, sizeof with) == 0);
  free(workspace);
  mth_parameters_destroy(parameters);
  close_setting(&s);
}
