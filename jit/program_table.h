// program_table.h: the read-only tables that tell callers what a program's entries are.
#ifndef MTH_JIT_PROGRAM_TABLE_H
#define MTH_JIT_PROGRAM_TABLE_H
#include "passes/entry_interface.h"
#include "llvm-c/Types.h"

typedef struct mth_program_interface {
  const char *name;
  size_t entry_count;
  const mth_entry_interface *entries;
} mth_program_interface;

// Reads the interfaces of a module's entries; before entry-to-llvm, which takes the entries away.
//
// Owns   as mth_entry_interface_read.
// Fails  as mth_entry_interface_read; MTH_INVALID for a module without entries, a name that is not
//        a C identifier, and for entries whose symbols would be equal ("a" and "a_sizes").
MTH_MUST_USE mth_status mth_program_interface_read(MlirOperation module, mth_dim_table *dims,
                                                   mth_arena *arena,
                                                   mth_program_interface *out_interface);

// Adds the constants of runtime/program.h to a module that has the functions and launch
// descriptions of entry-to-llvm and a data layout, under the symbol `<program>_program`.
// Fails  MTH_NO_MEMORY; the module is then not to be used.
MTH_MUST_USE mth_status mth_program_table_add(LLVMModuleRef module, mth_dim_table *dims,
                                              mth_arena *arena,
                                              const mth_program_interface *program);

// Whether a symbol of the program is seen from outside: the table, and each entry's two functions.
bool mth_program_exports(const mth_program_interface *program, const char *symbol);
#endif
