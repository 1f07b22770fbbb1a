// solver.c: the calls of the solver.
#include "ir/solver.h"
#include "ir/solver_core.h"
#include "ir/solver_value.h"

#include <assert.h>
#include <string.h>

mth_status mth_solver_create(const mth_allocator *allocator, mth_dim_table *dims,
                             mth_solver **out_solver) {
  mth_solver *solver = mth_allocate(allocator, 1, sizeof *solver);
  if (!solver) return MTH_NO_MEMORY;
  solver->allocator = allocator;
  solver->dims = dims;
  solver->running_equation = no_index;
  solver->values = MTH_ARENA_INIT(allocator);
  solver->scratch = MTH_ARENA_INIT(allocator);
  *out_solver = solver;
  return MTH_OK;
}

void mth_solver_destroy(mth_solver *solver) {
  if (!solver) return;
  const store *const stores[] = {
      &solver->vars, &solver->rows,     &solver->symbols,   &solver->rules, &solver->watches,
      &solver->log,  &solver->row_dims, &solver->rule_vars, &solver->queue, &solver->expressions};
  for (size_t i = 0; i < sizeof stores / sizeof *stores; ++i)
    mth_release(solver->allocator, stores[i]->items);
  mth_release(solver->allocator, solver->symbol_slots);
  mth_release(solver->allocator, solver->expression_slots);
  mth_release(solver->allocator, solver->is_queued);
  mth_arena_reset(&solver->values);
  mth_arena_reset(&solver->scratch);
  mth_release(solver->allocator, solver);
}

mth_dim_table *mth_solver_dims(const mth_solver *solver) { return solver->dims; }

// ---- undo ---------------------------------------------------------------------------------------

mth_solver_mark mth_solver_begin(mth_solver *solver) {
  const mth_solver_mark mark = solver_mark_here(solver);
  solver->depth += 1;
  return mark;
}

void mth_solver_rollback(mth_solver *solver, mth_solver_mark mark) {
  assert(solver->depth == mark.depth + 1 && "marks end in reverse order");
  solver_undo_to(solver, &mark);
  solver->depth = mark.depth;
}

void mth_solver_commit(mth_solver *solver, mth_solver_mark mark) {
  assert(solver->depth == mark.depth + 1 && "marks end in reverse order");
  solver->depth = mark.depth;
  if (solver->depth == 0) solver->log.count = 0;
}

mth_solver_mark solver_open_call(mth_solver *solver, mth_location at) {
  solver->at = at;
  solver->dim_failure_count = mth_dim_table_failure_count(solver->dims);
  solver->lacked_memory = false;
  solver->divided_by_zero = false;
  return mth_solver_begin(solver);
}

mth_status solver_close_call(mth_solver *solver, mth_solver_mark mark, mth_status status) {
  if (status == MTH_OK) {
    status = solver_run(solver);
  } else { // what is queued belongs to what failed
    for (size_t i = 0; i < solver->queue.count; ++i)
      solver->is_queued[((uint32_t *)solver->queue.items)[i]] = 0;
    solver->queue.count = 0;
  }
  if (status == MTH_OK && solver_lacked_memory(solver)) status = MTH_NO_MEMORY;
  if (status == MTH_UNSUPPORTED && solver->divided_by_zero) status = MTH_INVALID;
  if (status == MTH_OK)
    mth_solver_commit(solver, mark);
  else
    mth_solver_rollback(solver, mark);
  mth_arena_rewind(&solver->scratch);
  solver->at = (mth_location){0};
  return status;
}

// ---- variables ----------------------------------------------------------------------------------

static mth_status add_var(mth_solver *solver, const var_record *var, mth_var *out_var) {
  var_record *made = solver_grow(solver, &solver->vars, 1, sizeof *made);
  if (!made) return MTH_NO_MEMORY;
  *made = *var;
  made->same_as = (uint32_t)(solver->vars.count - 1);
  made->rules.head = no_index;
  out_var->index = made->same_as;
  return MTH_OK;
}

mth_status mth_solver_add_tensor(mth_solver *solver, mth_family families, const char *name,
                                 mth_var *out_var) {
  uint32_t row;
  MTH_TRY(solver_new_row(solver, &row));
  return add_var(solver,
                 &(var_record){.name = name, .is_tensor = true, .families = families, .row = row},
                 out_var);
}

mth_status mth_solver_add_arg(mth_solver *solver, mth_arg_kind kind, const char *name,
                              mth_var *out_var) {
  return add_var(solver, &(var_record){.name = name, .row = no_index, .arg_kind = kind}, out_var);
}

