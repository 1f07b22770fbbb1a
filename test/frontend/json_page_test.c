// json_page_test.c: every document on docs/json-format.md.
#include "ir/model_equal.h"
#include "json_fixture.h"

#include <stdlib.h>

static char *read_page(void) {
  FILE *file = fopen(MTH_JSON_PAGE, "rb");
  char *const page = calloc(1, 65536);
  const size_t bytes = file && page ? fread(page, 1, 65535, file) : 0;
  EXPECT(bytes > 0);
  if (file) fclose(file);
  return page;
}

// The block after the next line that is `fence`, cut there; NULL: no more. `*next` is moved on.
static char *next_block(char **next, const char *fence) {
  char *start = strstr(*next, fence), *end = start ? strstr(start + 4, "\n```") : NULL;
  if (!end) return NULL;
  *end = 0;
  *next = end + 4;
  return start + strlen(fence);
}

TEST(json_page, documents_are_read_written_and_the_same) {
  mth_context *context = new_context();
  char *const page = read_page(), *next = page;
  size_t count = 0;
  for (char *text; (text = next_block(&next, "\n```json\n")); count++) {
    mth_model *model = NULL, *again = NULL;
    mth_text written = MTH_TEXT_INIT(mth_default_allocator());
    bool is_equal = false;
    EXPECT_INT(mth_read_json(context, text, strlen(text), &model), MTH_OK);
    if (!model) printf("%s: %s\n", text, mth_context_diagnostic(context)->message);
    ASSERT(model);
    EXPECT_INT(mth_write_json(model, &written), MTH_OK);
    EXPECT_INT(mth_read_json(context, mth_text_get(&written), written.byte_count, &again), MTH_OK);
    ASSERT(again);
    EXPECT_INT(mth_model_equal(model, again, &is_equal, NULL), MTH_OK);
    EXPECT(is_equal);
    mth_text_deinit(&written);
    mth_model_destroy(model);
    mth_model_destroy(again);
  }
  EXPECT_INT(count, 4);
  free(page);
  mth_context_destroy(context);
}

TEST(json_page, train_models_are_read_and_written) {
  mth_context *context = new_context();
  char *const page = read_page(), *next = page;
  size_t count = 0;
  for (char *text; (text = next_block(&next, "\n```train\n")); count++) {
    mth_train_model *train = NULL;
    mth_text written = MTH_TEXT_INIT(mth_default_allocator());
    EXPECT_INT(mth_read_json_train(context, text, strlen(text), &train), MTH_OK);
    EXPECT_TEXT(train ? "" : mth_context_diagnostic(context)->message, "");
    ASSERT(train);
    EXPECT_INT(mth_write_json_train(train, &written), MTH_OK);
    EXPECT(mth_model_find(mth_train_model_get(train), "final_cost") != NULL);
    mth_text_deinit(&written);
    mth_train_model_destroy(train);
  }
  EXPECT_INT(count, 1);
  free(page);
  mth_context_destroy(context);
}

TEST(json_page, refused_documents_say_their_first_line) {
  mth_context *context = new_context();
  char *const page = read_page(), *next = page;
  size_t count = 0;
  for (char *text; (text = next_block(&next, "\n```refused\n")); count++) {
    char *const document = strchr(text, '\n');
    char said[1400];
    mth_model *model = NULL;
    ASSERT(document);
    *document = 0;
    EXPECT_INT(mth_read_json(context, document + 1, strlen(document + 1), &model), MTH_INVALID);
    EXPECT(model == NULL);
    const mth_diagnostic *diagnostic = mth_context_diagnostic(context);
    snprintf(said, sizeof said, "%s: %s", diagnostic->where, diagnostic->message);
    EXPECT_TEXT(said, text);
  }
  EXPECT_INT(count, 3);
  free(page);
  mth_context_destroy(context);
}
