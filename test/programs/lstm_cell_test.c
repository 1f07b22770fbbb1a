// lstm_cell_test.c: an LSTM cell by hand, against a loop; unrolled over a sine with shared weights
// it learns what comes next.
#include "test/programs/program_fixture.h"

enum { size = 6, batch = 3, steps = 8 };

// [x, h] -> Linear(4 size) -> Split(size): c = f c + i g, h = o tanh(c). Weights by name, so that
// cells of one model share them.
static void step(mth_connection *x, mth_connection **h, mth_connection **c) {
  mth_connection *both[] = {x, *h};
  const mth_arg axis = MTH_ARG_I("axis", 1);
  mth_connection *joined = mth_express(NULL, "concat", 2, both, 1, &axis);
  if (!joined) return;
  mth_context *context = mth_model_context(mth_connection_model(x));
  const mth_wire wires[] = {MTH_WIRE_TO("input", joined), MTH_WIRE("weight", "w"),
                            MTH_WIRE("bias", "b")};
  mth_connection *gates =
      mth_apply(MAKE(context, "Linear", MTH_ARG_I("dimension", 4 * size)), NULL, wires, 3);
  gates = mth_apply_to(MAKE(context, "Split", MTH_ARG_I("split_size", size), axis), gates);
  mth_connection *i = mth_sigmoid(mth_part(gates, 0)), *f = mth_sigmoid(mth_part(gates, 1));
  mth_connection *g = mth_tanh(mth_part(gates, 2)), *o = mth_sigmoid(mth_part(gates, 3));
  *c = mth_add(mth_multiply(f, *c), mth_multiply(i, g));
  *h = mth_multiply(o, mth_tanh(*c));
}

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

TEST(lstm_cell, is_the_reference_cell) {
  mth_context *context = NULL;
  mth_model *m = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_connection *x = mth_free_input(context, "x", NULL);
  mth_connection *h = mth_input_beside(x, "h", NULL), *c = mth_input_beside(x, "c", NULL);
  step(x, &h, &c);
  const mth_named_output outputs[] = {{"new_h", h}, {"new_c", c}};
  ASSERT(check_ok(context, mth_model_from(context, "LSTMCell", outputs, 2, &m)));
  const mth_entry_shape shapes[] = {{"x", MTH_SHAPE(MTH_N(batch), MTH_N(4))},
                                    {"h", MTH_SHAPE(MTH_N(batch), MTH_N(size))},
                                    {"c", MTH_SHAPE(MTH_N(batch), MTH_N(size))}};
  const mth_entry_request entry = {.name = "evaluate", .shapes = shapes, .shape_count = 3};
  mth_program *program = compile_f64(context, m, 1, &entry);
  bound_entry e;
  ASSERT(bind_all(&e, program, "evaluate", 0));
  fill_inputs(&e, 9);
  ASSERT(mth_call_run(e.call) == MTH_OK);
  const double *w = data_of(&e, "w"), *b = data_of(&e, "b"), *old_c = data_of(&e, "c");
  for (int row = 0; row < batch; row++)
    for (int u = 0; u < size; u++) {
      double gate[4];
      for (int k = 0; k < 4; k++) {
        const double *weights = w + (k * size + u) * (4 + size);
        gate[k] = b[k * size + u];
        for (int j = 0; j < 4 + size; j++)
          gate[k] += weights[j] *
                     (j < 4 ? data_of(&e, "x")[row * 4 + j] : data_of(&e, "h")[row * size + j - 4]);
      }
      const double cell =
          sigmoid(gate[1]) * old_c[row * size + u] + sigmoid(gate[0]) * tanh(gate[2]);
      EXPECT_NEAR(data_of(&e, "new_c")[row * size + u], cell, 1e-13);
      EXPECT_NEAR(data_of(&e, "new_h")[row * size + u], sigmoid(gate[3]) * tanh(cell), 1e-13);
    }
  unbind_all(&e);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// The value behind `steps` values of a series [B, steps].
static mth_status make_predictor(mth_context *context, mth_model **out_model) {
  mth_connection *x = mth_free_input(context, "x", NULL);
  mth_connection *target = mth_input_beside(x, "target", NULL);
  mth_connection *h = mth_input_beside(x, "h0", NULL), *c = mth_input_beside(x, "c0", NULL);
  for (int64_t t = 0; t < steps; t++) {
    const mth_index_item now[] = {MTH_ALL,
                                  MTH_SLICE(.start = MTH_BOUND(t), .stop = MTH_BOUND(t + 1))};
    step(mth_index(x, 2, now), &h, &c);
  }
  mth_connection *y = mth_apply_to(MAKE(context, "Linear", MTH_ARG_I("dimension", 1)), h);
  y = mth_mean(mth_square(mth_subtract(y, target)), 0, NULL, false);
  const mth_named_output output = {"loss", y};
  return mth_model_from(context, "Predictor", &output, 1, out_model);
}

TEST(lstm_cell, unrolled_over_a_sine_it_learns) {
  mth_context *context = NULL;
  mth_model *m = NULL, *adam = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(check_ok(context, make_predictor(context, &m)));
  const mth_adam_options adam_options = {.struct_bytes = sizeof adam_options,
                                         .learning_rate = 0.02};
  ASSERT(mth_adam(context, &adam_options, &adam) == MTH_OK);
  const mth_entry_shape shapes[] = {{"x", MTH_SHAPE(MTH_N(32), MTH_N(steps))},
                                    {"target", MTH_SHAPE(MTH_N(32), MTH_N(1))},
                                    {"h0", MTH_SHAPE(MTH_N(32), MTH_N(size))},
                                    {"c0", MTH_SHAPE(MTH_N(32), MTH_N(size))}};
  const mth_entry_request entry = {.name = "step",
                                   .kind = MTH_ENTRY_STEP,
                                   .optimizer = adam,
                                   .shapes = shapes,
                                   .shape_count = 4};
  mth_program *program = compile_f64(context, m, 1, &entry);
  bound_entry e;
  mth_parameters *parameters = NULL;
  ASSERT(bind_all(&e, program, "step", 0));
  EXPECT_INT(e.shapes[port_of(&e, "w")][0], 4 * size); // one weight for all cells
  ASSERT(mth_parameters_create(program, NULL, &parameters) == MTH_OK);
  ASSERT(mth_parameters_bind(parameters, e.call) == MTH_OK);
  for (int row = 0; row < 32; row++) {
    for (int t = 0; t < steps; t++)
      data_of(&e, "x")[row * steps + t] = sin(0.3 * row + 0.5 * t);
    data_of(&e, "target")[row] = sin(0.3 * row + 0.5 * (double)steps);
  }
  double first = 0, last = 0;
  for (int i = 0; i < 200; i++) {
    ASSERT(mth_call_run(e.call) == MTH_OK);
    last = *data_of(&e, "loss");
    if (i == 0) first = last;
  }
  EXPECT(last < 0.02 * first);
  unbind_all(&e);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  mth_model_destroy(adam);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
