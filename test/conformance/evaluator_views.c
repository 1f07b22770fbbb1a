// evaluator_views.c: the same elements in other places.
#include "test/conformance/evaluator.h"

#include <stdio.h>
#include <string.h>

static size_t axis_of(evaluator *e, int64_t axis, size_t rank) {
  if (axis < -(int64_t)rank || axis >= (int64_t)rank) {
    evaluator_refuse(e, "an axis is outside of the rank");
    return 0;
  }
  return (size_t)(axis < 0 ? axis + (int64_t)rank : axis);
}

// out[i...] = x[..i under `from`..]: out dim k is dim from[k] of x
static real_array permute(evaluator *e, const real_array *x, const size_t *from) {
  int64_t extents[suite_rank_max];
  size_t strides[suite_rank_max];
  for (size_t k = 0; k < x->rank; ++k) {
    extents[k] = x->extents[from[k]];
    strides[k] = 1;
    for (size_t j = from[k] + 1; j < x->rank; ++j)
      strides[k] *= (size_t)x->extents[j];
  }
  real_array y = evaluator_make(e, x->rank, extents);
  for (size_t i = 0; i < y.count && !e->why; ++i) {
    size_t at = 0, rest = i;
    for (size_t k = x->rank; k-- > 0; rest /= (size_t)extents[k])
      at += rest % (size_t)extents[k] * strides[k];
    y.values[i] = x->values[at];
  }
  return y;
}

static void run_transpose(evaluator *e) {
  const real_array x = evaluator_input(e, "input");
  const json_t *const axes = evaluator_arg(e, "axes");
  size_t from[suite_rank_max];
  for (size_t k = 0; k < x.rank; ++k)
    from[k] = json_is_array(axes) ? axis_of(e, json_integer_value(json_array_get(axes, k)), x.rank)
                                  : x.rank - 1 - k;
  evaluator_output(e, "output", permute(e, &x, from));
}

static void run_swap_axes(evaluator *e) {
  const real_array x = evaluator_input(e, "input");
  size_t from[suite_rank_max];
  for (size_t k = 0; k < x.rank; ++k)
    from[k] = k;
  const size_t a = axis_of(e, evaluator_int(e, "axis1", 0), x.rank);
  const size_t b = axis_of(e, evaluator_int(e, "axis2", 0), x.rank);
  if (e->why) return;
  from[a] = b, from[b] = a;
  evaluator_output(e, "output", permute(e, &x, from));
}

static void run_squeeze(evaluator *e) {
  real_array x = evaluator_input(e, "input");
  size_t rank = 0;
  for (size_t i = 0; i < x.rank; ++i)
    if (x.extents[i] != 1) x.extents[rank++] = x.extents[i];
  x.rank = rank;
  evaluator_output(e, "output", x);
}

static void run_flatten(evaluator *e) {
  real_array x = evaluator_input(e, "input");
  const size_t first = axis_of(e, evaluator_int(e, "start_dim", 0), x.rank);
  const size_t last = axis_of(e, evaluator_int(e, "end_dim", -1), x.rank);
  if (e->why) return;
  for (size_t i = first + 1; i <= last; ++i)
    x.extents[first] *= x.extents[i];
  for (size_t i = last + 1; i < x.rank; ++i)
    x.extents[first + 1 + i - last - 1] = x.extents[i];
  x.rank -= last - first;
  evaluator_output(e, "output", x);
}

static size_t read_shape(evaluator *e, int64_t *extents) {
  const json_t *const shape = evaluator_arg(e, "shape");
  if (!json_is_array(shape) || json_array_size(shape) > suite_rank_max)
    evaluator_refuse(e, "wanted a shape");
  for (size_t i = 0; i < json_array_size(shape) && !e->why; ++i)
    extents[i] = json_integer_value(json_array_get(shape, i));
  return e->why ? 0 : json_array_size(shape);
}

