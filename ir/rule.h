// rule.h: one application of an op, as its `infer` sees it. Public: users' ops use it too.
//
// `infer` reads what is known of the tensors and arguments and states what follows, in both
// directions. It may run many times, each time with more known, so it states only what must hold
// and returns MTH_OK when it cannot say more yet. What it states twice costs nothing. In a logical
// model anything may be unknown; in a program all operands and arguments are known.
//
// Tensors have numbers: operands in order (a key that takes several tensors is several), then
// results. Axes below 0 count from the end.
//
// Fails  every statement reports a contradiction itself, with the names of both sides, and returns
//        MTH_INVALID; `infer` forwards it with MTH_TRY.
#ifndef MTH_IR_RULE_H
#define MTH_IR_RULE_H
#include "ir/op.h"

// ---- Reading ------------------------------------------------------------------------------------

const mth_op *mth_rule_op(const mth_rule *rule);
// True in a program: operands have one dtype, and nothing flows back to them.
bool mth_rule_is_program(const mth_rule *rule);
mth_dim_table *mth_rule_dims(const mth_rule *rule);
size_t mth_rule_operand_count(const mth_rule *rule);
size_t mth_rule_result(const mth_rule *rule, size_t index); // the number of a result
const char *mth_rule_name(const mth_rule *rule, size_t tensor);
// The value of an argument, or NULL while it is not known: an integer of kind MTH_ARG_INT or
// MTH_ARG_INTS while it is not a number. Asserts that the op has such a key.
const mth_arg *mth_rule_arg(mth_rule *rule, const char *key);
// The value of an MTH_ARG_INT argument, which may be symbolic as a dim may; NULL while nothing is
// known of it, and where it is None. A symbol in it is the same dim wherever it occurs.
const mth_dim *mth_rule_int(mth_rule *rule, const char *key);
// Of the key of an op of values that takes several (MTH_KEY_ARGS): their number, and the value of
// one; for any other key `index` is 0. The kind is MTH_ARG_NONE while it may be any.
size_t mth_rule_arg_count(const mth_rule *rule);
const mth_arg *mth_rule_arg_at(mth_rule *rule, const char *key, size_t index);
const mth_dim *mth_rule_int_at(mth_rule *rule, const char *key, size_t index);
mth_arg_kind mth_rule_arg_kind(const mth_rule *rule, const char *key, size_t index);
int32_t mth_rule_rank(mth_rule *rule, size_t tensor); // -1 while it is not known
// NULL while it is not known where the axis lies. A dim of unknown size is a symbol.
const mth_dim *mth_rule_dim(mth_rule *rule, size_t tensor, int64_t axis);
mth_family mth_rule_families(mth_rule *rule, size_t tensor);

// Zeroed storage until `infer` returns; NULL without memory.
void *mth_rule_scratch(mth_rule *rule, size_t count, size_t element_bytes);

// An axis argument as 0 <= axis < rank.
// Fails  MTH_INVALID, naming the argument's value and the rank.
MTH_MUST_USE mth_status mth_rule_axis(mth_rule *rule, int64_t axis, int32_t rank,
                                      int32_t *out_axis);

// ---- Shapes -------------------------------------------------------------------------------------

MTH_MUST_USE mth_status mth_rule_state_rank(mth_rule *rule, size_t tensor, int32_t rank);
// At least `rank` dims.
MTH_MUST_USE mth_status mth_rule_state_min_rank(mth_rule *rule, size_t tensor, int32_t rank);
// At least so many dims, which can be read from now on, whatever the rank: the first, at axes 0, 1,
// ...; the last, at axes -1, -2, ...
MTH_MUST_USE mth_status mth_rule_state_first_dims(mth_rule *rule, size_t tensor, int32_t count);
MTH_MUST_USE mth_status mth_rule_state_last_dims(mth_rule *rule, size_t tensor, int32_t count);
MTH_MUST_USE mth_status mth_rule_state_shape(mth_rule *rule, size_t tensor, size_t rank,
                                             const mth_dim *const *dims);
