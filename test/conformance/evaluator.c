// evaluator.c: finding classes, arguments, and what formulas share.
#include "test/conformance/evaluator.h"

#include <string.h>
#include <strings.h>

bool evaluator_run(evaluator *e) {
  const evaluator_table tables[] = {
      evaluator_elementwise(), evaluator_losses(),     evaluator_folds(),    evaluator_views(),
      evaluator_layers(),      evaluator_composites(), evaluator_distances()};
  for (size_t i = 0; i < sizeof tables / sizeof *tables; ++i)
    for (size_t j = 0; j < tables[i].count; ++j) {
      if (strcasecmp(tables[i].classes[j].name, e->class_name) != 0) continue;
      tables[i].classes[j].run(e);
      return !e->why;
    }
  evaluator_refuse(e, mth_arena_format(e->arena, "the evaluator has no class '%s'", e->class_name));
  return false;
}

void evaluator_refuse(evaluator *e, const char *why) {
  if (!e->why) e->why = why ? why : "there is no memory";
}

real_array evaluator_make(evaluator *e, size_t rank, const int64_t *extents) {
  real_array made = {.rank = rank, .count = 1};
  for (size_t i = 0; i < rank && rank <= suite_rank_max; ++i) {
    made.extents[i] = extents[i];
    if (extents[i] < 0 || __builtin_mul_overflow(made.count, (size_t)extents[i], &made.count))
      evaluator_refuse(e, "an extent is negative or too large");
  }
  if (rank > suite_rank_max) evaluator_refuse(e, "the rank is too large");
  if (!e->why) made.values = MTH_NEW_ARRAY(e->arena, real, made.count + 1);
  if (!made.values) {
    evaluator_refuse(e, "there is no memory");
    return (real_array){0};
  }
  return made;
}

bool evaluator_has(const evaluator *e, const char *key) {
  for (size_t i = 0; i < e->input_count; ++i)
    if (strcmp(e->inputs[i].name, key) == 0) return true;
  return false;
}

real_array evaluator_input(evaluator *e, const char *key) {
  for (size_t i = 0; i < e->input_count; ++i)
    if (strcmp(e->inputs[i].name, key) == 0) return e->inputs[i].array;
  evaluator_refuse(
      e, mth_arena_format(e->arena, "the evaluator wants an input '%s' of %s", key, e->class_name));
  return (real_array){0};
}

void evaluator_output(evaluator *e, const char *key, real_array array) {
  if (e->output_count == evaluator_outputs_max) {
    evaluator_refuse(e, "there are too many outputs");
    return;
  }
  e->outputs[e->output_count++] = (real_key){key, array};
}

const json_t *evaluator_arg(const evaluator *e, const char *name) {
  return json_object_get(e->args, name);
}

int64_t evaluator_int(const evaluator *e, const char *name, int64_t otherwise) {
  const json_t *const arg = evaluator_arg(e, name);
  return json_is_integer(arg) ? (int64_t)json_integer_value(arg) : otherwise;
}

real evaluator_real(const evaluator *e, const char *name, real otherwise) {
  const json_t *const arg = evaluator_arg(e, name);
  return json_is_number(arg) ? (real)json_number_value(arg) : otherwise;
}

bool evaluator_bool(const evaluator *e, const char *name, bool otherwise) {
  const json_t *const arg = evaluator_arg(e, name);
  return json_is_boolean(arg) ? json_is_true(arg) : otherwise;
}

// ---- broadcasting -------------------------------------------------------------------------------

// The extent of axis `axis` when the array is aligned on the right within `rank`.
static int64_t aligned(const real_array *array, size_t rank, size_t axis) {
  return axis + array->rank < rank ? 1 : array->extents[axis + array->rank - rank];
}

// The element of `array` under element `index` of the broadcast shape.
static size_t under(const real_array *array, size_t rank, const int64_t *extents, size_t index) {
  size_t at = 0, stride = 1;
  for (size_t axis = rank; axis-- > 0;) {
    const size_t i = index % (size_t)extents[axis];
    index /= (size_t)extents[axis];
    const int64_t own = aligned(array, rank, axis);
    if (own != 1) at += i * stride;
    stride *= (size_t)own;
  }
  return at;
}

