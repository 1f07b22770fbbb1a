// shared_formula.c: formulas that several ops share.
#include "dialect/shared_formula.h"

#include "dialect/axes.h"

mth_value mth_build_times(mth_builder *builder, mth_value x, double factor) {
  return mth_build_multiply(builder, x, mth_build_constant_like(builder, x, factor));
}

mth_value mth_build_plus(mth_builder *builder, mth_value x, double term) {
  return mth_build_add(builder, x, mth_build_constant_like(builder, x, term));
}

mth_value mth_build_is_near_zero(mth_builder *builder, mth_value x, double t) {
  return mth_build_binary(builder, "less", mth_build_unary(builder, "abs", x),
                          mth_build_constant_like(builder, x, t));
}

mth_value mth_build_one_hot(mth_builder *builder, mth_value like, mth_value target, int32_t axis) {
  const int32_t rank = mth_rank_of(builder, like);
  const mth_type *type = mth_build_type(builder, target);
  if (!type) return (mth_value){NULL};
  bool folded[mth_rank_max];
  const mth_dim *shape[mth_rank_max];
  for (int32_t i = 0; i < rank; ++i) {
    folded[i] = i == axis;
    shape[i] = folded[i] ? mth_dim_of(builder, like, i) : mth_dim_constant(builder->dims, 1);
  }
  const mth_arg args[] = {MTH_ARG_DS("shape", (size_t)rank, shape), MTH_ARG_I("axis", axis),
                          MTH_ARG_T("dtype", type->dtype)};
  const mth_value classes = mth_build(builder, "iota", 0, NULL, 3, args);
  return mth_build_binary(builder, "equal", classes,
                          mth_build_keepdim(builder, target, rank, folded));
}

bool mth_is_robust(const mth_op_site *op) {
  const mth_arg *robust = mth_site_arg(op, "robust");
  return robust->kind == MTH_ARG_BOOL && robust->b;
}

double mth_threshold(mth_builder *builder, const mth_op_site *op, mth_value like) {
  const mth_arg *given = mth_site_arg(op, "threshold");
  const mth_type *type = mth_build_type(builder, like);
  if (given->kind == MTH_ARG_FLOAT) return given->f;
  if (!type) return 1;
  switch (mth_dtype_get(type->dtype)->bits) {
  case 64:
    return 0x1p-1022;
  case 32:
    return 0x1p-126;
  default:
    return 0x1p-14;
  }
}

mth_value mth_build_log_like(mth_builder *builder, const mth_op_site *op, mth_value x) {
  const mth_arg args[] = {*mth_site_arg(op, "robust"), *mth_site_arg(op, "threshold")};
  return mth_build(builder, "log", 1, &x, 2, args);
}
