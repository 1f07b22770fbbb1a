// object_test: from a planned program in the LLVM dialect to bytes that run.
#include "jit/session.h"
#include "test/harness/harness.h"
#include "test/jit/planned_program.h"

#include <stdlib.h>
#include <string.h>

static mth_status load(built *b, const mth_sink *sink, mth_loaded **out,
                       const mth_program_desc **program) {
  return mth_session_load(b->registry, LLVMGetBufferStart(b->object), LLVMGetBufferSize(b->object),
                          NULL, sink, out, program);
}

TEST(Object, TheTableSaysWhatTheEntryIs) {
  built b;
  ASSERT(build(&b));
  mth_loaded *loaded;
  const mth_program_desc *program;
  ASSERT(load(&b, NULL, &loaded, &program) == MTH_OK);
  EXPECT_INT(program->abi, MTH_PROGRAM_ABI);
  EXPECT_TEXT(program->name, "p");
  ASSERT(program->entry_count == 1);
  const mth_entry_desc *const entry = &program->entries[0];
  EXPECT_TEXT(entry->name, "twice");
  ASSERT(entry->port_count == 4);
  EXPECT_TEXT(entry->ports[0].name, "x");
  EXPECT_INT(entry->ports[0].role, MTH_IN);
  EXPECT_TEXT(entry->ports[1].name, "w");
  EXPECT_INT(entry->ports[1].role, MTH_STATE);
  EXPECT_TEXT(entry->ports[2].name, "y");
  EXPECT_INT(entry->ports[3].role, MTH_OUT);
  EXPECT_INT(entry->ports[0].dtype, MTH_F32);
  EXPECT_INT(entry->ports[0].rank, 2);
  EXPECT_INT(entry->ports[0].dims[0], -1);
  EXPECT_INT(entry->ports[0].dims[1], 4);
  ASSERT(entry->symbol_count == 1);
  EXPECT_TEXT(entry->symbols[0].name, "T");
  EXPECT_INT(entry->computed_count, 1);
  EXPECT_TEXT(entry->computed[0], "T");
  ASSERT(entry->launch_count == 2);
  EXPECT_INT(entry->launches[1]->index, 1);
  EXPECT_INT(entry->launches[1]->grid_rank, 1);
  EXPECT_INT(entry->launches[1]->block[0], 2);
  EXPECT_INT(entry->launches[1]->block[1], 1);
  EXPECT_TEXT(entry->launches[1]->kernel, "k0");
  mth_session_unload(loaded);
  unbuild(&b);
}

TEST(Object, SizesAreEvaluatedAndChecked) {
  built b;
  ASSERT(build(&b));
  mth_loaded *loaded;
  const mth_program_desc *program;
  ASSERT(load(&b, NULL, &loaded, &program) == MTH_OK);
  mth_sizes_fn *const sizes = program->entries[0].sizes;
  int64_t out[3];
  EXPECT_INT(sizes((int64_t[]){5}, out), MTH_OK);
  EXPECT_INT(out[0], 128); // 5 * 16 rounded up to 64
  EXPECT_INT(out[1], 64);  // 5 floordiv 2, rounded up
  EXPECT_INT(out[2], 5);
  EXPECT_INT(sizes((int64_t[]){0}, out), MTH_OK);
  EXPECT_INT(out[0], 0);
  EXPECT_INT(sizes((int64_t[]){-1}, out), MTH_INVALID);
  EXPECT_INT(sizes((int64_t[]){INT64_MAX / 16}, out), MTH_INVALID); // the rounding overflows
  EXPECT_INT(sizes((int64_t[]){INT64_MAX / 2}, out), MTH_INVALID);
  mth_session_unload(loaded);
  unbuild(&b);
}

enum { T = 5 };

static void run_and_check(const mth_entry_desc *entry, const mth_host *host) {
  float x[T * 4], w[T * 4], y[T * 4], z[T * 4];
  for (int i = 0; i < T * 4; ++i)
    x[i] = (float)i, w[i] = (float)-i, y[i] = z[i] = 0;
  void *const workspace = aligned_alloc(64, 256);
  void *const ports[] = {x, w, y, z};
  EXPECT_INT(entry->run(host, ports, (int64_t[]){T}, workspace), MTH_OK);
  for (int i = 0; i < T * 4; ++i) {
    EXPECT_NEAR(y[i], i + 2 * (i % 4 + 1), 0);
    EXPECT_NEAR(w[i], i + i % 4 + 1, 0); // the new state
    EXPECT_NEAR(z[i], -i, 0);            // the old one, copied before it was overwritten
  }
  free(workspace);
}

TEST(Object, WithoutAHostAnEntryRunsOnTheCaller) {
  built b;
  ASSERT(build(&b));
  mth_loaded *loaded;
  const mth_program_desc *program;
  ASSERT(load(&b, NULL, &loaded, &program) == MTH_OK);
  run_and_check(&program->entries[0], NULL);
  mth_session_unload(loaded);
  unbuild(&b);
}

