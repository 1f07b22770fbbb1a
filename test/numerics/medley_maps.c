// medley_maps.c: ops on elements.
#include "test/numerics/medley_draw.h"

#include <math.h>
#include <string.h>

static bool lies_between(const oracle_tensor *t, long double low, long double high) {
  for (int64_t i = 0; i < t->count; ++i)
    if (t->value[i] < low || t->value[i] > high) return false;
  return true;
}

static bool lies_off_zero(const oracle_tensor *t, long double least) {
  for (int64_t i = 0; i < t->count; ++i)
    if (fabsl(t->value[i]) < least) return false;
  return true;
}

// ---- one operand --------------------------------------------------------------------------------

static long double negate(long double x) { return -x; }
static long double absolute(long double x) { return fabsl(x); }
static long double square(long double x) { return x * x; }
static long double sigmoid(long double x) { return 1 / (1 + expl(-x)); }
static long double relu(long double x) { return x > 0 ? x : 0; }
static long double leaky_relu(long double x) { return x > 0 ? x : 0.01L * x; }
static long double softplus(long double x) { return log1pl(expl(x)); }
static long double gelu(long double x) { return x / 2 * (1 + erfl(x * sqrtl(0.5L))); }
static long double sign(long double x) { return (x > 0) - (x < 0); }
static long double logical_not(long double x) { return x == 0; }
static long double identity(long double x) { return x; }
static long double to_next_integer(long double x) { return x - rintl(x); }

typedef struct map1 {
  const char *name, *kinds;
  char result; // kind, or 0: the operand's
  long double low, high;
  oracle_unary *f, *kink, *jump; // their argument's sides of 0
} map1;

static const map1 maps1[] = {
    {"negate", "fi", 0, -200, 200, negate, NULL, NULL},
    {"abs", "fi", 0, -200, 200, absolute, identity, NULL},
    {"square", "f", 0, -12, 12, square, NULL, NULL},
    {"exp", "f", 0, -20, 3, expl, NULL, NULL},
    {"log", "f", 0, 0.1L, 200, logl, NULL, NULL},
    {"log1p", "f", 0, -0.9L, 200, log1pl, NULL, NULL},
    {"sqrt", "f", 0, 0.1L, 200, sqrtl, NULL, NULL},
    {"tanh", "f", 0, -20, 20, tanhl, NULL, NULL},
    {"sigmoid", "f", 0, -20, 20, sigmoid, NULL, NULL},
    {"softplus", "f", 0, -20, 20, softplus, NULL, NULL},
    {"gelu", "f", 0, -20, 20, gelu, NULL, NULL},
    {"erf", "f", 0, -20, 20, erfl, NULL, NULL},
    {"sin", "f", 0, -20, 20, sinl, NULL, NULL},
    {"cos", "f", 0, -20, 20, cosl, NULL, NULL},
    {"relu", "f", 0, -200, 200, relu, identity, NULL},
    {"leaky_relu", "f", 0, -200, 200, leaky_relu, identity, NULL},
    {"sign", "f", 0, -200, 200, sign, NULL, identity},
    {"sign", "i", 0, -200, 200, sign, NULL, NULL},
    {"floor", "f", 0, -200, 200, floorl, NULL, to_next_integer},
    {"logical_not", "b", 0, 0, 1, logical_not, NULL, NULL},
    {"cast", "ib", 'f', -1e6L, 1e6L, identity, NULL, NULL},
    {"cast", "b", 'i', 0, 1, identity, NULL, NULL},
    {"cast", "f", 'i', -200, 200, truncl, NULL, to_next_integer},
};

static oracle_tensor evaluate1(const medley *m, const medley_value *value, const oracle_tensor *in,
                               medley_sides *sides) {
  const map1 *row = value->row;
  (void)m;
  if (row->kink || row->jump) {
    oracle_tensor seen = oracle_map1(row->kink ? row->kink : row->jump, in);
    (row->kink ? medley_see_kink : medley_see_jump)(sides, &seen);
    oracle_free(&seen);
  }
  return oracle_map1(row->f, in);
}

