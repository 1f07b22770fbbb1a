// json_reader_facts.c: what a document states of a model: shapes, types, values, canonical keys.
#include "frontend/json_reader.h"
#include "frontend/json_value.h"

#include "ir/model.h"
#include "ir/model_core.h"
#include "ir/parts.h"
#include "ir/state_keys.h"

#include <string.h>

// ---- types --------------------------------------------------------------------------------------

static mth_status read_type_name(mth_json_reading *reading, const char *name, bool is_element,
                                 const mth_json_place *place, mth_family *out_families,
                                 bool *out_scalar) {
  static const char *const scalars[] = {"str", "list", "tuple", "dict", "slice", "..."};
  const mth_family family = strcmp(name, "int") == 0     ? MTH_FAMILY_INT
                            : strcmp(name, "float") == 0 ? MTH_FAMILY_FLOAT
                            : strcmp(name, "bool") == 0  ? MTH_FAMILY_BOOL
                                                         : MTH_FAMILY_NONE;
  bool is_known = family != MTH_FAMILY_NONE;
  if (is_element) *out_families |= family;
  if (!is_element && strcmp(name, "Tensor") == 0) {
    *out_families = MTH_FAMILY_ANY;
    return MTH_OK;
  }
  for (size_t i = 0; !is_element && i < sizeof scalars / sizeof *scalars; i++)
    is_known |= strcmp(name, scalars[i]) == 0;
  *out_scalar |= !is_element;
  if (is_known) return MTH_OK;
  return mth_json_fail(reading, MTH_INVALID, place, "there is no type '%.80s'%s", name,
                       is_element ? " of elements; wanted int, float or bool" : "");
}

static mth_status read_type(mth_json_reading *reading, const json_t *type, bool is_element,
                            const mth_json_place *place, mth_family *out_families,
                            bool *out_scalar) {
  if (json_is_string(type))
    return read_type_name(reading, json_string_value(type), is_element, place, out_families,
                          out_scalar);
  MTH_TRY(mth_json_enter(reading, place));
  if (json_is_array(type)) { // a union
    for (size_t i = 0; i < json_array_size(type); i++)
      MTH_TRY(read_type(reading, json_array_get(type, i), is_element, MTH_JSON_INDEX(place, i),
                        out_families, out_scalar));
  } else {
    const json_t *elements = json_object_get(type, "Tensor");
    if (is_element || json_object_size(type) != 1 ||
        !(elements || json_object_get(type, "list") || json_object_get(type, "tuple")))
      return mth_json_fail(reading, MTH_INVALID, place, "wants the name of a type%s, found %s",
                           is_element ? "" : ", a union, {\"Tensor\": ...}, list or tuple",
                           mth_json_kind(type));
    if (elements)
      MTH_TRY(read_type(reading, elements, true, MTH_JSON_KEY(place, "Tensor"), out_families,
                        out_scalar));
    else
      *out_scalar = true;
  }
  reading->level -= 1;
  return MTH_OK;
}

mth_status mth_json_read_type(mth_json_reading *reading, const json_t *type,
                              const mth_json_place *place, mth_family *out_families,
                              bool *out_scalar) {
  *out_families = MTH_FAMILY_NONE;
  *out_scalar = false;
  return read_type(reading, type, false, place, out_families, out_scalar);
}

mth_status mth_json_set_type(mth_json_reading *reading, const json_t *type,
                             const mth_json_place *place, mth_connection *key) {
  mth_family families;
  bool is_scalar;
  MTH_TRY(mth_json_read_type(reading, type, place, &families, &is_scalar));
  if (is_scalar && !mth_connection_is_tensor(key)) return MTH_OK;
  if (!families)
    return mth_json_fail(reading, MTH_INVALID, place, "'%s' is a tensor, the type is a scalar's",
                         mth_connection_key(key));
  return mth_json_forward(reading, place, mth_connection_set_families(key, families));
}

// ---- shapes -------------------------------------------------------------------------------------

