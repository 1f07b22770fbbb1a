// json_file.c: documents in files.
#include "frontend/json.h"

#include "frontend/json_reader.h"

#include "ir/graph.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static mth_status read_bytes(mth_context *context, FILE *file, char **out_bytes,
                             size_t *out_count) {
  size_t capacity = 0, count = 0;
  char *bytes = NULL;
  do {
    char *larger = mth_allocate(context->allocator, capacity ? capacity * 2 : 65536, 1);
    if (larger && count) memcpy(larger, bytes, count);
    mth_release(context->allocator, bytes);
    bytes = larger;
    if (!bytes) return MTH_NO_MEMORY;
    capacity = capacity ? capacity * 2 : 65536;
    count += fread(bytes + count, 1, capacity - count, file);
  } while (count == capacity);
  *out_bytes = bytes;
  *out_count = count;
  return MTH_OK;
}

// Of the two results one may be NULL: then the document must be of the other kind.
static mth_status read_file(mth_context *context, const char *path, mth_model **out_model,
                            mth_train_model **out_train) {
  const mth_location at = {&context->sink, path};
  char *bytes = NULL;
  size_t count = 0;
  FILE *file = fopen(path, "rb");
  if (!file) return mth_fail(MTH_INVALID, at, "cannot be read: %s", strerror(errno));
  mth_status status = read_bytes(context, file, &bytes, &count);
  const bool has_failed = ferror(file) != 0;
  const int error = errno;
  fclose(file);
  if (status != MTH_OK)
    status = mth_fail(status, at, "no memory to read it");
  else if (has_failed)
    status = mth_fail(MTH_INVALID, at, "cannot be read: %s", strerror(error));
  else
    status = mth_json_read_text(context, path, bytes, count, out_model, out_train);
  mth_release(context->allocator, bytes);
  return status;
}

mth_status mth_read_json_file(mth_context *context, const char *path, mth_model **out_model) {
  if (!context || !path || !out_model) return MTH_INVALID; // there is nobody to report to
  return read_file(context, path, out_model, NULL);
}

mth_status mth_read_json_train_file(mth_context *context, const char *path,
                                    mth_train_model **out_train) {
  if (!context || !path || !out_train) return MTH_INVALID; // there is nobody to report to
  return read_file(context, path, NULL, out_train);
}

mth_status mth_read_json_any_file(mth_context *context, const char *path, mth_model **out_model,
                                  mth_train_model **out_train) {
  if (!context || !path || !out_model || !out_train)
    return MTH_INVALID; // there is nobody to report to
  return read_file(context, path, out_model, out_train);
}