// One extent may be -1: what the others leave.
static void run_reshape(evaluator *e) {
  real_array x = evaluator_input(e, "input");
  int64_t others = 1;
  x.rank = read_shape(e, x.extents);
  for (size_t i = 0; i < x.rank; ++i)
    if (x.extents[i] != -1) others *= x.extents[i];
  for (size_t i = 0; i < x.rank && others; ++i)
    if (x.extents[i] == -1) x.extents[i] = (int64_t)x.count / others;
  evaluator_output(e, "output", x);
}

static real first_of(real x, real y) {
  (void)y;
  return x;
}

static void run_broadcast_to(evaluator *e) {
  int64_t extents[suite_rank_max];
  const size_t rank = read_shape(e, extents);
  const real_array like = evaluator_make(e, rank, extents);
  evaluator_output(e, "output", evaluator_map2(e, first_of, evaluator_input(e, "input"), like));
}

// What documents call a size is the number of parts, along axis 0 unless said; what is left over
// belongs to none.
static void run_split(evaluator *e) {
  const real_array x = evaluator_input(e, "input");
  const int64_t parts = evaluator_int(e, "sections", evaluator_int(e, "split_size", 1));
  const size_t axis = axis_of(e, evaluator_int(e, "axis", 0), x.rank);
  if (!e->why && parts < 1) evaluator_refuse(e, "a split wants parts");
  if (e->why) return;
  const size_t extent = (size_t)x.extents[axis], own = extent / (size_t)parts;
  size_t inner = 1;
  for (size_t i = axis + 1; i < x.rank; ++i)
    inner *= (size_t)x.extents[i];
  for (size_t part = 0; part < (size_t)parts; ++part) {
    int64_t extents[suite_rank_max];
    memcpy(extents, x.extents, sizeof extents);
    extents[axis] = (int64_t)own;
    real_array y = evaluator_make(e, x.rank, extents);
    const size_t run = own * inner;
    for (size_t i = 0; run && i < y.count && !e->why; ++i)
      y.values[i] = x.values[(i / run * extent + part * own) * inner + i % run];
    evaluator_output(e, "output", y);
  }
}

static void run_at_least_1d(evaluator *e) {
  real_array x = evaluator_input(e, "input");
  if (x.rank == 0) x.rank = 1, x.extents[0] = 1;
  evaluator_output(e, "output", x);
}

static void run_item(evaluator *e) {
  real_array x = evaluator_input(e, "input");
  if (x.count != 1) evaluator_refuse(e, "item wants one element");
  x.rank = 0;
  evaluator_output(e, "output", x);
}

// Inputs input1, input2, ... along an axis; None: of all elements in a row.
static void run_concat(evaluator *e) {
  const json_t *const axis = evaluator_arg(e, "axis");
  const bool is_flat = axis && json_is_null(axis);
  real_array parts[64], y;
  size_t count = 0;
  for (; count < 64; ++count) {
    char key[16];
    snprintf(key, sizeof key, "input%zu", count + 1);
    if (!evaluator_has(e, key)) break;
    parts[count] = evaluator_input(e, key);
    if (is_flat) parts[count].rank = 1, parts[count].extents[0] = (int64_t)parts[count].count;
  }
  if (!count) evaluator_refuse(e, "nothing to join");
  if (e->why) return;
  const size_t at = is_flat ? 0 : axis_of(e, evaluator_int(e, "axis", 0), parts[0].rank);
  int64_t extents[suite_rank_max];
  memcpy(extents, parts[0].extents, sizeof extents);
  for (size_t i = 1; i < count; ++i)
    extents[at] += parts[i].extents[at];
  y = evaluator_make(e, parts[0].rank, extents);
  size_t outer = 1, inner = 1, done = 0;
  for (size_t i = 0; i < y.rank; ++i)
    *(i < at ? &outer : &inner) *= i == at ? 1 : (size_t)extents[i];
  for (size_t i = 0; i < count && !e->why; ++i) {
    const size_t run = (size_t)parts[i].extents[at] * inner;
    for (size_t o = 0; o < outer; ++o)
      memcpy(y.values + o * (size_t)extents[at] * inner + done, parts[i].values + o * run,
             run * sizeof(real));
    done += run;
  }
  evaluator_output(e, "output", y);
}

