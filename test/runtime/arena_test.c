// arena_test.c: memory that dies together.
#include "runtime/arena.h"
#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

TEST(arena, pieces_are_zeroed_aligned_and_apart) {
  failing_allocator counting = {.fail_at = -1};
  const mth_allocator allocator = failing_allocator_hook(&counting);
  mth_arena arena = MTH_ARENA_INIT(&allocator);
  unsigned char *pieces[2000];
  for (size_t i = 0; i < 2000; ++i) {
    pieces[i] = mth_arena_alloc(&arena, i % 97, 3);
    ASSERT(pieces[i]);
    EXPECT_INT((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
    for (size_t k = 0; k < i % 97 * 3; ++k) {
      if (pieces[i][k] != 0) EXPECT_INT(pieces[i][k], 0);
      pieces[i][k] = (unsigned char)i;
    }
  }
  int spoiled = 0;
  for (size_t i = 0; i < 2000; ++i)
    for (size_t k = 0; k < i % 97 * 3; ++k)
      spoiled += pieces[i][k] != (unsigned char)i;
  EXPECT_INT(spoiled, 0);
  EXPECT(counting.count < 20); // blocks grow, so many pieces need few of them
  mth_arena_reset(&arena);
  EXPECT_INT(counting.live, 0);
  EXPECT(mth_arena_alloc(&arena, 1, 1)); // ready for use again
  mth_arena_reset(&arena);
}

TEST(arena, rewinding_keeps_one_block_zeroed) {
  failing_allocator counting = {.fail_at = -1};
  const mth_allocator allocator = failing_allocator_hook(&counting);
  mth_arena arena = MTH_ARENA_INIT(&allocator);
  mth_arena_rewind(&arena); // nothing there yet
  for (int i = 0; i < 100; ++i)
    ASSERT(mth_arena_alloc(&arena, 1000, 1));
  EXPECT(counting.live > 1);
  mth_arena_rewind(&arena);
  EXPECT_INT(counting.live, 1);
  const int before = (int)counting.count;
  unsigned char *piece = mth_arena_alloc(&arena, 1000, 1);
  ASSERT(piece);
  EXPECT_INT(counting.count, before);
  for (int i = 0; i < 1000; ++i)
    if (piece[i]) EXPECT_INT(piece[i], 0);
  memset(piece, 7, 1000);
  mth_arena_rewind(&arena);
  piece = mth_arena_alloc(&arena, 1000, 1);
  EXPECT_INT(piece[0] + piece[999], 0);
  mth_arena_reset(&arena);
  EXPECT_INT(counting.live, 0);
}

TEST(arena, a_piece_larger_than_any_block_gets_its_own) {
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  char *big = mth_arena_alloc(&arena, 5 << 20, 1);
  ASSERT(big);
  memset(big, 1, 5 << 20);
  mth_arena_reset(&arena);
}

TEST(arena, overflow_and_failure_give_null) {
  failing_allocator failing = {.fail_at = 0};
  const mth_allocator allocator = failing_allocator_hook(&failing);
  mth_arena arena = MTH_ARENA_INIT(&allocator);
  EXPECT(!mth_arena_alloc(&arena, SIZE_MAX / 2, 3));
  EXPECT(!mth_arena_alloc(&arena, SIZE_MAX, 1));
  EXPECT(!mth_arena_copy_text(&arena, "x", SIZE_MAX));
  EXPECT_INT(failing.count, 0);
  EXPECT(!mth_arena_format(&arena, "%d", 1));
  EXPECT(mth_arena_alloc(&arena, 1, 1));
  mth_arena_reset(&arena);
  EXPECT_INT(failing.live, 0);
}

TEST(arena, texts) {
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  EXPECT_TEXT(mth_arena_copy_text(&arena, "matmul", 3), "mat");
  EXPECT_TEXT(mth_arena_copy_text(&arena, NULL, 0), "");
  EXPECT_TEXT(mth_arena_format(&arena, "%s is %d", "rank", 2), "rank is 2");
  mth_arena_reset(&arena);
}
