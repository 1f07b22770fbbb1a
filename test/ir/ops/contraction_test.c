// contraction_test.c: result types of sums of products.
#include "test/ir/result_fixture.h"

TEST(contraction, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  EXPECT_INFERS("matmul", "f32[2,3] f32[3,4]", "f32[2, 4]");
  EXPECT_INFERS("matmul", "f32[B,2,3] f32[3,4]", "f32[B, 2, 4]");
  EXPECT_INFERS("matmul", "f32[B,1,T,3] f32[H,3,T]", "f32[B, H, T, T]");
  EXPECT_INFERS("matmul", "f32[2,3] f32[4,3]",
                "matmul: dim -1 of 'left' is 3, dim -2 of 'right' is 4; they must be equal");
  EXPECT_INFERS("matmul", "f32[3] f32[3,4]", "matmul: wanted rank 2 or more, 'left' has shape [3]");
  EXPECT_INFERS(
      "matmul", "f32[5,2,3] f32[4,3,2]",
      "matmul: dim -3 of 'left' is 5, of 'right' it is 4; only a dim that is 1 broadcasts");
  close_results(&f);
}
