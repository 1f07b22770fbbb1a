// compiler_library_test.c: finding and opening the compiler.
#include "frontend/compiler_library.h"
#include "test/harness/harness.h"

#include <stdlib.h>
#include <string.h>

static mth_status open_named(const char *path, mth_diagnostic *diagnostic,
                             const mth_compiler_api **api) {
  const mth_sink sink = mth_sink_keep_first(diagnostic);
  diagnostic->status = MTH_OK;
  setenv("MITHRIL_COMPILER", path, 1);
  const mth_status status = mth_compiler_open((mth_location){&sink, "model.mlir"}, api);
  unsetenv("MITHRIL_COMPILER");
  return status;
}

TEST(compiler_library, the_environment_names_one) {
  mth_diagnostic diagnostic;
  const mth_compiler_api *api = NULL, *again = NULL;
  ASSERT(open_named(MTH_FAKE_COMPILER, &diagnostic, &api) == MTH_OK);
  EXPECT_INT(api->abi, MTH_COMPILER_ABI);
  ASSERT(open_named(MTH_FAKE_COMPILER, &diagnostic, &again) == MTH_OK);
  EXPECT(api == again); // it stayed in the process
}

TEST(compiler_library, says_why_there_is_none) {
  mth_diagnostic diagnostic;
  const mth_compiler_api *api = NULL;
  EXPECT(open_named("/nowhere/compiler.so", &diagnostic, &api) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.where, "model.mlir");
  EXPECT_TEXT(diagnostic.message,
              "the compiler cannot be opened: /nowhere/compiler.so: cannot open shared object "
              "file: No such file or directory (MITHRIL_COMPILER may name another)");
  EXPECT(open_named(MTH_NO_COMPILER, &diagnostic, &api) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, "'" MTH_NO_COMPILER "' is not Mithril's compiler");
  setenv("FAKE_COMPILER_IS_OLD", "1", 1);
  EXPECT(open_named(MTH_FAKE_COMPILER, &diagnostic, &api) == MTH_INVALID);
  unsetenv("FAKE_COMPILER_IS_OLD");
  EXPECT_TEXT(diagnostic.message,
              "the compiler '" MTH_FAKE_COMPILER "' is of another version, wanted ABI 1");
  EXPECT(!api);
}
