// pipeline_test: the pipeline's order, and that the table refuses another one.
#include "passes/pipeline.h"
#include "test/harness/harness.h"

#include <string.h>

enum { PASSES_MAX = 64 };

TEST(Pipeline, EveryPassFindsTheFactsItNeeds) {
  const mth_pass_info *passes[PASSES_MAX];
  const size_t count = mth_pipeline_list(0, MTH_PHASE_COUNT, passes, PASSES_MAX);
  ASSERT(count > 0 && count <= PASSES_MAX);
  const size_t first_wrong = mth_pipeline_check(passes, count);
  if (first_wrong < count) EXPECT_TEXT(passes[first_wrong]->name, "no pass out of order");
  EXPECT_TEXT(passes[0]->name, "verify-source");
  EXPECT_TEXT(passes[count - 1]->name, "entry-to-llvm");
}

TEST(Pipeline, NoOrderWithoutItsFirstPassIsSound) {
  const mth_pass_info *passes[PASSES_MAX];
  const size_t count = mth_pipeline_list(0, MTH_PHASE_COUNT, passes, PASSES_MAX);
  EXPECT(mth_pipeline_check(passes + 1, count - 1) < count - 1);
}

TEST(Pipeline, MemoryIsPlannedOnLinalg) {
  const mth_pass_info *const wrong[] = {mth_pass_find("plan-memory")};
  EXPECT_INT((long long)mth_pipeline_check(wrong, 1), 0);
}
