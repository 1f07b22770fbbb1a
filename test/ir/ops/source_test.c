// source_test.c: result types of ops that make tensors out of numbers.
#include "test/ir/result_fixture.h"

TEST(source, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  dims_text a;
  EXPECT_INFERS_WITH("iota", "", "i64[T, 4]", dims_arg(&f, "shape", "T,4", &a),
                     MTH_ARG_I("axis", 1), MTH_ARG_T("dtype", MTH_I64));
  EXPECT_INFERS_WITH("random_normal", "i64[]", "f32[T, 4]", dims_arg(&f, "shape", "T,4", &a),
                     MTH_ARG_I("stream", 1), MTH_ARG_T("dtype", MTH_F32));
  EXPECT_INFERS_WITH("random_uniform", "f32[]", "random_uniform: 'seed' holds f32, wanted int",
                     dims_arg(&f, "shape", "T,4", &a), MTH_ARG_I("stream", 1),
                     MTH_ARG_T("dtype", MTH_F32));
  dims_text b;
  EXPECT_INFERS_WITH("dim_values", "", "i64[3, 1]", dims_arg(&f, "dims", "T,4,2*T", &a),
                     dims_arg(&f, "shape", "3,1", &b), MTH_ARG_T("dtype", MTH_I64));
  EXPECT_INFERS_WITH("dim_values", "",
                     "dim_values: the shape has not as many elements as there are dims: 2 and 3",
                     dims_arg(&f, "dims", "T,4,2*T", &a), dims_arg(&f, "shape", "2", &b),
                     MTH_ARG_T("dtype", MTH_I64));
  EXPECT_INFERS_WITH("length", "f32[3]", "length: an op of logical models, no program has it",
                     MTH_ARG_I("none", 1));
  close_results(&f);
}
