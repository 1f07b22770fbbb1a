// infer_results.c: the types of an op's results in a program, by the same rules as logical models.
//
// Everything about the operands is known there and nothing flows back, so every symbol they have
// is rigid; what the rule leaves open of a result is a fresh symbol.
#include "ir/registry.h"
#include "ir/registry_core.h"
#include "ir/solver_core.h"
#include "ir/solver_value.h"

#include <string.h>

typedef struct site {
  mth_solver *solver;
  const mth_op *op;
  size_t operand_count, arg_count;
  const mth_type *operands;
  const mth_arg *args;
} site;

static mth_status check_counts(const site *s, mth_location at) {
  size_t single = 0, several = 0, args = 0;
  if (s->op->category == MTH_CATEGORY_VALUE)
    return mth_fail(MTH_INVALID, at, "%s: an op of logical models, no program has it", s->op->name);
  for (size_t i = 0; i < s->op->input_count; ++i)
    *(s->op->inputs[i].kind == MTH_KEY_TENSOR    ? &single
      : s->op->inputs[i].kind == MTH_KEY_TENSORS ? &several
                                                 : &args) += 1;
  if (s->operand_count < single || (s->operand_count > single && !several))
    return mth_fail(MTH_INVALID, at, "%s: wanted %s%zu operands, found %zu", s->op->name,
                    several ? "at least " : "", single, s->operand_count);
  if (s->arg_count != args)
    return mth_fail(MTH_INVALID, at, "%s: wanted %zu arguments, found %zu", s->op->name, args,
                    s->arg_count);
  return MTH_OK;
}

static mth_status add_operand(const site *s, size_t index, mth_var var) {
  const mth_type *type = &s->operands[index];
  const mth_dtype_info *info = mth_dtype_get(type->dtype);
  if (!info || type->rank < 0)
    return mth_fail(MTH_INVALID, s->solver->at, "%s: the type of '%s' is not inferred yet",
                    s->op->name, mth_solver_name(s->solver, var));
  MTH_TRY(solver_narrow(s->solver, var.index, MTH_FAMILY_ANY, type->dtype));
  flat_shape shape = {.prefix_count = (size_t)type->rank, .rest = no_index};
  shape.prefix = MTH_NEW_ARRAY(&s->solver->scratch, const mth_dim *, shape.prefix_count);
  if (!shape.prefix) return MTH_NO_MEMORY;
  for (int32_t i = 0; i < type->rank; ++i)
    shape.prefix[i] = type->dims[i];
  uint32_t row;
  MTH_TRY(solver_row_of(s->solver, &shape, &row));
  return solver_unify_rows(s->solver, solver_var(s->solver, var.index)->row, row);
}

static mth_status add_arg(const site *s, size_t index, const char *name, mth_arg_kind kind,
                          mth_var *out_var) {
  MTH_TRY(mth_solver_add_arg(s->solver, kind, name, out_var));
  const mth_status status = solver_give_value(s->solver, out_var->index, &s->args[index]);
  if (status != MTH_INVALID) return status;
  return mth_fail(MTH_INVALID, s->solver->at, "%s: argument '%s' is of another kind than it takes",
                  s->op->name, name);
}

static mth_status state_site(const site *s, mth_var *vars, uint32_t *out_rule) {
  const size_t tensor_count = s->operand_count + s->op->output_count;
  for (size_t i = 0; i < tensor_count; ++i) {
    const char *name = solver_key_name(s->solver, s->op, s->operand_count, i);
    if (!name) return MTH_NO_MEMORY;
    MTH_TRY(mth_solver_add_tensor(s->solver, MTH_FAMILY_ANY, name, &vars[i]));
    if (i < s->operand_count) MTH_TRY(add_operand(s, i, vars[i]));
  }
  size_t number = 0;
  for (size_t i = 0; i < s->op->input_count; ++i) {
    const mth_op_key *key = &s->op->inputs[i];
    if (key->kind != MTH_KEY_ARG) continue;
    MTH_TRY(add_arg(s, number, key->name, key->arg_kind, &vars[tensor_count + number]));
    ++number;
  }
  return solver_add_op(s->solver, s->op, tensor_count, vars, s->arg_count, vars + tensor_count,
                       out_rule);
}

static mth_status read_result(const site *s, mth_var var, mth_type *out_type) {
  const var_record *record = solver_var(s->solver, var.index);
  flat_shape shape;
  MTH_TRY(solver_read_row(s->solver, record->row, &shape));
  if (shape.rest != no_index || record->dtype == MTH_DTYPE_NONE)
    return mth_fail(MTH_INVALID, s->solver->at,
                    "%s: the %s of '%s' does not follow from the operands", s->op->name,
                    shape.rest != no_index ? "rank" : "element type", record->name);
  const mth_dim **dims = mth_dim_table_own(s->solver->dims, shape.prefix_count, sizeof *dims);
  if (!dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < shape.prefix_count; ++i)
    dims[i] = shape.prefix[i];
  *out_type = (mth_type){record->dtype, (int32_t)shape.prefix_count, dims};
  return MTH_OK;
}

mth_status mth_infer_results(const mth_registry *registry, const mth_op *op, mth_dim_table *dims,
                             size_t operand_count, const mth_type *operands, size_t arg_count,
                             const mth_arg *args, mth_location at, mth_type *out_results) {
  site s = {NULL, op, operand_count, arg_count, operands, args};
  MTH_TRY(check_counts(&s, at));
  MTH_TRY(mth_solver_create(registry->allocator, dims, &s.solver));
  s.solver->is_program = true;
  s.solver->at = at;
  s.solver->dim_failure_count = mth_dim_table_failure_count(dims);
  uint32_t rule = no_index;
  mth_status status = MTH_NO_MEMORY;
  const size_t var_count = operand_count + op->output_count + arg_count;
  mth_var *vars = MTH_NEW_ARRAY(&s.solver->scratch, mth_var, var_count);
  mth_type *results = MTH_NEW_ARRAY(&s.solver->scratch, mth_type, op->output_count);
  if (!vars || !results) goto done;
  status = state_site(&s, vars, &rule);
  if (status == MTH_OK) status = solver_state_signature(s.solver, rule);
  if (status == MTH_OK) status = solver_run(s.solver);
  for (size_t i = 0; status == MTH_OK && i < op->output_count; ++i)
    status = read_result(&s, vars[operand_count + i], &results[i]);
  if (status == MTH_OK && solver_lacked_memory(s.solver)) status = MTH_NO_MEMORY;
  if (status == MTH_OK) memcpy(out_results, results, op->output_count * sizeof *results);
done:
  mth_solver_destroy(s.solver);
  return status;
}
