// type.h: tensor types of the dialect as the ops' rules see them.
#ifndef MTH_DIALECT_TYPE_H
#define MTH_DIALECT_TYPE_H
#include "ir/op.h"
#include "mlir-c/IR.h"

MlirType mth_dtype_to_ir(MlirContext context, mth_dtype dtype);
mth_dtype mth_dtype_from_ir(MlirType type); // MTH_DTYPE_NONE if it is none of ours

// Reads a tensor type. An unranked tensor has rank -1; a `?` without an expression is a NULL dim.
//
// Owns   the array of dims belongs to `arena`, the dims to `dims`.
// Fails  MTH_INVALID at `loc`: not a tensor of our element types, an encoding that is not one
//        expression for each `?`, or an expression that does not parse. MTH_UNSUPPORTED: a rank
//        above mth_rank_max.
MTH_MUST_USE mth_status mth_type_from_ir(mth_dim_table *dims, mth_arena *arena, MlirLocation loc,
                                         MlirType type, mth_type *out_type);
// The inverse. The type's dtype must be known; a NULL dim becomes `?` and takes the whole encoding
// with it. A null type without memory.
MlirType mth_type_to_ir(MlirContext context, mth_dim_table *dims, const mth_type *type);

bool mth_type_is_inferred(const mth_type *type); // dtype, rank and every dim are known
// Whether both can be the type of one value: what is known in both is equal.
bool mth_type_agrees(const mth_type *a, const mth_type *b);
// The text of a type for messages, or "?" without memory. Lent by the arena.
const char *mth_type_text(mth_dim_table *dims, mth_arena *arena, const mth_type *type);
#endif
