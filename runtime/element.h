// element.h: one element of a tensor as a number.
#ifndef MTH_RUNTIME_ELEMENT_H
#define MTH_RUNTIME_ELEMENT_H
#include "runtime/dtype.h"

// Writes `value` as an element of `dtype`.
//
// Numbers  floats round to nearest, ties to even; overflow gives infinity. Integers are cut towards
//          zero and saturate, NaN gives 0. Bool is whether the value is not 0.
void mth_element_store(mth_dtype dtype, double value, void *element);

// The element's value. Integers beyond 2^53 are rounded.
double mth_element_load(mth_dtype dtype, const void *element);
#endif
