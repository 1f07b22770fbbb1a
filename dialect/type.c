// type.c: MLIR tensor types and ours.
#include "dialect/type.h"

#include "dialect/fail.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>

MlirType mth_dtype_to_ir(MlirContext context, mth_dtype dtype) {
  switch (dtype) {
  case MTH_BOOL:
    return mlirIntegerTypeGet(context, 1);
  case MTH_I8:
  case MTH_I16:
  case MTH_I32:
  case MTH_I64:
    return mlirIntegerTypeGet(context, (unsigned)mth_dtype_get(dtype)->bits);
  case MTH_F16:
    return mlirF16TypeGet(context);
  case MTH_BF16:
    return mlirBF16TypeGet(context);
  case MTH_F32:
    return mlirF32TypeGet(context);
  case MTH_F64:
    return mlirF64TypeGet(context);
  case MTH_DTYPE_NONE:
    break;
  }
  assert(false && "a known dtype");
  return (MlirType){NULL};
}

mth_dtype mth_dtype_from_ir(MlirType type) {
  MlirContext context = mlirTypeGetContext(type);
#define MTH_DTYPE(name, ...)                                                                       \
  if (mlirTypeEqual(type, mth_dtype_to_ir(context, MTH_##name))) return MTH_##name;
#include "runtime/dtype.def"
#undef MTH_DTYPE
  return MTH_DTYPE_NONE;
}

static mth_status parse_dim(mth_dim_table *dims, mth_arena *arena, MlirLocation loc,
                            MlirAttribute text, const mth_dim **out_dim) {
  if (!mlirAttributeIsAString(text))
    return mth_fail_ir(MTH_INVALID, loc, "the encoding of a tensor wants a text for each '?'");
  const MlirStringRef s = mlirStringAttrGetValue(text);
  const char *copy = mth_arena_copy_text(arena, s.data, s.length);
  if (!copy) return MTH_NO_MEMORY;
  const mth_sink sink = mth_ir_sink(&loc);
  return mth_dim_parse(dims, copy, (mth_location){&sink, NULL}, out_dim);
}

// Counts elements as MLIR does, which would not notice an overflow. Dims of 0 do not excuse others:
// parts of a size are multiplied, too.
static mth_status check_size(MlirLocation loc, MlirType type) {
  int64_t elems = 16; // the most bytes of an element, and room for alignment
  for (intptr_t i = 0; i < mlirShapedTypeGetRank(type); ++i) {
    if (mlirShapedTypeIsDynamicDim(type, i)) continue;
    const int64_t dim = mlirShapedTypeGetDimSize(type, i);
    if (__builtin_mul_overflow(elems, dim > 0 ? dim : 1, &elems))
      return mth_fail_ir(MTH_UNSUPPORTED, loc, "the bytes of a tensor do not fit in 63 bits");
  }
  return MTH_OK;
}

mth_status mth_type_from_ir(mth_dim_table *dims, mth_arena *arena, MlirLocation loc, MlirType type,
                            mth_type *out_type) {
  if (!mlirTypeIsATensor(type)) return mth_fail_ir(MTH_INVALID, loc, "wants a tensor type");
  const mth_dtype dtype = mth_dtype_from_ir(mlirShapedTypeGetElementType(type));
  if (dtype == MTH_DTYPE_NONE)
    return mth_fail_ir(MTH_INVALID, loc, "the element type of a tensor is none of ours");
  if (!mlirTypeIsARankedTensor(type)) {
    *out_type = (mth_type){dtype, -1, NULL};
    return MTH_OK;
  }
  const intptr_t rank = mlirShapedTypeGetRank(type);
  if (rank > mth_rank_max)
    return mth_fail_ir(MTH_UNSUPPORTED, loc, "a tensor has rank %td, the limit is %d", rank,
                       mth_rank_max);
  MTH_TRY(check_size(loc, type));
  MlirAttribute encoding = mlirRankedTensorTypeGetEncoding(type);
  const bool encoded = !mlirAttributeIsNull(encoding);
  intptr_t unknown = 0;
  for (intptr_t i = 0; i < rank; ++i)
    unknown += mlirShapedTypeIsDynamicDim(type, i);
  if (encoded &&
      (!mlirAttributeIsAArray(encoding) || mlirArrayAttrGetNumElements(encoding) != unknown))
    return mth_fail_ir(MTH_INVALID, loc,
                       "the encoding of a tensor wants one text for each of its %td '?'", unknown);
  const mth_dim **shape = MTH_NEW_ARRAY(arena, const mth_dim *, (size_t)rank);
  if (!shape) return MTH_NO_MEMORY;
  for (intptr_t i = 0, expression = 0; i < rank; ++i) {
    if (!mlirShapedTypeIsDynamicDim(type, i)) {
      shape[i] = mth_dim_constant(dims, mlirShapedTypeGetDimSize(type, i));
      if (!shape[i]) return MTH_NO_MEMORY;
    } else if (encoded) {
      MTH_TRY(
          parse_dim(dims, arena, loc, mlirArrayAttrGetElement(encoding, expression++), &shape[i]));
    }
  }
  *out_type = (mth_type){dtype, (int32_t)rank, shape};
  return MTH_OK;
}

MlirType mth_type_to_ir(MlirContext context, mth_dim_table *dims, const mth_type *type) {
  MlirType element = mth_dtype_to_ir(context, type->dtype);
  if (type->rank < 0) return mlirUnrankedTensorTypeGet(element);
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  MlirType result = {NULL};
  const size_t rank = (size_t)type->rank;
  int64_t *shape = MTH_NEW_ARRAY(&arena, int64_t, rank);
  MlirAttribute *texts = MTH_NEW_ARRAY(&arena, MlirAttribute, rank);
  if (!shape || !texts) goto done;
  intptr_t symbolic = 0;
  bool encoded = true;
  for (size_t i = 0; i < rank; ++i) {
    const mth_dim *dim = type->dims[i];
    if (dim && mth_dim_is_constant(dim, &shape[i])) continue;
    shape[i] = mlirShapedTypeGetDynamicSize();
    const char *text = dim ? mth_dim_text(dims, dim) : NULL;
    if (dim && !text) goto done;
    encoded = encoded && dim;
    if (encoded)
      texts[symbolic++] = mlirStringAttrGet(context, mlirStringRefCreateFromCString(text));
  }
  MlirAttribute encoding =
      encoded && symbolic ? mlirArrayAttrGet(context, symbolic, texts) : mlirAttributeGetNull();
  result = mlirRankedTensorTypeGet((intptr_t)rank, shape, element, encoding);
done:
  mth_arena_reset(&arena);
  return result;
}

bool mth_type_is_inferred(const mth_type *type) {
  if (type->dtype == MTH_DTYPE_NONE || type->rank < 0) return false;
  for (int32_t i = 0; i < type->rank; ++i)
    if (!type->dims[i]) return false;
  return true;
}

bool mth_type_agrees(const mth_type *a, const mth_type *b) {
  if (a->dtype && b->dtype && a->dtype != b->dtype) return false;
  if (a->rank < 0 || b->rank < 0) return true;
  if (a->rank != b->rank) return false;
  for (int32_t i = 0; i < a->rank; ++i)
    if (a->dims[i] && b->dims[i] && a->dims[i] != b->dims[i]) return false;
  return true;
}

const char *mth_type_text(mth_dim_table *dims, mth_arena *arena, const mth_type *type) {
  const char *text = "";
  if (type->rank < 0) text = "*x";
  for (int32_t i = 0; text && i < type->rank; ++i) {
    const char *dim = type->dims[i] ? mth_dim_text(dims, type->dims[i]) : "?";
    text = mth_arena_format(arena, "%s%sx", text, dim ? dim : "?");
  }
  const mth_dtype_info *dtype = mth_dtype_get(type->dtype);
  if (text) text = mth_arena_format(arena, "%s%s", text, dtype ? dtype->mlir : "?");
  return text ? text : "?";
}
