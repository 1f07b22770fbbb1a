// host_symbols.c: addresses by name. Never dlsym: a static program has no symbols to ask, and a
// shared one may have others of the same name.
#include "jit/host_symbols.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// roundeven is in glibc's libm, but its header hides it from C17.
double roundeven(double);
float roundevenf(float);

typedef void any_function(void);
typedef struct row {
  const char *name;
  any_function *address;
} row;

static const row rows[] = {
#define MTH_HOST_SYMBOL(name) {#name, (any_function *)name},
#include "jit/host_symbols.def"
#undef MTH_HOST_SYMBOL
};

static int compare(const void *key, const void *element) {
  return strcmp(key, ((const row *)element)->name);
}

// A function's address as data: POSIX guarantees it, ISO C has no spelling for it.
static void *as_data(any_function *function) {
  void *data;
  memcpy(&data, &function, sizeof data);
  return data;
}

void *mth_host_symbol_find(const mth_registry *registry, const char *name) {
  const row *const found =
      bsearch(name, rows, sizeof rows / sizeof rows[0], sizeof rows[0], compare);
  if (found) return as_data(found->address);
  for (size_t i = 0; registry && i < mth_registry_count(registry); ++i) {
    const mth_op_code *const code = &mth_registry_get(registry, i)->code;
    if (code->kernel && code->kernel_symbol && strcmp(code->kernel_symbol, name) == 0)
      return as_data((any_function *)code->kernel);
  }
  return NULL;
}
