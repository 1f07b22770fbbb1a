// solver_core.h: the inside of the solver, for solver*.c, unify.c, rule*.c and broadcast.c alone.
//
// Four kinds of records, each named by its index: variables, rows, symbols, rules. A record is
// saved whole before it first changes after a mark, so undoing writes the old ones back.
//
// A row is a run of dims: unknown, or dims, another row, dims. A tensor's shape is a row. What is
// not known yet of a shape are its unknown rows and the symbols in its dims; each of them lists the
// rules that look at it. When it becomes known they run, and watch what it now stands for.
#ifndef MTH_IR_SOLVER_CORE_H
#define MTH_IR_SOLVER_CORE_H
#include "ir/rule.h"
#include "ir/solver.h"

static const uint32_t no_index = UINT32_MAX;

// Rules, newest first, as nodes of mth_solver.watches.
typedef struct watch_list {
  uint32_t head, count; // no_index: empty
} watch_list;

typedef struct watch_node {
  uint32_t rule, next;
} watch_node;

typedef struct var_record {
  const char *name;
  uint32_t same_as; // the variable it was unified with; its own index: none
  bool is_tensor;
  mth_family families;   // of a tensor
  mth_dtype dtype;       // of a tensor in a program
  uint32_t row;          // of a tensor
  mth_arg_kind arg_kind; // of an argument; MTH_ARG_NONE: any
  const mth_arg *value;  // of an argument, in stored form (solver_value.h); NULL while not known
  watch_list rules;
} var_record;

typedef struct row_record {
  bool is_bound;
  uint32_t prefix_count, suffix_count;
  uint32_t rest;        // a row; no_index: none
  size_t first_dim;     // in mth_solver.row_dims: prefix, then suffix
  watch_list rules;     // while unknown
  watch_list equations; // rules of kind RULE_EQUAL_ROWS with this rest, while unknown
} row_record;

typedef struct symbol_record {
  const mth_dim *symbol;
  const mth_dim *value; // NULL while unknown
  bool is_rigid;        // never becomes anything else
  watch_list rules;     // while unknown
} symbol_record;

// An expression that is known to be another while none of its symbols can be found: T*?1 = 6,
// 2*?1 = T.
typedef struct known_expression {
  const mth_dim *expression, *value;
} known_expression;

typedef enum rule_kind {
  RULE_OP,         // op on variables
  RULE_EQUAL_DIMS, // left == right, not solved yet
  RULE_EQUAL_ROWS, // rows[0] == rows[1]: prefix ++ rest == rest ++ suffix (row.c)
  RULE_RETIRED,    // nothing
} rule_kind;

typedef struct rule_record {
  rule_kind kind;
  const mth_op *op;
  size_t first_var; // in mth_solver.rule_vars: operands, results, arguments (those made last)
  uint32_t operand_count, tensor_count, arg_count;
  const mth_dim *left, *right;
  uint32_t rows[2];
  bool is_decided; // broadcasts do not stretch what is not 1
} rule_record;

typedef enum record_kind { RECORD_VAR, RECORD_ROW, RECORD_SYMBOL, RECORD_RULE } record_kind;

typedef struct log_entry {
  record_kind kind;
  uint32_t index;
  union {
    var_record var;
    row_record row;
    symbol_record symbol;
    rule_record rule;
  };
} log_entry;

// An array that grows; items of one size.
typedef struct store {
  void *items;
  size_t count, capacity;
} store;

// What two sides were when they could not become one.
typedef struct conflict {
  bool is_rank; // the numbers of dims differ, else two dims do
  const mth_dim *a, *b;
} conflict;

struct mth_solver {
  const mth_allocator *allocator;
  mth_dim_table *dims;
  bool is_program; // all symbols are rigid but those made here; operands have dtypes
  store vars, rows, symbols, rules, watches, log;
  store row_dims;         // const mth_dim *
  store rule_vars;        // uint32_t
  uint32_t *symbol_slots; // open addressing by the symbol's number in the dim table; index + 1
  size_t symbol_slot_count;
  store expressions;          // known_expression
  uint32_t *expression_slots; // open addressing by dim; index + 1
  size_t expression_slot_count;
  store queue; // rules to run, first in first out
  size_t queue_next;
  uint8_t *is_queued; // one for each rule
  size_t is_queued_capacity;
  mth_arena values;  // copies of arguments
  mth_arena scratch; // until the next call that states something
  uint32_t depth;    // open marks
  uint64_t run_count;
  size_t dim_failure_count;  // of the dim table, when the call began
  bool lacked_memory;        // for a symbol's record, since the call began
  bool divided_by_zero;      // a size, which was reported; inside, MTH_INVALID is still to report
  bool is_running;           // a rule
  uint32_t running_equation; // a rule that readers of rows leave out; no_index: none
  bool is_equation_open;     // and goes on waiting
  mth_status unread;         // why the running rule could not read something; MTH_OK: it could
  mth_location at;           // of the call that is being served
  conflict conflict;
};

