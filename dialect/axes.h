// axes.h: shapes of values, as gradients and decompositions compute with them.
//
// Every function accepts the null value of a failed build and then does nothing of use; the
// builder's status tells.
#ifndef MTH_DIALECT_AXES_H
#define MTH_DIALECT_AXES_H
#include "ir/build.h"

// The rank of a value; 0 after a failure.
int32_t mth_rank_of(mth_builder *builder, mth_value value);
// The dim of a value; NULL after a failure.
const mth_dim *mth_dim_of(mth_builder *builder, mth_value value, int32_t axis);
// A number as a dim; NULL after a failure.
const mth_dim *mth_number_dim(mth_builder *builder, int64_t value);
bool mth_same_shape(mth_builder *builder, mth_value x, mth_value y);
// An axis argument as an index from the front.
int32_t mth_axis_of(int64_t axis, int32_t rank);
// Which axes a reduction folds, from its `axis` argument: all of them if that is absent.
void mth_folded_axes(const mth_arg *axis, int32_t rank, bool *out_folded);

mth_value mth_build_reshape(mth_builder *builder, mth_value x, size_t rank,
                            const mth_dim *const *shape);
mth_value mth_build_broadcast(mth_builder *builder, mth_value x, size_t rank,
                              const mth_dim *const *shape);
// x with an axis of extent 1 wherever `folded` says so: undoes keepdim = false. `rank` is that of
// the result.
mth_value mth_build_keepdim(mth_builder *builder, mth_value x, int32_t rank, const bool *folded);
// Folds one axis with the op "sum", "reduce_max" or "reduce_min" and keeps it with extent 1.
mth_value mth_build_fold(mth_builder *builder, const char *op, mth_value x, int32_t axis);
// A tensor of rank 0 with the value of `dim`. Numbers are constants; a symbolic dim is the last
// element of iota(dim + 1).
mth_value mth_build_dim_value(mth_builder *builder, const mth_dim *dim, mth_dtype dtype);
// size[i] elements of each axis from start[i] on.
mth_value mth_build_slice(mth_builder *builder, mth_value x, size_t rank,
                          const mth_dim *const *start, const mth_dim *const *size);
// Zeros in front of and behind each axis.
mth_value mth_build_pad(mth_builder *builder, mth_value x, size_t rank, const mth_dim *const *low,
                        const mth_dim *const *high);
// Puts step - 1 zeros behind each element of an axis, but for the last element.
mth_value mth_build_spread(mth_builder *builder, mth_value x, int32_t axis, int64_t step);
#endif
