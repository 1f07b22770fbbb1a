// rule.c: what an op's `infer` may read and state. Broadcasting is in broadcast.c.
#include "ir/rule.h"
#include "ir/solver_core.h"
#include "ir/solver_value.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const rule_record *record_of(const mth_rule *rule) {
  return solver_rule(rule->solver, rule->index);
}

static uint32_t var_of(const mth_rule *rule, size_t tensor) {
  const rule_record *record = record_of(rule);
  assert(tensor < record->tensor_count);
  return ((uint32_t *)rule->solver->rule_vars.items)[record->first_var + tensor];
}

static uint32_t row_of(const mth_rule *rule, size_t tensor) {
  return solver_var(rule->solver, var_of(rule, tensor))->row;
}

const char *mth_rule_name(const mth_rule *rule, size_t tensor) {
  return solver_var(rule->solver, var_of(rule, tensor))->name;
}

mth_status mth_rule_fail(mth_rule *rule, const char *format, ...) {
  char text[768];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  return mth_fail(MTH_INVALID, rule->solver->at, "%s: %s",
                  solver_rule_text(rule->solver, record_of(rule), text), text);
}

const char *mth_rule_dim_text(mth_rule *rule, const mth_dim *dim) {
  return solver_dim_text(rule->solver, dim);
}

const char *mth_rule_value_text(mth_rule *rule, const mth_arg *value) {
  const mth_arg *stored = NULL;
  const mth_status status = solver_store_value(rule->solver, value, MTH_ARG_NONE, &stored);
  return status == MTH_OK && stored ? solver_value_text(rule->solver, stored) : "a model";
}

// ---- reading ------------------------------------------------------------------------------------

const mth_op *mth_rule_op(const mth_rule *rule) { return record_of(rule)->op; }

bool mth_rule_is_program(const mth_rule *rule) { return rule->solver->is_program; }

mth_dim_table *mth_rule_dims(const mth_rule *rule) { return rule->solver->dims; }

size_t mth_rule_operand_count(const mth_rule *rule) { return record_of(rule)->operand_count; }

size_t mth_rule_result(const mth_rule *rule, size_t index) {
  return mth_rule_operand_count(rule) + index;
}

// How many arguments of `several` the op has here.
static size_t several_count(const rule_record *record) {
  size_t single = 0;
  for (size_t i = 0; i < record->op->input_count; ++i)
    single += record->op->inputs[i].kind == MTH_KEY_ARG;
  for (size_t i = 0; i < record->op->output_count; ++i)
    single += record->op->outputs[i].kind == MTH_KEY_ARG;
  return record->arg_count - single;
}

// An argument as the op takes it: what it was unified with may be of a narrower kind.
typedef struct op_arg {
  uint32_t var;
  mth_arg_kind kind; // MTH_ARG_NONE: any
} op_arg;

// The argument of a key; the `index`-th of a key of several.
static op_arg arg_of(const mth_rule *rule, const char *key, size_t index) {
  const rule_record *record = record_of(rule);
  const mth_op *op = record->op;
  size_t number = 0;
  for (size_t i = 0; i < op->input_count + op->output_count; ++i) {
    const mth_op_key *at = i < op->input_count ? &op->inputs[i] : &op->outputs[i - op->input_count];
    if (at->kind != MTH_KEY_ARG && at->kind != MTH_KEY_ARGS) continue;
    if (strcmp(at->name, key) == 0) {
      const size_t place = record->first_var + record->tensor_count + number + index;
      return (op_arg){((uint32_t *)rule->solver->rule_vars.items)[place], at->arg_kind};
    }
    number += at->kind == MTH_KEY_ARG ? 1 : several_count(record);
  }
  assert(false && "the op has such an argument");
  return (op_arg){no_index, MTH_ARG_NONE};
}

// Its value in the form of its kind, with integers that may be symbolic.
static const mth_arg *value_of(mth_rule *rule, op_arg arg) {
  const mth_arg *value;
  const mth_status status = solver_read_value(rule->solver, arg.var, arg.kind, &value);
  if (status == MTH_OK) return value;
  rule->solver->unread = status;
  return NULL;
}

