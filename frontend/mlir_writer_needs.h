// mlir_writer_needs.h: which ops and inputs of a model its results need. Private to the writer.
#ifndef MTH_FRONTEND_MLIR_WRITER_NEEDS_H
#define MTH_FRONTEND_MLIR_WRITER_NEEDS_H
#include "ir/graph.h"

// Marks every net and op that the results need with `epoch`, composites around them too.
void mth_mlir_mark_needed(size_t epoch, mth_connection *const *results, size_t result_count);
#endif
