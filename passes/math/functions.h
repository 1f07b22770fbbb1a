// functions.h: elementary functions as formulas; passes/expand_math.c applies them to ops.
#ifndef MTH_PASSES_MATH_FUNCTIONS_H
#define MTH_PASSES_MATH_FUNCTIONS_H
#include "passes/math/formula.h"

// Each writes f(operands) in the formula's precision and returns the result. What it guarantees
// stands in its file.
#define MTH_FUNCTION(function, op)                                                                 \
  MlirValue mth_expand_##function(const mth_formula *f, const MlirValue *operands);
#include "passes/math/functions.def"
#undef MTH_FUNCTION

// e^(high + low), rounded as exp is. |low| is small against an ulp of 1 times |high|; null: 0.
MlirValue mth_exp_of_sum(const mth_formula *f, MlirValue high, MlirValue low);
// e^x, cheaper, where neither x nor e^x leaves the normal numbers; nan stays.
MlirValue mth_exp_of_moderate(const mth_formula *f, MlirValue x);
// x, but at least `lowest` and at most `highest`; nan stays.
MlirValue mth_formula_clamp(const mth_formula *f, MlirValue x, MlirValue lowest, MlirValue highest);

// x = 2^exponent * (1 + fraction) with 1 + fraction in [sqrt(1/2), sqrt(2)), for finite x > 0.
typedef struct mth_scaled {
  MlirValue exponent, fraction;
} mth_scaled;
mth_scaled mth_take_apart(const mth_formula *f, MlirValue x);

// |x| = n*(pi/2) + high + low for every finite x, with |high| <= pi/4 (and a hair), in about twice
// the precision. The last two bits of `quadrant` are those of n.
typedef struct mth_reduced {
  MlirValue high, low, quadrant;
} mth_reduced;
mth_reduced mth_reduce_by_half_pi(const mth_formula *f, MlirValue x_magnitude);
#endif
