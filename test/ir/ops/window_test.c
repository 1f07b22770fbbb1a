// window_test.c: result types of ops that slide a window, in programs and, with what is known late,
// in models.
#include "ir/context.h"
#include "ir/model.h"
#include "test/ir/result_fixture.h"

TEST(window, infers_windows_in_programs) {
  result_fixture f;
  open_results(&f);
  dims_text a, b, c;
#define SLIDES(from, wanted, ...)                                                                  \
  EXPECT_INFERS_WITH("windows", from, wanted, dims_arg(&f, "kernel", "3", &a),                     \
                     dims_arg(&f, "count", "T,", &b), dims_arg(&f, "start", "-1", &c),             \
                     __VA_ARGS__)
  SLIDES("f32[B,T,4]", "f32[B, 3, T, 4]", MTH_ARG_I("axis", 1));
  SLIDES("i64[T]", "i64[3, T]", MTH_ARG_I("axis", -1));
  SLIDES("f32[T]", "windows: axis 1 is outside of rank 1", MTH_ARG_I("axis", 1));
  SLIDES("f32[T]", "windows: wanted a stride of 1 or more, found 0", MTH_ARG_I("axis", 0),
         MTH_ARG_I("stride", 0));
  SLIDES("f32[T]", "windows: wanted a dilation of less than 2^31, found -2147483648",
         MTH_ARG_I("axis", 0), MTH_ARG_I("dilation", INT32_MIN));
  EXPECT_INFERS_WITH("windows", "f32[T]", "windows: wanted one number in 'kernel', found 2",
                     dims_arg(&f, "kernel", "3,4", &a), dims_arg(&f, "count", "T", &b),
                     dims_arg(&f, "start", "0", &c), MTH_ARG_I("axis", 0));
  close_results(&f);
}

TEST(window, infers_convolutions_in_programs) {
  result_fixture f;
  open_results(&f);
  EXPECT_INFERS("convolution", "f32[B,3,9] f32[8,3,4]", "f32[B, 8, 6]");
  EXPECT_INFERS("convolution", "f32[2,3,H,W] f32[8,3,3,2]", "f32[2, 8, H - 2, W - 1]");
  EXPECT_INFERS_WITH("convolution", "f32[2,3,H,W] f32[8,3,3,2]",
                     "f32[2, 8, (H + 1) floordiv 2, W - 3]", INTS("stride", 2, 1),
                     INTS("padding", 1, 1, 0, 1), INTS("dilation", 1, 4));
  EXPECT_INFERS_WITH("convolution", "f32[2,6,9] f32[9,2,3]", "f32[2, 9, 7]",
                     MTH_ARG_I("groups", 3));
  EXPECT_INFERS_WITH("convolution", "f32[2,6,9] f32[3*M,2,3]", "f32[2, 3*M, 7]",
                     MTH_ARG_I("groups", 3));
#define REFUSES(from, wanted, ...) EXPECT_INFERS_WITH("convolution", from, wanted, __VA_ARGS__)
  REFUSES("f32[2,6,9] f32[4,3,3]",
          "convolution: dim 1 of 'input' is not 'groups' times dim 1 of 'weight': 6 and 9",
          MTH_ARG_I("groups", 3));
  REFUSES("f32[2,6,9] f32[4,2,3]", "convolution: wanted 1 or more in 'groups', found 0",
          MTH_ARG_I("groups", 0));
  REFUSES("f32[2,4,9] f32[5,2,3]",
          "convolution: 'groups' is 2, which does not divide dim 0 of 'weight', 5",
          MTH_ARG_I("groups", 2));
  REFUSES("f32[2,4,9] f32[M,2,3]",
          "convolution: 'groups' is 2, which does not divide dim 0 of 'weight', M",
          MTH_ARG_I("groups", 2));
  REFUSES("f32[2,4,3] f32[5,4,3]",
          "convolution: axis 2: a window over 7 elements does not fit into 3 + 1 + 2",
          INTS("padding", 1, 2), INTS("dilation", 3));
  REFUSES("f32[2,4,3] f32[5,4,3]",
          "convolution: 'stride' lists 2 numbers, wanted 1 for each of 1 axes",
          INTS("stride", 1, 2));
  REFUSES("f32[2,4,3] f32[5,4,3]",
          "convolution: 'padding' lists 1 numbers, wanted 2 for each of 1 axes",
          INTS("padding", 1));
  REFUSES("f32[2,4,3] f32[5,4,3]", "convolution: wanted 1 or more in 'dilation', found 0",
          INTS("dilation", 0));
  REFUSES("f32[2,4,3] f32[5,4,3]", "convolution: wanted 0 or more in 'padding', found -1",
          INTS("padding", 0, -1));
  EXPECT_INFERS("convolution", "f32[2,4] f32[5,4]",
                "convolution: wanted rank 3 or more: [N, C, L...]");
  close_results(&f);
}

static const char *shape_text(const mth_model *model, const char *name, char storage[128]) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_connection_shape_text(mth_model_find(model, name), &text);
  snprintf(storage, 128, "%s", mth_text_get(&text));
  mth_text_deinit(&text);
  return storage;
}

TEST(window, infers_what_is_known_late_in_models) {
  mth_context *context = NULL;
  mth_model *model = NULL;
  char text[128];
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  const int64_t padding[] = {1, 0};
  const mth_arg args[] = {MTH_ARG_IS("padding", 2, padding), MTH_ARG_I("groups", 2)};
  ASSERT(mth_model_create_op(context, "Convolution", args, 2, &model) == MTH_OK);
  mth_connection *output = mth_model_find(model, "output");
  mth_connection *weight = mth_model_find(model, "weight");
  ASSERT(mth_connection_set_shape(output, MTH_SHAPE(MTH_N(5), MTH_N(4), MTH_N(7))) == MTH_OK);
  EXPECT_TEXT(shape_text(model, "weight", text), "[4, u1, u2]");
  ASSERT(mth_connection_set_shape(weight, MTH_SHAPE(MTH_ANY, MTH_N(3), MTH_N(2))) == MTH_OK);
  EXPECT_TEXT(shape_text(model, "input", text), "[5, 6, 7]");
  mth_model_destroy(model);
  mth_context_destroy(context);
}
