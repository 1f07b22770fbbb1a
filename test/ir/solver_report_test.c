// solver_report_test.c: reports name whose facts contradict, and show no number of the solver's own.
#include "test/ir/solver_fixture.h"

TEST(solver_report, shapes_that_wait_name_their_tensor) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_REST, MTH_N(5), MTH_ANY));
  const mth_var y = shaped_tensor(&f, "y", MTH_SHAPE(MTH_N(2), MTH_REST));
  EXPECT(mth_solver_unify(f.solver, y, x, here(&f)) == MTH_OK); // either rank may come
  EXPECT(state_shape(&f, x, MTH_SHAPE(MTH_ANY, MTH_ANY)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "'y' has shape [2, ..., ?] and [..., 5, ?], wanted [?, ?]");
  EXPECT_TEXT(f.seen.where, "here");
  EXPECT(state_shape(&f, x, MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, y), "any [2, 5, u1]");
  close_solver(&f);
}

// What follows the 2 becomes known elsewhere: then it is no part of the statement that fails.
TEST(solver_report, shapes_that_wait_name_their_tensor_from_afar) {
  solver_fixture f;
  open_solver(&f);
  const mth_var vars[] = {add_tensor(&f, "x"), add_tensor(&f, "batch")};
  const mth_shape shapes[] = {MTH_SHAPE(MTH_N(2), MTH_REST_OF("V")), MTH_SHAPE(MTH_REST_OF("V"))};
  EXPECT(mth_solver_state_shapes(f.solver, 2, vars, shapes, here(&f)) == MTH_OK);
  EXPECT(state_shape(&f, vars[0], MTH_SHAPE(MTH_REST, MTH_N(5))) == MTH_OK);
  EXPECT(state_shape(&f, vars[1], MTH_SCALAR_SHAPE) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "dims of 'x' are to be both [2] and [..., 5]");
  EXPECT(state_shape(&f, vars[1], MTH_SHAPE(MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, vars[0]), "any [2, 5]");
  close_solver(&f);
}

TEST(solver_report, sizes_that_wait_name_all_that_have_them) {
  solver_fixture f;
  open_solver(&f);
  const mth_dim *n = mth_dim_fresh(f.dims), *m = mth_dim_fresh(f.dims);
  const mth_dim *half = mth_dim_floordiv(f.dims, n, mth_dim_constant(f.dims, 2));
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_N(7), MTH_OF(n)));
  const mth_var y = shaped_tensor(&f, "y", MTH_SHAPE(MTH_OF(half)));
  mth_var groups;
  EXPECT(mth_solver_add_arg(f.solver, MTH_ARG_INT, "groups", &groups) == MTH_OK);
  EXPECT(mth_solver_state_value(f.solver, groups, &MTH_ARG_D("groups", m), here(&f)) == MTH_OK);
  shaped_tensor(&f, "other", MTH_SHAPE(MTH_N(7)));
  EXPECT(mth_solver_equate(f.solver, half, mth_dim_multiply(f.dims, m, m), here(&f)) == MTH_OK);
  EXPECT(state_shape(&f, x, MTH_SHAPE(MTH_ANY, MTH_N(8))) == MTH_OK);
  EXPECT(mth_solver_state_value(f.solver, groups, &MTH_ARG_I("groups", 3), here(&f)) ==
         MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "two sizes of 'x', 'y' and 'groups' are to be equal: 4 and 9");
  EXPECT_TEXT(f.seen.where, "here");
  EXPECT(mth_solver_state_value(f.solver, groups, &MTH_ARG_I("groups", 2), here(&f)) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, y), "any [4]");
  close_solver(&f);
}

TEST(solver_report, unknown_sizes_have_no_numbers) {
  solver_fixture f;
  open_solver(&f);
  const mth_dim *n = mth_dim_fresh(f.dims), *m = mth_dim_fresh(f.dims);
  const mth_dim *sum =
      mth_dim_add(f.dims, mth_dim_multiply(f.dims, n, mth_dim_constant(f.dims, 12)),
                  mth_dim_floordiv(f.dims, m, mth_dim_constant(f.dims, 30)));
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_OF(sum), MTH_OF(n)));
  EXPECT(state_shape(&f, x, MTH_SHAPE(MTH_ANY)) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "'x' has shape [12*? + ? floordiv 30, ?], wanted [?]");
  close_solver(&f);
}

// The operands stand where the text names none of the op's tensors.
TEST(solver_report, ops_are_named_with_their_operands) {
  solver_fixture f;
  open_solver(&f);
  const mth_var vars[] = {shaped_tensor(&f, "x", MTH_SHAPE(MTH_N(2))), add_tensor(&f, "y")};
  const int64_t axes[] = {1};
  const mth_arg far = MTH_ARG_IS("axis", 1, axes);
  mth_rule_id rule;
  EXPECT(apply_with(&f, "sum", 2, vars, 1, &far, &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Sum of 'x': axis 1 is outside of rank 1");
  const mth_var own[] = {vars[0], vars[0]};
  const mth_arg near = MTH_ARG_IS("axis", 1, (const int64_t[]){0});
  EXPECT(apply_with(&f, "sum", 2, own, 1, &near, &rule) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Sum: wanted rank 0, 'x' has shape [2]");
  close_solver(&f);
}
