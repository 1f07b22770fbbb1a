// scalar.c: scalar code in arith and math.
#include "dialect/scalar.h"

#include "dialect/make.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>
#include <math.h>

MlirType mth_scalar_type(MlirContext context, mth_dtype dtype) {
  switch (dtype) {
  case MTH_DTYPE_NONE:
    break;
  case MTH_BOOL:
    return mlirIntegerTypeGet(context, 1);
  case MTH_I8:
    return mlirIntegerTypeGet(context, 8);
  case MTH_I16:
    return mlirIntegerTypeGet(context, 16);
  case MTH_I32:
    return mlirIntegerTypeGet(context, 32);
  case MTH_I64:
    return mlirIntegerTypeGet(context, 64);
  case MTH_F16:
  case MTH_BF16:
  case MTH_F32:
    return mlirF32TypeGet(context);
  case MTH_F64:
    return mlirF64TypeGet(context);
  }
  assert(false && "a known dtype");
  return (MlirType){NULL};
}

static MlirValue append(mth_scalar *scalar, const mth_op_spec *spec) {
  return mlirOperationGetResult(mth_append_op(scalar->block, spec), 0);
}

MlirValue mth_scalar_op(mth_scalar *scalar, const char *name, MlirType type, size_t operand_count,
                        const MlirValue *operands) {
  return append(scalar, &(mth_op_spec){.name = name,
                                       .loc = scalar->loc,
                                       .operand_count = (intptr_t)operand_count,
                                       .operands = operands,
                                       .result_count = 1,
                                       .results = &type});
}

MlirValue mth_scalar_unary(mth_scalar *scalar, const char *name, MlirValue x) {
  return mth_scalar_op(scalar, name, mlirValueGetType(x), 1, &x);
}

MlirValue mth_scalar_binary(mth_scalar *scalar, const char *name, MlirValue x, MlirValue y) {
  return mth_scalar_op(scalar, name, mlirValueGetType(x), 2, (MlirValue[]){x, y});
}

MlirValue mth_scalar_arith(mth_scalar *scalar, const char *float_op, const char *integer_op,
                           MlirValue x, MlirValue y) {
  const bool is_float = mlirTypeIsAFloat(mlirValueGetType(x));
  return mth_scalar_binary(scalar, is_float ? float_op : integer_op, x, y);
}

MlirValue mth_scalar_select(mth_scalar *scalar, MlirValue condition, MlirValue x, MlirValue y) {
  return mth_scalar_op(scalar, "arith.select", mlirValueGetType(x), 3,
                       (MlirValue[]){condition, x, y});
}

MlirValue mth_scalar_compare(mth_scalar *scalar, mth_relation relation, MlirValue x, MlirValue y) {
  // arith's predicates: oeq 1, ogt 2, oge 3, olt 4, ole 5, une 13; eq 0, ne 1, slt 2, sle 3, sgt 4,
  // sge 5, ult 6, ule 7, ugt 8, uge 9.
  static const struct {
    int64_t ordered, is_signed, is_unsigned;
  } predicates[] = {[MTH_EQUAL] = {1, 0, 0},   [MTH_NOT_EQUAL] = {13, 1, 1},
                    [MTH_LESS] = {4, 2, 6},    [MTH_LESS_EQUAL] = {5, 3, 7},
                    [MTH_GREATER] = {2, 4, 8}, [MTH_GREATER_EQUAL] = {3, 5, 9}};
  const MlirType type = mlirValueGetType(x), i1 = mlirIntegerTypeGet(scalar->context, 1);
  const bool is_float = mlirTypeIsAFloat(type);
  const int64_t predicate = is_float                  ? predicates[relation].ordered
                            : mlirTypeEqual(type, i1) ? predicates[relation].is_unsigned
                                                      : predicates[relation].is_signed;
  const MlirNamedAttribute named =
      mth_named(scalar->context, "predicate", mth_i64_attr(scalar->context, predicate));
  return append(scalar, &(mth_op_spec){.name = is_float ? "arith.cmpf" : "arith.cmpi",
                                       .loc = scalar->loc,
                                       .operand_count = 2,
                                       .operands = (MlirValue[]){x, y},
                                       .result_count = 1,
                                       .results = &i1,
                                       .attribute_count = 1,
                                       .attributes = &named});
}

static MlirValue constant(mth_scalar *scalar, MlirType type, MlirAttribute value) {
  const MlirNamedAttribute named = mth_named(scalar->context, "value", value);
  return append(scalar, &(mth_op_spec){.name = "arith.constant",
                                       .loc = scalar->loc,
                                       .result_count = 1,
                                       .results = &type,
                                       .attribute_count = 1,
                                       .attributes = &named});
}

MlirValue mth_scalar_number(mth_scalar *scalar, MlirType type, double value) {
  if (!mlirTypeIsAFloat(type)) return mth_scalar_integer(scalar, type, (int64_t)value);
  return constant(scalar, type, mlirFloatAttrDoubleGet(scalar->context, type, value));
}

