// state_keys.h: what a model carries from one run to the next: running statistics, hidden states,
// random keys. Public.
//
// A state is an input that is bound to an output of the same model: what the output is in one run
// is the input of the next. Both have one shape and element type, which a program must know like
// those of any input; nothing is differentiated with respect to it. A parent carries the states of
// its children.
//
// In a program a state is one port, called after the input, that is read and written in place; a
// parameter set holds it (runtime/parameters.h). Every entry writes it, unless its request says
// `keeps_states`.
#ifndef MTH_IR_STATE_KEYS_H
#define MTH_IR_STATE_KEYS_H
#include "ir/model.h"

typedef struct mth_state {
  mth_connection *input, *output;
} mth_state;

// Binds an input to an output, each a connection of the model or of something inside it. The input
// is no external key any more. The output is none because of this: it may be exposed, and read.
//
// start  what the state is before the first run; NULL: what the input's initializer says, or zeros.
// Fails  MTH_INVALID: the model is frozen; a connection from elsewhere; no tensors; an input that
//        is produced or valued; an output that is not produced; one that is bound already; shapes
//        or types that can not be equal.
MTH_MUST_USE mth_status mth_model_bind_state(mth_model *model, mth_connection *input,
                                             mth_connection *output, const mth_initializer *start);

// The states of a model, its children's too, in the order of their inputs.
size_t mth_model_state_count(const mth_model *model);
// False: there are not so many.
bool mth_model_state(const mth_model *model, size_t index, mth_state *out_state);
#endif
