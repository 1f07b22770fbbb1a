// reduction_test.c: result types of folds.
#include "test/ir/result_fixture.h"
#include "test/ir/solver_fixture.h"

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

// In models ranks may be unknown, or larger than those of programs.
TEST(reduction, axes_outside_of_any_rank) {
  solver_fixture f;
  open_solver(&f);
  const mth_var vars[] = {add_tensor(&f, "x"), add_tensor(&f, "y")};
  mth_rule_id rule;
  EXPECT(apply_with(&f, "sum", 2, vars, 1, &INTS("axis", 64), &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Sum of 'x': axis 64 is outside of any rank, which is 64 at most");
  mth_extent front[41];
  for (size_t i = 0; i < 40; ++i)
    front[i] = MTH_ANY;
  front[40] = MTH_REST_OF("V");
  const mth_var both[] = {add_tensor(&f, "long"), add_tensor(&f, "half")};
  const mth_shape shapes[] = {{.extents = front, .rank = 41}, MTH_SHAPE(MTH_REST_OF("V"))};
  EXPECT(mth_solver_state_shapes(f.solver, 2, both, shapes, here(&f)) == MTH_OK);
  EXPECT(state_shape(&f, both[1], (mth_shape){.extents = front, .rank = 40}) == MTH_OK);
  const mth_var deep[] = {both[0], add_tensor(&f, "z")};
  EXPECT(apply_with(&f, "sum", 2, deep, 0, NULL, &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Sum of 'long': wanted rank 64 or less, found 80");
  EXPECT(apply_with(&f, "transpose", 2, deep, 0, NULL, &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Transpose of 'long': wanted rank 64 or less, found 80");
  EXPECT(apply_with(&f, "squeeze", 2, deep, 0, NULL, &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Squeeze of 'long': wanted rank 32 or less, found 80");
  close_solver(&f);
}
