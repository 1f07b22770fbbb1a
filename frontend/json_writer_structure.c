// json_writer_structure.c: what a copy that was read back has otherwise, written down.
#include "frontend/json_writing.h"

#include "ir/model_core.h"
#include "ir/parts.h"

#include <string.h>

typedef struct comparing {
  mth_json_writing *writing;
  bool changed;
} comparing;

// ---- pairing ------------------------------------------------------------------------------------

// The key number `index` of those without a name that no child has.
static mth_connection *find_free(const mth_model *model, size_t index) {
  for (size_t i = 0; i < model->connections.count; i++) {
    mth_connection *key = model->connections.items[i];
    if (key->name || key->producer || key->first_use) continue;
    if (index-- == 0) return key;
  }
  return NULL;
}

// Each key's `copy` becomes what it is in the copy: by name, or through a child; NULL: not there.
static mth_status pair_keys(comparing *c, const mth_model *model, const mth_model *copy) {
  if (model->children.count != copy->children.count)
    return mth_json_unsupported(c->writing, "%s has %zu children and reads back with %zu",
                                model->class_name, model->children.count, copy->children.count);
  for (size_t i = 0; i < model->children.count; i++)
    MTH_TRY(pair_keys(c, model->children.items[i], copy->children.items[i]));
  size_t free_count = 0;
  for (size_t i = 0; i < model->connections.count; i++) {
    mth_connection *key = model->connections.items[i];
    const mth_connection *inner = key->producer ? key->producer : key->first_use;
    key->copy = NULL;
    if (key->name)
      key->copy = mth_model_find(copy, key->name);
    else if (inner)
      key->copy = inner->copy ? inner->copy->outer : NULL;
    else
      key->copy = find_free(copy, free_count++);
  }
  return MTH_OK;
}

// ---- members of objects -------------------------------------------------------------------------

static mth_status set(comparing *c, json_t *object, const char *member, json_t *value) {
  c->changed = true;
  return value && json_object_set_new(object, member, value) == 0 ? MTH_OK : MTH_NO_MEMORY;
}

static mth_status append(comparing *c, json_t *object, const char *member, json_t *value) {
  json_t *list = json_object_get(object, member);
  if (!list) {
    list = json_array();
    MTH_TRY(set(c, object, member, list));
  }
  c->changed = true;
  return value && json_array_append_new(list, value) == 0 ? MTH_OK : MTH_NO_MEMORY;
}

static json_t *write_keys(comparing *c, const mth_model *model, const mth_list *keys) {
  json_t *list = json_array();
  for (size_t i = 0; list && i < keys->count; i++)
    if (json_array_append_new(list, mth_json_write_key(c->writing, model, keys->items[i])) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

// ---- differences --------------------------------------------------------------------------------

static bool are_copies(const mth_list *keys, const mth_list *copies) {
  bool same = keys->count == copies->count;
  for (size_t i = 0; same && i < keys->count; i++)
    same = ((const mth_connection *)keys->items[i])->copy == copies->items[i];
  return same;
}

static mth_status compare_order(comparing *c, const mth_model *model, const mth_model *copy,
                                json_t *object) {
  if (are_copies(&model->connections, &copy->connections)) return MTH_OK;
  if (json_object_get(object, "keys")) return MTH_OK; // it is what can be said
  return set(c, object, "keys", write_keys(c, model, &model->connections));
}

static mth_status compare_classes(comparing *c, const mth_model *model, json_t *object) {
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i], *copy = key->copy;
    const bool is_hidden =
        copy && key->class_ == MTH_KEY_INPUT && copy->class_ == MTH_KEY_LATENT_INPUT;
    if (is_hidden && key->name) MTH_TRY(append(c, object, "exposed_keys", json_string(key->name)));
  }
  return MTH_OK;
}

// A state of a child is written there.
static bool is_of_child(const mth_connection *input) {
  for (const mth_connection *use = input->first_use; use; use = use->next_use)
    if (use->partner) return true;
  return false;
}

static mth_status compare_states(comparing *c, const mth_model *model, json_t *object) {
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *input = model->connections.items[i], *output = input->partner;
    if (!output || input->is_produced || is_of_child(input)) continue;
    if (!input->copy || input->copy->partner) continue;
    json_t *in = mth_json_write_key(c->writing, model, input);
    json_t *out = mth_json_write_key(c->writing, model, output);
    MTH_TRY(append(c, object, "states", in && out ? json_pack("[o, o]", in, out) : NULL));
  }
  return MTH_OK;
}

