// json_writer_facts.c: facts of keys that a copy does not infer by itself.
//
// Keys are walked from the outermost in, inputs first. What the copy lacks is written and at once
// stated of the copy, so that what follows from it need not be written. Unknown dims of the model
// and of its copy stand for each other from where both are first met bare, their seat; only one
// that another shape mentions gets a name, and then the shape of its seat is written with that name
// too.
#include "frontend/json_value.h"
#include "frontend/json_writing.h"

#include "ir/model_core.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// An unknown dim, or a run of unknown length.
typedef struct unknown {
  const mth_dim *twin; // in the copy; of a run: NULL
  uint32_t twin_rest;
  const char *rest_name; // of a run
  const mth_connection *seat;
  bool is_seated; // the document has the shape of the seat with its name
} unknown;

typedef struct stating {
  mth_json_tree *tree;
  mth_json_writing *writing;
  mth_arena *arena;
  mth_name_map dims;   // of the model, to unknown
  mth_name_map rests;  // by number plus 1, to unknown
  mth_name_map walked; // nets
  json_t *shapes;      // one group, so names are shared; NULL: none yet
  size_t rest_count;
} stating;

// A shape with everything known put in; outlives what is stated.
typedef struct flat {
  size_t count, prefix_count;
  const mth_dim **dims;
  bool has_rest;
  uint32_t rest;
} flat;

static mth_solver *solver_of(const stating *s) { return s->writing->context->solver; }

