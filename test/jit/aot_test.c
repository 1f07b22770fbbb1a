// aot_test: a training step compiled ahead of time and linked by gcc prints the losses that the JIT
// computes, to the bit.
#include "jit/compiler.h"
#include "test/harness/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char model_text[] =
    "module @net {\n"
    "  mithril.model @loss(%x: tensor<16x20xf32> {mithril.port = \"x\"},\n"
    "      %t: tensor<16xi64> {mithril.port = \"t\"}, %w: tensor<20x5xf32> {mithril.port = "
    "\"w\"})\n"
    "      -> (tensor<f32> {mithril.port = \"loss\"}) {\n"
    "    %0 = mithril.matmul %x, %w : (tensor<16x20xf32>, tensor<20x5xf32>) -> tensor<16x5xf32>\n"
    "    %1 = mithril.gelu %0 : (tensor<16x5xf32>) -> tensor<16x5xf32>\n"
    "    %2 = mithril.cross_entropy %1, %t : (tensor<16x5xf32>, tensor<16xi64>) -> tensor<16xf32>\n"
    "    %3 = mithril.mean %2 : (tensor<16xf32>) -> tensor<f32>\n"
    "    mithril.return %3 : tensor<f32>\n"
    "  }\n"
    "  mithril.entry @step(%x: tensor<16x20xf32> {mithril.port = \"x\"},\n"
    "      %t: tensor<16xi64> {mithril.port = \"t\"},\n"
    "      %w: tensor<20x5xf32> {mithril.port = \"w\", mithril.role = \"state\"})\n"
    "      -> (tensor<f32> {mithril.port = \"loss\"}, tensor<20x5xf32> {mithril.port = \"w\"}) {\n"
    "    %one = mithril.constant dense<1.0> : tensor<f32>\n"
    "    %rate = mithril.constant dense<0.5> : tensor<f32>\n"
    "    %0:2 = mithril.gradient @loss (%x, %t, %w) of [0] cotangents (%one) wrt [2] :\n"
    "        (tensor<16x20xf32>, tensor<16xi64>, tensor<20x5xf32>, tensor<f32>)\n"
    "        -> (tensor<f32>, tensor<20x5xf32>)\n"
    "    %1 = mithril.multiply %0#1, %rate : (tensor<20x5xf32>, tensor<f32>) -> tensor<20x5xf32>\n"
    "    %2 = mithril.subtract %w, %1 : (tensor<20x5xf32>, tensor<20x5xf32>) -> tensor<20x5xf32>\n"
    "    mithril.return %0#0, %2 : tensor<f32>, tensor<20x5xf32>\n"
    "  }\n"
    "}\n";

// The same data in both programs.
#define FILL                                                                                       \
  for (int i = 0; i < 320; ++i) {                                                                  \
    x[i] = (float)((i * 37) % 101) / 50 - 1;                                                       \
  }                                                                                                \
  for (int i = 0; i < 16; ++i) {                                                                   \
    t[i] = (i * 7) % 5;                                                                            \
  }                                                                                                \
  for (int i = 0; i < 100; ++i) {                                                                  \
    w[i] = (float)((i * 53) % 97) / 97 - 0.5f;                                                     \
  }
#define TEXT_(...) #__VA_ARGS__
#define TEXT(...) TEXT_(__VA_ARGS__)
static const char fill_text[] = TEXT(FILL);

