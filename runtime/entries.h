// entries.h: a program as its callers see it: entries and ports, found by name. Public.
//
// One mth_program stands for an object linked in (its `<program>_program` table), for one loaded at
// run time, and for a late one, whose code is made at the first run with new shapes.
#ifndef MTH_RUNTIME_ENTRIES_H
#define MTH_RUNTIME_ENTRIES_H
#include "runtime/allocator.h"
#include "runtime/diagnostic.h"
#include "runtime/dlpack.h"
#include "runtime/program.h"

typedef struct mth_program mth_program;

// Another name of ports, wherever one is looked up: "layer1_0_bn1_bias" for "bias_3".
typedef struct mth_alias {
  const char *alias, *name;
} mth_alias;

// Makes the code of a late entry for the shapes of `bound`: one tensor per port in the outline's
// order, NULL where nothing is bound yet; only dtype, rank and shape may be read. Writes a table
// whose entry of the same name has the same ports in the same order. The table lives until the
// source is released. Reports its failures at `at`.
//
// Threads  never called twice at once for one program.
typedef mth_status mth_specialise_fn(void *user, int32_t entry_index, const DLTensor *const *bound,
                                     mth_location at, const mth_program_desc **out_desc);

// Where a program comes from.
typedef struct mth_program_source {
  size_t struct_bytes; // sizeof(mth_program_source)
  // The table. An entry whose `run` is NULL is late: its ports have name, role and init; a port of
  // rank -1 has an unknown shape, one of dtype MTH_DTYPE_NONE an unknown element type.
  const mth_program_desc *desc;
  mth_specialise_fn *specialise; // needed if an entry is late, else may be NULL
  void (*release)(void *user);   // NULL, or called once when the program is destroyed
  void *user;
  size_t alias_count;
  const mth_alias *aliases;       // must live as long as the program
  const mth_allocator *allocator; // NULL: the C heap
  const mth_sink *sink;           // NULL: reports are dropped
} mth_program_source;

// Makes a program after checking its whole table.
//
// Owns   takes `source` (that is, calls its `release` one day) only on success. The table and the
//        aliases stay the source's.
// Fails  MTH_INVALID if the table is of another ABI or contradicts itself, MTH_NO_MEMORY.
MTH_MUST_USE mth_status mth_program_create(const mth_program_source *source,
                                           mth_program **out_program);
// Its calls and parameter sets must be gone. NULL is ignored.
void mth_program_destroy(mth_program *program);

const mth_program_desc *mth_program_get_desc(const mth_program *program);
// The entry of that name, or -1.
int32_t mth_program_find_entry(const mth_program *program, const char *name);
// The port of that name or alias in an entry, or -1.
int32_t mth_program_find_port(const mth_program *program, int32_t entry_index, const char *name);

// Makes the code of a late entry; see mth_specialise_fn. One thread at a time; others wait.
// `newest` is the newest specialisation that the caller looked at, or NULL: if meanwhile another
// thread has made one, that is the result, nothing is compiled, and `out_is_new` is false.
//
// Owns   the result is lent and lives as long as the program.
// Fails  what the callback fails with; MTH_INVALID if its table is not one of that entry.
MTH_MUST_USE mth_status mth_program_specialise(mth_program *program, int32_t entry_index,
                                               const DLTensor *const *bound,
                                               const mth_entry_desc *newest, const mth_sink *sink,
                                               const mth_entry_desc **out_entry, bool *out_is_new);
// Walks the specialisations of a late entry, newest first: `previous` NULL gives the first, and
// NULL is the end. Lock-free.
const mth_entry_desc *mth_program_next_specialisation(const mth_program *program,
                                                      int32_t entry_index,
                                                      const mth_entry_desc *previous);

// Writes what a port wants, "f32 [B, 784]", cut to `text_bytes`; returns text.
const char *mth_port_describe(const mth_entry_desc *entry, int32_t port_index, char *text,
                              size_t text_bytes);
#endif
