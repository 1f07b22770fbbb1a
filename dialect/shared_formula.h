// shared_formula.h: formulas that several ops share.
//
// Every function accepts null values, and does nothing of use after a failure; the builder's status
// tells.
#ifndef MTH_DIALECT_SHARED_FORMULA_H
#define MTH_DIALECT_SHARED_FORMULA_H
#include "ir/build.h"

mth_value mth_build_times(mth_builder *builder, mth_value x, double factor);
mth_value mth_build_plus(mth_builder *builder, mth_value x, double term);
// Whether |x| < t, elementwise.
mth_value mth_build_is_near_zero(mth_builder *builder, mth_value x, double t);
// Where the class along `axis` is the target's: true there. `target` has the shape of `like`
// without that axis.
mth_value mth_build_one_hot(mth_builder *builder, mth_value like, mth_value target, int32_t axis);

// Whether an op that has the argument `robust` is asked to be finite near 0.
bool mth_is_robust(const mth_op_site *op);
// Its argument `threshold`, or the least normal number of the dtype of `like`.
double mth_threshold(mth_builder *builder, const mth_op_site *op, mth_value like);
// log(x), as robust as `op` is.
mth_value mth_build_log_like(mth_builder *builder, const mth_op_site *op, mth_value x);
#endif
