// arg.h: compile-time arguments of ops as attributes. Encodings: docs/ir-forms.md.
#ifndef MTH_DIALECT_ARG_H
#define MTH_DIALECT_ARG_H
#include "ir/op.h"
#include "mlir-c/IR.h"

// Reads the attribute of `key`; a null attribute is the key's default.
//
// Owns   arrays and texts belong to `arena`, dims to `dims`.
// Fails  MTH_INVALID at `loc`: the key is required and absent, or the attribute is of another kind.
MTH_MUST_USE mth_status mth_arg_from_ir(mth_dim_table *dims, mth_arena *arena, MlirLocation loc,
                                        const mth_op_key *key, MlirAttribute attribute,
                                        mth_arg *out_arg);
// The inverse. Null for MTH_ARG_NONE, and without memory.
MlirAttribute mth_arg_to_ir(MlirContext context, mth_dim_table *dims, const mth_arg *arg);
#endif
