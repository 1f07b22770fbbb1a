// solver.h: incremental inference of shapes, element types and argument values.
//
// A variable is a tensor or a compile-time argument. Its tensor has a set of element families and a
// shape: known dims at the front, at most one run of unknown length, known dims at the end. A dim
// is an expression (ir/dim.h); a symbol "?7" is unknown and may come to stand for any expression,
// one with a name ("T") is declared by the user and never becomes anything else. Integer values of
// arguments are dims too, so what is learned of one is known of the other.
//
// Ops are applied to variables. An op's `infer` (ir/rule.h) runs again whenever one of its
// variables becomes better known, so facts flow in both directions; order does not matter.
//
// Every call that states something runs inference to its end. If facts contradict each other the
// call reports both sides at `at`, returns MTH_INVALID, and the solver is as it was before the
// call.
//
// Numbers  the work is linear in the number of ops whose variables became better known, times the
//          logarithm that merging watch lists costs.
// Fails    without memory every call returns MTH_NO_MEMORY and changes nothing; a size beyond 63
//          bits or divided by 0 is MTH_UNSUPPORTED, reported.
#ifndef MTH_IR_SOLVER_H
#define MTH_IR_SOLVER_H
#include "ir/op.h"
#include "ir/shape.h"

typedef struct mth_solver mth_solver;
typedef struct mth_var { // a tensor or an argument, of one solver
  uint32_t index;
} mth_var;
typedef struct mth_rule_id { // an op applied to variables
  uint32_t index;
} mth_rule_id;
typedef struct mth_solver_mark { // a state to return to
  uint32_t depth;
  size_t log_count, var_count, row_count, rule_count, watch_count, dim_count, index_count;
  size_t expression_count;
} mth_solver_mark;

// `dims` must outlive the solver; several solvers may share it.
MTH_MUST_USE mth_status mth_solver_create(const mth_allocator *allocator, mth_dim_table *dims,
                                          mth_solver **out_solver);
void mth_solver_destroy(mth_solver *solver); // NULL is ignored
mth_dim_table *mth_solver_dims(const mth_solver *solver);

// ---- Undo ---------------------------------------------------------------------------------------

// Marks nest: each is ended exactly once, the newest first, by one of the two calls below.
mth_solver_mark mth_solver_begin(mth_solver *solver);
// Forgets everything since the mark, variables and rules made since then too. Cannot fail.
void mth_solver_rollback(mth_solver *solver, mth_solver_mark mark);
// Keeps it, as far as no outer mark is rolled back.
void mth_solver_commit(mth_solver *solver, mth_solver_mark mark);

// ---- Variables ----------------------------------------------------------------------------------

// `name` is what messages call it. Lent: it must outlive the solver.
MTH_MUST_USE mth_status mth_solver_add_tensor(mth_solver *solver, mth_family families,
                                              const char *name, mth_var *out_var);
// `kind` MTH_ARG_NONE: any kind, until the argument becomes one with another.
MTH_MUST_USE mth_status mth_solver_add_arg(mth_solver *solver, mth_arg_kind kind, const char *name,
                                           mth_var *out_var);
MTH_MUST_USE mth_status mth_solver_set_name(mth_solver *solver, mth_var var, const char *name);

// ---- Facts --------------------------------------------------------------------------------------

// Makes two variables one, called by the name of `into`; either stands for both from now on.
// Fails  MTH_INVALID: a tensor and an argument, arguments of two kinds, or what is known differs.
MTH_MUST_USE mth_status mth_solver_unify(mth_solver *solver, mth_var into, mth_var from,
                                         mth_location at);
// Leaves only these element families.
MTH_MUST_USE mth_status mth_solver_state_families(mth_solver *solver, mth_var var,
                                                  mth_family families, mth_location at);
// The element type itself; at the logical level families are enough.
MTH_MUST_USE mth_status mth_solver_state_dtype(mth_solver *solver, mth_var var, mth_dtype dtype,
                                               mth_location at);
// Local names mean the same in all shapes of one call.
// Fails  MTH_INVALID: a template with two rests, a negative extent, an argument among the
//        variables, or a shape that contradicts what is known.
MTH_MUST_USE mth_status mth_solver_state_shapes(mth_solver *solver, size_t count,
                                                const mth_var *vars, const mth_shape *shapes,
                                                mth_location at);
