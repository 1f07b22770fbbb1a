// view_test.c: result types of ops that move elements.
#include "test/ir/model_fixture.h"
#include "test/ir/result_fixture.h"

TEST(view, infers_results_in_programs) {
  result_fixture f;
  open_results(&f);
  dims_text a, b;
#define RESHAPES(from, shape, wanted)                                                              \
  EXPECT_INFERS_WITH("reshape", from, wanted, dims_arg(&f, "shape", shape, &a))
  RESHAPES("f32[4,6]", "3,8", "f32[3, 8]");
  RESHAPES("f32[4,6]", "-1,8", "f32[3, 8]");
  RESHAPES("f32[B,4,6]", "B,-1", "f32[B, 24]");
  RESHAPES("f32[B,T,6]", "-1,6", "f32[B*T, 6]");
  RESHAPES("f32[]", "1,1", "f32[1, 1]");
  RESHAPES("f32[4*((T + 3) floordiv 4)]", "-1,4", "f32[(T + 3) floordiv 4, 4]");
  RESHAPES("f32[4,6]", "5,5",
           "reshape: the numbers of elements before and after differ: 24 and 25");
  RESHAPES("f32[4,6]", "-1,5", "reshape: the 24 elements of 'input' do not divide by 5");
  RESHAPES("f32[T]", "-1,5", "reshape: the T elements of 'input' do not divide by 5");
  RESHAPES("f32[4]", "-1,-1", "reshape: 'shape' has more than one -1");
  RESHAPES("f32[0]", "-1,0",
           "reshape: 'shape' has a 0 and a -1; what -1 stands for is not defined");
  RESHAPES("f32[4]", "-2,-2", "reshape: dim 0 of 'output' would be -2, wanted 0 or more");
  EXPECT_INFERS("transpose", "f32[2,T,4]", "f32[4, T, 2]");
  EXPECT_INFERS_WITH("transpose", "f32[2,T,4]", "f32[T, 2, 4]", INTS("axes", 1, 0, 2));
  EXPECT_INFERS_WITH("transpose", "f32[2,T]", "transpose: 'axes' has 1 twice", INTS("axes", 1, 1));
  EXPECT_INFERS_WITH("transpose", "f32[2,T]", "transpose: 'axes' lists 1 axes, 'input' has rank 2",
                     INTS("axes", 0));
  EXPECT_INFERS_WITH("slice", "f32[8,T]", "f32[3, T]", dims_arg(&f, "start", "1,0", &a),
                     dims_arg(&f, "size", "3,T", &b), INTS("step", 2, 1));
  EXPECT_INFERS_WITH("slice", "f32[8]", "slice: axis 0: 5 elements from 4 leave its extent 8",
                     dims_arg(&f, "start", "4", &a), dims_arg(&f, "size", "5", &b));
  EXPECT_INFERS_WITH("slice", "f32[8]", "slice: axis 0: start -1 and size 2 must not be negative",
                     dims_arg(&f, "start", "-1", &a), dims_arg(&f, "size", "2", &b));
  EXPECT_INFERS_WITH("slice", "f32[8]", "slice: wanted a step of 1 or more on axis 0, found 0",
                     dims_arg(&f, "start", "0", &a), dims_arg(&f, "size", "2", &b),
                     INTS("step", 0));
  EXPECT_INFERS_WITH("slice", "f32[8]",
                     "slice: wanted as many starts, sizes and steps; found 1, 2 and 0",
                     dims_arg(&f, "start", "0", &a), dims_arg(&f, "size", "2,2", &b));
  EXPECT_INFERS_WITH("broadcast_to", "f32[T,1]", "f32[5, T, 3]",
                     dims_arg(&f, "shape", "5,T,3", &a));
  EXPECT_INFERS_WITH("broadcast_to", "f32[4]",
                     "broadcast_to: dim -1 of 'input' is 4, of 'output' it is 3; only a dim that "
                     "is 1 broadcasts",
                     dims_arg(&f, "shape", "3", &a));
  EXPECT_INFERS_WITH(
      "broadcast_to", "f32[4,4]",
      "broadcast_to: 'input' has rank 2, 'output' has rank 1; it cannot broadcast to it",
      dims_arg(&f, "shape", "4", &a));
  EXPECT_INFERS_WITH("concat", "f32[2,T] f32[3,T] f32[S,T]", "f32[S + 5, T]", MTH_ARG_I("axis", 0));
  EXPECT_INFERS_WITH(
      "concat", "f32[2,T] f32[2,S]",
      "concat: dim 1 of 'inputs[0]' is T, dim 1 of 'inputs[1]' is S; they must be equal",
      MTH_ARG_I("axis", 0));
  EXPECT_INFERS_WITH("concat", "f32[2,T] f32[5] f32[]", "f32[2*T + 6]",
                     (mth_arg){.key = "axis", .kind = MTH_ARG_NONE});
  EXPECT_INFERS("concat", "", "concat: wanted at least one tensor");
  EXPECT_INFERS_WITH("pad", "f32[T,3]", "f32[T + 3, 3]", dims_arg(&f, "low", "1,0", &a),
                     dims_arg(&f, "high", "2,0", &b));
  EXPECT_INFERS_WITH("pad", "f32[3]", "pad: axis 0 is padded by -1, wanted 0 or more",
                     dims_arg(&f, "low", "-1", &a), dims_arg(&f, "high", "2", &b));
  EXPECT_INFERS_WITH("pad", "f32[3]", "pad: wanted as many 'low' as 'high', found 2 and 1",
                     dims_arg(&f, "low", "1,1", &a), dims_arg(&f, "high", "2", &b));
  close_results(&f);
}

