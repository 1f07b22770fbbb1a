// json_fuzz: any bytes as a document. What is accepted is written and reads back as an equal model;
// what is refused is reported once, with a place, and leaves nothing.
#include "frontend/json.h"
#include "ir/model_equal.h"
#include "test/fuzz/json_mutate.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t byte_count);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t byte_count, size_t capacity, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t byte_count, size_t capacity);

typedef struct reports {
  size_t count;
  mth_diagnostic last;
} reports;

static void hear(void *user, const mth_diagnostic *diagnostic) {
  reports *heard = user;
  heard->count += 1;
  heard->last = *diagnostic;
}

static void demand(bool holds, const reports *heard, const mth_text *text) {
  if (holds) return;
  fprintf(stderr, "%s: %s\n%s\n", heard->last.where, heard->last.message,
          text ? mth_text_get(text) : "");
  abort();
}

// An accepted model, written and read again.
static void check_again(mth_context *context, const mth_model *model, reports *heard) {
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context));
  mth_text difference = MTH_TEXT_INIT(mth_context_allocator(context));
  mth_model *again = NULL;
  bool is_equal = false;
  heard->count = 0;
  demand(mth_write_json(model, &text) == MTH_OK, heard, NULL);
  demand(mth_read_json(context, text.bytes, text.byte_count, &again) == MTH_OK, heard, &text);
  demand(mth_model_equal(model, again, &is_equal, &difference) == MTH_OK, heard, &text);
  demand(is_equal, heard, &difference);
  mth_model_destroy(again);
  mth_text_deinit(&difference);
  mth_text_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t byte_count) {
  reports heard = {0};
  const mth_sink sink = {hear, &heard};
  const mth_context_options options = {.struct_bytes = sizeof options, .sink = &sink};
  mth_context *context;
  mth_model *model = NULL;
  if (mth_context_create(&options, &context) != MTH_OK) return 0;
  const mth_status status = mth_read_json(context, (const char *)data, byte_count, &model);
  demand(status == MTH_OK || (heard.count == 1 && heard.last.where[0] && !model), &heard, NULL);
  if (status == MTH_OK) check_again(context, model, &heard);
  mth_model_destroy(model);
  mth_context_destroy(context);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t byte_count, size_t capacity, unsigned seed) {
  const size_t bytes = seed % 8 ? mth_json_mutate(data, byte_count, capacity, seed) : 0;
  return bytes ? bytes : LLVMFuzzerMutate(data, byte_count, capacity);
}
