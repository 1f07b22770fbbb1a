// mlir_outline_test.c: noting the ports of an entry.
#include "frontend/mlir_outline.h"
#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"

static mth_status note_entry(mth_mlir_outline *outline, mth_dim_table *dims, mth_entry_desc *entry,
                             bool *is_late) {
  const mth_dim *three = mth_dim_constant(dims, 3), *T = mth_dim_symbol(dims, "T");
  const mth_dim *known[] = {three, three}, *open[] = {T};
  const mth_type matrix = {MTH_F32, 2, known}, row = {MTH_F32, 1, open}, none = {MTH_I64, -1, NULL};
  const mth_type scalar = {MTH_F32, 0, NULL};
  const mth_init ones = {MTH_INIT_CONSTANT, 0, 1, 0};
  MTH_TRY(mth_mlir_outline_add(outline, "w", MTH_STATE, &matrix, &ones));
  MTH_TRY(mth_mlir_outline_add(outline, "input", MTH_IN, &row, NULL));
  MTH_TRY(mth_mlir_outline_add(outline, "index", MTH_IN, &none, NULL));
  MTH_TRY(mth_mlir_outline_add(outline, "loss", MTH_OUT, &scalar, NULL));
  MTH_TRY(mth_mlir_outline_add(outline, "w", MTH_OUT, &matrix, NULL));
  outline->is_late = true;
  return mth_mlir_outline_finish(outline, "step", entry, is_late);
}

TEST(mlir_outline, ports_are_in_then_state_then_out) {
  mth_dim_table *dims;
  ASSERT(mth_dim_table_create(mth_default_allocator(), &dims) == MTH_OK);
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_mlir_outline outline = {.arena = &arena};
  mth_entry_desc entry;
  bool is_late = false;
  ASSERT(note_entry(&outline, dims, &entry, &is_late) == MTH_OK);
  EXPECT(is_late && !entry.run && !outline.is_late && !outline.first);
  EXPECT_TEXT(entry.name, "step");
  ASSERT(entry.port_count == 4); // the new value of a state is no port
  EXPECT_TEXT(entry.ports[0].name, "input");
  EXPECT_INT(entry.ports[0].rank, -1); // T is no number
  EXPECT_INT(entry.ports[0].dtype, MTH_F32);
  EXPECT_TEXT(entry.ports[1].name, "index");
  EXPECT_INT(entry.ports[1].rank, -1);
  EXPECT_TEXT(entry.ports[2].name, "w");
  EXPECT_INT(entry.ports[2].role, MTH_STATE);
  EXPECT_INT(entry.ports[2].rank, 2);
  EXPECT_INT(entry.ports[2].dims[1], 3);
  EXPECT(entry.ports[2].init.kind == MTH_INIT_CONSTANT && entry.ports[2].init.a == 1);
  EXPECT_TEXT(entry.ports[3].name, "loss");
  EXPECT_INT(entry.ports[3].rank, 0);
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
}

TEST(mlir_outline, survives_having_no_memory) {
  mth_dim_table *dims;
  ASSERT(mth_dim_table_create(mth_default_allocator(), &dims) == MTH_OK);
  failing_allocator failing = {.fail_at = 0};
  const mth_allocator allocator = failing_allocator_hook(&failing);
  mth_arena arena = MTH_ARENA_INIT(&allocator);
  mth_mlir_outline outline = {.arena = &arena};
  mth_entry_desc entry;
  bool is_late;
  EXPECT(note_entry(&outline, dims, &entry, &is_late) == MTH_NO_MEMORY);
  mth_arena_reset(&arena);
  EXPECT_INT(failing.live, 0);
  mth_dim_table_destroy(dims);
}
