// json_writer_object.c: the structure of models: classes, arguments, children, wires.
#include "frontend/json_value.h"
#include "frontend/json_writing.h"

#include "ir/model_core.h"
#include "ir/parts_core.h"

#include <stdio.h>
#include <string.h>

// Sets a member, taking the value. False, and nothing is taken twice, if the value is NULL.
static bool set(json_t *object, const char *key, json_t *value) {
  return object && value && json_object_set_new(object, key, value) == 0;
}

static json_t *drop(json_t *value) {
  json_decref(value);
  return NULL;
}

// ---- names of children and keys -----------------------------------------------------------------

const char *mth_json_child_id(mth_json_writing *writing, const mth_model *parent,
                              const mth_model *child) {
  const char *known = mth_name_map_get(&writing->ids, mth_json_address(child));
  if (known) return known;
  size_t index = 0;
  while (parent->children.items[index] != child)
    index++;
  const bool is_plain = child->name && strcmp(child->name, "self") != 0;
  const char *id = is_plain ? child->name : mth_arena_format(&writing->arena, "m_%zu", index);
  while (id && !is_plain && mth_model_find_child(parent, id))
    id = mth_arena_format(&writing->arena, "%s_", id);
  if (!id || !mth_name_map_set(&writing->ids, writing->context->allocator, mth_json_address(child),
                               (void *)(uintptr_t)id))
    return NULL;
  return id;
}

static bool append(json_t *list, const char *text) {
  return text && json_array_append_new(list, json_string(text)) == 0;
}

// The ids from `scope` down to `model`.
static bool append_path(mth_json_writing *writing, json_t *list, const mth_model *scope,
                        const mth_model *model) {
  if (model == scope) return true;
  if (!append_path(writing, list, scope, model->parent)) return false;
  return append(list,
                model->parent == scope ? mth_json_child_id(writing, scope, model) : model->name);
}

json_t *mth_json_write_key(mth_json_writing *writing, const mth_model *scope,
                           const mth_connection *key) {
  while (key->model != scope && key->outer)
    key = key->outer;
  if (key->model == scope && key->name) return json_string(key->name);
  while (!key->name && (key->producer || key->first_use))
    key = key->producer ? key->producer : key->first_use;
  json_t *list = json_array();
  const char *constant = mth_name_map_get(&writing->ids, mth_json_address(key));
  const bool is_free = key->model == scope; // a constant without a name
  if (list && (!is_free || append(list, "self")) && append_path(writing, list, scope, key->model) &&
      append(list, constant ? constant : key->key))
    return list;
  return drop(list);
}

// ---- values -------------------------------------------------------------------------------------

json_t *mth_json_write_value(mth_json_writing *writing, const mth_connection *key) {
  const mth_constant *constant = mth_connection_constant(key);
  if (constant && constant->rank == 0 && constant->dtype == MTH_F64) {
    mth_arg number = MTH_ARG_F(NULL, *(const double *)constant->data);
    number.named = constant->named;
    return mth_json_write_arg(&number, mth_json_declare_dim, writing);
  }
  if (constant)
    return constant->rank ? mth_json_write_constant(constant) : mth_json_write_tensor(constant);
  const mth_arg *value = mth_connection_value(key);
  return value ? mth_json_write_arg(value, mth_json_declare_dim, writing) : NULL;
}

static bool is_valued(const mth_connection *key) {
  const mth_net *net = mth_net_of(key);
  if (net->is_list) return false; // it has a length
  return net->is_tensor ? net->constant != NULL : net->is_given;
}

// What is given a value in its own model is canonical no more.
static bool is_canonical(const mth_connection *key) {
  return mth_list_has(&key->model->canonical_inputs, key);
}

// A constant of a composite, for its children to use.
static bool is_constant(const mth_connection *key) {
  bool is_of_child = false;
  if (key->model->op || key->class_ != MTH_KEY_LATENT_INPUT || !mth_net_of(key)->constant)
    return false;
  for (const mth_connection *use = key->first_use; use; use = use->next_use) {
    if (!use->model->op && is_canonical(use)) return true;
    is_of_child |= !use->model->op || use->class_ != MTH_KEY_INPUT;
  }
  return !is_of_child;
}

bool mth_json_is_valued_here(const mth_connection *key) {
  if (key->is_produced || !is_valued(key) || key->class_ != MTH_KEY_INPUT) return false;
  return !key->outer || (key->outer->class_ == MTH_KEY_LATENT_INPUT && !is_canonical(key));
}

// ---- arguments ----------------------------------------------------------------------------------

