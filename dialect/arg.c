// arg.c: attributes and arguments.
#include "dialect/arg.h"

#include "dialect/fail.h"
#include "dialect/type.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

static const char *kind_text(mth_arg_kind kind) {
  switch (kind) {
  case MTH_ARG_NONE:
    return "nothing";
  case MTH_ARG_INT:
    return "an integer";
  case MTH_ARG_BOOL:
    return "true or false";
  case MTH_ARG_FLOAT:
    return "a float";
  case MTH_ARG_STRING:
    return "a string";
  case MTH_ARG_DTYPE:
    return "an element type";
  case MTH_ARG_INTS:
    return "array<i64: ...>";
  case MTH_ARG_DIMS:
    return "an array of integers and expression texts";
  case MTH_ARG_DIM:
  case MTH_ARG_TUPLE:
  case MTH_ARG_SLICE:
  case MTH_ARG_ELLIPSIS:
  case MTH_ARG_MODEL:
  case MTH_ARG_OPEN:
    break; // logical models alone have these
  }
  return "?";
}

static mth_status read_dims(mth_dim_table *dims, mth_arena *arena, MlirLocation loc,
                            MlirAttribute attribute, mth_arg *arg) {
  const intptr_t count = mlirArrayAttrGetNumElements(attribute);
  const mth_dim **found = MTH_NEW_ARRAY(arena, const mth_dim *, (size_t)count);
  if (!found) return MTH_NO_MEMORY;
  const mth_sink sink = mth_ir_sink(&loc);
  for (intptr_t i = 0; i < count; ++i) {
    MlirAttribute element = mlirArrayAttrGetElement(attribute, i);
    if (mlirAttributeIsAInteger(element)) {
      found[i] = mth_dim_constant(dims, mlirIntegerAttrGetValueInt(element));
      if (!found[i]) return MTH_NO_MEMORY;
    } else if (mlirAttributeIsAString(element)) {
      const MlirStringRef text = mlirStringAttrGetValue(element);
      const char *copy = mth_arena_copy_text(arena, text.data, text.length);
      if (!copy) return MTH_NO_MEMORY;
      MTH_TRY(mth_dim_parse(dims, copy, (mth_location){&sink, NULL}, &found[i]));
    } else {
      return mth_fail_ir(MTH_INVALID, loc, "argument '%s' wants %s", arg->key,
                         kind_text(MTH_ARG_DIMS));
    }
  }
  arg->count = (size_t)count;
  arg->dims = found;
  return MTH_OK;
}

static mth_status read_ints(mth_arena *arena, MlirAttribute attribute, mth_arg *arg) {
  const intptr_t count = mlirDenseArrayGetNumElements(attribute);
  int64_t *ints = MTH_NEW_ARRAY(arena, int64_t, (size_t)count);
  if (!ints) return MTH_NO_MEMORY;
  for (intptr_t i = 0; i < count; ++i)
    ints[i] = mlirDenseI64ArrayGetElement(attribute, i);
  arg->count = (size_t)count;
  arg->ints = ints;
  return MTH_OK;
}

// The kind that an attribute encodes; MTH_ARG_NONE for one that encodes none.
static mth_arg_kind kind_of(MlirAttribute attribute) {
  if (mlirAttributeIsABool(attribute)) return MTH_ARG_BOOL; // before integers: it is one of them
  if (mlirAttributeIsAInteger(attribute)) return MTH_ARG_INT;
  if (mlirAttributeIsAFloat(attribute)) return MTH_ARG_FLOAT;
  if (mlirAttributeIsAString(attribute)) return MTH_ARG_STRING;
  if (mlirAttributeIsAType(attribute)) return MTH_ARG_DTYPE;
  if (mlirAttributeIsADenseI64Array(attribute)) return MTH_ARG_INTS;
  if (mlirAttributeIsAArray(attribute)) return MTH_ARG_DIMS;
  return MTH_ARG_NONE;
}

