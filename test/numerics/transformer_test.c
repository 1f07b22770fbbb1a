// transformer_test.c: causal self-attention against a naive loop, for static and symbolic lengths.
//
// Tolerance: sums of at most 24 products of numbers below 1, then a softmax: 1e-5.
#include "frontend/compile.h"
#include "ir/models/transformer.h"
#include "runtime/call.h"
#include "runtime/parameters.h"
#include "test/harness/harness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { D = 8, H = 2, Dh = D / H, most_positions = 9 };

static const float *parameter(const mth_parameters *parameters, const char *name) {
  const DLTensor *found = mth_parameters_find(parameters, name);
  EXPECT(found != NULL);
  return found ? found->data : NULL;
}

// out = x w^T + b for one row
static void linear(const float *w, const float *b, int rows, const double *x, double *out) {
  for (int o = 0; o < rows; o++) {
    out[o] = b[o];
    for (int i = 0; i < D; i++)
      out[o] += w[o * D + i] * x[i];
  }
}

static void attend(const mth_parameters *parameters, int T, const float *input, double *out) {
  const float *w = parameter(parameters, "weight_qkv"), *b = parameter(parameters, "bias_qkv");
  const float *wo = parameter(parameters, "weight_output"),
              *bo = parameter(parameters, "bias_output");
  double qkv[most_positions][3 * D], x[D];
  for (int t = 0; t < T; t++) {
    for (int i = 0; i < D; i++)
      x[i] = input[t * D + i];
    linear(w, b, 3 * D, x, qkv[t]);
  }
  for (int t = 0; t < T; t++) {
    double joined[D] = {0};
    for (int h = 0; h < H; h++) {
      double weight[most_positions], sum = 0;
      for (int s = 0; s <= t; s++) {
        double score = 0;
        for (int i = 0; i < Dh; i++)
          score += qkv[t][h * Dh + i] * qkv[s][D + h * Dh + i];
        sum += weight[s] = exp(score / sqrt(Dh));
      }
      for (int s = 0; s <= t; s++)
        for (int i = 0; i < Dh; i++)
          joined[h * Dh + i] += weight[s] / sum * qkv[s][2 * D + h * Dh + i];
    }
    linear(wo, bo, D, joined, &out[t * D]);
  }
}

// One batch of T positions through the program and the loop.
static void compare(mth_program *program, const mth_parameters *parameters, int T) {
  float x[2][most_positions * D];
  mth_call *call = NULL;
  ASSERT(mth_call_create(program, "evaluate", NULL, &call) == MTH_OK);
  ASSERT(mth_parameters_bind(parameters, call) == MTH_OK);
  float packed[2 * most_positions * D];
  for (int b = 0; b < 2; b++)
    for (int i = 0; i < T * D; i++)
      packed[b * T * D + i] = x[b][i] = (float)sin(b + 0.7 * i);
  int64_t extents[] = {2, T, D};
  DLTensor input;
  memset(&input, 0, sizeof input);
  input.data = packed;
  input.ndim = 3;
  input.shape = extents;
  input.dtype = (DLDataType){2, 32, 1};
  input.device = (DLDevice){1, 0};
  const DLTensor *output = NULL;
  ASSERT(mth_call_bind(call, "input", &input) == MTH_OK);
  ASSERT(mth_call_run(call) == MTH_OK);
  ASSERT(mth_call_output(call, "output", &output) == MTH_OK);
  for (int b = 0; b < 2; b++) {
    double wanted[most_positions * D];
    attend(parameters, T, x[b], wanted);
    for (int i = 0; i < T * D; i++)
      EXPECT_NEAR(((const float *)output->data)[b * T * D + i], wanted[i], 1e-5);
  }
  mth_call_destroy(call);
}

static void check(mth_extent length, const int *lengths, size_t count) {
  mth_context *context = NULL;
  mth_model *attention = NULL;
  mth_program *program = NULL;
  mth_parameters *parameters = NULL;
  const mth_attention_options size = {.struct_bytes = sizeof size, .dim = D, .heads = H};
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(mth_causal_self_attention(context, &size, &attention) == MTH_OK);
  const mth_entry_shape shape = {"input", MTH_SHAPE(MTH_N(2), length, MTH_N(D))};
  const mth_entry_request entry = {.name = "evaluate", .shapes = &shape, .shape_count = 1};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  const mth_status status = mth_compile(attention, &options, &program);
  harness_check(status == MTH_OK, false, __FILE__, __LINE__, "%s",
                mth_context_diagnostic(context)->message);
  ASSERT(status == MTH_OK);
  ASSERT(mth_parameters_create(program, NULL, &parameters) == MTH_OK);
  for (size_t i = 0; i < count; i++)
    compare(program, parameters, lengths[i]);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  mth_model_destroy(attention);
  mth_context_destroy(context);
}

