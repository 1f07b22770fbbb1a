// solver_value.c: values of arguments: their stored form, equality, and what is read of them.
#include "ir/solver_value.h"

#include <string.h>

// ---- kinds --------------------------------------------------------------------------------------

// How much a kind of list says of its values: a tuple may hold anything, dims are integers, of
// integers the numbers must be known in the end.
static int list_rank(mth_arg_kind kind) {
  return kind == MTH_ARG_TUPLE ? 1 : kind == MTH_ARG_DIMS ? 2 : kind == MTH_ARG_INTS ? 3 : 0;
}

bool solver_join_kinds(mth_arg_kind a, mth_arg_kind b, mth_arg_kind *out_kind) {
  if (a == MTH_ARG_DIM) a = MTH_ARG_INT;
  if (b == MTH_ARG_DIM) b = MTH_ARG_INT;
  if (a == b || b == MTH_ARG_NONE)
    *out_kind = a;
  else if (a == MTH_ARG_NONE)
    *out_kind = b;
  else if (list_rank(a) && list_rank(b))
    *out_kind = list_rank(a) > list_rank(b) ? a : b;
  else
    return false;
  return true;
}

// Models are arguments of classes, never of ops.
static bool has_model(const mth_arg *value) {
  const size_t count = value->kind == MTH_ARG_TUPLE   ? value->count
                       : value->kind == MTH_ARG_SLICE ? 3
                                                      : 0;
  for (size_t i = 0; i < count; ++i)
    if (has_model(&value->items[i])) return true;
  return value->kind == MTH_ARG_MODEL || value->kind == MTH_ARG_OPEN;
}

bool mth_solver_takes(mth_arg_kind kind, const mth_arg *value) {
  const mth_arg_kind found = value->kind;
  if (has_model(value)) return false;
  if (found == MTH_ARG_NONE) return true;
  const bool is_int = found == MTH_ARG_INT || found == MTH_ARG_DIM;
  switch (kind) {
  case MTH_ARG_NONE:
    return true;
  case MTH_ARG_INT:
  case MTH_ARG_DIM:
    return is_int;
  case MTH_ARG_FLOAT:
    return found == MTH_ARG_FLOAT || found == MTH_ARG_INT ||
           (found == MTH_ARG_DIM && mth_dim_is_constant(value->dim, NULL));
  case MTH_ARG_INTS:
  case MTH_ARG_DIMS:
    if (is_int || found == MTH_ARG_INTS || found == MTH_ARG_DIMS) return true;
    for (size_t i = 0; found == MTH_ARG_TUPLE && i < value->count; ++i) {
      const mth_arg_kind item = value->items[i].kind;
      const bool is_open = item == MTH_ARG_NONE && kind == MTH_ARG_DIMS;
      if (item != MTH_ARG_INT && item != MTH_ARG_DIM && !is_open) return false;
    }
    return found == MTH_ARG_TUPLE;
  case MTH_ARG_TUPLE:
    return list_rank(found) > 0;
  case MTH_ARG_BOOL:
  case MTH_ARG_STRING:
  case MTH_ARG_DTYPE:
  case MTH_ARG_SLICE:
  case MTH_ARG_ELLIPSIS:
    return found == kind;
  case MTH_ARG_MODEL:
  case MTH_ARG_OPEN:
    break;
  }
  return false;
}

// ---- stored form --------------------------------------------------------------------------------

static mth_status store_numbers(mth_solver *solver, size_t count, const int64_t *numbers,
                                mth_arg *out) {
  const mth_dim **dims = MTH_NEW_ARRAY(&solver->values, const mth_dim *, count);
  if (!dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; ++i)
    if (!(dims[i] = mth_dim_constant(solver->dims, numbers[i]))) return MTH_NO_MEMORY;
  *out = (mth_arg){.kind = MTH_ARG_DIMS, .count = count, .dims = dims};
  return MTH_OK;
}

static mth_status store_dims(mth_solver *solver, size_t count, const mth_dim *const *given,
                             mth_arg *out) {
  const mth_dim **dims = MTH_NEW_ARRAY(&solver->values, const mth_dim *, count);
  if (!dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; ++i)
    if (!(dims[i] = given[i])) return solver_no_dim(solver);
  *out = (mth_arg){.kind = MTH_ARG_DIMS, .count = count, .dims = dims};
  return MTH_OK;
}

