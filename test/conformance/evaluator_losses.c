// evaluator_losses.c: losses, element by element or along the classes.
//
// Source   formulas of the classes' own documentation, written out at each function: x is the
//          input, y the target, p a weight, t a threshold.
#include "test/conformance/evaluator.h"

#include <float.h>
#include <math.h>
#include <string.h>

static real squared(real x, real y) { return (x - y) * (x - y); }
static real absolute(real x, real y) { return fabsl(x - y); }
static real hinge(real x, real y) { return 1 - x * y > 0 ? 1 - x * y : 0; }
static real quad_hinge(real x, real y) { return hinge(x, y) * hinge(x, y); }
static real robust_log(real x, real t) {
  const real a = fabsl(x);
  return a >= t ? logl(a) : logl(t) + a / t - 1;
}
static real minus(real x, real y) { return x - y; }
static real times(real x, real y) { return x * y; }

static void pairs(evaluator *e, binary_fn *f) {
  const real_array x = evaluator_input(e, "input"), y = evaluator_input(e, "target");
  evaluator_output(e, "output", evaluator_map2(e, f, x, y));
}

static void run_squared_error(evaluator *e) { pairs(e, squared); }
static void run_absolute_error(evaluator *e) { pairs(e, absolute); }
static void run_hinge(evaluator *e) { pairs(e, hinge); }
static void run_quad_hinge(evaluator *e) { pairs(e, quad_hinge); }

// y (log y - log x)
static void run_divergence(evaluator *e) {
  const real_array x = evaluator_input(e, "input"), y = evaluator_input(e, "target");
  real_array t = evaluator_make(e, 0, NULL);
  if (!e->why) *t.values = evaluator_real(e, "threshold", DBL_MIN);
  const real_array gap = evaluator_map2(e, minus, evaluator_map2(e, robust_log, y, t),
                                        evaluator_map2(e, robust_log, x, t));
  evaluator_output(e, "output", evaluator_map2(e, times, y, gap));
}

// max(q (y - x), (q - 1) (y - x))
static void run_quantile(evaluator *e) {
  const real q = evaluator_has(e, "quantile") ? evaluator_input(e, "quantile").values[0]
                                              : evaluator_real(e, "quantile", 0.5L);
  real_array d =
      evaluator_map2(e, absolute, evaluator_input(e, "input"), evaluator_input(e, "target"));
  const real_array x = evaluator_input(e, "input"), y = evaluator_input(e, "target");
  for (size_t i = 0; i < d.count && !e->why; ++i) {
    if (x.count != d.count || y.count != d.count) {
      evaluator_refuse(e, "a quantile loss wants equal shapes");
      return;
    }
    const real gap = y.values[i] - x.values[i];
    d.values[i] = gap > 0 ? q * gap : (q - 1) * gap;
  }
  evaluator_output(e, "output", d);
}

// ---- binary cross entropy -----------------------------------------------------------------------

// "auto": (1 - mean) / mean of the target.
static real positive_weight(evaluator *e, const real_array *y) {
  const json_t *const arg = evaluator_arg(e, "pos_weight");
  const bool is_auto =
      json_is_true(arg) || (json_is_string(arg) && strcmp(json_string_value(arg), "auto") == 0);
  if (!is_auto) return evaluator_real(e, "pos_weight", 1);
  const json_t *const type = evaluator_arg(e, "input_type");
  const bool is_probs = json_is_string(type) && strcmp(json_string_value(type), "probs") == 0;
  real mean = 0;
  for (size_t i = 0; i < y->count; ++i)
    mean += (is_probs ? y->values[i] : 1 / (1 + expl(-y->values[i]))) / (real)y->count;
  return (1 - mean) / mean;
}

// probs: -p y log x - (1 - y) log(1 - x);  logits: (1 - y) x - ((p - 1) y + 1) log sigmoid(x)
static void run_binary_cross_entropy(evaluator *e) {
  const real_array x = evaluator_input(e, "input"), y = evaluator_input(e, "target");
  const json_t *const type = evaluator_arg(e, "input_type");
  const bool is_probs = json_is_string(type) && strcmp(json_string_value(type), "probs") == 0;
  const bool is_robust = evaluator_bool(e, "robust", false);
  const real t = evaluator_real(e, "threshold", DBL_MIN);
  if (!e->why && x.count != y.count) evaluator_refuse(e, "input and target want equal shapes");
  if (e->why) return;
  const real p = positive_weight(e, &y);
  real_array z = evaluator_make(e, x.rank, x.extents);
  for (size_t i = 0; i < z.count && !e->why; ++i) {
    const real a = x.values[i], b = y.values[i];
    if (is_probs && is_robust)
      z.values[i] = -p * b * robust_log(a, t) - (1 - b) * robust_log(1 - a, t);
    else if (is_probs)
      z.values[i] = -p * b * logl(a) - (1 - b) * logl(1 - a);
    else
      z.values[i] = (1 - b) * a - ((p - 1) * b + 1) * ((a < 0 ? a : 0) - log1pl(expl(-fabsl(a))));
  }
  evaluator_output(e, "output", z);
}

