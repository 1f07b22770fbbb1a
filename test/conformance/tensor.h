// tensor.h: arrays of the suite files: nested lists of numbers, and how they are compared.
//
// Shares no code with the product.
#ifndef MTH_TEST_CONFORMANCE_TENSOR_H
#define MTH_TEST_CONFORMANCE_TENSOR_H
#include "runtime/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { suite_rank_max = 32 };

// The widest kind of number that a list holds: bool < int < float. An empty list counts as float.
typedef enum suite_kind { SUITE_BOOL, SUITE_INT, SUITE_FLOAT } suite_kind;

typedef struct suite_tensor {
  suite_kind kind;
  size_t rank, count; // count: elements
  int64_t extents[suite_rank_max];
  double *values; // row-major; in the arena
} suite_tensor;

// Zeroed. False without memory, or if the extents do not fit.
bool suite_tensor_make(mth_arena *arena, suite_kind kind, size_t rank, const int64_t *extents,
                       suite_tensor *out);
// Reads a number, a bool or a nested list. False, with a reason in `why`, if it is ragged, too
// deep, or holds anything else.
bool suite_tensor_read(mth_arena *arena, const json_t *json, suite_tensor *out, const char **why);
bool suite_tensor_same_shape(const suite_tensor *a, const suite_tensor *b);

// The rule of the directed files: all |a-b| < 1e-14, or all |a-b| < 1e-14 |wanted|. Equal
// infinities agree; a NaN never does.
bool suite_tensor_is_exact(const suite_tensor *found, const suite_tensor *wanted,
                           size_t *out_worst);
// The rule of the randomized file: each |a-b| <= absolute + relative |wanted|, or both are NaN.
bool suite_tensor_is_near(const suite_tensor *found, const suite_tensor *wanted, double absolute,
                          double relative, size_t *out_worst);
// "[2, 3]" in the arena.
const char *suite_tensor_shape_text(mth_arena *arena, const suite_tensor *tensor);
#endif
