// sized.c: reading structs that may grow.
#include "runtime/sized.h"

#include <string.h>

mth_status mth_sized_read(const void *given, void *out, size_t out_bytes) {
  if (!given) return MTH_OK;
  size_t given_bytes;
  memcpy(&given_bytes, given, sizeof given_bytes);
  if (given_bytes < sizeof given_bytes || given_bytes > out_bytes) return MTH_INVALID;
  memcpy(out, given, given_bytes);
  return MTH_OK;
}
