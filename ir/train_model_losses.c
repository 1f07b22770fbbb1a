// train_model_losses.c: losses and metrics of a TrainModel.
#include "ir/given.h"
#include "ir/train_model_core.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

// What losses and metrics have in common.
typedef struct request {
  const char *what; // "loss": for messages
  mth_model *model;
  const mth_wire *wires;
  size_t wire_count;
  mth_model *const *steps;
  size_t step_count;
} request;

// ---- wires --------------------------------------------------------------------------------------

static mth_location at_model(const mth_train_change *c, const mth_model *model, char *where,
                             size_t where_bytes) {
  const mth_model *named = model ? model : c->train->model;
  return mth_model_at(named, where, where_bytes);
}

// Whether the wire leads to an output of the model that is trained. A connection must.
static mth_status leads_to_output(mth_train_change *c, const mth_wire *wire, bool *out_leads) {
  mth_model *model = c->train->model;
  char where[256];
  mth_connection *to = NULL;
  const char *name = mth_train_wire_name(wire);
  if (name) to = mth_model_find(model, name);
  if (wire->kind == MTH_WIRE_CONNECTION) {
    MTH_TRY(mth_lift(model, wire->connection, &to));
    if (!mth_list_has(&c->train->outputs, to))
      return mth_fail(MTH_INVALID, mth_model_at(model, where, sizeof where),
                      "'%s' of %s is no output of the model: a connection must be one",
                      wire->connection->key, wire->connection->model->class_name);
  }
  for (size_t i = 0; wire->kind == MTH_WIRE_LIST && i < wire->part_count; i++) {
    bool leads = false;
    MTH_TRY(leads_to_output(c, &wire->parts[i], &leads));
    *out_leads |= leads;
  }
  *out_leads |= to && mth_list_has(&c->train->outputs, to);
  return MTH_OK;
}

static mth_status refuse_no_output(const mth_train_change *c, const request *r) {
  char where[256];
  mth_text names = MTH_TEXT_INIT(c->train->model->context->allocator);
  for (size_t i = 0; i < c->train->outputs.count; i++)
    mth_text_add(&names, "%s%s", i ? ", " : "",
                 ((const mth_connection *)c->train->outputs.items[i])->key);
  const mth_status status = mth_fail(MTH_INVALID, at_model(c, r->model, where, sizeof where),
                                     "a %s wants at least one wire to an output of the model: %s",
                                     r->what, mth_text_get(&names));
  mth_text_deinit(&names);
  return status;
}

static mth_status check_wires(mth_train_change *c, const request *r) {
  char where[256];
  const mth_location at = at_model(c, r->model, where, sizeof where);
  bool leads = false;
  for (size_t i = 0; i < r->wire_count; i++) {
    const mth_wire *wire = &r->wires[i];
    const mth_connection *key = wire->key ? mth_model_find(r->model, wire->key) : NULL;
    if (key && key->is_produced)
      return mth_fail(MTH_INVALID, at, "the output '%s' of a %s is not wired; key_name names it",
                      wire->key, r->what);
    MTH_TRY(leads_to_output(c, wire, &leads));
  }
  MTH_TRY(mth_train_check_wires(r->model, r->wires, r->wire_count, at, r->what));
  return leads ? MTH_OK : refuse_no_output(c, r);
}

// ---- steps --------------------------------------------------------------------------------------

static bool folds_to_one(const mth_model *step) {
  static const char *const folds[] = {"mean", "reduce_min", "reduce_max"};
  for (size_t i = 0; step->op && i < sizeof folds / sizeof *folds; i++)
    if (strcmp(step->op->name, folds[i]) == 0) return true;
  return false;
}

static mth_status add_step(mth_train_change *c, mth_model *step, mth_train_part *part) {
  char where[256];
  mth_connection *input = NULL;
  if (!step)
    return mth_fail(MTH_INVALID, at_model(c, NULL, where, sizeof where), "a reduce step is NULL");
  MTH_TRY(mth_model_canonical_input(step, &input));
  if (folds_to_one(step)) {
    mth_train_fold *fold = mth_model_own(c->train->model, 1, sizeof *fold);
    if (!fold) return MTH_NO_MEMORY;
    *fold = (mth_train_fold){part->folds, step, part->output};
    part->folds = fold;
  }
  const mth_wire wire = MTH_WIRE_TO(input->key, part->output);
  return mth_train_add(c, step, &wire, 1, &part->output);
}

