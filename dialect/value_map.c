// value_map.c: open addressing over the addresses of values.
#include "dialect/value_map.h"

#include <stdint.h>

typedef struct mth_value_pair {
  const void *key, *value;
} mth_value_pair;

static mth_value_pair *slot(mth_value_pair *pairs, size_t capacity, const void *key) {
  uint64_t hash = (uint64_t)(uintptr_t)key * UINT64_C(0x9E3779B97F4A7C15);
  size_t i = (size_t)(hash >> 32) & (capacity - 1);
  while (pairs[i].key && pairs[i].key != key)
    i = (i + 1) & (capacity - 1);
  return &pairs[i];
}

MlirValue mth_value_map_get(const mth_value_map *map, MlirValue key) {
  if (!map->capacity) return (MlirValue){NULL};
  return (MlirValue){slot(map->pairs, map->capacity, key.ptr)->value};
}

MlirValue mth_value_map_follow(const mth_value_map *map, MlirValue key) {
  const MlirValue found = mth_value_map_get(map, key);
  return mlirValueIsNull(found) ? key : found;
}

static mth_status grow(mth_value_map *map) {
  const size_t capacity = map->capacity ? 2 * map->capacity : 64;
  mth_value_pair *pairs = MTH_NEW_ARRAY(map->arena, mth_value_pair, capacity);
  if (!pairs) return MTH_NO_MEMORY;
  for (size_t i = 0; i < map->capacity; ++i)
    if (map->pairs[i].key) *slot(pairs, capacity, map->pairs[i].key) = map->pairs[i];
  map->pairs = pairs;
  map->capacity = capacity;
  return MTH_OK;
}

mth_status mth_value_map_set(mth_value_map *map, MlirValue key, MlirValue value) {
  if (2 * map->count >= map->capacity) MTH_TRY(grow(map));
  mth_value_pair *pair = slot(map->pairs, map->capacity, key.ptr);
  map->count += pair->key == NULL;
  *pair = (mth_value_pair){key.ptr, value.ptr};
  return MTH_OK;
}
