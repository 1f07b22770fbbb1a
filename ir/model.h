// model.h: logical models: models nested in models, joined by named connections.
//
// A model is an op or a composite of children. Everything is incremental: each call runs inference
// over the whole nest, reports a conflict there and then with the names of the connections, and
// leaves the models exactly as they were.
#ifndef MTH_IR_MODEL_H
#define MTH_IR_MODEL_H
#include "ir/connection.h"
#include "ir/context.h"

// ---- Making models ------------------------------------------------------------------------------

// An empty composite. `class_name` names its kind ("MLP"); children without a name of their own are
// called after it. NULL: "Model".
MTH_MUST_USE mth_status mth_model_create(mth_context *context, const char *class_name,
                                         mth_model **out_model);
// An op as a model, by model name ("Relu") or mnemonic ("relu"). Arguments that are not given have
// their defaults; one without a default stays an input, as one that is given as MTH_ARG_OPEN. A
// tensor key may be given a number.
// Fails  MTH_INVALID: no such op, no such argument, an argument of the wrong kind.
MTH_MUST_USE mth_status mth_model_create_op(mth_context *context, const char *op,
                                            const mth_arg *args, size_t arg_count,
                                            mth_model **out_model);
// As mth_model_create_op, where the op's MTH_KEY_TENSORS key (Concat's inputs) takes `count`.
MTH_MUST_USE mth_status mth_model_create_op_of(mth_context *context, const char *op, size_t count,
                                               const mth_arg *args, size_t arg_count,
                                               mth_model **out_model);
// A copy with everything known of it, without parent.
MTH_MUST_USE mth_status mth_model_copy(const mth_model *model, mth_model **out_copy);
// Destroys a model and its children. NULL, and a model that has a parent, are left alone: the
// parent owns it.
void mth_model_destroy(mth_model *model);

// ---- Composing ----------------------------------------------------------------------------------

// Where one key of a child leads.
typedef enum mth_wire_kind {
  MTH_WIRE_OPEN,       // nowhere yet: a connection of its own in the parent
  MTH_WIRE_NAME,       // the parent's key of this name, made if there is none
  MTH_WIRE_CONNECTION, // a connection of the parent or of something inside it
  MTH_WIRE_LIST,       // several tensors, for a key that takes several: names and connections
  MTH_WIRE_VALUE,      // a value
  MTH_WIRE_CONSTANT,   // a constant tensor
  MTH_WIRE_KEY,        // what the facts say: their name, or a connection without one
} mth_wire_kind;

// A connection described: what is zero says nothing. It goes wherever a wire goes.
//
// Fails  MTH_INVALID: a value together with a constant, an initializer, differentiable, or, of a
//        number, a shape with dims; a shape, families or differentiable of an argument;
//        differentiable where the families have no float; a value outside the families, or for an
//        output; differentiable and frozen.
typedef struct mth_facts {
  const char *name; // of the key; in a wire, of MTH_WIRE_KEY alone
  const mth_shape *shape;
  mth_family families;                // bool, int, float
  bool differentiable;                // a float parameter
  bool frozen;                        // no parameter, whatever was said before
  bool expose;                        // an output becomes one of the model; an input external
  const mth_initializer *initializer; // how a parameter starts
  const mth_arg *value;               // of an argument, or the number of a tensor
  const mth_constant *constant;       // of a tensor
} mth_facts;

typedef struct mth_wire {
  const char *key; // of the child; of a part of a list: ignored
  mth_wire_kind kind;
  const char *name;
  mth_connection *connection;
  size_t part_count;
  const struct mth_wire *parts;
  mth_arg value;
  const mth_constant *constant;
  const mth_facts *facts; // what must hold of the connection as well; NULL: nothing
} mth_wire;

