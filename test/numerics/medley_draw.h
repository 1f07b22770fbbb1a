// medley_draw.h: what draws of single ops are made of.
#ifndef MTH_TEST_NUMERICS_MEDLEY_DRAW_H
#define MTH_TEST_NUMERICS_MEDLEY_DRAW_H
#include "test/numerics/medley.h"

// Adds values; false: it drew something that cannot be, and what it added is dropped.
typedef bool medley_draw_fn(medley *m);
typedef struct medley_row {
  int weight;
  medley_draw_fn *draw;
} medley_row;
typedef struct medley_rows {
  const medley_row *rows;
  int count;
} medley_rows;
medley_rows medley_maps(void), medley_folds(void), medley_views(void);

// A random number below `below`.
int64_t medley_below(medley *m, int64_t below);
bool medley_chance(medley *m, int percent);

// A value whose kind is one of the letters, of at least this rank; late ones are likelier. -1: none.
int medley_pick(medley *m, const char *kinds, int least_rank);
// A new input. `below`: of indices; else NULL.
int medley_input(medley *m, char kind, const medley_shape *shape, const mth_dim *below);
// A value of the kind and the shape: one that is there, or a new input.
int medley_like(medley *m, char kind, const medley_shape *shape);
// A new result, its shape that of operand 0.
medley_value *medley_add(medley *m, const char *op, char kind, medley_oracle *oracle, int count,
                         const int *operands);
medley_attribute *medley_attribute_add(medley_value *value, const char *key, char kind);
void medley_number_add(medley_attribute *attribute, int64_t number);
void medley_dim_add(medley_attribute *attribute, const mth_dim *dim);

const mth_dim *medley_number(const medley *m, int64_t extent);
bool medley_same_shape(const medley_shape *a, const medley_shape *b);
// NumPy's broadcasting. False: they do not.
bool medley_join(const medley_shape *a, const medley_shape *b, medley_shape *out);
const medley_attribute *medley_find(const medley_value *value, const char *key); // NULL: none
void medley_extents(const medley *m, const medley_shape *shape, int64_t *out);

// Notes the sides of 0 on which these numbers are.
void medley_see_kink(medley_sides *sides, const oracle_tensor *numbers);
void medley_see_jump(medley_sides *sides, const oracle_tensor *numbers);
#endif
