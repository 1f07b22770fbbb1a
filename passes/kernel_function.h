// kernel_function.h: the function that a kernel becomes, while it is written.
#ifndef MTH_PASSES_KERNEL_FUNCTION_H
#define MTH_PASSES_KERNEL_FUNCTION_H
#include "passes/kernel_stages.h"

// A value that is a tensor in the function: an argument, or kept. Tensor dim j runs along the
// value's axis layout.axis[j].
typedef struct mth_kernel_tensor {
  MlirValue value; // null: not there yet
  mth_layout layout;
} mth_kernel_tensor;

// A kernel's function under construction.
typedef struct mth_kernel_function {
  const mth_kernel_body *body;
  MlirContext context;
  MlirBlock block; // of the function; ops are appended
  MlirLocation loc;
  size_t first_symbol;        // the argument of the function that is d0
  mth_kernel_tensor *tensors; // by node
} mth_kernel_function;

// A dim as index arithmetic on the function's symbols, or as a constant.
MlirValue mth_kernel_dim(mth_kernel_function *function, const mth_dim *dim);
// A tensor without contents.
MlirValue mth_kernel_empty(mth_kernel_function *function, MlirType element, size_t rank,
                           const mth_dim *const *dims);
// The element type in which a dtype is stored: bool in i8.
MlirType mth_storage_type(MlirContext context, mth_dtype dtype);
// An arith.constant of type index.
MlirValue mth_index_constant_op(MlirBlock block, MlirLocation loc, int64_t value);

// tensor[offset : offset + size*stride : stride] along each dim.
typedef struct mth_slice_dim {
  const mth_dim *offset, *size;
  int64_t stride;
} mth_slice_dim;
MlirValue mth_kernel_slice(mth_kernel_function *function, MlirValue tensor, size_t rank,
                           const mth_slice_dim *slice);
#endif