static json_t *write_class_arg(mth_json_writing *writing, const mth_arg *arg) {
  if (arg->kind == MTH_ARG_MODEL) return mth_json_write_tree(writing, arg->model);
  bool holds_models = false;
  for (size_t i = 0; arg->kind == MTH_ARG_TUPLE && i < arg->count; i++)
    holds_models |= arg->items[i].kind == MTH_ARG_MODEL;
  if (!holds_models) return mth_json_write_arg(arg, mth_json_declare_dim, writing);
  json_t *list = json_array();
  for (size_t i = 0; list && i < arg->count; i++)
    if (json_array_append_new(list, write_class_arg(writing, &arg->items[i])) != 0)
      return drop(list);
  return list;
}

static bool write_class(mth_json_writing *writing, const mth_model *model, json_t *object,
                        json_t *args) {
  const mth_class *class_ = model->class_;
  for (size_t i = 0; i < class_->param_count; i++)
    if (!set(args, class_->params[i].name, write_class_arg(writing, &model->class_args[i])))
      return false;
  return set(object, "name", json_string(class_->name));
}

static bool takes_several(const mth_op_key *key) {
  return key->kind == MTH_KEY_TENSORS || key->kind == MTH_KEY_ARGS;
}

// What an op was made with for one of its keys; *out_none: nothing was said.
static json_t *write_op_arg(mth_json_writing *writing, const mth_op_key *key,
                            const mth_connection *c, bool *out_none) {
  const bool has_default = key->kind == MTH_KEY_ARG && !key->required;
  *out_none = false;
  if (c->class_ == MTH_KEY_LATENT_INPUT && is_valued(c)) return mth_json_write_value(writing, c);
  if (has_default) return json_pack("{s:b}", "open", 1);
  *out_none = true;
  return NULL;
}

// Did the op get the parts of its key when it was wired to a list, after its other keys?
static const mth_op_key *find_spread(const mth_model *model) {
  for (size_t i = 0; model->op && i < model->op->input_count; i++) {
    const mth_op_key *key = &model->op->inputs[i];
    const mth_connection *last = model->connections.items[model->connections.count - 1];
    if (takes_several(key) && !model->is_list_open && !last->is_produced) return key;
  }
  return NULL;
}

// The parts of a key that takes several: their number, and what they were made with.
static bool write_parts(mth_json_writing *writing, const mth_model *model, const mth_op_key *key,
                        json_t *args) {
  char name[32];
  size_t count = 0;
  const mth_connection *c = NULL;
  for (;; count++) {
    bool is_none;
    snprintf(name, sizeof name, "input%zu", count + 1);
    if (!(c = mth_model_find(model, name))) break;
    json_t *value = write_op_arg(writing, key, c, &is_none);
    if (!is_none && !set(args, name, value)) return false;
  }
  return model->is_list_open || set(args, "n", json_integer((json_int_t)count));
}

static bool write_op(mth_json_writing *writing, const mth_model *model, json_t *object,
                     json_t *args) {
  const mth_op *op = model->op;
  for (size_t i = 0; i < op->input_count; i++) {
    const mth_op_key *key = &op->inputs[i];
    bool is_none;
    if (key == find_spread(model)) continue; // wired to a list
    if (takes_several(key)) {
      if (!write_parts(writing, model, key, args)) return false;
      continue;
    }
    json_t *value = write_op_arg(writing, key, mth_model_find(model, key->name), &is_none);
    if (!is_none && !set(args, key->name, value)) return false;
  }
  return set(object, "name", json_string(op->model ? op->model : op->name));
}

// ---- wires --------------------------------------------------------------------------------------

// Keys of the model that children met so far lead to, and the key of a child that led there first.
typedef struct wiring {
  mth_json_writing *writing;
  const mth_model *model;
  mth_name_map seen;
  mth_name_map constants; // without a name, to the number that they get as the first keys
  json_t *merged;         // pairs of a child's keys that are one key of the model
} wiring;

// Attached when the child is added, wired or not?
static bool is_external(const mth_connection *key) {
  return key->class_ == MTH_KEY_INPUT || key->class_ == MTH_KEY_OUTPUT ||
         mth_list_has(&key->model->canonical_outputs, key);
}

static json_t *write_connect(json_t *path) {
  return path ? json_pack("{s:{s:[o]}}", "key", "connect", path) : NULL;
}

