// measured.h: inputs of which a dim is used, as an argument, and nothing else. Private to ir/ and
// the writers.
//
// A dim in an argument that is not a number must be told by a tensor when a program runs. Where no
// input that is used has the dim, the first that has it is used for that.
#ifndef MTH_IR_MEASURED_H
#define MTH_IR_MEASURED_H
#include "ir/graph.h"

enum { mth_most_told = 16 };

typedef struct mth_measuring {
  size_t input_count;
  mth_connection *const *inputs;      // tensors
  bool *is_used;                      // one for each
  const mth_dim *told[mth_most_told]; // the last dims that were looked for: looked for once
  size_t told_count;
} mth_measuring;

// Looks at the arguments of one op; inputs that tell a dim of them become used.
//
// Numbers  linear in the dims of the arguments and, for dims that are not among the last, of all
//          inputs.
void mth_measure(mth_measuring *m, const mth_model *op);
#endif