// %s is fill_text.
static const char main_format[] =
    "#include \"net.h\"\n"
    "#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "int main(void) {\n"
    "  static float x[320], w[100], loss;\n"
    "  static int64_t t[16];\n"
    "  %s\n"
    "  void *workspace = aligned_alloc(64, net_step_workspace_bytes);\n"
    "  net_step_args args = {.x = x, .t = t, .w = w, .loss = &loss};\n"
    "  for (int step = 0; step < 100; ++step) {\n"
    "    if (net_step_run(&args, workspace)) return 1;\n"
    "    printf(\"%%a\\n\", (double)loss);\n"
    "  }\n"
    "  free(workspace);\n"
    "  return 0;\n"
    "}\n";

enum { PATH_BYTES = 64, OUTPUT_BYTES = 8192 };

static mth_artifact compile(const mth_registry *registry, mth_emit emit) {
  mth_diagnostic found = {0};
  const mth_sink sink = mth_sink_keep_first(&found);
  const mth_compile_request request = {.struct_bytes = sizeof request,
                                       .registry = registry,
                                       .sink = &sink,
                                       .source = model_text,
                                       .source_bytes = strlen(model_text),
                                       .source_name = "net.mlir",
                                       .emit = emit};
  mth_artifact artifact = {0};
  EXPECT_INT(mth_compiler_get(MTH_COMPILER_ABI)->compile(&request, &artifact), MTH_OK);
  EXPECT_TEXT(found.message, "");
  return artifact;
}

static bool write_file(const char *folder, const char *name, const void *bytes, size_t count) {
  char path[2 * PATH_BYTES];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *const file = fopen(path, "wb");
  const bool ok = file && fwrite(bytes, 1, count, file) == count;
  return file && fclose(file) == 0 && ok;
}

static int shell(const char *folder, const char *command, char output[OUTPUT_BYTES]) {
  char line[512];
  snprintf(line, sizeof line, "cd %s && (%s) 2>&1", folder, command);
  FILE *const pipe = popen(line, "r");
  if (!pipe) return -1;
  const size_t count = fread(output, 1, OUTPUT_BYTES - 1, pipe);
  output[count] = 0;
  return pclose(pipe);
}

static void train_just_in_time(const mth_registry *registry, const mth_artifact *object,
                               char output[OUTPUT_BYTES]) {
  const mth_compiler_api *const compiler = mth_compiler_get(MTH_COMPILER_ABI);
  mth_loaded *loaded;
  const mth_program_desc *program;
  ASSERT(compiler->load(registry, object->bytes, object->byte_count, "net", NULL, &loaded,
                        &program) == MTH_OK);
  static float x[320], w[100], loss;
  static int64_t t[16];
  FILL int64_t sizes[2];
  ASSERT(program->entries[0].sizes(NULL, sizes) == MTH_OK);
  void *const workspace = mth_allocate(mth_default_allocator(), (size_t)(sizes[0] + sizes[1]), 1);
  void *const ports[] = {x, t, w, &loss};
  for (int step = 0; step < 100; ++step) {
    EXPECT_INT(program->entries[0].run(NULL, ports, NULL, workspace), MTH_OK);
    output += sprintf(output, "%a\n", (double)loss);
  }
  mth_release(mth_default_allocator(), workspace);
  compiler->unload(loaded);
}

TEST(Aot, AHundredLossesAreTheJitsToTheBit) {
  mth_registry *registry;
  ASSERT(mth_registry_create(mth_default_allocator(), &registry) == MTH_OK);
  const mth_artifact object = compile(registry, MTH_EMIT_OBJECT);
  const mth_artifact header = compile(registry, MTH_EMIT_HEADER);
  ASSERT(object.bytes && header.bytes);
  char folder[PATH_BYTES] = "/tmp/mithril-aot-XXXXXX", ahead[OUTPUT_BYTES],
       just_in_time[OUTPUT_BYTES] = "";
  ASSERT(mkdtemp(folder));
  ASSERT(write_file(folder, "net.o", object.bytes, object.byte_count));
  ASSERT(write_file(folder, "net.h", header.bytes, header.byte_count));
  char main_text[2048];
  const int main_bytes = snprintf(main_text, sizeof main_text, main_format, fill_text);
  ASSERT(write_file(folder, "main.c", main_text, (size_t)main_bytes));
  EXPECT_INT(shell(folder, "gcc -std=c11 -Wall -Wextra -Werror main.c net.o -lm -o net", ahead), 0);
  EXPECT_TEXT(ahead, "");
  EXPECT_INT(shell(folder, "./net", ahead), 0);
  train_just_in_time(registry, &object, just_in_time);
  EXPECT_TEXT(ahead, just_in_time);
  EXPECT(strlen(ahead) > 100 * strlen("0x1p+0\n") / 2);
  EXPECT_INT(shell(folder, "readelf -d net | grep NEEDED", ahead), 0);
  EXPECT(strstr(ahead, "LLVM") == NULL && strstr(ahead, "stdc++") == NULL);
  EXPECT_INT(shell(folder, "rm -f net net.o net.h main.c", ahead), 0);
  EXPECT_INT(rmdir(folder), 0);
  mth_release(mth_default_allocator(), object.bytes);
  mth_release(mth_default_allocator(), header.bytes);
  mth_registry_destroy(registry);
}
