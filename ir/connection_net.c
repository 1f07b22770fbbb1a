// connection_net.c: nets, and what the solver is told and asked about them.
#include "ir/given.h"
#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/same_value.h"

#include <stdio.h>
#include <string.h>

static mth_context *context_of(const mth_connection *connection) {
  return connection->model->context;
}

static mth_var var_of(const mth_connection *connection) { return mth_net_of(connection)->var; }

mth_connection *mth_connection_now(const mth_connection *connection) {
  while (connection->replaced_by)
    connection = connection->replaced_by;
  return (mth_connection *)connection;
}

bool mth_connection_holds_state(const mth_connection *connection) {
  for (const mth_connection *c = connection; c; c = c->outer)
    if (c->partner && !c->is_produced) return true;
  return false;
}

mth_net *mth_net_of(const mth_connection *connection) {
  mth_net *net = connection->net;
  while (net->merged_into)
    net = net->merged_into;
  return net;
}

// ---- making -------------------------------------------------------------------------------------

// Until a parent names it, messages call a net "Linear.weight".
static const char *make_label(mth_context *context, const char *owner, const char *key) {
  char label[256];
  size_t used = mth_put_text(label, sizeof label, 0, owner);
  used = mth_put_text(label, sizeof label, used, ".");
  mth_put_text(label, sizeof label, used, key);
  return mth_names_intern(&context->names, label);
}

static mth_status make(mth_model *owner, const char *label, const char *origin, mth_net **out_net) {
  mth_net *net = mth_model_own(owner, 1, sizeof *net);
  if (!net || !label) return MTH_NO_MEMORY;
  net->origin = origin;
  *out_net = net;
  return MTH_OK;
}

mth_status mth_net_make_tensor(mth_model *owner, mth_family families, const char *origin,
                               mth_net **out_net) {
  const char *label = make_label(owner->context, owner->class_name, origin);
  MTH_TRY(make(owner, label, origin, out_net));
  (*out_net)->is_tensor = true;
  return mth_solver_add_tensor(owner->context->solver, families, label, &(*out_net)->var);
}

mth_status mth_net_make_arg(mth_model *owner, mth_arg_kind kind, const char *origin,
                            mth_net **out_net) {
  const char *label = make_label(owner->context, owner->class_name, origin);
  MTH_TRY(make(owner, label, origin, out_net));
  (*out_net)->arg_kind = kind;
  return mth_solver_add_arg(owner->context->solver, kind, label, &(*out_net)->var);
}

mth_status mth_net_set_origin(mth_context *context, mth_net *net, const char *origin) {
  MTH_TRY(mth_journal_save(&context->journal, &net->origin, sizeof net->origin));
  net->origin = origin;
  return mth_solver_set_name(context->solver, net->var, origin);
}

mth_status mth_net_set_label(mth_context *context, const mth_net *net, const char *owner,
                             const char *key) {
  const char *label = make_label(context, owner, key);
  return label ? mth_solver_set_name(context->solver, net->var, label) : MTH_NO_MEMORY;
}

// The arguments "input1", "input2", ... of an op that takes several.
static size_t find_parts(const mth_model *model, mth_var *out_vars) {
  for (size_t count = 0;; count++) {
    char name[32];
    snprintf(name, sizeof name, "input%zu", count + 1);
    const mth_connection *part = mth_model_find(model, name);
    if (!part) return count;
    out_vars[count] = var_of(part);
  }
}

mth_status mth_net_apply(mth_model *model) {
  const mth_op *op = model->op;
  char where[256];
  size_t tensor_count = 0, arg_count = 0;
  mth_var *vars = mth_allocate(model->context->allocator, model->connections.count, sizeof *vars);
  if (!vars) return MTH_NO_MEMORY;
  for (; tensor_count < model->operand_count + model->result_count; tensor_count++)
    vars[tensor_count] = var_of(model->op_keys[tensor_count]);
  mth_var *args = vars + tensor_count;
  for (size_t i = 0; i < op->input_count; i++) {
    if (op->inputs[i].kind == MTH_KEY_ARG)
      args[arg_count++] = var_of(mth_model_find(model, op->inputs[i].name));
    if (op->inputs[i].kind == MTH_KEY_ARGS) arg_count += find_parts(model, args + arg_count);
  }
  for (size_t i = 0; i < op->output_count; i++)
    if (op->outputs[i].kind == MTH_KEY_ARG)
      args[arg_count++] = var_of(mth_model_find(model, op->outputs[i].name));
  const mth_status status =
      mth_solver_apply(model->context->solver, op, tensor_count, vars, arg_count, args,
                       mth_model_at(model, where, sizeof where), &model->rule);
  mth_release(model->context->allocator, vars);
  return status;
}

