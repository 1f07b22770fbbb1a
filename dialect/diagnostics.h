// diagnostics.h: MLIR's diagnostics as ours.
#ifndef MTH_DIALECT_DIAGNOSTICS_H
#define MTH_DIALECT_DIAGNOSTICS_H
#include "mlir-c/Diagnostics.h"
#include "mlir-c/IR.h"
#include "runtime/diagnostic.h"

// While attached, every error of the context goes to `sink`, which must outlive the attachment;
// warnings and remarks are dropped. `where` becomes "model.mlir:7:3", followed by the paths of the
// instances around it: "model.mlir:7:3, in 'encoder/layer_0'".
MlirDiagnosticHandlerID mth_diagnostics_attach(MlirContext context, const mth_sink *sink);
void mth_diagnostics_detach(MlirContext context, MlirDiagnosticHandlerID id);
#endif
