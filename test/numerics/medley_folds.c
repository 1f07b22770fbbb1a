// medley_folds.c: reductions, products, and what is made of them.
#include "test/numerics/medley_draw.h"

#include <string.h>

// ---- reductions ---------------------------------------------------------------------------------

typedef struct fold {
  const char *name, *kinds;
  oracle_fold fold;
  int64_t most_terms;
} fold;

static const fold folds[] = {
    {"sum", "fi", ORACLE_SUM, 20000},        {"sum", "f", ORACLE_SUM, 20000},
    {"mean", "f", ORACLE_MEAN, 20000},       {"prod", "fi", ORACLE_PROD, 8},
    {"reduce_max", "fi", ORACLE_MAX, 20000}, {"reduce_min", "fi", ORACLE_MIN, 20000},
};

static long double difference(long double x, long double y) { return x - y; }

// Which elements are the largest, or the smallest; `jump`: which of them comes first matters.
static void see_largest(const oracle_tensor *x, const oracle_tensor *largest, bool jump,
                        medley_sides *sides) {
  oracle_tensor less = oracle_map2(difference, x, largest);
  int64_t zeros = 0;
  medley_see_kink(sides, &less);
  for (int64_t i = 0; i < less.count; ++i)
    zeros += less.value[i] > -0.01L && less.value[i] < 0.01L && (jump || less.value[i] == 0);
  if (zeros > largest->count) sides->tied = sides->near_jump = true;
  if (!jump) sides->near_jump = false;
  oracle_free(&less);
}

static oracle_tensor evaluate_fold(const medley *m, const medley_value *value,
                                   const oracle_tensor *in, medley_sides *sides) {
  const fold *row = value->row;
  const medley_attribute *axis = medley_find(value, "axis"), *keep = medley_find(value, "keepdim");
  unsigned axes = axis ? 0 : ~0u;
  (void)m;
  for (int i = 0; axis && i < axis->count; ++i)
    axes |= 1u << (axis->numbers[i] < 0 ? axis->numbers[i] + in->rank : axis->numbers[i]);
  if (row->fold == ORACLE_MAX || row->fold == ORACLE_MIN) {
    oracle_tensor kept = oracle_reduce(row->fold, in, axes, true);
    see_largest(in, &kept, false, sides);
    oracle_free(&kept);
  }
  return oracle_reduce(row->fold, in, axes, keep && keep->numbers[0]);
}

// The shape without these axes, or with 1 there.
static medley_shape without(const medley *m, const medley_shape *shape, unsigned axes, bool keeps) {
  medley_shape left = {.rank = 0};
  for (int i = 0; i < shape->rank; ++i)
    if (!(axes >> i & 1))
      left.dims[left.rank++] = shape->dims[i];
    else if (keeps)
      left.dims[left.rank++] = medley_number(m, 1);
  return left;
}

static bool draw_fold(medley *m) {
  const fold *row = &folds[medley_below(m, sizeof folds / sizeof *folds)];
  const int x = medley_pick(m, row->kinds, 1);
  if (x < 0) return false;
  const medley_shape shape = m->values[x].shape;
  const bool all = medley_chance(m, 10), keeps = medley_chance(m, 45);
  const unsigned every = (1u << shape.rank) - 1;
  unsigned axes = all ? every : (unsigned)medley_below(m, every) + 1;
  if (!all && medley_chance(m, 50)) axes = 1u << medley_below(m, shape.rank);
  int64_t terms = 1;
  for (int i = 0; i < shape.rank; ++i)
    if (axes >> i & 1) terms *= medley_extent(m, shape.dims[i]);
  if (terms > row->most_terms) return false;
  const char kind = m->values[x].kind;
  medley_value *made = medley_add(m, row->name, kind, evaluate_fold, 1, &x);
  made->row = row;
  made->shape = without(m, &shape, axes, keeps);
  if (!all) {
    medley_attribute *axis = medley_attribute_add(made, "axis", 'n');
    for (int i = 0; i < shape.rank; ++i)
      if (axes >> i & 1) medley_number_add(axis, medley_chance(m, 20) ? i - shape.rank : i);
  }
  if (keeps) medley_number_add(medley_attribute_add(made, "keepdim", 'b'), 1);
  return true;
}

// ---- along one axis -----------------------------------------------------------------------------

static int axis_of(const medley_value *value) {
  return (int)medley_find(value, "axis")->numbers[0];
}

static oracle_tensor evaluate_softmax(const medley *m, const medley_value *value,
                                      const oracle_tensor *in, medley_sides *sides) {
  (void)m, (void)sides;
  return oracle_softmax(in, axis_of(value), strcmp(value->op, "log_softmax") == 0);
}

