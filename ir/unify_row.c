// unify_row.c: making rows equal.
//
// Two shapes that are both known only in front, or only behind, are aligned there. Of one that is
// known in front and one that is known behind it is not known whether these dims overlap: what
// differs becomes an equation (row.c), of as many dims on both sides. An equation is a rule, which
// runs again when more is known of anything in it, and then becomes dims, a row, or another equation.
#include "ir/solver_core.h"

mth_status solver_refuse_rank(mth_solver *solver) {
  solver->conflict = (conflict){true, NULL, NULL};
  return MTH_INVALID;
}

static mth_status bind_row(mth_solver *solver, uint32_t row, const flat_shape *shape) {
  const watch_list rules = solver_row(solver, row)->rules;
  MTH_TRY(solver_set_row(solver, row, shape));
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

// `open`, read from `row`, has a rest, `closed` has none. The row is known from here on, whichever of
// its forms is written down; equations tell the others.
static mth_status unify_open_closed(mth_solver *solver, uint32_t row, const flat_shape *open,
                                    const flat_shape *closed) {
  const size_t fixed = open->prefix_count + open->suffix_count;
  if (closed->prefix_count < fixed) return solver_refuse_rank(solver);
  const size_t middle = closed->prefix_count - fixed;
  MTH_TRY(unify_all(solver, open->front_count, open->front, closed->prefix));
  MTH_TRY(unify_all(solver, open->suffix_count, open->suffix,
                    closed->prefix + open->prefix_count + middle));
  flat_shape written;
  MTH_TRY(solver_read_form(solver, row, &written));
  const flat_shape rest = {
      .prefix_count = middle, .prefix = closed->prefix + written.prefix_count, .rest = no_index};
  return bind_row(solver, written.rest, &rest);
}

// ---- equations ----------------------------------------------------------------------------------

// What looks at a shape that ends in the rest of one side looks at the other side too.
static mth_status wake_watchers(mth_solver *solver, uint32_t rest, uint32_t other) {
  const watch_list rules = solver_row(solver, rest)->rules;
  MTH_TRY(solver_enqueue_all(solver, rules));
  for (uint32_t i = rules.head; i != no_index; i = ((watch_node *)solver->watches.items)[i].next)
    MTH_TRY(solver_watch_row(solver, other, ((watch_node *)solver->watches.items)[i].rule));
  return MTH_OK;
}

// prefix ++ rest == other ++ suffix.
static mth_status add_equation(mth_solver *solver, const flat_shape *left,
                               const flat_shape *right) {
  rule_record rule = {.kind = RULE_EQUAL_ROWS};
  uint32_t index;
  MTH_TRY(solver_row_of(solver, left, &rule.rows[0]));
  MTH_TRY(solver_row_of(solver, right, &rule.rows[1]));
  MTH_TRY(wake_watchers(solver, left->rest, rule.rows[1]));
  MTH_TRY(wake_watchers(solver, right->rest, rule.rows[0]));
  MTH_TRY(solver_new_rule(solver, &rule, &index));
  MTH_TRY(solver_watch_row(solver, rule.rows[0], index));
  MTH_TRY(solver_watch_row(solver, rule.rows[1], index));
  MTH_TRY(solver_list_equation(solver, left->rest, index));
  return left->rest == right->rest ? MTH_OK : solver_list_equation(solver, right->rest, index);
}

// The equation that runs says just this: it goes on waiting.
static bool is_running_equation(mth_solver *solver, const flat_shape *left,
                                const flat_shape *right) {
  const uint32_t running = solver->running_equation;
  if (running == no_index) return false;
  const row_record *a = solver_row(solver, solver_rule(solver, running)->rows[0]);
  const row_record *b = solver_row(solver, solver_rule(solver, running)->rows[1]);
  return a->rest == left->rest && b->rest == right->rest && a->prefix_count == left->prefix_count;
}

// `x` has dims in front that `y` has not, `y` has dims behind that `x` has not.
static mth_status equate(mth_solver *solver, uint32_t a, const flat_shape *x, uint32_t b,
                         const flat_shape *y) {
  const flat_shape left = {.prefix_count = x->prefix_count - y->prefix_count,
                           .prefix = x->prefix + y->prefix_count,
                           .rest = x->rest};
  const flat_shape right = {
      .suffix_count = y->suffix_count - x->suffix_count, .suffix = y->suffix, .rest = y->rest};
  if (left.prefix_count == right.suffix_count) {
    if (!is_running_equation(solver, &left, &right)) return add_equation(solver, &left, &right);
    solver->is_equation_open = true;
    return MTH_OK;
  }
  // There are so many dims that those of the longer side reach into the rest of the other.
  flat_shape more = {0};
  MTH_TRY(solver_new_row(solver, &more.rest));
  if (left.prefix_count < right.suffix_count) {
    more.suffix_count = right.suffix_count - left.prefix_count;
    more.suffix = right.suffix + left.prefix_count;
    MTH_TRY(bind_row(solver, left.rest, &more));
  } else {
    more.prefix_count = left.prefix_count - right.suffix_count;
    more.prefix = left.prefix;
    MTH_TRY(bind_row(solver, right.rest, &more));
  }
  return solver_unify_rows(solver, a, b);
}

// ---- open shapes --------------------------------------------------------------------------------

typedef enum alignment { ALIGNED, BOUND, OPPOSITE } alignment;

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

static mth_status align(mth_solver *solver, const flat_shape *x, const flat_shape *y,
                        alignment *out) {
  const size_t prefix = x->prefix_count < y->prefix_count ? x->prefix_count : y->prefix_count;
  const size_t suffix = x->suffix_count < y->suffix_count ? x->suffix_count : y->suffix_count;
  MTH_TRY(unify_all(solver, prefix, x->prefix, y->prefix));
  MTH_TRY(unify_all(solver, suffix, x->suffix + (x->suffix_count - suffix),
                    y->suffix + (y->suffix_count - suffix)));
  const flat_shape x_more = surplus(x, y), y_more = surplus(y, x);
  const size_t x_count = x_more.prefix_count + x_more.suffix_count;
  const size_t y_count = y_more.prefix_count + y_more.suffix_count;
  *out = OPPOSITE;
  if (x->rest == y->rest) {
    if (x_count != y_count) return solver_refuse_rank(solver);
    if (x_count == 0) *out = ALIGNED;
    return MTH_OK;
  }
  if (x_count > 0 && y_count > 0) return MTH_OK;
  *out = BOUND;
  const bool x_first =
      solver_row(solver, x->rest)->rules.count <= solver_row(solver, y->rest)->rules.count;
  if (x_count == 0 && (y_count > 0 || x_first)) return bind_row(solver, x->rest, &y_more);
  return bind_row(solver, y->rest, &x_more);
}

// How many dims an equation between two shapes would have.
static size_t overlap(const flat_shape *x, const flat_shape *y) {
  const flat_shape x_more = surplus(x, y), y_more = surplus(y, x);
  const size_t x_count = x_more.prefix_count + x_more.suffix_count;
  const size_t y_count = y_more.prefix_count + y_more.suffix_count;
  return x_count > y_count ? x_count : y_count;
}

// Every form of one with every form of the other. What is left to wait for is said of the two that
// differ least, so that equations do not repeat each other.
static mth_status unify_open(mth_solver *solver, uint32_t a, const flat_shape *x, uint32_t b,
                             const flat_shape *y) {
  const flat_shape xs[] = {solver_front_form(x), *x}, ys[] = {solver_front_form(y), *y};
  const int first_x = xs[0].prefix_count == x->prefix_count; // one form: once
  const int first_y = ys[0].prefix_count == y->prefix_count;
  const flat_shape *best_x = NULL, *best_y = NULL;
  for (int i = first_x; i < 2; ++i)
    for (int j = first_y; j < 2; ++j) {
      alignment found;
      MTH_TRY(align(solver, &xs[i], &ys[j], &found));
      if (found == BOUND) return solver_unify_rows(solver, a, b);
      if (found == ALIGNED) return MTH_OK;
      if (best_x && overlap(&xs[i], &ys[j]) >= overlap(best_x, best_y)) continue;
      best_x = &xs[i], best_y = &ys[j];
    }
  return best_x->prefix_count > best_y->prefix_count ? equate(solver, a, best_x, b, best_y)
                                                     : equate(solver, b, best_y, a, best_x);
}

mth_status solver_unify_rows(mth_solver *solver, uint32_t a, uint32_t b) {
  if (a == b) return MTH_OK;
  flat_shape x, y;
  MTH_TRY(solver_read_row(solver, a, &x));
  MTH_TRY(solver_read_row(solver, b, &y));
  if (x.rest == no_index && y.rest == no_index) {
    if (x.prefix_count != y.prefix_count) return solver_refuse_rank(solver);
    return unify_all(solver, x.prefix_count, x.prefix, y.prefix);
  }
  if (x.rest == no_index) return unify_open_closed(solver, b, &y, &x);
  if (y.rest == no_index) return unify_open_closed(solver, a, &x, &y);
  return unify_open(solver, a, &x, b, &y);
}

mth_status solver_run_equation(mth_solver *solver, uint32_t rule) {
  const rule_record record = *solver_rule(solver, rule);
  solver->running_equation = rule;
  solver->is_equation_open = false;
  const mth_status status = solver_unify_rows(solver, record.rows[0], record.rows[1]);
  solver->running_equation = no_index;
  if (status != MTH_OK || solver->is_equation_open) return status;
  MTH_TRY(solver_save(solver, RECORD_RULE, rule)); // what it said is in rows and dims now
  solver_rule(solver, rule)->kind = RULE_RETIRED;
  return MTH_OK;
}
