// model_summary.c: a logical model as tables for people.
#include "ir/model_summary.h"

#include "ir/arg_text.h"
#include "ir/display_names.h"
#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/model_summary_core.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { name_column, group_column, key_column, first_column };
enum { most_users = 4 }; // of an output; more are counted

// ---- what a key leads to ------------------------------------------------------------------------

static const char *called(const mth_model *model) {
  return model->name ? model->name : model->class_name;
}

static bool add_value(const mth_connection *key, mth_text *text) {
  const mth_constant *constant = mth_connection_constant(key);
  const mth_arg *value = constant ? NULL : mth_connection_value(key);
  if (constant) mth_constant_text(constant, text);
  if (value) mth_arg_text(key->model->context->dims, value, text);
  return constant || value;
}

static int compare_keys(const void *a, const void *b) {
  const uintptr_t x = (uintptr_t)((const mth_summary_name *)a)->key;
  const uintptr_t y = (uintptr_t)((const mth_summary_name *)b)->key;
  return (x > y) - (x < y);
}

mth_status mth_summary_find_names(const mth_model *model, mth_arena *arena,
                                  mth_summary_names *out_names) {
  const size_t count = model->connections.count;
  const char *const *names = NULL;
  mth_summary_name *items = MTH_NEW_ARRAY(arena, mth_summary_name, count);
  if (!items) return MTH_NO_MEMORY;
  MTH_TRY(mth_model_display_names(model, arena, &names));
  for (size_t i = 0; i < count; i++)
    items[i] = (mth_summary_name){model->connections.items[i], names[i]};
  qsort(items, count, sizeof *items, compare_keys);
  *out_names = (mth_summary_names){items, count};
  return MTH_OK;
}

static const char *display_name(const mth_connection *key, const mth_summary_names *names) {
  const mth_summary_name wanted = {.key = key};
  const mth_summary_name *found =
      key->name || !names->count
          ? NULL
          : bsearch(&wanted, names->items, names->count, sizeof wanted, compare_keys);
  return found ? found->name : key->key;
}

void mth_summary_add_target(const mth_connection *key, const mth_summary_names *names,
                            mth_text *text) {
  const mth_connection *outer = key->outer;
  if (!key->is_produced && outer && outer->producer) {
    mth_text_add(text, "%s.%s", called(outer->producer->model), outer->producer->key);
    return;
  }
  if (!key->is_produced) {
    if (outer && outer->name) mth_text_add(text, "'%s'", outer->name);
    if (outer && outer->name && !mth_net_is_valued(key)) return;
    if (outer && outer->name) mth_text_add(text, " = ");
    if (add_value(key, text)) return;
    mth_text_add(text, "'%s'", outer ? display_name(outer, names) : key->key);
    return;
  }
  const char *separator = "";
  if (outer && outer->name) {
    mth_text_add(text, "'%s'", outer->name);
    separator = ", ";
  }
  size_t users = 0;
  for (const mth_connection *use = outer ? outer->first_use : NULL; use; use = use->next_use) {
    if (use->is_produced || users++ >= most_users) continue;
    mth_text_add(text, "%s%s.%s", separator, called(use->model), use->key);
    separator = ", ";
  }
  if (users > most_users) mth_text_add(text, " and %zu more", users - most_users);
  if (!separator[0]) mth_text_add(text, "'%s'", outer ? display_name(outer, names) : key->key);
}

// ---- rows ---------------------------------------------------------------------------------------

const char *mth_families_text(mth_family families) {
  static const char *const texts[] = {"none",  "bool",         "int",         "int | bool",
                                      "float", "float | bool", "float | int", "float | int | bool"};
  return texts[families & MTH_FAMILY_ANY];
}

static void add_key(mth_summary *s, mth_table *table, const mth_connection *key,
                    const mth_summary_names *names, const char **cells, const char *key_name) {
  mth_text texts[2] = {MTH_TEXT_INIT(s->text->allocator), MTH_TEXT_INIT(s->text->allocator)};
  size_t column = first_column;
  mth_shape_writer_add(&s->shapes, key, &texts[0]);
  mth_summary_add_target(key, names, &texts[1]);
  cells[key_column] = key_name;
  if (!s->options.hides_shapes) cells[column++] = mth_text_get(&texts[0]);
  if (s->options.shows_types)
    cells[column++] =
        mth_net_of(key)->is_tensor ? mth_families_text(mth_connection_families(key)) : "--";
  cells[column] = mth_text_get(&texts[1]);
  mth_table_row(table, cells);
  for (size_t i = 0; i < 2; i++) {
    if (texts[i].status != MTH_OK) table->status = texts[i].status;
    mth_text_deinit(&texts[i]);
  }
}

