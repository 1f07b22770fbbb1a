// json_reader_names.c: names that a document gives beside those of keys: of dims, and the numbers of
// keys without a name.
#include "frontend/json_reader.h"

#include "ir/graph.h"
#include "ir/model_core.h"

// {"input_size": [key, axis]}
static mth_status name_dims(const mth_json_scope *scope) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, "named_dims");
  mth_json_reading *r = scope->reading;
  const json_t *dims;
  const char *name;
  json_t *pair;
  MTH_TRY(mth_json_member(r, scope->object, scope->place, "named_dims", JSON_OBJECT, &dims));
  json_object_foreach((json_t *)(uintptr_t)dims, name, pair) {
    const mth_json_place *at = MTH_JSON_KEY(place, name);
    const json_t *axis = json_array_get(pair, 1);
    mth_connection *key = NULL;
    if (json_array_size(pair) != 2 || !json_is_integer(axis))
      return mth_json_fail(r, MTH_INVALID, at, "wants a list of a key and an axis, found %s",
                           json_is_array(pair) ? "another list" : mth_json_kind(pair));
    MTH_TRY(mth_json_read_key(scope, json_array_get(pair, 0), MTH_JSON_INDEX(at, 0), &key));
    MTH_TRY(mth_json_forward(
        r, at, mth_model_name_dim(scope->model, name, key, json_integer_value(axis))));
  }
  return MTH_OK;
}

static mth_status read_numbers(mth_json_reading *r, const json_t *list, const mth_json_place *place,
                               size_t **out) {
  const size_t count = json_array_size(list);
  if (count == 0)
    return mth_json_fail(r, MTH_INVALID, place,
                         "wants a list of numbers and the last one, found %s",
                         json_is_array(list) ? "an empty one" : mth_json_kind(list));
  size_t *numbers = MTH_NEW_ARRAY(&r->arena, size_t, count);
  if (!numbers) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    const json_t *number = json_array_get(list, i);
    if (!json_is_integer(number) || json_integer_value(number) < 0)
      return mth_json_fail(r, MTH_INVALID, MTH_JSON_INDEX(place, i),
                           "wants the number of a key, found %s",
                           json_is_integer(number) ? "a negative one" : mth_json_kind(number));
    numbers[i] = (size_t)json_integer_value(number);
  }
  *out = numbers;
  return MTH_OK;
}

// [[[child, ...], [number of a key, ..., the last number given]], ...]
static mth_status number_keys(const mth_json_scope *scope) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, "numbers");
  mth_json_reading *r = scope->reading;
  const json_t *pairs;
  MTH_TRY(mth_json_member(r, scope->object, scope->place, "numbers", JSON_ARRAY, &pairs));
  for (size_t i = 0; i < json_array_size(pairs); i++) {
    const json_t *pair = json_array_get(pairs, i), *path = json_array_get(pair, 0);
    const json_t *list = json_array_get(pair, 1);
    const mth_json_place *at = MTH_JSON_INDEX(place, i);
    mth_model *model = NULL;
    size_t *numbers = NULL;
    if (json_array_size(pair) != 2 || !json_is_array(path))
      return mth_json_fail(r, MTH_INVALID, at, "wants a list of a path and of numbers, found %s",
                           json_is_array(pair) ? "another list" : mth_json_kind(pair));
    MTH_TRY(mth_json_find_inner(scope, path, json_array_size(path), MTH_JSON_INDEX(at, 0), &model));
    MTH_TRY(read_numbers(r, list, MTH_JSON_INDEX(at, 1), &numbers));
    const size_t count = json_array_size(list) - 1;
    MTH_TRY(mth_json_forward(r, MTH_JSON_INDEX(at, 1),
                             mth_model_set_numbers(model, count, numbers, numbers[count])));
  }
  return MTH_OK;
}

mth_status mth_json_state_names(const mth_json_scope *scope) {
  MTH_TRY(name_dims(scope));
  return number_keys(scope);
}
