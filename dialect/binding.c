// binding.c: matching a model's declared dims with those of its operands.
#include "dialect/binding.h"

#include "dialect/arg.h"
#include "dialect/fail.h"
#include "dialect/match.h"
#include "dialect/site.h"
#include "dialect/type.h"

#include "mlir-c/BuiltinAttributes.h"

typedef struct mth_bound {
  struct mth_bound *next;
  const mth_dim *symbol, *value;
} mth_bound;

static const mth_dim *replace(void *user, const mth_dim *symbol) {
  const mth_binding *binding = user;
  for (const mth_bound *b = binding->first; b; b = b->next)
    if (b->symbol == symbol) return b->value;
  return binding->partial ? NULL : symbol;
}

static const mth_dim *substitute(const mth_binding *binding, const mth_dim *dim) {
  return mth_dim_substitute(binding->dims, dim, replace, (void *)binding);
}

static bool is_bound(const mth_binding *binding, const mth_dim *symbol) {
  for (const mth_bound *b = binding->first; b; b = b->next)
    if (b->symbol == symbol) return true;
  return false;
}

static mth_status bind_symbols(mth_binding *binding, const mth_type *declared,
                               const mth_type *actual) {
  if (declared->rank < 0 || declared->rank != actual->rank) return MTH_OK;
  for (int32_t i = 0; i < declared->rank; ++i) {
    const mth_dim *symbol = declared->dims[i];
    if (!symbol || !actual->dims[i] || !mth_dim_is_symbol(symbol) || is_bound(binding, symbol))
      continue;
    mth_bound *bound = MTH_NEW(binding->arena, mth_bound);
    if (!bound) return MTH_NO_MEMORY;
    *bound = (mth_bound){binding->first, symbol, actual->dims[i]};
    binding->first = bound;
  }
  return MTH_OK;
}

static mth_status check(const mth_binding *binding, MlirLocation loc, MlirOperation function,
                        intptr_t index, const mth_type *declared, const mth_type *actual) {
  const mth_dim **shape = MTH_NEW_ARRAY(binding->arena, const mth_dim *,
                                        declared->rank > 0 ? (size_t)declared->rank : 1);
  if (!shape) return MTH_NO_MEMORY;
  for (int32_t i = 0; i < declared->rank; ++i)
    if (declared->dims[i]) shape[i] = substitute(binding, declared->dims[i]);
  const mth_type wanted = {declared->dtype, declared->rank, shape};
  if (mth_type_agrees(&wanted, actual)) return MTH_OK;
  const MlirStringRef symbol = mth_op_symbol(function);
  const MlirAttribute port = mth_argument_attribute(function, index, "mithril.port");
  const MlirStringRef name =
      mlirAttributeIsNull(port) ? mth_str("?") : mlirStringAttrGetValue(port);
  return mth_fail_ir(MTH_INVALID, loc, "model '%.*s' wants %s for '%.*s', found %s",
                     (int)symbol.length, symbol.data,
                     mth_type_text(binding->dims, binding->arena, declared), (int)name.length,
                     name.data, mth_type_text(binding->dims, binding->arena, actual));
}

mth_status mth_bind(mth_dim_table *dims, mth_arena *arena, MlirLocation loc, MlirOperation function,
                    intptr_t operand_count, const MlirValue *operands, mth_binding *out_binding) {
  const MlirBlock body = mth_op_body(function);
  const intptr_t wanted = mlirBlockGetNumArguments(body);
  const MlirStringRef symbol = mth_op_symbol(function);
  if (wanted != operand_count)
    return mth_fail_ir(MTH_INVALID, loc, "model '%.*s' wants %td operands, found %td",
                       (int)symbol.length, symbol.data, wanted, operand_count);
  mth_type *declared = MTH_NEW_ARRAY(arena, mth_type, (size_t)wanted);
  mth_type *actual = MTH_NEW_ARRAY(arena, mth_type, (size_t)wanted);
  if (!declared || !actual) return MTH_NO_MEMORY;
  mth_binding binding = {dims, arena, NULL, false};
  for (intptr_t i = 0; i < wanted; ++i) {
    MTH_TRY(mth_type_from_ir(dims, arena, loc, mlirValueGetType(mlirBlockGetArgument(body, i)),
                             &declared[i]));
    MTH_TRY(mth_type_from_ir(dims, arena, loc, mlirValueGetType(operands[i]), &actual[i]));
    MTH_TRY(bind_symbols(&binding, &declared[i], &actual[i]));
    binding.partial = binding.partial || !mth_type_is_inferred(&actual[i]);
  }
  for (intptr_t i = 0; i < wanted; ++i)
    MTH_TRY(check(&binding, loc, function, i, &declared[i], &actual[i]));
  *out_binding = binding;
  return MTH_OK;
}

static mth_status apply_to_type(const mth_binding *binding, MlirLocation loc, MlirValue value) {
  mth_type type;
  MTH_TRY(mth_type_from_ir(binding->dims, binding->arena, loc, mlirValueGetType(value), &type));
  const mth_dim **shape =
      MTH_NEW_ARRAY(binding->arena, const mth_dim *, type.rank > 0 ? (size_t)type.rank : 1);
  if (!shape) return MTH_NO_MEMORY;
  for (int32_t i = 0; i < type.rank; ++i)
    if (type.dims[i]) shape[i] = substitute(binding, type.dims[i]);
  const mth_type bound = {type.dtype, type.rank, shape};
  const MlirType ir = mth_type_to_ir(mlirValueGetContext(value), binding->dims, &bound);
  if (mlirTypeIsNull(ir)) return MTH_NO_MEMORY;
  mlirValueSetType(value, ir);
  return MTH_OK;
}

static mth_status apply_to_arg(const mth_binding *binding, MlirOperation op,
                               const mth_op_key *key) {
  const MlirAttribute attribute = mth_op_attribute(op, key->name);
  if (mlirAttributeIsNull(attribute)) return MTH_OK;
  mth_arg arg;
  MTH_TRY(mth_arg_from_ir(binding->dims, binding->arena, mlirOperationGetLocation(op), key,
                          attribute, &arg));
  const mth_dim **bound = MTH_NEW_ARRAY(binding->arena, const mth_dim *, arg.count);
  if (!bound) return MTH_NO_MEMORY;
  for (size_t i = 0; i < arg.count; ++i) {
    bound[i] = substitute(binding, arg.dims[i]);
    if (!bound[i])
      return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(op),
                         "argument '%s' has '%s', which the operands of the model do not tell",
                         key->name, mth_dim_text(binding->dims, arg.dims[i]));
  }
  arg.dims = bound;
  const MlirAttribute ir = mth_arg_to_ir(mlirOperationGetContext(op), binding->dims, &arg);
  if (mlirAttributeIsNull(ir)) return MTH_NO_MEMORY;
  mlirOperationSetAttributeByName(op, mth_str(key->name), ir);
  return MTH_OK;
}

mth_status mth_binding_apply(const mth_binding *binding, MlirOperation op) {
  if (!binding->first && !binding->partial) return MTH_OK; // no symbol of the model is bound
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    MTH_TRY(apply_to_type(binding, mlirOperationGetLocation(op), mlirOperationGetResult(op, i)));
  const mth_op *known = mth_op_of(op);
  for (size_t i = 0; known && i < known->input_count; ++i)
    if (known->inputs[i].kind == MTH_KEY_ARG && known->inputs[i].arg_kind == MTH_ARG_DIMS)
      MTH_TRY(apply_to_arg(binding, op, &known->inputs[i]));
  return MTH_OK;
}
