// window.c: what ops that slide a window over axes mean.
//
// Shapes  windows: input [A..., L, E...], out [A..., kernel, count, E...]: element (k, i) of the
// new
//         axes is the input's at start + i*stride + k*dilation along `axis`, or 0 outside of it.
//         convolution: input [N, C, L...], weight [O, C/groups, k...], out [N, O, P...] with
//         P = floor((L + low + high - (k-1)*dilation - 1) / stride) + 1 on each axis of space;
//         `padding` lists low and high of each of them in turn.
// Numbers a convolution is a cross-correlation: the window is not turned around. Padding is 0.
#include "ir/ops/signature.h"

// Steps beyond this are mistakes, and their products with extents would not fit.
static const int64_t step_max = INT32_MAX;

// ---- windows ------------------------------------------------------------------------------------

// The one dim of an argument, or NULL while it is not known.
static mth_status one_dim(mth_rule *rule, const char *key, const mth_dim **out_dim) {
  const mth_arg *arg = mth_rule_arg(rule, key);
  *out_dim = NULL;
  if (!arg || arg->kind != MTH_ARG_DIMS) return MTH_OK;
  if (arg->count != 1)
    return mth_rule_fail(rule, "wanted one number in '%s', found %zu", key, arg->count);
  *out_dim = arg->dims[0];
  return MTH_OK;
}

static mth_status infer_windows(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  const mth_dim *kernel, *count, *start;
  MTH_TRY(one_dim(rule, "kernel", &kernel));
  MTH_TRY(one_dim(rule, "count", &count));
  MTH_TRY(one_dim(rule, "start", &start));
  const mth_arg *axis_arg = mth_rule_arg(rule, "axis"), *stride = mth_rule_arg(rule, "stride");
  if (!kernel || !count || !start || !axis_arg || !stride) return MTH_OK;
  if (stride->i < 1 || stride->i > step_max)
    return mth_rule_fail(rule, "wanted a stride of 1 or more, found %lld", (long long)stride->i);
  const mth_arg *dilation = mth_rule_arg(rule, "dilation");
  if (dilation && (dilation->i < -step_max || dilation->i > step_max))
    return mth_rule_fail(rule, "wanted a dilation of less than 2^31, found %lld",
                         (long long)dilation->i);
  int32_t rank = mth_rule_rank(rule, 0), axis;
  if (rank < 0 && mth_rule_rank(rule, 1) >= 0) rank = mth_rule_rank(rule, 1) - 1;
  if (rank < 0) return MTH_OK;
  MTH_TRY(mth_rule_axis(rule, axis_arg->i, rank, &axis));
  MTH_TRY(mth_rule_state_rank(rule, 0, rank));
  MTH_TRY(mth_rule_state_rank(rule, 1, rank + 1));
  for (int32_t i = 0; i < rank; ++i)
    if (i != axis) MTH_TRY(mth_rule_same_dim(rule, 0, i, 1, i < axis ? i : i + 1));
  MTH_TRY(mth_rule_state_dim(rule, 1, axis, kernel));
  return mth_rule_state_dim(rule, 1, axis + 1, count);
}

// ---- convolution --------------------------------------------------------------------------------

enum { input, weight, result, tensors };

// A list argument of the convolution: `per_axis` numbers for each axis of space, or none.
typedef struct number_list {
  const mth_arg *arg;
  size_t per_axis;
  int64_t least, otherwise;
} number_list;

static int64_t number(const number_list *list, size_t index) {
  return list->arg->kind == MTH_ARG_INTS ? list->arg->ints[index] : list->otherwise;
}

static mth_status check_list(mth_rule *rule, const char *key, const number_list *list,
                             int32_t space) {
  if (list->arg->kind != MTH_ARG_INTS) return MTH_OK;
  if (list->arg->count != list->per_axis * (size_t)space)
    return mth_rule_fail(rule, "'%s' lists %zu numbers, wanted %zu for each of %d axes", key,
                         list->arg->count, list->per_axis, space);
  for (size_t i = 0; i < list->arg->count; ++i)
    if (list->arg->ints[i] < list->least || list->arg->ints[i] > step_max)
      return mth_rule_fail(rule, "wanted %lld or more in '%s', found %lld", (long long)list->least,
                           key, (long long)list->arg->ints[i]);
  return MTH_OK;
}

// The number of axes of space, from whatever is known; -1: nothing is.
static int32_t count_space(mth_rule *rule, const number_list *lists) {
  for (size_t i = 0; i < tensors; ++i)
    if (mth_rule_rank(rule, i) >= 0) return mth_rule_rank(rule, i) - 2;
  for (size_t i = 0; i < 3; ++i)
    if (lists[i].arg->kind == MTH_ARG_INTS)
      return (int32_t)(lists[i].arg->count / lists[i].per_axis);
  return -1;
}

// C = groups * (dim 1 of the weight), and groups divides O.
static mth_status infer_channels(mth_rule *rule, const mth_dim *groups) {
  mth_dim_table *dims = mth_rule_dims(rule);
  int64_t rest, known;
  if (mth_dim_is_constant(groups, &known) && known < 1)
    return mth_rule_fail(rule, "wanted 1 or more in 'groups', found %lld", (long long)known);
  MTH_TRY(mth_rule_equate(rule, mth_rule_dim(rule, input, 1),
                          mth_dim_multiply(dims, groups, mth_rule_dim(rule, weight, 1)),
                          "dim 1 of 'input' is not 'groups' times dim 1 of 'weight'"));
  const mth_dim *out = mth_rule_dim(rule, weight, 0), *left = mth_dim_mod(dims, out, groups);
  if (!left) return mth_rule_no_dim(rule);
  const bool divides = mth_dim_is_constant(left, &rest) && rest == 0;
  const bool is_settled = mth_rule_is_program(rule) || mth_dim_is_constant(left, NULL);
  if (divides || !is_settled) return MTH_OK;
  return mth_rule_fail(rule, "'groups' is %s, which does not divide dim 0 of 'weight', %s",
                       mth_rule_dim_text(rule, groups), mth_rule_dim_text(rule, out));
}

