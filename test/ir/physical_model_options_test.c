// physical_model_options_test.c: what may be said of keys, and in which words the rest is refused.
#include "test/ir/physical_fixture.h"

static mth_model *new_named(mth_context *context) {
  mth_model *m = new_model(context);
  const mth_wire input = MTH_WIRE("input", "x");
  EXPECT_INT(mth_model_append(m, new_linear(context, 4), "layer", &input, 1), MTH_OK);
  const mth_wire scaled[] = {MTH_WIRE_F("right", 2), MTH_WIRE("output", "y")};
  EXPECT_INT(mth_model_append(m, new_op(context, "Multiply"), NULL, scaled, 1), MTH_OK);
  return m;
}

#define EXPECT_REPORT(options, wanted) EXPECT_SET(m, options, MTH_KEYS_OUTPUTS, wanted)

TEST(physical_model_options, keys_by_name_path_and_connection) {
  mth_context *context = new_context();
  mth_model *m = new_named(context);
  mth_connection *weight = key(mth_model_child(m, 0), "weight");
  EXPECT_SET(m, OPTIONS(KEY(data, "weight")), MTH_KEYS_DATA, "weight x");
  EXPECT_SET(m, OPTIONS(KEY(data, "layer_weight")), MTH_KEYS_DATA, "weight x");
  const mth_key_ref inside = MTH_REF_TO(weight);
  EXPECT_SET(m, OPTIONS(.data_keys = &inside, .data_count = 1), MTH_KEYS_DATA, "weight x");
  const mth_key_ref of_op = MTH_REF_TO(key(mth_model_child(mth_model_child(m, 0), 0), "input"));
  EXPECT_SET(m, OPTIONS(.data_keys = &of_op, .data_count = 1), MTH_KEYS_DATA, "weight x");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_options, keys_that_are_not_there) {
  mth_context *context = new_context();
  mth_model *m = new_named(context), *other = new_linear(context, 2);
  EXPECT_REPORT(OPTIONS(KEY(data, "w")), "there is no key 'w' for a data key; there are the inputs "
                                         "weight, x, bias, right and the outputs output");
  EXPECT_REPORT(OPTIONS(KEY(trainable, "$2")),
                "the trainable key '$2' has no name of its own: give its connection");
  const mth_key_ref foreign = MTH_REF_TO(key(other, "weight")), nothing = {0};
  EXPECT_REPORT(OPTIONS(.discard_keys = &foreign, .discard_count = 1),
                "the discard key 'weight' of Linear is no connection of this model");
  EXPECT_REPORT(OPTIONS(.data_keys = &nothing, .data_count = 1),
                "a data key wants a name or a connection, found neither");
  mth_model_destroy(m);
  mth_model_destroy(other);
  mth_context_destroy(context);
}

TEST(physical_model_options, keys_that_have_a_value) {
  mth_context *context = new_context();
  mth_model *m = new_named(context);
  EXPECT_REPORT(OPTIONS(FIXED("right")),
                "the constant key 'right' has a value in the model already");
  EXPECT_REPORT(OPTIONS(KEY(data, "right")),
                "the data key 'right' has a value in the model already");
  EXPECT_REPORT(OPTIONS(KEY(trainable, "right")),
                "the trainable key 'right' has a value in the model already");
  EXPECT_REPORT(OPTIONS(FIXED2("x", "layer_input")), "the constant key 'x' is given twice");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_options, constants_of_two_kinds) {
  mth_context *context = new_context();
  mth_model *m = new_named(context);
  const mth_constant one = {.dtype = MTH_F64, .data = &(double){1}};
  const mth_arg two = MTH_ARG_F(NULL, 2);
  const mth_key_constant both = {MTH_REF("x"), &one, &two};
  EXPECT_REPORT(OPTIONS(.constants = &both, .constant_count = 1),
                "the constant key 'x' is given a value and a constant: one was wanted");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_options, keys_in_two_lists) {
  mth_context *context = new_context();
  mth_model *m = new_named(context);
  EXPECT_REPORT(OPTIONS(FIXED("x"), KEY(data, "x")), "'x' is a constant key and a data key");
  EXPECT_REPORT(OPTIONS(KEY(trainable, "weight"), KEY(data, "layer_weight")),
                "'weight' is a data key and a trainable key");
  EXPECT_REPORT(OPTIONS(KEY(trainable, "x"), KEY(discard, "x")),
                "'x' is a trainable key and a discard key");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_options, keys_that_are_no_inputs) {
  mth_context *context = new_context();
  mth_model *m = new_named(context);
  EXPECT_REPORT(OPTIONS(FIXED("output")), "the constant key 'output' is no input of the model");
  EXPECT_REPORT(OPTIONS(KEY(data, "output_0")), "the data key 'output_0' is no input of the model");
  EXPECT_REPORT(OPTIONS(KEY(trainable, "output")),
                "the trainable key 'output' is no input of the model");
  EXPECT_REPORT(OPTIONS(KEY(discard, "output_0")),
                "the discard key 'output_0' is neither an input nor an output of the model");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_options, a_data_key_that_nothing_uses) {
  mth_context *context = new_context();
  mth_model *m = new_named(context);
  mth_connection *extra = NULL;
  ASSERT(mth_model_add_input(m, "extra", NULL, &extra) == MTH_OK);
  EXPECT_REPORT(OPTIONS(KEY(data, "extra")), "the data key 'extra' is not used by any output");
  EXPECT_REPORT(NULL, "output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_options, safe_names) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Add", NULL, NULL, "y");
  EXPECT_REPORT(OPTIONS(.safe_names = true), "inputs that are given at each run want names: "
                                             "$1 ('left'), $2 ('right')");
  EXPECT_REPORT(OPTIONS(.safe_names = true, KEYS(trainable, "left", "right")), "y");
  mth_model_destroy(m);
  m = new_linear(context, 3);
  EXPECT_REPORT(OPTIONS(.safe_names = true), "output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_options, safe_shapes) {
  static const char *const losses[] = {"SquaredError",  "AbsoluteError", "HingeLoss",
                                       "QuadHingeLoss", "QuantileLoss",  "KLDivergence"};
  mth_context *context = new_context();
  for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
    mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
    const mth_physical_model *p = NULL;
    mth_model *m = new_op(context, losses[i]);
    const mth_key_shape shape = {MTH_REF("target"), MTH_SHAPE(MTH_N(4), MTH_N(1))};
    mth_physical_options options = {
        .struct_bytes = sizeof options, .shapes = &shape, .shape_count = 1};
    ASSERT(mth_physical_model_create(m, &options, &arena, &p) == MTH_OK);
    EXPECT_INT(mth_physical_find(p, "input")->rank, -1);
    options.safe_shapes = true;
    ASSERT(mth_physical_model_create(m, &options, &arena, &p) == MTH_OK);
    ASSERT(mth_physical_find(p, "input")->rank == 2);
    EXPECT_INT(mth_physical_find(p, "input")->extents[0], 4);
    EXPECT_INT(mth_physical_find(p, "output")->extents[1], 1);
    mth_arena_reset(&arena);
    mth_model_destroy(m);
  }
  mth_context_destroy(context);
}

