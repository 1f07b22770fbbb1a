// value_fixture.h: what tests of compile-time values share.
#ifndef MTH_TEST_IR_VALUE_FIXTURE_H
#define MTH_TEST_IR_VALUE_FIXTURE_H
#include "test/ir/model_fixture.h"

// Adds an op with its output under a name.
static inline void add_op(mth_model *m, const char *op, const char *output, size_t count,
                          const mth_wire *wires) {
  mth_wire all[8];
  for (size_t i = 0; i < count; i++)
    all[i] = wires[i];
  all[count] = MTH_WIRE("output", output);
  mth_context *context = mth_model_context(m);
  const mth_arg open = MTH_ARG_OPEN_AS_INPUT("dim"); // Size has a default
  const bool has_dim = count > 1 && strcmp(wires[1].key, "dim") == 0;
  mth_model *child = NULL;
  EXPECT_INT(mth_model_create_op(context, op, &open, has_dim, &child), MTH_OK);
  const mth_status status = mth_model_add(m, child, NULL, all, count + 1);
  EXPECT_TEXT(status == MTH_OK ? "" : mth_context_diagnostic(context)->message, "");
}

#define ADD(m, op, output, ...)                                                                    \
  add_op(m, op, output, sizeof((mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire),                      \
         (mth_wire[]){__VA_ARGS__})
#define VALUE(k, ...) ((mth_wire){.key = (k), .kind = MTH_WIRE_VALUE, .value = __VA_ARGS__})
#define PARTS(k, ...)                                                                              \
  ((mth_wire){.key = (k),                                                                          \
              .kind = MTH_WIRE_LIST,                                                               \
              .part_count = sizeof((mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire),                  \
              .parts = (mth_wire[]){__VA_ARGS__}})

static inline void add_text(mth_text *text, mth_dim_table *dims, const mth_arg *value) {
  const bool is_list = value->kind == MTH_ARG_TUPLE || value->kind == MTH_ARG_SLICE;
  if (value->kind == MTH_ARG_INT) mth_text_add(text, "%lld", (long long)value->i);
  if (value->kind == MTH_ARG_FLOAT) mth_text_add(text, "%g", value->f);
  if (value->kind == MTH_ARG_BOOL) mth_text_add(text, value->b ? "true" : "false");
  if (value->kind == MTH_ARG_NONE) mth_text_add(text, "None");
  if (value->kind == MTH_ARG_DIM) mth_text_add(text, "%s", mth_dim_text(dims, value->dim));
  if (is_list || value->kind == MTH_ARG_DIMS)
    mth_text_add(text, value->kind == MTH_ARG_SLICE ? "slice(" : "(");
  for (size_t i = 0; is_list && i < value->count; i++) {
    if (i) mth_text_add(text, ", ");
    add_text(text, dims, &value->items[i]);
  }
  for (size_t i = 0; value->kind == MTH_ARG_DIMS && i < value->count; i++)
    mth_text_add(text, "%s%s", i ? ", " : "", mth_dim_text(dims, value->dims[i]));
  if (is_list || value->kind == MTH_ARG_DIMS) mth_text_add(text, ")");
}

// "(B, 3)", or "?"
static inline const char *value_text(mth_model *m, const char *name, char storage[256]) {
  const mth_arg *value = mth_connection_value(key(m, name));
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  if (value) add_text(&text, mth_context_dims(mth_model_context(m)), value);
  snprintf(storage, 256, "%s", value ? mth_text_get(&text) : "?");
  mth_text_deinit(&text);
  return storage;
}

static inline void add_input(mth_model *m, const char *name, mth_shape shape) {
  mth_connection *x = NULL;
  const mth_facts facts = {.shape = shape.rank ? &shape : NULL};
  EXPECT_INT(mth_model_add_input(m, name, &facts, &x), MTH_OK);
}
#endif
