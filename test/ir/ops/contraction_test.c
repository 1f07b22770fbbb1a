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

TEST(contraction, packs_panels_and_multiplies_them) {
  result_fixture f;
  open_results(&f);
  dims_text shape;
  EXPECT_INFERS_WITH("pack", "f32[B,T,64]", "f32[B, (T + 5) floordiv 6, 64, 6]",
                     INTS("axes", 0, 1, 2), MTH_ARG_I("tile", 6));
  EXPECT_INFERS_WITH("pack", "f32[64,10]", "f32[1, 64, 16]", INTS("axes", 1, 0),
                     MTH_ARG_I("tile", 16));
  EXPECT_INFERS_WITH("pack", "f32[64]",
                     "pack: wanted two axes or more and a tile of 1 or more, found 1 and 4",
                     INTS("axes", 0), MTH_ARG_I("tile", 4));
  EXPECT_INFERS_WITH("matmul_packed", "f32[B,2,64,6] f32[1,64,16]", "f32[B, 12, 10]",
                     dims_arg(&f, "shape", "12,10", &shape));
  EXPECT_INFERS_WITH("matmul_packed", "f32[2,64,6] f32[1,32,16]",
                     "matmul_packed: dim -2 of 'left' is 64, dim -2 of 'right' is 32; they must be "
                     "equal",
                     dims_arg(&f, "shape", "12,10", &shape));
  EXPECT_INFERS_WITH("matmul_packed", "f32[2,64,6] f32[1,64,16]",
                     "matmul_packed: wanted two dims in 'shape', found 1",
                     dims_arg(&f, "shape", "12", &shape));
  close_results(&f);
}
