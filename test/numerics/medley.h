// medley.h: a random program of the dialect, drawn together with what it computes.
//
// A program is a list of values: inputs, and results of ops on values before them. Extents are
// expressions over the symbols A, B, C, so one program is written for these sizes (fixed) and for
// any (symbolic). What it computes comes from oracle.h.
#ifndef MTH_TEST_NUMERICS_MEDLEY_H
#define MTH_TEST_NUMERICS_MEDLEY_H
#include "ir/dim.h"
#include "ir/text.h"
#include "runtime/dtype.h"
#include "test/numerics/oracle.h"

enum {
  MEDLEY_VALUES = 64,
  MEDLEY_OPERANDS = 3,
  MEDLEY_ATTRIBUTES = 4,
  MEDLEY_RANK = 5,
  MEDLEY_SYMBOLS = 3,
};

typedef struct medley_shape {
  int rank;
  const mth_dim *dims[MEDLEY_RANK];
} medley_shape;

// kind: d dims, n numbers, i one number, b a bool, t the dtype of the element kind numbers[0],
// s the letters `text`, f the number `text`
typedef struct medley_attribute {
  const char *key;
  char kind, text[8];
  int count;
  int64_t numbers[MEDLEY_RANK];
  const mth_dim *dims[MEDLEY_RANK];
} medley_attribute;

// Which sides of kinks and jumps an evaluation was on.
typedef struct medley_sides {
  uint64_t hash;
  bool near_jump; // rounding may change a number by more than its own error
  bool tied;      // several elements are the largest: the slope is a convention
} medley_sides;

struct medley;
struct medley_value;
typedef oracle_tensor medley_oracle(const struct medley *m, const struct medley_value *value,
                                    const oracle_tensor *operands, medley_sides *sides);

typedef struct medley_value {
  const char *op; // NULL: an input
  char kind;      // of elements: f the program's float, i i64, b bool
  medley_shape shape;
  int operand_count, operands[MEDLEY_OPERANDS];
  int attribute_count;
  medley_attribute attributes[MEDLEY_ATTRIBUTES];
  medley_oracle *oracle;
  const void *row;      // of the table that the oracle looks at
  const mth_dim *below; // elements are indices below this extent; NULL: they are not
  bool is_output;
} medley_value;

typedef struct medley {
  mth_dim_table *dims;
  mth_dtype float_dtype;
  bool forms[2];  // written for fixed sizes, for any sizes
  uint64_t state; // of the random numbers
  int64_t sizes[MEDLEY_SYMBOLS];
  int count;
  medley_value values[MEDLEY_VALUES];
  oracle_tensor at[MEDLEY_VALUES]; // what the values are
} medley;

// Draws the program of a seed. medley_free gives everything back.
void medley_draw(medley *m, uint64_t seed);
void medley_free(medley *m);

// Evaluates value `v` from the tensors of those before it.
oracle_tensor medley_evaluate(const medley *m, int v, const oracle_tensor *at, medley_sides *sides);
// An input's extents are symbols and numbers.
bool medley_can_be_input(const medley_shape *shape);
int64_t medley_extent(const medley *m, const mth_dim *dim);
mth_dtype medley_dtype(const medley *m, char kind);

// Adds a module with the entries run_fixed and run_any, one for each form, and where there is
// something to differentiate slopes_fixed and slopes_any. Ports: x<v> inputs, y<v> outputs, c<v> cotangents of
// outputs, d<v> gradients of inputs.
void medley_write(const medley *m, mth_text *out);
bool medley_has_slopes(const medley *m);
#endif
