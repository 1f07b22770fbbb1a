// expression.c: ops made by expressions, and how they become children.
//
// Such an op is joined to its operands at once as far as the solver is concerned: their nets are
// one. Keys, uses and canonical sets of the model know nothing of it until mth_settle.
#include "ir/expression.h"

#include "ir/given.h"
#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/parts.h"

#include <stdlib.h>
#include <string.h>

// ---- settling -----------------------------------------------------------------------------------

static mth_status set_model(mth_context *context, mth_model **field, mth_model *to) {
  MTH_TRY(mth_journal_save(&context->journal, field, sizeof *field));
  *field = to;
  return MTH_OK;
}

// Takes the op out of its owner's unused ones.
static mth_status take_out(mth_model *op) {
  mth_context *context = op->context;
  mth_model *owner = op->parent, *before = op->previous_unused, *behind = op->next_unused;
  MTH_TRY(set_model(context, before ? &before->next_unused : &owner->first_unused, behind));
  MTH_TRY(set_model(context, behind ? &behind->previous_unused : &owner->last_unused, before));
  MTH_TRY(set_model(context, &op->parent, NULL));
  MTH_TRY(mth_journal_save(&context->journal, &op->is_unused, sizeof op->is_unused));
  op->is_unused = false;
  return MTH_OK;
}

static mth_status settle_one(mth_model *op, mth_wire *wires) {
  mth_model *owner = op->parent;
  size_t count = 0;
  for (size_t i = 0; i < op->connections.count; i++) {
    const mth_connection *key = op->connections.items[i];
    if (op->leads[i]) wires[count++] = MTH_WIRE_TO(key->key, op->leads[i]);
  }
  MTH_TRY(take_out(op));
  return mth_model_add_inside(owner, op, NULL, wires, count);
}

// The op and the unused ones that it needs, linked by next_walked; counts them.
static mth_model *collect(mth_model *op, size_t *out_count, size_t *out_most_keys) {
  const size_t epoch = ++op->context->epoch;
  op->epoch = epoch;
  op->next_walked = NULL;
  mth_model *last = op;
  *out_count = *out_most_keys = 0;
  for (mth_model *m = op; m; m = m->next_walked) {
    *out_count += 1;
    if (m->connections.count > *out_most_keys) *out_most_keys = m->connections.count;
    for (size_t i = 0; i < m->connections.count; i++) {
      mth_model *needed = m->leads[i] ? m->leads[i]->model : NULL;
      if (!needed || !needed->is_unused || needed->epoch == epoch) continue;
      needed->epoch = epoch;
      needed->next_walked = NULL;
      last = last->next_walked = needed;
    }
  }
  return op;
}

static int compare_age(const void *a, const void *b) {
  const size_t x = (*(mth_model *const *)a)->unused_number;
  const size_t y = (*(mth_model *const *)b)->unused_number;
  return (x > y) - (x < y);
}

mth_status mth_settle(mth_model *op) {
  const mth_allocator *allocator = op->context->allocator;
  size_t count, most_keys;
  mth_model *first = collect(op, &count, &most_keys);
  mth_model **ops = mth_allocate(allocator, count, sizeof(mth_model *));
  mth_wire *wires = mth_allocate(allocator, most_keys, sizeof *wires);
  mth_status status = ops && wires ? MTH_OK : MTH_NO_MEMORY;
  if (status == MTH_OK) {
    for (size_t i = 0; i < count; i++, first = first->next_walked)
      ops[i] = first;
    qsort(ops, count, sizeof(mth_model *), compare_age); // an operand is older than its user
  }
  for (size_t i = 0; i < count && status == MTH_OK; i++)
    status = settle_one(ops[i], wires);
  mth_release(allocator, ops);
  mth_release(allocator, wires);
  return status;
}

mth_status mth_drop_unused(mth_model *model) {
  for (const mth_model *op = model->first_unused; op; op = op->next_unused)
    MTH_TRY(mth_net_retire(op));
  return MTH_OK;
}

// ---- making -------------------------------------------------------------------------------------

static mth_model *find_owner(mth_model *model, size_t operand_count,
                             mth_connection *const *operands) {
  for (size_t i = 0; !model && operands && i < operand_count; i++)
    if (operands[i]) model = operands[i]->model;
  return mth_outermost(model);
}

