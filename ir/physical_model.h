// physical_model.h: a logical model as a program sees it: operators in a row, on keys that each
// have one name. Public; needs no compiler.
//
// Flattening follows the children down to the ops, in the order in which they can be computed. Each
// net becomes one key: tensors, and the arguments of ops too ("axis"). Then what a program would
// not compute is taken out: Buffers and operators that repeat an earlier one (their outputs stand
// for another key), what is known when the program is compiled, and what no output needs. No number
// is computed here.
//
// Names  short: a named input or output keeps its name; an unnamed one is called after the key
//        under which it was made, its origin, with _0, _1, ... if several are. All other keys are
//        origin_0, origin_1, ... in the order in which operators meet them; the only one of an
//        origin drops the number if no input or output is called so. An unnamed output ends up as
//        its origin, with '_' in front while another key is called so.
//        long: named keys of the model keep their names, the others are the names of the children
//        that lead to them, in lower case, and their key: linear_0_matrixmultiply_output.
//        Names of formulas (ir/reserved_names.def) are reserved: such an internal key gets a '_' in
//        front. Beside its name a key answers to its path, whatever the style: the names of the
//        children that lead to it, then their key ("layer1_conv1_weight").
#ifndef MTH_IR_PHYSICAL_MODEL_H
#define MTH_IR_PHYSICAL_MODEL_H
#include "ir/model.h"
#include "runtime/arena.h"

typedef enum mth_naming { MTH_NAMING_SHORT, MTH_NAMING_LONG } mth_naming;

// A key in options: by its physical name or its path, or a connection, of any depth.
typedef struct mth_key_ref {
  const char *name;
  const mth_connection *connection; // where there is no name
} mth_key_ref;

#define MTH_REF(n) ((mth_key_ref){.name = (n)})
#define MTH_REF_TO(c) ((mth_key_ref){.connection = (c)})

// An input that is fixed. A tensor takes a constant, or a number as `value` if its rank is 0; an
// argument takes a value. Both are refused. With neither it is only known that it is fixed: no program can be
// written.
typedef struct mth_key_constant {
  mth_key_ref key;
  const mth_constant *constant;
  const mth_arg *value;
} mth_key_constant;

typedef struct mth_key_shape {
  mth_key_ref key;
  mth_shape shape;
} mth_key_shape;

// What a program is made for. All zero but struct_bytes: every input stays what the model says.
typedef struct mth_physical_options {
  size_t struct_bytes; // sizeof(mth_physical_options)
  mth_naming naming;
  const mth_key_constant *constants; // inputs that are fixed
  size_t constant_count;
  const mth_key_ref *data_keys; // inputs that are given at each run and not trained
  size_t data_count;
  const mth_key_ref *trainable_keys; // inputs that are trained whatever the model says
  size_t trainable_count;
  const mth_key_ref *discard_keys; // inputs and outputs to drop, with what only they need
  size_t discard_count;
  const mth_key_shape *shapes;
  size_t shape_count;
  bool inference;   // nothing is differentiated
  bool safe_names;  // an unnamed input that is data is refused
  bool safe_shapes; // ops whose operands usually have one shape (losses) insist on it
} mth_physical_options;

// What a key is to the program.
typedef enum mth_key_role {
  MTH_ROLE_TRAINABLE, // a differentiable input
  MTH_ROLE_DATA,      // any other input without a value
  MTH_ROLE_CONSTANT,  // known when the program is compiled: constants, arguments, what follows from
                      // them
  MTH_ROLE_INTERNAL,  // computed at each run; outputs too
  MTH_ROLE_STATE,     // an input that an output of the last run gives
  MTH_ROLE_UNUSED,    // an input or constant that nothing needs, since what it leads to is constant
  MTH_ROLE_DISCARDED, // dropped: asked for, or no output needs it
} mth_key_role;

