// physical_model_discard_test.c: what is dropped on request, and what nothing needs.
#include "test/ir/physical_fixture.h"

// Linear, squared error against a target, mean: outputs `output` and `final_cost`.
static mth_model *new_regression(mth_context *context) {
  mth_model *m = new_model(context);
  const mth_wire named[] = {MTH_WIRE("input", "input"), MTH_WIRE("weight", "weight"),
                            MTH_WIRE("bias", "bias"), MTH_WIRE("output", "output")};
  EXPECT_INT(mth_model_append(m, new_linear(context, 1), NULL, named, 4), MTH_OK);
  expose(m, "output");
  add_op(m, "SquaredError", "output", "target", NULL);
  const mth_wire cost = MTH_WIRE("output", "final_cost");
  EXPECT_INT(mth_model_append(m, new_op(context, "Mean"), NULL, &cost, 1), MTH_OK);
  expose(m, "final_cost");
  return m;
}

#define EXPECT_DROPPED(model, options, wanted_outputs, wanted_dropped)                             \
  do {                                                                                             \
    EXPECT_SET(model, options, MTH_KEYS_OUTPUTS, wanted_outputs);                                  \
    EXPECT_SET(model, options, MTH_KEYS_DISCARDED, wanted_dropped);                                \
  } while (0)

TEST(physical_model_discard, nothing_by_itself) {
  mth_context *context = new_context();
  mth_model *m = new_linear(context, 4);
  EXPECT_DROPPED(m, NULL, "output", "");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_discard, the_only_output_takes_everything) {
  mth_context *context = new_context();
  mth_model *m = new_linear(context, 4);
  EXPECT_DROPPED(m, OPTIONS(KEY(discard, "output")), "",
                 "axes bias input output output_0 output_1 weight");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_discard, shared_inputs_go_with_their_last_user) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Multiply", "a", "b", "p");
  add_op(m, "Multiply", "b", "p", "q");
  add_op(m, "Add", "q", "q", "sum");
  EXPECT_DROPPED(m, NULL, "sum", "");
  EXPECT_DROPPED(m, OPTIONS(KEY(discard, "sum")), "", "a b p q sum");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_discard, what_another_output_needs_stays) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "a");
  add_op(m, "Relu", "a", NULL, "b");
  add_op(m, "Relu", "b", NULL, "c");
  add_op(m, "Tanh", "b", NULL, "d");
  add_op(m, "Relu", "c", NULL, "e");
  add_op(m, "Relu", "e", NULL, "left");
  add_op(m, "Tanh", "d", NULL, "right");
  EXPECT_DROPPED(m, OPTIONS(KEY(discard, "left")), "right", "c e left");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_discard, an_output_that_operators_read_is_only_no_output) {
  mth_context *context = new_context();
  mth_model *m = new_regression(context);
  EXPECT_DROPPED(m, NULL, "final_cost output", "");
  EXPECT_DROPPED(m, OPTIONS(KEY(discard, "output")), "final_cost", "");
  EXPECT_DROPPED(m, OPTIONS(KEY(discard, "final_cost")), "output",
                 "axis final_cost keepdim output_2 target");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_discard, an_output_that_was_read_keeps_what_it_is_made_from) {
  mth_context *context = new_context();
  mth_model *m = new_regression(context);
  EXPECT_DROPPED(m, OPTIONS(KEYS(discard, "output", "final_cost")), "",
                 "axis final_cost keepdim output_2 target");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// As a model with a loss is made: the cost is another name of the mean.
TEST(physical_model_discard, a_buffer_goes_with_what_it_stands_for) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const mth_wire named[] = {MTH_WIRE("input", "input"), MTH_WIRE("output", "output")};
  ASSERT(mth_model_append(m, new_linear(context, 1), NULL, named, 2) == MTH_OK);
  expose(m, "output");
  add_op(m, "SquaredError", "output", "target", NULL);
  ASSERT(mth_model_append(m, new_op(context, "Mean"), NULL, NULL, 0) == MTH_OK);
  const mth_wire cost = MTH_WIRE("output", "final_cost");
  ASSERT(mth_model_append(m, new_op(context, "Buffer"), NULL, &cost, 1) == MTH_OK);
  expose(m, "final_cost");
  EXPECT_DROPPED(m, OPTIONS(KEYS(discard, "output", "final_cost")), "",
                 "axis final_cost keepdim output_2 output_3 target");
  EXPECT_DROPPED(m, OPTIONS(KEY(discard, "output")), "final_cost", "");
  EXPECT_DROPPED(m, NULL, "final_cost output", "");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_discard, an_input_takes_what_is_made_from_it_alone) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "a");
  add_op(m, "Mean", "a", NULL, "b");
  expose(m, "b");
  add_op(m, "Relu", "y", NULL, "c");
  expose(m, "c");
  EXPECT_DROPPED(m, OPTIONS(KEYS(discard, "x", "b")), "c", "a axis b keepdim x");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// What is dropped is listed; a program that would need it is refused.
TEST(physical_model_discard, an_input_that_an_output_needs_is_listed) {
  mth_context *context = new_context();
  mth_model *m = new_regression(context);
  EXPECT_DROPPED(m, OPTIONS(KEY(discard, "target")), "final_cost output", "target");
  expect_no_program(m, OPTIONS(KEY(discard, "target")),
                    "the discarded key 'target' is needed by the output 'final_cost'");
  expect_no_program(m, OPTIONS(KEY(discard, "weight")),
                    "the discarded key 'output_0' is needed by the output 'output'");
  EXPECT_DROPPED(m, OPTIONS(KEYS(discard, "target", "final_cost")), "output",
                 "axis final_cost keepdim output_2 target");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_discard, an_input_does_not_take_an_output) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "y");
  expect_no_program(m, OPTIONS(KEY(discard, "x")),
                    "the discarded key 'x' is needed by the output 'y'");
  mth_model *same = new_model(context);
  add_op(same, "Buffer", "x", NULL, "y"); // left out of a program: the output is the input
  expect_no_program(same, OPTIONS(KEY(discard, "x")), "the discarded key 'x' is the output 'y'");
  mth_model_destroy(same);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_discard, what_hangs_goes_by_itself) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "a");
  expose(m, "a");
  add_op(m, "Add", "a", "y", "b");
  add_op(m, "Tanh", "b", NULL, "c"); // canonical, but another output was exposed
  EXPECT_DROPPED(m, NULL, "a", "b c y");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_model_discard, repeated_outputs_share_what_they_are_made_from) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "a");
  add_op(m, "Relu", "x", NULL, "b");
  EXPECT_DROPPED(m, NULL, "a b", "");
  EXPECT_DROPPED(m, OPTIONS(KEY(discard, "b")), "a", "b");
  EXPECT_DROPPED(m, OPTIONS(KEY(discard, "a")), "b", "");
  mth_model_destroy(m);
  mth_context_destroy(context);
}
