// llvm_pipeline.c: the LLVM passes we run, and why so few.
//
// Kernels come as explicit vector loops. What is left for LLVM: values out of memory, index
// arithmetic simplified and moved out of loops, the shared micro-kernels inlined where they are
// small. No loop or SLP vectoriser, no unroller: we did that, and their cost grows with code size.
#include "jit/llvm_pipeline.h"

#include "llvm-c/Analysis.h"
#include "llvm-c/Core.h"
#include "llvm-c/Error.h"
#include "llvm-c/Transforms/PassBuilder.h"

#include <stdbool.h>
#include <stddef.h>

static const char passes[] = "function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg),"
                             "globaldce,"
                             "function(loop-mssa(loop-rotate,licm),loop(indvars),early-cse<memssa>,"
                             "instcombine<no-verify-fixpoint>,simplifycfg)";

mth_status mth_llvm_optimize(LLVMModuleRef module, const mth_target *target, mth_location at) {
  char *complaint = NULL;
  const bool broken = LLVMVerifyModule(module, LLVMReturnStatusAction, &complaint);
  mth_status status = MTH_OK;
  if (broken) status = mth_fail(MTH_INTERNAL, at, "LLVM refuses the module: %s", complaint);
  LLVMDisposeMessage(complaint);
  MTH_TRY(status);

  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  LLVMErrorRef error = LLVMRunPasses(module, passes, target->machine, options);
  LLVMDisposePassBuilderOptions(options);
  if (!error) return MTH_OK;
  char *const message = LLVMGetErrorMessage(error); // consumes error
  status = mth_fail(MTH_INTERNAL, at, "LLVM's passes failed: %s", message);
  LLVMDisposeErrorMessage(message);
  return status;
}
