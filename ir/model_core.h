// model_core.h: steps that the calls on models share. Private to ir/; each runs inside a call that
// the journal can undo, or on a model that nobody else sees yet.
#ifndef MTH_IR_MODEL_CORE_H
#define MTH_IR_MODEL_CORE_H
#include "ir/graph.h"

// A call that changes models: everything since `begin` is undone unless `end` is given MTH_OK.
typedef struct mth_change {
  mth_context *context;
  size_t journal_mark;
  mth_solver_mark solver_mark;
} mth_change;

mth_change mth_change_begin(mth_context *context);
mth_status mth_change_end(mth_change change, mth_status status);
void mth_change_undo(mth_change change); // for what was only tried

// Places for reports. `where` is the storage of the text.
mth_location mth_model_at(const mth_model *model, char *where, size_t where_bytes);
mth_location mth_connection_at(const mth_connection *connection, char *where, size_t where_bytes);
// One more of a list of names: "y", or "$2 (Relu.output)" of a key without a name.
void mth_connection_add_name(const mth_connection *connection, mth_text *text);

MTH_MUST_USE mth_status mth_model_make(mth_context *context, const char *class_name,
                                       mth_model **out_model);
// Storage that dies with the model, or NULL.
void *mth_model_own(mth_model *model, size_t count, size_t element_bytes);
// A copy of a constant that does.
// Fails  MTH_INVALID at `at`: no data, a dtype that no constant has, a negative extent.
MTH_MUST_USE mth_status mth_model_own_constant(mth_model *owner, const mth_constant *constant,
                                               mth_location at, const mth_constant **out_constant);
MTH_MUST_USE mth_status mth_model_make_connection(mth_model *model, const char *name, mth_net *net,
                                                  mth_key_class class_,
                                                  mth_connection **out_connection);
void mth_model_list_keys(const mth_model *model, mth_text *text); // "input, weight"

mth_model *mth_outermost(mth_model *model);
MTH_MUST_USE mth_status mth_check_class_name(mth_context *context, const char *name);
// A connection that nothing uses any more is no key of its model; its storage stays. After one or
// many, mth_model_drop_forgotten takes them out of the model's lists, in one walk.
MTH_MUST_USE mth_status mth_connection_forget(mth_connection *connection);
MTH_MUST_USE mth_status mth_model_drop_forgotten(mth_model *model);
// Refuses a model that can not be extended.
MTH_MUST_USE mth_status mth_model_check_open(const mth_model *model);
// Refuses a cycle that would be closed if `produced`, a child's, made `outer`: a path from what
// reads `outer` to the child. Children are taken as a whole: all their inputs reach all their
// outputs.
//
// Numbers  without a path to look for, if every child stands behind those that make what it reads;
//          else as many steps as the smaller of what reads `outer` and of what the child needs.
MTH_MUST_USE mth_status mth_check_no_cycle(const mth_connection *outer,
                                           const mth_connection *produced);
// The two nets become one; an input that thereby has a value is canonical no more.
MTH_MUST_USE mth_status mth_attach_net(mth_connection *outer, const mth_connection *inner);
// `inner`, a child's, comes to lead to `outer`, which exists.
MTH_MUST_USE mth_status mth_attach(mth_connection *outer, mth_connection *inner);
// The model's view of a connection of its own or of something inside it; views in between are made.
// Fails  MTH_INVALID: NULL, or a connection from elsewhere.
MTH_MUST_USE mth_status mth_lift(mth_model *model, mth_connection *connection,
                                 mth_connection **out_connection);
MTH_MUST_USE mth_status mth_connection_rename_inside(mth_connection *connection, const char *name);
MTH_MUST_USE mth_status mth_model_expose_inside(mth_model *model, mth_connection *connection,
                                                const char *as);
// Freezing, inside a change.
MTH_MUST_USE mth_status mth_model_freeze_inside(mth_model *model);
// The key of an op that takes several tensors (lent), and the index of the first of the `count`
// connections "input1", ... that it becomes.
const char *mth_op_model_list_key(const mth_model *model);
MTH_MUST_USE mth_status mth_op_model_spread(mth_model *model, size_t count, size_t *out_first);

// Adds a child inside a change, as mth_model_add; the model may be frozen.
MTH_MUST_USE mth_status mth_model_add_inside(mth_model *model, mth_model *child, const char *name,
                                             const mth_wire *wires, size_t wire_count);
// Makes an op and adds it inside a change, to be destroyed if that is undone.
MTH_MUST_USE mth_status mth_model_add_op(mth_model *model, const char *op, const mth_arg *args,
                                         size_t arg_count, const char *name, const mth_wire *wires,
                                         size_t wire_count, mth_model **out_child);
// A connection of the parent, called `name` if that is not NULL, for `inner` alone.
MTH_MUST_USE mth_status mth_attach_fresh(mth_model *parent, mth_connection *inner, const char *name,
                                         mth_connection **out_outer);
// A child of the model that makes a tensor of `value`, an argument; it leads to `into`, or to a
// connection of its own if that is NULL. Inside a change.
MTH_MUST_USE mth_status mth_convert(mth_model *model, mth_connection *value, mth_connection *into,
                                    mth_connection **out_tensor);
// Is it a list of numbers, or a dim, for a tensor key? Such a value needs a conversion.
bool mth_converts(const mth_connection *key, const mth_arg *value);
// A child of the model that makes a tensor of a value. Inside a change.
MTH_MUST_USE mth_status mth_convert_value(mth_model *model, const mth_arg *value,
                                          mth_connection **out_tensor);
