// pairwise_test.c: keys and shapes of kernels and distances. Numbers: test/numerics/kernels_test.c,
// distances_test.c.
#include "ir/models/pairwise.h"
#include "test/ir/train_fixture.h"

static char text[256];

TEST(pairwise, differences_of_all_rows) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  mth_sketch s;
  mth_sketch_begin(&s, context, "Differences");
  mth_connection *x = mth_sketch_input(&s, "x"), *y = mth_sketch_input(&s, "y");
  mth_sketch_output(&s,
                    mth_sketch_with_number(&s, "divide", "denominator",
                                           mth_sketch_pairwise(&s, x, y), "numerator", 2),
                    "output");
  mth_sketch_canonical(&s, 2, (mth_connection *[]){x, y}, mth_sketch_key(&s, s.model, "output"));
  ASSERT(mth_sketch_end(&s, &model) == MTH_OK);
  EXPECT_TEXT(shape_of(key(model, "output"), text), "[u1, u2, u3]");
  ASSERT(mth_connection_set_shape(key(model, "y"), MTH_SHAPE(MTH_N(4), MTH_N(2))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(model, "output"), text), "[u1, 4, 2]");
  EXPECT_TEXT(shape_of(key(model, "x"), text), "[u1, 2]");
  EXPECT_INT(mth_model_canonical_input_count(model), 2);
  mth_model_destroy(model);
  mth_context_destroy(context);
}

TEST(pairwise, keys_in_the_order_of_documents) {
  static const struct {
    const char *name, *keys;
  } rows[] = {{"RBFKernel", "input1 input2 $6 sigma l_scale output"},
              {"PolynomialKernel", "input2 input1 poly_coef degree output"},
              {"DistanceMatrix", "left right norm output"},
              {"EncoderDistanceMatrix", "norm input1 input2 $11 output"},
              {"MDSCore", "norm pred_distances distances output"},
              {"NormModifier", "input output"}};
  static const char *const mds = "norm coords input output predicted_coords";
  mth_context *context = new_context();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    mth_model *model = new_class(context, rows[i].name);
    EXPECT_TEXT(keys_of(model, text), rows[i].keys);
    mth_model_destroy(model);
  }
  mth_model *model = NULL;
  ASSERT(mth_model_create_class(context, "MDS", &MTH_ARG_I("prediction_dim", 3), 1, &model) ==
         MTH_OK);
  EXPECT_TEXT(keys_of(model, text), mds);
  EXPECT_TEXT(shape_of(key(model, "coords"), text), "[u1, 3]");
  mth_model_destroy(model);
  mth_context_destroy(context);
}

TEST(pairwise, a_machine_has_its_kernels_keys) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  ASSERT(mth_model_create_class(context, "KernelizedSVM", &MTH_ARG_S("kernel", "PolynomialKernel"),
                                1, &model) == MTH_OK);
  EXPECT(mth_model_find(model, "poly_coef") && mth_model_find(model, "degree"));
  EXPECT_INT(mth_model_canonical_input_count(model), 2);
  EXPECT_TEXT(mth_connection_key(mth_model_canonical_output_at(model, 0)), "output");
  EXPECT_INT(mth_connection_class(key(model, "kernel")), MTH_KEY_OUTPUT);
  const mth_shape shape = MTH_SHAPE(MTH_N(5), MTH_N(2));
  ASSERT(mth_connection_set_shape(key(model, "input2"), shape) == MTH_OK);
  EXPECT_TEXT(shape_of(key(model, "weight"), text), "[1, 5]");
  mth_model_destroy(model);
  EXPECT_ERROR(
      context,
      mth_model_create_class(context, "KernelizedSVM", &MTH_ARG_S("kernel", "Relu"), 1, &model),
      "model 'Relu'", "there is no key 'input1'; the model has input, output");
  mth_context_destroy(context);
}
