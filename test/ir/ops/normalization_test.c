// normalization_test.c: result types of normalisations and losses.
#include "test/ir/result_fixture.h"

TEST(normalization, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  EXPECT_INFERS("softmax", "f32[B,8]", "f32[B, 8]");
  EXPECT_INFERS_WITH("log_softmax", "f32[B,8]", "log_softmax: axis 2 is outside of rank 2",
                     MTH_ARG_I("axis", 2));
  EXPECT_INFERS("layer_norm", "f32[B,T,8] f32[8] f32[8]", "f32[B, T, 8]");
  EXPECT_INFERS("layer_norm", "f32[B,T,8] f32[7] f32[8]",
                "layer_norm: dim -1 of 'input' is 8, dim 0 of 'weight' is 7; they must be equal");
  EXPECT_INFERS("cross_entropy", "f32[B,10] i64[B]", "f32[B]");
  EXPECT_INFERS("cross_entropy", "f32[B,10,H] i32[B,H]", "f32[B, H]");
  EXPECT_INFERS("cross_entropy", "f32[B,10] f32[B,10]",
                "cross_entropy: 'target' holds f32, wanted int");
  EXPECT_INFERS("cross_entropy", "f32[B,10] i64[S]",
                "cross_entropy: dim 0 of 'input' is B, dim 0 of 'output' is S; they must be equal");
  close_results(&f);
}
