// list_test.c: lists in programs: parts of a split, put together in another order, and as outputs.
#include "frontend/mithril.h"
#include "test/ir/parts_fixture.h"

#include <dlpack/dlpack.h>

enum { rows = 2, columns = 5 };

// x [B, 5] -> parts of 2, 2 and 1 columns, which are outputs p_0, p_1, p_2; y = the last, x's parts
// again as a list of their own.
static mth_model *new_lists(mth_context *context) {
  mth_model *m = new_model(context), *split = NULL, *concat = NULL;
  add_input(m, "x", MTH_SHAPE(MTH_ANY, MTH_N(columns)));
  EXPECT_INT(mth_model_create_class(context, "Split",
                                    (mth_arg[]){MTH_ARG_I("split_size", 2), MTH_ARG_I("axis", 1)},
                                    2, &split),
             MTH_OK);
  ADD_MODEL(m, split, MTH_WIRE("input", "x"), MTH_WIRE("output", "parts"));
  mth_connection *parts = key(m, "parts");
  ADD_MODEL(m, new_class(context, "ToList", MTH_ARG_I("n", 2)),
            MTH_WIRE_TO("input1", part(parts, 2)), MTH_WIRE_TO("input2", part(parts, 0)),
            MTH_WIRE("output", "turned"));
  EXPECT_INT(mth_model_create_op(context, "Concat", &MTH_ARG_I("axis", 1), 1, &concat), MTH_OK);
  ADD_MODEL(m, concat, MTH_WIRE("inputs", "turned"), MTH_WIRE("output", "y"));
  EXPECT_INT(mth_model_expose(m, parts, "p"), MTH_OK);
  EXPECT_INT(mth_model_expose(m, key(m, "y"), NULL), MTH_OK);
  return m;
}

static void expect(mth_call *call, const char *name, size_t count, const float *wanted) {
  const DLTensor *tensor = NULL;
  EXPECT_INT(mth_call_output(call, name, &tensor), MTH_OK);
  for (size_t i = 0; tensor && i < count; i++)
    EXPECT_NEAR(((const float *)tensor->data)[i], wanted[i], 0);
}

static void check(mth_extent extent) {
  mth_context *context = new_context();
  mth_model *m = new_lists(context);
  mth_program *program = NULL;
  mth_call *call = NULL;
  const mth_entry_shape shape = {"x", MTH_SHAPE(extent, MTH_N(columns))};
  const mth_entry_request entry = {.name = "evaluate", .shapes = &shape, .shape_count = 1};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  const mth_status status = mth_compile(m, &options, &program);
  EXPECT_TEXT(status == MTH_OK ? "" : mth_context_diagnostic(context)->message, "");
  ASSERT(status == MTH_OK);
  float x[rows * columns];
  for (int i = 0; i < rows * columns; i++)
    x[i] = (float)i;
  DLTensor input = {.data = x,
                    .ndim = 2,
                    .shape = (int64_t[]){rows, columns},
                    .dtype = {kDLFloat, 32, 1},
                    .device = {kDLCPU, 0}};
  ASSERT(mth_call_create(program, "evaluate", NULL, &call) == MTH_OK);
  ASSERT(mth_call_bind(call, "x", &input) == MTH_OK);
  ASSERT(mth_call_run(call) == MTH_OK);
  expect(call, "p_0", 4, (const float[]){0, 1, 5, 6});
  expect(call, "p_1", 4, (const float[]){2, 3, 7, 8});
  expect(call, "p_2", 2, (const float[]){4, 9});
  expect(call, "y", 6, (const float[]){4, 0, 1, 9, 5, 6});
  mth_call_destroy(call);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(list_numerics, static_shapes) { check(MTH_N(rows)); }

TEST(list_numerics, symbolic_shapes) { check(MTH_DECLARED("B")); }
