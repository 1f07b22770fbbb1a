// op_code.c: the table of what built-in ops become.
#include "dialect/op_code.h"

#include "dialect/match.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <string.h>

#define MTH_FAMILY(name) extern const mth_code_family mth_##name##_codes;
#include "dialect/families.def"
#undef MTH_FAMILY

const mth_code *mth_code_find(const mth_op *op) {
  static const mth_code_family *const families[] = {
#define MTH_FAMILY(name) &mth_##name##_codes,
#include "dialect/families.def"
#undef MTH_FAMILY
  };
  for (size_t f = 0; f < sizeof families / sizeof families[0]; ++f)
    for (size_t i = 0; i < families[f]->count; ++i)
      if (strcmp(families[f]->codes[i].name, op->name) == 0) return &families[f]->codes[i];
  return NULL;
}

mth_op_code mth_code_of(const mth_op *op) {
  const mth_code *code = mth_code_find(op);
  return code ? code->code : op->code;
}

bool mth_value_is_op(mth_builder *builder, mth_value value, const char *name,
                     mth_op_site *out_site) {
  const MlirOperation ir = mth_defining_op(mth_value_to_ir(value));
  const mth_op *op = mlirOperationIsNull(ir) ? NULL : mth_op_of(ir);
  if (!op || strcmp(op->name, name) != 0) return false;
  return mth_site_of(ir, builder->dims, mth_ir_builder_of(builder)->arena, out_site) == MTH_OK;
}

bool mth_value_has_one_use(mth_value value) {
  const MlirOpOperand use = mlirValueGetFirstUse(mth_value_to_ir(value));
  return !mlirOpOperandIsNull(use) && mlirOpOperandIsNull(mlirOpOperandGetNextUse(use));
}

static double splat_number(MlirAttribute elements) {
  const MlirType element = mlirShapedTypeGetElementType(mlirAttributeGetType(elements));
  const MlirAttribute splat = mlirDenseElementsAttrGetSplatValue(elements);
  if (mlirTypeIsAFloat(element)) return mlirFloatAttrGetValueDouble(splat);
  return mlirIntegerTypeGetWidth(element) == 1 ? mlirBoolAttrGetValue(splat)
                                               : (double)mlirIntegerAttrGetValueInt(splat);
}

bool mth_value_is_splat(mth_value value, double *out_number) {
  MlirOperation op = mth_defining_op(mth_value_to_ir(value));
  while (!mlirOperationIsNull(op) && !mth_op_is_named(op, "mithril.constant")) {
    const mth_op *known = mth_op_of(op);
    const mth_code *code = known ? mth_code_find(known) : NULL;
    if (!code || !(code->algebra & MTH_ALGEBRA_SELECTS)) return false;
    op = mth_defining_op(mlirOperationGetOperand(op, 0));
  }
  if (mlirOperationIsNull(op)) return false;
  const MlirAttribute elements = mth_op_attribute(op, "value");
  if (!mlirAttributeIsADenseElements(elements) || !mlirDenseElementsAttrIsSplat(elements))
    return false;
  *out_number = splat_number(elements);
  return true;
}
