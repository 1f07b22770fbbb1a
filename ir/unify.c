// unify.c: making dims and rows equal.
//
// Two dims are equal if their difference, an expression in normal form, is 0. If it is linear in an
// unknown symbol that occurs nowhere else in it, and the other coefficients divide, the symbol gets
// its value. A difference of declared symbols and numbers alone that is not 0 is a contradiction: a
// declared symbol never becomes something else. Anything else waits until more is known: as do two
// shapes of which one is known in front and the other behind, since those dims may overlap.
#include "ir/solver_core.h"

#include <assert.h>
#include <string.h>

enum { dim_limit = 64 }; // of one row

// ---- reading ------------------------------------------------------------------------------------

static const mth_dim *replace(void *user, const mth_dim *symbol) {
  mth_solver *solver = user;
  const uint32_t index = solver_find_symbol(solver, symbol);
  if (index == no_index) {
    solver->lacked_memory = true;
    return NULL;
  }
  const mth_dim *value = solver_symbol(solver, index)->value;
  if (!value) return symbol;
  const mth_dim *resolved = solver_resolve(solver, value);
  // Shortens the way for the next reader; failing to do so is no harm.
  if (resolved && resolved != value && solver_save(solver, RECORD_SYMBOL, index) == MTH_OK)
    solver_symbol(solver, index)->value = resolved;
  return resolved;
}

const mth_dim *solver_resolve(mth_solver *solver, const mth_dim *dim) {
  return mth_dim_substitute(solver->dims, dim, replace, solver);
}

static mth_status refuse_rank(mth_solver *solver) {
  solver->conflict = (conflict){true, NULL, NULL};
  return MTH_INVALID;
}

bool solver_lacked_memory(const mth_solver *solver) {
  return solver->lacked_memory ||
         mth_dim_table_failure_count(solver->dims) != solver->dim_failure_count;
}

mth_status solver_no_dim(mth_solver *solver) {
  if (solver_lacked_memory(solver)) return MTH_NO_MEMORY;
  return mth_fail(MTH_UNSUPPORTED, solver->at, "a size leaves 63 bits, or is divided by 0");
}

