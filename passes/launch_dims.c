// launch_dims.c: what the numbers of a launch are in its entry's symbols.
#include "passes/launch_dims.h"

#include "dialect/fail.h"
#include "dialect/match.h"
#include "passes/memory_plan.h"

#include "mlir-c/BuiltinAttributes.h"

typedef struct reader {
  mth_dim_table *dims;
  mth_arena *arena;
  const mth_dim **symbols;
  size_t symbol_count;
} reader;

// d0, d1, ... of a kernel stand for the launch's dims.
static const mth_dim *replace_symbol(void *user, const mth_dim *symbol) {
  const reader *const r = user;
  for (size_t i = 0; i < r->symbol_count; ++i) {
    const char *const name = mth_arena_format(r->arena, "d%zu", i);
    if (!name) return NULL;
    if (mth_dim_symbol(r->dims, name) == symbol) return r->symbols[i];
  }
  return symbol; // the entry lacks it: refused when it is written
}

// An expression of the kernel in the entry's symbols.
static mth_status read_dim(reader *r, MlirLocation loc, MlirAttribute attribute,
                           const mth_dim **out_dim) {
  const mth_dim *own;
  MTH_TRY(mth_dim_from_attribute(r->dims, r->arena, loc, attribute, &own));
  *out_dim = mth_dim_substitute(r->dims, own, replace_symbol, r);
  return *out_dim ? MTH_OK : MTH_NO_MEMORY;
}

static mth_status read_grid(reader *r, mth_launch_dims *out) {
  const MlirLocation loc = mlirOperationGetLocation(out->kernel);
  const MlirAttribute grid = mth_op_attribute(out->kernel, "mithril.grid");
  const MlirAttribute block = mth_op_attribute(out->kernel, "mithril.block");
  const intptr_t rank = mlirAttributeIsNull(grid) || !mlirAttributeIsAArray(grid)
                            ? 0
                            : mlirArrayAttrGetNumElements(grid);
  if (rank < 1 || rank > MTH_GRID_RANK || mlirAttributeIsNull(block) ||
      !mlirAttributeIsADenseI64Array(block) || mlirDenseArrayGetNumElements(block) != rank)
    return mth_fail_ir(MTH_INVALID, loc,
                       "a kernel wants mithril.grid and mithril.block of 1 to %d numbers",
                       MTH_GRID_RANK);
  out->grid_rank = (int32_t)rank;
  for (intptr_t i = 0; i < MTH_GRID_RANK; ++i) {
    out->grid[i] = mth_dim_constant(r->dims, 1);
    if (i < rank) MTH_TRY(read_dim(r, loc, mlirArrayAttrGetElement(grid, i), &out->grid[i]));
    if (!out->grid[i]) return MTH_NO_MEMORY;
  }
  return MTH_OK;
}

mth_status mth_launch_dims_read(MlirOperation module, MlirOperation launch, mth_dim_table *dims,
                                mth_arena *arena, mth_launch_dims *out_dims) {
  const MlirLocation loc = mlirOperationGetLocation(launch);
  const MlirStringRef name = mlirFlatSymbolRefAttrGetValue(mth_op_attribute(launch, "kernel"));
  mth_launch_dims out = {.kernel = mth_find_symbol(module, name)};
  if (!mth_op_is_named(out.kernel, "llvm.func"))
    return mth_fail_ir(MTH_INVALID, loc, "kernel '%.*s' is not in the LLVM dialect",
                       (int)name.length, name.data);

  const MlirAttribute list = mth_op_attribute(launch, "dims");
  reader r = {dims, arena, NULL, (size_t)mlirArrayAttrGetNumElements(list)};
  r.symbols = MTH_NEW_ARRAY(arena, const mth_dim *, r.symbol_count);
  if (!r.symbols) return MTH_NO_MEMORY;
  for (size_t i = 0; i < r.symbol_count; ++i)
    MTH_TRY(mth_dim_from_attribute(dims, arena, loc, mlirArrayAttrGetElement(list, (intptr_t)i),
                                   &r.symbols[i]));
  out.symbols = r.symbols;
  out.symbol_count = r.symbol_count;
  MTH_TRY(read_grid(&r, &out));
  const MlirLocation kernel_loc = mlirOperationGetLocation(out.kernel);
  MTH_TRY(read_dim(&r, kernel_loc, mth_op_attribute(out.kernel, "mithril.work"), &out.work));
  const MlirAttribute scratch = mth_op_attribute(out.kernel, "mithril.scratch");
  out.scratch_bytes = mth_dim_constant(dims, 0);
  if (!mlirAttributeIsNull(scratch)) MTH_TRY(read_dim(&r, kernel_loc, scratch, &out.scratch_bytes));
  out.scratch_bytes = mth_plan_align(dims, out.scratch_bytes);
  if (!out.scratch_bytes) return MTH_NO_MEMORY;
  *out_dims = out;
  return MTH_OK;
}

mth_status mth_launches_scratch(MlirOperation module, MlirOperation entry, mth_dim_table *dims,
                                mth_arena *arena, const mth_dim **out_bytes) {
  const mth_dim *most = mth_dim_constant(dims, 0);
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(entry)); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!mth_op_is_named(op, "mithril.launch")) continue;
    mth_launch_dims launch;
    MTH_TRY(mth_launch_dims_read(module, op, dims, arena, &launch));
    most = mth_dim_max(dims, most, launch.scratch_bytes);
  }
  *out_bytes = most;
  return most ? MTH_OK : MTH_NO_MEMORY;
}
