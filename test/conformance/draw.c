// draw.c: arguments, shapes and numbers by chance.
#include "test/conformance/draw.h"

#include <math.h>
#include <string.h>

static uint64_t next(draw *d) {
  uint64_t z = d->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

double draw_uniform(draw *d) { return ldexp((double)(next(d) >> 11), -53); }

double draw_normal(draw *d) {
  const double radius = sqrt(-2 * log(1 - draw_uniform(d)));
  return radius * cos(2 * acos(-1) * draw_uniform(d));
}

int64_t draw_integer(draw *d, int64_t least, int64_t most) {
  if (most <= least) return least;
  return least + (int64_t)(next(d) % (uint64_t)(most - least + 1));
}

static bool is_range(const json_t *list) {
  return json_array_size(list) == 2 && json_is_number(json_array_get(list, 0)) &&
         json_is_number(json_array_get(list, 1));
}

json_t *draw_argument(draw *d, const json_t *range, bool is_float, const char **why) {
  if (is_range(range)) {
    const json_t *const lo = json_array_get(range, 0), *const hi = json_array_get(range, 1);
    if (json_is_integer(lo) && json_is_integer(hi) && !is_float)
      return json_integer(draw_integer(d, json_integer_value(lo), json_integer_value(hi)));
    const double least = json_number_value(lo), most = json_number_value(hi);
    return json_real(least + (most - least) * draw_uniform(d));
  }
  if (json_array_size(range) && json_is_array(json_array_get(range, 0))) {
    json_t *const list = json_array();
    for (size_t i = 0; list && i < json_array_size(range); ++i) {
      json_t *const item = draw_argument(d, json_array_get(range, i), is_float, why);
      if (item && json_array_append_new(list, item) == 0) continue;
      json_decref(list);
      return NULL;
    }
    return list;
  }
  if (json_array_size(range) == 0) {
    *why = "a randomized argument wants a range or a list of choices";
    return NULL;
  }
  const int64_t last = (int64_t)json_array_size(range) - 1;
  return json_deep_copy(json_array_get(range, (size_t)draw_integer(d, 0, last)));
}

bool draw_shape(draw *d, const json_t *shapes, suite_tensor *out) {
  if (!json_is_array(shapes) || json_array_size(shapes) > suite_rank_max) return false;
  *out = (suite_tensor){.rank = json_array_size(shapes)};
  for (size_t i = 0; i < out->rank; ++i) {
    const json_t *const range = json_array_get(shapes, i);
    if (!is_range(range)) return false;
    out->extents[i] = draw_integer(d, json_integer_value(json_array_get(range, 0)),
                                   json_integer_value(json_array_get(range, 1)));
  }
  return true;
}

// ---- numbers ------------------------------------------------------------------------------------

// Integers between interval[0] and interval[1], which may be numbers or ranges of them.
static bool draw_integers(draw *d, const json_t *info, suite_tensor *out, const char **why) {
  const json_t *const interval = json_object_get(info, "interval");
  int64_t ends[2];
  for (size_t i = 0; i < 2; ++i) {
    const json_t *end = json_array_get(interval, i);
    if (is_range(end)) end = json_array_get(end, i);
    if (!json_is_integer(end)) {
      *why = "mode int wants an interval of two integers";
      return false;
    }
    ends[i] = json_integer_value(end);
  }
  out->kind = SUITE_INT;
  for (size_t i = 0; i < out->count; ++i)
    out->values[i] = (double)draw_integer(d, ends[0], ends[1]);
  return true;
}

static bool says(const json_t *info, const char *key) {
  return json_is_true(json_object_get(info, key));
}

static void draw_normals(draw *d, const json_t *info, suite_tensor *out) {
  const json_t *const mean = json_object_get(info, "mean");
  const json_t *const deviation = json_object_get(info, "std_dev");
  const double a = json_is_number(mean) ? json_number_value(mean) : 0;
  const double b = json_is_number(deviation) ? json_number_value(deviation) : 1;
  double sum = 0;
  for (size_t i = 0; i < out->count; ++i) {
    out->values[i] = a + b * draw_normal(d);
    if (says(info, "is_positive")) out->values[i] = fabs(out->values[i]);
  }
  const size_t n =
      out->rank == 2 && out->extents[0] == out->extents[1] ? (size_t)out->extents[0] : 0;
  for (size_t i = 0; i < n && says(info, "zero_diag"); ++i)
    out->values[i * n + i] = 0;
  for (size_t i = 0; i < n && says(info, "is_symmetric"); ++i)
    for (size_t j = 0; j < i; ++j)
      out->values[i * n + j] = out->values[j * n + i] =
          (out->values[i * n + j] + out->values[j * n + i]) / 2;
  for (size_t i = 0; i < out->count; ++i)
    sum += out->values[i];
  for (size_t i = 0; i < out->count && says(info, "normalize"); ++i)
    out->values[i] /= sum;
}

bool draw_tensor(draw *d, mth_arena *arena, const json_t *info, const suite_tensor *shape,
                 suite_tensor *out, const char **why) {
  if (json_is_array(info) || json_is_number(info) || json_is_boolean(info))
    return suite_tensor_read(arena, info, out, why);
  suite_tensor drawn = {0};
  if (!shape && draw_shape(d, json_object_get(info, "shapes"), &drawn)) shape = &drawn;
  if (!suite_tensor_make(arena, SUITE_FLOAT, shape ? shape->rank : 0, shape ? shape->extents : NULL,
                         out)) {
    *why = "there is no memory for a tensor";
    return false;
  }
  const json_t *const mode = json_object_get(info, "mode");
  if (json_is_string(mode) && strcmp(json_string_value(mode), "int") == 0)
    return draw_integers(d, info, out, why);
  if (says(info, "bool")) {
    out->kind = SUITE_BOOL;
    for (size_t i = 0; i < out->count; ++i)
      out->values[i] = (double)draw_integer(d, 0, 1);
    return true;
  }
  draw_normals(d, info, out);
  return true;
}
