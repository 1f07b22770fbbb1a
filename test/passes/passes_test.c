// passes_test: the pass table, and orders of passes that it refuses.
#include "passes/passes.h"
#include "test/harness/harness.h"

TEST(passes, every_row_is_found_by_its_name) {
  size_t count;
  const mth_pass_info *const table = mth_pass_table(&count);
  ASSERT(count > 0);
  for (size_t i = 0; i < count; ++i)
    EXPECT(mth_pass_find(table[i].name) == &table[i]);
}

TEST(passes, unknown_names_are_not_found) {
  EXPECT(mth_pass_find("expand-mat") == NULL);
  EXPECT(mth_pass_find("expand-math2") == NULL);
  EXPECT(mth_pass_find("") == NULL);
}

TEST(passes, every_row_can_be_run_and_read) {
  size_t count;
  const mth_pass_info *const table = mth_pass_table(&count);
  for (size_t i = 0; i < count; ++i) {
    EXPECT(table[i].run != NULL);
    EXPECT(table[i].anchor[0] != 0);
    EXPECT(table[i].summary[0] != 0);
    EXPECT((table[i].option_count == 0) == (table[i].options_bytes == 0));
  }
}

static const mth_pass_info makes_flat = {.name = "a", .gives = MTH_FACT_FLAT};
static const mth_pass_info needs_flat = {.name = "b", .needs = MTH_FACT_FLAT};
static const mth_pass_info breaks_flat = {.name = "c", .breaks = MTH_FACT_FLAT};

TEST(pipeline, order_that_gives_what_is_needed_is_sound) {
  const mth_pass_info *const order[] = {&makes_flat, &needs_flat, &breaks_flat};
  EXPECT_INT(mth_pipeline_check(order, 3), 3);
  EXPECT_INT(mth_pipeline_check(order, 0), 0);
}

TEST(pipeline, pass_before_its_facts_is_refused) {
  const mth_pass_info *const order[] = {&needs_flat, &makes_flat};
  EXPECT_INT(mth_pipeline_check(order, 2), 0);
}

TEST(pipeline, broken_fact_is_not_there_any_more) {
  const mth_pass_info *const order[] = {&makes_flat, &breaks_flat, &needs_flat};
  EXPECT_INT(mth_pipeline_check(order, 3), 2);
}

TEST(pipeline, pass_that_breaks_what_it_gives_gives_it) {
  static const mth_pass_info renews = {
      .name = "d", .needs = MTH_FACT_FLAT, .gives = MTH_FACT_FLAT, .breaks = MTH_FACT_FLAT};
  const mth_pass_info *const order[] = {&makes_flat, &renews, &needs_flat};
  EXPECT_INT(mth_pipeline_check(order, 3), 3);
}
