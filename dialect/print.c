// print.c: IR as text in memory.
#include "dialect/print.h"

static void add(MlirStringRef part, void *into) {
  mth_text_add(into, "%.*s", (int)part.length, part.data);
}

void mth_print_ir(MlirOperation op, mth_text *into) { mlirOperationPrint(op, add, into); }
