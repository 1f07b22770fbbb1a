// json_train_writer.c: the structure of TrainModels.
#include "frontend/json_value.h"
#include "frontend/json_writing.h"

#include "ir/model_core.h"
#include "ir/train_model_core.h"

#include <string.h>

const char *const mth_json_term_names[] = {"losses", "regularizations", "metrics"};

size_t mth_json_term_count(const mth_train_model *train, size_t list) {
  return list == 0   ? mth_train_model_loss_count(train)
         : list == 1 ? mth_train_model_regularization_count(train)
                     : mth_train_model_metric_count(train);
}

const mth_train_term *mth_json_term(const mth_train_model *train, size_t list, size_t index) {
  return list == 0   ? mth_train_model_loss(train, index)
         : list == 1 ? mth_train_model_regularization(train, index)
                     : mth_train_model_metric(train, index);
}

static bool set(json_t *object, const char *key, json_t *value) {
  return object && value && json_object_set_new(object, key, value) == 0;
}

// A model that the TrainModel has as a child, or keeps beside.
static json_t *write_model(mth_json_writing *writing, const mth_model *model) {
  return model->parent ? mth_json_write_object(writing, model)
                       : mth_json_write_tree(writing, model);
}

// ---- terms --------------------------------------------------------------------------------------

// The value that was wired to a tensor: the input of the conversion that makes it; else NULL.
static const mth_connection *find_converted(const mth_connection *outer) {
  const mth_model *maker = outer->producer ? outer->producer->model : NULL;
  if (outer->name || !maker || !maker->op || strcmp(maker->op->name, "to_tensor") != 0) return NULL;
  const mth_connection *value = mth_model_find(maker, "input");
  return value && mth_net_of(value)->is_given ? value : NULL;
}

// Was the key that has no name there before the term came?
static bool was_there(const mth_connection *key) {
  return key->outer->is_produced || key->outer->first_use != key;
}

static json_t *write_wire(mth_json_writing *writing, const mth_connection *key) {
  const mth_connection *outer = key->outer, *value = find_converted(outer);
  if (outer->name) return json_string(outer->name);
  if (!value && was_there(key)) return json_string(outer->key);    // "$1": numbers are kept
  if (!value && !mth_net_is_valued(outer)) return json_string(""); // left open
  return mth_json_write_value(writing, value ? value : outer);
}

static bool is_given(const mth_connection *key) {
  if (key->is_produced || !key->outer) return false;
  if (key->outer->name) return true;
  if (key->class_ != MTH_KEY_INPUT) return false; // a default that was left alone
  return was_there(key) || find_converted(key->outer) ||
         (key->outer->class_ == MTH_KEY_INPUT &&
          (mth_net_of(key)->constant || mth_train_is_open_input(key)));
}

// The input that the copy of a pattern's model regularizes.
static const char *find_regularized(const mth_model *copy) {
  for (size_t i = 0; i < copy->connections.count; i++) {
    const mth_connection *key = copy->connections.items[i];
    if (mth_train_is_open_input(key) && key->outer) return key->outer->name;
  }
  return NULL;
}

// What a pattern found when its term was added: facts that are stated later may change that.
static json_t *write_pattern(const mth_train_term *term) {
  json_t *found = json_array();
  for (size_t i = 0; found && i < term->copy_count; i++) {
    const char *name = find_regularized(term->copies[i]);
    if (name && json_array_append_new(found, json_string(name)) == 0) continue;
    json_decref(found);
    return NULL;
  }
  return found ? json_pack("{s:s, s:o}", "pattern", term->pattern, "found", found) : NULL;
}

static bool write_args(mth_json_writing *writing, const mth_train_term *term, json_t *object) {
  json_t *args = json_object();
  const mth_model *model = term->model;
  if (!set(object, "args", args)) return false;
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i];
    if (term->pattern && mth_train_is_open_input(key)) {
      if (!set(args, key->key, write_pattern(term))) return false;
    } else if (!term->pattern && is_given(key)) {
      if (!set(args, key->key, write_wire(writing, key))) return false;
    }
  }
  return true;
}

