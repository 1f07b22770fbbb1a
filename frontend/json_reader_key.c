// json_reader_key.c: which connection a keyinfo means.
#include "frontend/json_defaults.h"
#include "frontend/json_reader.h"

#include "ir/graph.h"
#include "ir/parts.h"

#include <stdlib.h>
#include <string.h>

static mth_status find_child(const mth_json_scope *scope, const char *id,
                             const mth_json_place *place, mth_model **out) {
  const char *name = mth_names_find(&scope->reading->context->names, id);
  *out = strcmp(id, "self") == 0 ? scope->model
         : name                  ? mth_name_map_get(&scope->children, name)
                                 : NULL;
  if (*out) return MTH_OK;
  const json_t *ids = json_object_get(scope->object, "submodels");
  return mth_json_fail(scope->reading, MTH_INVALID, place,
                       json_object_get(ids, id) ? "the submodel '%.80s' comes later"
                                                : "there is no submodel '%.80s'",
                       id);
}

// External keys: the inputs, then the outputs.
static mth_status find_external(const mth_json_scope *scope, const mth_model *model,
                                json_int_t index, const mth_json_place *place,
                                mth_connection **out) {
  json_int_t at = 0;
  for (size_t pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < mth_model_connection_count(model); i++) {
      mth_connection *c = mth_model_connection(model, i);
      if (mth_connection_class(c) != (pass ? MTH_KEY_OUTPUT : MTH_KEY_INPUT)) continue;
      *out = c;
      if (at++ == index) return MTH_OK;
    }
  return mth_json_fail(scope->reading, MTH_INVALID, place,
                       "wants an index into the %lld external keys of %s, found %lld",
                       (long long)at, mth_model_class_name(model), (long long)index);
}

// Part 2 of the list "output" by the name "output_2"; NULL in *out: there is no such list.
static mth_status find_part(const mth_json_scope *scope, const mth_model *model, const char *name,
                            const mth_json_place *place, mth_connection **out) {
  const char *digits = strrchr(name, '_');
  char *end = NULL;
  if (!digits || digits == name || digits[1] < '0' || digits[1] > '9') return MTH_OK;
  const unsigned long long index = strtoull(digits + 1, &end, 10);
  const char *list_name =
      mth_arena_copy_text(&scope->reading->arena, name, (size_t)(digits - name));
  if (!list_name) return MTH_NO_MEMORY;
  mth_connection *list = mth_model_find(model, list_name);
  if (*end || index > mth_json_most_parts || !list || !mth_connection_is_list(list)) return MTH_OK;
  return mth_json_forward(scope->reading, place, mth_connection_part(list, (size_t)index, out));
}

static mth_status find_named(const mth_json_scope *scope, const mth_model *model, const char *name,
                             const mth_json_place *place, mth_connection **out) {
  *out = mth_model_find(model, name);
  if (!*out) MTH_TRY(find_part(scope, model, name, place, out));
  if (!*out) *out = mth_model_find(model, mth_json_native_name(mth_model_class_name(model), name));
  return *out ? MTH_OK : mth_json_forward(scope->reading, place, mth_model_get(model, name, out));
}

mth_status mth_json_find_inner(const mth_json_scope *scope, const json_t *path, size_t count,
                               const mth_json_place *place, mth_model **out) {
  mth_model *model = scope->model;
  for (size_t i = 0; i < count; i++) {
    const char *name = json_string_value(json_array_get(path, i));
    const mth_json_place *at = MTH_JSON_INDEX(place, i);
    if (!name)
      return mth_json_fail(scope->reading, MTH_INVALID, at, "wants the id of a submodel, found %s",
                           mth_json_kind(json_array_get(path, i)));
    if (i == 0)
      MTH_TRY(find_child(scope, name, at, &model));
    else if (!(model = mth_model_find_child(model, name)))
      return mth_json_fail(scope->reading, MTH_INVALID, at, "there is no child '%.80s' inside",
                           name);
  }
  *out = model;
  return MTH_OK;
}

static mth_status read_path(const mth_json_scope *scope, const json_t *path,
                            const mth_json_place *place, mth_connection **out) {
  const size_t count = json_array_size(path);
  const json_t *last = json_array_get(path, count - 1);
  mth_model *model = NULL;
  MTH_TRY(mth_json_find_inner(scope, path, count - 1, place, &model));
  place = MTH_JSON_INDEX(place, count - 1);
  if (json_is_integer(last))
    return find_external(scope, model, json_integer_value(last), place, out);
  if (json_is_string(last)) return find_named(scope, model, json_string_value(last), place, out);
  return mth_json_fail(scope->reading, MTH_INVALID, place, "wants a key or its index, found %s",
                       mth_json_kind(last));
}

mth_status mth_json_read_key(const mth_json_scope *scope, const json_t *key,
                             const mth_json_place *place, mth_connection **out) {
  if (json_is_string(key))
    return find_named(scope, scope->model, json_string_value(key), place, out);
  if (json_array_size(key) >= 2) return read_path(scope, key, place, out);
  return mth_json_fail(scope->reading, MTH_INVALID, place,
                       "wants a key, or a list of a submodel and its key; found %s",
                       json_is_array(key) ? "a shorter list" : mth_json_kind(key));
}

mth_status mth_json_read_keys(const mth_json_scope *scope, const json_t *list,
                              const mth_json_place *place, mth_connection ***out) {
  const size_t count = json_array_size(list);
  *out = MTH_NEW_ARRAY(&scope->reading->arena, mth_connection *, count);
  if (!*out) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    MTH_TRY(
        mth_json_read_key(scope, json_array_get(list, i), MTH_JSON_INDEX(place, i), &(*out)[i]));
  return MTH_OK;
}
