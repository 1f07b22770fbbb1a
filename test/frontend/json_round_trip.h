// json_round_trip.h: what a model keeps when it is written and read. For tests.
#ifndef MTH_TEST_FRONTEND_JSON_ROUND_TRIP_H
#define MTH_TEST_FRONTEND_JSON_ROUND_TRIP_H
#include "frontend/mlir_writer.h"
#include "ir/model_equal.h"
#include "json_fixture.h"

// What the model is as a document. The test deinits the text.
static inline mth_text written(const mth_model *model) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  EXPECT_INT(mth_write_json(model, &text), MTH_OK);
  if (!text.byte_count)
    printf("%s: %s\n", mth_context_diagnostic(mth_model_context(model))->where,
           mth_context_diagnostic(mth_model_context(model))->message);
  return text;
}

// Written and read the model is equal to itself, and so are a copy and the copy once it is frozen;
// what is read is written as it was.
static inline void expect_same_again(const mth_model *model) {
  mth_context *context = mth_model_context(model);
  mth_model *copies[2] = {NULL, NULL};
  EXPECT_INT(mth_model_copy(model, &copies[0]), MTH_OK);
  EXPECT_INT(mth_model_copy(model, &copies[1]), MTH_OK);
  EXPECT_INT(mth_model_freeze(copies[1]), MTH_OK);
  const mth_model *const all[] = {model, copies[0], copies[1]};
  for (size_t i = 0; i < 3; i++) {
    mth_text text = written(all[i]), difference = MTH_TEXT_INIT(mth_default_allocator());
    mth_model *again = NULL;
    bool is_equal = false;
    EXPECT_INT(mth_read_json(context, mth_text_get(&text), text.byte_count, &again), MTH_OK);
    if (again) EXPECT_INT(mth_model_equal(all[i], again, &is_equal, &difference), MTH_OK);
    EXPECT_TEXT(mth_text_get(&difference), "");
    EXPECT(is_equal);
    if (!is_equal) printf("%s", mth_text_get(&text));
    mth_text second = again ? written(again) : MTH_TEXT_INIT(mth_default_allocator());
    EXPECT_TEXT(mth_text_get(&second), mth_text_get(&text));
    mth_text_deinit(&second);
    mth_model_destroy(again);
    mth_text_deinit(&difference);
    mth_text_deinit(&text);
  }
  mth_model_destroy(copies[0]);
  mth_model_destroy(copies[1]);
}

// Counts what the models of a test went through, so that a property is met, not missed.
typedef struct trips {
  int documents, programs;
} trips;

// The program that evaluates a copy of the model, with every tensor input of this rank and extent;
// "" if it is none.
static inline mth_text program_of(const mth_model *model, int32_t rank, int64_t extent) {
  enum { most_inputs = 32 };
  static const mth_extent none = {0};
  mth_extent extents[8];
  mth_entry_shape shapes[most_inputs];
  mth_entry_request entry = {.name = "evaluate", .shapes = shapes};
  const mth_write_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_model *copy = NULL;
  if (mth_model_copy(model, &copy) != MTH_OK) return text;
  for (int32_t i = 0; i < rank; i++)
    extents[i] = MTH_N(extent);
  for (size_t i = 0; i < mth_model_connection_count(copy); i++) {
    const mth_connection *c = mth_model_connection(copy, i);
    const bool is_input = mth_connection_class(c) == MTH_KEY_INPUT && mth_connection_is_tensor(c);
    if (!is_input || !mth_connection_is_named(c) || mth_connection_constant(c)) continue;
    if (mth_connection_rank(c) >= 0 || entry.shape_count == most_inputs) continue;
    shapes[entry.shape_count++] =
        (mth_entry_shape){mth_connection_key(c), {(size_t)rank, rank ? extents : &none}};
  }
  if (mth_write_module(copy, &options, &text) != MTH_OK) {
    mth_text_deinit(&text);
    text = MTH_TEXT_INIT(mth_default_allocator());
  }
  mth_model_destroy(copy);
  return text;
}

// Programs of the model and of what was read are the same text, so they compute the same.
static inline bool expect_same_programs(const mth_model *model, const mth_model *read,
                                        trips *counts) {
  bool holds = true;
  for (int32_t rank = 0; rank <= 4 && holds; rank++) {
    mth_text a = program_of(model, rank, 4), b = program_of(read, rank, 4);
    holds = strcmp(mth_text_get(&a), mth_text_get(&b)) == 0;
    EXPECT_TEXT(mth_text_get(&b), mth_text_get(&a));
    counts->programs += a.byte_count > 0;
    mth_text_deinit(&a);
    mth_text_deinit(&b);
  }
  return holds;
}

// Written and read, the model is equal to itself, is written byte for byte the same, and gives the
// same programs. `what` names it.
static inline bool expect_round_trip(const mth_model *model, const char *what, trips *counts) {
  mth_context *context = mth_model_context(model);
  mth_text first = MTH_TEXT_INIT(mth_default_allocator()), second = first, difference = first;
  mth_model *read = NULL;
  bool is_equal = false;
  bool holds = mth_write_json(model, &first) == MTH_OK &&
               mth_read_json(context, mth_text_get(&first), first.byte_count, &read) == MTH_OK;
  if (!holds)
    harness_check(false, false, __FILE__, __LINE__, "%s: %s: %s\n%s", what,
                  mth_context_diagnostic(context)->where, mth_context_diagnostic(context)->message,
                  mth_text_get(&first));
  if (holds) {
    EXPECT_INT(mth_model_equal(model, read, &is_equal, &difference), MTH_OK);
    EXPECT_TEXT(mth_text_get(&difference), "");
    EXPECT_INT(mth_write_json(read, &second), MTH_OK);
    EXPECT_TEXT(mth_text_get(&second), mth_text_get(&first));
    holds = is_equal && strcmp(mth_text_get(&second), mth_text_get(&first)) == 0;
    holds = expect_same_programs(model, read, counts) && holds;
    if (!holds) printf("%s: %s\n", what, mth_text_get(&first));
  }
  counts->documents += holds;
  mth_model_destroy(read);
  mth_text_deinit(&difference);
  mth_text_deinit(&second);
  mth_text_deinit(&first);
  return holds;
}
#endif
