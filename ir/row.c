// row.c: reading rows, in all forms in which they are known.
//
// [2, ...] and [..., u] may be one shape: 2 and u may be one dim, so neither can be written behind
// the other. Such an equation, prefix ++ rest == rest ++ suffix, is a rule of kind RULE_EQUAL_ROWS
// (unify_row.c) and is listed at both rests. A shape that ends in the left side of one has a second
// form, with the right side in its place: the reader gets both. Both sides of an equation have the
// same number of dims, so the forms of a shape differ in where their rest stands and not in length.
#include "ir/solver_core.h"

#include <string.h>

enum { dim_limit = 64 }; // of one row

// A limit keeps rules that ask each other for one more dim from going on for ever.
mth_status solver_set_row(mth_solver *solver, uint32_t row, const flat_shape *shape) {
  const size_t count = shape->prefix_count + shape->suffix_count;
  if (count > dim_limit) return solver_refuse_rank(solver);
  const mth_dim **dims = solver_grow(solver, &solver->row_dims, count, sizeof *dims);
  if (!dims) return MTH_NO_MEMORY;
  if (shape->prefix_count) memcpy(dims, shape->prefix, shape->prefix_count * sizeof *dims);
  if (shape->suffix_count)
    memcpy(dims + shape->prefix_count, shape->suffix, shape->suffix_count * sizeof *dims);
  MTH_TRY(solver_save(solver, RECORD_ROW, row));
  row_record *record = solver_row(solver, row);
  record->is_bound = true;
  record->first_dim = solver->row_dims.count - count;
  record->prefix_count = (uint32_t)shape->prefix_count;
  record->suffix_count = (uint32_t)shape->suffix_count;
  record->rest = shape->rest;
  return MTH_OK;
}

mth_status solver_row_of(mth_solver *solver, const flat_shape *shape, uint32_t *out_row) {
  if (shape->prefix_count + shape->suffix_count == 0 && shape->rest != no_index) {
    *out_row = shape->rest;
    return MTH_OK;
  }
  MTH_TRY(solver_new_row(solver, out_row));
  return solver_set_row(solver, *out_row, shape);
}

// ---- one form -----------------------------------------------------------------------------------

static void set_dims(flat_shape *shape, const mth_dim **dims, size_t prefix_count, uint32_t rest) {
  const size_t count = shape->prefix_count + shape->suffix_count;
  shape->prefix = dims;
  shape->prefix_count = prefix_count;
  shape->suffix = dims + prefix_count;
  shape->suffix_count = count - prefix_count;
  shape->rest = rest;
}

mth_status solver_read_form(mth_solver *solver, uint32_t row, flat_shape *out_shape) {
  size_t prefix_count = 0, suffix_count = 0, steps = 0;
  uint32_t end = row;
  for (; end != no_index && solver_row(solver, end)->is_bound;
       end = solver_row(solver, end)->rest) {
    prefix_count += solver_row(solver, end)->prefix_count;
    suffix_count += solver_row(solver, end)->suffix_count;
    ++steps;
  }
  const size_t count = prefix_count + suffix_count;
  const mth_dim **dims = MTH_NEW_ARRAY(&solver->scratch, const mth_dim *, count);
  if (!dims) return MTH_NO_MEMORY;
  size_t front = 0, back = count;
  for (uint32_t i = row; i != end; i = solver_row(solver, i)->rest) {
    const row_record record = *solver_row(solver, i);
    back -= record.suffix_count;
    for (size_t j = 0; j < record.prefix_count + record.suffix_count; ++j) {
      const mth_dim *dim = ((const mth_dim **)solver->row_dims.items)[record.first_dim + j];
      const mth_dim *resolved = solver_resolve(solver, dim);
      if (!resolved) return solver_no_dim(solver);
      if (j < record.prefix_count)
        dims[front++] = resolved;
      else
        dims[back + j - record.prefix_count] = resolved;
    }
  }
  *out_shape = (flat_shape){.prefix_count = count};
  set_dims(out_shape, dims, end == no_index ? count : prefix_count, end);
  if (steps > 2) MTH_TRY(solver_set_row(solver, row, out_shape)); // the next reader takes one step
  return MTH_OK;
}

// ---- two forms ----------------------------------------------------------------------------------

// prefix ++ rests[0] == rests[1] ++ suffix, `count` dims in each.
typedef struct equation {
  size_t count;
  const mth_dim **prefix, **suffix;
  uint32_t rests[2];
} equation;

// False in *out_holds: its rests are known by now, and it is to run.
static mth_status read_equation(mth_solver *solver, uint32_t rule, equation *out, bool *out_holds) {
  const rule_record record = *solver_rule(solver, rule);
  flat_shape left, right;
  *out_holds = false;
  if (record.kind != RULE_EQUAL_ROWS || rule == solver->running_equation) return MTH_OK;
  MTH_TRY(solver_read_form(solver, record.rows[0], &left));
  MTH_TRY(solver_read_form(solver, record.rows[1], &right));
  *out = (equation){left.prefix_count, left.prefix, right.suffix, {left.rest, right.rest}};
  *out_holds = left.rest != no_index && right.rest != no_index && left.suffix_count == 0 &&
               right.prefix_count == 0 && left.prefix_count == right.suffix_count;
  return MTH_OK;
}

