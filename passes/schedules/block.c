// block.c: tiles that fill a cache, from the bytes a grid point touches.
#include "dialect/match.h"
#include "passes/schedules/schedules.h"

#include "mlir-c/AffineExpr.h"
#include "mlir-c/AffineMap.h"
#include "mlir-c/BuiltinTypes.h"

enum { UNKNOWN_VECTOR = 4096, UNKNOWN_OUTER = 16, LINE_ELEMENTS = 64 };

static int64_t bits_of(MlirType type) {
  if (mlirTypeIsAShaped(type)) type = mlirShapedTypeGetElementType(type);
  if (mlirTypeIsAFloat(type)) return mlirFloatTypeGetWidth(type);
  return mlirTypeIsAInteger(type) ? (int64_t)mlirIntegerTypeGetWidth(type) : 64;
}

int64_t mth_schedule_point_bytes(const mth_schedule *s) {
  int64_t bytes = 0;
  for (size_t g = 0; g < s->generic_count; ++g) {
    const MlirOperation generic = s->generics[g];
    for (intptr_t k = 0; k < mlirOperationGetNumOperands(generic); ++k) {
      const MlirValue operand = mlirOperationGetOperand(generic, k);
      const bool is_outside =
          mlirValueIsABlockArgument(operand) || k >= mth_generic_input_count(generic);
      if (is_outside && mlirAffineMapGetNumResults(mth_generic_map(generic, k)) >= s->grid_rank)
        bytes += bits_of(mlirValueGetType(operand)) / 8;
    }
  }
  return bytes > 0 ? bytes : 1;
}

static int64_t at_most(int64_t extent, int64_t wanted) {
  return extent < wanted ? (extent > 0 ? extent : 1) : wanted;
}

void mth_schedule_block(mth_schedule *s, intptr_t vector_loop, int64_t elements) {
  int64_t left = elements > LINE_ELEMENTS ? elements : LINE_ELEMENTS;
  if (vector_loop >= 0) {
    const int64_t extent = mth_schedule_extent(s->grid[vector_loop], UNKNOWN_VECTOR);
    int64_t block = (left + LINE_ELEMENTS - 1) / LINE_ELEMENTS * LINE_ELEMENTS;
    const int64_t whole = (extent + LINE_ELEMENTS - 1) / LINE_ELEMENTS * LINE_ELEMENTS;
    if (whole > 0 && whole < block && !mth_dim_is_constant(s->grid[vector_loop], NULL)) {
      s->block[vector_loop] = block; // one tile if it is short after all
      left /= whole;
    } else {
      if (whole > 0 && whole < block) block = whole;
      s->block[vector_loop] = block;
      left /= extent > 0 && extent < block ? extent : block;
    }
  }
  for (intptr_t i = s->grid_rank; i-- > 0;) {
    if (i == vector_loop) continue;
    const int64_t extent = mth_schedule_extent(s->grid[i], UNKNOWN_OUTER);
    s->block[i] = at_most(extent, left > 1 ? left : 1);
    left /= s->block[i];
  }
}
