// writer.c: loops, index arithmetic and vectors, appended to a block in one call each.
#include "passes/loops/writer.h"

#include "dialect/make.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>

enum { MAX_CARRIED = 64, MAX_LANES = 64 };

mth_writer mth_writer_get(MlirLocation loc, MlirBlock block, MlirOperation before) {
  const MlirContext context = mlirLocationGetContext(loc);
  return (mth_writer){.context = context,
                      .loc = loc,
                      .block = block,
                      .before = before,
                      .index = mlirIndexTypeGet(context),
                      .i1 = mlirIntegerTypeGet(context, 1),
                      .i32 = mlirIntegerTypeGet(context, 32)};
}

static MlirOperation put(mth_writer *w, const mth_op_spec *spec) {
  const MlirOperation op = mth_make_op(spec);
  if (mlirOperationIsNull(w->before))
    mlirBlockAppendOwnedOperation(w->block, op);
  else
    mlirBlockInsertOwnedOperationBefore(w->block, w->before, op);
  return op;
}

MlirValue mth_write_op_with(mth_writer *w, const char *name, MlirType type, intptr_t operand_count,
                            const MlirValue *operands, intptr_t attribute_count,
                            const MlirNamedAttribute *attributes) {
  return mlirOperationGetResult(put(w, &(mth_op_spec){.name = name,
                                                      .loc = w->loc,
                                                      .operand_count = operand_count,
                                                      .operands = operands,
                                                      .result_count = 1,
                                                      .results = &type,
                                                      .attribute_count = attribute_count,
                                                      .attributes = attributes}),
                                0);
}

MlirValue mth_write_op(mth_writer *w, const char *name, MlirType type, intptr_t operand_count,
                       const MlirValue *operands) {
  return mth_write_op_with(w, name, type, operand_count, operands, 0, NULL);
}

void mth_write_effect(mth_writer *w, const char *name, intptr_t operand_count,
                      const MlirValue *operands, intptr_t attribute_count,
                      const MlirNamedAttribute *attributes) {
  put(w, &(mth_op_spec){.name = name,
                        .loc = w->loc,
                        .operand_count = operand_count,
                        .operands = operands,
                        .attribute_count = attribute_count,
                        .attributes = attributes});
}

MlirValue mth_write_constant(mth_writer *w, MlirType type, MlirAttribute value) {
  const MlirNamedAttribute attribute = mth_named(w->context, "value", value);
  return mth_write_op_with(w, "arith.constant", type, 0, NULL, 1, &attribute);
}

MlirValue mth_write_compare(mth_writer *w, mth_predicate predicate, MlirValue a, MlirValue b) {
  const MlirNamedAttribute attribute =
      mth_named(w->context, "predicate", mth_i64_attr(w->context, predicate));
  MlirType type = mlirValueGetType(a);
  type = mlirTypeIsAVector(type) ? mth_lanes_type(mlirShapedTypeGetDimSize(type, 0), w->i1) : w->i1;
  return mth_write_op_with(w, "arith.cmpi", type, 2, (MlirValue[]){a, b}, 1, &attribute);
}

static bool is_known(mth_index_value index) { return mlirValueIsNull(index.value); }

MlirValue mth_write_index(mth_writer *w, mth_index_value index) {
  if (!is_known(index)) return index.value;
  return mth_write_constant(w, w->index, mlirIntegerAttrGet(w->index, index.number));
}

static mth_index_value binary(mth_writer *w, const char *name, mth_index_value a,
                              mth_index_value b) {
  const MlirValue operands[] = {mth_write_index(w, a), mth_write_index(w, b)};
  return mth_index_of(mth_write_op(w, name, w->index, 2, operands));
}

mth_index_value mth_write_add(mth_writer *w, mth_index_value a, mth_index_value b) {
  if (is_known(a) && is_known(b)) return mth_index_number(a.number + b.number);
  if (mth_index_is(a, 0)) return b;
  if (mth_index_is(b, 0)) return a;
  return binary(w, "arith.addi", a, b);
}

mth_index_value mth_write_subtract(mth_writer *w, mth_index_value a, mth_index_value b) {
  if (is_known(a) && is_known(b)) return mth_index_number(a.number - b.number);
  if (mth_index_is(b, 0)) return a;
  return binary(w, "arith.subi", a, b);
}

mth_index_value mth_write_multiply(mth_writer *w, mth_index_value a, mth_index_value b) {
  if (is_known(a) && is_known(b)) return mth_index_number(a.number * b.number);
  if (mth_index_is(a, 0) || mth_index_is(b, 0)) return mth_index_number(0);
  if (mth_index_is(a, 1)) return b;
  if (mth_index_is(b, 1)) return a;
  return binary(w, "arith.muli", a, b);
}

// Unsigned division is right where operands are not negative, and cheaper.
mth_index_value mth_write_floordiv(mth_writer *w, mth_index_value a, int64_t b) {
  assert(b > 0);
  if (is_known(a)) return mth_index_number(a.number / b);
  return b == 1 ? a : binary(w, "arith.divui", a, mth_index_number(b));
}

mth_index_value mth_write_modulo(mth_writer *w, mth_index_value a, int64_t b) {
  assert(b > 0);
  if (is_known(a)) return mth_index_number(a.number % b);
  return b == 1 ? mth_index_number(0) : binary(w, "arith.remui", a, mth_index_number(b));
}

mth_index_value mth_write_min(mth_writer *w, mth_index_value a, mth_index_value b) {
  if (is_known(a) && is_known(b))
    return mth_index_number(a.number < b.number ? a.number : b.number);
  return binary(w, "arith.minsi", a, b);
}