// ---- cross entropy ------------------------------------------------------------------------------

typedef struct classes_view {
  size_t N, C, rest; // input [N, C, rest..]
} classes_view;

// Weights of the classes: given, 1, or from the target (the share of all over the class's own).
static real_array class_weights(evaluator *e, const classes_view *v, const real_array *y,
                                bool categorical) {
  const json_t *const arg = evaluator_arg(e, "weights");
  real_array w = evaluator_make(e, 1, (int64_t[]){(int64_t)v->C});
  const bool is_auto =
      json_is_true(arg) || (json_is_string(arg) && strcmp(json_string_value(arg), "auto") == 0);
  real total = 0;
  for (size_t i = 0; is_auto && i < y->count && !e->why; ++i) {
    const size_t c = categorical ? (size_t)y->values[i] : i / v->rest % v->C;
    const real share = categorical ? 1 : y->values[i];
    w.values[c] += share;
    total += share;
  }
  for (size_t c = 0; c < v->C && !e->why; ++c) {
    if (is_auto)
      w.values[c] = total / ((real)v->C * w.values[c]);
    else
      w.values[c] = json_is_array(arg) ? (real)json_number_value(json_array_get(arg, c)) : 1;
  }
  return w;
}

// log of the probability of each class, at the element's place
static real_array log_probs(evaluator *e, const classes_view *v, const real_array *x) {
  const json_t *const type = evaluator_arg(e, "input_type");
  const char *const kind = json_is_string(type) ? json_string_value(type) : "logits";
  const bool is_robust = evaluator_bool(e, "robust", false);
  const real t = evaluator_real(e, "threshold", DBL_MIN);
  real_array z = evaluator_make(e, x->rank, x->extents);
  for (size_t i = 0; i < z.count && !e->why; ++i) {
    if (strcmp(kind, "log_probs") == 0)
      z.values[i] = x->values[i];
    else if (strcmp(kind, "probs") == 0)
      z.values[i] = is_robust ? robust_log(x->values[i], t) : logl(x->values[i]);
  }
  if (strcmp(kind, "logits") != 0) return z;
  for (size_t n = 0; n < v->N && !e->why; ++n)
    for (size_t r = 0; r < v->rest; ++r) {
      const size_t first = n * v->C * v->rest + r;
      real most = -INFINITY, sum = 0;
      for (size_t c = 0; c < v->C; ++c)
        if (x->values[first + c * v->rest] > most) most = x->values[first + c * v->rest];
      for (size_t c = 0; c < v->C; ++c)
        sum += expl(x->values[first + c * v->rest] - most);
      for (size_t c = 0; c < v->C; ++c)
        z.values[first + c * v->rest] = x->values[first + c * v->rest] - most - logl(sum);
    }
  return z;
}

// categorical: -w[y] log p[y];  else - sum_c w[c] y[c] log p[c]. Classes are axis 1.
static void run_cross_entropy(evaluator *e) {
  const real_array x = evaluator_input(e, "input"), y = evaluator_input(e, "target");
  const bool categorical = evaluator_bool(e, "categorical", true);
  if (!e->why && x.rank < 2) evaluator_refuse(e, "a cross entropy wants rank 2 or more");
  if (e->why) return;
  classes_view v = {(size_t)x.extents[0], (size_t)x.extents[1], 1};
  int64_t extents[suite_rank_max] = {x.extents[0]};
  for (size_t i = 2; i < x.rank; ++i) {
    v.rest *= (size_t)x.extents[i];
    extents[i - 1] = x.extents[i];
  }
  const real_array w = class_weights(e, &v, &y, categorical), z = log_probs(e, &v, &x);
  real_array loss = evaluator_make(e, x.rank - 1, extents);
  if (!e->why && y.count != (categorical ? loss.count : x.count))
    evaluator_refuse(e, "the target has not the shape that the input wants");
  for (size_t n = 0; n < v.N && !e->why; ++n)
    for (size_t r = 0; r < v.rest; ++r)
      for (size_t c = 0; c < v.C; ++c) {
        const size_t at = (n * v.C + c) * v.rest + r, out = n * v.rest + r;
        const real share = categorical ? y.values[out] == (real)c : y.values[at];
        if (share != 0) loss.values[out] -= share * w.values[c] * z.values[at];
      }
  evaluator_output(e, "output", loss);
}

static const evaluator_class classes[] = {
    {"squarederror", run_squared_error},
    {"absoluteerror", run_absolute_error},
    {"hingeloss", run_hinge},
    {"quadhingeloss", run_quad_hinge},
    {"quantileloss", run_quantile},
    {"kldivergence", run_divergence},
    {"binarycrossentropy", run_binary_cross_entropy},
    {"crossentropy", run_cross_entropy},
};

evaluator_table evaluator_losses(void) {
  return (evaluator_table){classes, sizeof classes / sizeof *classes};
}
