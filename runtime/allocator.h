// allocator.h: the one hook that every allocation of ours goes through.
#ifndef MTH_RUNTIME_ALLOCATOR_H
#define MTH_RUNTIME_ALLOCATOR_H
#include <stddef.h>

// Where memory comes from. A context holds one; a test gives one that fails on demand.
typedef struct mth_allocator {
  // Returns `bytes` (> 0) of storage aligned to `alignment` (a power of two), or NULL. Not zeroed.
  void *(*allocate)(void *user, size_t bytes, size_t alignment);
  // Takes back what `allocate` gave; NULL is ignored.
  void (*release)(void *user, void *memory);
  void *user;
} mth_allocator;

// The C library's heap. Static; never NULL.
const mth_allocator *mth_default_allocator(void);

// Zeroed storage for `count` elements of `element_bytes`, aligned for any type, or NULL if memory
// ran out or the product overflows. count 0 gives a unique pointer.
void *mth_allocate(const mth_allocator *allocator, size_t count, size_t element_bytes);
// The same, but not zeroed: for room that is filled before it is read.
void *mth_allocate_unset(const mth_allocator *allocator, size_t count, size_t element_bytes);
// Zeroed, beginning at a cache line (64 bytes): what vectors read and what threads share.
void *mth_allocate_lines(const mth_allocator *allocator, size_t count, size_t element_bytes);
void mth_release(const mth_allocator *allocator, void *memory);
#endif
