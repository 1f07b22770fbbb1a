// diagnostics.c: locations of MLIR in the user's terms.
//
// `flatten` gives an inlined op the location callsite(op at name(path, call)), one level for each
// model around it, so the outermost path is the last caller.
#include "dialect/diagnostics.h"

#include <stdio.h>
#include <string.h>

// Text that stops growing when it is full; always terminated.
typedef struct text {
  char *data;
  size_t capacity, used;
} text;

static void append(MlirStringRef piece, void *user) {
  text *into = user;
  const size_t room = into->capacity - 1 - into->used;
  const size_t bytes = piece.length < room ? piece.length : room;
  memcpy(into->data + into->used, piece.data, bytes);
  into->used += bytes;
  into->data[into->used] = 0;
}

static void append_text(text *into, const char *piece) {
  append(mlirStringRefCreateFromCString(piece), into);
}

static void append_name(text *into, MlirLocation caller) {
  if (mlirLocationIsACallSite(caller)) caller = mlirLocationCallSiteGetCallee(caller);
  if (!mlirLocationIsAName(caller)) return;
  if (into->used) append_text(into, "/");
  append(mlirIdentifierStr(mlirLocationNameGetName(caller)), into);
}

static void append_place(text *into, MlirLocation loc) {
  char path[192] = "";
  text around = {path, sizeof path, 0};
  for (; mlirLocationIsACallSite(loc); loc = mlirLocationCallSiteGetCallee(loc))
    append_name(&around, mlirLocationCallSiteGetCaller(loc));
  if (mlirLocationIsAFileLineColRange(loc)) {
    append(mlirIdentifierStr(mlirLocationFileLineColRangeGetFilename(loc)), into);
    char numbers[32];
    snprintf(numbers, sizeof numbers, ":%d:%d", mlirLocationFileLineColRangeGetStartLine(loc),
             mlirLocationFileLineColRangeGetStartColumn(loc));
    append_text(into, numbers);
  } else if (mlirLocationIsAName(loc)) {
    append_text(into, "'");
    append(mlirIdentifierStr(mlirLocationNameGetName(loc)), into);
    append_text(into, "'");
  }
  if (!around.used) return;
  append_text(into, into->used ? ", in '" : "in '");
  append_text(into, path);
  append_text(into, "'");
}

static MlirLogicalResult handle(MlirDiagnostic diagnostic, void *user) {
  const mth_sink *sink = user;
  if (mlirDiagnosticGetSeverity(diagnostic) == MlirDiagnosticError && sink->report) {
    mth_diagnostic ours = {.status = MTH_INVALID};
    text where = {ours.where, sizeof ours.where, 0};
    append_place(&where, mlirDiagnosticGetLocation(diagnostic));
    text message = {ours.message, sizeof ours.message, 0};
    mlirDiagnosticPrint(diagnostic, append, &message);
    sink->report(sink->user, &ours);
  }
  return mlirLogicalResultSuccess();
}

MlirDiagnosticHandlerID mth_diagnostics_attach(MlirContext context, const mth_sink *sink) {
  return mlirContextAttachDiagnosticHandler(context, handle, (void *)sink, NULL);
}

void mth_diagnostics_detach(MlirContext context, MlirDiagnosticHandlerID id) {
  mlirContextDetachDiagnosticHandler(context, id);
}
