// diagnostic.c: formatting and delivering diagnostics.
#include "runtime/diagnostic.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

mth_status mth_fail(mth_status code, mth_location at, const char *format, ...) {
  assert(code != MTH_OK);
  if (!at.sink) return code;
  mth_diagnostic diagnostic = {.status = code};
  snprintf(diagnostic.where, sizeof diagnostic.where, "%s", at.where ? at.where : "");
  va_list args;
  va_start(args, format);
  vsnprintf(diagnostic.message, sizeof diagnostic.message, format, args);
  va_end(args);
  at.sink->report(at.sink->user, &diagnostic);
  return code;
}

static void keep_first(void *user, const mth_diagnostic *diagnostic) {
  mth_diagnostic *kept = user;
  if (kept->status == MTH_OK) *kept = *diagnostic;
}

mth_sink mth_sink_keep_first(mth_diagnostic *into) { return (mth_sink){keep_first, into}; }
