// dim_to_llvm.h: dim expressions as 64-bit arithmetic.
#ifndef MTH_PASSES_DIM_TO_LLVM_H
#define MTH_PASSES_DIM_TO_LLVM_H
#include "dialect/llvm_ops.h"
#include "passes/entry_interface.h"

typedef struct mth_dim_writer {
  mth_llvm_writer *llvm;
  const mth_entry_interface *interface;
  const MlirValue *symbols; // the value of each of the interface's symbols
  bool checked;             // whether `wrong` is kept
  MlirValue wrong;          // i1: an operation overflowed or divided by zero. Null: none yet
} mth_dim_writer;

// Writes the operations that evaluate `dim`; *out_value is an i64.
//
// Numbers  floordiv and mod round down. Unchecked arithmetic wraps; a zero divisor counts as 1, so
//          that no expression traps.
// Fails    MTH_INVALID at the writer's location if `dim` has a symbol that the entry lacks.
MTH_MUST_USE mth_status mth_dim_write(mth_dim_writer *w, const mth_dim *dim, MlirValue *out_value);
// Notes in `wrong` that `condition` (i1) must not hold.
void mth_dim_forbid(mth_dim_writer *w, MlirValue condition);
#endif
