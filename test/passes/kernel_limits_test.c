// kernel_limits_test.c: kernels that just fit into the passes that write them, and one more.
#include "ir/text.h"
#include "passes/passes.h"
#include "test/passes/parsed_module.h"

typedef mth_status pass(MlirOperation module, const void *options);

typedef struct outcome {
  mth_status status;
  mth_diagnostic report;
} outcome;

// Runs the pass on the text, which it frees.
static outcome run(pass *run_pass, mth_text *text) {
  outcome result = {.status = MTH_INTERNAL};
  parsed_module parsed;
  if (parsed_module_init(&parsed, mth_text_get(text)))
    result.status = run_pass(mlirModuleGetOperation(parsed.module), NULL);
  result.report = parsed.report;
  parsed_module_deinit(&parsed);
  mth_text_deinit(text);
  return result;
}

// "what, what, ... what"
static void repeat(mth_text *text, int count, const char *what) {
  for (int i = 0; i < count; ++i)
    mth_text_add(text, "%s%s", i ? ", " : "", what);
}

#define KERNEL                                                                                     \
  "attributes {mithril.kernel, mithril.grid_rank = 1 : i64, mithril.grid = [64 : i64],\n"          \
  "    mithril.block = array<i64: 64>} {\n"
#define VECTOR "memref<64xf32>"

static outcome schedule_generics(int count) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_text_add(&text, "#one = affine_map<(i) -> (i)>\n"
                      "func.func private @k(%%v0: tensor<64xf32>) -> tensor<64xf32> " KERNEL
                      "%%e = tensor.empty() : tensor<64xf32>\n");
  for (int i = 0; i < count; ++i)
    mth_text_add(&text,
                 "%%v%d = linalg.generic {indexing_maps = [#one, #one],\n"
                 "    iterator_types = [\"parallel\"]} ins(%%v%d : tensor<64xf32>)\n"
                 "    outs(%%e : tensor<64xf32>) {\n"
                 "^bb0(%%a: f32, %%o: f32):\n  linalg.yield %%a : f32\n} -> tensor<64xf32>\n",
                 i + 1, i);
  mth_text_add(&text, "func.return %%v%d : tensor<64xf32>\n}\n", count);
  return run(mth_pass_schedule, &text);
}

TEST(KernelLimits, AKernelHas63Generics) {
  EXPECT_INT(schedule_generics(63).status, MTH_OK);
  const outcome result = schedule_generics(64);
  EXPECT_INT(result.status, MTH_UNSUPPORTED);
  EXPECT_TEXT(result.report.message, "a kernel of too many generics");
}

static outcome vectorize_generics(int count) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_text_add(&text, "#one = affine_map<(i) -> (i)>\n"
                      "func.func private @k(%%x: " VECTOR ", %%y: " VECTOR ", "
                      "%%b0: index, %%e0: index, %%scratch: memref<?xi8>) " KERNEL);
  for (int i = 0; i < count; ++i)
    mth_text_add(&text, "linalg.generic {indexing_maps = [#one, #one],\n"
                        "    iterator_types = [\"parallel\"]} ins(%%x : " VECTOR ")\n"
                        "    outs(%%y : " VECTOR ") {\n"
                        "^bb0(%%a: f32, %%o: f32):\n  linalg.yield %%a : f32\n}\n");
  mth_text_add(&text, "func.return\n}\n");
  return run(mth_pass_vectorize, &text);
}

TEST(KernelLimits, ANestHas63Generics) {
  EXPECT_INT(vectorize_generics(63).status, MTH_OK);
  const outcome result = vectorize_generics(64);
  EXPECT_INT(result.status, MTH_UNSUPPORTED);
  EXPECT_TEXT(result.report.message, "a kernel has too many loops or parts");
}

static outcome bufferize_operands(int count) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_text_add(&text, "#one = affine_map<(i) -> (i)>\n"
                      "func.func private @k(%%x: tensor<64xf32>) -> tensor<64xf32> " KERNEL
                      "%%e = tensor.empty() : tensor<64xf32>\n"
                      "%%y = linalg.generic {indexing_maps = [");
  repeat(&text, count, "#one");
  mth_text_add(&text, "],\n    iterator_types = [\"parallel\"]} ins(");
  repeat(&text, count - 1, "%x");
  mth_text_add(&text, " : ");
  repeat(&text, count - 1, "tensor<64xf32>");
  mth_text_add(&text, ")\n    outs(%%e : tensor<64xf32>) {\n^bb0(");
  for (int i = 0; i + 1 < count; ++i)
    mth_text_add(&text, "%%a%d: f32, ", i);
  mth_text_add(&text, "%%o: f32):\n  linalg.yield %%a0 : f32\n} -> tensor<64xf32>\n"
                      "func.return %%y : tensor<64xf32>\n}\n");
  return run(mth_pass_bufferize, &text);
}

