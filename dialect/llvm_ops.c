// llvm_ops.c: ops of MLIR's LLVM dialect, one call each.
#include "dialect/llvm_ops.h"

#include "dialect/make.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"
#include "mlir-c/Dialect/LLVM.h"

#include <assert.h>

enum { BY_OPERAND = INT32_MIN, OPERANDS_MAX = 8, ATTRIBUTES_MAX = 8 };

mth_llvm_writer mth_llvm_writer_get(MlirLocation loc, MlirBlock block) {
  MlirContext context = mlirLocationGetContext(loc);
  return (mth_llvm_writer){.context = context,
                           .loc = loc,
                           .block = block,
                           .pointer = mlirLLVMPointerTypeGet(context, 0),
                           .i64 = mlirIntegerTypeGet(context, 64),
                           .i32 = mlirIntegerTypeGet(context, 32),
                           .i8 = mlirIntegerTypeGet(context, 8),
                           .i1 = mlirIntegerTypeGet(context, 1),
                           .nothing = mlirLLVMVoidTypeGet(context)};
}

static MlirNamedAttribute named(mth_llvm_writer *w, const char *name, MlirAttribute value) {
  return mth_named(w->context, name, value);
}

// An op with at most one result, which is returned, and without regions and successors.
static MlirValue append(mth_llvm_writer *w, const char *name, const MlirType *result,
                        intptr_t operand_count, const MlirValue *operands, intptr_t attribute_count,
                        const MlirNamedAttribute *attributes) {
  const MlirOperation op =
      mth_append_op(w->block, &(mth_op_spec){.name = name,
                                             .loc = w->loc,
                                             .operand_count = operand_count,
                                             .operands = operands,
                                             .result_count = result != NULL,
                                             .results = result,
                                             .attribute_count = attribute_count,
                                             .attributes = attributes});
  return result ? mlirOperationGetResult(op, 0) : (MlirValue){NULL};
}

MlirType mth_llvm_function_type(MlirType result, intptr_t argument_count,
                                const MlirType *arguments) {
  return mlirLLVMFunctionTypeGet(result, argument_count, arguments, false);
}

static MlirOperation append_function(mth_llvm_writer *w, const char *name, MlirType type,
                                     MlirLLVMLinkage linkage, MlirRegion body) {
  const MlirNamedAttribute attributes[] = {
      named(w, "sym_name", mth_text_attr(w->context, name)),
      named(w, "function_type", mlirTypeAttrGet(type)),
      named(w, "linkage", mlirLLVMLinkageAttrGet(w->context, linkage)),
      named(w, "CConv", mlirLLVMCConvAttrGet(w->context, MlirLLVMCConvC))};
  return mth_append_op(w->block, &(mth_op_spec){.name = "llvm.func",
                                                .loc = w->loc,
                                                .attribute_count = 4,
                                                .attributes = attributes,
                                                .region_count = 1,
                                                .regions = &body});
}

MlirOperation mth_llvm_function(mth_llvm_writer *w, const char *name, MlirType type,
                                bool internal) {
  const intptr_t count = mlirLLVMFunctionTypeGetNumInputs(type);
  MlirType arguments[OPERANDS_MAX];
  MlirLocation locations[OPERANDS_MAX];
  assert(count <= OPERANDS_MAX);
  for (intptr_t i = 0; i < count; ++i) {
    arguments[i] = mlirLLVMFunctionTypeGetInput(type, i);
    locations[i] = w->loc;
  }
  MlirRegion body = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(body, mlirBlockCreate(count, arguments, locations));
  return append_function(w, name, type,
                         internal ? MlirLLVMLinkageInternal : MlirLLVMLinkageExternal, body);
}

MlirOperation mth_llvm_declare(mth_llvm_writer *w, const char *name, MlirType type) {
  return append_function(w, name, type, MlirLLVMLinkageExternal, mlirRegionCreate());
}

static void append_global(mth_llvm_writer *w, const char *name, MlirType type, MlirRegion body,
                          intptr_t more, const MlirNamedAttribute *attributes) {
  MlirNamedAttribute all[ATTRIBUTES_MAX] = {
      named(w, "sym_name", mth_text_attr(w->context, name)),
      named(w, "global_type", mlirTypeAttrGet(type)),
      named(w, "linkage", mlirLLVMLinkageAttrGet(w->context, MlirLLVMLinkageInternal)),
      named(w, "constant", mlirUnitAttrGet(w->context)),
      named(w, "addr_space", mlirIntegerAttrGet(w->i32, 0))};
  intptr_t count = 5;
  for (intptr_t i = 0; i < more; ++i)
    all[count++] = attributes[i];
  mth_append_op(w->block, &(mth_op_spec){.name = "llvm.mlir.global",
                                         .loc = w->loc,
                                         .attribute_count = count,
                                         .attributes = all,
                                         .region_count = 1,
                                         .regions = &body});
}

