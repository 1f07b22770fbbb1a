// fold.h: the operation by which a reduction combines two values, and its neutral element.
#ifndef MTH_PASSES_LOOPS_FOLD_H
#define MTH_PASSES_LOOPS_FOLD_H
#include "passes/loops/writer.h"

// The op that combines accumulator `result` of a reduction generic with one more element, if the
// accumulator goes nowhere else and the op is associative up to rounding. Otherwise the null op:
// the reduction must be done in index order.
MlirOperation mth_fold_find(MlirOperation generic, intptr_t result);
// Whether the fold gives the same bits in any order: minima, maxima, integers.
bool mth_fold_is_exact(MlirOperation fold);
// combine(neutral, x) = x, for a scalar of the op's type.
MlirValue mth_fold_neutral(mth_writer *w, MlirOperation fold);
MlirValue mth_fold_combine(mth_writer *w, MlirOperation fold, MlirValue a, MlirValue b);
// The fixed tree over the lanes of a vector, halves upon halves: lane i with lane i + lanes/2, and
// so on. `lanes` is a power of two.
MlirValue mth_fold_lanes(mth_writer *w, MlirOperation fold, MlirValue vector, int64_t lanes);
#endif
