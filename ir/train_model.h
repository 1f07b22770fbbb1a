// train_model.h: a model and what it is trained for: losses, regularizers, metrics. Public.
//
//   mth_train_model *train = NULL;
//   mth_model *model = NULL;
//   MTH_TRY(mth_train_model_create(context, net, &train));
//   MTH_TRY(mth_train_model_add_loss(train, squared_error, wires, 2, NULL));
//   MTH_TRY(mth_train_model_add_regularization(train, l2, MTH_COEF(0.1), &weight, 1, NULL));
//   MTH_TRY(mth_train_model_finalize(train, &model)); // compiles as any other; minimise final_cost
//
// A TrainModel is a model around the given one. The inputs of the given one are its inputs (unnamed
// ones get the names of ir/display_names.h), its outputs are outputs. `loss` and `final_cost` are
// names of its own. It takes no other children, and is nobody's child.
//
// Every call that adds something takes the models it is given when it succeeds; a refused call
// changes nothing and leaves them to the caller. Wires are those of mth_model_add.
#ifndef MTH_IR_TRAIN_MODEL_H
#define MTH_IR_TRAIN_MODEL_H
#include "ir/model_summary.h"

typedef struct mth_train_model mth_train_model;

// Takes `model`, which ends being composed.
// Fails  MTH_INVALID: it has a parent, no output, or a key `loss` or `final_cost`.
MTH_MUST_USE mth_status mth_train_model_create(mth_context *context, mth_model *model,
                                               mth_train_model **out_train);
void mth_train_model_destroy(mth_train_model *train); // NULL is ignored
// The model that grows, lent: to ask about, and to state shapes, types and values of.
mth_model *mth_train_model_get(const mth_train_model *train);

// A factor: none, a number, or a tensor.
typedef struct mth_coef {
  enum { MTH_COEF_NONE, MTH_COEF_NUMBER, MTH_COEF_TENSOR } kind;
  double number;
  const mth_constant *tensor;
} mth_coef;

#define MTH_COEF(v) ((mth_coef){.kind = MTH_COEF_NUMBER, .number = (v)})
#define MTH_COEF_OF(constant) ((mth_coef){.kind = MTH_COEF_TENSOR, .tensor = (constant)})

typedef struct mth_loss_options {
  size_t struct_bytes;     // sizeof(mth_loss_options)
  mth_model *const *steps; // applied in turn to what the loss gives, each through its one
  size_t step_count;       // canonical input. 0: one Mean
  mth_coef coef;           // multiplies the result
  const char *key_name;    // names the result and makes it an output; NULL: neither
} mth_loss_options;

// Adds a loss: any model of one output, a part of the cost. `options` may be NULL.
//
// Wires  lead to the inputs of `loss`: all that have no value, at least one of them to an output
//        of the model. A name that is new becomes an input ("target"); a connection must be one
//        of the outputs.
// Fails  MTH_INVALID, as mth_model_add and for wires other than these; a loss or step that has not
//        one output; a step of more than one canonical input; a finalized model.
MTH_MUST_USE mth_status mth_train_model_add_loss(mth_train_model *train, mth_model *loss,
                                                 const mth_wire *wires, size_t wire_count,
                                                 const mth_loss_options *options);

typedef struct mth_regularization_options {
  size_t struct_bytes;  // sizeof(mth_regularization_options)
  const char *reg_key;  // the input that is regularized; NULL: the canonical one
  const char *key_name; // as of a loss
  // Instead of wires, for a model of one input: each trainable input whose name this regular
  // expression is found in (ir/pattern.h) gets a copy of the model.
  const char *pattern;
  const char *const *found; // the inputs that a pattern finds, where it could find more; in the
  size_t found_count;       // order of the model's keys. NULL: all
} mth_regularization_options;

// Adds coef times what `model` gives to the cost. `options` may be NULL.
//
// Wires    name exactly the inputs of `model` that have no value; one at least leads to an input
//          that is there and can be trained.
// Numbers  coef is divided by the geometric mean, over the losses that depend on the regularized
//          input, of the number of elements over which each takes its mean, minimum or maximum.
//          So its meaning does not change with the size of a batch.
// Fails    as mth_train_model_add_loss; no coefficient; a pattern that matches nothing, or not what
//          it is said to find.
MTH_MUST_USE mth_status mth_train_model_add_regularization(
    mth_train_model *train, mth_model *model, mth_coef coef, const mth_wire *wires,
    size_t wire_count, const mth_regularization_options *options);

typedef struct mth_metric_options {
  size_t struct_bytes;     // sizeof(mth_metric_options)
  mth_model *const *steps; // as of a loss
  size_t step_count;       // 0: none
  const char *key_name;    // NULL: the class of the metric in small letters, numbered if taken
} mth_metric_options;

// Adds an output that is no part of the cost. Wires and failures as of a loss.
MTH_MUST_USE mth_status mth_train_model_add_metric(mth_train_model *train, mth_model *metric,
                                                   const mth_wire *wires, size_t wire_count,
                                                   const mth_metric_options *options);

// What several losses, joined to one tensor of rank 1, become one number by. Until it is set: Sum.
// Fails  MTH_INVALID: it has not one canonical input and one output, or has a parent.
MTH_MUST_USE mth_status mth_train_model_set_loss_combiner(mth_train_model *train,
                                                          mth_model *combiner);

// Puts the cost together and freezes: from now on nothing can be added. The model, lent, has the
// output `final_cost`; it compiles as any other. A second call gives the same.
//
//   final_cost = loss + sum over the coefficients c of c * sum(regularizers of c)
//
// Fails  MTH_INVALID: there is no loss; shapes that contradict each other.
MTH_MUST_USE mth_status mth_train_model_finalize(mth_train_model *train, mth_model **out_model);

// ---- Asking -------------------------------------------------------------------------------------

// What was added. Lent; lives as long as the TrainModel.
typedef struct mth_train_term {
  mth_model *model; // a child, wired; of a pattern: the model that was copied, not wired
  size_t step_count;
  mth_model *const *steps; // children; a metric or a loss without steps of its own has the default
  mth_coef coef;
  const char *key_name, *reg_key, *pattern; // NULL: none
  size_t copy_count;
  mth_model *const *copies; // of a regularizer: the children; itself, if it has no pattern
} mth_train_term;

size_t mth_train_model_loss_count(const mth_train_model *train);
const mth_train_term *mth_train_model_loss(const mth_train_model *train, size_t index);
size_t mth_train_model_regularization_count(const mth_train_model *train);
const mth_train_term *mth_train_model_regularization(const mth_train_model *train, size_t index);
size_t mth_train_model_metric_count(const mth_train_model *train);
const mth_train_term *mth_train_model_metric(const mth_train_model *train, size_t index);
const mth_model *mth_train_model_loss_combiner(const mth_train_model *train); // NULL: not set
mth_model *mth_train_model_inner(const mth_train_model *train); // the model that was given

// Adds the tables of mth_model_summary, then one each of the losses, the regularizers and the
// metrics, if there are any. `options` may be NULL.
void mth_train_model_summary(const mth_train_model *train, const mth_summary_options *options,
                             mth_text *text);
#endif