static bool is_declared(const mth_json_reading *reading, const char *name) {
  const char *interned = mth_names_find(&reading->context->names, name);
  return interned && mth_name_map_get(&reading->dims, interned);
}

static mth_status read_extent_text(mth_json_reading *reading, const char *text,
                                   const mth_json_place *place, mth_extent *out) {
  const char *comma = strchr(text, ',');
  if (strcmp(text, "...") == 0) {
    *out = MTH_REST;
  } else if (comma && strcmp(comma, ",...") == 0) {
    const char *name = mth_arena_copy_text(&reading->arena, text, (size_t)(comma - text));
    if (!name) return MTH_NO_MEMORY;
    if (!mth_is_name(name))
      return mth_json_fail(reading, MTH_INVALID, place, "'%.80s' is no name of dims", name);
    *out = MTH_REST_OF(name);
  } else if (mth_is_name(text) && !is_declared(reading, text)) {
    *out = MTH_LOCAL(text);
  } else {
    const mth_dim *dim;
    MTH_TRY(mth_json_read_dim(reading, text, place, &dim));
    *out = MTH_OF(dim);
  }
  return MTH_OK;
}

mth_status mth_json_read_shape(mth_json_reading *reading, const json_t *list,
                               const mth_json_place *place, mth_shape *out) {
  const size_t rank = json_array_size(list);
  if (!json_is_array(list))
    return mth_json_fail(reading, MTH_INVALID, place, "wants a list of dims, found %s",
                         mth_json_kind(list));
  if (rank > mth_rank_max + 1) // one more: a run of dims may be empty
    return mth_json_fail(reading, MTH_INVALID, place, "a shape has at most rank %d, found %zu",
                         (int)mth_rank_max, rank);
  mth_extent *extents = MTH_NEW_ARRAY(&reading->arena, mth_extent, rank);
  if (!extents) return MTH_NO_MEMORY;
  for (size_t i = 0; i < rank; i++) {
    const json_t *extent = json_array_get(list, i);
    const mth_json_place *at = MTH_JSON_INDEX(place, i);
    if (json_is_integer(extent) && json_integer_value(extent) >= 0)
      extents[i] = MTH_N(json_integer_value(extent));
    else if (json_is_null(extent))
      extents[i] = MTH_ANY;
    else if (json_is_string(extent))
      MTH_TRY(read_extent_text(reading, json_string_value(extent), at, &extents[i]));
    else
      return mth_json_fail(reading, MTH_INVALID, at,
                           "a dim wants an integer from 0, a name or null; found %s",
                           json_is_integer(extent) ? "a negative number" : mth_json_kind(extent));
  }
  *out = (mth_shape){rank, extents};
  return MTH_OK;
}

mth_status mth_json_set_shape(mth_json_reading *reading, const json_t *shape,
                              const mth_json_place *place, mth_connection *key) {
  mth_shape read;
  MTH_TRY(mth_json_read_shape(reading, shape, place, &read));
  return mth_json_forward(reading, place, mth_connection_set_shape(key, read));
}

// ---- other facts --------------------------------------------------------------------------------

mth_status mth_json_set_differentiable(mth_json_reading *reading, const json_t *value,
                                       const mth_json_place *place, mth_connection *key) {
  if (!json_is_boolean(value))
    return mth_json_fail(reading, MTH_INVALID, place, "wants a bool, found %s",
                         mth_json_kind(value));
  return mth_json_forward(reading, place,
                          mth_connection_set_differentiable(key, json_is_true(value)));
}

// ---- of a whole model ---------------------------------------------------------------------------

typedef mth_status state_fn(mth_json_reading *reading, const json_t *value,
                            const mth_json_place *place, mth_connection *key);

static mth_status read_pair(const mth_json_scope *scope, const json_t *pair,
                            const mth_json_place *place, mth_connection **out_key) {
  if (json_array_size(pair) == 2)
    return mth_json_read_key(scope, json_array_get(pair, 0), MTH_JSON_INDEX(place, 0), out_key);
  return mth_json_fail(scope->reading, MTH_INVALID, place, "wants a list of a key and %s",
                       "what is stated of it");
}