typedef struct counting_host {
  mth_host host;
  int launches, fail_at;
} counting_host;

// Runs each row as a tile of its own, last row first.
static int32_t by_rows(const mth_host *host, const mth_launch *launch) {
  counting_host *const counting = (counting_host *)(uintptr_t)host;
  if (counting->launches++ == counting->fail_at) return MTH_NO_MEMORY;
  EXPECT_INT(launch->extent[0], T);
  EXPECT_INT(launch->extent[1], 1);
  EXPECT_INT(launch->work, 8 * T);
  EXPECT_INT(launch->scratch_bytes, 64);
  EXPECT(launch->scratch != NULL);
  for (int64_t row = launch->extent[0] - 1; row >= 0; --row)
    launch->desc->run(launch->buffers, launch->dims, (int64_t[]){row, row + 1}, launch->scratch);
  return MTH_OK;
}

TEST(Object, LaunchesGoThroughTheHost) {
  built b;
  ASSERT(build(&b));
  mth_loaded *loaded;
  const mth_program_desc *program;
  ASSERT(load(&b, NULL, &loaded, &program) == MTH_OK);
  counting_host host = {{sizeof(mth_host), by_rows}, 0, -1};
  run_and_check(&program->entries[0], &host.host);
  EXPECT_INT(host.launches, 2);
  mth_session_unload(loaded);
  unbuild(&b);
}

TEST(Object, AFailedLaunchEndsTheEntryWithItsStatus) {
  built b;
  ASSERT(build(&b));
  mth_loaded *loaded;
  const mth_program_desc *program;
  ASSERT(load(&b, NULL, &loaded, &program) == MTH_OK);
  counting_host host = {{sizeof(mth_host), by_rows}, 0, 0};
  float x[T * 4] = {0}, w[T * 4] = {7}, y[T * 4] = {0}, z[T * 4] = {0};
  void *const workspace = aligned_alloc(64, 256);
  EXPECT_INT(program->entries[0].run(&host.host, (void *[]){x, w, y, z}, (int64_t[]){T}, workspace),
             MTH_NO_MEMORY);
  EXPECT_INT(host.launches, 1);
  EXPECT_NEAR(w[0], 7, 0); // no copy after a failure
  free(workspace);
  mth_session_unload(loaded);
  unbuild(&b);
}

TEST(Object, EqualProgramsGiveEqualBytes) {
  built a, b;
  ASSERT(build(&a));
  ASSERT(build(&b));
  ASSERT(LLVMGetBufferSize(a.object) == LLVMGetBufferSize(b.object));
  EXPECT(memcmp(LLVMGetBufferStart(a.object), LLVMGetBufferStart(b.object),
                LLVMGetBufferSize(a.object)) == 0);
  unbuild(&a);
  unbuild(&b);
}

TEST(Object, OnlyTheProgramIsSeenFromOutside) {
  built b;
  ASSERT(build(&b));
  int defined = 0;
  for (LLVMValueRef f = LLVMGetFirstFunction(b.optimized); f; f = LLVMGetNextFunction(f)) {
    if (LLVMIsDeclaration(f) || LLVMGetLinkage(f) != LLVMExternalLinkage) continue;
    size_t length;
    const char *const name = LLVMGetValueName2(f, &length);
    ++defined;
    EXPECT(strcmp(name, "p_twice") == 0 || strcmp(name, "p_twice_sizes") == 0);
  }
  EXPECT_INT(defined, 2);
  unbuild(&b);
}

TEST(Session, BytesThatAreNoObjectAreRefused) {
  built b;
  ASSERT(build(&b));
  mth_diagnostic found = {0};
  const mth_sink sink = mth_sink_keep_first(&found);
  mth_loaded *loaded;
  const mth_program_desc *program;
  EXPECT_INT(mth_session_load(b.registry, "nonsense", 8, NULL, &sink, &loaded, &program),
             MTH_INVALID);
  EXPECT_TEXT(found.message, "not a relocatable 64-bit ELF object");
  found = (mth_diagnostic){0};
  EXPECT_INT(mth_session_load(b.registry, LLVMGetBufferStart(b.object), LLVMGetBufferSize(b.object),
                              "q", &sink, &loaded, &program),
             MTH_INVALID);
  EXPECT(strstr(found.message, "q_program") != NULL);
  unbuild(&b);
}

// Every truncation is refused; none is read past its end (ASan would say so).
TEST(Session, TruncatedObjectsAreRefused) {
  built b;
  ASSERT(build(&b));
  const size_t bytes = LLVMGetBufferSize(b.object);
  for (size_t keep = 0; keep < bytes; keep += 1 + bytes / 64) {
    char *const copy = malloc(keep + 1);
    memcpy(copy, LLVMGetBufferStart(b.object), keep);
    mth_loaded *loaded = NULL;
    const mth_program_desc *program;
    EXPECT_INT(mth_session_load(b.registry, copy, keep, NULL, NULL, &loaded, &program),
               MTH_INVALID);
    free(copy);
  }
  unbuild(&b);
}

