// model_cycle.c: looking for cycles among the children of a model.
//
// The search goes from both ends in turn, so that it is over when the smaller side is.
#include "ir/graph.h"
#include "ir/model_core.h"

// Children that one side has seen, in the order in which it did; `next` is not looked at yet.
typedef struct side {
  size_t epoch, other; // marks of this side and of the other
  mth_model *last, *next;
  bool met; // something that the other side has seen
} side;

static void see(side *side, mth_model *model) {
  if (model->epoch == side->other) side->met = true;
  if (model->epoch == side->epoch || model->epoch == side->other) return;
  model->epoch = side->epoch;
  model->next_walked = NULL;
  if (side->last) side->last->next_walked = model;
  if (!side->next) side->next = model;
  side->last = model;
}

static void see_users(side *side, const mth_connection *made) {
  for (const mth_connection *use = made->first_use; use; use = use->next_use)
    if (!use->is_produced) see(side, use->model);
}

static void step_forward(side *side) {
  const mth_model *model = side->next;
  side->next = model->next_walked;
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *made = model->connections.items[i];
    if (made->is_produced && made->outer) see_users(side, made->outer);
  }
}

static void step_back(side *side) {
  const mth_model *model = side->next;
  side->next = model->next_walked;
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *read = model->connections.items[i];
    if (!read->is_produced && read->outer && read->outer->producer)
      see(side, read->outer->producer->model);
  }
}

static bool stands_behind(const mth_connection *outer, const mth_model *maker) {
  for (const mth_connection *use = outer->first_use; use; use = use->next_use)
    if (!use->is_produced && use->model->position <= maker->position) return false;
  return true;
}

mth_status mth_check_no_cycle(const mth_connection *outer, const mth_connection *produced) {
  mth_context *context = outer->model->context;
  mth_model *model = outer->model, *maker = produced->model;
  const bool in_order = stands_behind(outer, maker);
  if (in_order && !model->has_late_makers) return MTH_OK;
  const size_t epoch = context->epoch += 2;
  side readers = {.epoch = epoch, .other = epoch - 1},
       needed = {.epoch = epoch - 1, .other = epoch};
  see(&needed, maker);
  see_users(&readers, outer);
  while (!readers.met && !needed.met && readers.next && needed.next) {
    step_forward(&readers);
    if (!readers.met) step_back(&needed);
  }
  char where[256];
  if (readers.met || needed.met)
    return mth_fail(MTH_INVALID, mth_connection_at(outer, where, sizeof where),
                    "a cycle: '%s' of %s would depend on itself", produced->key, maker->class_name);
  if (in_order) return MTH_OK;
  MTH_TRY(
      mth_journal_save(&context->journal, &model->has_late_makers, sizeof model->has_late_makers));
  model->has_late_makers = true;
  return MTH_OK;
}