struct mth_rule {
  mth_solver *solver;
  uint32_t index;
};

// A shape as it is known, all dims resolved; in the scratch arena. Prefix and suffix lie side by
// side. Without a rest everything is prefix.
//
// More dims may be known in front than stand in the prefix, which may be among the last ones too:
// then the shape is also front ++ front_rest ++ what follows in `front` (row.c). This is read, and
// not needed to make a row.
typedef struct flat_shape {
  size_t prefix_count, suffix_count;
  const mth_dim **prefix, **suffix;
  uint32_t rest; // an unknown row; no_index: none
  size_t front_count;
  const mth_dim **front;
  uint32_t front_rest;
} flat_shape;

// ---- solver_store.c: records, undo, watching ----------------------------------------------------

var_record *solver_var(const mth_solver *solver, uint32_t index); // follows unification
row_record *solver_row(const mth_solver *solver, uint32_t index);
symbol_record *solver_symbol(const mth_solver *solver, uint32_t index);
rule_record *solver_rule(const mth_solver *solver, uint32_t index);

// Makes room for `more` items and returns the first, or NULL without memory.
void *solver_grow(const mth_solver *solver, store *items, size_t more, size_t item_bytes);
// To be called before a record changes.
MTH_MUST_USE mth_status solver_save(mth_solver *solver, record_kind kind, uint32_t index);
void solver_undo_to(mth_solver *solver, const mth_solver_mark *mark);
mth_solver_mark solver_mark_here(const mth_solver *solver);

// The record of a symbol, made when first seen; no_index without memory.
uint32_t solver_find_symbol(mth_solver *solver, const mth_dim *symbol);
const mth_dim *solver_fresh_dim(mth_solver *solver);
MTH_MUST_USE mth_status solver_new_row(mth_solver *solver, uint32_t *out_row);
MTH_MUST_USE mth_status solver_new_rule(mth_solver *solver, const rule_record *rule,
                                        uint32_t *out_index);

MTH_MUST_USE mth_status solver_enqueue(mth_solver *solver, uint32_t rule);
MTH_MUST_USE mth_status solver_enqueue_all(mth_solver *solver, watch_list list);
MTH_MUST_USE mth_status solver_watch_var(mth_solver *solver, uint32_t var, uint32_t rule);
// Lists a rule as an equation of an unknown row.
MTH_MUST_USE mth_status solver_list_equation(mth_solver *solver, uint32_t row, uint32_t rule);
// Watches all that is unknown in a dim or in a row.
MTH_MUST_USE mth_status solver_watch_dim(mth_solver *solver, const mth_dim *dim, uint32_t rule);
MTH_MUST_USE mth_status solver_watch_row(mth_solver *solver, uint32_t row, uint32_t rule);

// ---- solver_expression.c: what expressions are equal to -----------------------------------------

// What an expression is known to be; NULL: nothing else.
const mth_dim *solver_expression_value(const mth_solver *solver, const mth_dim *expression);
// `expression` has no value yet.
MTH_MUST_USE mth_status solver_note_expression(mth_solver *solver, const mth_dim *expression,
                                               const mth_dim *value);
void solver_forget_expressions(mth_solver *solver, size_t count); // all but the first `count`

// ---- unify.c: making dims equal -----------------------------------------------------------------

// With everything replaced that is known; NULL as from a maker of dims.
const mth_dim *solver_resolve(mth_solver *solver, const mth_dim *dim);
// What a maker of dims means by NULL: MTH_NO_MEMORY, or else a report that a number does not fit
// and MTH_UNSUPPORTED.
MTH_MUST_USE mth_status solver_no_dim(mth_solver *solver);
bool solver_lacked_memory(const mth_solver *solver); // for a dim, since the call began
// A contradiction is noted in solver->conflict and not reported. What cannot be solved yet becomes
// a rule, unless a rule states it, which will do so again.
MTH_MUST_USE mth_status solver_unify_dims(mth_solver *solver, const mth_dim *a, const mth_dim *b);
const char *solver_dim_text(mth_solver *solver, const mth_dim *dim); // "?" for a bare unknown

