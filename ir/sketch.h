// sketch.h: writing a composite as a formula. Public.
//
// A sketch is a model from its first input to its freezing; what is between are expressions
// (ir/expression.h). It remembers its first failure and then adds nothing: makers return NULL,
// which every maker accepts and passes on, so the status is asked for once, at mth_sketch_end.
//
//   mth_sketch s;
//   mth_sketch_begin(&s, context, "Silu");
//   mth_connection *x = mth_sketch_input(&s, "input");
//   mth_sketch_output(&s, mth_multiply(x, mth_sigmoid(x)), "output");
//   return mth_sketch_end(&s, &silu);
#ifndef MTH_IR_SKETCH_H
#define MTH_IR_SKETCH_H
#include "ir/expression.h"
#include "ir/model.h"

typedef struct mth_sketch {
  mth_context *context;
  mth_model *model;
  mth_status status;  // of the first failure
  bool has_canonical; // its canonical keys were chosen
} mth_sketch;

void mth_sketch_begin(mth_sketch *sketch, mth_context *context, const char *class_name);
// Freezes the composite and gives it away; after a failure destroys it and returns what failed.
MTH_MUST_USE mth_status mth_sketch_end(mth_sketch *sketch, mth_model **out_model);

// An input of the composite. Its order among the keys is the order of these calls.
mth_connection *mth_sketch_input(mth_sketch *sketch, const char *name);
// An input with a shape and a start that training changes.
mth_connection *mth_sketch_parameter(mth_sketch *sketch, const char *name, mth_shape shape,
                                     mth_initializer initializer);
// mth_model_name_dim in the composite.
void mth_sketch_name_dim(mth_sketch *sketch, const char *name, mth_connection *connection,
                         int64_t axis);
void mth_sketch_output(mth_sketch *sketch, mth_connection *connection, const char *name);

// The canonical keys of the composite. Without this call: the input `input`, else the first that is
// no parameter; the first output.
void mth_sketch_canonical(mth_sketch *sketch, size_t input_count, mth_connection *const *inputs,
                          mth_connection *output);

// A rank-0 float constant.
mth_connection *mth_sketch_number(mth_sketch *sketch, double value);
mth_connection *mth_sketch_float(mth_sketch *sketch, const mth_arg *value); // also a named one
// mth_express in the composite.
mth_connection *mth_sketch_op(mth_sketch *sketch, const char *op, size_t operand_count,
                              mth_connection *const *operands, size_t arg_count,
                              const mth_arg *args);
mth_connection *mth_sketch_unary(mth_sketch *sketch, const char *op, mth_connection *x);
mth_connection *mth_sketch_binary(mth_sketch *sketch, const char *op, mth_connection *x,
                                  mth_connection *y);
// Adds a model and returns it. Takes `child` in any case; NULL is a failure that was reported.
mth_model *mth_sketch_child(mth_sketch *sketch, mth_model *child, const char *name,
                            const mth_wire *wires, size_t wire_count);
// The connection of a child, or of the composite itself, under this key.
mth_connection *mth_sketch_key(mth_sketch *sketch, const mth_model *model, const char *key);

// The dim of a connection; NULL after a failure.
const mth_dim *mth_sketch_dim(mth_sketch *sketch, mth_connection *connection, int64_t axis);
void mth_sketch_shape(mth_sketch *sketch, mth_connection *connection, mth_shape shape);
// Ops whose arguments are dims or axes.
mth_connection *mth_sketch_reshape(mth_sketch *sketch, mth_connection *x, size_t rank,
                                   const mth_dim *const *dims);
mth_connection *mth_sketch_transpose(mth_sketch *sketch, mth_connection *x, size_t rank,
                                     const int64_t *axes);
#endif
