// train_model_regularize.c: regularizers of a TrainModel.
#include "ir/given.h"
#include "ir/pattern.h"
#include "ir/train_model_core.h"

#include <string.h>

typedef struct request {
  mth_model *model;
  const mth_wire *wires;
  size_t wire_count;
  const mth_regularization_options *options;
} request;

// ---- checks -------------------------------------------------------------------------------------

static size_t count_open_inputs(const mth_model *model) {
  size_t count = 0;
  for (size_t i = 0; i < model->connections.count; i++)
    count += mth_train_is_open_input(model->connections.items[i]);
  return count;
}

static mth_status check_wires(const request *r) {
  char where[256];
  const mth_location at = mth_model_at(r->model, where, sizeof where);
  for (size_t i = 0; i < r->wire_count; i++) {
    const mth_connection *key = r->wires[i].key ? mth_model_find(r->model, r->wires[i].key) : NULL;
    if (key && !mth_train_is_open_input(key))
      return mth_fail(MTH_INVALID, at,
                      "'%s' is no input without a value: a regularizer's wires "
                      "name exactly those",
                      key->key);
  }
  return mth_train_check_wires(r->model, r->wires, r->wire_count, at, "regularizer");
}

static mth_status check_request(const mth_train_change *c, const request *r, const mth_coef *coef) {
  char where[256];
  const mth_location at = mth_model_at(c->train->model, where, sizeof where);
  if (!r->model) return mth_fail(MTH_INVALID, at, "the regularizer is NULL");
  MTH_TRY(mth_check_wires(at, r->wires, r->wire_count));
  if (coef->kind == MTH_COEF_NONE)
    return mth_fail(MTH_INVALID, at, "a regularizer wants a coefficient, found none");
  if (r->options->pattern && r->wire_count)
    return mth_fail(MTH_INVALID, at, "a regularizer takes a pattern or wires, found both");
  if (r->options->pattern && count_open_inputs(r->model) != 1)
    return mth_fail(MTH_INVALID, at, "a pattern is for a regularizer of one input, '%s' has %zu",
                    r->model->class_name, count_open_inputs(r->model));
  return r->options->pattern ? MTH_OK : check_wires(r);
}

static bool leads_to(const mth_model *child, const mth_connection *outer) {
  for (size_t i = 0; i < child->connections.count; i++)
    if (((const mth_connection *)child->connections.items[i])->outer == outer) return true;
  return false;
}

// What the wires lead to: something that can be trained must be among the `known` connections that
// were there before. A name that is new is no parameter.
static mth_status check_target(const mth_train_change *c, const mth_model *regularizer,
                               size_t known) {
  const mth_model *model = c->train->model;
  char where[256];
  mth_text names = MTH_TEXT_INIT(model->context->allocator);
  for (size_t i = 0; i < known; i++) {
    const mth_connection *input = model->connections.items[i];
    if (!mth_train_can_be_trained(input)) continue;
    if (leads_to(regularizer, input)) {
      mth_text_deinit(&names);
      return MTH_OK;
    }
    mth_text_add(&names, "%s%s", names.byte_count ? ", " : "", input->key);
  }
  const mth_status status =
      mth_fail(MTH_INVALID, mth_model_at(regularizer, where, sizeof where),
               "a regularizer wants at least one wire to an input that can be trained: %s",
               mth_text_get(&names));
  mth_text_deinit(&names);
  return status;
}

// ---- adding -------------------------------------------------------------------------------------

static mth_status find_reg_key(const request *r, const mth_model *regularizer,
                               mth_connection **out_key) {
  char where[256];
  if (!r->options->reg_key) return mth_model_canonical_input(regularizer, out_key);
  MTH_TRY(mth_model_get(regularizer, r->options->reg_key, out_key));
  if (mth_train_is_open_input(*out_key)) return MTH_OK;
  return mth_fail(MTH_INVALID, mth_model_at(regularizer, where, sizeof where),
                  "reg_key wants an input without a value, '%s' is none", r->options->reg_key);
}

