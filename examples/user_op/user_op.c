// user_op.c: opens a shared object with ops of its own, composes a model with them, differentiates,
// compiles and trains it, and compares all of it with the formula written out and with central
// differences.
//
//   build/bin/user_op build/lib/libuser_ops.so
#include "frontend/mithril.h"

#include <math.h>
#include <stdio.h>

enum { N = 5, D = 7 };
static const double beta = 1.5, learning_rate = 0.5;

// loss = mean(output^2), output = PrefixSum(Swish(input * weight, beta))
static mth_status compose(mth_context *context, mth_model **out_model) {
  const mth_arg beta_arg = MTH_ARG_F("beta", beta);
  mth_sketch s;
  mth_sketch_begin(&s, context, "Net");
  mth_connection *const input = mth_sketch_input(&s, "input");
  mth_connection *const weight =
      mth_sketch_parameter(&s, "weight", MTH_SHAPE(MTH_N(D)),
                           (mth_initializer){.kind = MTH_INIT_UNIFORM, .a = -2, .b = 2});
  mth_connection *const product = mth_sketch_binary(&s, "multiply", input, weight);
  mth_model *swish = NULL, *sums = NULL;
  if (s.status == MTH_OK) s.status = mth_model_create_op(context, "Swish", &beta_arg, 1, &swish);
  swish = mth_sketch_child(&s, swish, NULL, (mth_wire[]){MTH_WIRE_TO("input", product)}, 1);
  mth_connection *const bent = mth_sketch_key(&s, swish, "output");
  if (s.status == MTH_OK) s.status = mth_model_create_op(context, "PrefixSum", NULL, 0, &sums);
  sums = mth_sketch_child(&s, sums, NULL, (mth_wire[]){MTH_WIRE_TO("input", bent)}, 1);
  mth_connection *const output = mth_sketch_key(&s, sums, "output");
  mth_sketch_output(&s, output, "output");
  mth_sketch_output(
      &s, mth_sketch_unary(&s, "mean", mth_sketch_binary(&s, "multiply", output, output)), "loss");
  return mth_sketch_end(&s, out_model);
}

// One set of entries: `evaluate` for any N, gradients and step for this one.
static mth_status compile(mth_model *model, mth_model *sgd, mth_program **out_program) {
  static const char *const output[] = {"output"}, *const loss[] = {"loss"};
  const mth_entry_shape any[] = {{"input", MTH_SHAPE(MTH_DECLARED("N"), MTH_N(D))}};
  const mth_entry_shape fixed[] = {{"input", MTH_SHAPE(MTH_N(N), MTH_N(D))}};
  const mth_entry_request entries[] = {
      {.name = "evaluate", .outputs = output, .output_count = 1, .shapes = any, .shape_count = 1},
      {.name = "gradients",
       .kind = MTH_ENTRY_GRADIENTS,
       .outputs = loss,
       .output_count = 1,
       .loss = "loss",
       .shapes = any,
       .shape_count = 1},
      {.name = "step",
       .kind = MTH_ENTRY_STEP,
       .outputs = loss,
       .output_count = 1,
       .loss = "loss",
       .optimizer = sgd,
       .shapes = fixed,
       .shape_count = 1}};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = entries, .entry_count = 3};
  return mth_compile(model, &options, out_program);
}

// The model as a formula; returns the loss.
static double formula(const float (*input)[D], const double *weight, double (*out_output)[D]) {
  double squares = 0;
  for (int n = 0; n < N; ++n) {
    double sum = 0;
    for (int d = 0; d < D; ++d) {
      const double x = (double)input[n][d] * weight[d];
      sum += x / (1 + exp(-beta * x));
      out_output[n][d] = sum;
      squares += sum * sum;
    }
  }
  return squares / (N * D);
}

static int wrong; // how many comparisons failed

// 2e-5: the sums have 35 terms of f32, and the differences an error of about 1e-9.
static void expect_near(const char *what, int index, double found, double wanted) {
  if (fabs(found - wanted) <= 2e-5 * (1 + fabs(wanted))) return;
  fprintf(stderr, "%s %d: wanted %.9g, found %.9g\n", what, index, wanted, found);
  ++wrong;
}