TEST(transformer_numerics, attention_of_a_static_length) { check(MTH_N(5), (const int[]){5}, 1); }

TEST(transformer_numerics, attention_of_any_length) {
  check(MTH_DECLARED("T"), (const int[]){1, 2, 7, 9}, 4);
}

// ---- gradients of a block -----------------------------------------------------------------------

enum { blockD = 6, blockT = 4, output_elems = 2 * blockT * blockD };

// sum(output * cotangent) of one run.
static double value_of(mth_call *call, const double *cotangent) {
  const DLTensor *output = NULL;
  double sum = 0;
  EXPECT_INT(mth_call_run(call), MTH_OK);
  EXPECT_INT(mth_call_output(call, "output", &output), MTH_OK);
  for (int i = 0; output && i < output_elems; i++)
    sum += ((const double *)output->data)[i] * cotangent[i];
  return sum;
}

static int64_t elems_of(const DLTensor *t) {
  int64_t count = 1;
  for (int32_t i = 0; i < t->ndim; i++)
    count *= t->shape[i];
  return count;
}

// Every parameter's gradient, at its first, middle and last element, against central differences.
static void check_gradients(mth_call *call, const mth_parameters *parameters,
                            const double *cotangent) {
  for (size_t i = 0; i < mth_parameters_count(parameters); i++) {
    char name[128];
    const DLTensor *gradient = NULL, *values = mth_parameters_get(parameters, i);
    double *x = values->data;
    const int64_t count = elems_of(values), at[] = {0, count / 2, count - 1};
    snprintf(name, sizeof name, "%s_gradient", mth_parameters_name(parameters, i));
    for (size_t j = 0; j < 3; j++) {
      const double h = 1e-5, old = x[at[j]];
      x[at[j]] = old + h;
      const double above = value_of(call, cotangent);
      x[at[j]] = old - h;
      const double below = value_of(call, cotangent);
      x[at[j]] = old;
      value_of(call, cotangent);
      ASSERT(mth_call_output(call, name, &gradient) == MTH_OK);
      EXPECT_NEAR(((const double *)gradient->data)[at[j]], (above - below) / (2 * h), 1e-7);
    }
  }
}

TEST(transformer_numerics, gradients_of_a_block_in_f64) {
  mth_context *context = NULL;
  mth_model *block = NULL;
  mth_program *program = NULL;
  mth_parameters *parameters = NULL;
  mth_call *call = NULL;
  double x[output_elems], cotangent[output_elems];
  int64_t extents[] = {2, blockT, blockD};
  const mth_attention_options size = {.struct_bytes = sizeof size, .dim = blockD, .heads = 2};
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(mth_transformer_block(context, &size, &block) == MTH_OK);
  const mth_entry_shape shape = {"input", MTH_SHAPE(MTH_N(2), MTH_N(blockT), MTH_N(blockD))};
  const mth_entry_request entry = {
      .name = "gradients", .kind = MTH_ENTRY_GRADIENTS, .shapes = &shape, .shape_count = 1};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .float_dtype = MTH_F64, .entries = &entry, .entry_count = 1};
  ASSERT(mth_compile(block, &options, &program) == MTH_OK);
  ASSERT(mth_parameters_create(program, NULL, &parameters) == MTH_OK);
  ASSERT(mth_call_create(program, "gradients", NULL, &call) == MTH_OK);
  ASSERT(mth_parameters_bind(parameters, call) == MTH_OK);
  for (int i = 0; i < output_elems; i++)
    x[i] = sin(0.9 * i), cotangent[i] = cos(1.3 * i);
  DLTensor input, seed;
  memset(&input, 0, sizeof input);
  input.data = x;
  input.ndim = 3;
  input.shape = extents;
  input.dtype = (DLDataType){2, 64, 1};
  input.device = (DLDevice){1, 0};
  seed = input;
  seed.data = cotangent;
  ASSERT(mth_call_bind(call, "input", &input) == MTH_OK);
  ASSERT(mth_call_bind(call, "output_gradient", &seed) == MTH_OK);
  EXPECT_INT((int)mth_parameters_count(parameters), 12);
  check_gradients(call, parameters, cotangent);
  mth_call_destroy(call);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  mth_model_destroy(block);
  mth_context_destroy(context);
}
