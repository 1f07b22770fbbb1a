// lower_reduction.c: folds of axes, as scalars.
#include "dialect/scalar.h"

#include <math.h>

static void axes(const mth_core_op *op, bool *out_folded) {
  const mth_arg *axis = mth_site_arg(op->site, "axis");
  const int32_t rank = op->operands[0].rank;
  for (int32_t i = 0; i < rank; ++i)
    out_folded[i] = axis->kind != MTH_ARG_INTS;
  if (axis->kind != MTH_ARG_INTS) return;
  for (size_t i = 0; i < axis->count; ++i)
    out_folded[axis->ints[i] < 0 ? axis->ints[i] + rank : axis->ints[i]] = true;
}

static MlirValue add(mth_scalar *scalar, const MlirValue *operands) {
  return mth_scalar_arith(scalar, "arith.addf", "arith.addi", operands[1], operands[0]);
}

static MlirValue multiply(mth_scalar *scalar, const MlirValue *operands) {
  return mth_scalar_arith(scalar, "arith.mulf", "arith.muli", operands[1], operands[0]);
}

static MlirValue one(mth_scalar *scalar) { return mth_scalar_result_number(scalar, 1); }

static MlirValue zero(mth_scalar *scalar) { return mth_scalar_result_number(scalar, 0); }

// NaN if any element is NaN.
static MlirValue greater(mth_scalar *scalar, const MlirValue *operands) {
  return mth_scalar_arith(scalar, "arith.maximumf",
                          scalar->dtype == MTH_BOOL ? "arith.ori" : "arith.maxsi", operands[1],
                          operands[0]);
}

static MlirValue lesser(mth_scalar *scalar, const MlirValue *operands) {
  return mth_scalar_arith(scalar, "arith.minimumf",
                          scalar->dtype == MTH_BOOL ? "arith.andi" : "arith.minsi", operands[1],
                          operands[0]);
}

// The least value of the dtype, or the greatest.
static MlirValue extreme(mth_scalar *scalar, bool least) {
  const mth_dtype_info *info = mth_dtype_get(scalar->dtype);
  if (info->family == MTH_FAMILY_FLOAT)
    return mth_scalar_result_number(scalar, least ? -INFINITY : INFINITY);
  const MlirType type = mth_scalar_type(scalar->context, scalar->dtype);
  if (info->family == MTH_FAMILY_BOOL) return mth_scalar_integer(scalar, type, !least);
  const int64_t bound = least ? INT64_MIN : INT64_MAX;
  return mth_scalar_integer(scalar, type, bound >> (64 - info->bits));
}

static MlirValue least(mth_scalar *scalar) { return extreme(scalar, true); }
static MlirValue greatest(mth_scalar *scalar) { return extreme(scalar, false); }

#define FOLD(name_, scalar_, identity_)                                                            \
  {.name = name_,                                                                                  \
   .kind = MTH_LOWERING_REDUCE,                                                                    \
   .cost = 1,                                                                                      \
   .scalar = scalar_,                                                                              \
   .axes = axes,                                                                                   \
   .identity = identity_}

static const mth_lowering rows[] = {
    FOLD("sum", add, zero),
    FOLD("prod", multiply, one),
    FOLD("reduce_max", greater, least),
    FOLD("reduce_min", lesser, greatest),
};
const mth_lowering_family mth_reduction_lowerings = {rows, sizeof rows / sizeof rows[0]};
