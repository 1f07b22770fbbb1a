// lifetimes.c: a segment tree of intervals.
#include "passes/lifetimes.h"

#include <assert.h>

mth_status mth_lifetimes_make(mth_arena *arena, size_t time_count, mth_lifetimes *out_lifetimes) {
  size_t leaf_count = 1;
  while (leaf_count < time_count)
    leaf_count *= 2;
  const mth_lifetime **nodes = MTH_NEW_ARRAY(arena, const mth_lifetime *, 2 * leaf_count);
  if (!nodes) return MTH_NO_MEMORY;
  *out_lifetimes = (mth_lifetimes){arena, nodes, leaf_count};
  return MTH_OK;
}

static mth_status keep(mth_lifetimes *lifetimes, size_t node, void *item) {
  mth_lifetime *made = MTH_NEW(lifetimes->arena, mth_lifetime);
  if (!made) return MTH_NO_MEMORY;
  *made = (mth_lifetime){item, lifetimes->nodes[node]};
  lifetimes->nodes[node] = made;
  return MTH_OK;
}

mth_status mth_lifetimes_add(mth_lifetimes *lifetimes, size_t first, size_t last, void *item) {
  assert(first <= last && last < lifetimes->leaf_count);
  size_t left = first + lifetimes->leaf_count, end = last + 1 + lifetimes->leaf_count;
  for (; left < end; left /= 2, end /= 2) {
    if (left % 2) MTH_TRY(keep(lifetimes, left++, item));
    if (end % 2) MTH_TRY(keep(lifetimes, --end, item));
  }
  return MTH_OK;
}

size_t mth_lifetimes_at(const mth_lifetimes *lifetimes, size_t time, void **out_items) {
  size_t count = 0;
  assert(time < lifetimes->leaf_count);
  for (size_t node = time + lifetimes->leaf_count; node; node /= 2)
    for (const mth_lifetime *at = lifetimes->nodes[node]; at; at = at->next)
      out_items[count++] = at->item;
  return count;
}
