// convert_test.c: values that go where tensors are wanted.
#include "test/ir/value_fixture.h"

TEST(convert, a_value_becomes_a_tensor_where_one_is_wanted) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  add_input(m, "x", MTH_SHAPE(MTH_DECLARED("B"), MTH_N(3)));
  ADD(m, "Shape", "s", MTH_WIRE("input", "x"));
  ADD(m, "Add", "y", MTH_WIRE("left", "s"), MTH_WIRE("right", "s"));
  EXPECT_INT(mth_model_child_count(m), 3); // one conversion serves both
  EXPECT_TEXT(mth_model_class_name(mth_model_child(m, 2)), "ToTensor");
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[2]");
  EXPECT_INT(mth_connection_families(key(m, "y")), MTH_FAMILY_INT);
  // A tensor key that waits for its value.
  ADD(m, "Relu", "z", MTH_WIRE("input", "later"));
  ADD(m, "ToTuple", "later", PARTS("inputs", MTH_WIRE_F(NULL, 0.5), MTH_WIRE_I(NULL, 2)));
  EXPECT_TEXT(shape_of(key(m, "z"), text), "[2]");
  EXPECT(mth_connection_is_tensor(key(m, "later")));
  // A refused conversion leaves nothing behind.
  mth_model *sigmoid = new_op(context, "Sigmoid");
  ASSERT(mth_connection_set_families(key(sigmoid, "input"), MTH_FAMILY_FLOAT) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_add(m, sigmoid, NULL, &MTH_WIRE("input", "s"), 1),
                 "model 'Model', key '$1' (ToTensor.output)",
                 "'ToTensor.output' and 'Sigmoid.input' are to be one tensor, but one holds int, "
                 "the other float");
  mth_model_destroy(sigmoid);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(convert, values_are_wired_to_tensor_keys) { // x * x.shape[1], x + (1, 2, 3)
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  mth_connection *x = NULL, *chain = NULL;
  const mth_dim *dims[2];
  const int64_t row[] = {1, 2, 3};
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  ASSERT(mth_connection_unpack(x, 2, dims) == MTH_OK);
  ADD(m, "Multiply", "y", MTH_WIRE("left", "x"), MTH_WIRE_D("right", dims[1]));
  ASSERT(mth_model_canonical_output(m, &chain) == MTH_OK);
  EXPECT_TEXT(mth_connection_key(chain), "y"); // of the first child, not of the conversion
  ADD(m, "Add", "z", MTH_WIRE("left", "x"), MTH_WIRE_IS("right", 3, row));
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[u1, u2]");
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_N(4), MTH_N(1))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "z"), text), "[4, 3]");
  mth_model *add = new_op(context, "Add");
  const mth_arg text_item = MTH_ARG_S(NULL, "a");
  const mth_wire wires[] = {MTH_WIRE("left", "x"),
                            VALUE("right", MTH_ARG_TUPLE_OF("right", 1, &text_item))};
  EXPECT_REFUSED(context, m, mth_model_add(m, add, NULL, wires, 2),
                 "model 'Model', key '$5' (ToTensor.input)",
                 "ToTensor: a tensor is made of numbers, found 'a'");
  mth_model_destroy(add);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
