// fail.h: reporting an error at an MLIR location. MLIR's diagnostics become ours in
// dialect/diagnostics.c.
#ifndef MTH_DIALECT_FAIL_H
#define MTH_DIALECT_FAIL_H
#include "mlir-c/IR.h"
#include "runtime/status.h"

// Emits one error at `loc` through MLIR's diagnostic engine and returns `code`, which must not be
// MTH_OK. Messages longer than 1023 bytes are cut.
MTH_MUST_USE mth_status mth_fail_ir(mth_status code, MlirLocation loc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#endif
