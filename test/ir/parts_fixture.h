// parts_fixture.h: what tests of lists share.
#ifndef MTH_TEST_IR_PARTS_FIXTURE_H
#define MTH_TEST_IR_PARTS_FIXTURE_H
#include "ir/parts.h"
#include "test/ir/value_fixture.h"

static inline mth_model *new_class(mth_context *context, const char *name, mth_arg arg) {
  mth_model *model = NULL;
  const mth_status status = mth_model_create_class(context, name, &arg, 1, &model);
  EXPECT_TEXT(status == MTH_OK ? "" : mth_context_diagnostic(context)->message, "");
  return model;
}

static inline mth_connection *part(mth_connection *list, size_t index) {
  mth_connection *found = NULL;
  EXPECT_INT(mth_connection_part(list, index, &found), MTH_OK);
  return found;
}

static inline void add(mth_model *m, mth_model *child, size_t count, const mth_wire *wires) {
  const mth_status status = mth_model_add(m, child, NULL, wires, count);
  EXPECT_TEXT(status == MTH_OK ? "" : mth_context_diagnostic(mth_model_context(m))->message, "");
}

#define ADD_MODEL(m, child, ...)                                                                   \
  add(m, child, sizeof((mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire), (mth_wire[]){__VA_ARGS__})

static inline size_t length_of(const mth_connection *list) {
  size_t length = 99;
  return mth_connection_length(list, &length) ? length : 99;
}
#endif
