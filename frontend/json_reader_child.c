// json_reader_child.c: children and how they are wired.
#include "frontend/json_reader.h"
#include "frontend/json_value.h"

#include "ir/graph.h"
#include "ir/model.h"

#include <string.h>

// What cannot be said by a wire and is done once the child is there.
typedef struct afterthought {
  struct afterthought *next;
  const mth_json_place *place;                 // in the arena
  mth_connection *key;                         // the child's
  const json_t *differentiable, *value, *more; // `more`: connections beside the first
} afterthought;

typedef struct adding {
  mth_json_scope *scope;
  mth_model *child;
  const json_t *wires_object;
  mth_wire *wires;
  afterthought *first_after, **last_after; // of this child
} adding;

static mth_json_reading *reading_of(const adding *a) { return a->scope->reading; }

// ---- afterthoughts ------------------------------------------------------------------------------

// A place that outlives the walk.
static const mth_json_place *keep_place(mth_arena *arena, const mth_json_place *place) {
  mth_json_place *kept = place ? MTH_NEW(arena, mth_json_place) : NULL;
  if (!kept) return NULL;
  *kept = (mth_json_place){keep_place(arena, place->up), place->key, place->index};
  return kept;
}

static mth_status add_afterthought(adding *a, afterthought after, const mth_json_place *place,
                                   const char *key) {
  afterthought *kept = MTH_NEW(&reading_of(a)->arena, afterthought);
  if (!kept) return MTH_NO_MEMORY;
  *kept = after;
  kept->place = keep_place(&reading_of(a)->arena, place);
  kept->key = mth_model_find(a->child, key);
  *a->last_after = kept;
  a->last_after = &kept->next;
  return MTH_OK;
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

static mth_status read_facts(adding *a, const json_t *key, const mth_json_place *place,
                             mth_wire *wire, afterthought *after) {
  mth_json_reading *r = reading_of(a);
  const json_t *type = json_object_get(key, "type");
  mth_facts *facts = MTH_NEW(&r->arena, mth_facts);
  bool is_scalar = false;
  if (!facts) return MTH_NO_MEMORY;
  const mth_connection *inner = mth_model_find(a->child, wire->key);
  if (type) {
    place = MTH_JSON_KEY(place, "type");
    MTH_TRY(mth_json_read_type(r, type, place, &facts->families, &is_scalar));
    if (inner && !mth_connection_is_tensor(inner) && is_scalar) facts->families = MTH_FAMILY_NONE;
    if (inner && mth_connection_is_tensor(inner) && !facts->families)
      return mth_json_fail(r, MTH_INVALID, place, "'%s' of %s is a tensor, the type is a scalar's",
                           wire->key, mth_model_class_name(a->child));
  }
  const json_t *differentiable = json_object_get(key, "differentiable");
  facts->differentiable = json_is_true(differentiable);
  after->differentiable = json_is_false(differentiable) ? differentiable : NULL;
  wire->facts = facts;
  return MTH_OK;
}

static mth_status read_connect(adding *a, const json_t *connect, const mth_json_place *place,
                               mth_wire *wire, afterthought *after) {
  if (json_array_size(connect) == 0)
    return mth_json_fail(reading_of(a), MTH_INVALID, place,
                         "wants a list of [submodel, key], found %s", mth_json_kind(connect));
  wire->kind = MTH_WIRE_CONNECTION;
  after->more = json_array_size(connect) > 1 ? connect : NULL;
  return mth_json_read_key(a->scope, json_array_get(connect, 0), MTH_JSON_INDEX(place, 0),
                           &wire->connection);
}

static mth_status read_descriptor(adding *a, const json_t *key, const mth_json_place *place,
                                  mth_wire *wire) {
  static const char *const members[] = {"name",    "value",  "type",  "differentiable",
                                        "connect", "expose", "shape", NULL};
  mth_json_reading *r = reading_of(a);
  const json_t *name, *connect = json_object_get(key, "connect");
  const json_t *value = json_object_get(key, "value");
  const json_t *differentiable = json_object_get(key, "differentiable");
  afterthought after = {0};
  MTH_TRY(mth_json_check_members(r, key, place, members));
  MTH_TRY(mth_json_member(r, key, place, "name", JSON_STRING, &name));
  if (differentiable && !json_is_boolean(differentiable) && !json_is_null(differentiable))
    return mth_json_fail(r, MTH_INVALID, MTH_JSON_KEY(place, "differentiable"),
                         "wants a bool, found %s", mth_json_kind(differentiable));
  if (connect) {
    MTH_TRY(read_connect(a, connect, MTH_JSON_KEY(place, "connect"), wire, &after));
  } else {
    if (value && !name)
      MTH_TRY(read_value(a, value, MTH_JSON_KEY(place, "value"), wire));
    else if (name)
      wire->kind = MTH_WIRE_NAME, wire->name = json_string_value(name);
    after.value = name ? value : NULL;
    MTH_TRY(read_facts(a, key, place, wire, &after));
  }
  if (!after.more && !after.value && !after.differentiable) return MTH_OK;
  return add_afterthought(a, after, place, wire->key);
}

static mth_status read_form(adding *a, const json_t *form, const mth_json_place *place,
                            mth_wire *wire);

// Several tensors for a key that takes several.
static mth_status read_parts(adding *a, const json_t *list, const mth_json_place *place,
                             mth_wire *wire) {
  const size_t count = json_array_size(list);
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
  for (size_t i = 0; op && i < op->input_count; i++)
    if (op->inputs[i].kind == MTH_KEY_TENSORS && strcmp(op->inputs[i].name, key) == 0)
      return !mth_model_find(child, key);
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
    const mth_connection *inner = mth_model_find(a->child, key);
    const bool is_input = inner && mth_connection_class(inner) == MTH_KEY_INPUT;
    if (is_input && is_unnamed(a, form)) continue;
    a->wires[count].key = key;
    MTH_TRY(read_form(a, form, MTH_JSON_KEY(place, key), &a->wires[count++]));
  }
  *out_count = count;
  return MTH_OK;
}

