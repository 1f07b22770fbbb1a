// program_dtypes.c: asking a rule for element types.
#include "ir/program_dtypes.h"

#include "ir/registry_core.h"
#include "ir/solver_core.h"

#include <string.h>

typedef struct question {
  mth_solver *solver;
  const mth_dtype_site *site;
  mth_var *tensors; // operands, then results
} question;

static const mth_location nowhere; // contradictions are answers here, not reports

static mth_dtype dtype_of(const question *q, size_t tensor) {
  return solver_var(q->solver, q->tensors[tensor].index)->dtype;
}

// A contradiction leaves it as it was.
static mth_status try_dtype(const question *q, size_t tensor, mth_dtype dtype) {
  const mth_status status = mth_solver_state_dtype(q->solver, q->tensors[tensor], dtype, nowhere);
  return status == MTH_NO_MEMORY ? status : MTH_OK;
}

// Shapes are left open, and so is what they are computed from: element types do not depend on them.
static bool is_told(const mth_arg *arg) {
  return arg && arg->kind != MTH_ARG_DIM && arg->kind != MTH_ARG_DIMS && arg->kind != MTH_ARG_INTS;
}

static mth_status apply(question *q) {
  const mth_op *op = q->site->op;
  const size_t tensor_count = q->site->operand_count + op->output_count;
  mth_var *args = MTH_NEW_ARRAY(&q->solver->values, mth_var, op->input_count);
  q->tensors = MTH_NEW_ARRAY(&q->solver->values, mth_var, tensor_count);
  if (!args || !q->tensors) return MTH_NO_MEMORY;
  for (size_t i = 0; i < tensor_count; ++i)
    MTH_TRY(mth_solver_add_tensor(q->solver, MTH_FAMILY_ANY, op->name, &q->tensors[i]));
  size_t count = 0;
  for (size_t i = 0; i < op->input_count; ++i) {
    const mth_op_key *key = &op->inputs[i];
    if (key->kind != MTH_KEY_ARG) continue;
    const mth_arg *given = q->site->args[count];
    MTH_TRY(mth_solver_add_arg(q->solver, key->arg_kind, key->name, &args[count]));
    if (is_told(given)) MTH_TRY(mth_solver_state_value(q->solver, args[count], given, nowhere));
    ++count;
  }
  mth_rule_id rule;
  return mth_solver_apply(q->solver, op, tensor_count, q->tensors, count, args, nowhere, &rule);
}

static mth_dtype wider(mth_dtype a, mth_dtype b) {
  const mth_dtype_info *x = mth_dtype_get(a), *y = mth_dtype_get(b);
  if (x->family != y->family) return x->family > y->family ? a : b;
  return x->bits >= y->bits ? a : b;
}

// The widest of the operands that must agree with this one.
static mth_status find_widest(const question *q, size_t operand, mth_dtype *out_dtype) {
  const size_t count = q->site->operand_count;
  bool *is_open = MTH_NEW_ARRAY(&q->solver->values, bool, count);
  if (!is_open) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; ++i)
    is_open[i] = dtype_of(q, i) == MTH_DTYPE_NONE;
  *out_dtype = q->site->operands[operand];
  const mth_solver_mark mark = mth_solver_begin(q->solver);
  const mth_status status = try_dtype(q, operand, *out_dtype);
  for (size_t i = 0; i < count; ++i)
    if (is_open[i] && dtype_of(q, i) != MTH_DTYPE_NONE)
      *out_dtype = wider(*out_dtype, q->site->operands[i]);
  mth_solver_rollback(q->solver, mark);
  return status;
}

static mth_status answer(const question *q, mth_dtype *out_operands, mth_dtype *out_results) {
  const size_t operand_count = q->site->operand_count;
  for (size_t i = 0; i < q->site->op->output_count; ++i) {
    const size_t result = operand_count + i;
    if (dtype_of(q, result) == MTH_DTYPE_NONE) MTH_TRY(try_dtype(q, result, q->site->results[i]));
    if (dtype_of(q, result) != MTH_DTYPE_NONE) out_results[i] = dtype_of(q, result);
  }
  for (size_t i = 0; i < operand_count; ++i) {
    mth_dtype widest;
    if (dtype_of(q, i) == MTH_DTYPE_NONE) {
      MTH_TRY(find_widest(q, i, &widest));
      MTH_TRY(try_dtype(q, i, widest));
    }
    if (dtype_of(q, i) != MTH_DTYPE_NONE) out_operands[i] = dtype_of(q, i);
  }
  return MTH_OK;
}

mth_status mth_program_dtypes(const mth_registry *registry, mth_dim_table *dims,
                              const mth_dtype_site *site, mth_dtype *out_operands,
                              mth_dtype *out_results) {
  question q = {.site = site};
  memcpy(out_operands, site->operands, site->operand_count * sizeof *out_operands);
  memcpy(out_results, site->results, site->op->output_count * sizeof *out_results);
  MTH_TRY(mth_solver_create(registry->allocator, dims, &q.solver));
  q.solver->is_program = true;
  mth_status status = apply(&q);
  if (status == MTH_OK) status = answer(&q, out_operands, out_results);
  mth_solver_destroy(q.solver);
  return status == MTH_NO_MEMORY ? status : MTH_OK;
}
