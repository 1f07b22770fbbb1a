// fake_compiler.c: a library with the compiler's door and nothing behind it: what the frontend asks
// for comes back as text, and every object holds the sample program.
#define _GNU_SOURCE // memmem
#include "jit/compiler.h"
#include "test/harness/sample_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct mth_loaded {
  char unused;
};

// Programs loaded and not unloaded; a test reads it through the dynamic linker.
EXPORT extern int fake_compiler_loaded;
int fake_compiler_loaded = 0;

static mth_status compile(const mth_compile_request *request, mth_artifact *out_artifact) {
  const mth_location at = {request->sink, request->source_name};
  char text[4096];
  if (request->source_bytes == 3 && memcmp(request->source, "bad", 3) == 0)
    return mth_fail(MTH_INVALID, at, "wanted a module, found 'bad'");
  const int length =
      snprintf(text, sizeof text, "emit %d cpu %s features %s: %.*s", (int)request->emit,
               request->cpu ? request->cpu : "-", request->features ? request->features : "-",
               (int)request->source_bytes, request->source);
  if (request->dump_after) request->dump(request->dump_user, request->dump_after, "dumped", 6);
  out_artifact->byte_count = (size_t)length;
  out_artifact->bytes = mth_allocate(request->allocator, (size_t)length, 1);
  if (!out_artifact->bytes) return mth_fail(MTH_NO_MEMORY, at, "no memory for the artifact");
  memcpy(out_artifact->bytes, text, (size_t)length);
  return MTH_OK;
}

static mth_status load(const mth_registry *registry, const void *object, size_t object_bytes,
                       const char *program_name, const mth_sink *sink, mth_loaded **out_loaded,
                       const mth_program_desc **out_program) {
  static const mth_program_desc other_abi = {99, 0, "other", NULL};
  (void)registry, (void)program_name;
  if (object_bytes < 6 || memcmp(object, "emit 0", 6) != 0)
    return mth_fail(MTH_INVALID, (mth_location){sink, "object"}, "not an object");
  *out_loaded = malloc(sizeof **out_loaded);
  if (!*out_loaded) return MTH_NO_MEMORY;
  ++fake_compiler_loaded;
  const bool is_other = memmem(object, object_bytes, "other abi", 9) != NULL;
  *out_program = is_other ? &other_abi : &sample_program;
  return MTH_OK;
}

static void unload(mth_loaded *loaded) {
  --fake_compiler_loaded;
  free(loaded);
}

EXPORT const mth_compiler_api *mth_compiler_get(int32_t abi) {
  static const mth_compiler_api api = {sizeof api, MTH_COMPILER_ABI, compile, load, unload};
  return abi == MTH_COMPILER_ABI && !getenv("FAKE_COMPILER_IS_OLD") ? &api : NULL;
}
