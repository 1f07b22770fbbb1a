// elf_symbols.h: which symbols an object file wants from outside.
#ifndef MTH_JIT_ELF_SYMBOLS_H
#define MTH_JIT_ELF_SYMBOLS_H
#include "runtime/diagnostic.h"

#include <stddef.h>

// Called for each undefined symbol, in the object's order. `name` is lent for the call.
typedef mth_status mth_elf_symbol_fn(void *user, const char *name);

// Visits the undefined symbols of a relocatable 64-bit little-endian ELF object. Reads nothing
// outside `bytes`, whatever they hold. Stops at the first failure of `visit` and returns it.
// Fails  MTH_INVALID if the bytes are not such an object.
MTH_MUST_USE mth_status mth_elf_undefined_symbols(const void *bytes, size_t byte_count,
                                                  mth_elf_symbol_fn *visit, void *user,
                                                  mth_location at);
#endif
