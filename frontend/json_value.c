// json_value.c: arguments and dims.
#include "frontend/json_value.h"

#include "frontend/json_reader.h"
#include "ir/graph.h"
#include "runtime/dtype.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// ---- dims ---------------------------------------------------------------------------------------

typedef struct resolving {
  mth_json_reading *reading;
  const char *unknown; // a name that the document does not declare
} resolving;

static const mth_dim *resolve(void *user, const mth_dim *symbol) {
  resolving *r = user;
  const char *name = mth_names_find(&r->reading->context->names, mth_dim_name(symbol));
  const mth_dim *dim = name ? mth_name_map_get(&r->reading->dims, name) : NULL;
  if (!dim) r->unknown = mth_dim_name(symbol);
  return dim ? dim : symbol;
}

mth_status mth_json_read_dim(mth_json_reading *reading, const char *text,
                             const mth_json_place *place, const mth_dim **out) {
  mth_context *context = reading->context;
  const mth_location at = {&context->sink, ""};
  const mth_dim *dim = NULL;
  MTH_TRY(mth_json_forward(reading, place, mth_dim_parse(context->dims, text, at, &dim)));
  resolving r = {reading, NULL};
  *out = mth_dim_substitute(context->dims, dim, resolve, &r);
  if (r.unknown)
    return mth_json_fail(reading, MTH_INVALID, place,
                         "the dim '%s' is declared neither in $.dims nor in $.symbols", r.unknown);
  return *out ? MTH_OK : MTH_NO_MEMORY; // a name for a name: its numbers are those of the text
}

// ---- reading arguments --------------------------------------------------------------------------

static const char *after(const char *text, const char *prefix) {
  const size_t bytes = strlen(prefix);
  return strncmp(text, prefix, bytes) == 0 ? text + bytes : NULL;
}

static mth_status read_dtype(mth_json_reading *reading, const char *name,
                             const mth_json_place *place, mth_arg *out) {
  static const mth_dtype all[] = {
#define MTH_DTYPE(enumerator, ...) MTH_##enumerator,
#include "runtime/dtype.def"
#undef MTH_DTYPE
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(mth_dtype_get(all[i])->numpy, name) == 0) {
      *out = MTH_ARG_T(NULL, all[i]);
      return MTH_OK;
    }
  return mth_json_fail(reading, MTH_UNSUPPORTED, place, "there is no element type '%s'", name);
}

static mth_status read_model(mth_json_reading *reading, const json_t *value,
                             const mth_json_place *place, mth_arg *out) {
  mth_model *model = NULL;
  MTH_TRY(mth_json_read_model(reading, value, place, &model));
  *out = MTH_ARG_M(NULL, model);
  return MTH_OK;
}

mth_status mth_json_read_named(mth_json_reading *reading, const char *name,
                               const mth_json_place *place, mth_named_number *out) {
  *out = mth_named_number_find(name);
  if (*out) return MTH_OK;
  if (strcmp(name, "ZEROS") == 0 || strcmp(name, "ONES") == 0)
    return mth_json_fail(reading, MTH_INVALID, place,
                         "'Constant.%s' is for assigned_values and assigned_initializers of a key "
                         "whose shape is known",
                         name);
  return mth_json_fail(reading, MTH_INVALID, place, "there is no constant '%.80s'", name);
}

static mth_status read_string(mth_json_reading *reading, const json_t *value,
                              const mth_json_place *place, uint32_t takes, mth_arg *out) {
  const char *text = json_string_value(value), *rest;
  if ((rest = after(text, "Dtype."))) return read_dtype(reading, rest, place, out);
  if ((rest = after(text, "Constant."))) {
    mth_named_number named;
    MTH_TRY(mth_json_read_named(reading, rest, place, &named));
    *out = MTH_ARG_NAMED(NULL, named);
    return MTH_OK;
  }
  if ((rest = after(text, "PaddingType."))) text = rest;
  if (strcmp(text, "(Ellipsis,)") == 0) {
    *out = (mth_arg){.kind = MTH_ARG_ELLIPSIS};
    return MTH_OK;
  }
  if ((takes & MTH_TAKES(MODEL)) && !(takes & MTH_TAKES(STRING)))
    return read_model(reading, value, place, out);
  *out = MTH_ARG_S(NULL, text);
  return MTH_OK;
}

static mth_status list_integers(mth_json_reading *reading, size_t count, const mth_arg *items,
                                mth_arg *out) {
  int64_t *ints = MTH_NEW_ARRAY(&reading->arena, int64_t, count);
  if (!ints) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    ints[i] = items[i].i;
  *out = MTH_ARG_IS(NULL, count, ints);
  return MTH_OK;
}

