// compilation.h: mth_compiler_api.compile.
#ifndef MTH_JIT_COMPILATION_H
#define MTH_JIT_COMPILATION_H
#include "jit/compiler.h"

MTH_MUST_USE mth_status mth_compile_module(const mth_compile_request *request,
                                           mth_artifact *out_artifact);
#endif
