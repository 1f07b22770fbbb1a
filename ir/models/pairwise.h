// pairwise.h: formulas that kernels and distances share. Private to ir/models.
#ifndef MTH_IR_MODELS_PAIRWISE_H
#define MTH_IR_MODELS_PAIRWISE_H
#include "ir/sketch.h"

// [N, M, d]: the difference of every row of x [N, d] and every row of y [M, d]. States their
// shapes.
mth_connection *mth_sketch_pairwise(mth_sketch *sketch, mth_connection *x, mth_connection *y);
// An op of `x`, at one key, and a number at another, which is a key of the composite with a value.
mth_connection *mth_sketch_with_number(mth_sketch *sketch, const char *op, const char *key,
                                       mth_connection *x, const char *number_key, double value);
#endif
