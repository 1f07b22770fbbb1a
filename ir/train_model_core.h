// train_model_core.h: steps that the calls on a TrainModel share. Private to ir/.
#ifndef MTH_IR_TRAIN_MODEL_CORE_H
#define MTH_IR_TRAIN_MODEL_CORE_H
#include "ir/model_core.h"
#include "ir/train_model.h"

// Which elements a step of a loss folds to one.
typedef struct mth_train_fold {
  struct mth_train_fold *next; // of the same loss
  mth_model *step;
  mth_connection *input; // in the TrainModel
} mth_train_fold;

// A loss, a regularizer or a metric; a part of a regularizer for each of its copies.
typedef struct mth_train_part {
  mth_connection *output; // in the TrainModel: what it gives
  mth_connection *key;    // of a regularizer: the input that it regularizes
  mth_train_fold *folds;  // of a loss
} mth_train_part;

typedef struct mth_train_entry {
  mth_train_term term;
  const void *coef_identity; // of a tensor: where it was given
  size_t part_count;
  mth_train_part *parts;
} mth_train_entry;

struct mth_train_model {
  mth_model *model, *inner;                  // the TrainModel, and the model in it
  mth_list outputs;                          // connections of `model`: the outputs of `inner`
  mth_list losses, regularizations, metrics; // of mth_train_entry, which `model` owns
  mth_model *combiner;                       // NULL: not set. A child once finalized
};

// A call that adds to a TrainModel: undone if it fails, and then models that it made destroyed:
// not before, because the journal may hold storage of theirs.
typedef struct mth_train_change {
  mth_train_model *train;
  mth_change change;
  bool is_open;
  mth_arena arena;
  struct mth_train_made *made;
} mth_train_change;

// Fails if the model is finalized.
MTH_MUST_USE mth_status mth_train_begin(mth_train_model *train, mth_train_change *out_change);
// From here on what changes is undone if the call fails. Models are copied before.
void mth_train_open(mth_train_change *change);
mth_status mth_train_end(mth_train_change *change, mth_status status);

// A place for a model that this call makes; NULL without memory.
mth_model **mth_train_slot(mth_train_change *change);
// Makes an op whose tensor keys are, in order, `operands`, adds it and gives its output's
// connection in the TrainModel. A wire, if not NULL, leads another key of the op.
MTH_MUST_USE mth_status mth_train_op(mth_train_change *change, const char *op, size_t count,
                                     mth_connection *const *operands, const mth_wire *wire,
                                     mth_connection **out_output);
// The one output of a model; of one that is not frozen, what freezing would make one.
// Fails  MTH_INVALID: there is none, or more.
MTH_MUST_USE mth_status mth_train_find_output(const mth_model *child, mth_connection **out_output);
// Adds a child and gives the connection of its one output.
MTH_MUST_USE mth_status mth_train_add(mth_train_change *change, mth_model *child,
                                      const mth_wire *wires, size_t wire_count,
                                      mth_connection **out_output);
// value * coef; `value` itself if there is none. A tensor must be the model's.
MTH_MUST_USE mth_status mth_train_scale(mth_train_change *change, mth_connection *value,
                                        const mth_coef *coef, mth_connection **out_value);
// A term with what it keeps of the options; the texts and the tensor are copied.
MTH_MUST_USE mth_status mth_train_make_entry(mth_train_change *change, mth_model *model,
                                             const mth_coef *coef, const char *key_name,
                                             mth_train_entry **out_entry);
// Names a result and makes it an output; NULL does nothing.
MTH_MUST_USE mth_status mth_train_expose(mth_train_change *change, mth_connection *value,
                                         const char *key_name);

// Whether an input of the TrainModel can be trained: a tensor that may be float, without a value,
// not taken out of training.
bool mth_train_can_be_trained(const mth_connection *input);
// An input of a child that something must be given to.
bool mth_train_is_open_input(const mth_connection *key);
// The name of the key that a wire leads to; NULL: it says none.
const char *mth_train_wire_name(const mth_wire *wire);
// Fails  MTH_INVALID at `at`: such an input of `model` has no wire; a wire leads to a name that is
//        the TrainModel's own. `what`: "loss", for the message.
MTH_MUST_USE mth_status mth_train_check_wires(const mth_model *model, const mth_wire *wires,
                                              size_t wire_count, mth_location at, const char *what);
#endif
