// physical_model_names.c: one name and one path for each key.
#include "ir/model_core.h"
#include "ir/physical_core.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct naming {
  mth_physical_model *p;
  mth_name_map taken;    // names that keys have
  mth_name_map counts;   // by origin: unnamed inputs and outputs
  mth_name_map next;     // by origin: the number that is tried next
  mth_name_map only;     // by origin: the internal key that took the number 0 ...
  mth_name_map internal; // ... and how many internal keys there are
} naming;

static const mth_allocator *allocator_of(const naming *n) {
  return n->p->model->context->allocator;
}

// ---- paths --------------------------------------------------------------------------------------

static const char *child_name(const mth_model *model) {
  return model->name ? model->name : model->class_name;
}

// The names of the children that lead from the model to `inside`; "" for the model itself.
static const char *path_to(const mth_physical_model *p, const mth_model *inside) {
  const char *path = NULL;
  for (; inside != p->model; inside = inside->parent) {
    path =
        path ? mth_arena_format(p->arena, "%s_%s", child_name(inside), path) : child_name(inside);
    if (!path) return NULL;
  }
  return path ? path : "";
}

// The children and the key; an unnamed key of a composite is looked up further inside.
static const char *make_path(const mth_physical_model *p, const mth_connection *c) {
  const char *path = path_to(p, c->model);
  while (path) {
    const mth_connection *inner = c->producer ? c->producer : c->first_use;
    const bool is_in_model = c->model == p->model;
    if (!inner || (c->name && !is_in_model))
      return path[0] ? mth_arena_format(p->arena, "%s_%s", path, c->key) : c->key;
    const char *child = child_name(inner->model);
    path = path[0] ? mth_arena_format(p->arena, "%s_%s", path, child) : child;
    c = inner;
  }
  return NULL;
}

static mth_status make_paths(mth_physical_model *p) {
  for (size_t i = 0; i < p->key_count; i++) {
    p->keys[i].seen.path = make_path(p, p->keys[i].seen.connection);
    if (!p->keys[i].seen.path) return MTH_NO_MEMORY;
  }
  for (size_t i = 0; i < p->op_count; i++) {
    p->ops[i].seen.path = path_to(p, p->ops[i].model);
    if (!p->ops[i].seen.path) return MTH_NO_MEMORY;
  }
  return MTH_OK;
}

// ---- taking names -------------------------------------------------------------------------------

static mth_status put(const naming *n, mth_name_map *map, const char *name, const void *item) {
  return mth_name_map_set(map, allocator_of(n), name, (void *)(uintptr_t)item) ? MTH_OK
                                                                               : MTH_NO_MEMORY;
}

static size_t number_in(const mth_name_map *map, const char *name) {
  return (size_t)(uintptr_t)mth_name_map_get(map, name);
}

static mth_status put_number(const naming *n, mth_name_map *map, const char *name, size_t number) {
  return put(n, map, name, (const void *)(uintptr_t)number);
}

static const void *holder(const naming *n, const char *name) {
  const char *interned = mth_names_find(&n->p->model->context->names, name);
  return interned ? mth_name_map_get(&n->taken, interned) : NULL;
}

static mth_status take(naming *n, mth_flat_key *key, const char *name) {
  const char *interned = name ? mth_names_intern(&n->p->model->context->names, name) : NULL;
  if (!interned) return MTH_NO_MEMORY;
  if (key->seen.name) MTH_TRY(put(n, &n->taken, key->seen.name, NULL));
  key->seen.name = interned;
  return put(n, &n->taken, interned, key);
}

static bool is_reserved(const char *name) {
  static const char *const names[] = {
#define MTH_RESERVED(name_) #name_,
#include "ir/reserved_names.def"
#undef MTH_RESERVED
  };
  size_t low = 0, high = sizeof names / sizeof *names;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(name, names[middle]);
    if (order == 0) return true;
    *(order < 0 ? &high : &low) = order < 0 ? middle : middle + 1;
  }
  return false;
}

// origin_k for the first k that gives a free name.
static mth_status take_numbered(naming *n, mth_flat_key *key, const char *origin,
                                size_t *out_number) {
  size_t number = number_in(&n->next, origin);
  const char *name = NULL;
  do
    name = mth_arena_format(n->p->arena, "%s_%zu", origin, number++);
  while (name && (holder(n, name) || is_reserved(name)));
  *out_number = number - 1;
  MTH_TRY(put_number(n, &n->next, origin, number));
  return take(n, key, name);
}

// The name, or with '_' in front until it is free.
static mth_status take_plain(naming *n, mth_flat_key *key, const char *name) {
  while (name && holder(n, name) && holder(n, name) != key)
    name = mth_arena_format(n->p->arena, "_%s", name);
  return take(n, key, name);
}

// ---- the short style ----------------------------------------------------------------------------

static mth_status name_externals(naming *n) {
  const mth_physical_model *p = n->p;
  for (size_t i = 0; i < p->external_count; i++) {
    mth_flat_key *key = p->externals[i];
    const char *origin = key->net->origin;
    MTH_TRY(key->own_name ? take(n, key, key->own_name)
                          : put_number(n, &n->counts, origin, number_in(&n->counts, origin) + 1));
  }
  for (size_t i = 0; i < p->external_count; i++) {
    mth_flat_key *key = p->externals[i];
    const char *origin = key->net->origin;
    size_t number;
    if (key->own_name) continue;
    MTH_TRY(number_in(&n->counts, origin) == 1 && !holder(n, origin)
                ? take(n, key, origin)
                : take_numbered(n, key, origin, &number));
  }
  return MTH_OK;
}

