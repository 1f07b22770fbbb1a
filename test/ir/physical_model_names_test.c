// physical_model_names_test.c: what keys are called, in both styles.
#include "test/ir/physical_fixture.h"

static mth_model *new_chain(mth_context *context) {
  mth_model *m = new_model(context);
  EXPECT_INT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0), MTH_OK);
  EXPECT_INT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0), MTH_OK);
  EXPECT_INT(mth_model_append(m, new_linear(context, 2), NULL, NULL, 0), MTH_OK);
  return m;
}

TEST(physical_model_names, of_one_layer) {
  mth_context *context = new_context();
  mth_model *m = new_linear(context, 4);
  EXPECT_KEYS(m, NULL, "weight axes output_0 input output_1 bias output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, of_a_chain) {
  mth_context *context = new_context();
  mth_model *m = new_chain(context);
  EXPECT_KEYS(m, NULL,
              "weight_0 axes_0 output_0 input output_1 bias_0 output_2 output_3 "
              "weight_1 axes_1 output_4 output_5 bias_1 output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, an_internal_name_is_only_an_origin) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "output");
  ASSERT(mth_model_append(m, new_op(context, "Tanh"), NULL, NULL, 0) == MTH_OK);
  EXPECT_KEYS(m, NULL, "x output_0 output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, the_only_internal_key_of_an_origin_has_no_number) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "hidden");
  add_op(m, "Relu", "hidden", NULL, "y");
  add_op(m, "Softmax", "y", NULL, "z");
  EXPECT_KEYS(m, NULL, "x hidden y axis z");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, an_input_called_output_keeps_its_name) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "output", NULL, NULL);
  EXPECT_KEYS(m, NULL, "output _output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, two_unnamed_outputs) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, NULL);
  add_op(m, "Tanh", "x", NULL, NULL);
  EXPECT_KEYS(m, NULL, "x output _output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, unnamed_inputs_make_way_for_a_named_one) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const mth_wire named = MTH_WIRE("weight", "weight");
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, &named, 1) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  EXPECT_KEYS(m, NULL,
              "weight axes_0 output_0 input output_1 bias_0 output_2 weight_0 axes_1 output_3 "
              "output_4 bias_1 output_5 weight_1 axes_2 output_6 output_7 bias_2 output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, formulas_are_reserved_for_internal_keys) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "exp", NULL, "add");
  add_op(m, "Relu", "add", NULL, "multiply"); // not how the catalogue calls its formula
  add_op(m, "Relu", "multiply", NULL, "where");
  expose(m, "where");
  EXPECT_KEYS(m, NULL, "exp _add multiply where");
  EXPECT_KEYS(m, OPTIONS(.naming = MTH_NAMING_LONG), "exp _add multiply where");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, numbers_skip_names_that_are_taken) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "output_0", NULL, NULL);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  EXPECT_KEYS(m, NULL, "output_0 output_1 output_2 output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, operators_wait_for_what_they_read) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "p", NULL, "q");
  add_op(m, "Tanh", "x", NULL, "p");
  EXPECT_KEYS(m, NULL, "x p q");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, inputs_that_nobody_reads_come_last) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_connection *free_input = NULL;
  ASSERT(mth_model_add_input(m, "extra", NULL, &free_input) == MTH_OK);
  add_op(m, "Relu", "x", NULL, "y");
  EXPECT_KEYS(m, NULL, "x y extra");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, long_of_a_chain) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  EXPECT_KEYS(m, OPTIONS(.naming = MTH_NAMING_LONG),
              "linear_weight linear_transpose_axes linear_transpose_output linear_input "
              "linear_matrixmultiply_output linear_bias linear_output output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, long_keeps_names_and_tells_children_apart) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const mth_wire named[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "hidden")};
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, named, 2) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  EXPECT_KEYS(m, OPTIONS(.naming = MTH_NAMING_LONG),
              "linear_0_weight linear_0_transpose_axes linear_0_transpose_output x "
              "linear_0_matrixmultiply_output linear_0_bias hidden linear_1_weight "
              "linear_1_transpose_axes linear_1_transpose_output linear_1_matrixmultiply_output "
              "linear_1_bias output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, long_makes_way_for_names) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const mth_wire named = MTH_WIRE("bias", "relu_output");
  add_op(m, "Relu", "x", NULL, NULL);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, &named, 1) == MTH_OK);
  EXPECT_KEYS(m, OPTIONS(.naming = MTH_NAMING_LONG),
              "x relu_output_0 linear_weight linear_transpose_axes linear_transpose_output "
              "linear_matrixmultiply_output relu_output output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, keys_answer_to_their_paths_whatever_the_style) {
  mth_context *context = new_context();
  mth_model *block = new_model(context), *m = new_model(context);
  ASSERT(mth_model_append(block, new_linear(context, 4), "conv1", NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, block, "layer1", NULL, 0) == MTH_OK);
  for (int style = 0; style < 2; style++) {
    mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
    const mth_physical_model *p = NULL;
    ASSERT(mth_physical_model_create(m, OPTIONS(.naming = (mth_naming)style), &arena, &p) ==
           MTH_OK);
    const char *const paths[] = {"layer1_conv1_weight", "layer1_conv1_bias",
                                 "layer1_conv1_Transpose_axes", "layer1_conv1_output"};
    const char *const names[2][4] = {
        {"weight", "bias", "axes", "output"},
        {"layer1_conv1_weight", "layer1_conv1_bias", "layer1_conv1_transpose_axes", "output"}};
    for (size_t i = 0; i < 4; i++) {
      const mth_physical_key *found = mth_physical_find(p, paths[i]);
      ASSERT(found != NULL);
      EXPECT_TEXT(found->name, names[style][i]);
      EXPECT_TEXT(found->path, paths[i]);
      EXPECT(mth_physical_find(p, names[style][i]) == found);
    }
    EXPECT(mth_physical_find(p, "layer1_conv1") == NULL);
    EXPECT(mth_physical_find(p, NULL) == NULL);
    mth_arena_reset(&arena);
  }
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_names, a_path_of_two_keys_answers_for_neither) {
  mth_context *context = new_context();
  mth_model *inner = new_model(context), *m = new_model(context);
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  const mth_physical_key *found = NULL;
  const mth_wire b_x = MTH_WIRE("input", "b_x"), x = MTH_WIRE("input", "x");
  ASSERT(mth_model_add(inner, new_op(context, "Relu"), NULL, &b_x, 1) == MTH_OK);
  ASSERT(mth_model_add(m, inner, "a", NULL, 0) == MTH_OK);
  inner = new_model(context);
  ASSERT(mth_model_add(inner, new_op(context, "Relu"), NULL, &x, 1) == MTH_OK);
  ASSERT(mth_model_add(m, inner, "a_b", NULL, 0) == MTH_OK);
  ASSERT(mth_physical_model_create(m, NULL, &arena, &p) == MTH_OK);
  EXPECT(mth_physical_find(p, "a_b_x") == NULL);
  EXPECT_ERROR(context, mth_physical_get(p, MTH_REF("a_b_x"), &found), "model 'Model'",
               "the key 'a_b_x' is the path of 'b_x' and of 'x'");
  mth_arena_reset(&arena);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// Named inputs keep their names, unnamed ones of an origin are numbered.
TEST(physical_model_names, of_a_model_with_some_names) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const mth_wire first[] = {MTH_WIRE("input", "x"), MTH_WIRE("weight", "w1")};
  const mth_wire last[] = {MTH_WIRE("output", "y")};
  ASSERT(mth_model_add(m, new_linear(context, 4), NULL, first, 2) == MTH_OK);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 2), NULL, last, 1) == MTH_OK);
  EXPECT_SET(m, NULL, MTH_KEYS_OUTPUTS, "y");
  EXPECT_SET(m, NULL, MTH_KEYS_TRAINABLE, "bias_0 bias_1 w1 weight");
  EXPECT_SET(m, NULL, MTH_KEYS_DATA, "x");
  mth_model_destroy(m);
  mth_context_destroy(context);
}
