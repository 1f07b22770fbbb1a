// text.c: text that grows.
#include "ir/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool grow(mth_text *text, size_t more_bytes) {
  const size_t wanted = text->byte_count + more_bytes + 1;
  if (wanted <= text->capacity_bytes) return true;
  size_t capacity = text->capacity_bytes ? text->capacity_bytes : 256;
  while (capacity < wanted) {
    if (capacity > SIZE_MAX / 2) return false;
    capacity *= 2;
  }
  char *bytes = mth_allocate_unset(text->allocator, capacity, 1);
  if (!bytes) return false;
  if (text->byte_count) memcpy(bytes, text->bytes, text->byte_count);
  mth_release(text->allocator, text->bytes);
  text->bytes = bytes;
  text->capacity_bytes = capacity;
  return true;
}

void mth_text_add(mth_text *text, const char *format, ...) {
  if (text->status != MTH_OK) return;
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  const size_t room = text->capacity_bytes - text->byte_count;
  const int length = vsnprintf(room ? text->bytes + text->byte_count : NULL, room, format, args);
  va_end(args);
  if (length < 0 || !grow(text, (size_t)length)) {
    if (room) text->bytes[text->byte_count] = 0;
    text->status = MTH_NO_MEMORY;
  } else {
    if ((size_t)length >= room)
      vsnprintf(text->bytes + text->byte_count, (size_t)length + 1, format, again);
    text->byte_count += (size_t)length;
  }
  va_end(again);
}

const char *mth_text_get(const mth_text *text) { return text->byte_count ? text->bytes : ""; }

void mth_text_deinit(mth_text *text) {
  mth_release(text->allocator, text->bytes);
  *text = MTH_TEXT_INIT(text->allocator);
}

size_t mth_put_text(char *buffer, size_t buffer_bytes, size_t used, const char *part) {
  assert(used < buffer_bytes);
  const size_t length = strnlen(part, buffer_bytes - used - 1);
  memcpy(buffer + used, part, length);
  buffer[used + length] = 0;
  return used + length;
}

size_t mth_put_number(char *buffer, size_t buffer_bytes, size_t used, size_t number) {
  char digits[24];
  char *first = digits + sizeof digits - 1;
  *first = 0;
  do
    *--first = (char)('0' + number % 10);
  while (number /= 10);
  return mth_put_text(buffer, buffer_bytes, used, first);
}
