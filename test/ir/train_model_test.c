// train_model_test.c: what a TrainModel is made of. Numbers: test/numerics/train_model_test.c.
#include "test/ir/physical_fixture.h"
#include "test/ir/train_fixture.h"

static char text[2048];

TEST(train_model, wraps_a_model_under_its_names) {
  mth_context *context = new_context();
  mth_model *net = new_model(context);
  ASSERT(mth_model_append(net, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(net, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(net, new_linear(context, 2), NULL, NULL, 0) == MTH_OK);
  mth_train_model *train = new_train(context, net);
  const mth_model *model = mth_train_model_get(train);
  EXPECT_TEXT(mth_model_class_name(model), "TrainModel");
  EXPECT_TEXT(children_of(model, text), "Model(weight_0, input, bias_0, weight_1, bias_1)");
  EXPECT_INT(mth_connection_class(key(model, "output")), MTH_KEY_OUTPUT);
  EXPECT(mth_train_model_inner(train) == net);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, exposed_outputs_are_its_outputs_and_no_others) {
  mth_context *context = new_context();
  mth_model *net = new_model(context);
  const mth_wire x = MTH_WIRE("input", "x"), wires[] = {x, MTH_WIRE("output", "y")};
  ASSERT(mth_model_add(net, new_op(context, "Relu"), NULL, wires, 2) == MTH_OK);
  ASSERT(mth_model_add(net, new_op(context, "Tanh"), NULL, &x, 1) == MTH_OK);
  ASSERT(mth_model_expose(net, key(net, "y"), NULL) == MTH_OK);
  mth_train_model *train = new_train(context, net);
  const mth_model *model = mth_train_model_get(train);
  EXPECT_INT(mth_connection_class(key(model, "y")), MTH_KEY_OUTPUT);
  EXPECT(mth_model_find(model, "output") == NULL);
  EXPECT_INT(mth_model_connection_count(model), 3); // x, y, and the other one, nameless
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, an_output_without_a_name_takes_one_that_is_free) {
  mth_context *context = new_context();
  mth_model *net = new_model(context);
  const mth_wire wire = MTH_WIRE("input", "output");
  ASSERT(mth_model_append(net, new_op(context, "Relu"), NULL, &wire, 1) == MTH_OK);
  mth_train_model *train = new_train(context, net);
  EXPECT_INT(mth_connection_class(key(mth_train_model_get(train), "output")), MTH_KEY_INPUT);
  EXPECT_INT(mth_connection_class(key(mth_train_model_get(train), "_output")), MTH_KEY_OUTPUT);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, one_loss_is_the_cost) {
  char shape[256];
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 4));
  mth_model *model = NULL, *again = NULL;
  ASSERT(add_error(train, "output", "target", NULL) == MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  EXPECT_TEXT(children_of(model, text),
              "Linear(weight, input, bias) SquaredError(output, target) Mean(SquaredError) "
              "Buffer(Mean)");
  EXPECT_TEXT(shape_of(key(model, "final_cost"), shape), "[]");
  EXPECT_INT(mth_connection_class(key(model, "final_cost")), MTH_KEY_OUTPUT);
  EXPECT_INT(mth_connection_class(key(model, "target")), MTH_KEY_INPUT);
  EXPECT_INT(mth_model_canonical_output_count(model), 1);
  EXPECT_TEXT(mth_connection_key(mth_model_canonical_output_at(model, 0)), "final_cost");
  EXPECT_INT(mth_train_model_finalize(train, &again), MTH_OK);
  EXPECT(again == model);
  EXPECT_INT(mth_model_child_count(model), 4);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, steps_coefficient_and_name_of_a_loss) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 4));
  mth_model *const steps[] = {new_op(context, "Max"), new_op(context, "Sqrt")};
  const mth_loss_options options = {.struct_bytes = sizeof options,
                                    .steps = steps,
                                    .step_count = 2,
                                    .coef = MTH_COEF(0.5),
                                    .key_name = "worst"};
  mth_model *model = NULL;
  ASSERT(add_error(train, "output", "target", &options) == MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  EXPECT_TEXT(children_of(model, text),
              "Linear(weight, input, bias) SquaredError(output, target) Max(SquaredError) "
              "Sqrt(Max) Multiply(Sqrt, value) Buffer(worst)");
  EXPECT_INT(mth_connection_class(key(model, "worst")), MTH_KEY_OUTPUT);
  const mth_train_term *term = mth_train_model_loss(train, 0);
  EXPECT_INT(mth_train_model_loss_count(train), 1);
  EXPECT(term->step_count == 2 && term->steps[1] == steps[1]);
  EXPECT(term->coef.kind == MTH_COEF_NUMBER && term->coef.number == 0.5);
  EXPECT_TEXT(term->key_name, "worst");
  EXPECT(mth_train_model_loss(train, 1) == NULL);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, several_losses_are_combined) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 4));
  mth_model *model = NULL;
  ASSERT(add_error(train, "output", "target", NULL) == MTH_OK);
  ASSERT(add_error(train, "output", "other", NULL) == MTH_OK);
  EXPECT(mth_train_model_loss_combiner(train) == NULL);
  mth_model *mean = new_op(context, "Mean");
  ASSERT(mth_train_model_set_loss_combiner(train, new_op(context, "Max")) == MTH_OK);
  ASSERT(mth_train_model_set_loss_combiner(train, mean) == MTH_OK); // instead
  ASSERT(mth_train_model_set_loss_combiner(train, mean) == MTH_OK);
  EXPECT(mth_train_model_loss_combiner(train) == mean);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  EXPECT_TEXT(children_of(model, text),
              "Linear(weight, input, bias) SquaredError(output, target) Mean(SquaredError_0) "
              "SquaredError(output, other) Mean(SquaredError_1) AtLeast1D(Mean_0) "
              "AtLeast1D(Mean_1) Concat(AtLeast1D_0, AtLeast1D_1) Mean(Concat)");
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

