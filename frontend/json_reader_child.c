// json_reader_child.c: children and how they are wired.
#include "frontend/json_defaults.h"
#include "frontend/json_reader.h"
#include "frontend/json_value.h"

#include "ir/graph.h"
#include "ir/model.h"
#include "ir/parts.h"

#include <string.h>

// Connections of which one is wired; when all children are there they become one.
typedef struct merging {
  struct merging *next;
  const mth_json_place *place; // in the arena
  const json_t *list;
} merging;

typedef struct adding {
  mth_json_scope *scope;
  mth_model *child;
  const json_t *wires_object;
  mth_wire *wires;
  merging **last_merging;
} adding;

static mth_json_reading *reading_of(const adding *a) { return a->scope->reading; }

// A place that outlives the walk.
static const mth_json_place *keep_place(mth_arena *arena, const mth_json_place *place) {
  mth_json_place *kept = place ? MTH_NEW(arena, mth_json_place) : NULL;
  if (!kept) return NULL;
  *kept = (mth_json_place){keep_place(arena, place->up), place->key, place->index};
  return kept;
}

// ---- forms --------------------------------------------------------------------------------------

static mth_status read_constant(adding *a, const json_t *form, const mth_json_place *place,
                                mth_wire *wire) {
  mth_constant *constant = MTH_NEW(&reading_of(a)->arena, mth_constant);
  if (!constant) return MTH_NO_MEMORY;
  wire->kind = MTH_WIRE_CONSTANT;
  wire->constant = constant;
  return mth_json_read_constant(reading_of(a), form, place, constant);
}

static mth_status read_value(adding *a, const json_t *form, const mth_json_place *place,
                             mth_wire *wire) {
  if (json_object_get(form, "tensor")) return read_constant(a, form, place, wire);
  wire->kind = MTH_WIRE_VALUE;
  return mth_json_read_arg(reading_of(a), form, place, 0, &wire->value);
}

static mth_status read_string(adding *a, const json_t *form, const mth_json_place *place,
                              mth_wire *wire) {
  const char *text = json_string_value(form);
  if (strncmp(text, "Dtype.", 6) == 0 || strncmp(text, "Constant.", 9) == 0)
    return read_value(a, form, place, wire);
  wire->kind = text[0] ? MTH_WIRE_NAME : MTH_WIRE_OPEN;
  wire->name = text;
  return MTH_OK;
}

static mth_status read_connect(adding *a, const json_t *connect, const mth_json_place *place,
                               mth_wire *wire) {
  mth_json_reading *r = reading_of(a);
  if (json_array_size(connect) == 0)
    return mth_json_fail(r, MTH_INVALID, place, "wants a list of [submodel, key], found %s",
                         mth_json_kind(connect));
  if (json_array_size(connect) > 1) {
    merging *later = MTH_NEW(&r->arena, merging);
    if (!later) return MTH_NO_MEMORY;
    *later = (merging){NULL, keep_place(&r->arena, place), connect};
    *a->last_merging = later;
    a->last_merging = &later->next;
  }
  wire->kind = MTH_WIRE_CONNECTION;
  return mth_json_read_key(a->scope, json_array_get(connect, 0), MTH_JSON_INDEX(place, 0),
                           &wire->connection);
}

static mth_status read_type(adding *a, const json_t *type, const mth_json_place *place,
                            const mth_wire *wire, mth_facts *facts) {
  const mth_connection *inner = mth_model_find(a->child, wire->key);
  bool is_scalar = false;
  MTH_TRY(mth_json_read_type(reading_of(a), type, place, &facts->families, &is_scalar));
  if (!inner || mth_connection_is_list(inner)) return MTH_OK; // the model will refuse the key
  if (!mth_connection_is_tensor(inner) && is_scalar) facts->families = MTH_FAMILY_NONE;
  if (!mth_connection_is_tensor(inner) || facts->families) return MTH_OK;
  return mth_json_fail(reading_of(a), MTH_INVALID, place,
                       "'%s' of %s is a tensor, the type is a scalar's", wire->key,
                       mth_model_class_name(a->child));
}