// Binds a row to a shape; rules are not told. A limit keeps rules that ask each other for one more
// dim from going on for ever.
static mth_status set_row(mth_solver *solver, uint32_t row, const flat_shape *shape) {
  const size_t count = shape->prefix_count + shape->suffix_count;
  if (count > dim_limit) return refuse_rank(solver);
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

mth_status solver_read_row(mth_solver *solver, uint32_t row, flat_shape *out_shape) {
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
  *out_shape = (flat_shape){prefix_count, suffix_count, dims, dims + prefix_count, end};
  if (end == no_index) out_shape->prefix_count = count, out_shape->suffix_count = 0;
  if (steps > 2) MTH_TRY(set_row(solver, row, out_shape)); // the next reader takes one step
  return MTH_OK;
}

const mth_dim *solver_pick_dim(const flat_shape *shape, int64_t axis) {
  const bool is_closed = shape->rest == no_index;
  const int64_t prefix = (int64_t)shape->prefix_count, suffix = (int64_t)shape->suffix_count;
  if (axis >= 0) return axis < prefix ? shape->prefix[axis] : NULL;
  if (is_closed) return axis >= -prefix ? shape->prefix[prefix + axis] : NULL;
  return axis >= -suffix ? shape->suffix[suffix + axis] : NULL;
}

mth_status solver_row_of(mth_solver *solver, const flat_shape *shape, uint32_t *out_row) {
  if (shape->prefix_count + shape->suffix_count == 0 && shape->rest != no_index) {
    *out_row = shape->rest;
    return MTH_OK;
  }
  MTH_TRY(solver_new_row(solver, out_row));
  return set_row(solver, *out_row, shape);
}

// ---- text ---------------------------------------------------------------------------------------

static bool is_unknown(mth_solver *solver, const mth_dim *dim, uint32_t *out_index) {
  if (!mth_dim_is_symbol(dim)) return false;
  *out_index = solver_find_symbol(solver, dim);
  return *out_index != no_index && !solver_symbol(solver, *out_index)->is_rigid;
}

const char *solver_dim_text(mth_solver *solver, const mth_dim *dim) {
  const mth_dim *resolved = solver_resolve(solver, dim);
  uint32_t index;
  if (resolved && is_unknown(solver, resolved, &index)) return "?";
  const char *text = resolved ? mth_dim_text(solver->dims, resolved) : NULL;
  return text ? solver_without_numbers(solver, text) : "?";
}

const char *solver_shape_text(mth_solver *solver, uint32_t row) {
  flat_shape shape;
  if (solver_read_row(solver, row, &shape) != MTH_OK) return "[?]";
  const char *text = "[";
  const size_t count = shape.prefix_count + shape.suffix_count;
  for (size_t i = 0; text && i <= count; ++i) {
    if (i == shape.prefix_count && shape.rest != no_index)
      text = mth_arena_format(&solver->scratch, "%s%s...", text, i ? ", " : "");
    if (text && i < count) {
      const bool first = i == 0 && !(shape.prefix_count == 0 && shape.rest != no_index);
      text = mth_arena_format(&solver->scratch, "%s%s%s", text, first ? "" : ", ",
                              solver_dim_text(solver, shape.prefix[i]));
    }
  }
  text = text ? mth_arena_format(&solver->scratch, "%s]", text) : NULL;
  return text ? text : "[?]";
}

// ---- dims ---------------------------------------------------------------------------------------

static mth_status refuse(mth_solver *solver, const mth_dim *a, const mth_dim *b) {
  solver->conflict = (conflict){false, a, b};
  return MTH_INVALID;
}

// Gives an unknown symbol its value: its rules run, and watch what it stands for.
static mth_status bind_symbol(mth_solver *solver, uint32_t index, const mth_dim *value) {
  MTH_TRY(solver_save(solver, RECORD_SYMBOL, index));
  solver_symbol(solver, index)->value = value;
  const watch_list rules = solver_symbol(solver, index)->rules;
  MTH_TRY(solver_enqueue_all(solver, rules));
  for (uint32_t i = rules.head; i != no_index; i = ((watch_node *)solver->watches.items)[i].next) {
    const uint32_t rule = ((watch_node *)solver->watches.items)[i].rule;
    MTH_TRY(solver_watch_dim(solver, value, rule));
  }
  return MTH_OK;
}

static bool occurs(const mth_dim *symbol, const mth_dim *dim) {
  if (dim == symbol) return true;
  if (mth_dim_is_constant(dim, NULL) || mth_dim_is_symbol(dim)) return false;
  for (size_t i = 0; i < mth_dim_operand_count(dim); ++i)
    if (occurs(symbol, mth_dim_operand(dim, i))) return true;
  return false;
}

static bool has_unknown(mth_solver *solver, const mth_dim *dim) {
  uint32_t index;
  if (mth_dim_is_constant(dim, NULL)) return false;
  if (mth_dim_is_symbol(dim)) return is_unknown(solver, dim, &index);
  for (size_t i = 0; i < mth_dim_operand_count(dim); ++i)
    if (has_unknown(solver, mth_dim_operand(dim, i))) return true;
  return false;
}

static size_t term_count(const mth_dim *dim) {
  return mth_dim_get_kind(dim) == MTH_DIM_ADD ? mth_dim_operand_count(dim) : 1;
}

static const mth_dim *term_at(const mth_dim *dim, size_t index) {
  return mth_dim_get_kind(dim) == MTH_DIM_ADD ? mth_dim_operand(dim, index) : dim;
}

static size_t factor_count(const mth_dim *term) {
  return mth_dim_get_kind(term) == MTH_DIM_MULTIPLY ? mth_dim_operand_count(term) : 1;
}

static const mth_dim *factor_at(const mth_dim *term, size_t index) {
  return mth_dim_get_kind(term) == MTH_DIM_MULTIPLY ? mth_dim_operand(term, index) : term;
}

static bool occurs_once(const mth_dim *symbol, const mth_dim *sum, size_t term, size_t factor) {
  for (size_t i = 0; i < term_count(sum); ++i)
    for (size_t j = 0; j < factor_count(term_at(sum, i)); ++j)
      if ((i != term || j != factor) && occurs(symbol, factor_at(term_at(sum, i), j))) return false;
  return true;
}

// The exact quotient a / b, or NULL if b does not divide a. b is not 0.
static const mth_dim *divide_exactly(mth_solver *solver, const mth_dim *a, const mth_dim *b) {
  int64_t rest;
  if (!mth_dim_is_constant(mth_dim_mod(solver->dims, a, b), &rest) || rest != 0) return NULL;
  return mth_dim_floordiv(solver->dims, a, b);
}

// What `term`'s factor number `factor` must be for sum to be 0: the other terms divided by the
// other factors. NULL if they do not divide. Dims that are factors are taken not to be 0.
static const mth_dim *solve_for(mth_solver *solver, const mth_dim *sum, const mth_dim *term,
                                size_t factor) {
  const mth_dim *value = mth_dim_subtract(solver->dims, term, sum);
  for (size_t i = 0; value && i < factor_count(term); ++i)
    if (i != factor) value = divide_exactly(solver, value, factor_at(term, i));
  return value;
}

// Factors of a term but the sign: x and -x have one.
static size_t unsigned_factor_count(const mth_dim *term) {
  int64_t number;
  return factor_count(term) - (mth_dim_is_constant(factor_at(term, 0), &number) && number == -1);
}

// The best symbol to solve `sum` == 0 for: alone in its term before as a factor, then the one with
// the fewest rules to run again.
static mth_status solve(mth_solver *solver, const mth_dim *sum, bool *out_solved) {
  uint32_t best = no_index;
  size_t best_factors = 0;
  const mth_dim *best_value = NULL;
  for (size_t i = 0; i < term_count(sum); ++i) {
    const mth_dim *term = term_at(sum, i);
    for (size_t j = 0; j < factor_count(term); ++j) {
      uint32_t index;
      if (!is_unknown(solver, factor_at(term, j), &index)) continue;
      const size_t factors = unsigned_factor_count(term);
      const bool is_better =
          best == no_index || factors < best_factors ||
          (factors == best_factors &&
           solver_symbol(solver, index)->rules.count < solver_symbol(solver, best)->rules.count);
      if (!is_better || !occurs_once(factor_at(term, j), sum, i, j)) continue;
      const mth_dim *value = solve_for(solver, sum, term, j);
      if (!value) continue;
      best = index, best_factors = factors, best_value = value;
    }
  }
  *out_solved = best != no_index;
  return *out_solved ? bind_symbol(solver, best, best_value) : MTH_OK;
}

// Several dims multiplied: 0 if one of them is, but it is not known which.
static bool is_product(const mth_dim *sum) {
  return term_count(sum) == 1 &&
         factor_count(sum) > 1u + mth_dim_is_constant(factor_at(sum, 0), NULL);
}

static bool all_symbols(const mth_dim *product) {
  for (size_t i = 0; i < factor_count(product); ++i)
    if (!mth_dim_is_constant(factor_at(product, i), NULL) &&
        !mth_dim_is_symbol(factor_at(product, i)))
      return false;
  return true;
}

// True if `sum` == 0 has no solution: a product of dims that are taken not to be 0, or c x + n with
// an unknown x and c not dividing n.
static bool is_impossible(mth_solver *solver, const mth_dim *sum) {
  if (!has_unknown(solver, sum)) return true;
  if (is_product(sum)) return all_symbols(sum);
  int64_t coefficient, number;
  if (term_count(sum) != 2 || !mth_dim_is_constant(term_at(sum, 1), &number)) return false;
  const mth_dim *term = term_at(sum, 0);
  return factor_count(term) > 1 && mth_dim_is_constant(factor_at(term, 0), &coefficient) &&
         coefficient != -1 && number % coefficient != 0;
}

// Nothing is lost when a rule cannot solve its equation: it runs again when more is known of
// anything in it. What is stated from outside becomes a rule.
static mth_status wait_for_dims(mth_solver *solver, const mth_dim *a, const mth_dim *b) {
  if (solver->is_running) return MTH_OK;
  const rule_record rule = {.kind = RULE_EQUAL_DIMS, .left = a, .right = b};
  uint32_t index;
  MTH_TRY(solver_new_rule(solver, &rule, &index));
  MTH_TRY(solver_watch_dim(solver, a, index));
  return solver_watch_dim(solver, b, index);
}

static bool is_leaf(const mth_dim *dim) {
  return mth_dim_is_symbol(dim) || mth_dim_is_constant(dim, NULL);
}

// What `solve` and `is_impossible` would make of two leaves that differ, without a difference of
// them, which would stay in the table.
static mth_status unify_leaves(mth_solver *solver, const mth_dim *a, const mth_dim *b) {
  uint32_t x, y;
  const bool binds_a = is_unknown(solver, a, &x), binds_b = is_unknown(solver, b, &y);
  if (!binds_a && !binds_b) return refuse(solver, a, b);
  if (!binds_a) return bind_symbol(solver, y, a);
  if (!binds_b) return bind_symbol(solver, x, b);
  const uint32_t a_rules = solver_symbol(solver, x)->rules.count;
  const uint32_t b_rules = solver_symbol(solver, y)->rules.count;
  const bool a_first = a_rules < b_rules || (a_rules == b_rules && x < y); // made earlier
  return a_first ? bind_symbol(solver, x, b) : bind_symbol(solver, y, a);
}

mth_status solver_unify_dims(mth_solver *solver, const mth_dim *a, const mth_dim *b) {
  a = solver_resolve(solver, a);
  b = solver_resolve(solver, b);
  if (!a || !b) return solver_no_dim(solver);
  if (a == b) return MTH_OK;
  if (is_leaf(a) && is_leaf(b)) return unify_leaves(solver, a, b);
  const mth_dim *difference = mth_dim_subtract(solver->dims, a, b);
  if (!difference) return solver_no_dim(solver);
  bool solved = false;
  if (!is_product(difference)) MTH_TRY(solve(solver, difference, &solved));
  if (solved) return MTH_OK;
  if (is_impossible(solver, difference)) return refuse(solver, a, b);
  return wait_for_dims(solver, a, b);
}

// ---- rows ---------------------------------------------------------------------------------------

static mth_status bind_row(mth_solver *solver, uint32_t row, const flat_shape *shape) {
  const watch_list rules = solver_row(solver, row)->rules;
  MTH_TRY(set_row(solver, row, shape));
  MTH_TRY(solver_enqueue_all(solver, rules));
  for (uint32_t i = rules.head; i != no_index; i = ((watch_node *)solver->watches.items)[i].next)
    MTH_TRY(solver_watch_row(solver, row, ((watch_node *)solver->watches.items)[i].rule));
  return MTH_OK;
}

static mth_status unify_all(mth_solver *solver, size_t count, const mth_dim **a,
                            const mth_dim **b) {
  for (size_t i = 0; i < count; ++i)
    MTH_TRY(solver_unify_dims(solver, a[i], b[i]));
  return MTH_OK;
}

// `open` has a rest, `closed` has none.
static mth_status unify_open_closed(mth_solver *solver, const flat_shape *open,
                                    const flat_shape *closed) {
  const size_t fixed = open->prefix_count + open->suffix_count;
  if (closed->prefix_count < fixed) return refuse_rank(solver);
  const size_t middle = closed->prefix_count - fixed;
  MTH_TRY(unify_all(solver, open->prefix_count, open->prefix, closed->prefix));
  MTH_TRY(unify_all(solver, open->suffix_count, open->suffix,
                    closed->prefix + open->prefix_count + middle));
  const flat_shape rest = {
      .prefix_count = middle, .prefix = closed->prefix + open->prefix_count, .rest = no_index};
  return bind_row(solver, open->rest, &rest);
}

// What waits for the row `a` is equal to `b` too: [2, ...] and [4, 1, ...], which both wait for
// [..., ?1], contradict each other at once.
static mth_status unify_waiting(mth_solver *solver, uint32_t a, uint32_t rest, uint32_t b) {
  uint32_t node = solver_row(solver, rest)->rules.head;
  while (node != no_index) {
    const watch_node watch = ((const watch_node *)solver->watches.items)[node];
    const rule_record rule = *solver_rule(solver, watch.rule);
    node = watch.next;
    for (int k = 0; k < 2 && rule.kind == RULE_EQUAL_ROWS; k++)
      if (rule.rows[k] == a && rule.rows[1 - k] != b)
        MTH_TRY(solver_unify_rows(solver, rule.rows[1 - k], b));
  }
  return MTH_OK;
}

static bool waits(const mth_solver *solver, uint32_t rest, uint32_t a, uint32_t b) {
  uint32_t node = solver_row(solver, rest)->rules.head;
  for (; node != no_index; node = ((const watch_node *)solver->watches.items)[node].next) {
    const uint32_t index = ((const watch_node *)solver->watches.items)[node].rule;
    const rule_record *rule = solver_rule(solver, index);
    if (rule->kind == RULE_EQUAL_ROWS &&
        ((rule->rows[0] == a && rule->rows[1] == b) || (rule->rows[0] == b && rule->rows[1] == a)))
      return true;
  }
  return false;
}

static mth_status wait_for_rows(mth_solver *solver, uint32_t a, uint32_t b) {
  const rule_record rule = {.kind = RULE_EQUAL_ROWS, .rows = {a, b}};
  uint32_t index;
  MTH_TRY(solver_new_rule(solver, &rule, &index));
  MTH_TRY(solver_watch_row(solver, a, index));
  return solver_watch_row(solver, b, index);
}

// What `x` has in front and behind that `y` has not.
static flat_shape surplus(const flat_shape *x, const flat_shape *y) {
  flat_shape more = {.rest = x->rest};
  if (x->prefix_count > y->prefix_count) {
    more.prefix_count = x->prefix_count - y->prefix_count;
    more.prefix = x->prefix + y->prefix_count;
  }
  if (x->suffix_count > y->suffix_count) {
    more.suffix_count = x->suffix_count - y->suffix_count;
    more.suffix = x->suffix;
  }
  return more;
}

static mth_status unify_open(mth_solver *solver, uint32_t a, const flat_shape *x, uint32_t b,
                             const flat_shape *y) {
  const size_t prefix = x->prefix_count < y->prefix_count ? x->prefix_count : y->prefix_count;
  const size_t suffix = x->suffix_count < y->suffix_count ? x->suffix_count : y->suffix_count;
  MTH_TRY(unify_all(solver, prefix, x->prefix, y->prefix));
  MTH_TRY(unify_all(solver, suffix, x->suffix + (x->suffix_count - suffix),
                    y->suffix + (y->suffix_count - suffix)));
  const flat_shape x_more = surplus(x, y), y_more = surplus(y, x);
  const size_t x_count = x_more.prefix_count + x_more.suffix_count;
  const size_t y_count = y_more.prefix_count + y_more.suffix_count;
  if (x->rest == y->rest) {
    if (x_count != y_count) return refuse_rank(solver);
    return x_count == 0 || solver->is_running ? MTH_OK : wait_for_rows(solver, a, b);
  }
  const bool x_first =
      solver_row(solver, x->rest)->rules.count <= solver_row(solver, y->rest)->rules.count;
  if (x_count == 0 && (y_count > 0 || x_first)) return bind_row(solver, x->rest, &y_more);
  if (y_count == 0) return bind_row(solver, y->rest, &x_more);
  if (solver->is_running || waits(solver, x->rest, a, b)) return MTH_OK;
  MTH_TRY(wait_for_rows(solver, a, b));
  MTH_TRY(unify_waiting(solver, a, x->rest, b));
  return unify_waiting(solver, b, y->rest, a);
}

mth_status solver_unify_rows(mth_solver *solver, uint32_t a, uint32_t b) {
  if (a == b) return MTH_OK;
  flat_shape x, y;
  MTH_TRY(solver_read_row(solver, a, &x));
  MTH_TRY(solver_read_row(solver, b, &y));
  if (x.rest == no_index && y.rest == no_index) {
    if (x.prefix_count != y.prefix_count) return refuse_rank(solver);
    return unify_all(solver, x.prefix_count, x.prefix, y.prefix);
  }
  if (x.rest == no_index) return unify_open_closed(solver, &y, &x);
  if (y.rest == no_index) return unify_open_closed(solver, &x, &y);
  return unify_open(solver, a, &x, b, &y);
}
