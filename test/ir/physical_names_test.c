// physical_names_test.c: the short style, its clashes, and path names.
#include "ir/physical_names.h"
#include "test/ir/model_fixture.h"

// "in: a, b; out: c", or the error.
static const char *names_of(mth_model *model, bool paths, char storage[512]) {
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_physical_name *names = NULL;
  size_t count = 0;
  EXPECT_INT(mth_model_freeze(model), MTH_OK);
  if (mth_list_physical_names(model, &arena, &names, &count) != MTH_OK)
    mth_text_add(&text, "%s", mth_context_diagnostic(mth_model_context(model))->message);
  for (size_t i = 0; i < count; i++)
    mth_text_add(&text, "%s%s%s", i ? " " : "", names[i].is_output ? ">" : "",
                 paths ? names[i].path : names[i].name);
  snprintf(storage, 512, "%s", mth_text_get(&text));
  mth_text_deinit(&text);
  mth_arena_reset(&arena);
  return storage;
}

TEST(physical_names, unnamed_keys_take_their_origin) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[512];
  const mth_wire input = MTH_WIRE("input", "input");
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, &input, 1) == MTH_OK);
  EXPECT_TEXT(names_of(m, false, text), "weight input bias >output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_names, several_of_one_origin_are_numbered) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[512];
  ASSERT(mth_model_append(m, new_linear(context, 4), "first", NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 2), "second", NULL, 0) == MTH_OK);
  EXPECT_TEXT(names_of(m, false, text), "weight_0 input bias_0 weight_1 bias_1 >output");
  EXPECT_TEXT(names_of(m, true, text),
              "first_weight first_input first_bias second_weight second_bias >second_output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_names, a_given_name_stays_and_others_make_way) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[512];
  const mth_wire named[] = {MTH_WIRE("weight", "weight"), MTH_WIRE("input", "output")};
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, named, 2) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  EXPECT_TEXT(names_of(m, false, text),
              "weight output bias_0 weight_0 bias_1 weight_1 bias_2 >_output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_names, two_unnamed_outputs) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[512];
  const mth_wire x = MTH_WIRE("input", "x");
  ASSERT(mth_model_add(m, new_op(context, "Relu"), NULL, &x, 1) == MTH_OK);
  ASSERT(mth_model_add(m, new_op(context, "Tanh"), NULL, &x, 1) == MTH_OK);
  EXPECT_TEXT(names_of(m, false, text), "x >output >_output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_names, paths_go_to_the_innermost_name) {
  mth_context *context = new_context();
  mth_model *block = new_model(context), *m = new_model(context);
  char text[512];
  ASSERT(mth_model_append(block, new_linear(context, 4), "conv1", NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, block, "layer1", NULL, 0) == MTH_OK);
  EXPECT_TEXT(names_of(m, true, text),
              "layer1_conv1_weight layer1_conv1_input layer1_conv1_bias >layer1_conv1_output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(physical_names, an_empty_model_has_none) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[512];
  EXPECT_TEXT(names_of(m, false, text), "Models with no output keys can not be compiled.");
  mth_model_destroy(m);
  mth_context_destroy(context);
}
