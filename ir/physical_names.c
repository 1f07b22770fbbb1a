// physical_names.c: names of a program's inputs and outputs.
#include "ir/physical_names.h"

#include "ir/graph.h"
#include "ir/model_core.h"

#include <string.h>

typedef struct list {
  mth_physical_name *items;
  size_t count;
  mth_arena *arena;
} list;

static bool is_taken(const list *names, const char *name) {
  for (size_t i = 0; i < names->count; i++)
    if (names->items[i].name && strcmp(names->items[i].name, name) == 0) return true;
  return false;
}

// The children's names and their key; a composite's own unnamed key is looked up further inside.
static const char *make_path(mth_arena *arena, const mth_connection *connection) {
  const char *path = NULL;
  for (const mth_connection *c = connection;;) {
    const mth_connection *inner = c->producer ? c->producer : c->first_use;
    if (c != connection && (c->name || !inner))
      return mth_arena_format(arena, "%s_%s", path, c->key);
    if (!inner) return c->key;
    const char *child = inner->model->name ? inner->model->name : inner->model->class_name;
    path = path ? mth_arena_format(arena, "%s_%s", path, child) : child;
    if (!path) return NULL;
    c = inner;
  }
}

static const char *origin_of(const mth_physical_name *item) {
  return mth_net_of(item->connection)->origin;
}

// Names the unnamed ones of one origin, from `first` on.
static mth_status name_origin(list *names, size_t first) {
  const char *origin = origin_of(&names->items[first]);
  size_t count = 0, number = 0;
  for (size_t i = first; i < names->count; i++)
    count += !names->items[i].name && origin_of(&names->items[i]) == origin;
  const bool plain = count == 1 && !is_taken(names, origin);
  for (size_t i = first; i < names->count; i++) {
    mth_physical_name *item = &names->items[i];
    if (item->name || origin_of(item) != origin) continue;
    const char *name = origin;
    while (!plain) {
      name = mth_arena_format(names->arena, "%s_%zu", origin, number++);
      if (!name) return MTH_NO_MEMORY;
      if (!is_taken(names, name)) break;
    }
    item->name = name;
  }
  return MTH_OK;
}

// A canonical output without a name is called after its origin, come what may.
static mth_status name_canonical_outputs(list *names) {
  for (size_t i = 0; i < names->count; i++) {
    mth_physical_name *item = &names->items[i];
    if (!item->is_output || item->name) continue;
    const char *name = origin_of(item);
    while (name && is_taken(names, name))
      name = mth_arena_format(names->arena, "_%s", name);
    if (!name) return MTH_NO_MEMORY;
    item->name = name;
  }
  return MTH_OK;
}

static void add(list *names, mth_connection *connection, bool is_output) {
  names->items[names->count++] = (mth_physical_name){
      .connection = connection, .name = connection->name, .is_output = is_output};
}

static bool is_external_input(const mth_connection *c) {
  return c->class_ == MTH_KEY_INPUT && mth_net_of(c)->is_tensor && !mth_net_is_valued(c);
}

static void collect(const mth_model *model, list *names) {
  bool exposed = false;
  for (size_t i = 0; i < model->connections.count; i++) {
    mth_connection *c = model->connections.items[i];
    if (is_external_input(c)) add(names, c, false);
    exposed |= c->class_ == MTH_KEY_OUTPUT;
  }
  for (size_t i = 0; exposed && i < model->connections.count; i++) {
    mth_connection *c = model->connections.items[i];
    if (c->class_ == MTH_KEY_OUTPUT) add(names, c, true);
  }
  for (size_t i = 0; !exposed && i < model->canonical_outputs.count; i++)
    add(names, model->canonical_outputs.items[i], true);
}

mth_status mth_list_physical_names(const mth_model *model, mth_arena *arena,
                                   mth_physical_name **out_names, size_t *out_count) {
  char where[256];
  const mth_location at = mth_model_at(model, where, sizeof where);
  if (model->parent) return mth_fail(MTH_INVALID, at, "a child can not be compiled; copy it");
  const size_t most = model->connections.count + model->canonical_outputs.count;
  list names = {MTH_NEW_ARRAY(arena, mth_physical_name, most), 0, arena};
  if (!names.items) return MTH_NO_MEMORY;
  collect(model, &names);
  if (!names.count || !names.items[names.count - 1].is_output)
    return mth_fail(MTH_INVALID, at, "Models with no output keys can not be compiled.");
  for (size_t i = 0; i < names.count; i++)
    if (!names.items[i].name && !names.items[i].is_output) MTH_TRY(name_origin(&names, i));
  MTH_TRY(name_canonical_outputs(&names));
  for (size_t i = 0; i < names.count; i++) {
    names.items[i].path = make_path(arena, names.items[i].connection);
    if (!names.items[i].path) return MTH_NO_MEMORY;
  }
  *out_names = names.items;
  *out_count = names.count;
  return MTH_OK;
}
