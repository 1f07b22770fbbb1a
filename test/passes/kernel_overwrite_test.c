// kernel_overwrite_test.c: a kernel may write over an operand only if that is proven.
#include "passes/kernel_overwrite.h"
#include "test/passes/parsed_module.h"

// Whether result 0 of @k may be written over its operand 0.
static bool may_overwrite(const char *text) {
  parsed_module parsed;
  bool may = false;
  if (parsed_module_init(&parsed, text))
    may = mth_kernel_may_overwrite(parsed_symbol(&parsed, "k"), 0, 0);
  parsed_module_deinit(&parsed);
  return may;
}

#define MAPS                                                                                       \
  "#all = affine_map<(i, j) -> (i, j)>\n"                                                          \
  "#turned = affine_map<(i, j) -> (j, i)>\n"
#define KERNEL                                                                                     \
  "func.func private @k(%w: tensor<4x4xf32>) -> tensor<4x4xf32> {\n"                               \
  "  %e = tensor.empty() : tensor<4x4xf32>\n"
// %to = 2 * %from, with these maps for the read and for the write.
#define DOUBLE(to, from, read, write)                                                              \
  "  " to " = linalg.generic {indexing_maps = [" read ", " write "],\n"                            \
  "      iterator_types = [\"parallel\", \"parallel\"]} ins(" from " : tensor<4x4xf32>)\n"         \
  "      outs(%e : tensor<4x4xf32>) {\n"                                                           \
  "  ^bb0(%a: f32, %o: f32):\n"                                                                    \
  "    %s = arith.addf %a, %a : f32\n"                                                             \
  "    linalg.yield %s : f32\n"                                                                    \
  "  } -> tensor<4x4xf32>\n"
#define RETURN(value) "  return " value " : tensor<4x4xf32>\n}\n"

TEST(KernelOverwrite, AMapOverItsOwnElement) {
  EXPECT(may_overwrite(MAPS KERNEL DOUBLE("%r", "%w", "#all", "#all") RETURN("%r")));
}

TEST(KernelOverwrite, AReadOfAnotherElement) {
  EXPECT(!may_overwrite(MAPS KERNEL DOUBLE("%r", "%w", "#turned", "#all") RETURN("%r")));
}

TEST(KernelOverwrite, AWriteOfAnotherElement) {
  EXPECT(!may_overwrite(MAPS KERNEL DOUBLE("%r", "%w", "#all", "#turned") RETURN("%r")));
}

TEST(KernelOverwrite, AReadAfterTheWrite) {
  EXPECT(!may_overwrite(MAPS KERNEL DOUBLE("%r", "%w", "#all", "#all")
                            DOUBLE("%late", "%w", "#all", "#all") RETURN("%r")));
}

TEST(KernelOverwrite, AnOperandThatIsUpdated) {
  EXPECT(!may_overwrite(
      MAPS KERNEL
      "  %u = linalg.generic {indexing_maps = [#all],\n"
      "      iterator_types = [\"parallel\", \"parallel\"]} outs(%w : tensor<4x4xf32>) {\n"
      "  ^bb0(%o: f32):\n"
      "    linalg.yield %o : f32\n"
      "  } -> tensor<4x4xf32>\n" DOUBLE("%r", "%u", "#all", "#all") RETURN("%r")));
}

TEST(KernelOverwrite, AReadByAnotherOp) {
  EXPECT(!may_overwrite(MAPS KERNEL "  %u = tensor.insert_slice %w into %e[0, 0] [4, 4] [1, 1]\n"
                                    "      : tensor<4x4xf32> into tensor<4x4xf32>\n" DOUBLE(
                                        "%r", "%u", "#all", "#all") RETURN("%r")));
}

TEST(KernelOverwrite, AReadInAnInnerBlock) {
  EXPECT(!may_overwrite(MAPS KERNEL "  %u = scf.execute_region -> tensor<4x4xf32> {\n" DOUBLE(
      "%v", "%w", "#all", "#all") "    scf.yield %v : tensor<4x4xf32>\n"
                                  "  }\n" DOUBLE("%r", "%u", "#all", "#all") RETURN("%r")));
}

TEST(KernelOverwrite, AResultThatNoGenericMakes) {
  EXPECT(!may_overwrite(KERNEL RETURN("%e")));
  EXPECT(!may_overwrite(KERNEL RETURN("%w")));
}

TEST(KernelOverwrite, AResultOfAnotherType) {
  EXPECT(!may_overwrite(
      MAPS "func.func private @k(%w: tensor<4x4xf32>) -> tensor<4x4xf64> {\n"
           "  %e = tensor.empty() : tensor<4x4xf64>\n"
           "  %r = linalg.generic {indexing_maps = [#all, #all],\n"
           "      iterator_types = [\"parallel\", \"parallel\"]} ins(%w : tensor<4x4xf32>)\n"
           "      outs(%e : tensor<4x4xf64>) {\n"
           "  ^bb0(%a: f32, %o: f64):\n"
           "    %s = arith.extf %a : f32 to f64\n"
           "    linalg.yield %s : f64\n"
           "  } -> tensor<4x4xf64>\n"
           "  return %r : tensor<4x4xf64>\n}\n"));
}

TEST(KernelOverwrite, WhatIsNoKernel) {
  EXPECT(!mth_kernel_may_overwrite((MlirOperation){NULL}, 0, 0));
  EXPECT(!may_overwrite("memref.global \"private\" @k : memref<4xf32>\n"));
  EXPECT(!may_overwrite("func.func private @k(tensor<4x4xf32>) -> tensor<4x4xf32>\n"));
}
