// json_states_test.c: states in documents.
#include "ir/model_equal.h"
#include "ir/state_keys.h"
#include "json_fixture.h"

static void expect_same_again(mth_model *model, const char *member) {
  mth_context *context = mth_model_context(model);
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_text difference = MTH_TEXT_INIT(mth_default_allocator());
  mth_model *again = NULL;
  bool is_equal = false;
  EXPECT_INT(mth_write_json(model, &text), MTH_OK);
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "");
  EXPECT(strstr(mth_text_get(&text), member) != NULL);
  ASSERT(mth_read_json(context, mth_text_get(&text), text.byte_count, &again) == MTH_OK);
  EXPECT_INT(mth_model_equal(model, again, &is_equal, &difference), MTH_OK);
  EXPECT_TEXT(mth_text_get(&difference), "");
  EXPECT_INT(mth_model_state_count(again), mth_model_state_count(model));
  mth_model_destroy(again);
  mth_text_deinit(&difference);
  mth_text_deinit(&text);
}

static mth_model *new_counter(mth_context *context) {
  static const mth_initializer one = {MTH_INIT_CONSTANT, 1, 0, NULL};
  mth_model *m = new_model(context);
  const mth_wire sum[] = {MTH_WIRE("left", "a"), MTH_WIRE("right", "b"), MTH_WIRE("output", "c")};
  EXPECT_INT(mth_model_add(m, new_op(context, "Add"), NULL, sum, 3), MTH_OK);
  EXPECT_INT(mth_model_bind_state(m, key(m, "a"), key(m, "c"), &one), MTH_OK);
  const mth_wire relu[] = {MTH_WIRE("input", "c"), MTH_WIRE("output", "o")};
  EXPECT_INT(mth_model_add(m, new_op(context, "Relu"), NULL, relu, 2), MTH_OK);
  return m;
}

TEST(json_states, are_written_and_read) {
  mth_context *context = new_context();
  mth_model *m = new_counter(context), *parent = new_model(context);
  expect_same_again(m, "\"states\"");
  ASSERT(mth_model_add(parent, m, NULL, (mth_wire[]){MTH_WIRE("b", "step")}, 1) == MTH_OK);
  expect_same_again(parent, "\"states\"");
  mth_model_destroy(parent);
  mth_context_destroy(context);
}

TEST(json_states, that_can_not_be_bound_have_a_place) {
  mth_context *context = new_context();
  mth_model *m = NULL;
  const char *const document =
      "{\"name\": \"Model\", \"submodels\": {\"a\": \"Relu\"}, \"connections\": {\"a\": "
      "{\"input\": \"x\", \"output\": \"y\"}}, \"states\": [%s]}";
  char text[256];
  snprintf(text, sizeof text, document, "[\"y\", \"x\"]");
  EXPECT_ERROR(context, mth_read_json(context, text, strlen(text), &m), "$.states[0]",
               "model 'Model', key 'y': a state is held by an input; this is none");
  snprintf(text, sizeof text, document, "\"x\"");
  EXPECT_ERROR(context, mth_read_json(context, text, strlen(text), &m), "$.states[0]",
               "wants a list of an input and an output, found a string");
  EXPECT(m == NULL);
  mth_context_destroy(context);
}