static mth_status check_operands(const mth_model *owner, const char *op, size_t operand_count,
                                 mth_connection *const *operands) {
  char where[256];
  const mth_location at = mth_model_at(owner, where, sizeof where);
  MTH_TRY(mth_check_given(at, operands, operand_count, "operands"));
  for (size_t i = 0; i < operand_count; i++) {
    if (!operands[i]) return mth_fail(MTH_INVALID, at, "operand %zu of '%s' is NULL", i, op);
    MTH_TRY(mth_check_visible(owner, operands[i]));
  }
  return MTH_OK;
}

// How many of the operands are for the key that takes several.
static size_t count_list(const mth_context *context, const char *name, size_t operand_count,
                         size_t arg_count, const mth_arg *args) {
  const mth_op *op = mth_registry_find_model(context->registry, name);
  if (!op) op = mth_registry_find(context->registry, name);
  size_t single = 0;
  for (size_t i = 0; op && i < op->input_count; i++) {
    const mth_op_key *key = &op->inputs[i];
    bool is_given = false;
    for (size_t j = 0; j < arg_count; j++)
      is_given |= args[j].key && strcmp(args[j].key, key->name) == 0;
    const bool is_open = key->kind == MTH_KEY_TENSOR || (key->kind == MTH_KEY_ARG && key->required);
    single += is_open && !is_given;
  }
  return operand_count > single ? operand_count - single : 0;
}

static bool takes_operand(const mth_connection *key) {
  return key->class_ == MTH_KEY_INPUT && !key->is_produced;
}

// Its open keys lead to `operands` from now on; every one must.
static mth_status lead(mth_model *op, size_t operand_count, mth_connection *const *operands) {
  char where[256];
  const mth_location at = mth_model_at(op, where, sizeof where);
  size_t used = 0;
  for (size_t i = 0; i < op->connections.count; i++) {
    mth_connection *key = op->connections.items[i];
    if (!takes_operand(key)) continue;
    if (used < operand_count) {
      op->leads[i] = operands[used];
      MTH_TRY(mth_net_merge(operands[used], key));
    } else if (!mth_net_of(key)->is_tensor) {
      return mth_fail(MTH_INVALID, at, "it wants the argument '%s'", key->key);
    }
    used++;
  }
  if (used == operand_count) return MTH_OK;
  return mth_fail(MTH_INVALID, at, "it takes %zu operands, %zu were given", used, operand_count);
}

static mth_status keep_unused(mth_model *owner, mth_model *op) {
  mth_context *context = owner->context;
  mth_model *before = owner->last_unused;
  MTH_TRY(set_model(context, before ? &before->next_unused : &owner->first_unused, op));
  MTH_TRY(set_model(context, &owner->last_unused, op));
  MTH_TRY(set_model(context, &op->parent, owner));
  op->previous_unused = before;
  op->unused_number = before ? before->unused_number + 1 : 1;
  op->is_unused = true;
  return MTH_OK;
}

static mth_status express(mth_model *owner, const char *name, size_t operand_count,
                          mth_connection *const *operands, size_t arg_count, const mth_arg *args,
                          mth_connection **out_connection);

// Values where the op takes tensors become tensors.
static mth_status convert_operands(mth_model *owner, const mth_model *op, size_t operand_count,
                                   mth_connection **operands) {
  size_t used = 0;
  for (size_t i = 0; i < op->connections.count && used < operand_count; i++) {
    const mth_connection *key = op->connections.items[i];
    if (!takes_operand(key)) continue;
    if (mth_net_of(key)->is_tensor && !mth_net_of(operands[used])->is_tensor)
      MTH_TRY(express(owner, "to_tensor", 1, &operands[used], 0, NULL, &operands[used]));
    used++;
  }
  return MTH_OK;
}

static mth_status join(mth_model *owner, mth_model *op, size_t operand_count,
                       mth_connection *const *operands) {
  mth_context *context = owner->context;
  const mth_allocator *allocator = context->allocator;
  mth_connection **converted = mth_allocate(allocator, operand_count, sizeof(mth_connection *));
  if (!converted) return MTH_NO_MEMORY;
  if (operand_count) memcpy(converted, operands, operand_count * sizeof(mth_connection *));
  mth_status status = convert_operands(owner, op, operand_count, converted);
  if (status == MTH_OK) {
    const mth_change change = mth_change_begin(context);
    op->leads = mth_model_own(op, op->connections.count, sizeof(mth_connection *));
    status = op->leads ? lead(op, operand_count, converted) : MTH_NO_MEMORY;
    if (status == MTH_OK) status = keep_unused(owner, op);
    status = mth_change_end(change, status);
  }
  mth_release(allocator, converted);
  return status;
}

