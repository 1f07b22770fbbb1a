// inline.c: copying bodies.
#include "dialect/inline.h"

#include "dialect/binding.h"
#include "dialect/fail.h"
#include "dialect/match.h"

mth_status mth_inline_count(size_t *room, MlirOperation before) {
  if (*room == 0)
    return mth_fail_ir(MTH_UNSUPPORTED, mlirOperationGetLocation(before),
                       "the program has more than %d ops when its models are replaced by their "
                       "bodies",
                       mth_inline_room);
  --*room;
  return MTH_OK;
}

mth_status mth_inline_body(const mth_inline_request *request, mth_value_map *out_values) {
  mth_binding binding;
  MTH_TRY(mth_bind(request->dims, request->arena, mlirOperationGetLocation(request->before),
                   request->function, request->operand_count, request->operands, &binding));
  mth_value_map values = MTH_VALUE_MAP_INIT(request->arena);
  const MlirBlock body = mth_op_body(request->function);
  const MlirBlock into = mlirOperationGetBlock(request->before);
  for (intptr_t i = 0; i < request->operand_count; ++i)
    MTH_TRY(mth_value_map_set(&values, mlirBlockGetArgument(body, i), request->operands[i]));
  const MlirOperation end = mlirBlockGetTerminator(body);
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationEqual(op, end);
       op = mlirOperationGetNextInBlock(op)) {
    MTH_TRY(mth_inline_count(request->room, request->before));
    const MlirOperation copy = mlirOperationClone(op);
    mlirBlockInsertOwnedOperationBefore(into, request->before, copy);
    mlirOperationSetLocation(
        copy, mlirLocationCallSiteGet(mlirOperationGetLocation(op), request->around));
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(copy); ++i)
      mlirOperationSetOperand(copy, i,
                              mth_value_map_follow(&values, mlirOperationGetOperand(op, i)));
    for (intptr_t i = 0; i < mlirOperationGetNumResults(copy); ++i)
      MTH_TRY(mth_value_map_set(&values, mlirOperationGetResult(op, i),
                                mlirOperationGetResult(copy, i)));
    MTH_TRY(mth_binding_apply(&binding, copy));
  }
  *out_values = values;
  return MTH_OK;
}
