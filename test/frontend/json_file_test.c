// json_file_test.c: documents in files.
#include "json_fixture.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const train_text =
    "{\"is_train_model\": true, \"model\": {\"name\": \"Linear\", \"args\": {\"dimension\": 1}}, "
    "\"losses\": [{\"model\": \"SquaredError\", \"args\": {\"input\": \"output\", \"target\": "
    "\"t\"}}]}";

// A file that holds the text; the caller unlinks it.
static void make_file(char path[64], const char *text) {
  snprintf(path, 64, "/tmp/mth_json_file_XXXXXX");
  const int number = mkstemp(path);
  ASSERT(number >= 0);
  EXPECT(write(number, text, strlen(text)) == (ssize_t)strlen(text));
  close(number);
}

TEST(json_file, is_of_a_model_or_of_a_train_model) {
  mth_context *context = new_context();
  char model_path[64], train_path[64];
  mth_model *model = NULL;
  mth_train_model *train = NULL;
  make_file(model_path, "\"Relu\"");
  make_file(train_path, train_text);
  EXPECT_INT(mth_read_json_any_file(context, model_path, &model, &train), MTH_OK);
  EXPECT(model && !train);
  mth_model_destroy(model);
  EXPECT_INT(mth_read_json_any_file(context, train_path, &model, &train), MTH_OK);
  EXPECT(!model && train);
  mth_train_model_destroy(train);
  train = NULL;
  EXPECT_INT(mth_read_json_train_file(context, train_path, &train), MTH_OK);
  EXPECT_INT(mth_train_model_loss_count(train), 1);
  mth_train_model_destroy(train);
  EXPECT_INT(mth_read_json_file(context, model_path, &model), MTH_OK);
  EXPECT_TEXT(mth_model_class_name(model), "Relu");
  mth_model_destroy(model);
  unlink(model_path);
  unlink(train_path);
  mth_context_destroy(context);
}

TEST(json_file, stands_before_what_is_wrong_in_it) {
  mth_context *context = new_context();
  char path[64], where[160];
  mth_model *model = NULL;
  mth_train_model *train = NULL;
  make_file(path, train_text);
  EXPECT_INT(mth_read_json_file(context, path, &model), MTH_INVALID);
  snprintf(where, sizeof where, "%s: $.is_train_model", path);
  EXPECT_TEXT(mth_context_diagnostic(context)->where, where);
  unlink(path);
  make_file(path, "\"Relu\"");
  EXPECT_INT(mth_read_json_train_file(context, path, &train), MTH_INVALID);
  snprintf(where, sizeof where, "%s: $", path);
  EXPECT_TEXT(mth_context_diagnostic(context)->where, where);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "a TrainModel wants \"is_train_model\": true and \"model\"");
  unlink(path);
  make_file(path, "{\n \"name\": }");
  EXPECT_INT(mth_read_json_any_file(context, path, &model, &train), MTH_INVALID);
  snprintf(where, sizeof where, "%s:2:10", path);
  EXPECT_TEXT(mth_context_diagnostic(context)->where, where);
  unlink(path);
  EXPECT_INT(mth_read_json_any_file(context, path, &model, &train), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->where, path);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "cannot be read: No such file or directory");
  EXPECT(!model && !train);
  mth_context_destroy(context);
}
