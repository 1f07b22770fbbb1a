// index_item.c: the items of an index as arguments of the op `index`.
#include "ir/index_item.h"

#include "ir/graph.h"
#include "ir/model_core.h"

typedef struct index_args {
  mth_arena arena;
  mth_arg args[4];
  mth_connection **operands; // x, then index tensors
  size_t tensor_count;
} index_args;

static char letter_of(const mth_index_item *item) {
  switch (item->kind) {
  case MTH_INDEX_INTEGER:
    return 'i';
  case MTH_INDEX_SLICE:
    return item->start.is_given ? item->stop.is_given ? 'r' : 'a'
                                : (item->stop.is_given ? 'b' : 's');
  case MTH_INDEX_NEW_AXIS:
    return 'n';
  case MTH_INDEX_ELLIPSIS:
    return 'e';
  case MTH_INDEX_TENSOR:
    return 't';
  }
  return '?'; // which the op refuses
}

static const mth_dim *dim_of(mth_context *context, const mth_bound *bound) {
  return bound->dim ? bound->dim
                    : mth_dim_constant(context->dims, bound->is_given ? bound->number : 0);
}

// The arguments live in `out->arena` until the caller resets it.
static mth_status make_args(mth_context *context, mth_connection *x, size_t count,
                            const mth_index_item *items, index_args *out) {
  mth_arena *arena = &out->arena;
  char *letters = MTH_NEW_ARRAY(arena, char, count + 1);
  const mth_dim **start = MTH_NEW_ARRAY(arena, const mth_dim *, count);
  const mth_dim **stop = MTH_NEW_ARRAY(arena, const mth_dim *, count);
  int64_t *step = MTH_NEW_ARRAY(arena, int64_t, count);
  out->operands = MTH_NEW_ARRAY(arena, mth_connection *, count + 1);
  if (!letters || !start || !stop || !step || !out->operands) return MTH_NO_MEMORY;
  out->operands[0] = x;
  for (size_t i = 0; i < count; i++) {
    letters[i] = letter_of(&items[i]);
    start[i] = dim_of(context, &items[i].start);
    stop[i] = dim_of(context, &items[i].stop);
    if (!start[i] || !stop[i]) return MTH_NO_MEMORY;
    if (items[i].kind == MTH_INDEX_SLICE) step[i] = items[i].step ? items[i].step : 1;
    if (items[i].kind == MTH_INDEX_TENSOR) out->operands[++out->tensor_count] = items[i].tensor;
  }
  out->args[0] = MTH_ARG_S("items", letters);
  out->args[1] = MTH_ARG_DS("start", count, start);
  out->args[2] = MTH_ARG_DS("stop", count, stop);
  out->args[3] = MTH_ARG_IS("step", count, step);
  return MTH_OK;
}

mth_connection *mth_index(mth_connection *x, size_t count, const mth_index_item *items) {
  if (!x) return NULL;
  mth_model *owner = mth_outermost(x->model);
  if (owner->failure != MTH_OK) return NULL;
  index_args made = {.arena = MTH_ARENA_INIT(owner->context->allocator)};
  owner->failure = make_args(owner->context, x, count, items, &made);
  mth_connection *result =
      mth_express(owner, "index", 1 + made.tensor_count, made.operands, 4, made.args);
  mth_arena_reset(&made.arena);
  return result;
}

mth_status mth_model_create_index(mth_context *context, size_t count, const mth_index_item *items,
                                  mth_model **out_model) {
  if (!context) return MTH_INVALID; // there is nobody to report to
  index_args made = {.arena = MTH_ARENA_INIT(context->allocator)};
  mth_status status = make_args(context, NULL, count, items, &made);
  if (status == MTH_OK)
    status = mth_model_create_op_of(context, "index", made.tensor_count, made.args, 4, out_model);
  mth_arena_reset(&made.arena);
  return status;
}
