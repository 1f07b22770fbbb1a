// value_tensor_test.c: compile-time values in programs: what shapes say as numbers, sizes of a
// reshape, values as outputs; static and with symbolic dims.
#include "frontend/mithril.h"
#include "test/ir/value_fixture.h"

#include <dlpack/dlpack.h>

enum { columns = 6, most_rows = 9 };

// x [B, 6] -> s = x.shape as an output, "numbers" = [B - 5, 6 // 2, B mod 4] as an output of a
// nested model, y = reshape(x, (B, 2, 3)), z = y * max(B, 4), w = z * B, o = (1.5, 2)
static mth_model *new_values(mth_context *context) {
  mth_model *m = new_model(context), *inner = new_model(context);
  add_input(inner, "input", (mth_shape){0});
  ADD(inner, "Size", "b", MTH_WIRE("input", "input"), MTH_WIRE_I("dim", 0));
  ADD(inner, "Size", "c", MTH_WIRE("input", "input"), MTH_WIRE_I("dim", 1));
  ADD(inner, "ScalarSubtract", "less", MTH_WIRE("left", "b"), MTH_WIRE_I("right", 5));
  ADD(inner, "ScalarFloorDivide", "half", MTH_WIRE("left", "c"), MTH_WIRE_I("right", 2));
  ADD(inner, "ScalarModulo", "rest", MTH_WIRE("left", "b"), MTH_WIRE_I("right", 4));
  ADD(inner, "ToTuple", "sizes",
      PARTS("inputs", MTH_WIRE(NULL, "b"), MTH_WIRE_I(NULL, 2), MTH_WIRE(NULL, "half")));
  ADD(inner, "ToTuple", "numbers",
      PARTS("inputs", MTH_WIRE(NULL, "less"), MTH_WIRE(NULL, "half"), MTH_WIRE(NULL, "rest")));
  EXPECT_INT(mth_model_expose(inner, key(inner, "sizes"), NULL), MTH_OK);
  EXPECT_INT(mth_model_expose(inner, key(inner, "numbers"), NULL), MTH_OK);
  EXPECT_INT(mth_model_expose(inner, key(inner, "b"), NULL), MTH_OK);
  add_input(m, "x", MTH_SHAPE(MTH_ANY, MTH_N(columns)));
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("sizes", "sizes"),
                            MTH_WIRE("numbers", "numbers"), MTH_WIRE("b", "b")};
  EXPECT_INT(mth_model_add(m, inner, "inner", wires, 4), MTH_OK);
  ADD(m, "Shape", "s", MTH_WIRE("input", "x"));
  ADD(m, "Reshape", "y", MTH_WIRE("input", "x"), MTH_WIRE("shape", "sizes"));
  ADD(m, "ScalarMaximum", "most", MTH_WIRE("left", "b"), MTH_WIRE_I("right", 4));
  ADD(m, "Multiply", "z", MTH_WIRE("left", "y"), MTH_WIRE("right", "most"));
  const mth_dim *dims[2]; // a dim as an operand: w = z * x.shape[0]
  EXPECT_INT(mth_connection_unpack(key(m, "x"), 2, dims), MTH_OK);
  ADD(m, "Multiply", "w", MTH_WIRE("left", "z"), MTH_WIRE_D("right", dims[0]));
  ADD(m, "ToTuple", "o", PARTS("inputs", MTH_WIRE_F(NULL, 1.5), MTH_WIRE_I(NULL, 2)));
  static const char *const outputs[] = {"s", "numbers", "z", "w", "o"};
  for (size_t i = 0; i < 5; i++)
    EXPECT_INT(mth_model_expose(m, key(m, outputs[i]), NULL), MTH_OK);
  return m;
}

static const DLTensor *output(mth_call *call, const char *name, int32_t rank, uint8_t code) {
  const DLTensor *tensor = NULL;
  EXPECT_INT(mth_call_output(call, name, &tensor), MTH_OK);
  EXPECT(tensor && tensor->ndim == rank && tensor->dtype.code == code);
  return tensor;
}

