// compiler_library.h: libmithril_compiler, opened when something must be compiled.
#ifndef MTH_FRONTEND_COMPILER_LIBRARY_H
#define MTH_FRONTEND_COMPILER_LIBRARY_H
#include "jit/compiler.h"

// The compiler: the library that the environment variable MITHRIL_COMPILER names, else the
// libmithril_compiler.so beside libmithril, else the one the dynamic linker finds. It stays in the
// process from then on; opening it again costs a look-up.
//
// Threads  any number at once.
// Fails    MTH_INVALID if there is none, or it is of another version.
MTH_MUST_USE mth_status mth_compiler_open(mth_location at, const mth_compiler_api **out_api);
#endif