const mth_arg *mth_rule_arg_at(mth_rule *rule, const char *key, size_t index) {
  const op_arg arg = arg_of(rule, key, index);
  const mth_arg *value = value_of(rule, arg);
  if (!value) return NULL;
  const bool is_open = (arg.kind == MTH_ARG_INT && value->kind == MTH_ARG_DIM) ||
                       (arg.kind == MTH_ARG_INTS && value->kind == MTH_ARG_DIMS);
  return is_open ? NULL : value;
}

const mth_arg *mth_rule_arg(mth_rule *rule, const char *key) {
  return mth_rule_arg_at(rule, key, 0);
}

size_t mth_rule_arg_count(const mth_rule *rule) { return several_count(record_of(rule)); }

mth_arg_kind mth_rule_arg_kind(const mth_rule *rule, const char *key, size_t index) {
  return solver_var(rule->solver, arg_of(rule, key, index).var)->arg_kind;
}

const mth_dim *mth_rule_int_at(mth_rule *rule, const char *key, size_t index) {
  const mth_arg *value = value_of(rule, arg_of(rule, key, index));
  if (!value || (value->kind != MTH_ARG_INT && value->kind != MTH_ARG_DIM)) return NULL;
  if (value->kind == MTH_ARG_DIM) return value->dim;
  const mth_dim *number = mth_dim_constant(rule->solver->dims, value->i);
  if (!number) rule->solver->unread = MTH_NO_MEMORY;
  return number;
}

const mth_dim *mth_rule_int(mth_rule *rule, const char *key) {
  return mth_rule_int_at(rule, key, 0);
}

int32_t mth_rule_rank(mth_rule *rule, size_t tensor) {
  return mth_solver_rank(rule->solver, (mth_var){var_of(rule, tensor)});
}

const mth_dim *mth_rule_dim(mth_rule *rule, size_t tensor, int64_t axis) {
  flat_shape shape;
  const mth_status status = solver_read_row(rule->solver, row_of(rule, tensor), &shape);
  if (status == MTH_OK) return solver_pick_dim(&shape, axis);
  rule->solver->unread = status;
  return NULL;
}

mth_family mth_rule_families(mth_rule *rule, size_t tensor) {
  return solver_var(rule->solver, var_of(rule, tensor))->families;
}

void *mth_rule_scratch(mth_rule *rule, size_t count, size_t element_bytes) {
  return mth_arena_alloc(&rule->solver->scratch, count, element_bytes);
}

mth_status mth_rule_axis(mth_rule *rule, int64_t axis, int32_t rank, int32_t *out_axis) {
  if (axis < -rank || axis >= rank)
    return mth_rule_fail(rule, "axis %lld is outside of rank %d", (long long)axis, rank);
  *out_axis = (int32_t)(axis < 0 ? axis + rank : axis);
  return MTH_OK;
}

// ---- shapes -------------------------------------------------------------------------------------

// Makes the tensor's shape equal to `shape`; `wanted` says in a message what is wanted.
static mth_status state_row(mth_rule *rule, size_t tensor, const flat_shape *shape,
                            const char *wanted) {
  mth_solver *solver = rule->solver;
  uint32_t row;
  MTH_TRY(solver_row_of(solver, shape, &row));
  const mth_solver_mark before = solver_mark_here(solver);
  const mth_status status = solver_unify_rows(solver, row_of(rule, tensor), row);
  if (status != MTH_INVALID) return status;
  solver_undo_to(solver, &before);
  return mth_rule_fail(
      rule, "wanted %s, '%s' has shape %s", wanted ? wanted : solver_shape_text(solver, row),
      mth_rule_name(rule, tensor), solver_shape_text(solver, row_of(rule, tensor)));
}

static mth_status fresh_dims(mth_rule *rule, size_t count, const mth_dim ***out_dims) {
  const mth_dim **dims = MTH_NEW_ARRAY(&rule->solver->scratch, const mth_dim *, count);
  if (!dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; ++i)
    if (!(dims[i] = solver_fresh_dim(rule->solver))) return MTH_NO_MEMORY;
  *out_dims = dims;
  return MTH_OK;
}

