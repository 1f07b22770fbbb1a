// mlir_writer_text.h: types, attributes and constants of the textual dialect. Private to the
// writer.
#ifndef MTH_FRONTEND_MLIR_WRITER_TEXT_H
#define MTH_FRONTEND_MLIR_WRITER_TEXT_H
#include "ir/op.h"
#include "ir/text.h"

// tensor<?x128xf32, ["T"]>
void mth_mlir_type(mth_text *text, mth_dim_table *dims, const mth_type *type);
// What stands behind `=`, by the table in docs/ir-forms.md. Not for MTH_ARG_NONE.
void mth_mlir_arg(mth_text *text, mth_dim_table *dims, const mth_arg *arg);
// "text" with its quotes.
void mth_mlir_string(mth_text *text, const char *string);
// A number as a literal of `dtype`; infinities and NaN as bits.
void mth_mlir_number(mth_text *text, mth_dtype dtype, double value);
#endif
