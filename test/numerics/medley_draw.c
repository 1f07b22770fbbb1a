// medley_draw.c: drawing whole programs.
#include "test/numerics/medley_draw.h"

#include "test/harness/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_INPUTS = 8, MOST_ELEMENTS = 20000 };

static uint64_t draw_bits(medley *m) { // Source: Steele, Lea & Flood 2014, SplitMix
  uint64_t x = m->state += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

int64_t medley_below(medley *m, int64_t below) { return (int64_t)(draw_bits(m) % (uint64_t)below); }
bool medley_chance(medley *m, int percent) { return medley_below(m, 100) < percent; }

static bool size_of(void *user, const char *symbol, int64_t *out_value) {
  const medley *m = user;
  *out_value = m->sizes[symbol[0] - 'A'];
  return true;
}

int64_t medley_extent(const medley *m, const mth_dim *dim) {
  int64_t extent = -1;
  if (!dim || !mth_dim_evaluate(dim, size_of, (void *)(uintptr_t)m, &extent)) return -1;
  return extent;
}

void medley_extents(const medley *m, const medley_shape *shape, int64_t *out) {
  for (int i = 0; i < shape->rank; ++i)
    out[i] = medley_extent(m, shape->dims[i]);
}

mth_dtype medley_dtype(const medley *m, char kind) {
  return kind == 'f' ? m->float_dtype : kind == 'i' ? MTH_I64 : MTH_BOOL;
}

const mth_dim *medley_number(const medley *m, int64_t extent) {
  return mth_dim_constant(m->dims, extent);
}

bool medley_same_shape(const medley_shape *a, const medley_shape *b) {
  if (a->rank != b->rank) return false;
  for (int i = 0; i < a->rank; ++i)
    if (a->dims[i] != b->dims[i]) return false;
  return true;
}

static bool is_one(const mth_dim *dim) {
  int64_t extent;
  return mth_dim_is_constant(dim, &extent) && extent == 1;
}

bool medley_join(const medley_shape *a, const medley_shape *b, medley_shape *out) {
  const medley_shape *longer = a->rank >= b->rank ? a : b, *shorter = longer == a ? b : a;
  medley_shape joined = *longer;
  const int missing = longer->rank - shorter->rank;
  for (int i = 0; i < shorter->rank; ++i) {
    const mth_dim *x = longer->dims[missing + i], *y = shorter->dims[i];
    if (x != y && !is_one(x) && !is_one(y)) return false;
    joined.dims[missing + i] = is_one(x) ? y : x;
  }
  *out = joined;
  return true;
}

// ---- values -------------------------------------------------------------------------------------

int medley_pick(medley *m, const char *kinds, int least_rank) {
  for (int tries = 0; m->count && tries < 12; ++tries) {
    int v = (int)medley_below(m, m->count);
    if (medley_chance(m, 60)) v = m->count - 1 - (int)medley_below(m, m->count < 4 ? m->count : 4);
    if (strchr(kinds, m->values[v].kind) && m->values[v].shape.rank >= least_rank) return v;
  }
  return -1;
}

static int count_inputs(const medley *m) {
  int count = 0;
  for (int v = 0; v < m->count; ++v)
    count += !m->values[v].op;
  return count;
}

bool medley_can_be_input(const medley_shape *shape) {
  for (int i = 0; i < shape->rank; ++i)
    if (!mth_dim_is_symbol(shape->dims[i]) && !mth_dim_is_constant(shape->dims[i], NULL))
      return false;
  return true;
}

static long double draw_element(medley *m, char kind, int64_t below) {
  const long double unit = (long double)(draw_bits(m) >> 11) * 0x1p-53L;
  if (below > 0) return (long double)medley_below(m, below);
  if (kind == 'b') return unit < 0.5L;
  if (kind == 'i') return floorl(unit * 9) - 4;
  const long double number = unit * 4 - 2;
  return m->float_dtype == MTH_F32 ? (float)number : (double)number;
}

int medley_input(medley *m, char kind, const medley_shape *shape, const mth_dim *below) {
  int64_t extents[MEDLEY_RANK], bound = 0;
  medley_extents(m, shape, extents);
  if (m->count == MEDLEY_VALUES || count_inputs(m) >= MOST_INPUTS) return -1;
  if (below) bound = medley_extent(m, below);
  if (!medley_can_be_input(shape) || (below && bound <= 0)) return -1;
  int64_t count = 1;
  for (int i = 0; i < shape->rank; ++i)
    count *= extents[i];
  if (count > MOST_ELEMENTS) return -1;
  m->values[m->count] = (medley_value){.kind = kind, .shape = *shape, .below = below};
  oracle_tensor drawn = oracle_make(shape->rank, extents);
  for (int64_t i = 0; i < drawn.count; ++i)
    drawn.value[i] = draw_element(m, kind, bound);
  m->at[m->count] = drawn;
  return m->count++;
}

int medley_like(medley *m, char kind, const medley_shape *shape) {
  for (int tries = 0; m->count && tries < 12; ++tries) {
    const int v = (int)medley_below(m, m->count);
    if (m->values[v].kind == kind && medley_same_shape(&m->values[v].shape, shape)) return v;
  }
  return medley_input(m, kind, shape, NULL);
}

static const mth_dim *draw_dim(medley *m) {
  static const int numbers[] = {1, 1, 2, 3, 4, 5, 8, 16, 17};
  if (medley_chance(m, 40))
    return medley_number(m, numbers[medley_below(m, sizeof numbers / sizeof *numbers)]);
  const char name[] = {(char)('A' + medley_below(m, MEDLEY_SYMBOLS)), 0};
  return mth_dim_symbol(m->dims, name);
}

static bool draw_input(medley *m) {
  medley_shape shape = {.rank = (int)medley_below(m, 9) / 2};
  for (int i = 0; i < shape.rank; ++i)
    shape.dims[i] = draw_dim(m);
  return medley_input(m, medley_chance(m, 80) ? 'f' : 'i', &shape, NULL) >= 0;
}

medley_value *medley_add(medley *m, const char *op, char kind, medley_oracle *oracle, int count,
                         const int *operands) {
  medley_value *value = &m->values[m->count++];
  *value = (medley_value){.op = op, .kind = kind, .oracle = oracle, .operand_count = count};
  for (int i = 0; i < count; ++i)
    value->operands[i] = operands[i];
  if (count) value->shape = m->values[operands[0]].shape;
  return value;
}

medley_attribute *medley_attribute_add(medley_value *value, const char *key, char kind) {
  medley_attribute *made = &value->attributes[value->attribute_count++];
  *made = (medley_attribute){.key = key, .kind = kind};
  return made;
}
void medley_number_add(medley_attribute *attribute, int64_t number) {
  attribute->numbers[attribute->count++] = number;
}
void medley_dim_add(medley_attribute *attribute, const mth_dim *dim) {
  attribute->dims[attribute->count++] = dim;
}
const medley_attribute *medley_find(const medley_value *value, const char *key) {
  for (int i = 0; i < value->attribute_count; ++i)
    if (strcmp(value->attributes[i].key, key) == 0) return &value->attributes[i];
  return NULL;
}

// ---- evaluating ---------------------------------------------------------------------------------

void medley_see_kink(medley_sides *sides, const oracle_tensor *numbers) {
  for (int64_t i = 0; i < numbers->count; ++i) {
    const uint64_t side = numbers->value[i] > 0 ? 1 : numbers->value[i] < 0 ? 2 : 3;
    sides->hash = (sides->hash ^ side) * 0x100000001B3u; // FNV-1a
  }
}

// Rounding of a program in f32 moves numbers by less.
void medley_see_jump(medley_sides *sides, const oracle_tensor *numbers) {
  medley_see_kink(sides, numbers);
  for (int64_t i = 0; i < numbers->count; ++i)
    sides->near_jump |= fabsl(numbers->value[i]) < 0.01L;
}

oracle_tensor medley_evaluate(const medley *m, int v, const oracle_tensor *at,
                              medley_sides *sides) {
  oracle_tensor operands[MEDLEY_OPERANDS] = {{0}};
  const medley_value *value = &m->values[v];
  for (int i = 0; i < value->operand_count; ++i)
    operands[i] = at[value->operands[i]];
  return value->oracle(m, value, operands, sides);
}

static bool is_tame(const oracle_tensor *t, char kind) {
  const long double largest = kind == 'f' ? 200 : 1e6L;
  for (int64_t i = 0; i < t->count; ++i)
    if (!isfinite(t->value[i]) || fabsl(t->value[i]) > largest) return false;
  return true;
}

// Evaluates the values from `first` on. False: some cannot be compared.
static bool evaluate_new(medley *m, int first) {
  for (int v = first; v < m->count; ++v) {
    medley_sides sides = {0};
    int64_t extents[MEDLEY_RANK], count = 1;
    medley_extents(m, &m->values[v].shape, extents);
    for (int i = 0; i < m->values[v].shape.rank; ++i) {
      if (extents[i] < 0) return false;
      count *= extents[i];
    }
    if (count > MOST_ELEMENTS) return false;
    if (!m->values[v].op) continue;
    m->at[v] = medley_evaluate(m, v, m->at, &sides);
    bool fits = m->at[v].rank == m->values[v].shape.rank;
    for (int i = 0; fits && i < m->at[v].rank; ++i)
      fits = m->at[v].dims[i] == extents[i];
    if (!harness_check(fits, false, __FILE__, __LINE__, "%s: the oracle gives another shape",
                       m->values[v].op))
      return false;
    if (sides.near_jump || !is_tame(&m->at[v], m->values[v].kind)) return false;
  }
  return true;
}

static void drop(medley *m, int first) {
  for (int v = first; v < MEDLEY_VALUES; ++v)
    if (m->at[v].value) oracle_free(&m->at[v]);
  m->count = first;
}

// ---- programs -----------------------------------------------------------------------------------

static medley_draw_fn *draw_row(medley *m) {
  const medley_rows tables[] = {medley_maps(), medley_folds(), medley_views()};
  enum { TABLES = sizeof tables / sizeof *tables };
  int weight = 0;
  for (int t = 0; t < TABLES; ++t)
    for (int i = 0; i < tables[t].count; ++i)
      weight += tables[t].rows[i].weight;
  int64_t left = medley_below(m, weight);
  for (int t = 0; t < TABLES; ++t)
    for (int i = 0; i < tables[t].count; ++i)
      if ((left -= tables[t].rows[i].weight) < 0) return tables[t].rows[i].draw;
  return draw_input;
}

// What nobody reads is returned, and some of the rest.
static void choose_outputs(medley *m) {
  bool is_read[MEDLEY_VALUES] = {false};
  for (int v = 0; v < m->count; ++v)
    for (int i = 0; i < m->values[v].operand_count; ++i)
      is_read[m->values[v].operands[i]] = true;
  for (int v = 0; v < m->count; ++v)
    m->values[v].is_output = m->values[v].op && (!is_read[v] || medley_chance(m, 8));
}

void medley_draw(medley *m, uint64_t seed) {
  static const int sizes[] = {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 18, 31, 33, 64, 70, 129};
  *m = (medley){.state = seed * 0xD1342543DE82EF95u, .forms = {true, true}};
  if (mth_dim_table_create(mth_default_allocator(), &m->dims) != MTH_OK) abort();
  m->float_dtype = medley_chance(m, 50) ? MTH_F64 : MTH_F32;
  for (int i = 0; i < MEDLEY_SYMBOLS; ++i)
    m->sizes[i] = medley_chance(m, 4) ? 0 : sizes[medley_below(m, sizeof sizes / sizeof *sizes)];
  const int ops = 2 + (int)medley_below(m, medley_chance(m, 20) ? 30 : 10);
  while (!draw_input(m))
    continue;
  for (int made = 0, tries = 0; made < ops && tries < 300; ++tries) {
    const int first = m->count;
    if (first + 4 > MEDLEY_VALUES) break;
    medley_draw_fn *row = medley_chance(m, 6) ? draw_input : draw_row(m);
    if (row(m) && evaluate_new(m, first))
      made += row != draw_input;
    else
      drop(m, first);
  }
  choose_outputs(m);
}

void medley_free(medley *m) {
  drop(m, 0);
  mth_dim_table_destroy(m->dims);
}
