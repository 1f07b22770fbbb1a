// layers_test.c: shapes, keys and starts of layers.
#include "test/ir/model_fixture.h"

// The external keys, in order.
static const char *keys_of(const mth_model *model, char storage[256]) {
  size_t used = 0;
  storage[0] = 0;
  for (size_t i = 0; i < mth_model_connection_count(model); i++) {
    const mth_connection *c = mth_model_connection(model, i);
    if (mth_connection_class(c) != MTH_KEY_INPUT && mth_connection_class(c) != MTH_KEY_OUTPUT)
      continue;
    used += (size_t)snprintf(storage + used, 256 - used, "%s%s", used ? " " : "",
                             mth_connection_key(c));
  }
  return storage;
}

TEST(layers, linear) {
  mth_context *context = new_context();
  mth_model *linear = new_linear(context, 4), *plain = NULL;
  char text[256];
  EXPECT_TEXT(keys_of(linear, text), "weight input bias output");
  EXPECT_TEXT(shape_of(key(linear, "weight"), text), "[4, u1]");
  EXPECT_TEXT(shape_of(key(linear, "bias"), text), "[4]");
  EXPECT(mth_connection_is_differentiable(key(linear, "weight")));
  EXPECT(!mth_connection_is_differentiable(key(linear, "input")));
  const mth_initializer *start = mth_connection_initializer(key(linear, "bias"));
  ASSERT(start);
  EXPECT_INT(start->kind, MTH_INIT_UNIFORM);
  EXPECT_NEAR(start->b, 1, 0);
  EXPECT(start->fan != NULL);
  ASSERT(mth_linear(context, 0, false, &plain) == MTH_OK);
  EXPECT_TEXT(keys_of(plain, text), "weight input output");
  EXPECT_TEXT(shape_of(key(plain, "weight"), text), "[u1, u2]");
  mth_model_destroy(linear);
  mth_model_destroy(plain);
  mth_context_destroy(context);
}

TEST(layers, mlp) {
  mth_context *context = new_context();
  mth_model *mlp = NULL;
  char text[256];
  const char *activations[] = {"relu", "tanh", NULL};
  const int64_t dimensions[] = {8, 6, 2};
  ASSERT(mth_mlp(context, 3, activations, dimensions, &mlp) == MTH_OK);
  EXPECT_TEXT(keys_of(mlp, text), "weight0 input bias0 weight1 bias1 weight2 bias2 output");
  EXPECT_TEXT(shape_of(key(mlp, "weight1"), text), "[6, 8]");
  EXPECT_TEXT(shape_of(key(mlp, "output"), text), "[..., u1, 2]");
  EXPECT(mth_model_find_child(mlp, "layer2") != NULL);
  mth_model_destroy(mlp);
  EXPECT_ERROR(context, mth_mlp(context, 0, NULL, NULL, &mlp), "MLP",
               "an MLP wants at least one layer, 0 were given");
  mth_context_destroy(context);
}

TEST(layers, layer_embedding_and_norm) {
  mth_context *context = new_context();
  mth_model *layer = NULL, *embedding = NULL, *norm = NULL;
  char text[256];
  ASSERT(mth_layer(context, "Relu", 5, &layer) == MTH_OK);
  EXPECT_TEXT(shape_of(key(layer, "output"), text), "[..., u1, 5]");
  ASSERT(mth_embedding(context, 10, 3, 0.02, &embedding) == MTH_OK);
  EXPECT_TEXT(keys_of(embedding, text), "weight input output");
  EXPECT_INT(mth_connection_families(key(embedding, "input")), MTH_FAMILY_INT);
  ASSERT(mth_connection_set_shape(key(embedding, "input"), MTH_SHAPE(MTH_N(2), MTH_N(7))) ==
         MTH_OK);
  EXPECT_TEXT(shape_of(key(embedding, "output"), text), "[2, 7, 3]");
  ASSERT(mth_layer_norm(context, 1e-5, &norm) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(norm, "input"), MTH_SHAPE(MTH_N(2), MTH_N(7))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(norm, "weight"), text), "[7]");
  EXPECT_NEAR(mth_connection_initializer(key(norm, "weight"))->a, 1, 0);
  mth_model_destroy(layer);
  mth_model_destroy(embedding);
  mth_model_destroy(norm);
  mth_context_destroy(context);
}

TEST(layers, a_size_may_be_a_dim_that_becomes_known_later) { // R4
  mth_context *context = new_context();
  mth_model *m = new_model(context), *linear = NULL, *embedding = NULL;
  mth_connection *x = NULL;
  char text[256];
  const mth_dim *dims[2];
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  ASSERT(mth_connection_unpack(x, 2, dims) == MTH_OK);
  ASSERT(mth_model_create_class(context, "Linear", &MTH_ARG_D("dimension", dims[1]), 1, &linear) ==
         MTH_OK);
  ASSERT(mth_model_create_class(
             context, "Embedding",
             (mth_arg[]){MTH_ARG_D("num_embeddings", dims[0]), MTH_ARG_D("dim", dims[1])}, 2,
             &embedding) == MTH_OK);
  ASSERT(mth_model_add(m, linear, NULL, &MTH_WIRE("input", "x"), 1) == MTH_OK);
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_N(5), MTH_N(8))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(linear, "weight"), text), "[8, 8]");
  EXPECT_TEXT(shape_of(key(embedding, "weight"), text), "[5, 8]");
  mth_model_destroy(embedding);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(layers, a_norm_without_scale_or_bias) {
  mth_context *context = new_context();
  char text[256];
  for (int scale = 0; scale < 2; scale++)
    for (int bias = 0; bias < 2; bias++) {
      mth_model *norm = NULL;
      const mth_arg args[] = {MTH_ARG_B("use_scale", scale), MTH_ARG_B("use_bias", bias)};
      ASSERT(mth_model_create_class(context, "LayerNorm", args, 2, &norm) == MTH_OK);
      EXPECT((mth_model_find(norm, "weight") != NULL) == scale);
      EXPECT((mth_model_find(norm, "bias") != NULL) == bias);
      ASSERT(mth_connection_set_shape(key(norm, "input"), MTH_SHAPE(MTH_N(2), MTH_N(7))) == MTH_OK);
      EXPECT_TEXT(shape_of(key(norm, "output"), text), "[2, 7]");
      if (scale) EXPECT_TEXT(shape_of(key(norm, "weight"), text), "[7]");
      if (bias) EXPECT_TEXT(shape_of(key(norm, "bias"), text), "[7]");
      mth_model_destroy(norm);
    }
  mth_context_destroy(context);
}
