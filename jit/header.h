// header.h: the C header of a program that is compiled ahead of time.
#ifndef MTH_JIT_HEADER_H
#define MTH_JIT_HEADER_H
#include "ir/text.h"
#include "jit/program_table.h"

// Writes a header that needs nothing but libc: for each entry a struct of typed pointers under the
// ports' names, the workspace's bytes, and a function that runs it on the calling thread. C11 and
// C++. The module's kernels are in the LLVM dialect, its entries are planned.
//
// Fails  MTH_NO_MEMORY, and as mth_launches_scratch.
MTH_MUST_USE mth_status mth_header_write(MlirOperation module, const mth_program_interface *program,
                                         mth_dim_table *dims, mth_arena *arena, mth_text *into);
#endif
