// distances_test.c: distances of points, and what is made of them, against naive loops and
// differences.
#include "test/numerics/model_check.h"

static double modified(double n) { return 4 * (1 - 2 * fabs(fmod(n - 1, 8) / 8 - 0.5)) + 1; }

static void powers(const port *p, double norm, double root, double *out) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++) {
      double sum = 0;
      for (int k = 0; k < d; k++)
        sum += pow(fabs(p[0].values[i * d + k] - p[1].values[j * d + k]), norm);
      out[i * M + j] = pow(sum, root);
    }
}

static void distance(const port *p, double *out) { powers(p, p[2].values[0], 1, out); }

static void encoded(const port *p, double *out) {
  const double norm = modified(p[2].values[0]);
  powers(p, norm, 1 / norm, out);
}

// pred_distances, distances, norm
static void mds(const port *p, double *out) {
  const double n = modified(p[2].values[0]);
  double error = 0, whole = 0;
  for (size_t i = 0; i < count_of(p); i++) {
    error += pow(fabs(p[1].values[i] - pow(p[0].values[i], 1 / n)), n);
    whole += pow(p[1].values[i], n);
  }
  out[0] = pow(error / whole, 1 / n);
}

static void mds_of_powers(const port *p, double *out) {
  const double n = modified(p[2].values[0]);
  double error = 0, whole = 0;
  for (size_t i = 0; i < count_of(p); i++) {
    error += pow(fabs(pow(p[1].values[i], 1 / n) - pow(p[0].values[i], 1 / n)), n);
    whole += p[1].values[i];
  }
  out[0] = pow(error / whole, 1 / n);
}

static void wave(const port *p, double *out) { out[0] = modified(p[0].values[0]); }

TEST(distances, agree_with_loops_and_differences) {
  mth_context *context = new_context();
  port ports[] = {table("left", N, 0.3), table("right", M, 1.1), number("norm", 0, 2.5)};
  check(context, new_class(context, "DistanceMatrix"), ports, 3, distance, N, M);
  ports[0].name = "input1";
  ports[1].name = "input2";
  check(context, new_class(context, "EncoderDistanceMatrix"), ports, 3, encoded, N, M);
  port norm = number("input", 0, 6.5);
  for (double n = 1.5; n < 20; n += 3.25) { // rising and falling, beyond one period
    norm.values[0] = n;
    check(context, new_class(context, "NormModifier"), &norm, 1, wave, 0, 0);
  }
  mth_context_destroy(context);
}

TEST(distances, a_core_of_multidimensional_scaling) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  port ports[] = {{"pred_distances", 2, {2, 2}, {0.5, 1.5, 2.5, 0.7}},
                  {"distances", 2, {2, 2}, {1.2, 0.4, 1.1, 2.0}},
                  number("norm", 0, 2.5)};
  check(context, new_class(context, "MDSCore"), ports, 3, mds, 0, 0);
  ASSERT(mth_model_create_class(context, "MDSCore", &MTH_ARG_B("exact_distances", false), 1,
                                &model) == MTH_OK);
  check(context, model, ports, 3, mds_of_powers, 0, 0);
  mth_context_destroy(context);
}

// coords, input, norm: both are points, and distances are left as powers.
static void scaled(const port *p, double *out) {
  port q[] = {{"", 2, {N, N}, {0}}, {"", 2, {N, N}, {0}}, p[2]};
  const double n = modified(p[2].values[0]);
  for (int t = 0; t < 2; t++)
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++)
        for (int k = 0; k < d; k++)
          q[t].values[i * N + j] += pow(fabs(p[t].values[i * d + k] - p[t].values[j * d + k]), n);
  mds_of_powers(q, out);
}

TEST(distances, multidimensional_scaling_of_points) {
  mth_context *context = new_context();
  mth_model *model = NULL, *other = NULL;
  const mth_arg args[] = {MTH_ARG_I("prediction_dim", d), MTH_ARG_S("input_type", "points")};
  port ports[] = {table("coords", N, 0.3), table("input", N, 1.1), number("norm", 0, 2.5)};
  double wanted = 0;
  ASSERT(mth_model_create_class(context, "MDS", args, 2, &model) == MTH_OK);
  scaled(ports, &wanted);
  check_value(context, model, ports, 3, wanted);
  const mth_arg wrong[] = {args[0], MTH_ARG_S("input_type", "lines")};
  EXPECT_ERROR(context, mth_model_create_class(context, "MDS", wrong, 2, &other), "MDS",
               "wanted \"points\", \"distances\" or \"powered_distances\" in 'input_type', "
               "found \"lines\"");
  mth_context_destroy(context);
}

TEST(distances, multidimensional_scaling_of_distances) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  port ports[] = {table("coords", N, 0.3), {"input", 2, {N, N}, {0}}, number("norm", 0, 2.5)};
  port q[] = {{"", 2, {N, N}, {0}}, {"", 2, {N, N}, {0}}, ports[2]};
  const double n = modified(2.5);
  double wanted = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      ports[1].values[i * N + j] = q[1].values[i * N + j] = i == j ? 0 : 0.5 + 0.25 * (i + j);
      for (int k = 0; k < d; k++)
        q[0].values[i * N + j] +=
            pow(fabs(ports[0].values[i * d + k] - ports[0].values[j * d + k]), n);
    }
  mds(q, &wanted);
  const mth_arg args[] = {MTH_ARG_I("prediction_dim", d),
                          MTH_ARG_S("input_type", "powered_distances")};
  ASSERT(mth_model_create_class(context, "MDS", args, 1, &model) == MTH_OK);
  check_value(context, model, ports, 3, wanted);
  mds_of_powers(q, &wanted);
  ASSERT(mth_model_create_class(context, "MDS", args, 2, &model) == MTH_OK);
  check_value(context, model, ports, 3, wanted);
  mth_context_destroy(context);
}
