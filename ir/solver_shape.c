// solver_shape.c: shapes as callers state them, with names that are local to one call.
#include "ir/solver_core.h"

#include <string.h>

// A name of this call and the dim or the run of dims that it stands for.
typedef struct local_name {
  const char *name;
  bool is_rest;
  const mth_dim *dim;
  uint32_t row;
} local_name;

typedef struct scope {
  mth_solver *solver;
  local_name *names;
  size_t count;
} scope;

static mth_status find_local(scope *s, const char *name, bool is_rest, local_name **out_local) {
  for (size_t i = 0; name && i < s->count; ++i)
    if (s->names[i].is_rest == is_rest && strcmp(s->names[i].name, name) == 0) {
      *out_local = &s->names[i];
      return MTH_OK;
    }
  local_name made = {.name = name ? name : "", .is_rest = is_rest, .row = no_index};
  if (is_rest)
    MTH_TRY(solver_new_row(s->solver, &made.row));
  else if (!(made.dim = solver_fresh_dim(s->solver)))
    return MTH_NO_MEMORY;
  *out_local = &s->names[name ? s->count++ : s->count]; // without a name the place is used again
  **out_local = made;
  return MTH_OK;
}

static mth_status read_extent(scope *s, const mth_extent *extent, const mth_dim **out_dim) {
  mth_solver *solver = s->solver;
  local_name *local = NULL;
  const mth_dim *dim = NULL;
  switch (extent->kind) {
  case MTH_EXTENT_INT:
    if (extent->value < 0)
      return mth_fail(MTH_INVALID, solver->at, "wanted an extent of 0 or more, found %lld",
                      (long long)extent->value);
    dim = mth_dim_constant(solver->dims, extent->value);
    break;
  case MTH_EXTENT_ANY:
    dim = solver_fresh_dim(solver);
    break;
  case MTH_EXTENT_LOCAL:
    MTH_TRY(find_local(s, extent->name, false, &local));
    dim = local->dim;
    break;
  case MTH_EXTENT_DECLARED:
    dim = mth_dim_symbol(solver->dims, extent->name);
    break;
  case MTH_EXTENT_DIM:
    dim = extent->dim;
    break;
  case MTH_EXTENT_REST:
    return mth_fail(MTH_INVALID, solver->at, "wanted at most one '...' in a shape, found two");
  }
  *out_dim = dim;
  return dim ? MTH_OK : MTH_NO_MEMORY;
}

static mth_status read_shape(scope *s, const mth_shape *shape, uint32_t *out_row) {
  mth_solver *solver = s->solver;
  flat_shape flat = {.rest = no_index};
  const mth_dim **dims = MTH_NEW_ARRAY(&solver->scratch, const mth_dim *, shape->rank);
  if (!dims) return MTH_NO_MEMORY;
  size_t count = 0;
  for (size_t i = 0; i < shape->rank; ++i) {
    const mth_extent *extent = &shape->extents[i];
    if (extent->kind == MTH_EXTENT_REST && flat.rest == no_index) {
      local_name *local;
      MTH_TRY(find_local(s, extent->name, true, &local));
      flat.rest = local->row;
      flat.prefix_count = count;
    } else {
      MTH_TRY(read_extent(s, extent, &dims[count++]));
    }
  }
  if (flat.rest == no_index) flat.prefix_count = count;
  flat.prefix = dims;
  flat.suffix = dims + flat.prefix_count;
  flat.suffix_count = count - flat.prefix_count;
  return solver_row_of(solver, &flat, out_row);
}

static mth_status state_shapes(mth_solver *solver, size_t count, const mth_var *vars,
                               const mth_shape *shapes) {
  scope s = {.solver = solver};
  size_t extent_count = 1; // and one place for a name that is none
  for (size_t i = 0; i < count; ++i)
    extent_count += shapes[i].rank;
  s.names = MTH_NEW_ARRAY(&solver->scratch, local_name, extent_count);
  if (!s.names) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; ++i) {
    const var_record *var = solver_var(solver, vars[i].index);
    if (!var->is_tensor)
      return mth_fail(MTH_INVALID, solver->at, "'%s' is an argument, it has no shape", var->name);
    const uint32_t row = var->row;
    uint32_t stated;
    MTH_TRY(read_shape(&s, &shapes[i], &stated));
    const mth_solver_mark before = solver_mark_here(solver);
    const mth_status status = solver_unify_rows(solver, row, stated);
    if (status == MTH_INVALID) {
      solver_undo_to(solver, &before);
      return mth_fail(MTH_INVALID, solver->at, "'%s' has shape %s, wanted %s",
                      mth_solver_name(solver, vars[i]), solver_shape_text(solver, row),
                      solver_shape_text(solver, stated));
    }
    MTH_TRY(status);
  }
  return MTH_OK;
}

mth_status mth_solver_state_shapes(mth_solver *solver, size_t count, const mth_var *vars,
                                   const mth_shape *shapes, mth_location at) {
  const mth_solver_mark mark = solver_open_call(solver, at);
  return solver_close_call(solver, mark, state_shapes(solver, count, vars, shapes));
}
