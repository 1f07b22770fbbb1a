// same_value.c: comparing values.
#include "ir/same_value.h"

#include <string.h>

uint64_t mth_hash_number(uint64_t hash, uint64_t number) {
  hash = (hash ^ number) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 29;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t count) {
  const unsigned char *at = bytes;
  for (size_t i = 0; i < count; i++)
    hash = (hash ^ at[i]) * 1099511628211u; // FNV-1a
  return mth_hash_number(hash, count);
}

// What a value is but for its items, as bytes.
static void read_bytes(const mth_arg *arg, const void **out_bytes, size_t *out_count) {
  *out_bytes = &arg->i;
  *out_count = 0;
  switch (arg->kind) {
  case MTH_ARG_NONE:
  case MTH_ARG_ELLIPSIS:
  case MTH_ARG_OPEN:
  case MTH_ARG_TUPLE:
  case MTH_ARG_SLICE:
    return;
  case MTH_ARG_INT:
    *out_count = sizeof arg->i;
    return;
  case MTH_ARG_FLOAT:
    *out_count = sizeof arg->f;
    return;
  case MTH_ARG_BOOL:
    *out_count = sizeof arg->b;
    return;
  case MTH_ARG_DTYPE:
    *out_count = sizeof arg->dtype;
    return;
  case MTH_ARG_STRING:
    *out_bytes = arg->s;
    *out_count = strlen(arg->s);
    return;
  case MTH_ARG_INTS:
    *out_bytes = arg->ints;
    *out_count = arg->count * sizeof *arg->ints;
    return;
  case MTH_ARG_DIMS:
    *out_bytes = arg->dims;
    *out_count = arg->count * sizeof *arg->dims;
    return;
  case MTH_ARG_DIM:
  case MTH_ARG_MODEL:
    *out_count = sizeof arg->dim;
    return;
  }
}

static size_t item_count(const mth_arg *arg) {
  return arg->kind == MTH_ARG_TUPLE ? arg->count : arg->kind == MTH_ARG_SLICE ? 3 : 0;
}

bool mth_arg_is_known(const mth_arg *arg) {
  if (arg->kind == MTH_ARG_DIM) return mth_dim_is_constant(arg->dim, NULL);
  for (size_t i = 0; arg->kind == MTH_ARG_DIMS && i < arg->count; i++)
    if (!mth_dim_is_constant(arg->dims[i], NULL)) return false;
  for (size_t i = 0; i < item_count(arg); i++)
    if (!mth_arg_is_known(&arg->items[i])) return false;
  return true;
}

bool mth_args_are_same(const mth_arg *a, const mth_arg *b) {
  const void *bytes_a, *bytes_b;
  size_t count_a, count_b;
  read_bytes(a, &bytes_a, &count_a);
  read_bytes(b, &bytes_b, &count_b);
  if (a->kind != b->kind || count_a != count_b || item_count(a) != item_count(b)) return false;
  if (count_a && memcmp(bytes_a, bytes_b, count_a) != 0) return false;
  if (a->kind == MTH_ARG_FLOAT && a->named != b->named) return false;
  for (size_t i = 0; i < item_count(a); i++)
    if (!mth_args_are_same(&a->items[i], &b->items[i])) return false;
  return true;
}

uint64_t mth_hash_arg(uint64_t hash, const mth_arg *arg) {
  const void *bytes;
  size_t count;
  read_bytes(arg, &bytes, &count);
  hash = hash_bytes(mth_hash_number(hash, (uint64_t)arg->kind), bytes, count);
  for (size_t i = 0; i < item_count(arg); i++)
    hash = mth_hash_arg(hash, &arg->items[i]);
  return hash;
}

static size_t data_bytes(const mth_constant *constant) {
  size_t count = constant->dtype == MTH_BOOL ? 1 : 8;
  for (size_t i = 0; i < constant->rank; i++)
    count *= (size_t)constant->extents[i];
  return count;
}

bool mth_constants_are_same(const mth_constant *a, const mth_constant *b) {
  if (a->dtype != b->dtype || a->rank != b->rank || a->named != b->named) return false;
  if (a->rank && memcmp(a->extents, b->extents, a->rank * sizeof(int64_t)) != 0) return false;
  return data_bytes(a) == 0 || memcmp(a->data, b->data, data_bytes(a)) == 0;
}

uint64_t mth_hash_constant(uint64_t hash, const mth_constant *constant) {
  hash = mth_hash_number(hash, (uint64_t)constant->dtype);
  hash = mth_hash_number(hash, (uint64_t)constant->named);
  hash = hash_bytes(hash, constant->extents, constant->rank * sizeof(int64_t));
  return hash_bytes(hash, constant->data, data_bytes(constant));
}
