// json_tensor.c: constant tensors as nested lists.
#include "frontend/json_value.h"

#include "ir/op.h"

#include <math.h>
#include <string.h>

// ---- reading ------------------------------------------------------------------------------------

typedef struct tensor {
  mth_json_reading *reading;
  size_t rank, count;
  int64_t extents[mth_rank_max];
  mth_family families; // of the elements so far
  void *data;
  mth_dtype dtype;
} tensor;

static bool read_odd(const json_t *value, double *out) {
  const char *text = json_string_value(value);
  if (!text) return false;
  *out = strcmp(text, "nan") == 0    ? (double)NAN
         : strcmp(text, "-inf") == 0 ? -(double)INFINITY
                                     : (double)INFINITY;
  return strcmp(text, "nan") == 0 || strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0;
}

bool mth_json_read_float(const json_t *value, double *out) {
  if (!json_is_number(value)) return read_odd(value, out);
  *out = json_number_value(value);
  return true;
}

static mth_family family_of(const json_t *value) {
  double odd;
  if (json_is_boolean(value)) return MTH_FAMILY_BOOL;
  if (json_is_integer(value)) return MTH_FAMILY_INT;
  return json_is_real(value) || read_odd(value, &odd) ? MTH_FAMILY_FLOAT : MTH_FAMILY_NONE;
}

// The first element of each level tells rank and extents.
static mth_status measure(tensor *t, const json_t *value, const mth_json_place *place) {
  for (; json_is_array(value); value = json_array_get(value, 0)) {
    if (t->rank == mth_rank_max)
      return mth_json_fail(t->reading, MTH_INVALID, place, "a tensor has at most rank %d",
                           (int)mth_rank_max);
    t->extents[t->rank++] = (int64_t)json_array_size(value);
  }
  return MTH_OK;
}

// Every list is as long as the first of its level, and only the last level holds numbers.
static mth_status check(tensor *t, const json_t *value, const mth_json_place *place, size_t level) {
  const mth_family family = family_of(value);
  if (level == t->rank && family) {
    t->families |= family;
    t->count += 1;
    return MTH_OK;
  }
  if (level == t->rank || !json_is_array(value))
    return mth_json_fail(t->reading, MTH_INVALID, place, "a tensor wants %s here, found %s",
                         level == t->rank ? "a number" : "a list", mth_json_kind(value));
  const size_t count = json_array_size(value);
  if ((int64_t)count != t->extents[level])
    return mth_json_fail(t->reading, MTH_INVALID, place,
                         "the lists of a tensor are equally long: wanted %lld elements, found %zu",
                         (long long)t->extents[level], count);
  for (size_t i = 0; i < count; i++)
    MTH_TRY(check(t, json_array_get(value, i), MTH_JSON_INDEX(place, i), level + 1));
  return MTH_OK;
}

static void fill(tensor *t, const json_t *value) {
  for (size_t i = 0; i < json_array_size(value); i++)
    fill(t, json_array_get(value, i));
  if (json_is_array(value)) return;
  double odd = 0;
  const size_t at = t->count++;
  const bool b = json_is_true(value);
  if (t->dtype == MTH_BOOL)
    ((unsigned char *)t->data)[at] = b;
  else if (t->dtype == MTH_I64)
    ((int64_t *)t->data)[at] = json_is_integer(value) ? json_integer_value(value) : b;
  else if (read_odd(value, &odd))
    ((double *)t->data)[at] = odd;
  else
    ((double *)t->data)[at] = json_is_boolean(value) ? b : json_number_value(value);
}

static mth_dtype dtype_of(mth_family families) {
  if (families & MTH_FAMILY_FLOAT || !families) return MTH_F64;
  return families & MTH_FAMILY_INT ? MTH_I64 : MTH_BOOL;
}

static size_t element_bytes(mth_dtype dtype) { return dtype == MTH_BOOL ? 1 : 8; }

static mth_status finish(tensor *t, const json_t *value, mth_constant *out) {
  mth_arena *arena = &t->reading->arena;
  int64_t *extents = MTH_NEW_ARRAY(arena, int64_t, t->rank);
  t->data = mth_arena_alloc(arena, t->count, element_bytes(t->dtype));
  if (!extents || !t->data) return MTH_NO_MEMORY;
  if (t->rank) memcpy(extents, t->extents, t->rank * sizeof *extents);
  t->count = 0;
  fill(t, value);
  *out = (mth_constant){.dtype = t->dtype, .rank = t->rank, .extents = extents, .data = t->data};
  return MTH_OK;
}

// "Constant.EPSILON", which has no elements.
static const char *named_of(const json_t *value) {
  const char *text = json_string_value(value);
  return text && strncmp(text, "Constant.", 9) == 0 ? text + 9 : NULL;
}

static mth_status read_named(mth_json_reading *reading, const json_t *value,
                             const mth_json_place *place, mth_constant *out) {
  mth_named_number named;
  double *data = MTH_NEW(&reading->arena, double);
  if (!data) return MTH_NO_MEMORY;
  MTH_TRY(mth_json_read_named(reading, named_of(value), place, &named));
  *data = mth_named_number_value(named, MTH_F64);
  *out = (mth_constant){.dtype = MTH_F64, .data = data, .named = named};
  return MTH_OK;
}

