// reduction_test.c: result types of folds.
#include "test/ir/result_fixture.h"

TEST(reduction, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  EXPECT_INFERS("sum", "f32[4,T]", "f32[]");
  EXPECT_INFERS_WITH("mean", "f32[4,T]", "f32[4]", INTS("axis", -1));
  EXPECT_INFERS_WITH("reduce_max", "i64[4,T,3]", "i64[1, T, 1]", INTS("axis", 0, -1),
                     MTH_ARG_B("keepdim", true));
  EXPECT_INFERS_WITH("sum", "f32[4,T]", "f32[1, 1]", MTH_ARG_B("keepdim", true));
  EXPECT_INFERS_WITH("prod", "i64[4,T]", "i64[T]", INTS("axis", 0));
  EXPECT_INFERS_WITH("variance", "f32[4,T]", "f32[4]", INTS("axis", 1), MTH_ARG_F("correction", 1));
  EXPECT_INFERS("arg_max", "f32[4,T]", "i64[]");
  EXPECT_INFERS_WITH("arg_max", "f32[4,T]", "i64[4]", MTH_ARG_I("axis", -1));
  EXPECT_INFERS_WITH("arg_min", "f32[4,T]", "i64[1, T]", MTH_ARG_I("axis", 0),
                     MTH_ARG_B("keepdim", true));
  EXPECT_INFERS_WITH("arg_min", "f32[0,T]", "i64[0]", MTH_ARG_I("axis", 1));
  EXPECT_INFERS_WITH("arg_min", "f32[0,T]", "arg_min: axis 0 is empty: nothing is its extremum",
                     MTH_ARG_I("axis", 0));
  EXPECT_INFERS_WITH("arg_max", "f32[4]", "arg_max: axis 1 is outside of rank 1",
                     MTH_ARG_I("axis", 1));
  EXPECT_INFERS_WITH("sum", "f32[4]", "sum: axis 1 is outside of rank 1", INTS("axis", 1));
  EXPECT_INFERS_WITH("sum", "f32[4,5]", "sum: axis 1 is folded twice", INTS("axis", 1, -1));
  close_results(&f);
}
