// solver_shape_test.c: shape templates.
#include "test/ir/solver_fixture.h"

TEST(solver_shape, states_numbers_names_and_rests) {
  solver_fixture f;
  open_solver(&f);
  EXPECT_TEXT(tensor_text(&f, add_tensor(&f, "a")), "any [V1...]");
  const mth_var b = shaped_tensor(&f, "b", MTH_SHAPE(MTH_N(2), MTH_ANY, MTH_DECLARED("T")));
  EXPECT_TEXT(tensor_text(&f, b), "any [2, u1, T]");
  const mth_var c = shaped_tensor(&f, "c", MTH_SHAPE(MTH_ANY, MTH_REST, MTH_N(3)));
  EXPECT_TEXT(tensor_text(&f, c), "any [u1, V1..., 3]");
  EXPECT_TEXT(tensor_text(&f, shaped_tensor(&f, "d", MTH_SCALAR_SHAPE)), "any []");
  close_solver(&f);
}

TEST(solver_shape, names_are_local_to_one_call) {
  solver_fixture f;
  open_solver(&f);
  const mth_var vars[] = {add_tensor(&f, "a"), add_tensor(&f, "b"), add_tensor(&f, "c")};
  const mth_shape shapes[] = {MTH_SHAPE(MTH_LOCAL("n"), MTH_REST_OF("v"), MTH_LOCAL("k")),
                              MTH_SHAPE(MTH_LOCAL("k"), MTH_REST_OF("v"))};
  EXPECT(mth_solver_state_shapes(f.solver, 2, vars, shapes, here(&f)) == MTH_OK);
  EXPECT(state_shape(&f, vars[2], MTH_SHAPE(MTH_LOCAL("n"), MTH_REST_OF("v"))) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 3, vars), "any [u1, V1..., u2]; any [u2, V1...]; any [u3, V2...]");
  EXPECT(state_shape(&f, vars[0], MTH_SHAPE(MTH_N(5), MTH_N(6), MTH_N(7))) == MTH_OK);
  EXPECT_TEXT(tensors_text(&f, 3, vars), "any [5, 6, 7]; any [7, 6]; any [u1, V1...]");
  close_solver(&f);
}

TEST(solver_shape, aligns_templates_on_both_sides) {
  solver_fixture f;
  open_solver(&f);
  const mth_var a = shaped_tensor(&f, "a", MTH_SHAPE(MTH_N(2), MTH_REST));
  EXPECT(state_shape(&f, a, MTH_SHAPE(MTH_REST, MTH_N(3), MTH_ANY)) == MTH_OK);
  // Three dims or two that overlap: nothing is lost when the rank becomes known.
  EXPECT(state_shape(&f, a, MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, a), "any [2, 3, u1]");
  const mth_var b = shaped_tensor(&f, "b", MTH_SHAPE(MTH_N(2), MTH_REST));
  EXPECT(state_shape(&f, b, MTH_SHAPE(MTH_REST, MTH_N(3))) == MTH_OK);
  EXPECT(state_shape(&f, b, MTH_SHAPE(MTH_ANY)) == MTH_INVALID); // 2 and 3
  EXPECT_TEXT(f.seen.message, "'b' has shape [2, ...] and [..., 3], wanted [?]");
  EXPECT(state_shape(&f, b, MTH_SHAPE(MTH_ANY, MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(tensor_text(&f, b), "any [2, 3]");
  close_solver(&f);
}

TEST(solver_shape, refuses_contradictions_with_both_shapes) {
  solver_fixture f;
  open_solver(&f);
  const mth_var a = shaped_tensor(&f, "a", MTH_SHAPE(MTH_N(2), MTH_DECLARED("T")));
#define EXPECT_REFUSED(shape, wanted)                                                              \
  do {                                                                                             \
    EXPECT(state_shape(&f, a, shape) == MTH_INVALID);                                              \
    EXPECT_TEXT(f.seen.message, wanted);                                                           \
    EXPECT_TEXT(f.seen.where, "here");                                                             \
    EXPECT_TEXT(tensor_text(&f, a), "any [2, T]");                                                 \
  } while (0)
  EXPECT_REFUSED(MTH_SHAPE(MTH_N(3), MTH_ANY), "'a' has shape [2, T], wanted [3, ?]");
  EXPECT_REFUSED(MTH_SHAPE(MTH_ANY), "'a' has shape [2, T], wanted [?]");
  EXPECT_REFUSED(MTH_SHAPE(MTH_REST, MTH_N(5)), "'a' has shape [2, T], wanted [..., 5]");
  EXPECT_REFUSED(MTH_SHAPE(MTH_ANY, MTH_DECLARED("S")), "'a' has shape [2, T], wanted [?, S]");
  EXPECT_REFUSED(MTH_SHAPE(MTH_LOCAL("n"), MTH_LOCAL("n")), "'a' has shape [2, T], wanted [?, ?]");
  EXPECT_REFUSED(MTH_SHAPE(MTH_REST, MTH_REST), "wanted at most one '...' in a shape, found two");
  EXPECT_REFUSED(MTH_SHAPE(MTH_N(-1)), "wanted an extent of 0 or more, found -1");
  mth_var axis;
  EXPECT(mth_solver_add_arg(f.solver, MTH_ARG_INT, "axis", &axis) == MTH_OK);
  EXPECT(state_shape(&f, axis, MTH_SCALAR_SHAPE) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "'axis' is an argument, it has no shape");
  close_solver(&f);
}
