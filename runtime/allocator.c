// allocator.c: the default allocator and checked allocation.
#include "runtime/allocator.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *heap_allocate(void *user, size_t bytes, size_t alignment) {
  (void)user;
  void *memory = NULL;
  if (alignment <= alignof(max_align_t)) return malloc(bytes);
  return posix_memalign(&memory, alignment, bytes) == 0 ? memory : NULL;
}

static void heap_release(void *user, void *memory) {
  (void)user;
  free(memory);
}

const mth_allocator *mth_default_allocator(void) {
  static const mth_allocator heap = {heap_allocate, heap_release, NULL};
  return &heap;
}

static void *allocate(const mth_allocator *allocator, size_t count, size_t element_bytes,
                      size_t alignment) {
  size_t bytes;
  if (__builtin_mul_overflow(count, element_bytes, &bytes)) return NULL;
  if (bytes > (size_t)PTRDIFF_MAX - 64) return NULL;
  if (bytes == 0) bytes = 1;
  return allocator->allocate(allocator->user, bytes, alignment);
}

static void *allocate_zeroed(const mth_allocator *allocator, size_t count, size_t element_bytes,
                             size_t alignment) {
  void *memory = allocate(allocator, count, element_bytes, alignment);
  return memory ? memset(memory, 0, count * element_bytes) : NULL;
}

void *mth_allocate(const mth_allocator *allocator, size_t count, size_t element_bytes) {
  return allocate_zeroed(allocator, count, element_bytes, alignof(max_align_t));
}

void *mth_allocate_unset(const mth_allocator *allocator, size_t count, size_t element_bytes) {
  return allocate(allocator, count, element_bytes, alignof(max_align_t));
}

void *mth_allocate_lines(const mth_allocator *allocator, size_t count, size_t element_bytes) {
  return allocate_zeroed(allocator, count, element_bytes, 64);
}

void mth_release(const mth_allocator *allocator, void *memory) {
  if (memory) allocator->release(allocator->user, memory);
}
