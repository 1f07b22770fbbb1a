// verify.c: the verifier behind every op of the dialect.
//
// An op of the registry is checked by the rule of its meaning, once the types of its operands are
// inferred. Until then only counts and arguments are checked: the pass `infer` does the rest.
#include "dialect/capi.h"
#include "dialect/fail.h"
#include "dialect/match.h"
#include "dialect/site.h"
#include "dialect/type.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <string.h>

// Whether the user sees the dim by a name, or it is a number.
static bool is_named(mth_dim_table *dims, const mth_dim *dim) {
  const char *text = mth_dim_text(dims, dim);
  return text && !strchr(text, '?');
}

// A dim that inference had to invent may be called anything by the declaration.
static bool agrees(mth_dim_table *dims, const mth_type *declared, const mth_type *inferred) {
  if (declared->dtype != inferred->dtype) return false;
  if (declared->rank < 0 || inferred->rank < 0) return true;
  if (declared->rank != inferred->rank) return false;
  for (int32_t i = 0; i < declared->rank; ++i)
    if (declared->dims[i] && inferred->dims[i] && declared->dims[i] != inferred->dims[i] &&
        is_named(dims, inferred->dims[i]))
      return false;
  return true;
}

static mth_status check_results(MlirOperation ir, const mth_op_site *site, mth_dim_table *dims,
                                mth_arena *arena) {
  MlirLocation loc = mlirOperationGetLocation(ir);
  mth_type *types = MTH_NEW_ARRAY(arena, mth_type, site->operand_count + site->result_count);
  if (!types) return MTH_NO_MEMORY;
  mth_type *inferred = types + site->operand_count;
  for (size_t i = 0; i < site->operand_count; ++i) {
    MTH_TRY(mth_type_from_ir(dims, arena, loc, mlirValueGetType(mth_value_to_ir(site->operands[i])),
                             &types[i]));
    if (!mth_type_is_inferred(&types[i])) return MTH_OK;
  }
  const mth_sink sink = mth_ir_sink(&loc);
  MTH_TRY(mth_infer_results(mth_registry_of(mlirOperationGetContext(ir)), site->op, dims,
                            site->operand_count, types, site->arg_count, site->args,
                            (mth_location){&sink, NULL}, inferred));
  for (size_t i = 0; i < site->result_count; ++i) {
    mth_type declared;
    MTH_TRY(mth_type_from_ir(dims, arena, loc, mlirValueGetType(mth_value_to_ir(site->results[i])),
                             &declared));
    if (!agrees(dims, &declared, &inferred[i]))
      return mth_fail_ir(MTH_INVALID, loc, "'%s' gives %s, declared is %s", site->op->name,
                         mth_type_text(dims, arena, &inferred[i]),
                         mth_type_text(dims, arena, &declared));
  }
  return MTH_OK;
}

static mth_status verify_registered(MlirOperation op) {
  mth_dim_table *dims;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_op_site site;
  mth_status status = mth_site_of(op, dims, &arena, &site);
  if (status == MTH_OK) status = check_results(op, &site, dims, &arena);
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}

// The text of a port attribute, or an empty one.
static MlirStringRef port_text(MlirAttribute attribute) {
  if (mlirAttributeIsNull(attribute) || !mlirAttributeIsAString(attribute))
    return mlirStringRefCreate("", 0);
  return mlirStringAttrGetValue(attribute);
}

typedef struct port_list {
  MlirOperation function;
  intptr_t count;
  MlirAttribute (*attribute)(MlirOperation function, intptr_t index, const char *name);
  const char *what; // "argument"
} port_list;

static MlirStringRef port_name(const port_list *ports, intptr_t index) {
  return port_text(ports->attribute(ports->function, index, "mithril.port"));
}

static mth_status check_names(const port_list *ports) {
  MlirLocation loc = mlirOperationGetLocation(ports->function);
  for (intptr_t i = 0; i < ports->count; ++i) {
    const MlirStringRef name = port_name(ports, i);
    if (name.length == 0)
      return mth_fail_ir(MTH_INVALID, loc, "%s %td wants the attribute mithril.port", ports->what,
                         i);
    for (intptr_t j = 0; j < i; ++j)
      if (mlirStringRefEqual(name, port_name(ports, j)))
        return mth_fail_ir(MTH_INVALID, loc, "two ports are called '%.*s'", (int)name.length,
                           name.data);
  }
  return MTH_OK;
}

// The index of the port of this name, or -1.
static intptr_t find_port(const port_list *ports, MlirStringRef name) {
  for (intptr_t i = 0; i < ports->count; ++i)
    if (mlirStringRefEqual(port_name(ports, i), name)) return i;
  return -1;
}

static mth_status check_roles(const port_list *in, const port_list *out, bool entry) {
  MlirLocation loc = mlirOperationGetLocation(in->function);
  for (intptr_t i = 0; i < in->count; ++i) {
    const MlirStringRef name = port_name(in, i);
    const MlirAttribute role_attribute = in->attribute(in->function, i, "mithril.role");
    const bool state = mth_str_is(port_text(role_attribute), "state");
    if (!mlirAttributeIsNull(role_attribute) && !(state && entry))
      return mth_fail_ir(MTH_INVALID, loc, "port '%.*s': only an entry has roles, and only 'state'",
                         (int)name.length, name.data);
    if (entry && !state && find_port(out, name) >= 0)
      return mth_fail_ir(MTH_INVALID, loc,
                         "port '%.*s' is an argument and a result, so its role must be 'state'",
                         (int)name.length, name.data);
  }
  return MTH_OK;
}

