// arg_text_test.c: values for people to read.
#include "ir/arg_text.h"
#include "test/ir/model_fixture.h"

static mth_dim_table *dims;

static const char *text_of(mth_arg value) {
  static char storage[256];
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_arg_text(dims, &value, &text);
  snprintf(storage, sizeof storage, "%s", mth_text_get(&text));
  mth_text_deinit(&text);
  return storage;
}

static const char *constant_text(mth_constant constant) {
  static char storage[256];
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_constant_text(&constant, &text);
  snprintf(storage, sizeof storage, "%s", mth_text_get(&text));
  mth_text_deinit(&text);
  return storage;
}

TEST(arg_text, values_of_every_kind) {
  mth_context *context = new_context();
  mth_model *relu = new_op(context, "Relu");
  dims = mth_context_dims(context);
  const mth_dim *T = mth_dim_symbol(dims, "T");
  const mth_arg items[] = {MTH_ARG_I(NULL, 1), {.kind = MTH_ARG_NONE}, MTH_ARG_D(NULL, T)};
  EXPECT_TEXT(text_of((mth_arg){.kind = MTH_ARG_NONE}), "None");
  EXPECT_TEXT(text_of(MTH_ARG_I(NULL, -3)), "-3");
  EXPECT_TEXT(text_of(MTH_ARG_B(NULL, true)), "True");
  EXPECT_TEXT(text_of(MTH_ARG_B(NULL, false)), "False");
  EXPECT_TEXT(text_of(MTH_ARG_F(NULL, 0.25)), "0.25");
  EXPECT_TEXT(text_of(MTH_ARG_S(NULL, "SAME")), "'SAME'");
  EXPECT_TEXT(text_of(MTH_ARG_T(NULL, MTH_I64)), "i64");
  EXPECT_TEXT(text_of(MTH_ARG_IS(NULL, 2, ((const int64_t[]){0, -1}))), "(0, -1)");
  EXPECT_TEXT(text_of(MTH_ARG_IS(NULL, 1, ((const int64_t[]){2}))), "(2,)");
  EXPECT_TEXT(text_of(MTH_ARG_DS(NULL, 1, &T)), "(T,)");
  EXPECT_TEXT(text_of(MTH_ARG_D(NULL, mth_dim_add(dims, T, T))), "2*T");
  EXPECT_TEXT(text_of(MTH_ARG_TUPLE_OF(NULL, 3, items)), "(1, None, T)");
  EXPECT_TEXT(text_of((mth_arg){.kind = MTH_ARG_SLICE, .count = 3, .items = items}),
              "slice(1, None, T)");
  EXPECT_TEXT(text_of((mth_arg){.kind = MTH_ARG_ELLIPSIS}), "...");
  EXPECT_TEXT(text_of((mth_arg){.kind = MTH_ARG_OPEN}), "?");
  EXPECT_TEXT(text_of(MTH_ARG_M(NULL, relu)), "Relu");
  mth_model_destroy(relu);
  mth_context_destroy(context);
}

TEST(arg_text, constants) {
  const double half = 0.5, six[6] = {0};
  const int64_t seven = 7;
  const unsigned char yes = 1;
  EXPECT_TEXT(constant_text((mth_constant){.dtype = MTH_F64, .data = &half}), "0.5");
  EXPECT_TEXT(constant_text((mth_constant){.dtype = MTH_I64, .data = &seven}), "7");
  EXPECT_TEXT(constant_text((mth_constant){.dtype = MTH_BOOL, .data = &yes}), "True");
  EXPECT_TEXT(constant_text((mth_constant){
                  .dtype = MTH_F64, .rank = 2, .extents = (const int64_t[]){2, 3}, .data = six}),
              "tensor [2, 3]");
}
