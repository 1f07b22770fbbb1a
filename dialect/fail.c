// fail.c: errors at MLIR locations.
#include "dialect/fail.h"

#include "mlir-c/Diagnostics.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

mth_status mth_fail_ir(mth_status code, MlirLocation loc, const char *format, ...) {
  assert(code != MTH_OK);
  char message[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  mlirEmitError(loc, message);
  return code;
}

static void emit(void *user, const mth_diagnostic *diagnostic) {
  const MlirLocation *loc = user;
  mlirEmitError(*loc, diagnostic->message);
}

mth_sink mth_ir_sink(const MlirLocation *loc) { return (mth_sink){emit, (void *)loc}; }
