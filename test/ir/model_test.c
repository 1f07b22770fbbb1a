// model_test.c: ops as models, free and merged keys, copies, summaries.
#include "test/ir/model_fixture.h"

TEST(model, an_op_has_the_keys_and_defaults_of_its_signature) {
  mth_context *context = new_context();
  mth_model *add = new_op(context, "Add"), *softmax = NULL;
  EXPECT_INT((int)mth_model_canonical_input_count(add), 2);
  EXPECT(mth_model_is_frozen(add));
  EXPECT_TEXT(mth_model_class_name(add), "Add");
  EXPECT_INT(mth_connection_class(key(add, "output")), MTH_KEY_OUTPUT);
  ASSERT(mth_model_create_op(context, "softmax", (mth_arg[]){MTH_ARG_I("axis", 1)}, 1, &softmax) ==
         MTH_OK);
  ASSERT(mth_connection_value(key(softmax, "axis")));
  EXPECT_INT((int)mth_connection_value(key(softmax, "axis"))->i, 1);
  mth_model_destroy(add);
  mth_model_destroy(softmax);
  mth_context_destroy(context);
}

TEST(model, refuses_arguments_that_an_op_has_not) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  const mth_arg unknown = MTH_ARG_I("axes", 1);
  const mth_arg twice[] = {MTH_ARG_I("axis", 1), MTH_ARG_I("axis", 1)};
  const mth_arg wrong = MTH_ARG_S("axis", "last");
  EXPECT_ERROR(context, mth_model_create_op(context, "Softmax", &unknown, 1, &model),
               "model 'Softmax'", "there is no argument 'axes'; it takes input, axis");
  EXPECT_ERROR(context, mth_model_create_op(context, "Softmax", twice, 2, &model),
               "model 'Softmax'", "the argument 'axis' is given twice");
  EXPECT_ERROR(context, mth_model_create_op(context, "Softmax", &wrong, 1, &model),
               "model 'Softmax', key 'axis'", "it takes an integer, found a string");
  mth_context_destroy(context);
}

