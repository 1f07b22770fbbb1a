// dim_fuzz: any bytes as the text of a dim. What is accepted reads back from its own text as the
// same object, and evaluates or refuses.
#include "ir/dim.h"
#include "runtime/allocator.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t byte_count);

static bool value_of(void *user, const char *symbol, int64_t *out_value) {
  (void)user;
  *out_value = (int64_t)strlen(symbol) - 1;
  return true;
}

static bool largest(void *user, const char *symbol, int64_t *out_value) {
  (void)user, (void)symbol;
  *out_value = INT64_MAX;
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t byte_count) {
  mth_dim_table *table;
  if (mth_dim_table_create(mth_default_allocator(), &table) != MTH_OK) return 0;
  char *const text = malloc(byte_count + 1);
  memcpy(text, data, byte_count);
  text[byte_count] = 0;
  const mth_location nowhere = {NULL, NULL};
  const mth_dim *dim, *again;
  if (mth_dim_parse(table, text, nowhere, &dim) == MTH_OK) {
    if (mth_dim_parse(table, mth_dim_text(table, dim), nowhere, &again) != MTH_OK) abort();
    if (again != dim) abort();
    int64_t value;
    (void)mth_dim_evaluate(dim, value_of, NULL, &value);
    (void)mth_dim_evaluate(dim, largest, NULL, &value);
  }
  free(text);
  mth_dim_table_destroy(table);
  return 0;
}
