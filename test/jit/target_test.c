// target_test: processors and features by name, and the register tiles that follow from them.
#include "jit/target.h"
#include "test/harness/harness.h"

static void expect_tiles(const char *cpu, const char *features, int64_t f32_rows,
                         int64_t f32_columns, int64_t f64_columns) {
  mth_target target;
  ASSERT(mth_target_init(&target, cpu, features, (mth_location){0}) == MTH_OK);
  EXPECT_INT(target.tiles.f32_rows, f32_rows);
  EXPECT_INT(target.tiles.f32_columns, f32_columns);
  EXPECT_INT(target.tiles.f64_columns, f64_columns);
  mth_target_deinit(&target);
}

TEST(Target, TilesFollowTheInstructionSet) {
  expect_tiles("x86-64-v4", NULL, 14, 32, 16);
  expect_tiles("haswell", NULL, 6, 16, 8);
  expect_tiles("x86-64", NULL, 4, 8, 4);
}

TEST(Target, FeaturesAddAndRemove) {
  expect_tiles("x86-64", "+avx2,+fma", 6, 16, 8);
  expect_tiles("x86-64", "+avx2", 4, 8, 4); // products want fma, too
  expect_tiles("haswell", "-avx2", 4, 8, 4);
}

static void expect_status(mth_status status, const char *cpu, const char *features,
                          const char *message) {
  mth_diagnostic found = {0};
  const mth_sink sink = mth_sink_keep_first(&found);
  mth_target target;
  EXPECT_INT(mth_target_init(&target, cpu, features, (mth_location){.sink = &sink}), status);
  EXPECT_TEXT(found.message, message);
}

static void expect_refused(const char *cpu, const char *features, const char *message) {
  expect_status(MTH_INVALID, cpu, features, message);
}

TEST(Target, WhatLlvmDiesOfIsRefused) {
  expect_status(MTH_UNSUPPORTED, "pentium4", NULL, "wanted a target with the feature '64bit'");
  expect_status(MTH_UNSUPPORTED, "haswell", "-64bit", "wanted a target with the feature '64bit'");
  expect_status(MTH_UNSUPPORTED, "native", "-64bit-mode",
                "wanted a target with the feature '64bit-mode'");
  expect_status(MTH_UNSUPPORTED, "native", "+soft-float",
                "wanted a target without the feature 'soft-float'");
}

TEST(Target, UnknownNamesAreRefused) {
  expect_refused("pentium9", NULL, "this architecture has no processor 'pentium9'");
  expect_refused("native", "+avx1024", "this architecture has no feature 'avx1024'");
  expect_refused("haswell", "avx2", "a target feature is '+name' or '-name', found 'avx2'");
}

TEST(Target, NativeIsTheDefault) {
  mth_target native, none;
  ASSERT(mth_target_init(&native, "native", NULL, (mth_location){0}) == MTH_OK);
  ASSERT(mth_target_init(&none, NULL, NULL, (mth_location){0}) == MTH_OK);
  EXPECT_INT(native.tiles.f32_columns, none.tiles.f32_columns);
  mth_target_deinit(&native);
  mth_target_deinit(&none);
}