// ---- regularizers -------------------------------------------------------------------------------

TEST(train_model, a_regularizer_is_divided_by_what_the_loss_folds) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 4));
  mth_model *model = NULL;
  ASSERT(add_error(train, "output", "target", NULL) == MTH_OK);
  ASSERT(add_sum(train, MTH_COEF(0.1), "weight") == MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  EXPECT_TEXT(
      children_of(model, text),
      "Linear(weight, input, bias) SquaredError(output, target) Mean(SquaredError, value) "
      "Sum(weight) ElementCount(SquaredError, value) Divide(Sum_0, ElementCount) Buffer(Mean) "
      "AtLeast1D(Divide) Concat(AtLeast1D_0) Sum(Concat_0) Multiply(Sum_1, value) "
      "AtLeast1D(loss) AtLeast1D(Multiply) Concat(AtLeast1D_1, AtLeast1D_2) "
      "Sum(Concat_1)");
  EXPECT_INT(mth_connection_class(key(model, "loss")), MTH_KEY_INTERNAL);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, what_is_folded_along_an_axis_is_counted_along_it) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 4));
  mth_model *model = NULL, *steps[] = {NULL, new_op(context, "Sum")};
  const mth_loss_options options = {
      .struct_bytes = sizeof options, .steps = steps, .step_count = 2};
  ASSERT(mth_model_create_op(context, "mean", &MTH_ARG_IS("axis", 1, (int64_t[]){0}), 1,
                             &steps[0]) == MTH_OK);
  ASSERT(add_error(train, "output", "target", &options) == MTH_OK);
  ASSERT(add_sum(train, MTH_COEF(0.1), "weight") == MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  const mth_connection *axis = key(mth_model_find_child(model, "ElementCount"), "axis");
  ASSERT(mth_connection_value(axis) != NULL);
  EXPECT_INT(mth_connection_value(axis)->kind, MTH_ARG_INTS);
  EXPECT_INT(mth_connection_value(axis)->ints[0], 0);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, sums_and_losses_of_other_keys_do_not_count) {
  mth_context *context = new_context();
  mth_model *net = new_model(context), *model = NULL;
  const mth_wire first[] = {MTH_WIRE("weight", "v"), MTH_WIRE("output", "y")};
  const mth_wire second[] = {MTH_WIRE("weight", "w"), MTH_WIRE("output", "z")};
  ASSERT(mth_model_add(net, new_linear(context, 4), NULL, first, 2) == MTH_OK);
  ASSERT(mth_model_add(net, new_linear(context, 4), NULL, second, 2) == MTH_OK);
  mth_train_model *train = new_train(context, net);
  mth_model *const sum[] = {new_op(context, "Sum")};
  const mth_loss_options options = {.struct_bytes = sizeof options, .steps = sum, .step_count = 1};
  ASSERT(add_error(train, "y", "s", &options) == MTH_OK);
  ASSERT(add_error(train, "z", "t", NULL) == MTH_OK);
  ASSERT(add_sum(train, MTH_COEF(1), "v") == MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  EXPECT(mth_model_find_child(model, "ElementCount") == NULL);
  EXPECT(mth_model_find_child(model, "Divide") == NULL);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, several_losses_give_the_geometric_mean) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 4));
  mth_model *const steps[] = {new_op(context, "Min"), new_op(context, "Mean")};
  const mth_loss_options options = {
      .struct_bytes = sizeof options, .steps = steps, .step_count = 2};
  mth_model *model = NULL;
  ASSERT(add_error(train, "output", "s", NULL) == MTH_OK);
  ASSERT(add_error(train, "output", "t", &options) == MTH_OK);
  ASSERT(add_sum(train, MTH_COEF(1), "weight") == MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  EXPECT(strstr(children_of(model, text),
                " ElementCount(SquaredError_0, value) ElementCount(Min, value) "
                "ElementCount(SquaredError_1, value) Multiply(ElementCount_1, ElementCount_2) "
                "Multiply(ElementCount_0, Multiply_0) Power(Multiply_1, value) "
                "Divide(Sum_0, Power) "));
  const mth_model *power = mth_model_find_child(model, "Power");
  const mth_constant *root = power ? mth_connection_constant(key(power, "exponent")) : NULL;
  EXPECT(root && *(const double *)root->data == 0.5);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, equal_coefficients_are_one_group) {
  static const double tenth = 0.1;
  const mth_constant one = {.dtype = MTH_F64, .data = &tenth}, other = one;
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 4));
  mth_model *const sum[] = {new_op(context, "Sum")};
  const mth_loss_options options = {.struct_bytes = sizeof options, .steps = sum, .step_count = 1};
  mth_model *model = NULL;
  ASSERT(add_error(train, "output", "target", &options) == MTH_OK);
  ASSERT(add_sum(train, MTH_COEF(2), "weight") == MTH_OK);
  ASSERT(add_sum(train, MTH_COEF_OF(&one), "weight") == MTH_OK);
  ASSERT(add_sum(train, MTH_COEF(2), "bias") == MTH_OK);
  ASSERT(add_sum(train, MTH_COEF_OF(&one), "bias") == MTH_OK);
  ASSERT(add_sum(train, MTH_COEF_OF(&other), "bias") == MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  const char *found = strstr(children_of(model, text), "Buffer");
  EXPECT_TEXT(found ? found : "",
              "Buffer(Sum_0) AtLeast1D(Sum_1) AtLeast1D(Sum_3) Concat(AtLeast1D_0, AtLeast1D_1) "
              "Sum(Concat_0) Multiply(Sum_6, value) AtLeast1D(Sum_2) AtLeast1D(Sum_4) "
              "Concat(AtLeast1D_2, AtLeast1D_3) Sum(Concat_1) Multiply(Sum_7, value) "
              "AtLeast1D(Sum_5) Concat(AtLeast1D_4) Sum(Concat_2) Multiply(Sum_8, value) "
              "AtLeast1D(loss) AtLeast1D(Multiply_0) AtLeast1D(Multiply_1) AtLeast1D(Multiply_2) "
              "Concat(AtLeast1D_5, AtLeast1D_6, AtLeast1D_7, AtLeast1D_8) Sum(Concat_3)");
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, a_pattern_regularizes_every_parameter_it_is_found_in) {
  mth_context *context = new_context();
  mth_model *mlp = NULL, *sum = new_op(context, "Sum"), *model = NULL;
  const char *const activations[] = {"Relu", "Relu", NULL};
  ASSERT(mth_mlp(context, 3, activations, (const int64_t[]){4, 4, 4}, &mlp) == MTH_OK);
  mth_train_model *train = new_train(context, mlp);
  const mth_regularization_options options = {.struct_bytes = sizeof options,
                                              .pattern = "weight[02]"};
  ASSERT(add_error(train, "output", "target", NULL) == MTH_OK);
  ASSERT(mth_train_model_add_regularization(train, sum, MTH_COEF(1), NULL, 0, &options) == MTH_OK);
  const mth_train_term *term = mth_train_model_regularization(train, 0);
  EXPECT_INT(term->copy_count, 2);
  EXPECT(term->model == sum && term->copies[0] != sum);
  EXPECT_TEXT(term->pattern, "weight[02]");
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  EXPECT(strstr(children_of(model, text), "Sum(weight0) Sum(weight2) Element"));
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, a_regularizer_leaves_canonical_keys_alone_and_may_read_outputs) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 4));
  const mth_model *model = mth_train_model_get(train);
  mth_model *product = new_op(context, "Multiply");
  const mth_wire wires[] = {MTH_WIRE("left", "weight"), MTH_WIRE("right", "scale")};
  const mth_regularization_options options = {
      .struct_bytes = sizeof options, .reg_key = "left", .key_name = "scaled"};
  ASSERT(mth_train_model_add_regularization(train, product, MTH_COEF(1), wires, 2, &options) ==
         MTH_OK);
  EXPECT_INT(mth_model_canonical_input_count(model), 1);
  EXPECT_TEXT(mth_connection_key(mth_model_canonical_output_at(model, 0)), "output");
  EXPECT_INT(mth_connection_class(key(model, "scale")), MTH_KEY_INPUT);
  EXPECT_INT(mth_connection_class(key(model, "scaled")), MTH_KEY_OUTPUT);
  EXPECT_TEXT(mth_train_model_regularization(train, 0)->reg_key, "left");
  const mth_wire reading[] = {MTH_WIRE("left", "bias"), MTH_WIRE("right", "output")};
  const mth_regularization_options left = {.struct_bytes = sizeof left, .reg_key = "left"};
  ASSERT(mth_train_model_add_regularization(train, new_op(context, "Multiply"), MTH_COEF(1),
                                            reading, 2, &left) == MTH_OK);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