void mth_llvm_data(mth_llvm_writer *w, const char *name, MlirType type, MlirAttribute value,
                   int64_t alignment_bytes) {
  const MlirNamedAttribute attributes[] = {
      named(w, "value", value), named(w, "alignment", mth_i64_attr(w->context, alignment_bytes))};
  append_global(w, name, type, mlirRegionCreate(), 2, attributes);
}

MlirBlock mth_llvm_data_block(mth_llvm_writer *w, const char *name, MlirType type) {
  MlirRegion body = mlirRegionCreate();
  MlirBlock block = mlirBlockCreate(0, NULL, NULL);
  mlirRegionAppendOwnedBlock(body, block);
  append_global(w, name, type, body, 0, NULL);
  return block;
}

MlirValue mth_llvm_int(mth_llvm_writer *w, MlirType type, int64_t value) {
  const MlirNamedAttribute attribute = named(w, "value", mlirIntegerAttrGet(type, value));
  return append(w, "llvm.mlir.constant", &type, 0, NULL, 1, &attribute);
}

MlirValue mth_llvm_null(mth_llvm_writer *w) {
  return append(w, "llvm.mlir.zero", &w->pointer, 0, NULL, 0, NULL);
}

MlirValue mth_llvm_undefined(mth_llvm_writer *w, MlirType type) {
  return append(w, "llvm.mlir.undef", &type, 0, NULL, 0, NULL);
}

MlirValue mth_llvm_address_of(mth_llvm_writer *w, const char *symbol) {
  const MlirNamedAttribute attribute =
      named(w, "global_name",
            mlirFlatSymbolRefAttrGet(w->context, mlirStringRefCreateFromCString(symbol)));
  return append(w, "llvm.mlir.addressof", &w->pointer, 0, NULL, 1, &attribute);
}

MlirValue mth_llvm_insert(mth_llvm_writer *w, MlirValue aggregate, MlirValue value, size_t depth,
                          const int64_t *position) {
  const MlirType type = mlirValueGetType(aggregate);
  const MlirNamedAttribute attribute =
      named(w, "position", mlirDenseI64ArrayGet(w->context, (intptr_t)depth, position));
  return append(w, "llvm.insertvalue", &type, 2, (MlirValue[]){aggregate, value}, 1, &attribute);
}

MlirValue mth_llvm_extract(mth_llvm_writer *w, MlirType type, MlirValue aggregate,
                           int64_t position) {
  const MlirNamedAttribute attribute =
      named(w, "position", mlirDenseI64ArrayGet(w->context, 1, &position));
  return append(w, "llvm.extractvalue", &type, 1, &aggregate, 1, &attribute);
}

MlirValue mth_llvm_binary(mth_llvm_writer *w, const char *op, MlirValue a, MlirValue b) {
  const MlirType type = mlirValueGetType(a);
  return append(w, op, &type, 2, (MlirValue[]){a, b}, 0, NULL);
}

MlirValue mth_llvm_overflow(mth_llvm_writer *w, const char *op, MlirType type, MlirValue a,
                            MlirValue b) {
  return append(w, op, &type, 2, (MlirValue[]){a, b}, 0, NULL);
}

MlirValue mth_llvm_compare(mth_llvm_writer *w, mth_llvm_predicate predicate, MlirValue a,
                           MlirValue b) {
  const MlirNamedAttribute attribute =
      named(w, "predicate", mth_i64_attr(w->context, (int64_t)predicate));
  return append(w, "llvm.icmp", &w->i1, 2, (MlirValue[]){a, b}, 1, &attribute);
}

MlirValue mth_llvm_select(mth_llvm_writer *w, MlirValue condition, MlirValue a, MlirValue b) {
  const MlirType type = mlirValueGetType(a);
  return append(w, "llvm.select", &type, 3, (MlirValue[]){condition, a, b}, 0, NULL);
}