static uint32_t root_of(const mth_solver *solver, mth_var var) {
  return (uint32_t)(solver_var(solver, var.index) - (var_record *)solver->vars.items);
}

mth_status mth_solver_set_name(mth_solver *solver, mth_var var, const char *name) {
  const uint32_t root = root_of(solver, var);
  MTH_TRY(solver_save(solver, RECORD_VAR, root));
  solver_var(solver, root)->name = name;
  return MTH_OK;
}

// ---- becoming one -------------------------------------------------------------------------------

static mth_status join_tensors(mth_solver *solver, uint32_t a, uint32_t b) {
  const var_record x = *solver_var(solver, a), y = *solver_var(solver, b);
  if (solver_narrow(solver, a, y.families, y.dtype) == MTH_INVALID)
    return mth_fail(MTH_INVALID, solver->at,
                    "'%s' and '%s' are to be one tensor, but one holds %s, the other %s", x.name,
                    y.name, solver_families_text(x.families), solver_families_text(y.families));
  MTH_TRY(solver_narrow(solver, b, x.families, x.dtype));
  const mth_solver_mark before = solver_mark_here(solver);
  const mth_status status = solver_unify_rows(solver, x.row, y.row);
  if (status != MTH_INVALID) return status;
  solver_undo_to(solver, &before);
  return mth_fail(MTH_INVALID, solver->at,
                  "'%s' and '%s' are to be one tensor, but their shapes are %s and %s", x.name,
                  y.name, solver_shape_text(solver, x.row), solver_shape_text(solver, y.row));
}

// From now on the argument is of a kind that says more; its value takes the form of that kind.
static mth_status narrow_kind(mth_solver *solver, uint32_t var, mth_arg_kind kind) {
  const var_record now = *solver_var(solver, var);
  const mth_arg *value = NULL;
  if (now.arg_kind == kind) return MTH_OK;
  if (now.value) MTH_TRY(solver_store_value(solver, now.value, kind, &value));
  if (now.value && !value) return MTH_INVALID;
  MTH_TRY(solver_save(solver, RECORD_VAR, var));
  solver_var(solver, var)->arg_kind = kind;
  solver_var(solver, var)->value = value;
  return solver_enqueue_all(solver, now.rules);
}

static mth_status join_args(mth_solver *solver, uint32_t a, uint32_t b) {
  const char *a_name = solver_var(solver, a)->name, *b_name = solver_var(solver, b)->name;
  const mth_solver_mark before = solver_mark_here(solver);
  mth_arg_kind kind;
  if (!solver_join_kinds(solver_var(solver, a)->arg_kind, solver_var(solver, b)->arg_kind, &kind))
    return mth_fail(MTH_INVALID, solver->at,
                    "'%s' and '%s' are to be one argument, but their kinds differ", a_name, b_name);
  mth_status status = narrow_kind(solver, a, kind);
  if (status == MTH_OK) status = narrow_kind(solver, b, kind);
  const mth_arg *x = solver_var(solver, a)->value, *y = solver_var(solver, b)->value;
  if (status == MTH_OK && y) status = solver_give_value(solver, a, y);
  if (status == MTH_OK && x && !y) status = solver_give_value(solver, b, x);
  if (status != MTH_INVALID) return status;
  solver_undo_to(solver, &before);
  x = solver_var(solver, a)->value, y = solver_var(solver, b)->value;
  return mth_fail(MTH_INVALID, solver->at,
                  "'%s' and '%s' are to be one argument, but their values are %s and %s", a_name,
                  b_name, x ? solver_value_text(solver, x) : "of one kind",
                  y ? solver_value_text(solver, y) : "of another");
}

static mth_status unify(mth_solver *solver, uint32_t into, uint32_t from) {
  if (into == from) return MTH_OK;
  const var_record x = *solver_var(solver, into), y = *solver_var(solver, from);
  if (x.is_tensor != y.is_tensor)
    return mth_fail(MTH_INVALID, solver->at,
                    "'%s' and '%s' are to be one, but only '%s' is a tensor", x.name, y.name,
                    x.is_tensor ? x.name : y.name);
  MTH_TRY(x.is_tensor ? join_tensors(solver, into, from) : join_args(solver, into, from));
  const uint32_t kept = x.rules.count >= y.rules.count ? into : from;
  const uint32_t gone = kept == into ? from : into;
  MTH_TRY(solver_save(solver, RECORD_VAR, kept));
  MTH_TRY(solver_save(solver, RECORD_VAR, gone));
  solver_var(solver, kept)->name = x.name;
  for (uint32_t i = solver_var(solver, gone)->rules.head; i != no_index;) {
    const watch_node node = ((watch_node *)solver->watches.items)[i];
    MTH_TRY(solver_watch_var(solver, kept, node.rule));
    i = node.next;
  }
  ((var_record *)solver->vars.items)[gone].same_as = kept;
  return MTH_OK;
}

