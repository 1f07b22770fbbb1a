// pack_contractions: matmul(x, y)  ==>  matmul_packed(pack(x), pack(y))
//
// Why     The micro-kernel reads panels of a register tile's rows and columns. As ops of their own,
//         packs are shared by equality, folded for constants, and read through transposes.
// Needs   core ops with inferred types.
// Keeps   the order of every sum: a result is one chain of fused multiply-adds in k order from +0;
//         of integers, which wrap, one of products and sums.
// Not     anything that is no contraction. Transposes that lose their last use stay: simplify
//         removes them.
// Test    test/passes/pack_contractions.mlir
#include "dialect/lowering.h"
#include "dialect/match.h"
#include "dialect/op_code.h"
#include "dialect/type.h"
#include "passes/options.h"
#include "passes/passes.h"

#include "mlir-c/BuiltinTypes.h"

// Whether a vector holds as few elements as of f64: i64 too.
static bool is_wide(MlirOperation op) {
  const MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  const mth_dtype dtype = mth_dtype_from_ir(mlirShapedTypeGetElementType(type));
  return mth_dtype_get(dtype)->bits == 64; // verified IR holds our dtypes alone
}

static mth_status pack(mth_ir_builder *builder, MlirOperation op, const mth_lowering *lowering,
                       const mth_pack_contractions_options *tiles) {
  mth_op_site site;
  mth_value result;
  MTH_TRY(mth_site_of(op, builder->base.dims, builder->arena, &site));
  mth_ir_builder_set_before(builder, op);
  MTH_TRY(lowering->pack(&builder->base, &site, is_wide(op) ? tiles->f64_mr : tiles->f32_mr,
                         is_wide(op) ? tiles->f64_nr : tiles->f32_nr, &result));
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0), mth_value_to_ir(result));
  mlirOperationDestroy(op);
  return MTH_OK;
}

static mth_status pack_all(mth_ir_builder *builder, MlirOperation entry,
                           const mth_pack_contractions_options *tiles) {
  MlirOperation next;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(entry)); !mlirOperationIsNull(op);
       op = next) {
    next = mlirOperationGetNextInBlock(op);
    const mth_op *known = mth_op_of(op);
    const mth_lowering *lowering = known ? mth_lowering_of(known) : NULL;
    if (lowering && lowering->kind == MTH_LOWERING_CONTRACT)
      MTH_TRY(pack(builder, op, lowering, tiles));
  }
  return MTH_OK;
}

mth_status mth_pass_pack_contractions(MlirOperation module, const void *options) {
  mth_dim_table *dims;
  MTH_TRY(mth_dim_table_create(mth_default_allocator(), &dims));
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  mth_ir_builder builder;
  mth_ir_builder_init(&builder, mlirOperationGetContext(module), dims, &arena);
  mth_status status = MTH_OK;
  for (MlirOperation op = mlirBlockGetFirstOperation(mth_op_body(module));
       status == MTH_OK && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (mth_op_is_named(op, "mithril.entry")) status = pack_all(&builder, op, options);
  mth_arena_reset(&arena);
  mth_dim_table_destroy(dims);
  return status;
}