// A list of [key, what is stated of it].
static mth_status state_pairs(const mth_json_scope *scope, const char *member, state_fn *state) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, member);
  const json_t *pairs;
  MTH_TRY(mth_json_member(scope->reading, scope->object, scope->place, member, JSON_ARRAY, &pairs));
  for (size_t i = 0; i < json_array_size(pairs); i++) {
    const json_t *pair = json_array_get(pairs, i);
    const mth_json_place *at = MTH_JSON_INDEX(place, i);
    mth_connection *key = NULL;
    MTH_TRY(read_pair(scope, pair, at, &key));
    MTH_TRY(state(scope->reading, json_array_get(pair, 1), MTH_JSON_INDEX(at, 1), key));
  }
  return MTH_OK;
}

static mth_status state_shape_group(const mth_json_scope *scope, const json_t *group,
                                    const mth_json_place *place) {
  const size_t count = json_array_size(group);
  mth_connection **keys = MTH_NEW_ARRAY(&scope->reading->arena, mth_connection *, count);
  mth_shape *shapes = MTH_NEW_ARRAY(&scope->reading->arena, mth_shape, count);
  if (!keys || !shapes) return MTH_NO_MEMORY;
  if (!json_is_array(group))
    return mth_json_fail(scope->reading, MTH_INVALID, place,
                         "wants a list of [key, shape], found %s", mth_json_kind(group));
  for (size_t i = 0; i < count; i++) {
    const json_t *pair = json_array_get(group, i);
    const mth_json_place *at = MTH_JSON_INDEX(place, i);
    MTH_TRY(read_pair(scope, pair, at, &keys[i]));
    MTH_TRY(mth_json_read_shape(scope->reading, json_array_get(pair, 1), MTH_JSON_INDEX(at, 1),
                                &shapes[i]));
  }
  return mth_json_forward(scope->reading, place, mth_connections_set_shapes(count, keys, shapes));
}

static mth_status state_shapes(const mth_json_scope *scope) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, "assigned_shapes");
  const json_t *groups;
  MTH_TRY(mth_json_member(scope->reading, scope->object, scope->place, "assigned_shapes",
                          JSON_ARRAY, &groups));
  for (size_t i = 0; i < json_array_size(groups); i++)
    MTH_TRY(state_shape_group(scope, json_array_get(groups, i), MTH_JSON_INDEX(place, i)));
  return MTH_OK;
}

static mth_status expose(const mth_json_scope *scope) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, "exposed_keys");
  const json_t *list;
  mth_connection **keys = NULL;
  MTH_TRY(mth_json_member(scope->reading, scope->object, scope->place, "exposed_keys", JSON_ARRAY,
                          &list));
  MTH_TRY(mth_json_read_keys(scope, list, place, &keys));
  for (size_t i = 0; i < json_array_size(list); i++)
    MTH_TRY(mth_json_forward(scope->reading, MTH_JSON_INDEX(place, i),
                             mth_model_expose(scope->model, keys[i], NULL)));
  return MTH_OK;
}

// [[input, output], ...]
static mth_status bind_states(const mth_json_scope *scope) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, "states");
  const json_t *pairs;
  MTH_TRY(
      mth_json_member(scope->reading, scope->object, scope->place, "states", JSON_ARRAY, &pairs));
  for (size_t i = 0; i < json_array_size(pairs); i++) {
    const json_t *pair = json_array_get(pairs, i);
    const mth_json_place *at = MTH_JSON_INDEX(place, i);
    mth_connection *input = NULL, *output = NULL;
    if (json_array_size(pair) != 2)
      return mth_json_fail(scope->reading, MTH_INVALID, at,
                           "wants a list of an input and an output, found %s", mth_json_kind(pair));
    MTH_TRY(mth_json_read_key(scope, json_array_get(pair, 0), MTH_JSON_INDEX(at, 0), &input));
    MTH_TRY(mth_json_read_key(scope, json_array_get(pair, 1), MTH_JSON_INDEX(at, 1), &output));
    MTH_TRY(mth_json_forward(scope->reading, at,
                             mth_model_bind_state(scope->model, input, output, NULL)));
  }
  return MTH_OK;
}

