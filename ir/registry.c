// registry.c: ops by name.
#include "ir/registry.h"
#include "ir/ops/signature.h"
#include "ir/registry_core.h"

#include <ctype.h>
#include <string.h>

enum { first_capacity = 64 };

// ---- finding ------------------------------------------------------------------------------------

static size_t hash_of(const char *name) {
  uint64_t hash = 14695981039346656037u; // FNV-1a
  for (; *name; ++name)
    hash = (hash ^ (unsigned char)*name) * 1099511628211u;
  return (size_t)(hash ^ hash >> 32);
}

static const char *name_of(const mth_op *op, bool is_model) {
  return is_model ? op->model : op->name;
}

static uint32_t *slot_of(const mth_registry *registry, uint32_t *slots, bool is_model,
                         const char *name) {
  size_t slot = hash_of(name) & (registry->slot_count - 1);
  while (slots[slot] && strcmp(name_of(registry->ops[slots[slot] - 1], is_model), name) != 0)
    slot = (slot + 1) & (registry->slot_count - 1);
  return &slots[slot];
}

static void enter(mth_registry *registry, uint32_t index) {
  const mth_op *op = registry->ops[index];
  *slot_of(registry, registry->by_name, false, op->name) = index + 1;
  if (op->model) *slot_of(registry, registry->by_model, true, op->model) = index + 1;
}

static const mth_op *find(const mth_registry *registry, uint32_t *slots, bool is_model,
                          const char *name) {
  const uint32_t index = name ? *slot_of(registry, slots, is_model, name) : 0;
  return index ? registry->ops[index - 1] : NULL;
}

const mth_op *mth_registry_find(const mth_registry *registry, const char *name) {
  const mth_op *op = find(registry, registry->by_name, false, name);
  return op ? op : mth_registry_find_model(registry, name);
}

const mth_op *mth_registry_find_model(const mth_registry *registry, const char *model) {
  return find(registry, registry->by_model, true, model);
}

size_t mth_registry_count(const mth_registry *registry) { return registry->count; }

const mth_op *mth_registry_get(const mth_registry *registry, size_t index) {
  return registry->ops[index];
}

bool mth_registry_is_builtin(const mth_registry *registry, const mth_op *op) {
  for (size_t i = 0; i < registry->builtin_count; ++i)
    if (registry->ops[i] == op) return true;
  return false;
}

// ---- adding -------------------------------------------------------------------------------------

// A letter, then letters, digits and '_'; `lower`: no capitals.
static bool is_well_formed(const char *name, bool lower) {
  if (!name || !isalpha((unsigned char)*name)) return false;
  for (; *name; ++name)
    if (!(isalnum((unsigned char)*name) || *name == '_') ||
        (lower && isupper((unsigned char)*name)))
      return false;
  return true;
}

static const mth_op_key *key_at(const mth_op *op, size_t index) {
  return index < op->input_count ? &op->inputs[index] : &op->outputs[index - op->input_count];
}

static mth_status check_keys(const mth_op *op, mth_location at) {
  const size_t count = op->input_count + op->output_count;
  bool had_several = false;
  if (op->output_count == 0)
    return mth_fail(MTH_INVALID, at, "op '%s': wanted at least one output, found none", op->name);
  if ((op->input_count && !op->inputs) || !op->outputs)
    return mth_fail(MTH_INVALID, at, "op '%s': wanted %zu keys, found NULL", op->name, count);
  for (size_t i = 0; i < count; ++i) {
    const mth_op_key *key = key_at(op, i);
    if (!is_well_formed(key->name, false))
      return mth_fail(MTH_INVALID, at, "op '%s': key %zu has no name of letters and digits",
                      op->name, i);
    for (size_t j = 0; j < i; ++j)
      if (strcmp(key_at(op, j)->name, key->name) == 0)
        return mth_fail(MTH_INVALID, at, "op '%s': two keys are called '%s'", op->name, key->name);
    const bool is_value = op->category == MTH_CATEGORY_VALUE;
    if (i >= op->input_count && key->kind != MTH_KEY_TENSOR &&
        !(is_value && key->kind == MTH_KEY_ARG))
      return mth_fail(MTH_INVALID, at, "op '%s': output '%s' must be one tensor", op->name,
                      key->name);
    if (!is_value &&
        (key->kind == MTH_KEY_ARGS || (key->kind == MTH_KEY_ARG && key->arg_kind == MTH_ARG_NONE)))
      return mth_fail(MTH_INVALID, at,
                      "op '%s': '%s' takes any values; only ops of MTH_CATEGORY_VALUE do", op->name,
                      key->name);
    if (key->kind != MTH_KEY_ARG && i < op->input_count && had_several)
      return mth_fail(MTH_INVALID, at,
                      "op '%s': '%s' follows a key of several tensors, which must be the last",
                      op->name, key->name);
    had_several |= key->kind == MTH_KEY_TENSORS || key->kind == MTH_KEY_ARGS;
  }
  return MTH_OK;
}

