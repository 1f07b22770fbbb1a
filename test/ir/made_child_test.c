// made_child_test.c: children that a call makes on its way are gone when the call is refused.
#include "test/ir/parts_fixture.h"

TEST(made_child, is_gone_with_the_call_that_made_it) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_input(m, "x", MTH_SHAPE(MTH_N(8), MTH_N(3)));
  add_input(m, "w", MTH_SHAPE(MTH_N(5), MTH_N(2)));
  mth_model *split = new_class(context, "Split", MTH_ARG_I("split_size", 1));
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("output_0", "first"),
                            MTH_WIRE("output_1", "w")};
  char *before = dump(split);
  EXPECT_REFUSED(context, m, mth_model_add(m, split, NULL, wires, 3), "model 'Model', key 'w'",
                 "SplitPart: dim 0 of 'w' is 5, wanted 1");
  EXPECT_INT(mth_model_child_count(split), 1);
  char *after = dump(split);
  EXPECT_TEXT(after, before);
  mth_release(mth_default_allocator(), before);
  mth_release(mth_default_allocator(), after);
  mth_model_destroy(split);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
