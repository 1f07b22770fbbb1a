// site.h: ops of the dialect as gradients, decompositions and passes see them.
#ifndef MTH_DIALECT_SITE_H
#define MTH_DIALECT_SITE_H
#include "ir/build.h"
#include "ir/registry.h"
#include "mlir-c/IR.h"

// The registry of the context of `op`. Asserts that one was set.
const mth_registry *mth_registry_of(MlirContext context);

// What the registry says of an op of ours, `mithril.custom` included; NULL for a structural op, an
// op of another dialect, and a name that the registry lacks.
const mth_op *mth_op_of(MlirOperation op);

// An op of the registry with its operands, results and arguments.
//
// Owns   everything belongs to `arena`, dims to `dims`.
// Fails  MTH_INVALID at the op: wrong count of operands, or an argument of the wrong kind.
MTH_MUST_USE mth_status mth_site_of(MlirOperation op, mth_dim_table *dims, mth_arena *arena,
                                    mth_op_site *out_site);

static inline mth_value mth_value_from_ir(MlirValue value) { return (mth_value){value.ptr}; }
static inline MlirValue mth_value_to_ir(mth_value value) { return (MlirValue){value.handle}; }
#endif