static mth_status name_internals(naming *n) {
  const mth_physical_model *p = n->p;
  for (size_t i = 0; i < p->key_count; i++) {
    mth_flat_key *key = &p->keys[i];
    const char *origin = key->net->origin;
    size_t number;
    if (key->is_external) continue;
    MTH_TRY(take_numbered(n, key, origin, &number));
    MTH_TRY(put_number(n, &n->internal, origin, number_in(&n->internal, origin) + 1));
    if (number == 0) MTH_TRY(put(n, &n->only, origin, key));
  }
  return MTH_OK;
}

// The only internal key of an origin drops its number.
static mth_status rebase(naming *n) {
  const mth_physical_model *p = n->p;
  for (size_t i = 0; i < p->key_count; i++) {
    mth_flat_key *key = &p->keys[i];
    const char *name = key->net->origin;
    if (key->is_external || mth_name_map_get(&n->only, name) != key ||
        number_in(&n->internal, name) != 1)
      continue;
    while (name && is_reserved(name))
      name = mth_arena_format(p->arena, "_%s", name);
    if (!name) return MTH_NO_MEMORY;
    if (!holder(n, name)) MTH_TRY(take(n, key, name));
  }
  return MTH_OK;
}

// ---- the long style -----------------------------------------------------------------------------

static mth_status name_after_path(naming *n, mth_flat_key *key) {
  const char *path = key->seen.path;
  char *name = mth_arena_copy_text(n->p->arena, path, strlen(path));
  if (!name) return MTH_NO_MEMORY;
  for (char *c = name; *c; c++)
    *c = (char)tolower((unsigned char)*c);
  const char *origin = mth_names_intern(&n->p->model->context->names, name);
  size_t number;
  if (!origin) return MTH_NO_MEMORY;
  if (holder(n, origin)) return take_numbered(n, key, origin, &number);
  const bool makes_way = !key->is_external && is_reserved(origin);
  return take_plain(n, key, makes_way ? mth_arena_format(n->p->arena, "_%s", origin) : origin);
}

static mth_status name_long(naming *n) {
  const mth_physical_model *p = n->p;
  for (size_t i = 0; i < p->external_count; i++)
    if (p->externals[i]->own_name) MTH_TRY(take(n, p->externals[i], p->externals[i]->own_name));
  for (size_t i = 0; i < p->key_count; i++) { // names of the model's own come before made ones
    mth_flat_key *key = &p->keys[i];
    if (key->is_external || !key->own_name) continue;
    const char *name = is_reserved(key->own_name) ? mth_arena_format(p->arena, "_%s", key->own_name)
                                                  : key->own_name;
    MTH_TRY(take_plain(n, key, name));
  }
  for (size_t i = 0; i < p->key_count; i++)
    if (!p->keys[i].seen.name) MTH_TRY(name_after_path(n, &p->keys[i]));
  return MTH_OK;
}

// ---- all ----------------------------------------------------------------------------------------

// An output without a name is canonical and called after its origin, come what may.
static mth_status name_outputs(naming *n) {
  const mth_physical_model *p = n->p;
  for (size_t i = 0; i < p->external_count; i++) {
    mth_flat_key *key = p->externals[i];
    if (key->seen.is_output && !key->own_name) MTH_TRY(take_plain(n, key, key->net->origin));
  }
  return MTH_OK;
}

static mth_status name_short(naming *n) {
  MTH_TRY(name_externals(n));
  MTH_TRY(name_internals(n));
  return rebase(n);
}

mth_status mth_physical_name_all(mth_physical_model *p) {
  naming n = {.p = p};
  const mth_allocator *allocator = allocator_of(&n);
  p->by_name = MTH_NEW_ARRAY(p->arena, mth_flat_key *, p->key_count);
  p->by_path = MTH_NEW_ARRAY(p->arena, mth_flat_key *, p->key_count);
  if (!p->by_name || !p->by_path) return MTH_NO_MEMORY;
  mth_status status = make_paths(p);
  if (status == MTH_OK)
    status = p->options.naming == MTH_NAMING_LONG ? name_long(&n) : name_short(&n);
  if (status == MTH_OK) status = name_outputs(&n);
  mth_name_map *const maps[] = {&n.taken, &n.counts, &n.next, &n.only, &n.internal};
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
    mth_release(allocator, maps[i]->slots);
  for (size_t i = 0; i < p->key_count; i++)
    p->by_name[i] = p->by_path[i] = &p->keys[i];
  if (status != MTH_OK) return status;
  mth_flat_sort_by_name(p->by_name, p->key_count);
  mth_flat_sort_by_path(p->by_path, p->key_count);
  return MTH_OK;
}

// ---- sorting ------------------------------------------------------------------------------------

static int compare_names(const void *a, const void *b) {
  return strcmp((*(mth_flat_key *const *)a)->seen.name, (*(mth_flat_key *const *)b)->seen.name);
}

static int compare_paths(const void *a, const void *b) {
  return strcmp((*(mth_flat_key *const *)a)->seen.path, (*(mth_flat_key *const *)b)->seen.path);
}

static int compare_nets(const void *a, const void *b) {
  const uintptr_t x = (uintptr_t)(*(mth_flat_key *const *)a)->net;
  const uintptr_t y = (uintptr_t)(*(mth_flat_key *const *)b)->net;
  return (x > y) - (x < y);
}

void mth_flat_sort_by_name(mth_flat_key **keys, size_t count) {
  qsort(keys, count, sizeof(mth_flat_key *), compare_names);
}

void mth_flat_sort_by_path(mth_flat_key **keys, size_t count) {
  qsort(keys, count, sizeof(mth_flat_key *), compare_paths);
}

void mth_flat_sort_by_net(mth_flat_key **keys, size_t count) {
  qsort(keys, count, sizeof(mth_flat_key *), compare_nets);
}
