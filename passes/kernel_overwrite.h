// kernel_overwrite.h: whether a kernel's result may take the place of one of its operands.
#ifndef MTH_PASSES_KERNEL_OVERWRITE_H
#define MTH_PASSES_KERNEL_OVERWRITE_H
#include "mlir-c/IR.h"

#include <stdbool.h>

// True only if the kernel (form 5) is proven right when `result` is written into the very buffer of
// `operand`: each grid point reads of the operand only the element it will write, and all of it
// before it writes. Anything not understood is false; so is a kernel that is not in form 5, or
// none.
bool mth_kernel_may_overwrite(MlirOperation kernel, intptr_t operand, intptr_t result);
#endif
