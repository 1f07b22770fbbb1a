// model_naming.c: names of keys and children: given, exposed, generated when a model freezes.
#include "ir/given.h"
#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/parts_core.h"

#include <stdio.h>
#include <string.h>

bool mth_is_name(const char *name) {
  if (!name || !name[0] || (name[0] >= '0' && name[0] <= '9')) return false;
  for (; *name; name++)
    if (!((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
          (*name >= '0' && *name <= '9') || *name == '_'))
      return false;
  return true;
}

static const char *net_name(const mth_connection *connection) {
  return mth_solver_name(connection->model->context->solver, mth_net_of(connection)->var);
}

mth_location mth_connection_at(const mth_connection *connection, char *where, size_t where_bytes) {
  const mth_model *model = connection->model;
  const mth_connection *now = mth_connection_now(connection);
  size_t used = mth_put_text(where, where_bytes, 0, "model '");
  used = mth_put_text(where, where_bytes, used, model->name ? model->name : model->class_name);
  used = mth_put_text(where, where_bytes, used, "', key '");
  used = mth_put_text(where, where_bytes, used, now->key);
  used = mth_put_text(where, where_bytes, used, now->name ? "'" : "' (");
  if (!now->name) {
    used = mth_put_text(where, where_bytes, used, net_name(now));
    mth_put_text(where, where_bytes, used, ")");
  }
  return (mth_location){&model->context->sink, where};
}

void mth_connection_add_name(const mth_connection *connection, mth_text *text) {
  mth_text_add(text, "%s%s", text->byte_count ? ", " : "", connection->key);
  if (!connection->name) mth_text_add(text, " (%s)", net_name(connection));
}

mth_status mth_model_check_key(const mth_model *model, const char *name, bool is_input) {
  char where[256];
  const mth_location at = mth_model_at(model, where, sizeof where);
  if (!mth_is_name(name))
    return mth_fail(MTH_INVALID, at,
                    "a key wants letters, digits and '_' and begins with no digit; found '%s'",
                    name ? name : "");
  if (mth_find_named_dim(model, name))
    return mth_fail(MTH_INVALID, at, "there is a dim called '%s' already", name);
  if (mth_model_find(model, name))
    return mth_fail(MTH_INVALID, at, "there is a key '%s' already", name);
  if (!is_input && strcmp(name, "input") == 0)
    return mth_fail(MTH_INVALID, at, "the name 'input' is for inputs only");
  return MTH_OK;
}

// ---- freezing -----------------------------------------------------------------------------------

static mth_status name_child(mth_model *model, mth_model *child, const char *name) {
  mth_journal *journal = &model->context->journal;
  const char *interned = mth_names_intern(&model->context->names, name);
  if (!interned) return MTH_NO_MEMORY;
  MTH_TRY(mth_journal_save(journal, &child->name, sizeof child->name));
  child->name = interned;
  return mth_journal_map(journal, &model->child_names, interned, child);
}

// One unnamed child of a class is called after it; several are numbered in order, skipping names
// that are taken.
static mth_status name_class(mth_model *model, size_t first) {
  const char *class_name = ((mth_model *)model->children.items[first])->class_name;
  size_t count = 0, number = 0;
  for (size_t i = first; i < model->children.count; i++) {
    const mth_model *child = model->children.items[i];
    count += !child->name && child->class_name == class_name;
  }
  const bool plain = count == 1 && !mth_model_find_child(model, class_name);
  for (size_t i = first; i < model->children.count; i++) {
    mth_model *child = model->children.items[i];
    char name[256];
    if (child->name || child->class_name != class_name) continue;
    snprintf(name, sizeof name, "%s", class_name);
    while (!plain) {
      snprintf(name, sizeof name, "%s_%zu", class_name, number++);
      if (!mth_model_find_child(model, name)) break;
    }
    MTH_TRY(name_child(model, child, name));
  }
  return MTH_OK;
}

static mth_status make_output(mth_connection *connection) {
  mth_journal *journal = &connection->model->context->journal;
  MTH_TRY(mth_journal_save(journal, &connection->class_, sizeof connection->class_));
  connection->class_ = MTH_KEY_OUTPUT;
  return MTH_OK;
}

mth_status mth_model_freeze_inside(mth_model *model) {
  mth_journal *journal = &model->context->journal;
  if (model->is_frozen) return MTH_OK;
  MTH_TRY(model->failure); // reported when it happened
  MTH_TRY(mth_drop_unused(model));
  for (size_t i = 0; i < model->children.count; i++)
    if (!((mth_model *)model->children.items[i])->name) MTH_TRY(name_class(model, i));
  for (size_t i = 0; i < model->canonical_outputs.count; i++) {
    mth_connection *c = model->canonical_outputs.items[i];
    size_t length;
    MTH_TRY(make_output(c));
    if (mth_connection_length(c, &length)) MTH_TRY(mth_parts_make_all(c));
    for (size_t j = 0; j < c->parts.count; j++)
      if (c->parts.items[j]) MTH_TRY(make_output(c->parts.items[j]));
  }
  MTH_TRY(mth_journal_save(journal, &model->is_frozen, sizeof model->is_frozen));
  model->is_frozen = true;
  return MTH_OK;
}

mth_status mth_model_freeze(mth_model *model) {
  if (!model) return MTH_INVALID; // there is nobody to report to
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, mth_model_freeze_inside(model));
}