#define MTH_WIRE(k, n) ((mth_wire){.key = (k), .kind = MTH_WIRE_NAME, .name = (n)})
#define MTH_WIRE_TO(k, c) ((mth_wire){.key = (k), .kind = MTH_WIRE_CONNECTION, .connection = (c)})
#define MTH_WIRE_I(k, v)                                                                           \
  ((mth_wire){.key = (k), .kind = MTH_WIRE_VALUE, .value = MTH_ARG_I((k), (v))})
#define MTH_WIRE_B(k, v)                                                                           \
  ((mth_wire){.key = (k), .kind = MTH_WIRE_VALUE, .value = MTH_ARG_B((k), (v))})
#define MTH_WIRE_F(k, v)                                                                           \
  ((mth_wire){.key = (k), .kind = MTH_WIRE_VALUE, .value = MTH_ARG_F((k), (v))})
#define MTH_WIRE_IS(k, n, v)                                                                       \
  ((mth_wire){.key = (k), .kind = MTH_WIRE_VALUE, .value = MTH_ARG_IS((k), (n), (v))})
#define MTH_WIRE_D(k, v)                                                                           \
  ((mth_wire){.key = (k), .kind = MTH_WIRE_VALUE, .value = MTH_ARG_D((k), (v))})
#define MTH_WIRE_DS(k, n, v)                                                                       \
  ((mth_wire){.key = (k), .kind = MTH_WIRE_VALUE, .value = MTH_ARG_DS((k), (n), (v))})
#define MTH_WIRE_T(k, c) ((mth_wire){.key = (k), .kind = MTH_WIRE_CONSTANT, .constant = (c)})
// MTH_WIRE_AS("input", .name = "x", .shape = &shape, .differentiable = true)
#define MTH_WIRE_AS(k, ...)                                                                        \
  ((mth_wire){.key = (k), .kind = MTH_WIRE_KEY, .facts = &(mth_facts){__VA_ARGS__}})
// A named output that is an output of the model (rule R10).
#define MTH_WIRE_OUT(k, n) MTH_WIRE_AS(k, .name = (n), .expose = true)
#define MTH_WIRE_PARTS(k, n, p)                                                                    \
  ((mth_wire){.key = (k), .kind = MTH_WIRE_LIST, .part_count = (n), .parts = (p)})

// Adds a child and wires what is given (`|=`). An input of the child that is not given becomes an
// input of the parent; an output a latent output.
//
// `name`  the child's name in the parent; NULL: after its class, numbered when the parent freezes.
// Owns    takes `child` on success; it is frozen from then on. After a failure it is the caller's.
// Fails   MTH_INVALID: the parent is frozen or has a parent itself; the child has a parent or is
//         the parent; a name that is taken; an unknown key; a connection from elsewhere; a net
//         with two drivers; a cycle; a conflict of shapes, types or values.
MTH_MUST_USE mth_status mth_model_add(mth_model *parent, mth_model *child, const char *name,
                                      const mth_wire *wires, size_t wire_count);
// Adds a child and also wires the chain's output to the one canonical input of the child that is
// still free (`+=`). If the parent is empty, or none is free, it is mth_model_add.
//
// Fails   as mth_model_add; several inputs are free; there is no chain output.
MTH_MUST_USE mth_status mth_model_append(mth_model *parent, mth_model *child, const char *name,
                                         const mth_wire *wires, size_t wire_count);
// A tensor input that no child uses yet; `facts` may be NULL, their name too or the same.
// Fails  MTH_INVALID: a name that is taken or malformed; the model is frozen or an op.
MTH_MUST_USE mth_status mth_model_add_input(mth_model *model, const char *name,
                                            const mth_facts *facts,
                                            mth_connection **out_connection);
// A constant tensor as an unnamed connection, for children to use.
MTH_MUST_USE mth_status mth_model_add_constant(mth_model *model, const mth_constant *constant,
                                               mth_connection **out_connection);
