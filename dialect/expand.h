// expand.h: putting the decomposition of an op in its place.
#ifndef MTH_DIALECT_EXPAND_H
#define MTH_DIALECT_EXPAND_H
#include "dialect/op_code.h"

// Replaces `op` by what its decomposition builds in front of it, and erases it. Nothing changes and
// *out_replaced is false if the op has none, or if it declines by building no result.
//
// Fails  what the decomposition reports; MTH_INVALID at the op: it builds some results but not
//        all, or a result of another type.
MTH_MUST_USE mth_status mth_expand_op(mth_ir_builder *builder, MlirOperation op,
                                      bool *out_replaced);
#endif
