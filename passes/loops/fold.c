// fold.c: the operation by which a reduction combines two values, and its neutral element.
#include "passes/loops/fold.h"

#include "dialect/make.h"
#include "dialect/match.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <math.h>

typedef enum neutral { ZERO, MINUS_ZERO, ONE, LOWEST, HIGHEST, ALL_ONES } neutral;

static const struct row {
  const char *op;
  neutral neutral;
} rows[] = {
    {"arith.addf", MINUS_ZERO},  {"arith.mulf", ONE},       {"arith.maximumf", LOWEST},
    {"arith.minimumf", HIGHEST}, {"arith.maxnumf", LOWEST}, {"arith.minnumf", HIGHEST},
    {"arith.addi", ZERO},        {"arith.muli", ONE},       {"arith.maxsi", LOWEST},
    {"arith.minsi", HIGHEST},    {"arith.maxui", ZERO},     {"arith.minui", ALL_ONES},
    {"arith.andi", ALL_ONES},    {"arith.ori", ZERO},       {"arith.xori", ZERO},
};

static const struct row *row_of(MlirOperation op) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i)
    if (mth_op_is_named(op, rows[i].op)) return &rows[i];
  return NULL;
}

static bool has_one_use(MlirValue value) {
  const MlirOpOperand use = mlirValueGetFirstUse(value);
  return !mlirOpOperandIsNull(use) && mlirOpOperandIsNull(mlirOpOperandGetNextUse(use));
}

MlirOperation mth_fold_find(MlirOperation generic, intptr_t result) {
  const MlirBlock body = mth_op_body(generic);
  const intptr_t result_count = mlirOperationGetNumOperands(mlirBlockGetTerminator(body));
  const MlirValue accumulator =
      mlirBlockGetArgument(body, mlirBlockGetNumArguments(body) - result_count + result);
  const MlirOperation op =
      mth_defining_op(mlirOperationGetOperand(mlirBlockGetTerminator(body), result));
  if (!row_of(op) || !has_one_use(accumulator)) return (MlirOperation){NULL};
  const bool is_operand = mlirValueEqual(mlirOperationGetOperand(op, 0), accumulator) ||
                          mlirValueEqual(mlirOperationGetOperand(op, 1), accumulator);
  return is_operand && has_one_use(mlirOperationGetResult(op, 0)) ? op : (MlirOperation){NULL};
}

bool mth_fold_is_exact(MlirOperation fold) {
  return !mth_op_is_named(fold, "arith.addf") && !mth_op_is_named(fold, "arith.mulf");
}

static MlirAttribute integer_neutral(MlirType type, neutral which) {
  const unsigned bits = mlirIntegerTypeGetWidth(type);
  switch (which) {
  case ONE:
    return mlirIntegerAttrGet(type, 1);
  case LOWEST:
    return mlirIntegerAttrGet(type, INT64_MIN >> (64 - bits));
  case HIGHEST:
    return mlirIntegerAttrGet(type, INT64_MAX >> (64 - bits));
  case ALL_ONES:
    return mlirIntegerAttrGet(type, -1);
  case ZERO:
  case MINUS_ZERO:
    break;
  }
  return mlirIntegerAttrGet(type, 0);
}

MlirValue mth_fold_neutral(mth_writer *w, MlirOperation fold) {
  const MlirType type = mlirValueGetType(mlirOperationGetResult(fold, 0));
  const neutral which = row_of(fold)->neutral;
  if (mlirTypeIsAInteger(type)) return mth_write_constant(w, type, integer_neutral(type, which));
  const double number = which == ONE       ? 1
                        : which == LOWEST  ? -INFINITY
                        : which == HIGHEST ? INFINITY
                                           : -0.0;
  return mth_write_constant(w, type, mlirFloatAttrDoubleGet(w->context, type, number));
}

MlirValue mth_fold_combine(mth_writer *w, MlirOperation fold, MlirValue a, MlirValue b) {
  enum { MAX_ATTRIBUTES = 4 };
  MlirNamedAttribute attributes[MAX_ATTRIBUTES];
  intptr_t count = mlirOperationGetNumAttributes(fold);
  if (count > MAX_ATTRIBUTES) count = MAX_ATTRIBUTES;
  for (intptr_t i = 0; i < count; ++i)
    attributes[i] = mlirOperationGetAttribute(fold, i);
  return mth_write_op_with(w, mlirIdentifierStr(mlirOperationGetName(fold)).data,
                           mlirValueGetType(a), 2, (MlirValue[]){a, b}, count, attributes);
}

static MlirValue half(mth_writer *w, MlirValue vector, int64_t first, int64_t count) {
  int64_t lanes[64];
  for (int64_t i = 0; i < count; ++i)
    lanes[i] = first + i;
  const MlirNamedAttribute mask =
      mth_named(w->context, "mask", mlirDenseI64ArrayGet(w->context, count, lanes));
  const MlirType element = mlirShapedTypeGetElementType(mlirValueGetType(vector));
  return mth_write_op_with(w, "vector.shuffle", mlirVectorTypeGet(1, &count, element), 2,
                           (MlirValue[]){vector, vector}, 1, &mask);
}

static MlirValue lane(mth_writer *w, MlirValue vector, int64_t number) {
  const MlirNamedAttribute position =
      mth_named(w->context, "static_position", mlirDenseI64ArrayGet(w->context, 1, &number));
  return mth_write_op_with(w, "vector.extract",
                           mlirShapedTypeGetElementType(mlirValueGetType(vector)), 1, &vector, 1,
                           &position);
}

MlirValue mth_fold_lanes(mth_writer *w, MlirOperation fold, MlirValue vector, int64_t lanes) {
  for (; lanes > 2; lanes /= 2)
    vector = mth_fold_combine(w, fold, half(w, vector, 0, lanes / 2),
                              half(w, vector, lanes / 2, lanes / 2));
  return mth_fold_combine(w, fold, lane(w, vector, 0), lane(w, vector, 1));
}
