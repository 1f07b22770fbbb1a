// names.h: one copy of each name, so that equal names are equal pointers.
#ifndef MTH_IR_NAMES_H
#define MTH_IR_NAMES_H
#include "runtime/arena.h"

#include <stdbool.h>

typedef struct mth_names {
  mth_arena arena;
  const char **slots; // open addressing; a power of two of them, in the allocator
  size_t count, capacity;
} mth_names;

#define MTH_NAMES_INIT(allocator) ((mth_names){MTH_ARENA_INIT(allocator), NULL, 0, 0})

// The one copy of `name`, made if it is new; lives as long as `names`. NULL without memory.
const char *mth_names_intern(mth_names *names, const char *name);
// The one copy if there is one, else NULL: then nothing has that name.
const char *mth_names_find(const mth_names *names, const char *name);
void mth_names_deinit(mth_names *names);

// A map from interned names to anything. Initialise with zeros.
typedef struct mth_name_map {
  struct mth_name_slot {
    const char *name;
    void *item;
  } *slots;
  size_t used, capacity; // `used` counts slots that were ever filled
} mth_name_map;

// The item under `name`, or NULL.
void *mth_name_map_get(const mth_name_map *map, const char *name);
// Sets it; NULL removes. A removed name keeps its slot, so removing never fails.
bool mth_name_map_set(mth_name_map *map, const mth_allocator *allocator, const char *name,
                      void *item);
#endif