static mth_status list_dims(mth_json_reading *reading, size_t count, const mth_arg *items,
                            mth_arg *out) {
  const mth_dim **dims = MTH_NEW_ARRAY(&reading->arena, const mth_dim *, count);
  if (!dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    dims[i] = items[i].kind == MTH_ARG_DIM ? items[i].dim
                                           : mth_dim_constant(reading->context->dims, items[i].i);
    if (!dims[i]) return MTH_NO_MEMORY;
  }
  *out = MTH_ARG_DS(NULL, count, dims);
  return MTH_OK;
}

static mth_status read_list(mth_json_reading *reading, const json_t *value,
                            const mth_json_place *place, uint32_t takes, mth_arg *out) {
  const size_t count = json_array_size(value);
  size_t ints = 0, dims = 0;
  mth_arg *items = MTH_NEW_ARRAY(&reading->arena, mth_arg, count);
  if (!items) return MTH_NO_MEMORY;
  MTH_TRY(mth_json_enter(reading, place));
  for (size_t i = 0; i < count; i++) {
    const mth_json_place *at = MTH_JSON_INDEX(place, i);
    MTH_TRY(mth_json_read_arg(reading, json_array_get(value, i), at, takes, &items[i]));
    ints += items[i].kind == MTH_ARG_INT;
    dims += items[i].kind == MTH_ARG_DIM;
  }
  reading->level -= 1;
  const bool wants_tuple =
      (takes & MTH_TAKES(TUPLE)) && !(takes & (MTH_TAKES(INTS) | MTH_TAKES(DIMS)));
  if (ints == count && !wants_tuple) return list_integers(reading, count, items, out);
  if (ints + dims == count && !wants_tuple) return list_dims(reading, count, items, out);
  *out = MTH_ARG_TUPLE_OF(NULL, count, items);
  return MTH_OK;
}

static mth_status read_slice(mth_json_reading *reading, const json_t *value,
                             const mth_json_place *place, mth_arg *out) {
  mth_arg *items = MTH_NEW_ARRAY(&reading->arena, mth_arg, 3);
  if (!items) return MTH_NO_MEMORY;
  if (json_array_size(value) != 3)
    return mth_json_fail(reading, MTH_INVALID, place, "a slice wants [start, stop, step]");
  for (size_t i = 0; i < 3; i++) {
    const json_t *part = json_array_get(value, i);
    if (!json_is_null(part) && !json_is_integer(part))
      return mth_json_fail(reading, MTH_INVALID, MTH_JSON_INDEX(place, i),
                           "a slice wants integers and null, found %s", mth_json_kind(part));
    if (json_is_integer(part)) items[i] = MTH_ARG_I(NULL, json_integer_value(part));
  }
  *out = (mth_arg){.kind = MTH_ARG_SLICE, .count = 3, .items = items};
  return MTH_OK;
}

static mth_status read_float(mth_json_reading *reading, const char *text,
                             const mth_json_place *place, mth_arg *out) {
  const double values[] = {(double)INFINITY, -(double)INFINITY, (double)NAN};
  static const char *const texts[] = {"inf", "-inf", "nan"};
  for (size_t i = 0; i < 3; i++)
    if (strcmp(text, texts[i]) == 0) {
      *out = MTH_ARG_F(NULL, values[i]);
      return MTH_OK;
    }
  return mth_json_fail(reading, MTH_INVALID, place, "wants inf, -inf or nan, found '%.80s'", text);
}

// An object with one member that says what it is, or a model.
static mth_status read_object(mth_json_reading *reading, const json_t *value,
                              const mth_json_place *place, uint32_t takes, mth_arg *out) {
  const json_t *part;
  if (json_object_get(value, "name") && (takes & MTH_TAKES(MODEL)))
    return read_model(reading, value, place, out);
  if (json_object_size(value) != 1)
    return mth_json_fail(
        reading, MTH_INVALID, place,
        "an argument wants one of dim, slice, float, string, open; found %zu members",
        json_object_size(value));
  MTH_TRY(mth_json_member(reading, value, place, "string", JSON_STRING, &part));
  if (part) {
    *out = MTH_ARG_S(NULL, json_string_value(part));
    return MTH_OK;
  }
  MTH_TRY(mth_json_member(reading, value, place, "float", JSON_STRING, &part));
  if (part) return read_float(reading, json_string_value(part), MTH_JSON_KEY(place, "float"), out);
  MTH_TRY(mth_json_member(reading, value, place, "open", JSON_TRUE, &part));
  if (part) {
    *out = (mth_arg){.kind = MTH_ARG_OPEN};
    return MTH_OK;
  }
  MTH_TRY(mth_json_member(reading, value, place, "slice", JSON_ARRAY, &part));
  if (part) return read_slice(reading, part, MTH_JSON_KEY(place, "slice"), out);
  MTH_TRY(mth_json_member(reading, value, place, "dim", JSON_STRING, &part));
  if (!part)
    return mth_json_fail(
        reading, MTH_INVALID,
        MTH_JSON_KEY(place, json_object_iter_key(json_object_iter((json_t *)(uintptr_t)value))),
        "an argument wants one of dim, slice, float, string, open");
  const mth_dim *dim;
  MTH_TRY(mth_json_read_dim(reading, json_string_value(part), MTH_JSON_KEY(place, "dim"), &dim));
  *out = MTH_ARG_D(NULL, dim);
  return MTH_OK;
}

