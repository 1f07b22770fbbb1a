// model.c: models as containers: making, destroying, asking.
#include "ir/model.h"

#include "ir/arg_copy.h"
#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/parts_core.h"

#include <stdio.h>
#include <string.h>

mth_location mth_model_at(const mth_model *model, char *where, size_t where_bytes) {
  size_t used = mth_put_text(where, where_bytes, 0, "model '");
  used = mth_put_text(where, where_bytes, used, model->name ? model->name : model->class_name);
  mth_put_text(where, where_bytes, used, "'");
  return (mth_location){&model->context->sink, where};
}

mth_status mth_model_make(mth_context *context, const char *class_name, mth_model **out_model) {
  mth_model *model = mth_allocate(context->allocator, 1, sizeof *model);
  const char *interned = mth_names_intern(&context->names, class_name);
  if (!model || !interned) {
    mth_release(context->allocator, model);
    return MTH_NO_MEMORY;
  }
  model->context = context;
  model->class_name = interned;
  *out_model = model;
  return MTH_OK;
}

mth_model *mth_outermost(mth_model *model) {
  while (model && model->parent)
    model = model->parent;
  return model;
}

mth_status mth_check_class_name(mth_context *context, const char *name) {
  if (mth_is_name(name)) return MTH_OK;
  return mth_fail(MTH_INVALID, (mth_location){&context->sink, name},
                  "a class name wants letters, digits and '_' and begins with no digit; "
                  "found '%s'",
                  name);
}

mth_status mth_model_create(mth_context *context, const char *class_name, mth_model **out_model) {
  if (!context || !out_model) return MTH_INVALID; // there is nobody to report to
  if (!class_name) class_name = "Model";
  MTH_TRY(mth_check_class_name(context, class_name));
  return mth_model_make(context, class_name, out_model);
}

static void destroy(mth_model *model) {
  const mth_allocator *allocator = model->context->allocator;
  mth_model_drop_class(model);
  mth_parts_forget(model);
  for (size_t i = 0; i < model->children.count; i++)
    destroy(model->children.items[i]);
  for (mth_model *unused = model->first_unused, *next; unused; unused = next) {
    next = unused->next_unused;
    destroy(unused);
  }
  for (size_t i = 0; i < model->connections.count; i++) {
    mth_release(allocator, ((mth_connection *)model->connections.items[i])->parts.items);
    mth_release(allocator, model->connections.items[i]);
  }
  for (size_t i = 0; i < model->owned.count; i++)
    mth_release(allocator, model->owned.items[i]);
  mth_release(allocator, model->connections.items);
  mth_release(allocator, model->children.items);
  mth_release(allocator, model->canonical_inputs.items);
  mth_release(allocator, model->canonical_outputs.items);
  mth_release(allocator, model->named_dims.items);
  mth_release(allocator, model->owned.items);
  mth_release(allocator, model->keys.slots);
  mth_release(allocator, model->child_names.slots);
  mth_release(allocator, model);
}

void mth_model_destroy(mth_model *model) {
  if (!model || model->parent) return;
  if (model->is_free) // outside of a change nothing is saved, so this does not fail
    (void)mth_list_remove(&model->context->free_models, &model->context->journal, model);
  destroy(model);
}

void *mth_model_own(mth_model *model, size_t count, size_t element_bytes) {
  mth_journal *journal = &model->context->journal;
  void *memory = mth_journal_allocate(journal, count, element_bytes);
  if (!memory) return NULL;
  if (mth_list_push(&model->owned, journal, memory) == MTH_OK) return memory;
  if (journal->depth == 0) mth_release(journal->allocator, memory); // else undone with the call
  return NULL;
}

mth_status mth_model_make_connection(mth_model *model, const char *name, mth_net *net,
                                     mth_key_class class_, mth_connection **out_connection) {
  mth_context *context = model->context;
  mth_journal *journal = &context->journal;
  char text[32];
  mth_put_number(text, sizeof text, mth_put_text(text, sizeof text, 0, "$"),
                 model->next_number + 1);
  const char *key = mth_names_intern(&context->names, name ? name : text);
  if (!key) return MTH_NO_MEMORY;
  mth_connection *made = mth_journal_allocate(journal, 1, sizeof *made);
  if (!made) return MTH_NO_MEMORY;
  *made = (mth_connection){
      .model = model, .name = name ? key : NULL, .key = key, .net = net, .class_ = class_};
  if (!name) {
    MTH_TRY(mth_journal_save(journal, &model->next_number, sizeof model->next_number));
    made->number = ++model->next_number;
  }
  const mth_status status = mth_list_push(&model->connections, journal, made);
  if (status != MTH_OK && journal->depth == 0) mth_release(journal->allocator, made);
  MTH_TRY(status); // else it is undone with the call
  *out_connection = made;
  return mth_journal_map(journal, &model->keys, key, made);
}

