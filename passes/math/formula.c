// formula: builds the ops behind formula.h.
#include "passes/math/formula.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>

static const mth_float_layout layouts[] = {
    {23, 127, 0x1.8p23, 0x1p23, 0x1p-126},
    {52, 1023, 0x1.8p52, 0x1p52, 0x1p-1022},
};

const mth_float_layout *mth_formula_layout(const mth_formula *f) { return &layouts[f->f64]; }

MlirType mth_type_of_shape(MlirType shape, MlirType element) {
  if (!mlirTypeIsAVector(shape)) return element;
  const int64_t rank = mlirShapedTypeGetRank(shape);
  assert(rank <= MTH_FORMULA_MAX_RANK);
  int64_t dims[MTH_FORMULA_MAX_RANK];
  for (int64_t i = 0; i < rank; ++i)
    dims[i] = mlirShapedTypeGetDimSize(shape, i);
  return mlirVectorTypeGet(rank, dims, element);
}

static void set_types(mth_formula *f, MlirType real) {
  const MlirType element = mlirTypeIsAVector(real) ? mlirShapedTypeGetElementType(real) : real;
  f->f64 = mlirTypeIsAF64(element);
  assert(f->f64 || mlirTypeIsAF32(element));
  f->real = real;
  f->bits = mth_type_of_shape(real, mlirIntegerTypeGet(f->context, f->f64 ? 64 : 32));
  f->truth = mth_type_of_shape(real, mlirIntegerTypeGet(f->context, 1));
}

mth_formula mth_formula_before(MlirOperation before, MlirType real) {
  mth_formula f = {.context = mlirOperationGetContext(before),
                   .at = mlirOperationGetLocation(before),
                   .block = mlirOperationGetBlock(before),
                   .before = before};
  set_types(&f, real);
  return f;
}

mth_formula mth_formula_in(const mth_formula *f, MlirBlock block) {
  mth_formula inner = *f;
  inner.block = block;
  inner.before = (MlirOperation){NULL};
  return inner;
}

mth_formula mth_formula_of_type(const mth_formula *f, MlirType real) {
  mth_formula other = *f;
  set_types(&other, real);
  return other;
}

MlirOperation mth_formula_insert(const mth_formula *f, mth_op_spec spec) {
  spec.loc = f->at;
  if (mlirOperationIsNull(f->before)) return mth_append_op(f->block, &spec);
  const MlirOperation op = mth_make_op(&spec);
  mlirBlockInsertOwnedOperationBefore(f->block, f->before, op);
  return op;
}

MlirValue mth_formula_op(const mth_formula *f, const char *name, MlirType result, intptr_t count,
                         const MlirValue *operands) {
  return mlirOperationGetResult(mth_formula_insert(f, (mth_op_spec){.name = name,
                                                                    .operand_count = count,
                                                                    .operands = operands,
                                                                    .result_count = 1,
                                                                    .results = &result}),
                                0);
}

MlirValue mth_constant(const mth_formula *f, MlirType type, MlirAttribute element) {
  const MlirAttribute value =
      mlirTypeIsAVector(type) ? mlirDenseElementsAttrSplatGet(type, element) : element;
  const MlirNamedAttribute named = mth_named(f->context, "value", value);
  return mlirOperationGetResult(mth_formula_insert(f, (mth_op_spec){.name = "arith.constant",
                                                                    .result_count = 1,
                                                                    .results = &type,
                                                                    .attribute_count = 1,
                                                                    .attributes = &named}),
                                0);
}

static MlirType element_of(MlirType type) {
  return mlirTypeIsAVector(type) ? mlirShapedTypeGetElementType(type) : type;
}

MlirValue mth_real(const mth_formula *f, double value) {
  assert(f->f64 || (double)(float)value == value || value != value);
  return mth_constant(f, f->real, mlirFloatAttrDoubleGet(f->context, element_of(f->real), value));
}

MlirValue mth_whole(const mth_formula *f, int64_t value) {
  return mth_constant(f, f->bits, mlirIntegerAttrGet(element_of(f->bits), value));
}

static MlirValue compare(const mth_formula *f, const char *op, int64_t predicate, MlirValue a,
                         MlirValue b) {
  const MlirNamedAttribute named =
      mth_named(f->context, "predicate", mth_i64_attr(f->context, predicate));
  return mlirOperationGetResult(
      mth_formula_insert(f, (mth_op_spec){.name = op,
                                          .operand_count = 2,
                                          .operands = (const MlirValue[]){a, b},
                                          .result_count = 1,
                                          .results = &f->truth,
                                          .attribute_count = 1,
                                          .attributes = &named}),
      0);
}

MlirValue mth_compare_reals(const mth_formula *f, mth_compare predicate, MlirValue a, MlirValue b) {
  return compare(f, "arith.cmpf", (int64_t)predicate, a, b);
}

MlirValue mth_equal_bits(const mth_formula *f, MlirValue a, MlirValue b) {
  const int64_t equal = 0; // cmpi's predicate
  return compare(f, "arith.cmpi", equal, a, b);
}

MlirValue mth_not(const mth_formula *f, MlirValue truth) {
  const MlirValue yes = mth_constant(f, f->truth, mlirBoolAttrGet(f->context, 1));
  return mth_formula_op(f, "arith.xori", f->truth, 2, (const MlirValue[]){truth, yes});
}

MlirValue mth_horner(const mth_formula *f, MlirValue x, mth_polynomial p) {
  MlirValue sum = mth_real(f, p.coefficients[p.count - 1]);
  for (size_t i = p.count - 1; i-- > 0;)
    sum = fused(f, sum, x, mth_real(f, p.coefficients[i]));
  return sum;
}
