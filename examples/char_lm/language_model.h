// language_model.h: the network: characters in, the next character's logits and the loss out.
#ifndef CHAR_LM_LANGUAGE_MODEL_H
#define CHAR_LM_LANGUAGE_MODEL_H
#include "frontend/mithril.h"

typedef struct language_model_options {
  int64_t vocabulary; // V
  int64_t context;    // longest stretch T that has a position
  int64_t dim;        // D
  int64_t heads;
} language_model_options;

// x = token[ids] + position[0..T-1]; x = block(x); logits = Linear(V)(LayerNorm(x));
// loss = mean over B and T of cross_entropy(logits, targets)
//
// Shapes  ids, targets i64 [B, T] with T <= context, logits f32 [B, T, V], loss f32 [].
// Keys    ids, targets, the parameters; logits, loss
// Owns    the model is the caller's.
MTH_MUST_USE mth_status language_model_create(mth_context *context,
                                              const language_model_options *options,
                                              mth_model **out_model);
#endif
