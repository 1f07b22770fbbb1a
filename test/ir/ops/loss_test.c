// loss_test.c: result types of losses.
#include "test/ir/result_fixture.h"

TEST(loss, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  static const char *const names[] = {"absolute_error", "hinge_loss", "quad_hinge_loss",
                                      "quantile_loss", "kl_divergence"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    EXPECT_INFERS(names[i], "f32[B,7] f32[7]", "f32[B, 7]");
    EXPECT(mth_registry_find(f.registry, names[i])->has_one_shape); // under safe_shapes
  }
  EXPECT_INFERS("absolute_error", "i64[4] i64[4]", "i64[4]");
  EXPECT_INFERS("hinge_loss", "f32[4] i64[4]",
                "hinge_loss: 'input' holds f32, 'target' holds i64; they must be equal");
  EXPECT_INFERS_WITH("quantile_loss", "f32[4] f32[4]",
                     "quantile_loss: wanted a 'quantile' from 0 to 1, found 1.5",
                     MTH_ARG_F("quantile", 1.5));
  EXPECT_INFERS("binary_cross_entropy", "f32[B,7] f32[B,7] f32[]", "f32[B, 7]");
  EXPECT_INFERS("binary_cross_entropy_with_logits", "f64[B] f64[B] f64[]", "f64[B]");
  EXPECT_INFERS("class_weights", "f32[B,5,H]", "f32[5]");
  EXPECT_INFERS("class_weights", "f32[5]",
                "class_weights: wanted rank 2 or more, [N, C, ...]; found rank 1");
  close_results(&f);
}
