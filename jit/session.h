// session.h: object bytes made executable in this process.
#ifndef MTH_JIT_SESSION_H
#define MTH_JIT_SESSION_H
#include "jit/compiler.h"

// mth_compiler_api.load and .unload.
MTH_MUST_USE mth_status mth_session_load(const mth_registry *registry, const void *object,
                                         size_t object_bytes, const char *program_name,
                                         const mth_sink *sink, mth_loaded **out_loaded,
                                         const mth_program_desc **out_program);
void mth_session_unload(mth_loaded *loaded);
#endif