// What the body returns and what the signature says must be able to be one type.
static mth_status check_types(MlirOperation at, intptr_t index, const char *what, MlirType left,
                              MlirType right) {
  if (mlirTypeEqual(left, right)) return MTH_OK;
  mth_dim_table *dims;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  MlirLocation loc = mlirOperationGetLocation(at);
  mth_type a, b;
  mth_status status = mth_type_from_ir(dims, &arena, loc, left, &a);
  if (status == MTH_OK) status = mth_type_from_ir(dims, &arena, loc, right, &b);
  if (status == MTH_OK && !mth_type_agrees(&a, &b))
    status = mth_fail_ir(MTH_INVALID, loc, "%s %td is %s, the signature says %s", what, index,
                         mth_type_text(dims, &arena, &a), mth_type_text(dims, &arena, &b));
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}

static mth_status verify_return(MlirOperation op) {
  MlirOperation function = mlirBlockGetParentOperation(mlirOperationGetBlock(op));
  const MlirType type = mlirTypeAttrGetValue(mth_op_attribute(function, "function_type"));
  const intptr_t wanted = mlirFunctionTypeGetNumResults(type);
  const intptr_t found = mlirOperationGetNumOperands(op);
  if (wanted != found)
    return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(op),
                       "returns %td values, the signature says %td", found, wanted);
  for (intptr_t i = 0; i < found; ++i)
    MTH_TRY(check_types(op, i, "returned value", mlirValueGetType(mlirOperationGetOperand(op, i)),
                        mlirFunctionTypeGetResult(type, i)));
  return MTH_OK;
}

static mth_status verify_function(MlirOperation op) {
  const MlirType type = mlirTypeAttrGetValue(mth_op_attribute(op, "function_type"));
  const port_list in = {op, mlirFunctionTypeGetNumInputs(type), mth_argument_attribute, "argument"};
  const port_list out = {op, mlirFunctionTypeGetNumResults(type), mth_result_attribute, "result"};
  MTH_TRY(check_names(&in));
  MTH_TRY(check_names(&out));
  return check_roles(&in, &out, mth_op_is_named(op, "mithril.entry"));
}

static mth_status verify_gradient(MlirOperation op) {
  MlirLocation loc = mlirOperationGetLocation(op);
  MlirAttribute of = mth_op_attribute(op, "of"), wrt = mth_op_attribute(op, "wrt");
  MlirAttribute segments = mth_op_attribute(op, "operandSegmentSizes");
  const intptr_t inputs = mlirDenseI32ArrayGetElement(segments, 0);
  const intptr_t cotangents = mlirDenseI32ArrayGetElement(segments, 1);
  const intptr_t of_count = mlirDenseArrayGetNumElements(of);
  if (of_count != cotangents)
    return mth_fail_ir(MTH_INVALID, loc,
                       "wants one cotangent for each of its %td results, found %td", of_count,
                       cotangents);
  for (intptr_t i = 0; i < mlirDenseArrayGetNumElements(wrt); ++i) {
    const int64_t index = mlirDenseI64ArrayGetElement(wrt, i);
    if (index < 0 || index >= inputs)
      return mth_fail_ir(MTH_INVALID, loc, "'wrt' lists argument %lld of %td", (long long)index,
                         inputs);
  }
  return MTH_OK;
}

static mth_status verify_constant(MlirOperation op) {
  const MlirLocation loc = mlirOperationGetLocation(op);
  const MlirAttribute value = mth_op_attribute(op, "value");
  if (!mlirAttributeIsADenseElements(value))
    return mth_fail_ir(MTH_UNSUPPORTED, loc, "a constant wants dense elements");
  mth_dim_table *dims;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_type ignored;
  const mth_status status =
      mth_type_from_ir(dims, &arena, loc, mlirAttributeGetType(value), &ignored);
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}

static mth_status verify(MlirOperation op) {
  if (mth_op_is_named(op, "mithril.model") || mth_op_is_named(op, "mithril.entry"))
    return verify_function(op);
  if (mth_op_is_named(op, "mithril.return")) return verify_return(op);
  if (mth_op_is_named(op, "mithril.gradient")) return verify_gradient(op);
  if (mth_op_is_named(op, "mithril.constant")) return verify_constant(op);
  if (mth_op_of(op)) return verify_registered(op);
  if (mth_op_is_named(op, "mithril.custom")) {
    const MlirStringRef name = mlirStringAttrGetValue(mth_op_attribute(op, "name"));
    return mth_fail_ir(MTH_INVALID, mlirOperationGetLocation(op), "there is no op '%.*s'",
                       (int)name.length, name.data);
  }
  return MTH_OK; // ODS has checked the rest: kernel, launch, instance
}

MlirLogicalResult mth_verify_op(MlirOperation op) {
  return verify(op) == MTH_OK ? mlirLogicalResultSuccess() : mlirLogicalResultFailure();
}
