// diagnostics_test.c: MLIR's errors reach our sink with a place that people know.
#include "dialect/diagnostics.h"
#include "dialect/fail.h"
#include "test/harness/harness.h"

#include <string.h>

static MlirStringRef str(const char *text) { return mlirStringRefCreateFromCString(text); }

// The place that is reported for an error at `loc`.
static mth_diagnostic report_at(MlirContext context, MlirLocation loc) {
  mth_diagnostic found = {0};
  mth_sink sink = mth_sink_keep_first(&found);
  const MlirDiagnosticHandlerID id = mth_diagnostics_attach(context, &sink);
  EXPECT_INT(mth_fail_ir(MTH_INVALID, loc, "wanted %d", 3), MTH_INVALID);
  mth_diagnostics_detach(context, id);
  return found;
}

TEST(Diagnostics, AFilePositionIsFileLineColumn) {
  MlirContext context = mlirContextCreate();
  const MlirLocation loc = mlirLocationFileLineColGet(context, str("model.mlir"), 7, 3);
  const mth_diagnostic found = report_at(context, loc);
  EXPECT_INT(found.status, MTH_INVALID);
  EXPECT_TEXT(found.where, "model.mlir:7:3");
  EXPECT_TEXT(found.message, "wanted 3");
  mlirContextDestroy(context);
}

TEST(Diagnostics, PathsOfInstancesFollowOutermostFirst) {
  MlirContext context = mlirContextCreate();
  const MlirLocation op = mlirLocationFileLineColGet(context, str("m.mlir"), 1, 2);
  const MlirLocation call = mlirLocationFileLineColGet(context, str("m.mlir"), 9, 9);
  const MlirLocation inner = mlirLocationNameGet(context, str("layer_0"), call);
  const MlirLocation outer = mlirLocationNameGet(context, str("encoder"), call);
  const MlirLocation loc = mlirLocationCallSiteGet(mlirLocationCallSiteGet(op, inner), outer);
  const mth_diagnostic found = report_at(context, loc);
  EXPECT_TEXT(found.where, "m.mlir:1:2, in 'encoder/layer_0'");
  mlirContextDestroy(context);
}

TEST(Diagnostics, APlaceTooLongIsCut) {
  MlirContext context = mlirContextCreate();
  char name[400];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = 0;
  const mth_diagnostic found =
      report_at(context, mlirLocationFileLineColGet(context, str(name), 1, 1));
  EXPECT_INT((long long)strlen(found.where), (long long)sizeof found.where - 1);
  mlirContextDestroy(context);
}

TEST(Diagnostics, AnUnknownPlaceIsEmpty) {
  MlirContext context = mlirContextCreate();
  const mth_diagnostic found = report_at(context, mlirLocationUnknownGet(context));
  EXPECT_TEXT(found.where, "");
  mlirContextDestroy(context);
}
