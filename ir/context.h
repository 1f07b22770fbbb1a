// context.h: what the models of a program share: memory, ops, the last error.
#ifndef MTH_IR_CONTEXT_H
#define MTH_IR_CONTEXT_H
#include "ir/registry.h"
#include "runtime/allocator.h"
#include "runtime/diagnostic.h"

typedef struct mth_context mth_context;

typedef struct mth_context_options {
  size_t struct_bytes;            // sizeof(mth_context_options)
  const mth_allocator *allocator; // NULL: the C library's heap
  const mth_sink *sink;           // NULL, or who else hears of every error
} mth_context_options;

// A context with the built-in ops. `options` may be NULL.
//
// Owns    what it makes; models must be destroyed before it, options.allocator must outlive it.
// Threads one at a time; contexts are independent of each other.
// Fails   MTH_NO_MEMORY; MTH_INVALID for options of another size.
MTH_MUST_USE mth_status mth_context_create(const mth_context_options *options,
                                           mth_context **out_context);
void mth_context_destroy(mth_context *context); // NULL is ignored

// The last error reported in this context; its status is MTH_OK if there was none. Lent.
const mth_diagnostic *mth_context_diagnostic(const mth_context *context);

// Adds an op, as mth_registry_add.
MTH_MUST_USE mth_status mth_register_op(mth_context *context, const mth_op *op);

const mth_allocator *mth_context_allocator(const mth_context *context);
mth_registry *mth_context_registry(mth_context *context);
const mth_sink *mth_context_sink(const mth_context *context);

// Dims and integer values of all models of the context. Expressions made here may be given to any
// of its models.
mth_dim_table *mth_context_dims(mth_context *context);
#endif
