// capi.h: what MLIR's C API lacks for our dialect and passes. The C face of capi.cpp.
#ifndef MTH_DIALECT_CAPI_H
#define MTH_DIALECT_CAPI_H
#include "mlir-c/IR.h"
#ifdef __cplusplus
extern "C" {
#endif

MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Mithril, mithril);

// The op registry (const mth_registry *) that verifiers and passes of this context use. The dialect
// must be loaded. Set once, before any op is made; must outlive the context.
void mth_dialect_set_registry(MlirContext context, const void *registry);
const void *mth_dialect_get_registry(MlirContext context); // NULL before it is set

// The verifier of every op of ours: dialect/verify.c. Called by generated code.
MlirLogicalResult mth_verify_op(MlirOperation op);

#ifdef __cplusplus
}
#endif
#endif