// A kernel that calls a function which neither libc nor an op has.
static const char calls_nobody[] =
    "module @p {\n"
    "llvm.func @nobody_has_this()\n"
    "llvm.func @k0(%b: !llvm.ptr, %d: !llvm.ptr, %t: !llvm.ptr, %s: !llvm.ptr) attributes {\n"
    "    mithril.grid = [1], mithril.block = array<i64: 1>, mithril.work = 1} {\n"
    "  llvm.call @nobody_has_this() : () -> ()\n"
    "  llvm.return\n"
    "}\n"
    "mithril.entry @e(%x: tensor<4xf32> {mithril.port = \"x\"})\n"
    "    -> (tensor<4xf32> {mithril.port = \"y\"}) attributes {mithril.workspace = 0} {\n"
    "  %0 = mithril.launch @k0(%x) dims [] {mithril.places = [{port = \"y\"}]}\n"
    "      : (tensor<4xf32>) -> tensor<4xf32>\n"
    "  mithril.return %0 : tensor<4xf32>\n"
    "}\n"
    "}\n";

TEST(Object, AFunctionThatNobodyHasIsRefused) {
  built b;
  EXPECT(!build_text(&b, calls_nobody)); // fails at the last step, code generation
  ASSERT(b.optimized != NULL);
  mth_diagnostic found = {0};
  const mth_sink sink = mth_sink_keep_first(&found);
  LLVMMemoryBufferRef bytes = NULL;
  EXPECT_INT(mth_object_generate(b.optimized, &b.target, b.registry, false,
                                 (mth_location){.sink = &sink}, &bytes),
             MTH_UNSUPPORTED);
  EXPECT_TEXT(found.message,
              "code for this processor would call 'nobody_has_this', which no linked "
              "program has");
  unbuild(&b);
}

static void users_kernel(void *const *buffers, const int64_t *dims, const int64_t *tile,
                         void *scratch) {
  (void)tile, (void)scratch;
  for (int64_t i = 0; i < dims[0]; ++i)
    ((float *)buffers[1])[i] = 2 * ((const float *)buffers[0])[i];
}

static mth_status no_rule(mth_rule *rule) {
  (void)rule;
  return MTH_OK;
}

static const char calls_user[] =
    "module @p {\n"
    "llvm.func @k0(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) attributes {\n"
    "    mithril.c_kernel = \"users_kernel\", mithril.grid = [1], mithril.block = array<i64: 1>,\n"
    "    mithril.work = 1}\n"
    "mithril.entry @e(%x: tensor<4xf32> {mithril.port = \"x\"})\n"
    "    -> (tensor<4xf32> {mithril.port = \"y\"}) attributes {mithril.workspace = 0} {\n"
    "  %0 = mithril.launch @k0(%x) dims [4, 4] {mithril.places = [{port = \"y\"}]}\n"
    "      : (tensor<4xf32>) -> tensor<4xf32>\n"
    "  mithril.return %0 : tensor<4xf32>\n"
    "}\n"
    "}\n";

TEST(Object, AUsersKernelIsFoundInTheRegistry) {
  static const mth_op_key input = {
      .name = "input", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_FLOAT, .required = true};
  static const mth_op_key output = {
      .name = "output", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_FLOAT};
  const mth_op op = {.struct_bytes = sizeof op,
                     .abi = MTH_OP_ABI,
                     .name = "users_twice",
                     .model = "UsersTwice",
                     .category = MTH_CATEGORY_OPAQUE,
                     .inputs = &input,
                     .input_count = 1,
                     .outputs = &output,
                     .output_count = 1,
                     .infer = no_rule,
                     .code = {.kernel_symbol = "users_kernel", .kernel = users_kernel}};
  built b;
  EXPECT(!build_text(&b, calls_user)); // the registry does not know it yet
  ASSERT(b.optimized != NULL);
  ASSERT(mth_registry_add(b.registry, &op, nowhere) == MTH_OK);
  ASSERT(mth_object_generate(b.optimized, &b.target, b.registry, false, nowhere, &b.object) ==
         MTH_OK);
  mth_loaded *loaded;
  const mth_program_desc *program;
  ASSERT(load(&b, NULL, &loaded, &program) == MTH_OK);
  float x[4] = {1, 2, 3, 4}, y[4] = {0};
  EXPECT_INT(program->entries[0].run(NULL, (void *[]){x, y}, NULL, NULL), MTH_OK);
  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(y[i], 2 * x[i], 0);
  mth_session_unload(loaded);
  unbuild(&b);
}