mth_status mth_json_read_arg(mth_json_reading *reading, const json_t *value,
                             const mth_json_place *place, uint32_t takes, mth_arg *out) {
  *out = (mth_arg){.kind = MTH_ARG_NONE};
  switch (json_typeof(value)) {
  case JSON_NULL:
    break;
  case JSON_TRUE:
  case JSON_FALSE:
    *out = MTH_ARG_B(NULL, json_is_true(value));
    break;
  case JSON_INTEGER:
    *out = MTH_ARG_I(NULL, json_integer_value(value));
    break;
  case JSON_REAL:
    *out = MTH_ARG_F(NULL, json_real_value(value));
    break;
  case JSON_STRING:
    return read_string(reading, value, place, takes, out);
  case JSON_ARRAY:
    return read_list(reading, value, place, takes, out);
  case JSON_OBJECT:
    return read_object(reading, value, place, takes, out);
  }
  return MTH_OK;
}

// ---- writing arguments --------------------------------------------------------------------------

static json_t *write_string(const char *text) {
  const bool is_plain = !after(text, "Dtype.") && !after(text, "Constant.") &&
                        !after(text, "PaddingType.") && strcmp(text, "(Ellipsis,)") != 0;
  return is_plain ? json_string(text) : json_pack("{s:s}", "string", text);
}

static json_t *write_number(const mth_arg *arg) {
  const double value = arg->f;
  if (arg->named) return json_sprintf("Constant.%s", mth_named_number_name(arg->named));
  if (isfinite(value)) return json_real(value);
  return json_pack("{s:s}", "float", isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
}

json_t *mth_json_write_dim(const mth_dim *dim, mth_json_name_dim_fn *name_dim, void *user) {
  int64_t value;
  if (mth_dim_is_constant(dim, &value)) return json_integer(value);
  const char *text = name_dim(user, dim);
  return text ? json_pack("{s:s}", "dim", text) : NULL;
}

static json_t *write_items(const mth_arg *arg, mth_json_name_dim_fn *name_dim, void *user) {
  json_t *list = json_array();
  for (size_t i = 0; list && i < arg->count; i++) {
    json_t *item = arg->kind == MTH_ARG_INTS   ? json_integer(arg->ints[i])
                   : arg->kind == MTH_ARG_DIMS ? mth_json_write_dim(arg->dims[i], name_dim, user)
                                               : mth_json_write_arg(&arg->items[i], name_dim, user);
    if (json_array_append_new(list, item) == 0) continue;
    json_decref(list);
    return NULL;
  }
  return list;
}

json_t *mth_json_write_arg(const mth_arg *arg, mth_json_name_dim_fn *name_dim, void *user) {
  char dtype[64];
  switch (arg->kind) {
  case MTH_ARG_NONE:
    return json_null();
  case MTH_ARG_INT:
    return json_integer(arg->i);
  case MTH_ARG_BOOL:
    return json_boolean(arg->b);
  case MTH_ARG_FLOAT:
    return write_number(arg);
  case MTH_ARG_STRING:
    return write_string(arg->s);
  case MTH_ARG_DTYPE:
    snprintf(dtype, sizeof dtype, "Dtype.%s", mth_dtype_get(arg->dtype)->numpy);
    return json_string(dtype);
  case MTH_ARG_INTS:
  case MTH_ARG_DIMS:
  case MTH_ARG_TUPLE:
    return write_items(arg, name_dim, user);
  case MTH_ARG_DIM:
    return mth_json_write_dim(arg->dim, name_dim, user);
  case MTH_ARG_SLICE:
    return json_pack("{s:o}", "slice", write_items(arg, name_dim, user));
  case MTH_ARG_ELLIPSIS:
    return json_string("(Ellipsis,)");
  case MTH_ARG_OPEN:
    return json_pack("{s:b}", "open", 1);
  case MTH_ARG_MODEL:
    break; // models have a writer of their own, open arguments no value
  }
  return NULL;
}
