// op_library_test.c: ops from a library. test/tools/op_library.test runs some.
#include "frontend/op_library.h"
#include "test/harness/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static mth_context *create(void) {
  mth_context *context = NULL;
  EXPECT_INT(mth_context_create(NULL, &context), MTH_OK);
  return context;
}

static bool knows(mth_context *context, const char *op) {
  return mth_registry_find(mth_context_registry(context), op) != NULL;
}

static void expect_refused(mth_context *context, const char *path, const char *message) {
  const size_t before = mth_registry_count(mth_context_registry(context));
  EXPECT_INT(mth_load_op_library(context, path), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->where, path);
  EXPECT_TEXT(mth_context_diagnostic(context)->message, message);
  EXPECT_INT(mth_registry_count(mth_context_registry(context)), before);
}

TEST(op_library, adds_its_ops) {
  mth_context *const context = create();
  EXPECT(!knows(context, "fresh"));
  EXPECT_INT(mth_load_op_library(context, MTH_FAKE_OPS), MTH_OK);
  EXPECT(knows(context, "fresh"));
  EXPECT(knows(context, "Fresh"));
  EXPECT(!mth_registry_is_builtin(mth_context_registry(context),
                                  mth_registry_find(mth_context_registry(context), "fresh")));
  mth_context_destroy(context);
}

TEST(op_library, adds_all_ops_or_none) {
  mth_context *const context = create();
  setenv("FAKE_OPS_CLASH", "1", 1);
  expect_refused(context, MTH_FAKE_OPS, "op name 'relu' is taken");
  unsetenv("FAKE_OPS_CLASH");
  EXPECT(!knows(context, "fresh"));
  EXPECT(!knows(context, "Fresh"));
  EXPECT(knows(context, "relu"));
  EXPECT(knows(context, "Relu"));
  EXPECT_INT(mth_load_op_library(context, MTH_FAKE_OPS), MTH_OK);
  EXPECT(knows(context, "fresh"));
  mth_context_destroy(context);
}

TEST(op_library, says_why_it_is_none) {
  mth_context *const context = create();
  expect_refused(context, "", "wanted the path of a library of ops");
  expect_refused(context, "/nowhere/ops.so",
                 "the library cannot be opened: /nowhere/ops.so: cannot open shared object file: "
                 "No such file or directory");
  expect_refused(context, MTH_NO_OPS, "it is no library of ops: it has no mth_op_library_get");
  char message[128];
  snprintf(message, sizeof message,
           "wanted a library of ops of abi %d and %zu bytes, found abi %d and %zu bytes",
           MTH_OP_ABI, sizeof(mth_op_library), MTH_OP_ABI - 1, sizeof(mth_op_library));
  setenv("FAKE_OPS_ARE_OLD", "1", 1);
  expect_refused(context, MTH_FAKE_OPS, message);
  unsetenv("FAKE_OPS_ARE_OLD");
  mth_context_destroy(context);
}
