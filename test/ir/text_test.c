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
