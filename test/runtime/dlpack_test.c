// dlpack_test.c: makers and questions of tensors.
#include "runtime/dlpack.h"
#include "test/harness/harness.h"

#include <stdint.h>

TEST(dlpack, a_made_tensor_says_its_dtype) {
  for (int dtype = MTH_BOOL; dtype <= MTH_F64; ++dtype) {
    const DLTensor tensor = mth_tensor_make((mth_dtype)dtype, 0, NULL, NULL);
    EXPECT_INT(mth_tensor_dtype(&tensor), dtype);
    EXPECT_INT(tensor.device.device_type, kDLCPU);
  }
  EXPECT_INT(mth_tensor_make(MTH_BOOL, 0, NULL, NULL).dtype.code, MTH_DLPACK_BOOL);
}

TEST(dlpack, bytes_of_shapes) {
  size_t bytes = 99;
  EXPECT(mth_shape_bytes(MTH_F64, 0, NULL, &bytes) && bytes == 8);
  EXPECT(mth_shape_bytes(MTH_I16, 2, (const int64_t[]){3, 5}, &bytes) && bytes == 30);
  EXPECT(mth_shape_bytes(MTH_I16, 3, (const int64_t[]){INT64_MAX, INT64_MAX, 0}, &bytes));
  EXPECT_INT(bytes, 0);
  EXPECT(!mth_shape_bytes(MTH_I16, 1, (const int64_t[]){INT64_MAX / 2 + 1}, &bytes));
  EXPECT(!mth_shape_bytes(MTH_I16, 2, (const int64_t[]){0, -1}, &bytes));
  EXPECT(!mth_shape_bytes(MTH_DTYPE_NONE, 0, NULL, &bytes));
}

static bool contiguous(int64_t a, int64_t b, int64_t stride_a, int64_t stride_b) {
  int64_t shape[] = {a, b}, strides[] = {stride_a, stride_b};
  DLTensor tensor = mth_tensor_make(MTH_F32, 2, shape, NULL);
  tensor.strides = strides;
  return mth_tensor_is_contiguous(&tensor);
}

TEST(dlpack, contiguity) {
  EXPECT(contiguous(3, 4, 4, 1));
  EXPECT(!contiguous(3, 4, 1, 3));
  EXPECT(!contiguous(3, 4, 8, 1));
  EXPECT(!contiguous(3, 4, 0, 1)); // broadcast
  EXPECT(contiguous(1, 4, 77, 1));
  EXPECT(contiguous(3, 1, 1, -7));
  EXPECT(contiguous(0, 4, 9, 9));
  EXPECT(contiguous(3, 0, 9, 9));
}

TEST(dlpack, descriptions) {
  int64_t shape[] = {3, 784};
  char text[64], little[6];
  DLTensor tensor = mth_tensor_make(MTH_BF16, 2, shape, NULL);
  EXPECT_TEXT(mth_tensor_describe(&tensor, text, sizeof text), "bf16 [3, 784]");
  EXPECT_TEXT(mth_tensor_describe(&tensor, little, sizeof little), "bf16 ");
  tensor = mth_tensor_make(MTH_BOOL, 0, NULL, NULL);
  EXPECT_TEXT(mth_tensor_describe(&tensor, text, sizeof text), "bool []");
  tensor.dtype = (DLDataType){kDLComplex, 64, 1};
  EXPECT_TEXT(mth_tensor_describe(&tensor, text, sizeof text), "complex64 []");
  tensor.dtype.code = 200;
  EXPECT_TEXT(mth_tensor_describe(&tensor, text, sizeof text), "DLPack type 200:64:1 []");
}

TEST(dlpack, data_begins_at_the_offset) {
  float x[4];
  DLTensor tensor = mth_tensor_make(MTH_F32, 0, NULL, x);
  tensor.byte_offset = 8;
  EXPECT(mth_tensor_data(&tensor) == x + 2);
  tensor.data = NULL;
  EXPECT(mth_tensor_data(&tensor) == NULL);
}
