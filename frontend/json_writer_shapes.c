// json_writer_shapes.c: shapes that a copy does not infer by itself, written and stated of it.
#include "frontend/json_writer_shapes.h"

#include "ir/model_core.h"

#include <stdio.h>
#include <string.h>

// An unknown dim, or a run of unknown length.
typedef struct unknown {
  const mth_dim *twin; // in the copy; of a run: NULL
  uint32_t twin_rest;
  const char *rest_name; // of a run
  const mth_connection *seat;
  bool is_in_front; // of the seat's shape it is the form known in front that has it
  bool is_seated;   // the document has the shape of the seat with its name
} unknown;

// A shape with everything known put in; outlives what is stated.
typedef struct flat {
  size_t count, prefix_count;
  const mth_dim **dims;
  bool has_rest;
  uint32_t rest;
} flat;

static mth_solver *solver_of(const mth_json_stating *s) { return s->writing->context->solver; }

// The form that is known in front, or the one that is known behind: mostly there is one.
static mth_status read_shape(mth_json_stating *s, const mth_connection *key, bool in_front,
                             flat *out) {
  mth_shape_facts facts;
  MTH_TRY(mth_solver_shape(solver_of(s), mth_net_of(key)->var, &facts));
  if (in_front) facts = mth_shape_front_form(&facts);
  const size_t count = facts.prefix_count + facts.suffix_count;
  *out = (flat){count, facts.prefix_count, MTH_NEW_ARRAY(s->arena, const mth_dim *, count),
                facts.has_rest, facts.rest};
  if (!out->dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    out->dims[i] = i < facts.prefix_count ? facts.prefix[i] : facts.suffix[i - facts.prefix_count];
  for (size_t i = 0; i < count; i++)
    if (!(out->dims[i] = mth_context_resolve(s->writing->context, out->dims[i])))
      return MTH_NO_MEMORY;
  return MTH_OK;
}

// ---- unknown things -----------------------------------------------------------------------------

static unknown *make_unknown(mth_json_stating *s, mth_name_map *map, const char *address) {
  unknown *made = MTH_NEW(s->arena, unknown);
  const mth_allocator *allocator = s->writing->context->allocator;
  return made && mth_name_map_set(map, allocator, address, made) ? made : NULL;
}

// What is known of an unknown dim of the model. A dim of the document's names has a twin from the
// start: it was used in an argument.
static mth_status find_dim(mth_json_stating *s, const mth_dim *dim, unknown **out) {
  *out = mth_name_map_get(&s->dims, mth_json_address(dim));
  if (*out) return MTH_OK;
  *out = make_unknown(s, &s->dims, mth_json_address(dim));
  if (!*out) return MTH_NO_MEMORY;
  const mth_json_name *name = mth_name_map_get(&s->writing->name_of, mth_json_address(dim));
  if (name) (*out)->twin = mth_name_map_get(&s->tree->reading.dims, name->name);
  return MTH_OK;
}

static const char *rest_address(uint32_t rest) {
  return mth_json_address((void *)((uintptr_t)rest + 1));
}

static mth_status find_rest(mth_json_stating *s, uint32_t rest, unknown **out) {
  *out = mth_name_map_get(&s->rests, rest_address(rest));
  if (!*out) *out = make_unknown(s, &s->rests, rest_address(rest));
  return *out ? MTH_OK : MTH_NO_MEMORY;
}

static void give_seat(const mth_json_stating *s, unknown *u, const mth_connection *key) {
  u->seat = key;
  u->is_in_front = s->is_in_front;
}

static bool sits_at(const mth_json_stating *s, const unknown *u, const mth_connection *key) {
  return u->seat == key && u->is_in_front == s->is_in_front;
}

typedef struct translating {
  mth_json_stating *s;
  bool is_whole;
  mth_status status;
} translating;

static const mth_dim *translate_symbol(void *user, const mth_dim *symbol) {
  translating *t = user;
  unknown *u = NULL;
  if (!mth_json_is_unknown(symbol)) return symbol;
  t->status = find_dim(t->s, symbol, &u);
  if (t->status != MTH_OK) return NULL;
  t->is_whole &= u->twin != NULL;
  return u->twin ? u->twin : symbol;
}

// The dim in terms of the copy; NULL: some symbol has no twin yet.
static mth_status translate(mth_json_stating *s, const mth_dim *dim, const mth_dim **out) {
  translating t = {s, true, MTH_OK};
  const mth_dim *made = mth_dim_substitute(s->writing->context->dims, dim, translate_symbol, &t);
  MTH_TRY(t.status);
  if (made && t.is_whole) made = mth_context_resolve(s->writing->context, made);
  if (!made) return MTH_NO_MEMORY;
  *out = t.is_whole ? made : NULL;
  return MTH_OK;
}

// ---- comparing ----------------------------------------------------------------------------------

mth_status mth_json_compare_dim(mth_json_stating *s, const mth_connection *key, const mth_dim *dim,
                                const mth_dim *copy, bool *out_same) {
  const mth_dim *wanted = NULL;
  unknown *u = NULL;
  MTH_TRY(translate(s, dim, &wanted));
  if (mth_json_is_unknown(dim)) {
    MTH_TRY(find_dim(s, dim, &u));
    if (!u->twin && mth_json_is_unknown(copy)) u->twin = wanted = copy;
    if (!u->seat && wanted == copy) give_seat(s, u, key);
  }
  *out_same = wanted == copy;
  return MTH_OK;
}

static mth_status compare_shapes(mth_json_stating *s, const mth_connection *key, const flat *shape,
                                 const flat *copy, bool *out_same) {
  bool same = shape->count == copy->count && shape->prefix_count == copy->prefix_count &&
              shape->has_rest == copy->has_rest;
  if (same && shape->has_rest) {
    unknown *u = NULL;
    MTH_TRY(find_rest(s, shape->rest, &u));
    if (!u->seat) {
      give_seat(s, u, key);
      u->twin_rest = copy->rest;
    }
    same = u->twin_rest == copy->rest;
  }
  *out_same = same;
  for (size_t i = 0; same && i < shape->count; i++) {
    MTH_TRY(mth_json_compare_dim(s, key, shape->dims[i], copy->dims[i], &same));
    *out_same &= same;
    same = true; // go on: other dims may meet their twins here
  }
  return MTH_OK;
}

// ---- writing shapes -----------------------------------------------------------------------------

typedef struct entries {   // of one call on the copy
  mth_connection *keys[2]; // the key, and the seat of its run
  mth_shape shapes[2];
  size_t count;
} entries;

static mth_status add_entry(mth_json_stating *s, const mth_connection *key, json_t *list) {
  json_t *name = mth_json_write_key(s->writing, s->tree->model, key);
  if (!s->shapes) s->shapes = json_array();
  json_t *pair = name && list ? json_pack("[O, O]", name, list) : NULL;
  json_decref(name);
  json_decref(list);
  return s->shapes && json_array_append_new(s->shapes, pair) == 0 ? MTH_OK : MTH_NO_MEMORY;
}

static json_t *write_rest(const unknown *u) {
  char text[64];
  snprintf(text, sizeof text, "%s,...", u->rest_name ? u->rest_name : "");
  return json_string(u->rest_name ? text : "...");
}

// The shape with names where there are some, and nothing else.
static json_t *write_named(mth_json_stating *s, const flat *shape) {
  json_t *list = json_array();
  for (size_t i = 0; list && i <= shape->count; i++) {
    unknown *u = NULL;
    if (i == shape->prefix_count && shape->has_rest &&
        (find_rest(s, shape->rest, &u) != MTH_OK ||
         json_array_append_new(list, write_rest(u)) != 0))
      break;
    if (i == shape->count) return list;
    const mth_json_name *name =
        mth_name_map_get(&s->writing->name_of, mth_json_address(shape->dims[i]));
    if (json_array_append_new(list, name ? json_string(name->name) : json_null()) != 0) break;
  }
  json_decref(list);
  return NULL;
}

// Writes the shape of the seat, so that the name of `u` means what it means there.
static mth_status seat(mth_json_stating *s, unknown *u) {
  flat shape;
  if (!u->seat || u->is_seated) return MTH_OK;
  u->is_seated = true;
  MTH_TRY(read_shape(s, u->seat, u->is_in_front, &shape));
  return add_entry(s, u->seat, write_named(s, &shape));
}

static size_t count_dim(const flat *shape, const mth_dim *dim) {
  size_t count = 0;
  for (size_t i = 0; i < shape->count; i++)
    count += shape->dims[i] == dim;
  return count;
}

// A bare unknown dim has a name only if it stands elsewhere too.
static mth_status write_unknown(mth_json_stating *s, const mth_connection *key, const flat *shape,
                                const mth_dim *dim, mth_extent *out_extent, json_t **out) {
  unknown *u = NULL;
  MTH_TRY(find_dim(s, dim, &u));
  if (!u->seat && !u->twin) give_seat(s, u, key);
  const bool is_named = !sits_at(s, u, key) || count_dim(shape, dim) > 1 ||
                        mth_name_map_get(&s->writing->name_of, mth_json_address(dim));
  if (!u->twin) u->twin = mth_dim_fresh(s->writing->context->dims);
  if (!u->twin) return MTH_NO_MEMORY;
  *out_extent = MTH_OF(u->twin);
  const mth_json_name *name = is_named ? mth_json_name_of(s->writing, dim) : NULL;
  *out = name ? json_string(name->name) : is_named ? NULL : json_null();
  if (!*out) return MTH_NO_MEMORY;
  if (!u->seat) give_seat(s, u, key);
  if (is_named && sits_at(s, u, key)) u->is_seated = true;
  return is_named ? seat(s, u) : MTH_OK;
}

static mth_status write_dim(mth_json_stating *s, const mth_connection *key, const flat *shape,
                            const mth_dim *dim, mth_extent *out_extent, json_t **out) {
  int64_t value;
  if (mth_dim_is_constant(dim, &value)) {
    *out_extent = MTH_N(value);
    *out = json_integer(value);
    return MTH_OK;
  }
  if (mth_json_is_unknown(dim)) return write_unknown(s, key, shape, dim, out_extent, out);
  const char *text = mth_json_declare_dim(s->writing, dim);
  const mth_dim *twin = NULL;
  if (!text) return MTH_NO_MEMORY;
  MTH_TRY(translate(s, dim, &twin));
  *out_extent = MTH_OF(twin);
  *out = json_string(text);
  return MTH_OK;
}

// Every unknown dim in an expression gets a twin and a seat in the document.
static mth_status prepare_dim(mth_json_stating *s, const mth_dim *dim) {
  unknown *u = NULL;
  for (size_t i = 0;
       !mth_dim_is_symbol(dim) && !mth_dim_is_constant(dim, NULL) && i < mth_dim_operand_count(dim);
       i++)
    MTH_TRY(prepare_dim(s, mth_dim_operand(dim, i)));
  if (!mth_json_is_unknown(dim)) return MTH_OK;
  MTH_TRY(find_dim(s, dim, &u));
  mth_json_name *name = mth_json_name_of(s->writing, dim);
  if (!name) return MTH_NO_MEMORY;
  name->is_declared = true;
  if (!u->twin) u->twin = mth_dim_fresh(s->writing->context->dims);
  return u->twin ? seat(s, u) : MTH_NO_MEMORY;
}

mth_status mth_json_declare(mth_json_stating *s, const mth_dim *dim, const mth_dim **out_copy) {
  MTH_TRY(prepare_dim(s, dim));
  return translate(s, dim, out_copy);
}

// The run of the shape, under a name that it has at its seat too.
static mth_status write_run(mth_json_stating *s, const mth_connection *key, const flat *shape,
                            entries *call, mth_extent *out_extent, json_t **out) {
  unknown *u = NULL;
  flat seat_shape;
  MTH_TRY(find_rest(s, shape->rest, &u));
  *out_extent = MTH_REST;
  if (!u->seat) {
    give_seat(s, u, key);
    *out = write_rest(u);
    return *out ? MTH_OK : MTH_NO_MEMORY;
  }
  if (!u->rest_name) u->rest_name = mth_arena_format(s->arena, "V%zu", ++s->rest_count);
  if (!u->rest_name) return MTH_NO_MEMORY;
  *out_extent = MTH_REST_OF(u->rest_name);
  *out = write_rest(u);
  if (!*out) return MTH_NO_MEMORY;
  if (sits_at(s, u, key)) return MTH_OK;
  MTH_TRY(read_shape(s, u->seat->copy, u->is_in_front, &seat_shape));
  mth_extent *extents = MTH_NEW_ARRAY(s->arena, mth_extent, seat_shape.count + 1);
  if (!extents) return MTH_NO_MEMORY;
  for (size_t i = 0; i <= seat_shape.count; i++)
    extents[i] = i == seat_shape.prefix_count ? *out_extent : MTH_ANY;
  call->keys[call->count] = u->seat->copy;
  call->shapes[call->count++] = (mth_shape){seat_shape.count + seat_shape.has_rest, extents};
  return seat(s, u);
}

static mth_status write_positions(mth_json_stating *s, const mth_connection *key, const flat *shape,
                                  json_t *list, mth_extent *extents, entries *call) {
  size_t at = 0;
  for (size_t i = 0; i <= shape->count; i++) {
    json_t *written = NULL;
    if (i == shape->prefix_count && shape->has_rest) {
      MTH_TRY(write_run(s, key, shape, call, &extents[at++], &written));
      if (json_array_append_new(list, written) != 0) return MTH_NO_MEMORY;
    }
    if (i == shape->count) break;
    MTH_TRY(write_dim(s, key, shape, shape->dims[i], &extents[at++], &written));
    if (json_array_append_new(list, written) != 0) return MTH_NO_MEMORY;
  }
  return MTH_OK;
}

mth_status mth_json_stated(const mth_json_stating *s, mth_status status) {
  return mth_json_forward(&s->tree->reading, NULL, status);
}

static mth_status meet_twins(mth_json_stating *s, const mth_connection *key, const flat *shape) {
  flat copy;
  bool same;
  MTH_TRY(read_shape(s, key->copy, s->is_in_front, &copy));
  unknown *u = NULL;
  if (shape->has_rest && copy.has_rest) {
    MTH_TRY(find_rest(s, shape->rest, &u));
    if (sits_at(s, u, key)) u->twin_rest = copy.rest;
  }
  return compare_shapes(s, key, shape, &copy, &same);
}

static mth_status write_shape(mth_json_stating *s, const mth_connection *key, const flat *shape) {
  entries call = {.count = 1};
  json_t *list = json_array();
  mth_extent *extents = MTH_NEW_ARRAY(s->arena, mth_extent, shape->count + 1);
  if (!list || !extents) {
    json_decref(list);
    return MTH_NO_MEMORY;
  }
  mth_status status = MTH_OK;
  for (size_t i = 0; i < shape->count && status == MTH_OK; i++)
    if (!mth_json_is_unknown(shape->dims[i])) status = prepare_dim(s, shape->dims[i]);
  if (status == MTH_OK) status = write_positions(s, key, shape, list, extents, &call);
  if (status != MTH_OK) {
    json_decref(list);
    return status;
  }
  call.keys[0] = key->copy;
  call.shapes[0] = (mth_shape){shape->count + shape->has_rest, extents};
  MTH_TRY(add_entry(s, key, list));
  MTH_TRY(mth_json_stated(s, mth_connections_set_shapes(call.count, call.keys, call.shapes)));
  return meet_twins(s, key, shape);
}

static mth_status state_form(mth_json_stating *s, const mth_connection *key) {
  flat shape, copy;
  bool same;
  MTH_TRY(read_shape(s, key, s->is_in_front, &shape));
  MTH_TRY(read_shape(s, key->copy, s->is_in_front, &copy));
  MTH_TRY(compare_shapes(s, key, &shape, &copy, &same));
  return same ? MTH_OK : write_shape(s, key, &shape);
}

mth_status mth_json_state_shape(mth_json_stating *s, const mth_connection *key) {
  flat front, back;
  MTH_TRY(read_shape(s, key, true, &front));
  MTH_TRY(read_shape(s, key, false, &back));
  s->is_in_front = front.prefix_count != back.prefix_count;
  mth_status status = s->is_in_front ? state_form(s, key) : MTH_OK;
  s->is_in_front = false;
  return status == MTH_OK ? state_form(s, key) : status;
}