static bool same_dims(size_t count, const mth_dim **a, const mth_dim **b) {
  return count == 0 || memcmp(a, b, count * sizeof *a) == 0;
}

// Puts one side of an equation in the place of the other, if the other stands at the shape's rest.
static mth_status replace_side(mth_solver *solver, uint32_t rule, bool to_front, flat_shape *shape,
                               bool *out_replaced) {
  equation e;
  *out_replaced = false;
  bool holds;
  MTH_TRY(read_equation(solver, rule, &e, &holds));
  if (!holds) return MTH_OK;
  const size_t before = shape->prefix_count;
  const bool fits = to_front ? e.rests[1] == shape->rest && e.count <= shape->suffix_count &&
                                   same_dims(e.count, e.suffix, shape->suffix)
                             : e.rests[0] == shape->rest && e.count <= before &&
                                   same_dims(e.count, e.prefix, shape->prefix + (before - e.count));
  if (!fits) return MTH_OK;
  const size_t count = before + shape->suffix_count;
  const mth_dim **dims = MTH_NEW_ARRAY(&solver->scratch, const mth_dim *, count);
  if (!dims) return MTH_NO_MEMORY;
  memcpy(dims, shape->prefix, count * sizeof *dims);
  memcpy(dims + (to_front ? before : before - e.count), to_front ? e.prefix : e.suffix,
         e.count * sizeof *dims);
  set_dims(shape, dims, to_front ? before + e.count : before - e.count, e.rests[to_front ? 0 : 1]);
  *out_replaced = true;
  return MTH_OK;
}

// Moves the rest as far to one end as equations allow.
static mth_status move_rest(mth_solver *solver, bool to_front, flat_shape *shape) {
  bool has_moved = true;
  while (has_moved) {
    has_moved = false;
    uint32_t node = solver_row(solver, shape->rest)->equations.head;
    while (node != no_index && !has_moved) {
      const watch_node at = ((const watch_node *)solver->watches.items)[node];
      MTH_TRY(replace_side(solver, at.rule, to_front, shape, &has_moved));
      node = at.next;
    }
  }
  return MTH_OK;
}

static void note_front(flat_shape *shape, const flat_shape *front) {
  shape->front = front->prefix;
  shape->front_count = front->prefix_count;
  shape->front_rest = front->rest;
}

mth_status solver_read_row(mth_solver *solver, uint32_t row, flat_shape *out_shape) {
  MTH_TRY(solver_read_form(solver, row, out_shape));
  note_front(out_shape, out_shape);
  const bool is_closed = out_shape->rest == no_index;
  if (is_closed || solver_row(solver, out_shape->rest)->equations.head == no_index) return MTH_OK;
  flat_shape front = *out_shape;
  MTH_TRY(move_rest(solver, true, &front));
  *out_shape = front;
  MTH_TRY(move_rest(solver, false, out_shape));
  note_front(out_shape, &front);
  return MTH_OK;
}

flat_shape solver_front_form(const flat_shape *shape) {
  flat_shape front = *shape;
  set_dims(&front, shape->front, shape->front_count, shape->front_rest);
  return front;
}

const mth_dim *solver_pick_dim(const flat_shape *shape, int64_t axis) {
  const bool is_closed = shape->rest == no_index;
  const int64_t front = (int64_t)shape->front_count, suffix = (int64_t)shape->suffix_count;
  if (axis >= 0) return axis < front ? shape->front[axis] : NULL;
  if (is_closed) return axis >= -front ? shape->front[front + axis] : NULL;
  return axis >= -suffix ? shape->suffix[suffix + axis] : NULL;
}

// ---- text ---------------------------------------------------------------------------------------

static const char *form_text(mth_solver *solver, const flat_shape *shape, const char *text) {
  text = mth_arena_format(&solver->scratch, "%s[", text);
  const size_t count = shape->prefix_count + shape->suffix_count;
  for (size_t i = 0; text && i <= count; ++i) {
    if (i == shape->prefix_count && shape->rest != no_index)
      text = mth_arena_format(&solver->scratch, "%s%s...", text, i ? ", " : "");
    if (text && i < count) {
      const bool first = i == 0 && !(shape->prefix_count == 0 && shape->rest != no_index);
      text = mth_arena_format(&solver->scratch, "%s%s%s", text, first ? "" : ", ",
                              solver_dim_text(solver, shape->prefix[i]));
    }
  }
  return text ? mth_arena_format(&solver->scratch, "%s]", text) : NULL;
}

const char *solver_shape_text(mth_solver *solver, uint32_t row) {
  flat_shape shape;
  if (solver_read_row(solver, row, &shape) != MTH_OK) return "[?]";
  const flat_shape front = solver_front_form(&shape);
  const char *text = form_text(solver, &front, "");
  if (text && front.prefix_count != shape.prefix_count) {
    text = mth_arena_format(&solver->scratch, "%s and ", text);
    text = text ? form_text(solver, &shape, text) : NULL;
  }
  return text ? text : "[?]";
}
