// optimizers.h: update rules as logical models. Public; a user writes his own the same way.
//
// Inputs `parameter`, `gradient`, `step_count` (updates done before this one, a rank-0 float), one
// input for each slot, and `learning_rate` if it is to be given at each step; outputs
// `new_parameter`, `new_step_count` and `new_<slot>`. Slots have the parameter's shape and start at
// 0. Works elementwise, for any shape; a step entry instantiates it once per parameter
// (frontend/mlir_writer.h).
#ifndef MTH_IR_MODELS_OPTIMIZERS_H
#define MTH_IR_MODELS_OPTIMIZERS_H
#include "ir/model.h"

typedef struct mth_sgd_options {
  size_t struct_bytes;  // sizeof(mth_sgd_options)
  double learning_rate; // ignored with learning_rate_input
  bool learning_rate_input;
  double momentum;     // 0: none, and no slot
  double weight_decay; // added to the gradient times the parameter
} mth_sgd_options;

// g = gradient + weight_decay parameter
// momentum = momentum momentum + g          (slot `momentum`; without one: g)
// parameter = parameter - learning_rate momentum
//
// Source  PyTorch's SGD with dampening 0, no Nesterov; its first step also gives momentum = g.
MTH_MUST_USE mth_status mth_sgd(mth_context *context, const mth_sgd_options *options,
                                mth_model **out_model);

typedef struct mth_adam_options {
  size_t struct_bytes;  // sizeof(mth_adam_options)
  double learning_rate; // ignored with learning_rate_input; PyTorch's default is 1e-3
  bool learning_rate_input;
  double beta1, beta2; // both 0: 0.9 and 0.999
  double epsilon;      // 0: 1e-8
} mth_adam_options;

// t = step_count + 1
// m = beta1 m + (1 - beta1) gradient, v = beta2 v + (1 - beta2) gradient^2      (slots `m`, `v`)
// parameter = parameter - learning_rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
//
// Source  Kingma & Ba 2014, arXiv:1412.6980, algorithm 1.
MTH_MUST_USE mth_status mth_adam(mth_context *context, const mth_adam_options *options,
                                 mth_model **out_model);
#endif