static size_t broadcast_shape(evaluator *e, const real_array *x, const real_array *y,
                              size_t trailing, int64_t *extents) {
  const size_t x_rank = x->rank - trailing, y_rank = y->rank - trailing;
  const size_t rank = x_rank > y_rank ? x_rank : y_rank;
  real_array a = *x, b = *y;
  a.rank = x_rank, b.rank = y_rank;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t m = aligned(&a, rank, i), n = aligned(&b, rank, i);
    if (m != n && m != 1 && n != 1) evaluator_refuse(e, "shapes do not broadcast");
    extents[i] = m == 1 ? n : m;
  }
  return rank;
}

real_array evaluator_map2(evaluator *e, binary_fn *f, real_array x, real_array y) {
  int64_t extents[suite_rank_max];
  if (e->why) return (real_array){0};
  const size_t rank = broadcast_shape(e, &x, &y, 0, extents);
  real_array z = evaluator_make(e, rank, extents);
  for (size_t i = 0; i < z.count && !e->why; ++i)
    z.values[i] = f(x.values[under(&x, rank, extents, i)], y.values[under(&y, rank, extents, i)]);
  return z;
}

real_array evaluator_map(evaluator *e, unary_fn *f, real_array x) {
  real_array y = evaluator_make(e, x.rank, x.extents);
  for (size_t i = 0; i < y.count && !e->why; ++i)
    y.values[i] = f(x.values[i]);
  return y;
}

real_array evaluator_matmul(evaluator *e, real_array x, real_array y, bool transposes) {
  int64_t extents[suite_rank_max];
  if (!e->why && (x.rank < 2 || y.rank < 2)) evaluator_refuse(e, "matmul wants rank 2 or more");
  if (e->why) return (real_array){0};
  const int64_t M = x.extents[x.rank - 2], K = x.extents[x.rank - 1];
  const int64_t N = y.extents[y.rank - (transposes ? 2 : 1)];
  if (y.extents[y.rank - (transposes ? 1 : 2)] != K) evaluator_refuse(e, "K differs in a matmul");
  const size_t lead = broadcast_shape(e, &x, &y, 2, extents);
  extents[lead] = M, extents[lead + 1] = N;
  real_array z = evaluator_make(e, lead + 2, extents);
  real_array xs = x, ys = y;
  xs.rank -= 2, ys.rank -= 2;
  for (size_t batch = 0; !e->why && batch * (size_t)(M * N) < z.count; ++batch) {
    const real *const a = x.values + under(&xs, lead, extents, batch) * (size_t)(M * K);
    const real *const b = y.values + under(&ys, lead, extents, batch) * (size_t)(K * N);
    for (int64_t m = 0; m < M; ++m)
      for (int64_t n = 0; n < N; ++n) {
        real sum = 0;
        for (int64_t k = 0; k < K; ++k)
          sum += a[m * K + k] * (transposes ? b[n * K + k] : b[k * N + n]);
        z.values[batch * (size_t)(M * N) + (size_t)(m * N + n)] = sum;
      }
  }
  return z;
}

static real_array call(evaluator *e, evaluator *inner, const char *key) {
  if (e->why) return (real_array){0};
  if (!evaluator_run(inner)) evaluator_refuse(e, inner->why);
  for (size_t i = 0; i < inner->output_count && !e->why; ++i)
    if (strcmp(inner->outputs[i].name, key) == 0) return inner->outputs[i].array;
  evaluator_refuse(e, "a class has not the output that was wanted");
  return (real_array){0};
}

real_array evaluator_call(evaluator *e, const char *class_name, const json_t *args,
                          const real_key *inputs, size_t input_count, const char *key) {
  evaluator inner = {.arena = e->arena,
                     .class_name = class_name,
                     .args = args,
                     .inputs = inputs,
                     .input_count = input_count,
                     .stops = e->stops};
  return call(e, &inner, key);
}

real_array evaluator_call_model(evaluator *e, const json_t *model, const real_key *inputs,
                                size_t input_count, const char *key) {
  const json_t *const name = json_is_object(model) ? json_object_get(model, "name") : model;
  if (!json_is_string(name)) evaluator_refuse(e, "a model that has no class name");
  evaluator inner = {.arena = e->arena,
                     .class_name = e->why ? "" : json_string_value(name),
                     .args = json_object_get(model, "args"),
                     .model = model,
                     .inputs = inputs,
                     .input_count = input_count,
                     .stops = e->stops};
  return call(e, &inner, key);
}
