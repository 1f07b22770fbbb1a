// physical_fixture.h: physical models as text, for tests.
#ifndef MTH_TEST_IR_PHYSICAL_FIXTURE_H
#define MTH_TEST_IR_PHYSICAL_FIXTURE_H
#include "test/ir/model_fixture.h"

enum { text_bytes = 2048 };

#define OPTIONS(...)                                                                               \
  (&(mth_physical_options){.struct_bytes = sizeof(mth_physical_options), __VA_ARGS__})
// One key, or two, as the options want them.
#define KEY(field, name) .field##_keys = (mth_key_ref[]){MTH_REF(name)}, .field##_count = 1
#define KEYS(field, a, b)                                                                          \
  .field##_keys = (mth_key_ref[]){MTH_REF(a), MTH_REF(b)}, .field##_count = 2
#define FIXED(name) .constants = (mth_key_constant[]){{.key = MTH_REF(name)}}, .constant_count = 1
#define FIXED2(a, b)                                                                               \
  .constants = (mth_key_constant[]){{.key = MTH_REF(a)}, {.key = MTH_REF(b)}}, .constant_count = 2

// The names of a set, or of all keys where `all`; the error's text if there is no physical model.
static inline const char *physical_text(const mth_model *model, const mth_physical_options *options,
                                        bool all, mth_key_set set, char storage[text_bytes]) {
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  char *before = dump(model);
  if (mth_physical_model_create(model, options, &arena, &p) != MTH_OK) {
    const mth_diagnostic *why = mth_context_diagnostic(mth_model_context(model));
    EXPECT(strncmp(why->where, "model '", strlen("model '")) == 0);
    mth_text_add(&text, "%s", why->message);
  } else {
    const size_t count = mth_physical_key_count(p);
    const mth_physical_key **keys = MTH_NEW_ARRAY(&arena, const mth_physical_key *, count);
    const size_t listed = all ? count : mth_physical_list(p, set, keys);
    for (size_t i = 0; i < listed; i++)
      mth_text_add(&text, "%s%s", i ? " " : "", (all ? mth_physical_key_at(p, i) : keys[i])->name);
  }
  char *after = dump(model);
  EXPECT_TEXT(after, before); // the model is not changed, not even frozen
  mth_release(mth_default_allocator(), before);
  mth_release(mth_default_allocator(), after);
  snprintf(storage, text_bytes, "%s", mth_text_get(&text));
  mth_text_deinit(&text);
  mth_arena_reset(&arena);
  return storage;
}

// Why no program can be made of a physical model that can be.
static inline void expect_no_program(mth_model *model, const mth_physical_options *options,
                                     const char *wanted) {
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_model *p = NULL;
  mth_context *context = mth_model_context(model);
  ASSERT(mth_physical_model_create(model, options, &arena, &p) == MTH_OK);
  EXPECT_ERROR(context, mth_physical_model_check(p), "model 'Model'", wanted);
  const mth_write_options writing = {.struct_bytes = sizeof writing, .physical = options};
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  EXPECT_ERROR(context, mth_write_module(model, &writing, &text), "model 'Model'", wanted);
  mth_text_deinit(&text);
  mth_arena_reset(&arena);
}

#define EXPECT_KEYS(model, options, wanted)                                                        \
  EXPECT_TEXT(physical_text(model, options, true, MTH_KEYS_OUTPUTS, (char[text_bytes]){0}), wanted)
#define EXPECT_SET(model, options, set, wanted)                                                    \
  EXPECT_TEXT(physical_text(model, options, false, set, (char[text_bytes]){0}), wanted)

// Adds an op with the keys `a` and `b` (NULL: one operand) and `output` wired to names; "" and NULL
// leave a key open.
static inline mth_model *add_op(mth_model *m, const char *op, const char *a, const char *b,
                                const char *output) {
  mth_model *made = new_op(mth_model_context(m), op);
  mth_wire wires[3];
  size_t count = 0, operand = 0;
  for (size_t i = 0; i < mth_model_connection_count(made); i++) {
    const mth_connection *c = mth_model_connection(made, i);
    const bool is_output = mth_connection_class(c) == MTH_KEY_OUTPUT;
    if (mth_connection_class(c) != MTH_KEY_INPUT && !is_output) continue;
    const char *name = is_output ? output : operand++ == 0 ? a : b;
    if (name && name[0]) wires[count++] = MTH_WIRE(mth_connection_key(c), name);
  }
  EXPECT_INT(mth_model_add(m, made, NULL, wires, count), MTH_OK);
  return made;
}

static inline void expose(mth_model *m, const char *name) {
  EXPECT_INT(mth_model_expose(m, key(m, name), NULL), MTH_OK);
}
#endif