// A key. All texts are the physical model's.
typedef struct mth_physical_key {
  const char *name, *path;
  mth_connection *connection; // the model's own, or the outermost inside
  mth_key_role role;
  bool is_input;          // of the model, from outside
  bool is_output;         // of the program
  bool is_tensor;         // false: an argument
  bool is_differentiable; // a float tensor that a trained input reaches through derivatives
  // The key that has the value, where a Buffer or a repeated operator was taken out; else NULL.
  const struct mth_physical_key *same_as;
  mth_family families;    // of a tensor: what is still open
  int32_t rank;           // of a tensor; -1: not known
  const int64_t *extents; // -1: not a number
} mth_physical_key;

// An operator that is left.
typedef struct mth_physical_op {
  const mth_model *model; // its op
  const char *path;       // the children that lead to it
  size_t source_count, result_count;
  const mth_physical_key *const *sources; // in the order of the op's keys, arguments too
  const mth_physical_key *const *results;
} mth_physical_op;

// A state (ir/state_keys.h). The input's name is the state's.
typedef struct mth_physical_state {
  const mth_physical_key *input, *output;
} mth_physical_state;

typedef struct mth_physical_model mth_physical_model;

// Makes the physical model of a model, which is not changed, not even frozen. If no output was
// exposed, the canonical ones are outputs.
//
// Owns   everything lives in `arena`; names also need the context. What the options point to is not
//        needed after the call, unless a program is written from the result.
// Fails  MTH_INVALID: the model is a child; "Models with no output keys can not be compiled."; a
//        key that begins with '$', is not there, or is not an input (discard: neither input nor
//        output); a fixed, data or trainable key that has a value already; a key in two of the
//        four lists; a data key that nothing uses; an unnamed input under `safe_names`; a
//        fact that contradicts the model.
MTH_MUST_USE mth_status mth_physical_model_create(const mth_model *model,
                                                  const mth_physical_options *options,
                                                  mth_arena *arena,
                                                  const mth_physical_model **out_physical);

// Can a program be made of it? Writing and compiling ask this first.
// Fails  MTH_INVALID: a discarded key is needed by an output that remains; both are named.
MTH_MUST_USE mth_status mth_physical_model_check(const mth_physical_model *physical);

// Keys in the order in which operators meet them; inputs that no operator reads come last.
size_t mth_physical_key_count(const mth_physical_model *physical);
const mth_physical_key *mth_physical_key_at(const mth_physical_model *physical, size_t index);
size_t mth_physical_op_count(const mth_physical_model *physical);
const mth_physical_op *mth_physical_op_at(const mth_physical_model *physical, size_t index);

size_t mth_physical_state_count(const mth_physical_model *physical);
const mth_physical_state *mth_physical_state_at(const mth_physical_model *physical, size_t index);

// The key with this name or path; NULL if there is none, or two have the path and none the name.
const mth_physical_key *mth_physical_find(const mth_physical_model *physical, const char *name);
// The key of a connection of the model or of anything inside it; NULL: none.
const mth_physical_key *mth_physical_key_of(const mth_physical_model *physical,
                                            const mth_connection *connection);
// Either, reporting what is not there with the names of inputs and outputs.
MTH_MUST_USE mth_status mth_physical_get(const mth_physical_model *physical, mth_key_ref ref,
                                         const mth_physical_key **out_key);

typedef enum mth_key_set {
  MTH_KEYS_OUTPUTS,
  MTH_KEYS_INPUTS,    // of every role but unused and discarded
  MTH_KEYS_TRAINABLE, //
  MTH_KEYS_DATA,      //
  MTH_KEYS_STATE,     //
  MTH_KEYS_CONSTANTS, // what is left of them
  MTH_KEYS_STATIC,    // data and constants
  MTH_KEYS_UNUSED,    //
  MTH_KEYS_DISCARDED,
  MTH_KEYS_COTANGENTS, // outputs that are differentiable; none with inference; `final_cost` alone
                       // if it is among them
} mth_key_set;

// Writes the keys of a set into out_keys, sorted by name, and returns how many there are. There is
// room for all keys, or out_keys is NULL.
size_t mth_physical_list(const mth_physical_model *physical, mth_key_set set,
                         const mth_physical_key **out_keys);
#endif
