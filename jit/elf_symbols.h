// elf_symbols.h: which symbols an object file has and wants.
#ifndef MTH_JIT_ELF_SYMBOLS_H
#define MTH_JIT_ELF_SYMBOLS_H
#include "runtime/diagnostic.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct mth_elf_symbol {
  const char *name; // lent for the call; not empty
  bool defined;     // else the object wants it from outside
  bool global;      // else others cannot see it
} mth_elf_symbol;

// Called for each symbol that has a name, in the object's order.
typedef mth_status mth_elf_symbol_fn(void *user, const mth_elf_symbol *symbol);

// Visits the symbols of a relocatable 64-bit little-endian ELF object. Reads nothing outside
// `bytes`, whatever they hold. Stops at the first failure of `visit` and returns it.
// Fails  MTH_INVALID if the bytes are not such an object.
MTH_MUST_USE mth_status mth_elf_visit_symbols(const void *bytes, size_t byte_count,
                                              mth_elf_symbol_fn *visit, void *user,
                                              mth_location at);
#endif
