// user_model_test.c: a user's model type, made from a list of sizes: a function, registered as a
// class, nested as a child. Shapes are inferred through it; it trains.
#include "test/programs/program_fixture.h"

// Stack(sizes): Linear and Relu in turn, no Relu behind the last.
static mth_status make_stack(mth_context *context, const mth_arg *args, mth_model **out_model) {
  const mth_arg *sizes = &args[0];
  mth_sketch s;
  mth_sketch_begin(&s, context, "Stack");
  mth_connection *x = mth_sketch_input(&s, "input");
  for (size_t i = 0; i < sizes->count; i++) {
    mth_model *linear = NULL;
    if (s.status == MTH_OK) s.status = mth_linear(context, sizes->ints[i], true, &linear);
    x = mth_apply_to(linear, x);
    if (i + 1 < sizes->count) x = mth_relu(x);
  }
  mth_sketch_output(&s, x, "output");
  return mth_sketch_end(&s, out_model);
}

static const mth_class_param stack_params[] = {
    {.name = "sizes", .takes = MTH_TAKES(INTS), .is_required = true}};
static const mth_class stack = {.struct_bytes = sizeof stack,
                                .abi = MTH_CLASS_ABI,
                                .name = "Stack",
                                .params = stack_params,
                                .param_count = 1,
                                .create = make_stack};

static mth_status compose(mth_context *context, mth_model **out_model) {
  const int64_t sizes[] = {24, 16, 1};
  mth_model *m = NULL;
  MTH_TRY(mth_register_class(context, &stack));
  MTH_TRY(mth_model_create(context, NULL, &m));
  *out_model = m;
  MTH_TRY(mth_model_append(m, MAKE(context, "Stack", MTH_ARG_IS("sizes", 3, sizes)), "stack",
                           (mth_wire[]){MTH_WIRE("input", "input")}, 1));
  mth_connection *y = NULL, *target = NULL;
  MTH_TRY(mth_model_canonical_output(m, &y));
  MTH_TRY(mth_model_add_input(m, "target", NULL, &target));
  mth_connection *error = mth_subtract(y, target);
  return mth_model_expose(m, mth_mean(mth_multiply(error, error), 0, NULL, false), "loss");
}

TEST(user_model, is_nested_inferred_and_trained) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *m = NULL, *adam = NULL;
  ASSERT(check_ok(context, compose(context, &m)));
  const mth_adam_options adam_options = {.struct_bytes = sizeof adam_options,
                                         .learning_rate = 0.01};
  ASSERT(mth_adam(context, &adam_options, &adam) == MTH_OK);
  const mth_entry_shape shapes[] = {{"input", MTH_SHAPE(MTH_N(32), MTH_N(4))},
                                    {"target", MTH_SHAPE(MTH_N(32), MTH_N(1))}};
  const mth_entry_request entry = {.name = "step",
                                   .kind = MTH_ENTRY_STEP,
                                   .optimizer = adam,
                                   .shapes = shapes,
                                   .shape_count = 2};
  mth_program *program = compile_f64(context, m, 1, &entry);
  bound_entry e;
  mth_parameters *parameters = NULL;
  ASSERT(bind_all(&e, program, "step", 0));
  const int w = port_of(&e, "weight_1"); // inferred: [16, 24]
  ASSERT(w >= 0 && e.desc->ports[w].rank == 2);
  EXPECT_INT(e.shapes[w][0], 16);
  EXPECT_INT(e.shapes[w][1], 24);
  ASSERT(mth_parameters_create(program, NULL, &parameters) == MTH_OK);
  ASSERT(mth_parameters_bind(parameters, e.call) == MTH_OK);
  uint64_t seed = 4;
  double *x = data_of(&e, "input"), *target = data_of(&e, "target"), first = 0, last = 0;
  for (int i = 0; i < 32; i++) {
    for (int k = 0; k < 4; k++)
      x[i * 4 + k] = draw_number(&seed);
    target[i] = x[i * 4] * x[i * 4 + 1] - x[i * 4 + 2];
  }
  for (int step = 0; step < 300; step++) {
    ASSERT(mth_call_run(e.call) == MTH_OK);
    last = *data_of(&e, "loss");
    if (step == 0) first = last;
  }
  EXPECT(last < 0.05 * first);
  unbind_all(&e);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  mth_model_destroy(adam);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
