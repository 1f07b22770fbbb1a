// text_table_test.c: rows of cells as text.
#include "ir/text_table.h"
#include "test/harness/harness.h"
#include "test/ir/failing_heap.h"

static const char *const head[] = {"Key", "", "Shape"};

static void fill(mth_table *table) {
  mth_table_rule(table, '-');
  mth_table_row(table, head);
  mth_table_rule(table, '=');
  mth_table_row(table, (const char *const[]){"\xCE\xB5", "", "[2, 3]"}); // one character, two bytes
  mth_table_row(table, (const char *const[]){"weight", NULL, NULL});
  mth_table_rule(table, '.');
  mth_table_rule(table, '-');
}

TEST(text_table, columns_are_as_wide_as_their_cells) {
  mth_table table;
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_table_begin(&table, mth_default_allocator(), 3);
  fill(&table);
  mth_table_write(&table, "Two keys", &text);
  EXPECT_TEXT(mth_text_get(&text), "   Two keys\n"
                                   "--------------\n"
                                   "Key     Shape\n"
                                   "==============\n"
                                   "\xCE\xB5       [2, 3]\n"
                                   "weight\n"
                                   "--------------\n");
  mth_text_deinit(&text);
  mth_table_end(&table);
}

TEST(text_table, a_long_title_makes_the_rules_long) {
  mth_table table;
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_table_begin(&table, mth_default_allocator(), 1);
  mth_table_rule(&table, '-');
  mth_table_row(&table, (const char *const[]){"a"});
  mth_table_write(&table, "long title", &text);
  mth_table_write(&table, NULL, &text);
  EXPECT_TEXT(mth_text_get(&text), "long title\n----------\na\n-\na\n");
  mth_text_deinit(&text);
  mth_table_end(&table);
}

TEST(text_table, without_memory_the_text_says_so) {
  for (size_t n = 0;; n++) {
    failing_heap heap = {.refused = n};
    const mth_allocator allocator = failing_allocator(&heap);
    mth_table table;
    mth_text text = MTH_TEXT_INIT(mth_default_allocator());
    mth_table_begin(&table, &allocator, 3);
    fill(&table);
    mth_table_write(&table, NULL, &text);
    const bool refused = heap.count > n;
    EXPECT_INT(text.status, refused ? MTH_NO_MEMORY : MTH_OK);
    mth_text_deinit(&text);
    mth_table_end(&table);
    EXPECT_INT(heap.live, 0);
    if (!refused) break;
  }
}
