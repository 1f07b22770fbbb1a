// llvm_capi.cpp: questions about a target machine, which LLVM's C API cannot ask.
#include "dialect/llvm_capi.h"

#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Target/TargetMachine.h"

static const llvm::MCSubtargetInfo &subtargetOf(LLVMTargetMachineRef machine) {
  return *reinterpret_cast<llvm::TargetMachine *>(machine)->getMCSubtargetInfo();
}

extern "C" bool mth_llvm_knows_cpu(LLVMTargetMachineRef machine, const char *cpu) {
  return subtargetOf(machine).isCPUStringValid(cpu);
}

extern "C" bool mth_llvm_knows_feature(LLVMTargetMachineRef machine, const char *feature) {
  for (const llvm::SubtargetFeatureKV &known : subtargetOf(machine).getAllProcessorFeatures())
    if (llvm::StringRef(known.Key) == feature) return true;
  return false;
}

extern "C" bool mth_llvm_has_feature(LLVMTargetMachineRef machine, const char *feature) {
  return subtargetOf(machine).checkFeatures((llvm::Twine("+") + feature).str());
}
