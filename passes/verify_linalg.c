// verify_linalg: refuses a kernel that is not of form 5
//
// Why     schedule, bufferize and vectorize trust the grid: its loops come first in every generic,
//         are parallel and equally long.
// Needs   nothing beyond verified IR.
// Keeps   everything.
// Not     symbolic extents, and whether a grid point reads only its own values: to-linalg computes
//         the grid from that.
// Test    test/passes/verify_linalg.mlir
#include "dialect/fail.h"
#include "dialect/match.h"
#include "passes/passes.h"
#include "runtime/program.h"

#include "mlir-c/AffineExpr.h"
#include "mlir-c/AffineMap.h"
#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

typedef struct grid {
  intptr_t rank;
  int64_t extent[MTH_GRID_RANK]; // -1: not seen, or symbolic
} grid;

static bool is_index_arithmetic(MlirOperation op) {
  const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  return mth_str_begins(name, "arith.") &&
         mlirTypeIsAIndex(mlirValueGetType(mlirOperationGetResult(op, 0)));
}

static mth_status check_op(MlirOperation op) {
  static const char *const allowed[] = {"tensor.empty", "tensor.extract_slice",
                                        "tensor.insert_slice", "linalg.generic", "func.return"};
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; ++i)
    if (mth_op_is_named(op, allowed[i])) return MTH_OK;
  if (is_index_arithmetic(op)) return MTH_OK;
  const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(op),
                     "a kernel is generics on tensors and index arithmetic, found %.*s",
                     (int)name.length, name.data);
}

// The static extent of a loop, or -1.
static int64_t loop_extent(MlirOperation generic, intptr_t loop) {
  const MlirAttribute maps = mth_op_attribute(generic, "indexing_maps");
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(generic); ++i) {
    const MlirAffineMap map = mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(maps, i));
    const MlirType type = mlirValueGetType(mlirOperationGetOperand(generic, i));
    for (intptr_t d = 0; d < mlirAffineMapGetNumResults(map); ++d) {
      const MlirAffineExpr expr = mlirAffineMapGetResult(map, d);
      if (mlirAffineExprIsADim(expr) && mlirAffineDimExprGetPosition(expr) == loop &&
          !mlirShapedTypeIsDynamicDim(type, d))
        return mlirShapedTypeGetDimSize(type, d);
    }
  }
  return -1;
}

static mth_status check_generic(MlirOperation generic, grid *grid) {
  const MlirLocation loc = mlirOperationGetLocation(generic);
  const MlirAttribute iterators = mth_op_attribute(generic, "iterator_types");
  const MlirAttribute parallel = mlirAttributeParseGet(mlirOperationGetContext(generic),
                                                       mth_str("#linalg.iterator_type<parallel>"));
  const intptr_t loops = mlirArrayAttrGetNumElements(iterators);
  if (loops < grid->rank)
    return mth_fail_ir(MTH_INTERNAL, loc, "the grid has %td loops, this has %td", grid->rank,
                       loops);
  for (intptr_t i = 0; i < grid->rank; ++i) {
    if (!mlirAttributeEqual(mlirArrayAttrGetElement(iterators, i), parallel))
      return mth_fail_ir(MTH_INTERNAL, loc, "loop %td is of the grid, so it must be parallel", i);
    const int64_t extent = loop_extent(generic, i);
    if (extent >= 0 && grid->extent[i] >= 0 && extent != grid->extent[i])
      return mth_fail_ir(MTH_INTERNAL, loc, "loop %td of the grid has %lld steps here, %lld before",
                         i, (long long)extent, (long long)grid->extent[i]);
    if (extent >= 0) grid->extent[i] = extent;
  }
  const MlirAttribute tile = mth_op_attribute(generic, "mithril.contract");
  if (!mlirAttributeIsNull(tile) &&
      (!mlirAttributeIsADenseI64Array(tile) || mlirDenseArrayGetNumElements(tile) != 2))
    return mth_fail_ir(MTH_INTERNAL, loc, "mithril.contract wants array<i64: rows, columns>");
  return MTH_OK;
}

static mth_status check_kernel(MlirOperation function) {
  const MlirLocation loc = mlirOperationGetLocation(function);
  const MlirAttribute rank = mth_op_attribute(function, "mithril.grid_rank");
  if (mlirAttributeIsNull(rank) || !mlirAttributeIsAInteger(rank))
    return mth_fail_ir(MTH_INTERNAL, loc, "a kernel wants mithril.grid_rank, an integer");
  grid grid = {mlirIntegerAttrGetValueInt(rank), {-1, -1, -1, -1}};
  if (grid.rank < 0 || grid.rank > MTH_GRID_RANK)
    return mth_fail_ir(MTH_INTERNAL, loc, "a grid has at most %d loops, found %td", MTH_GRID_RANK,
                       grid.rank);
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(function));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    MTH_TRY(check_op(op));
    if (mth_op_is_named(op, "linalg.generic")) MTH_TRY(check_generic(op, &grid));
  }
  return MTH_OK;
}

mth_status mth_pass_verify_linalg(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module)); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (mth_op_is_named(op, "mithril.kernel"))
      return mth_fail_ir(MTH_INTERNAL, mlirOperationGetLocation(op), "a kernel is still unlowered");
    const bool is_kernel = mth_op_is_named(op, "func.func") &&
                           !mlirAttributeIsNull(mth_op_attribute(op, "mithril.kernel"));
    const bool has_body =
        is_kernel && mlirAttributeIsNull(mth_op_attribute(op, "mithril.c_kernel"));
    if (has_body) MTH_TRY(check_kernel(op));
  }
  return MTH_OK;
}
