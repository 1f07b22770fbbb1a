// fail.h: reporting an error at an MLIR location. MLIR's diagnostics become ours in
// dialect/diagnostics.c.
#ifndef MTH_DIALECT_FAIL_H
#define MTH_DIALECT_FAIL_H
#include "mlir-c/IR.h"
#include "runtime/diagnostic.h"

// Emits one error at `loc` through MLIR's diagnostic engine and returns `code`, which must not be
// MTH_OK. Messages longer than 1023 bytes are cut.
MTH_MUST_USE mth_status mth_fail_ir(mth_status code, MlirLocation loc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// A sink that emits what is reported to it at `*loc`, which must outlive it: for code that knows
// nothing of MLIR (rules, gradients, expressions).
mth_sink mth_ir_sink(const MlirLocation *loc);
#endif
