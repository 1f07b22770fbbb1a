// dlpack.c: makers and questions of DLPack tensors.
#include "runtime/dlpack.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

DLTensor mth_tensor_make(mth_dtype dtype, int32_t rank, int64_t *shape, void *data) {
  const mth_dtype_info *info = mth_dtype_get(dtype);
  return (DLTensor){
      .data = data,
      .device = {kDLCPU, 0},
      .ndim = rank,
      .dtype = {info ? info->dlpack_code : 0, info ? info->dlpack_bits : 0, 1},
      .shape = shape,
  };
}

mth_dtype mth_tensor_dtype(const DLTensor *tensor) {
  if (tensor->dtype.lanes != 1) return MTH_DTYPE_NONE;
  const mth_dtype_info *info = mth_dtype_find_dlpack(tensor->dtype.code, tensor->dtype.bits);
  return info ? info->dtype : MTH_DTYPE_NONE;
}

bool mth_shape_bytes(mth_dtype dtype, int32_t rank, const int64_t *shape, size_t *out_bytes) {
  const mth_dtype_info *info = mth_dtype_get(dtype);
  if (!info) return false;
  // A zero extent makes the tensor empty, however large the product of the others is.
  bool empty = false;
  for (int32_t i = 0; i < rank; ++i) {
    if (shape[i] < 0) return false;
    empty = empty || shape[i] == 0;
  }
  int64_t bytes = empty ? 0 : (int64_t)(info->bits / 8);
  for (int32_t i = 0; i < rank && !empty; ++i)
    if (__builtin_mul_overflow(bytes, shape[i], &bytes)) return false;
  if (bytes > PTRDIFF_MAX) return false;
  *out_bytes = (size_t)bytes;
  return true;
}

bool mth_tensor_is_contiguous(const DLTensor *tensor) {
  if (!tensor->strides) return true;
  int64_t wanted = 1;
  bool contiguous = true;
  for (int i = tensor->ndim; i-- > 0;) {
    if (tensor->shape[i] == 0) return true;
    if (tensor->shape[i] != 1 && tensor->strides[i] != wanted) contiguous = false;
    // An overflow means more elements than memory holds; the size check refuses those.
    if (__builtin_mul_overflow(wanted, tensor->shape[i], &wanted)) return false;
  }
  return contiguous;
}

void *mth_tensor_data(const DLTensor *tensor) {
  return tensor->data ? (char *)tensor->data + tensor->byte_offset : NULL;
}

const char *mth_tensor_describe(const DLTensor *tensor, char *text, size_t text_bytes) {
  static const char *const codes[] = {"int", "uint", "float", "handle", "bfloat", "complex"};
  const mth_dtype ours = mth_tensor_dtype(tensor);
  const DLDataType dtype = tensor->dtype;
  if (text_bytes == 0) return text;
  if (ours != MTH_DTYPE_NONE)
    snprintf(text, text_bytes, "%s [", mth_dtype_name(ours));
  else if (dtype.code < sizeof codes / sizeof codes[0] && dtype.lanes == 1)
    snprintf(text, text_bytes, "%s%d [", codes[dtype.code], dtype.bits);
  else
    snprintf(text, text_bytes, "DLPack type %d:%d:%d [", dtype.code, dtype.bits, dtype.lanes);
  for (int i = 0; i < tensor->ndim && tensor->shape; ++i) {
    const size_t used = strlen(text);
    snprintf(text + used, text_bytes - used, "%s%" PRId64, i ? ", " : "", tensor->shape[i]);
  }
  const size_t used = strlen(text);
  snprintf(text + used, text_bytes - used, "]");
  return text;
}
