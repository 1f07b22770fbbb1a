// element_test.c: numbers to elements and back.
#include "runtime/element.h"
#include "test/harness/harness.h"

#include <math.h>
#include <string.h>

static unsigned bits_of(mth_dtype dtype, double value) {
  uint16_t bits;
  mth_element_store(dtype, value, &bits);
  return bits;
}

// Source  IEEE 754 binary16: limits, halfway cases, subnormals.
TEST(element, f16_rounds_to_nearest_even) {
  EXPECT_INT(bits_of(MTH_F16, 0.0), 0x0000);
  EXPECT_INT(bits_of(MTH_F16, -0.0), 0x8000);
  EXPECT_INT(bits_of(MTH_F16, 1.0), 0x3C00);
  EXPECT_INT(bits_of(MTH_F16, -2.0), 0xC000);
  EXPECT_INT(bits_of(MTH_F16, 65504.0), 0x7BFF);
  EXPECT_INT(bits_of(MTH_F16, 65519.99), 0x7BFF);
  EXPECT_INT(bits_of(MTH_F16, 65520.0), 0x7C00);   // halfway to 2^16: infinity
  EXPECT_INT(bits_of(MTH_F16, 0x1p-24), 0x0001);   // the least subnormal
  EXPECT_INT(bits_of(MTH_F16, 0x1p-25), 0x0000);   // halfway, even
  EXPECT_INT(bits_of(MTH_F16, 0x1.8p-24), 0x0002); // halfway, even
  EXPECT_INT(bits_of(MTH_F16, 1 + 0x1p-11), 0x3C00);
  EXPECT_INT(bits_of(MTH_F16, 1 + 0x3p-11), 0x3C02);
  EXPECT_INT(bits_of(MTH_F16, (double)INFINITY), 0x7C00);
  EXPECT_INT(bits_of(MTH_F16, -(double)INFINITY), 0xFC00);
  EXPECT_INT(bits_of(MTH_F16, (double)NAN) & 0x7FFF, 0x7E00);
}

TEST(element, bf16_is_the_upper_half_of_f32) {
  EXPECT_INT(bits_of(MTH_BF16, 1.0), 0x3F80);
  EXPECT_INT(bits_of(MTH_BF16, 1 + 0x1p-8), 0x3F80);
  EXPECT_INT(bits_of(MTH_BF16, 1 + 0x3p-8), 0x3F82);
  EXPECT_INT(bits_of(MTH_BF16, 0x1.fep127), 0x7F7F);
  EXPECT_INT(bits_of(MTH_BF16, 0x1.ffp127), 0x7F80);
}

TEST(element, every_f16_and_bf16_survives_the_way_through_f64) {
  const mth_dtype dtypes[] = {MTH_F16, MTH_BF16};
  for (int k = 0; k < 2; ++k)
    for (unsigned bits = 0; bits < 0x10000; ++bits) {
      const uint16_t element = (uint16_t)bits;
      const double value = mth_element_load(dtypes[k], &element);
      if (isnan(value)) continue;
      if (bits_of(dtypes[k], value) != bits) EXPECT_INT(bits_of(dtypes[k], value), bits);
    }
}

TEST(element, integers_saturate) {
  int8_t i8;
  int64_t i64;
  uint8_t b;
  mth_element_store(MTH_I8, 1000, &i8);
  EXPECT_INT(i8, 127);
  mth_element_store(MTH_I8, -1000, &i8);
  EXPECT_INT(i8, -128);
  mth_element_store(MTH_I8, -3.9, &i8);
  EXPECT_INT(i8, -3);
  mth_element_store(MTH_I64, 1e300, &i64);
  EXPECT(i64 == INT64_MAX);
  mth_element_store(MTH_I64, (double)NAN, &i64);
  EXPECT_INT(i64, 0);
  mth_element_store(MTH_BOOL, -0.5, &b);
  EXPECT_INT(b, 1);
}

TEST(element, every_dtype_keeps_a_small_integer) {
  for (int dtype = MTH_BOOL; dtype <= MTH_F64; ++dtype) {
    char element[8];
    mth_element_store((mth_dtype)dtype, 1.0, element);
    EXPECT(mth_element_load((mth_dtype)dtype, element) == 1.0);
  }
}
