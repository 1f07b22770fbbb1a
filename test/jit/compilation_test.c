// compilation_test: whole compilations, from text.
#include "jit/compiler.h"
#include "test/harness/harness.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct outcome {
  mth_status status;
  mth_artifact artifact;
  mth_diagnostic diagnostic;
} outcome;

static mth_registry *create_registry(void) {
  mth_registry *registry = NULL;
  const mth_status status = mth_registry_create(mth_default_allocator(), &registry);
  return status == MTH_OK ? registry : NULL;
}

static outcome compile(const mth_registry *registry, const char *source, mth_emit emit) {
  outcome o = {0};
  const mth_sink sink = mth_sink_keep_first(&o.diagnostic);
  const mth_compile_request request = {.struct_bytes = sizeof request,
                                       .registry = registry,
                                       .allocator = mth_default_allocator(),
                                       .sink = &sink,
                                       .source = source,
                                       .source_bytes = strlen(source),
                                       .source_name = "model.mlir",
                                       .emit = emit};
  o.status = mth_compiler_get(MTH_COMPILER_ABI)->compile(&request, &o.artifact);
  return o;
}

static void expect_refused(const char *source, const char *where, const char *message) {
  mth_registry *const registry = create_registry();
  const outcome o = compile(registry, source, MTH_EMIT_OBJECT);
  EXPECT_INT(o.status, MTH_INVALID);
  EXPECT_TEXT(o.diagnostic.where, where);
  EXPECT(strstr(o.diagnostic.message, message) != NULL);
  if (!strstr(o.diagnostic.message, message)) EXPECT_TEXT(o.diagnostic.message, message);
  mth_registry_destroy(registry);
}

TEST(Compiler, IsFoundByItsAbi) {
  EXPECT(mth_compiler_get(MTH_COMPILER_ABI) != NULL);
  EXPECT(mth_compiler_get(MTH_COMPILER_ABI + 1) == NULL);
}

TEST(Compile, TextThatDoesNotParseIsLocated) {
  expect_refused("module @p {\n  mithril.entry @e(%x: tensor<4xf32> {mithril.port = \"x\"})\n"
                 "      -> (tensor<4xf32>) {\n    mithril.retrun %x : tensor<4xf32>\n  }\n}\n",
                 "model.mlir:4:5", "retrun");
  expect_refused("module @p {", "model.mlir:1:10", "expected");
  expect_refused("", "model.mlir:0:0", "");
}

TEST(Compile, OtherDialectsAreUnknown) {
  expect_refused("module @p {\n  func.func @f() {\n    return\n  }\n}\n", "model.mlir:2:3",
                 "func.func");
  expect_refused("module @p {\n  mithril.entry @e() {\n"
                 "    mithril.return {a = !llvm.ptr}\n  }\n}\n",
                 "model.mlir:3:31", "llvm");
}

TEST(Compile, WhatMlirCannotParseIsRefusedBefore) { // source_check_test.c tells the rest
  char deep[2000];
  memset(deep, '[', sizeof deep - 1);
  deep[sizeof deep - 1] = 0;
  mth_registry *const registry = create_registry();
  const outcome o = compile(registry, deep, MTH_EMIT_MLIR);
  EXPECT_INT(o.status, MTH_UNSUPPORTED);
  EXPECT_TEXT(o.diagnostic.where, "model.mlir:1:257");
  mth_registry_destroy(registry);
}

TEST(Compile, WrongTypesAreLocated) {
  expect_refused("module @p {\n"
                 "  mithril.entry @e(%x: tensor<4xf32> {mithril.port = \"x\"},\n"
                 "                   %y: tensor<5xf32> {mithril.port = \"y\"})\n"
                 "      -> (tensor<4xf32> {mithril.port = \"z\"}) {\n"
                 "    %0 = mithril.add %x, %y : (tensor<4xf32>, tensor<5xf32>) -> tensor<4xf32>\n"
                 "    mithril.return %0 : tensor<4xf32>\n  }\n}\n",
                 "model.mlir:5:10", "");
}

// Loads an object; fails the test and returns NULL if that is impossible.
static const mth_program_desc *load(const mth_registry *registry, const mth_artifact *object,
                                    mth_loaded **out_loaded) {
  mth_diagnostic found = {0};
  const mth_sink sink = mth_sink_keep_first(&found);
  const mth_program_desc *program = NULL;
  const mth_status status =
      mth_compiler_get(MTH_COMPILER_ABI)
          ->load(registry, object->bytes, object->byte_count, NULL, &sink, out_loaded, &program);
  if (status != MTH_OK) EXPECT_TEXT(found.message, "");
  return status == MTH_OK ? program : NULL;
}

