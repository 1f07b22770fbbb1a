// arg_copy.h: values of arguments that outlive their giver. Private to ir/.
#ifndef MTH_IR_ARG_COPY_H
#define MTH_IR_ARG_COPY_H
#include "ir/graph.h"

// What a dim becomes in a copy; NULL without memory.
typedef const mth_dim *mth_dim_copy_fn(void *user, const mth_dim *dim);

// A copy of `arg` with all that it points to, also models. The copy lives as long as `owner`, but
// for its models: mth_arg_drop destroys them. `copy_dim` NULL: dims stay what they are.
MTH_MUST_USE mth_status mth_arg_copy(mth_model *owner, const mth_arg *arg,
                                     mth_dim_copy_fn *copy_dim, void *user, mth_arg *out_copy);
void mth_arg_drop(const mth_arg *copy);

// From now on the model knows what it was made from: copies of `args`.
MTH_MUST_USE mth_status mth_model_record_class(mth_model *model, const mth_class *class_,
                                               const mth_arg *args, mth_dim_copy_fn *copy_dim,
                                               void *user);
void mth_model_drop_class(const mth_model *model); // when the model dies
#endif