TEST(model, a_tensor_key_takes_a_number) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *half = NULL;
  ASSERT(mth_model_create_op(context, "multiply", (mth_arg[]){MTH_ARG_F("right", 0.5)}, 1, &half) ==
         MTH_OK);
  ASSERT(mth_connection_constant(key(half, "right")));
  EXPECT_NEAR(*(const double *)mth_connection_constant(key(half, "right"))->data, 0.5, 0);
  EXPECT_INT((int)mth_model_canonical_input_count(half), 1); // so it can be chained
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, half, NULL, NULL, 0) == MTH_OK);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model, merging_joins_nets) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *relu = new_op(context, "Relu"),
            *tanh_op = new_op(context, "Tanh");
  const mth_wire a[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "a")};
  const mth_wire b[] = {MTH_WIRE("input", "z"), MTH_WIRE("output", "b")};
  ASSERT(mth_model_add(m, relu, NULL, a, 2) == MTH_OK);
  ASSERT(mth_model_add(m, tanh_op, NULL, b, 2) == MTH_OK);
  mth_connection *outputs[] = {key(m, "a"), key(m, "b")};
  EXPECT_REFUSED(context, m, mth_model_merge(m, outputs, 2, "c"), "model 'Model', key 'a'",
                 "it is written twice: by 'output' of Relu and by 'output' of Tanh");
  mth_connection *pair[] = {key(m, "z"), key(m, "a")};
  EXPECT_REFUSED(context, m, mth_model_merge(m, pair, 2, NULL), "model 'Model'",
                 "'z' and 'a' both have names: say which the merged key takes");
  ASSERT(mth_model_merge(m, pair, 2, "hidden") == MTH_OK);
  EXPECT(!mth_model_find(m, "z"));
  EXPECT_INT(mth_connection_class(key(m, "hidden")), MTH_KEY_INTERNAL);
  EXPECT_INT((int)mth_model_canonical_input_count(m), 1);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model, a_key_of_several_tensors_wants_a_list) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *concat = new_op(context, "Concat");
  EXPECT_INT(mth_model_append(m, concat, NULL, NULL, 0), MTH_INVALID);
  EXPECT(
      strstr(mth_context_diagnostic(context)->message, "takes several tensors: wire it to a list"));
  const char *list = mth_model_op(concat)->inputs[0].name;
  const mth_wire empty = MTH_WIRE_PARTS(list, 0, NULL);
  EXPECT_INT(mth_model_add(m, concat, NULL, &empty, 1), MTH_INVALID);
  EXPECT(strstr(mth_context_diagnostic(context)->message, "wants at least one tensor"));
  EXPECT_INT((int)mth_model_connection_count(m), 0);
  mth_model_destroy(concat);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model, a_copy_knows_what_the_original_knew_and_goes_its_own_way) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *copy = NULL;
  char text[256];
  const mth_wire x = MTH_WIRE("input", "x"), y = MTH_WIRE("output", "y");
  ASSERT(mth_model_append(m, new_linear(context, 4), "first", &x, 1) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 3), "second", &y, 1) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_DECLARED("B"), MTH_ANY)) == MTH_OK);
  ASSERT(mth_model_copy(m, &copy) == MTH_OK);
  char *original = dump(m), *copied = dump(copy);
  EXPECT_TEXT(copied, original);
  mth_release(mth_default_allocator(), original);
  mth_release(mth_default_allocator(), copied);
  // An unknown dim of the copy is another one.
  ASSERT(mth_connection_set_shape(key(copy, "x"), MTH_SHAPE(MTH_ANY, MTH_N(8))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(mth_model_find_child(copy, "first"), "weight"), text), "[4, 8]");
  EXPECT_TEXT(shape_of(key(mth_model_find_child(m, "first"), "weight"), text), "[4, u1]");
  mth_model_destroy(m);
  EXPECT_TEXT(shape_of(key(copy, "y"), text), "[B, 3]");
  ASSERT(mth_model_append(copy, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  mth_model_destroy(copy);
  mth_context_destroy(context);
}

TEST(model, a_summary_is_a_tree) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "y")};
  ASSERT(mth_model_append(m, new_linear(context, 4), "layer", wires, 2) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_N(2), MTH_N(8))) == MTH_OK);
  mth_model_tree(m, 1, &text);
  EXPECT_TEXT(mth_text_get(&text), "Model\n"
                                   "  <- weight: float [4, 8] trainable\n"
                                   "  <- x: int|float [2, 8]\n"
                                   "  <- bias: float [4] trainable\n"
                                   "  -> y: float [2, 4]\n"
                                   "  layer (Linear)\n"
                                   "    <- weight: float [4, 8] trainable\n"
                                   "    <- input = 'x': int|float [2, 8]\n"
                                   "    <- bias: float [4] trainable\n"
                                   "    -> output = 'y': float [2, 4]\n");
  mth_text_deinit(&text);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model, nesting_has_a_limit) {
  mth_context *context = new_context();
  mth_model *inner = new_op(context, "Relu");
  mth_status status = MTH_OK;
  for (int i = 0; i < 300 && status == MTH_OK; i++) {
    mth_model *outer = new_model(context);
    status = mth_model_append(outer, inner, NULL, NULL, 0);
    if (status == MTH_OK)
      inner = outer;
    else
      mth_model_destroy(outer);
  }
  EXPECT_INT(status, MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "models nest at most 200 levels deep");
  EXPECT_TEXT(mth_context_diagnostic(context)->where, "model 'Model'");
  mth_model_destroy(inner);
  mth_context_destroy(context);
}

TEST(model, takes_null) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *made = NULL;
  mth_connection *found = NULL;
  EXPECT_INT(mth_model_create(NULL, NULL, &made), MTH_INVALID);
  EXPECT_INT(mth_model_create_op(NULL, "Relu", NULL, 0, &made), MTH_INVALID);
  EXPECT_ERROR(context, mth_model_create_op(context, NULL, NULL, 0, &made), "",
               "there is no op ''");
  EXPECT_INT(mth_model_add(NULL, m, NULL, NULL, 0), MTH_INVALID);
  EXPECT_ERROR(context, mth_model_add(m, NULL, NULL, NULL, 0), "model 'Model'",
               "the child is NULL");
  EXPECT_INT(mth_model_append(m, NULL, NULL, NULL, 0), MTH_INVALID);
  EXPECT_INT(mth_model_freeze(NULL), MTH_INVALID);
  EXPECT_INT(mth_model_copy(NULL, &made), MTH_INVALID);
  EXPECT_INT(mth_model_get(NULL, "x", &found), MTH_INVALID);
  EXPECT_INT(mth_model_get(m, NULL, &found), MTH_INVALID);
  EXPECT_INT(mth_model_expose(m, NULL, "x"), MTH_INVALID);
  EXPECT_INT(mth_model_add_input(m, NULL, NULL, &found), MTH_INVALID);
  EXPECT_INT(mth_model_add_constant(m, NULL, &found), MTH_INVALID);
  EXPECT_INT(mth_connection_set_shape(NULL, MTH_SCALAR_SHAPE), MTH_INVALID);
  EXPECT_INT(mth_connection_rename(NULL, "x"), MTH_INVALID);
  EXPECT(!mth_model_find(NULL, "x") && !mth_model_find_child(NULL, "x"));
  mth_model_destroy(NULL);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
