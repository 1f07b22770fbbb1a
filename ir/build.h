// build.h: writing ops while compiling, for gradients and decompositions. No MLIR.
//
// A builder remembers its first failure and then builds nothing: makers return null values, which
// every maker accepts and passes on, so a formula is written without a check per line and the
// status is asked for once, at its end. Results get their types from the ops' own `infer`.
#ifndef MTH_IR_BUILD_H
#define MTH_IR_BUILD_H
#include "ir/op.h"

// What a compiler provides behind a builder. Users call the functions below instead.
typedef struct mth_builder_vtable {
  mth_status (*op)(mth_builder *builder, const char *name, size_t operand_count,
                   const mth_value *operands, size_t arg_count, const mth_arg *args,
                   size_t result_count, mth_value *out_results);
  mth_status (*constant)(mth_builder *builder, mth_dtype dtype, double value,
                         mth_value *out_result); // rank 0
  const mth_type *(*type)(mth_builder *builder, mth_value value);
} mth_builder_vtable;

struct mth_builder {
  const mth_builder_vtable *vtable;
  mth_dim_table *dims; // symbols of the program
  mth_location at;     // of the op that is being replaced or differentiated
  mth_status status;   // of the first failure
};

// The op that is being replaced or differentiated. Borrowed for the call.
struct mth_op_site {
  const mth_op *op;
  size_t operand_count, result_count, arg_count;
  const mth_value *operands, *results;
  const mth_arg *args; // one per MTH_KEY_ARG of the op, in order, defaults filled in
};

// The argument `key` of an op; defaults are filled in. Asserts that the op has such a key.
const mth_arg *mth_site_arg(const mth_op_site *site, const char *key);

// General makers. `mth_build` is for ops of one result.
mth_value mth_build(mth_builder *builder, const char *op, size_t operand_count,
                    const mth_value *operands, size_t arg_count, const mth_arg *args);
void mth_build_many(mth_builder *builder, const char *op, size_t operand_count,
                    const mth_value *operands, size_t arg_count, const mth_arg *args,
                    size_t result_count, mth_value *out_results);
mth_value mth_build_constant(mth_builder *builder, mth_dtype dtype, double value);
// A rank-0 constant of the dtype of `like`; broadcasts wherever it is used.
mth_value mth_build_constant_like(mth_builder *builder, mth_value like, double value);
const mth_type *mth_build_type(mth_builder *builder, mth_value value); // NULL after a failure

// Short names for ops of one and two operands, and for those with arguments that formulas need.
mth_value mth_build_unary(mth_builder *builder, const char *op, mth_value x);
mth_value mth_build_binary(mth_builder *builder, const char *op, mth_value x, mth_value y);
mth_value mth_build_add(mth_builder *builder, mth_value x, mth_value y);
mth_value mth_build_subtract(mth_builder *builder, mth_value x, mth_value y);
mth_value mth_build_multiply(mth_builder *builder, mth_value x, mth_value y);
mth_value mth_build_divide(mth_builder *builder, mth_value x, mth_value y);
mth_value mth_build_negate(mth_builder *builder, mth_value x);
mth_value mth_build_where(mth_builder *builder, mth_value condition, mth_value x, mth_value y);
mth_value mth_build_sum(mth_builder *builder, mth_value x, size_t axis_count, const int64_t *axes,
                        bool keepdim);
mth_value mth_build_reshape_like(mth_builder *builder, mth_value x, mth_value like);
mth_value mth_build_broadcast_like(mth_builder *builder, mth_value x, mth_value like);
mth_value mth_build_transpose(mth_builder *builder, mth_value x, size_t rank,
                              const int64_t *permutation);
mth_value mth_build_matmul(mth_builder *builder, mth_value x, mth_value y);
mth_value mth_build_cast(mth_builder *builder, mth_value x, mth_dtype dtype);
// Sums `x` over the axes along which `like` was broadcast to it: the transpose of broadcasting.
mth_value mth_build_sum_to(mth_builder *builder, mth_value x, mth_value like);
#endif
