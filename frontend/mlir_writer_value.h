// mlir_writer_value.h: compile-time values as tensors of the program. Private to the writer.
#ifndef MTH_FRONTEND_MLIR_WRITER_VALUE_H
#define MTH_FRONTEND_MLIR_WRITER_VALUE_H
#include "frontend/mlir_writer_body.h"

// Is every number of it known? A symbol of the program is not.
bool mth_mlir_is_number(const mth_arg *value);
// Can the program hold it as a tensor? All its integers are numbers or symbols of the program; a
// symbol stands beside no float.
bool mth_mlir_is_tensor(const mth_mlir_writer *writer, const mth_arg *value);
// The type of the tensor: a number has rank 0, a tuple one axis more than its items.
MTH_MUST_USE mth_status mth_mlir_value_type(const mth_mlir_writer *writer, const mth_arg *value,
                                            mth_type *out_type);
// Adds the op that makes it, without its result and location.
MTH_MUST_USE mth_status mth_mlir_add_value(mth_mlir_writer *writer, const mth_arg *value,
                                           const mth_type *type);
#endif
