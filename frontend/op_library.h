// op_library.h: ops from a shared library of one's own. Public. docs/add-an-op.md explains it.
#ifndef MTH_FRONTEND_OP_LIBRARY_H
#define MTH_FRONTEND_OP_LIBRARY_H
#include "ir/context.h"

// What a library of ops holds. It exports one function that lends it:
//   const mth_op_library *mth_op_library_get(void);
typedef struct mth_op_library {
  size_t struct_bytes;      // sizeof(mth_op_library)
  int32_t abi;              // MTH_OP_ABI, what it was compiled against
  const mth_op *const *ops; // may use one another, in any order
  size_t op_count;
} mth_op_library;
typedef const mth_op_library *mth_op_library_get_fn(void);

// Opens a library, which stays in the process, and adds its ops: all of them or none.
//
// Fails  MTH_INVALID, at the path: it cannot be opened, is no library of ops or of another version;
//        as mth_registry_add.
MTH_MUST_USE mth_status mth_load_op_library(mth_context *context, const char *path);
// The same for a registry that has no context.
MTH_MUST_USE mth_status mth_registry_load_library(mth_registry *registry, const char *path,
                                                  const mth_sink *sink);
#endif