mth_context *mth_model_context(const mth_model *model) { return model->context; }
const char *mth_model_class_name(const mth_model *model) { return model->class_name; }
const char *mth_model_name(const mth_model *model) { return model->name; }
mth_model *mth_model_parent(const mth_model *model) { return model->parent; }
const mth_op *mth_model_op(const mth_model *model) { return model->op; }
bool mth_model_is_frozen(const mth_model *model) { return model->is_frozen; }
size_t mth_model_child_count(const mth_model *model) { return model->children.count; }

mth_model *mth_model_child(const mth_model *model, size_t index) {
  return index < model->children.count ? model->children.items[index] : NULL;
}

mth_model *mth_model_find_child(const mth_model *model, const char *name) {
  const char *interned = model && name ? mth_names_find(&model->context->names, name) : NULL;
  return interned ? mth_name_map_get(&model->child_names, interned) : NULL;
}

size_t mth_model_connection_count(const mth_model *model) { return model->connections.count; }

mth_connection *mth_model_connection(const mth_model *model, size_t index) {
  return index < model->connections.count ? model->connections.items[index] : NULL;
}

mth_connection *mth_model_find(const mth_model *model, const char *key) {
  const char *interned = model && key ? mth_names_find(&model->context->names, key) : NULL;
  return interned ? mth_name_map_get(&model->keys, interned) : NULL;
}

void mth_model_list_keys(const mth_model *model, mth_text *text) {
  size_t listed = 0;
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *c = model->connections.items[i];
    if (!c->name) continue;
    if (listed == 24) {
      mth_text_add(text, ", ...");
      return;
    }
    mth_text_add(text, "%s%s", listed++ ? ", " : "", c->name);
  }
  if (!listed) mth_text_add(text, "no named key");
}

mth_status mth_model_get(const mth_model *model, const char *key, mth_connection **out_connection) {
  if (!model) return MTH_INVALID; // there is nobody to report to
  mth_connection *found = mth_model_find(model, key);
  if (found) {
    *out_connection = found;
    return MTH_OK;
  }
  char where[256];
  mth_text keys = MTH_TEXT_INIT(model->context->allocator);
  mth_model_list_keys(model, &keys);
  mth_named_dims_list(model, &keys);
  const mth_status status =
      mth_fail(MTH_INVALID, mth_model_at(model, where, sizeof where),
               "there is no key '%s'; the model has %s", key ? key : "", mth_text_get(&keys));
  mth_text_deinit(&keys);
  return status;
}

static mth_status only(const mth_model *model, const mth_list *set, const char *what,
                       mth_connection **out_connection) {
  if (set->count == 1) {
    *out_connection = set->items[0];
    return MTH_OK;
  }
  char where[256];
  mth_text names = MTH_TEXT_INIT(model->context->allocator);
  for (size_t i = 0; i < set->count; i++)
    mth_connection_add_name(set->items[i], &names);
  const mth_location at = mth_model_at(model, where, sizeof where);
  const mth_status status =
      set->count ? mth_fail(MTH_INVALID, at, "wants one canonical %s, there are %zu: %s", what,
                            set->count, mth_text_get(&names))
                 : mth_fail(MTH_INVALID, at, "wants one canonical %s, there is none", what);
  mth_text_deinit(&names);
  return status;
}

mth_status mth_model_canonical_input(const mth_model *model, mth_connection **out_connection) {
  if (!model) return MTH_INVALID;
  return only(model, &model->canonical_inputs, "input", out_connection);
}

mth_status mth_model_canonical_output(const mth_model *model, mth_connection **out_connection) {
  if (!model) return MTH_INVALID;
  if (!model->chain) return only(model, &model->canonical_outputs, "output", out_connection);
  *out_connection = model->chain;
  return MTH_OK;
}

size_t mth_model_canonical_input_count(const mth_model *model) {
  return model->canonical_inputs.count;
}

mth_connection *mth_model_canonical_input_at(const mth_model *model, size_t index) {
  return index < model->canonical_inputs.count ? model->canonical_inputs.items[index] : NULL;
}

size_t mth_model_canonical_output_count(const mth_model *model) {
  return model->canonical_outputs.count;
}

mth_connection *mth_model_canonical_output_at(const mth_model *model, size_t index) {
  return index < model->canonical_outputs.count ? model->canonical_outputs.items[index] : NULL;
}