static mth_status to_stored(mth_solver *solver, const mth_arg *given, bool none_is_open,
                            mth_arg *out);

// Items in stored form; a tuple of integers alone is dims. With `none_is_open` None is an integer
// that is not known yet.
static mth_status store_items(mth_solver *solver, const mth_arg *given, bool none_is_open,
                              mth_arg *out) {
  const size_t count = given->kind == MTH_ARG_SLICE ? 3 : given->count;
  mth_arg *items = MTH_NEW_ARRAY(&solver->values, mth_arg, count);
  const mth_dim **dims = MTH_NEW_ARRAY(&solver->values, const mth_dim *, count);
  size_t dim_count = 0;
  if (!items || !dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; ++i) {
    MTH_TRY(to_stored(solver, &given->items[i], none_is_open, &items[i]));
    if (items[i].kind == MTH_ARG_DIM) dims[dim_count++] = items[i].dim;
  }
  if (given->kind == MTH_ARG_TUPLE && dim_count == count)
    *out = (mth_arg){.kind = MTH_ARG_DIMS, .count = count, .dims = dims};
  else
    *out = (mth_arg){.kind = given->kind, .count = count, .items = items};
  return MTH_OK;
}

static mth_status to_stored(mth_solver *solver, const mth_arg *given, bool none_is_open,
                            mth_arg *out) {
  *out = *given;
  out->key = NULL;
  switch (given->kind) {
  case MTH_ARG_NONE:
    if (none_is_open) *out = (mth_arg){.kind = MTH_ARG_DIM, .dim = solver_fresh_dim(solver)};
    return none_is_open && !out->dim ? MTH_NO_MEMORY : MTH_OK;
  case MTH_ARG_INT:
    *out = (mth_arg){.kind = MTH_ARG_DIM, .dim = mth_dim_constant(solver->dims, given->i)};
    return out->dim ? MTH_OK : MTH_NO_MEMORY;
  case MTH_ARG_DIM:
    return given->dim ? MTH_OK : solver_no_dim(solver);
  case MTH_ARG_STRING:
    out->s = mth_arena_copy_text(&solver->values, given->s, strlen(given->s));
    return out->s ? MTH_OK : MTH_NO_MEMORY;
  case MTH_ARG_INTS:
    return store_numbers(solver, given->count, given->ints, out);
  case MTH_ARG_DIMS:
    return store_dims(solver, given->count, given->dims, out);
  case MTH_ARG_TUPLE:
  case MTH_ARG_SLICE:
    return store_items(solver, given, none_is_open && given->kind == MTH_ARG_TUPLE, out);
  case MTH_ARG_BOOL:
  case MTH_ARG_FLOAT:
  case MTH_ARG_DTYPE:
  case MTH_ARG_ELLIPSIS:
  case MTH_ARG_MODEL:
  case MTH_ARG_OPEN:
    break;
  }
  return MTH_OK;
}

mth_status solver_store_value(mth_solver *solver, const mth_arg *given, mth_arg_kind kind,
                              const mth_arg **out_value) {
  *out_value = NULL;
  if (!mth_solver_takes(kind, given)) return MTH_OK;
  mth_arg *value = MTH_NEW(&solver->values, mth_arg);
  int64_t number;
  if (!value) return MTH_NO_MEMORY;
  MTH_TRY(to_stored(solver, given, kind == MTH_ARG_DIMS && given->kind != MTH_ARG_NONE, value));
  if (kind == MTH_ARG_FLOAT && value->kind == MTH_ARG_DIM &&
      mth_dim_is_constant(value->dim, &number))
    *value = (mth_arg){.kind = MTH_ARG_FLOAT, .f = (double)number};
  if (list_rank(kind) && value->kind == MTH_ARG_DIM)
    MTH_TRY(store_dims(solver, 1, &(const mth_dim *){value->dim}, value));
  *out_value = value;
  return MTH_OK;
}

// ---- equality -----------------------------------------------------------------------------------

