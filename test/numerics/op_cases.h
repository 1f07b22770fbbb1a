// op_cases.h: one row per thing an op must do, in terms of the oracle. op_test.c runs every row
// compiled, in f32 and f64, with static and with symbolic dims, at random sizes.
#ifndef MTH_TEST_NUMERICS_OP_CASES_H
#define MTH_TEST_NUMERICS_OP_CASES_H
#include "test/numerics/oracle.h"

#include <stddef.h>

enum { CASE_INPUTS = 3 };

// The sizes drawn for the letters of a case's shapes.
typedef int64_t case_sizes[26];

typedef oracle_tensor case_oracle(const oracle_tensor *inputs, const case_sizes sizes);

typedef struct op_case {
  const char *op;
  // "{axis = array<i64: 1>}"; "$M" becomes the size of M: a number, or "M" in a symbolic program.
  const char *attributes;
  // One per input: a letter per dim, upper case drawn from the sizes, '1'..'9' that number; then
  // ':' and the element kind: f the case's float, i i64, w i32, h i8, b bool. "MK:f"
  const char *inputs[CASE_INPUTS];
  char result;      // element kind
  double low, high; // values of float inputs are uniform here; of int inputs too, rounded down
  case_oracle *oracle;
  double ulps;   // see oracle_tensor.scale; 0: exact
  int64_t least; // the smallest size drawn for a letter: 0, or 1 where an empty one means nothing
} op_case;

// The rows; static.
const op_case *op_cases(size_t *out_count);
#endif
