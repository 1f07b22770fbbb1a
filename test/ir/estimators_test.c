// estimators_test.c: keys and shapes of small models with a layer of parameters.
#include "test/ir/train_fixture.h"

static char text[256];

static void expect_two_outputs(mth_context *context, const char *name, const char *keys,
                               const char *extra) {
  mth_model *model = new_class(context, name);
  EXPECT_TEXT(keys_of(model, text), keys);
  EXPECT_TEXT(shape_of(key(model, "weight"), text), "[1, u1]");
  EXPECT_TEXT(shape_of(key(model, "bias"), text), "[1]");
  EXPECT(mth_connection_is_differentiable(key(model, "weight")));
  EXPECT_TEXT(shape_of(key(model, extra), text), "[..., u1, 1]");
  EXPECT_INT(mth_model_canonical_output_count(model), 1);
  EXPECT_TEXT(mth_connection_key(mth_model_canonical_output_at(model, 0)), "output");
  EXPECT_TEXT(mth_connection_key(mth_model_canonical_input_at(model, 0)), "input");
  mth_model_destroy(model);
}

TEST(estimators, go_on_from_the_linear_output) {
  mth_context *context = new_context();
  expect_two_outputs(context, "LinearSVM", "weight input bias output decision_output",
                     "decision_output");
  expect_two_outputs(context, "LogisticRegression", "weight input bias output probs_output",
                     "probs_output");
  mth_context_destroy(context);
}

TEST(estimators, input_size_fixes_the_last_dim) {
  mth_context *context = new_context();
  mth_model *model = new_class(context, "LinearSVM"), *parent = new_model(context);
  const mth_wire wires[] = {MTH_WIRE("weight", "w"), MTH_WIRE_I("input_size", 5)};
  ASSERT(mth_model_append(parent, model, NULL, wires, 2) == MTH_OK);
  EXPECT_TEXT(shape_of(key(parent, "w"), text), "[1, 5]");
  mth_model_destroy(parent);
  mth_context_destroy(context);
}

TEST(estimators, element_wise_affine_and_silu) {
  mth_context *context = new_context();
  mth_model *affine = new_class(context, "ElementWiseAffine"), *silu = new_class(context, "SiLU");
  EXPECT_TEXT(keys_of(affine, text), "input weight bias output");
  EXPECT_TEXT(keys_of(silu, text), "input output");
  ASSERT(mth_connection_set_shape(key(affine, "input"), MTH_SHAPE(MTH_N(2), MTH_N(3))) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(affine, "weight"), MTH_SHAPE(MTH_N(3))) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(affine, "bias"), MTH_SCALAR_SHAPE) == MTH_OK);
  EXPECT_TEXT(shape_of(key(affine, "output"), text), "[2, 3]");
  ASSERT(mth_connection_set_shape(key(silu, "output"), MTH_SHAPE(MTH_N(2))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(silu, "input"), text), "[2]");
  mth_model_destroy(affine);
  mth_model_destroy(silu);
  mth_context_destroy(context);
}

TEST(estimators, take_no_arguments) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  EXPECT_ERROR(context,
               mth_model_create_class(context, "LinearSVM", &MTH_ARG_I("dimension", 2), 1, &model),
               "LinearSVM", "there is no argument 'dimension'; it takes none");
  mth_context_destroy(context);
}

TEST(estimators, polynomial_regression) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  const mth_arg args[] = {MTH_ARG_I("degree", 2), MTH_ARG_I("dimension", 4)};
  ASSERT(mth_model_create_class(context, "PolynomialRegression", args, 2, &model) == MTH_OK);
  EXPECT_TEXT(mth_connection_key(mth_model_canonical_input_at(model, 0)), "input");
  EXPECT(mth_connection_is_differentiable(key(model, "weight")));
  ASSERT(mth_connection_set_shape(key(model, "input"), MTH_SHAPE(MTH_N(7), MTH_N(3))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(model, "weight"), text), "[4, 9]");
  EXPECT_TEXT(shape_of(key(model, "output"), text), "[7, 4]");
  mth_model_destroy(model);
  mth_context_destroy(context);
}

TEST(estimators, keys_of_polynomial_regression) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  ASSERT(mth_model_create_class(context, "PolynomialRegression", &MTH_ARG_I("degree", 1), 1,
                                &model) == MTH_OK);
  EXPECT_TEXT(keys_of(model, text), "input weight bias output");
  EXPECT_TEXT(shape_of(key(model, "weight"), text), "[u1, u2]");
  mth_model_destroy(model);
  EXPECT_ERROR(context, mth_model_create_class(context, "PolynomialRegression", NULL, 0, &model),
               "PolynomialRegression", "the argument 'degree' is missing");
  mth_context_destroy(context);
}
