// expression.h: ops on connections, written as formulas. Public.
//
//   mth_connection *y = mth_multiply(x, mth_sigmoid(x));
//
// Each function adds an op to the open model that owns its operands, which are connections of that
// model or of anything inside it, and gives the op's output. Shapes and types are inferred at once.
// Operands may also be compile-time values, the outputs of Shape, Size and arithmetic on them;
// where a tensor is wanted they become one. The op becomes a child of the model when its output is
// used: wired to a child, exposed, merged, made canonical, or an operand of what is used. Until
// then it changes no key of the model; what was never used when the model freezes is dropped, and
// only the facts that it stated remain.
//
// Fails  a function gives NULL, and NULL if an operand is NULL, so formulas are written without a
//        check per line. The model keeps the first failure: it adds no expression after it, will
//        not freeze, and returns it from every call that is handed the NULL. Refused are: operands
//        of two open models or two contexts; a frozen model; an op that does not exist or takes
//        other operands; a conflict of shapes, types or values.
#ifndef MTH_IR_EXPRESSION_H
#define MTH_IR_EXPRESSION_H
#include "ir/model.h"

// The first failure of an expression of this model, which is forgotten; MTH_OK if there was none.
mth_status mth_model_take_failure(mth_model *model);

// An op by mnemonic ("matmul") or model name. Its keys that have no value, neither from `args` nor
// by default, lead to `operands` in order. Gives its first output. `model` owns it; NULL: the owner
// of the operands.
mth_connection *mth_express(mth_model *model, const char *op, size_t operand_count,
                            mth_connection *const *operands, size_t arg_count, const mth_arg *args);
mth_connection *mth_express_unary(const char *op, mth_connection *x);
mth_connection *mth_express_binary(const char *op, mth_connection *x, mth_connection *y);

// Part `index` of a list, such as the output of a Split (ir/parts.h).
mth_connection *mth_part(mth_connection *list, size_t index);

// ---- Constants ----------------------------------------------------------------------------------

// A constant of rank 0 in the model that owns `beside`: a float, an integer.
mth_connection *mth_number(mth_connection *beside, double value);
mth_connection *mth_integer(mth_connection *beside, int64_t value);
mth_connection *mth_constant_beside(mth_connection *beside, const mth_constant *constant);

// ---- Arithmetic, comparison, logic --------------------------------------------------------------

// Operands broadcast. The forms with a number have it on the right: a float; what is to stay an int
// is added to mth_integer(x, 2). Of two values, and of a value
// and a number, the sum is a value; so is every other result of arithmetic and of bits. Comparisons
// of values are tensors.
mth_connection *mth_add(mth_connection *x, mth_connection *y);
mth_connection *mth_subtract(mth_connection *x, mth_connection *y);
mth_connection *mth_multiply(mth_connection *x, mth_connection *y);
mth_connection *mth_divide(mth_connection *x, mth_connection *y);
mth_connection *mth_power(mth_connection *x, mth_connection *y);
mth_connection *mth_maximum(mth_connection *x, mth_connection *y);
mth_connection *mth_minimum(mth_connection *x, mth_connection *y);
mth_connection *mth_add_number(mth_connection *x, double y);
mth_connection *mth_subtract_number(mth_connection *x, double y);
mth_connection *mth_multiply_number(mth_connection *x, double y);
mth_connection *mth_divide_number(mth_connection *x, double y);
mth_connection *mth_power_number(mth_connection *x, double y);
// x // y: rounded down, and x % y: what is left, of the sign of y.
mth_connection *mth_divide_down(mth_connection *x, mth_connection *y);
mth_connection *mth_divide_down_number(mth_connection *x, int64_t y);
mth_connection *mth_modulo(mth_connection *x, mth_connection *y);
mth_connection *mth_modulo_number(mth_connection *x, int64_t y);
mth_connection *mth_matmul(mth_connection *x, mth_connection *y);

