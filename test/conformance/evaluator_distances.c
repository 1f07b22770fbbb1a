// evaluator_distances.c: distances of points, and how well predicted ones agree with given ones.
//
//   p = 4 (1 - 2 |((n - 1) mod 8) / 8 - 1/2|) + 1
//   distance matrix        D = sum_k |x_ik - y_jk|^p
//   encoder                D, or D^(1/p)
//   core of a scaling      exact (sum |d - q^(1/p)|^p / sum d^p)^(1/p),
//                          else (sum |d^(1/p) - q^(1/p)|^p / sum d)^(1/p)
//
// Numbers  powers take the absolute value of their base, as the robust ones do away from 0.
#include "test/conformance/evaluator.h"

#include <math.h>
#include <string.h>

static real power(real x, real y) { return powl(fabsl(x), y); }
static real minus(real x, real y) { return x - y; }
static real over(real x, real y) { return x / y; }
static real inverse(real x) { return 1 / x; }

static real wave(real n) {
  const real m = fmodl(fmodl(n - 1, 8) + 8, 8) / 8;
  return 4 * (1 - 2 * fabsl(m - 0.5L)) + 1;
}

static void run_norm_modifier(evaluator *e) {
  evaluator_output(e, "output", evaluator_map(e, wave, evaluator_input(e, "input")));
}

// p has one element.
static real_array matrix(evaluator *e, real_array x, real_array y, real_array p) {
  if (!e->why && (x.rank != 2 || y.rank != 2 || x.extents[1] != y.extents[1] || p.count != 1))
    evaluator_refuse(e, "distances want [N, d], [M, d] and one norm");
  if (e->why) return (real_array){0};
  const size_t d = (size_t)x.extents[1], M = (size_t)y.extents[0];
  real_array z = evaluator_make(e, 2, (int64_t[]){x.extents[0], y.extents[0]});
  for (size_t i = 0; i < z.count && !e->why; ++i)
    for (size_t k = 0; k < d; ++k)
      z.values[i] += power(x.values[i / M * d + k] - y.values[i % M * d + k], p.values[0]);
  return z;
}

static void run_distance_matrix(evaluator *e) {
  evaluator_output(e, "output",
                   matrix(e, evaluator_input(e, "left"), evaluator_input(e, "right"),
                          evaluator_input(e, "norm")));
}

static void run_encoder(evaluator *e) {
  const real_array p = evaluator_map(e, wave, evaluator_input(e, "norm"));
  real_array z = matrix(e, evaluator_input(e, "input1"), evaluator_input(e, "input2"), p);
  if (evaluator_bool(e, "get_final_distance", true))
    z = evaluator_map2(e, power, z, evaluator_map(e, inverse, p));
  evaluator_output(e, "output", z);
}

static real_array total(evaluator *e, real_array x) {
  real_array sum = evaluator_make(e, 0, NULL);
  for (size_t i = 0; i < x.count && !e->why; ++i)
    sum.values[0] += x.values[i];
  return sum;
}

static real_array scaling_core(evaluator *e, real_array d, real_array q, bool is_exact) {
  const real_array p = evaluator_map(e, wave, evaluator_input(e, "norm"));
  const real_array root = evaluator_map(e, inverse, p);
  q = evaluator_map2(e, power, q, root);
  const real_array given = is_exact ? d : evaluator_map2(e, power, d, root);
  const real_array gaps = evaluator_map2(e, power, evaluator_map2(e, minus, given, q), p);
  const real_array scale = total(e, is_exact ? evaluator_map2(e, power, d, p) : d);
  const real_array share = evaluator_map2(e, over, total(e, gaps), scale);
  return evaluator_map2(e, power, share, root);
}

static void run_scaling_core(evaluator *e) {
  const real_array d = evaluator_input(e, "distances"), q = evaluator_input(e, "pred_distances");
  evaluator_output(e, "output", scaling_core(e, d, q, evaluator_bool(e, "exact_distances", true)));
}

// The core of the distances of `coords`, and of the input: points, or their distances.
static void run_scaling(evaluator *e) {
  const char *const type = json_string_value(evaluator_arg(e, "input_type"));
  const bool is_points = type && strcmp(type, "points") == 0;
  const real_array p = evaluator_map(e, wave, evaluator_input(e, "norm"));
  const real_array coords = evaluator_input(e, "coords"), input = evaluator_input(e, "input");
  const real_array d = is_points ? matrix(e, input, input, p) : input;
  evaluator_output(
      e, "output",
      scaling_core(e, d, matrix(e, coords, coords, p), !type || strcmp(type, "distances") == 0));
  evaluator_output(e, "predicted_coords", coords);
}

static const evaluator_class classes[] = {
    {"normmodifier", run_norm_modifier},
    {"distancematrix", run_distance_matrix},
    {"encoderdistancematrix", run_encoder},
    {"mdscore", run_scaling_core},
    {"mds", run_scaling},
};

evaluator_table evaluator_distances(void) {
  return (evaluator_table){classes, sizeof classes / sizeof *classes};
}