mth_status mth_rule_state_rank(mth_rule *rule, size_t tensor, int32_t rank) {
  if (mth_rule_rank(rule, tensor) == rank) return MTH_OK;
  flat_shape shape = {.prefix_count = (size_t)rank, .rest = no_index};
  MTH_TRY(fresh_dims(rule, (size_t)rank, &shape.prefix));
  char wanted[32];
  snprintf(wanted, sizeof wanted, "rank %d", rank);
  return state_row(rule, tensor, &shape, wanted);
}

// A shape of unknown rank has so many fresh dims in front of its rest, or behind it.
static mth_status extend(mth_rule *rule, uint32_t row, size_t count, bool in_front) {
  const mth_dim **dims;
  uint32_t extended;
  MTH_TRY(fresh_dims(rule, count, &dims));
  flat_shape shape = {.prefix_count = in_front ? count : 0,
                      .suffix_count = in_front ? 0 : count,
                      .prefix = dims,
                      .suffix = dims};
  MTH_TRY(solver_new_row(rule->solver, &shape.rest));
  MTH_TRY(solver_row_of(rule->solver, &shape, &extended));
  return solver_unify_rows(rule->solver, row, extended);
}

// Reads a shape that has at least `rank` dims, if that can be said of it already.
static mth_status read_min_rank(mth_rule *rule, size_t tensor, int32_t rank, flat_shape *out) {
  MTH_TRY(solver_read_row(rule->solver, row_of(rule, tensor), out));
  if (out->rest != no_index || out->prefix_count >= (size_t)rank) return MTH_OK;
  return mth_rule_fail(rule, "wanted rank %d or more, '%s' has shape %s", rank,
                       mth_rule_name(rule, tensor),
                       solver_shape_text(rule->solver, row_of(rule, tensor)));
}

mth_status mth_rule_state_min_rank(mth_rule *rule, size_t tensor, int32_t rank) {
  flat_shape now;
  MTH_TRY(read_min_rank(rule, tensor, rank, &now));
  const size_t known = now.prefix_count + now.suffix_count;
  if (known >= (size_t)rank) return MTH_OK;
  return extend(rule, now.front_rest, (size_t)rank - known, false);
}

mth_status mth_rule_state_first_dims(mth_rule *rule, size_t tensor, int32_t count) {
  flat_shape now;
  MTH_TRY(read_min_rank(rule, tensor, count, &now));
  if (now.front_count >= (size_t)count) return MTH_OK;
  return extend(rule, row_of(rule, tensor), (size_t)count, true);
}

mth_status mth_rule_state_last_dims(mth_rule *rule, size_t tensor, int32_t count) {
  flat_shape now;
  MTH_TRY(read_min_rank(rule, tensor, count, &now));
  if (now.rest == no_index || now.suffix_count >= (size_t)count) return MTH_OK;
  return extend(rule, row_of(rule, tensor), (size_t)count, false);
}

mth_status mth_rule_state_shape(mth_rule *rule, size_t tensor, size_t rank,
                                const mth_dim *const *dims) {
  flat_shape shape = {.prefix_count = rank, .rest = no_index};
  shape.prefix = MTH_NEW_ARRAY(&rule->solver->scratch, const mth_dim *, rank);
  if (!shape.prefix) return MTH_NO_MEMORY;
  for (size_t i = 0; i < rank; ++i) {
    int64_t value;
    if (!(shape.prefix[i] = dims[i])) return solver_no_dim(rule->solver);
    if (mth_dim_is_constant(dims[i], &value) && value < 0)
      return mth_rule_fail(rule, "dim %zu of '%s' would be %lld, wanted 0 or more", i,
                           mth_rule_name(rule, tensor), (long long)value);
  }
  return state_row(rule, tensor, &shape, NULL);
}

mth_status mth_rule_state_dim(mth_rule *rule, size_t tensor, int64_t axis, const mth_dim *dim) {
  if (!dim) return solver_no_dim(rule->solver);
  const mth_dim *now = mth_rule_dim(rule, tensor, axis);
  if (!now) return MTH_OK;
  int64_t value;
  if (mth_dim_is_constant(dim, &value) && value < 0)
    return mth_rule_fail(rule, "dim %lld of '%s' would be %lld, wanted 0 or more", (long long)axis,
                         mth_rule_name(rule, tensor), (long long)value);
  const mth_status status = solver_unify_dims(rule->solver, now, dim);
  if (status != MTH_INVALID) return status;
  return mth_rule_fail(rule, "dim %lld of '%s' is %s, wanted %s", (long long)axis,
                       mth_rule_name(rule, tensor), solver_dim_text(rule->solver, now),
                       solver_dim_text(rule->solver, dim));
}

