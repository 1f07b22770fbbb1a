// solver_value.h: values of arguments, as the solver keeps and tells them. For solver*.c, unify.c
// and rule*.c alone.
//
// A value is stored in one form, whatever the kind of its argument: an integer is a dim
// (MTH_ARG_DIM), a list or tuple of integers is dims (MTH_ARG_DIMS), any other tuple has items in
// stored form, as a slice has. So an integer may be symbolic wherever one is taken.
#ifndef MTH_IR_SOLVER_VALUE_H
#define MTH_IR_SOLVER_VALUE_H
#include "ir/solver_core.h"

// The kind that two arguments have when they become one: MTH_ARG_NONE stands for any kind.
// False: no value is of both.
bool solver_join_kinds(mth_arg_kind a, mth_arg_kind b, mth_arg_kind *out_kind);
// A copy in stored form, or NULL in *out_value: no value of this kind.
MTH_MUST_USE mth_status solver_store_value(mth_solver *solver, const mth_arg *given,
                                           mth_arg_kind kind, const mth_arg **out_value);
// The value of an argument with all that is known of its dims, in the form of `kind`, which the
// argument has too; NULL in *out_value while it has none. In the scratch arena.
MTH_MUST_USE mth_status solver_read_value(mth_solver *solver, uint32_t var, mth_arg_kind kind,
                                          const mth_arg **out_value);
// Makes two stored values equal.
MTH_MUST_USE mth_status solver_unify_values(mth_solver *solver, const mth_arg *a, const mth_arg *b);
// Gives an argument its value; equal to the one that it has. MTH_INVALID is not reported.
MTH_MUST_USE mth_status solver_give_value(mth_solver *solver, uint32_t var, const mth_arg *value);
// Watches all that is unknown in a stored value.
MTH_MUST_USE mth_status solver_watch_value(mth_solver *solver, const mth_arg *value, uint32_t rule);
// "(3, T, 0.5)" in the scratch arena; "?" without memory.
const char *solver_value_text(mth_solver *solver, const mth_arg *value);
#endif