// Rows of `table` under whole numbers.
static real_array rows(evaluator *e, const real_array *table, const real_array *index) {
  int64_t extents[suite_rank_max];
  const size_t inner =
      table->rank ? table->count / (size_t)(table->extents[0] ? table->extents[0] : 1) : 0;
  size_t rank = index->rank;
  if (!e->why && (table->rank == 0 || rank + table->rank - 1 > suite_rank_max))
    evaluator_refuse(e, "rows want a table");
  if (e->why) return (real_array){0};
  memcpy(extents, index->extents, rank * sizeof *extents);
  for (size_t i = 1; i < table->rank; ++i)
    extents[rank++] = table->extents[i];
  real_array y = evaluator_make(e, rank, extents);
  for (size_t i = 0; i < index->count && !e->why; ++i)
    memcpy(y.values + i * inner, table->values + (size_t)index->values[i] * inner,
           inner * sizeof(real));
  return y;
}

static void run_embedding(evaluator *e) {
  const real_array table = evaluator_input(e, "weight"), index = evaluator_input(e, "input");
  evaluator_output(e, "output", rows(e, &table, &index));
}

static void run_permute_tensor(evaluator *e) {
  const real_array table = evaluator_input(e, "input"), index = evaluator_input(e, "indices");
  evaluator_output(e, "output", rows(e, &table, &index));
}

static void run_diagonal(evaluator *e) {
  const real_array x = evaluator_input(e, "input");
  if (!e->why && (x.rank != 2 || x.extents[0] != x.extents[1]))
    evaluator_refuse(e, "a diagonal wants a square");
  if (e->why) return;
  real_array y = evaluator_make(e, 2, (int64_t[]){x.extents[0], 1});
  for (size_t i = 0; i < y.count && !e->why; ++i)
    y.values[i] = x.values[i * y.count + i];
  evaluator_output(e, "output", y);
}

static real_array eye(evaluator *e) {
  const int64_t N = evaluator_int(e, "N", 0), M = evaluator_int(e, "M", N);
  real_array y = evaluator_make(e, 2, (int64_t[]){N, M});
  for (int64_t i = 0; i < N && i < M && !e->why; ++i)
    y.values[i * M + i] = 1;
  return y;
}

static void run_eye(evaluator *e) { evaluator_output(e, "output", eye(e)); }

static void run_eye_complement(evaluator *e) {
  real_array y = eye(e);
  for (size_t i = 0; i < y.count && !e->why; ++i)
    y.values[i] = 1 - y.values[i];
  evaluator_output(e, "output", y);
}

static void run_ones(evaluator *e) {
  int64_t extents[suite_rank_max];
  const size_t rank = read_shape(e, extents);
  real_array y = evaluator_make(e, rank, extents);
  for (size_t i = 0; i < y.count && !e->why; ++i)
    y.values[i] = 1;
  evaluator_output(e, "output", y);
}

static const evaluator_class classes[] = {
    {"transpose", run_transpose},
    {"swapaxes", run_swap_axes},
    {"squeeze", run_squeeze},
    {"flatten", run_flatten},
    {"concat", run_concat},
    {"reshape", run_reshape},
    {"broadcastto", run_broadcast_to},
    {"atleast1d", run_at_least_1d},
    {"item", run_item},
    {"split", run_split},
    {"embedding", run_embedding},
    {"permutetensor", run_permute_tensor},
    {"transposeddiagonal", run_diagonal},
    {"eye", run_eye},
    {"eyecomplement", run_eye_complement},
    {"ones", run_ones},
};

evaluator_table evaluator_views(void) {
  return (evaluator_table){classes, sizeof classes / sizeof *classes};
}