mth_status mth_rule_same_dim(mth_rule *rule, size_t a, int64_t a_axis, size_t b, int64_t b_axis) {
  const mth_dim *x = mth_rule_dim(rule, a, a_axis), *y = mth_rule_dim(rule, b, b_axis);
  if (!x || !y) return MTH_OK;
  const mth_status status = solver_unify_dims(rule->solver, x, y);
  if (status != MTH_INVALID) return status;
  return mth_rule_fail(rule, "dim %lld of '%s' is %s, dim %lld of '%s' is %s; they must be equal",
                       (long long)a_axis, mth_rule_name(rule, a), solver_dim_text(rule->solver, x),
                       (long long)b_axis, mth_rule_name(rule, b), solver_dim_text(rule->solver, y));
}

static mth_status same_rows(mth_rule *rule, size_t a, uint32_t a_row, size_t b, uint32_t b_row,
                            const char *what) {
  mth_solver *solver = rule->solver;
  const mth_solver_mark before = solver_mark_here(solver);
  const mth_status status = solver_unify_rows(solver, a_row, b_row);
  if (status != MTH_INVALID) return status;
  solver_undo_to(solver, &before);
  return mth_rule_fail(rule, "'%s' has shape %s, '%s' has shape %s; %s must be equal",
                       mth_rule_name(rule, a), solver_shape_text(solver, row_of(rule, a)),
                       mth_rule_name(rule, b), solver_shape_text(solver, row_of(rule, b)), what);
}

mth_status mth_rule_same_shape(mth_rule *rule, size_t a, size_t b) {
  return same_rows(rule, a, row_of(rule, a), b, row_of(rule, b), "they");
}

// Takes the last dims off. False while it is not known which they are.
static bool drop_trailing(flat_shape *shape, size_t trailing) {
  size_t *count = shape->rest == no_index ? &shape->prefix_count : &shape->suffix_count;
  if (*count < trailing) return false;
  *count -= trailing;
  return true;
}

// How many of the dims that are known in front stay when the last are taken off.
static size_t first_left(const flat_shape *shape, size_t trailing) {
  const size_t count = shape->prefix_count + shape->suffix_count - trailing;
  return shape->front_count < count ? shape->front_count : count;
}

// What is known in front of `a` is known of `b` too, whose leading dims are the row `leading`.
static mth_status same_first(mth_rule *rule, size_t a, size_t a_trailing, size_t b,
                             size_t b_trailing, uint32_t leading) {
  flat_shape x, y;
  uint32_t row;
  MTH_TRY(solver_read_row(rule->solver, row_of(rule, a), &x));
  MTH_TRY(solver_read_row(rule->solver, row_of(rule, b), &y));
  flat_shape first = {.prefix_count = first_left(&x, a_trailing), .prefix = x.front};
  bool is_known = first.prefix_count <= first_left(&y, b_trailing);
  for (size_t i = 0; is_known && i < first.prefix_count; ++i)
    is_known = x.front[i] == y.front[i];
  if (is_known) return MTH_OK;
  MTH_TRY(solver_new_row(rule->solver, &first.rest));
  MTH_TRY(solver_row_of(rule->solver, &first, &row));
  return same_rows(rule, a, row, b, leading, "their leading dims");
}

mth_status mth_rule_same_leading(mth_rule *rule, size_t a, size_t a_trailing, size_t b,
                                 size_t b_trailing) {
  flat_shape x, y;
  MTH_TRY(solver_read_row(rule->solver, row_of(rule, a), &x));
  MTH_TRY(solver_read_row(rule->solver, row_of(rule, b), &y));
  if (!drop_trailing(&x, a_trailing) || !drop_trailing(&y, b_trailing)) return MTH_OK;
  uint32_t x_row, y_row;
  MTH_TRY(solver_row_of(rule->solver, &x, &x_row));
  MTH_TRY(solver_row_of(rule->solver, &y, &y_row));
  MTH_TRY(same_rows(rule, a, x_row, b, y_row, "their leading dims"));
  // Those are the forms that are known behind.
  MTH_TRY(same_first(rule, a, a_trailing, b, b_trailing, y_row));
  return same_first(rule, b, b_trailing, a, a_trailing, x_row);
}