static bool is_shown(const mth_connection *key) {
  return key->class_ == MTH_KEY_INPUT || key->class_ == MTH_KEY_OUTPUT ||
         (key->class_ == MTH_KEY_LATENT_INPUT && key->name);
}

static void add_child(mth_summary *s, mth_table *table, const mth_model *child,
                      const mth_summary_names *names) {
  mth_arena arena = MTH_ARENA_INIT(s->text->allocator);
  const char *const *own = NULL;
  const char *cells[8] = {called(child)};
  if (mth_model_display_names(child, &arena, &own) != MTH_OK) table->status = MTH_NO_MEMORY;
  for (size_t is_output = 0; own && is_output < 2; is_output++) {
    cells[group_column] = is_output ? "Outputs" : "Inputs";
    for (size_t i = 0; i < child->connections.count; i++) {
      const mth_connection *key = child->connections.items[i];
      if (!is_shown(key) || key->is_produced != (is_output == 1)) continue;
      add_key(s, table, key, names, cells, own[i]);
      cells[name_column] = cells[group_column] = NULL; // once for a block
    }
  }
  mth_arena_reset(&arena);
}

// ---- tables -------------------------------------------------------------------------------------

static void add_table(mth_summary *s, const mth_model *model, const char *title) {
  mth_table table;
  mth_arena arena = MTH_ARENA_INIT(s->text->allocator);
  mth_summary_names names = {0};
  const char *cells[8] = {"Model", "Keys", "", "Shape", "Type", "Connection"};
  size_t column = first_column;
  if (!s->options.hides_shapes) cells[column++] = "Shape";
  if (s->options.shows_types) cells[column++] = "Type";
  cells[column++] = "Connection";
  mth_table_begin(&table, s->text->allocator, column);
  if (mth_summary_find_names(model, &arena, &names) != MTH_OK) table.status = MTH_NO_MEMORY;
  mth_table_rule(&table, '-');
  mth_table_row(&table, cells);
  mth_table_rule(&table, '=');
  const size_t count = model->op ? 1 : model->children.count;
  for (size_t i = 0; i < count; i++) {
    add_child(s, &table, model->op ? model : model->children.items[i], &names);
    mth_table_rule(&table, '-');
  }
  mth_table_write(&table, title, s->text);
  mth_table_end(&table);
  mth_arena_reset(&arena);
}

void mth_summary_add_model(mth_summary *s, const mth_model *model, const char *title,
                           size_t depth) {
  add_table(s, model, title);
  for (size_t i = 0; depth && i < model->children.count; i++) {
    const mth_model *child = model->children.items[i];
    mth_text path = MTH_TEXT_INIT(s->text->allocator);
    if (child->op) continue;
    mth_text_add(&path, "%s.%s", title, called(child));
    mth_text_add(s->text, "\n");
    if (path.status != MTH_OK) s->text->status = path.status;
    mth_summary_add_model(s, child, mth_text_get(&path), depth - 1);
    mth_text_deinit(&path);
  }
}

void mth_summary_begin(mth_summary *s, mth_context *context, const mth_summary_options *options,
                       mth_text *text) {
  *s = (mth_summary){.text = text};
  if (options) s->options = *options;
  s->shapes = (mth_shape_writer){.context = context, .hides_symbols = s->options.hides_symbols};
}

void mth_summary_end(mth_summary *s) { mth_shape_writer_deinit(&s->shapes); }

void mth_model_summary(const mth_model *model, const mth_summary_options *options, mth_text *text) {
  mth_summary s;
  mth_text title = MTH_TEXT_INIT(text->allocator);
  mth_summary_begin(&s, model->context, options, text);
  if (s.options.title)
    mth_text_add(&title, "%s", s.options.title);
  else if (model->name && strcmp(model->name, model->class_name) != 0)
    mth_text_add(&title, "%s (%s)", model->name, model->class_name);
  else
    mth_text_add(&title, "%s", model->class_name);
  mth_summary_add_model(&s, model, mth_text_get(&title), s.options.depth);
  if (title.status != MTH_OK) text->status = title.status;
  mth_text_deinit(&title);
  mth_summary_end(&s);
}