static mth_status state_after(const adding *a) {
  mth_json_reading *r = reading_of(a);
  for (const afterthought *after = a->first_after; after; after = after->next) {
    if (!after->key) continue; // the model has refused the key
    if (after->value)
      MTH_TRY(mth_json_set_value(r, after->value, MTH_JSON_KEY(after->place, "value"),
                                 after->key->outer));
    if (after->differentiable)
      MTH_TRY(mth_json_set_differentiable(r, after->differentiable,
                                          MTH_JSON_KEY(after->place, "differentiable"),
                                          after->key->outer));
  }
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
  MTH_TRY(state_after(a));
  const char *interned = mth_names_intern(&r->context->names, id);
  if (!interned || !mth_name_map_set(&scope->children, r->context->allocator, interned, a->child))
    return MTH_NO_MEMORY;
  return MTH_OK;
}

// ---- merging ------------------------------------------------------------------------------------

static mth_status merge(const mth_json_scope *scope, const afterthought *after) {
  const mth_json_place *place = MTH_JSON_KEY(after->place, "connect");
  const size_t count = json_array_size(after->more);
  mth_connection **all = NULL;
  MTH_TRY(mth_json_read_keys(scope, after->more, place, &all));
  return mth_json_forward(scope->reading, place, mth_model_merge(scope->model, all, count, NULL));
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
  afterthought *merges = NULL, **last = &merges;
  MTH_TRY(mth_json_member(r, scope->object, scope->place, "submodels", JSON_OBJECT, &children));
  MTH_TRY(mth_json_member(r, scope->object, scope->place, "connections", JSON_OBJECT, &wires));
  MTH_TRY(check_ids(scope, children, wires));
  json_object_foreach((json_t *)(uintptr_t)children, id, object) {
    adding a = {.scope = scope, .wires_object = json_object_get(wires, id)};
    a.last_after = &a.first_after;
    MTH_TRY(add_child(&a, id, object));
    *last = a.first_after;
    if (a.first_after) last = a.last_after;
  }
  for (const afterthought *after = merges; after; after = after->next)
    if (after->more) MTH_TRY(merge(scope, after));
  return MTH_OK;
}
