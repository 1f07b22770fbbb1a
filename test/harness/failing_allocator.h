// failing_allocator.h: an allocator that fails on demand and counts what is not given back.
#ifndef MTH_TEST_FAILING_ALLOCATOR_H
#define MTH_TEST_FAILING_ALLOCATOR_H
#include "runtime/allocator.h"

typedef struct failing_allocator {
  long fail_at; // the number, from 0, of the allocation that fails; -1: none does
  long count;   // allocations asked for
  long live;    // not released yet
} failing_allocator;

static void *failing_allocate(void *user, size_t bytes, size_t alignment) {
  failing_allocator *self = user;
  if (self->count++ == self->fail_at) return NULL;
  const mth_allocator *heap = mth_default_allocator();
  void *memory = heap->allocate(heap->user, bytes, alignment);
  if (memory) ++self->live;
  return memory;
}

static void failing_release(void *user, void *memory) {
  failing_allocator *self = user;
  const mth_allocator *heap = mth_default_allocator();
  if (memory) --self->live;
  heap->release(heap->user, memory);
}

static inline mth_allocator failing_allocator_hook(failing_allocator *self) {
  return (mth_allocator){failing_allocate, failing_release, self};
}
#endif
