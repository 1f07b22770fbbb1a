// tensor.c: arrays of the suite files.
#include "test/conformance/tensor.h"

#include <math.h>
#include <string.h>

bool suite_tensor_make(mth_arena *arena, suite_kind kind, size_t rank, const int64_t *extents,
                       suite_tensor *out) {
  if (rank > suite_rank_max) return false;
  suite_tensor made = {.kind = kind, .rank = rank, .count = 1};
  for (size_t i = 0; i < rank; ++i) {
    made.extents[i] = extents[i];
    if (extents[i] < 0 || __builtin_mul_overflow(made.count, (size_t)extents[i], &made.count))
      return false;
  }
  made.values = MTH_NEW_ARRAY(arena, double, made.count ? made.count : 1);
  if (!made.values) return false;
  *out = made;
  return true;
}

// ---- reading ------------------------------------------------------------------------------------

// The shape is that of the first path down; reading checks the others against it.
static bool measure(const json_t *json, suite_tensor *out) {
  while (json_is_array(json)) {
    if (out->rank == suite_rank_max) return false;
    out->extents[out->rank++] = (int64_t)json_array_size(json);
    json = json_array_size(json) ? json_array_get(json, 0) : NULL;
  }
  return true;
}

static const char *fill(const json_t *json, size_t depth, suite_tensor *out, size_t *at) {
  if (depth < out->rank) {
    if (!json_is_array(json) || (int64_t)json_array_size(json) != out->extents[depth])
      return "its lists are not of equal lengths";
    for (size_t i = 0; i < json_array_size(json); ++i) {
      const char *const why = fill(json_array_get(json, i), depth + 1, out, at);
      if (why) return why;
    }
    return NULL;
  }
  if (json_is_array(json)) return "its lists are not of equal depths";
  if (!json_is_number(json) && !json_is_boolean(json)) return "it holds what is no number";
  const suite_kind kind = json_is_real(json)      ? SUITE_FLOAT
                          : json_is_integer(json) ? SUITE_INT
                                                  : SUITE_BOOL;
  if (kind > out->kind) out->kind = kind;
  out->values[(*at)++] = json_is_boolean(json) ? json_is_true(json) : json_number_value(json);
  return NULL;
}

bool suite_tensor_read(mth_arena *arena, const json_t *json, suite_tensor *out, const char **why) {
  suite_tensor shape = {0};
  size_t at = 0;
  if (!measure(json, &shape)) {
    *why = "it is nested too deeply";
    return false;
  }
  if (!suite_tensor_make(arena, SUITE_BOOL, shape.rank, shape.extents, out)) {
    *why = "there is no memory for it";
    return false;
  }
  *why = fill(json, 0, out, &at);
  if (out->count == 0) out->kind = SUITE_FLOAT;
  return !*why;
}

// ---- comparing ----------------------------------------------------------------------------------

bool suite_tensor_same_shape(const suite_tensor *a, const suite_tensor *b) {
  return a->rank == b->rank &&
         (a->rank == 0 || memcmp(a->extents, b->extents, a->rank * sizeof *a->extents) == 0);
}

static double distance(double found, double wanted) {
  return found == wanted ? 0 : fabs(found - wanted); // equal infinities have no difference
}

// NaN is farther than anything.
static bool is_farther(double d, double worst) { return isnan(d) ? !isnan(worst) : d > worst; }

bool suite_tensor_is_exact(const suite_tensor *found, const suite_tensor *wanted,
                           size_t *out_worst) {
  bool all_absolute = true, all_relative = true;
  double worst = -1;
  *out_worst = 0;
  for (size_t i = 0; i < wanted->count; ++i) {
    const double d = distance(found->values[i], wanted->values[i]);
    all_absolute &= d < 1e-14;
    all_relative &= d < 1e-14 * fabs(wanted->values[i]);
    if (is_farther(d, worst)) *out_worst = i, worst = d;
  }
  return all_absolute || all_relative;
}

bool suite_tensor_is_near(const suite_tensor *found, const suite_tensor *wanted, double absolute,
                          double relative, size_t *out_worst) {
  bool is_near = true;
  double worst = -1;
  *out_worst = 0;
  for (size_t i = 0; i < wanted->count; ++i) {
    const bool are_nan = isnan(found->values[i]) && isnan(wanted->values[i]);
    const double d = are_nan ? 0 : distance(found->values[i], wanted->values[i]);
    is_near &= are_nan || d <= absolute + relative * fabs(wanted->values[i]);
    if (is_farther(d, worst)) *out_worst = i, worst = d;
  }
  return is_near;
}

const char *suite_tensor_shape_text(mth_arena *arena, const suite_tensor *tensor) {
  const char *text = "[";
  for (size_t i = 0; i < tensor->rank; ++i)
    text = mth_arena_format(arena, "%s%s%lld", text ? text : "", i ? ", " : "",
                            (long long)tensor->extents[i]);
  return mth_arena_format(arena, "%s]", text ? text : "");
}
