// losses_test.c: keys, shapes and refusals of losses whose arguments choose a formula.
#include "ir/class.h"
#include "test/ir/model_fixture.h"

#define MAKE(context, name, model, ...)                                                            \
  mth_model_create_class(context, name, (const mth_arg[]){__VA_ARGS__},                            \
                         sizeof((const mth_arg[]){__VA_ARGS__}) / sizeof(mth_arg), model)

TEST(losses, relate_the_shapes_of_their_sides) {
  mth_context *context = new_context();
  mth_model *ids = NULL, *soft = NULL, *listed = NULL, *binary = NULL;
  char text[256];
  ASSERT(MAKE(context, "CrossEntropy", &ids, MTH_ARG_S("input_type", "probs")) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(ids, "input"), MTH_SHAPE(MTH_N(2), MTH_N(5), MTH_N(3))) ==
         MTH_OK);
  EXPECT_TEXT(shape_of(key(ids, "target"), text), "[2, 3]");
  EXPECT_TEXT(shape_of(key(ids, "output"), text), "[2, 3]");
  EXPECT_INT(mth_connection_families(key(ids, "target")), MTH_FAMILY_INT);
  ASSERT(MAKE(context, "CrossEntropy", &soft, MTH_ARG_B("categorical", false)) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(soft, "target"), MTH_SHAPE(MTH_N(2), MTH_N(5), MTH_N(3))) ==
         MTH_OK);
  EXPECT_TEXT(shape_of(key(soft, "input"), text), "[2, 5, 3]");
  EXPECT_TEXT(shape_of(key(soft, "output"), text), "[2, 3]");
  const mth_arg numbers[] = {MTH_ARG_F(NULL, 0.5), MTH_ARG_I(NULL, 1)};
  ASSERT(MAKE(context, "CrossEntropy", &listed, MTH_ARG_TUPLE_OF("weights", 2, numbers),
              MTH_ARG_B("categorical", false)) == MTH_OK);
  EXPECT_REFUSED(context, listed,
                 mth_connection_set_shape(key(listed, "input"), MTH_SHAPE(MTH_ANY, MTH_N(3))),
                 "model 'CrossEntropy', key 'input'",
                 "AlongAxis: dim 0 of 'CrossEntropy.constant' is 2, dim 1 of 'input' is 3; they "
                 "must be equal");
  mth_model *ids_listed = NULL;
  ASSERT(MAKE(context, "CrossEntropy", &ids_listed, MTH_ARG_TUPLE_OF("weights", 2, numbers)) ==
         MTH_OK);
  EXPECT_REFUSED(context, ids_listed,
                 mth_connection_set_shape(key(ids_listed, "input"), MTH_SHAPE(MTH_ANY, MTH_N(3))),
                 "model 'CrossEntropy', key 'input'",
                 "'input' has shape [?, 2, ...] and [?, ..., ?], wanted [?, 3]");
  mth_model_destroy(ids_listed);
  ASSERT(MAKE(context, "BinaryCrossEntropy", &binary, MTH_ARG_S("pos_weight", "auto")) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(binary, "input"), MTH_SHAPE(MTH_N(4), MTH_N(1))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(binary, "target"), text), "[4, 1]");
  EXPECT_TEXT(shape_of(key(binary, "output"), text), "[4, 1]");
  mth_model_destroy(ids);
  mth_model_destroy(soft);
  mth_model_destroy(listed);
  mth_model_destroy(binary);
  mth_context_destroy(context);
}

TEST(losses, refuse_what_names_no_formula) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  const mth_arg mixed[] = {MTH_ARG_F(NULL, 0.5), MTH_ARG_S(NULL, "x")};
  EXPECT_ERROR(context, MAKE(context, "CrossEntropy", &model, MTH_ARG_S("input_type", "odds")),
               "CrossEntropy",
               "wanted \"logits\", \"probs\" or \"log_probs\" in 'input_type', found \"odds\"");
  EXPECT_ERROR(context, MAKE(context, "CrossEntropy", &model, MTH_ARG_S("weights", "some")),
               "CrossEntropy", "wanted \"\", \"auto\" or numbers in 'weights', found \"some\"");
  EXPECT_ERROR(context,
               MAKE(context, "CrossEntropy", &model, MTH_ARG_TUPLE_OF("weights", 2, mixed)),
               "CrossEntropy", "wanted numbers in 'weights', found \"something else\"");
  EXPECT_ERROR(
      context, MAKE(context, "BinaryCrossEntropy", &model, MTH_ARG_S("input_type", "log_probs")),
      "BinaryCrossEntropy", "wanted \"logits\" or \"probs\" in 'input_type', found \"log_probs\"");
  EXPECT_ERROR(context,
               MAKE(context, "BinaryCrossEntropy", &model, MTH_ARG_S("pos_weight", "much")),
               "BinaryCrossEntropy", "wanted \"auto\" or a number in 'pos_weight', found \"much\"");
  EXPECT(model == NULL);
  mth_context_destroy(context);
}