mth_status mth_json_read_tensor(mth_json_reading *reading, const json_t *value,
                                const mth_json_place *place, mth_constant *out) {
  tensor t = {.reading = reading};
  if (named_of(value)) return read_named(reading, value, place, out);
  MTH_TRY(measure(&t, value, place));
  MTH_TRY(check(&t, value, place, 0));
  t.dtype = dtype_of(t.families);
  return finish(&t, value, out);
}

// "shape" of an empty tensor.
static mth_status read_extents(tensor *t, const json_t *shape, const mth_json_place *place) {
  bool is_empty = false;
  t->rank = json_array_size(shape);
  if (t->rank > mth_rank_max)
    return mth_json_fail(t->reading, MTH_INVALID, place, "a tensor has at most rank %d",
                         (int)mth_rank_max);
  for (size_t i = 0; i < t->rank; i++) {
    const json_t *extent = json_array_get(shape, i);
    if (!json_is_integer(extent) || json_integer_value(extent) < 0)
      return mth_json_fail(t->reading, MTH_INVALID, MTH_JSON_INDEX(place, i),
                           "an extent wants an integer from 0, found %s", mth_json_kind(extent));
    t->extents[i] = json_integer_value(extent);
    is_empty |= t->extents[i] == 0;
  }
  if (is_empty) return MTH_OK;
  return mth_json_fail(t->reading, MTH_INVALID, place,
                       "only an empty tensor states its shape: an extent must be 0");
}

mth_status mth_json_read_constant(mth_json_reading *reading, const json_t *object,
                                  const mth_json_place *place, mth_constant *out) {
  static const char *const members[] = {"tensor", "shape", "dtype", NULL};
  const json_t *value = json_object_get(object, "tensor"), *shape, *dtype;
  const mth_json_place *at = MTH_JSON_KEY(place, "tensor");
  MTH_TRY(mth_json_check_members(reading, object, place, members));
  MTH_TRY(mth_json_member(reading, object, place, "shape", JSON_ARRAY, &shape));
  MTH_TRY(mth_json_member(reading, object, place, "dtype", JSON_STRING, &dtype));
  if (named_of(value) && !shape && !dtype) return read_named(reading, value, at, out);
  tensor t = {.reading = reading};
  MTH_TRY(measure(&t, value, at));
  MTH_TRY(check(&t, value, at, 0));
  t.dtype = dtype_of(t.families);
  if ((shape || dtype) && t.count)
    return mth_json_fail(reading, MTH_INVALID, place,
                         "only an empty tensor states its shape and dtype");
  if (shape) MTH_TRY(read_extents(&t, shape, MTH_JSON_KEY(place, "shape")));
  const char *name = json_string_value(dtype);
  if (name && strcmp(name, "int64") == 0)
    t.dtype = MTH_I64;
  else if (name && strcmp(name, "bool") == 0)
    t.dtype = MTH_BOOL;
  else if (name && strcmp(name, "float64") != 0)
    return mth_json_fail(reading, MTH_INVALID, MTH_JSON_KEY(place, "dtype"),
                         "wants float64, int64 or bool, found '%s'", name);
  return finish(&t, value, out);
}

// ---- writing ------------------------------------------------------------------------------------

json_t *mth_json_write_float(double value) {
  if (isfinite(value)) return json_real(value);
  return json_string(isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
}

static json_t *write_element(const mth_constant *constant, size_t at) {
  if (constant->dtype == MTH_BOOL) return json_boolean(((const unsigned char *)constant->data)[at]);
  if (constant->dtype == MTH_I64) return json_integer(((const int64_t *)constant->data)[at]);
  if (constant->named) return json_sprintf("Constant.%s", mth_named_number_name(constant->named));
  return mth_json_write_float(((const double *)constant->data)[at]);
}

static json_t *write_level(const mth_constant *constant, size_t level, size_t *next) {
  if (level == constant->rank) return write_element(constant, (*next)++);
  json_t *list = json_array();
  for (int64_t i = 0; list && i < constant->extents[level]; i++)
    if (json_array_append_new(list, write_level(constant, level + 1, next)) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

static bool is_empty(const mth_constant *constant) {
  for (size_t i = 0; i < constant->rank; i++)
    if (constant->extents[i] == 0) return true;
  return false;
}

json_t *mth_json_write_tensor(const mth_constant *constant) {
  size_t next = 0;
  return write_level(constant, 0, &next);
}

json_t *mth_json_write_constant(const mth_constant *constant) {
  if (!is_empty(constant)) return json_pack("{s:o}", "tensor", mth_json_write_tensor(constant));
  json_t *shape = json_array();
  for (size_t i = 0; shape && i < constant->rank; i++)
    if (json_array_append_new(shape, json_integer(constant->extents[i])) != 0) {
      json_decref(shape);
      return NULL;
    }
  return json_pack("{s:[], s:o, s:s}", "tensor", "shape", shape, "dtype",
                   constant->dtype == MTH_BOOL  ? "bool"
                   : constant->dtype == MTH_I64 ? "int64"
                                                : "float64");
}