mth_loop mth_open_loop(mth_writer *w, mth_index_value begin, mth_index_value end,
                       mth_index_value step, intptr_t carried_count, MlirValue *carried) {
  assert(carried_count <= MAX_CARRIED);
  MlirValue operands[3 + MAX_CARRIED] = {mth_write_index(w, begin), mth_write_index(w, end),
                                         mth_write_index(w, step)};
  MlirType types[1 + MAX_CARRIED] = {w->index};
  MlirLocation locs[1 + MAX_CARRIED] = {w->loc};
  for (intptr_t i = 0; i < carried_count; ++i) {
    operands[3 + i] = carried[i];
    types[1 + i] = mlirValueGetType(carried[i]);
    locs[1 + i] = w->loc;
  }
  const MlirBlock body = mlirBlockCreate(1 + carried_count, types, locs);
  const MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, body);
  mth_loop loop = {.outer_block = w->block, .outer_before = w->before};
  loop.op = put(w, &(mth_op_spec){.name = "scf.for",
                                  .loc = w->loc,
                                  .operand_count = 3 + carried_count,
                                  .operands = operands,
                                  .result_count = carried_count,
                                  .results = types + 1,
                                  .region_count = 1,
                                  .regions = &region});
  loop.induction = mlirBlockGetArgument(body, 0);
  for (intptr_t i = 0; i < carried_count; ++i)
    carried[i] = mlirBlockGetArgument(body, 1 + i);
  w->block = body, w->before = (MlirOperation){NULL};
  return loop;
}

void mth_close_loop(mth_writer *w, mth_loop *loop, intptr_t carried_count, MlirValue *carried) {
  mth_write_effect(w, "scf.yield", carried_count, carried, 0, NULL);
  for (intptr_t i = 0; i < carried_count; ++i)
    carried[i] = mlirOperationGetResult(loop->op, i);
  w->block = loop->outer_block, w->before = loop->outer_before;
}

mth_branch mth_open_branch(mth_writer *w, MlirValue condition, intptr_t result_count,
                           const MlirType *results) {
  mth_branch branch = {.outer_block = w->block, .outer_before = w->before};
  const MlirRegion regions[] = {mlirRegionCreate(), mlirRegionCreate()};
  mlirRegionAppendOwnedBlock(regions[0], mlirBlockCreate(0, NULL, NULL));
  branch.op = put(w, &(mth_op_spec){.name = "scf.if",
                                    .loc = w->loc,
                                    .operand_count = 1,
                                    .operands = &condition,
                                    .result_count = result_count,
                                    .results = results,
                                    .region_count = 2,
                                    .regions = regions});
  w->block = mlirRegionGetFirstBlock(mlirOperationGetRegion(branch.op, 0));
  w->before = (MlirOperation){NULL};
  return branch;
}

void mth_else(mth_writer *w, mth_branch *branch, intptr_t result_count, const MlirValue *results) {
  mth_write_effect(w, "scf.yield", result_count, results, 0, NULL);
  const MlirBlock block = mlirBlockCreate(0, NULL, NULL);
  mlirRegionAppendOwnedBlock(mlirOperationGetRegion(branch->op, 1), block);
  w->block = block;
}

void mth_close_branch(mth_writer *w, mth_branch *branch, intptr_t result_count,
                      MlirValue *results) {
  mth_write_effect(w, "scf.yield", result_count, results, 0, NULL);
  for (intptr_t i = 0; i < result_count; ++i)
    results[i] = mlirOperationGetResult(branch->op, i);
  w->block = branch->outer_block, w->before = branch->outer_before;
}

MlirType mth_lanes_type(int64_t lanes, MlirType element) {
  return lanes == 1 ? element : mlirVectorTypeGet(1, &lanes, element);
}

MlirValue mth_write_broadcast(mth_writer *w, int64_t lanes, MlirValue scalar) {
  if (lanes == 1) return scalar;
  const MlirType type = mth_lanes_type(lanes, mlirValueGetType(scalar));
  return mth_write_op(w, "vector.broadcast", type, 1, &scalar);
}

static MlirValue lane_numbers(mth_writer *w, int64_t lanes, MlirType element, int64_t step) {
  assert(lanes <= MAX_LANES);
  MlirAttribute numbers[MAX_LANES];
  for (int64_t i = 0; i < lanes; ++i)
    numbers[i] = mlirIntegerAttrGet(element, i * step);
  const MlirType type = mth_lanes_type(lanes, element);
  return mth_write_constant(w, type, mlirDenseElementsAttrGet(type, lanes, numbers));
}

MlirValue mth_write_steps(mth_writer *w, int64_t lanes, mth_index_value start, int64_t step) {
  if (lanes == 1) return mth_write_index(w, start);
  const MlirValue numbers = lane_numbers(w, lanes, w->index, step);
  if (mth_index_is(start, 0)) return numbers;
  const MlirValue base = mth_write_broadcast(w, lanes, mth_write_index(w, start));
  return mth_write_op(w, "arith.addi", mlirValueGetType(base), 2, (MlirValue[]){base, numbers});
}

MlirValue mth_write_mask(mth_writer *w, int64_t lanes, mth_index_value count) {
  const MlirValue narrow =
      mth_write_op(w, "arith.index_cast", w->i32, 1, (MlirValue[]){mth_write_index(w, count)});
  return mth_write_compare(w, MTH_SLT, lane_numbers(w, lanes, w->i32, 1),
                           mth_write_broadcast(w, lanes, narrow));
}