mth_status mth_arg_from_ir(mth_dim_table *dims, mth_arena *arena, MlirLocation loc,
                           const mth_op_key *key, MlirAttribute attribute, mth_arg *out_arg) {
  mth_arg arg = key->value;
  arg.key = key->name;
  if (mlirAttributeIsNull(attribute)) {
    if (key->required) return mth_fail_ir(MTH_INVALID, loc, "wants the argument '%s'", key->name);
    *out_arg = key->absent_is_none ? (mth_arg){.key = key->name, .kind = MTH_ARG_NONE} : arg;
    return MTH_OK;
  }
  if (kind_of(attribute) != key->arg_kind)
    return mth_fail_ir(MTH_INVALID, loc, "argument '%s' wants %s", key->name,
                       kind_text(key->arg_kind));
  arg = (mth_arg){.key = key->name, .kind = key->arg_kind};
  switch (key->arg_kind) {
  case MTH_ARG_NONE:
    break;
  case MTH_ARG_INT:
    arg.i = mlirIntegerAttrGetValueInt(attribute);
    break;
  case MTH_ARG_BOOL:
    arg.b = mlirBoolAttrGetValue(attribute);
    break;
  case MTH_ARG_FLOAT:
    arg.f = mlirFloatAttrGetValueDouble(attribute);
    break;
  case MTH_ARG_STRING: {
    const MlirStringRef text = mlirStringAttrGetValue(attribute);
    arg.s = mth_arena_copy_text(arena, text.data, text.length);
    if (!arg.s) return MTH_NO_MEMORY;
    break;
  }
  case MTH_ARG_DTYPE:
    arg.dtype = mth_dtype_from_ir(mlirTypeAttrGetValue(attribute));
    if (arg.dtype == MTH_DTYPE_NONE)
      return mth_fail_ir(MTH_INVALID, loc, "argument '%s' is none of our element types", key->name);
    break;
  case MTH_ARG_INTS:
    MTH_TRY(read_ints(arena, attribute, &arg));
    break;
  case MTH_ARG_DIMS:
    MTH_TRY(read_dims(dims, arena, loc, attribute, &arg));
    break;
  case MTH_ARG_DIM:
  case MTH_ARG_TUPLE:
  case MTH_ARG_SLICE:
  case MTH_ARG_ELLIPSIS:
  case MTH_ARG_MODEL:
  case MTH_ARG_OPEN:
    break; // no op takes these
  }
  *out_arg = arg;
  return MTH_OK;
}

static MlirAttribute dims_to_ir(MlirContext context, mth_dim_table *dims, const mth_arg *arg) {
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  MlirAttribute result = mlirAttributeGetNull();
  MlirAttribute *elements = MTH_NEW_ARRAY(&arena, MlirAttribute, arg->count);
  if (!elements) goto done;
  for (size_t i = 0; i < arg->count; ++i) {
    int64_t value;
    if (mth_dim_is_constant(arg->dims[i], &value)) {
      elements[i] = mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), value);
    } else {
      const char *text = mth_dim_text(dims, arg->dims[i]);
      if (!text) goto done;
      elements[i] = mlirStringAttrGet(context, mlirStringRefCreateFromCString(text));
    }
  }
  result = mlirArrayAttrGet(context, (intptr_t)arg->count, elements);
done:
  mth_arena_reset(&arena);
  return result;
}

MlirAttribute mth_arg_to_ir(MlirContext context, mth_dim_table *dims, const mth_arg *arg) {
  switch (arg->kind) {
  case MTH_ARG_NONE:
    break;
  case MTH_ARG_INT:
    return mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), arg->i);
  case MTH_ARG_BOOL:
    return mlirBoolAttrGet(context, arg->b);
  case MTH_ARG_FLOAT:
    return mlirFloatAttrDoubleGet(context, mlirF64TypeGet(context), arg->f);
  case MTH_ARG_STRING:
    return mlirStringAttrGet(context, mlirStringRefCreateFromCString(arg->s));
  case MTH_ARG_DTYPE:
    return mlirTypeAttrGet(mth_dtype_to_ir(context, arg->dtype));
  case MTH_ARG_INTS:
    return mlirDenseI64ArrayGet(context, (intptr_t)arg->count, arg->ints);
  case MTH_ARG_DIMS:
    return dims_to_ir(context, dims, arg);
  case MTH_ARG_DIM:
  case MTH_ARG_TUPLE:
  case MTH_ARG_SLICE:
  case MTH_ARG_ELLIPSIS:
  case MTH_ARG_MODEL:
  case MTH_ARG_OPEN:
    break; // no op takes these
  }
  return mlirAttributeGetNull();
}
