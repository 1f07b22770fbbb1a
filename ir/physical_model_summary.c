// physical_model_summary.c: a physical model as tables for people.
#include "ir/physical_model_summary.h"

#include "ir/arg_text.h"
#include "ir/model_core.h"
#include "ir/model_summary_core.h"
#include "ir/physical_core.h"

#include <stdio.h>
#include <string.h>

enum { line_chars = 60 }; // names of keys are put on lines of about this length

typedef struct summary {
  const mth_physical_model *physical;
  mth_physical_summary_options options;
  mth_arena arena;
  bool *is_part; // for each key: whether it is of options.model
  mth_text *text;
} summary;

// ---- what is shown ------------------------------------------------------------------------------

static bool is_inside(const mth_model *model, const mth_model *whole) {
  for (; model; model = model->parent)
    if (model == whole) return true;
  return false;
}

static bool is_shown_op(const summary *s, const mth_model *op) {
  return !s->options.model || is_inside(op, s->options.model);
}

static mth_status find_parts(summary *s) {
  const mth_physical_model *p = s->physical;
  s->is_part = MTH_NEW_ARRAY(&s->arena, bool, p->key_count);
  if (!s->is_part) return MTH_NO_MEMORY;
  for (size_t i = 0; i < p->key_count; i++)
    s->is_part[i] = !s->options.model;
  for (size_t i = 0; i < p->op_count; i++) {
    const mth_flat_op *op = &p->ops[i];
    if (!is_shown_op(s, op->model)) continue;
    for (size_t j = 0; j < op->source_count; j++)
      s->is_part[op->sources[j] - p->keys] = true;
    for (size_t j = 0; j < op->result_count; j++)
      s->is_part[op->results[j] - p->keys] = true;
  }
  return MTH_OK;
}

// -1: not known.
static int64_t count_elements(const mth_physical_key *key) {
  int64_t count = 1;
  if (key->rank < 0) return -1;
  for (int32_t i = 0; i < key->rank; i++)
    if (key->extents[i] < 0 || __builtin_mul_overflow(count, key->extents[i], &count)) return -1;
  return count;
}

static bool is_constant_input(const mth_physical_key *key) {
  return key->is_input && key->role == MTH_ROLE_CONSTANT;
}

static bool is_any(const mth_physical_key *key) { return key != NULL; }

// ---- the box ------------------------------------------------------------------------------------

typedef bool key_filter(const mth_physical_key *key);

// The names that fit into a line, from keys[*at] on.
static void add_line(const mth_physical_key *const *keys, size_t count, size_t *at,
                     mth_text *line) {
  do {
    mth_text_add(line, "%s%s%s", line->byte_count ? " " : "", keys[*at]->name,
                 *at + 1 < count ? "," : "");
    ++*at;
  } while (*at < count && line->byte_count + strlen(keys[*at]->name) < line_chars);
}

static void add_names(const summary *s, mth_table *table, const char *label, mth_key_set set,
                      key_filter *filter) {
  const mth_physical_model *p = s->physical;
  mth_arena arena = MTH_ARENA_INIT(s->text->allocator);
  const mth_physical_key **keys = MTH_NEW_ARRAY(&arena, const mth_physical_key *, p->key_count);
  const size_t listed = keys ? mth_physical_list(p, set, keys) : 0;
  size_t count = 0, at = 0;
  if (!keys) table->status = MTH_NO_MEMORY;
  for (size_t i = 0; i < listed; i++)
    if (filter(keys[i]) && s->is_part[(const mth_flat_key *)keys[i] - p->keys])
      keys[count++] = keys[i];
  if (count == 0) mth_table_row(table, (const char *const[]){label, "None"});
  while (at < count) {
    mth_text line = MTH_TEXT_INIT(s->text->allocator);
    const bool is_first = at == 0;
    add_line(keys, count, &at, &line);
    mth_table_row(table, (const char *const[]){is_first ? label : NULL, mth_text_get(&line)});
    if (line.status != MTH_OK) table->status = line.status;
    mth_text_deinit(&line);
  }
  mth_arena_reset(&arena);
}

static void add_total(const summary *s, mth_table *table) {
  const mth_physical_model *p = s->physical;
  int64_t total = 0;
  bool is_more = false;
  char number[32];
  for (size_t i = 0; i < p->key_count; i++) {
    const mth_physical_key *key = &p->keys[i].seen;
    if (key->role != MTH_ROLE_TRAINABLE || key->same_as || !s->is_part[i]) continue;
    const int64_t count = count_elements(key);
    is_more |= count < 0 || __builtin_add_overflow(total, count, &total);
  }
  snprintf(number, sizeof number, "%s%lld", is_more ? ">" : "", (long long)total);
  mth_table_row(table, (const char *const[]){"Total parameters", number});
}

