// dtype_test.c: the table of element types.
#include "runtime/dtype.h"
#include "test/harness/harness.h"

TEST(dtype, every_row_is_found_by_each_of_its_names) {
  for (int dtype = MTH_BOOL; dtype <= MTH_F64; ++dtype) {
    const mth_dtype_info *row = mth_dtype_get((mth_dtype)dtype);
    ASSERT(row);
    EXPECT_INT(row->dtype, dtype);
    EXPECT(mth_dtype_find_mlir(row->mlir) == row);
    EXPECT(mth_dtype_find_dlpack(row->dlpack_code, row->dlpack_bits) == row);
    EXPECT_INT(row->bits, row->dlpack_bits);
  }
}

// Objects and files hold these numbers.
TEST(dtype, wire_values_do_not_move) {
  static const struct {
    const char *mlir;
    int value;
  } rows[] = {{"i1", 1},  {"i8", 2},   {"i16", 3}, {"i32", 4}, {"i64", 5},
              {"f16", 6}, {"bf16", 7}, {"f32", 8}, {"f64", 9}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i)
    EXPECT_INT(mth_dtype_find_mlir(rows[i].mlir)->dtype, rows[i].value);
}

TEST(dtype, what_is_not_there_is_null) {
  EXPECT(!mth_dtype_get(MTH_DTYPE_NONE));
  EXPECT(!mth_dtype_get((mth_dtype)10));
  EXPECT(!mth_dtype_find_mlir("f8"));
  EXPECT(!mth_dtype_find_dlpack(1, 8));
}

TEST(dtype, names_in_reports) {
  EXPECT_TEXT(mth_dtype_name(MTH_BOOL), "bool");
  EXPECT_TEXT(mth_dtype_name(MTH_BF16), "bf16");
  EXPECT_TEXT(mth_dtype_name(MTH_DTYPE_NONE), "unknown");
}

TEST(dtype, families) {
  EXPECT_INT(mth_dtype_get(MTH_BOOL)->family, MTH_FAMILY_BOOL);
  EXPECT_INT(mth_dtype_get(MTH_I8)->family, MTH_FAMILY_INT);
  EXPECT_INT(mth_dtype_get(MTH_BF16)->family, MTH_FAMILY_FLOAT);
}