MlirValue mth_llvm_stack(mth_llvm_writer *w, size_t bytes, size_t alignment_bytes) {
  const MlirNamedAttribute attributes[] = {
      named(w, "elem_type", mlirTypeAttrGet(mlirLLVMArrayTypeGet(w->i8, (unsigned)bytes))),
      named(w, "alignment", mth_i64_attr(w->context, (int64_t)alignment_bytes))};
  const MlirValue one = mth_llvm_int(w, w->i64, 1);
  return append(w, "llvm.alloca", &w->pointer, 1, &one, 2, attributes);
}

static MlirValue address(mth_llvm_writer *w, intptr_t operand_count, const MlirValue *operands,
                         int32_t constant) {
  const MlirNamedAttribute attributes[] = {
      named(w, "elem_type", mlirTypeAttrGet(w->i8)),
      named(w, "rawConstantIndices", mlirDenseI32ArrayGet(w->context, 1, &constant))};
  return append(w, "llvm.getelementptr", &w->pointer, operand_count, operands, 2, attributes);
}

MlirValue mth_llvm_field(mth_llvm_writer *w, MlirValue base, size_t bytes) {
  assert(bytes <= INT32_MAX);
  return address(w, 1, &base, (int32_t)bytes);
}

MlirValue mth_llvm_offset(mth_llvm_writer *w, MlirValue base, MlirValue bytes) {
  return address(w, 2, (MlirValue[]){base, bytes}, BY_OPERAND);
}

MlirValue mth_llvm_load(mth_llvm_writer *w, MlirType type, MlirValue from) {
  return append(w, "llvm.load", &type, 1, &from, 0, NULL);
}

void mth_llvm_store(mth_llvm_writer *w, MlirValue value, MlirValue to) {
  append(w, "llvm.store", NULL, 2, (MlirValue[]){value, to}, 0, NULL);
}

void mth_llvm_copy(mth_llvm_writer *w, MlirValue to, MlirValue from, MlirValue bytes) {
  const MlirNamedAttribute attribute = named(w, "isVolatile", mlirBoolAttrGet(w->context, 0));
  append(w, "llvm.intr.memcpy", NULL, 3, (MlirValue[]){to, from, bytes}, 1, &attribute);
}

MlirValue mth_llvm_call(mth_llvm_writer *w, const char *symbol, MlirType result,
                        intptr_t operand_count, const MlirValue *operands) {
  const int32_t segments[] = {(int32_t)operand_count, 0};
  MlirNamedAttribute attributes[3] = {
      named(w, "op_bundle_sizes", mlirDenseI32ArrayGet(w->context, 0, NULL)),
      named(w, "operandSegmentSizes", mlirDenseI32ArrayGet(w->context, 2, segments))};
  if (symbol)
    attributes[2] = named(
        w, "callee", mlirFlatSymbolRefAttrGet(w->context, mlirStringRefCreateFromCString(symbol)));
  const bool returns = !mlirTypeEqual(result, w->nothing);
  return append(w, "llvm.call", returns ? &result : NULL, operand_count, operands, symbol ? 3 : 2,
                attributes);
}

// `values`: the condition, then the arguments of `yes`.
static void branch(mth_llvm_writer *w, intptr_t value_count, const MlirValue *values, MlirBlock yes,
                   MlirBlock no) {
  const int32_t segments[] = {1, (int32_t)value_count - 1, 0};
  const MlirNamedAttribute attribute =
      named(w, "operandSegmentSizes", mlirDenseI32ArrayGet(w->context, 3, segments));
  mth_append_op(w->block, &(mth_op_spec){.name = "llvm.cond_br",
                                         .loc = w->loc,
                                         .operand_count = value_count,
                                         .operands = values,
                                         .attribute_count = 1,
                                         .attributes = &attribute,
                                         .successor_count = 2,
                                         .successors = (MlirBlock[]){yes, no}});
}

void mth_llvm_branch_if(mth_llvm_writer *w, MlirValue condition, MlirBlock yes, MlirBlock no) {
  branch(w, 1, &condition, yes, no);
}

void mth_llvm_branch_or_fail(mth_llvm_writer *w, MlirValue condition, MlirBlock failed,
                             MlirValue value, MlirBlock next) {
  branch(w, 2, (MlirValue[]){condition, value}, failed, next);
}

void mth_llvm_return(mth_llvm_writer *w, MlirValue value) {
  append(w, "llvm.return", NULL, value.ptr != NULL, &value, 0, NULL);
}
