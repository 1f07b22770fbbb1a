// two_towers_test.c: two inputs, two outputs: an image tower and a text tower are joined, and two
// heads read the same features.
#include "test/programs/program_fixture.h"

#define ADD(m, child, ...)                                                                         \
  mth_model_add(m, child, NULL, (mth_wire[]){__VA_ARGS__},                                         \
                sizeof((mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire))

static mth_status compose(mth_context *context, mth_model **out_model) {
  mth_model *m = NULL;
  MTH_TRY(mth_model_create(context, "TwoTowers", &m));
  *out_model = m;
  const mth_wire parts[] = {MTH_WIRE(NULL, "image_features"), MTH_WIRE(NULL, "text_features")};
  MTH_TRY(ADD(m, MAKE(context, "Linear", MTH_ARG_I("dimension", 64)),
              MTH_WIRE("input", "image_input"), MTH_WIRE("output", "image_features")));
  MTH_TRY(ADD(m, MAKE(context, "Linear", MTH_ARG_I("dimension", 32)),
              MTH_WIRE("input", "text_input"), MTH_WIRE("output", "text_features")));
  MTH_TRY(ADD(m, MAKE(context, "Concat", MTH_ARG_I("axis", 1)), MTH_WIRE_PARTS("inputs", 2, parts),
              MTH_WIRE("output", "combined")));
  MTH_TRY(ADD(m, MAKE(context, "Linear", MTH_ARG_I("dimension", 10)), MTH_WIRE("input", "combined"),
              MTH_WIRE_OUT("output", "classification")));
  return ADD(m, MAKE(context, "Linear", MTH_ARG_I("dimension", 1)), MTH_WIRE("input", "combined"),
             MTH_WIRE_OUT("output", "regression"));
}

// x weight^T + bias of `count` numbers, for one output.
static double linear(const double *x, const double *weight, const double *bias, size_t count,
                     size_t out) {
  double sum = bias[out];
  for (size_t i = 0; i < count; i++)
    sum += x[i] * weight[out * count + i];
  return sum;
}

TEST(two_towers, have_two_outputs_by_name) { // also: a list of names is a list of connections
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *m = NULL;
  ASSERT(check_ok(context, compose(context, &m)));
  const mth_entry_shape shapes[] = {{"image_input", MTH_SHAPE(MTH_N(3), MTH_N(20))},
                                    {"text_input", MTH_SHAPE(MTH_N(3), MTH_N(8))}};
  const mth_entry_request entry = {.name = "evaluate", .shapes = shapes, .shape_count = 2};
  mth_program *program = compile_f64(context, m, 1, &entry);
  bound_entry e;
  ASSERT(bind_all(&e, program, "evaluate", 0));
  size_t outputs = 0;
  for (int i = 0; i < e.desc->port_count; i++)
    outputs += e.desc->ports[i].role == MTH_OUT;
  EXPECT_INT((int)outputs, 2);
  fill_inputs(&e, 3);
  ASSERT(mth_call_run(e.call) == MTH_OK);
  const double *image = data_of(&e, "image_input"), *text = data_of(&e, "text_input");
  for (size_t row = 0; row < 3; row++) {
    double combined[96];
    for (size_t i = 0; i < 64; i++)
      combined[i] = linear(image + row * 20, data_of(&e, "weight_0"), data_of(&e, "bias_0"), 20, i);
    for (size_t i = 0; i < 32; i++)
      combined[64 + i] =
          linear(text + row * 8, data_of(&e, "weight_1"), data_of(&e, "bias_1"), 8, i);
    for (size_t i = 0; i < 10; i++)
      EXPECT_NEAR(data_of(&e, "classification")[row * 10 + i],
                  linear(combined, data_of(&e, "weight_2"), data_of(&e, "bias_2"), 96, i), 1e-12);
    EXPECT_NEAR(data_of(&e, "regression")[row],
                linear(combined, data_of(&e, "weight_3"), data_of(&e, "bias_3"), 96, 0), 1e-12);
  }
  unbind_all(&e);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
