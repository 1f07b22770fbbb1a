// model_fixture.h: what tests of models share: short makers that stop the test's chain on failure.
#ifndef MTH_TEST_IR_MODEL_FIXTURE_H
#define MTH_TEST_IR_MODEL_FIXTURE_H
#include "frontend/mithril.h"
#include "ir/models/layers.h"
#include "test/harness/harness.h"

#include <stdio.h>
#include <string.h>

static inline mth_context *new_context(void) {
  mth_context *context = NULL;
  EXPECT_INT(mth_context_create(NULL, &context), MTH_OK);
  return context;
}

static inline mth_model *new_model(mth_context *context) {
  mth_model *model = NULL;
  EXPECT_INT(mth_model_create(context, NULL, &model), MTH_OK);
  return model;
}

static inline mth_model *new_op(mth_context *context, const char *name) {
  mth_model *model = NULL;
  EXPECT_INT(mth_model_create_op(context, name, NULL, 0, &model), MTH_OK);
  return model;
}

static inline mth_model *new_linear(mth_context *context, int64_t dimension) {
  mth_model *model = NULL;
  EXPECT_INT(mth_linear(context, dimension, true, &model), MTH_OK);
  return model;
}

static inline mth_connection *key(const mth_model *model, const char *name) {
  mth_connection *found = mth_model_find(model, name);
  EXPECT(found != NULL);
  return found;
}

// The shape of a key as text, in storage that the next call reuses.
static inline const char *shape_of(const mth_connection *connection, char storage[256]) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_connection_shape_text(connection, &text);
  snprintf(storage, 256, "%s", mth_text_get(&text));
  mth_text_deinit(&text);
  return storage;
}

// Everything a user can ask about a model, as one text.
static inline char *dump(const mth_model *model) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_model_tree(model, 100, &text);
  for (size_t i = 0; i < mth_model_connection_count(model); i++) {
    const mth_connection *c = mth_model_connection(model, i);
    mth_text_add(&text, "%s %d %d\n", mth_connection_key(c), (int)mth_connection_class(c),
                 (int)mth_connection_is_differentiable(c));
  }
  for (size_t i = 0; i < mth_model_canonical_input_count(model); i++)
    mth_text_add(&text, "in %s\n", mth_connection_key(mth_model_canonical_input_at(model, i)));
  for (size_t i = 0; i < mth_model_canonical_output_count(model); i++)
    mth_text_add(&text, "out %s\n", mth_connection_key(mth_model_canonical_output_at(model, i)));
  mth_connection *chain = NULL;
  if (mth_model_canonical_output_count(model) &&
      mth_model_canonical_output(model, &chain) == MTH_OK)
    mth_text_add(&text, "chain %s\n", mth_connection_key(chain));
  return text.bytes; // the test releases it
}

#define EXPECT_ERROR(context, call, wanted_where, wanted_message)                                  \
  do {                                                                                             \
    EXPECT_INT((call), MTH_INVALID);                                                               \
    EXPECT_TEXT(mth_context_diagnostic(context)->where, wanted_where);                             \
    EXPECT_TEXT(mth_context_diagnostic(context)->message, wanted_message);                         \
  } while (0)

// The call must fail with these texts and leave `model` as it was.
#define EXPECT_REFUSED(context, model, call, wanted_where, wanted_message)                         \
  do {                                                                                             \
    char *before_ = dump(model);                                                                   \
    EXPECT_ERROR(context, call, wanted_where, wanted_message);                                     \
    char *after_ = dump(model);                                                                    \
    EXPECT_TEXT(after_, before_);                                                                  \
    mth_release(mth_default_allocator(), before_);                                                 \
    mth_release(mth_default_allocator(), after_);                                                  \
  } while (0)
#endif
