// logic_test.c: result types of ops on bits.
#include "test/ir/result_fixture.h"

TEST(logic, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  EXPECT_INFERS("logical_and", "i1[4] i1[4]", "i1[4]");
  EXPECT_INFERS("logical_xor", "i32[4,1] i32[3]", "i32[4, 3]");
  EXPECT_INFERS("logical_not", "i64[T]", "i64[T]");
  EXPECT_INFERS("shift_left", "i64[4,1] i64[3]", "i64[4, 3]");
  EXPECT_INFERS("shift_right", "i8[]  i8[2]", "i8[2]");
  EXPECT_INFERS("logical_or", "f32[4] f32[4]", "logical_or: 'left' holds f32, wanted bool or int");
  EXPECT_INFERS("logical_xor", "i1[4] i64[4]",
                "logical_xor: 'left' holds i1, 'right' holds i64; they must be equal");
  EXPECT_INFERS("shift_left", "i1[4] i1[4]",
                "shift_left: 'output' holds int, 'input' holds i1; they must be equal");
  close_results(&f);
}
