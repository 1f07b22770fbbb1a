// medley_views.c: ops that move elements.
#include "test/numerics/medley_draw.h"

#include <string.h>

// ---- transpose, reshape, broadcast --------------------------------------------------------------

static oracle_tensor evaluate_transpose(const medley *m, const medley_value *value,
                                        const oracle_tensor *in, medley_sides *sides) {
  (void)m, (void)sides;
  return oracle_transpose(in, medley_find(value, "axes")->numbers);
}

static bool draw_transpose(medley *m) {
  const int x = medley_pick(m, "fib", 2);
  if (x < 0) return false;
  const medley_shape shape = m->values[x].shape;
  medley_value *made = medley_add(m, "transpose", m->values[x].kind, evaluate_transpose, 1, &x);
  made->below = m->values[x].below;
  medley_attribute *axes = medley_attribute_add(made, "axes", 'n');
  for (int i = 0; i < shape.rank; ++i)
    medley_number_add(axes, i);
  for (int i = shape.rank - 1; i > 0; --i) {
    const int j = (int)medley_below(m, i + 1);
    const int64_t other = axes->numbers[i];
    axes->numbers[i] = axes->numbers[j], axes->numbers[j] = other;
  }
  for (int i = 0; i < shape.rank; ++i)
    made->shape.dims[i] = shape.dims[axes->numbers[i]];
  return true;
}

static oracle_tensor evaluate_reshape(const medley *m, const medley_value *value,
                                      const oracle_tensor *in, medley_sides *sides) {
  int64_t extents[MEDLEY_RANK];
  (void)sides;
  medley_extents(m, &value->shape, extents);
  return oracle_reshape(in, value->shape.rank, extents);
}

static void insert(medley_shape *shape, int at, const mth_dim *dim) {
  memmove(shape->dims + at + 1, shape->dims + at, (size_t)(shape->rank - at) * sizeof *shape->dims);
  shape->dims[at] = dim;
  ++shape->rank;
}

static void erase(medley_shape *shape, int at) {
  --shape->rank;
  memmove(shape->dims + at, shape->dims + at + 1, (size_t)(shape->rank - at) * sizeof *shape->dims);
}

// One step of a reshape: a new axis of extent 1, one less, two axes joined, one split, two swapped.
static bool reshape_step(medley *m, medley_shape *shape) {
  const int64_t which = medley_below(m, 6);
  const int at = shape->rank ? (int)medley_below(m, shape->rank) : 0;
  int64_t extent;
  if (which == 0 && shape->rank < MEDLEY_RANK) return insert(shape, at, medley_number(m, 1)), true;
  if (!shape->rank) return false;
  const bool is_number = mth_dim_is_constant(shape->dims[at], &extent);
  if (which == 1 && is_number && extent == 1) return erase(shape, at), true;
  if (which <= 3 && at + 1 < shape->rank) {
    shape->dims[at] = mth_dim_multiply(m->dims, shape->dims[at], shape->dims[at + 1]);
    return erase(shape, at + 1), true;
  }
  if (which == 4 && is_number && extent % 2 == 0 && extent > 0 && shape->rank < MEDLEY_RANK) {
    const int64_t part = extent % 4 == 0 && medley_chance(m, 50) ? 4 : 2;
    shape->dims[at] = medley_number(m, extent / part);
    return insert(shape, at + (int)medley_below(m, 2), medley_number(m, part)), true;
  }
  if (which == 5 && at + 1 < shape->rank) {
    const mth_dim *other = shape->dims[at];
    shape->dims[at] = shape->dims[at + 1], shape->dims[at + 1] = other;
    return true;
  }
  return false;
}

static bool draw_reshape(medley *m) {
  const int x = medley_pick(m, "fib", 0);
  if (x < 0) return false;
  medley_shape shape = m->values[x].shape;
  bool changed = false;
  for (int64_t steps = 1 + medley_below(m, 3); steps > 0; --steps)
    changed |= reshape_step(m, &shape);
  if (!changed) return false;
  medley_value *made = medley_add(m, "reshape", m->values[x].kind, evaluate_reshape, 1, &x);
  made->shape = shape;
  made->below = m->values[x].below;
  medley_attribute *dims = medley_attribute_add(made, "shape", 'd');
  for (int i = 0; i < shape.rank; ++i)
    medley_dim_add(dims, shape.dims[i]);
  return true;
}

