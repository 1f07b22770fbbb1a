// context_test.c: contexts and the errors they keep.
#include "test/ir/model_fixture.h"

static void count(void *user, const mth_diagnostic *diagnostic) {
  (void)diagnostic;
  ++*(int *)user;
}

TEST(context, keeps_the_last_error_and_forwards_each) {
  int heard = 0;
  const mth_sink sink = {count, &heard};
  const mth_context_options options = {.struct_bytes = sizeof options, .sink = &sink};
  mth_context *context = NULL;
  mth_model *model = NULL;
  ASSERT(mth_context_create(&options, &context) == MTH_OK);
  EXPECT_INT(mth_context_diagnostic(context)->status, MTH_OK);
  EXPECT_ERROR(context, mth_model_create_op(context, "Rleu", NULL, 0, &model), "Rleu",
               "there is no op 'Rleu'");
  EXPECT_ERROR(context, mth_model_create_op(context, "", NULL, 0, &model), "", "there is no op ''");
  EXPECT_INT(heard, 2);
  mth_context_destroy(context);
  mth_context_destroy(NULL);
}

TEST(context, wants_options_of_its_own_size) {
  mth_context *context = NULL;
  EXPECT_INT(mth_context_create(&(mth_context_options){0}, &context), MTH_INVALID);
  EXPECT(!context);
}
