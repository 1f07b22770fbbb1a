// named_number_test.c: numbers of a precision.
#include "ir/named_number.h"
#include "test/harness/harness.h"

TEST(named_number, has_a_value_for_each_precision) {
  EXPECT(mth_named_number_value(MTH_EPSILON, MTH_F64) == 0x1p-52);
  EXPECT(mth_named_number_value(MTH_EPSILON, MTH_F32) == 1.1920929e-07);
  EXPECT(mth_named_number_value(MTH_EPSILON, MTH_F16) == 0.000977);
  EXPECT(mth_named_number_value(MTH_EPSILON, MTH_BF16) == 0.000977);
  EXPECT(mth_named_number_value(MTH_MIN_POSITIVE_SUBNORMAL, MTH_F64) == 5e-324);
  EXPECT(mth_named_number_value(MTH_MIN_POSITIVE_NORMAL, MTH_F64) == 2.2250738585072014e-308);
  for (int i = 1; i <= 5; i++) // each is above zero in its own type
    EXPECT((float)mth_named_number_value((mth_named_number)i, MTH_F32) > 0);
}

TEST(named_number, is_found_by_its_name) {
  EXPECT_INT(mth_named_number_find("STABLE_RECIPROCAL_THRESHOLD"), MTH_STABLE_RECIPROCAL_THRESHOLD);
  EXPECT_INT(mth_named_number_find("epsilon"), MTH_NOT_NAMED);
  EXPECT_TEXT(mth_named_number_name(MTH_LEFT_EPSILON), "LEFT_EPSILON");
  EXPECT(mth_named_number_name(MTH_NOT_NAMED) == NULL);
}
