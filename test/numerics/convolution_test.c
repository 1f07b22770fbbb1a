// convolution_test.c: a convolutional layer with its bias against the oracle, for static and
// symbolic batches, and with groups that are known late. What the op does is checked case by case
// in op_test.c.
//
// Tolerance: sums of 12 products of numbers below 1: 1e-5.
#include "frontend/compile.h"
#include "ir/class.h"
#include "runtime/call.h"
#include "runtime/parameters.h"
#include "test/harness/harness.h"
#include "test/numerics/oracle.h"

#include <math.h>
#include <string.h>

enum { C = 4, O = 6, H = 5, W = 7, most_images = 3 };

static oracle_tensor to_oracle(const DLTensor *tensor) {
  oracle_tensor x = oracle_make(tensor->ndim, tensor->shape);
  for (int64_t i = 0; i < x.count; i++)
    x.value[i] = ((const float *)tensor->data)[i];
  return x;
}

static void compare(mth_program *program, const mth_parameters *parameters, int64_t groups,
                    int64_t N) {
  float pixels[most_images * C * H * W];
  int64_t extents[] = {N, C, H, W};
  DLTensor input;
  memset(&input, 0, sizeof input);
  input.data = pixels, input.ndim = 4, input.shape = extents;
  input.dtype = (DLDataType){2, 32, 1}, input.device = (DLDevice){1, 0};
  for (int64_t i = 0; i < N * C * H * W; i++)
    pixels[i] = (float)sin(1 + 0.7 * (double)i);
  mth_call *call = NULL;
  const DLTensor *output = NULL;
  ASSERT(mth_call_create(program, "evaluate", NULL, &call) == MTH_OK);
  ASSERT(mth_parameters_bind(parameters, call) == MTH_OK);
  ASSERT(mth_call_bind(call, "input", &input) == MTH_OK);
  ASSERT(mth_call_run(call) == MTH_OK);
  ASSERT(mth_call_output(call, "output", &output) == MTH_OK);
  const DLTensor *bias = mth_parameters_find(parameters, "bias");
  oracle_tensor x = to_oracle(&input), w = to_oracle(mth_parameters_find(parameters, "weight"));
  oracle_tensor wanted = oracle_convolution(&x, &w, (int64_t[]){2, 1}, (int64_t[]){1, 1, 0, 0},
                                            (int64_t[]){1, 2}, groups);
  ASSERT(output->ndim == 4);
  for (int d = 0; d < 4; d++)
    EXPECT_INT(output->shape[d], wanted.dims[d]);
  const int64_t places = wanted.dims[2] * wanted.dims[3];
  for (int64_t i = 0; i < wanted.count; i++)
    EXPECT_NEAR(((const float *)output->data)[i],
                (double)wanted.value[i] + ((const float *)bias->data)[i / places % wanted.dims[1]],
                1e-5);
  oracle_free(&x);
  oracle_free(&w);
  oracle_free(&wanted);
  mth_call_destroy(call);
}

// Conv2d with these numbers of channels and groups, which may be symbols.
static mth_model *new_layer(mth_context *context, mth_arg in_channels, mth_arg out_channels,
                            mth_arg groups) {
  const int64_t kernel[] = {3, 2}, stride[] = {2, 1}, padding[] = {1, 0}, dilation[] = {1, 2};
  const mth_arg args[] = {in_channels,
                          out_channels,
                          groups,
                          MTH_ARG_IS("kernel_size", 2, kernel),
                          MTH_ARG_IS("stride", 2, stride),
                          MTH_ARG_IS("padding", 2, padding),
                          MTH_ARG_IS("dilation", 2, dilation)};
  mth_model *layer = NULL;
  EXPECT(mth_model_create_class(context, "Conv2d", args, 7, &layer) == MTH_OK);
  return layer;
}

// Takes `model`, whose input is [batch, C, H, W].
static void check(mth_context *context, mth_model *model, int64_t groups, mth_extent batch,
                  const int64_t *sizes, size_t count) {
  mth_program *program = NULL;
  mth_parameters *parameters = NULL;
  const mth_entry_shape shape = {"input", MTH_SHAPE(batch, MTH_N(C), MTH_N(H), MTH_N(W))};
  const mth_entry_request entry = {.name = "evaluate", .shapes = &shape, .shape_count = 1};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  const mth_status status = mth_compile(model, &options, &program);
  harness_check(status == MTH_OK, false, __FILE__, __LINE__, "%s",
                mth_context_diagnostic(context)->message);
  ASSERT(status == MTH_OK);
  ASSERT(mth_parameters_create(program, NULL, &parameters) == MTH_OK);
  for (size_t i = 0; i < count; i++)
    compare(program, parameters, groups, sizes[i]);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  mth_model_destroy(model);
}

TEST(convolution, of_static_and_symbolic_batches) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  for (int i = 0; i < 2; i++) {
    mth_model *layer = new_layer(context, MTH_ARG_I("in_channels", C), MTH_ARG_I("out_channels", O),
                                 MTH_ARG_I("groups", 2));
    ASSERT(layer != NULL);
    check(context, layer, 2, i ? MTH_DECLARED("B") : MTH_N(2), (const int64_t[]){2, 3, 1},
          i ? 3 : 1);
  }
  mth_context_destroy(context);
}

// Depthwise: as many groups as the input has channels, which only the entry's shape says.
TEST(convolution, of_as_many_groups_as_channels) {
  mth_context *context = NULL;
  mth_model *model = NULL;
  mth_connection *input = NULL;
  const mth_dim *channels = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(mth_model_create(context, NULL, &model) == MTH_OK);
  ASSERT(mth_model_add_input(model, "input", NULL, &input) == MTH_OK);
  ASSERT(mth_connection_set_shape(input, MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_ANY, MTH_ANY)) == MTH_OK);
  ASSERT(mth_connection_dim(input, 1, &channels) == MTH_OK);
  mth_model *layer = new_layer(context, MTH_ARG_D("in_channels", channels),
                               MTH_ARG_D("out_channels", channels), MTH_ARG_D("groups", channels));
  const mth_wire wires[] = {MTH_WIRE_TO("input", input), MTH_WIRE("weight", "weight"),
                            MTH_WIRE("bias", "bias"), MTH_WIRE("output", "output")};
  ASSERT(mth_model_add(model, layer, "depthwise", wires, 4) == MTH_OK);
  check(context, model, C, MTH_N(2), (const int64_t[]){2}, 1);
  mth_context_destroy(context);
}
