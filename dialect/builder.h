// builder.h: mth_builder on MLIR. Gradients and decompositions write through it.
#ifndef MTH_DIALECT_BUILDER_H
#define MTH_DIALECT_BUILDER_H
#include "dialect/site.h"

// Builds ops before one op of a block. `base` is what mth_build_* take.
typedef struct mth_ir_builder {
  mth_builder base; // first: the vtable casts back
  MlirContext context;
  MlirOperation before; // new ops go in front of it
  MlirLocation loc;     // of new ops, and of what the rules report
  mth_arena *arena;     // what base.vtable->type lends
  mth_sink sink;        // reports at `loc`
} mth_ir_builder;

// `builder` must not move afterwards. It owns nothing.
void mth_ir_builder_init(mth_ir_builder *builder, MlirContext context, mth_dim_table *dims,
                         mth_arena *arena);
// The next ops go in front of `op` and carry its location.
void mth_ir_builder_set_before(mth_ir_builder *builder, MlirOperation op);
// A constant filled with `value`, converted to the element type. All dims must be numbers.
MlirValue mth_ir_build_splat(mth_ir_builder *builder, MlirType type, double value);

// The builder that `builder` is the base of.
static inline mth_ir_builder *mth_ir_builder_of(mth_builder *builder) {
  return (mth_ir_builder *)builder;
}
#endif
