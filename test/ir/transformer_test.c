// transformer_test.c: shapes of attention and of the block, for symbolic B and T.
#include "ir/models/transformer.h"
#include "test/ir/model_fixture.h"

TEST(transformer, attention_keeps_the_shape) {
  mth_context *context = new_context();
  mth_model *attention = NULL;
  char text[256];
  const mth_attention_options options = {.struct_bytes = sizeof options, .dim = 12, .heads = 3};
  ASSERT(mth_causal_self_attention(context, &options, &attention) == MTH_OK);
  EXPECT_TEXT(shape_of(key(attention, "weight_qkv"), text), "[36, 12]");
  EXPECT_TEXT(shape_of(key(attention, "output"), text), "[u1, u2, 12]");
  ASSERT(mth_connection_set_shape(key(attention, "input"),
                                  MTH_SHAPE(MTH_N(2), MTH_DECLARED("T"), MTH_N(12))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(attention, "output"), text), "[2, T, 12]");
  mth_model_destroy(attention);
  mth_context_destroy(context);
}

TEST(transformer, a_block_has_its_parameters_inside) {
  mth_context *context = new_context();
  mth_model *block = NULL;
  char text[256];
  const mth_attention_options options = {
      .struct_bytes = sizeof options, .dim = 8, .heads = 2, .hidden = 24};
  ASSERT(mth_transformer_block(context, &options, &block) == MTH_OK);
  EXPECT_TEXT(shape_of(key(block, "output"), text), "[u1, u2, 8]");
  EXPECT_TEXT(shape_of(key(mth_model_find_child(block, "expand"), "weight"), text), "[24, 8]");
  EXPECT_TEXT(shape_of(key(mth_model_find_child(block, "norm1"), "weight"), text), "[8]");
  mth_model_destroy(block);
  mth_context_destroy(context);
}

TEST(transformer, heads_divide_the_dim) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  const mth_attention_options options = {.struct_bytes = sizeof options, .dim = 10, .heads = 3};
  EXPECT_ERROR(context, mth_causal_self_attention(context, &options, &model), "attention",
               "wants heads that divide dim, both positive; found heads 3, dim 10");
  EXPECT_INT(mth_transformer_block(context, &options, &model), MTH_INVALID);
  EXPECT_INT(mth_transformer_block(context, NULL, &model), MTH_INVALID);
  mth_context_destroy(context);
}
