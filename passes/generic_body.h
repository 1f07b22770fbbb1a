// generic_body.h: one linalg.generic, written scalar by scalar. Inputs are found as they are read.
#ifndef MTH_PASSES_GENERIC_BODY_H
#define MTH_PASSES_GENERIC_BODY_H
#include "passes/kernel_function.h"

#include "mlir-c/AffineMap.h"

typedef struct mth_generic mth_generic; // a linalg.generic under construction

// Starts one with these loops. The arena of the body owns it. NULL without memory.
mth_generic *mth_generic_open(mth_kernel_function *function, const mth_loops *loops);
// The scalar of `node` at `index`, which is over the generic's loops. A null value without memory.
MlirValue mth_generic_read(mth_generic *generic, size_t node, const mth_index *index);
// The scalar that map `node` makes at `index`, even if it is a tensor already.
MlirValue mth_generic_compute(mth_generic *generic, size_t node, const mth_index *index);
// The element of a tensor by an affine map of the loops, as it is stored.
MlirValue mth_generic_load(mth_generic *generic, MlirValue tensor, MlirAffineMap map);
// For the row's scalar and identity functions: code of `node` at `index`, of this dtype.
mth_scalar *mth_generic_scalar(mth_generic *generic, size_t node, const mth_index *index,
                               mth_dtype dtype);
// From an element as it is stored to the computed form of its dtype, and back.
MlirValue mth_generic_computed_form(mth_generic *generic, MlirValue stored, mth_dtype dtype);
MlirValue mth_generic_store_form(mth_generic *generic, MlirValue scalar, MlirType element);

// A result: the element that it starts at is added to the body's arguments and returned.
MlirValue mth_generic_add_result(mth_generic *generic, MlirValue start, MlirAffineMap map);
// Yields one scalar per result and appends the op to the function.
MlirOperation mth_generic_close(mth_generic *generic, const MlirValue *yields,
                                size_t attribute_count, const MlirNamedAttribute *attributes);

// (loops) -> (layout's loops): dim j is loop layout->axis[j].
MlirAffineMap mth_layout_map(MlirContext context, size_t loop_count, const mth_layout *layout);
#endif