static mth_status check_op(const mth_registry *registry, const mth_op *op, mth_location at) {
  if (!op) return mth_fail(MTH_INVALID, at, "wanted an op, found NULL");
  if (op->struct_bytes != sizeof *op || op->abi != MTH_OP_ABI)
    return mth_fail(MTH_INVALID, at,
                    "wanted an op of abi %d and %zu bytes, found abi %d and %zu bytes", MTH_OP_ABI,
                    sizeof *op, op->abi, op->struct_bytes);
  if (!is_well_formed(op->name, true))
    return mth_fail(MTH_INVALID, at,
                    "op name '%s': wanted a lower-case letter, then letters, digits and '_'",
                    op->name ? op->name : "");
  if (op->model && !is_well_formed(op->model, false))
    return mth_fail(MTH_INVALID, at,
                    "op '%s': model name '%s': wanted a letter, then letters, digits and '_'",
                    op->name, op->model);
  if (mth_registry_find(registry, op->name))
    return mth_fail(MTH_INVALID, at, "op name '%s' is taken", op->name);
  if (op->model && mth_registry_find(registry, op->model))
    return mth_fail(MTH_INVALID, at, "model name '%s' of op '%s' is taken", op->model, op->name);
  return check_keys(op, at);
}

static mth_status reserve(mth_registry *registry) {
  if (registry->count < registry->capacity) return MTH_OK;
  const mth_allocator *allocator = registry->allocator;
  const size_t capacity = registry->capacity ? registry->capacity * 2 : first_capacity;
  const mth_op **ops = mth_allocate(allocator, capacity, sizeof *ops);
  uint32_t *by_name = mth_allocate(allocator, capacity * 2, sizeof *by_name);
  uint32_t *by_model = mth_allocate(allocator, capacity * 2, sizeof *by_model);
  if (!ops || !by_name || !by_model) {
    mth_release(allocator, ops);
    mth_release(allocator, by_name);
    mth_release(allocator, by_model);
    return MTH_NO_MEMORY;
  }
  if (registry->count) memcpy(ops, registry->ops, registry->count * sizeof *ops);
  mth_release(allocator, registry->ops);
  mth_release(allocator, registry->by_name);
  mth_release(allocator, registry->by_model);
  registry->ops = ops, registry->by_name = by_name, registry->by_model = by_model;
  registry->capacity = capacity;
  registry->slot_count = capacity * 2;
  for (size_t i = 0; i < registry->count; ++i)
    enter(registry, (uint32_t)i);
  return MTH_OK;
}

mth_status mth_registry_add(mth_registry *registry, const mth_op *op, mth_location at) {
  MTH_TRY(reserve(registry));
  MTH_TRY(check_op(registry, op, at));
  registry->ops[registry->count] = op;
  enter(registry, (uint32_t)registry->count++);
  return MTH_OK;
}

// Forgets all ops but the first `count`.
static void cut(mth_registry *registry, size_t count) {
  memset(registry->by_name, 0, registry->slot_count * sizeof *registry->by_name);
  memset(registry->by_model, 0, registry->slot_count * sizeof *registry->by_model);
  registry->count = count;
  for (size_t i = 0; i < count; ++i)
    enter(registry, (uint32_t)i);
}

mth_status mth_registry_add_all(mth_registry *registry, const mth_op *const *ops, size_t count,
                                mth_location at) {
  const size_t before = registry->count;
  mth_status status = MTH_OK;
  for (size_t i = 0; i < count && status == MTH_OK; ++i)
    status = mth_registry_add(registry, ops[i], at);
  if (status != MTH_OK) cut(registry, before);
  return status;
}

static mth_status add_builtin(mth_registry *registry) {
#define MTH_FAMILY_TABLE(family) mth_##family##_ops,
  static mth_op_table (*const tables[])(void) = {MTH_OP_FAMILIES(MTH_FAMILY_TABLE)};
#undef MTH_FAMILY_TABLE
  for (size_t i = 0; i < sizeof tables / sizeof *tables; ++i) {
    const mth_op_table table = tables[i]();
    for (size_t j = 0; j < table.count; ++j)
      MTH_TRY(mth_registry_add(registry, &table.ops[j], (mth_location){0}));
  }
  registry->builtin_count = registry->count;
  return MTH_OK;
}

mth_status mth_registry_create(const mth_allocator *allocator, mth_registry **out_registry) {
  mth_registry *registry = mth_allocate(allocator, 1, sizeof *registry);
  if (!registry) return MTH_NO_MEMORY;
  registry->allocator = allocator;
  const mth_status status = add_builtin(registry);
  if (status == MTH_OK)
    *out_registry = registry;
  else
    mth_registry_destroy(registry);
  return status;
}

void mth_registry_destroy(mth_registry *registry) {
  if (!registry) return;
  mth_release(registry->allocator, registry->ops);
  mth_release(registry->allocator, registry->by_name);
  mth_release(registry->allocator, registry->by_model);
  mth_release(registry->allocator, registry);
}
