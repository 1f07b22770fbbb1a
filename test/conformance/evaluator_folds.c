// evaluator_folds.c: reductions along axes, and softmax.
#include "test/conformance/evaluator.h"

#include <math.h>
#include <string.h>

// Which axes are folded, and the shape that is left.
typedef struct folding {
  bool folds[suite_rank_max];
  bool keeps;
  size_t rank; // of the result
  int64_t extents[suite_rank_max];
  size_t terms; // of each fold
} folding;

static void fold_axis(evaluator *e, folding *f, const real_array *x, const json_t *axis) {
  const int64_t at = json_integer_value(axis), rank = (int64_t)x->rank;
  if (!json_is_integer(axis) || at < -rank || at >= rank)
    evaluator_refuse(e, "an axis is no integer within the rank");
  else
    f->folds[at < 0 ? at + rank : at] = true;
}

static folding plan(evaluator *e, const real_array *x) {
  const json_t *const axis = evaluator_arg(e, "axis");
  folding f = {.keeps = evaluator_bool(e, "keepdim", false), .terms = 1};
  if (!axis || json_is_null(axis)) memset(f.folds, true, x->rank);
  if (json_is_integer(axis)) fold_axis(e, &f, x, axis);
  for (size_t i = 0; json_is_array(axis) && i < json_array_size(axis); ++i)
    fold_axis(e, &f, x, json_array_get(axis, i));
  for (size_t i = 0; i < x->rank; ++i) {
    if (f.folds[i]) f.terms *= (size_t)x->extents[i];
    if (!f.folds[i] || f.keeps) f.extents[f.rank++] = f.folds[i] ? 1 : x->extents[i];
  }
  return f;
}

// The element of the result under element `index` of x.
static size_t target(const folding *f, const real_array *x, size_t index) {
  size_t at = 0, stride = 1;
  for (size_t axis = x->rank; axis-- > 0;) {
    const size_t extent = (size_t)x->extents[axis], i = index % extent;
    index /= extent;
    if (f->folds[axis]) continue;
    at += i * stride;
    stride *= extent;
  }
  return at;
}

static real_array fold(evaluator *e, const folding *f, const real_array *x, binary_fn *step,
                       real start) {
  real_array y = evaluator_make(e, f->rank, f->extents);
  if (e->why) return y;
  for (size_t i = 0; i < y.count; ++i)
    y.values[i] = start;
  for (size_t i = 0; i < x->count; ++i) {
    real *const into = &y.values[target(f, x, i)];
    *into = step(*into, x->values[i]);
  }
  return y;
}

static real plus(real x, real y) { return x + y; }
static real times(real x, real y) { return x * y; }
static real least(real x, real y) { return x < y ? x : y; }
static real greatest(real x, real y) { return x > y ? x : y; }

static void run(evaluator *e, binary_fn *step, real start) {
  const real_array x = evaluator_input(e, "input");
  const folding f = plan(e, &x);
  evaluator_output(e, "output", fold(e, &f, &x, step, start));
}

static void run_sum(evaluator *e) { run(e, plus, 0); }
static void run_prod(evaluator *e) { run(e, times, 1); }
static void run_max(evaluator *e) { run(e, greatest, -INFINITY); }
static void run_min(evaluator *e) { run(e, least, INFINITY); }

static void run_mean(evaluator *e) {
  const real_array x = evaluator_input(e, "input");
  const folding f = plan(e, &x);
  real_array y = fold(e, &f, &x, plus, 0);
  for (size_t i = 0; i < y.count && !e->why; ++i)
    y.values[i] /= (real)f.terms;
  evaluator_output(e, "output", y);
}

// sum (x - mean)^2 / (n - correction)
static void run_variance(evaluator *e) {
  const real_array x = evaluator_input(e, "input");
  const folding f = plan(e, &x);
  const real_array sum = fold(e, &f, &x, plus, 0);
  real_array y = evaluator_make(e, f.rank, f.extents);
  for (size_t i = 0; i < x.count && !e->why; ++i) {
    const size_t at = target(&f, &x, i);
    const real d = x.values[i] - sum.values[at] / (real)f.terms;
    y.values[at] += d * d / ((real)f.terms - evaluator_real(e, "correction", 0));
  }
  evaluator_output(e, "output", y);
}

