// polynomial_test.c: result types of features of polynomials.
#include "test/ir/model_fixture.h"
#include "test/ir/result_fixture.h"

TEST(polynomial, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
#define FEATURES(from, degree, wanted)                                                             \
  EXPECT_INFERS_WITH("polynomial_features", from, wanted, MTH_ARG_I("degree", degree))
  FEATURES("f32[T,2]", 2, "f32[T, 5]");
  FEATURES("f64[4,1]", 7, "f64[4, 7]");
  FEATURES("i64[4,6]", 1, "i64[4, 6]");
  FEATURES("f32[4,1023]", 1, "f32[4, 1023]");
  FEATURES("f32[4]", 2, "polynomial_features: wanted rank 2, 'input' has shape [4]");
  FEATURES("f32[4,T]", 2, "polynomial_features: the number of features must be a number, it is T");
  FEATURES("f32[4,2]", 0, "polynomial_features: wanted a 'degree' of 1 to 64, found 0");
  FEATURES("f32[4,0]", 2,
           "polynomial_features: wanted 1 to 1024 columns of 0 features to degree 2");
  FEATURES("f32[4,2]", 65, "polynomial_features: wanted a 'degree' of 1 to 64, found 65");
  FEATURES("f32[4,2]", 64,
           "polynomial_features: wanted 1 to 1024 columns of 2 features to degree 64");
  FEATURES("f32[4,4000]", 1,
           "polynomial_features: wanted 1 to 1024 columns of 4000 features to degree 1");
  close_results(&f);
}

TEST(polynomial, columns_follow_from_the_features) {
  char text[256];
  mth_context *context = new_context();
  mth_model *features = NULL;
  ASSERT(mth_model_create_op(context, "PolynomialFeatures", &MTH_ARG_I("degree", 3), 1,
                             &features) == MTH_OK);
  EXPECT_TEXT(shape_of(key(features, "output"), text), "[u1, u2]");
  ASSERT(mth_connection_set_shape(key(features, "input"), MTH_SHAPE(MTH_ANY, MTH_N(2))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(features, "output"), text), "[u1, 9]");
  mth_model_destroy(features);
  mth_context_destroy(context);
}
