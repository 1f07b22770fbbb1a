// match.c: questions that passes ask about the IR around them.
#include "dialect/match.h"

#include "mlir-c/BuiltinAttributes.h"

bool mth_op_is_named(MlirOperation op, const char *name) {
  return !mlirOperationIsNull(op) && mth_str_is(mlirIdentifierStr(mlirOperationGetName(op)), name);
}

MlirOperation mth_defining_op(MlirValue value) {
  if (!mlirValueIsAOpResult(value)) return (MlirOperation){NULL};
  return mlirOpResultGetOwner(value);
}

bool mth_value_is_used(MlirValue value) {
  return !mlirOpOperandIsNull(mlirValueGetFirstUse(value));
}

bool mth_op_is_used(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    if (mth_value_is_used(mlirOperationGetResult(op, i))) return true;
  return false;
}

MlirBlock mth_op_body(MlirOperation op) {
  return mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
}

MlirAttribute mth_op_attribute(MlirOperation op, const char *name) {
  return mlirOperationGetAttributeByName(op, mth_str(name));
}

MlirStringRef mth_op_symbol(MlirOperation op) {
  const MlirAttribute name = mth_op_attribute(op, "sym_name");
  return mlirAttributeIsNull(name) ? mth_str("") : mlirStringAttrGetValue(name);
}

MlirOperation mth_find_symbol(MlirOperation module, MlirStringRef symbol) {
  MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module));
  while (!mlirOperationIsNull(op) && !mlirStringRefEqual(mth_op_symbol(op), symbol))
    op = mlirOperationGetNextInBlock(op);
  return op;
}

MlirAttribute mth_dictionary_get(MlirAttribute dictionary, const char *name) {
  if (mlirAttributeIsNull(dictionary)) return dictionary;
  return mlirDictionaryAttrGetElementByName(dictionary, mth_str(name));
}

static MlirAttribute indexed_attribute(MlirOperation function, const char *list, intptr_t index,
                                       const char *name) {
  const MlirAttribute all = mth_op_attribute(function, list);
  if (mlirAttributeIsNull(all) || index >= mlirArrayAttrGetNumElements(all))
    return mlirAttributeGetNull();
  return mth_dictionary_get(mlirArrayAttrGetElement(all, index), name);
}

MlirAttribute mth_argument_attribute(MlirOperation function, intptr_t index, const char *name) {
  return indexed_attribute(function, "arg_attrs", index, name);
}

MlirAttribute mth_result_attribute(MlirOperation function, intptr_t index, const char *name) {
  return indexed_attribute(function, "res_attrs", index, name);
}