// The path to an unnamed key of the model, through a child's key that leads there: the children
// that come later are not there yet.
static json_t *write_path(wiring *w, const mth_connection *inner) {
  while (!inner->name && (inner->producer || inner->first_use))
    inner = inner->producer ? inner->producer : inner->first_use;
  json_t *path = json_array();
  if (path && append_path(w->writing, path, w->model, inner->model) && append(path, inner->key))
    return path;
  return drop(path);
}

static bool write_merged(wiring *w, const mth_connection *first, const mth_connection *inner) {
  json_t *left = write_path(w, first), *right = write_path(w, inner);
  json_t *pair = left && right ? json_pack("[O, O]", left, right) : NULL;
  json_decref(left);
  json_decref(right);
  return json_array_append_new(w->merged, pair) == 0;
}

// The form of a wire; *out_none: there is none. NULL without memory, too.
static json_t *write_wire(wiring *w, const mth_connection *inner, bool *out_none) {
  const mth_connection *outer = inner->outer;
  const char *const address = mth_json_address(outer);
  const mth_connection *first = mth_name_map_get(&w->seen, address);
  const char *const number = mth_name_map_get(&w->constants, address);
  *out_none = false;
  if (number) return write_connect(json_pack("[s, s]", "self", number));
  if (!first && !mth_name_map_set(&w->seen, w->writing->context->allocator, address,
                                  (void *)(uintptr_t)inner))
    return NULL;
  *out_none = mth_parts_follows(inner) || (!first && !outer->name && !is_external(inner));
  if (*out_none) return NULL; // a list leads there, or a later child looks inside
  // A child has no earlier one to name; an output drives no value, but may be merged with it.
  const bool is_own = first && first->model == inner->model && !outer->name;
  if (is_own || (first && inner->is_produced && is_valued(outer))) {
    *out_none = write_merged(w, first, inner);
    return NULL;
  }
  const bool is_valued_here = !first && mth_json_is_valued_here(outer);
  if (outer->name && is_valued_here)
    return json_pack("{s:{s:s, s:o}}", "key", "name", outer->name, "value",
                     mth_json_write_value(w->writing, outer));
  if (outer->name) return json_string(outer->name);
  if (first) return write_connect(write_path(w, first));
  if (is_valued_here) return mth_json_write_value(w->writing, outer);
  *out_none = true;
  return NULL;
}

// A wire to the list that an op was wired to.
static bool write_list(wiring *w, const mth_model *child, const char *key, json_t *wires) {
  json_t *list = json_array();
  const mth_connection *part = NULL;
  char name[32];
  for (size_t i = 1; list; i++) {
    bool is_none;
    snprintf(name, sizeof name, "input%zu", i);
    if (!(part = mth_model_find(child, name))) return set(wires, key, list);
    json_t *form = write_wire(w, part, &is_none);
    if (json_array_append_new(list, is_none ? json_string("") : form) != 0) return drop(list);
  }
  return false;
}

static bool is_part_of(const mth_op_key *spread, const mth_connection *key) {
  return spread && !key->is_produced && strcmp(key->key, spread->name) != 0 &&
         strncmp(key->key, "input", 5) == 0 && key->key[5] >= '1' && key->key[5] <= '9';
}

static json_t *write_wires(wiring *w, const mth_model *child) {
  json_t *wires = json_object();
  const mth_op_key *spread = find_spread(child);
  for (size_t pass = 0; pass < 2; pass++) // as they are attached: inputs, then outputs
    for (size_t i = 0; wires && i < child->connections.count; i++) {
      const mth_connection *inner = child->connections.items[i];
      bool is_none;
      if (!inner->outer || inner->is_produced != (pass == 1)) continue;
      if (is_part_of(spread, inner) && !mth_parts_follows(inner)) {
        const bool is_first = strcmp(inner->key, "input1") == 0;
        if (is_first && !write_list(w, child, spread->name, wires)) return drop(wires);
        continue;
      }
      json_t *form = write_wire(w, inner, &is_none);
      if (!is_none && !set(wires, inner->key, form)) return drop(wires);
    }
  return wires;
}

// ---- composites ---------------------------------------------------------------------------------

// The constant that the model itself gives to a key; what a parent gives is written there.
static const mth_constant *own_constant(const mth_connection *key) {
  const bool is_given_here = key->class_ != MTH_KEY_INPUT || mth_json_is_valued_here(key);
  return is_given_here ? mth_net_of(key)->constant : NULL;
}

