// draw.h: what a randomized case leaves to chance: arguments, shapes and numbers.
#ifndef MTH_TEST_CONFORMANCE_DRAW_H
#define MTH_TEST_CONFORMANCE_DRAW_H
#include "test/conformance/tensor.h"

// SplitMix64: small, good enough for test data, the same everywhere.
// Source  Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195.
typedef struct draw {
  uint64_t state;
} draw;

double draw_uniform(draw *d);                               // [0, 1)
double draw_normal(draw *d);                                // Box-Muller
int64_t draw_integer(draw *d, int64_t least, int64_t most); // both included

// An argument: [lo, hi] of integers is an integer of that range (of `is_float`: a number of it), a
// list of bools or strings one of them, a list of such lists a list. A new reference; NULL with a
// reason in `why` for anything else.
json_t *draw_argument(draw *d, const json_t *range, bool is_float, const char **why);
// A tensor as input_info describes it: shapes, mean, std_dev, is_positive, zero_diag, is_symmetric,
// normalize, bool, mode int with interval. `info` may be NULL, `shape` is used where the info has
// none (NULL: rank 0). False with a reason in `why`.
bool draw_tensor(draw *d, mth_arena *arena, const json_t *info, const suite_tensor *shape,
                 suite_tensor *out, const char **why);
// A shape from a range for each dim: `out` has no values. False if `shapes` is no such list.
bool draw_shape(draw *d, const json_t *shapes, suite_tensor *out);
#endif
