// model_order.c: which model can be computed when.
//
// A net that one of the models makes carries the number of the model until the order is known:
// `epoch` says that the number is of this walk.
#include "ir/model_order.h"

#include "ir/model_core.h"

#include <assert.h>
#include <string.h>

enum { nobody = 0 }; // models are numbered from 1

typedef struct ordering {
  size_t epoch, count;
  mth_model *const *models;
  size_t *first_waiting, *next_waiting; // who waits for model `number`, in order
  size_t *last_waiting;
  bool *is_done;
  size_t *stack; // ready to be looked at, the next on top
  size_t stack_count;
  mth_model **done;
  size_t done_count;
} ordering;

static void number_results(const ordering *o) {
  for (size_t i = 0; i < o->count; i++) {
    const mth_model *model = o->models[i];
    for (size_t k = 0; k < model->connections.count; k++) {
      const mth_connection *c = model->connections.items[k];
      if (!c->is_produced) continue;
      mth_net *net = mth_net_of(c);
      net->epoch = o->epoch;
      net->value_index = i + 1;
    }
  }
}

// A model that is not done and makes what model `number` reads; `nobody`: it can be computed.
static size_t find_missing(const ordering *o, size_t number) {
  const mth_model *model = o->models[number - 1];
  for (size_t k = 0; k < model->connections.count; k++) {
    const mth_connection *c = model->connections.items[k];
    const mth_net *net = mth_net_of(c);
    if (!c->is_produced && net->epoch == o->epoch && !o->is_done[net->value_index])
      return net->value_index;
  }
  return nobody;
}

static void wait_for(ordering *o, size_t number, size_t maker) {
  o->next_waiting[number] = nobody;
  *(o->last_waiting[maker] ? &o->next_waiting[o->last_waiting[maker]] : &o->first_waiting[maker]) =
      number;
  o->last_waiting[maker] = number;
}

// Those that waited come next, in the order in which they began to wait.
static void wake(ordering *o, size_t maker) {
  const size_t first = o->stack_count;
  for (size_t number = o->first_waiting[maker]; number; number = o->next_waiting[number])
    o->stack[o->stack_count++] = number;
  for (size_t i = first, j = o->stack_count; i + 1 < j; i++, j--) {
    const size_t kept = o->stack[i];
    o->stack[i] = o->stack[j - 1];
    o->stack[j - 1] = kept;
  }
}

static void run(ordering *o) {
  for (size_t i = 1; i <= o->count; i++) {
    o->stack[o->stack_count++] = i;
    while (o->stack_count) {
      const size_t number = o->stack[--o->stack_count];
      const size_t maker = find_missing(o, number);
      if (maker) {
        wait_for(o, number, maker);
        continue;
      }
      o->is_done[number] = true;
      o->done[o->done_count++] = o->models[number - 1];
      wake(o, number);
    }
  }
}

mth_status mth_models_order(mth_context *context, mth_arena *arena, size_t count,
                            mth_model **models) {
  ordering o = {.epoch = ++context->epoch,
                .count = count,
                .models = models,
                .first_waiting = MTH_NEW_ARRAY(arena, size_t, count + 1),
                .next_waiting = MTH_NEW_ARRAY(arena, size_t, count + 1),
                .last_waiting = MTH_NEW_ARRAY(arena, size_t, count + 1),
                .is_done = MTH_NEW_ARRAY(arena, bool, count + 1),
                .stack = MTH_NEW_ARRAY(arena, size_t, count + 1),
                .done = MTH_NEW_ARRAY(arena, mth_model *, count + 1)};
  if (!o.first_waiting || !o.next_waiting || !o.last_waiting || !o.is_done || !o.stack || !o.done)
    return MTH_NO_MEMORY;
  number_results(&o);
  run(&o);
  assert(o.done_count == count && "composing refuses cycles");
  if (count) memcpy(models, o.done, count * sizeof(mth_model *));
  return MTH_OK;
}

mth_status mth_model_order_children(const mth_model *model, mth_arena *arena,
                                    mth_model ***out_children) {
  const size_t count = model->children.count;
  mth_model **children = MTH_NEW_ARRAY(arena, mth_model *, count);
  if (!children) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    children[i] = model->children.items[i];
  MTH_TRY(mth_models_order(model->context, arena, count, children));
  *out_children = children;
  return MTH_OK;
}

// Without `ops` only counts.
static size_t collect_ops(mth_model *model, mth_model **ops) {
  size_t count = 0;
  if (model->op) {
    if (ops) ops[0] = model;
    return 1;
  }
  for (size_t i = 0; i < model->children.count; i++)
    count += collect_ops(model->children.items[i], ops ? ops + count : NULL);
  return count;
}

mth_status mth_model_order_ops(mth_model *model, mth_arena *arena, mth_model ***out_ops,
                               size_t *out_count) {
  const size_t count = collect_ops(model, NULL);
  mth_model **ops = MTH_NEW_ARRAY(arena, mth_model *, count);
  if (!ops) return MTH_NO_MEMORY;
  collect_ops(model, ops);
  MTH_TRY(mth_models_order(model->context, arena, count, ops));
  *out_ops = ops;
  *out_count = count;
  return MTH_OK;
}
