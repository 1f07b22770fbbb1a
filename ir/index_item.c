// index_item.c: the items of an index as arguments of the op `index`.
#include "ir/index_item.h"

#include "ir/given.h"
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

// Says that the value, of which nothing is known, is an integer.
static mth_status state_integer(mth_context *context, const mth_connection *c, mth_location at,
                                const mth_dim **out_dim) {
  const mth_dim *dim = mth_dim_fresh(context->dims);
  if (!dim) return MTH_NO_MEMORY;
  const mth_change change = mth_change_begin(context);
  const mth_status status =
      mth_solver_state_value(context->solver, mth_net_of(c)->var, &MTH_ARG_D(NULL, dim), at);
  *out_dim = dim;
  return mth_change_end(change, status);
}

static mth_status dim_of_value(const mth_model *owner, const mth_connection *c,
                               const mth_dim **out_dim) {
  mth_context *context = owner->context;
  char where[256];
  MTH_TRY(mth_check_visible(owner, c));
  const mth_location at = mth_connection_at(c, where, sizeof where);
  if (mth_connection_is_tensor(c))
    return mth_fail(MTH_INVALID, at, "an integer is wanted of an index, it is a tensor");
  const mth_arg *value = mth_connection_value(c);
  if (value && value->kind != MTH_ARG_DIM && value->kind != MTH_ARG_INT)
    return mth_fail(MTH_INVALID, at, "an integer is wanted of an index, it is another value");
  if (!value) return state_integer(context, c, at, out_dim);
  *out_dim = value->kind == MTH_ARG_DIM ? value->dim : mth_dim_constant(context->dims, value->i);
  return *out_dim ? MTH_OK : MTH_NO_MEMORY;
}

static mth_status dim_of(mth_context *context, const mth_model *owner, const mth_bound *bound,
                         const mth_dim **out_dim) {
  if (bound->is_value && !owner)
    return mth_fail(MTH_INVALID, (mth_location){mth_context_sink(context), "model 'Indexer'"},
                    "a value is an index of an expression alone; wanted a number or a dim");
  if (bound->is_value) return dim_of_value(owner, bound->value, out_dim);
  *out_dim = bound->dim ? bound->dim
                        : mth_dim_constant(context->dims, bound->is_given ? bound->number : 0);
  return *out_dim ? MTH_OK : MTH_NO_MEMORY;
}

// The arguments live in `out->arena` until the caller resets it.
static mth_status make_args(mth_context *context, const mth_model *owner, mth_connection *x,
                            size_t count, const mth_index_item *items, index_args *out) {
  mth_arena *arena = &out->arena;
  MTH_TRY(
      mth_check_given((mth_location){mth_context_sink(context), "index"}, items, count, "items"));
  char *letters = MTH_NEW_ARRAY(arena, char, count + 1);
  const mth_dim **start = MTH_NEW_ARRAY(arena, const mth_dim *, count);
  const mth_dim **stop = MTH_NEW_ARRAY(arena, const mth_dim *, count);
  int64_t *step = MTH_NEW_ARRAY(arena, int64_t, count);
  out->operands = MTH_NEW_ARRAY(arena, mth_connection *, count + 1);
  if (!letters || !start || !stop || !step || !out->operands) return MTH_NO_MEMORY;
  out->operands[0] = x;
  for (size_t i = 0; i < count; i++) {
    letters[i] = letter_of(&items[i]);
    MTH_TRY(dim_of(context, owner, &items[i].start, &start[i]));
    MTH_TRY(dim_of(context, owner, &items[i].stop, &stop[i]));
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
  owner->failure = make_args(owner->context, owner, x, count, items, &made);
  mth_connection *result =
      mth_express(owner, "index", 1 + made.tensor_count, made.operands, 4, made.args);
  mth_arena_reset(&made.arena);
  return result;
}

mth_status mth_model_create_index(mth_context *context, size_t count, const mth_index_item *items,
                                  mth_model **out_model) {
  if (!context) return MTH_INVALID; // there is nobody to report to
  index_args made = {.arena = MTH_ARENA_INIT(context->allocator)};
  mth_status status = make_args(context, NULL, NULL, count, items, &made);
  if (status == MTH_OK)
    status = mth_model_create_op_of(context, "index", made.tensor_count, made.args, 4, out_model);
  mth_arena_reset(&made.arena);
  return status;
}
