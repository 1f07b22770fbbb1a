// json_writer_object_test.c: values are written in the model that gives them.
#include "json_round_trip.h"

static mth_status add_one(mth_model *m, mth_model *child, mth_wire wire) {
  return mth_model_add(m, child, NULL, &wire, 1);
}

// A free input of a child, which a chain could continue into as far as the child knows.
TEST(json_writer_object, what_a_parent_gives_to_a_free_input_is_written_there) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *child = new_model(context), *other = new_model(context);
  mth_connection *x = NULL, *half = NULL;
  const mth_constant constant = {.dtype = MTH_F64, .data = &(double){0.5}};
  ASSERT(mth_model_add_input(child, "x", NULL, &x) == MTH_OK);
  ASSERT(mth_model_add_constant(child, &constant, &half) == MTH_OK);
  ASSERT(mth_model_add_input(other, "x", NULL, &x) == MTH_OK);
  ASSERT(add_one(m, child, MTH_WIRE_F("x", 1.5)) == MTH_OK);
  ASSERT(add_one(m, other, MTH_WIRE("x", "y")) == MTH_OK);
  EXPECT_INT((int)mth_model_canonical_input_count(child), 1);
  expect_same_again(m);
  ASSERT(mth_model_merge(m, (mth_connection *[]){key(m, "y"), key(child, "x")}, 2, NULL) == MTH_OK);
  EXPECT_INT((int)mth_model_canonical_input_count(m), 0);
  expect_same_again(m);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer_object, what_a_parent_merges_with_a_constant_is_written_there) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *child = new_model(context);
  mth_connection *x = NULL, *half = NULL;
  const mth_constant constant = {.dtype = MTH_F64, .data = &(double){0.5}};
  ASSERT(mth_model_add_input(child, "x", NULL, &x) == MTH_OK);
  ASSERT(add_one(child, new_op(context, "Relu"), MTH_WIRE("input", "z")) == MTH_OK);
  ASSERT(mth_model_add_constant(m, &constant, &half) == MTH_OK);
  ASSERT(add_one(m, child, MTH_WIRE("x", "y")) == MTH_OK);
  ASSERT(mth_model_merge(m, (mth_connection *[]){half, key(child, "x")}, 2, NULL) == MTH_OK);
  ASSERT(mth_model_merge(m, (mth_connection *[]){half, key(child, "z")}, 2, NULL) == MTH_OK);
  expect_same_again(m);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
