// ir_context.h: the MLIR context of one compilation.
#ifndef MTH_JIT_IR_CONTEXT_H
#define MTH_JIT_IR_CONTEXT_H
#include "ir/registry.h"
#include "mlir-c/IR.h"

// A context that knows the mithril dialect alone, threading off, the registry set: what comes from
// outside is parsed and verified by no other dialect's code.
//
// Owns     the caller destroys it with mlirContextDestroy.
// Threads  any; contexts are independent. The first call fills process-wide registries of MLIR.
MlirContext mth_ir_context_create(const mth_registry *registry);
// Lets passes make ops of every dialect that they lower to. Before any pass runs.
void mth_ir_context_open(MlirContext context);
#endif
