// json_fixture.h: what tests of documents share.
#ifndef MTH_TEST_FRONTEND_JSON_FIXTURE_H
#define MTH_TEST_FRONTEND_JSON_FIXTURE_H
#include "test/ir/model_fixture.h"

// The model of a text in which ' stands for ".
static inline mth_status read_quoted(mth_context *context, const char *text, mth_model **out) {
  char copy[8192];
  const size_t bytes = strlen(text);
  if (bytes >= sizeof copy) return MTH_NO_MEMORY;
  for (size_t i = 0; i < bytes; i++)
    copy[i] = text[i] == '\'' ? '"' : text[i];
  return mth_read_json(context, copy, bytes, out);
}

static inline mth_model *read_model(mth_context *context, const char *text) {
  mth_model *model = NULL;
  EXPECT_INT(read_quoted(context, text, &model), MTH_OK);
  if (!model)
    printf("%s: %s\n", mth_context_diagnostic(context)->where,
           mth_context_diagnostic(context)->message);
  return model;
}

// The text must be refused with this status, place and message.
#define EXPECT_UNREAD(context, text, wanted_status, wanted_where, wanted_message)                  \
  do {                                                                                             \
    mth_model *unread_ = NULL;                                                                     \
    EXPECT_INT(read_quoted((context), (text), &unread_), wanted_status);                           \
    EXPECT(unread_ == NULL);                                                                       \
    EXPECT_TEXT(mth_context_diagnostic(context)->where, wanted_where);                             \
    EXPECT_TEXT(mth_context_diagnostic(context)->message, wanted_message);                         \
  } while (0)
#endif
