// dlpack.h: tensors at the border. The packaged header (0.6), what it lacks, and small makers.
#ifndef MTH_RUNTIME_DLPACK_H
#define MTH_RUNTIME_DLPACK_H
#include "runtime/dtype.h"

#include <dlpack/dlpack.h>
#include <stdbool.h>

// Later versions of the header name it kDLBool; 0.6 has no bool yet. One byte, 0 or 1.
#define MTH_DLPACK_BOOL 6

// Beyond this a tensor is refused, so that shapes fit in fixed storage.
#define MTH_TENSOR_MAX_RANK 32

// A contiguous row-major tensor in CPU memory. Borrows `data` and `shape`.
DLTensor mth_tensor_make(mth_dtype dtype, int32_t rank, int64_t *shape, void *data);

// The element type, or MTH_DTYPE_NONE if we have none like it (or it has several lanes).
mth_dtype mth_tensor_dtype(const DLTensor *tensor);

// Elements and bytes of a shape. False if an extent is negative, or the bytes leave PTRDIFF_MAX.
bool mth_shape_bytes(mth_dtype dtype, int32_t rank, const int64_t *shape, size_t *out_bytes);

// Whether elements lie one after another in row-major order. Strides of extents 0 and 1 do not
// matter.
bool mth_tensor_is_contiguous(const DLTensor *tensor);

// Where the elements begin: data + byte_offset.
void *mth_tensor_data(const DLTensor *tensor);

// Writes "f32 [3, 784]" into `text`, cut to `text_bytes` with its terminating zero; returns text.
const char *mth_tensor_describe(const DLTensor *tensor, char *text, size_t text_bytes);
#endif
