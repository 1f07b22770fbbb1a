// json_train_test.c: TrainModels as documents.
#include "ir/model_equal.h"
#include "json_fixture.h"

static mth_model *of_class(mth_context *context, const char *name) {
  mth_model *model = NULL;
  EXPECT_INT(mth_model_create_class(context, name, NULL, 0, &model), MTH_OK);
  return model;
}

static mth_status read_train(mth_context *context, const char *text, mth_train_model **out) {
  char copy[4096];
  const size_t bytes = strlen(text);
  for (size_t i = 0; i < bytes && i < sizeof copy; i++)
    copy[i] = text[i] == '\'' ? '"' : text[i];
  return mth_read_json_train(context, copy, bytes, out);
}

// Written and read it is the same, and so is what is written of that.
static void expect_same_again(mth_train_model *train) {
  mth_context *context = mth_model_context(mth_train_model_get(train));
  mth_text text = MTH_TEXT_INIT(mth_default_allocator()), second = text, difference = text;
  mth_train_model *again = NULL;
  bool is_equal = false;
  EXPECT_INT(mth_write_json_train(train, &text), MTH_OK);
  EXPECT_TEXT(text.byte_count ? "" : mth_context_diagnostic(context)->message, "");
  EXPECT_INT(mth_read_json_train(context, mth_text_get(&text), text.byte_count, &again), MTH_OK);
  ASSERT(again);
  EXPECT_INT(mth_model_equal(mth_train_model_get(train), mth_train_model_get(again), &is_equal,
                             &difference),
             MTH_OK);
  EXPECT_TEXT(mth_text_get(&difference), "");
  EXPECT_INT(mth_write_json_train(again, &second), MTH_OK);
  EXPECT_TEXT(mth_text_get(&second), mth_text_get(&text));
  mth_train_model_destroy(again);
  mth_text_deinit(&difference);
  mth_text_deinit(&second);
  mth_text_deinit(&text);
}

static const char *const document =
    "{'is_train_model': true, 'model': {'name': 'Model', 'submodels': {'a': {'name': 'Linear', "
    "'args': {'dimension': 1}}}, 'connections': {'a': {'input': 'x', 'weight': 'w', 'bias': 'b', "
    "'output': 'y'}}}, 'losses': [{'model': 'SquaredError', 'reduce_steps': ['Mean'], 'args': "
    "{'input': 'y', 'target': 'target'}}], 'regularizations': [{'model': 'L2', 'coef': 0.1, "
    "'reg_key': null, 'args': {'input': 'w'}}], 'assigned_shapes': [[['x', [4, 2]]]]%s}";

static mth_train_model *read_one(mth_context *context, const char *more) {
  char text[2048];
  mth_train_model *train = NULL;
  snprintf(text, sizeof text, document, more);
  EXPECT_INT(read_train(context, text, &train), MTH_OK);
  if (!train)
    printf("%s: %s\n", mth_context_diagnostic(context)->where,
           mth_context_diagnostic(context)->message);
  return train;
}

TEST(json_train, targets_without_a_name_are_kept) {
  static const char *const targets[] = {"[]", "[1, 2]", "[1.5, 2]", "''"};
  mth_context *context = new_context();
  for (size_t i = 0; i < 4; i++) {
    char text[256];
    mth_train_model *train = NULL;
    snprintf(text, sizeof text,
             "{'is_train_model': true, 'model': 'Relu', 'losses': [{'model': 'SquaredError', "
             "'args': {'input': 'output', 'target': %s}}]}",
             targets[i]);
    EXPECT_INT(read_train(context, text, &train), MTH_OK);
    if (train) expect_same_again(train);
    mth_train_model_destroy(train);
  }
  mth_context_destroy(context);
}

TEST(json_train, wires_of_every_kind_are_kept) {
  static const char *const terms[] = {
      // a default that the wire gives a name
      "'losses': [{'model': 'Mean', 'args': {'input': 'output', 'axis': 't'}}]",
      // what a loss makes before it is reduced
      "'losses': [{'model': 'SquaredError', 'reduce_steps': ['Mean'], "
      "'args': {'input': 'output', 'target': 't'}}], 'metrics': [{'model': 'AbsoluteError', "
      "'args': {'input': 'output', 'target': '$1'}}]"};
  mth_context *context = new_context();
  for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
    char text[512];
    mth_train_model *train = NULL;
    snprintf(text, sizeof text, "{'is_train_model': true, 'model': 'Relu', %s}", terms[i]);
    EXPECT_INT(read_train(context, text, &train), MTH_OK);
    if (train) expect_same_again(train);
    mth_train_model_destroy(train);
  }
  mth_context_destroy(context);
}

