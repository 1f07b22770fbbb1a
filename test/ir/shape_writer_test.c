// shape_writer_test.c: shapes of several connections as text.
#include "ir/shape_writer.h"
#include "test/ir/model_fixture.h"

// The shapes of x, w and y, where y = x w^T and w is [4, ?].
static const char *shapes_of(const mth_model *model, bool hides_symbols) {
  static char storage[512];
  mth_shape_writer writer = {.context = mth_model_context(model), .hides_symbols = hides_symbols};
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  for (const char *name = "xwy"; *name; name++) {
    mth_shape_writer_add(&writer, key(model, (const char[]){*name, 0}), &text);
    mth_text_add(&text, "%s", name[1] ? " " : "");
  }
  EXPECT_INT(text.status, MTH_OK);
  snprintf(storage, sizeof storage, "%s", mth_text_get(&text));
  mth_text_deinit(&text);
  mth_shape_writer_deinit(&writer);
  return storage;
}

TEST(shape_writer, equal_dims_have_one_number) {
  mth_context *context = new_context();
  mth_model *model = new_model(context);
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("weight", "w"),
                            MTH_WIRE("output", "y")};
  ASSERT(mth_model_append(model, new_linear(context, 4), NULL, wires, 3) == MTH_OK);
  EXPECT_TEXT(shapes_of(model, false), "[(V1, ...), u1, u2] [4, u2] [(V1, ...), u1, 4]");
  EXPECT_TEXT(shapes_of(model, true), "[..., None, None] [4, None] [..., None, 4]");
  const mth_shape shape = MTH_SHAPE(MTH_DECLARED("T"), MTH_ANY);
  ASSERT(mth_connection_set_shape(key(model, "x"), shape) == MTH_OK);
  EXPECT_TEXT(shapes_of(model, false), "[T, u1] [4, u1] [T, 4]");
  EXPECT_TEXT(shapes_of(model, true), "[T, None] [4, None] [T, 4]");
  mth_model_destroy(model);
  mth_context_destroy(context);
}

TEST(shape_writer, expressions_arguments_and_scalars) {
  mth_context *context = new_context();
  mth_model *model = new_model(context);
  mth_connection *x = NULL, *s = NULL;
  ASSERT(mth_model_add_input(model, "x", NULL, &x) == MTH_OK);
  ASSERT(mth_model_add_input(model, "s", NULL, &s) == MTH_OK);
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_ANY, MTH_DECLARED("T"))) == MTH_OK);
  ASSERT(mth_connection_set_shape(s, MTH_SCALAR_SHAPE) == MTH_OK);
  const mth_dim *a = NULL, *b = NULL;
  ASSERT(mth_connection_dim(x, 0, &a) == MTH_OK && mth_connection_dim(x, 1, &b) == MTH_OK);
  mth_dim_table *dims = mth_context_dims(context);
  mth_connection *w = NULL, *y = NULL;
  ASSERT(mth_model_add_input(model, "w", NULL, &w) == MTH_OK);
  ASSERT(mth_model_add_input(model, "y", NULL, &y) == MTH_OK);
  const mth_shape sums = MTH_SHAPE(MTH_OF(mth_dim_add(dims, a, mth_dim_constant(dims, 1))),
                                   MTH_OF(mth_dim_add(dims, b, b)));
  ASSERT(mth_connection_set_shape(w, sums) == MTH_OK);
  ASSERT(mth_connection_set_shape(y, MTH_SCALAR_SHAPE) == MTH_OK);
  EXPECT_TEXT(shapes_of(model, false), "[u1, T] [u1 + 1, 2*T] []");
  EXPECT_TEXT(shapes_of(model, true), "[None, T] [None, 2*T] []");
  mth_model_destroy(model);
  mth_context_destroy(context);
}

TEST(shape_writer, arguments_have_no_shape) {
  mth_context *context = new_context();
  mth_model *sum = new_op(context, "Sum");
  mth_shape_writer writer = {.context = context};
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_shape_writer_add(&writer, key(sum, "axis"), &text);
  EXPECT_TEXT(mth_text_get(&text), "--");
  mth_text_deinit(&text);
  mth_shape_writer_deinit(&writer);
  mth_model_destroy(sum);
  mth_context_destroy(context);
}
