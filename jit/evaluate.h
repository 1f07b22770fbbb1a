// evaluate.h: computing constants while compiling, by the code that would compute them at run time.
#ifndef MTH_JIT_EVALUATE_H
#define MTH_JIT_EVALUATE_H
#include "dialect/capi.h"
#include "ir/registry.h"
#include "jit/target.h"

// Zero-initialise, then fill the fields above the line.
typedef struct mth_evaluator {
  const mth_registry *registry;
  mth_location at;
  // --------
  mth_target target; // this machine, whatever is compiled for; made when it is first needed
} mth_evaluator;

// mth_evaluate.run of dialect/capi.h; `evaluator` is a mth_evaluator.
//
// Numbers  what this machine would compute at run time.
// Threads  as the module's context.
mth_status mth_evaluate_module(void *evaluator, MlirOperation module, intptr_t count,
                               MlirAttribute *out_values);
void mth_evaluator_deinit(mth_evaluator *evaluator);
#endif