mth_status mth_net_retire(const mth_model *op) {
  return mth_solver_retire(op->context->solver, op->rule);
}

// ---- merging ------------------------------------------------------------------------------------

// What has a value is no parameter and does not start as one.
static void keep_value_alone(mth_net *net) {
  if (!net->constant) return;
  if (net->differentiable == MTH_YES) net->differentiable = MTH_UNKNOWN;
  net->initializer = NULL;
}

// What each side knows by itself beside the solver.
static mth_status merge_facts(mth_net *into, const mth_net *from, mth_location at) {
  if (into->constant && from->constant && !mth_constants_are_same(into->constant, from->constant))
    return mth_fail(MTH_INVALID, at, "both sides have a value of their own");
  if ((into->constant && from->maker) || (into->maker && from->constant))
    return mth_fail(MTH_INVALID, at, "a side has a value, '%s' makes the other",
                    (into->maker ? into->maker : from->maker)->class_name);
  if (!into->constant) into->constant = from->constant;
  into->is_given |= from->is_given;
  // Of a parameter and what was taken out of training the latter holds, whichever comes first.
  if (into->differentiable == MTH_UNKNOWN || from->differentiable == MTH_NO)
    into->differentiable = from->differentiable;
  if (!into->initializer) into->initializer = from->initializer;
  keep_value_alone(into);
  if (!into->maker) into->maker = from->maker;
  return MTH_OK;
}

static const char *kind_text(const mth_net *net) {
  return net->is_list ? "a list" : net->is_tensor ? "a tensor" : "an argument";
}

mth_status mth_net_merge(const mth_connection *outer, const mth_connection *inner) {
  mth_net *into = mth_net_of(outer), *from = mth_net_of(inner);
  mth_journal *journal = &context_of(outer)->journal;
  char where[256];
  const mth_location at = mth_connection_at(outer, where, sizeof where);
  if (into == from) return MTH_OK;
  if (into->is_tensor != from->is_tensor || into->is_list != from->is_list)
    return mth_fail(MTH_INVALID, at, "it is %s, '%s' of %s is %s", kind_text(into), inner->key,
                    inner->model->class_name, kind_text(from));
  MTH_TRY(mth_journal_save(journal, &into->constant, sizeof into->constant));
  MTH_TRY(mth_journal_save(journal, &into->is_given, sizeof into->is_given));
  MTH_TRY(mth_journal_save(journal, &into->arg_kind, sizeof into->arg_kind));
  MTH_TRY(mth_journal_save(journal, &into->differentiable, sizeof into->differentiable));
  MTH_TRY(mth_journal_save(journal, &into->initializer, sizeof into->initializer));
  MTH_TRY(mth_journal_save(journal, &into->maker, sizeof into->maker));
  MTH_TRY(mth_journal_save(journal, &from->merged_into, sizeof from->merged_into));
  MTH_TRY(merge_facts(into, from, at));
  // The net that an op makes is called after the op, unless the parent's key has a name.
  if (inner->is_produced && !outer->name) {
    MTH_TRY(mth_journal_save(journal, &into->origin, sizeof into->origin));
    into->origin = from->origin;
  }
  from->merged_into = into;
  MTH_TRY(mth_solver_unify(context_of(outer)->solver, into->var, from->var, at));
  if (!into->is_tensor) into->arg_kind = mth_solver_arg_kind(context_of(outer)->solver, into->var);
  return MTH_OK;
}

// ---- telling ------------------------------------------------------------------------------------

mth_status mth_net_restrict(const mth_connection *connection, mth_family families) {
  char where[256];
  const mth_location at = mth_connection_at(connection, where, sizeof where);
  if (!mth_net_of(connection)->is_tensor)
    return mth_fail(MTH_INVALID, at, "it is an argument and has no element type");
  return mth_solver_state_families(context_of(connection)->solver, var_of(connection), families,
                                   at);
}