static bool draw1(medley *m) {
  const map1 *row = &maps1[medley_below(m, sizeof maps1 / sizeof *maps1)];
  const int x = medley_pick(m, row->kinds, 0);
  if (x < 0 || !lies_between(&m->at[x], row->low, row->high)) return false;
  const char kind = row->result ? row->result : m->values[x].kind;
  medley_value *made = medley_add(m, row->name, kind, evaluate1, 1, &x);
  made->row = row;
  if (strcmp(row->name, "cast") == 0)
    medley_number_add(medley_attribute_add(made, "dtype", 't'), kind);
  return true;
}

// ---- two operands -------------------------------------------------------------------------------

static long double add(long double x, long double y) { return x + y; }
static long double subtract(long double x, long double y) { return x - y; }
static long double multiply(long double x, long double y) { return x * y; }
static long double divide(long double x, long double y) { return x / y; }
static long double maximum(long double x, long double y) { return x > y ? x : y; }
static long double minimum(long double x, long double y) { return x < y ? x : y; }
static long double equal(long double x, long double y) { return x == y; }
static long double less(long double x, long double y) { return x < y; }
static long double greater_equal(long double x, long double y) { return x >= y; }
static long double logical_and(long double x, long double y) { return x != 0 && y != 0; }
static long double logical_or(long double x, long double y) { return x != 0 || y != 0; }
static long double squared_error(long double x, long double y) { return (x - y) * (x - y); }

typedef struct map2 {
  const char *name, *kinds;
  char result;
  long double off_zero; // of the second operand
  oracle_binary *f;
  bool kink, jump; // where the operands are equal
} map2;

static const map2 maps2[] = {
    {"add", "fi", 0, 0, add, false, false},
    {"add", "f", 0, 0, add, false, false},
    {"subtract", "fi", 0, 0, subtract, false, false},
    {"multiply", "fi", 0, 0, multiply, false, false},
    {"multiply", "f", 0, 0, multiply, false, false},
    {"divide", "f", 0, 0.3L, divide, false, false},
    {"maximum", "fi", 0, 0, maximum, true, false},
    {"minimum", "fi", 0, 0, minimum, true, false},
    {"equal", "i", 'b', 0, equal, false, false},
    {"less", "i", 'b', 0, less, false, false},
    {"less", "f", 'b', 0, less, false, true},
    {"greater_equal", "f", 'b', 0, greater_equal, false, true},
    {"logical_and", "b", 0, 0, logical_and, false, false},
    {"logical_or", "b", 0, 0, logical_or, false, false},
    {"squared_error", "f", 0, 0, squared_error, false, false},
};

static oracle_tensor evaluate2(const medley *m, const medley_value *value, const oracle_tensor *in,
                               medley_sides *sides) {
  const map2 *row = value->row;
  (void)m;
  if (row->kink || row->jump) {
    oracle_tensor seen = oracle_map2(subtract, &in[0], &in[1]);
    (row->kink ? medley_see_kink : medley_see_jump)(sides, &seen);
    for (int64_t i = 0; i < seen.count; ++i)
      sides->tied |= row->kink && seen.value[i] == 0;
    oracle_free(&seen);
  }
  return oracle_map2(row->f, &in[0], &in[1]);
}

// A shape that broadcasts with this one: fewer axes, or some of extent 1.
static medley_shape draw_narrower(medley *m, const medley_shape *shape) {
  medley_shape narrow = *shape;
  const int dropped = (int)medley_below(m, shape->rank + 1);
  if (medley_chance(m, 50)) {
    narrow.rank -= dropped;
    memmove(narrow.dims, narrow.dims + dropped, (size_t)narrow.rank * sizeof *narrow.dims);
  }
  for (int i = 0; i < narrow.rank; ++i)
    if (medley_chance(m, 30)) narrow.dims[i] = medley_number(m, 1);
  return narrow;
}

