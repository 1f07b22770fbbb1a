// physical_model_test.c: programs whose inputs were fixed, made data, or dropped, compute what the
// whole program computes on the same numbers.
//
// Tolerance: none; 4 products of small integers in f64 are exact in any order.
#include "runtime/call.h"
#include "runtime/parameters.h"
#include "test/ir/physical_fixture.h"

enum { N = 2, K = 3, M = 2 };

static const double x_data[N * K] = {1, 2, 3, -1, 0, 4};
static const double weight_data[M * K] = {2, 0, 1, -3, 1, 1};
static const double bias_data[M] = {5, -20};
// relu(x @ weight^T + bias)
static const double y_data[N * M] = {10, 0, 7, 0};

typedef struct setting {
  mth_context *context;
  mth_model *model;
  mth_program *program;
  mth_parameters *parameters;
  mth_call *call;
  int64_t extents[3][2];
  DLTensor tensors[3];
} setting;

static DLTensor tensor(const double *data, int32_t rank, int64_t *extents) {
  DLTensor t;
  memset(&t, 0, sizeof t);
  t.data = (void *)(uintptr_t)data;
  t.ndim = rank;
  t.shape = extents;
  t.dtype = (DLDataType){2, 64, 1};
  t.device = (DLDevice){1, 0};
  return t;
}

static bool compile(setting *s, const mth_physical_options *physical) {
  *s = (setting){.context = new_context(), .extents = {{N, K}, {M, K}, {M}}};
  s->model = new_model(s->context);
  const mth_wire input = MTH_WIRE("input", "x"), output = MTH_WIRE("output", "y");
  EXPECT_INT(mth_model_append(s->model, new_linear(s->context, M), NULL, &input, 1), MTH_OK);
  EXPECT_INT(mth_model_append(s->model, new_op(s->context, "Relu"), NULL, &output, 1), MTH_OK);
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .float_dtype = MTH_F64, .physical = physical};
  const mth_call_options reports = {.struct_bytes = sizeof reports,
                                    .sink = mth_context_sink(s->context)};
  const mth_status status = mth_compile(s->model, &options, &s->program);
  EXPECT_TEXT(mth_context_diagnostic(s->context)->message, "");
  return status == MTH_OK && mth_call_create(s->program, "evaluate", &reports, &s->call) == MTH_OK;
}

static void bind(setting *s, size_t index, const char *port, const double *data, int32_t rank) {
  s->tensors[index] = tensor(data, rank, s->extents[index]);
  EXPECT_INT(mth_call_bind(s->call, port, &s->tensors[index]), MTH_OK);
}

static void run_and_compare(setting *s) {
  const DLTensor *y = NULL;
  ASSERT(mth_call_run(s->call) == MTH_OK);
  ASSERT(mth_call_output(s->call, "y", &y) == MTH_OK);
  ASSERT(y->ndim == 2 && y->shape[0] == N && y->shape[1] == M);
  for (size_t i = 0; i < N * M; i++)
    EXPECT(((const double *)y->data)[i] == y_data[i]);
}

static void tear_down(setting *s) {
  mth_call_destroy(s->call);
  mth_parameters_destroy(s->parameters);
  mth_program_destroy(s->program);
  mth_model_destroy(s->model);
  mth_context_destroy(s->context);
}

static const int64_t x_extents[] = {N, K}, weight_extents[] = {M, K}, bias_extents[] = {M};
static const mth_constant x = {.dtype = MTH_F64, .rank = 2, .extents = x_extents, .data = x_data};
static const mth_constant weight = {
    .dtype = MTH_F64, .rank = 2, .extents = weight_extents, .data = weight_data};
static const mth_constant bias = {
    .dtype = MTH_F64, .rank = 1, .extents = bias_extents, .data = bias_data};

TEST(physical_model, a_fixed_parameter_is_part_of_the_program) {
  setting s;
  const mth_key_constant constants[] = {{MTH_REF("weight"), &weight, NULL},
                                        {MTH_REF("Linear_bias"), &bias, NULL}};
  ASSERT(compile(&s, OPTIONS(.constants = constants, .constant_count = 2))); // x: at the first run
  bind(&s, 0, "x", x_data, 2);
  run_and_compare(&s);
  tear_down(&s);
}

TEST(physical_model, a_fixed_input_leaves_the_parameters) {
  setting s;
  const mth_key_constant constant = {MTH_REF("x"), &x, NULL};
  ASSERT(compile(&s, OPTIONS(.constants = &constant, .constant_count = 1)));
  ASSERT(mth_parameters_create(s.program, NULL, &s.parameters) == MTH_OK);
  EXPECT_INT(mth_parameters_count(s.parameters), 2);
  bind(&s, 1, "weight", weight_data, 2);
  bind(&s, 2, "bias", bias_data, 1);
  run_and_compare(&s);
  tear_down(&s);
}

TEST(physical_model, a_program_may_be_nothing_but_constants) {
  setting s;
  const mth_key_constant constants[] = {
      {MTH_REF("weight"), &weight, NULL}, {MTH_REF("bias"), &bias, NULL}, {MTH_REF("x"), &x, NULL}};
  ASSERT(compile(&s, OPTIONS(.constants = constants, .constant_count = 3)));
  run_and_compare(&s);
  tear_down(&s);
}

TEST(physical_model, data_is_given_and_no_parameter) {
  setting s;
  const mth_key_shape shape = {MTH_REF("x"), MTH_SHAPE(MTH_DECLARED("B"), MTH_N(K))};
  ASSERT(compile(&s, OPTIONS(KEY(data, "weight"), .shapes = &shape, .shape_count = 1)));
  ASSERT(mth_parameters_create(s.program, NULL, &s.parameters) == MTH_OK);
  EXPECT_INT(mth_parameters_count(s.parameters), 1);
  EXPECT_TEXT(mth_parameters_name(s.parameters, 0), "bias");
  bind(&s, 0, "x", x_data, 2);
  bind(&s, 1, "Linear_weight", weight_data, 2);
  bind(&s, 2, "bias", bias_data, 1);
  run_and_compare(&s);
  tear_down(&s);
}

TEST(physical_model, long_names_are_the_ports) {
  setting s;
  const mth_key_shape shape = {MTH_REF("x"), MTH_SHAPE(MTH_N(N), MTH_N(K))};
  ASSERT(compile(&s, OPTIONS(.naming = MTH_NAMING_LONG, .shapes = &shape, .shape_count = 1)));
  bind(&s, 0, "x", x_data, 2);
  bind(&s, 1, "linear_weight", weight_data, 2);
  bind(&s, 2, "Linear_bias", bias_data, 1); // the path
  run_and_compare(&s);
  tear_down(&s);
}