static mth_status add_steps(mth_train_change *c, const request *r, const char *default_step,
                            mth_train_entry *entry) {
  mth_model *const *steps = r->steps;
  size_t count = r->step_count;
  if (count == 0) {
    mth_model **made = mth_train_slot(c);
    if (!made) return MTH_NO_MEMORY;
    MTH_TRY(mth_model_create_op(c->train->model->context, default_step, NULL, 0, made));
    steps = made;
    count = 1;
  }
  mth_model **kept = mth_model_own(c->train->model, count, sizeof(mth_model *));
  if (!kept) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    kept[i] = steps[i];
    MTH_TRY(add_step(c, steps[i], entry->parts));
  }
  entry->term.steps = kept;
  entry->term.step_count = count;
  return MTH_OK;
}

// The model, then its steps.
static mth_status add_chain(mth_train_change *c, const request *r, const char *default_step,
                            mth_train_entry *entry) {
  entry->parts = mth_model_own(c->train->model, 1, sizeof *entry->parts);
  entry->part_count = 1;
  if (!entry->parts) return MTH_NO_MEMORY;
  MTH_TRY(check_wires(c, r));
  MTH_TRY(mth_train_add(c, r->model, r->wires, r->wire_count, &entry->parts->output));
  return add_steps(c, r, default_step, entry);
}

static mth_status check_model(const mth_train_change *c, const request *r) {
  char where[256];
  const mth_location at = at_model(c, r->model, where, sizeof where);
  if (!r->model) return mth_fail(MTH_INVALID, at, "the %s is NULL", r->what);
  MTH_TRY(mth_check_given(at, r->steps, r->step_count, "reduce steps"));
  return mth_check_wires(at, r->wires, r->wire_count);
}

// ---- losses -------------------------------------------------------------------------------------

static mth_status add_loss(mth_train_change *c, const request *r, const mth_loss_options *options) {
  mth_journal *journal = &c->train->model->context->journal;
  mth_train_entry *entry = NULL;
  MTH_TRY(check_model(c, r));
  MTH_TRY(mth_train_make_entry(c, r->model, &options->coef, options->key_name, &entry));
  MTH_TRY(add_chain(c, r, "mean", entry));
  mth_train_part *part = entry->parts;
  MTH_TRY(mth_train_scale(c, part->output, &entry->term.coef, &part->output));
  MTH_TRY(mth_train_expose(c, part->output, options->key_name));
  return mth_list_push(&c->train->losses, journal, entry);
}

mth_status mth_train_model_add_loss(mth_train_model *train, mth_model *loss, const mth_wire *wires,
                                    size_t wire_count, const mth_loss_options *options) {
  static const mth_loss_options defaults = {.struct_bytes = sizeof defaults};
  mth_train_change c;
  if (!options) options = &defaults;
  if (options->struct_bytes != sizeof *options) return MTH_INVALID; // another version of ours
  MTH_TRY(mth_train_begin(train, &c));
  mth_train_open(&c);
  const request r = {"loss", loss, wires, wire_count, options->steps, options->step_count};
  return mth_train_end(&c, add_loss(&c, &r, options));
}

// ---- metrics ------------------------------------------------------------------------------------

// The class of the metric in small letters, numbered if that is taken.
static mth_status choose_name(mth_train_change *c, const mth_model *metric, const char **out_name) {
  char *base = mth_arena_format(&c->arena, "%s", metric->class_name);
  if (!base) return MTH_NO_MEMORY;
  for (char *letter = base; *letter; letter++)
    *letter = (char)tolower((unsigned char)*letter);
  *out_name = base;
  for (size_t i = 1; mth_model_find(c->train->model, *out_name); i++) {
    *out_name = mth_arena_format(&c->arena, "%s_%zu", base, i);
    if (!*out_name) return MTH_NO_MEMORY;
  }
  return MTH_OK;
}

static mth_status add_metric(mth_train_change *c, const request *r, const char *key_name) {
  static const mth_coef none = {0};
  mth_journal *journal = &c->train->model->context->journal;
  mth_train_entry *entry = NULL;
  MTH_TRY(check_model(c, r));
  if (!key_name) MTH_TRY(choose_name(c, r->model, &key_name));
  MTH_TRY(mth_train_make_entry(c, r->model, &none, key_name, &entry));
  MTH_TRY(add_chain(c, r, "buffer", entry));
  MTH_TRY(mth_train_expose(c, entry->parts->output, key_name));
  return mth_list_push(&c->train->metrics, journal, entry);
}

mth_status mth_train_model_add_metric(mth_train_model *train, mth_model *metric,
                                      const mth_wire *wires, size_t wire_count,
                                      const mth_metric_options *options) {
  static const mth_metric_options defaults = {.struct_bytes = sizeof defaults};
  mth_train_change c;
  if (!options) options = &defaults;
  if (options->struct_bytes != sizeof *options) return MTH_INVALID; // another version of ours
  MTH_TRY(mth_train_begin(train, &c));
  mth_train_open(&c);
  const request r = {"metric", metric, wires, wire_count, options->steps, options->step_count};
  return mth_train_end(&c, add_metric(&c, &r, options->key_name));
}
