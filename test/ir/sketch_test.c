// sketch_test.c: a sketch makes a composite, or remembers its first failure.
#include "ir/sketch.h"
#include "test/ir/model_fixture.h"

TEST(sketch, makes_a_frozen_composite) { // x sigmoid(x)
  mth_context *context = new_context();
  mth_model *silu = NULL;
  mth_sketch s;
  mth_sketch_begin(&s, context, "Silu");
  mth_connection *x = mth_sketch_input(&s, "input");
  mth_connection *y = mth_sketch_binary(&s, "multiply", x, mth_sketch_unary(&s, "sigmoid", x));
  mth_sketch_output(&s, y, "output");
  ASSERT(mth_sketch_end(&s, &silu) == MTH_OK);
  EXPECT(mth_model_is_frozen(silu));
  EXPECT_INT((int)mth_model_child_count(silu), 2);
  EXPECT_INT((int)mth_model_canonical_input_count(silu), 1);
  EXPECT_INT(mth_connection_class(key(silu, "output")), MTH_KEY_OUTPUT);
  mth_model_destroy(silu);
  mth_context_destroy(context);
}

TEST(sketch, remembers_its_first_failure) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  mth_sketch s;
  mth_sketch_begin(&s, context, "Broken");
  mth_connection *x = mth_sketch_input(&s, "input");
  mth_connection *y = mth_sketch_unary(&s, "no_such_op", x);
  EXPECT(!y);
  y = mth_sketch_binary(&s, "add", y, mth_sketch_number(&s, 1));
  mth_sketch_output(&s, y, "output");
  EXPECT_ERROR(context, mth_sketch_end(&s, &model), "no_such_op", "there is no op 'no_such_op'");
  EXPECT(!model);
  mth_context_destroy(context);
}

TEST(sketch, wants_operands_that_the_op_has) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  mth_sketch s;
  mth_sketch_begin(&s, context, "Broken");
  mth_connection *x = mth_sketch_input(&s, "input");
  mth_sketch_binary(&s, "sigmoid", x, x);
  EXPECT_ERROR(context, mth_sketch_end(&s, &model), "model 'Sigmoid'",
               "it takes 1 operands, 2 were given");
  mth_context_destroy(context);
}

TEST(sketch, has_the_failures_of_its_expressions) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  mth_sketch s;
  mth_sketch_begin(&s, context, "Broken");
  mth_connection *x = mth_sketch_input(&s, "input");
  EXPECT(!mth_express_unary("no_such_op", x));
  EXPECT_ERROR(context, mth_sketch_end(&s, &model), "no_such_op", "there is no op 'no_such_op'");
  EXPECT(!model);
  mth_context_destroy(context);
}