// x - most along the axis, and the sum of its exponentials; without an axis of all elements.
static real_array shifted(evaluator *e, folding *f, real_array *out_sum) {
  const real_array x = evaluator_input(e, "input");
  const json_t *const given = evaluator_arg(e, "axis");
  const int64_t rank = (int64_t)x.rank, axis = evaluator_int(e, "axis", -1);
  const bool is_flat = given && json_is_null(given);
  *f = (folding){.terms = 1};
  if (!is_flat && (axis < -rank || axis >= rank))
    evaluator_refuse(e, "an axis is outside of the rank");
  if (e->why) return (real_array){0};
  for (int64_t i = 0; i < rank; ++i)
    f->folds[i] = is_flat || i == (axis < 0 ? axis + rank : axis);
  for (size_t i = 0; i < x.rank; ++i)
    if (!f->folds[i]) f->extents[f->rank++] = x.extents[i];
  const real_array most = fold(e, f, &x, greatest, -INFINITY);
  real_array y = evaluator_make(e, x.rank, x.extents);
  *out_sum = evaluator_make(e, f->rank, f->extents);
  for (size_t i = 0; i < x.count && !e->why; ++i) {
    y.values[i] = x.values[i] - most.values[target(f, &x, i)];
    out_sum->values[target(f, &x, i)] += expl(y.values[i]);
  }
  return y;
}

static void run_softmax(evaluator *e) {
  folding f;
  real_array sum, y = shifted(e, &f, &sum);
  for (size_t i = 0; i < y.count && !e->why; ++i)
    y.values[i] = expl(y.values[i]) / sum.values[target(&f, &y, i)];
  evaluator_output(e, "output", y);
}

static void run_log_softmax(evaluator *e) {
  folding f;
  real_array sum, y = shifted(e, &f, &sum);
  for (size_t i = 0; i < y.count && !e->why; ++i)
    y.values[i] -= logl(sum.values[target(&f, &y, i)]);
  evaluator_output(e, "output", y);
}

// The place of the first extremum along one axis, or among all elements.
static void find_extremum(evaluator *e, binary_fn *better, real start) {
  const real_array x = evaluator_input(e, "input");
  const folding f = plan(e, &x);
  const real_array most = fold(e, &f, &x, better, start);
  real_array y = evaluator_make(e, f.rank, f.extents), seen = y;
  if (!e->why) seen = evaluator_make(e, f.rank, f.extents);
  size_t inner = 1; // elements between neighbours along the axis
  for (size_t i = x.rank; i-- > 0 && !f.folds[i];)
    inner *= (size_t)x.extents[i];
  for (size_t i = 0; i < x.count && !e->why; ++i) {
    const size_t at = target(&f, &x, i);
    if (x.values[i] != most.values[at] || seen.values[at] != 0) continue;
    seen.values[at] = 1;
    y.values[at] = (real)(i / inner % f.terms);
  }
  evaluator_output(e, "output", y);
}

static void run_arg_max(evaluator *e) { find_extremum(e, greatest, -INFINITY); }
static void run_arg_min(evaluator *e) { find_extremum(e, least, INFINITY); }

static void run_l1(evaluator *e) {
  const real_array x = evaluator_input(e, "input");
  real_array y = evaluator_make(e, 0, NULL);
  for (size_t i = 0; i < x.count && !e->why; ++i)
    *y.values += fabsl(x.values[i]);
  evaluator_output(e, "output", y);
}

static void run_l2(evaluator *e) {
  const real_array x = evaluator_input(e, "input");
  real_array y = evaluator_make(e, 0, NULL);
  for (size_t i = 0; i < x.count && !e->why; ++i)
    *y.values += x.values[i] * x.values[i] / 2;
  evaluator_output(e, "output", y);
}

static const evaluator_class classes[] = {
    {"sum", run_sum},         {"prod", run_prod},
    {"max", run_max},         {"min", run_min},
    {"mean", run_mean},       {"variance", run_variance},
    {"softmax", run_softmax}, {"l1", run_l1},
    {"l2", run_l2},           {"logsoftmax", run_log_softmax},
    {"argmax", run_arg_max},  {"argmin", run_arg_min},
};

evaluator_table evaluator_folds(void) {
  return (evaluator_table){classes, sizeof classes / sizeof *classes};
}
