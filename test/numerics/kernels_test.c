// kernels_test.c: kernels and kernelized machines against naive loops and differences.
#include "test/numerics/model_check.h"

// input1, input2, sigma, l_scale
static void rbf(const port *p, double *out) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++) {
      double square = 0;
      for (int k = 0; k < d; k++)
        square += pow(p[0].values[i * d + k] - p[1].values[j * d + k], 2);
      const double sigma = p[2].values[0], l = p[3].values[0];
      out[i * M + j] = l * l * exp(-0.5 * square / (sigma * sigma));
    }
}

// input1, input2, poly_coef, degree
static void polynomial(const port *p, double *out) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++) {
      double product = p[2].values[0];
      for (int k = 0; k < d; k++)
        product += p[0].values[i * d + k] * p[1].values[j * d + k];
      out[i * M + j] = pow(fabs(product), p[3].values[0]);
    }
}

// ..., weight, bias
static void svm(const port *p, double *out) {
  double kernel[N * M];
  rbf(p, kernel);
  for (int i = 0; i < N; i++) {
    out[i] = p[5].values[0];
    for (int j = 0; j < M; j++)
      out[i] += kernel[i * M + j] * p[4].values[j];
  }
}

TEST(kernels, agree_with_loops_and_differences) {
  mth_context *context = new_context();
  port ports[] = {table("input1", N, 0.3), table("input2", M, 1.1), number("sigma", 1, 0.8),
                  number("l_scale", 1, 1.3)};
  check(context, new_class(context, "RBFKernel"), ports, 4, rbf, N, M);
  ports[2] = number("poly_coef", 0, 3);
  ports[3] = number("degree", 0, 2.5);
  check(context, new_class(context, "PolynomialKernel"), ports, 4, polynomial, N, M);
  mth_context_destroy(context);
}

TEST(kernels, a_machine_over_a_kernel) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  port ports[] = {table("input1", N, 0.3),
                  table("input2", M, 1.1),
                  number("sigma", 1, 0.8),
                  number("l_scale", 1, 1.3),
                  {"weight", 2, {1, M}, {0.5, -1, 2, 0.25}},
                  number("bias", 1, 0.1)};
  ASSERT(mth_model_create_class(context, "KernelizedSVM", &MTH_ARG_S("kernel", "RBFKernel"), 1,
                                &model) == MTH_OK);
  check(context, model, ports, 6, svm, N, 1);
  mth_context_destroy(context);
}