// A path to a key of a child itself, rather than to what it leads to.
static json_t *write_use(comparing *c, const mth_model *model, const mth_connection *use) {
  json_t *path = mth_json_write_key(c->writing, use->model, use);
  const char *id = mth_json_child_id(c->writing, model, use->model);
  json_t *list = path && id ? json_array() : NULL;
  bool is_whole = list && json_array_append_new(list, json_string(id)) == 0;
  if (is_whole)
    is_whole = json_is_array(path) ? json_array_extend(list, path) == 0
                                   : json_array_append(list, path) == 0;
  json_decref(path);
  if (is_whole) return list;
  json_decref(list);
  return NULL;
}

static mth_status compare_uses(comparing *c, const mth_model *model, json_t *object) {
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i], *copy = key->copy;
    if (copy && key->first_use && key->first_use->copy != copy->first_use)
      MTH_TRY(append(c, object, "first_uses", write_use(c, model, key->first_use)));
  }
  return MTH_OK;
}

static mth_status compare_canonical(comparing *c, const mth_model *model, const mth_model *copy,
                                    json_t *object) {
  if (!are_copies(&model->canonical_inputs, &copy->canonical_inputs))
    MTH_TRY(set(c, object, "assigned_cins", write_keys(c, model, &model->canonical_inputs)));
  if (!are_copies(&model->canonical_outputs, &copy->canonical_outputs))
    MTH_TRY(set(c, object, "assigned_couts", write_keys(c, model, &model->canonical_outputs)));
  const mth_connection *chain = model->chain ? model->chain->copy : NULL;
  if (chain == copy->chain) return MTH_OK;
  return set(c, object, "chain",
             model->chain ? mth_json_write_key(c->writing, model, model->chain) : json_null());
}

static json_t *child_object(comparing *c, const mth_model *model, size_t index, json_t *object) {
  const char *id = mth_json_child_id(c->writing, model, model->children.items[index]);
  return id ? json_object_get(json_object_get(object, "submodels"), id) : NULL;
}

// Children that do not get their names by themselves are all given them.
static mth_status compare_names(comparing *c, const mth_model *model, const mth_model *copy,
                                json_t *object) {
  bool same = true;
  for (size_t i = 0; i < model->children.count; i++) {
    const mth_model *child = model->children.items[i], *other = copy->children.items[i];
    same &= !child->name == !other->name && (!child->name || strcmp(child->name, other->name) == 0);
  }
  for (size_t i = 0; !same && i < model->children.count; i++) {
    const mth_model *child = model->children.items[i];
    json_t *inner = child_object(c, model, i, object), *args = json_object_get(inner, "args");
    if (!inner) return MTH_NO_MEMORY;
    if (!args) {
      args = json_object();
      MTH_TRY(set(c, inner, "args", args));
    }
    if (child->name) MTH_TRY(set(c, args, "name", json_string(child->name)));
  }
  return MTH_OK;
}

static bool is_valued(const mth_connection *key) {
  const mth_net *net = mth_net_of(key);
  return net->is_tensor ? net->constant != NULL : net->is_given;
}

// The length of a list that no child makes.
static mth_status compare_length(comparing *c, const mth_model *model, const mth_connection *key,
                                 json_t *object) {
  size_t length, other;
  const bool is_given_here = !key->outer || key->outer->class_ == MTH_KEY_LATENT_INPUT;
  if (key->is_produced || !is_given_here || !key->copy || !mth_connection_is_list(key) ||
      !mth_connection_length(key, &length) || mth_connection_length(key->copy, &other))
    return MTH_OK;
  json_t *name = mth_json_write_key(c->writing, model, key);
  return append(c, object, "assigned_values",
                name ? json_pack("[o, I]", name, (json_int_t)length) : NULL);
}

static mth_status compare_values(comparing *c, const mth_model *model, json_t *object) {
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i];
    MTH_TRY(compare_length(c, model, key, object));
    if (!mth_json_is_valued_here(key) || !key->copy || is_valued(key->copy)) continue;
    json_t *value = mth_json_write_value(c->writing, key);
    json_t *name = mth_json_write_key(c->writing, model, key);
    MTH_TRY(append(c, object, "assigned_values",
                   name && value ? json_pack("[o, o]", name, value) : NULL));
  }
  return MTH_OK;
}

static mth_status compare_named_dims(comparing *c, const mth_model *model, const mth_model *copy,
                                     json_t *object) {
  if (copy->named_dims.count == model->named_dims.count) return MTH_OK;
  json_t *dims = json_object();
  MTH_TRY(set(c, object, "named_dims", dims));
  for (size_t i = 0; i < model->named_dims.count; i++) {
    const mth_named_dim *dim = model->named_dims.items[i];
    json_t *key = mth_json_write_key(c->writing, model, mth_named_dim_key(dim));
    MTH_TRY(set(c, dims, dim->name, key ? json_pack("[o, i]", key, (int)dim->axis) : NULL));
  }
  return MTH_OK;
}

