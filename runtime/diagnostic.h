// diagnostic.h: one error, with a place in the user's terms.
#ifndef MTH_RUNTIME_DIAGNOSTIC_H
#define MTH_RUNTIME_DIAGNOSTIC_H
#include "runtime/status.h"

// What went wrong and where. Fixed storage: reporting never allocates; longer texts are cut.
typedef struct mth_diagnostic {
  mth_status status;  // MTH_OK: nothing was reported
  char where[256];    // "model 'mlp', key 'x'", "model.mlir:7:3", "argument 'input'"; may be empty
  char message[1024]; // what was wanted and what was found
} mth_diagnostic;

// Receives diagnostics. A context has one; it lives as long as anything that reports to it.
typedef struct mth_sink {
  void (*report)(void *user, const mth_diagnostic *diagnostic);
  void *user;
} mth_sink;

// A place in the user's terms, and who wants to hear of it. Passed by value; `where` is borrowed
// for the call and may be NULL.
typedef struct mth_location {
  const mth_sink *sink; // NULL: the report is dropped, the status stays
  const char *where;
} mth_location;

// Reports one error and returns `code`, so that detecting and reporting are one statement:
//   return mth_fail(MTH_INVALID, at, "axis %d is outside rank %d", axis, rank);
// `code` must not be MTH_OK.
MTH_MUST_USE mth_status mth_fail(mth_status code, mth_location at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// A sink that keeps the first diagnostic reported since it was last cleared (status MTH_OK).
mth_sink mth_sink_keep_first(mth_diagnostic *into);
#endif
