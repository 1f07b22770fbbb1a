// c_kernel.h: kernels that are C functions of ops.
#ifndef MTH_PASSES_C_KERNEL_H
#define MTH_PASSES_C_KERNEL_H
#include "runtime/arena.h"
#include "runtime/status.h"

#include "mlir-c/IR.h"

// The C function's symbol if the mithril.kernel is one op that is a C kernel, or NULL.
const char *mth_c_kernel_of(MlirOperation kernel);

// Replaces such a mithril.kernel by a declaration, and its launches by ones with the operands of
// the op, a repeated one repeated, and with all dims of the op's operands and results.
MTH_MUST_USE mth_status mth_c_kernel_declare(MlirOperation module, MlirOperation kernel,
                                             mth_arena *arena);
#endif
