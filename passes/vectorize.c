// vectorize: kernels as loops over vectors.
//
// Why     LLVM's vectoriser guesses, costs half of the compile time, and must keep the order of
//         sums, so it leaves them scalar. We know which loop to take and which tree each sum is.
// Needs   form 7.
// Keeps   the formula of every element: main loop and last step are the same body, whole vectors
//         or masked ones, so an element's bits do not depend on where it falls. Reductions along a
//         vector loop go to `lanes` partials and a fixed tree.
// Not     math ops: `expand-math` turns them into arithmetic later, on vectors.
// Test    test/passes/vectorize.mlir, test/numerics/loops_test.c
#include "dialect/match.h"
#include "passes/loops/nest.h"
#include "passes/loops/product.h"
#include "passes/passes.h"
#include "runtime/allocator.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

static bool is_unused(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    if (!mlirOpOperandIsNull(mlirValueGetFirstUse(mlirOperationGetResult(op, i)))) return false;
  return true;
}

static bool is_view(MlirOperation op) {
  return mth_op_is_named(op, "memref.reinterpret_cast") || mth_op_is_named(op, "memref.subview") ||
         mth_op_is_named(op, "memref.view");
}

static MlirOperation last_operation(MlirBlock block) { return mlirBlockGetTerminator(block); }

static MlirOperation previous_operation(MlirBlock block, MlirOperation op) {
  MlirOperation previous = {NULL};
  for (MlirOperation at = mlirBlockGetFirstOperation(block); !mlirOperationEqual(at, op);
       at = mlirOperationGetNextInBlock(at))
    previous = at;
  return previous;
}

// Erases the generics and the views that only they used.
static void erase_generics(mth_nest *nest) {
  const MlirBlock entry = mth_op_body(nest->function);
  for (size_t i = 0; i < nest->generic_count; ++i)
    mlirOperationDestroy(nest->generics[i]);
  MlirOperation op = last_operation(entry);
  while (!mlirOperationIsNull(op)) {
    const MlirOperation before = previous_operation(entry, op);
    if (is_view(op) && is_unused(op)) mlirOperationDestroy(op);
    op = before;
  }
}

static MlirWalkResult use_storage_type(MlirOperation op, void *unused) {
  (void)unused;
  if (!mth_op_is_named(op, "memref.view")) return MlirWalkResultAdvance;
  const MlirValue view = mlirOperationGetResult(op, 0);
  const int64_t size = mlirShapedTypeGetDimSize(mlirValueGetType(view), 0);
  const MlirType element = mlirShapedTypeGetElementType(mlirValueGetType(view));
  mlirValueSetType(view, mlirMemRefTypeContiguousGet(mth_storage_element(element), 1, &size,
                                                     mlirAttributeGetNull()));
  return MlirWalkResultAdvance;
}

// Operands and results become their elements in a row: the loops compute flat indices.
static void flatten_arguments(MlirOperation function, mth_arena *arena, mth_status *status) {
  const MlirContext context = mlirOperationGetContext(function);
  const MlirBlock entry = mth_op_body(function);
  const intptr_t count = mlirBlockGetNumArguments(entry);
  const int64_t any = mlirShapedTypeGetDynamicSize();
  MlirType *const types = MTH_NEW_ARRAY(arena, MlirType, (size_t)count);
  if (!types) {
    *status = MTH_NO_MEMORY;
    return;
  }
  for (intptr_t i = 0; i < count; ++i) {
    const MlirValue argument = mlirBlockGetArgument(entry, i);
    types[i] = mlirValueGetType(argument);
    if (!mlirTypeIsAMemRef(types[i])) continue;
    types[i] =
        mlirMemRefTypeContiguousGet(mth_storage_element(mlirShapedTypeGetElementType(types[i])), 1,
                                    &any, mlirAttributeGetNull());
    mlirValueSetType(argument, types[i]);
  }
  mlirOperationSetAttributeByName(
      function, mth_str("function_type"),
      mlirTypeAttrGet(mlirFunctionTypeGet(context, count, types, 0, NULL)));
  mlirOperationRemoveAttributeByName(function, mth_str("arg_attrs"));
}

static mth_status write_loops(mth_nest *nest) {
  const size_t product = mth_product_find(nest);
  if (product < nest->generic_count) return mth_product_write(nest, product);
  return mth_nest_write(nest, 0, nest->generic_count, nest->begin, nest->end);
}

static mth_status vectorize(MlirOperation function, void *user) {
  (void)user;
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_nest nest;
  mth_status status = mth_nest_init(&nest, function, &arena);
  if (status == MTH_OK) status = write_loops(&nest);
  if (status == MTH_OK) {
    erase_generics(&nest);
    mlirOperationWalk(function, use_storage_type, NULL, MlirWalkPreOrder);
    flatten_arguments(function, &arena, &status);
  }
  mth_nest_deinit(&nest);
  mth_arena_reset(&arena);
  return status;
}

mth_status mth_pass_vectorize(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  return mth_visit_kernels(module, vectorize, NULL);
}
