// json_fuzz: any bytes as a document of a model or a TrainModel. What is accepted is written, reads
// back as an equal model and is written the same; what is refused is reported once, with a place,
// and leaves nothing.
#include "frontend/json.h"
#include "frontend/json_reader.h"
#include "ir/model_equal.h"
#include "test/fuzz/json_mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static mth_status write(const mth_model *model, const mth_train_model *train, mth_text *text) {
  return train ? mth_write_json_train(train, text) : mth_write_json(model, text);
}

// An accepted model is written and read again; what comes of that is written the same.
static void check_again(mth_context *context, const mth_model *model, const mth_train_model *train,
                        reports *heard) {
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context)), second = text, difference = text;
  mth_model *again = NULL;
  mth_train_model *train_again = NULL;
  bool is_equal = false;
  heard->count = 0;
  demand(write(model, train, &text) == MTH_OK, heard, NULL);
  demand(mth_json_read_text(context, NULL, text.bytes, text.byte_count, &again, &train_again) ==
             MTH_OK,
         heard, &text);
  if (train) model = mth_train_model_get(train);
  const mth_model *const read = train ? mth_train_model_get(train_again) : again;
  demand(mth_model_equal(model, read, &is_equal, &difference) == MTH_OK, heard, &text);
  demand(is_equal, heard, &difference);
  demand(write(again, train_again, &second) == MTH_OK, heard, &text);
  if (strcmp(mth_text_get(&text), mth_text_get(&second)) != 0) {
    fprintf(stderr, "%s\nis written again as\n%s\n", mth_text_get(&text), mth_text_get(&second));
    abort();
  }
  mth_model_destroy(again);
  mth_train_model_destroy(train_again);
  mth_text_deinit(&difference);
  mth_text_deinit(&second);
  mth_text_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t byte_count) {
  reports heard = {0};
  const mth_sink sink = {hear, &heard};
  const mth_context_options options = {.struct_bytes = sizeof options, .sink = &sink};
  mth_context *context;
  mth_model *model = NULL;
  mth_train_model *train = NULL;
  if (mth_context_create(&options, &context) != MTH_OK) return 0;
  const mth_status status =
      mth_json_read_text(context, NULL, (const char *)data, byte_count, &model, &train);
  const bool is_refused = heard.count == 1 && heard.last.where[0] && !model && !train;
  demand(status == MTH_OK || is_refused, &heard, NULL);
  if (status == MTH_OK) check_again(context, model, train, &heard);
  mth_model_destroy(model);
  mth_train_model_destroy(train);
  mth_context_destroy(context);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t byte_count, size_t capacity, unsigned seed) {
  const size_t bytes = seed % 8 ? mth_json_mutate(data, byte_count, capacity, seed) : 0;
  return bytes ? bytes : LLVMFuzzerMutate(data, byte_count, capacity);
}
