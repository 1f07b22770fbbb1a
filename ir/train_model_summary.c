// train_model_summary.c: what a TrainModel is made of, as tables for people.
#include "ir/arg_text.h"
#include "ir/model_summary_core.h"
#include "ir/train_model_core.h"

typedef struct listing {
  mth_text *text;
  mth_summary_names names; // of the TrainModel's connections
} listing;

static void add_coef(const mth_coef *coef, mth_text *text) {
  if (coef->kind == MTH_COEF_NUMBER) mth_text_add(text, "%g", coef->number);
  if (coef->kind == MTH_COEF_TENSOR) mth_constant_text(coef->tensor, text);
}

static void add_steps(const mth_train_term *term, mth_text *text) {
  for (size_t i = 0; i < term->step_count; i++)
    mth_text_add(text, "%s%s", i ? ", " : "", term->steps[i]->class_name);
}

// A line for each wired input of `model`; what is said of the whole stands in the first.
static void add_term(const listing *l, mth_table *table, const mth_train_term *term,
                     const mth_model *model) {
  mth_text steps = MTH_TEXT_INIT(l->text->allocator), coef = steps;
  add_steps(term, &steps);
  add_coef(&term->coef, &coef);
  const char *cells[6] = {model->name ? model->name : model->class_name};
  cells[3] = mth_text_get(term->step_count ? &steps : &coef);
  cells[4] = term->step_count ? mth_text_get(&coef) : term->key_name;
  cells[5] = term->step_count ? term->key_name : NULL;
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i];
    if (key->class_ != MTH_KEY_INPUT || mth_net_is_valued(key)) continue;
    mth_text target = MTH_TEXT_INIT(l->text->allocator);
    mth_summary_add_target(key, &l->names, &target);
    cells[1] = key->key;
    cells[2] = mth_text_get(&target);
    mth_table_row(table, cells);
    if (target.status != MTH_OK) table->status = target.status;
    mth_text_deinit(&target);
    cells[0] = cells[3] = cells[4] = cells[5] = NULL;
  }
  mth_table_rule(table, '-');
  if (steps.status != MTH_OK || coef.status != MTH_OK) table->status = MTH_NO_MEMORY;
  mth_text_deinit(&steps);
  mth_text_deinit(&coef);
}

static void add_table(const listing *l, const mth_list *entries, const char *title,
                      const char *const *heads, size_t column_count) {
  mth_table table;
  if (!entries->count) return;
  mth_table_begin(&table, l->text->allocator, column_count);
  mth_table_rule(&table, '-');
  mth_table_row(&table, heads);
  mth_table_rule(&table, '=');
  for (size_t i = 0; i < entries->count; i++) {
    const mth_train_term *term = &((const mth_train_entry *)entries->items[i])->term;
    for (size_t j = 0; j < term->copy_count; j++)
      add_term(l, &table, term, term->copies[j]);
    if (!term->copy_count) add_term(l, &table, term, term->model);
  }
  mth_text_add(l->text, "\n");
  mth_table_write(&table, title, l->text);
  mth_table_end(&table);
}

void mth_train_model_summary(const mth_train_model *train, const mth_summary_options *options,
                             mth_text *text) {
  static const char *const losses[] = {"Loss",         "Keys", "Connection",
                                       "Reduce steps", "Coef", "Name"};
  static const char *const regularizers[] = {"Regularizer", "Keys", "Connection", "Coef", "Name"};
  static const char *const metrics[] = {"Metric", "Keys", "Connection", "Reduce steps", "", "Name"};
  mth_arena arena = MTH_ARENA_INIT(text->allocator);
  listing l = {.text = text};
  mth_model_summary(train->model, options, text);
  if (mth_summary_find_names(train->model, &arena, &l.names) != MTH_OK)
    text->status = MTH_NO_MEMORY;
  add_table(&l, &train->losses, "Losses", losses, 6);
  add_table(&l, &train->regularizations, "Regularizations", regularizers, 5);
  add_table(&l, &train->metrics, "Metrics", metrics, 6);
  mth_arena_reset(&arena);
}
