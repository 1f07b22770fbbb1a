// program_table_test: names that would not make symbols are refused, each with its own message.
#include "jit/compiler.h"
#include "test/harness/harness.h"

#include <stdio.h>
#include <string.h>

static void expect_refused(const char *source, const char *message) {
  mth_registry *registry;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  mth_diagnostic found = {0};
  const mth_sink sink = mth_sink_keep_first(&found);
  const mth_compile_request request = {.struct_bytes = sizeof request,
                                       .registry = registry,
                                       .sink = &sink,
                                       .source = source,
                                       .source_bytes = strlen(source),
                                       .source_name = "names.mlir",
                                       .emit = MTH_EMIT_OBJECT};
  mth_artifact artifact;
  EXPECT_INT(mth_compiler_get(MTH_COMPILER_ABI)->compile(&request, &artifact), MTH_INVALID);
  EXPECT_TEXT(found.message, message);
  EXPECT(strncmp(found.where, "names.mlir:", 11) == 0);
  mth_registry_destroy(registry);
}

#define ENTRY(name)                                                                                \
  "  mithril.entry @" name "(%x: tensor<4xf32> {mithril.port = \"x\"})\n"                          \
  "      -> (tensor<4xf32> {mithril.port = \"y\"}) {\n"                                            \
  "    mithril.return %x : tensor<4xf32>\n  }\n"

TEST(ProgramTable, AProgramHasAnEntry) {
  expect_refused("module @p {\n}\n", "a program has an entry, found none");
}

TEST(ProgramTable, NamesAreIdentifiers) {
  expect_refused("module @\"my model\" {\n" ENTRY("e") "}\n",
                 "the name of a program is a C identifier, found 'my model'");
  expect_refused("module @p {\n" ENTRY("\"1st\"") "}\n",
                 "the name of an entry is a C identifier, found '1st'");
}

TEST(ProgramTable, SymbolsDoNotCollide) {
  expect_refused("module @p {\n" ENTRY("program") "}\n", "an entry is not called 'program'");
  expect_refused("module @p {\n" ENTRY("a") ENTRY("a_sizes") "}\n",
                 "entries 'a' and 'a_sizes' need the same symbol");
}
