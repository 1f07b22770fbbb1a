// expression_ops.c: expressions by name.
#include "ir/expression.h"

#include "ir/graph.h"

mth_connection *mth_express_unary(const char *op, mth_connection *x) {
  return mth_express(NULL, op, 1, &x, 0, NULL);
}

mth_connection *mth_express_binary(const char *op, mth_connection *x, mth_connection *y) {
  return mth_express(NULL, op, 2, (mth_connection *[]){x, y}, 0, NULL);
}

// The second tensor key of `op` is the number.
static mth_connection *express_number(const char *op, mth_connection *x, double y) {
  if (!x) return NULL;
  const mth_op *found = mth_registry_find(x->model->context->registry, op);
  const mth_arg arg = MTH_ARG_F(found->inputs[1].name, y);
  return mth_express(NULL, op, 1, &x, 1, &arg);
}

#define UNARY(name)                                                                                \
  mth_connection *mth_##name(mth_connection *x) { return mth_express_unary(#name, x); }
#define BINARY(name)                                                                               \
  mth_connection *mth_##name(mth_connection *x, mth_connection *y) {                               \
    return mth_express_binary(#name, x, y);                                                        \
  }
#define WITH_NUMBER(name)                                                                          \
  mth_connection *mth_##name##_number(mth_connection *x, double y) {                               \
    return express_number(#name, x, y);                                                            \
  }
#define REDUCTION(name, op)                                                                        \
  mth_connection *mth_##name(mth_connection *x, size_t count, const int64_t *axes, bool keepdim) { \
    return reduce(op, x, count, axes, keepdim);                                                    \
  }

BINARY(add)
BINARY(subtract)
BINARY(multiply)
BINARY(divide)
BINARY(power)
BINARY(maximum)
BINARY(minimum)
WITH_NUMBER(add)
WITH_NUMBER(subtract)
WITH_NUMBER(multiply)
WITH_NUMBER(divide)
WITH_NUMBER(power)
BINARY(matmul)
BINARY(equal)
BINARY(not_equal)
BINARY(less)
BINARY(less_equal)
BINARY(greater)
BINARY(greater_equal)
WITH_NUMBER(equal)
WITH_NUMBER(less)
WITH_NUMBER(greater)
BINARY(logical_and)
BINARY(logical_or)
UNARY(logical_not)
UNARY(negate)
UNARY(abs)
UNARY(sqrt)
UNARY(exp)
UNARY(log)
UNARY(sin)
UNARY(cos)
UNARY(tanh)
UNARY(sigmoid)
UNARY(relu)

mth_connection *mth_where(mth_connection *condition, mth_connection *x, mth_connection *y) {
  return mth_express(NULL, "where", 3, (mth_connection *[]){condition, x, y}, 0, NULL);
}

mth_connection *mth_cast(mth_connection *x, mth_dtype dtype) {
  return mth_express(NULL, "cast", 1, &x, 1, (mth_arg[]){MTH_ARG_T("dtype", dtype)});
}

static mth_connection *reduce(const char *op, mth_connection *x, size_t count, const int64_t *axes,
                              bool keepdim) {
  const mth_arg args[] = {MTH_ARG_B("keepdim", keepdim), MTH_ARG_IS("axis", count, axes)};
  return mth_express(NULL, op, 1, &x, count ? 2 : 1, args);
}

REDUCTION(sum, "sum")
REDUCTION(mean, "mean")
REDUCTION(max, "reduce_max")
REDUCTION(min, "reduce_min")

mth_connection *mth_reshape(mth_connection *x, size_t rank, const mth_dim *const *dims) {
  return mth_express(NULL, "reshape", 1, &x, 1, (mth_arg[]){MTH_ARG_DS("shape", rank, dims)});
}

mth_connection *mth_reshape_to(mth_connection *x, size_t rank, const int64_t *extents) {
  return mth_express(NULL, "reshape", 1, &x, 1, (mth_arg[]){MTH_ARG_IS("shape", rank, extents)});
}

mth_connection *mth_transpose(mth_connection *x, size_t rank, const int64_t *axes) {
  return mth_express(NULL, "transpose", 1, &x, 1, (mth_arg[]){MTH_ARG_IS("axes", rank, axes)});
}

mth_connection *mth_reverse_axes(mth_connection *x) { return mth_express_unary("transpose", x); }
