// registry_core.h: the inside of the op registry, for registry.c and infer_results.c alone.
#ifndef MTH_IR_REGISTRY_CORE_H
#define MTH_IR_REGISTRY_CORE_H
#include "ir/registry.h"

struct mth_registry {
  const mth_allocator *allocator;
  const mth_op **ops;
  size_t count, capacity, builtin_count;
  uint32_t *by_name, *by_model; // open addressing; index + 1. slot_count each
  size_t slot_count;
};
#endif