// A free input, a list, or a constant; constants have the first numbers.
static json_t *write_input(wiring *w, const mth_connection *key, size_t number) {
  const mth_constant *constant = own_constant(key);
  if (mth_net_of(key)->is_list) return json_pack("{s:s, s:b}", "name", key->key, "list", 1);
  if (!constant) return json_string(key->key);
  if (key->name)
    return json_pack("{s:s, s:o}", "name", key->name, "value", mth_json_write_constant(constant));
  char *text = mth_arena_format(&w->writing->arena, "$%zu", number);
  const mth_allocator *allocator = w->writing->context->allocator;
  if (!text || !mth_name_map_set(&w->constants, allocator, mth_json_address(key), text) ||
      !mth_name_map_set(&w->writing->ids, allocator, mth_json_address(key), text))
    return NULL;
  return mth_json_write_constant(constant);
}

// Keys that no child makes.
static bool write_inputs(wiring *w, json_t *object) {
  json_t *inputs = json_array();
  size_t number = 0;
  for (size_t i = 0; inputs && i < w->model->connections.count; i++) {
    const mth_connection *c = w->model->connections.items[i];
    const bool is_named_list = mth_net_of(c)->is_list && c->name;
    if (c->is_produced || c->whole) continue;
    if (c->first_use && !is_constant(c) && !is_named_list) continue;
    number += own_constant(c) != NULL;
    if (json_array_append_new(inputs, write_input(w, c, number)) != 0) return drop(inputs);
  }
  if (json_array_size(inputs)) return set(object, "inputs", inputs);
  json_decref(inputs);
  return inputs != NULL;
}

static bool write_children(wiring *w, json_t *object) {
  json_t *children = json_object(), *wires = json_object();
  bool is_whole = set(object, "submodels", children) && set(object, "connections", wires);
  for (size_t i = 0; is_whole && i < w->model->children.count; i++) {
    const mth_model *child = w->model->children.items[i];
    const char *id = mth_json_child_id(w->writing, w->model, child);
    is_whole = id && set(children, id, mth_json_write_object(w->writing, child)) &&
               set(wires, id, write_wires(w, child));
  }
  if (is_whole && json_array_size(w->merged))
    is_whole = json_object_set(object, "merged", w->merged) == 0;
  return is_whole;
}

static bool write_exposed(const mth_model *model, json_t *object) {
  json_t *exposed = json_array();
  for (size_t i = 0; exposed && i < model->connections.count; i++) {
    const mth_connection *c = model->connections.items[i];
    if (c->is_exposed && json_array_append_new(exposed, json_string(c->key)) != 0)
      return drop(exposed);
  }
  if (json_array_size(exposed)) return set(object, "exposed_keys", exposed);
  json_decref(exposed);
  return exposed != NULL;
}

static bool write_composite(mth_json_writing *writing, const mth_model *model, json_t *object) {
  wiring w = {.writing = writing, .model = model, .merged = json_array()};
  bool is_whole = w.merged && set(object, "name", json_string("Model"));
  if (is_whole && strcmp(model->class_name, "Model") != 0)
    is_whole = set(object, "class", json_string(model->class_name));
  is_whole = is_whole && write_inputs(&w, object);
  if (is_whole && model->children.count) is_whole = write_children(&w, object);
  is_whole = is_whole && write_exposed(model, object);
  if (is_whole && model->is_frozen && !model->parent) is_whole = set(object, "frozen", json_true());
  json_decref(w.merged);
  mth_release(writing->context->allocator, w.seen.slots);
  mth_release(writing->context->allocator, w.constants.slots);
  return is_whole;
}

// The length that the list of an op without parent was given.
static bool write_length(const mth_model *model, json_t *object) {
  const mth_op_key *spread = model->parent ? NULL : find_spread(model);
  char name[32];
  json_int_t count = 0;
  if (!spread) return true;
  do
    snprintf(name, sizeof name, "input%lld", (long long)++count);
  while (mth_model_find(model, name));
  return set(object, "assigned_values", json_pack("[[s, I]]", spread->name, count - 1));
}

json_t *mth_json_write_object(mth_json_writing *writing, const mth_model *model) {
  json_t *object = json_object(), *args = json_object();
  bool is_whole = object && args;
  if (is_whole && model->op)
    is_whole = write_op(writing, model, object, args) && write_length(model, object);
  else if (is_whole && model->class_)
    is_whole = write_class(writing, model, object, args);
  else if (is_whole)
    is_whole = write_composite(writing, model, object);
  const mth_model *parent = model->parent;
  if (is_whole && parent && !parent->is_frozen && model->name)
    is_whole = set(args, "name", json_string(model->name));
  if (is_whole && json_object_size(args)) is_whole = json_object_set(object, "args", args) == 0;
  json_decref(args);
  return is_whole ? object : drop(object);
}
