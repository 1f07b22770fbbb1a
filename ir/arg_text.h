// arg_text.h: values for people to read. Private to ir/.
#ifndef MTH_IR_ARG_TEXT_H
#define MTH_IR_ARG_TEXT_H
#include "ir/connection.h"

// Adds "3", "0.5", "True", "None", "(1, T, None)", "slice(0, None, 2)", "'SAME'", "f32".
void mth_arg_text(mth_dim_table *dims, const mth_arg *value, mth_text *text);
// Adds the number of a constant of rank 0, "tensor [2, 3]" of another.
void mth_constant_text(const mth_constant *constant, mth_text *text);
#endif