TEST(KernelLimits, AGenericHas64Operands) {
  EXPECT_INT(bufferize_operands(64).status, MTH_OK);
  const outcome result = bufferize_operands(65);
  EXPECT_INT(result.status, MTH_UNSUPPORTED);
  EXPECT_TEXT(result.report.message, "more than 64 operands");
}

// One row sum that is written `count` times.
static outcome vectorize_sums(int count) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_text_add(&text, "#one = affine_map<(i, j) -> (i)>\n"
                      "func.func private @k(%%x: memref<64x96xf32>, %%y: " VECTOR ", "
                      "%%b0: index, %%e0: index, %%scratch: memref<?xi8>) " KERNEL
                      "linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, ");
  repeat(&text, count, "#one");
  mth_text_add(&text, "],\n    iterator_types = [\"parallel\", \"reduction\"]} "
                      "ins(%%x : memref<64x96xf32>) outs(");
  repeat(&text, count, "%y");
  mth_text_add(&text, " : ");
  repeat(&text, count, VECTOR);
  mth_text_add(&text, ") {\n^bb0(%%a: f32");
  for (int i = 0; i < count; ++i)
    mth_text_add(&text, ", %%o%d: f32", i);
  mth_text_add(&text, "):\n  %%s = arith.addf %%o0, %%a : f32\n  linalg.yield ");
  repeat(&text, count, "%s");
  mth_text_add(&text, " : ");
  repeat(&text, count, "f32");
  mth_text_add(&text, "\n}\nfunc.return\n}\n");
  return run(mth_pass_vectorize, &text);
}

TEST(KernelLimits, ALoopCarries64Accumulators) {
  EXPECT_INT(vectorize_sums(64).status, MTH_OK);
  const outcome result = vectorize_sums(65);
  EXPECT_INT(result.status, MTH_UNSUPPORTED);
  EXPECT_TEXT(result.report.message, "more accumulators than a loop carries");
}

// Reads along loop 0 at an index made by `count` ops what vectors want along loop 1.
static outcome vectorize_index(int count) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  mth_text_add(&text,
               "#all = affine_map<(i, j) -> (i, j)>\n"
               "func.func private @k(%%x: memref<64x256xf32>, %%y: memref<64x64xf32>,\n"
               "    %%b0: index, %%e0: index, %%b1: index, %%e1: index, %%scratch: memref<?xi8>)\n"
               "    attributes {mithril.kernel, mithril.grid_rank = 2 : i64,\n"
               "    mithril.grid = [64 : i64, 64 : i64], mithril.block = array<i64: 64, 64>,\n"
               "    mithril.turned_loop = 0 : i64} {\n"
               "%%c = arith.constant 1 : index\n"
               "linalg.generic {indexing_maps = [#all],\n"
               "    iterator_types = [\"parallel\", \"parallel\"]}\n"
               "    outs(%%y : memref<64x64xf32>) attrs = {mithril.vector_loop = 1 : i64,\n"
               "    mithril.lanes = 16 : i64} {\n"
               "^bb0(%%o: f32):\n"
               "  %%j = linalg.index 1 : index\n"
               "  %%i0 = linalg.index 0 : index\n");
  for (int i = 3; i < count; ++i) // two indices and the read are ops, too
    mth_text_add(&text, "  %%i%d = arith.addi %%i%d, %%c : index\n", i - 2, i - 3);
  mth_text_add(&text,
               "  %%r = memref.load %%x[%%j, %%i%d] : memref<64x256xf32>\n"
               "  linalg.yield %%r : f32\n}\nfunc.return\n}\n",
               count - 3);
  return run(mth_pass_vectorize, &text);
}

TEST(KernelLimits, AnIndexIsMadeBy64Ops) {
  EXPECT_INT(vectorize_index(64).status, MTH_OK);
  const outcome result = vectorize_index(65);
  EXPECT_INT(result.status, MTH_UNSUPPORTED);
  EXPECT_TEXT(result.report.message, "an index is made by more than 64 ops");
}