static void add_box(const summary *s) {
  const mth_dtype dtype = s->options.float_dtype ? s->options.float_dtype : MTH_F32;
  const char *device = s->options.device ? s->options.device : "cpu";
  mth_table table;
  mth_table_begin(&table, s->text->allocator, 2);
  mth_table_rule(&table, '-');
  mth_table_row(&table, (const char *const[]){"Precision", mth_dtype_get(dtype)->mlir});
  mth_table_row(&table, (const char *const[]){"Device", device});
  add_names(s, &table, "Output keys", MTH_KEYS_OUTPUTS, is_any);
  add_names(s, &table, "Constant inputs", MTH_KEYS_CONSTANTS, is_constant_input);
  add_names(s, &table, "Static keys", MTH_KEYS_STATIC, is_any);
  add_names(s, &table, "Trainable keys", MTH_KEYS_TRAINABLE, is_any);
  add_total(s, &table);
  mth_table_rule(&table, '-');
  mth_table_write(&table, "Model Info", s->text);
  mth_table_end(&table);
}

// ---- operators ----------------------------------------------------------------------------------

static void add_shape(const mth_physical_key *key, mth_text *text) {
  if (!key->is_tensor || key->rank < 0) {
    mth_text_add(text, key->is_tensor ? "[...]" : "--");
    return;
  }
  mth_text_add(text, "[");
  for (int32_t i = 0; i < key->rank; i++) {
    mth_text_add(text, i ? ", " : "");
    if (key->extents[i] < 0)
      mth_text_add(text, "None");
    else
      mth_text_add(text, "%lld", (long long)key->extents[i]);
  }
  mth_text_add(text, "]");
}

static void add_count(const mth_physical_key *key, mth_text *text) {
  const int64_t count = key->role == MTH_ROLE_TRAINABLE ? count_elements(key) : 0;
  if (count < 0) mth_text_add(text, "Unknown");
  if (count > 0) mth_text_add(text, "%lld", (long long)count);
}

static void add_key(const summary *s, mth_table *table, const mth_physical_key *key,
                    const char **cells) {
  mth_text shape = MTH_TEXT_INIT(s->text->allocator), count = shape;
  size_t column = 2;
  add_shape(key, &shape);
  add_count(key, &count);
  cells[column++] = key->name;
  cells[column++] = mth_text_get(&shape);
  if (s->options.shows_types)
    cells[column++] = key->is_tensor ? mth_families_text(key->families) : "--";
  cells[column] = mth_text_get(&count);
  mth_table_row(table, cells);
  if (shape.status != MTH_OK || count.status != MTH_OK) table->status = MTH_NO_MEMORY;
  mth_text_deinit(&shape);
  mth_text_deinit(&count);
}

static void add_op(const summary *s, mth_table *table, const mth_physical_op *op) {
  const char *cells[6] = {op->path[0] ? op->path : mth_model_class_name(op->model), "Inputs"};
  for (size_t i = 0; i < op->source_count; i++) {
    add_key(s, table, op->sources[i], cells);
    cells[0] = cells[1] = NULL;
  }
  cells[1] = "Outputs";
  for (size_t i = 0; i < op->result_count; i++) {
    add_key(s, table, op->results[i], cells);
    cells[0] = cells[1] = NULL;
  }
  mth_table_rule(table, '-');
}

static void add_operators(const summary *s) {
  const char *cells[6] = {"Operator", "Keys", "", "Shape"};
  size_t column = 4;
  mth_table table;
  if (s->options.shows_types) cells[column++] = "Type";
  cells[column++] = "Parameters";
  mth_table_begin(&table, s->text->allocator, column);
  mth_table_rule(&table, '-');
  mth_table_row(&table, cells);
  mth_table_rule(&table, '=');
  for (size_t i = 0; i < mth_physical_op_count(s->physical); i++) {
    const mth_physical_op *op = mth_physical_op_at(s->physical, i);
    if (is_shown_op(s, op->model)) add_op(s, &table, op);
  }
  const mth_model *part = s->options.model;
  const char *title = !part ? "PhysicalModel" : part->name ? part->name : part->class_name;
  mth_table_write(&table, s->options.title ? s->options.title : title, s->text);
  mth_table_end(&table);
}

mth_status mth_physical_model_summary(const mth_physical_model *physical,
                                      const mth_physical_summary_options *options, mth_text *text) {
  summary s = {.physical = physical, .arena = MTH_ARENA_INIT(text->allocator), .text = text};
  char where[256];
  if (options) s.options = *options;
  if (s.options.model && !is_inside(s.options.model, physical->model))
    return mth_fail(MTH_INVALID, mth_model_at(physical->model, where, sizeof where),
                    "'%s' is no part of the model", s.options.model->class_name);
  const mth_status status = find_parts(&s);
  if (status == MTH_OK && !s.options.hides_info) add_box(&s);
  if (status == MTH_OK && s.options.shows_operators) {
    if (!s.options.hides_info) mth_text_add(text, "\n");
    add_operators(&s);
  }
  mth_arena_reset(&s.arena);
  return status == MTH_OK ? text->status : status;
}