TEST(json_train, documents_are_read) {
  mth_context *context = new_context();
  mth_train_model *train = read_one(context, "");
  ASSERT(train);
  char shape[256];
  EXPECT_INT(mth_train_model_loss_count(train), 1);
  EXPECT_INT(mth_train_model_loss(train, 0)->step_count, 1);
  EXPECT_INT(mth_train_model_regularization_count(train), 1);
  EXPECT_NEAR(mth_train_model_regularization(train, 0)->coef.number, 0.1, 0);
  EXPECT_TEXT(shape_of(key(mth_train_model_get(train), "w"), shape), "[1, 2]");
  mth_model *model = NULL;
  EXPECT_INT(mth_train_model_finalize(train, &model), MTH_OK);
  EXPECT(mth_model_find(model, "final_cost") != NULL);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(json_train, documents_are_the_same_again) {
  mth_context *context = new_context();
  static const char *const more[] = {"", ", 'finalized': true",
                                     (", 'metrics': [{'model': 'AbsoluteError', 'args': {'input': "
                                      "'y', 'target': {'tensor': [[1.0], "
                                      "[2.0], [3.0], [4.0]]}}, 'key_name': 'error'}], "
                                      "'loss_combiner': 'Mean', 'finalized': true")};
  for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
    mth_train_model *train = read_one(context, more[i]);
    ASSERT(train);
    expect_same_again(train);
    mth_train_model_destroy(train);
  }
  mth_context_destroy(context);
}