static bool draw_softmax(medley *m) {
  const int x = medley_pick(m, "f", 1);
  if (x < 0) return false;
  const int64_t axis = medley_below(m, m->values[x].shape.rank);
  if (medley_extent(m, m->values[x].shape.dims[axis]) == 0) return false;
  medley_value *made =
      medley_add(m, medley_chance(m, 60) ? "softmax" : "log_softmax", 'f', evaluate_softmax, 1, &x);
  medley_number_add(medley_attribute_add(made, "axis", 'i'), axis);
  return true;
}

static oracle_tensor evaluate_variance(const medley *m, const medley_value *value,
                                       const oracle_tensor *in, medley_sides *sides) {
  (void)m, (void)sides;
  return oracle_variance(in, axis_of(value), 0);
}

static oracle_tensor evaluate_first(const medley *m, const medley_value *value,
                                    const oracle_tensor *in, medley_sides *sides) {
  const bool is_max = strcmp(value->op, "arg_max") == 0;
  (void)m;
  oracle_tensor best =
      oracle_reduce(is_max ? ORACLE_MAX : ORACLE_MIN, in, 1u << axis_of(value), true);
  see_largest(in, &best, true, sides);
  oracle_free(&best);
  return oracle_first_index(in, axis_of(value), is_max ? 1 : -1);
}

static bool draw_along(medley *m) {
  static const char *const names[] = {"variance", "arg_max", "arg_min"};
  const int64_t which = medley_below(m, 3);
  const int x = medley_pick(m, "f", 1);
  if (x < 0) return false;
  const medley_shape shape = m->values[x].shape;
  const int64_t axis = medley_below(m, shape.rank);
  if (medley_extent(m, shape.dims[axis]) == 0) return false;
  medley_value *made = medley_add(m, names[which], which ? 'i' : 'f',
                                  which ? evaluate_first : evaluate_variance, 1, &x);
  made->shape = without(m, &shape, 1u << axis, false);
  if (which) made->below = shape.dims[axis];
  medley_number_add(medley_attribute_add(made, "axis", which ? 'i' : 'n'), axis);
  return true;
}

// ---- products -----------------------------------------------------------------------------------

static oracle_tensor evaluate_matmul(const medley *m, const medley_value *value,
                                     const oracle_tensor *in, medley_sides *sides) {
  (void)m, (void)value, (void)sides;
  return oracle_matmul(&in[0], &in[1]);
}

static bool can_multiply(const medley *m, int x, int y, medley_shape *out) {
  medley_shape a = m->values[x].shape, b = m->values[y].shape;
  if (a.rank < 2 || b.rank < 2 || m->values[x].kind != m->values[y].kind) return false;
  if (a.dims[a.rank - 1] != b.dims[b.rank - 2]) return false;
  const mth_dim *M = a.dims[a.rank - 2], *N = b.dims[b.rank - 1];
  a.rank -= 2, b.rank -= 2;
  if (!medley_join(&a, &b, out) || out->rank + 2 > MEDLEY_RANK) return false;
  out->dims[out->rank++] = M;
  out->dims[out->rank++] = N;
  return true;
}

static bool draw_matmul(medley *m) {
  const int x = medley_pick(m, "fffi", 2);
  if (x < 0) return false;
  medley_shape shape;
  int y = -1;
  for (int tries = 0; tries < 12 && y < 0; ++tries) {
    y = medley_pick(m, "fi", 2);
    if (y >= 0 && !can_multiply(m, x, y, &shape)) y = -1;
  }
  if (y < 0) {
    const medley_shape *a = &m->values[x].shape;
    medley_shape b = {2, {a->dims[a->rank - 1], a->dims[medley_below(m, a->rank)]}};
    if (a->rank > 2 && medley_chance(m, 30)) {
      b = *a;
      b.dims[b.rank - 2] = a->dims[a->rank - 1];
    }
    y = medley_like(m, m->values[x].kind, &b);
  }
  if (y < 0 || !can_multiply(m, x, y, &shape)) return false;
  int64_t work = medley_extent(m, m->values[x].shape.dims[m->values[x].shape.rank - 1]);
  for (int i = 0; i < shape.rank; ++i)
    work *= medley_extent(m, shape.dims[i]);
  if (work > 200000) return false;
  medley_add(m, "matmul", m->values[x].kind, evaluate_matmul, 2, (int[]){x, y})->shape = shape;
  return true;
}

medley_rows medley_folds(void) {
  static const medley_row rows[] = {
      {16, draw_fold}, {4, draw_softmax}, {4, draw_along}, {7, draw_matmul}};
  return (medley_rows){rows, sizeof rows / sizeof *rows};
}