static mth_status restore(mth_list *set, const mth_list *saved, mth_journal *journal) {
  MTH_TRY(mth_list_clear(set, journal));
  for (size_t i = 0; i < saved->count; i++)
    MTH_TRY(mth_list_push(set, journal, saved->items[i]));
  return MTH_OK;
}

// Adds one child; the canonical keys of the TrainModel stay what they are.
static mth_status add_child(mth_train_change *c, const request *r, mth_model *regularizer,
                            const mth_wire *wires, size_t wire_count, mth_train_part *part) {
  mth_model *model = c->train->model;
  mth_journal *journal = &model->context->journal;
  mth_connection *key = NULL;
  mth_list saved[2] = {model->canonical_inputs, model->canonical_outputs};
  for (size_t i = 0; i < 2; i++) {
    void **items = MTH_NEW_ARRAY(&c->arena, void *, saved[i].count);
    if (!items) return MTH_NO_MEMORY;
    if (saved[i].count) memcpy(items, saved[i].items, saved[i].count * sizeof *items);
    saved[i].items = items;
  }
  const size_t known = model->connections.count;
  MTH_TRY(find_reg_key(r, regularizer, &key));
  MTH_TRY(mth_train_add(c, regularizer, wires, wire_count, &part->output));
  MTH_TRY(check_target(c, regularizer, known));
  MTH_TRY(mth_lift(model, key, &part->key));
  MTH_TRY(restore(&model->canonical_inputs, &saved[0], journal));
  MTH_TRY(restore(&model->canonical_outputs, &saved[1], journal));
  return mth_train_expose(c, part->output, r->options->key_name);
}

static mth_status make_parts(mth_train_change *c, mth_train_entry *entry, size_t count,
                             mth_model ***out_copies) {
  *out_copies = mth_model_own(c->train->model, count, sizeof(mth_model *));
  entry->parts = mth_model_own(c->train->model, count, sizeof *entry->parts);
  entry->part_count = count;
  entry->term.copies = *out_copies;
  entry->term.copy_count = count;
  return *out_copies && entry->parts ? MTH_OK : MTH_NO_MEMORY;
}

static bool may_find(const mth_regularization_options *options, const char *name) {
  for (size_t i = 0; i < options->found_count && options->found; i++)
    if (options->found[i] && strcmp(options->found[i], name) == 0) return true;
  return !options->found;
}

// The trainable inputs in whose names the pattern is found.
static mth_status find_matches(mth_train_change *c, const mth_regularization_options *options,
                               mth_connection ***out_matches, size_t *out_count) {
  const char *const text = options->pattern;
  const mth_model *model = c->train->model;
  char where[256];
  const mth_location at = mth_model_at(model, where, sizeof where);
  mth_pattern *pattern = NULL;
  mth_connection **matches = MTH_NEW_ARRAY(&c->arena, mth_connection *, model->connections.count);
  size_t count = 0;
  if (!matches) return MTH_NO_MEMORY;
  MTH_TRY(mth_pattern_create(model->context->allocator, text, at, &pattern));
  for (size_t i = 0; i < model->connections.count; i++) {
    mth_connection *input = model->connections.items[i];
    if (input->name && mth_train_can_be_trained(input) && mth_pattern_is_in(pattern, input->name) &&
        may_find(options, input->name))
      matches[count++] = input;
  }
  mth_pattern_destroy(pattern);
  *out_matches = matches;
  *out_count = count;
  if (options->found && count != options->found_count)
    return mth_fail(
        MTH_INVALID, at,
        "the pattern '%s' is said to find %zu inputs that can be trained, and finds %zu "
        "of them",
        text, options->found_count, count);
  if (count) return MTH_OK;
  mth_text names = MTH_TEXT_INIT(model->context->allocator);
  mth_model_list_keys(model, &names);
  const mth_status status =
      mth_fail(MTH_INVALID, at,
               "the pattern '%s' is found in no input that can be trained; the "
               "model has %s",
               text, mth_text_get(&names));
  mth_text_deinit(&names);
  return status;
}

