// turn.c: reading along one loop what vectors want along another.
#include "passes/loops/turn.h"

#include "dialect/make.h"
#include "dialect/match.h"
#include "passes/loops/motion.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <assert.h>

static MlirValue interleave(mth_writer *w, int64_t lanes, MlirValue a, MlirValue b, bool high) {
  int64_t numbers[MTH_MAX_TURNED_LANES];
  for (int64_t i = 0; i < lanes; ++i)
    numbers[i] = i / 2 + (high ? lanes / 2 : 0) + (i % 2 ? lanes : 0);
  const MlirNamedAttribute mask =
      mth_named(w->context, "mask", mlirDenseI64ArrayGet(w->context, lanes, numbers));
  return mth_write_op_with(w, "vector.shuffle", mlirValueGetType(a), 2, (MlirValue[]){a, b}, 1,
                           &mask);
}

void mth_turn_vectors(mth_writer *w, int64_t lanes, MlirValue *vectors) {
  assert(lanes <= MTH_MAX_TURNED_LANES);
  MlirValue next[MTH_MAX_TURNED_LANES];
  for (int64_t done = 1; done < lanes; done *= 2) {
    for (int64_t i = 0; i < lanes / 2; ++i) {
      next[2 * i] = interleave(w, lanes, vectors[i], vectors[i + lanes / 2], false);
      next[2 * i + 1] = interleave(w, lanes, vectors[i], vectors[i + lanes / 2], true);
    }
    for (int64_t i = 0; i < lanes; ++i)
      vectors[i] = next[i];
  }
}

bool mth_can_turn_operand(MlirOperation generic, intptr_t operand, intptr_t vector_loop,
                          intptr_t other) {
  const MlirValue memory = mlirOperationGetOperand(generic, operand);
  return operand < mth_generic_input_count(generic) && mlirValueIsABlockArgument(memory) &&
         mth_motion_of_operand(generic, operand, vector_loop) == MTH_STRIDED &&
         mth_motion_of_operand(generic, operand, other) == MTH_CONTIGUOUS;
}

bool mth_can_turn_read(MlirOperation read, MlirOperation generic, intptr_t vector_loop,
                       intptr_t other) {
  return mlirValueIsABlockArgument(mlirOperationGetOperand(read, 0)) &&
         mth_motion_of_read(read, generic, vector_loop) == MTH_STRIDED &&
         mth_motion_of_read(read, generic, other) == MTH_CONTIGUOUS &&
         mth_read_is_free_of_data(read, generic);
}

static bool add(mth_nest *nest, MlirOperation generic, MlirValue key, intptr_t operand) {
  if (nest->turned_count == MTH_MAX_TURNED) return false;
  nest->turned[nest->turned_count++] =
      (mth_turned){.generic = generic, .key = key, .operand = operand};
  return true;
}

bool mth_turn_find(mth_nest *nest, size_t first, size_t count, intptr_t vector_loop,
                   intptr_t other) {
  nest->turned_count = 0;
  for (size_t g = first; g < first + count; ++g) {
    const MlirOperation generic = nest->generics[g];
    const MlirBlock body = mth_op_body(generic);
    for (intptr_t i = 0; i < mth_generic_input_count(generic); ++i)
      if (mth_can_turn_operand(generic, i, vector_loop, other) &&
          !add(nest, generic, mlirBlockGetArgument(body, i), i))
        return false;
    for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
         op = mlirOperationGetNextInBlock(op))
      if (mth_is_element_read(op) && mth_can_turn_read(op, generic, vector_loop, other) &&
          !add(nest, generic, mlirOperationGetResult(op, 0), -1))
        return false;
  }
  return true;
}

static mth_status load_one(mth_nest *nest, mth_point *p, const mth_turned *turned,
                           MlirValue *out_vector) {
  mth_lane lane;
  if (turned->operand >= 0) {
    MTH_TRY(mth_nest_read(nest, p, turned->generic, turned->operand, &lane));
  } else {
    mth_lane_map map;
    MTH_TRY(mth_lane_map_init(&map, nest->arena, MTH_MAX_READ_OPS));
    MTH_TRY(mth_lane_write_read(p, mth_defining_op(turned->key), &map, mth_nest_find_buffer, nest));
    lane = mth_lane_map_get(&map, turned->key);
  }
  *out_vector = mth_lane_value(p, lane);
  return MTH_OK;
}

mth_status mth_turn_load(mth_nest *nest, const mth_point *point, intptr_t vector_loop,
                         intptr_t other, mth_index_value vector_begin, mth_index_value other_begin,
                         const mth_index_value *last) {
  mth_point p = *point;
  p.mask = (MlirValue){NULL};
  p.loop[other] = mth_lane_linear(other_begin, mth_index_number(1));
  for (size_t t = 0; t < nest->turned_count; ++t) {
    for (int64_t i = 0; i < p.lanes; ++i) {
      mth_index_value at = mth_write_add(p.w, vector_begin, mth_index_number(i));
      if (last) at = mth_write_min(p.w, at, *last);
      p.loop[vector_loop] = mth_lane_index(at);
      MTH_TRY(load_one(nest, &p, &nest->turned[t], &nest->turned[t].vectors[i]));
    }
    mth_turn_vectors(p.w, p.lanes, nest->turned[t].vectors);
  }
  return MTH_OK;
}
