// source_check_test: texts that would break MLIR's parser are refused before it sees them.
#include "jit/source_check.h"
#include "test/harness/harness.h"

#include <stdlib.h>
#include <string.h>

static mth_status check(const char *text, mth_diagnostic *found) {
  *found = (mth_diagnostic){0};
  const mth_sink sink = mth_sink_keep_first(found);
  return mth_source_check(text, strlen(text), (mth_location){&sink, "m.mlir"});
}

static void expect_taken(const char *text) {
  mth_diagnostic found;
  EXPECT_INT(check(text, &found), MTH_OK);
  EXPECT_TEXT(found.message, "");
}

static void expect_refused(const char *text, const char *where, const char *message) {
  mth_diagnostic found;
  EXPECT_INT(check(text, &found), MTH_UNSUPPORTED);
  EXPECT_TEXT(found.where, where);
  EXPECT_TEXT(found.message, message);
}

// `count` times `piece` between `before` and `after`.
static char *repeat(const char *before, const char *piece, size_t count, const char *after) {
  const size_t bytes = strlen(piece);
  char *const text = malloc(strlen(before) + count * bytes + strlen(after) + 1);
  char *end = text + strlen(strcpy(text, before));
  for (size_t i = 0; i < count; ++i)
    memcpy(end + i * bytes, piece, bytes);
  strcpy(end + count * bytes, after);
  return text;
}

TEST(SourceCheck, NestingHasALimit) {
  static const char *const open[] = {"(", "[", "{", "tuple<", "module {"};
  for (size_t i = 0; i < sizeof open / sizeof open[0]; ++i) {
    mth_diagnostic found;
    char *const fits = repeat("", open[i], 256, ""), *const deep = repeat("", open[i], 257, "");
    expect_taken(fits);
    EXPECT_INT(check(deep, &found), MTH_UNSUPPORTED);
    EXPECT(strstr(found.message, "a program nests brackets at most 256 deep, found '") != NULL);
    free(fits);
    free(deep);
  }
}

TEST(SourceCheck, WhatClosesIsNoLongerOpen) {
  char *const pairs = repeat("", "([{<>}])", 1000, "");
  char *const arrows = repeat("", "(i1)->(i1) x->y 1 -> ", 1000, "");
  char *const quoted = repeat("\"\\\"", "[", 1000, "\"");
  char *const comment = repeat("// ", "[", 1000, "\n");
  char *const unmatched = repeat("", ")", 1000, "");
  expect_taken(pairs);
  expect_taken(arrows);
  expect_taken(quoted);
  expect_taken(comment);
  expect_taken(unmatched);
  free(pairs);
  free(arrows);
  free(quoted);
  free(comment);
  free(unmatched);
}

TEST(SourceCheck, ArrowsCloseNothing) {
  char *const text = repeat("", "(->", 257, "");
  expect_refused(text, "m.mlir:1:769", "a program nests brackets at most 256 deep, found '('");
  free(text);
}

TEST(SourceCheck, AffineMapsAreRefused) {
  expect_refused("module {\n  x = affine_map<(d0) -> (d0)>", "m.mlir:2:7",
                 "a program has no affine maps or sets, found 'affine_map'");
  expect_refused("-affine_set<>", "m.mlir:1:2",
                 "a program has no affine maps or sets, found 'affine_set'");
  expect_taken("@affine_map \"affine_map\" // affine_map\n my.affine_map affine_maps");
}

TEST(SourceCheck, AliasesAreOfLocationsOnly) {
  expect_taken("#loc1 = loc(\"a\":1:2)\n#loc = // here\n loc(#loc1)\nmodule {} loc(#loc)");
  expect_taken("module { mithril.x {a = #b, c = !d} }");
  expect_refused("\n #a = [1]", "m.mlir:2:2",
                 "a program has aliases of locations only, found '#a'");
  expect_refused("!t // is\n = tuple<i1, i1>", "m.mlir:1:1",
                 "a program has aliases of locations only, found '!t'");
}

TEST(SourceCheck, ZerosAreSpace) {
  static const char text[] = "#a\0=\0[1]";
  EXPECT_INT(mth_source_check(text, sizeof text - 1, (mth_location){0}), MTH_UNSUPPORTED);
}

TEST(SourceCheck, BytecodeIsNoText) {
  mth_diagnostic found;
  EXPECT_INT(check("ML\xEFR\x0D", &found), MTH_INVALID);
  EXPECT_TEXT(found.where, "m.mlir");
  EXPECT_TEXT(found.message, "wanted a text, found MLIR bytecode");
  expect_taken("ML");
}

TEST(SourceCheck, TextMayEndAnywhere) {
  static const char whole[] = "#a = loc(\"\\\"\" -> {affine} // x";
  for (size_t bytes = 1; bytes < sizeof whole; ++bytes) {
    char *const exact = malloc(bytes); // a read past the end is found by AddressSanitizer
    memcpy(exact, whole, bytes);
    const bool cut = bytes >= strlen("#a =") && bytes < strlen("#a = loc");
    EXPECT_INT(mth_source_check(exact, bytes, (mth_location){0}), cut ? MTH_UNSUPPORTED : MTH_OK);
    free(exact);
  }
}
