// module_fuzz: any bytes as a module of the textual dialect. They compile, twice to the same bytes,
// or are refused with a status and a message.
#include "frontend/compile_text.h"
#include "test/fuzz/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t byte_count);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t byte_count, size_t capacity, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t byte_count, size_t capacity);

static void fail(const char *what, const char *message) {
  fprintf(stderr, "module_fuzz: %s\n%s\n", what, message);
  abort();
}

static void keep_message(void *user, const mth_diagnostic *diagnostic) {
  mth_diagnostic *const last = user;
  if (!*diagnostic->message) fail("a message is empty", "");
  *last = *diagnostic;
}

// How far an input goes: machine code costs a hundred times what kernels do.
static mth_emit choose_emit(const uint8_t *data, size_t byte_count) {
  unsigned sum = 0;
  for (size_t i = 0; i < byte_count; ++i)
    sum += data[i];
  return sum % 64 == 0 ? MTH_EMIT_OBJECT : sum % 8 == 0 ? MTH_EMIT_LINALG : MTH_EMIT_MLIR;
}

// Compiles once. The bytes are the caller's; none if the module was refused.
static mth_artifact compile(const uint8_t *data, size_t byte_count) {
  mth_diagnostic last = {0};
  const mth_sink sink = {keep_message, &last};
  const mth_context_options options = {.struct_bytes = sizeof options, .sink = &sink};
  mth_context *context = NULL;
  if (mth_context_create(&options, &context) != MTH_OK) fail("no context", "");
  const mth_module_text module = {(const char *)data, byte_count, "fuzz.mlir"};
  mth_artifact made = {NULL, 0};
  const mth_status status =
      mth_compile_text_to(context, &module, NULL, choose_emit(data, byte_count), &made);
  mth_context_destroy(context);
  if (status == MTH_INTERNAL) fail("a broken invariant", last.message);
  if (status != MTH_OK && !*last.message) fail("a status without a message", "");
  if (status != MTH_OK && made.bytes) fail("a result of what was refused", last.message);
  return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t byte_count) {
  const mth_artifact first = compile(data, byte_count);
  if (!first.bytes) return 0;
  const mth_artifact second = compile(data, byte_count);
  if (second.byte_count != first.byte_count ||
      memcmp(first.bytes, second.bytes, first.byte_count) != 0)
    fail("two compilations differ", "");
  mth_release(mth_default_allocator(), second.bytes);
  mth_release(mth_default_allocator(), first.bytes);
  return 0;
}

// Bytes alone rarely make another module of a module: three of four mutations are of words.
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t byte_count, size_t capacity, unsigned seed) {
  if (seed % 4 == 0) return LLVMFuzzerMutate(data, byte_count, capacity);
  return mth_words_mutate(data, byte_count, capacity, seed);
}
