// connection_facts_test.c: connections described where they are wired, and what contradicts itself.
#include "test/ir/model_fixture.h"

static mth_status add_one(mth_model *m, mth_model *child, mth_wire wire) {
  return mth_model_add(m, child, NULL, &wire, 1);
}

TEST(connection_facts, describe_a_key_where_it_is_wired) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *linear = new_linear(context, 4);
  const mth_shape shape = MTH_SHAPE(MTH_N(2), MTH_N(3));
  const mth_initializer half = {MTH_INIT_CONSTANT, 0.5, 0, NULL};
  const mth_wire wires[] = {
      MTH_WIRE_AS("input", .name = "x", .shape = &shape, .families = MTH_FAMILY_FLOAT),
      MTH_WIRE_AS("weight", .name = "w", .initializer = &half, .differentiable = true),
      MTH_WIRE_AS("bias", .frozen = true), MTH_WIRE_OUT("output", "y")};
  ASSERT(mth_model_add(m, linear, NULL, wires, 4) == MTH_OK);
  char text[256];
  EXPECT_TEXT(shape_of(key(m, "x"), text), "[2, 3]");
  EXPECT_TEXT(shape_of(key(m, "w"), text), "[4, 3]");
  EXPECT(mth_connection_initializer(key(m, "w"))->a == 0.5);
  EXPECT(mth_connection_is_differentiable(key(m, "w")));
  EXPECT(!mth_connection_is_differentiable(key(linear, "bias")));
  EXPECT_INT(mth_connection_class(key(m, "y")), MTH_KEY_OUTPUT); // R10
  // An existing key is wired and described further; an exposed output stays one when it is used.
  const mth_wire more[] = {
      MTH_WIRE_AS("input", .name = "y", .shape = &MTH_SHAPE(MTH_N(2), MTH_N(4))),
      MTH_WIRE_AS("output", .name = "z")};
  ASSERT(mth_model_add(m, new_op(context, "Relu"), NULL, more, 2) == MTH_OK);
  EXPECT_INT(mth_connection_class(key(m, "y")), MTH_KEY_OUTPUT);
  EXPECT_INT(mth_connection_class(key(m, "z")), MTH_KEY_LATENT_OUTPUT);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection_facts, give_values_under_a_name) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *add = new_op(context, "Add");
  mth_model *first = new_op(context, "Reshape"), *second = new_op(context, "Reshape");
  const double data[] = {1, 2};
  const mth_constant pair = {.dtype = MTH_F64, .rank = 1, .extents = (int64_t[]){2}, .data = data};
  const mth_arg two = MTH_ARG_F(NULL, 2);
  const mth_wire wires[] = {MTH_WIRE_AS("left", .name = "pair", .constant = &pair),
                            MTH_WIRE_AS("right", .name = "two", .value = &two),
                            MTH_WIRE("output", "sum")};
  ASSERT(mth_model_add(m, add, NULL, wires, 3) == MTH_OK);
  char text[256];
  EXPECT_TEXT(shape_of(key(m, "sum"), text), "[2]");
  EXPECT(mth_connection_constant(key(m, "pair")) != NULL);
  EXPECT(*(const double *)mth_connection_constant(key(m, "two"))->data == 2);
  EXPECT_INT((int)mth_model_canonical_input_count(m), 0);
  const mth_arg sizes = MTH_ARG_IS(NULL, 2, ((int64_t[]){2, 1}));
  const mth_wire reshape[] = {MTH_WIRE("input", "pair"),
                              MTH_WIRE_AS("shape", .name = "sizes", .value = &sizes),
                              MTH_WIRE("output", "column")};
  ASSERT(mth_model_add(m, first, NULL, reshape, 3) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "column"), text), "[2, 1]");
  const mth_wire again[] = {MTH_WIRE("shape", "sizes"), MTH_WIRE("output", "other")};
  ASSERT(mth_model_add(m, second, NULL, again, 2) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "other"), text), "[2, 1]"); // an argument has a name as well
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection_facts, that_contradict_themselves_are_refused) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *relu = new_op(context, "Relu");
  const mth_shape row = MTH_SHAPE(MTH_N(3));
  const mth_initializer half = {MTH_INIT_CONSTANT, 0.5, 0, NULL};
  const mth_arg two = MTH_ARG_F(NULL, 2), text = MTH_ARG_S(NULL, "two");
  const double data = 1;
  const mth_constant one = {.dtype = MTH_F64, .data = &data};
  const char *x = "model 'Model', key 'x'";
#define REFUSED(where, message, ...)                                                               \
  EXPECT_REFUSED(context, m, add_one(m, relu, MTH_WIRE_AS("input", .name = "x", __VA_ARGS__)),     \
                 where, message)
  REFUSED(x, "it is given a value and a constant: one was wanted", .value = &two, .constant = &one);
  REFUSED(x, "it has a value and can not be differentiable", .value = &two, .differentiable = true);
  REFUSED(x, "it has a value and can not be differentiable", .constant = &one,
          .differentiable = true);
  REFUSED(x, "it has a value and takes no initializer", .value = &two, .initializer = &half);
  REFUSED(x, "its value is a number, a shape of 1 dims was given", .value = &two, .shape = &row);
  REFUSED(x, "it can not be both differentiable and frozen", .differentiable = true,
          .frozen = true);
  REFUSED(x, "a differentiable key wants floats, it is given a type without them",
          .families = MTH_FAMILY_INT, .differentiable = true);
  REFUSED(x, "'x' holds int, wanted float", .families = MTH_FAMILY_INT, .value = &two);
  REFUSED(x, "'x' holds int or float, wanted bool", .families = MTH_FAMILY_BOOL);
  REFUSED(x, "a tensor takes a number or a constant as its value", .value = &text);
  REFUSED(x, "'x' has shape [3], wanted []", .constant = &one, .shape = &row);