// A copy for each match.
typedef struct copying {
  mth_connection **matches;
  mth_model ***copies; // slots
  size_t count;
} copying;

static mth_status copy_model(mth_train_change *c, const request *r, copying *copying) {
  char where[256];
  if (r->model->parent)
    return mth_fail(MTH_INVALID, mth_model_at(c->train->model, where, sizeof where),
                    "the child '%s' has a parent already; add a copy", r->model->class_name);
  MTH_TRY(find_matches(c, r->options, &copying->matches, &copying->count));
  copying->copies = MTH_NEW_ARRAY(&c->arena, mth_model **, copying->count);
  if (!copying->copies) return MTH_NO_MEMORY;
  for (size_t i = 0; i < copying->count; i++) {
    copying->copies[i] = mth_train_slot(c);
    if (!copying->copies[i]) return MTH_NO_MEMORY;
    MTH_TRY(mth_model_copy(r->model, copying->copies[i]));
  }
  return MTH_OK;
}

static mth_status add_copies(mth_train_change *c, const request *r, const copying *copying,
                             mth_train_entry *entry) {
  mth_model **copies = NULL;
  const mth_connection *key = NULL;
  for (size_t i = 0; i < r->model->connections.count && !key; i++)
    if (mth_train_is_open_input(r->model->connections.items[i]))
      key = r->model->connections.items[i];
  MTH_TRY(make_parts(c, entry, copying->count, &copies));
  for (size_t i = 0; i < copying->count; i++) {
    const mth_wire wire = MTH_WIRE_TO(key->key, copying->matches[i]);
    copies[i] = *copying->copies[i];
    MTH_TRY(add_child(c, r, copies[i], &wire, 1, &entry->parts[i]));
  }
  return MTH_OK;
}

static mth_status intern(const mth_train_change *c, const char *text, const char **out) {
  *out = text ? mth_names_intern(&c->train->model->context->names, text) : NULL;
  return text && !*out ? MTH_NO_MEMORY : MTH_OK;
}

static mth_status add(mth_train_change *c, const request *r, const mth_coef *coef) {
  mth_journal *journal = &c->train->model->context->journal;
  mth_train_entry *entry = NULL;
  mth_model **copies = NULL;
  copying copying = {0};
  MTH_TRY(check_request(c, r, coef));
  if (r->options->pattern) MTH_TRY(copy_model(c, r, &copying));
  mth_train_open(c);
  MTH_TRY(mth_train_make_entry(c, r->model, coef, r->options->key_name, &entry));
  MTH_TRY(intern(c, r->options->reg_key, &entry->term.reg_key));
  MTH_TRY(intern(c, r->options->pattern, &entry->term.pattern));
  if (r->options->pattern) {
    MTH_TRY(add_copies(c, r, &copying, entry));
  } else {
    MTH_TRY(make_parts(c, entry, 1, &copies));
    copies[0] = r->model;
    MTH_TRY(add_child(c, r, r->model, r->wires, r->wire_count, entry->parts));
  }
  return mth_list_push(&c->train->regularizations, journal, entry);
}

mth_status mth_train_model_add_regularization(mth_train_model *train, mth_model *model,
                                              mth_coef coef, const mth_wire *wires,
                                              size_t wire_count,
                                              const mth_regularization_options *options) {
  static const mth_regularization_options defaults = {.struct_bytes = sizeof defaults};
  mth_train_change c;
  if (!options) options = &defaults;
  if (options->struct_bytes != sizeof *options) return MTH_INVALID; // another version of ours
  MTH_TRY(mth_train_begin(train, &c));
  const request r = {model, wires, wire_count, options};
  return mth_train_end(&c, add(&c, &r, &coef));
}