mth_status solver_unify_values(mth_solver *solver, const mth_arg *a, const mth_arg *b) {
  if (a->kind != b->kind || a->count != b->count) return MTH_INVALID;
  bool is_same = true;
  switch (a->kind) {
  case MTH_ARG_NONE:
  case MTH_ARG_ELLIPSIS:
    break;
  case MTH_ARG_BOOL:
    is_same = a->b == b->b;
    break;
  case MTH_ARG_FLOAT:
    is_same = a->f == b->f;
    break;
  case MTH_ARG_STRING:
    is_same = strcmp(a->s, b->s) == 0;
    break;
  case MTH_ARG_DTYPE:
    is_same = a->dtype == b->dtype;
    break;
  case MTH_ARG_DIM:
    return solver_unify_dims(solver, a->dim, b->dim);
  case MTH_ARG_DIMS:
    for (size_t i = 0; i < a->count; ++i)
      MTH_TRY(solver_unify_dims(solver, a->dims[i], b->dims[i]));
    break;
  case MTH_ARG_TUPLE:
  case MTH_ARG_SLICE:
    for (size_t i = 0; i < a->count; ++i)
      MTH_TRY(solver_unify_values(solver, &a->items[i], &b->items[i]));
    break;
  case MTH_ARG_INT:
  case MTH_ARG_INTS:
  case MTH_ARG_MODEL:
  case MTH_ARG_OPEN:
    return MTH_INVALID; // not stored
  }
  return is_same ? MTH_OK : MTH_INVALID;
}

mth_status solver_watch_value(mth_solver *solver, const mth_arg *value, uint32_t rule) {
  if (value->kind == MTH_ARG_DIM) return solver_watch_dim(solver, value->dim, rule);
  for (size_t i = 0; value->kind == MTH_ARG_DIMS && i < value->count; ++i)
    MTH_TRY(solver_watch_dim(solver, value->dims[i], rule));
  const bool has_items = value->kind == MTH_ARG_TUPLE || value->kind == MTH_ARG_SLICE;
  for (size_t i = 0; has_items && i < value->count; ++i)
    MTH_TRY(solver_watch_value(solver, &value->items[i], rule));
  return MTH_OK;
}

mth_status solver_give_value(mth_solver *solver, uint32_t var, const mth_arg *given) {
  var = (uint32_t)(solver_var(solver, var) - (var_record *)solver->vars.items);
  const var_record now = *solver_var(solver, var);
  const mth_arg *value;
  MTH_TRY(solver_store_value(solver, given, now.arg_kind, &value));
  if (!value) return MTH_INVALID;
  if (now.value) return solver_unify_values(solver, now.value, value);
  MTH_TRY(solver_save(solver, RECORD_VAR, var));
  solver_var(solver, var)->value = value;
  for (uint32_t i = now.rules.head; i != no_index;) {
    const watch_node node = ((watch_node *)solver->watches.items)[i];
    MTH_TRY(solver_watch_value(solver, value, node.rule));
    i = node.next;
  }
  return solver_enqueue_all(solver, now.rules);
}

// ---- reading ------------------------------------------------------------------------------------

static mth_status read_dim(mth_solver *solver, const mth_dim *dim, mth_arg *out) {
  int64_t number;
  const mth_dim *known = solver_resolve(solver, dim);
  if (!known) return solver_no_dim(solver);
  *out = mth_dim_is_constant(known, &number) ? MTH_ARG_I(NULL, number) : MTH_ARG_D(NULL, known);
  return MTH_OK;
}

static mth_status read_dims(mth_solver *solver, const mth_arg *value, mth_arg *out) {
  const mth_dim **dims = MTH_NEW_ARRAY(&solver->scratch, const mth_dim *, value->count);
  if (!dims) return MTH_NO_MEMORY;
  for (size_t i = 0; i < value->count; ++i)
    if (!(dims[i] = solver_resolve(solver, value->dims[i]))) return solver_no_dim(solver);
  *out = MTH_ARG_DS(NULL, value->count, dims);
  return MTH_OK;
}

