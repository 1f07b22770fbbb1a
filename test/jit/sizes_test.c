// sizes_test: dim expressions in compiled code have the values that ir/dim.h gives them.
#include "jit/session.h"
#include "test/harness/harness.h"
#include "test/jit/planned_program.h"

#include <stdio.h>
#include <string.h>

static const char *const expressions[] = {"A + 2*B + 3",
                                          "A*B",
                                          "A floordiv 3",
                                          "(A + 15) floordiv 16",
                                          "A mod 7",
                                          "min(A, B)",
                                          "max(A, B)",
                                          "A floordiv (B + 1)",
                                          "A mod (B + 1)",
                                          "min(A, 64)*B",
                                          "(2*A + B) floordiv 4",
                                          "max(A, 1)*(B mod 5)",
                                          "(A*B + 1) floordiv 2"};
enum { EXPRESSIONS = sizeof expressions / sizeof expressions[0], TEXT_BYTES = 8192 };

// An entry with an output of each size, which nothing writes.
static void write_program(char text[TEXT_BYTES]) {
  char *at = text;
  at +=
      sprintf(at, "module @p {\n"
                  "llvm.func @k0(%%b: !llvm.ptr, %%d: !llvm.ptr, %%t: !llvm.ptr, %%s: !llvm.ptr)\n"
                  "    attributes {mithril.grid = [1], mithril.block = array<i64: 1>,\n"
                  "                mithril.work = 1} {\n  llvm.return\n}\n"
                  "mithril.entry @e(%%a: tensor<?xi8, [\"A\"]> {mithril.port = \"a\"},\n"
                  "                 %%b: tensor<?xi8, [\"B\"]> {mithril.port = \"b\"}) -> (");
  for (int i = 0; i < EXPRESSIONS; ++i)
    at += sprintf(at, "%stensor<?xi8, [\"%s\"]> {mithril.port = \"y%d\"}", i ? ", " : "",
                  expressions[i], i);
  at += sprintf(at, ") attributes {mithril.workspace = 0} {\n");
  for (int i = 0; i < EXPRESSIONS; ++i)
    at += sprintf(at,
                  "  %%%d = mithril.launch @k0(%%a) dims [] {mithril.places = [{port = \"y%d\"}]}\n"
                  "      : (tensor<?xi8, [\"A\"]>) -> tensor<?xi8, [\"%s\"]>\n",
                  i, i, expressions[i]);
  at += sprintf(at, "  mithril.return ");
  for (int i = 0; i < EXPRESSIONS; ++i)
    at += sprintf(at, "%s%%%d", i ? ", " : "", i);
  at += sprintf(at, " : ");
  for (int i = 0; i < EXPRESSIONS; ++i)
    at += sprintf(at, "%stensor<?xi8, [\"%s\"]>", i ? ", " : "", expressions[i]);
  sprintf(at, "\n}\n}\n");
}

static bool value_of(void *user, const char *symbol, int64_t *out_value) {
  *out_value = ((const int64_t *)user)[symbol[0] - 'A'];
  return true;
}

static void compare(mth_dim_table *dims, const mth_entry_desc *entry, int64_t A, int64_t B) {
  int64_t out[2 + 2 + EXPRESSIONS], symbols[] = {A, B};
  EXPECT_INT(entry->sizes(symbols, out), MTH_OK);
  for (int i = 0; i < entry->computed_count; ++i) {
    const mth_dim *dim;
    int64_t wanted;
    ASSERT(mth_dim_parse(dims, entry->computed[i], (mth_location){0}, &dim) == MTH_OK);
    ASSERT(mth_dim_evaluate(dim, value_of, symbols, &wanted));
    if (out[2 + i] != wanted) EXPECT_TEXT(entry->computed[i], "a dim of the same value");
    EXPECT_INT(out[2 + i], wanted);
  }
}

TEST(Sizes, ComputedDimsAreWhatTheirExpressionsSay) {
  char text[TEXT_BYTES];
  write_program(text);
  built b;
  ASSERT(build_text(&b, text));
  mth_loaded *loaded;
  const mth_program_desc *program;
  ASSERT(mth_session_load(b.registry, LLVMGetBufferStart(b.object), LLVMGetBufferSize(b.object),
                          NULL, NULL, &loaded, &program) == MTH_OK);
  EXPECT_INT(program->entries[0].computed_count, 2 + EXPRESSIONS);
  static const int64_t values[] = {0, 1, 2, 3, 5, 16, 17, 63, 64, 65, 1000003};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; ++i)
    for (size_t j = 0; j < sizeof values / sizeof values[0]; ++j)
      compare(b.dims, &program->entries[0], values[i], values[j]);
  int64_t out[2 + 2 + EXPRESSIONS];
  EXPECT_INT(program->entries[0].sizes((int64_t[]){INT64_MAX / 2, 3}, out), MTH_INVALID);
  mth_session_unload(loaded);
  unbuild(&b);
}