typedef struct program {
  mth_registry *registry;
  mth_artifact object;
  mth_loaded *loaded;
  const mth_program_desc *desc; // NULL: it did not compile, and the test has failed
} program;

static program make(const char *source) {
  program p = {.registry = create_registry()};
  const outcome o = compile(p.registry, source, MTH_EMIT_OBJECT);
  if (o.status != MTH_OK) {
    EXPECT_TEXT(o.diagnostic.where, "");
    EXPECT_TEXT(o.diagnostic.message, "");
    return p;
  }
  p.object = o.artifact;
  p.desc = load(p.registry, &p.object, &p.loaded);
  return p;
}

static void unmake(program *p) {
  mth_compiler_get(MTH_COMPILER_ABI)->unload(p->loaded);
  mth_release(mth_default_allocator(), p->object.bytes);
  mth_registry_destroy(p->registry);
}

// Runs an entry on the calling thread with a workspace of the size it asks for.
static mth_status run(const mth_entry_desc *entry, void *const *ports, const int64_t *symbols) {
  int64_t sizes[2 + 16];
  if (entry->sizes(symbols, sizes) != MTH_OK) return MTH_INVALID;
  void *const workspace = mth_allocate(mth_default_allocator(), (size_t)(sizes[0] + sizes[1]), 1);
  const mth_status status = (mth_status)entry->run(NULL, ports, symbols, workspace);
  mth_release(mth_default_allocator(), workspace);
  return status;
}

static float *random_floats(size_t count, uint32_t *state) {
  float *const values = mth_allocate(mth_default_allocator(), count, sizeof *values);
  for (size_t i = 0; i < count; ++i) {
    *state = *state * 1664525u + 1013904223u;
    values[i] = (float)(*state >> 8) * 0x1p-23f - 1;
  }
  return values;
}

// max |y - relu(x w)| against a naive loop in f64.
static double relu_matmul_error(const float *x, const float *w, const float *y, size_t M, size_t N,
                                size_t K) {
  double worst = 0;
  for (size_t m = 0; m < M; ++m)
    for (size_t n = 0; n < N; ++n) {
      double sum = 0;
      for (size_t k = 0; k < K; ++k)
        sum += (double)x[m * K + k] * (double)w[k * N + n];
      const double error = __builtin_fabs((sum > 0 ? sum : 0) - (double)y[m * N + n]);
      if (!(error <= worst)) worst = error;
    }
  return worst;
}

static void check_relu_matmul(const mth_entry_desc *entry, size_t M, size_t N, size_t K) {
  uint32_t state = (uint32_t)(M + N + K);
  float *const x = random_floats(M * K, &state), *const w = random_floats(K * N, &state),
               *const y = random_floats(M * N, &state);
  EXPECT_INT(run(entry, (void *[]){x, w, y}, (int64_t[]){(int64_t)M}), MTH_OK);
  EXPECT_NEAR(relu_matmul_error(x, w, y, M, N, K), 0, (double)K * 0x1p-23); // K * eps * max|xw|
  mth_release(mth_default_allocator(), x);
  mth_release(mth_default_allocator(), w);
  mth_release(mth_default_allocator(), y);
}

TEST(Compile, ReluOfAProduct) {
  program p = make("module @p {\n"
                   "  mithril.entry @evaluate(%x: tensor<37x65xf32> {mithril.port = \"x\"},\n"
                   "      %w: tensor<65x43xf32> {mithril.port = \"w\"})\n"
                   "      -> (tensor<37x43xf32> {mithril.port = \"y\"}) {\n"
                   "    %0 = mithril.matmul %x, %w : (tensor<37x65xf32>, tensor<65x43xf32>) -> "
                   "tensor<37x43xf32>\n"
                   "    %1 = mithril.relu %0 : (tensor<37x43xf32>) -> tensor<37x43xf32>\n"
                   "    mithril.return %1 : tensor<37x43xf32>\n  }\n}\n");
  if (p.desc) check_relu_matmul(&p.desc->entries[0], 37, 43, 65);
  unmake(&p);
}

