// text_test.c: text that grows, and that remembers when memory ran out.
#include "ir/text.h"
#include "test/harness/harness.h"

#include <string.h>

static void *refuse(void *user, size_t bytes, size_t alignment) {
  (void)user, (void)bytes, (void)alignment;
  return NULL;
}

static void release(void *user, void *memory) { (void)user, (void)memory; }

TEST(text, grows_past_its_first_block) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  EXPECT_TEXT(mth_text_get(&text), "");
  for (int i = 0; i < 1000; i++)
    mth_text_add(&text, "%03d,", i);
  EXPECT(text.byte_count == 4000);
  EXPECT(memcmp(text.bytes + 3996, "999,", 5) == 0);
  mth_text_deinit(&text);
}

TEST(text, remembers_that_memory_ran_out) {
  const mth_allocator none = {refuse, release, NULL};
  mth_text text = MTH_TEXT_INIT(&none);
  mth_text_add(&text, "lost");
  EXPECT_INT(text.status, MTH_NO_MEMORY);
  EXPECT_TEXT(mth_text_get(&text), "");
  mth_text_deinit(&text);
}

// Lends the first of its blocks and no other.
static void *lend_once(void *user, size_t bytes, size_t alignment) {
  static char block[256];
  bool *lent = user;
  (void)alignment;
  if (*lent || bytes > sizeof block) return NULL;
  *lent = true;
  return block;
}

TEST(text, keeps_what_it_had_when_memory_runs_out) {
  bool lent = false;
  const mth_allocator one = {lend_once, release, &lent};
  mth_text text = MTH_TEXT_INIT(&one);
  mth_text_add(&text, "kept");
  mth_text_add(&text, "%300d", 1); // the first bytes of this fit
  EXPECT_INT(text.status, MTH_NO_MEMORY);
  EXPECT_TEXT(mth_text_get(&text), "kept");
}

TEST(text, is_put_into_buffers_and_cut) {
  char buffer[8];
  size_t used = mth_put_text(buffer, sizeof buffer, 0, "a");
  used = mth_put_number(buffer, sizeof buffer, used, 1070);
  EXPECT_TEXT(buffer, "a1070");
  EXPECT_INT(used, 5);
  used = mth_put_text(buffer, sizeof buffer, used, "bcd");
  EXPECT_TEXT(buffer, "a1070bc");
  EXPECT_INT(used, 7);
  EXPECT_INT(mth_put_text(buffer, sizeof buffer, used, "e"), 7);
  EXPECT_INT(mth_put_number(buffer, sizeof buffer, 0, 0), 1);
  EXPECT_TEXT(buffer, "0");
}
