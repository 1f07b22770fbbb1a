// regularizers_test.c: keys and shapes of regularizers. Numbers: test/numerics/train_model_test.c.
#include "test/ir/train_fixture.h"

static char text[256];

TEST(regularizers, l1_and_l2_are_numbers) {
  mth_context *context = new_context();
  mth_model *l1 = new_class(context, "L1"), *l2 = new_class(context, "l2");
  EXPECT_TEXT(keys_of(l1, text), "input output");
  EXPECT_TEXT(keys_of(l2, text), "input $3 output");
  EXPECT_TEXT(shape_of(key(l1, "input"), text), "[...]");
  EXPECT_TEXT(shape_of(key(l1, "output"), text), "[]");
  EXPECT_TEXT(shape_of(key(l2, "output"), text), "[]");
  EXPECT_INT(mth_model_canonical_input_count(l2), 1);
  EXPECT_TEXT(mth_connection_key(mth_model_canonical_input_at(l2, 0)), "input");
  EXPECT(*(const double *)mth_connection_constant(key(l2, "$3"))->data == 0.5);
  mth_model_destroy(l1);
  mth_model_destroy(l2);
  mth_context_destroy(context);
}

TEST(regularizers, the_kernel_of_a_quadratic_form_is_square) {
  mth_context *context = new_context();
  mth_model *form = new_class(context, "QuadraticFormRegularizer");
  EXPECT_TEXT(mth_connection_key(mth_model_canonical_input_at(form, 0)), "input");
  EXPECT_TEXT(shape_of(key(form, "kernel"), text), "[u1, u1]");
  EXPECT_TEXT(shape_of(key(form, "output"), text), "[1, 1]");
  ASSERT(mth_connection_set_shape(key(form, "kernel"), MTH_SHAPE(MTH_N(3), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(key(form, "input"), text), "[1, 3]");
  EXPECT_TEXT(shape_of(key(form, "kernel"), text), "[3, 3]");
  EXPECT(strncmp(keys_of(form, text), "input kernel ", 13) == 0);
  mth_model_destroy(form);
  mth_context_destroy(context);
}

TEST(regularizers, a_model_of_its_factor_wraps_as_any_other) {
  mth_context *context = new_context();
  mth_train_model *train = new_train(context, new_class(context, "L2"));
  EXPECT_TEXT(keys_of(mth_train_model_get(train), text), "input output");
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}
