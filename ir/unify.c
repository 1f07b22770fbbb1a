// unify.c: making dims equal.
//
// Two dims are equal if their difference, an expression in normal form, is 0. If it is linear in an
// unknown symbol that occurs nowhere else in it, and the other coefficients divide, the symbol gets
// its value. A difference of declared symbols and numbers alone that is not 0 is a contradiction: a
// declared symbol never becomes something else. Anything else waits until more is known.
#include "ir/solver_core.h"

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
  const mth_dim *resolved = mth_dim_substitute(solver->dims, dim, replace, solver);
  const mth_dim *value = resolved ? solver_expression_value(solver, resolved) : NULL;
  return value ? value : resolved;
}

bool solver_lacked_memory(const mth_solver *solver) {
  return solver->lacked_memory ||
         mth_dim_table_failure_count(solver->dims) != solver->dim_failure_count;
}

mth_status solver_no_dim(mth_solver *solver) {
  if (solver_lacked_memory(solver)) return MTH_NO_MEMORY;
  solver->divided_by_zero = mth_dim_table_failure(solver->dims) == MTH_DIM_FAILURE_ZERO;
  return mth_fail(MTH_UNSUPPORTED, solver->at,
                  solver->divided_by_zero ? "a size is divided by 0" : "a size leaves 63 bits");
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

// The rules of all unknown symbols of a dim.
static mth_status wake_symbols(mth_solver *solver, const mth_dim *dim) {
  uint32_t index;
  if (mth_dim_is_constant(dim, NULL)) return MTH_OK;
  if (mth_dim_is_symbol(dim))
    return is_unknown(solver, dim, &index)
               ? solver_enqueue_all(solver, solver_symbol(solver, index)->rules)
               : MTH_OK;
  for (size_t i = 0; i < mth_dim_operand_count(dim); ++i)
    MTH_TRY(wake_symbols(solver, mth_dim_operand(dim, i)));
  return MTH_OK;
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
  const bool is_older = mth_dim_symbol_number(a) < mth_dim_symbol_number(b);
  const bool a_first = a_rules < b_rules || (a_rules == b_rules && is_older);
  return a_first ? bind_symbol(solver, x, b) : bind_symbol(solver, y, a);
}

// Whoever meets an expression that cannot be solved for any of its symbols reads what it is equal
// to, if nothing is unknown in that. The equation itself is kept by whoever states it.
static mth_status note_value(mth_solver *solver, const mth_dim *a, const mth_dim *b) {
  const mth_dim *value = has_unknown(solver, a) ? b : a, *expression = value == a ? b : a;
  if (has_unknown(solver, value)) return MTH_OK;
  MTH_TRY(solver_note_expression(solver, expression, value));
  return wake_symbols(solver, expression);
}

// Does every term but the first have this factor?
static bool is_common(const mth_dim *factor, const mth_dim *sum) {
  for (size_t i = 1; i < term_count(sum); ++i) {
    const mth_dim *term = term_at(sum, i);
    size_t j = 0;
    while (j < factor_count(term) && factor_at(term, j) != factor)
      ++j;
    if (j == factor_count(term)) return false;
  }
  return true;
}

// T*?1 - ?1 is 0 if T - 1 is: dims that are factors are taken not to be 0.
static const mth_dim *without_common_factors(mth_solver *solver, const mth_dim *sum) {
  for (size_t i = 0; term_count(sum) > 1 && i < factor_count(term_at(sum, 0));) {
    const mth_dim *factor = factor_at(term_at(sum, 0), i);
    if (mth_dim_is_symbol(factor) && is_common(factor, sum)) {
      if (!(sum = mth_dim_floordiv(solver->dims, sum, factor))) return NULL;
      i = 0;
    } else {
      ++i;
    }
  }
  return sum;
}

mth_status solver_unify_dims(mth_solver *solver, const mth_dim *a, const mth_dim *b) {
  a = solver_resolve(solver, a);
  b = solver_resolve(solver, b);
  if (!a || !b) return solver_no_dim(solver);
  if (a == b) return MTH_OK;
  if (is_leaf(a) && is_leaf(b)) return unify_leaves(solver, a, b);
  const mth_dim *difference = mth_dim_subtract(solver->dims, a, b);
  if (difference) difference = without_common_factors(solver, difference);
  if (!difference) return solver_no_dim(solver);
  bool solved = false;
  if (!is_product(difference)) MTH_TRY(solve(solver, difference, &solved));
  if (solved) return MTH_OK;
  if (is_impossible(solver, difference)) return refuse(solver, a, b);
  MTH_TRY(note_value(solver, a, b));
  return wait_for_dims(solver, a, b);
}
