// arena.c: the bump allocator.
#include "runtime/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const size_t first_block_bytes = 960; // with its header less than what the heap calls large
static const size_t largest_block_bytes = (size_t)1024 * 1024;

typedef struct mth_arena_block {
  struct mth_arena_block *next;
  size_t capacity_bytes;
  alignas(max_align_t) unsigned char data[];
} mth_arena_block;

static size_t round_up(size_t n) {
  return (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

static size_t next_capacity(const mth_arena *arena, size_t wanted_bytes) {
  size_t capacity = arena->blocks ? arena->blocks->capacity_bytes * 2 : first_block_bytes;
  if (capacity > largest_block_bytes) capacity = largest_block_bytes;
  return capacity < wanted_bytes ? wanted_bytes : capacity;
}

void *mth_arena_alloc(mth_arena *arena, size_t count, size_t element_bytes) {
  size_t bytes;
  if (__builtin_mul_overflow(count, element_bytes, &bytes)) return NULL;
  if (bytes > (size_t)PTRDIFF_MAX / 2) return NULL;
  bytes = round_up(bytes ? bytes : 1);
  if (!arena->blocks || arena->blocks->capacity_bytes - arena->used_bytes < bytes) {
    const size_t capacity = next_capacity(arena, bytes);
    mth_arena_block *block = arena->allocator->allocate(
        arena->allocator->user, sizeof *block + capacity, alignof(max_align_t));
    if (!block) return NULL;
    block->next = arena->blocks;
    block->capacity_bytes = capacity;
    arena->blocks = block;
    arena->used_bytes = 0;
  }
  void *memory = arena->blocks->data + arena->used_bytes;
  arena->used_bytes += bytes;
  return memset(memory, 0, bytes);
}

char *mth_arena_copy_text(mth_arena *arena, const char *text, size_t bytes) {
  if (bytes == SIZE_MAX) return NULL;
  char *copy = mth_arena_alloc(arena, bytes + 1, 1);
  if (copy && bytes) memcpy(copy, text, bytes);
  return copy;
}

char *mth_arena_format(mth_arena *arena, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  const int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  char *text = length < 0 ? NULL : mth_arena_alloc(arena, (size_t)length + 1, 1);
  if (text) vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  return text;
}

static void release_from(const mth_arena *arena, mth_arena_block *block) {
  for (mth_arena_block *next; block; block = next) {
    next = block->next;
    arena->allocator->release(arena->allocator->user, block);
  }
}

void mth_arena_reset(mth_arena *arena) {
  release_from(arena, arena->blocks);
  *arena = MTH_ARENA_INIT(arena->allocator);
}

void mth_arena_rewind(mth_arena *arena) {
  if (!arena->blocks) return;
  release_from(arena, arena->blocks->next);
  arena->blocks->next = NULL;
  arena->used_bytes = 0;
}
