// mlir_writer_needs.c: which ops and inputs of a model its results need.
#include "frontend/mlir_writer_needs.h"

#include "frontend/mlir_writer_value.h"
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

void mth_mlir_mark_needed(size_t epoch, mth_connection *const *results, size_t result_count) {
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
}
