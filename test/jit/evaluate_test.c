// evaluate_test: what is computed while compiling has the bits that it would have at run time.
#include "jit/compiler.h"
#include "test/harness/harness.h"

#include <string.h>

static mth_artifact compile(const mth_registry *registry, const char *source, mth_emit emit) {
  mth_diagnostic found = {0};
  const mth_sink sink = mth_sink_keep_first(&found);
  const mth_compile_request request = {.struct_bytes = sizeof request,
                                       .registry = registry,
                                       .sink = &sink,
                                       .source = source,
                                       .source_bytes = strlen(source),
                                       .source_name = "fold.mlir",
                                       .emit = emit};
  mth_artifact artifact = {0};
  EXPECT_INT(mth_compiler_get(MTH_COMPILER_ABI)->compile(&request, &artifact), MTH_OK);
  EXPECT_TEXT(found.message, "");
  return artifact;
}

static bool holds(const mth_artifact *artifact, const char *wanted) {
  const size_t length = strlen(wanted);
  for (size_t i = 0; i + length <= artifact->byte_count; ++i)
    if (memcmp((const char *)artifact->bytes + i, wanted, length) == 0) return true;
  return false;
}

static const char source[] =
    "module @p {\n"
    "  mithril.entry @folded() -> (tensor<4xf32> {mithril.port = \"y\"},\n"
    "      tensor<4xi1> {mithril.port = \"z\"}) {\n"
    "    %c = mithril.constant dense<[0.1, 1.7, -3.3, 20.0]> : tensor<4xf32>\n"
    "    %d = mithril.constant dense<[1.0, 1.7, -4.0, 21.0]> : tensor<4xf32>\n"
    "    %0 = mithril.exp %c : (tensor<4xf32>) -> tensor<4xf32>\n"
    "    %1 = mithril.less %c, %d : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>\n"
    "    mithril.return %0, %1 : tensor<4xf32>, tensor<4xi1>\n"
    "  }\n"
    "  mithril.entry @run(%x: tensor<4xf32> {mithril.port = \"x\"})\n"
    "      -> (tensor<4xf32> {mithril.port = \"y\"}) {\n"
    "    %0 = mithril.exp %x : (tensor<4xf32>) -> tensor<4xf32>\n"
    "    mithril.return %0 : tensor<4xf32>\n"
    "  }\n"
    "}\n";

TEST(Evaluate, AConstantHasTheBitsOfTheSameOpAtRunTime) {
  mth_registry *registry;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  mth_artifact object = compile(registry, source, MTH_EMIT_OBJECT);
  const mth_compiler_api *const compiler = mth_compiler_get(MTH_COMPILER_ABI);
  mth_loaded *loaded;
  const mth_program_desc *program;
  ASSERT(compiler->load(registry, object.bytes, object.byte_count, NULL, NULL, &loaded, &program) ==
         MTH_OK);
  EXPECT_INT(program->entries[0].launch_count, 0); // nothing is left to compute
  float x[4] = {0.1f, 1.7f, -3.3f, 20.0f}, folded[4], run[4];
  uint8_t less[4];
  char workspace[64] __attribute__((aligned(64)));
  EXPECT_INT(program->entries[0].run(NULL, (void *[]){folded, less}, NULL, workspace), MTH_OK);
  EXPECT_INT(program->entries[1].run(NULL, (void *[]){x, run}, NULL, workspace), MTH_OK);
  EXPECT(memcmp(folded, run, sizeof run) == 0);
  EXPECT_INT(less[0], 1);
  EXPECT_INT(less[1], 0);
  EXPECT_INT(less[2], 0);
  EXPECT_INT(less[3], 1);
  compiler->unload(loaded);
  mth_release(mth_default_allocator(), object.bytes);
  mth_registry_destroy(registry);
}

TEST(Evaluate, NoKernelComputesAConstant) {
  mth_registry *registry;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  mth_artifact text = compile(registry, source, MTH_EMIT_MLIR);
  EXPECT(holds(&text, "mithril.exp")); // @run's
  EXPECT(!holds(&text, "mithril.less"));
  mth_release(mth_default_allocator(), text.bytes);
  mth_registry_destroy(registry);
}
