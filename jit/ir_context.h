// ir_context.h: the MLIR context of one compilation.
#ifndef MTH_JIT_IR_CONTEXT_H
#define MTH_JIT_IR_CONTEXT_H
#include "ir/registry.h"
#include "mlir-c/IR.h"

// A context with every dialect that our passes make ops of, threading off, the registry set.
//
// Owns     the caller destroys it with mlirContextDestroy.
// Threads  any; contexts are independent. The first call fills process-wide registries of MLIR.
MlirContext mth_ir_context_create(const mth_registry *registry);
#endif