// ---- metrics ------------------------------------------------------------------------------------

TEST(train_model, metrics_are_outputs_beside_the_cost) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 4));
  const mth_wire wire = MTH_WIRE("input", "output");
  mth_model *const steps[] = {new_op(context, "Max")};
  const mth_metric_options options = {
      .struct_bytes = sizeof options, .steps = steps, .step_count = 1, .key_name = "largest"};
  mth_model *model = NULL;
  ASSERT(add_error(train, "output", "target", NULL) == MTH_OK);
  for (size_t i = 0; i < 2; i++)
    ASSERT(mth_train_model_add_metric(train, new_op(context, "Absolute"), &wire, 1, NULL) ==
           MTH_OK);
  ASSERT(mth_train_model_add_metric(train, new_op(context, "Absolute"), &wire, 1, &options) ==
         MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  EXPECT_TEXT(children_of(model, text),
              "Linear(weight, input, bias) SquaredError(output, target) Mean(SquaredError) "
              "Absolute(output) Buffer(Absolute_0) Absolute(output) Buffer(Absolute_1) "
              "Absolute(output) Max(Absolute_2) Buffer(Mean)");
  EXPECT_INT(mth_connection_class(key(model, "absolute")), MTH_KEY_OUTPUT);
  EXPECT_INT(mth_connection_class(key(model, "absolute_1")), MTH_KEY_OUTPUT);
  EXPECT_INT(mth_connection_class(key(model, "largest")), MTH_KEY_OUTPUT);
  EXPECT_INT(mth_train_model_metric_count(train), 3);
  EXPECT_TEXT(mth_train_model_metric(train, 1)->key_name, "absolute_1");
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, what_is_never_finalized_is_given_back) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 4));
  const mth_regularization_options options = {.struct_bytes = sizeof options, .pattern = "w"};
  ASSERT(mth_train_model_add_regularization(train, new_op(context, "Sum"), MTH_COEF(1), NULL, 0,
                                            &options) == MTH_OK);
  ASSERT(mth_train_model_set_loss_combiner(train, new_op(context, "Mean")) == MTH_OK);
  mth_train_model_destroy(train);
  mth_train_model_destroy(NULL);
  mth_context_destroy(context);
}

