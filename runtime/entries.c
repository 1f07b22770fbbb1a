// entries.c: lookups in a program, its late entries.
#include "runtime/entries.h"
#include "runtime/sized.h"
#include "runtime/table_check.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The code of a late entry for some shapes. Never removed before the program is.
typedef struct specialisation {
  const mth_entry_desc *entry;
  struct specialisation *older;
} specialisation;

// A name of a port. Sorted by name within an entry.
typedef struct port_name {
  const char *name;
  int32_t port;
} port_name;

typedef struct entry_index {
  port_name *ports; // every name, then every alias that is one here, sorted together
  size_t count;
  _Atomic(specialisation *) newest;
} entry_index;

struct mth_program {
  mth_program_source source;
  const mth_allocator *allocator;
  entry_index *entries;
  pthread_mutex_t specialising;
};

static int compare_names(const void *a, const void *b) {
  return strcmp(((const port_name *)a)->name, ((const port_name *)b)->name);
}

static const port_name *find_name(const port_name *names, size_t count, const char *name) {
  const port_name key = {name, 0};
  // bsearch must not be given NULL, not even for nothing.
  return count ? bsearch(&key, names, count, sizeof key, compare_names) : NULL;
}

// Sorts an entry's ports by name, and adds the aliases that stand for one of them.
static mth_status index_entry(const mth_program *program, const mth_entry_desc *desc,
                              entry_index *index, mth_location at) {
  const size_t port_count = (size_t)desc->port_count;
  const size_t alias_count = program->source.alias_count;
  index->ports = mth_allocate(program->allocator, port_count + alias_count, sizeof *index->ports);
  if (!index->ports)
    return mth_fail(MTH_NO_MEMORY, at, "no memory for the %zu ports of entry '%s'", port_count,
                    desc->name);
  for (size_t i = 0; i < port_count; ++i)
    index->ports[i] = (port_name){desc->ports[i].name, (int32_t)i};
  qsort(index->ports, port_count, sizeof *index->ports, compare_names);
  for (size_t i = 1; i < port_count; ++i)
    if (strcmp(index->ports[i - 1].name, index->ports[i].name) == 0)
      return mth_fail(MTH_INVALID, at, "entry '%s' has two ports named '%s'", desc->name,
                      index->ports[i].name);
  index->count = port_count;
  for (size_t i = 0; i < alias_count; ++i) {
    const mth_alias alias = program->source.aliases[i];
    const port_name *port = find_name(index->ports, port_count, alias.name);
    // A name means the port that has it, even if it is an alias of another.
    if (port && !find_name(index->ports, port_count, alias.alias))
      index->ports[index->count++] = (port_name){alias.alias, port->port};
  }
  qsort(index->ports, index->count, sizeof *index->ports, compare_names);
  return MTH_OK;
}

mth_status mth_program_create(const mth_program_source *given, mth_program **out_program) {
  mth_program_source source = {0};
  MTH_TRY(mth_sized_read(given, &source, sizeof source));
  const mth_location at = {source.sink, "program"};
  MTH_TRY(mth_table_check(source.desc, source.specialise != NULL, at));
  const mth_allocator *allocator = source.allocator ? source.allocator : mth_default_allocator();
  mth_program *program = mth_allocate(allocator, 1, sizeof *program);
  if (!program) return mth_fail(MTH_NO_MEMORY, at, "no memory for program '%s'", source.desc->name);
  program->source = source;
  program->source.release = NULL; // taken only on success
  program->allocator = allocator;
  pthread_mutex_init(&program->specialising, NULL); // of the default kind: cannot fail on Linux
  const size_t entry_count = (size_t)source.desc->entry_count;
  mth_status status = MTH_OK;
  program->entries = mth_allocate(allocator, entry_count, sizeof *program->entries);
  if (!program->entries)
    status = mth_fail(MTH_NO_MEMORY, at, "no memory for program '%s'", source.desc->name);
  for (size_t i = 0; i < entry_count && status == MTH_OK; ++i)
    status = index_entry(program, &source.desc->entries[i], &program->entries[i], at);
  if (status != MTH_OK) {
    mth_program_destroy(program);
    return status;
  }
  program->source.release = source.release;
  *out_program = program;
  return MTH_OK;
}

