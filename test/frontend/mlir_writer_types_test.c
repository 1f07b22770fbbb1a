// mlir_writer_types_test.c: element types that a program is written with.
#include "frontend/mlir_writer.h"
#include "test/ir/model_fixture.h"

static mth_connection *input(mth_model *m, const char *name, mth_family families) {
  mth_connection *x = NULL;
  const mth_shape shape = MTH_SHAPE(MTH_N(3));
  const mth_facts facts = {.shape = &shape, .families = families};
  EXPECT_INT(mth_model_add_input(m, name, &facts, &x), MTH_OK);
  return x;
}

// Takes the model and its context.
static void expect_written(mth_context *context, mth_model *m, mth_connection *output,
                           mth_dtype int_dtype, const char *const *wanted, size_t count) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const mth_write_options options = {.struct_bytes = sizeof options, .int_dtype = int_dtype};
  EXPECT_INT(mth_model_expose(m, output, "y"), MTH_OK);
  char *before = dump(m);
  const mth_status status = mth_write_module(m, &options, &text);
  EXPECT_TEXT(status == MTH_OK ? "" : mth_context_diagnostic(context)->message, "");
  for (size_t i = 0; i < count; i++)
    harness_check(strstr(mth_text_get(&text), wanted[i]) != NULL, false, __FILE__, __LINE__,
                  "no %s in\n%s", wanted[i], mth_text_get(&text));
  char *after = dump(m);
  EXPECT_TEXT(after, before);
  mth_release(mth_default_allocator(), before);
  mth_release(mth_default_allocator(), after);
  mth_text_deinit(&text);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

#define EXPECT_WRITTEN(output, int_dtype, ...)                                                     \
  expect_written(context, m, output, int_dtype, (const char *const[]){__VA_ARGS__},                \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

#define OPEN_MODEL                                                                                 \
  mth_context *context = new_context();                                                            \
  mth_model *m = new_model(context)

TEST(mlir_writer_types, what_may_be_bool_or_int_is_bool_among_bools) {
  OPEN_MODEL;
  mth_connection *x = input(m, "x", MTH_FAMILY_ANY), *y = input(m, "z", MTH_FAMILY_ANY);
  EXPECT_WRITTEN(mth_logical_not(mth_logical_xor(x, y)), MTH_I64,
                 "mithril.logical_xor %0, %1 : (tensor<3xi1>, tensor<3xi1>) -> tensor<3xi1>",
                 "mithril.logical_not %2 : (tensor<3xi1>) -> tensor<3xi1>");
}

TEST(mlir_writer_types, what_may_be_bool_or_int_is_int_elsewhere) {
  OPEN_MODEL;
  mth_connection *x = input(m, "x", MTH_FAMILY_ANY), *y = input(m, "z", MTH_FAMILY_ANY);
  EXPECT_WRITTEN(mth_shift_left(mth_logical_and(mth_divide_down(x, y), y), x), MTH_I64,
                 "mithril.floor_divide %0, %1 : (tensor<3xi64>, tensor<3xi64>) -> tensor<3xi64>",
                 "mithril.logical_and %2, %1 : (tensor<3xi64>, tensor<3xi64>) -> tensor<3xi64>",
                 "mithril.shift_left");
}

TEST(mlir_writer_types, operands_are_cast_to_what_the_op_takes) {
  OPEN_MODEL;
  mth_connection *x = input(m, "x", MTH_FAMILY_INT);
  EXPECT_WRITTEN(mth_express_unary("softmax", x), MTH_I64,
                 "%1 = mithril.cast %0 {dtype = f32} : (tensor<3xi64>) -> tensor<3xf32>",
                 "mithril.softmax %1 {axis = -1 : i64} : (tensor<3xf32>) -> tensor<3xf32>");
}

TEST(mlir_writer_types, results_are_cast_to_what_the_model_has) {
  OPEN_MODEL;
  mth_connection *x = input(m, "x", MTH_FAMILY_INT);
  EXPECT_WRITTEN(mth_arg_max(x, 0, false), MTH_I32,
                 "%1 = mithril.arg_max %0 {axis = 0 : i64, keepdim = false} : (tensor<3xi32>) -> "
                 "tensor<i64>",
                 "%2 = mithril.cast %1 {dtype = i32} : (tensor<i64>) -> tensor<i32>",
                 "mithril.return %2 : tensor<i32>");
}
