// display_names_test.c: what people read for keys without names.
#include "ir/display_names.h"
#include "test/ir/model_fixture.h"

// "weight_0 input >_Relu_1_output": all connections of a class that is shown, outputs behind '>'.
static const char *names_of(const mth_model *model, char storage[512]) {
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const char *const *names = NULL;
  EXPECT_INT(mth_model_display_names(model, &arena, &names), MTH_OK);
  for (size_t i = 0; names && i < mth_model_connection_count(model); i++) {
    const mth_key_class class_ = mth_connection_class(mth_model_connection(model, i));
    mth_text_add(&text, "%s%s%s", i ? " " : "",
                 class_ == MTH_KEY_INPUT || class_ == MTH_KEY_LATENT_INPUT ? "" : ">", names[i]);
  }
  snprintf(storage, 512, "%s", mth_text_get(&text));
  mth_text_deinit(&text);
  mth_arena_reset(&arena);
  return storage;
}

TEST(display_names, of_a_chain) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[512];
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 2), NULL, NULL, 0) == MTH_OK);
  EXPECT_TEXT(names_of(m, text), "weight_0 input bias_0 >_Linear_0_output >_Relu_1_output "
                                 "weight_1 bias_1 >_Linear_2_output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(display_names, named_keys_stay_and_others_make_way) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[512];
  const mth_wire named[] = {MTH_WIRE("weight", "weight"), MTH_WIRE("input", "input"),
                            MTH_WIRE("output", "_Relu_1_output")};
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, named, 3) == MTH_OK);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 2), NULL, NULL, 0) == MTH_OK);
  EXPECT_TEXT(names_of(m, text), "weight input bias_0 >_Relu_1_output >__Relu_1_output "
                                 "_weight bias_1 >_Linear_2_output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(display_names, input_is_the_only_canonical_one) {
  mth_context *context = new_context();
  mth_model *one = new_model(context), *two = new_model(context);
  char text[512];
  ASSERT(mth_model_add(one, new_op(context, "Subtract"), NULL, NULL, 0) == MTH_OK);
  EXPECT_TEXT(names_of(one, text), "input right >_Subtract_0_output");
  ASSERT(mth_model_add(two, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_add(two, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  EXPECT_TEXT(names_of(two, text), "_input_0 >_Relu_0_output _input_1 >_Relu_1_output");
  mth_model_destroy(one);
  mth_model_destroy(two);
  mth_context_destroy(context);
}

TEST(display_names, numbers_skip_names_that_are_taken) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[512];
  const mth_wire named = MTH_WIRE("bias", "bias_0");
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, &named, 1) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  EXPECT_TEXT(names_of(m, text), "weight_0 input bias_0 >_Linear_0_output weight_1 bias_1 "
                                 ">_Linear_1_output weight_2 bias_2 >_Linear_2_output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(display_names, the_place_of_a_child_is_where_it_is_computed) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[512];
  const mth_wire late = MTH_WIRE("input", "x");
  ASSERT(mth_model_add(m, new_op(context, "Tanh"), "second", &late, 1) == MTH_OK);
  const mth_wire early = MTH_WIRE("output", "x");
  ASSERT(mth_model_add(m, new_op(context, "Relu"), "first", &early, 1) == MTH_OK);
  EXPECT_TEXT(names_of(m, text), ">x >_Tanh_1_output input");
  mth_model_destroy(m);
  mth_context_destroy(context);
}