static mth_status read_shape(stating *s, const mth_connection *key, flat *out) {
  mth_shape_facts facts;
  MTH_TRY(mth_solver_shape(solver_of(s), mth_net_of(key)->var, &facts));
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

static unknown *make_unknown(stating *s, mth_name_map *map, const char *address) {
  unknown *made = MTH_NEW(s->arena, unknown);
  const mth_allocator *allocator = s->writing->context->allocator;
  return made && mth_name_map_set(map, allocator, address, made) ? made : NULL;
}

// What is known of an unknown dim of the model. A dim of the document's names has a twin from the
// start: it was used in an argument.
static mth_status find_dim(stating *s, const mth_dim *dim, unknown **out) {
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

static mth_status find_rest(stating *s, uint32_t rest, unknown **out) {
  *out = mth_name_map_get(&s->rests, rest_address(rest));
  if (!*out) *out = make_unknown(s, &s->rests, rest_address(rest));
  return *out ? MTH_OK : MTH_NO_MEMORY;
}

typedef struct translating {
  stating *s;
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
static mth_status translate(stating *s, const mth_dim *dim, const mth_dim **out) {
  translating t = {s, true, MTH_OK};
  const mth_dim *made = mth_dim_substitute(s->writing->context->dims, dim, translate_symbol, &t);
  MTH_TRY(t.status);
  if (made && t.is_whole) made = mth_context_resolve(s->writing->context, made);
  if (!made) return MTH_NO_MEMORY;
  *out = t.is_whole ? made : NULL;
  return MTH_OK;
}

// ---- comparing ----------------------------------------------------------------------------------

static mth_status compare_dim(stating *s, const mth_connection *key, const mth_dim *dim,
                              const mth_dim *copy, bool *out_same) {
  const mth_dim *wanted = NULL;
  unknown *u = NULL;
  MTH_TRY(translate(s, dim, &wanted));
  if (mth_json_is_unknown(dim)) {
    MTH_TRY(find_dim(s, dim, &u));
    if (!u->twin && mth_json_is_unknown(copy)) u->twin = wanted = copy;
    if (!u->seat && wanted == copy) u->seat = key;
  }
  *out_same = wanted == copy;
  return MTH_OK;
}

static mth_status compare_shapes(stating *s, const mth_connection *key, const flat *shape,
                                 const flat *copy, bool *out_same) {
  bool same = shape->count == copy->count && shape->prefix_count == copy->prefix_count &&
              shape->has_rest == copy->has_rest;
  if (same && shape->has_rest) {
    unknown *u = NULL;
    MTH_TRY(find_rest(s, shape->rest, &u));
    if (!u->seat) u->seat = key, u->twin_rest = copy->rest;
    same = u->twin_rest == copy->rest;
  }
  *out_same = same;
  for (size_t i = 0; same && i < shape->count; i++) {
    MTH_TRY(compare_dim(s, key, shape->dims[i], copy->dims[i], &same));
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

static mth_status add_entry(stating *s, const mth_connection *key, json_t *list) {
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
static json_t *write_named(stating *s, const flat *shape) {
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
static mth_status seat(stating *s, unknown *u) {
  flat shape;
  if (!u->seat || u->is_seated) return MTH_OK;
  u->is_seated = true;
  MTH_TRY(read_shape(s, u->seat, &shape));
  return add_entry(s, u->seat, write_named(s, &shape));
}

static size_t count_dim(const flat *shape, const mth_dim *dim) {
  size_t count = 0;
  for (size_t i = 0; i < shape->count; i++)
    count += shape->dims[i] == dim;
  return count;
}

// A bare unknown dim has a name only if it stands elsewhere too.
static mth_status write_unknown(stating *s, const mth_connection *key, const flat *shape,
                                const mth_dim *dim, mth_extent *out_extent, json_t **out) {
  unknown *u = NULL;
  MTH_TRY(find_dim(s, dim, &u));
  if (!u->seat && !u->twin) u->seat = key;
  const bool is_named = u->seat != key || count_dim(shape, dim) > 1 ||
                        mth_name_map_get(&s->writing->name_of, mth_json_address(dim));
  if (!u->twin) u->twin = mth_dim_fresh(s->writing->context->dims);
  if (!u->twin) return MTH_NO_MEMORY;
  *out_extent = MTH_OF(u->twin);
  const mth_json_name *name = is_named ? mth_json_name_of(s->writing, dim) : NULL;
  *out = name ? json_string(name->name) : is_named ? NULL : json_null();
  if (!*out) return MTH_NO_MEMORY;
  if (!u->seat) u->seat = key;
  if (is_named && u->seat == key) u->is_seated = true;
  return is_named ? seat(s, u) : MTH_OK;
}

static mth_status write_dim(stating *s, const mth_connection *key, const flat *shape,
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
static mth_status prepare_dim(stating *s, const mth_dim *dim) {
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

// The run of the shape, under a name that it has at its seat too.
static mth_status write_run(stating *s, const mth_connection *key, const flat *shape, entries *call,
                            mth_extent *out_extent, json_t **out) {
  unknown *u = NULL;
  flat seat_shape;
  MTH_TRY(find_rest(s, shape->rest, &u));
  *out_extent = MTH_REST;
  if (!u->seat) {
    u->seat = key;
    *out = write_rest(u);
    return *out ? MTH_OK : MTH_NO_MEMORY;
  }
  if (!u->rest_name) u->rest_name = mth_arena_format(s->arena, "V%zu", ++s->rest_count);
  if (!u->rest_name) return MTH_NO_MEMORY;
  *out_extent = MTH_REST_OF(u->rest_name);
  *out = write_rest(u);
  if (!*out) return MTH_NO_MEMORY;
  if (u->seat == key) return MTH_OK;
  MTH_TRY(read_shape(s, u->seat->copy, &seat_shape));
  mth_extent *extents = MTH_NEW_ARRAY(s->arena, mth_extent, seat_shape.count + 1);
  if (!extents) return MTH_NO_MEMORY;
  for (size_t i = 0; i <= seat_shape.count; i++)
    extents[i] = i == seat_shape.prefix_count ? *out_extent : MTH_ANY;
  call->keys[call->count] = u->seat->copy;
  call->shapes[call->count++] = (mth_shape){seat_shape.count + seat_shape.has_rest, extents};
  return seat(s, u);
}

static mth_status write_positions(stating *s, const mth_connection *key, const flat *shape,
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

static mth_status forward(const stating *s, mth_status status) {
  return mth_json_forward(&s->tree->reading, NULL, status);
}

static mth_status meet_twins(stating *s, const mth_connection *key, const flat *shape) {
  flat copy;
  bool same;
  MTH_TRY(read_shape(s, key->copy, &copy));
  unknown *u = NULL;
  if (shape->has_rest && copy.has_rest) {
    MTH_TRY(find_rest(s, shape->rest, &u));
    if (u->seat == key) u->twin_rest = copy.rest;
  }
  return compare_shapes(s, key, shape, &copy, &same);
}

static mth_status write_shape(stating *s, const mth_connection *key, const flat *shape) {
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
  MTH_TRY(forward(s, mth_connections_set_shapes(call.count, call.keys, call.shapes)));
  return meet_twins(s, key, shape);
}

static mth_status state_shape(stating *s, const mth_connection *key) {
  flat shape, copy;
  bool same;
  MTH_TRY(read_shape(s, key, &shape));
  MTH_TRY(read_shape(s, key->copy, &copy));
  MTH_TRY(compare_shapes(s, key, &shape, &copy, &same));
  return same ? MTH_OK : write_shape(s, key, &shape);
}

// ---- other facts --------------------------------------------------------------------------------

// Adds [key, value] to a member of the object, taking the value.
static mth_status add_pair(stating *s, const char *member, const mth_connection *key,
                           json_t *value) {
  json_t *list = json_object_get(s->tree->object, member);
  json_t *name = mth_json_write_key(s->writing, s->tree->model, key);
  if (!list && (list = json_array()) && json_object_set_new(s->tree->object, member, list) != 0)
    list = NULL;
  json_t *pair = name && value ? json_pack("[O, O]", name, value) : NULL;
  json_decref(name);
  json_decref(value);
  return json_array_append_new(list, pair) == 0 ? MTH_OK : MTH_NO_MEMORY;
}

static json_t *write_families(mth_family families) {
  json_t *list = json_array();
  static const mth_family all[] = {MTH_FAMILY_INT, MTH_FAMILY_FLOAT, MTH_FAMILY_BOOL};
  static const char *const names[] = {"int", "float", "bool"};
  for (size_t i = 0; list && i < 3; i++)
    if ((families & all[i]) && json_array_append_new(list, json_string(names[i])) != 0) return NULL;
  return json_pack("{s:o}", "Tensor", list);
}

static mth_status state_type(stating *s, const mth_connection *key) {
  const mth_net *net = mth_net_of(key), *copy = mth_net_of(key->copy);
  if (net->differentiable != MTH_UNKNOWN && net->differentiable != copy->differentiable) {
    const bool is_parameter = net->differentiable == MTH_YES;
    MTH_TRY(add_pair(s, "assigned_differentiabilities", key, json_boolean(is_parameter)));
    MTH_TRY(forward(s, mth_connection_set_differentiable(key->copy, is_parameter)));
  }
  const mth_family families = mth_connection_families(key);
  if (families == mth_connection_families(key->copy)) return MTH_OK;
  MTH_TRY(add_pair(s, "assigned_types", key, write_families(families)));
  return forward(s, mth_connection_set_families(key->copy, families));
}

static mth_status state_start(stating *s, const mth_connection *key) {
  static const char *const kinds[] = {[MTH_INIT_CONSTANT] = "constant",
                                      [MTH_INIT_UNIFORM] = "uniform",
                                      [MTH_INIT_NORMAL] = "normal"};
  const mth_initializer *start = mth_net_of(key)->initializer;
  const mth_initializer *copy = mth_net_of(key->copy)->initializer;
  const mth_dim *fan = NULL;
  mth_context *context = s->writing->context;
  if (!start) return MTH_OK;
  if (start->fan && !(fan = mth_context_resolve(context, start->fan))) return MTH_NO_MEMORY;
  if (copy && copy->kind == start->kind && memcmp(&copy->a, &start->a, sizeof copy->a) == 0 &&
      memcmp(&copy->b, &start->b, sizeof copy->b) == 0 && !copy->fan == !fan) {
    const mth_dim *other = fan ? mth_context_resolve(context, copy->fan) : NULL;
    bool same = true;
    if (fan && !other) return MTH_NO_MEMORY;
    if (fan) MTH_TRY(compare_dim(s, NULL, fan, other, &same));
    if (same) return MTH_OK;
  }
  if (!isfinite(start->a) || !isfinite(start->b))
    return mth_json_unsupported(s->writing, "the initializer of '%s' is not finite", key->key);
  if (fan) MTH_TRY(prepare_dim(s, fan));
  json_t *value =
      json_pack("{s:s, s:f, s:f}", "kind", kinds[start->kind], "a", start->a, "b", start->b);
  if (fan && json_object_set_new(value, "fan",
                                 mth_json_write_dim(fan, mth_json_declare_dim, s->writing)) != 0) {
    json_decref(value);
    return MTH_NO_MEMORY;
  }
  mth_initializer stated = *start;
  if (fan) MTH_TRY(translate(s, fan, &stated.fan));
  MTH_TRY(add_pair(s, "assigned_initializers", key, value));
  return forward(s, mth_connection_set_initializer(key->copy, stated));
}

static mth_status state_net(stating *s, const mth_connection *key) {
  if (!mth_net_of(key)->is_tensor) return MTH_OK;
  MTH_TRY(state_type(s, key));
  MTH_TRY(state_shape(s, key));
  return state_start(s, key);
}

// ---- walking ------------------------------------------------------------------------------------

// Shapes of parameters follow from those of data, so these are asked first.
typedef enum pass { PASS_CANONICAL, PASS_INPUTS, PASS_REST, pass_count } pass;

static pass pass_of(const mth_model *model, const mth_connection *key) {
  if (key->class_ != MTH_KEY_INPUT) return PASS_REST;
  return mth_list_has(&model->canonical_inputs, key) ? PASS_CANONICAL : PASS_INPUTS;
}

static mth_status state_keys(stating *s, const mth_model *model, pass now) {
  const mth_allocator *allocator = s->writing->context->allocator;
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i];
    const char *const net = mth_json_address(mth_net_of(key));
    if (pass_of(model, key) != now) continue;
    if (!key->copy || mth_name_map_get(&s->walked, net)) continue;
    if (!mth_name_map_set(&s->walked, allocator, net, (void *)(uintptr_t)key)) return MTH_NO_MEMORY;
    MTH_TRY(state_net(s, key));
  }
  return MTH_OK;
}

static mth_status state_model(stating *s, const mth_model *model) {
  for (pass now = PASS_CANONICAL; now < pass_count; now++)
    MTH_TRY(state_keys(s, model, now));
  for (size_t i = 0; i < model->children.count; i++)
    MTH_TRY(state_model(s, model->children.items[i]));
  return MTH_OK;
}

mth_status mth_json_write_facts(mth_json_tree *tree) {
  stating s = {.tree = tree, .writing = tree->writing, .arena = &tree->reading.arena};
  const mth_allocator *allocator = tree->writing->context->allocator;
  mth_status status = state_model(&s, tree->model);
  if (status == MTH_OK && s.shapes) {
    json_t *groups = json_pack("[O]", s.shapes);
    if (!groups || json_object_set_new(tree->object, "assigned_shapes", groups) != 0)
      status = MTH_NO_MEMORY;
  }
  json_decref(s.shapes);
  mth_release(allocator, s.dims.slots);
  mth_release(allocator, s.rests.slots);
  mth_release(allocator, s.walked.slots);
  return status;
}
