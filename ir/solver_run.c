// solver_run.c: running rules until nothing changes, and facts of single variables.
#include "ir/solver_core.h"
#include "ir/solver_value.h"

#include <assert.h>
#include <string.h>

// ---- running ------------------------------------------------------------------------------------

static mth_status run_equal_rows(mth_solver *solver, uint32_t index) {
  const mth_solver_mark before = solver_mark_here(solver);
  const mth_status status = solver_run_equation(solver, index);
  if (status != MTH_INVALID) return status;
  solver_undo_to(solver, &before);
  return solver_report_rows(solver, solver_rule(solver, index));
}

static mth_status run_one(mth_solver *solver, uint32_t index) {
  const rule_record rule = *solver_rule(solver, index);
  mth_status status = MTH_OK;
  solver->is_running = true;
  solver->run_count += 1;
  switch (rule.kind) {
  case RULE_OP:
    if (rule.op->infer) status = rule.op->infer(&(mth_rule){solver, index});
    break;
  case RULE_EQUAL_DIMS:
    status = solver_unify_dims(solver, rule.left, rule.right);
    if (status == MTH_INVALID) status = solver_report_dims(solver, rule.left, rule.right);
    break;
  case RULE_EQUAL_ROWS:
    status = run_equal_rows(solver, index);
    break;
  case RULE_RETIRED:
    break;
  }
  solver->is_running = false;
  if (solver->unread != MTH_OK) status = solver->unread; // what the rule said next means nothing
  solver->unread = MTH_OK;
  return status;
}

mth_status solver_run(mth_solver *solver) {
  mth_status status = MTH_OK;
  while (status == MTH_OK && solver->queue_next < solver->queue.count) {
    const uint32_t index = ((uint32_t *)solver->queue.items)[solver->queue_next++];
    solver->is_queued[index] = 0;
    status = run_one(solver, index);
  }
  for (; solver->queue_next < solver->queue.count; ++solver->queue_next)
    solver->is_queued[((uint32_t *)solver->queue.items)[solver->queue_next]] = 0;
  solver->queue.count = solver->queue_next = 0;
  return status;
}

// ---- facts of one variable ----------------------------------------------------------------------

static uint32_t root_of(const mth_solver *solver, uint32_t var) {
  return (uint32_t)(solver_var(solver, var) - (var_record *)solver->vars.items);
}

mth_status solver_narrow(mth_solver *solver, uint32_t var, mth_family families, mth_dtype dtype) {
  var = root_of(solver, var);
  const var_record *now = solver_var(solver, var);
  if (dtype == MTH_DTYPE_NONE) dtype = now->dtype;
  if (now->dtype != MTH_DTYPE_NONE && now->dtype != dtype) return MTH_INVALID;
  unsigned left = (unsigned)now->families & (unsigned)families;
  if (dtype != MTH_DTYPE_NONE) left &= (unsigned)mth_dtype_get(dtype)->family;
  if (!left) return MTH_INVALID;
  if (left == (unsigned)now->families && dtype == now->dtype) return MTH_OK;
  MTH_TRY(solver_save(solver, RECORD_VAR, var));
  var_record *record = solver_var(solver, var);
  record->families = (mth_family)left;
  record->dtype = dtype;
  return solver_enqueue_all(solver, record->rules);
}

// ---- ops ----------------------------------------------------------------------------------------

static mth_status watch_all(mth_solver *solver, uint32_t index, const uint32_t *var) {
  MTH_TRY(solver_watch_var(solver, *var, index));
  const var_record record = *solver_var(solver, *var);
  if (record.is_tensor) return solver_watch_row(solver, record.row, index);
  return record.value ? solver_watch_value(solver, record.value, index) : MTH_OK;
}

mth_status solver_add_op(mth_solver *solver, const mth_op *op, size_t tensor_count,
                         const mth_var *tensors, size_t arg_count, const mth_var *args,
                         uint32_t *out_rule) {
  uint32_t *vars = solver_grow(solver, &solver->rule_vars, tensor_count + arg_count, sizeof *vars);
  if (!vars) return MTH_NO_MEMORY;
  for (size_t i = 0; i < tensor_count; ++i)
    vars[i] = tensors[i].index;
  for (size_t i = 0; i < arg_count; ++i)
    vars[tensor_count + i] = args[i].index;
  size_t result_count = 0;
  for (size_t i = 0; i < op->output_count; ++i)
    result_count += op->outputs[i].kind == MTH_KEY_TENSOR;
  const rule_record rule = {.kind = RULE_OP,
                            .op = op,
                            .operand_count = (uint32_t)(tensor_count - result_count),
                            .first_var = solver->rule_vars.count - tensor_count - arg_count,
                            .tensor_count = (uint32_t)tensor_count,
                            .arg_count = (uint32_t)arg_count,
                            .is_decided = solver->is_program};
  MTH_TRY(solver_new_rule(solver, &rule, out_rule));
  for (size_t i = 0; i < tensor_count + arg_count; ++i)
    MTH_TRY(watch_all(solver, *out_rule, (uint32_t *)solver->rule_vars.items + rule.first_var + i));
  return solver_enqueue(solver, *out_rule);
}