// Does nothing while it is not known where the axis lies.
MTH_MUST_USE mth_status mth_rule_state_dim(mth_rule *rule, size_t tensor, int64_t axis,
                                           const mth_dim *dim);
MTH_MUST_USE mth_status mth_rule_same_dim(mth_rule *rule, size_t a, int64_t a_axis, size_t b,
                                          int64_t b_axis);
MTH_MUST_USE mth_status mth_rule_same_shape(mth_rule *rule, size_t a, size_t b);
// All dims of `a` but the last `a_trailing` are those of `b` but the last `b_trailing`.
MTH_MUST_USE mth_status mth_rule_same_leading(mth_rule *rule, size_t a, size_t a_trailing, size_t b,
                                              size_t b_trailing);
// What `infer` returns when a maker of dims gave NULL: there is no memory, or a size does not fit,
// which is reported. Dims that are stated may be NULL, with the same effect.
MTH_MUST_USE mth_status mth_rule_no_dim(mth_rule *rule);
// Two sizes that are computed from dims must be equal; `what` says in a message what they are.
MTH_MUST_USE mth_status mth_rule_equate(mth_rule *rule, const mth_dim *a, const mth_dim *b,
                                        const char *what);
// Without the last `trailing` dims of each, the shape of `result` is what the operands broadcast
// to: aligned on the right, only a 1 stretches. Each tensor needs `trailing` dims already.
MTH_MUST_USE mth_status mth_rule_broadcast(mth_rule *rule, size_t result, size_t operand_count,
                                           const size_t *operands, size_t trailing);
// The operand broadcasts to the shape of `result`, which may be larger for other reasons.
MTH_MUST_USE mth_status mth_rule_stretch(mth_rule *rule, size_t result, size_t operand);

// ---- Arguments ----------------------------------------------------------------------------------

// States the value of an MTH_ARG_DIMS argument, from tensors.
MTH_MUST_USE mth_status mth_rule_state_dims_arg(mth_rule *rule, const char *key, size_t count,
                                                const mth_dim *const *dims);
// States the value of an MTH_ARG_INT argument: it and `value` are equal from now on.
MTH_MUST_USE mth_status mth_rule_state_int(mth_rule *rule, const char *key, const mth_dim *value);
// States the value of an argument; symbolic integers in it are made equal to those that are there.
MTH_MUST_USE mth_status mth_rule_state_arg(mth_rule *rule, const char *key, size_t index,
                                           const mth_arg *value);

// ---- Element types ------------------------------------------------------------------------------

MTH_MUST_USE mth_status mth_rule_state_families(mth_rule *rule, size_t tensor, mth_family families);
MTH_MUST_USE mth_status mth_rule_state_dtype(mth_rule *rule, size_t tensor, mth_dtype dtype);
MTH_MUST_USE mth_status mth_rule_same_type(mth_rule *rule, size_t a, size_t b);
// The result has the element type of the operands: in a program they agree; in a logical model the
// result's family is the widest of theirs (bool < int < float) and whoever writes the program casts
// the others.
MTH_MUST_USE mth_status mth_rule_promote(mth_rule *rule, size_t result, size_t operand_count,
                                         const size_t *operands);
// Operands agree as for mth_rule_promote; nothing is said of the result.
MTH_MUST_USE mth_status mth_rule_comparable(mth_rule *rule, size_t operand_count,
                                            const size_t *operands);

// Reports a contradiction that no statement covers. The op's name is put in front, and those of its
// operands unless the text has the name of one of its tensors.
MTH_MUST_USE mth_status mth_rule_fail(mth_rule *rule, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// A dim and a value as messages show them: "?" for what is not known. Lent until `infer` returns.
const char *mth_rule_dim_text(mth_rule *rule, const mth_dim *dim);
const char *mth_rule_value_text(mth_rule *rule, const mth_arg *value);
#endif
