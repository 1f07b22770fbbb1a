// names.c: interned names and maps from them.
#include "ir/names.h"

#include <stdint.h>
#include <string.h>

static size_t hash_text(const char *text) {
  uint64_t hash = 14695981039346656037u; // FNV-1a
  for (; *text; text++)
    hash = (hash ^ (unsigned char)*text) * 1099511628211u;
  return (size_t)(hash ^ (hash >> 29));
}

static size_t hash_pointer(const void *pointer) {
  const uint64_t bits = (uint64_t)(uintptr_t)pointer * 0x9E3779B97F4A7C15u;
  return (size_t)(bits >> 17);
}

static size_t find_text_slot(const char *const *slots, size_t capacity, const char *name) {
  size_t at = hash_text(name) & (capacity - 1);
  while (slots[at] && strcmp(slots[at], name) != 0)
    at = (at + 1) & (capacity - 1);
  return at;
}

const char *mth_names_find(const mth_names *names, const char *name) {
  if (!names->capacity) return NULL;
  return names->slots[find_text_slot(names->slots, names->capacity, name)];
}

static bool grow_names(mth_names *names) {
  if (names->count * 2 < names->capacity) return true;
  const size_t capacity = names->capacity ? names->capacity * 2 : 64;
  const char **slots = mth_allocate(names->arena.allocator, capacity, sizeof(const char *));
  if (!slots) return false;
  for (size_t i = 0; i < names->capacity; i++)
    if (names->slots[i]) slots[find_text_slot(slots, capacity, names->slots[i])] = names->slots[i];
  mth_release(names->arena.allocator, names->slots);
  names->slots = slots;
  names->capacity = capacity;
  return true;
}

const char *mth_names_intern(mth_names *names, const char *name) {
  const char *found = mth_names_find(names, name);
  if (found) return found;
  if (!grow_names(names)) return NULL;
  const char *copy = mth_arena_copy_text(&names->arena, name, strlen(name));
  if (!copy) return NULL;
  names->slots[find_text_slot(names->slots, names->capacity, name)] = copy;
  names->count++;
  return copy;
}

void mth_names_deinit(mth_names *names) {
  mth_release(names->arena.allocator, names->slots);
  mth_arena_reset(&names->arena);
  *names = MTH_NAMES_INIT(names->arena.allocator);
}

static size_t find_name_slot(const struct mth_name_slot *slots, size_t capacity, const char *name) {
  size_t at = hash_pointer(name) & (capacity - 1);
  while (slots[at].name && slots[at].name != name)
    at = (at + 1) & (capacity - 1);
  return at;
}

void *mth_name_map_get(const mth_name_map *map, const char *name) {
  if (!map->capacity) return NULL;
  return map->slots[find_name_slot(map->slots, map->capacity, name)].item;
}

static bool grow_map(mth_name_map *map, const mth_allocator *allocator) {
  if (map->used * 2 < map->capacity) return true;
  const size_t capacity = map->capacity ? map->capacity * 2 : 8;
  struct mth_name_slot *slots = mth_allocate(allocator, capacity, sizeof *slots);
  if (!slots) return false;
  size_t used = 0;
  for (size_t i = 0; i < map->capacity; i++)
    if (map->slots[i].item) {
      slots[find_name_slot(slots, capacity, map->slots[i].name)] = map->slots[i];
      used++;
    }
  mth_release(allocator, map->slots);
  *map = (mth_name_map){slots, used, capacity};
  return true;
}

bool mth_name_map_set(mth_name_map *map, const mth_allocator *allocator, const char *name,
                      void *item) {
  if (map->capacity) {
    struct mth_name_slot *slot = &map->slots[find_name_slot(map->slots, map->capacity, name)];
    if (slot->name || !item) { // an item in the slot of an absent name would end a probe early
      if (slot->name) slot->item = item;
      return true;
    }
  } else if (!item) {
    return true;
  }
  if (!grow_map(map, allocator)) return false;
  struct mth_name_slot *slot = &map->slots[find_name_slot(map->slots, map->capacity, name)];
  *slot = (struct mth_name_slot){name, item};
  map->used++;
  return true;
}
