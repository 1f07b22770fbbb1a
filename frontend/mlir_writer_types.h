// mlir_writer_types.h: the types that an op of a logical model has in the program. Private to the
// writer.
#ifndef MTH_FRONTEND_MLIR_WRITER_TYPES_H
#define MTH_FRONTEND_MLIR_WRITER_TYPES_H
#include "frontend/mlir_writer_body.h"

// Of the operands of an op, then of its results: shapes as they are there, element types as the op
// takes and gives them (ir/program_dtypes.h). In an outline some may be unknown; then all are as
// they are there.
MTH_MUST_USE mth_status mth_mlir_find_types(mth_mlir_writer *writer, const mth_model *model,
                                            mth_type *out_types);

// Ends what is open of element types that can not be float, in the needed ops (`epoch`): operands
// of an op on bits whose result is as open are bools, all others ints. Undone as all that the
// writer decides.
MTH_MUST_USE mth_status mth_mlir_decide_bits(mth_mlir_writer *writer, const mth_model *model,
                                             size_t epoch);
#endif