static mth_status infer_extent(mth_rule *rule, int32_t axis, int64_t stride, int64_t dilation,
                               int64_t low, int64_t high) {
  mth_dim_table *dims = mth_rule_dims(rule);
  const mth_dim *one = mth_dim_constant(dims, 1), *extent = mth_rule_dim(rule, input, axis);
  const mth_dim *last = mth_dim_subtract(dims, mth_rule_dim(rule, weight, axis), one);
  const mth_dim *span =
      mth_dim_add(dims, mth_dim_multiply(dims, last, mth_dim_constant(dims, dilation)), one);
  const mth_dim *padding =
      mth_dim_add(dims, mth_dim_constant(dims, low), mth_dim_constant(dims, high));
  const mth_dim *room = mth_dim_subtract(dims, mth_dim_add(dims, extent, padding), span);
  int64_t known;
  if (room && mth_dim_is_constant(room, &known) && known < 0)
    return mth_rule_fail(rule,
                         "axis %d: a window over %s elements does not fit into %s + %lld + %lld",
                         axis, mth_rule_dim_text(rule, span), mth_rule_dim_text(rule, extent),
                         (long long)low, (long long)high);
  const mth_dim *steps = mth_dim_floordiv(dims, room, mth_dim_constant(dims, stride));
  return mth_rule_state_dim(rule, result, axis, mth_dim_add(dims, steps, one));
}

static mth_status infer_convolution(mth_rule *rule) {
  static const size_t operands[] = {input, weight};
  MTH_TRY(mth_rule_promote(rule, result, 2, operands));
  const number_list lists[] = {{mth_rule_arg(rule, "stride"), 1, 1, 1},
                               {mth_rule_arg(rule, "padding"), 2, 0, 0},
                               {mth_rule_arg(rule, "dilation"), 1, 1, 1}};
  static const char *const keys[] = {"stride", "padding", "dilation"};
  if (!lists[0].arg || !lists[1].arg || !lists[2].arg) return MTH_OK;
  const int32_t space = count_space(rule, lists);
  if (space < 0) return MTH_OK;
  if (space == 0) return mth_rule_fail(rule, "wanted rank 3 or more: [N, C, L...]");
  for (size_t i = 0; i < 3; ++i)
    MTH_TRY(check_list(rule, keys[i], &lists[i], space));
  for (size_t i = 0; i < tensors; ++i)
    MTH_TRY(mth_rule_state_rank(rule, i, space + 2));
  MTH_TRY(mth_rule_same_dim(rule, input, 0, result, 0));
  MTH_TRY(mth_rule_same_dim(rule, weight, 0, result, 1));
  const mth_dim *groups = mth_rule_int(rule, "groups");
  if (groups) MTH_TRY(infer_channels(rule, groups));
  for (int32_t i = 0; i < space; ++i) {
    const size_t at = (size_t)i;
    MTH_TRY(infer_extent(rule, i + 2, number(&lists[0], at), number(&lists[2], at),
                         number(&lists[1], 2 * at), number(&lists[1], 2 * at + 1)));
  }
  return MTH_OK;
}

// ---- the table ----------------------------------------------------------------------------------

static const mth_op_key windows[] = {
    MTH_IN("input", MTH_FAMILY_ANY),
    MTH_NEEDED("axis", MTH_ARG_INT),
    MTH_NEEDED("kernel", MTH_ARG_DIMS),
    MTH_NEEDED("count", MTH_ARG_DIMS),
    MTH_NEEDED("start", MTH_ARG_DIMS),
    MTH_OPTION("stride", MTH_ARG_INT, {.kind = MTH_ARG_INT, .i = 1}),
    MTH_OPTION("dilation", MTH_ARG_INT, {.kind = MTH_ARG_INT, .i = 1})};
static const mth_op_key convolution[] = {
    MTH_IN("input", MTH_NUMBER),
    MTH_IN("weight", MTH_NUMBER),
    MTH_OPTION("stride", MTH_ARG_INTS, {.kind = MTH_ARG_NONE}),
    MTH_OPTION("padding", MTH_ARG_INTS, {.kind = MTH_ARG_NONE}),
    MTH_OPTION("dilation", MTH_ARG_INTS, {.kind = MTH_ARG_NONE}),
    MTH_OPTION("groups", MTH_ARG_INT, {.kind = MTH_ARG_INT, .i = 1})};
static const mth_op_key any[] = {MTH_OUTPUT(MTH_FAMILY_ANY)};
static const mth_op_key number_out[] = {MTH_OUTPUT(MTH_NUMBER)};

static const mth_op ops[] = {
    MTH_OP("windows", "SlidingWindows", VIEW, windows, any, 0, infer_windows),
    MTH_OP("convolution", "Convolution", CONTRACT, convolution, number_out, 0, infer_convolution),
};

mth_op_table mth_window_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
