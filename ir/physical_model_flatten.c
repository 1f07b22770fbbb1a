// physical_model_flatten.c: the ops of a nest in a row, and one key for each net.
//
// While keys are made, a net carries the number of its key: `epoch` says that it is of this walk.
#include "ir/model_core.h"
#include "ir/model_order.h"
#include "ir/parts.h"
#include "ir/physical_core.h"

#include <string.h>

// The key of the net, made if there is none yet.
static mth_flat_key *key_of(mth_physical_model *p, size_t epoch, mth_connection *connection) {
  mth_net *net = mth_net_of(connection);
  if (net->epoch != epoch) {
    net->epoch = epoch;
    net->value_index = p->key_count++;
    while (connection->outer)
      connection = connection->outer;
    mth_flat_key *key = &p->keys[net->value_index];
    key->net = net;
    key->seen.connection = connection;
    key->seen.is_tensor = net->is_tensor;
  }
  return &p->keys[net->value_index];
}

// ---- operators ----------------------------------------------------------------------------------

static bool is_key_of(const mth_op *op, const mth_connection *c) {
  for (size_t i = 0; i < op->input_count; i++)
    if (strcmp(op->inputs[i].name, c->key) == 0) return true;
  return false;
}

// The inputs of an op in the order of its signature; a key of several is several.
static void add_sources(mth_physical_model *p, size_t epoch, mth_flat_op *op) {
  const mth_op *signature = op->model->op;
  for (size_t i = 0; i < signature->input_count; i++) {
    const mth_key_kind kind = signature->inputs[i].kind;
    const bool is_list = kind == MTH_KEY_TENSORS || kind == MTH_KEY_ARGS;
    for (size_t k = 0; k < op->model->connections.count; k++) {
      mth_connection *c = op->model->connections.items[k];
      const bool is_it =
          is_list ? !is_key_of(signature, c) : strcmp(signature->inputs[i].name, c->key) == 0;
      if (!c->is_produced && is_it) op->sources[op->source_count++] = key_of(p, epoch, c);
    }
  }
}

static void add_results(mth_physical_model *p, size_t epoch, mth_flat_op *op) {
  for (size_t k = 0; k < op->model->connections.count; k++) {
    mth_connection *c = op->model->connections.items[k];
    if (!c->is_produced) continue;
    mth_flat_key *key = key_of(p, epoch, c);
    key->maker = op;
    op->results[op->result_count++] = key;
  }
}

static mth_status flatten_ops(mth_physical_model *p, size_t epoch, mth_model *const *ops) {
  for (size_t i = 0; i < p->op_count; i++) {
    mth_flat_op *op = &p->ops[i];
    const size_t count = ops[i]->connections.count;
    op->model = ops[i];
    op->sources = MTH_NEW_ARRAY(p->arena, mth_flat_key *, count);
    op->results = MTH_NEW_ARRAY(p->arena, mth_flat_key *, count);
    if (!op->sources || !op->results) return MTH_NO_MEMORY;
    add_sources(p, epoch, op);
    add_results(p, epoch, op);
  }
  return MTH_OK;
}

// ---- inputs, outputs, states
// -------------------------------------------------------------------------

static void add_external(mth_physical_model *p, mth_flat_key *key) {
  if (key->is_external) return;
  key->is_external = true;
  p->externals[p->external_count++] = key;
}

// Canonical outputs that are lists must have parts, unless others are exposed.
static mth_status check_lists(const mth_physical_model *p) {
  for (size_t i = 0; i < p->model->connections.count; i++)
    if (((mth_connection *)p->model->connections.items[i])->is_exposed) return MTH_OK;
  for (size_t i = 0; i < p->model->canonical_outputs.count; i++) {
    const mth_connection *c = p->model->canonical_outputs.items[i];
    size_t length;
    char where[256];
    if (mth_connection_is_list(c) && !mth_connection_length(c, &length))
      return mth_fail(MTH_INVALID, mth_connection_at(c, where, sizeof where),
                      "the length of the list is not known, so its parts can not be outputs");
  }
  return MTH_OK;
}

