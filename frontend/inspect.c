// inspect.c: a program in words.
#include "frontend/inspect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *role_name(int32_t role) {
  return role == MTH_IN ? "in" : role == MTH_STATE ? "state" : "out";
}

static void add_init(const mth_port_desc *port, mth_text *text) {
  const mth_init init = port->init;
  if (init.kind == MTH_INIT_CONSTANT) mth_text_add(text, "  starts at %g", init.a);
  if (init.kind == MTH_INIT_UNIFORM)
    mth_text_add(text, "  starts uniform in [%g, %g)", init.a, init.b);
  if (init.kind == MTH_INIT_NORMAL)
    mth_text_add(text, "  starts normal, mean %g, deviation %g", init.a, init.b);
}

static const char *symbol_name(const mth_entry_desc *entry, int32_t index) {
  const mth_symbol_desc *symbol = &entry->symbols[index];
  if (*symbol->name) return symbol->name;
  // A symbol without a name stands in the text of its dim.
  const int64_t dim = entry->ports[symbol->port].dims[symbol->dim];
  return dim < 0 ? entry->computed[-1 - dim] : "?";
}

mth_status mth_symbols_read(const mth_entry_desc *entry, const mth_symbol_value *values,
                            size_t value_count, mth_location at, int64_t *out_symbols) {
  for (int32_t s = 0; s < entry->symbol_count; ++s) {
    const char *name = symbol_name(entry, s);
    const mth_symbol_value *found = NULL;
    for (size_t v = 0; v < value_count && !found; ++v)
      if (strcmp(values[v].name, name) == 0) found = &values[v];
    if (!found)
      return mth_fail(MTH_INVALID, at, "the dim %s of entry '%s' has no value", name, entry->name);
    if (found->value < 0)
      return mth_fail(MTH_INVALID, at, "the dim %s of entry '%s' is %" PRId64 ", wanted 0 or more",
                      name, entry->name, found->value);
    out_symbols[s] = found->value;
  }
  return MTH_OK;
}

// Memory of one run, if `values` give all symbols.
static void add_memory(const mth_entry_desc *entry, const mth_symbol_value *values,
                       size_t value_count, mth_text *text) {
  const mth_allocator *allocator = text->allocator;
  int64_t *symbols = mth_allocate(allocator, (size_t)entry->symbol_count, sizeof *symbols);
  int64_t *sizes = mth_allocate(allocator, (size_t)entry->computed_count + 2, sizeof *sizes);
  if (!symbols || !sizes)
    text->status = MTH_NO_MEMORY;
  else if (mth_symbols_read(entry, values, value_count, (mth_location){0}, symbols) != MTH_OK)
    mth_text_add(text, "  workspace depends on the dims\n");
  else if (entry->sizes(symbols, sizes) != MTH_OK)
    mth_text_add(text, "  workspace beyond 63 bits\n");
  else
    mth_text_add(text, "  workspace %" PRId64 " bytes, and %" PRId64 " bytes of each worker\n",
                 sizes[0], sizes[1]);
  mth_release(allocator, symbols);
  mth_release(allocator, sizes);
}

static void add_entry(const mth_entry_desc *entry, const mth_symbol_value *values,
                      size_t value_count, mth_text *text) {
  int longest = 0;
  for (int32_t p = 0; p < entry->port_count; ++p) {
    const int length = (int)strlen(entry->ports[p].name);
    if (length > longest) longest = length;
  }
  mth_text_add(text, "entry %s%s\n", entry->name, entry->run ? "" : ", made at the first run");
  for (int32_t p = 0; p < entry->port_count; ++p) {
    char type[512];
    mth_text_add(text, "  %-5s  %-*s  %s", role_name(entry->ports[p].role), longest,
                 entry->ports[p].name, mth_port_describe(entry, p, type, sizeof type));
    add_init(&entry->ports[p], text);
    mth_text_add(text, "\n");
  }
  for (int32_t s = 0; s < entry->symbol_count; ++s)
    mth_text_add(text, "  %s is dim %d of %s\n", symbol_name(entry, s), (int)entry->symbols[s].dim,
                 entry->ports[entry->symbols[s].port].name);
  for (int32_t l = 0; l < entry->launch_count; ++l) {
    const mth_launch_desc *launch = entry->launches[l];
    mth_text_add(text, "  launch %d  %s, tiles of", (int)l, launch->kernel);
    for (int32_t d = 0; d < launch->grid_rank; ++d)
      mth_text_add(text, "%s%" PRId64, d ? " x " : " ", launch->block[d]);
    mth_text_add(text, "\n");
  }
  if (entry->run) add_memory(entry, values, value_count, text);
}

void mth_inspect_program(const mth_program *program, const mth_symbol_value *values,
                         size_t value_count, mth_text *text) {
  const mth_program_desc *desc = mth_program_get_desc(program);
  mth_text_add(text, "program %s\n", desc->name);
  for (int32_t e = 0; e < desc->entry_count; ++e)
    add_entry(&desc->entries[e], values, value_count, text);
}