#undef REFUSED
  EXPECT_REFUSED(context, m, add_one(m, relu, MTH_WIRE_AS("output", .name = "y", .value = &two)),
                 "model 'Relu', key 'output'", "an output can not be given a value");
  EXPECT_REFUSED(context, m, add_one(m, relu, MTH_WIRE_AS("output", .expose = true)),
                 "model 'Model', key '$2' (Relu.output)",
                 "it has no name: an unnamed connection is exposed under a new one");
  mth_wire twice = MTH_WIRE("input", "x");
  twice.facts = &(mth_facts){.name = "y"};
  EXPECT_REFUSED(context, m, add_one(m, relu, twice), "model 'Relu', key 'input'",
                 "its wire leads elsewhere than to the name 'y' of its facts");
  mth_connection *made = NULL;
  EXPECT_REFUSED(context, m, mth_model_add_input(m, "x", &(mth_facts){.name = "y"}, &made),
                 "model 'Model'", "the input 'x' is called 'y' by its facts");
  mth_model *softmax = new_op(context, "Softmax");
  const char *axis = "model 'Model', key 'a'";
  EXPECT_REFUSED(context, m, add_one(m, softmax, MTH_WIRE_AS("axis", .name = "a", .shape = &row)),
                 axis, "it is an argument and has no shape");
  mth_model_destroy(softmax);
  mth_model_destroy(relu);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection_facts, frozen_wins_over_trained_on_either_side) {
  mth_context *context = new_context();
  for (int side = 0; side < 2; side++) {
    mth_model *m = new_model(context);
    mth_connection *trained = NULL, *frozen = NULL;
    EXPECT_INT(mth_model_add_input(m, "t", &(mth_facts){.differentiable = true}, &trained), MTH_OK);
    EXPECT_INT(mth_model_add_input(m, "f", &(mth_facts){.frozen = true}, &frozen), MTH_OK);
    mth_connection *const both[] = {side ? trained : frozen, side ? frozen : trained};
    EXPECT_INT(mth_model_merge(m, both, 2, "both"), MTH_OK);
    EXPECT(!mth_connection_is_differentiable(key(m, "both")));
    EXPECT_INT(mth_connection_set_differentiable(key(m, "both"), true), MTH_OK);
    EXPECT(mth_connection_is_differentiable(key(m, "both")));
    mth_model_destroy(m);
  }
  mth_context_destroy(context);
}

TEST(connection_facts, what_comes_to_have_a_value_is_no_canonical_input) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *child = new_model(context);
  mth_connection *half = NULL, *chain = NULL;
  const mth_constant constant = {.dtype = MTH_F64, .data = &(double){0.5}};
  ASSERT(add_one(child, new_op(context, "Tanh"),
                 MTH_WIRE_AS("input", .name = "q", .constant = &constant)) == MTH_OK);
  ASSERT(add_one(m, new_op(context, "Relu"), MTH_WIRE("input", "x")) == MTH_OK);
  ASSERT(add_one(m, new_op(context, "Relu"), MTH_WIRE("input", "y")) == MTH_OK);
  ASSERT(add_one(m, new_op(context, "Relu"), MTH_WIRE("input", "z")) == MTH_OK);
  ASSERT(mth_model_add_input(m, "w", NULL, &chain) == MTH_OK);
  ASSERT(mth_model_add_constant(m, &constant, &half) == MTH_OK);
  EXPECT_INT((int)mth_model_canonical_input_count(m), 4);
  ASSERT(add_one(m, child, MTH_WIRE("q", "x")) == MTH_OK); // a child's key has it
  mth_connection *const y_half[] = {key(m, "y"), half}, *const w_y[] = {chain, key(m, "y")};
  ASSERT(mth_model_merge(m, y_half, 2, NULL) == MTH_OK);
  ASSERT(mth_model_merge(m, w_y, 2, "y") == MTH_OK);
  EXPECT_INT((int)mth_model_canonical_input_count(m), 1);
  ASSERT(mth_model_canonical_input(m, &chain) == MTH_OK);
  EXPECT(chain == key(m, "z"));
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection_facts, a_value_makes_a_parameter_a_constant) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_connection *shared = NULL, *other = NULL;
  static const double numbers[] = {1, 2, 3, 4, 5, 6};
  const mth_constant weight = {
      .dtype = MTH_F64, .rank = 2, .extents = (int64_t[]){2, 3}, .data = numbers};
  ASSERT(mth_model_add_constant(m, &weight, &shared) == MTH_OK);
  ASSERT(add_one(m, new_linear(context, 2), MTH_WIRE_TO("weight", shared)) == MTH_OK);
  ASSERT(add_one(m, new_linear(context, 2), MTH_WIRE("weight", "w")) == MTH_OK);
  EXPECT(mth_connection_is_differentiable(key(m, "w")));
  ASSERT(mth_connection_set_constant(key(m, "w"), &weight) == MTH_OK);
  for (size_t i = 0; i < 2; i++) {
    EXPECT(!mth_connection_is_differentiable(key(mth_model_child(m, i), "weight")));
    EXPECT(mth_connection_initializer(key(mth_model_child(m, i), "weight")) == NULL);
  }
  // The same value is no other value.
  ASSERT(mth_connection_set_constant(key(m, "w"), &weight) == MTH_OK);
  ASSERT(mth_model_add_constant(m, &weight, &other) == MTH_OK);
  ASSERT(mth_model_merge(m, (mth_connection *[]){key(m, "w"), shared, other}, 3, NULL) == MTH_OK);
  EXPECT(mth_connection_constant(key(mth_model_child(m, 0), "weight")) != NULL);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
