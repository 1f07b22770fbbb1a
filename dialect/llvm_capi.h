// llvm_capi.h: what LLVM's C API lacks for choosing a target. The C face of llvm_capi.cpp.
#ifndef MTH_DIALECT_LLVM_CAPI_H
#define MTH_DIALECT_LLVM_CAPI_H
#include "llvm-c/TargetMachine.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif

// Whether the machine's architecture has a processor, or a feature ("avx2", no sign), of this name.
// LLVM itself prints a warning for an unknown name, then ignores it.
bool mth_llvm_knows_cpu(LLVMTargetMachineRef machine, const char *cpu);
bool mth_llvm_knows_feature(LLVMTargetMachineRef machine, const char *feature);
// Whether this machine has the feature, by its processor or by its feature string.
bool mth_llvm_has_feature(LLVMTargetMachineRef machine, const char *feature);

#ifdef __cplusplus
}
#endif
#endif
