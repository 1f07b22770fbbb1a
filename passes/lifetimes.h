// lifetimes.h: which intervals of time hold a moment.
//
// A tree of halves: an interval is kept at the few nodes that make it up, a moment lies in those
// from its leaf up. Adding costs log T, a question log T and its answer.
#ifndef MTH_PASSES_LIFETIMES_H
#define MTH_PASSES_LIFETIMES_H
#include "runtime/arena.h"
#include "runtime/status.h"

typedef struct mth_lifetime {
  void *item;
  const struct mth_lifetime *next;
} mth_lifetime;

typedef struct mth_lifetimes {
  mth_arena *arena;
  const mth_lifetime **nodes; // 1 the root, 2 n and 2 n + 1 the halves of n
  size_t leaf_count;
} mth_lifetimes;

// For times from 0 to `time_count` - 1. Lives in the arena.
MTH_MUST_USE mth_status mth_lifetimes_make(mth_arena *arena, size_t time_count,
                                           mth_lifetimes *out_lifetimes);
// `item` lives from `first` to `last`, both included.
MTH_MUST_USE mth_status mth_lifetimes_add(mth_lifetimes *lifetimes, size_t first, size_t last,
                                          void *item);
// Writes what lives at `time` into out_items, which has room for all that was added; returns how
// many there are, each once.
size_t mth_lifetimes_at(const mth_lifetimes *lifetimes, size_t time, void **out_items);
#endif
