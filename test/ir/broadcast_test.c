// broadcast_test.c: alignment on the right while ranks and dims are not all known.
#include "test/ir/solver_fixture.h"

typedef struct sum {
  mth_var left, right, result;
  mth_rule_id rule;
} sum;

static sum add(solver_fixture *f, mth_shape left, mth_shape right, mth_shape result) {
  sum s = {.left = shaped_tensor(f, "left", left),
           .right = shaped_tensor(f, "right", right),
           .result = shaped_tensor(f, "result", result)};
  const mth_var vars[] = {s.left, s.right, s.result};
  EXPECT(apply_with(f, "add", 3, vars, 0, NULL, &s.rule) == MTH_OK);
  return s;
}

#define EXPECT_SUM(left_, right_, result_, wanted)                                                 \
  do {                                                                                             \
    const sum s_ = add(&f, left_, right_, result_);                                                \
    EXPECT_TEXT(tensors_text(&f, 3, (const mth_var[]){s_.left, s_.right, s_.result}), wanted);     \
  } while (0)

#define UNKNOWN MTH_SHAPE(MTH_REST)

TEST(broadcast, goes_forward_through_unknown_runs) {
  solver_fixture f;
  open_solver(&f);
  EXPECT_SUM(MTH_SHAPE(MTH_REST), MTH_SCALAR_SHAPE, UNKNOWN, "any [V1...]; any []; any [V1...]");
  EXPECT_SUM(MTH_SHAPE(MTH_ANY, MTH_REST, MTH_N(3)), MTH_SHAPE(MTH_N(3)), UNKNOWN,
             "any [u1, V1..., 3]; any [3]; any [u1, V1..., 3]");
  EXPECT_SUM(MTH_SHAPE(MTH_ANY, MTH_REST, MTH_N(1)), MTH_SHAPE(MTH_N(3)), UNKNOWN,
             "any [u1, V1..., 1]; any [3]; any [u1, V1..., 3]");
  // Its rank may be more than the other's: only the end is known.
  EXPECT_SUM(MTH_SHAPE(MTH_REST), MTH_SHAPE(MTH_N(3)), UNKNOWN,
             "any [V1...]; any [3]; any [V2..., 3]");
  close_solver(&f);
}

TEST(broadcast, leaves_open_what_may_still_be_one) {
  solver_fixture f;
  open_solver(&f);
  EXPECT_SUM(MTH_SHAPE(MTH_ANY), MTH_SHAPE(MTH_ANY), UNKNOWN, "any [u1]; any [u2]; any [u3]");
  EXPECT_SUM(MTH_SHAPE(MTH_ANY), MTH_SHAPE(MTH_N(5)), UNKNOWN, "any [u1]; any [5]; any [5]");
  EXPECT_SUM(MTH_SHAPE(MTH_DECLARED("T")), MTH_SHAPE(MTH_DECLARED("S")), UNKNOWN,
             "any [T]; any [S]; any [u1]");
  EXPECT_SUM(MTH_SHAPE(MTH_DECLARED("T")), MTH_SHAPE(MTH_DECLARED("T")), UNKNOWN,
             "any [T]; any [T]; any [T]");
  close_solver(&f);
}

TEST(broadcast, goes_back_from_the_result) {
  solver_fixture f;
  open_solver(&f);
  EXPECT_SUM(MTH_SHAPE(MTH_ANY), MTH_SHAPE(MTH_ANY), MTH_SHAPE(MTH_N(1)),
             "any [1]; any [1]; any [1]");
  EXPECT_SUM(MTH_SHAPE(MTH_N(1)), MTH_SHAPE(MTH_ANY), MTH_SHAPE(MTH_N(4)),
             "any [1]; any [4]; any [4]");
  // left has rank 2 and 1 at the end: the 3 comes from the right
  EXPECT_SUM(MTH_SHAPE(MTH_N(4), MTH_N(1)), UNKNOWN, MTH_SHAPE(MTH_N(4), MTH_N(3)),
             "any [4, 1]; any [V1..., 3]; any [4, 3]");
  close_solver(&f);
}

TEST(broadcast, refuses_ranks_and_dims_that_do_not_fit) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_N(2), MTH_N(3)));
  const mth_var y = shaped_tensor(&f, "y", MTH_SHAPE(MTH_N(2)));
  const mth_var r = shaped_tensor(&f, "r", MTH_SHAPE(MTH_ANY));
  EXPECT(APPLY("add", x, y, add_tensor(&f, "z")) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message,
              "Add: dim -1 of 'x' is 3, of 'y' it is 2; only a dim that is 1 broadcasts");
  EXPECT(APPLY("add", x, x, r) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Add: 'x' has rank 2, 'r' has rank 1; it cannot broadcast to it");
  const mth_var one = shaped_tensor(&f, "one", MTH_SHAPE(MTH_N(1), MTH_N(1)));
  EXPECT(APPLY("add", x, one, one) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message,
              "Add: dim -1 of 'x' is 3, of 'one' it is 1; only a dim that is 1 broadcasts");
  close_solver(&f);
}

TEST(broadcast, refuses_a_result_that_the_operands_do_not_make) {
  solver_fixture f;
  open_solver(&f);
  const mth_var x = shaped_tensor(&f, "x", MTH_SHAPE(MTH_REST, MTH_N(3)));
  const mth_var y = shaped_tensor(&f, "y", MTH_SHAPE(MTH_N(5), MTH_ANY));
  EXPECT(APPLY("add", x, x, shaped_tensor(&f, "z", MTH_SHAPE(MTH_N(1)))) == MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Add: the operands broadcast to [..., 3], 'z' has shape [1]");
  EXPECT_TEXT(f.seen.where, "here");
  EXPECT(APPLY("add", y, y, shaped_tensor(&f, "z", MTH_SHAPE(MTH_N(4), MTH_N(5), MTH_REST))) ==
         MTH_INVALID);
  EXPECT_TEXT(f.seen.message, "Add: the operands broadcast to [5, ?], 'z' has shape [4, 5, ...]");
  EXPECT_TEXT(tensor_text(&f, x), "any [V1..., 3]");
  close_solver(&f);
}