// Runs one entry and gives the data of one of its outputs.
static mth_status run(mth_program *program, const mth_parameters *parameters, const char *entry,
                      const DLTensor *input, const char *output, mth_call **out_call,
                      const float **out_data) {
  const DLTensor *found;
  MTH_TRY(mth_call_create(program, entry, NULL, out_call));
  MTH_TRY(mth_parameters_bind(parameters, *out_call));
  MTH_TRY(mth_call_bind(*out_call, "input", input));
  MTH_TRY(mth_call_run(*out_call));
  MTH_TRY(mth_call_output(*out_call, output, &found));
  *out_data = mth_tensor_data(found);
  return MTH_OK;
}

static mth_status compare(mth_program *program, const mth_parameters *parameters) {
  float input[N][D];
  double weight[D], slope[D], output[N][D], unused[N][D];
  for (int i = 0; i < N * D; ++i)
    input[i / D][i % D] = (float)sin(1.7 * i + 0.3);
  float *const trained = mth_tensor_data(mth_parameters_find(parameters, "weight"));
  for (int d = 0; d < D; ++d)
    weight[d] = (double)trained[d];
  const double loss = formula(input, weight, output);
  for (int d = 0; d < D; ++d) { // central differences
    const double kept = weight[d], h = 1e-5;
    weight[d] = kept + h;
    const double above = formula(input, weight, unused);
    weight[d] = kept - h;
    slope[d] = (above - formula(input, weight, unused)) / (2 * h);
    weight[d] = kept;
  }

  const DLTensor bound = mth_tensor_make(MTH_F32, 2, (int64_t[]){N, D}, input);
  mth_call *evaluate = NULL, *gradients = NULL, *step = NULL;
  const float *y, *g, *l;
  mth_status status = run(program, parameters, "evaluate", &bound, "output", &evaluate, &y);
  for (int i = 0; i < N * D && status == MTH_OK; ++i)
    expect_near("output", i, (double)y[i], output[i / D][i % D]);
  if (status == MTH_OK)
    status = run(program, parameters, "gradients", &bound, "weight_gradient", &gradients, &g);
  for (int d = 0; d < D && status == MTH_OK; ++d)
    expect_near("weight_gradient", d, (double)g[d], slope[d]);
  if (status == MTH_OK) status = run(program, parameters, "step", &bound, "loss", &step, &l);
  if (status == MTH_OK) expect_near("loss", 0, (double)*l, loss);
  for (int d = 0; d < D && status == MTH_OK; ++d)
    expect_near("weight after a step", d, (double)trained[d], weight[d] - learning_rate * slope[d]);
  mth_call_destroy(step);
  mth_call_destroy(gradients);
  mth_call_destroy(evaluate);
  return status;
}

static mth_status try_ops(mth_context *context) {
  const mth_sgd_options options = {.struct_bytes = sizeof options, .learning_rate = learning_rate};
  mth_model *model = NULL, *sgd = NULL;
  mth_program *program = NULL;
  mth_parameters *parameters = NULL;
  mth_status status = compose(context, &model);
  if (status == MTH_OK) status = mth_sgd(context, &options, &sgd);
  if (status == MTH_OK) status = compile(model, sgd, &program);
  if (status == MTH_OK) status = mth_parameters_create(program, NULL, &parameters);
  if (status == MTH_OK) status = compare(program, parameters);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  mth_model_destroy(sgd);
  mth_model_destroy(model);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: user_op libuser_ops.so\n");
    return 2;
  }
  mth_context *context;
  if (mth_context_create(NULL, &context) != MTH_OK) return 1;
  mth_status status = mth_load_op_library(context, argv[1]);
  if (status == MTH_OK) status = try_ops(context);
  if (status != MTH_OK) {
    const mth_diagnostic *const why = mth_context_diagnostic(context);
    fprintf(stderr, "%s: %s\n", why->where, why->message);
  }
  mth_context_destroy(context);
  if (status == MTH_OK && wrong == 0) printf("swish and prefix_sum: as the formula says\n");
  return status != MTH_OK || wrong != 0;
}