TEST(physical_model_options, facts_that_contradict_the_model) {
  mth_context *context = new_context();
  mth_model *m = new_linear(context, 4);
  static const int64_t extents[] = {3};
  static const double data[] = {1, 2, 3};
  const mth_constant constant = {.dtype = MTH_F64, .rank = 1, .extents = extents, .data = data};
  const mth_key_constant bias = {MTH_REF("bias"), &constant, NULL};
  EXPECT_REPORT(OPTIONS(.constants = &bias, .constant_count = 1),
                "'bias' has shape [4], wanted [3]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// "axis" of a sum is open; "n" are indices.
TEST(physical_model_options, keys_of_a_kind_that_does_not_take_it) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *sum = NULL;
  add_op(m, "Gather", "x", "n", "rows");
  ASSERT(mth_model_create_op(context, "Sum", &MTH_ARG_OPEN_AS_INPUT("axis"), 1, &sum) == MTH_OK);
  const mth_wire wires[] = {MTH_WIRE("input", "rows"), MTH_WIRE("axis", "axis"),
                            MTH_WIRE("output", "y")};
  ASSERT(mth_model_add(m, sum, NULL, wires, 3) == MTH_OK);
  EXPECT_REPORT(OPTIONS(KEY(trainable, "n")), "'n' holds int, wanted float");
  EXPECT_REPORT(OPTIONS(KEY(trainable, "axis")), "it is an argument and can not be differentiable");
  const mth_constant half = {.dtype = MTH_F64, .data = &(double){0.5}};
  const mth_constant narrow = {.dtype = MTH_F32, .data = &(float){0.5f}};
  const mth_arg text = MTH_ARG_S(NULL, "last");
#define GIVEN(name, constant_, value_)                                                             \
  OPTIONS(.constants = (mth_key_constant[]){{MTH_REF(name), constant_, value_}},                   \
          .constant_count = 1)
  EXPECT_REPORT(GIVEN("axis", NULL, &text), "it takes integers, found a string");
  EXPECT_REPORT(GIVEN("axis", &half, NULL), "it is an argument and takes no tensor");
  EXPECT_REPORT(GIVEN("n", &half, NULL), "'n' holds int, wanted float");
  EXPECT_REPORT(GIVEN("x", &narrow, NULL), "a constant wants data of f64, i64 or bool");
  const mth_shape two = MTH_SHAPE(MTH_N(2)), three = MTH_SHAPE(MTH_N(3));
#define SHAPED(...)                                                                                \
  OPTIONS(.shapes = (mth_key_shape[]){__VA_ARGS__},                                                \
          .shape_count = sizeof((mth_key_shape[]){__VA_ARGS__}) / sizeof(mth_key_shape))
  EXPECT_REPORT(OPTIONS(.naming = (mth_naming)9), "there is no naming 9");
  EXPECT_REPORT(SHAPED({MTH_REF("axis"), two}), "it is an argument and has no shape");
  EXPECT_REPORT(SHAPED({MTH_REF("x"), two}, {MTH_REF("x"), three}),
                "'x' has shape [2], wanted [3]");
  EXPECT_REPORT(SHAPED({MTH_REF("w"), two}),
                "there is no key 'w' for a shape; there are the inputs "
                "x, n, axis and the outputs y");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_options, values_lead_to_values) {
  mth_context *context = new_context();
  mth_model *m = new_linear(context, 4);
  static const int64_t extents[] = {2, 3};
  static const double data[] = {1, 2, 3, 4, 5, 6};
  const mth_constant constant = {.dtype = MTH_F64, .rank = 2, .extents = extents, .data = data};
  const mth_key_constant input = {MTH_REF("input"), &constant, NULL};
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  ASSERT(mth_physical_model_create(m, OPTIONS(.constants = &input, .constant_count = 1), &arena,
                                   &p) == MTH_OK);
  EXPECT_INT(mth_physical_find(p, "weight")->extents[1], 3);
  EXPECT_INT(mth_physical_find(p, "input")->role, MTH_ROLE_CONSTANT);
  EXPECT(mth_connection_constant(key(m, "input")) == NULL);
  mth_arena_reset(&arena);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
