// kernel_equality.h: kernels that compute the same from the same, whatever they are called.
#ifndef MTH_PASSES_KERNEL_EQUALITY_H
#define MTH_PASSES_KERNEL_EQUALITY_H
#include "mlir-c/IR.h"

#include <stdbool.h>
#include <stdint.h>

// A hash of a function's ops, types, arguments and order; blind to its symbol name, to locations
// and to the names of values. Equal kernels of one context have equal hashes; it depends on
// addresses, so it may choose a bucket and nothing else.
uint64_t mth_kernel_hash(MlirOperation kernel);
bool mth_kernel_is_equal(MlirOperation a, MlirOperation b);
#endif