TEST(json_train, a_pattern_keeps_what_it_found) {
  mth_context *context = new_context();
  mth_train_model *train = NULL;
  EXPECT_INT(mth_train_model_create(context, new_linear(context, 2), &train), MTH_OK);
  mth_model *const model = mth_train_model_get(train);
  const mth_regularization_options pattern = {.struct_bytes = sizeof pattern, .pattern = "[wb]"};
  EXPECT_INT(mth_connection_set_differentiable(key(model, "bias"), false), MTH_OK);
  EXPECT_INT(mth_train_model_add_regularization(train, of_class(context, "L2"), MTH_COEF(1), NULL,
                                                0, &pattern),
             MTH_OK);
  EXPECT_INT(mth_train_model_regularization(train, 0)->copy_count, 1);
  EXPECT_INT(mth_connection_set_differentiable(key(model, "weight"), false), MTH_OK);
  expect_same_again(train);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

TEST(json_train, what_c_says_is_kept) {
  mth_context *context = new_context();
  mth_train_model *train = NULL;
  mth_model *net = new_model(context), *steps[] = {of_class(context, "Sum"), NULL};
  EXPECT_INT(mth_model_add(net, new_linear(context, 2), NULL, &MTH_WIRE("output", "y"), 1), MTH_OK);
  EXPECT_INT(mth_train_model_create(context, net, &train), MTH_OK);
  const double number = 0.25;
  const mth_constant coef = {.dtype = MTH_F64, .data = &number};
  const mth_regularization_options pattern = {.struct_bytes = sizeof pattern, .pattern = "^w"};
  const mth_wire target[] = {MTH_WIRE("input", "y"), MTH_WIRE("target", "t")};
  const mth_wire metric[] = {MTH_WIRE("input", "y"), MTH_WIRE("target", "t")};
  const mth_loss_options loss = {.struct_bytes = sizeof loss,
                                 .steps = steps,
                                 .step_count = 1,
                                 .coef = MTH_COEF(2),
                                 .key_name = "first"};
  EXPECT_INT(mth_train_model_add_regularization(train, of_class(context, "L2"), MTH_COEF_OF(&coef),
                                                NULL, 0, &pattern),
             MTH_OK);
  EXPECT_INT(mth_train_model_add_loss(train, of_class(context, "SquaredError"), target, 2, &loss),
             MTH_OK);
  EXPECT_INT(mth_train_model_add_metric(train, of_class(context, "AbsoluteError"), metric, 2, NULL),
             MTH_OK);
  EXPECT_INT(mth_train_model_add_regularization(train, of_class(context, "L1"), MTH_COEF_OF(&coef),
                                                &MTH_WIRE("input", "bias"), 1, NULL),
             MTH_OK);
  EXPECT_INT(mth_train_model_set_loss_combiner(train, of_class(context, "Mean")), MTH_OK);
  expect_same_again(train);
  mth_model *model = NULL;
  EXPECT_INT(mth_train_model_finalize(train, &model), MTH_OK);
  EXPECT_INT(mth_connection_set_shape(key(model, "input"), MTH_SHAPE(MTH_N(3), MTH_LOCAL("n"))),
             MTH_OK);
  expect_same_again(train);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
}

#define EXPECT_UNREAD_TRAIN(context, text, wanted_where, wanted_message)                           \
  do {                                                                                             \
    mth_train_model *unread_ = NULL;                                                               \
    EXPECT_ERROR(context, read_train(context, text, &unread_), wanted_where, wanted_message);      \
    EXPECT(unread_ == NULL);                                                                       \
  } while (0)

TEST(json_train, wrong_documents_are_refused_at_their_place) {
  mth_context *context = new_context();
  mth_model *model = NULL;
#define LOSS "{'is_train_model': true, 'model': 'Relu', 'losses': [{'model': 'SquaredError', "
  EXPECT_UNREAD_TRAIN(context, "{'is_train_model': true}", "$",
                      "a TrainModel wants \"is_train_model\": true and \"model\"");
  EXPECT_UNREAD_TRAIN(context, "{'is_train_model': true, 'model': 'Relu', 'x': 1}", "$.x",
                      "there is no such member here");
  EXPECT_UNREAD_TRAIN(context, "{'is_train_model': true, 'model': 'Relu', 'losses': [3]}",
                      "$.losses[0]", "wants an object with \"model\", found an integer");
  EXPECT_UNREAD_TRAIN(context, LOSS "'args': {'input': 'z'}}]}", "$.losses[0]",
                      "model 'SquaredError': the input 'target' of a loss has no wire");
  EXPECT_UNREAD_TRAIN(context, LOSS "'coef': 'x'}]}", "$.losses[0].coef",
                      "wants a number or {\"tensor\": ...}, found a string");
  EXPECT_UNREAD_TRAIN(context, LOSS "'coef': {'same_as': 0}}]}", "$.losses[0].coef.same_as",
                      "wants the index of an earlier regularization, found 0");
  EXPECT_UNREAD_TRAIN(context, "{'is_train_model': true, 'model': 'Relu', 'order': ['losses']}",
                      "$.order[0]",
                      "wants losses, regularizations or metrics, as often as there are some");
#undef LOSS
#define L2                                                                                         \
  "{'is_train_model': true, 'model': {'name': 'Linear', 'args': {'dimension': 1}}, "               \
  "'regularizations': [{'model': 'L2', 'coef': 1, 'args': {'input': "
  EXPECT_UNREAD_TRAIN(context, L2 "{'pattern': 3}}}]}", "$.regularizations[0].args.input.pattern",
                      "wants a string, found an integer");
  EXPECT_UNREAD_TRAIN(context, L2 "{'pattern': 'w', 'x': 3}}}]}",
                      "$.regularizations[0].args.input.x", "there is no such member here");
  EXPECT_UNREAD_TRAIN(context, L2 "{'pattern': 'w', 'found': 'w'}}}]}",
                      "$.regularizations[0].args.input.found", "wants a list, found a string");
  EXPECT_UNREAD_TRAIN(context, L2 "{'pattern': 'w', 'found': [3]}}}]}",
                      "$.regularizations[0].args.input.found[0]",
                      "wants the name of an input, found an integer");
  EXPECT_UNREAD_TRAIN(context, L2 "{'pattern': 'w', 'found': ['weight', 'bias']}}}]}",
                      "$.regularizations[0]",
                      "model 'TrainModel': the pattern 'w' is said to find 2 inputs that can be "
                      "trained, and finds 1 of them");
  EXPECT_UNREAD_TRAIN(context, L2 "'weight'}, 'reduce_steps': ['Mean', 'Sum']}]}",
                      "$.regularizations[0].reduce_steps",
                      "a regularization takes no steps, found 2");
#undef L2
  EXPECT_UNREAD_TRAIN(context, "{'is_train_model': true, 'model': 'Relu', 'finalized': 1}",
                      "$.finalized", "wants a bool, found an integer");
  EXPECT_INT(read_quoted(context, "{'is_train_model': true, 'model': 'Relu'}", &model),
             MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->where, "$.is_train_model");
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "a TrainModel is a document of its own: mth_read_json_train reads it");
  EXPECT_INT(mth_write_json_train(NULL, &MTH_TEXT_INIT(NULL)), MTH_INVALID);
  mth_train_model *train = NULL;
  EXPECT_INT(mth_read_json_train(NULL, "", 0, &train), MTH_INVALID);
  EXPECT_ERROR(context, mth_read_json_train(context, NULL, 0, &train), "json", "there is no text");
  mth_context_destroy(context);
}