static bool write_steps(mth_json_writing *writing, const mth_train_term *term, json_t *object) {
  if (!term->step_count) return true;
  json_t *steps = json_array();
  if (!set(object, "reduce_steps", steps)) return false;
  for (size_t i = 0; i < term->step_count; i++)
    if (json_array_append_new(steps, write_model(writing, term->steps[i])) != 0) return false;
  return true;
}

// One tensor may be the coefficient of several regularizations, which are added up first then.
static json_t *write_coef(const mth_train_model *train, size_t list, size_t index) {
  const mth_coef coef = mth_json_term(train, list, index)->coef;
  if (coef.kind == MTH_COEF_NUMBER) return mth_json_write_float(coef.number);
  const mth_list *all = &train->regularizations;
  const mth_train_entry *entry = list == 1 ? all->items[index] : NULL;
  for (size_t i = 0; entry && i < index; i++) {
    const mth_train_entry *earlier = all->items[i];
    if (earlier->coef_identity && earlier->coef_identity == entry->coef_identity)
      return json_pack("{s:I}", "same_as", (json_int_t)i);
  }
  return mth_json_write_constant(coef.tensor);
}

static json_t *write_term(mth_json_writing *writing, const mth_train_model *train, size_t list,
                          size_t index) {
  const mth_train_term *term = mth_json_term(train, list, index);
  json_t *object = json_object();
  bool is_whole = set(object, "model", write_model(writing, term->model)) &&
                  write_args(writing, term, object) && write_steps(writing, term, object);
  if (is_whole && term->coef.kind != MTH_COEF_NONE)
    is_whole = set(object, "coef", write_coef(train, list, index));
  if (is_whole && term->reg_key) is_whole = set(object, "reg_key", json_string(term->reg_key));
  if (is_whole && term->key_name) is_whole = set(object, "key_name", json_string(term->key_name));
  if (is_whole) return object;
  json_decref(object);
  return NULL;
}

// ---- the order in which they were added ---------------------------------------------------------

// The number of the first child that a term added.
static size_t place_of(const mth_train_model *train, size_t list, size_t index) {
  const mth_train_term *term = mth_json_term(train, list, index);
  const mth_model *first = term->pattern ? term->copies[0] : term->model;
  size_t place = 0;
  while (place < train->model->children.count && train->model->children.items[place] != first)
    place++;
  return place;
}

static bool write_order(const mth_train_model *train, json_t *object) {
  json_t *order = json_array();
  size_t next[mth_json_term_lists] = {0}, last = 0;
  bool is_plain = true;
  for (;;) {
    size_t best = mth_json_term_lists, best_place = SIZE_MAX;
    for (size_t list = 0; list < mth_json_term_lists; list++) {
      if (next[list] == mth_json_term_count(train, list)) continue;
      const size_t place = place_of(train, list, next[list]);
      if (place < best_place) best = list, best_place = place;
    }
    if (best == mth_json_term_lists) break;
    is_plain &= best >= last;
    last = best;
    next[best] += 1;
    if (!order || json_array_append_new(order, json_string(mth_json_term_names[best])) != 0)
      return false;
  }
  if (!is_plain) return set(object, "order", order);
  json_decref(order);
  return true;
}

// ---- the whole ----------------------------------------------------------------------------------

static bool write_terms(mth_json_writing *writing, const mth_train_model *train, json_t *object) {
  for (size_t list = 0; list < mth_json_term_lists; list++) {
    const size_t count = mth_json_term_count(train, list);
    json_t *terms = count ? json_array() : NULL;
    if (count && !set(object, mth_json_term_names[list], terms)) return false;
    for (size_t i = 0; i < count; i++)
      if (json_array_append_new(terms, write_term(writing, train, list, i)) != 0) return false;
  }
  return write_order(train, object);
}

json_t *mth_json_write_train_object(mth_json_writing *writing, const mth_train_model *train) {
  const mth_model *combiner = mth_train_model_loss_combiner(train);
  json_t *object = json_object();
  bool is_whole = set(object, "is_train_model", json_true()) &&
                  set(object, "model", write_model(writing, mth_train_model_inner(train))) &&
                  write_terms(writing, train, object);
  if (is_whole && combiner) is_whole = set(object, "loss_combiner", write_model(writing, combiner));
  if (is_whole && train->model->is_frozen) is_whole = set(object, "finalized", json_true());
  if (is_whole) return object;
  json_decref(object);
  return NULL;
}
