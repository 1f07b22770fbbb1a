// text.h: text that grows.
#ifndef MTH_IR_TEXT_H
#define MTH_IR_TEXT_H
#include "runtime/allocator.h"
#include "runtime/status.h"

#include <stddef.h>

// Bytes with a terminating zero. Initialise with MTH_TEXT_INIT. After a failed addition the text is
// marked and further additions do nothing, so a writer checks once, at its end.
typedef struct mth_text {
  const mth_allocator *allocator;
  char *bytes; // NULL until the first addition
  size_t byte_count, capacity_bytes;
  mth_status status; // MTH_OK or MTH_NO_MEMORY
} mth_text;

#define MTH_TEXT_INIT(allocator) ((mth_text){(allocator), NULL, 0, 0, MTH_OK})

// Adds text made as by printf.
void mth_text_add(mth_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The bytes so far; "" if there are none. Lent until the next addition.
const char *mth_text_get(const mth_text *text);
void mth_text_deinit(mth_text *text);

// For small texts that are made at every call and seldom read, such as the places of reports: no
// printf. Copies `part` behind the first `used` bytes of a buffer, cut to what fits, ends it with a
// zero and returns the bytes that are used now; `used` is less than `buffer_bytes`.
size_t mth_put_text(char *buffer, size_t buffer_bytes, size_t used, const char *part);
size_t mth_put_number(char *buffer, size_t buffer_bytes, size_t used, size_t number);
#endif
