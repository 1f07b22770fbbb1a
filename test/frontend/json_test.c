// json_test.c: numbers, tensors and arguments as JSON, both ways.
#include "frontend/json_reader.h"
#include "frontend/json_value.h"
#include "json_fixture.h"

#include <math.h>

static json_t *parse(const char *text) {
  json_error_t error;
  json_t *value = json_loads(text, JSON_DECODE_ANY, &error);
  EXPECT(value != NULL);
  return value;
}

// The tensor of a text, written again.
static const char *again(mth_context *context, const char *text, char storage[256]) {
  mth_json_reading reading;
  mth_constant constant;
  json_t *value = parse(text), *object = json_pack("{s:O}", "tensor", value);
  if (json_object_get(value, "tensor")) {
    json_decref(object);
    object = json_incref(value);
  }
  mth_json_begin(&reading, context, NULL);
  EXPECT_INT(mth_json_read_constant(&reading, object, NULL, &constant), MTH_OK);
  json_t *written =
      json_is_object(value) ? mth_json_write_constant(&constant) : mth_json_write_tensor(&constant);
  char *dumped = json_dumps(written, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(17));
  snprintf(storage, 256, "%s", dumped);
  free(dumped);
  json_decref(written);
  json_decref(object);
  json_decref(value);
  EXPECT_INT(mth_json_end(&reading, MTH_OK), MTH_OK);
  return storage;
}

TEST(json, tensors_keep_their_numbers) {
  mth_context *context = new_context();
  char text[256];
  static const char *const same[] = {
      "3",
      "-9223372036854775808",
      "[9223372036854775807,0]",
      "true",
      "[[true,false]]",
      "[[1,2],[3,4]]",
      "[0.10000000000000001,-0.0,1.7976931348623157e308,4.9406564584124654e-324]",
      "[\"nan\",\"inf\",\"-inf\",1.0]",
      "[]",
      "\"Constant.EPSILON\"",
      "{\"tensor\":\"Constant.MIN_POSITIVE_NORMAL\"}",
      "{\"tensor\":[],\"shape\":[2,0,3],\"dtype\":\"int64\"}",
      "{\"tensor\":[],\"shape\":[0],\"dtype\":\"bool\"}"};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++)
    EXPECT_TEXT(again(context, same[i], text), same[i]);
  EXPECT_TEXT(again(context, "[1, 2.5, true]", text), "[1.0,2.5,1.0]");
  EXPECT_TEXT(again(context, "[1, true]", text), "[1,1]");
  EXPECT_TEXT(again(context, "{\"tensor\": [[], []]}", text),
              "{\"tensor\":[],\"shape\":[2,0],\"dtype\":\"float64\"}");
  mth_context_destroy(context);
}

static const char *name_dim(void *user, const mth_dim *dim) { return mth_dim_text(user, dim); }

TEST(json, arguments_keep_their_kinds) {
  mth_context *context = new_context();
  mth_json_reading reading;
  static const struct {
    const char *text;
    mth_arg_kind kind;
  } rows[] = {
      {"null", MTH_ARG_NONE},
      {"9223372036854775807", MTH_ARG_INT},
      {"false", MTH_ARG_BOOL},
      {"0.10000000000000001", MTH_ARG_FLOAT},
      {"{\"float\":\"-inf\"}", MTH_ARG_FLOAT},
      {"{\"float\":\"inf\"}", MTH_ARG_FLOAT},
      {"{\"float\":\"nan\"}", MTH_ARG_FLOAT},
      {"\"Constant.STABLE_RECIPROCAL_THRESHOLD\"", MTH_ARG_FLOAT},
      {"[1.5,\"Constant.EPSILON\"]", MTH_ARG_TUPLE},
      {"\"text\"", MTH_ARG_STRING},
      {"{\"string\":\"Dtype.x\"}", MTH_ARG_STRING},
      {"{\"string\":\"(Ellipsis,)\"}", MTH_ARG_STRING},
      {"\"Dtype.bfloat16\"", MTH_ARG_DTYPE},
      {"[1,2]", MTH_ARG_INTS},
      {"[1,{\"dim\":\"T\"}]", MTH_ARG_DIMS},
      {"{\"dim\":\"2*T + 1\"}", MTH_ARG_DIM},
      {"[1.5,[true,null]]", MTH_ARG_TUPLE},
      {"{\"slice\":[0,null,2]}", MTH_ARG_SLICE},
      {"\"(Ellipsis,)\"", MTH_ARG_ELLIPSIS},
  };
  mth_json_begin(&reading, context, NULL);
  mth_model *model = NULL;
  json_t *document = parse("{\"symbols\": [\"T\"], \"name\": \"Relu\"}");
  EXPECT_INT(mth_json_read_document(&reading, document, &model), MTH_OK);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    mth_arg arg;
    json_t *value = parse(rows[i].text);
    EXPECT_INT(mth_json_read_arg(&reading, value, NULL, 0, &arg), MTH_OK);
    EXPECT_INT(arg.kind, rows[i].kind);
    json_t *written = mth_json_write_arg(&arg, name_dim, mth_context_dims(context));
    char *text = json_dumps(written, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(17));
    EXPECT_TEXT(text, rows[i].text);
    free(text);
    json_decref(written);
    json_decref(value);
  }
  json_decref(document);
  EXPECT_INT(mth_json_end(&reading, MTH_OK), MTH_OK);
  mth_context_destroy(context);
}

TEST(json, a_class_that_is_missing_is_named_to_the_caller) {
  mth_context *context = new_context();
  mth_json_reading reading;
  mth_model *model = NULL;
  json_t *document = parse("{\"name\": \"Layer\", \"args\": {\"activation\": \"Nonesuch\"}}");
  mth_json_begin(&reading, context, NULL);
  const mth_status status = mth_json_read_document(&reading, document, &model);
  EXPECT_INT(mth_json_end(&reading, status), MTH_UNSUPPORTED);
  EXPECT_TEXT(reading.missing_class, "Nonesuch");
  json_decref(document);
  document = parse("{\"name\": \"Layer\", \"args\": {\"activation\": 3}}");
  mth_json_begin(&reading, context, NULL);
  EXPECT_INT(mth_json_end(&reading, mth_json_read_document(&reading, document, &model)),
             MTH_INVALID);
  EXPECT_TEXT(reading.missing_class, "");
  json_decref(document);
  mth_context_destroy(context);
}
