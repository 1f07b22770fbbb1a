// schedule: give each kernel a grid, and its loops an order.
//
// Why     How a kernel is cut into tiles and vectors decides its speed and the order of its sums;
//         one pass that decides it can be read, replaced for a target, and tested without running.
// Needs   form 5: the first loops of every generic are the kernel's grid.
// Keeps   every op; only attributes are added, and generics without inputs (what reductions start
//         from) move ahead of the others, so that neighbours can share a loop.
// Not     machine sizes: blocks are right for any cache of the last twenty years, the register tile
//         of a product comes with its tag.
// Test    test/passes/schedule.mlir
#include "dialect/fail.h"
#include "dialect/make.h"
#include "dialect/match.h"
#include "passes/passes.h"
#include "passes/schedules/schedules.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

enum { COST_OF_MATH = 12 };

static bool is_product(const mth_schedule *s) {
  for (size_t g = 0; g < s->generic_count; ++g)
    if (!mlirAttributeIsNull(mth_op_attribute(s->generics[g], "mithril.contract"))) return true;
  return false;
}

static bool has_inner_loops(const mth_schedule *s) {
  for (size_t g = 0; g < s->generic_count; ++g)
    if (mth_generic_loop_count(s->generics[g]) > s->grid_rank) return true;
  return false;
}

static mth_status check_rank(MlirLocation at, MlirValue value) {
  const MlirType type = mlirValueGetType(value);
  const intptr_t rank = mlirTypeIsARankedTensor(type) ? mlirShapedTypeGetRank(type) : 0;
  if (rank <= MTH_MAX_RANK) return MTH_OK;
  return mth_fail_ir(MTH_UNSUPPORTED, at, "a tensor of rank %d; at most %d is possible", (int)rank,
                     MTH_MAX_RANK);
}

// Tensors may have more dims than loops run over them: a reshape was read where it lies.
static mth_status check_ranks(const mth_schedule *s) {
  const MlirBlock entry = mth_op_body(s->function);
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(entry); ++i)
    MTH_TRY(check_rank(mlirOperationGetLocation(s->function), mlirBlockGetArgument(entry, i)));
  for (MlirOperation op = mlirBlockGetFirstOperation(entry); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
      MTH_TRY(check_rank(mlirOperationGetLocation(op), mlirOperationGetResult(op, i)));
  return MTH_OK;
}

static mth_status check(const mth_schedule *s) {
  const MlirLocation loc = mlirOperationGetLocation(s->function);
  if (s->grid_rank > MTH_MAX_GRID)
    return mth_fail_ir(MTH_UNSUPPORTED, loc, "a grid of rank %d; at most %d are possible",
                       (int)s->grid_rank, MTH_MAX_GRID);
  if (s->generic_count == 0 || s->generic_count == MTH_MAX_GENERICS)
    return mth_fail_ir(MTH_UNSUPPORTED, loc, "a kernel of %s generics",
                       s->generic_count ? "too many" : "no");
  for (size_t g = 0; g < s->generic_count; ++g) {
    const intptr_t loop_count = mth_generic_loop_count(s->generics[g]);
    const MlirLocation at = mlirOperationGetLocation(s->generics[g]);
    if (loop_count < s->grid_rank)
      return mth_fail_ir(MTH_INTERNAL, at, "%d loops, fewer than the grid's %d", (int)loop_count,
                         (int)s->grid_rank);
    if (loop_count > MTH_MAX_RANK)
      return mth_fail_ir(MTH_UNSUPPORTED, at, "%d loops; at most %d are possible", (int)loop_count,
                         MTH_MAX_RANK);
    for (intptr_t i = 0; i < s->grid_rank; ++i)
      if (mth_generic_is_reduction(s->generics[g], i))
        return mth_fail_ir(MTH_INTERNAL, at, "grid loop %d is a reduction", (int)i);
  }
  return check_ranks(s);
}

static int64_t cost_of_body(MlirOperation generic) {
  int64_t cost = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(generic));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    const MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
    cost += mth_str_begins(name, "math.") ? COST_OF_MATH : 1;
  }
  return cost;
}

static mth_status estimate_work(mth_schedule *s, const mth_dim **out_work) {
  mth_dim_table *const t = s->extents.table;
  *out_work = mth_dim_constant(t, 0);
  for (size_t g = 0; g < s->generic_count; ++g) {
    const mth_dim *points = mth_dim_constant(t, cost_of_body(s->generics[g]));
    for (intptr_t i = 0; i < mth_generic_loop_count(s->generics[g]); ++i) {
      const mth_dim *extent;
      MTH_TRY(mth_extent_of_loop(&s->extents, s->generics[g], i, &extent));
      points = mth_dim_multiply(t, points, extent);
    }
    *out_work = mth_dim_add(t, *out_work, points);
  }
  return *out_work ? MTH_OK : MTH_NO_MEMORY;
}

