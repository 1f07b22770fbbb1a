// own_gradient_test.c: training by hand: the gradient of the output is the caller's, some
// parameters are frozen. What is frozen has no gradient and does not move; the loss falls.
#include "test/programs/program_fixture.h"

enum { rows = 8, features = 5, hidden = 12, targets = 3, steps = 200 };

// Linear, tanh, Linear.
static mth_status compose(mth_context *context, mth_model **out_model) {
  mth_model *m = NULL;
  MTH_TRY(mth_model_create(context, "Net", &m));
  *out_model = m;
  MTH_TRY(mth_model_append(m, MAKE(context, "Linear", MTH_ARG_I("dimension", hidden)), "first",
                           (mth_wire[]){MTH_WIRE("input", "input")}, 1));
  MTH_TRY(mth_model_append(m, make(context, "Tanh", 0, NULL), NULL, NULL, 0));
  return mth_model_append(m, MAKE(context, "Linear", MTH_ARG_I("dimension", targets)), "second",
                          (mth_wire[]){MTH_WIRE("output", "output")}, 1);
}

// Half the mean square error; what it gives back goes into the entry as the output's gradient.
static double loss_of(const double *y, const double *wanted, double *out_gradient) {
  double sum = 0;
  for (int i = 0; i < rows * targets; i++) {
    const double error = y[i] - wanted[i];
    out_gradient[i] = error / (double)rows;
    sum += error * error / (2 * (double)rows);
  }
  return sum;
}

// Gradient descent on every parameter that has a gradient. Gives the first and the last loss.
static void train(bound_entry *e, double *out_first, double *out_last) {
  double wanted[rows * targets];
  uint64_t seed = 11;
  for (int i = 0; i < rows * targets; i++)
    wanted[i] = draw_number(&seed);
  for (int step = 0; step < steps; step++) {
    // The gradient depends on the output: a first run gives it.
    EXPECT_INT(mth_call_run(e->call), MTH_OK);
    *out_last = loss_of(data_of(e, "output"), wanted, data_of(e, "output_gradient"));
    if (step == 0) *out_first = *out_last;
    EXPECT_INT(mth_call_run(e->call), MTH_OK);
    for (int i = 0; i < e->desc->port_count; i++) {
      char name[64];
      snprintf(name, sizeof name, "%s_gradient", e->desc->ports[i].name);
      const int gradient = port_of(e, name);
      if (gradient < 0 || e->desc->ports[gradient].role != MTH_OUT) continue;
      for (size_t k = 0; k < e->counts[i]; k++)
        e->data[i][k] -= 0.5 * e->data[gradient][k];
    }
  }
}

// The gradients entry of the model, with these parameters left alone.
static mth_program *compile_gradients(mth_context *context, mth_model *m, size_t count,
                                      const char *const *frozen) {
  const mth_entry_shape shape = {"input", MTH_SHAPE(MTH_N(rows), MTH_N(features))};
  const mth_entry_request entry = {.name = "gradients",
                                   .kind = MTH_ENTRY_GRADIENTS,
                                   .shapes = &shape,
                                   .shape_count = 1,
                                   .constant_parameters = frozen,
                                   .constant_parameter_count = count};
  return compile_f64(context, m, 1, &entry);
}

static void check_training(mth_program *program, size_t frozen_count, const char *const *frozen) {
  bound_entry e;
  double first = 0, last = 0, before[4][hidden * features] = {{0}};
  ASSERT(bind_all(&e, program, "gradients", 0));
  fill_inputs(&e, 2);
  for (size_t i = 0; i < frozen_count; i++) {
    char name[64];
    snprintf(name, sizeof name, "%s_gradient", frozen[i]);
    EXPECT_INT(port_of(&e, name), -1);
    memcpy(before[i], data_of(&e, frozen[i]), e.counts[port_of(&e, frozen[i])] * sizeof(double));
  }
  train(&e, &first, &last);
  EXPECT(last < 0.05 * first);
  for (size_t i = 0; i < frozen_count; i++)
    EXPECT(memcmp(before[i], data_of(&e, frozen[i]),
                  e.counts[port_of(&e, frozen[i])] * sizeof(double)) == 0);
  unbind_all(&e);
  mth_program_destroy(program);
}

TEST(own_gradient, parameters_frozen_by_the_entry_stay) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *m = NULL;
  ASSERT(check_ok(context, compose(context, &m)));
  const char *const frozen[] = {"weight_0", "bias_0"};
  check_training(compile_gradients(context, m, 2, frozen), 2, frozen);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(own_gradient, parameters_frozen_inside_a_child_stay) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *m = NULL;
  ASSERT(check_ok(context, compose(context, &m)));
  mth_connection *weight = mth_model_find(mth_model_find_child(m, "first"), "weight");
  ASSERT(mth_connection_set_differentiable(weight, false) == MTH_OK);
  const char *const frozen[] = {"weight_0"};
  check_training(compile_gradients(context, m, 0, NULL), 1, frozen);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(own_gradient, a_parameter_that_is_not_there_is_refused_by_name) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *m = NULL;
  mth_program *program = NULL;
  ASSERT(check_ok(context, compose(context, &m)));
  const char *const frozen[] = {"w"}; // R9: the message says which names exist
  const mth_entry_request entry = {.name = "gradients",
                                   .kind = MTH_ENTRY_GRADIENTS,
                                   .constant_parameters = frozen,
                                   .constant_parameter_count = 1};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  EXPECT_INT(mth_compile(m, &options, &program), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "there is no input 'w'; the model has weight_0, input, bias_0, weight_1, bias_1");
  mth_model_destroy(m);
  mth_context_destroy(context);
}
