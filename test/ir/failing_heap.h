// failing_heap.h: an allocator that refuses one allocation.
#ifndef MTH_TEST_IR_FAILING_HEAP_H
#define MTH_TEST_IR_FAILING_HEAP_H
#include "runtime/allocator.h"

#include <stdlib.h>

// The heap, until one allocation is refused.
typedef struct failing_heap {
  size_t count, refused; // allocation number `refused`, from 0, is refused
  size_t live;           // given and not taken back
} failing_heap;

static inline void *failing_allocate(void *user, size_t bytes, size_t alignment) {
  failing_heap *heap = user;
  void *memory = NULL;
  if (heap->count++ == heap->refused || posix_memalign(&memory, alignment, bytes) != 0) return NULL;
  heap->live += 1;
  return memory;
}

static inline void failing_release(void *user, void *memory) {
  ((failing_heap *)user)->live -= memory != NULL;
  free(memory);
}

static inline mth_allocator failing_allocator(failing_heap *heap) {
  return (mth_allocator){failing_allocate, failing_release, heap};
}
#endif
