// mlir_outline.h: what is known of the ports of a program's entries before all shapes are. Private
// to the writer.
//
// A writer with an outline lets unknown shapes pass and notes each port; what it writes is thrown
// away.
#ifndef MTH_FRONTEND_MLIR_OUTLINE_H
#define MTH_FRONTEND_MLIR_OUTLINE_H
#include "ir/dim.h"
#include "ir/op.h"
#include "runtime/arena.h"

#include <stdbool.h>

typedef struct mth_mlir_outline_port {
  mth_port_desc desc;
  struct mth_mlir_outline_port *next;
} mth_mlir_outline_port;

// The ports of the entry that is being written, in its order.
typedef struct mth_mlir_outline {
  mth_arena *arena; // of whoever asked for the outline
  mth_mlir_outline_port *first, *last;
  int32_t port_count;
  bool is_late; // some shape of the entry is not known
} mth_mlir_outline;

// Notes a port. A type of rank -1, or with a dim that is no number, is noted as unknown. `init` may
// be NULL. An out port with the name of a state is that state's new value, and not noted.
MTH_MUST_USE mth_status mth_mlir_outline_add(mth_mlir_outline *outline, const char *name,
                                             mth_role role, const mth_type *type,
                                             const mth_init *init);

// Makes the row of the entry: in, then state, then out, each in order. Ready for the next entry.
MTH_MUST_USE mth_status mth_mlir_outline_finish(mth_mlir_outline *outline, const char *name,
                                                mth_entry_desc *out_entry, bool *out_is_late);
#endif
