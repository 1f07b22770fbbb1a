// differences.c: central differences.
#include "test/conformance/differences.h"

#include <math.h>
#include <string.h>

// The sum, and how many outputs are no numbers.
static bool value_of(const weighted_sum *sum, real *out, size_t *out_nans) {
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  evaluator e = *sum->at;
  e.arena = &arena;
  e.output_count = 0;
  e.why = NULL;
  e.stops = true;
  const bool is_well = evaluator_run(&e);
  *out = 0;
  *out_nans = 0;
  for (size_t i = 0; is_well && i < e.output_count; ++i)
    for (size_t j = 0; j < sum->cotangent_count; ++j) {
      if (strcmp(e.outputs[i].name, sum->cotangents[j].name) != 0) continue;
      const real_array y = e.outputs[i].array, g = sum->cotangents[j].array;
      for (size_t k = 0; k < y.count && k < g.count; ++k) {
        if (!isnan(y.values[k])) *out += g.values[k] * y.values[k];
        *out_nans += isnan(y.values[k]) ? 1 : 0;
      }
    }
  mth_arena_reset(&arena);
  return is_well;
}

bool has_nan(const weighted_sum *sum) {
  real value;
  size_t nans;
  return value_of(sum, &value, &nans) && nans > 0;
}

bool reaches_numbers(const weighted_sum *sum, size_t input, size_t index) {
  real *const x = &sum->at->inputs[input].array.values[index];
  const real before = *x;
  real value;
  size_t nans = 0, poisoned = 0;
  if (!value_of(sum, &value, &nans) || nans == 0) return true;
  *x = NAN;
  const bool is_well = value_of(sum, &value, &poisoned);
  *x = before;
  return !is_well || poisoned > nans;
}

// One slope with the step h. False if the class cannot be evaluated.
static bool try_step(const weighted_sum *sum, real *x, real h, real *out_slope, real *out_error) {
  const real before = *x;
  real d[4] = {0};
  size_t nans;
  bool is_well = true;
  for (int k = 1; k <= 3 && is_well; ++k) {
    real above = 0, below = 0;
    *x = before + (real)k * h;
    is_well &= value_of(sum, &above, &nans);
    *x = before - (real)k * h;
    is_well &= value_of(sum, &below, &nans);
    d[k] = above - below;
  }
  *x = before;
  const real sixth = (45 * d[1] - 9 * d[2] + d[3]) / (60 * h);
  const real fourth = (8 * d[1] - d[2]) / (12 * h);
  *out_slope = sixth;
  *out_error = fabsl(sixth - fourth);
  return is_well;
}

bool differentiate(const weighted_sum *sum, size_t input, size_t index, real *out_slope,
                   real *out_error) {
  real *const x = &sum->at->inputs[input].array.values[index];
  const real size = fabsl(*x), scales[] = {fmaxl(1, size), size, size / 16};
  *out_error = INFINITY;
  for (size_t i = 0; i < sizeof scales / sizeof *scales; ++i) {
    real slope, error;
    if (scales[i] == 0 || *out_error <= 1e-11L * (1 + fabsl(*out_slope))) break;
    if (!try_step(sum, x, ldexpl(scales[i], -9), &slope, &error)) return false;
    if (error < *out_error) *out_slope = slope, *out_error = error;
  }
  return *out_error < INFINITY;
}