static oracle_tensor evaluate_broadcast(const medley *m, const medley_value *value,
                                        const oracle_tensor *in, medley_sides *sides) {
  int64_t extents[MEDLEY_RANK];
  (void)sides;
  medley_extents(m, &value->shape, extents);
  return oracle_broadcast_to(in, value->shape.rank, extents);
}

static bool draw_broadcast(medley *m) {
  const int x = medley_pick(m, "fib", 0), y = medley_pick(m, "fib", 1);
  medley_shape shape;
  if (x < 0 || y < 0 || !medley_join(&m->values[x].shape, &m->values[y].shape, &shape))
    return false;
  medley_value *made = medley_add(m, "broadcast_to", m->values[x].kind, evaluate_broadcast, 1, &x);
  made->shape = shape;
  made->below = m->values[x].below;
  medley_attribute *dims = medley_attribute_add(made, "shape", 'd');
  for (int i = 0; i < shape.rank; ++i)
    medley_dim_add(dims, shape.dims[i]);
  return true;
}

// ---- slice, pad, concat -------------------------------------------------------------------------

static void dims_of(const medley *m, const medley_value *value, const char *key, int64_t *out) {
  const medley_attribute *dims = medley_find(value, key);
  for (int i = 0; i < dims->count; ++i)
    out[i] = medley_extent(m, dims->dims[i]);
}

static oracle_tensor evaluate_slice(const medley *m, const medley_value *value,
                                    const oracle_tensor *in, medley_sides *sides) {
  int64_t start[MEDLEY_RANK], size[MEDLEY_RANK];
  (void)sides;
  dims_of(m, value, "start", start);
  dims_of(m, value, "size", size);
  return oracle_slice(in, start, size, medley_find(value, "step")->numbers);
}

static bool draw_slice(medley *m) {
  const int x = medley_pick(m, "fib", 1);
  if (x < 0) return false;
  medley_value *made = medley_add(m, "slice", m->values[x].kind, evaluate_slice, 1, &x);
  made->below = m->values[x].below;
  medley_attribute *start = medley_attribute_add(made, "start", 'd');
  medley_attribute *size = medley_attribute_add(made, "size", 'd');
  medley_attribute *step = medley_attribute_add(made, "step", 'n');
  for (int i = 0; i < made->shape.rank; ++i) {
    const mth_dim *whole = made->shape.dims[i];
    const int64_t extent = medley_extent(m, whole);
    int64_t before = 0, after = 0, stride = 1;
    if (extent > 1 && medley_chance(m, 45)) before = medley_below(m, extent < 4 ? extent : 4);
    if (extent > before + 1 && medley_chance(m, 45)) after = 1;
    if (extent > 3 && mth_dim_is_constant(whole, NULL) && medley_chance(m, 20)) stride = 2;
    const mth_dim *left = mth_dim_subtract(m->dims, whole, medley_number(m, before + after));
    if (stride == 2) left = medley_number(m, (extent - before - after + 1) / 2);
    medley_dim_add(start, medley_number(m, before));
    medley_dim_add(size, left);
    medley_number_add(step, stride);
    made->shape.dims[i] = left;
  }
  return true;
}

static oracle_tensor evaluate_pad(const medley *m, const medley_value *value,
                                  const oracle_tensor *in, medley_sides *sides) {
  int64_t low[MEDLEY_RANK], high[MEDLEY_RANK];
  (void)sides;
  dims_of(m, value, "low", low);
  dims_of(m, value, "high", high);
  return oracle_pad(in, low, high);
}

static bool draw_pad(medley *m) {
  const int x = medley_pick(m, "fi", 1);
  if (x < 0) return false;
  medley_value *made = medley_add(m, "pad", m->values[x].kind, evaluate_pad, 1, &x);
  medley_attribute *low = medley_attribute_add(made, "low", 'd');
  medley_attribute *high = medley_attribute_add(made, "high", 'd');
  for (int i = 0; i < made->shape.rank; ++i) {
    const int64_t before = medley_chance(m, 50) ? 0 : medley_below(m, 3);
    const int64_t after = medley_chance(m, 50) ? 0 : medley_below(m, 3);
    medley_dim_add(low, medley_number(m, before));
    medley_dim_add(high, medley_number(m, after));
    made->shape.dims[i] =
        mth_dim_add(m->dims, made->shape.dims[i], medley_number(m, before + after));
  }
  return true;
}