mth_status mth_rule_no_dim(mth_rule *rule) { return solver_no_dim(rule->solver); }

mth_status mth_rule_equate(mth_rule *rule, const mth_dim *a, const mth_dim *b, const char *what) {
  if (!a || !b) return solver_no_dim(rule->solver);
  const mth_status status = solver_unify_dims(rule->solver, a, b);
  if (status != MTH_INVALID) return status;
  return mth_rule_fail(rule, "%s: %s and %s", what, solver_dim_text(rule->solver, a),
                       solver_dim_text(rule->solver, b));
}

// ---- arguments ----------------------------------------------------------------------------------

mth_status mth_rule_state_arg(mth_rule *rule, const char *key, size_t index,
                              const mth_arg *wanted) {
  mth_solver *solver = rule->solver;
  const uint32_t arg = arg_of(rule, key, index).var;
  const mth_solver_mark before = solver_mark_here(solver);
  const mth_status status = solver_give_value(solver, arg, wanted);
  if (status != MTH_INVALID) return status;
  solver_undo_to(solver, &before);
  const char *name = solver_var(solver, arg)->name;
  const mth_arg *now = solver_var(solver, arg)->value, *stored = NULL;
  MTH_TRY(solver_store_value(solver, wanted, MTH_ARG_NONE, &stored));
  const char *text = stored ? solver_value_text(solver, stored) : "a model";
  if (!now) return mth_rule_fail(rule, "'%s' does not take %s", name, text);
  return mth_rule_fail(rule, "'%s' is %s, wanted %s", name, solver_value_text(solver, now), text);
}

mth_status mth_rule_state_dims_arg(mth_rule *rule, const char *key, size_t count,
                                   const mth_dim *const *dims) {
  return mth_rule_state_arg(rule, key, 0, &MTH_ARG_DS(key, count, dims));
}

mth_status mth_rule_state_int(mth_rule *rule, const char *key, const mth_dim *value) {
  if (!value) return solver_no_dim(rule->solver);
  return mth_rule_state_arg(rule, key, 0, &MTH_ARG_D(key, value));
}

// ---- element types ------------------------------------------------------------------------------

static const char *type_text(const mth_rule *rule, size_t tensor) {
  const var_record *var = solver_var(rule->solver, var_of(rule, tensor));
  return var->dtype != MTH_DTYPE_NONE ? mth_dtype_get(var->dtype)->mlir
                                      : solver_families_text(var->families);
}

mth_status mth_rule_state_families(mth_rule *rule, size_t tensor, mth_family families) {
  const mth_status status =
      solver_narrow(rule->solver, var_of(rule, tensor), families, MTH_DTYPE_NONE);
  if (status != MTH_INVALID) return status;
  return mth_rule_fail(rule, "'%s' holds %s, wanted %s", mth_rule_name(rule, tensor),
                       type_text(rule, tensor), solver_families_text(families));
}

mth_status mth_rule_state_dtype(mth_rule *rule, size_t tensor, mth_dtype dtype) {
  const mth_dtype_info *info = mth_dtype_get(dtype);
  if (!info) return mth_rule_fail(rule, "wanted an element type, found number %d", (int)dtype);
  if (!rule->solver->is_program) return mth_rule_state_families(rule, tensor, info->family);
  const mth_status status =
      solver_narrow(rule->solver, var_of(rule, tensor), MTH_FAMILY_ANY, dtype);
  if (status != MTH_INVALID) return status;
  return mth_rule_fail(rule, "'%s' holds %s, wanted %s", mth_rule_name(rule, tensor),
                       type_text(rule, tensor), info->mlir);
}

