// inspect_test.c: a program in words.
#include "frontend/inspect.h"
#include "test/harness/harness.h"
#include "test/harness/sample_program.h"

static mth_program *open_program(const mth_program_desc *desc) {
  const mth_program_source source = {.struct_bytes = sizeof source, .desc = desc};
  mth_program *program = NULL;
  return mth_program_create(&source, &program) == MTH_OK ? program : NULL;
}

TEST(inspect, tells_entries_ports_symbols_launches_and_memory) {
  mth_program *program = open_program(&sample_program);
  ASSERT(program);
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const mth_symbol_value values[] = {{"T", 100}};
  mth_inspect_program(program, values, 1, &text);
  EXPECT_TEXT(mth_text_get(&text), "program sample\n"
                                   "entry evaluate\n"
                                   "  in     input   f32 [T, 3]\n"
                                   "  in     w       f32 [3]  starts uniform in [-1, 1)\n"
                                   "  in     mask    f32 [T]\n"
                                   "  out    output  f32 [T]\n"
                                   "  out    twice   f32 [2*T + 1]\n"
                                   "  T is dim 0 of input\n"
                                   "  launch 0  dot, tiles of 16\n"
                                   "  launch 1  plus_one, tiles of 16\n"
                                   "  workspace 448 bytes, and 64 bytes of each worker\n"
                                   "entry step\n"
                                   "  in     input  f32 [B, 3]\n"
                                   "  state  w      f32 [3]  starts uniform in [-1, 1)\n"
                                   "  state  slot   f32 [3]\n"
                                   "  out    loss   f32 []\n"
                                   "  B is dim 0 of input\n"
                                   "  workspace depends on the dims\n");
  mth_text_deinit(&text);
  mth_program_destroy(program);
}

TEST(inspect, symbols_are_read_by_name) {
  mth_diagnostic diagnostic = {0};
  const mth_sink sink = mth_sink_keep_first(&diagnostic);
  const mth_location at = {&sink, "trial"};
  const mth_symbol_value values[] = {{"S", 5}, {"T", 7}, {"B", -2}};
  int64_t symbols[1] = {0};
  EXPECT(mth_symbols_read(&sample_entries[0], values, 3, at, symbols) == MTH_OK);
  EXPECT_INT(symbols[0], 7);
  EXPECT(mth_symbols_read(&sample_entries[0], values, 1, at, symbols) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, "the dim T of entry 'evaluate' has no value");
  diagnostic.status = MTH_OK;
  EXPECT(mth_symbols_read(&sample_entries[1], values, 3, at, symbols) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, "the dim B of entry 'step' is -2, wanted 0 or more");
  mth_entry_desc nameless = sample_entries[0];
  static const mth_symbol_desc nobody[] = {{"", 0, 0}};
  static const char *const computed[] = {"?0", "2*?0 + 1"};
  nameless.symbols = nobody;
  nameless.computed = computed;
  const mth_symbol_value numbered[] = {{"?0", 9}};
  EXPECT(mth_symbols_read(&nameless, numbered, 1, at, symbols) == MTH_OK);
  EXPECT_INT(symbols[0], 9);
}
