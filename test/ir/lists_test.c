// lists_test.c: Split and ToList.
#include "test/ir/parts_fixture.h"

TEST(lists, equal_sections_tell_their_number) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  mth_model *split = new_class(context, "Split", MTH_ARG_I("sections", 3));
  add_input(m, "x", MTH_SHAPE(MTH_ANY, MTH_N(2)));
  ADD_MODEL(m, split, MTH_WIRE("input", "x"), MTH_WIRE("output_1", "middle"));
  EXPECT_INT(length_of(key(split, "output")), 3);
  ASSERT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_N(6), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "middle"), text), "[2, 2]");
  EXPECT(part(key(split, "output"), 1) == key(split, "output_1"));
  mth_model *neither = NULL;
  EXPECT_INT(mth_model_create_class(context, "Split", NULL, 0, &neither), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "SplitLength of 'SplitLength.input': wanted either 'split_size' or 'sections', found "
              "neither");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(lists, a_list_is_made_of_tensors) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *none = NULL;
  char text[256];
  ADD_MODEL(m, new_class(context, "ToList", MTH_ARG_I("n", 2)), MTH_WIRE("input1", "a"),
            MTH_WIRE("input2", "b"), MTH_WIRE("output", "both"));
  ADD_MODEL(m, new_op(context, "Concat"), MTH_WIRE("inputs", "both"), MTH_WIRE("output", "y"));
  ASSERT(mth_connection_set_shape(key(m, "a"), MTH_SHAPE(MTH_N(2), MTH_N(3))) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(m, "y"), MTH_SHAPE(MTH_N(7), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "b"), text), "[5, 3]");
  EXPECT_INT(mth_model_create_class(context, "ToList", &MTH_ARG_I("n", 0), 1, &none), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "'n' wants a number from 1 to 65536, found 0");
  EXPECT_TEXT(mth_context_diagnostic(context)->where, "ToList");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(lists, sizes_of_parts_may_be_symbolic_and_wired) { // R4
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  add_input(m, "x", (mth_shape){0});
  add_input(m, "h", (mth_shape){0});
  ADD(m, "Length", "size", MTH_WIRE("input", "h"));
  ADD_MODEL(m, new_class(context, "Split", MTH_ARG_OPEN_AS_INPUT("split_size")),
            MTH_WIRE("input", "x"), MTH_WIRE("split_size", "size"), MTH_WIRE("output", "parts"));
  ADD_MODEL(m, new_op(context, "Relu"), MTH_WIRE_TO("input", part(key(m, "parts"), 1)),
            MTH_WIRE("output", "y"));
  ASSERT(mth_connection_set_shape(key(m, "h"), MTH_SHAPE(MTH_N(3))) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_N(5))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[2]");
  EXPECT_INT(length_of(key(m, "parts")), 2);
  mth_model *split = new_class(context, "Split", MTH_ARG_I("split_size", 0));
  EXPECT_REFUSED(context, m, mth_model_add(m, split, NULL, &MTH_WIRE("input", "x"), 1),
                 "model 'Model', key 'x'",
                 "SplitLength of 'x': wanted parts of 1 or more, found 0");
  mth_model_destroy(split);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(lists, sizes_of_parts_are_symbols_while_they_are_open) { // R4
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  mth_connection *x = NULL, *h = NULL;
  const mth_dim *hidden[1];
  ASSERT(mth_model_add_input(m, "h", NULL, &h) == MTH_OK);
  ASSERT(mth_connection_unpack(h, 1, hidden) == MTH_OK);
  ASSERT(mth_model_add_input(m, "x", &(mth_facts){.shape = &MTH_SHAPE(MTH_N(12))}, &x) == MTH_OK);
  ADD_MODEL(m, new_class(context, "Split", MTH_ARG_D("sections", hidden[0])),
            MTH_WIRE("input", "x"), MTH_WIRE("output_0", "y"));
  ADD_MODEL(m, new_class(context, "Split", MTH_ARG_D("split_size", hidden[0])),
            MTH_WIRE("input", "x"), MTH_WIRE("output_0", "z"));
  ASSERT(mth_connection_set_shape(key(m, "y"), MTH_SHAPE(MTH_N(3))) == MTH_OK);
  EXPECT_TEXT(shape_of(h, text), "[4]"); // 12 = 4 sections of 3
  EXPECT_TEXT(shape_of(key(m, "z"), text), "[4]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}