mth_status mth_rule_same_type(mth_rule *rule, size_t a, size_t b) {
  mth_solver *solver = rule->solver;
  const var_record x = *solver_var(solver, var_of(rule, a));
  const var_record y = *solver_var(solver, var_of(rule, b));
  mth_status status = solver_narrow(solver, var_of(rule, a), y.families, y.dtype);
  if (status == MTH_OK) status = solver_narrow(solver, var_of(rule, b), x.families, x.dtype);
  if (status != MTH_INVALID) return status;
  return mth_rule_fail(rule, "'%s' holds %s, '%s' holds %s; they must be equal", x.name,
                       type_text(rule, a), y.name, type_text(rule, b));
}

mth_status mth_rule_comparable(mth_rule *rule, size_t operand_count, const size_t *operands) {
  if (!rule->solver->is_program) return MTH_OK; // a writer casts
  for (size_t i = 1; i < operand_count; ++i)
    MTH_TRY(mth_rule_same_type(rule, operands[0], operands[i]));
  return MTH_OK;
}

static mth_family narrowest(mth_family families) {
  return (mth_family)((unsigned)families & -(unsigned)families);
}

// Families not wider than the widest of `families`.
static mth_family up_to(mth_family families) {
  const unsigned set = (unsigned)families;
  return (mth_family)(set | set >> 1 | set >> 2);
}

mth_status mth_rule_promote(mth_rule *rule, size_t result, size_t operand_count,
                            const size_t *operands) {
  if (rule->solver->is_program) {
    MTH_TRY(mth_rule_comparable(rule, operand_count, operands));
    return mth_rule_same_type(rule, result, operands[0]);
  }
  // The widest lies between the widest of the least and the widest of the greatest that each may
  // be.
  unsigned least = 0, possible = 0;
  for (size_t i = 0; i < operand_count; ++i) {
    const mth_family families = mth_rule_families(rule, operands[i]);
    const mth_family least_here = narrowest(families);
    if ((unsigned)least_here > least) least = (unsigned)least_here;
    possible |= (unsigned)families;
  }
  MTH_TRY(mth_rule_state_families(rule, result, (mth_family)(possible & ~(least - 1))));
  const mth_family most = up_to(mth_rule_families(rule, result));
  for (size_t i = 0; i < operand_count; ++i)
    MTH_TRY(mth_rule_state_families(rule, operands[i], most));
  if (operand_count == 1) return mth_rule_same_type(rule, result, operands[0]);
  return MTH_OK;
}

// ---- signatures ---------------------------------------------------------------------------------

// The key of a tensor by its number; *out_index counts within a key of several tensors.
static const mth_op_key *key_of(const mth_op *op, size_t operand_count, size_t tensor,
                                size_t *out_index) {
  *out_index = 0;
  if (tensor >= operand_count) {
    size_t result = 0;
    while (op->outputs[result].kind != MTH_KEY_TENSOR || tensor-- > operand_count)
      ++result;
    return &op->outputs[result];
  }
  size_t single = 0;
  const mth_op_key *several = NULL;
  for (size_t i = 0; i < op->input_count; ++i) {
    if (op->inputs[i].kind == MTH_KEY_TENSORS) several = &op->inputs[i];
    if (op->inputs[i].kind != MTH_KEY_TENSOR) continue;
    if (single == tensor) return &op->inputs[i];
    ++single;
  }
  *out_index = tensor - single;
  return several;
}

const char *solver_key_name(mth_solver *solver, const mth_op *op, size_t operand_count,
                            size_t tensor) {
  size_t index;
  const mth_op_key *key = key_of(op, operand_count, tensor, &index);
  if (key->kind != MTH_KEY_TENSORS) return key->name;
  return mth_arena_format(&solver->values, "%s[%zu]", key->name, index);
}

mth_status solver_state_signature(mth_solver *solver, uint32_t index) {
  mth_rule rule = {solver, index};
  const mth_op *op = record_of(&rule)->op;
  const size_t operand_count = mth_rule_operand_count(&rule);
  const size_t tensor_count = record_of(&rule)->tensor_count;
  for (size_t i = 0; i < tensor_count; ++i) {
    size_t part;
    const mth_family families = key_of(op, operand_count, i, &part)->families;
    if (families != MTH_FAMILY_NONE) MTH_TRY(mth_rule_state_families(&rule, i, families));
  }
  return MTH_OK;
}