void mth_program_destroy(mth_program *program) {
  if (!program) return;
  for (int32_t i = 0; program->entries && i < program->source.desc->entry_count; ++i) {
    specialisation *next = atomic_load(&program->entries[i].newest);
    for (specialisation *node = next; node; node = next) {
      next = node->older;
      mth_release(program->allocator, node);
    }
    mth_release(program->allocator, program->entries[i].ports);
  }
  mth_release(program->allocator, program->entries);
  pthread_mutex_destroy(&program->specialising);
  if (program->source.release) program->source.release(program->source.user);
  mth_release(program->allocator, program);
}

const mth_program_desc *mth_program_get_desc(const mth_program *program) {
  return program->source.desc;
}

int32_t mth_program_find_entry(const mth_program *program, const char *name) {
  const mth_program_desc *desc = program->source.desc;
  for (int32_t i = 0; name && i < desc->entry_count; ++i)
    if (strcmp(desc->entries[i].name, name) == 0) return i;
  return -1;
}

int32_t mth_program_find_port(const mth_program *program, int32_t entry, const char *name) {
  if (!name || entry < 0 || entry >= program->source.desc->entry_count) return -1;
  const entry_index *index = &program->entries[entry];
  const port_name *port = find_name(index->ports, index->count, name);
  return port ? port->port : -1;
}

mth_status mth_program_specialise(mth_program *program, int32_t entry, const DLTensor *const *bound,
                                  const mth_entry_desc *newest, const mth_sink *sink,
                                  const mth_entry_desc **out_entry, bool *out_is_new) {
  const mth_entry_desc *outline = &program->source.desc->entries[entry];
  char where[256];
  snprintf(where, sizeof where, "entry '%s'", outline->name);
  const mth_location at = {sink, where};
  specialisation *node = mth_allocate(program->allocator, 1, sizeof *node);
  if (!node) return mth_fail(MTH_NO_MEMORY, at, "no memory for another specialisation");
  pthread_mutex_lock(&program->specialising);
  specialisation *const older = atomic_load(&program->entries[entry].newest);
  mth_status status = MTH_OK;
  if ((older ? older->entry : NULL) == newest) {
    const mth_program_desc *desc = NULL;
    status = program->source.specialise(program->source.user, entry, bound, at, &desc);
    if (status == MTH_OK) status = mth_table_check_specialised(outline, desc, at, &node->entry);
    if (status == MTH_OK) {
      node->older = older;
      atomic_store_explicit(&program->entries[entry].newest, node, memory_order_release);
      *out_entry = node->entry;
      *out_is_new = true;
      node = NULL;
    }
  } else {
    *out_entry = older->entry;
    *out_is_new = false;
  }
  pthread_mutex_unlock(&program->specialising);
  mth_release(program->allocator, node);
  return status;
}

const mth_entry_desc *mth_program_next_specialisation(const mth_program *program, int32_t entry,
                                                      const mth_entry_desc *previous) {
  const specialisation *node =
      atomic_load_explicit(&program->entries[entry].newest, memory_order_acquire);
  if (previous) {
    while (node && node->entry != previous)
      node = node->older;
    if (node) node = node->older;
  }
  return node ? node->entry : NULL;
}

const char *mth_port_describe(const mth_entry_desc *entry, int32_t port_index, char *text,
                              size_t text_bytes) {
  const mth_port_desc *port = &entry->ports[port_index];
  const mth_dtype dtype = (mth_dtype)port->dtype;
  if (text_bytes == 0) return text;
  snprintf(text, text_bytes, "%s [%s", dtype == MTH_DTYPE_NONE ? "any type" : mth_dtype_name(dtype),
           port->rank < 0 ? "..." : "");
  for (int32_t d = 0; d < port->rank; ++d) {
    const size_t used = strlen(text);
    const char *comma = d ? ", " : "";
    if (port->dims[d] >= 0)
      snprintf(text + used, text_bytes - used, "%s%" PRId64, comma, port->dims[d]);
    else
      snprintf(text + used, text_bytes - used, "%s%s", comma, entry->computed[-1 - port->dims[d]]);
  }
  const size_t used = strlen(text);
  snprintf(text + used, text_bytes - used, "]");
  return text;
}