mth_connection *mth_equal(mth_connection *x, mth_connection *y);
mth_connection *mth_not_equal(mth_connection *x, mth_connection *y);
mth_connection *mth_less(mth_connection *x, mth_connection *y);
mth_connection *mth_less_equal(mth_connection *x, mth_connection *y);
mth_connection *mth_greater(mth_connection *x, mth_connection *y);
mth_connection *mth_greater_equal(mth_connection *x, mth_connection *y);
mth_connection *mth_equal_number(mth_connection *x, double y);
mth_connection *mth_not_equal_number(mth_connection *x, double y);
mth_connection *mth_less_number(mth_connection *x, double y);
mth_connection *mth_less_equal_number(mth_connection *x, double y);
mth_connection *mth_greater_number(mth_connection *x, double y);
mth_connection *mth_greater_equal_number(mth_connection *x, double y);
// x & y, x | y, x ^ y, ~x: of bools, or of the bits of ints.
mth_connection *mth_logical_and(mth_connection *x, mth_connection *y);
mth_connection *mth_logical_or(mth_connection *x, mth_connection *y);
mth_connection *mth_logical_xor(mth_connection *x, mth_connection *y);
mth_connection *mth_logical_not(mth_connection *x);
// x << y, x >> y: ints. Bits that leave are lost; to the right of a negative number come ones.
mth_connection *mth_shift_left(mth_connection *x, mth_connection *y);
mth_connection *mth_shift_right(mth_connection *x, mth_connection *y);
mth_connection *mth_shift_left_number(mth_connection *x, int64_t y);
mth_connection *mth_shift_right_number(mth_connection *x, int64_t y);
// x where the condition holds, else y.
mth_connection *mth_where(mth_connection *condition, mth_connection *x, mth_connection *y);

// ---- Elementwise --------------------------------------------------------------------------------

mth_connection *mth_negate(mth_connection *x);
mth_connection *mth_abs(mth_connection *x);
mth_connection *mth_sqrt(mth_connection *x);
mth_connection *mth_exp(mth_connection *x);
mth_connection *mth_log(mth_connection *x);
mth_connection *mth_sin(mth_connection *x);
mth_connection *mth_cos(mth_connection *x);
mth_connection *mth_tanh(mth_connection *x);
mth_connection *mth_sigmoid(mth_connection *x);
mth_connection *mth_relu(mth_connection *x);
mth_connection *mth_square(mth_connection *x);
mth_connection *mth_floor(mth_connection *x);
mth_connection *mth_sign(mth_connection *x);
mth_connection *mth_clamp(mth_connection *x, double low, double high);
mth_connection *mth_cast(mth_connection *x, mth_dtype dtype);

// ---- Reductions ---------------------------------------------------------------------------------

// Over `count` axes, a negative one counted from the end; 0: over all. With `keepdim` a reduced dim
// stays as 1.
mth_connection *mth_sum(mth_connection *x, size_t count, const int64_t *axes, bool keepdim);
mth_connection *mth_mean(mth_connection *x, size_t count, const int64_t *axes, bool keepdim);
mth_connection *mth_max(mth_connection *x, size_t count, const int64_t *axes, bool keepdim);
mth_connection *mth_min(mth_connection *x, size_t count, const int64_t *axes, bool keepdim);
mth_connection *mth_prod(mth_connection *x, size_t count, const int64_t *axes, bool keepdim);
// The mean square of what differs from the mean, times n / (n - correction).
mth_connection *mth_variance(mth_connection *x, size_t count, const int64_t *axes, bool keepdim,
                             double correction);
// Where along the axis the largest or smallest element is; the first of several.
mth_connection *mth_arg_max(mth_connection *x, int64_t axis, bool keepdim);
mth_connection *mth_arg_min(mth_connection *x, int64_t axis, bool keepdim);

// ---- Shapes -------------------------------------------------------------------------------------

// A dim of a connection, x.shape[axis]; NULL after a failure, which the model keeps.
const mth_dim *mth_shape_dim(mth_connection *x, int64_t axis);
// B, C, H, W = x.shape: states the rank and gives the dims, all NULL after a failure.
void mth_shape_dims(mth_connection *x, size_t rank, const mth_dim **out_dims);
// The same as values, which also may be computed with: the dims as a tuple, its item, how many
// elements there are in all or along an axis, and the first dim.
mth_connection *mth_shape_of(mth_connection *x);
mth_connection *mth_tuple_item(mth_connection *tuple, int64_t index);
mth_connection *mth_tuple(size_t count, mth_connection *const *items);
mth_connection *mth_size_of(mth_connection *x);
mth_connection *mth_size_along(mth_connection *x, int64_t axis);
mth_connection *mth_length_of(mth_connection *x);
mth_connection *mth_to_tensor(mth_connection *value);
// The only element of a tensor whose dims are all 1, as a tensor of rank 0; [1] of one.
mth_connection *mth_item(mth_connection *x);
mth_connection *mth_at_least_1d(mth_connection *x);
mth_connection *mth_reshape(mth_connection *x, size_t rank, const mth_dim *const *dims);
mth_connection *mth_reshape_by(mth_connection *x, mth_connection *shape); // a tuple
// The same with numbers; one may be -1, which is what is left.
mth_connection *mth_reshape_to(mth_connection *x, size_t rank, const int64_t *extents);
// Dim i of the result is dim axes[i] of x; a negative axis counts from the end.
mth_connection *mth_transpose(mth_connection *x, size_t rank, const int64_t *axes);
mth_connection *mth_reverse_axes(mth_connection *x); // x.T
#endif
