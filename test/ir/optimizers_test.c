// optimizers_test.c: keys and shapes of update rules; their numbers are tested where they run.
#include "ir/models/optimizers.h"
#include "test/ir/model_fixture.h"

TEST(optimizers, adam_has_two_slots_and_a_count) {
  mth_context *context = new_context();
  mth_model *adam = NULL;
  char text[256];
  const mth_adam_options options = {.struct_bytes = sizeof options, .learning_rate = 1e-3};
  ASSERT(mth_adam(context, &options, &adam) == MTH_OK);
  const mth_shape matrix = MTH_SHAPE(MTH_N(4), MTH_N(3));
  const char *keys[] = {"parameter", "gradient", "m", "v"};
  for (size_t i = 0; i < 4; i++)
    ASSERT(mth_connection_set_shape(key(adam, keys[i]), matrix) == MTH_OK);
  EXPECT_TEXT(shape_of(key(adam, "new_parameter"), text), "[4, 3]");
  EXPECT_TEXT(shape_of(key(adam, "new_v"), text), "[4, 3]");
  EXPECT_TEXT(shape_of(key(adam, "new_step_count"), text), "[]");
  EXPECT(!mth_model_find(adam, "learning_rate"));
  mth_model_destroy(adam);
  mth_context_destroy(context);
}

TEST(optimizers, sgd_without_momentum_has_no_slot) {
  mth_context *context = new_context();
  mth_model *sgd = NULL;
  mth_sgd_options options = {.struct_bytes = sizeof options, .learning_rate_input = true};
  ASSERT(mth_sgd(context, &options, &sgd) == MTH_OK);
  EXPECT(!mth_model_find(sgd, "momentum"));
  EXPECT_INT(mth_connection_class(key(sgd, "learning_rate")), MTH_KEY_INPUT);
  mth_model_destroy(sgd);
  options.momentum = 0.9;
  options.weight_decay = 0.01;
  ASSERT(mth_sgd(context, &options, &sgd) == MTH_OK);
  EXPECT_INT(mth_connection_class(key(sgd, "new_momentum")), MTH_KEY_OUTPUT);
  mth_model_destroy(sgd);
  mth_context_destroy(context);
}

TEST(optimizers, want_their_own_options) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  EXPECT_ERROR(context, mth_sgd(context, NULL, &model), "SGD", "wants its options, of 40 bytes");
  EXPECT_INT(mth_adam(context, &(mth_adam_options){0}, &model), MTH_INVALID);
  mth_context_destroy(context);
}