// Refuses NULL and a connection from elsewhere.
MTH_MUST_USE mth_status mth_check_visible(const mth_model *model, const mth_connection *connection);
// Makes an op of an expression a child, inside a change, and first the ops that it needs.
MTH_MUST_USE mth_status mth_settle(mth_model *op);
// Drops the ops of expressions that nothing uses: their rules hold no longer.
MTH_MUST_USE mth_status mth_drop_unused(mth_model *model);
// For readers of documents. Moves these connections of the model to the front, in this order; says
// where the chain goes on (NULL: nowhere).
MTH_MUST_USE mth_status mth_model_order_keys(mth_model *model, mth_connection *const *first,
                                             size_t count);
MTH_MUST_USE mth_status mth_model_set_chain(mth_model *model, mth_connection *output);
// Keys without a name get these numbers ("$3"), in their order; `last` is the last number that was
// given out. The model may be frozen.
MTH_MUST_USE mth_status mth_model_set_numbers(mth_model *model, size_t count, const size_t *numbers,
                                              size_t last);
// Of what leads to a key of the model, this connection inside of it is the first.
MTH_MUST_USE mth_status mth_model_set_first_use(mth_model *model, mth_connection *inner);

// The parent carries the states of a child that was attached.
MTH_MUST_USE mth_status mth_state_lift(mth_model *parent, const mth_model *child);
// Tells the solver that an input and its partner are of one type.
MTH_MUST_USE mth_status mth_state_link(const mth_connection *input);

// Letters, digits and '_', not beginning with a digit.
bool mth_is_name(const char *name);
// Refuses a key that is no name, is taken, or is reserved.
MTH_MUST_USE mth_status mth_model_check_key(const mth_model *model, const char *name,
                                            bool is_input);

// Dims that have names. A wire to one is checked before, and stated after keys are attached.
typedef struct mth_named_dim {
  const char *name;           // interned
  mth_connection *connection; // through mth_named_dim_key
  int32_t axis;
} mth_named_dim;
mth_connection *mth_named_dim_key(const mth_named_dim *dim);
const mth_named_dim *mth_find_named_dim(const mth_model *model, const char *name); // or NULL
MTH_MUST_USE mth_status mth_named_dim_check(const mth_model *model, const mth_named_dim *dim,
                                            const mth_wire *wire);
MTH_MUST_USE mth_status mth_named_dim_state(const mth_named_dim *dim, const mth_arg *value);
void mth_named_dims_list(const mth_model *model, mth_text *text); // " and the dim input_size"
MTH_MUST_USE mth_status mth_named_dims_copy(const mth_model *model, mth_model *copy);

// The net that a connection sees.
mth_net *mth_net_of(const mth_connection *connection);
// Whether it leads to an input that holds a state.
bool mth_connection_holds_state(const mth_connection *connection);
// The connection that this one was merged into; itself, if it was not merged.
mth_connection *mth_connection_now(const mth_connection *connection);
// A new net that dies with `owner`; `origin` is interned.
MTH_MUST_USE mth_status mth_net_make_tensor(mth_model *owner, mth_family families,
                                            const char *origin, mth_net **out_net);
MTH_MUST_USE mth_status mth_net_make_arg(mth_model *owner, mth_arg_kind kind, const char *origin,
                                         mth_net **out_net);
// Makes the net of `inner` the net of `outer`. What is known of both must agree.
MTH_MUST_USE mth_status mth_net_merge(const mth_connection *outer, const mth_connection *inner);
bool mth_net_is_valued(const mth_connection *connection); // it was given one
// Messages call the net "<owner>.<key>".
MTH_MUST_USE mth_status mth_net_set_label(mth_context *context, const mth_net *net,
                                          const char *owner, const char *key);
// Tells the solver of the op of a model whose op_keys are set.
MTH_MUST_USE mth_status mth_net_apply(mth_model *model);
// The rule of an op holds no longer; what it stated does.
MTH_MUST_USE mth_status mth_net_retire(const mth_model *op);
// The net is called after `origin` from now on.
MTH_MUST_USE mth_status mth_net_set_origin(mth_context *context, mth_net *net, const char *origin);

// What the solver is told, inside a change. Values and constants are the model's already.
MTH_MUST_USE mth_status mth_net_restrict(const mth_connection *connection, mth_family families);
// Local names of the templates mean the same dim in all of them.
MTH_MUST_USE mth_status mth_net_restrict_shapes(size_t count, mth_connection *const *connections,
                                                const mth_shape *shapes);
MTH_MUST_USE mth_status mth_net_set_value(const mth_connection *connection, const mth_arg *value);
MTH_MUST_USE mth_status mth_net_set_constant(mth_connection *connection,
                                             const mth_constant *constant);
// What the solver knows. A dim or value with everything known put in.
MTH_MUST_USE mth_status mth_net_dim(const mth_connection *connection, int32_t axis,
                                    const mth_dim **out_dim);
const mth_dim *mth_context_resolve(mth_context *context, const mth_dim *dim); // NULL: no memory

// States facts of a connection, inside a change.
MTH_MUST_USE mth_status mth_connection_state(mth_connection *connection, const mth_facts *facts);
MTH_MUST_USE mth_status mth_connection_give(mth_connection *connection, const mth_arg *value);
MTH_MUST_USE mth_status mth_connection_give_constant(mth_connection *connection,
                                                     const mth_constant *constant);
#endif
