// arena.h: memory that dies together.
#ifndef MTH_RUNTIME_ARENA_H
#define MTH_RUNTIME_ARENA_H
#include "runtime/allocator.h"

#include <stddef.h>

// A bump allocator. Not thread-safe; give each thread its own. Initialise with MTH_ARENA_INIT.
typedef struct mth_arena {
  const mth_allocator *allocator;
  struct mth_arena_block *blocks; // newest first; NULL before the first use
  size_t used_bytes;              // of the newest block
} mth_arena;

#define MTH_ARENA_INIT(allocator) ((mth_arena){(allocator), NULL, 0})

// Returns `count` zeroed elements of `element_bytes` each, aligned for any type, or NULL if memory
// ran out or the product overflows. The arena owns them; they live until mth_arena_reset.
void *mth_arena_alloc(mth_arena *arena, size_t count, size_t element_bytes);

// A copy of `bytes` characters of `text` with a terminating zero, or NULL without memory.
char *mth_arena_copy_text(mth_arena *arena, const char *text, size_t bytes);

// Text made as by printf, or NULL without memory.
char *mth_arena_format(mth_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Frees everything. The arena is ready for use again.
void mth_arena_reset(mth_arena *arena);

// Forgets everything but keeps the newest block, the largest, for what comes next: for an arena
// that is filled and emptied again and again. mth_arena_reset ends it.
void mth_arena_rewind(mth_arena *arena);

#define MTH_NEW(arena, type) ((type *)mth_arena_alloc((arena), 1, sizeof(type)))
#define MTH_NEW_ARRAY(arena, type, n) ((type *)mth_arena_alloc((arena), (n), sizeof(type)))
#endif
