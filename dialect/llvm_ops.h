// llvm_ops.h: ops of MLIR's LLVM dialect, one call each. A writer holds where they go.
#ifndef MTH_DIALECT_LLVM_OPS_H
#define MTH_DIALECT_LLVM_OPS_H
#include "mlir-c/IR.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mth_llvm_writer {
  MlirContext context;
  MlirLocation loc;
  MlirBlock block; // ops are appended here
  MlirType pointer, i64, i32, i8, i1, nothing;
} mth_llvm_writer;

mth_llvm_writer mth_llvm_writer_get(MlirLocation loc, MlirBlock block);

// Functions and data, appended to the writer's block. A function without a body is a declaration.
MlirType mth_llvm_function_type(MlirType result, intptr_t argument_count,
                                const MlirType *arguments);
// Returns the function; its entry block has the arguments. `internal`: not seen from outside.
MlirOperation mth_llvm_function(mth_llvm_writer *w, const char *name, MlirType type, bool internal);
MlirOperation mth_llvm_declare(mth_llvm_writer *w, const char *name, MlirType type);
// Read-only internal data with a value (dense elements, or a string).
void mth_llvm_data(mth_llvm_writer *w, const char *name, MlirType type, MlirAttribute value,
                   int64_t alignment_bytes);
// Read-only internal data whose initialiser is written into the returned block; end it with
// mth_llvm_return.
MlirBlock mth_llvm_data_block(mth_llvm_writer *w, const char *name, MlirType type);

// Values.
MlirValue mth_llvm_int(mth_llvm_writer *w, MlirType type, int64_t value);
MlirValue mth_llvm_null(mth_llvm_writer *w);
MlirValue mth_llvm_undefined(mth_llvm_writer *w, MlirType type);
MlirValue mth_llvm_address_of(mth_llvm_writer *w, const char *symbol);
MlirValue mth_llvm_insert(mth_llvm_writer *w, MlirValue aggregate, MlirValue value, size_t depth,
                          const int64_t *position);
MlirValue mth_llvm_extract(mth_llvm_writer *w, MlirType type, MlirValue aggregate,
                           int64_t position);
// "llvm.add", "llvm.sdiv", ...: the result has a's type.
MlirValue mth_llvm_binary(mth_llvm_writer *w, const char *op, MlirValue a, MlirValue b);
// "llvm.intr.sadd.with.overflow", ...: a struct of `type`, the number and whether it wrapped.
MlirValue mth_llvm_overflow(mth_llvm_writer *w, const char *op, MlirType type, MlirValue a,
                            MlirValue b);

typedef enum mth_llvm_predicate { // LLVM dialect's ICmpPredicate
  MTH_LLVM_EQ = 0,
  MTH_LLVM_NE = 1,
  MTH_LLVM_SLT = 2,
} mth_llvm_predicate;
MlirValue mth_llvm_compare(mth_llvm_writer *w, mth_llvm_predicate predicate, MlirValue a,
                           MlirValue b);
MlirValue mth_llvm_select(mth_llvm_writer *w, MlirValue condition, MlirValue a, MlirValue b);

// Memory. Addresses count bytes.
MlirValue mth_llvm_stack(mth_llvm_writer *w, size_t bytes, size_t alignment_bytes);
MlirValue mth_llvm_field(mth_llvm_writer *w, MlirValue base, size_t bytes);
MlirValue mth_llvm_offset(mth_llvm_writer *w, MlirValue base, MlirValue bytes);
MlirValue mth_llvm_load(mth_llvm_writer *w, MlirType type, MlirValue address);
void mth_llvm_store(mth_llvm_writer *w, MlirValue value, MlirValue address);
void mth_llvm_copy(mth_llvm_writer *w, MlirValue to, MlirValue from, MlirValue bytes);

// Control. A call of a symbol, or through the first operand if `symbol` is NULL; a null value for
// result type `nothing`.
MlirValue mth_llvm_call(mth_llvm_writer *w, const char *symbol, MlirType result,
                        intptr_t operand_count, const MlirValue *operands);
void mth_llvm_branch_if(mth_llvm_writer *w, MlirValue condition, MlirBlock yes, MlirBlock no);
// To `failed`, which takes `value` as its argument, if the condition holds; else to `next`.
void mth_llvm_branch_or_fail(mth_llvm_writer *w, MlirValue condition, MlirBlock failed,
                             MlirValue value, MlirBlock next);
void mth_llvm_return(mth_llvm_writer *w, MlirValue value); // a null value: nothing
#endif
