// llvm_pipeline.h: LLVM's own passes, few and cheap, over code that is already vectorised.
#ifndef MTH_JIT_LLVM_PIPELINE_H
#define MTH_JIT_LLVM_PIPELINE_H
#include "jit/target.h"

#include "llvm-c/Types.h"

// Optimises the module in place for the target.
// Fails  MTH_INTERNAL if LLVM refuses the pipeline or its verifier refuses the module.
MTH_MUST_USE mth_status mth_llvm_optimize(LLVMModuleRef module, const mth_target *target,
                                          mth_location at);
#endif