// Declared names reach the program's text and its callers; dims are of this context.
static mth_status check_extents(const mth_connection *connection, const mth_shape *shape) {
  char where[256];
  const mth_location at = mth_connection_at(connection, where, sizeof where);
  for (size_t i = 0; i < shape->rank; i++) {
    const mth_extent *extent = &shape->extents[i];
    if (extent->kind == MTH_EXTENT_DECLARED && !mth_is_name(extent->name))
      return mth_fail(MTH_INVALID, at,
                      "a declared dim wants a name of letters, digits and '_'; found '%s'",
                      extent->name ? extent->name : "");
    if (extent->kind == MTH_EXTENT_LOCAL && !extent->name)
      return mth_fail(MTH_INVALID, at, "a local dim wants a name, found none");
    if (extent->kind == MTH_EXTENT_DIM)
      MTH_TRY(mth_check_dim(at, context_of(connection)->dims, extent->dim));
  }
  return MTH_OK;
}

mth_status mth_net_restrict_shapes(size_t count, mth_connection *const *connections,
                                   const mth_shape *shapes) {
  mth_context *context = context_of(connections[0]);
  char where[256];
  mth_var one, *vars = count == 1 ? &one : mth_allocate(context->allocator, count, sizeof *vars);
  if (!vars) return MTH_NO_MEMORY;
  mth_status status = MTH_OK;
  for (size_t i = 0; i < count && status == MTH_OK; i++) {
    vars[i] = var_of(connections[i]);
    status = mth_check_given(mth_connection_at(connections[i], where, sizeof where),
                             shapes[i].extents, shapes[i].rank, "extents of a shape");
    if (status == MTH_OK) status = check_extents(connections[i], &shapes[i]);
    if (status != MTH_OK) break;
    if (!mth_net_of(connections[i])->is_tensor)
      status = mth_fail(MTH_INVALID, mth_connection_at(connections[i], where, sizeof where),
                        "it is an argument and has no shape");
  }
  if (status == MTH_OK)
    status = mth_solver_state_shapes(context->solver, count, vars, shapes,
                                     mth_connection_at(connections[0], where, sizeof where));
  if (vars != &one) mth_release(context->allocator, vars);
  return status;
}

mth_status mth_net_set_value(const mth_connection *connection, const mth_arg *value) {
  mth_net *net = mth_net_of(connection);
  char where[256];
  MTH_TRY(mth_journal_save(&context_of(connection)->journal, &net->is_given, sizeof net->is_given));
  net->is_given = true;
  return mth_solver_state_value(context_of(connection)->solver, var_of(connection), value,
                                mth_connection_at(connection, where, sizeof where));
}

static mth_family family_of(mth_dtype dtype) {
  return dtype == MTH_F64 ? MTH_FAMILY_FLOAT : dtype == MTH_I64 ? MTH_FAMILY_INT : MTH_FAMILY_BOOL;
}

mth_status mth_net_set_constant(mth_connection *connection, const mth_constant *constant) {
  mth_net *net = mth_net_of(connection);
  mth_journal *journal = &context_of(connection)->journal;
  mth_extent *extents =
      mth_allocate(context_of(connection)->allocator, constant->rank, sizeof *extents);
  if (!extents) return MTH_NO_MEMORY;
  for (size_t i = 0; i < constant->rank; i++)
    extents[i] = MTH_N(constant->extents[i]);
  const mth_shape shape = {constant->rank, extents};
  mth_status status = mth_net_restrict_shapes(1, &connection, &shape);
  mth_release(context_of(connection)->allocator, extents);
  MTH_TRY(status);
  MTH_TRY(mth_net_restrict(connection, family_of(constant->dtype)));
  MTH_TRY(mth_journal_save(journal, &net->constant, sizeof net->constant));
  MTH_TRY(mth_journal_save(journal, &net->differentiable, sizeof net->differentiable));
  MTH_TRY(mth_journal_save(journal, &net->initializer, sizeof net->initializer));
  net->constant = constant;
  keep_value_alone(net);
  return MTH_OK;
}

// ---- asking -------------------------------------------------------------------------------------

const mth_arg *mth_connection_value(const mth_connection *connection) {
  if (mth_net_of(connection)->is_tensor) return NULL;
  return mth_solver_value(context_of(connection)->solver, var_of(connection));
}

bool mth_net_is_valued(const mth_connection *connection) {
  return mth_net_of(connection)->constant || mth_net_of(connection)->is_given;
}

