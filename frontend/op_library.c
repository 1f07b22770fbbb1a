// op_library.c: opening libraries of ops.
#include "frontend/op_library.h"

#include <dlfcn.h>
#include <string.h>

mth_status mth_registry_load_library(mth_registry *registry, const char *path,
                                     const mth_sink *sink) {
  const mth_location at = {sink, path};
  if (!path || !*path) return mth_fail(MTH_INVALID, at, "wanted the path of a library of ops");
  void *const library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    const char *const why = dlerror();
    return mth_fail(MTH_INVALID, at, "the library cannot be opened: %s", why ? why : path);
  }
  void *const symbol = dlsym(library, "mth_op_library_get");
  mth_op_library_get_fn *get = NULL;
  memcpy(&get, &symbol, sizeof get); // ISO C has no cast from data to function pointers
  const mth_op_library *const found = get ? get() : NULL;
  mth_status status;
  if (!found)
    status = mth_fail(MTH_INVALID, at, "it is no library of ops: it has no mth_op_library_get");
  else if (found->struct_bytes != sizeof *found || found->abi != MTH_OP_ABI)
    status = mth_fail(MTH_INVALID, at,
                      "wanted a library of ops of abi %d and %zu bytes, found abi %d and %zu bytes",
                      MTH_OP_ABI, sizeof *found, found->abi, found->struct_bytes);
  else
    status = mth_registry_add_all(registry, found->ops, found->op_count, at);
  dlclose(library); // RTLD_NODELETE: it stays
  return status;
}

mth_status mth_load_op_library(mth_context *context, const char *path) {
  return mth_registry_load_library(mth_context_registry(context), path, mth_context_sink(context));
}
