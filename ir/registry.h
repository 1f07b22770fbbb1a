// registry.h: the ops of a context, found by name.
#ifndef MTH_IR_REGISTRY_H
#define MTH_IR_REGISTRY_H
#include "ir/op.h"

typedef struct mth_registry mth_registry;

// A registry with the built-in ops. Read-only once models are compiled from it.
MTH_MUST_USE mth_status mth_registry_create(const mth_allocator *allocator,
                                            mth_registry **out_registry);
void mth_registry_destroy(mth_registry *registry);

// Adds an op. The struct and all it points to must outlive the registry.
// Fails  MTH_INVALID: wrong abi or size, a name that is taken or malformed, a signature without
//        outputs, two keys of one name.
MTH_MUST_USE mth_status mth_registry_add(mth_registry *registry, const mth_op *op, mth_location at);
// Adds all of the ops, or none.
MTH_MUST_USE mth_status mth_registry_add_all(mth_registry *registry, const mth_op *const *ops,
                                             size_t count, mth_location at);
// The op with this mnemonic ("matmul") or model name ("MatrixMultiply"), or NULL.
const mth_op *mth_registry_find(const mth_registry *registry, const char *name);
const mth_op *mth_registry_find_model(const mth_registry *registry, const char *model);
size_t mth_registry_count(const mth_registry *registry);
const mth_op *mth_registry_get(const mth_registry *registry, size_t index); // built-in ops first
bool mth_registry_is_builtin(const mth_registry *registry, const mth_op *op);

// The types of the results of one op, from the types of its operands and its arguments (one per
// MTH_KEY_ARG, defaults filled in). Dims in and out belong to `dims`; the arrays of out_results
// are lent by it. An unknown result dim becomes a fresh symbol.
// Fails  MTH_INVALID at `at` with the rule's own message.
MTH_MUST_USE mth_status mth_infer_results(const mth_registry *registry, const mth_op *op,
                                          mth_dim_table *dims, size_t operand_count,
                                          const mth_type *operands, size_t arg_count,
                                          const mth_arg *args, mth_location at,
                                          mth_type *out_results);
#endif
