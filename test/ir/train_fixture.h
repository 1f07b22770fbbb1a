// train_fixture.h: what tests of a TrainModel share.
#ifndef MTH_TEST_IR_TRAIN_FIXTURE_H
#define MTH_TEST_IR_TRAIN_FIXTURE_H
#include "ir/model_core.h"
#include "test/ir/model_fixture.h"

static inline mth_model *new_class(mth_context *context, const char *name) {
  mth_model *model = NULL;
  EXPECT_INT(mth_model_create_class(context, name, NULL, 0, &model), MTH_OK);
  return model;
}

// The external keys, in order.
static inline const char *keys_of(const mth_model *model, char storage[256]) {
  size_t used = 0;
  storage[0] = 0;
  for (size_t i = 0; i < mth_model_connection_count(model); i++) {
    const mth_connection *c = mth_model_connection(model, i);
    if (mth_connection_class(c) != MTH_KEY_INPUT && mth_connection_class(c) != MTH_KEY_OUTPUT)
      continue;
    used += (size_t)snprintf(storage + used, 256 - used, "%s%s", used ? " " : "",
                             mth_connection_key(c));
  }
  return storage;
}

// A TrainModel around `model`.
static inline mth_train_model *new_train(mth_context *context, mth_model *model) {
  mth_train_model *train = NULL;
  EXPECT_INT(mth_train_model_create(context, model, &train), MTH_OK);
  return train;
}

// Adds a squared error between `output` and `target`.
static inline mth_status add_error(mth_train_model *train, const char *output, const char *target,
                                   const mth_loss_options *options) {
  mth_model *error = new_op(mth_model_context(mth_train_model_get(train)), "SquaredError");
  const mth_wire wires[] = {MTH_WIRE("input", output), MTH_WIRE("target", target)};
  const mth_status status = mth_train_model_add_loss(train, error, wires, 2, options);
  if (status != MTH_OK) mth_model_destroy(error);
  return status;
}

// Adds `coef` times the sum of the input `name`.
static inline mth_status add_sum(mth_train_model *train, mth_coef coef, const char *name) {
  mth_model *sum = new_op(mth_model_context(mth_train_model_get(train)), "Sum");
  const mth_wire wire = MTH_WIRE("input", name);
  const mth_status status = mth_train_model_add_regularization(train, sum, coef, &wire, 1, NULL);
  if (status != MTH_OK) mth_model_destroy(sum);
  return status;
}

// The children of a model and what their inputs lead to: "Linear(weight, input, bias) Mean($4)".
// What has a name in the model is called so, else after the child that makes it.
static inline const char *children_of(const mth_model *model, char storage[2048]) {
  size_t used = 0;
  storage[0] = 0;
  for (size_t i = 0; i < mth_model_child_count(model); i++) {
    const mth_model *child = mth_model_child(model, i);
    used += (size_t)snprintf(storage + used, 2048 - used, "%s%s(", i ? " " : "",
                             mth_model_class_name(child));
    size_t shown = 0;
    for (size_t j = 0; j < mth_model_connection_count(child); j++) {
      const mth_connection *outer = mth_model_connection(child, j)->outer;
      if (!outer || mth_model_connection(child, j)->is_produced) continue;
      const char *name = outer->name                ? outer->name
                         : outer->producer          ? outer->producer->model->name
                         : mth_net_is_valued(outer) ? "value"
                                                    : outer->key;
      if (!name) name = outer->producer->model->class_name;
      used += (size_t)snprintf(storage + used, 2048 - used, "%s%s", shown++ ? ", " : "", name);
    }
    used += (size_t)snprintf(storage + used, 2048 - used, ")");
  }
  return storage;
}
#endif