static oracle_tensor evaluate_concat(const medley *m, const medley_value *value,
                                     const oracle_tensor *in, medley_sides *sides) {
  (void)m, (void)sides;
  return oracle_concat(value->operand_count, in, (int)medley_find(value, "axis")->numbers[0]);
}

static bool agree_but(const medley_shape *a, const medley_shape *b, int64_t axis) {
  for (int i = 0; i < a->rank; ++i)
    if (i != axis && a->dims[i] != b->dims[i]) return false;
  return a->rank == b->rank;
}

static bool draw_concat(medley *m) {
  int operands[MEDLEY_OPERANDS] = {medley_pick(m, "fi", 1)};
  if (operands[0] < 0) return false;
  const int count = 2 + (int)medley_below(m, 2);
  const medley_value first = m->values[operands[0]];
  const char kinds[] = {first.kind, 0};
  const int64_t axis = medley_below(m, first.shape.rank);
  const mth_dim *extent = first.shape.dims[axis];
  for (int i = 1; i < count; ++i) {
    operands[i] = -1;
    for (int tries = 0; tries < 8 && operands[i] < 0; ++tries) {
      const int y = medley_pick(m, kinds, 1);
      if (y >= 0 && agree_but(&first.shape, &m->values[y].shape, axis)) operands[i] = y;
    }
    medley_shape shape = first.shape;
    if (medley_chance(m, 50)) shape.dims[axis] = medley_number(m, 1 + medley_below(m, 3));
    if (operands[i] < 0) operands[i] = medley_like(m, first.kind, &shape);
    if (operands[i] < 0) return false;
    extent = mth_dim_add(m->dims, extent, m->values[operands[i]].shape.dims[axis]);
  }
  medley_value *made = medley_add(m, "concat", first.kind, evaluate_concat, count, operands);
  made->shape.dims[axis] = extent;
  medley_number_add(medley_attribute_add(made, "axis", 'i'), axis);
  return true;
}

// ---- indices ------------------------------------------------------------------------------------

// Whether the numbers at the head of the chain of views are indices below this extent.
static int draw_indices(medley *m, const medley_shape *shape, const mth_dim *below) {
  for (int v = m->count - 1; v >= 0; --v)
    if (m->values[v].below == below && (!shape || medley_same_shape(shape, &m->values[v].shape)))
      if (medley_chance(m, 70)) return v;
  medley_shape drawn = {.rank = (int)medley_below(m, 3)};
  static const int numbers[] = {1, 2, 3, 5, 17};
  for (int i = 0; i < drawn.rank; ++i)
    drawn.dims[i] = medley_number(m, numbers[medley_below(m, 5)]);
  return medley_input(m, 'i', shape ? shape : &drawn, below);
}

static oracle_tensor evaluate_gather(const medley *m, const medley_value *value,
                                     const oracle_tensor *in, medley_sides *sides) {
  (void)m, (void)value, (void)sides;
  return oracle_gather(&in[0], &in[1]);
}

static bool draw_gather(medley *m) {
  const int x = medley_pick(m, "ffib", 1);
  if (x < 0) return false;
  const medley_shape table = m->values[x].shape;
  const int indices = draw_indices(m, NULL, table.dims[0]);
  if (indices < 0) return false;
  medley_shape shape = m->values[indices].shape;
  if (shape.rank + table.rank - 1 > MEDLEY_RANK) return false;
  for (int i = 1; i < table.rank; ++i)
    shape.dims[shape.rank++] = table.dims[i];
  medley_add(m, "gather", m->values[x].kind, evaluate_gather, 2, (int[]){x, indices})->shape =
      shape;
  return true;
}

static oracle_tensor evaluate_scatter(const medley *m, const medley_value *value,
                                      const oracle_tensor *in, medley_sides *sides) {
  (void)sides;
  return oracle_scatter_add(&in[0], &in[1], medley_extent(m, value->shape.dims[0]));
}

