// sketch.c: composites written as formulas.
#include "ir/sketch.h"

// Keeps the first failure; true if all is well.
static bool keep(mth_sketch *sketch, mth_status status) {
  if (sketch->status == MTH_OK) sketch->status = status;
  return sketch->status == MTH_OK;
}

// What an expression gave; if nothing, why.
static mth_connection *made(mth_sketch *sketch, mth_connection *connection) {
  if (!connection && sketch->status == MTH_OK)
    sketch->status = mth_model_take_failure(sketch->model);
  return connection;
}

void mth_sketch_begin(mth_sketch *sketch, mth_context *context, const char *class_name) {
  *sketch = (mth_sketch){.context = context};
  sketch->status = mth_model_create(context, class_name, &sketch->model);
}

// What `+=` wires: `input` if there is such a key, else the first input that is no parameter.
static mth_status choose_canonical_input(mth_model *model) {
  mth_connection *chosen = mth_model_find(model, "input");
  for (size_t i = 0; !chosen && i < mth_model_connection_count(model); i++) {
    mth_connection *c = mth_model_connection(model, i);
    if (mth_connection_class(c) == MTH_KEY_INPUT && mth_connection_is_tensor(c) &&
        !mth_connection_is_differentiable(c))
      chosen = c;
  }
  return mth_model_set_canonical_inputs(model, &chosen, chosen ? 1 : 0);
}

// The first output is what a chain continues from.
static mth_status choose_canonical_output(mth_model *model) {
  for (size_t i = 0; i < mth_model_connection_count(model); i++) {
    mth_connection *c = mth_model_connection(model, i);
    if (mth_connection_class(c) == MTH_KEY_OUTPUT)
      return mth_model_set_canonical_outputs(model, &c, 1);
  }
  return MTH_OK;
}

void mth_sketch_canonical(mth_sketch *sketch, size_t input_count, mth_connection *const *inputs,
                          mth_connection *output) {
  sketch->has_canonical = true;
  if (sketch->status == MTH_OK)
    keep(sketch, mth_model_set_canonical_inputs(sketch->model, inputs, input_count));
  if (sketch->status == MTH_OK)
    keep(sketch, mth_model_set_canonical_outputs(sketch->model, &output, 1));
}

mth_status mth_sketch_end(mth_sketch *sketch, mth_model **out_model) {
  if (sketch->status == MTH_OK) keep(sketch, mth_model_take_failure(sketch->model));
  const bool chooses = !sketch->has_canonical;
  if (sketch->status == MTH_OK && chooses) keep(sketch, choose_canonical_input(sketch->model));
  if (sketch->status == MTH_OK && chooses) keep(sketch, choose_canonical_output(sketch->model));
  if (sketch->status == MTH_OK) keep(sketch, mth_model_freeze(sketch->model));
  if (sketch->status == MTH_OK)
    *out_model = sketch->model;
  else
    mth_model_destroy(sketch->model);
  sketch->model = NULL;
  return sketch->status;
}

static mth_connection *add_input(mth_sketch *sketch, const char *name, const mth_facts *facts) {
  mth_connection *input = NULL;
  if (sketch->status == MTH_OK)
    keep(sketch, mth_model_add_input(sketch->model, name, facts, &input));
  return input;
}

mth_connection *mth_sketch_input(mth_sketch *sketch, const char *name) {
  return add_input(sketch, name, NULL);
}

mth_connection *mth_sketch_parameter(mth_sketch *sketch, const char *name, mth_shape shape,
                                     mth_initializer initializer) {
  const mth_facts facts = {.shape = &shape, .differentiable = true, .initializer = &initializer};
  return add_input(sketch, name, &facts);
}

void mth_sketch_name_dim(mth_sketch *sketch, const char *name, mth_connection *connection,
                         int64_t axis) {
  if (sketch->status == MTH_OK)
    keep(sketch, mth_model_name_dim(sketch->model, name, connection, axis));
}

void mth_sketch_output(mth_sketch *sketch, mth_connection *connection, const char *name) {
  if (sketch->status == MTH_OK) keep(sketch, mth_model_expose(sketch->model, connection, name));
}

mth_connection *mth_sketch_number(mth_sketch *sketch, double value) {
  return mth_sketch_float(sketch, &MTH_ARG_F(NULL, value));
}

mth_connection *mth_sketch_float(mth_sketch *sketch, const mth_arg *value) {
  const mth_constant constant = {.dtype = MTH_F64, .data = &value->f, .named = value->named};
  mth_connection *number = NULL;
  if (sketch->status == MTH_OK)
    keep(sketch, mth_model_add_constant(sketch->model, &constant, &number));
  return number;
}

mth_model *mth_sketch_child(mth_sketch *sketch, mth_model *child, const char *name,
                            const mth_wire *wires, size_t wire_count) {
  if (!child) keep(sketch, MTH_INVALID);
  if (sketch->status == MTH_OK &&
      keep(sketch, mth_model_add(sketch->model, child, name, wires, wire_count)))
    return child;
  mth_model_destroy(child);
  return NULL;
}

mth_connection *mth_sketch_op(mth_sketch *sketch, const char *op, size_t operand_count,
                              mth_connection *const *operands, size_t arg_count,
                              const mth_arg *args) {
  if (sketch->status != MTH_OK) return NULL;
  return made(sketch, mth_express(sketch->model, op, operand_count, operands, arg_count, args));
}

mth_connection *mth_sketch_unary(mth_sketch *sketch, const char *op, mth_connection *x) {
  return mth_sketch_op(sketch, op, 1, &x, 0, NULL);
}

mth_connection *mth_sketch_binary(mth_sketch *sketch, const char *op, mth_connection *x,
                                  mth_connection *y) {
  return mth_sketch_op(sketch, op, 2, (mth_connection *[]){x, y}, 0, NULL);
}

mth_connection *mth_sketch_key(mth_sketch *sketch, const mth_model *model, const char *key) {
  mth_connection *found = NULL;
  if (sketch->status != MTH_OK || !keep(sketch, mth_model_get(model, key, &found))) return NULL;
  return found;
}

const mth_dim *mth_sketch_dim(mth_sketch *sketch, mth_connection *connection, int64_t axis) {
  const mth_dim *dim = NULL;
  if (sketch->status != MTH_OK || !keep(sketch, mth_connection_dim(connection, axis, &dim)))
    return NULL;
  return dim;
}

void mth_sketch_shape(mth_sketch *sketch, mth_connection *connection, mth_shape shape) {
  if (sketch->status == MTH_OK) keep(sketch, mth_connection_set_shape(connection, shape));
}

mth_connection *mth_sketch_reshape(mth_sketch *sketch, mth_connection *x, size_t rank,
                                   const mth_dim *const *dims) {
  return mth_sketch_op(sketch, "reshape", 1, &x, 1, (mth_arg[]){MTH_ARG_DS("shape", rank, dims)});
}

mth_connection *mth_sketch_transpose(mth_sketch *sketch, mth_connection *x, size_t rank,
                                     const int64_t *axes) {
  return mth_sketch_op(sketch, "transpose", 1, &x, 1, (mth_arg[]){MTH_ARG_IS("axes", rank, axes)});
}
