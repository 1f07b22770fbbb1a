// display_names.c: names of unnamed keys, for people.
#include "ir/display_names.h"

#include "ir/model_core.h"
#include "ir/model_order.h"

#include <stdint.h>
#include <string.h>

typedef struct naming {
  const mth_model *model;
  mth_arena *arena;
  const char **names; // of each connection
  mth_name_map indices, taken;
} naming;

// Unnamed inputs in the order in which they are read.
typedef struct input {
  size_t index;     // among the connections
  const char *base; // interned: its name but for a number
} input;

static mth_status map_name(const naming *n, mth_name_map *map, const char *name, size_t value) {
  return mth_name_map_set(map, n->model->context->allocator, name, (void *)(uintptr_t)value)
             ? MTH_OK
             : MTH_NO_MEMORY;
}

static size_t index_of(const naming *n, const mth_connection *c) {
  return (size_t)(uintptr_t)mth_name_map_get(&n->indices, c->key) - 1;
}

static mth_status take(naming *n, size_t index, const char *name) {
  const char *interned = mth_names_intern(&n->model->context->names, name);
  if (!interned) return MTH_NO_MEMORY;
  n->names[index] = interned;
  return map_name(n, &n->taken, interned, index + 1);
}

static bool is_taken(const naming *n, const char *name) {
  const char *interned = mth_names_find(&n->model->context->names, name);
  return interned && mth_name_map_get(&n->taken, interned);
}

static mth_status name_named(naming *n) {
  for (size_t i = 0; i < n->model->connections.count; i++) {
    const mth_connection *c = n->model->connections.items[i];
    MTH_TRY(map_name(n, &n->indices, c->key, i + 1));
    n->names[i] = c->key;
    if (c->name) MTH_TRY(take(n, i, c->name));
  }
  return MTH_OK;
}

// ---- inputs -------------------------------------------------------------------------------------

// What an input is called, but for a number.
static mth_status make_base(const naming *n, mth_connection *c, const char **out_base) {
  const mth_list *canonical = &n->model->canonical_inputs;
  const char *base = mth_net_of(c)->origin;
  const bool is_only = canonical->count == 1 && canonical->items[0] == c;
  if (is_only && !mth_model_find(n->model, "input")) {
    base = "input";
  } else {
    while (base && (is_taken(n, base) || strcmp(base, "input") == 0))
      base = mth_arena_format(n->arena, "_%s", base);
  }
  *out_base = base ? mth_names_intern(&n->model->context->names, base) : NULL;
  return *out_base ? MTH_OK : MTH_NO_MEMORY;
}

static mth_status collect_inputs(const naming *n, size_t child_count, mth_model *const *children,
                                 input *inputs, size_t *out_count) {
  const size_t seen = ++n->model->context->epoch;
  for (size_t i = 0; i < child_count; i++)
    for (size_t k = 0; k < children[i]->connections.count; k++) {
      mth_connection *c = ((mth_connection *)children[i]->connections.items[k])->outer;
      if (!c || c->name || c->class_ != MTH_KEY_INPUT || mth_net_of(c)->epoch == seen) continue;
      mth_net_of(c)->epoch = seen;
      inputs[*out_count].index = index_of(n, c);
      MTH_TRY(make_base(n, c, &inputs[(*out_count)++].base));
    }
  return MTH_OK;
}

static mth_status name_inputs(naming *n, const input *inputs, size_t count) {
  mth_name_map counts = {0}, numbers = {0};
  const mth_allocator *allocator = n->model->context->allocator;
  mth_status status = MTH_OK;
  for (size_t i = 0; i < count && status == MTH_OK; i++)
    status = map_name(n, &counts, inputs[i].base,
                      (size_t)(uintptr_t)mth_name_map_get(&counts, inputs[i].base) + 1);
  for (size_t i = 0; i < count && status == MTH_OK; i++) {
    const char *name = inputs[i].base;
    if ((uintptr_t)mth_name_map_get(&counts, name) > 1) {
      size_t number = (uintptr_t)mth_name_map_get(&numbers, name);
      do
        name = mth_arena_format(n->arena, "%s_%zu", inputs[i].base, number++);
      while (name && is_taken(n, name));
      status = name ? map_name(n, &numbers, inputs[i].base, number) : MTH_NO_MEMORY;
    }
    if (status == MTH_OK) status = take(n, inputs[i].index, name);
  }
  mth_release(allocator, counts.slots);
  mth_release(allocator, numbers.slots);
  return status;
}

// ---- what children make -------------------------------------------------------------------------

static mth_status name_results(naming *n, size_t child_count, mth_model *const *children) {
  for (size_t i = 0; i < child_count; i++)
    for (size_t k = 0; k < children[i]->connections.count; k++) {
      const mth_connection *made = children[i]->connections.items[k], *c = made->outer;
      if (!made->is_produced || !c || c->name) continue;
      const char *name = mth_arena_format(n->arena, "_%s_%zu_%s", children[i]->class_name, i,
                                          mth_net_of(c)->origin);
      while (name && is_taken(n, name))
        name = mth_arena_format(n->arena, "_%s", name);
      MTH_TRY(name ? take(n, index_of(n, c), name) : MTH_NO_MEMORY);
    }
  return MTH_OK;
}

static mth_status name_all(naming *n) {
  const size_t child_count = n->model->children.count;
  input *inputs = MTH_NEW_ARRAY(n->arena, input, n->model->connections.count);
  mth_model **children = NULL;
  size_t count = 0;
  if (!n->names || !inputs) return MTH_NO_MEMORY;
  MTH_TRY(mth_model_order_children(n->model, n->arena, &children));
  MTH_TRY(name_named(n));
  MTH_TRY(collect_inputs(n, child_count, children, inputs, &count));
  MTH_TRY(name_inputs(n, inputs, count));
  return name_results(n, child_count, children);
}

mth_status mth_model_display_names(const mth_model *model, mth_arena *arena,
                                   const char *const **out_names) {
  if (!model) return MTH_INVALID; // there is nobody to report to
  naming n = {.model = model,
              .arena = arena,
              .names = MTH_NEW_ARRAY(arena, const char *, model->connections.count)};
  const mth_status status = name_all(&n);
  mth_release(model->context->allocator, n.indices.slots);
  mth_release(model->context->allocator, n.taken.slots);
  if (status == MTH_OK) *out_names = n.names;
  return status;
}
