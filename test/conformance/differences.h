// differences.h: derivatives of what the evaluator computes, by central differences.
#ifndef MTH_TEST_CONFORMANCE_DIFFERENCES_H
#define MTH_TEST_CONFORMANCE_DIFFERENCES_H
#include "test/conformance/evaluator.h"

// The outputs' cotangents dotted with the outputs; an element that is NaN counts as constant.
typedef struct weighted_sum {
  const evaluator *at; // class, arguments, inputs
  const real_key *cotangents;
  size_t cotangent_count;
} weighted_sum;

bool has_nan(const weighted_sum *sum); // an output is no number: so are some slopes
// False if the element only reaches outputs that are no numbers: it is outside of the domain, where
// there is no slope.
bool reaches_numbers(const weighted_sum *sum, size_t input, size_t index);

// d(sum) / d(input[index]) and how far it may be off.
//
// Numbers  Three central differences, of steps h, 2h and 3h, combined to order h^6:
//            f' = (45 (f1 - f-1) - 9 (f2 - f-2) + (f3 - f-3)) / 60h
//          with h = 2^-9 max(1, |x|); near a pole 2^-9 |x| or less, whichever knows best.
//          out_error is the distance to the combination of order h^4, which is the larger error, so
//          a kink or a pole within reach shows itself as a large bound.
// Source   Fornberg 1988, Math. Comp. 51, the weights of centred first derivatives.
// Fails    false if the class cannot be evaluated; sum->at says why not: it could before.
bool differentiate(const weighted_sum *sum, size_t input, size_t index, real *out_slope,
                   real *out_error);
#endif
