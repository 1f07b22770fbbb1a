// reshaping_test.c: result types of views that become simpler views.
#include "ir/context.h"
#include "ir/model.h"
#include "test/ir/result_fixture.h"

TEST(reshaping, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  EXPECT_INFERS("flatten_axes", "f32[B,3,T]", "f32[B, 3*T]");
  EXPECT_INFERS_WITH("flatten_axes", "f32[2,3,4,5]", "f32[2, 12, 5]", MTH_ARG_I("end_dim", 2));
  EXPECT_INFERS_WITH("flatten_axes", "f32[2,3]", "f32[6]", MTH_ARG_I("start_dim", -2));
  EXPECT_INFERS("flatten_axes", "f32[4]", "flatten_axes: axis 1 is outside of rank 1");
  EXPECT_INFERS_WITH("flatten_axes", "f32[2,3,4]",
                     "flatten_axes: 'start_dim' is axis 2, after 'end_dim', axis 1",
                     MTH_ARG_I("start_dim", 2), MTH_ARG_I("end_dim", 1));
  EXPECT_INFERS("squeeze", "f32[1,T,1,0,4]", "f32[T, 0, 4]");
  EXPECT_INFERS("squeeze", "i64[]", "i64[]");
  EXPECT_INFERS_WITH("swap_axes", "f32[2,T,4]", "f32[4, T, 2]", MTH_ARG_I("axis1", 0),
                     MTH_ARG_I("axis2", -1));
  EXPECT_INFERS_WITH("swap_axes", "f32[2,T]", "swap_axes: axis 2 is outside of rank 2",
                     MTH_ARG_I("axis1", 0), MTH_ARG_I("axis2", 2));
  EXPECT_INFERS("buffer", "i1[T,3]", "i1[T, 3]");
  close_results(&f);
}

TEST(reshaping, infers_parts_in_programs) {
  result_fixture f;
  open_results(&f);
#define PART(from, wanted, index, ...)                                                             \
  EXPECT_INFERS_WITH("split_part", from, wanted, MTH_ARG_I("index", index), __VA_ARGS__)
  const mth_arg three = MTH_ARG_I("split_size", 3), halves = MTH_ARG_I("sections", 2);
  PART("f32[8,T]", "f32[3, T]", 1, three);
  PART("f32[8,T]", "f32[2, T]", 2, three);
  PART("f32[T]", "f32[min(T - 3, 3)]", 1, three);
  PART("f32[6*T]", "f32[3]", 1, three);
  PART("f32[2,T,8]", "f32[2, T, 4]", 1, halves, MTH_ARG_I("axis", -1));
  PART("f32[2*T]", "f32[T]", 1, halves);
  PART("f32[8]", "split_part: axis 0 has no part 3 of 3: its extent is 8", 3, three);
  PART("f32[8]", "split_part: wanted parts of 1 or more and an index from 0 on, found 0 and 1", 1,
       MTH_ARG_I("split_size", 0));
  PART("f32[8]", "split_part: wanted a part from 0 to 1, found 2", 2, halves);
  PART("f32[7]", "split_part: the extent 7 of axis 0 does not divide into 2 equal parts", 0,
       halves);
  PART("f32[T]", "split_part: the extent T of axis 0 does not divide into 2 equal parts", 0,
       halves);
  PART("f32[8]", "split_part: wanted either 'split_size' or 'sections', found both", 0, three,
       halves);
  PART("f32[8]", "split_part: axis 1 is outside of rank 1", 0, halves, MTH_ARG_I("axis", 1));
  close_results(&f);
}

static const char *shape_text(const mth_model *model, const char *name, char storage[128]) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_connection_shape_text(mth_model_find(model, name), &text);
  snprintf(storage, 128, "%s", mth_text_get(&text));
  mth_text_deinit(&text);
  return storage;
}

TEST(reshaping, infers_what_is_known_late_in_models) {
  mth_context *context = NULL;
  mth_model *flatten = NULL, *squeeze = NULL, *part = NULL;
  char text[128];
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(mth_model_create_op(context, "Flatten", NULL, 0, &flatten) == MTH_OK);
  EXPECT_TEXT(shape_text(flatten, "output", text), "[u1, u2]");
  ASSERT(mth_connection_set_shape(mth_model_find(flatten, "output"),
                                  MTH_SHAPE(MTH_N(7), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_text(flatten, "input", text), "[7, ..., u1]");
  ASSERT(mth_connection_set_shape(mth_model_find(flatten, "input"),
                                  MTH_SHAPE(MTH_ANY, MTH_N(2), MTH_N(3))) == MTH_OK);
  EXPECT_TEXT(shape_text(flatten, "output", text), "[7, 6]");
  ASSERT(mth_model_create_op(context, "Squeeze", NULL, 0, &squeeze) == MTH_OK);
  mth_connection *input = mth_model_find(squeeze, "input");
  ASSERT(mth_connection_set_shape(input, MTH_SHAPE(MTH_N(1), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_text(squeeze, "output", text), "[...]");
  EXPECT_INT(mth_connection_set_shape(mth_model_find(squeeze, "output"), MTH_SHAPE(MTH_N(1))),
             MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "Squeeze: dim 0 of 'Squeeze.output' would be 1, wanted another");
  EXPECT_TEXT(mth_context_diagnostic(context)->where, "model 'Squeeze', key 'output'");
  ASSERT(mth_connection_set_shape(input, MTH_SHAPE(MTH_ANY, MTH_DECLARED("T"))) == MTH_OK);
  EXPECT_TEXT(shape_text(squeeze, "output", text), "[T]");
  const mth_arg args[] = {MTH_ARG_I("sections", 3), MTH_ARG_I("index", 0)};
  ASSERT(mth_model_create_op(context, "SplitPart", args, 2, &part) == MTH_OK);
  ASSERT(mth_connection_set_shape(mth_model_find(part, "output"), MTH_SHAPE(MTH_N(4))) == MTH_OK);
  EXPECT_TEXT(shape_text(part, "input", text), "[12]");
  mth_model_destroy(flatten);
  mth_model_destroy(squeeze);
  mth_model_destroy(part);
  mth_context_destroy(context);
}

TEST(reshaping, parts_make_the_whole) {
  mth_context *context = NULL;
  mth_model *part = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  const mth_arg args[] = {MTH_ARG_I("sections", 3), MTH_ARG_I("index", 0)};
  ASSERT(mth_model_create_op(context, "SplitPart", args, 2, &part) == MTH_OK);
  mth_dim_table *dims = mth_context_dims(context);
  const mth_dim *even = mth_dim_multiply(dims, mth_dim_fresh(dims), mth_dim_constant(dims, 2));
  ASSERT(mth_connection_set_shape(mth_model_find(part, "input"), MTH_SHAPE(MTH_OF(even))) ==
         MTH_OK);
  EXPECT_INT(mth_connection_set_shape(mth_model_find(part, "output"), MTH_SHAPE(MTH_N(5))),
             MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "SplitPart of 'SplitPart.input': the parts do not add up to the whole: 2*? and 15");
  EXPECT_TEXT(mth_context_diagnostic(context)->where, "model 'SplitPart', key 'output'");
  EXPECT_INT(mth_connection_set_shape(mth_model_find(part, "output"), MTH_SHAPE(MTH_N(4))), MTH_OK);
  mth_model_destroy(part);
  mth_context_destroy(context);
}