// A value of this kind that broadcasts with `shape`, which it may widen.
static int draw_partner(medley *m, char kind, medley_shape *shape) {
  const char kinds[] = {kind, 0};
  for (int tries = 0; tries < 8; ++tries) {
    const int y = medley_pick(m, kinds, 0);
    if (y >= 0 && medley_join(shape, &m->values[y].shape, shape)) return y;
  }
  const medley_shape narrow = draw_narrower(m, shape);
  const int y = medley_like(m, kind, &narrow);
  return y >= 0 && medley_join(shape, &narrow, shape) ? y : -1;
}

static bool draw2(medley *m) {
  const map2 *row = &maps2[medley_below(m, sizeof maps2 / sizeof *maps2)];
  const int x = medley_pick(m, row->kinds, 0);
  if (x < 0) return false;
  medley_shape shape = m->values[x].shape;
  const char kind = m->values[x].kind;
  const int y = draw_partner(m, kind, &shape);
  if (y < 0) return false;
  const bool swaps = medley_chance(m, 50);
  const int operands[] = {swaps ? y : x, swaps ? x : y};
  if (!lies_off_zero(&m->at[operands[1]], row->off_zero)) return false;
  medley_value *made =
      medley_add(m, row->name, row->result ? row->result : kind, evaluate2, 2, operands);
  made->shape = shape;
  made->row = row;
  return true;
}

// ---- others -------------------------------------------------------------------------------------

static oracle_tensor evaluate_where(const medley *m, const medley_value *value,
                                    const oracle_tensor *in, medley_sides *sides) {
  (void)m, (void)value, (void)sides;
  return oracle_where(&in[0], &in[1], &in[2]);
}

static bool draw_where(medley *m) {
  const int x = medley_pick(m, "fi", 0);
  if (x < 0) return false;
  medley_shape shape = m->values[x].shape;
  const int y = draw_partner(m, m->values[x].kind, &shape);
  const int condition = draw_partner(m, 'b', &shape);
  if (y < 0 || condition < 0) return false;
  medley_add(m, "where", m->values[x].kind, evaluate_where, 3, (int[]){condition, x, y})->shape =
      shape;
  return true;
}

static oracle_tensor evaluate_iota(const medley *m, const medley_value *value,
                                   const oracle_tensor *in, medley_sides *sides) {
  int64_t extents[MEDLEY_RANK];
  (void)in, (void)sides;
  medley_extents(m, &value->shape, extents);
  return oracle_iota(value->shape.rank, extents, (int)medley_find(value, "axis")->numbers[0]);
}

static bool draw_iota(medley *m) {
  const int like = medley_pick(m, "fib", 1);
  if (like < 0) return false;
  const medley_shape shape = m->values[like].shape;
  const int64_t axis = medley_below(m, shape.rank);
  if (medley_extent(m, shape.dims[axis]) > 100) return false;
  const char kind = medley_chance(m, 50) ? 'i' : 'f';
  medley_value *made = medley_add(m, "iota", kind, evaluate_iota, 0, NULL);
  made->shape = shape;
  medley_attribute *dims = medley_attribute_add(made, "shape", 'd');
  for (int i = 0; i < shape.rank; ++i)
    medley_dim_add(dims, shape.dims[i]);
  medley_number_add(medley_attribute_add(made, "axis", 'i'), axis);
  medley_number_add(medley_attribute_add(made, "dtype", 't'), kind);
  if (kind == 'i') made->below = shape.dims[axis];
  return true;
}

medley_rows medley_maps(void) {
  static const medley_row rows[] = {{24, draw1}, {30, draw2}, {5, draw_where}, {2, draw_iota}};
  return (medley_rows){rows, sizeof rows / sizeof *rows};
}
