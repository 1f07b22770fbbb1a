// print.h: IR as text in memory.
#ifndef MTH_DIALECT_PRINT_H
#define MTH_DIALECT_PRINT_H
#include "ir/text.h"
#include "mlir-c/IR.h"

// Adds the op's text; `into` is marked if memory runs out.
void mth_print_ir(MlirOperation op, mth_text *into);
#endif
