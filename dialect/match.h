// match.h: questions that passes ask about the IR around them.
#ifndef MTH_DIALECT_MATCH_H
#define MTH_DIALECT_MATCH_H
#include "mlir-c/IR.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline MlirStringRef mth_str(const char *text) {
  return mlirStringRefCreateFromCString(text);
}
static inline bool mth_str_is(MlirStringRef text, const char *wanted) {
  return mlirStringRefEqual(text, mth_str(wanted));
}
static inline bool mth_str_begins(MlirStringRef text, const char *wanted) {
  const MlirStringRef begin = mth_str(wanted);
  return text.length >= begin.length &&
         mlirStringRefEqual(mlirStringRefCreate(text.data, begin.length), begin);
}

// True if `op` exists and is called `name` in full, for example "arith.divf".
bool mth_op_is_named(MlirOperation op, const char *name);
// The op that computes `value`, or the null op for a block argument.
MlirOperation mth_defining_op(MlirValue value);
// Whether any operand anywhere is `value`; whether any is a result of `op`.
bool mth_value_is_used(MlirValue value);
bool mth_op_is_used(MlirOperation op);
// The first block of the op's first region; the op must have one.
MlirBlock mth_op_body(MlirOperation op);
// The attribute of that name, discardable or inherent, or null.
MlirAttribute mth_op_attribute(MlirOperation op, const char *name);
// The op's `sym_name`; empty if it has none.
MlirStringRef mth_op_symbol(MlirOperation op);
// The op directly in the module's body with this symbol name, or the null op.
MlirOperation mth_find_symbol(MlirOperation module, MlirStringRef symbol);
// The argument or result attribute `name` ("mithril.port") of a function-like op, or null.
MlirAttribute mth_argument_attribute(MlirOperation function, intptr_t index, const char *name);
MlirAttribute mth_result_attribute(MlirOperation function, intptr_t index, const char *name);
// Entry `name` of a dictionary attribute; null if `dictionary` is null or has none.
MlirAttribute mth_dictionary_get(MlirAttribute dictionary, const char *name);
#endif
