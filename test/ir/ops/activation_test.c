// activation_test.c: result types of maps that are formulas of simpler maps.
#include "test/ir/result_fixture.h"

TEST(activation, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  static const char *const names[] = {"square", "softplus", "leaky_relu", "clamp",
                                      "stable_reciprocal"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    EXPECT_INFERS(names[i], "f64[B,7]", "f64[B, 7]");
  EXPECT_INFERS_WITH("clamp", "i64[2]", "i64[2]", MTH_ARG_F("min_val", 1));
  EXPECT_INFERS_WITH("clamp", "f32[2]", "clamp: 'min_val' is 2, above 'max_val', 1.5",
                     MTH_ARG_F("min_val", 2), MTH_ARG_F("max_val", 1.5));
  EXPECT_INFERS_WITH("stable_reciprocal", "f32[2]",
                     "stable_reciprocal: wanted a 'threshold' above 0, found 0",
                     MTH_ARG_F("threshold", 0));
  close_results(&f);
}
