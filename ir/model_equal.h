// model_equal.h: are two models the same? Public, for readers and writers of models and their
// tests.
#ifndef MTH_IR_MODEL_EQUAL_H
#define MTH_IR_MODEL_EQUAL_H
#include "ir/model.h"
#include "ir/text.h"

// Compares all that a user can see of two models of one context: classes and their arguments,
// children and their names, keys in their order, what leads where, states, canonical keys and the
// chain, named dims, numbers of unnamed keys, exposed and frozen; and of each key shape, families, value, differentiability,
// initializer and the name that it gives. Unknown dims are equal up to renaming: one of `a` is
// always the same one of `b`.
//
// Fails  MTH_NO_MEMORY. Else *out_equal is written and, if they differ, the first difference is
//        added to `difference` (may be NULL): "Model.Linear, key 'x': shape [2, u1] and [2, 3]".
MTH_MUST_USE mth_status mth_model_equal(const mth_model *a, const mth_model *b, bool *out_equal,
                                        mth_text *difference);
#endif