MlirValue mth_scalar_integer(mth_scalar *scalar, MlirType type, int64_t value) {
  return constant(scalar, type, mlirIntegerAttrGet(type, value));
}

static MlirValue float_to_integer(mth_scalar *scalar, MlirValue x, mth_dtype to) {
  const MlirType from = mlirValueGetType(x), type = mth_scalar_type(scalar->context, to);
  const int bits = (int)mth_dtype_get(to)->bits;
  const MlirValue low = mth_scalar_number(scalar, from, -ldexp(1, bits - 1));
  const MlirValue high = mth_scalar_number(scalar, from, ldexp(1, bits - 1));
  const MlirValue below = mth_scalar_compare(scalar, MTH_LESS, x, low);
  const MlirValue above = mth_scalar_compare(scalar, MTH_GREATER_EQUAL, x, high);
  const MlirValue number = mth_scalar_compare(scalar, MTH_EQUAL, x, x);
  // Only what fits is converted: anything else would be poison.
  const MlirValue outside = mth_scalar_binary(scalar, "arith.ori", below, above);
  const MlirValue zero = mth_scalar_number(scalar, from, 0);
  MlirValue safe = mth_scalar_select(scalar, outside, zero, x);
  safe = mth_scalar_select(scalar, number, safe, zero);
  MlirValue result = mth_scalar_op(scalar, "arith.fptosi", type, 1, &safe);
  const int64_t least = INT64_MIN >> (64 - bits), most = INT64_MAX >> (64 - bits);
  result = mth_scalar_select(scalar, below, mth_scalar_integer(scalar, type, least), result);
  return mth_scalar_select(scalar, above, mth_scalar_integer(scalar, type, most), result);
}

// Through f32 to f16 or bf16 and back: the value as it would be stored.
static MlirValue round_narrow(mth_scalar *scalar, MlirValue x, mth_dtype to) {
  const MlirType narrow =
      to == MTH_F16 ? mlirF16TypeGet(scalar->context) : mlirBF16TypeGet(scalar->context);
  const MlirValue rounded = mth_scalar_op(scalar, "arith.truncf", narrow, 1, &x);
  return mth_scalar_op(scalar, "arith.extf", mlirF32TypeGet(scalar->context), 1, &rounded);
}

static MlirValue to_float(mth_scalar *scalar, MlirValue x, mth_dtype from, mth_dtype to) {
  const MlirType type = mth_scalar_type(scalar->context, to);
  const mth_family family = mth_dtype_get(from)->family;
  MlirValue result = x;
  if (family == MTH_FAMILY_BOOL) result = mth_scalar_op(scalar, "arith.uitofp", type, 1, &x);
  if (family == MTH_FAMILY_INT) result = mth_scalar_op(scalar, "arith.sitofp", type, 1, &x);
  if (family == MTH_FAMILY_FLOAT && from == MTH_F64 && to != MTH_F64)
    result = mth_scalar_op(scalar, "arith.truncf", type, 1, &x);
  if (family == MTH_FAMILY_FLOAT && from != MTH_F64 && to == MTH_F64)
    result = mth_scalar_op(scalar, "arith.extf", type, 1, &x);
  return to == MTH_F16 || to == MTH_BF16 ? round_narrow(scalar, result, to) : result;
}

MlirValue mth_scalar_convert(mth_scalar *scalar, MlirValue x, mth_dtype from, mth_dtype to) {
  if (from == to) return x;
  const mth_dtype_info *source = mth_dtype_get(from), *target = mth_dtype_get(to);
  if (target->family == MTH_FAMILY_FLOAT) return to_float(scalar, x, from, to);
  if (target->family == MTH_FAMILY_BOOL)
    return mth_scalar_compare(scalar, MTH_NOT_EQUAL, x,
                              mth_scalar_number(scalar, mlirValueGetType(x), 0));
  if (source->family == MTH_FAMILY_FLOAT) return float_to_integer(scalar, x, to);
  const MlirType type = mth_scalar_type(scalar->context, to);
  if (source->family == MTH_FAMILY_BOOL) return mth_scalar_op(scalar, "arith.extui", type, 1, &x);
  const char *name = target->bits > source->bits ? "arith.extsi" : "arith.trunci";
  return mth_scalar_op(scalar, name, type, 1, &x);
}

MlirValue mth_scalar_operand(mth_scalar *scalar, const MlirValue *operands, size_t i) {
  return mth_scalar_convert(scalar, operands[i], scalar->op->operands[i].dtype, scalar->dtype);
}

MlirValue mth_scalar_result_number(mth_scalar *scalar, double value) {
  return mth_scalar_number(scalar, mth_scalar_type(scalar->context, scalar->dtype), value);
}

bool mth_scalar_is_float(const mth_scalar *scalar) {
  return mth_dtype_get(scalar->dtype)->family == MTH_FAMILY_FLOAT;
}
