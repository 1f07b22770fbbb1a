// physical_core.h: a physical model while it is made. Private to ir/ and the writers.
#ifndef MTH_IR_PHYSICAL_CORE_H
#define MTH_IR_PHYSICAL_CORE_H
#include "ir/graph.h"
#include "ir/physical_model.h"

typedef struct mth_flat_op mth_flat_op;

typedef struct mth_flat_key {
  mth_physical_key seen; // first: what a user gets is a pointer to it
  mth_net *net;
  const char *own_name; // interned: the model's own name for it, or NULL
  bool is_external;     // an input or output of the model
  bool is_state;        // holds a state
  bool is_new_state;    // makes one
  bool is_fixed;        // known when the program is compiled
  bool is_discarded;
  bool is_hanging;    // discarded, though nobody asked
  bool is_demoted;    // an output that was to be discarded, but operators read it
  bool is_measured;   // a dim of it, which nothing else tells, is an argument
  size_t alias_count; // outputs and new states that stand for it
  struct mth_flat_key *same_as;
  mth_flat_op *maker;  // NULL: none, or taken out
  mth_flat_op **users; // operators that are left and read it, each once
  size_t user_count;
} mth_flat_key;

struct mth_flat_op {
  mth_physical_op seen; // first
  mth_model *model;
  mth_flat_key **sources, **results;
  size_t source_count, result_count;
  bool is_gone, is_needed;
};

struct mth_physical_model {
  mth_model *model;
  mth_arena *arena;
  mth_location at;
  mth_physical_options options;
  mth_flat_key *keys;
  size_t key_count;
  mth_flat_op *ops; // all; `left` those that are not gone
  size_t op_count;
  const mth_physical_op **left;
  size_t left_count;
  mth_flat_key **externals; // inputs, then outputs, then states, as the model has them
  size_t external_count;
  mth_physical_state *states;
  size_t state_count;
  mth_flat_key **by_name, **by_path, **by_net; // sorted
  // What the options name, in their order.
  mth_flat_key **constants, **data, **trainable, **discarded, **shaped;
  mth_flat_key *lacking, *lacking_output; // a discarded key that the output needs; NULL: none
};

// Steps, in this order. Each is in physical_model_<step>.c.

// Keys and operators, with connections; what the model's inputs and outputs are; by_net.
MTH_MUST_USE mth_status mth_physical_flatten(mth_physical_model *p);
// Names and paths; by_name, by_path.
MTH_MUST_USE mth_status mth_physical_name_all(mth_physical_model *p);
// Finds what the options name and refuses what can not be.
MTH_MUST_USE mth_status mth_physical_resolve(mth_physical_model *p);
// States what the options say, inside a change of the caller's: data keys are no parameters and
// have no start, fixed ones have their values.
MTH_MUST_USE mth_status mth_physical_apply(const mth_physical_model *p);
// Notes what is known of each key, and which are differentiable. Takes out operators whose results
// are known, Buffers, and what repeats an earlier operator.
MTH_MUST_USE mth_status mth_physical_reduce(mth_physical_model *p);
// Drops what is discarded and what nothing needs; gives every key its role.
MTH_MUST_USE mth_status mth_physical_discard(mth_physical_model *p);

// The key that has the value of `key`.
static inline mth_flat_key *mth_flat_resolve(mth_flat_key *key) {
  while (key->same_as)
    key = key->same_as;
  return key;
}
// The key of a reference, or a report that calls it a `what` ("data key").
MTH_MUST_USE mth_status mth_physical_look_up(const mth_physical_model *p, mth_key_ref ref,
                                             const char *what, mth_flat_key **out_key);
// Sorts keys by a text or pointer of theirs.
void mth_flat_sort_by_name(mth_flat_key **keys, size_t count);
void mth_flat_sort_by_path(mth_flat_key **keys, size_t count);
void mth_flat_sort_by_net(mth_flat_key **keys, size_t count);
#endif
