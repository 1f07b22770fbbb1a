// target.h: the machine that code is made for, and what schedules must know of it.
#ifndef MTH_JIT_TARGET_H
#define MTH_JIT_TARGET_H
#include "passes/pipeline.h"
#include "runtime/diagnostic.h"
#include "llvm-c/TargetMachine.h"

typedef struct mth_target {
  LLVMTargetMachineRef machine;
  mth_register_tiles tiles;
} mth_target;

// The target of this process's architecture with processor `cpu` ("native" or NULL: the one we run
// on) and `features` ("+avx2,-fma", or NULL: nothing beyond the processor's).
// Owns     the machine, freed by mth_target_deinit.
// Threads  any; the first call registers LLVM's target for the process.
// Fails    MTH_INVALID for a processor or feature that LLVM does not know.
MTH_MUST_USE mth_status mth_target_init(mth_target *target, const char *cpu, const char *features,
                                        mth_location at);
void mth_target_deinit(mth_target *target);
#endif
