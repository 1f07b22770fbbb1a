// rearrangements_test.c: shapes of permuted rows, diagonals and pairs.
#include "ir/class.h"
#include "test/ir/model_fixture.h"

static mth_model *new_class(mth_context *context, const char *name) {
  mth_model *model = NULL;
  EXPECT_INT(mth_model_create_class(context, name, NULL, 0, &model), MTH_OK);
  return model;
}

TEST(rearrangements, relate_the_shapes_of_their_sides) {
  mth_context *context = new_context();
  char text[256];
  mth_model *rows = new_class(context, "PermuteTensor");
  ASSERT(mth_connection_set_shape(key(rows, "indices"), MTH_SHAPE(MTH_N(4))) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(rows, "input"), MTH_SHAPE(MTH_ANY, MTH_N(3), MTH_N(2))) ==
         MTH_OK);
  EXPECT_TEXT(shape_of(key(rows, "output"), text), "[4, 3, 2]");
  mth_model *diagonal = new_class(context, "TransposedDiagonal");
  ASSERT(mth_connection_set_shape(key(diagonal, "input"), MTH_SHAPE(MTH_N(5), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(key(diagonal, "input"), text), "[5, 5]");
  EXPECT_TEXT(shape_of(key(diagonal, "output"), text), "[5, 1]");
  mth_model *pairs = new_class(context, "CartesianDifference");
  ASSERT(mth_connection_set_shape(key(pairs, "left"), MTH_SHAPE(MTH_N(5), MTH_N(2))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(pairs, "right"), text), "[u1, 2]");
  ASSERT(mth_connection_set_shape(key(pairs, "right"), MTH_SHAPE(MTH_N(3), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(key(pairs, "output"), text), "[5, 3, 2]");
  EXPECT_INT(mth_connection_set_shape(key(diagonal, "output"), MTH_SHAPE(MTH_N(4), MTH_ANY)),
             MTH_INVALID);
  mth_model_destroy(rows);
  mth_model_destroy(diagonal);
  mth_model_destroy(pairs);
  mth_context_destroy(context);
}