// The value of an argument; copied. MTH_ARG_NONE is a value ("None"). Integers may be symbolic
// (MTH_ARG_DIM, MTH_ARG_DIMS) and are made equal one by one, so a value may be stated twice with
// other parts known.
// Fails  MTH_INVALID: another kind than the argument's, or another value.
MTH_MUST_USE mth_status mth_solver_state_value(mth_solver *solver, mth_var var,
                                               const mth_arg *value, mth_location at);
// Makes two dims equal.
MTH_MUST_USE mth_status mth_solver_equate(mth_solver *solver, const mth_dim *a, const mth_dim *b,
                                          mth_location at);
// Applies an op: its rule holds from now on. `tensors` are the operands in order (a key that takes
// several tensors is several), then the results; `args` one for each MTH_KEY_ARG of the inputs, in
// order (MTH_KEY_ARGS is several), then of the outputs.
// Element families of the op's signature are stated.
MTH_MUST_USE mth_status mth_solver_apply(mth_solver *solver, const mth_op *op, size_t tensor_count,
                                         const mth_var *tensors, size_t arg_count,
                                         const mth_var *args, mth_location at,
                                         mth_rule_id *out_rule);
// The rule holds no longer. What it stated does.
MTH_MUST_USE mth_status mth_solver_retire(mth_solver *solver, mth_rule_id rule);
// Ends what is open in these rules, in order, as a program needs it: a broadcast of dims that are
// not known to differ does not stretch (only a literal 1 does), element types that may be float are
// float. Meant to be rolled back when the program is written.
// Fails  MTH_INVALID: two declared symbols, or one and a number, would have to broadcast; names
// both.
MTH_MUST_USE mth_status mth_solver_decide(mth_solver *solver, size_t count,
                                          const mth_rule_id *rules, mth_location at);

// ---- Questions ----------------------------------------------------------------------------------

// What is known of a shape. Lent until the next call that states something.
typedef struct mth_shape_facts {
  size_t prefix_count, suffix_count; // without a rest, all dims are in the prefix
  const mth_dim *const *prefix, *const *suffix;
  bool has_rest; // dims of unknown number between prefix and suffix
  uint32_t rest; // the same number: the same dims
  // A shape that is known in front and behind, of unknown rank, has two forms if these dims may
  // overlap: [2, ...] and [..., u]. The one above is known behind. The other one begins with
  // front_count dims; behind its rest are the last of the suffix, so that it has as many dims.
  // front_count == prefix_count: there is one form.
  size_t front_count;
  const mth_dim *const *front;
  uint32_t front_rest;
} mth_shape_facts;

// The form that is known in front, as one that has no other.
mth_shape_facts mth_shape_front_form(const mth_shape_facts *facts);

const char *mth_solver_name(const mth_solver *solver, mth_var var);
bool mth_solver_is_tensor(const mth_solver *solver, mth_var var);
bool mth_solver_is_same(const mth_solver *solver, mth_var a, mth_var b); // unified
mth_family mth_solver_families(const mth_solver *solver, mth_var var);   // of a tensor
int32_t mth_solver_rank(const mth_solver *solver, mth_var var);          // -1: not known
// The dim at `axis`, a negative one counted from the end; NULL while that position is not known.
const mth_dim *mth_solver_dim(mth_solver *solver, mth_var var, int64_t axis);
MTH_MUST_USE mth_status mth_solver_shape(mth_solver *solver, mth_var var,
                                         mth_shape_facts *out_facts);
// Of an argument, with all that is known of its dims; NULL while it has none. Lent as shapes are.
// An integer that is not a number yet is MTH_ARG_DIM, integers of which one is none MTH_ARG_DIMS;
// a tuple or list is MTH_ARG_TUPLE, unless the argument is of kind MTH_ARG_DIMS or MTH_ARG_INTS.
const mth_arg *mth_solver_value(mth_solver *solver, mth_var var);
mth_arg_kind mth_solver_arg_kind(const mth_solver *solver, mth_var var); // MTH_ARG_NONE: any
// Does an argument of this kind take such a value?
bool mth_solver_takes(mth_arg_kind kind, const mth_arg *value);
// `dim` with everything replaced that is known; NULL without memory.
const mth_dim *mth_solver_simplify(mth_solver *solver, const mth_dim *dim);
// How often a rule ran so far, for tests of cost.
uint64_t mth_solver_run_count(const mth_solver *solver);
#endif
