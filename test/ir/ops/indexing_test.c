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
  close_results(&f);
}
