// motion.h: how what a generic reads and writes moves with one of its loops.
#ifndef MTH_PASSES_LOOPS_MOTION_H
#define MTH_PASSES_LOOPS_MOTION_H
#include "mlir-c/IR.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum mth_motion {
  MTH_STILL,      // the same element
  MTH_CONTIGUOUS, // neighbours
  MTH_STRIDED,    // anything else
} mth_motion;

// Of the element of operand `operand` that its map names.
mth_motion mth_motion_of_operand(MlirOperation generic, intptr_t operand, intptr_t loop);
// Of the element that a tensor.extract or memref.load of the body reads.
mth_motion mth_motion_of_read(MlirOperation read, MlirOperation generic, intptr_t loop);
// Whether the op is such a read.
bool mth_is_element_read(MlirOperation op);
// Whether the read's indices are arithmetic on loops and on values from outside of the generic.
bool mth_read_is_free_of_data(MlirOperation read, MlirOperation generic);
#endif
