// kernel_to_llvm: kernels as functions of the LLVM dialect with the signature mth_kernel_fn.
//
// Why     One signature for every kernel on every target, so that one host function, one thread
//         pool and one table serve all (design D8).
// Needs   form 8: operands are flat memrefs; nothing but func, scf, vector, memref, arith.
// Keeps   the names of the kernels and their attributes (grid, block, work, scratch).
// Not     the entries of the module: what is not a kernel, or called by one, is left alone. The
//         conversions are upstream's own passes; a declaration of a C kernel becomes one of LLVM's.
// Test    test/passes/kernel_to_llvm.mlir
#include "dialect/fail.h"
#include "dialect/llvm_ops.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "passes/loops/extent.h"
#include "passes/passes.h"
#include "runtime/allocator.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"
#include "mlir-c/Diagnostics.h"
#include "mlir-c/Dialect/LLVM.h"
#include "mlir-c/Pass.h"
#include "mlir-c/RegisterEverything.h"

#include <stddef.h>

// vector, memref, arith, index and func convert in one go through their interfaces.
static const char conversions[] = "builtin.module(convert-scf-to-cf,convert-to-llvm,"
                                  "reconcile-unrealized-casts)";

enum { POINTER_BYTES = 8, NUMBER_BYTES = 8, DESCRIPTOR_FIELDS = 5 };

static const char *const descriptor_type =
    "!llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>";

static MlirValue cast(mth_writer *w, MlirType type, MlirValue value) {
  return mth_write_op(w, "builtin.unrealized_conversion_cast", type, 1, &value);
}

static MlirValue insert(mth_writer *w, MlirValue into, MlirValue value, intptr_t depth,
                        const int64_t *position) {
  const MlirNamedAttribute at =
      mth_named(w->context, "position", mlirDenseI64ArrayGet(w->context, depth, position));
  return mth_write_op_with(w, "llvm.insertvalue", mlirValueGetType(into), 2,
                           (MlirValue[]){into, value}, 1, &at);
}

// The descriptor of a flat memref at `pointer`. Its size is never asked for.
static MlirValue describe(mth_writer *w, MlirType memref, MlirValue pointer) {
  const MlirType i64 = mlirIntegerTypeGet(w->context, 64);
  const MlirValue zero = mth_write_op_with(
      w, "llvm.mlir.constant", i64, 0, NULL, 1,
      (MlirNamedAttribute[]){mth_named(w->context, "value", mlirIntegerAttrGet(i64, 0))});
  const MlirValue one = mth_write_op_with(
      w, "llvm.mlir.constant", i64, 0, NULL, 1,
      (MlirNamedAttribute[]){mth_named(w->context, "value", mlirIntegerAttrGet(i64, 1))});
  MlirValue d = mth_write_op(w, "llvm.mlir.poison",
                             mlirTypeParseGet(w->context, mth_str(descriptor_type)), 0, NULL);
  d = insert(w, d, pointer, 1, (int64_t[]){0});
  d = insert(w, d, pointer, 1, (int64_t[]){1});
  d = insert(w, d, zero, 1, (int64_t[]){2});
  d = insert(w, d, zero, 2, (int64_t[]){3, 0});
  d = insert(w, d, one, 2, (int64_t[]){4, 0});
  return cast(w, memref, d);
}

// *(type *)(base + index * element_bytes)
static MlirValue load(mth_writer *w, MlirType type, MlirValue base, int32_t index) {
  const MlirType pointer = mlirValueGetType(base);
  const MlirNamedAttribute element[] = {
      mth_named(w->context, "rawConstantIndices", mlirDenseI32ArrayGet(w->context, 1, &index)),
      mth_named(w->context, "elem_type", mlirTypeAttrGet(type))};
  const MlirValue address =
      mth_write_op_with(w, "llvm.getelementptr", pointer, 1, &base, 2, element);
  return mth_write_op(w, "llvm.load", type, 1, &address);
}

static mth_status change_signature(MlirOperation function, void *user) {
  (void)user;
  const MlirBlock entry = mth_op_body(function);
  const MlirOperation first = mlirBlockGetFirstOperation(entry);
  mth_writer w = mth_writer_get(mlirOperationGetLocation(function), entry, first);
  const MlirType pointer = mlirLLVMPointerTypeGet(w.context, 0);
  const MlirType i64 = mlirIntegerTypeGet(w.context, 64);
  const intptr_t count = mlirBlockGetNumArguments(entry);
  const intptr_t tile_count = 2 * (intptr_t)mth_kernel_tile_rank(function);
  MlirValue given[4]; // buffers, dims, tile, scratch
  for (intptr_t i = 0; i < 4; ++i)
    given[i] = mlirBlockInsertArgument(entry, i, pointer, w.loc);
  int32_t buffer = 0, dim = 0, tile = 0;
  for (intptr_t i = 0; i < count; ++i) {
    const MlirValue old = mlirBlockGetArgument(entry, 4 + i);
    const MlirType type = mlirValueGetType(old);
    MlirValue value;
    if (i == count - 1)
      value = describe(&w, type, given[3]);
    else if (mlirTypeIsAMemRef(type))
      value = describe(&w, type, load(&w, pointer, given[0], buffer++));
    else if (i >= count - 1 - tile_count)
      value = cast(&w, w.index, load(&w, i64, given[2], tile++));
    else
      value = cast(&w, w.index, load(&w, i64, given[1], dim++));
    mlirValueReplaceAllUsesOfWith(old, value);
  }
  for (intptr_t i = count; i-- > 0;)
    mlirBlockEraseArgument(entry, (unsigned)(4 + i));
  const MlirType types[] = {pointer, pointer, pointer, pointer};
  mlirOperationSetAttributeByName(
      function, mth_str("function_type"),
      mlirTypeAttrGet(mlirFunctionTypeGet(w.context, 4, types, 0, NULL)));
  mlirOperationSetAttributeByName(
      function, mth_str("llvm.linkage"),
      mlirAttributeParseGet(w.context, mth_str("#llvm.linkage<internal>")));
  return MTH_OK;
}

static void report(MlirStringRef text, void *loc) {
  mlirEmitError(*(const MlirLocation *)loc, text.data);
}

static mth_status convert(MlirOperation module) {
  MlirLocation loc = mlirOperationGetLocation(module);
  const MlirPassManager manager = mlirPassManagerCreate(mlirOperationGetContext(module));
  mlirPassManagerEnableVerifier(manager, false);
  MlirLogicalResult result = mlirParsePassPipeline(mlirPassManagerGetAsOpPassManager(manager),
                                                   mth_str(conversions), report, &loc);
  if (mlirLogicalResultIsSuccess(result)) result = mlirPassManagerRunOnOp(manager, module);
  mlirPassManagerDestroy(manager);
  return mlirLogicalResultIsSuccess(result) ? MTH_OK : MTH_INTERNAL; // MLIR has reported
}

mth_status mth_pass_kernel_to_llvm(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  MTH_TRY(mth_visit_kernels(module, change_signature, NULL));
  return convert(module);
}
