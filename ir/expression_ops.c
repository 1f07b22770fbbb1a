// expression_ops.c: expressions by name.
#include "ir/expression.h"

#include "ir/graph.h"

#include <string.h>

mth_connection *mth_express_unary(const char *op, mth_connection *x) {
  return mth_express(NULL, op, 1, &x, 0, NULL);
}

mth_connection *mth_express_binary(const char *op, mth_connection *x, mth_connection *y) {
  return mth_express(NULL, op, 2, (mth_connection *[]){x, y}, 0, NULL);
}

static bool is_value(const mth_connection *x) { return x && !mth_connection_is_tensor(x); }

// The op on values that stands for the op on tensors; NULL: there is none.
static const char *value_op(const char *op) {
  static const char *const pairs[][2] = {{"add", "scalar_add"},
                                         {"subtract", "scalar_subtract"},
                                         {"multiply", "scalar_multiply"},
                                         {"divide", "scalar_divide"},
                                         {"floor_divide", "scalar_floordiv"},
                                         {"modulo", "scalar_mod"},
                                         {"power", "scalar_power"},
                                         {"maximum", "scalar_max"},
                                         {"minimum", "scalar_min"},
                                         {"negate", "scalar_negate"},
                                         {"logical_and", "scalar_and"},
                                         {"logical_or", "scalar_or"},
                                         {"logical_xor", "scalar_xor"},
                                         {"shift_left", "scalar_shift_left"},
                                         {"shift_right", "scalar_shift_right"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    if (strcmp(pairs[i][0], op) == 0) return pairs[i][1];
  return NULL;
}

static mth_connection *express_pair(const char *op, mth_connection *x, mth_connection *y) {
  const char *of_values = is_value(x) && is_value(y) ? value_op(op) : NULL;
  return mth_express_binary(of_values ? of_values : op, x, y);
}

// `op`, or of a value what stands for it, with its second key given.
static mth_connection *express_with(const char *op, mth_connection *x, mth_arg y) {
  if (!x) return NULL;
  const char *of_values = is_value(x) ? value_op(op) : NULL;
  const mth_op *found = mth_registry_find(x->model->context->registry, of_values ? of_values : op);
  y.key = found->inputs[1].name;
  return mth_express(NULL, found->name, 1, &x, 1, &y);
}

static mth_connection *express_integer(const char *op, mth_connection *x, int64_t y) {
  return express_with(op, x, MTH_ARG_I(NULL, y));
}

// Beside a value, a whole number is an integer.
static mth_connection *express_number(const char *op, mth_connection *x, double y) {
  const bool is_whole = y > -1e15 && y < 1e15 && y == (double)(int64_t)y;
  if (is_whole && is_value(x) && value_op(op)) return express_integer(op, x, (int64_t)y);
  return express_with(op, x, MTH_ARG_F(NULL, y));
}

#define UNARY(name)                                                                                \
  mth_connection *mth_##name(mth_connection *x) { return mth_express_unary(#name, x); }
#define BINARY(name)                                                                               \
  mth_connection *mth_##name(mth_connection *x, mth_connection *y) {                               \
    return express_pair(#name, x, y);                                                              \
  }
#define WITH_NUMBER(name)                                                                          \
  mth_connection *mth_##name##_number(mth_connection *x, double y) {                               \
    return express_number(#name, x, y);                                                            \
  }
#define WITH_INTEGER(name, op)                                                                     \
  mth_connection *mth_##name##_number(mth_connection *x, int64_t y) {                              \
    return express_integer(op, x, y);                                                              \
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
WITH_NUMBER(not_equal)
WITH_NUMBER(less)
WITH_NUMBER(less_equal)
WITH_NUMBER(greater)
WITH_NUMBER(greater_equal)
BINARY(logical_and)
BINARY(logical_or)
BINARY(logical_xor)
BINARY(shift_left)
BINARY(shift_right)
BINARY(modulo)
WITH_INTEGER(divide_down, "floor_divide")
WITH_INTEGER(modulo, "modulo")
WITH_INTEGER(shift_left, "shift_left")
WITH_INTEGER(shift_right, "shift_right")
UNARY(logical_not)
UNARY(square)
UNARY(floor)
UNARY(sign)
UNARY(abs)
UNARY(sqrt)
UNARY(exp)
UNARY(log)
UNARY(sin)
UNARY(cos)
UNARY(tanh)
UNARY(sigmoid)
UNARY(relu)

mth_connection *mth_negate(mth_connection *x) {
  return mth_express_unary(is_value(x) ? value_op("negate") : "negate", x);
}

mth_connection *mth_divide_down(mth_connection *x, mth_connection *y) {
  return express_pair("floor_divide", x, y);
}

mth_connection *mth_clamp(mth_connection *x, double low, double high) {
  const mth_arg args[] = {MTH_ARG_F("min_val", low), MTH_ARG_F("max_val", high)};
  return mth_express(NULL, "clamp", 1, &x, 2, args);
}

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
REDUCTION(prod, "prod")

mth_connection *mth_variance(mth_connection *x, size_t count, const int64_t *axes, bool keepdim,
                             double correction) {
  const mth_arg args[] = {MTH_ARG_B("keepdim", keepdim), MTH_ARG_F("correction", correction),
                          MTH_ARG_IS("axis", count, axes)};
  return mth_express(NULL, "variance", 1, &x, count ? 3 : 2, args);
}

static mth_connection *find_along(const char *op, mth_connection *x, int64_t axis, bool keepdim) {
  const mth_arg args[] = {MTH_ARG_I("axis", axis), MTH_ARG_B("keepdim", keepdim)};
  return mth_express(NULL, op, 1, &x, 2, args);
}

mth_connection *mth_arg_max(mth_connection *x, int64_t axis, bool keepdim) {
  return find_along("arg_max", x, axis, keepdim);
}

mth_connection *mth_arg_min(mth_connection *x, int64_t axis, bool keepdim) {
  return find_along("arg_min", x, axis, keepdim);
}

mth_connection *mth_shape_of(mth_connection *x) { return mth_express_unary("shape", x); }
mth_connection *mth_size_of(mth_connection *x) { return mth_express_unary("size", x); }
mth_connection *mth_length_of(mth_connection *x) { return mth_express_unary("length", x); }
mth_connection *mth_to_tensor(mth_connection *value) {
  return mth_express_unary("to_tensor", value);
}

mth_connection *mth_item(mth_connection *x) { return mth_express_unary("item", x); }
mth_connection *mth_at_least_1d(mth_connection *x) { return mth_express_unary("atleast_1d", x); }

mth_connection *mth_size_along(mth_connection *x, int64_t axis) {
  return mth_express(NULL, "size", 1, &x, 1, (mth_arg[]){MTH_ARG_I("dim", axis)});
}

mth_connection *mth_tuple_item(mth_connection *tuple, int64_t index) {
  return mth_express(NULL, "tuple_item", 1, &tuple, 1, (mth_arg[]){MTH_ARG_I("index", index)});
}

mth_connection *mth_tuple(size_t count, mth_connection *const *items) {
  return mth_express(NULL, "to_tuple", count, items, 0, NULL);
}

mth_connection *mth_reshape_by(mth_connection *x, mth_connection *shape) {
  return mth_express_binary("reshape", x, shape);
}

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
