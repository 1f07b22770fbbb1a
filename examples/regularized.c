// regularized.c: a polynomial is fitted to a few points twice, with and without a price on the size
// of its weights. The TrainModel puts the cost together and shows what it is made of.
//
//   build/bin/regularized
#include "frontend/mithril.h"

#include <math.h>
#include <stdio.h>

enum { points = 12, degree = 7, steps = 1500 };

// PolynomialRegression, mean of squared errors, price * L2 of every weight -> final_cost
static mth_status compose(mth_context *context, double price, mth_train_model **out_train) {
  const mth_arg args[] = {MTH_ARG_I("degree", degree), MTH_ARG_I("dimension", 1)};
  const mth_wire wires[] = {MTH_WIRE("input", "output"), MTH_WIRE("target", "y")};
  const mth_regularization_options weights = {.struct_bytes = sizeof weights, .pattern = "weight"};
  mth_model *polynomial = NULL, *error = NULL, *l2 = NULL;
  MTH_TRY(mth_model_create_class(context, "PolynomialRegression", args, 2, &polynomial));
  MTH_TRY(mth_train_model_create(context, polynomial, out_train)); // takes it
  MTH_TRY(mth_model_create_class(context, "SquaredError", NULL, 0, &error));
  MTH_TRY(mth_train_model_add_loss(*out_train, error, wires, 2, NULL));
  if (price == 0) return MTH_OK;
  MTH_TRY(mth_model_create_class(context, "L2", NULL, 0, &l2));
  return mth_train_model_add_regularization(*out_train, l2, MTH_COEF(price), NULL, 0, &weights);
}

static mth_status fit(mth_program *program, mth_parameters *parameters) {
  static float x[points], y[points];
  int64_t shape[] = {points, 1};
  const DLTensor input = mth_tensor_make(MTH_F32, 2, shape, x);
  const DLTensor target = mth_tensor_make(MTH_F32, 2, shape, y);
  mth_call *step;
  for (int i = 0; i < points; ++i) {
    x[i] = (float)(2.0 * i / (points - 1) - 1);
    y[i] = sinf(3 * x[i]) + (i % 2 ? 0.2f : -0.2f); // a wave, and what is no part of it
  }
  MTH_TRY(mth_call_create(program, "step", NULL, &step));
  mth_status status = mth_parameters_bind(parameters, step);
  if (status == MTH_OK) status = mth_call_bind(step, "input", &input);
  if (status == MTH_OK) status = mth_call_bind(step, "y", &target);
  for (int i = 0; i < steps && status == MTH_OK; ++i)
    status = mth_call_run(step);
  const float *weight = mth_parameters_find(parameters, "weight")->data;
  double squares = 0;
  for (int i = 0; i < degree; ++i)
    squares += (double)weight[i] * weight[i];
  if (status == MTH_OK) printf("squares of the weights: %.1f\n", squares);
  mth_call_destroy(step);
  return status;
}

static mth_status train(mth_context *context, mth_train_model *train_model) {
  const mth_adam_options adam_options = {.struct_bytes = sizeof adam_options,
                                         .learning_rate = 0.02};
  const mth_entry_shape shapes[] = {{"input", MTH_SHAPE(MTH_N(points), MTH_N(1))},
                                    {"y", MTH_SHAPE(MTH_N(points), MTH_N(1))}};
  mth_model *model = NULL, *adam = NULL;
  mth_program *program = NULL;
  mth_parameters *parameters = NULL;
  mth_status status = mth_train_model_finalize(train_model, &model); // lent
  if (status == MTH_OK) status = mth_adam(context, &adam_options, &adam);
  const mth_entry_request entry = {.name = "step",
                                   .kind = MTH_ENTRY_STEP,
                                   .loss = "final_cost",
                                   .optimizer = adam,
                                   .shapes = shapes,
                                   .shape_count = 2};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  if (status == MTH_OK) status = mth_compile(model, &options, &program);
  if (status == MTH_OK) status = mth_parameters_create(program, NULL, &parameters);
  if (status == MTH_OK) status = fit(program, parameters);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  mth_model_destroy(adam);
  return status;
}

static mth_status run(mth_context *context, double price) {
  mth_train_model *train_model = NULL;
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context));
  mth_status status = compose(context, price, &train_model);
  if (status == MTH_OK && price > 0) {
    mth_train_model_summary(train_model, NULL, &text);
    printf("\n%s\n", mth_text_get(&text));
  }
  if (status == MTH_OK) status = train(context, train_model);
  mth_text_deinit(&text);
  mth_train_model_destroy(train_model);
  return status;
}

int main(void) {
  mth_context *context;
  if (mth_context_create(NULL, &context) != MTH_OK) return 1;
  mth_status status = run(context, 0);
  if (status == MTH_OK) status = run(context, 0.1);
  if (status != MTH_OK) {
    const mth_diagnostic *why = mth_context_diagnostic(context);
    fprintf(stderr, "%s: %s\n", why->where, why->message);
  }
  mth_context_destroy(context);
  return status != MTH_OK;
}