static bool draw_scatter(medley *m) {
  const int updates = medley_pick(m, "f", 1);
  if (updates < 0) return false;
  const medley_shape from = m->values[updates].shape;
  const medley_shape rows = {1, {from.dims[0]}};
  const mth_dim *size = medley_number(m, 1 + medley_below(m, 6));
  const int indices = draw_indices(m, &rows, size);
  if (indices < 0) return false;
  medley_value *made = medley_add(m, "scatter_add", m->values[updates].kind, evaluate_scatter, 2,
                                  (int[]){indices, updates});
  made->shape = from;
  made->shape.dims[0] = size;
  medley_dim_add(medley_attribute_add(made, "size", 'd'), size);
  return true;
}

static oracle_tensor evaluate_pick(const medley *m, const medley_value *value,
                                   const oracle_tensor *in, medley_sides *sides) {
  (void)m, (void)sides;
  return oracle_pick(&in[0], &in[1], (int)medley_find(value, "axis")->numbers[0]);
}

static bool draw_pick(medley *m) {
  const int x = medley_pick(m, "f", 1);
  if (x < 0) return false;
  medley_shape shape = m->values[x].shape;
  const int axis = (int)medley_below(m, shape.rank);
  const mth_dim *below = shape.dims[axis];
  erase(&shape, axis);
  const int target = draw_indices(m, &shape, below);
  if (target < 0) return false;
  medley_value *made =
      medley_add(m, "pick", m->values[x].kind, evaluate_pick, 2, (int[]){x, target});
  made->shape = shape;
  medley_number_add(medley_attribute_add(made, "axis", 'i'), axis);
  return true;
}

// ---- x[...] -------------------------------------------------------------------------------------

// Axes that are whole, backwards, or one element.
static oracle_tensor evaluate_index(const medley *m, const medley_value *value,
                                    const oracle_tensor *in, medley_sides *sides) {
  const medley_attribute *items = medley_find(value, "items"), *step = medley_find(value, "step");
  int64_t start[MEDLEY_RANK], size[MEDLEY_RANK], stride[MEDLEY_RANK], kept[MEDLEY_RANK];
  const medley_attribute *from = medley_find(value, "start");
  int rank = 0;
  (void)sides;
  for (int i = 0; i < in->rank; ++i) {
    const bool one = items->text[i] == 'i';
    const int64_t at = medley_extent(m, from->dims[i]);
    stride[i] = one ? 1 : step->numbers[i];
    size[i] = one ? 1 : in->dims[i];
    start[i] = one ? (at < 0 ? at + in->dims[i] : at) : stride[i] < 0 ? in->dims[i] - 1 : 0;
    if (!one) kept[rank++] = size[i];
  }
  oracle_tensor sliced = oracle_slice(in, start, size, stride);
  oracle_tensor result = oracle_reshape(&sliced, rank, kept);
  oracle_free(&sliced);
  return result;
}

static bool draw_index(medley *m) {
  const int x = medley_pick(m, "fi", 1);
  if (x < 0) return false;
  const medley_shape shape = m->values[x].shape;
  medley_value *made = medley_add(m, "index", m->values[x].kind, evaluate_index, 1, &x);
  made->shape.rank = 0;
  medley_attribute *items = medley_attribute_add(made, "items", 's');
  medley_attribute *start = medley_attribute_add(made, "start", 'd');
  medley_attribute *stop = medley_attribute_add(made, "stop", 'd');
  medley_attribute *step = medley_attribute_add(made, "step", 'n');
  for (int i = 0; i < shape.rank; ++i) {
    const bool one = medley_chance(m, 30);
    if (one && medley_extent(m, shape.dims[i]) == 0) return false;
    items->text[i] = one ? 'i' : 's';
    medley_dim_add(start, medley_number(m, one ? -medley_below(m, 2) : 0));
    medley_dim_add(stop, medley_number(m, 0));
    medley_number_add(step, one ? 0 : medley_chance(m, 50) ? -1 : 1);
    if (!one) made->shape.dims[made->shape.rank++] = shape.dims[i];
  }
  return true;
}

medley_rows medley_views(void) {
  static const medley_row rows[] = {{12, draw_transpose}, {14, draw_reshape}, {4, draw_broadcast},
                                    {8, draw_slice},      {4, draw_pad},      {6, draw_concat},
                                    {4, draw_gather},     {3, draw_scatter},  {2, draw_pick},
                                    {4, draw_index}};
  return (medley_rows){rows, sizeof rows / sizeof *rows};
}
