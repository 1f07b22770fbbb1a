// journal_test.c: undoing restores every word, list and map.
#include "ir/journal.h"
#include "test/harness/harness.h"

#include <string.h>

TEST(journal, undo_restores_words_newest_first) {
  mth_journal journal = MTH_JOURNAL_INIT(mth_default_allocator());
  int x = 1;
  const size_t mark = mth_journal_begin(&journal);
  for (int i = 2; i < 100; i++) {
    ASSERT(mth_journal_save(&journal, &x, sizeof x) == MTH_OK);
    x = i;
  }
  mth_journal_end(&journal, mark, false);
  EXPECT_INT(x, 1);
  mth_journal_deinit(&journal);
}

TEST(journal, an_inner_call_that_succeeds_is_undone_with_the_outer_one) {
  mth_journal journal = MTH_JOURNAL_INIT(mth_default_allocator());
  int x = 1;
  const size_t outer = mth_journal_begin(&journal);
  const size_t inner = mth_journal_begin(&journal);
  ASSERT(mth_journal_save(&journal, &x, sizeof x) == MTH_OK);
  x = 2;
  mth_journal_end(&journal, inner, true);
  EXPECT_INT(x, 2);
  mth_journal_end(&journal, outer, false);
  EXPECT_INT(x, 1);
  mth_journal_deinit(&journal);
}

typedef struct witness {
  int x, seen;
} witness;

static void look(void *item) {
  witness *w = item;
  w->seen = w->x;
}

TEST(journal, what_is_called_on_undo_finds_everything_restored) {
  mth_journal journal = MTH_JOURNAL_INIT(mth_default_allocator());
  witness w = {1, 0};
  for (int keep = 1; keep >= 0; keep--) {
    const size_t mark = mth_journal_begin(&journal);
    ASSERT(mth_journal_on_undo(&journal, look, &w) == MTH_OK);
    ASSERT(mth_journal_save(&journal, &w.x, sizeof w.x) == MTH_OK);
    w.x = 2 + keep;
    mth_journal_end(&journal, mark, keep);
    EXPECT_INT(w.seen, keep ? 0 : 3);
  }
  EXPECT_INT(w.x, 3);
  mth_journal_deinit(&journal);
}

TEST(journal, lists_shrink_and_grow_back) {
  mth_journal journal = MTH_JOURNAL_INIT(mth_default_allocator());
  mth_list list = {0};
  int items[40];
  for (size_t i = 0; i < 20; i++)
    ASSERT(mth_list_push(&list, &journal, &items[i]) == MTH_OK);
  const size_t mark = mth_journal_begin(&journal);
  ASSERT(mth_list_remove(&list, &journal, &items[3]) == MTH_OK);
  EXPECT(list.count == 19);
  EXPECT(list.items[3] == &items[4]);
  ASSERT(mth_list_clear(&list, &journal) == MTH_OK);
  for (size_t i = 20; i < 40; i++)
    ASSERT(mth_list_push(&list, &journal, &items[i]) == MTH_OK);
  mth_journal_end(&journal, mark, false);
  ASSERT(list.count == 20);
  for (size_t i = 0; i < 20; i++)
    EXPECT(list.items[i] == &items[i]);
  mth_release(journal.allocator, list.items);
  mth_journal_deinit(&journal);
}

TEST(journal, maps_get_their_old_items_back) {
  mth_journal journal = MTH_JOURNAL_INIT(mth_default_allocator());
  mth_names names = MTH_NAMES_INIT(mth_default_allocator());
  mth_name_map map = {0};
  int first, second;
  const char *a = mth_names_intern(&names, "a"), *b = mth_names_intern(&names, "b");
  ASSERT(mth_journal_map(&journal, &map, a, &first) == MTH_OK);
  const size_t mark = mth_journal_begin(&journal);
  ASSERT(mth_journal_map(&journal, &map, a, NULL) == MTH_OK);
  ASSERT(mth_journal_map(&journal, &map, b, &second) == MTH_OK);
  EXPECT(!mth_name_map_get(&map, a));
  EXPECT(mth_name_map_get(&map, b) == &second);
  mth_journal_end(&journal, mark, false);
  EXPECT(mth_name_map_get(&map, a) == &first);
  EXPECT(!mth_name_map_get(&map, b));
  mth_release(journal.allocator, map.slots);
  mth_names_deinit(&names);
  mth_journal_deinit(&journal);
}

static bool is_odd(void *user, const void *item) {
  *(int *)user += 1;
  return *(const int *)item % 2;
}

TEST(journal, many_are_removed_in_one_walk_and_come_back) {
  mth_journal journal = MTH_JOURNAL_INIT(mth_default_allocator());
  int numbers[100], asked = 0;
  mth_list list = {0};
  for (int i = 0; i < 100; i++) {
    numbers[i] = i;
    ASSERT(mth_list_push(&list, &journal, &numbers[i]) == MTH_OK);
  }
  const size_t mark = mth_journal_begin(&journal);
  ASSERT(mth_list_remove_where(&list, &journal, is_odd, &asked) == MTH_OK);
  EXPECT_INT(list.count, 50);
  EXPECT_INT(*(int *)list.items[49], 98);
  EXPECT(asked <= 200);
  mth_journal_end(&journal, mark, false);
  EXPECT_INT(list.count, 100);
  EXPECT_INT(*(int *)list.items[99], 99);
  const size_t again = mth_journal_begin(&journal);
  ASSERT(mth_list_remove_where(&list, &journal, is_odd, &asked) == MTH_OK);
  ASSERT(mth_list_push(&list, &journal, &numbers[1]) == MTH_OK);
  mth_journal_end(&journal, again, true);
  EXPECT_INT(list.count, 51);
  EXPECT_INT(*(int *)list.items[50], 1);
  mth_release(mth_default_allocator(), list.items);
  mth_journal_deinit(&journal);
}