// ---- row.c: rows --------------------------------------------------------------------------------

MTH_MUST_USE mth_status solver_read_row(mth_solver *solver, uint32_t row, flat_shape *out_shape);
// As the row is written down: one of its forms. The front is not set.
MTH_MUST_USE mth_status solver_read_form(mth_solver *solver, uint32_t row, flat_shape *out_shape);
// front ++ front_rest ++ the others, as prefix, rest and suffix.
flat_shape solver_front_form(const flat_shape *shape);
const mth_dim *solver_pick_dim(const flat_shape *shape, int64_t axis); // NULL: not known
MTH_MUST_USE mth_status solver_row_of(mth_solver *solver, const flat_shape *shape,
                                      uint32_t *out_row);
// Writes down what a row is; rules are not told.
MTH_MUST_USE mth_status solver_set_row(mth_solver *solver, uint32_t row, const flat_shape *shape);
// "[2, T, ..., ?]" in the scratch arena, "[2, ...] and [..., ?]" in two forms; "[?]" without memory.
const char *solver_shape_text(mth_solver *solver, uint32_t row);

// ---- unify_row.c: making rows equal -------------------------------------------------------------

// As solver_unify_dims, but what cannot be solved yet is kept in any case.
MTH_MUST_USE mth_status solver_unify_rows(mth_solver *solver, uint32_t a, uint32_t b);
MTH_MUST_USE mth_status solver_refuse_rank(mth_solver *solver); // notes that ranks differ
// Runs a rule of kind RULE_EQUAL_ROWS.
MTH_MUST_USE mth_status solver_run_equation(mth_solver *solver, uint32_t rule);

// ---- solver_run.c: running rules ----------------------------------------------------------------

// Applies an op without running it.
MTH_MUST_USE mth_status solver_add_op(mth_solver *solver, const mth_op *op, size_t tensor_count,
                                      const mth_var *tensors, size_t arg_count, const mth_var *args,
                                      uint32_t *out_rule);
MTH_MUST_USE mth_status solver_run(mth_solver *solver);
MTH_MUST_USE mth_status solver_narrow(mth_solver *solver, uint32_t var, mth_family families,
                                      mth_dtype dtype); // MTH_INVALID is not reported

// ---- solver_report.c: what reports show ---------------------------------------------------------

const char *solver_families_text(mth_family families); // "int or float"
// "2*? + 1" for "2*?12 + 1": the numbers of unknown symbols mean nothing to a user. A program shows
// them. In the scratch arena, or `text`.
const char *solver_without_numbers(mth_solver *solver, const char *text);
// What reports call a rule: the op's name, "Mean of 'x'" if `text` does not name a tensor of it.
const char *solver_rule_text(mth_solver *solver, const rule_record *rule, const char *text);
// Reports that these dims, which solver->conflict holds as they came out, were to be equal, and
// which tensors and arguments have them.
MTH_MUST_USE mth_status solver_report_dims(mth_solver *solver, const mth_dim *a, const mth_dim *b);
// Reports that two shapes that waited for each other (RULE_EQUAL_ROWS) contradict each other.
MTH_MUST_USE mth_status solver_report_rows(mth_solver *solver, const rule_record *rule);

// ---- solver.c: calls ----------------------------------------------------------------------------

// A call that states something is begun and ended by these two. Ending runs the rules; if that or
// `status` failed, all is as it was at the beginning.
mth_solver_mark solver_open_call(mth_solver *solver, mth_location at);
MTH_MUST_USE mth_status solver_close_call(mth_solver *solver, mth_solver_mark mark,
                                          mth_status status);

// ---- rule.c: signatures -------------------------------------------------------------------------

// The name of a tensor in the op's signature, "left" or "inputs[2]"; NULL without memory.
const char *solver_key_name(mth_solver *solver, const mth_op *op, size_t operand_count,
                            size_t tensor);
// States the element families of the signature.
MTH_MUST_USE mth_status solver_state_signature(mth_solver *solver, uint32_t rule);
#endif
