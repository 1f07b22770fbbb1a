// nest_buffer.c: the memrefs of a kernel as elements in a row.
#include "dialect/match.h"
#include "passes/loops/nest.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

static mth_index_value static_or_operand(int64_t number, MlirOperation op, intptr_t *next) {
  if (number != INT64_MIN) return mth_index_number(number);
  return mth_index_of(mlirOperationGetOperand(op, (*next)++));
}

static bool describe(mth_nest *nest, MlirValue memory, mth_buffer *out) {
  const MlirType type = mlirValueGetType(memory);
  if (!mlirTypeIsAMemRef(type) || mlirShapedTypeGetRank(type) > MTH_MAX_RANK) return false;
  *out = (mth_buffer){.memory = memory,
                      .flat = memory,
                      .element = mlirShapedTypeGetElementType(type),
                      .rank = mlirShapedTypeGetRank(type)};
  const MlirOperation op = mth_defining_op(memory);
  if (mlirValueIsABlockArgument(memory)) {
    mth_index_value stride = mth_index_number(1);
    for (intptr_t i = out->rank; i-- > 0;) {
      out->stride[i] = stride;
      const mth_dim *extent;
      if (i == 0) break;
      if (mth_extent_get(&nest->extents, memory, i, &extent) != MTH_OK) return false;
      stride =
          mth_write_multiply(&nest->w, stride, mth_extent_write(&nest->extents, &nest->w, extent));
    }
    return true;
  }
  if (mth_op_is_named(op, "memref.view")) {
    if (out->rank == 1) out->stride[0] = mth_index_number(1);
    return out->rank == 1;
  }
  if (!mth_op_is_named(op, "memref.reinterpret_cast") && !mth_op_is_named(op, "memref.subview"))
    return false;
  const bool is_subview = mth_op_is_named(op, "memref.subview");
  const mth_buffer *const source = mth_nest_buffer(nest, mlirOperationGetOperand(op, 0));
  if (!source) return false;
  out->flat = source->flat;
  const MlirAttribute offsets = mth_op_attribute(op, "static_offsets");
  const MlirAttribute sizes = mth_op_attribute(op, "static_sizes");
  const MlirAttribute strides = mth_op_attribute(op, "static_strides");
  intptr_t next = 1;
  out->offset = source->offset;
  for (intptr_t i = 0; i < mlirDenseArrayGetNumElements(offsets); ++i) {
    const mth_index_value at =
        static_or_operand(mlirDenseI64ArrayGetElement(offsets, i), op, &next);
    out->offset =
        mth_write_add(&nest->w, out->offset,
                      is_subview ? mth_write_multiply(&nest->w, at, source->stride[i]) : at);
  }
  for (intptr_t i = 0; i < out->rank; ++i)
    next += mlirDenseI64ArrayGetElement(sizes, i) == INT64_MIN;
  for (intptr_t i = 0; i < out->rank; ++i) {
    const mth_index_value stride =
        static_or_operand(mlirDenseI64ArrayGetElement(strides, i), op, &next);
    out->stride[i] = is_subview ? mth_write_multiply(&nest->w, stride, source->stride[i]) : stride;
  }
  return true;
}

mth_buffer *mth_nest_buffer(mth_nest *nest, MlirValue memory) {
  for (size_t i = 0; i < nest->buffer_count; ++i)
    if (mlirValueEqual(nest->buffers[i].memory, memory)) return &nest->buffers[i];
  if (nest->buffer_count == nest->buffer_capacity) return NULL;
  mth_buffer made;
  if (!describe(nest, memory, &made)) return NULL;
  nest->buffers[nest->buffer_count] = made; // after describe, which may add its source
  return &nest->buffers[nest->buffer_count++];
}

const mth_buffer *mth_nest_find_buffer(void *user, MlirValue memory) {
  return mth_nest_buffer(user, memory);
}
