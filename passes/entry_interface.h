// entry_interface.h: what the caller of an entry sees: its ports in the order of the program table,
// its symbols, its computed dims. One reading for the planner, the code and the table.
#ifndef MTH_PASSES_ENTRY_INTERFACE_H
#define MTH_PASSES_ENTRY_INTERFACE_H
#include "ir/op.h"
#include "mlir-c/IR.h"

typedef struct mth_entry_port {
  const char *name;
  mth_role role;
  mth_type type;
  mth_init init;
  int32_t argument; // index of the entry's argument, -1 for MTH_OUT
  int32_t result;   // index of the entry's result, -1 for MTH_IN and a state that is only read
} mth_entry_port;

typedef struct mth_entry_symbol {
  const char *name;
  int32_t port, dim; // where its value is read
} mth_entry_symbol;

typedef struct mth_entry_interface {
  const char *name;
  size_t port_count, symbol_count, computed_count;
  const mth_entry_port *ports; // in, then state, then out; each in the entry's order
  const mth_entry_symbol *symbols;
  const mth_dim *const *computed; // every port dim that is not a number, once
  const int32_t *port_of_argument, *port_of_result;
} mth_entry_interface;

// Reads the interface of a `mithril.entry` whose types are inferred.
//
// Owns   arrays and names belong to `arena`, dims to `dims`.
// Fails  MTH_INVALID: a port without a name, two ports of one name, a state port whose
//        result is of another type, a wrong initialiser; MTH_UNSUPPORTED: a symbol that no input's
//        dim is.
MTH_MUST_USE mth_status mth_entry_interface_read(MlirOperation entry, mth_dim_table *dims,
                                                 mth_arena *arena,
                                                 mth_entry_interface *out_interface);

// Calls `visit` for each entry of a module, in order, with one table and one arena for all, which
// die with the call; stops at the first failure.
typedef mth_status mth_entry_visit_fn(MlirOperation module, MlirOperation entry,
                                      mth_dim_table *dims, mth_arena *arena);
MTH_MUST_USE mth_status mth_entry_visit_all(MlirOperation module, mth_entry_visit_fn *visit);

// The index of `symbol` among the entry's symbols, or -1.
int32_t mth_entry_symbol_index(const mth_entry_interface *interface, const char *symbol);
#endif