// Names a dim of a key: where the model is wired, MTH_WIRE_I(name, 2048) states it (rule R8), also
// before the rank of the key is known. A negative axis counts from the end.
// Fails  MTH_INVALID: a key or dim of that name; an argument; the model is frozen or an op.
MTH_MUST_USE mth_status mth_model_name_dim(mth_model *model, const char *name,
                                           mth_connection *connection, int64_t axis);
// Makes a connection of the model, or of something inside it, an output of the model (an external
// input, if it is an input), under a new name if `as` is not NULL. An unnamed one needs a name.
// Fails  MTH_INVALID: the model is frozen; no name; a name that is taken; a connection from
//        elsewhere.
MTH_MUST_USE mth_status mth_model_expose(mth_model *model, mth_connection *connection,
                                         const char *as);
typedef struct mth_named_output {
  const char *name; // NULL: the connection's own
  mth_connection *connection;
} mth_named_output;
// Exposes all of them, or after a failure none.
MTH_MUST_USE mth_status mth_model_expose_all(mth_model *model, const mth_named_output *outputs,
                                             size_t output_count);
// Makes two or more connections of the model one net, under `name` if it is not NULL.
// Whoever holds one of them holds the merged one.
// Fails   MTH_INVALID: two are outputs; two have names and no name is given; a cycle; a conflict.
MTH_MUST_USE mth_status mth_model_merge(mth_model *model, mth_connection *const *connections,
                                        size_t count, const char *name);
// Replaces the set of canonical inputs or outputs. The chain output becomes the only output given,
// or none.
MTH_MUST_USE mth_status mth_model_set_canonical_inputs(mth_model *model,
                                                       mth_connection *const *connections,
                                                       size_t count);
MTH_MUST_USE mth_status mth_model_set_canonical_outputs(mth_model *model,
                                                        mth_connection *const *connections,
                                                        size_t count);
// Ends composing: canonical outputs become outputs, children without a name get one. A frozen
// model, and one whose constructor froze it, stays so.
MTH_MUST_USE mth_status mth_model_freeze(mth_model *model);

// ---- Asking -------------------------------------------------------------------------------------

mth_context *mth_model_context(const mth_model *model);
const char *mth_model_class_name(const mth_model *model);
const char *mth_model_name(const mth_model *model); // as a child; NULL while it has none
mth_model *mth_model_parent(const mth_model *model);
const mth_op *mth_model_op(const mth_model *model); // NULL: a composite
bool mth_model_is_frozen(const mth_model *model);
size_t mth_model_child_count(const mth_model *model);
mth_model *mth_model_child(const mth_model *model, size_t index);
mth_model *mth_model_find_child(const mth_model *model, const char *name); // NULL: none
// All connections in the order they were made; key_class filters.
size_t mth_model_connection_count(const mth_model *model);
mth_connection *mth_model_connection(const mth_model *model, size_t index);
// The connection with this key ("x", also "$3"), or NULL.
mth_connection *mth_model_find(const mth_model *model, const char *key);
// The same, reporting an unknown key with the keys that exist. For outputs and inputs of a chain
// see below.
MTH_MUST_USE mth_status mth_model_get(const mth_model *model, const char *key,
                                      mth_connection **out_connection);
// The canonical input and what `+=` continues from.
// Fails  MTH_INVALID: there is none, or several and no chain output; names the candidates.
MTH_MUST_USE mth_status mth_model_canonical_input(const mth_model *model,
                                                  mth_connection **out_connection);
MTH_MUST_USE mth_status mth_model_canonical_output(const mth_model *model,
                                                   mth_connection **out_connection);
size_t mth_model_canonical_input_count(const mth_model *model);
mth_connection *mth_model_canonical_input_at(const mth_model *model, size_t index);
size_t mth_model_canonical_output_count(const mth_model *model);
mth_connection *mth_model_canonical_output_at(const mth_model *model, size_t index);

// Adds the model as a tree: one line a child with its inputs and outputs, their shapes, families
// and what they lead to. `depth` levels below the model are shown.
void mth_model_tree(const mth_model *model, size_t depth, mth_text *text);
#endif