mth_family mth_connection_families(const mth_connection *connection) {
  if (!mth_net_of(connection)->is_tensor) return MTH_FAMILY_NONE;
  return mth_solver_families(context_of(connection)->solver, var_of(connection));
}

int32_t mth_connection_rank(const mth_connection *connection) {
  if (!mth_net_of(connection)->is_tensor) return -1;
  return mth_solver_rank(context_of(connection)->solver, var_of(connection));
}

mth_status mth_net_dim(const mth_connection *connection, int32_t axis, const mth_dim **out_dim) {
  mth_solver *solver = context_of(connection)->solver;
  const mth_dim *dim = mth_solver_dim(solver, var_of(connection), axis);
  dim = dim ? mth_solver_simplify(solver, dim) : NULL;
  if (!dim) return MTH_NO_MEMORY;
  *out_dim = dim;
  return MTH_OK;
}

const mth_dim *mth_context_resolve(mth_context *context, const mth_dim *dim) {
  return mth_solver_simplify(context->solver, dim);
}

// ---- the shape as text --------------------------------------------------------------------------

enum { most_symbols = 32 };

// Unknown dims are numbered in the order in which a text mentions them.
typedef struct numbering {
  const mth_dim *symbols[most_symbols];
  size_t count;
} numbering;

static void add_unknown(mth_text *text, const mth_dim *symbol, numbering *numbers) {
  size_t at = 0;
  while (at < numbers->count && numbers->symbols[at] != symbol)
    at++;
  if (at == numbers->count && at < most_symbols) numbers->symbols[numbers->count++] = symbol;
  mth_text_add(text, "u%zu", at + 1);
}

// The symbol of this name in an expression; NULL: it has none.
static const mth_dim *find_symbol(const mth_dim *dim, const char *name, size_t length) {
  const mth_dim *found = NULL;
  if (mth_dim_is_symbol(dim))
    return strncmp(mth_dim_name(dim), name, length) == 0 && !mth_dim_name(dim)[length] ? dim : NULL;
  for (size_t i = 0; !found && i < mth_dim_operand_count(dim); i++)
    found = find_symbol(mth_dim_operand(dim, i), name, length);
  return found;
}

static void add_dim(mth_text *text, mth_dim_table *dims, const mth_dim *dim, numbering *numbers) {
  const char *at = mth_dim_text(dims, dim);
  if (!at) mth_text_add(text, "?");
  while (at && *at) {
    const size_t plain = strcspn(at, "?");
    mth_text_add(text, "%.*s", (int)plain, at);
    at += plain;
    const size_t length = *at ? 1 + strspn(at + 1, "0123456789") : 0;
    const mth_dim *symbol = length ? find_symbol(dim, at, length) : NULL;
    if (symbol) add_unknown(text, symbol, numbers);
    at += length;
  }
}

static void add_form(mth_text *text, mth_dim_table *dims, const mth_shape_facts *facts,
                     numbering *numbers) {
  mth_text_add(text, "[");
  const char *separator = "";
  for (size_t i = 0; i < facts->prefix_count; i++, separator = ", ") {
    mth_text_add(text, "%s", separator);
    add_dim(text, dims, facts->prefix[i], numbers);
  }
  if (facts->has_rest) {
    mth_text_add(text, "%s...", separator);
    separator = ", ";
  }
  for (size_t i = 0; i < facts->suffix_count; i++, separator = ", ") {
    mth_text_add(text, "%s", separator);
    add_dim(text, dims, facts->suffix[i], numbers);
  }
  mth_text_add(text, "]");
}

void mth_connection_shape_text(const mth_connection *connection, mth_text *text) {
  mth_solver *solver = context_of(connection)->solver;
  mth_shape_facts facts;
  numbering numbers = {.count = 0};
  if (!mth_net_of(connection)->is_tensor) {
    mth_text_add(text, "--");
    return;
  }
  if (mth_solver_shape(solver, var_of(connection), &facts) != MTH_OK) {
    text->status = MTH_NO_MEMORY;
    return;
  }
  const mth_shape_facts front = mth_shape_front_form(&facts);
  add_form(text, mth_solver_dims(solver), &front, &numbers);
  if (facts.front_count == facts.prefix_count) return;
  mth_text_add(text, " and ");
  add_form(text, mth_solver_dims(solver), &facts, &numbers);
}
