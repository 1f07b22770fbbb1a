// compiler_library.c: finding and opening libmithril_compiler.
//
// Nothing is kept here: the dynamic linker knows what is open, so that asking it again is cheap and
// there is no state to guard.
#define _GNU_SOURCE // dladdr, secure_getenv
#include "frontend/compiler_library.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const library_name = "libmithril_compiler.so";

// Writes the path of `library_name` in the folder of libmithril. False if there is no such file.
static bool find_beside_us(char *path, size_t path_bytes) {
  Dl_info us;
  if (!dladdr((void *)(uintptr_t)&library_name, &us) || !us.dli_fname) return false;
  const char *slash = strrchr(us.dli_fname, '/');
  const int folder = slash ? (int)(slash - us.dli_fname) : 1;
  const int length =
      snprintf(path, path_bytes, "%.*s/%s", folder, slash ? us.dli_fname : ".", library_name);
  return length > 0 && (size_t)length < path_bytes && access(path, R_OK) == 0;
}

mth_status mth_compiler_open(mth_location at, const mth_compiler_api **out_api) {
  char beside[PATH_MAX];
  const char *path = secure_getenv("MITHRIL_COMPILER");
  if (!path || !*path) path = find_beside_us(beside, sizeof beside) ? beside : library_name;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    const char *why = dlerror();
    return mth_fail(MTH_INVALID, at,
                    "the compiler cannot be opened: %s (MITHRIL_COMPILER may "
                    "name another)",
                    why ? why : path);
  }
  void *symbol = dlsym(library, "mth_compiler_get");
  const mth_compiler_api *(*get)(int32_t) = NULL;
  memcpy(&get, &symbol, sizeof get); // ISO C has no cast from data to function pointers
  const mth_compiler_api *api = get ? get(MTH_COMPILER_ABI) : NULL;
  mth_status status = MTH_OK;
  if (!get)
    status = mth_fail(MTH_INVALID, at, "'%s' is not Mithril's compiler", path);
  else if (!api || api->abi != MTH_COMPILER_ABI || api->struct_bytes < sizeof *api)
    status = mth_fail(MTH_INVALID, at, "the compiler '%s' is of another version, wanted ABI %d",
                      path, MTH_COMPILER_ABI);
  dlclose(library); // RTLD_NODELETE: it stays
  if (status == MTH_OK) *out_api = api;
  return status;
}
