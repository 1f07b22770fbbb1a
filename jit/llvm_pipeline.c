// llvm_pipeline.c: the LLVM passes we run, and why so few.
//
// Kernels come as explicit vector loops. What is left for LLVM: descriptors out of memory, equal
// address arithmetic merged and moved out of loops. No vectoriser, no unroller, no second round:
// `default<O2>` takes 15 times as long, doubles the code, and runs row softmax at half the speed.
#include "jit/llvm_pipeline.h"

#include "llvm-c/Analysis.h"
#include "llvm-c/Core.h"
#include "llvm-c/Error.h"
#include "llvm-c/Transforms/PassBuilder.h"

#include <stdbool.h>
#include <stddef.h>

static const char passes[] =
    "function(sroa,early-cse,instcombine<no-verify-fixpoint>,loop-mssa(licm),simplifycfg)";

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
