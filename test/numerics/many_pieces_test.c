// many_pieces_test.c: more operands and more results than a tensor may have dims.
#include "test/harness/harness.h"
#include "test/numerics/compiled.h"

#include <stdio.h>
#include <stdlib.h>

enum { PIECES = 40 };

// y = concat(x, 2x, 3x, ...) and every piece on its own: a kernel of PIECES + 1 results.
static void write_text(char *text, size_t room) {
  size_t used = 0;
#define ADD(...) used += (size_t)snprintf(text + used, room - used, __VA_ARGS__)
  ADD("module {\n  mithril.entry @f(%%x: tensor<3xf64> {mithril.port = \"a0\"}) -> (tensor<%dxf64> "
      "{mithril.port = \"y\"}",
      3 * PIECES);
  for (int i = 0; i < PIECES; ++i)
    ADD(", tensor<3xf64> {mithril.port = \"p%d\"}", i);
  ADD(") {\n");
  for (int i = 0; i < PIECES; ++i)
    ADD("    %%c%d = mithril.constant dense<%d.0> : tensor<f64>\n    %%p%d = mithril.multiply %%x, "
        "%%c%d : (tensor<3xf64>, tensor<f64>) -> tensor<3xf64>\n",
        i, i + 1, i, i);
  ADD("    %%y = mithril.concat %%p0");
  for (int i = 1; i < PIECES; ++i)
    ADD(", %%p%d", i);
  ADD(" {axis = 0 : i64} : (tensor<3xf64>");
  for (int i = 1; i < PIECES; ++i)
    ADD(", tensor<3xf64>");
  ADD(") -> tensor<%dxf64>\n    mithril.return %%y", 3 * PIECES);
  for (int i = 0; i < PIECES; ++i)
    ADD(", %%p%d", i);
  ADD(" : tensor<%dxf64>", 3 * PIECES);
  for (int i = 0; i < PIECES; ++i)
    ADD(", tensor<3xf64>");
  ADD("\n  }\n}\n");
#undef ADD
}

TEST(many_pieces, are_joined_and_returned) {
  enum { ROOM = 1 << 16 };
  char *const text = malloc(ROOM);
  ASSERT(text);
  write_text(text, ROOM);
  compiled c;
  oracle_tensor x = oracle_make(1, (int64_t[]){3}), y = oracle_make(1, (int64_t[]){3 * PIECES});
  x.value[0] = 1, x.value[1] = -2, x.value[2] = 0.5L;
  if (compiled_make(text, &c)) {
    const mth_dtype f64 = MTH_F64;
    if (compiled_run(&c, "f", 1, 1, &x, &f64, MTH_F64, &y))
      for (int i = 0; i < 3 * PIECES; ++i)
        EXPECT_NEAR((double)y.value[i], (double)(x.value[i % 3] * (i / 3 + 1)), 0);
    compiled_free(&c);
  }
  oracle_free(&x);
  oracle_free(&y);
  free(text);
}
