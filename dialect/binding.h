// binding.h: what the symbols of a model stand for where it is used.
//
// A model's symbols are its own: `B` of the model is whatever the operands' dims say. Binding
// matches the declared types of its arguments with the types of the operands.
#ifndef MTH_DIALECT_BINDING_H
#define MTH_DIALECT_BINDING_H
#include "ir/op.h"
#include "mlir-c/IR.h"

typedef struct mth_binding {
  mth_dim_table *dims;
  mth_arena *arena;
  struct mth_bound *first; // symbols and what they stand for
  bool partial;            // some operand was not inferred: unbound symbols are unknown
} mth_binding;

// Binds the symbols in the types of the arguments of `function` to the dims of `operands`.
//
// Fails  MTH_INVALID at `loc`, naming the port: another count of operands, another dtype or rank,
//        a dim that contradicts the declared one.
MTH_MUST_USE mth_status mth_bind(mth_dim_table *dims, mth_arena *arena, MlirLocation loc,
                                 MlirOperation function, intptr_t operand_count,
                                 const MlirValue *operands, mth_binding *out_binding);
// Replaces the symbols in the types of the results, and in the arguments, of an op of the body.
MTH_MUST_USE mth_status mth_binding_apply(const mth_binding *binding, MlirOperation op);
#endif
