// mlir_writer_args.h: arguments of ops as attributes. Private to the writer.
#ifndef MTH_FRONTEND_MLIR_WRITER_ARGS_H
#define MTH_FRONTEND_MLIR_WRITER_ARGS_H
#include "frontend/mlir_writer_body.h"

// Adds " {axis = 1 : i64, ...}", or nothing.
// Fails  MTH_INVALID: a value that is not known, or an integer that must be a number and is none,
//        named by its key; with an outline the entry is late instead.
MTH_MUST_USE mth_status mth_mlir_add_arguments(mth_mlir_writer *writer, const mth_model *model);
#endif