// ---- as a program ------------------------------------------------------------------------------

TEST(train_model, the_cost_and_what_only_it_needs_can_be_dropped) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 1));
  mth_model *model = NULL;
  ASSERT(add_error(train, "output", "target", NULL) == MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  EXPECT_SET(model, NULL, MTH_KEYS_OUTPUTS, "final_cost output");
  EXPECT_SET(model, NULL, MTH_KEYS_COTANGENTS, "final_cost");
  EXPECT_SET(model, NULL, MTH_KEYS_TRAINABLE, "bias weight");
  EXPECT_SET(model, OPTIONS(KEYS(discard, "output", "final_cost")), MTH_KEYS_DISCARDED,
             "axis final_cost keepdim output_2 output_3 target");
  EXPECT_SET(model, OPTIONS(KEY(discard, "output")), MTH_KEYS_OUTPUTS, "final_cost");
  EXPECT_SET(model, OPTIONS(KEY(discard, "output")), MTH_KEYS_DISCARDED, "");
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(train_model, regularizers_drop_nothing) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_linear(context, 1));
  mth_model *model = NULL;
  const mth_wire wire = MTH_WIRE("input", "weight");
  ASSERT(add_error(train, "output", "target", NULL) == MTH_OK);
  ASSERT(mth_train_model_add_regularization(train, new_class(context, "L1"), MTH_COEF(0.1), &wire,
                                            1, NULL) == MTH_OK);
  ASSERT(mth_train_model_finalize(train, &model) == MTH_OK);
  EXPECT_SET(model, NULL, MTH_KEYS_OUTPUTS, "final_cost output");
  EXPECT_SET(model, NULL, MTH_KEYS_DISCARDED, "");
  EXPECT_SET(model, OPTIONS(KEY(discard, "output")), MTH_KEYS_OUTPUTS, "final_cost");
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}