static void run(mth_program *program, int64_t B) {
  mth_call *call = NULL;
  float x[most_rows * columns];
  for (int i = 0; i < most_rows * columns; i++)
    x[i] = (float)i;
  DLTensor input = {.data = x,
                    .ndim = 2,
                    .shape = (int64_t[]){B, columns},
                    .dtype = {kDLFloat, 32, 1},
                    .device = {kDLCPU, 0}};
  mth_diagnostic seen = {0};
  const mth_sink sink = mth_sink_keep_first(&seen);
  const mth_call_options options = {.struct_bytes = sizeof options, .sink = &sink};
  ASSERT(mth_call_create(program, "evaluate", &options, &call) == MTH_OK);
  ASSERT(mth_call_bind(call, "x", &input) == MTH_OK);
  const mth_status status = mth_call_run(call);
  EXPECT_TEXT(seen.message, "");
  ASSERT(status == MTH_OK);
  const int64_t *s = output(call, "s", 1, kDLInt)->data;
  const int64_t *numbers = output(call, "numbers", 1, kDLInt)->data;
  const DLTensor *z = output(call, "z", 3, kDLFloat);
  const float *o = output(call, "o", 1, kDLFloat)->data;
  EXPECT_INT(s[0], B);
  EXPECT_INT(s[1], columns);
  EXPECT_INT(numbers[0], B - 5);
  EXPECT_INT(numbers[1], 3);
  EXPECT_INT(numbers[2], B % 4);
  EXPECT_INT(z->shape[0], B);
  EXPECT_INT(z->shape[1], 2);
  for (int i = 0; i < B * columns; i++)
    EXPECT_NEAR(((const float *)z->data)[i], (float)i * (float)(B > 4 ? B : 4), 0);
  const float *w = output(call, "w", 3, kDLFloat)->data;
  for (int i = 0; i < B * columns; i++)
    EXPECT_NEAR(w[i], ((const float *)z->data)[i] * (float)B, 0);
  EXPECT_NEAR(o[0], 1.5, 0);
  EXPECT_NEAR(o[1], 2, 0);
  mth_call_destroy(call);
}

static void check(mth_extent rows, const int64_t *sizes, size_t count) {
  mth_context *context = new_context();
  mth_model *m = new_values(context);
  mth_program *program = NULL;
  const mth_entry_shape shape = {"x", MTH_SHAPE(rows, MTH_N(columns))};
  const mth_entry_request entry = {.name = "evaluate", .shapes = &shape, .shape_count = 1};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  const mth_status status = mth_compile(m, &options, &program);
  EXPECT_TEXT(status == MTH_OK ? "" : mth_context_diagnostic(context)->message, "");
  for (size_t i = 0; status == MTH_OK && i < count; i++)
    run(program, sizes[i]);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(value_tensor, static_shapes) { check(MTH_N(3), (const int64_t[]){3}, 1); }

TEST(value_tensor, symbolic_shapes) { check(MTH_DECLARED("B"), (const int64_t[]){1, 4, 7, 9}, 4); }

// A value alone: its tensors are no outputs, but give the program its symbols.
TEST(value_tensor, a_symbol_needs_the_tensor_that_it_is_read_from) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_program *program = NULL;
  mth_call *call = NULL;
  float data[5] = {0};
  add_input(m, "x", (mth_shape){0});
  ADD(m, "Relu", "y", MTH_WIRE("input", "x"));
  ADD(m, "Length", "n", MTH_WIRE("input", "y"));
  EXPECT_INT(mth_model_expose(m, key(m, "n"), NULL), MTH_OK);
  const mth_entry_shape shape = {"x", MTH_SHAPE(MTH_ANY)};
  const mth_entry_request entry = {.name = "evaluate", .shapes = &shape, .shape_count = 1};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  DLTensor input = {.data = data,
                    .ndim = 1,
                    .shape = (int64_t[]){5},
                    .dtype = {kDLFloat, 32, 1},
                    .device = {kDLCPU, 0}};
  const mth_status status = mth_compile(m, &options, &program);
  EXPECT_TEXT(status == MTH_OK ? "" : mth_context_diagnostic(context)->message, "");
  ASSERT(status == MTH_OK);
  ASSERT(mth_call_create(program, "evaluate", NULL, &call) == MTH_OK);
  ASSERT(mth_call_bind(call, "x", &input) == MTH_OK);
  ASSERT(mth_call_run(call) == MTH_OK);
  EXPECT_INT(*(const int64_t *)output(call, "n", 0, kDLInt)->data, 5);
  mth_call_destroy(call);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