// A sum of 65 unknown extents waits; it comes when one of them is known.
TEST(view, a_concat_is_no_shorter_than_its_operands) {
  mth_context *context = new_context();
  mth_model *model = new_model(context), *concat = NULL;
  ASSERT(mth_model_create_op_of(context, "Concat", 2, NULL, 0, &concat) == MTH_OK);
  const mth_wire wires[] = {MTH_WIRE("input1", "a"), MTH_WIRE("input2", "b"),
                            MTH_WIRE("output", "y")};
  ASSERT(mth_model_add(model, concat, NULL, wires, 3) == MTH_OK);
  EXPECT_INT(mth_connection_set_shape(key(model, "y"), MTH_SHAPE(MTH_N(2))), MTH_OK);
  EXPECT_REFUSED(context, model, mth_connection_set_shape(key(model, "a"), MTH_SHAPE(MTH_N(3))),
                 "model 'Model', key 'a'", "Concat: dim 0 of 'b' would be -1, wanted 0 or more");
  EXPECT_INT(mth_connection_set_shape(key(model, "a"), MTH_SHAPE(MTH_N(2))), MTH_OK);
  mth_model_destroy(model);
  mth_context_destroy(context);
}

TEST(view, a_long_concat_waits_for_what_is_unknown) {
  enum { count = 65 };
  char text[256], names[count][8];
  mth_wire parts[count];
  mth_context *context = new_context();
  mth_model *model = new_model(context), *concat = NULL;
  for (size_t i = 0; i < count; i++) {
    snprintf(names[i], sizeof names[i], "x%zu", i);
    parts[i] = MTH_WIRE(NULL, names[i]);
  }
  const mth_wire wires[] = {MTH_WIRE_PARTS("inputs", count, parts), MTH_WIRE("output", "y")};
  ASSERT(mth_model_create_op(context, "Concat", NULL, 0, &concat) == MTH_OK);
  ASSERT(mth_model_add(model, concat, NULL, wires, 2) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(model, "x0"), MTH_SHAPE(MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(key(model, "y"), text), "[u1]");
  for (size_t i = 1; i < count; i++)
    ASSERT(mth_connection_set_shape(key(model, names[i]), MTH_SHAPE(MTH_N(2))) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(model, "x0"), MTH_SHAPE(MTH_N(3))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(model, "y"), text), "[131]");
  mth_model_destroy(model);
  mth_context_destroy(context);
}
