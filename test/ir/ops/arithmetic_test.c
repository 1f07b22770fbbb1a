// arithmetic_test.c: result types of maps of several tensors.
#include "test/ir/result_fixture.h"

TEST(arithmetic, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  EXPECT_INFERS("add", "f32[4,3] f32[4,3]", "f32[4, 3]");
  EXPECT_INFERS("add", "f32[4,1] f32[3]", "f32[4, 3]");
  EXPECT_INFERS("multiply", "f64[] f64[2,T]", "f64[2, T]");
  EXPECT_INFERS("add", "f32[T,1,3] f32[5,1]", "f32[T, 5, 3]");
  EXPECT_INFERS("divide", "f32[2*T] f32[2*T]", "f32[2*T]");
  EXPECT_INFERS("power", "f32[2] f32[]", "f32[2]");
  EXPECT_INFERS("power", "i64[2] i64[2]", "i64[2]");
  EXPECT_INFERS_WITH("power", "f32[4,1] f32[3]", "f32[4, 3]", MTH_ARG_B("robust", true));
  EXPECT_INFERS_WITH("power", "i64[2] i64[2]",
                     "power: 'base' holds i64, 'output' holds float; they must be equal",
                     MTH_ARG_B("robust", true));
  EXPECT_INFERS_WITH("power", "f32[2] f32[2]", "power: wanted a 'threshold' above 0, found 0",
                     MTH_ARG_B("robust", true), MTH_ARG_F("threshold", 0));
  EXPECT_INFERS("less", "i64[4] i64[1]", "i1[4]");
  EXPECT_INFERS("floor_divide", "f32[4,1] f32[3]", "f32[4, 3]");
  EXPECT_INFERS("modulo", "i64[4] i64[]", "i64[4]");
  EXPECT_INFERS("where", "i1[4,1] f32[3] f32[]", "f32[4, 3]");
  EXPECT_INFERS("squared_error", "f32[4,3] f32[4,3]", "f32[4, 3]");
  EXPECT_INFERS("add", "f32[4] f64[4]",
                "add: 'left' holds f32, 'right' holds f64; they must be equal");
  EXPECT_INFERS("add", "f32[4] f32[3]",
                "add: dim -1 of 'left' is 4, of 'right' it is 3; only a dim that is 1 broadcasts");
  EXPECT_INFERS("add", "f32[T] f32[S]",
                "add: dim -1 of 'left' is T, of 'right' it is S; only a dim that is 1 broadcasts");
  EXPECT_INFERS("add", "f32[T] f32[4]",
                "add: dim -1 of 'left' is T, of 'right' it is 4; only a dim that is 1 broadcasts");
  EXPECT_INFERS(
      "add", "f32[?0] f32[?1]",
      "add: dim -1 of 'left' is ?0, of 'right' it is ?1; only a dim that is 1 broadcasts");
  EXPECT_INFERS("add", "f32[4]", "add: wanted 2 operands, found 1");
  close_results(&f);
}