// ---- keys ---------------------------------------------------------------------------------------

mth_status mth_connection_rename_inside(mth_connection *connection, const char *name) {
  mth_model *model = connection->model;
  mth_journal *journal = &model->context->journal;
  const bool is_input =
      connection->class_ == MTH_KEY_INPUT || connection->class_ == MTH_KEY_LATENT_INPUT;
  if (connection->name && name && strcmp(connection->name, name) == 0) return MTH_OK;
  MTH_TRY(mth_model_check_key(model, name, is_input));
  const char *interned = mth_names_intern(&model->context->names, name);
  if (!interned) return MTH_NO_MEMORY;
  MTH_TRY(mth_journal_map(journal, &model->keys, connection->key, NULL));
  MTH_TRY(mth_journal_map(journal, &model->keys, interned, connection));
  MTH_TRY(mth_journal_save(journal, &connection->name, sizeof connection->name));
  MTH_TRY(mth_journal_save(journal, &connection->key, sizeof connection->key));
  connection->name = connection->key = interned;
  return mth_net_set_origin(model->context, mth_net_of(connection), interned);
}

mth_status mth_connection_rename(mth_connection *connection, const char *name) {
  if (!connection) return MTH_INVALID; // there is nobody to report to
  MTH_TRY(mth_model_check_open(connection->model));
  const mth_change change = mth_change_begin(connection->model->context);
  return mth_change_end(change, mth_connection_rename_inside(mth_connection_now(connection), name));
}

static mth_status expose_inside(mth_model *model, mth_connection *connection, const char *as);

// The parts of an output become outputs `name_0`, ...
static mth_status expose_parts(mth_model *model, mth_connection *list) {
  char name[256];
  MTH_TRY(make_output(list));
  MTH_TRY(mth_parts_make_all(list));
  for (size_t i = 0; i < list->parts.count; i++) {
    snprintf(name, sizeof name, "%s_%zu", list->key, i);
    MTH_TRY(expose_inside(model, list->parts.items[i], name));
  }
  return MTH_OK;
}

static mth_status expose_inside(mth_model *model, mth_connection *connection, const char *as) {
  mth_journal *journal = &model->context->journal;
  char where[256];
  MTH_TRY(mth_lift(model, connection, &connection));
  if (connection->partner && !connection->is_produced)
    return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                    "it holds a state and can not be an input");
  if (!connection->name && !as)
    return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                    "it has no name: an unnamed connection is exposed under a new one");
  if (as) MTH_TRY(mth_connection_rename_inside(connection, as));
  if (mth_connection_is_list(connection) && connection->is_produced)
    return expose_parts(model, connection);
  const mth_key_class class_ =
      connection->class_ == MTH_KEY_INPUT || connection->class_ == MTH_KEY_LATENT_INPUT
          ? MTH_KEY_INPUT
          : MTH_KEY_OUTPUT;
  MTH_TRY(mth_journal_save(journal, &connection->class_, sizeof connection->class_));
  connection->class_ = class_;
  MTH_TRY(mth_journal_save(journal, &connection->is_exposed, sizeof connection->is_exposed));
  connection->is_exposed = class_ == MTH_KEY_OUTPUT;
  return MTH_OK;
}

mth_status mth_model_expose_inside(mth_model *model, mth_connection *connection, const char *as) {
  return expose_inside(model, connection, as);
}

mth_status mth_model_expose(mth_model *model, mth_connection *connection, const char *as) {
  MTH_TRY(mth_model_check_open(model));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, expose_inside(model, connection, as));
}

static mth_status expose_all(mth_model *model, const mth_named_output *outputs,
                             size_t output_count) {
  for (size_t i = 0; i < output_count; i++)
    MTH_TRY(expose_inside(model, outputs[i].connection, outputs[i].name));
  return MTH_OK;
}

mth_status mth_model_expose_all(mth_model *model, const mth_named_output *outputs,
                                size_t output_count) {
  char where[256];
  MTH_TRY(mth_model_check_open(model));
  MTH_TRY(
      mth_check_given(mth_model_at(model, where, sizeof where), outputs, output_count, "outputs"));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, expose_all(model, outputs, output_count));
}
