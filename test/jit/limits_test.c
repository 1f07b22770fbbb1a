// limits_test: programs that are long, or large for their text, compile or are refused in time.
#include "jit/compiler.h"
#include "test/harness/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static mth_status compile_bytes(const char *source, size_t byte_count, mth_diagnostic *out_report) {
  const mth_sink sink = mth_sink_keep_first(out_report);
  mth_registry *registry;
  if (mth_registry_create(mth_default_allocator(), &registry) != MTH_OK) return MTH_NO_MEMORY;
  const mth_compile_request request = {.struct_bytes = sizeof request,
                                       .registry = registry,
                                       .sink = &sink,
                                       .source = source,
                                       .source_bytes = byte_count,
                                       .source_name = "model.mlir",
                                       .emit = MTH_EMIT_LINALG};
  mth_artifact made = {0};
  const mth_status status = mth_compiler_get(MTH_COMPILER_ABI)->compile(&request, &made);
  mth_release(mth_default_allocator(), made.bytes);
  mth_registry_destroy(registry);
  return status;
}

static mth_status compile(const char *source, mth_diagnostic *out_report) {
  return compile_bytes(source, strlen(source), out_report);
}

// An entry in which `count` ops read one another: "%1 = mithril.exp %0 {} : ...".
static char *write_chain(int count, const char *op, const char *arguments, const char *type) {
  const size_t capacity = (size_t)count * 160 + 400;
  char *const text = malloc(capacity);
  int used = snprintf(text, capacity,
                      "module @m {\nmithril.entry @e(%%0: %s {mithril.port = \"x\"})\n"
                      "    -> (tensor<*xf32> {mithril.port = \"y\"}) {\n",
                      type);
  for (int i = 0; i < count; ++i)
    used += snprintf(text + used, capacity - (size_t)used,
                     "%%%d = mithril.%s %%%d {%s} : (%s) -> tensor<*xf32>\n", i + 1, op, i,
                     arguments, i ? "tensor<*xf32>" : type);
  snprintf(text + used, capacity - (size_t)used, "mithril.return %%%d : tensor<*xf32>\n}\n}\n",
           count);
  return text;
}

static void expect_compiles(int count, const char *op, const char *arguments, const char *type) {
  char *const text = write_chain(count, op, arguments, type);
  mth_diagnostic report = {0};
  EXPECT_INT(compile(text, &report), MTH_OK);
  EXPECT_TEXT(report.message, "");
  free(text);
}

TEST(Limits, LongChainsAreSeveralKernels) {
  expect_compiles(4000, "exp", "", "tensor<4xf32>"); // one kernel would overflow the stack
  expect_compiles(40, "softmax", "", "tensor<4x4xf32>");
  expect_compiles(200, "pad", "low = [1], high = [0]", "tensor<4xf32>");
}

TEST(Limits, ManyOpsThatVanishAreNoEndlessDecomposition) {
  expect_compiles(300, "sum", "axis = array<i64: 1>, keepdim = true", "tensor<4x1xf32>");
}

static void expect_refused(const char *body, mth_status status, const char *where,
                           const char *message) {
  char text[1024];
  snprintf(text, sizeof text,
           "module @m {\nmithril.entry @e(%%x: tensor<f32> {mithril.port = \"x\"},\n"
           "%%t: tensor<?x4xf32, [\"4611686018427387904*T\"]> {mithril.port = \"t\"})\n"
           "    -> (tensor<*xf32> {mithril.port = \"y\"}) {\n%s\n"
           "mithril.return %%0 : tensor<*xf32>\n}\n}\n",
           body);
  mth_diagnostic report = {0};
  EXPECT_INT(compile(text, &report), status);
  EXPECT_TEXT(report.where, where);
  EXPECT_TEXT(report.message, message);
}

TEST(Limits, NumbersThatLeave63BitsAreRefused) {
  expect_refused("%c = mithril.constant dense<1.0> : tensor<4611686018427387904x4xf32>\n"
                 "%0 = mithril.sum %c : (tensor<4611686018427387904x4xf32>) -> tensor<*xf32>",
                 MTH_INVALID, "model.mlir:5:6", "the bytes of a tensor do not fit in 63 bits");
  expect_refused("%0 = mithril.sum %t : (tensor<?x4xf32, [\"4611686018427387904*T\"]>) -> "
                 "tensor<*xf32>",
                 MTH_UNSUPPORTED, "model.mlir:5:6", "a size in 'reshape' leaves 63 bits");
}

TEST(Limits, LargeConstantsAreNotFolded) { // 2^40 steps would take hours
  mth_diagnostic report = {0};
  EXPECT_INT(compile("module @m {\nmithril.entry @e() -> (tensor<*xf32> {mithril.port = \"y\"}) {\n"
                     "%c = mithril.constant dense<1.0> : tensor<1099511627776xf32>\n"
                     "%0 = mithril.sum %c : (tensor<1099511627776xf32>) -> tensor<*xf32>\n"
                     "mithril.return %0 : tensor<*xf32>\n}\n}\n",
                     &report),
             MTH_OK);
  EXPECT_TEXT(report.message, "");
}

TEST(Limits, NothingIsReadBehindTheText) { // no zero ends it, and the page after it is closed
  static const char *const texts[] = {"mithril.log_softmax", "module", "%0", "#", "\"", "", "//"};
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *const pages =
      mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT(pages != MAP_FAILED && mprotect(pages + page, page, PROT_NONE) == 0);
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; ++i) {
    const size_t byte_count = strlen(texts[i]);
    char *const text = memcpy(pages + page - byte_count, texts[i], byte_count);
    mth_diagnostic report = {0};
    EXPECT_INT(compile_bytes(text, byte_count, &report), MTH_INVALID);
    EXPECT(*report.message);
  }
  munmap(pages, 2 * page);
}
