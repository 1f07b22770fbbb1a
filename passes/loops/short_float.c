// short_float.c: f16 and bf16 as they lie in memory, and their conversions.
#include "passes/loops/lanes.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

static MlirType element_of(MlirType type) {
  return mlirTypeIsAVector(type) ? mlirShapedTypeGetElementType(type) : type;
}

// `element` in the shape of `like`.
static MlirType shaped(MlirType like, MlirType element) {
  return mlirTypeIsAVector(like) ? mth_lanes_type(mlirShapedTypeGetDimSize(like, 0), element)
                                 : element;
}

static bool is_short(MlirType element) {
  return mlirTypeIsAF16(element) || mlirTypeIsABF16(element);
}

MlirType mth_storage_element(MlirType element) {
  return is_short(element) ? mlirIntegerTypeGet(mlirTypeGetContext(element), 16) : element;
}

MlirValue mth_write_from_storage(mth_writer *w, MlirType element, MlirValue stored) {
  if (!is_short(element)) return stored;
  return mth_write_op(w, "arith.bitcast", shaped(mlirValueGetType(stored), element), 1, &stored);
}

MlirValue mth_write_to_storage(mth_writer *w, MlirValue value) {
  const MlirType type = mlirValueGetType(value), element = element_of(type);
  if (!is_short(element)) return value;
  return mth_write_op(w, "arith.bitcast", shaped(type, mth_storage_element(element)), 1, &value);
}

static MlirValue number(mth_writer *w, MlirType type, int64_t value) {
  const MlirAttribute one = mlirIntegerAttrGet(element_of(type), value);
  return mth_write_constant(
      w, type, mlirTypeIsAVector(type) ? mlirDenseElementsAttrSplatGet(type, one) : one);
}

static MlirValue binary(mth_writer *w, const char *name, MlirValue a, MlirValue b) {
  return mth_write_op(w, name, mlirValueGetType(a), 2, (MlirValue[]){a, b});
}

MlirValue mth_write_widen(mth_writer *w, MlirType type, MlirValue value) {
  const MlirType from = mlirValueGetType(value), to = element_of(type);
  if (!mlirTypeIsABF16(element_of(from)) || !mlirTypeIsAF32(to))
    return mth_write_op(w, "arith.extf", type, 1, &value);
  const MlirType wide = shaped(from, w->i32);
  const MlirValue bits = mth_write_to_storage(w, value);
  MlirValue result = mth_write_op(w, "arith.extui", wide, 1, &bits);
  result = binary(w, "arith.shli", result, number(w, wide, 16));
  return mth_write_op(w, "arith.bitcast", type, 1, &result);
}

MlirValue mth_write_narrow(mth_writer *w, MlirType type, MlirValue value) {
  const MlirType from = mlirValueGetType(value), to = element_of(type);
  if (!mlirTypeIsABF16(to) || !mlirTypeIsAF32(element_of(from)))
    return mth_write_op(w, "arith.truncf", type, 1, &value);
  const MlirType wide = shaped(from, w->i32);
  const MlirValue bits = mth_write_op(w, "arith.bitcast", wide, 1, &value);
  const MlirValue top = binary(w, "arith.shrui", bits, number(w, wide, 16));
  const MlirValue odd = binary(w, "arith.andi", top, number(w, wide, 1));
  MlirValue rounded = binary(w, "arith.addi", bits, number(w, wide, 0x7fff));
  rounded = binary(w, "arith.addi", rounded, odd);
  rounded = binary(w, "arith.shrui", rounded, number(w, wide, 16));
  // A NaN keeps its top bits and is made quiet; the addition above might carry it to infinity.
  const MlirValue quiet = binary(w, "arith.ori", top, number(w, wide, 0x40));
  const MlirValue magnitude = binary(w, "arith.andi", bits, number(w, wide, 0x7fffffff));
  const MlirValue finite = mth_write_compare(w, MTH_SLE, magnitude, number(w, wide, 0x7f800000));
  const MlirValue chosen =
      mth_write_op(w, "arith.select", wide, 3, (MlirValue[]){finite, rounded, quiet});
  const MlirValue stored =
      mth_write_op(w, "arith.trunci", shaped(from, mth_storage_element(to)), 1, &chosen);
  return mth_write_op(w, "arith.bitcast", type, 1, &stored);
}