static mth_status express(mth_model *owner, const char *name, size_t operand_count,
                          mth_connection *const *operands, size_t arg_count, const mth_arg *args,
                          mth_connection **out_connection) {
  mth_context *context = owner->context;
  mth_model *op = NULL;
  MTH_TRY(mth_model_check_open(owner));
  MTH_TRY(check_operands(owner, name, operand_count, operands));
  char where[256];
  MTH_TRY(mth_check_args(mth_model_at(owner, where, sizeof where), context->dims, args, arg_count));
  const size_t listed = count_list(context, name, operand_count, arg_count, args);
  MTH_TRY(mth_model_create_op_of(context, name, listed, args, arg_count, &op));
  const mth_status status = join(owner, op, operand_count, operands);
  if (status == MTH_OK)
    *out_connection = mth_model_find(op, op->op->outputs[0].name);
  else
    mth_model_destroy(op);
  return status;
}

mth_connection *mth_express(mth_model *model, const char *op, size_t operand_count,
                            mth_connection *const *operands, size_t arg_count,
                            const mth_arg *args) {
  mth_connection *made = NULL;
  mth_model *owner = find_owner(model, operand_count, operands);
  if (!owner || owner->failure != MTH_OK) return NULL;
  owner->failure = express(owner, op ? op : "", operand_count, operands, arg_count, args, &made);
  return made;
}

mth_status mth_model_take_failure(mth_model *model) {
  mth_model *owner = mth_outermost(model);
  if (!owner) return MTH_INVALID; // there is nobody to report to
  const mth_status failure = owner->failure;
  owner->failure = MTH_OK;
  return failure;
}

// ---- parts, dims, constants
// -------------------------------------------------------------------------

mth_connection *mth_part(mth_connection *list, size_t index) {
  mth_connection *part = NULL;
  mth_model *owner = find_owner(NULL, 1, &list);
  if (!owner || owner->failure != MTH_OK) return NULL;
  owner->failure = mth_connection_part(list, index, &part);
  return part;
}

const mth_dim *mth_shape_dim(mth_connection *x, int64_t axis) {
  const mth_dim *dim = NULL;
  mth_model *owner = find_owner(NULL, 1, &x);
  if (!owner || owner->failure != MTH_OK) return NULL;
  owner->failure = mth_connection_dim(x, axis, &dim);
  return dim;
}

void mth_shape_dims(mth_connection *x, size_t rank, const mth_dim **out_dims) {
  static const mth_extent any[mth_rank_max] = {{.kind = MTH_EXTENT_ANY}};
  mth_model *owner = find_owner(NULL, 1, &x);
  char where[256];
  for (size_t i = 0; i < rank; i++)
    out_dims[i] = NULL;
  if (!owner || owner->failure != MTH_OK) return;
  owner->failure =
      rank <= mth_rank_max
          ? mth_connection_set_shape(x, (mth_shape){rank, any})
          : mth_fail(MTH_INVALID, mth_connection_at(x, where, sizeof where),
                     "a rank of at most %d was wanted, %zu was given", (int)mth_rank_max, rank);
  for (size_t i = 0; i < rank; i++)
    out_dims[i] = mth_shape_dim(x, (int64_t)i);
}

mth_connection *mth_constant_beside(mth_connection *beside, const mth_constant *constant) {
  mth_connection *made = NULL;
  mth_model *owner = find_owner(NULL, 1, &beside);
  if (!owner || owner->failure != MTH_OK) return NULL;
  owner->failure = mth_model_add_constant(owner, constant, &made);
  return made;
}

mth_connection *mth_number(mth_connection *beside, double value) {
  return mth_constant_beside(beside, &(mth_constant){.dtype = MTH_F64, .data = &value});
}

mth_connection *mth_integer(mth_connection *beside, int64_t value) {
  return mth_constant_beside(beside, &(mth_constant){.dtype = MTH_I64, .data = &value});
}
