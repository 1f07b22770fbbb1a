// extremum: maximum and minimum.
//
//   max(a, b) = a > b ? a : b, but a + b where one of them is nan
//
// The comparison alone gives b where one is nan. The sum is an instruction under the mask of the
// test, three in all on x86; the intrinsic takes six, for the sake of zeros.
//
// Numbers  exact; nan if one of them is nan. max(+0, -0) and min(+0, -0) are the second of them.
#include "passes/math/functions.h"

static MlirValue extremum(const mth_formula *f, mth_compare wins, const MlirValue *operands) {
  const MlirValue a = operands[0], b = operands[1];
  const MlirValue y = where(f, mth_compare_reals(f, wins, a, b), a, b);
  return where(f, mth_compare_reals(f, MTH_UNO, a, b), add(f, a, b), y);
}

MlirValue mth_expand_maximum(const mth_formula *f, const MlirValue *operands) {
  return extremum(f, MTH_OGT, operands);
}

MlirValue mth_expand_minimum(const mth_formula *f, const MlirValue *operands) {
  return extremum(f, MTH_OLT, operands);
}
