// indexing_test.c: result types of reading and writing at indices.
#include "test/ir/result_fixture.h"

TEST(indexing, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  dims_text a;
  EXPECT_INFERS("gather", "f32[V,8] i64[B,T]", "f32[B, T, 8]");
  EXPECT_INFERS("gather", "f32[V,8,2] i32[]", "f32[8, 2]");
  EXPECT_INFERS("gather", "f32[V,8] f32[B]", "gather: 'indices' holds f32, wanted int");
  EXPECT_INFERS_WITH("scatter_add", "i64[B,T] f32[B,T,8]", "f32[V, 8]",
                     dims_arg(&f, "size", "V", &a));
  EXPECT_INFERS_WITH("scatter_add", "i64[B,T] f32[B]",
                     "scatter_add: 'updates' has rank 1, below the rank 2 of 'indices'",
                     dims_arg(&f, "size", "V", &a));
  EXPECT_INFERS_WITH("scatter_add", "i64[B] f32[B,8]",
                     "scatter_add: wanted one number of rows in 'size', found 2",
                     dims_arg(&f, "size", "V,2", &a));
  EXPECT_INFERS("pick", "f32[B,10,H] i64[B,H]", "f32[B, H]");
  EXPECT_INFERS("pick", "f32[B,10] f32[B]", "pick: 'target' holds f32, wanted int");
  EXPECT_INFERS("pick", "f32[B,10] i64[S]",
                "pick: dim 0 of 'input' is B, dim 0 of 'target' is S; they must be equal");
  EXPECT_INFERS("one_hot", "i64[B] f32[B,10]", "f32[B, 10]");
  EXPECT_INFERS_WITH("one_hot", "i64[B] f32[B,10]", "one_hot: axis 2 is outside of rank 2",
                     MTH_ARG_I("axis", 2));
  EXPECT_INFERS("along_axis", "f32[10] f32[B,10,H]", "f32[B, 10, H]");
  EXPECT_INFERS("along_axis", "f32[9] f32[B,10]",
                "along_axis: dim 0 of 'input' is 9, dim 1 of 'like' is 10; they must be equal");
  close_results(&f);
}
