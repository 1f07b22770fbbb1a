// op_code.h: what each op becomes. Built-in ops keep it in dialect/ops/<family>.c, users' ops in
// the struct they register.
#ifndef MTH_DIALECT_OP_CODE_H
#define MTH_DIALECT_OP_CODE_H
#include "dialect/builder.h"

// Algebra that `simplify` uses. x and y are tensors, e a tensor filled with `neutral`.
typedef enum mth_algebra {
  MTH_ALGEBRA_NONE = 0,
  MTH_ALGEBRA_NEUTRAL_RIGHT = 1 << 0, // f(x, e) = x
  MTH_ALGEBRA_NEUTRAL_LEFT = 1 << 1,  // f(e, x) = x
  MTH_ALGEBRA_INVOLUTION = 1 << 2,    // f(f(x)) = x
  MTH_ALGEBRA_IDEMPOTENT = 1 << 3,    // f(f(x)) = f(x)
  MTH_ALGEBRA_SELECTS = 1 << 4,       // every element of f(x) is one of x
  MTH_ALGEBRA_STRETCHES = 1 << 5,     // f(x) is x as a map would broadcast it
} mth_algebra;

// What the dialect knows of a built-in op. A field may be absent.
typedef struct mth_code {
  const char *name;
  mth_op_code code;
  unsigned algebra; // of mth_algebra; must hold bit for bit, signed zeros and NaNs included
  double neutral;
  double neutral_integer; // of integer tensors
  // The op on numbers. Rounded to the dtype of the result it must be what the op gives on floats
  // and bools of any dtype, so only for operations that double rounding leaves alone: + - * /,
  // choices.
  double (*number)(const double *operands);
  // A cheaper value that the op's result always equals, or null. What it builds must have the type
  // of the result; an operand of another type is declined.
  mth_value (*simplify)(mth_builder *builder, const mth_op_site *site);
} mth_code;

// A family: the array in one file of dialect/ops.
typedef struct mth_code_family {
  const mth_code *codes;
  size_t count;
} mth_code_family;

// The row of an op; NULL for a user's op, and for a built-in one without a row.
const mth_code *mth_code_find(const mth_op *op);
// Gradient, decomposition and C kernel of any op.
mth_op_code mth_code_of(const mth_op *op);

// Queries for `simplify`: whether `value` is made by the op `name`, and that op if so...
bool mth_value_is_op(mth_builder *builder, mth_value value, const char *name,
                     mth_op_site *out_site);
// ...whether one operand, anywhere, is `value`...
bool mth_value_has_one_use(mth_value value);
// ...and whether it is a constant, or views of one, filled with one number.
bool mth_value_is_splat(mth_value value, double *out_number);
#endif
