// allocator_test.c: checked allocation.
#include "runtime/allocator.h"
#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"

#include <stddef.h>
#include <stdint.h>

TEST(allocator, storage_is_zeroed_and_aligned) {
  const mth_allocator *heap = mth_default_allocator();
  for (int round = 0; round < 3; ++round) { // later rounds see memory that was used before
    unsigned char *memory = mth_allocate_lines(heap, 100, 3);
    ASSERT(memory);
    EXPECT_INT((uintptr_t)memory % 64, 0);
    for (int i = 0; i < 300; ++i)
      EXPECT_INT(memory[i], 0);
    for (int i = 0; i < 300; ++i)
      memory[i] = 7;
    mth_release(heap, memory);
  }
}

TEST(allocator, any_type_may_lie_there) {
  const mth_allocator *heap = mth_default_allocator();
  void *memory[64];
  for (size_t i = 0; i < 64; ++i) {
    memory[i] = mth_allocate(heap, i, 1);
    EXPECT_INT((uintptr_t)memory[i] % _Alignof(max_align_t), 0);
  }
  for (size_t i = 0; i < 64; ++i)
    mth_release(heap, memory[i]);
}

TEST(allocator, nothing_has_an_address_of_its_own) {
  const mth_allocator *heap = mth_default_allocator();
  void *a = mth_allocate(heap, 0, 8), *b = mth_allocate(heap, 8, 0);
  EXPECT(a && b && a != b);
  mth_release(heap, a);
  mth_release(heap, b);
  mth_release(heap, NULL);
}

TEST(allocator, products_that_overflow_never_reach_the_hook) {
  failing_allocator counting = {.fail_at = -1};
  const mth_allocator allocator = failing_allocator_hook(&counting);
  EXPECT(!mth_allocate(&allocator, SIZE_MAX / 2, 3));
  EXPECT(!mth_allocate(&allocator, SIZE_MAX / 2 + 2, 2)); // wraps to 2
  EXPECT(!mth_allocate(&allocator, (size_t)PTRDIFF_MAX, 1));
  EXPECT(!mth_allocate_unset(&allocator, SIZE_MAX / 2 + 2, 2));
  EXPECT_INT(counting.count, 0);
}

TEST(allocator, a_failing_hook_gives_null) {
  failing_allocator failing = {.fail_at = 0};
  const mth_allocator allocator = failing_allocator_hook(&failing);
  EXPECT(!mth_allocate(&allocator, 1, 1));
  void *memory = mth_allocate(&allocator, 1, 1);
  EXPECT(memory);
  EXPECT_INT(failing.live, 1);
  mth_release(&allocator, memory);
  EXPECT_INT(failing.live, 0);
}
