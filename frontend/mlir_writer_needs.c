// mlir_writer_needs.c: which ops and inputs of a model its results need.
#include "frontend/mlir_writer_needs.h"

#include "frontend/mlir_writer_value.h"
#include "ir/measured.h"
#include "ir/model_core.h"

static void mark_needed(size_t epoch, mth_net *net, mth_model **stack) {
  mth_model *maker = net->maker;
  net->needed_epoch = epoch;
  if (!maker || maker->epoch == epoch) return;
  maker->epoch = epoch;
  maker->next_walked = *stack;
  *stack = maker;
}

// What a value is made of: a number needs nothing; a symbol of the program must come from
// somewhere, so the tensors whose shapes it was read from are needed.
static void mark_value_needed(size_t epoch, mth_connection *connection, mth_model **stack) {
  const mth_arg *value = mth_connection_value(connection);
  if (!value || !mth_mlir_is_number(value)) mark_needed(epoch, mth_net_of(connection), stack);
}

static void mark_op_needs(size_t epoch, const mth_model *op, mth_model **stack) {
  for (size_t i = 0; i < op->operand_count; i++)
    mark_needed(epoch, mth_net_of(op->op_keys[i]), stack);
  for (size_t i = 0; i < op->connections.count; i++) {
    mth_connection *key = op->connections.items[i];
    if (mth_net_of(key)->is_list) continue; // its parts are operands
    if (!key->is_produced && !mth_net_of(key)->is_tensor) mark_value_needed(epoch, key, stack);
  }
}

static void measure_needed(mth_measuring *m, const mth_model *model, size_t epoch) {
  if (model->epoch != epoch) return;
  if (model->op) mth_measure(m, model);
  for (size_t i = 0; i < model->children.count; i++)
    measure_needed(m, model->children.items[i], epoch);
}

// An input that no op needs: none decides its element type.
static mth_status add_input(const mth_connection *input, size_t epoch) {
  mth_net *net = mth_net_of(input);
  char where[256];
  if (net->needed_epoch == epoch) return MTH_OK;
  net->needed_epoch = epoch;
  if (!(mth_connection_families(input) & MTH_FAMILY_FLOAT)) return MTH_OK;
  return mth_solver_state_families(input->model->context->solver, net->var, MTH_FAMILY_FLOAT,
                                   mth_connection_at(input, where, sizeof where));
}

// Inputs that nothing reads but that tell a dim of an argument.
static mth_status mark_measured(const mth_model *model, mth_arena *arena, size_t epoch) {
  const size_t count = model->connections.count;
  mth_connection **inputs = MTH_NEW_ARRAY(arena, mth_connection *, count);
  mth_measuring m = {.inputs = inputs, .is_used = MTH_NEW_ARRAY(arena, bool, count)};
  if (!inputs || !m.is_used) return MTH_NO_MEMORY;
  bool has_idle = false;
  for (size_t i = 0; i < count; i++) {
    mth_connection *c = model->connections.items[i];
    const mth_net *net = mth_net_of(c);
    if (c->is_produced || !net->is_tensor || net->constant) continue;
    m.is_used[m.input_count] = net->needed_epoch == epoch;
    has_idle |= !m.is_used[m.input_count];
    inputs[m.input_count++] = c;
  }
  if (has_idle) measure_needed(&m, model, epoch);
  for (size_t i = 0; i < m.input_count; i++)
    if (m.is_used[i]) MTH_TRY(add_input(inputs[i], epoch));
  return MTH_OK;
}

mth_status mth_mlir_mark_needed(const mth_mlir_writer *writer, const mth_model *model, size_t epoch,
                                mth_connection *const *results, size_t result_count) {
  mth_model *stack = NULL;
  for (size_t i = 0; i < result_count; i++)
    if (mth_net_of(results[i])->is_tensor)
      mark_needed(epoch, mth_net_of(results[i]), &stack);
    else
      mark_value_needed(epoch, results[i], &stack);
  while (stack) {
    mth_model *op = stack;
    stack = op->next_walked;
    for (mth_model *around = op->parent; around && around->epoch != epoch; around = around->parent)
      around->epoch = epoch;
    mark_op_needs(epoch, op, &stack);
  }
  for (size_t i = 0; i < writer->kept_count; i++)
    MTH_TRY(add_input(writer->kept[i], epoch));
  return mark_measured(model, writer->arena, epoch);
}
