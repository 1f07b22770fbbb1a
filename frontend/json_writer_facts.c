// json_writer_facts.c: facts of keys that a copy does not infer by itself.
//
// Keys are walked from the outermost in, inputs first. What the copy lacks is written and at once
// stated of the copy, so that what follows from it need not be written.
#include "frontend/json_value.h"
#include "frontend/json_writer_shapes.h"

#include "ir/model_core.h"

#include <string.h>

// ---- other facts --------------------------------------------------------------------------------

// Adds [key, value] to a member of the object, taking the value.
static mth_status add_pair(mth_json_stating *s, const char *member, const mth_connection *key,
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

static mth_status state_type(mth_json_stating *s, const mth_connection *key) {
  const mth_net *net = mth_net_of(key), *copy = mth_net_of(key->copy);
  if (net->differentiable != MTH_UNKNOWN && net->differentiable != copy->differentiable) {
    const bool is_parameter = net->differentiable == MTH_YES;
    MTH_TRY(add_pair(s, "assigned_differentiabilities", key, json_boolean(is_parameter)));
    MTH_TRY(mth_json_stated(s, mth_connection_set_differentiable(key->copy, is_parameter)));
  }
  const mth_family families = mth_connection_families(key);
  if (families == mth_connection_families(key->copy)) return MTH_OK;
  MTH_TRY(add_pair(s, "assigned_types", key, write_families(families)));
  return mth_json_stated(s, mth_connection_set_families(key->copy, families));
}

static mth_status state_start(mth_json_stating *s, const mth_connection *key) {
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
    if (fan) MTH_TRY(mth_json_compare_dim(s, NULL, fan, other, &same));
    if (same) return MTH_OK;
  }
  mth_initializer stated = *start;
  if (fan) MTH_TRY(mth_json_declare(s, fan, &stated.fan));
  json_t *value = json_pack("{s:s, s:o, s:o}", "kind", kinds[start->kind], "a",
                            mth_json_write_float(start->a), "b", mth_json_write_float(start->b));
  if (fan && json_object_set_new(value, "fan",
                                 mth_json_write_dim(fan, mth_json_declare_dim, s->writing)) != 0) {
    json_decref(value);
    return MTH_NO_MEMORY;
  }
  MTH_TRY(add_pair(s, "assigned_initializers", key, value));
  return mth_json_stated(s, mth_connection_set_initializer(key->copy, stated));
}

static mth_status state_net(mth_json_stating *s, const mth_connection *key) {
  if (!mth_net_of(key)->is_tensor) return MTH_OK;
  MTH_TRY(state_type(s, key));
  MTH_TRY(mth_json_state_shape(s, key));
  return state_start(s, key);
}

// ---- walking ------------------------------------------------------------------------------------

// Shapes of parameters follow from those of data, so these are asked first.
typedef enum pass { PASS_CANONICAL, PASS_INPUTS, PASS_REST, pass_count } pass;

// The pass of each key.
static void find_passes(const mth_model *model, pass *passes) {
  const size_t canonical = ++model->context->epoch;
  for (size_t i = 0; i < model->canonical_inputs.count; i++)
    ((mth_connection *)model->canonical_inputs.items[i])->epoch = canonical;
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i];
    passes[i] = key->class_ != MTH_KEY_INPUT ? PASS_REST
                : key->epoch == canonical    ? PASS_CANONICAL
                                             : PASS_INPUTS;
  }
}

static mth_status state_keys(mth_json_stating *s, const mth_model *model, const pass *passes,
                             pass now) {
  const mth_allocator *allocator = s->writing->context->allocator;
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i];
    const char *const net = mth_json_address(mth_net_of(key));
    if (passes[i] != now) continue;
    if (!key->copy || mth_name_map_get(&s->walked, net)) continue;
    if (!mth_name_map_set(&s->walked, allocator, net, (void *)(uintptr_t)key)) return MTH_NO_MEMORY;
    MTH_TRY(state_net(s, key));
  }
  return MTH_OK;
}

static mth_status state_model(mth_json_stating *s, const mth_model *model) {
  pass *passes = MTH_NEW_ARRAY(s->arena, pass, model->connections.count);
  if (!passes) return MTH_NO_MEMORY;
  find_passes(model, passes);
  for (pass now = PASS_CANONICAL; now < pass_count; now++)
    MTH_TRY(state_keys(s, model, passes, now));
  for (size_t i = 0; i < model->children.count; i++)
    MTH_TRY(state_model(s, model->children.items[i]));
  return MTH_OK;
}

mth_status mth_json_write_facts(mth_json_tree *tree) {
  mth_json_stating s = {.tree = tree, .writing = tree->writing, .arena = &tree->reading.arena};
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
