// connection_facts.c: what is stated of connections: shapes, element types, training, values.
#include "ir/given.h"
#include "ir/graph.h"
#include "ir/model_core.h"

#include <string.h>

static mth_status state_differentiable(mth_connection *connection, bool differentiable) {
  mth_net *net = mth_net_of(connection);
  mth_journal *journal = &connection->model->context->journal;
  char where[256];
  const mth_location at = mth_connection_at(connection, where, sizeof where);
  if (differentiable && !net->is_tensor)
    return mth_fail(MTH_INVALID, at, "it is an argument and can not be differentiable");
  if (differentiable && mth_connection_holds_state(connection))
    return mth_fail(MTH_INVALID, at, "it holds a state and can not be differentiable");
  if (differentiable && net->constant)
    return mth_fail(MTH_INVALID, at, "it has a value and can not be differentiable");
  if (differentiable) MTH_TRY(mth_net_restrict(connection, MTH_FAMILY_FLOAT));
  MTH_TRY(mth_journal_save(journal, &net->differentiable, sizeof net->differentiable));
  net->differentiable = differentiable ? MTH_YES : MTH_NO;
  return MTH_OK;
}

static mth_status state_initializer(mth_connection *connection, const mth_initializer *start) {
  mth_net *net = mth_net_of(connection);
  mth_journal *journal = &connection->model->context->journal;
  char where[256];
  if (start->kind == MTH_INIT_NONE) return MTH_OK;
  if (!net->is_tensor)
    return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                    "it is an argument and takes no initializer");
  if (net->constant)
    return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                    "it has a value and takes no initializer");
  if (start->kind < MTH_INIT_NONE || start->kind > MTH_INIT_NORMAL)
    return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                    "there is no initializer of kind %d", (int)start->kind);
  if (start->fan)
    MTH_TRY(mth_check_dim(mth_connection_at(connection, where, sizeof where),
                          connection->model->context->dims, start->fan));
  mth_initializer *stored = mth_model_own(connection->model, 1, sizeof *stored);
  if (!stored) return MTH_NO_MEMORY;
  *stored = *start;
  MTH_TRY(mth_journal_save(journal, &net->initializer, sizeof net->initializer));
  net->initializer = stored;
  return MTH_OK;
}

// What a description says by itself must agree.
static mth_status check_facts(const mth_connection *connection, const mth_facts *facts) {
  char where[256];
  const mth_location at = mth_connection_at(connection, where, sizeof where);
  const bool is_valued = facts->value || facts->constant;
  if (facts->value && facts->constant)
    return mth_fail(MTH_INVALID, at, "it is given a value and a constant: one was wanted");
  if (is_valued && facts->differentiable)
    return mth_fail(MTH_INVALID, at, "it has a value and can not be differentiable");
  if (is_valued && facts->initializer)
    return mth_fail(MTH_INVALID, at, "it has a value and takes no initializer");
  if (facts->value && facts->shape && facts->shape->rank > 0)
    return mth_fail(MTH_INVALID, at, "its value is a number, a shape of %zu dims was given",
                    facts->shape->rank);
  if (facts->differentiable && facts->frozen)
    return mth_fail(MTH_INVALID, at, "it can not be both differentiable and frozen");
  if (facts->differentiable && facts->families && !(facts->families & MTH_FAMILY_FLOAT))
    return mth_fail(MTH_INVALID, at,
                    "a differentiable key wants floats, it is given a type "
                    "without them");
  return MTH_OK;
}

mth_status mth_connection_state(mth_connection *connection, const mth_facts *facts) {
  MTH_TRY(check_facts(connection, facts));
  if (facts->families) MTH_TRY(mth_net_restrict(connection, facts->families));
  if (facts->shape) MTH_TRY(mth_net_restrict_shapes(1, &connection, facts->shape));
  if (facts->value) MTH_TRY(mth_connection_give(connection, facts->value));
  if (facts->constant) MTH_TRY(mth_connection_give_constant(connection, facts->constant));
  if (facts->differentiable) MTH_TRY(state_differentiable(connection, true));
  if (facts->frozen) MTH_TRY(state_differentiable(connection, false));
  if (facts->initializer) MTH_TRY(state_initializer(connection, facts->initializer));
  if (!facts->expose || connection->class_ == MTH_KEY_INPUT) return MTH_OK;
  return mth_model_expose_inside(connection->model, connection, NULL);
}

mth_status mth_connections_set_shapes(size_t count, mth_connection *const *connections,
                                      const mth_shape *shapes) {
  if (count && (!connections || !shapes)) return MTH_INVALID; // there is nobody to report to
  for (size_t i = 0; i < count; i++)
    if (!connections[i] || connections[i]->model->context != connections[0]->model->context)
      return MTH_INVALID; // there is nobody to report to
  if (count == 0) return MTH_OK;
  const mth_change change = mth_change_begin(connections[0]->model->context);
  return mth_change_end(change, mth_net_restrict_shapes(count, connections, shapes));
}

mth_status mth_connection_set_shape(mth_connection *connection, mth_shape shape) {
  return mth_connections_set_shapes(1, &connection, &shape);
}

mth_status mth_connection_set_families(mth_connection *connection, mth_family families) {
  if (!connection) return MTH_INVALID;
  const mth_change change = mth_change_begin(connection->model->context);
  return mth_change_end(change, mth_net_restrict(connection, families));
}

mth_status mth_connection_set_value(mth_connection *connection, const mth_arg *value) {
  if (!connection || !value) return MTH_INVALID;
  const mth_change change = mth_change_begin(connection->model->context);
  return mth_change_end(change, mth_connection_give(mth_connection_now(connection), value));
}

mth_status mth_connection_set_constant(mth_connection *connection, const mth_constant *constant) {
  if (!connection) return MTH_INVALID;
  const mth_change change = mth_change_begin(connection->model->context);
  return mth_change_end(change,
                        mth_connection_give_constant(mth_connection_now(connection), constant));
}

mth_status mth_connection_set_differentiable(mth_connection *connection, bool differentiable) {
  if (!connection) return MTH_INVALID;
  const mth_change change = mth_change_begin(connection->model->context);
  return mth_change_end(change,
                        state_differentiable(mth_connection_now(connection), differentiable));
}

mth_status mth_connection_set_initializer(mth_connection *connection, mth_initializer initializer) {
  if (!connection) return MTH_INVALID;
  const mth_change change = mth_change_begin(connection->model->context);
  return mth_change_end(change, state_initializer(mth_connection_now(connection), &initializer));
}
