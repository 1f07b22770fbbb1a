// named_number.c: the table.
#include "ir/named_number.h"

#include <string.h>

static const struct {
  mth_named_number named;
  const char *name;
  double of_64_bits, of_32_bits, of_16_bits;
} rows[] = {
#define MTH_NAMED_NUMBER(enumerator, number, ...) {MTH_##enumerator, __VA_ARGS__},
#include "ir/named_number.def"
#undef MTH_NAMED_NUMBER
};

enum { row_count = sizeof rows / sizeof *rows };

double mth_named_number_value(mth_named_number named, mth_dtype dtype) {
  const unsigned bits = (unsigned)mth_dtype_get(dtype)->bits;
  for (size_t i = 0; i < row_count; i++)
    if (rows[i].named == named)
      return bits == 64 ? rows[i].of_64_bits : bits == 32 ? rows[i].of_32_bits : rows[i].of_16_bits;
  return 0;
}

const char *mth_named_number_name(mth_named_number named) {
  for (size_t i = 0; i < row_count; i++)
    if (rows[i].named == named) return rows[i].name;
  return NULL;
}

mth_named_number mth_named_number_find(const char *name) {
  for (size_t i = 0; i < row_count; i++)
    if (strcmp(rows[i].name, name) == 0) return rows[i].named;
  return MTH_NOT_NAMED;
}