TEST(Compile, ReluOfAProductWithSymbolicRows) {
  program p =
      make("module @p {\n"
           "  mithril.entry @evaluate(%x: tensor<?x65xf32, [\"T\"]> {mithril.port = \"x\"},\n"
           "      %w: tensor<65x43xf32> {mithril.port = \"w\"})\n"
           "      -> (tensor<?x43xf32, [\"T\"]> {mithril.port = \"y\"}) {\n"
           "    %0 = mithril.matmul %x, %w : (tensor<?x65xf32, [\"T\"]>, tensor<65x43xf32>) -> "
           "tensor<?x43xf32, [\"T\"]>\n"
           "    %1 = mithril.relu %0 : (tensor<?x43xf32, [\"T\"]>) -> tensor<?x43xf32, [\"T\"]>\n"
           "    mithril.return %1 : tensor<?x43xf32, [\"T\"]>\n  }\n}\n");
  const size_t rows[] = {0, 1, 13, 14, 15, 100};
  for (size_t i = 0; p.desc && i < sizeof rows / sizeof rows[0]; ++i)
    check_relu_matmul(&p.desc->entries[0], rows[i], 43, 65);
  unmake(&p);
}

TEST(Compile, SeveralEntriesAndAStateInPlace) {
  program p = make(
      "module @p {\n"
      "  mithril.entry @evaluate(%w: tensor<100xf32> {mithril.port = \"w\", mithril.role = "
      "\"state\"})\n"
      "      -> (tensor<100xf32> {mithril.port = \"y\"}) {\n"
      "    %0 = mithril.negate %w : (tensor<100xf32>) -> tensor<100xf32>\n"
      "    mithril.return %0 : tensor<100xf32>\n  }\n"
      "  mithril.entry @step(%g: tensor<100xf32> {mithril.port = \"g\"},\n"
      "      %w: tensor<100xf32> {mithril.port = \"w\", mithril.role = \"state\"})\n"
      "      -> (tensor<100xf32> {mithril.port = \"w\"}) {\n"
      "    %0 = mithril.subtract %w, %g : (tensor<100xf32>, tensor<100xf32>) -> tensor<100xf32>\n"
      "    mithril.return %0 : tensor<100xf32>\n  }\n}\n");
  if (p.desc) {
    float w[100], g[100], y[100];
    for (int i = 0; i < 100; ++i)
      w[i] = (float)i, g[i] = 0.5f;
    EXPECT_INT(p.desc->entry_count, 2);
    int64_t sizes[2];
    EXPECT_INT(p.desc->entries[1].sizes(NULL, sizes), MTH_OK);
    EXPECT_INT(sizes[0], 0); // the update needs no room of its own
    for (int step = 0; step < 3; ++step)
      EXPECT_INT(run(&p.desc->entries[1], (void *[]){g, w}, NULL), MTH_OK);
    EXPECT_INT(run(&p.desc->entries[0], (void *[]){w, y}, NULL), MTH_OK);
    for (int i = 0; i < 100; ++i)
      EXPECT_NEAR(y[i], 1.5 - i, 0);
  }
  unmake(&p);
}

TEST(Compile, EqualTextsGiveEqualBytes) {
  static const char text[] =
      "module @p {\n"
      "  mithril.entry @e(%x: tensor<?x16xf32, [\"T\"]> {mithril.port = \"x\"})\n"
      "      -> (tensor<?x16xf32, [\"T\"]> {mithril.port = \"y\"}) {\n"
      "    %0 = mithril.exp %x : (tensor<?x16xf32, [\"T\"]>) -> tensor<?x16xf32, [\"T\"]>\n"
      "    mithril.return %0 : tensor<?x16xf32, [\"T\"]>\n  }\n}\n";
  program a = make(text), b = make(text);
  EXPECT_INT((long long)a.object.byte_count, (long long)b.object.byte_count);
  if (a.desc && b.desc && a.object.byte_count == b.object.byte_count)
    EXPECT(memcmp(a.object.bytes, b.object.bytes, a.object.byte_count) == 0);
  unmake(&a);
  unmake(&b);
}

TEST(Compile, UnknownPassToDumpAfterIsRefused) {
  mth_registry *const registry = create_registry();
  mth_diagnostic found = {0};
  const mth_sink sink = mth_sink_keep_first(&found);
  const mth_compile_request request = {.struct_bytes = sizeof request,
                                       .registry = registry,
                                       .sink = &sink,
                                       .source = "module {}",
                                       .source_bytes = 9,
                                       .dump_after = "no-such-pass"};
  mth_artifact artifact;
  EXPECT_INT(mth_compiler_get(MTH_COMPILER_ABI)->compile(&request, &artifact), MTH_INVALID);
  EXPECT_TEXT(found.message, "there is no pass 'no-such-pass' to dump after");
  mth_registry_destroy(registry);
}

