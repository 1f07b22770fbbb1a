// object.h: from the LLVM dialect to object bytes.
#ifndef MTH_JIT_OBJECT_H
#define MTH_JIT_OBJECT_H
#include "ir/registry.h"
#include "jit/program_table.h"
#include "jit/target.h"

// An LLVM context whose errors go to `at`'s sink. LLVM's own handler would end the process.
//
// Owns   the caller disposes of it; `at` must outlive it.
LLVMContextRef mth_llvm_context_create(const mth_location *at);

// Lowers the entries of a module whose kernels are in the LLVM dialect, translates it, adds the
// program's table, makes everything internal that the program does not export, and runs LLVM's
// passes.
//
// Owns   the caller disposes of *out_module before `context`; names in *out_program belong to
//        `arena`, dims to `dims`.
// Fails  as the passes and mth_program_interface_read do; MTH_INTERNAL if LLVM refuses the module.
MTH_MUST_USE mth_status mth_object_lower(mth_pipeline *pipeline, const mth_target *target,
                                         mth_dim_table *dims, mth_arena *arena,
                                         LLVMContextRef context, mth_location at,
                                         mth_program_interface *out_program,
                                         LLVMModuleRef *out_module);

// Generates code: a relocatable object, or assembly if `as_text`. Equal modules give equal bytes.
//
// Owns   the caller disposes of *out_bytes.
// Fails  MTH_UNSUPPORTED if the object wants a function that neither libc nor `registry` has.
MTH_MUST_USE mth_status mth_object_generate(LLVMModuleRef module, const mth_target *target,
                                            const mth_registry *registry, bool as_text,
                                            mth_location at, LLVMMemoryBufferRef *out_bytes);
#endif
