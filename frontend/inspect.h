// inspect.h: a program in words. Public.
#ifndef MTH_FRONTEND_INSPECT_H
#define MTH_FRONTEND_INSPECT_H
#include "ir/text.h"
#include "runtime/entries.h"

// The value of one symbol of an entry, for whoever has no tensors to read it from.
typedef struct mth_symbol_value {
  const char *name;
  int64_t value;
} mth_symbol_value;

// Adds entries, ports, symbols, launches and memory of a program to `text`. Memory that depends on
// symbols is told for `values`, where they give every symbol of the entry.
void mth_inspect_program(const mth_program *program, const mth_symbol_value *values,
                         size_t value_count, mth_text *text);

// Looks up every symbol of an entry by name, in the entry's order. Unnamed symbols are "?0", "?1".
//
// Fails  MTH_INVALID, naming a symbol that has no value or a negative one.
MTH_MUST_USE mth_status mth_symbols_read(const mth_entry_desc *entry,
                                         const mth_symbol_value *values, size_t value_count,
                                         mth_location at, int64_t *out_symbols);
#endif
