// state_keys.c: inputs bound to outputs.
//
// `partner` of the two connections leads to the other one, in every model around them. The solver
// knows that both are one type: as if a Buffer led from one to the other.
#include "ir/state_keys.h"

#include "ir/graph.h"
#include "ir/model_core.h"

static mth_status check_input(const mth_connection *c) {
  char where[256];
  const mth_location at = mth_connection_at(c, where, sizeof where);
  if (!mth_net_of(c)->is_tensor)
    return mth_fail(MTH_INVALID, at, "a state is a tensor, not an argument");
  if (c->partner && !c->is_produced)
    return mth_fail(MTH_INVALID, at, "it holds the state of '%s' already", c->partner->key);
  if (c->class_ != MTH_KEY_INPUT)
    return mth_fail(MTH_INVALID, at, "a state is held by an input; this is none");
  if (mth_net_is_valued(c))
    return mth_fail(MTH_INVALID, at, "it has a value and can not hold a state");
  return MTH_OK;
}

static mth_status check_output(const mth_connection *c) {
  char where[256];
  const mth_location at = mth_connection_at(c, where, sizeof where);
  if (!mth_net_of(c)->is_tensor)
    return mth_fail(MTH_INVALID, at, "a state is a tensor, not an argument");
  if (!c->is_produced)
    return mth_fail(MTH_INVALID, at, "a state is made by an output; nothing makes this");
  if (c->partner)
    return mth_fail(MTH_INVALID, at, "it makes the state of '%s' already", c->partner->key);
  return MTH_OK;
}

static mth_status set_partners(mth_connection *input, mth_connection *output) {
  mth_journal *journal = &input->model->context->journal;
  MTH_TRY(mth_journal_save(journal, &input->partner, sizeof input->partner));
  MTH_TRY(mth_journal_save(journal, &output->partner, sizeof output->partner));
  input->partner = output;
  output->partner = input;
  return MTH_OK;
}

mth_status mth_state_link(const mth_connection *input) {
  const mth_context *context = input->model->context;
  const mth_op *same = mth_registry_find(context->registry, "buffer");
  const mth_var vars[] = {mth_net_of(input)->var, mth_net_of(input->partner)->var};
  char where[256];
  mth_rule_id rule;
  return mth_solver_apply(context->solver, same, 2, vars, 0, NULL,
                          mth_connection_at(input, where, sizeof where), &rule);
}

mth_status mth_state_lift(mth_model *parent, const mth_model *child) {
  for (size_t i = 0; i < child->connections.count; i++) {
    mth_connection *c = child->connections.items[i], *input = NULL, *output = NULL;
    if (!c->partner || c->is_produced) continue;
    MTH_TRY(mth_lift(parent, c, &input));
    MTH_TRY(mth_lift(parent, c->partner, &output));
    MTH_TRY(set_partners(input, output));
  }
  return MTH_OK;
}

static mth_status bind(mth_model *model, mth_connection *input, mth_connection *output,
                       const mth_initializer *start) {
  mth_journal *journal = &model->context->journal;
  MTH_TRY(mth_lift(model, input, &input));
  MTH_TRY(mth_lift(model, output, &output));
  MTH_TRY(check_input(input));
  MTH_TRY(check_output(output));
  MTH_TRY(set_partners(input, output));
  MTH_TRY(mth_journal_save(journal, &input->class_, sizeof input->class_));
  input->class_ = MTH_KEY_LATENT_INPUT;
  MTH_TRY(mth_list_remove(&model->canonical_inputs, journal, input));
  MTH_TRY(mth_list_remove(&model->canonical_outputs, journal, output));
  MTH_TRY(mth_connection_set_differentiable(input, false));
  if (start) MTH_TRY(mth_connection_set_initializer(input, *start));
  return mth_state_link(input);
}

mth_status mth_model_bind_state(mth_model *model, mth_connection *input, mth_connection *output,
                                const mth_initializer *start) {
  MTH_TRY(mth_model_check_open(model));
  const mth_change change = mth_change_begin(model->context);
  return mth_change_end(change, bind(model, input, output, start));
}

bool mth_model_state(const mth_model *model, size_t index, mth_state *out_state) {
  for (size_t i = 0; i < model->connections.count; i++) {
    mth_connection *c = model->connections.items[i];
    if (!c->partner || c->is_produced || index-- > 0) continue;
    *out_state = (mth_state){c, c->partner};
    return true;
  }
  return false;
}

size_t mth_model_state_count(const mth_model *model) {
  size_t count = 0;
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *c = model->connections.items[i];
    count += c->partner && !c->is_produced;
  }
  return count;
}