static mth_status compare_model(comparing *c, const mth_model *model, const mth_model *copy,
                                json_t *object) {
  MTH_TRY(compare_values(c, model, object));
  if (model->op || model->class_) return MTH_OK;
  for (size_t i = 0; i < model->children.count; i++) {
    json_t *inner = child_object(c, model, i, object);
    if (!inner) return MTH_NO_MEMORY;
    MTH_TRY(compare_model(c, model->children.items[i], copy->children.items[i], inner));
  }
  MTH_TRY(compare_names(c, model, copy, object));
  MTH_TRY(compare_classes(c, model, object));
  MTH_TRY(compare_states(c, model, object));
  MTH_TRY(compare_uses(c, model, object));
  MTH_TRY(compare_order(c, model, copy, object));
  MTH_TRY(compare_named_dims(c, model, copy, object));
  return compare_canonical(c, model, copy, object);
}

// A TrainModel is written by what was added; what it made of that is made again.
static mth_status compare_train(comparing *c, const mth_json_tree *tree) {
  json_t *object = tree->object;
  MTH_TRY(compare_values(c, tree->model, object));
  MTH_TRY(compare_model(c, mth_train_model_inner(tree->train),
                        mth_train_model_inner(tree->train_copy), json_object_get(object, "model")));
  for (size_t list = 0; list < mth_json_term_lists; list++)
    for (size_t i = 0; i < mth_json_term_count(tree->train, list); i++) {
      const mth_train_term *term = mth_json_term(tree->train, list, i);
      const mth_train_term *copy = mth_json_term(tree->train_copy, list, i);
      json_t *written = json_array_get(json_object_get(object, mth_json_term_names[list]), i);
      json_t *steps = json_object_get(written, "reduce_steps");
      if (!term->pattern) // else it was written with all that must be said of it
        MTH_TRY(compare_model(c, term->model, copy->model, json_object_get(written, "model")));
      for (size_t k = 0; k < term->step_count && k < copy->step_count; k++)
        MTH_TRY(compare_model(c, term->steps[k], copy->steps[k], json_array_get(steps, k)));
    }
  return MTH_OK;
}

// ---- numbers ------------------------------------------------------------------------------------

static json_t *write_numbers(const mth_model *model) {
  json_t *list = json_array();
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i];
    if (!key->name && json_array_append_new(list, json_integer((json_int_t)key->number)) != 0) {
      json_decref(list);
      return NULL;
    }
  }
  if (json_array_append_new(list, json_integer((json_int_t)model->next_number)) == 0) return list;
  json_decref(list);
  return NULL;
}

// Numbers of keys without a name, which depend on the order of calls, are stated last of all and
// from outside: a class makes its children by itself. `path` leads to the model.
static mth_status compare_numbers(comparing *c, const mth_model *model, const mth_model *copy,
                                  json_t *path, json_t *object) {
  bool same = model->is_frozen || model->next_number == copy->next_number;
  for (size_t i = 0; i < model->connections.count && same; i++) {
    const mth_connection *key = model->connections.items[i];
    same = key->name || !key->copy || key->number == key->copy->number;
  }
  if (!same) {
    json_t *here = json_copy(path), *numbers = write_numbers(model);
    MTH_TRY(
        append(c, object, "numbers", here && numbers ? json_pack("[o, o]", here, numbers) : NULL));
  }
  for (size_t i = 0; i < model->children.count; i++) {
    const mth_model *child = model->children.items[i];
    const char *id =
        json_array_size(path) ? child->name : mth_json_child_id(c->writing, model, child);
    if (!id || json_array_append_new(path, json_string(id)) != 0) return MTH_NO_MEMORY;
    MTH_TRY(compare_numbers(c, child, copy->children.items[i], path, object));
    json_array_remove(path, json_array_size(path) - 1);
  }
  return MTH_OK;
}

static mth_status compare_all_numbers(comparing *c, const mth_json_tree *tree) {
  json_t *path = json_array();
  if (!path) return MTH_NO_MEMORY;
  const mth_status status = compare_numbers(c, tree->model, tree->copy, path, tree->object);
  json_decref(path);
  return status;
}

mth_status mth_json_write_structure(mth_json_tree *tree, bool *out_changed) {
  comparing c = {.writing = tree->writing};
  mth_status status = pair_keys(&c, tree->model, tree->copy);
  if (status == MTH_OK)
    status = tree->train ? compare_train(&c, tree)
                         : compare_model(&c, tree->model, tree->copy, tree->object);
  if (status == MTH_OK && !c.changed) status = compare_all_numbers(&c, tree);
  *out_changed = c.changed;
  return status;
}
