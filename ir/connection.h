// connection.h: a key of a model, and what is known of it.
//
// A connection is one model's view of a net; parent and child see the same net through connections
// of their own. Every call that states a fact runs inference at once. A fact that contradicts the
// others is refused with MTH_INVALID and changes nothing.
#ifndef MTH_IR_CONNECTION_H
#define MTH_IR_CONNECTION_H
#include "ir/dim.h"
#include "ir/op.h"
#include "ir/shape.h"
#include "ir/text.h"
#include "runtime/program.h"

typedef struct mth_connection mth_connection;
typedef struct mth_model mth_model;

// What a connection is to its model.
typedef enum mth_key_class {
  MTH_KEY_INPUT,         // driven from outside
  MTH_KEY_LATENT_INPUT,  // had a value before it was connected: not external
  MTH_KEY_OUTPUT,        // exposed
  MTH_KEY_LATENT_OUTPUT, // made inside, used by nobody inside, not exposed
  MTH_KEY_INTERNAL,      // made and used inside
} mth_key_class;

// A constant tensor: `data` in row-major order, copied by the call that takes it.
typedef struct mth_constant {
  mth_dtype dtype; // MTH_F64, MTH_I64 or MTH_BOOL (one byte each): the family and the storage
  size_t rank;
  const int64_t *extents;
  const void *data;
  mth_named_number named; // of one float: `data` is its value at 64 bits, programs have theirs
} mth_constant;

// How a parameter starts, or another input whose caller keeps it from run to run: a state, or the
// moments of an optimizer, so that an input need be neither trained nor bound to have one. With `fan`, a and b are divided by sqrt(fan): a dim that may become known
// as late as compile. A fan of 0, of a layer without inputs, starts all at 0.
typedef struct mth_initializer {
  mth_init_kind kind;
  double a, b;
  const mth_dim *fan; // NULL: none
} mth_initializer;

// Questions. Names and texts are lent; "$3" is the name of a connection that has none.
mth_model *mth_connection_model(const mth_connection *connection);
const char *mth_connection_key(const mth_connection *connection);
bool mth_connection_is_named(const mth_connection *connection);
mth_key_class mth_connection_class(const mth_connection *connection);
bool mth_connection_is_tensor(const mth_connection *connection); // false: a compile-time argument
mth_family mth_connection_families(const mth_connection *connection); // a set: what is still open
bool mth_connection_is_differentiable(const mth_connection *connection); // marked as a parameter
const mth_initializer *mth_connection_initializer(const mth_connection *connection); // NULL: none
// The constant on the net (a tensor's), or NULL.
const mth_constant *mth_connection_constant(const mth_connection *connection);
// The value on the net (an argument's), or NULL while it is not known.
const mth_arg *mth_connection_value(const mth_connection *connection);
// -1 while the rank is not known.
int32_t mth_connection_rank(const mth_connection *connection);
// The dim at `axis` (negative counts from the end): an expression, a bare symbol while nothing is
// known. It may be used in arguments and shapes anywhere, and is the same dim forever.
// Fails  MTH_INVALID: not a tensor, rank not known, axis out of range.
MTH_MUST_USE mth_status mth_connection_dim(mth_connection *connection, int64_t axis,
                                           const mth_dim **out_dim);
// States the rank and gives the dims, as `B, C, H, W = x.shape` does: each may be used as by
// mth_connection_dim, also while nothing is known of it. `out_dims` has room for `rank`.
// Fails  MTH_INVALID: not a tensor, another rank.
MTH_MUST_USE mth_status mth_connection_unpack(mth_connection *connection, size_t rank,
                                              const mth_dim **out_dims);
// Adds the shape: "[2, u1, (V1, ...)]", unknown dims numbered within this text; declared ones by
// name; "--" for an argument.
void mth_connection_shape_text(const mth_connection *connection, mth_text *text);

// Facts.
MTH_MUST_USE mth_status mth_connection_set_shape(mth_connection *connection, mth_shape shape);
// Several at once: local names mean the same dim in all of them.
MTH_MUST_USE mth_status mth_connections_set_shapes(size_t count, mth_connection *const *connections,
                                                   const mth_shape *shapes);
// Leaves only these element families. Fails if none of the present ones remains.
MTH_MUST_USE mth_status mth_connection_set_families(mth_connection *connection,
                                                    mth_family families);
// Gives an input its value: an argument's (the key of `value` is ignored), or a rank-0 tensor's.
// Integers of arguments may be symbolic: MTH_ARG_DIM for MTH_ARG_INT, MTH_ARG_DIMS for a list.
// Fails  MTH_INVALID: not an input; a different value is there already; the wrong kind.
MTH_MUST_USE mth_status mth_connection_set_value(mth_connection *connection, const mth_arg *value);
MTH_MUST_USE mth_status mth_connection_set_constant(mth_connection *connection,
                                                    const mth_constant *constant);
// true makes the tensor a float parameter, false takes it out of training.
MTH_MUST_USE mth_status mth_connection_set_differentiable(mth_connection *connection,
                                                          bool differentiable);
MTH_MUST_USE mth_status mth_connection_set_initializer(mth_connection *connection,
                                                       mth_initializer initializer);

// Names.
// Fails  MTH_INVALID: the model has that key already; "" or a name that begins with '$'; `input`
//        for what is not an input; the model is frozen.
MTH_MUST_USE mth_status mth_connection_rename(mth_connection *connection, const char *name);
#endif
