// make.h: making ops in one expression. Makers do not verify: verify after the pass.
#ifndef MTH_DIALECT_MAKE_H
#define MTH_DIALECT_MAKE_H
#include "mlir-c/IR.h"
#include "mlir-c/Rewrite.h"

#include <stdint.h>

typedef struct mth_op_spec {
  const char *name; // "arith.addf"
  MlirLocation loc;
  intptr_t operand_count;
  const MlirValue *operands;
  intptr_t result_count;
  const MlirType *results;
  intptr_t attribute_count;
  const MlirNamedAttribute *attributes;
  intptr_t region_count;
  const MlirRegion *regions; // taken
  intptr_t successor_count;
  const MlirBlock *successors;
} mth_op_spec;

// A detached op; the caller owns it until it is inserted into a block.
MlirOperation mth_make_op(const mth_op_spec *spec);
// Makes the op, appends it to `block`, which takes it, and returns it.
MlirOperation mth_append_op(MlirBlock block, const mth_op_spec *spec);

MlirNamedAttribute mth_named(MlirContext context, const char *name, MlirAttribute value);
MlirAttribute mth_text_attr(MlirContext context, const char *text);
MlirAttribute mth_i64_attr(MlirContext context, int64_t value);

// Freezes `set`, takes it, and frees it: LLVM 22 moves the patterns out but leaks the emptied set,
// against its own comment. Recheck under LeakSanitizer at each LLVM upgrade.
MlirFrozenRewritePatternSet mth_freeze_patterns(MlirRewritePatternSet set);
#endif
