// json_reader_given.c: what a document gives a key: its value, or how it starts.
#include "frontend/json_reader.h"
#include "frontend/json_value.h"

#include "ir/graph.h"
#include "ir/model.h"
#include "ir/parts.h"

#include <string.h>

// What "Constant.ZEROS" and "Constant.ONES" fill a tensor with.
static bool filling(const json_t *value, double *out) {
  const char *text = json_string_value(value);
  *out = text && strcmp(text, "Constant.ONES") == 0;
  return *out != 0 || (text && strcmp(text, "Constant.ZEROS") == 0);
}

static mth_status fill(mth_json_reading *reading, double number, const mth_json_place *place,
                       mth_connection *key) {
  enum { most_elements = 1 << 24 };
  const int32_t rank = mth_connection_rank(key);
  int64_t *extents = MTH_NEW_ARRAY(&reading->arena, int64_t, rank < 0 ? 0 : (size_t)rank);
  size_t count = 1;
  bool is_known = rank >= 0;
  if (!extents) return MTH_NO_MEMORY;
  for (int32_t i = 0; i < rank && is_known; i++) {
    const mth_dim *dim = NULL;
    MTH_TRY(mth_json_forward(reading, place, mth_connection_dim(key, i, &dim)));
    is_known = mth_dim_is_constant(dim, &extents[i]);
    if (is_known &&
        (__builtin_mul_overflow(count, (size_t)extents[i], &count) || count > most_elements))
      return mth_json_fail(reading, MTH_INVALID, place, "'%s' has too many elements to be filled",
                           mth_connection_key(key));
  }
  if (!is_known)
    return mth_json_fail(reading, MTH_INVALID, place, "the shape of '%s' must be known to fill it",
                         mth_connection_key(key));
  double *data = MTH_NEW_ARRAY(&reading->arena, double, count);
  if (!data) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    data[i] = number;
  const mth_constant constant = {
      .dtype = MTH_F64, .rank = (size_t)rank, .extents = extents, .data = data};
  return mth_json_forward(reading, place, mth_connection_set_constant(key, &constant));
}

mth_status mth_json_set_value(mth_json_reading *reading, const json_t *value,
                              const mth_json_place *place, mth_connection *key) {
  mth_constant constant;
  mth_arg arg;
  if (mth_connection_is_list(key)) {
    if (json_is_integer(value) && json_integer_value(value) > mth_json_most_parts)
      return mth_json_fail(reading, MTH_INVALID, place, "a list has at most %d parts, found %lld",
                           (int)mth_json_most_parts, (long long)json_integer_value(value));
    if (!json_is_integer(value) || json_integer_value(value) < 0)
      return mth_json_fail(reading, MTH_INVALID, place, "a list wants its length, found %s",
                           mth_json_kind(value));
    return mth_json_forward(reading, place,
                            mth_connection_set_length(key, (size_t)json_integer_value(value)));
  }
  double number;
  if (mth_connection_is_tensor(key) && filling(value, &number))
    return fill(reading, number, place, key);
  if (json_object_get(value, "tensor")) {
    MTH_TRY(mth_json_read_constant(reading, value, place, &constant));
    return mth_json_forward(reading, place, mth_connection_set_constant(key, &constant));
  }
  MTH_TRY(mth_json_read_arg(reading, value, place, 0, &arg));
  return mth_json_forward(reading, place, mth_connection_set_value(key, &arg));
}

static mth_status read_bound(mth_json_reading *reading, const json_t *value,
                             const mth_json_place *place, const char *member, double *out) {
  const json_t *number = json_object_get(value, member);
  if (!number || mth_json_read_float(number, out)) return MTH_OK;
  return mth_json_fail(reading, MTH_INVALID, MTH_JSON_KEY(place, member),
                       "wants a number, found %s", mth_json_kind(number));
}

mth_status mth_json_set_initializer(mth_json_reading *reading, const json_t *value,
                                    const mth_json_place *place, mth_connection *key) {
  static const char *const members[] = {"kind", "a", "b", "fan", NULL};
  static const char *const kinds[] = {"constant", "uniform", "normal"};
  static const mth_init_kind codes[] = {MTH_INIT_CONSTANT, MTH_INIT_UNIFORM, MTH_INIT_NORMAL};
  const json_t *kind, *fan = json_object_get(value, "fan");
  mth_initializer start = {0};
  mth_arg arg = {0};
  if (filling(value, &start.a)) {
    start.kind = MTH_INIT_CONSTANT;
    return mth_json_forward(reading, place, mth_connection_set_initializer(key, start));
  }
  MTH_TRY(read_bound(reading, value, place, "a", &start.a));
  MTH_TRY(read_bound(reading, value, place, "b", &start.b));
  MTH_TRY(mth_json_check_members(reading, value, place, members));
  MTH_TRY(mth_json_member(reading, value, place, "kind", JSON_STRING, &kind));
  for (size_t i = 0; kind && i < 3; i++)
    if (strcmp(json_string_value(kind), kinds[i]) == 0) start.kind = codes[i];
  if (start.kind == MTH_INIT_NONE)
    return mth_json_fail(reading, MTH_INVALID, place,
                         "an initializer wants \"kind\": constant, uniform or normal");
  if (fan) MTH_TRY(mth_json_read_arg(reading, fan, MTH_JSON_KEY(place, "fan"), 0, &arg));
  if (arg.kind == MTH_ARG_INT) start.fan = mth_dim_constant(reading->context->dims, arg.i);
  if (arg.kind == MTH_ARG_DIM) start.fan = arg.dim;
  if (fan && !start.fan)
    return mth_json_fail(reading, MTH_INVALID, MTH_JSON_KEY(place, "fan"),
                         "wants an integer or a dim, found %s", mth_json_kind(fan));
  return mth_json_forward(reading, place, mth_connection_set_initializer(key, start));
}
