// graph.h: the structs behind models, connections and contexts. Private to ir/ and the writers.
//
// A net is what a connection sees; parent and child share it. When two nets turn out to be one, the
// child's points to the parent's (`merged_into`); mth_net_of follows. Everything below changes only
// under the context's journal, so that a refused call is undone word by word.
#ifndef MTH_IR_GRAPH_H
#define MTH_IR_GRAPH_H
#include "ir/class.h"
#include "ir/context.h"
#include "ir/journal.h"
#include "ir/model.h"
#include "ir/names.h"
#include "ir/solver.h"

struct mth_context {
  const mth_allocator *allocator;
  mth_registry *registry;
  mth_dim_table *dims;
  mth_solver *solver;   // of all models; rolled back with the journal
  mth_list classes;     // registered by users
  mth_list waiting;     // ops for the length of their list
  mth_list free_models; // begun by free inputs and not finished
  mth_names names;
  mth_journal journal;
  size_t epoch; // of the last walk; a walk marks what it has seen with its own number
  mth_diagnostic last;
  mth_sink sink; // keeps `last`, then forwards
  mth_sink also; // of the options, or without a function
};

typedef enum mth_tristate { MTH_UNKNOWN = 0, MTH_YES, MTH_NO } mth_tristate;

// Makes part `index` of the list that the model puts out, as a connection of the model.
typedef mth_status mth_make_part(mth_model *model, size_t index, mth_connection **out_part);

typedef struct mth_net {
  struct mth_net *merged_into; // NULL: this net is itself
  bool is_tensor;
  bool is_list;                 // of tensors; then it is an argument, the length
  mth_var var;                  // in the solver
  mth_arg_kind arg_kind;        // of an argument: what its op takes; MTH_ARG_NONE: any kind
  bool is_given;                // an argument's value is stated, not only inferred
  const char *origin;           // the key under which it was made
  const mth_constant *constant; // a tensor's value, or NULL
  mth_tristate differentiable;
  const mth_initializer *initializer;      // or NULL
  mth_model *maker;                        // the op that makes it, or NULL
  size_t needed_epoch;                     // of the last walk that needed it
  struct mth_net *copy;                    // of the last copying
  size_t epoch, value_index, result_index; // of the last writer's body that has it, and where
} mth_net;

struct mth_connection {
  mth_model *model;
  const char *name; // interned; NULL: unnamed
  size_t number;    // of an unnamed one: "$3"
  const char *key;  // name, or the text of the number
  mth_net *net;     // through mth_net_of
  mth_key_class class_;
  bool is_exposed;                      // made an output by the user
  bool is_forgotten;                    // no longer a key of the model
  bool is_produced;                     // an op's output, or made by a child
  mth_connection *producer;             // the child's connection that makes it
  mth_connection *outer;                // in the parent
  mth_connection *first_use, *last_use; // connections of children that lead here, in order
  mth_connection *next_use;             // the next of the same outer
  mth_connection *replaced_by;          // what it was merged into and forgotten for; or NULL
  mth_connection *copy;                 // of the last copying
  mth_connection *partner;              // of a state: the other one of input and output
  mth_list parts;                       // of a list: connections of the model by index, or NULL
  mth_connection *whole;                // of a part: the list
  size_t epoch;                         // of the last walk that saw it
};

struct mth_model {
  mth_context *context;
  mth_model *parent;
  const char *class_name;
  const char *name;        // NULL: none yet
  const mth_op *op;        // NULL: a composite
  const mth_class *class_; // that made it from `class_args`, or NULL
  const mth_arg *class_args;
  mth_connection **op_keys; // an op's tensors: operands, then results; `owned` holds the array
  size_t operand_count, result_count;
  mth_rule_id rule; // of an op, unless its list is open
  bool is_frozen;
  bool is_free;             // the context owns it
  bool is_train_model;      // only its mth_train_model may change it; nobody's child
  bool is_list_open;        // the number of tensors of an op's list is not known yet
  mth_make_part *make_part; // of the list that it puts out, or NULL
  size_t height;            // levels of children below it
  size_t position;          // among the children of its parent
  bool has_late_makers;     // a child reads what one behind it makes
  mth_list connections, children;
  mth_list canonical_inputs, canonical_outputs;
  mth_list named_dims;   // of keys, stated where it is wired
  mth_connection *chain; // what `+=` continues from; NULL: none
  size_t next_number;
  mth_name_map keys, child_names;
  mth_list owned;         // storage that dies with the model
  size_t epoch;           // of the last walk that saw it
  mth_model *next_walked; // in that walk
  mth_status failure;     // the first of the expressions on its connections
  // Ops that expressions made and nothing uses yet: no children, though this is their parent.
  mth_model *first_unused, *last_unused;
  // Of such an op: where it is among them, and where each of its keys will lead; NULL: nowhere.
  bool is_unused;
  size_t unused_number;
  mth_model *previous_unused, *next_unused;
  mth_connection **leads;
};
#endif
