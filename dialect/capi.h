// capi.h: what MLIR's C API lacks for our dialect and passes. The C face of capi.cpp.
#ifndef MTH_DIALECT_CAPI_H
#define MTH_DIALECT_CAPI_H
#include "mlir-c/IR.h"
#include "runtime/status.h"

#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Mithril, mithril);

// The op registry (const mth_registry *) that verifiers and passes of this context use. The dialect
// must be loaded. Set once, before any op is made; must outlive the context.
void mth_dialect_set_registry(MlirContext context, const void *registry);
const void *mth_dialect_get_registry(MlirContext context); // NULL before it is set
// Every context made from `dialects` starts with this registry: for drivers that make their own
// contexts. Contexts that set one keep theirs.
void mth_dialect_preset_registry(MlirDialectRegistry dialects, const void *registry);

// Computes constants at compile time. `module` holds one entry without arguments; the values of its
// results go to out_values, one elements attribute for each. `module` may be changed.
typedef struct mth_evaluate {
  mth_status (*run)(void *user, MlirOperation module, intptr_t count, MlirAttribute *out_values);
  void *user;
} mth_evaluate;

// What passes that fold call; without one they fold nothing. Must outlive the context.
void mth_dialect_set_evaluate(MlirContext context, const mth_evaluate *evaluate);
const mth_evaluate *mth_dialect_get_evaluate(MlirContext context); // NULL if there is none

// The verifier of every op of ours: dialect/verify.c. Called by generated code.
MlirLogicalResult mth_verify_op(MlirOperation op);

#ifdef __cplusplus
}
#endif
#endif
