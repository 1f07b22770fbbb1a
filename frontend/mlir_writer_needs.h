// mlir_writer_needs.h: which ops and inputs of a model its results need. Private to the writer.
#ifndef MTH_FRONTEND_MLIR_WRITER_NEEDS_H
#define MTH_FRONTEND_MLIR_WRITER_NEEDS_H
#include "frontend/mlir_writer_body.h"

// Marks every net and op that results of the model need with `epoch`, composites around them too,
// and inputs that the writer keeps.
MTH_MUST_USE mth_status mth_mlir_mark_needed(const mth_mlir_writer *writer, const mth_model *model,
                                             size_t epoch, mth_connection *const *results,
                                             size_t result_count);
#endif
