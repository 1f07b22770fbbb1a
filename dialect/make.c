// make.c: making ops in one expression.
#include "dialect/make.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

MlirOperation mth_make_op(const mth_op_spec *spec) {
  MlirOperationState state =
      mlirOperationStateGet(mlirStringRefCreateFromCString(spec->name), spec->loc);
  mlirOperationStateAddOperands(&state, spec->operand_count, spec->operands);
  mlirOperationStateAddResults(&state, spec->result_count, spec->results);
  mlirOperationStateAddAttributes(&state, spec->attribute_count, spec->attributes);
  mlirOperationStateAddOwnedRegions(&state, spec->region_count, spec->regions);
  mlirOperationStateAddSuccessors(&state, spec->successor_count, spec->successors);
  return mlirOperationCreate(&state);
}

MlirOperation mth_append_op(MlirBlock block, const mth_op_spec *spec) {
  MlirOperation op = mth_make_op(spec);
  mlirBlockAppendOwnedOperation(block, op);
  return op;
}

MlirNamedAttribute mth_named(MlirContext context, const char *name, MlirAttribute value) {
  return mlirNamedAttributeGet(mlirIdentifierGet(context, mlirStringRefCreateFromCString(name)),
                               value);
}

MlirAttribute mth_text_attr(MlirContext context, const char *text) {
  return mlirStringAttrGet(context, mlirStringRefCreateFromCString(text));
}

MlirAttribute mth_i64_attr(MlirContext context, int64_t value) {
  return mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), value);
}

MlirFrozenRewritePatternSet mth_freeze_patterns(MlirRewritePatternSet set) {
  MlirFrozenRewritePatternSet frozen = mlirFreezeRewritePattern(set);
  mlirRewritePatternSetDestroy(set);
  return frozen;
}
