// model_order.h: models in the order in which they can be computed. Private to ir/ and the writers.
#ifndef MTH_IR_MODEL_ORDER_H
#define MTH_IR_MODEL_ORDER_H
#include "ir/graph.h"

// Puts `models` (children of one model, or the ops of a whole nest) in order: each as early as it
// stands, but one that reads what another makes waits for it, and follows right behind the last it
// waited for. Stable: a list that is in order already stays as it is.
//
// Numbers  linear in the keys of the models, times how often one of them has to wait.
MTH_MUST_USE mth_status mth_models_order(mth_context *context, mth_arena *arena, size_t count,
                                         mth_model **models);

// The children of a composite in that order: mth_model_child_count of them, in `arena`.
MTH_MUST_USE mth_status mth_model_order_children(const mth_model *model, mth_arena *arena,
                                                 mth_model ***out_children);
// All ops of a nest in that order; an op is a nest of itself.
MTH_MUST_USE mth_status mth_model_order_ops(mth_model *model, mth_arena *arena,
                                            mth_model ***out_ops, size_t *out_count);
#endif