static bool reads_nothing(MlirOperation generic) {
  if (mth_generic_input_count(generic) > 0) return false;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(generic));
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "tensor.extract")) return false;
  return true;
}

// What reductions start from comes first, with all that it uses. Its operands are index arithmetic
// and tensor.empty, so these move too.
static void move_starts_ahead(mth_schedule *s) {
  const MlirBlock entry = mth_op_body(s->function);
  size_t first = 0;
  while (first < s->generic_count && reads_nothing(s->generics[first]))
    ++first;
  if (first == s->generic_count) return;
  const MlirOperation anchor = s->generics[first];
  MlirOperation next;
  bool is_after = false;
  for (MlirOperation op = mlirBlockGetFirstOperation(entry); !mlirOperationIsNull(op); op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (mlirOperationEqual(op, anchor)) is_after = true;
    if (!is_after || mlirOperationIsNull(next)) continue;
    const bool is_generic = mth_op_is_named(op, "linalg.generic");
    const bool is_slice = mth_op_is_named(op, "tensor.extract_slice");
    if (is_generic ? reads_nothing(op) : !is_slice) mlirOperationMoveBefore(op, anchor);
  }
  s->generic_count = mth_kernel_generics(s->function, MTH_MAX_GENERICS, s->generics);
}

static void annotate(mth_schedule *s, const mth_dim *work) {
  const MlirContext context = mlirOperationGetContext(s->function);
  MlirAttribute grid[MTH_MAX_GRID];
  intptr_t rank = s->grid_rank;
  for (intptr_t i = 0; i < rank; ++i)
    grid[i] = mth_extent_attribute(&s->extents, s->grid[i]);
  if (rank == 0) grid[rank] = mth_i64_attr(context, 1), s->block[rank++] = 1;
  mlirOperationSetAttributeByName(s->function, mth_str("mithril.grid"),
                                  mlirArrayAttrGet(context, rank, grid));
  mlirOperationSetAttributeByName(s->function, mth_str("mithril.block"),
                                  mlirDenseI64ArrayGet(context, rank, s->block));
  mlirOperationSetAttributeByName(s->function, mth_str("mithril.work"),
                                  mth_extent_attribute(&s->extents, work));
  if (s->turned_loop >= 0)
    mlirOperationSetAttributeByName(s->function, mth_str("mithril.turned_loop"),
                                    mth_i64_attr(context, s->turned_loop));
  for (size_t g = 0; g < s->generic_count; ++g) {
    mlirOperationSetAttributeByName(s->generics[g], mth_str("mithril.vector_loop"),
                                    mth_i64_attr(context, s->vector_loop[g]));
    mlirOperationSetAttributeByName(s->generics[g], mth_str("mithril.lanes"),
                                    mth_i64_attr(context, s->lanes[g]));
  }
}

static mth_status choose(mth_schedule *s) {
  const mth_dim *work;
  s->grid_rank = (intptr_t)mth_kernel_grid_rank(s->function);
  s->generic_count = mth_kernel_generics(s->function, MTH_MAX_GENERICS, s->generics);
  MTH_TRY(check(s));
  move_starts_ahead(s);
  for (intptr_t i = 0; i < s->grid_rank; ++i) // the last generic writes a result: all its loops
    MTH_TRY(mth_extent_of_loop(&s->extents, s->generics[s->generic_count - 1], i, &s->grid[i]));
  if (is_product(s))
    mth_schedule_contract(s);
  else if (has_inner_loops(s))
    mth_schedule_reduce(s);
  else
    mth_schedule_map(s);
  MTH_TRY(estimate_work(s, &work));
  annotate(s, work);
  return MTH_OK;
}

static mth_status schedule(MlirOperation function, void *user) {
  (void)user;
  mth_schedule s = {.function = function, .turned_loop = -1};
  MTH_TRY(mth_extents_init(&s.extents, function));
  const mth_status status = choose(&s);
  mth_extents_deinit(&s.extents);
  return status;
}

mth_status mth_pass_schedule(MlirOperation module, const void *options) {
  (void)options; // this pass has none
  return mth_visit_kernels(module, schedule, NULL);
}