static mth_status read_facts(adding *a, const json_t *key, const mth_json_place *place,
                             mth_wire *wire) {
  mth_json_reading *r = reading_of(a);
  const json_t *name, *type = json_object_get(key, "type"), *value = json_object_get(key, "value");
  const json_t *differentiable = json_object_get(key, "differentiable");
  mth_facts *facts = MTH_NEW(&r->arena, mth_facts);
  mth_wire held = {.key = wire->key};
  if (!facts) return MTH_NO_MEMORY;
  *wire = (mth_wire){.key = wire->key, .kind = MTH_WIRE_KEY, .facts = facts};
  MTH_TRY(mth_json_member(r, key, place, "name", JSON_STRING, &name));
  facts->name = json_string_value(name);
  if (type) MTH_TRY(read_type(a, type, MTH_JSON_KEY(place, "type"), wire, facts));
  if (differentiable && !json_is_boolean(differentiable) && !json_is_null(differentiable))
    return mth_json_fail(r, MTH_INVALID, MTH_JSON_KEY(place, "differentiable"),
                         "wants a bool, found %s", mth_json_kind(differentiable));
  facts->differentiable = json_is_true(differentiable);
  facts->frozen = json_is_false(differentiable);
  if (!value) return MTH_OK;
  mth_arg *arg = MTH_NEW(&r->arena, mth_arg);
  if (!arg) return MTH_NO_MEMORY;
  MTH_TRY(read_value(a, value, MTH_JSON_KEY(place, "value"), &held));
  *arg = held.value;
  facts->constant = held.constant;
  facts->value = held.constant ? NULL : arg;
  return MTH_OK;
}

static mth_status read_descriptor(adding *a, const json_t *key, const mth_json_place *place,
                                  mth_wire *wire) {
  static const char *const members[] = {"name",    "value",  "type",  "differentiable",
                                        "connect", "expose", "shape", NULL};
  const json_t *connect = json_object_get(key, "connect");
  MTH_TRY(mth_json_check_members(reading_of(a), key, place, members));
  if (connect) return read_connect(a, connect, MTH_JSON_KEY(place, "connect"), wire);
  return read_facts(a, key, place, wire);
}

static mth_status read_form(adding *a, const json_t *form, const mth_json_place *place,
                            mth_wire *wire);

// Several tensors for a key that takes several.
static mth_status read_parts(adding *a, const json_t *list, const mth_json_place *place,
                             mth_wire *wire) {
  const size_t count = json_array_size(list);
  if (count > mth_json_most_parts)
    return mth_json_fail(reading_of(a), MTH_INVALID, place, "wants at most %d parts, found %zu",
                         (int)mth_json_most_parts, count);
  mth_wire *parts = MTH_NEW_ARRAY(&reading_of(a)->arena, mth_wire, count);
  if (!parts) return MTH_NO_MEMORY;
  MTH_TRY(mth_json_enter(reading_of(a), place));
  for (size_t i = 0; i < count; i++) {
    parts[i].key = wire->key;
    MTH_TRY(read_form(a, json_array_get(list, i), MTH_JSON_INDEX(place, i), &parts[i]));
  }
  reading_of(a)->level -= 1;
  *wire = MTH_WIRE_PARTS(wire->key, count, parts);
  return MTH_OK;
}

static bool takes_several(const mth_model *child, const char *key) {
  const mth_op *op = mth_model_op(child);
  const mth_connection *found = mth_model_find(child, key);
  if (found) return mth_connection_is_list(found);
  for (size_t i = 0; op && i < op->input_count; i++)
    if ((op->inputs[i].kind == MTH_KEY_TENSORS || op->inputs[i].kind == MTH_KEY_ARGS) &&
        strcmp(op->inputs[i].name, key) == 0)
      return true;
  return false;
}

static mth_status read_form(adding *a, const json_t *form, const mth_json_place *place,
                            mth_wire *wire) {
  if (json_is_string(form)) return read_string(a, form, place, wire);
  if (json_is_array(form) && takes_several(a->child, wire->key))
    return read_parts(a, form, place, wire);
  const json_t *key = json_object_get(form, "key");
  if (!key) return read_value(a, form, place, wire);
  static const char *const members[] = {"key", NULL};
  MTH_TRY(mth_json_check_members(reading_of(a), form, place, members));
  place = MTH_JSON_KEY(place, "key");
  if (json_is_object(key)) return read_descriptor(a, key, place, wire);
  return mth_json_fail(reading_of(a), MTH_INVALID, place, "wants an object, found %s",
                       mth_json_kind(key));
}

// ---- children -----------------------------------------------------------------------------------

// Legacy: inputs that are named in the document and not in the model.
static bool is_unnamed(const adding *a, const json_t *form) {
  const json_t *unnamed = json_object_get(a->scope->object, "unnamed_keys");
  for (size_t i = 0; json_is_string(form) && i < json_array_size(unnamed); i++)
    if (json_equal(json_array_get(unnamed, i), form)) return true;
  return false;
}

