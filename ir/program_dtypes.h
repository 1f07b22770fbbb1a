// program_dtypes.h: the element types in which a program computes an op of a logical model.
//
// A logical op may take operands of several families and say nothing of their widths; the op of a
// program may not. Its rule, in a program, is asked: what it fixes holds, else a result has the
// type that it is wanted in, and operands that must agree with nothing else have the widest among
// them (bool < int < float). Whoever writes the program casts where that differs from what is
// there.
#ifndef MTH_IR_PROGRAM_DTYPES_H
#define MTH_IR_PROGRAM_DTYPES_H
#include "ir/registry.h"

typedef struct mth_dtype_site {
  const mth_op *op; // not of values
  size_t operand_count;
  const mth_dtype *operands;  // as they are there
  const mth_dtype *results;   // as they are wanted, one for each output
  const mth_arg *const *args; // one for each MTH_KEY_ARG of the inputs; NULL: not known
} mth_dtype_site;

// Where the rule contradicts what is wanted, as it is there: the program's own check reports it.
// Fails  MTH_NO_MEMORY.
MTH_MUST_USE mth_status mth_program_dtypes(const mth_registry *registry, mth_dim_table *dims,
                                           const mth_dtype_site *site, mth_dtype *out_operands,
                                           mth_dtype *out_results);
#endif
