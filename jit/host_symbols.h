// host_symbols.h: functions of this process that compiled code may call.
#ifndef MTH_JIT_HOST_SYMBOLS_H
#define MTH_JIT_HOST_SYMBOLS_H
#include "ir/registry.h"

// The address of the C library's function of this name if it is in host_symbols.def, else of the C
// kernel that an op of the registry (may be NULL) has under it, else NULL.
void *mth_host_symbol_find(const mth_registry *registry, const char *name);
#endif
