// first_model.c: the program of README.md: a layer is composed, compiled and run.
#include "frontend/mithril.h"

#include <stdio.h>

static mth_status run(mth_context *context) {
  mth_model *layer; // output = relu(input weight^T + bias), 3 columns; no shapes yet
  MTH_TRY(mth_layer(context, "Relu", 3, &layer));
  mth_program *program; // compiled at the first run, for the shapes that are bound then
  MTH_TRY(mth_compile(layer, NULL, &program));
  mth_call *call;
  MTH_TRY(mth_call_create(program, "evaluate", NULL, &call));

  float numbers[2][4] = {{1, 2, 3, 4}, {-1, 0, 1, 2}};
  const DLTensor input = mth_tensor_make(MTH_F32, 2, (int64_t[]){2, 4}, numbers), *output;
  MTH_TRY(mth_call_bind(call, "input", &input));
  MTH_TRY(mth_call_reserve(call)); // compiles, so that the shapes of the parameters are known
  mth_parameters *parameters;
  MTH_TRY(mth_parameters_create(program, NULL, &parameters));
  MTH_TRY(mth_parameters_bind(parameters, call));
  MTH_TRY(mth_call_run(call));
  MTH_TRY(mth_call_output(call, "output", &output));

  const float *const y = mth_tensor_data(output);
  for (int i = 0; i < 6; ++i)
    printf("%g%c", (double)y[i], i % 3 == 2 ? '\n' : ' ');
  mth_parameters_destroy(parameters);
  mth_call_destroy(call);
  mth_program_destroy(program);
  mth_model_destroy(layer);
  return MTH_OK;
}

int main(void) {
  mth_context *context;
  if (mth_context_create(NULL, &context) != MTH_OK) return 1;
  const mth_status status = run(context);
  if (status != MTH_OK) fprintf(stderr, "%s\n", mth_context_diagnostic(context)->message);
  mth_context_destroy(context);
  return status == MTH_OK ? 0 : 1;
}