// As integers, if all are numbers; else they stay dims.
static mth_status read_ints(mth_solver *solver, mth_arg *value) {
  int64_t *ints = MTH_NEW_ARRAY(&solver->scratch, int64_t, value->count);
  if (!ints) return MTH_NO_MEMORY;
  for (size_t i = 0; i < value->count; ++i)
    if (!mth_dim_is_constant(value->dims[i], &ints[i])) return MTH_OK;
  *value = MTH_ARG_IS(NULL, value->count, ints);
  return MTH_OK;
}

static mth_status read(mth_solver *solver, const mth_arg *value, mth_arg *out) {
  *out = *value;
  if (value->kind == MTH_ARG_DIM) return read_dim(solver, value->dim, out);
  const bool is_dims = value->kind == MTH_ARG_DIMS;
  if (!is_dims && value->kind != MTH_ARG_TUPLE && value->kind != MTH_ARG_SLICE) return MTH_OK;
  mth_arg *items = MTH_NEW_ARRAY(&solver->scratch, mth_arg, value->count);
  if (!items) return MTH_NO_MEMORY;
  for (size_t i = 0; i < value->count; ++i)
    MTH_TRY(is_dims ? read_dim(solver, value->dims[i], &items[i])
                    : read(solver, &value->items[i], &items[i]));
  *out = MTH_ARG_TUPLE_OF(NULL, value->count, items);
  if (!is_dims) out->kind = value->kind;
  return MTH_OK;
}

mth_status solver_read_value(mth_solver *solver, uint32_t var, mth_arg_kind kind,
                             const mth_arg **out_value) {
  const var_record record = *solver_var(solver, var);
  *out_value = record.value;
  if (!record.value) return MTH_OK;
  mth_arg *value = MTH_NEW(&solver->scratch, mth_arg);
  if (!value) return MTH_NO_MEMORY;
  const bool wants_dims = kind == MTH_ARG_DIMS || kind == MTH_ARG_INTS;
  if (wants_dims && record.value->kind == MTH_ARG_DIMS)
    MTH_TRY(read_dims(solver, record.value, value));
  else
    MTH_TRY(read(solver, record.value, value));
  if (kind == MTH_ARG_INTS && value->kind == MTH_ARG_DIMS) MTH_TRY(read_ints(solver, value));
  *out_value = value;
  return MTH_OK;
}

// ---- text ---------------------------------------------------------------------------------------

static const char *list_text(mth_solver *solver, const mth_arg *value) {
  mth_arena *arena = &solver->scratch;
  const char *text = value->kind == MTH_ARG_SLICE ? "slice(" : "(";
  for (size_t i = 0; text && i < value->count; ++i) {
    const char *item = value->kind == MTH_ARG_DIMS ? solver_dim_text(solver, value->dims[i])
                                                   : solver_value_text(solver, &value->items[i]);
    text = mth_arena_format(arena, "%s%s%s", text, i ? ", " : "", item);
  }
  text = text ? mth_arena_format(arena, "%s)", text) : NULL;
  return text ? text : "?";
}

const char *solver_value_text(mth_solver *solver, const mth_arg *value) {
  mth_arena *arena = &solver->scratch;
  const char *text = "?";
  switch (value->kind) {
  case MTH_ARG_NONE:
    return "None";
  case MTH_ARG_ELLIPSIS:
    return "...";
  case MTH_ARG_BOOL:
    return value->b ? "true" : "false";
  case MTH_ARG_DTYPE:
    return mth_dtype_get(value->dtype) ? mth_dtype_get(value->dtype)->mlir : "?";
  case MTH_ARG_STRING:
    text = mth_arena_format(arena, "'%s'", value->s);
    break;
  case MTH_ARG_FLOAT:
    text = mth_arena_format(arena, "%g", value->f);
    break;
  case MTH_ARG_DIM:
    return solver_dim_text(solver, value->dim);
  case MTH_ARG_DIMS:
  case MTH_ARG_TUPLE:
  case MTH_ARG_SLICE:
    return list_text(solver, value);
  case MTH_ARG_INT:
  case MTH_ARG_INTS:
  case MTH_ARG_MODEL:
  case MTH_ARG_OPEN:
    break; // not stored
  }
  return text ? text : "?";
}
