// running_total.c: a model that keeps something from one run to the next; compiled and run.
#include "frontend/mithril.h"

#include <stdio.h>

// total = total of the run before + input; 10 before the first run.
static mth_status make_total(mth_context *context, mth_model **out_model) {
  const mth_shape row = MTH_SHAPE(MTH_N(2));
  const mth_initializer ten = {MTH_INIT_CONSTANT, 10, 0, NULL};
  const mth_facts facts = {.shape = &row, .families = MTH_FAMILY_FLOAT};
  mth_connection *x = mth_free_input(context, "input", &facts);
  mth_connection *before = mth_input_beside(x, "total", &facts);
  mth_connection *after = mth_add(before, x);
  MTH_TRY(mth_model_bind_state(mth_connection_model(x), before, after, &ten));
  const mth_named_output output = {"output", after};
  return mth_model_from(context, "RunningTotal", &output, 1, out_model);
}

static mth_status run_thrice(mth_parameters *parameters, mth_call *call) {
  float numbers[2] = {1, 2};
  const DLTensor input = mth_tensor_make(MTH_F32, 1, (int64_t[]){2}, numbers), *output;
  MTH_TRY(mth_parameters_bind(parameters, call));
  MTH_TRY(mth_call_bind(call, "input", &input));
  for (int i = 0; i < 3; ++i) {
    MTH_TRY(mth_call_run(call));
    MTH_TRY(mth_call_output(call, "output", &output));
    const float *const total = mth_tensor_data(output);
    printf("%g %g\n", (double)total[0], (double)total[1]);
  }
  return MTH_OK;
}

static mth_status run(mth_context *context) {
  mth_model *model = NULL;
  mth_program *program = NULL;
  mth_parameters *parameters = NULL; // holds the total, too
  mth_call *call = NULL;
  mth_status status = make_total(context, &model);
  if (status == MTH_OK) status = mth_compile(model, NULL, &program);
  if (status == MTH_OK) status = mth_parameters_create(program, NULL, &parameters);
  if (status == MTH_OK) status = mth_call_create(program, "evaluate", NULL, &call);
  if (status == MTH_OK) status = run_thrice(parameters, call);
  mth_call_destroy(call);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  mth_model_destroy(model);
  return status;
}

int main(void) {
  mth_context *context = NULL;
  if (mth_context_create(NULL, &context) != MTH_OK) return 1;
  const mth_status status = run(context);
  if (status != MTH_OK) fprintf(stderr, "%s\n", mth_context_diagnostic(context)->message);
  mth_context_destroy(context);
  return status == MTH_OK ? 0 : 1;
}
