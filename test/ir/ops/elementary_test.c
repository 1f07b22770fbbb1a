// elementary_test.c: result types of maps of one tensor.
#include "test/ir/result_fixture.h"

TEST(elementary, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  static const char *const names[] = {"negate", "exp",           "log",     "sqrt", "abs", "sign",
                                      "tanh",   "relu",          "sigmoid", "gelu", "erf", "sin",
                                      "cos",    "stop_gradient", "log1p",   "floor"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    EXPECT_INFERS(names[i], "f32[B,7]", "f32[B, 7]");
  EXPECT_INFERS("logical_not", "i1[2]", "i1[2]");
  EXPECT_INFERS_WITH("cast", "f32[2]", "i64[2]", MTH_ARG_T("dtype", MTH_I64));
  EXPECT_INFERS_WITH("log", "f32[2]", "log: wanted a 'threshold' above 0, found -1",
                     MTH_ARG_B("robust", true), MTH_ARG_F("threshold", -1));
  EXPECT_INFERS("exp", "i64[2]",
                "exp: 'input' holds i64, 'output' holds float; they must be equal");
  EXPECT_INFERS("negate", "i1[2]", "negate: 'input' holds i1, wanted int or float");
  close_results(&f);
}
