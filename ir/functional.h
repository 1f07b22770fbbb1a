// functional.h: models applied to connections, and models made of connections. Public.
//
//   mth_connection *x = mth_free_input(context, "input", NULL);
//   mth_connection *y = mth_apply_to(linear, x);
//   y = mth_add(mth_apply_to(relu, y), y);
//   const mth_named_output outputs[] = {{"output", y}};
//   MTH_TRY(mth_model_from(context, "Net", outputs, 1, &net));
//
// Failures are those of expressions (ir/expression.h): a function gives NULL and passes NULL on,
// and the model keeps the first failure.
#ifndef MTH_IR_FUNCTIONAL_H
#define MTH_IR_FUNCTIONAL_H
#include "ir/expression.h"

// An input of a new model that begins with it. `facts` may be NULL.
//
// Owns  the context owns the model until mth_model_from finishes it.
mth_connection *mth_free_input(mth_context *context, const char *name, const mth_facts *facts);
// Another input of the open model that owns `beside`.
mth_connection *mth_input_beside(mth_connection *beside, const char *name, const mth_facts *facts);

// Adds `child` to the open model that owns the connections among its wires, as mth_model_add, and
// gives its output: what a chain continues from, or its only canonical output.
//
// Owns   takes `child` in any case: after a failure it is destroyed.
// Fails  as mth_model_add; no wire is a connection; the child has several outputs.
mth_connection *mth_apply(mth_model *child, const char *name, const mth_wire *wires,
                          size_t wire_count);
// The same of a child with one canonical input, wired to x.
mth_connection *mth_apply_to(mth_model *child, mth_connection *x);
// The same of a child with several outputs: those with these keys, all NULL after a failure.
void mth_apply_for(mth_model *child, const char *name, const mth_wire *wires, size_t wire_count,
                   size_t key_count, const char *const *keys, mth_connection **out_connections);

// Finishes the open model that owns the connections: exposes them, in this order its canonical
// outputs, drops what expressions made and they do not depend on, and free inputs that nothing
// uses, and freezes it. A chain enters at `input`, if there is such a key, else at the free inputs
// that are no parameters. `class_name` NULL: it keeps its own.
//
// Owns   the model is the caller's from now on; after a failure it is as before.
// Fails  MTH_INVALID: no output, or NULL, which an expression may have left; outputs of two models;
//        an input; a connection twice; and as mth_model_expose and mth_model_freeze.
MTH_MUST_USE mth_status mth_model_from(mth_context *context, const char *class_name,
                                       const mth_named_output *outputs, size_t output_count,
                                       mth_model **out_model);
#endif