mth_status mth_solver_unify(mth_solver *solver, mth_var into, mth_var from, mth_location at) {
  const mth_solver_mark mark = solver_open_call(solver, at);
  return solver_close_call(solver, mark,
                           unify(solver, root_of(solver, into), root_of(solver, from)));
}

// ---- facts --------------------------------------------------------------------------------------

static mth_status state_type(mth_solver *solver, mth_var var, mth_family families, mth_dtype dtype,
                             const char *wanted) {
  const mth_status status = solver_narrow(solver, var.index, families, dtype);
  if (status != MTH_INVALID) return status;
  const var_record *record = solver_var(solver, var.index);
  const char *has = record->dtype != MTH_DTYPE_NONE ? mth_dtype_get(record->dtype)->mlir
                                                    : solver_families_text(record->families);
  return mth_fail(MTH_INVALID, solver->at, "'%s' holds %s, wanted %s", record->name, has, wanted);
}

mth_status mth_solver_state_families(mth_solver *solver, mth_var var, mth_family families,
                                     mth_location at) {
  const mth_solver_mark mark = solver_open_call(solver, at);
  return solver_close_call(
      solver, mark,
      state_type(solver, var, families, MTH_DTYPE_NONE, solver_families_text(families)));
}

mth_status mth_solver_state_dtype(mth_solver *solver, mth_var var, mth_dtype dtype,
                                  mth_location at) {
  const mth_solver_mark mark = solver_open_call(solver, at);
  return solver_close_call(
      solver, mark, state_type(solver, var, MTH_FAMILY_ANY, dtype, mth_dtype_get(dtype)->mlir));
}

mth_status mth_solver_state_value(mth_solver *solver, mth_var var, const mth_arg *value,
                                  mth_location at) {
  const mth_solver_mark mark = solver_open_call(solver, at);
  const mth_solver_mark before = solver_mark_here(solver);
  mth_status status = solver_give_value(solver, var.index, value);
  if (status == MTH_INVALID) {
    solver_undo_to(solver, &before);
    const var_record *record = solver_var(solver, var.index);
    status = record->value
                 ? mth_fail(MTH_INVALID, at, "argument '%s' has the value %s already", record->name,
                            solver_value_text(solver, record->value))
                 : mth_fail(MTH_INVALID, at,
                            "argument '%s' is given a value of another kind than it takes",
                            record->name);
  }
  return solver_close_call(solver, mark, status);
}

mth_status mth_solver_equate(mth_solver *solver, const mth_dim *a, const mth_dim *b,
                             mth_location at) {
  const mth_solver_mark mark = solver_open_call(solver, at);
  mth_status status = solver_unify_dims(solver, a, b);
  if (status == MTH_INVALID) status = solver_report_dims(solver, a, b);
  return solver_close_call(solver, mark, status);
}

mth_status mth_solver_apply(mth_solver *solver, const mth_op *op, size_t tensor_count,
                            const mth_var *tensors, size_t arg_count, const mth_var *args,
                            mth_location at, mth_rule_id *out_rule) {
  const mth_solver_mark mark = solver_open_call(solver, at);
  uint32_t rule = no_index;
  mth_status status = solver_add_op(solver, op, tensor_count, tensors, arg_count, args, &rule);
  if (status == MTH_OK) status = solver_state_signature(solver, rule);
  status = solver_close_call(solver, mark, status);
  if (status == MTH_OK) out_rule->index = rule;
  return status;
}

mth_status mth_solver_retire(mth_solver *solver, mth_rule_id rule) {
  MTH_TRY(solver_save(solver, RECORD_RULE, rule.index));
  solver_rule(solver, rule.index)->kind = RULE_RETIRED;
  return MTH_OK;
}