static mth_status refuse_constraints(const mth_json_scope *scope) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, "assigned_constraints");
  const json_t *list;
  MTH_TRY(mth_json_member(scope->reading, scope->object, scope->place, "assigned_constraints",
                          JSON_ARRAY, &list));
  if (json_array_size(list) == 0) return MTH_OK;
  const char *name = json_string_value(json_object_get(json_array_get(list, 0), "fn"));
  return mth_json_fail(scope->reading, MTH_UNSUPPORTED, MTH_JSON_INDEX(place, 0),
                       "there is no constraint function '%.80s'", name ? name : "");
}

static mth_status set_canonical(const mth_json_scope *scope, const char *member, bool outputs) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, member);
  const json_t *list;
  mth_connection **keys = NULL;
  MTH_TRY(mth_json_member(scope->reading, scope->object, scope->place, member, JSON_ARRAY, &list));
  if (!list) return MTH_OK;
  MTH_TRY(mth_json_read_keys(scope, list, place, &keys));
  const size_t count = json_array_size(list);
  return mth_json_forward(scope->reading, place,
                          outputs ? mth_model_set_canonical_outputs(scope->model, keys, count)
                                  : mth_model_set_canonical_inputs(scope->model, keys, count));
}

static mth_status set_chain(const mth_json_scope *scope) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, "chain");
  const json_t *key = json_object_get(scope->object, "chain");
  mth_connection *output = NULL;
  if (!key) return MTH_OK;
  if (!json_is_null(key)) MTH_TRY(mth_json_read_key(scope, key, place, &output));
  return mth_json_forward(scope->reading, place, mth_model_set_chain(scope->model, output));
}

static mth_status order_keys(const mth_json_scope *scope) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, "keys");
  const json_t *list;
  mth_connection **keys = NULL;
  MTH_TRY(mth_json_member(scope->reading, scope->object, scope->place, "keys", JSON_ARRAY, &list));
  if (!list) return MTH_OK;
  MTH_TRY(mth_json_read_keys(scope, list, place, &keys));
  return mth_json_forward(scope->reading, place,
                          mth_model_order_keys(scope->model, keys, json_array_size(list)));
}

static mth_status set_first_uses(const mth_json_scope *scope) {
  const mth_json_place *place = MTH_JSON_KEY(scope->place, "first_uses");
  const json_t *list;
  mth_connection **keys = NULL;
  MTH_TRY(mth_json_member(scope->reading, scope->object, scope->place, "first_uses", JSON_ARRAY,
                          &list));
  MTH_TRY(mth_json_read_keys(scope, list, place, &keys));
  for (size_t i = 0; i < json_array_size(list); i++)
    MTH_TRY(mth_json_forward(scope->reading, MTH_JSON_INDEX(place, i),
                             mth_model_set_first_use(scope->model, keys[i])));
  return MTH_OK;
}

mth_status mth_json_state_facts(const mth_json_scope *scope) {
  MTH_TRY(expose(scope));
  MTH_TRY(bind_states(scope));
  MTH_TRY(state_shapes(scope));
  MTH_TRY(state_pairs(scope, "assigned_types", mth_json_set_type));
  MTH_TRY(state_pairs(scope, "assigned_differentiabilities", mth_json_set_differentiable));
  MTH_TRY(refuse_constraints(scope));
  MTH_TRY(state_pairs(scope, "assigned_values", mth_json_set_value));
  MTH_TRY(state_pairs(scope, "assigned_initializers", mth_json_set_initializer));
  MTH_TRY(set_canonical(scope, "assigned_cins", false));
  MTH_TRY(set_canonical(scope, "assigned_couts", true));
  MTH_TRY(set_chain(scope));
  MTH_TRY(set_first_uses(scope));
  MTH_TRY(order_keys(scope));
  return mth_json_state_names(scope);
}