static const char exp_text[] = "module @p {\n"
                               "  mithril.entry @e(%x: tensor<64xf32> {mithril.port = \"x\"})\n"
                               "      -> (tensor<64xf32> {mithril.port = \"y\"}) {\n"
                               "    %0 = mithril.exp %x : (tensor<64xf32>) -> tensor<64xf32>\n"
                               "    mithril.return %0 : tensor<64xf32>\n  }\n}\n";

static void expect_emits(mth_emit emit, const char *wanted) {
  mth_registry *const registry = create_registry();
  const outcome o = compile(registry, exp_text, emit);
  EXPECT_INT(o.status, MTH_OK);
  if (o.status == MTH_OK) {
    char *const text = calloc(o.artifact.byte_count + 1, 1);
    memcpy(text, o.artifact.bytes, o.artifact.byte_count);
    if (!strstr(text, wanted)) EXPECT_TEXT(text, wanted);
    free(text);
  }
  mth_release(mth_default_allocator(), o.artifact.bytes);
  mth_registry_destroy(registry);
}

TEST(Compile, EachStageCanBeAskedFor) {
  expect_emits(MTH_EMIT_MLIR, "mithril.launch @");
  expect_emits(MTH_EMIT_LINALG, "linalg.generic");
  expect_emits(MTH_EMIT_LLVM, "define i32 @p_e(");
  expect_emits(MTH_EMIT_ASM, ".globl\tp_program");
  expect_emits(MTH_EMIT_HEADER, "typedef struct p_e_args {");
}

typedef struct dumps {
  int count;
  bool is_after_bufferize;
} dumps;

static void count_dump(void *user, const char *pass, const char *text, size_t text_bytes) {
  dumps *const seen = user;
  ++seen->count;
  seen->is_after_bufferize = strcmp(pass, "bufferize") == 0 && text_bytes == strlen(text) &&
                             strstr(text, "memref") && !strstr(text, "vector<");
}

static dumps compile_and_dump(const char *dump_after) {
  mth_registry *const registry = create_registry();
  dumps seen = {0};
  const mth_compile_request request = {.struct_bytes = sizeof request,
                                       .registry = registry,
                                       .source = exp_text,
                                       .source_bytes = strlen(exp_text),
                                       .emit = MTH_EMIT_OBJECT,
                                       .dump_after = dump_after,
                                       .dump = count_dump,
                                       .dump_user = &seen};
  mth_artifact artifact = {0};
  EXPECT_INT(mth_compiler_get(MTH_COMPILER_ABI)->compile(&request, &artifact), MTH_OK);
  mth_release(mth_default_allocator(), artifact.bytes);
  mth_registry_destroy(registry);
  return seen;
}

TEST(Compile, TheProgramIsDumpedAfterAPassOrAll) {
  const dumps one = compile_and_dump("bufferize");
  EXPECT_INT(one.count, 1);
  EXPECT(one.is_after_bufferize);
  EXPECT(compile_and_dump("all").count > 15);
  EXPECT_INT(compile_and_dump(NULL).count, 0);
}

enum { THREADS = 4, COMPILATIONS = 3 };

static void *compile_repeatedly(void *registry) {
  mth_artifact first = {0};
  for (int i = 0; i < COMPILATIONS; ++i) {
    const outcome o = compile(registry, exp_text, MTH_EMIT_OBJECT);
    if (o.status != MTH_OK) return NULL;
    if (i == 0) {
      first = o.artifact;
      continue;
    }
    const bool equal = o.artifact.byte_count == first.byte_count &&
                       memcmp(o.artifact.bytes, first.bytes, first.byte_count) == 0;
    mth_release(mth_default_allocator(), o.artifact.bytes);
    if (!equal) return NULL;
  }
  return first.bytes; // not NULL: all went well
}

TEST(Compile, ThreadsCompileSideBySide) {
  mth_registry *const registry = create_registry();
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; ++i)
    ASSERT(pthread_create(&threads[i], NULL, compile_repeatedly, registry) == 0);
  for (int i = 0; i < THREADS; ++i) {
    void *object = NULL;
    EXPECT_INT(pthread_join(threads[i], &object), 0);
    EXPECT(object != NULL);
    mth_release(mth_default_allocator(), object);
  }
  mth_registry_destroy(registry);
}