// Element types that are still open.
static mth_status decide_types(mth_solver *solver, uint32_t rule) {
  const rule_record record = *solver_rule(solver, rule);
  for (size_t i = 0; i < record.tensor_count; ++i) {
    const uint32_t var = ((uint32_t *)solver->rule_vars.items)[record.first_var + i];
    const unsigned families = (unsigned)solver_var(solver, var)->families;
    if ((families & MTH_FAMILY_FLOAT) && families != MTH_FAMILY_FLOAT) {
      MTH_TRY(solver_narrow(solver, var, MTH_FAMILY_FLOAT, MTH_DTYPE_NONE));
      MTH_TRY(solver_run(solver));
    }
  }
  return MTH_OK;
}

static mth_status decide(mth_solver *solver, size_t count, const mth_rule_id *rules) {
  for (size_t i = 0; i < count; ++i) {
    if (solver_rule(solver, rules[i].index)->is_decided) continue;
    MTH_TRY(solver_save(solver, RECORD_RULE, rules[i].index));
    solver_rule(solver, rules[i].index)->is_decided = true;
    MTH_TRY(solver_enqueue(solver, rules[i].index));
    MTH_TRY(solver_run(solver));
  }
  for (size_t i = 0; i < count; ++i)
    MTH_TRY(decide_types(solver, rules[i].index));
  return MTH_OK;
}

mth_status mth_solver_decide(mth_solver *solver, size_t count, const mth_rule_id *rules,
                             mth_location at) {
  const mth_solver_mark mark = solver_open_call(solver, at);
  return solver_close_call(solver, mark, decide(solver, count, rules));
}

// ---- questions ----------------------------------------------------------------------------------

const char *mth_solver_name(const mth_solver *solver, mth_var var) {
  return solver_var(solver, var.index)->name;
}

bool mth_solver_is_tensor(const mth_solver *solver, mth_var var) {
  return solver_var(solver, var.index)->is_tensor;
}

bool mth_solver_is_same(const mth_solver *solver, mth_var a, mth_var b) {
  return root_of(solver, a) == root_of(solver, b);
}

mth_family mth_solver_families(const mth_solver *solver, mth_var var) {
  return solver_var(solver, var.index)->families;
}

int32_t mth_solver_rank(const mth_solver *solver, mth_var var) {
  int64_t rank = 0;
  for (uint32_t row = solver_var(solver, var.index)->row; row != no_index;
       row = solver_row(solver, row)->rest) {
    if (!solver_row(solver, row)->is_bound) return -1;
    rank += solver_row(solver, row)->prefix_count + solver_row(solver, row)->suffix_count;
  }
  return (int32_t)rank;
}

mth_status mth_solver_shape(mth_solver *solver, mth_var var, mth_shape_facts *out_facts) {
  flat_shape shape;
  MTH_TRY(solver_read_row(solver, solver_var(solver, var.index)->row, &shape));
  *out_facts = (mth_shape_facts){.prefix_count = shape.prefix_count,
                                 .suffix_count = shape.suffix_count,
                                 .prefix = shape.prefix,
                                 .suffix = shape.suffix,
                                 .has_rest = shape.rest != no_index,
                                 .rest = shape.rest,
                                 .front_count = shape.front_count,
                                 .front = shape.front,
                                 .front_rest = shape.front_rest};
  return MTH_OK;
}

mth_shape_facts mth_shape_front_form(const mth_shape_facts *facts) {
  mth_shape_facts front = *facts;
  front.prefix = facts->front;
  front.prefix_count = facts->front_count;
  front.suffix = facts->front + facts->front_count;
  front.suffix_count = facts->prefix_count + facts->suffix_count - facts->front_count;
  front.rest = facts->front_rest;
  return front;
}

const mth_dim *mth_solver_dim(mth_solver *solver, mth_var var, int64_t axis) {
  flat_shape shape;
  if (solver_read_row(solver, solver_var(solver, var.index)->row, &shape) != MTH_OK) return NULL;
  return solver_pick_dim(&shape, axis);
}

mth_arg_kind mth_solver_arg_kind(const mth_solver *solver, mth_var var) {
  return solver_var(solver, var.index)->arg_kind;
}

const mth_arg *mth_solver_value(mth_solver *solver, mth_var var) {
  const mth_arg *value;
  const mth_arg_kind kind = mth_solver_arg_kind(solver, var);
  return solver_read_value(solver, var.index, kind, &value) == MTH_OK ? value : NULL;
}

const mth_dim *mth_solver_simplify(mth_solver *solver, const mth_dim *dim) {
  return dim ? solver_resolve(solver, dim) : NULL;
}

uint64_t mth_solver_run_count(const mth_solver *solver) { return solver->run_count; }
