// value_map.h: from values to values. Lookups only: an order of its entries would depend on
// addresses.
#ifndef MTH_DIALECT_VALUE_MAP_H
#define MTH_DIALECT_VALUE_MAP_H
#include "mlir-c/IR.h"
#include "runtime/arena.h"
#include "runtime/status.h"

typedef struct mth_value_map {
  mth_arena *arena;
  struct mth_value_pair *pairs;
  size_t capacity, count; // capacity: 0 or a power of two
} mth_value_map;

#define MTH_VALUE_MAP_INIT(arena) ((mth_value_map){(arena), NULL, 0, 0})

// The value that `key` stands for, or a null value.
MlirValue mth_value_map_get(const mth_value_map *map, MlirValue key);
// The same, or `key` itself.
MlirValue mth_value_map_follow(const mth_value_map *map, MlirValue key);
MTH_MUST_USE mth_status mth_value_map_set(mth_value_map *map, MlirValue key, MlirValue value);
#endif