static mth_status read_wires(adding *a, const mth_json_place *place, size_t *out_count) {
  const char *key;
  json_t *form;
  size_t count = 0;
  a->wires = MTH_NEW_ARRAY(&reading_of(a)->arena, mth_wire, json_object_size(a->wires_object));
  if (!a->wires) return MTH_NO_MEMORY;
  json_object_foreach((json_t *)(uintptr_t)a->wires_object, key, form) {
    const char *const name = mth_model_find(a->child, key)
                                 ? key
                                 : mth_json_native_name(mth_model_class_name(a->child), key);
    const mth_connection *inner = mth_model_find(a->child, name);
    const bool is_input = inner && mth_connection_class(inner) == MTH_KEY_INPUT;
    if (is_input && is_unnamed(a, form)) continue;
    a->wires[count].key = name;
    MTH_TRY(read_form(a, form, MTH_JSON_KEY(place, key), &a->wires[count++]));
  }
  *out_count = count;
  return MTH_OK;
}

static mth_status add_child(adding *a, const char *id, const json_t *object) {
  mth_json_scope *scope = a->scope;
  mth_json_reading *r = scope->reading;
  const mth_json_place *place = MTH_JSON_KEY(MTH_JSON_KEY(scope->place, "submodels"), id);
  const mth_json_place *wires_place = MTH_JSON_KEY(MTH_JSON_KEY(scope->place, "connections"), id);
  const char *name = NULL;
  size_t wire_count = 0;
  if (strcmp(id, "self") == 0)
    return mth_json_fail(r, MTH_INVALID, place, "no submodel can be called 'self'");
  if (!json_is_object(a->wires_object))
    return mth_json_fail(r, MTH_INVALID, wires_place, "wants an object of keys, found %s",
                         mth_json_kind(a->wires_object));
  MTH_TRY(mth_json_read_model(r, object, place, &a->child));
  MTH_TRY(mth_json_child_name(r, object, place, &name));
  MTH_TRY(read_wires(a, wires_place, &wire_count));
  MTH_TRY(mth_json_forward(r, wires_place,
                           mth_model_add(scope->model, a->child, name, a->wires, wire_count)));
  const char *interned = mth_names_intern(&r->context->names, id);
  if (!interned || !mth_name_map_set(&scope->children, r->context->allocator, interned, a->child))
    return MTH_NO_MEMORY;
  return MTH_OK;
}

// ---- merging ------------------------------------------------------------------------------------

static mth_status merge(const mth_json_scope *scope, const merging *later) {
  const size_t count = json_array_size(later->list);
  mth_connection **all = NULL;
  MTH_TRY(mth_json_read_keys(scope, later->list, later->place, &all));
  return mth_json_forward(scope->reading, later->place,
                          mth_model_merge(scope->model, all, count, NULL));
}

// Ours: lists of keys that are one.
static mth_status merge_stated(const mth_json_scope *scope) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, "merged");
  const json_t *lists;
  mth_connection **all = NULL;
  MTH_TRY(
      mth_json_member(scope->reading, scope->object, scope->place, "merged", JSON_ARRAY, &lists));
  for (size_t i = 0; i < json_array_size(lists); i++) {
    const json_t *keys = json_array_get(lists, i);
    const mth_json_place *at = MTH_JSON_INDEX(place, i);
    if (json_array_size(keys) < 2)
      return mth_json_fail(scope->reading, MTH_INVALID, at,
                           "wants a list of two keys or more, found %s",
                           json_is_array(keys) ? "fewer" : mth_json_kind(keys));
    MTH_TRY(mth_json_read_keys(scope, keys, at, &all));
    MTH_TRY(mth_json_forward(scope->reading, at,
                             mth_model_merge(scope->model, all, json_array_size(keys), NULL)));
  }
  return MTH_OK;
}

static mth_status check_ids(const mth_json_scope *scope, const json_t *children,
                            const json_t *wires) {
  const char *id;
  json_t *value;
  json_object_foreach(
      (json_t *)(uintptr_t)wires, id,
      value) if (!json_object_get(children,
                                  id)) return mth_json_fail(scope->reading, MTH_INVALID,
                                                            MTH_JSON_KEY(
                                                                MTH_JSON_KEY(scope->place,
                                                                             "connections"),
                                                                id),
                                                            "there is no submodel '%.80s'", id);
  return MTH_OK;
}

mth_status mth_json_add_children(mth_json_scope *scope) {
  mth_json_reading *r = scope->reading;
  const json_t *children, *wires;
  const char *id;
  json_t *object;
  merging *first = NULL, **last = &first;
  MTH_TRY(mth_json_member(r, scope->object, scope->place, "submodels", JSON_OBJECT, &children));
  MTH_TRY(mth_json_member(r, scope->object, scope->place, "connections", JSON_OBJECT, &wires));
  MTH_TRY(check_ids(scope, children, wires));
  json_object_foreach((json_t *)(uintptr_t)children, id, object) {
    adding a = {.scope = scope, .wires_object = json_object_get(wires, id), .last_merging = last};
    MTH_TRY(add_child(&a, id, object));
    last = a.last_merging;
  }
  for (const merging *later = first; later; later = later->next)
    MTH_TRY(merge(scope, later));
  return merge_stated(scope);
}