// The outputs of a list are its parts.
static void add_output(mth_physical_model *p, size_t epoch, mth_connection *connection) {
  for (size_t i = 0; i < connection->parts.count; i++)
    if (connection->parts.items[i]) add_output(p, epoch, connection->parts.items[i]);
  if (mth_net_of(connection)->is_list) return;
  mth_flat_key *key = key_of(p, epoch, connection);
  key->seen.is_output = true;
  add_external(p, key);
}

// If an output was exposed, the outputs are those that were; else the canonical ones.
static void find_externals(mth_physical_model *p, size_t epoch) {
  const mth_list *connections = &p->model->connections;
  bool is_any_exposed = false;
  for (size_t i = 0; i < connections->count; i++) {
    mth_connection *c = connections->items[i];
    mth_flat_key *key = key_of(p, epoch, c);
    key->seen.connection = c;
    key->own_name = c->name;
    is_any_exposed |= c->is_exposed;
    if (c->class_ != MTH_KEY_INPUT) continue;
    key->seen.is_input = true;
    add_external(p, key);
  }
  const mth_list *outputs = is_any_exposed ? connections : &p->model->canonical_outputs;
  for (size_t i = 0; i < outputs->count; i++) {
    mth_connection *c = outputs->items[i];
    if (is_any_exposed && !c->is_exposed) continue;
    if (!c->whole || is_any_exposed || !mth_list_has(outputs, c->whole)) add_output(p, epoch, c);
  }
}

static mth_status find_states(mth_physical_model *p, size_t epoch) {
  const mth_list *connections = &p->model->connections;
  p->states = MTH_NEW_ARRAY(p->arena, mth_physical_state, connections->count);
  if (!p->states) return MTH_NO_MEMORY;
  for (size_t i = 0; i < connections->count; i++) {
    mth_connection *c = connections->items[i];
    if (!c->partner || c->is_produced) continue;
    mth_flat_key *input = key_of(p, epoch, c), *output = key_of(p, epoch, c->partner);
    input->is_state = true;
    output->is_new_state = true;
    add_external(p, input);
    add_external(p, output);
    p->states[p->state_count++] = (mth_physical_state){&input->seen, &output->seen};
  }
  return MTH_OK;
}

static bool has_output(const mth_physical_model *p) {
  for (size_t i = 0; i < p->external_count; i++)
    if (p->externals[i]->seen.is_output) return true;
  return false;
}

mth_status mth_physical_flatten(mth_physical_model *p) {
  mth_model **ops = NULL;
  MTH_TRY(mth_model_order_ops(p->model, p->arena, &ops, &p->op_count));
  size_t most = p->model->connections.count;
  for (size_t i = 0; i < p->op_count; i++)
    most += ops[i]->connections.count;
  p->keys = MTH_NEW_ARRAY(p->arena, mth_flat_key, most);
  p->ops = MTH_NEW_ARRAY(p->arena, mth_flat_op, p->op_count);
  p->externals = MTH_NEW_ARRAY(p->arena, mth_flat_key *, most);
  p->by_net = MTH_NEW_ARRAY(p->arena, mth_flat_key *, most);
  if (!p->keys || !p->ops || !p->externals || !p->by_net) return MTH_NO_MEMORY;
  const size_t epoch = ++p->model->context->epoch;
  MTH_TRY(flatten_ops(p, epoch, ops));
  MTH_TRY(check_lists(p));
  find_externals(p, epoch);
  MTH_TRY(find_states(p, epoch));
  for (size_t i = 0; i < p->key_count; i++)
    p->by_net[i] = &p->keys[i];
  mth_flat_sort_by_net(p->by_net, p->key_count);
  if (has_output(p)) return MTH_OK;
  return mth_fail(MTH_INVALID, p->at, "Models with no output keys can not be compiled.");
}
