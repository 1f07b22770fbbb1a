// tiny_model.c: one run of relu(x w) on 4x8 by 8x4, with every check of a call. The goal is 1 us.
#include "bench/measure/compiled.h"

int main(void) {
  static const char text[] =
      "module @tiny {\n"
      "  mithril.entry @evaluate(%x: tensor<4x8xf32> {mithril.port = \"x\"},\n"
      "      %w: tensor<8x4xf32> {mithril.port = \"w\"})\n"
      "      -> (tensor<4x4xf32> {mithril.port = \"y\"}) {\n"
      "    %0 = mithril.matmul %x, %w\n"
      "        : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>\n"
      "    %1 = mithril.relu %0 : (tensor<4x4xf32>) -> tensor<4x4xf32>\n"
      "    mithril.return %1 : tensor<4x4xf32>\n"
      "  }\n"
      "}\n";
  mth_context *const context = bench_context();
  static bench_compiled compiled;
  bench_load(&compiled, context, text);
  bench_call(&compiled, "evaluate", 1);
  bench_bind_rest(&compiled, "evaluate");
  const bench_row row = bench_against_goal("tiny_model_run", 1, bench_run_of(&compiled), 1e-6, 31);
  bench_report(&row);
  bench_call_deinit(&compiled);
  bench_compiled_deinit(&compiled);
  mth_context_destroy(context);
  return 0;
}
