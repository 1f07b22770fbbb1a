// terms_test.c: result types of ops that prepare numbers to be combined.
#include "test/ir/model_fixture.h"
#include "test/ir/result_fixture.h"

TEST(terms, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  EXPECT_INFERS("atleast_1d", "f32[]", "f32[1]");
  EXPECT_INFERS("atleast_1d", "f32[T]", "f32[T]");
  EXPECT_INFERS("atleast_1d", "i1[T,2]", "i1[T, 2]");
  EXPECT_INFERS("item", "i64[1,1]", "i64[]");
  EXPECT_INFERS("item", "f32[]", "f32[]");
  EXPECT_INFERS("item", "f32[1,2]", "item: dim 1 of 'input' is 2, wanted 1");
  EXPECT_INFERS("item", "f32[T]", "item: dim 0 of 'input' is T, wanted 1");
  EXPECT_INFERS("element_count", "f32[T,2]", "f32[]");
  EXPECT_INFERS_WITH("element_count", "f32[T,2]", "f32[]", INTS("axis", 0, -1));
  EXPECT_INFERS_WITH("element_count", "f32[T,2]", "element_count: axis 2 is outside of rank 2",
                     INTS("axis", 2));
  EXPECT_INFERS("element_count", "i64[T]",
                "element_count: 'input' holds i64, 'output' holds float; they must be equal");
  close_results(&f);
}

TEST(terms, shapes_flow_both_ways_in_a_logical_model) {
  char text[256];
  mth_context *context = new_context();
  mth_model *model = new_model(context);
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "y")};
  const mth_wire more[] = {MTH_WIRE("input", "y"), MTH_WIRE("output", "z")};
  ASSERT(mth_model_add(model, new_op(context, "Buffer"), NULL, wires, 2) == MTH_OK);
  ASSERT(mth_model_add(model, new_op(context, "AtLeast1D"), NULL, more, 2) == MTH_OK);
  EXPECT_TEXT(shape_of(key(model, "z"), text), "[..., u1]");
  EXPECT_TEXT(shape_of(key(model, "x"), text), "[...]");
  ASSERT(mth_connection_set_shape(key(model, "z"), MTH_SHAPE(MTH_N(2), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(key(model, "x"), text), "[2, u1]");
  mth_model_destroy(model);
  mth_context_destroy(context);
}

TEST(terms, a_number_becomes_a_list_of_one) {
  char text[256];
  mth_context *context = new_context();
  mth_model *sum = new_op(context, "Sum"), *model = new_model(context);
  ASSERT(mth_model_append(model, sum, NULL, NULL, 0) == MTH_OK);
  const mth_wire wire = MTH_WIRE("output", "y");
  ASSERT(mth_model_append(model, new_op(context, "AtLeast1D"), NULL, &wire, 1) == MTH_OK);
  EXPECT_TEXT(shape_of(key(model, "y"), text), "[1]");
  mth_model_destroy(model);
  mth_context_destroy(context);
}
