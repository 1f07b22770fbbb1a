// convolution.c: convolutions with their parameters, as classes: Convolution1D, Convolution2D and,
// under PyTorch's name and with both channels, Conv2d.
//
//   Convolution1D(kernel_size, out_channels=None, stride=1, padding=0, dilation=1, groups=1,
//                 use_bias=true)                    and Convolution2D alike
//   Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1,
//          bias=true)
//
// output = cross-correlation(input, weight) + bias
//
// Arguments  of two axes are one number for both or two. padding: a number for all sides; two, in
//            front and behind (1D) or on both sides of each axis (2D); two pairs, in front and
//            behind of each axis; "VALID", none; "SAME", which at a stride of 1 keeps the extents
//            and wants odd kernels. out_channels None: open, until something fixes it.
// Shapes     input [N, C, L...], weight [O, C/groups, k...], bias [O], output [N, O, P...] with
//            P = floor((L + low + high - (k-1)*dilation - 1) / stride) + 1.
// Starts     weight and bias uniform in +-1/sqrt(C/groups * k...), as PyTorch's.
// Keys       weight, input, stride, padding, dilation, groups, bias, output; those that are no
//            tensors have their values.
#include "ir/models/class_tables.h"
#include "ir/sketch.h"

#include <string.h>

enum { space_max = 2 };

typedef struct layer {
  const char *class_name;
  size_t space;
  const mth_arg *in_channels, *out_channels, *groups; // an integer, perhaps symbolic; None: open
  int64_t kernel[space_max], stride[space_max], dilation[space_max], padding[2 * space_max];
  bool use_bias;
} layer;

// ---- arguments ----------------------------------------------------------------------------------

static mth_status refuse_count(const layer *at, mth_location where, const mth_arg *arg) {
  return mth_fail(MTH_INVALID, where, "wanted one number or %zu in '%s', found %zu", at->space,
                  arg->key, arg->count);
}

// One number for all axes, or one each.
static mth_status read_axes(const layer *at, mth_location where, const mth_arg *arg, int64_t *out) {
  if (arg->kind == MTH_ARG_INTS && arg->count != at->space) return refuse_count(at, where, arg);
  for (size_t i = 0; i < at->space; i++)
    out[i] = arg->kind == MTH_ARG_INTS ? arg->ints[i] : arg->i;
  return MTH_OK;
}

static mth_status read_named_padding(const layer *at, mth_location where, const char *name,
                                     int64_t *out) {
  const bool same = strcmp(name, "SAME") == 0;
  if (!same && strcmp(name, "VALID") != 0)
    return mth_fail(MTH_INVALID, where,
                    "wanted \"SAME\", \"VALID\" or numbers in 'padding', found "
                    "\"%s\"",
                    name);
  for (size_t i = 0; i < at->space; i++) {
    if (same && at->kernel[i] % 2 == 0)
      return mth_fail(MTH_INVALID, where, "padding \"SAME\" wants an odd kernel size, found %lld",
                      (long long)at->kernel[i]);
    out[2 * i] = out[2 * i + 1] = same ? at->kernel[i] / 2 * at->dilation[i] : 0;
  }
  return MTH_OK;
}

// The item of an argument of several numbers, or of pairs of numbers, at `index`.
static mth_arg item_of(const mth_arg *arg, size_t index) {
  return arg->kind == MTH_ARG_INTS ? MTH_ARG_I(NULL, arg->ints[index]) : arg->items[index];
}

static bool is_list(const mth_arg *arg) {
  return arg->kind == MTH_ARG_INTS || arg->kind == MTH_ARG_TUPLE;
}

// Low and high of one axis: a number for both, or a pair.
static bool read_sides(const mth_arg *arg, int64_t *out) {
  if (is_list(arg) && arg->count != 2) return false;
  for (size_t i = 0; i < 2; i++) {
    const mth_arg side = is_list(arg) ? item_of(arg, i) : *arg;
    if (side.kind != MTH_ARG_INT) return false;
    out[i] = side.i;
  }
  return true;
}

static mth_status read_padding(const layer *at, mth_location where, const mth_arg *arg,
                               int64_t *out) {
  if (arg->kind == MTH_ARG_STRING) return read_named_padding(at, where, arg->s, out);
  const bool for_each_axis = at->space > 1 && is_list(arg);
  if (for_each_axis && arg->count != at->space) return refuse_count(at, where, arg);
  for (size_t i = 0; i < at->space; i++) {
    const mth_arg sides = for_each_axis ? item_of(arg, i) : *arg;
    if (!read_sides(&sides, &out[2 * i]))
      return mth_fail(MTH_INVALID, where, "wanted one number or two for an axis in 'padding'");
  }
  return MTH_OK;
}

static mth_status check_channels(const layer *at, mth_location where) {
  const bool is_known = at->groups->kind == MTH_ARG_INT;
  if (is_known && at->groups->i < 1)
    return mth_fail(MTH_INVALID, where, "wanted 1 or more in 'groups', found %lld",
                    (long long)at->groups->i);
  if (is_known && at->in_channels && at->in_channels->kind == MTH_ARG_INT &&
      at->in_channels->i % at->groups->i != 0)
    return mth_fail(MTH_INVALID, where, "%lld groups do not divide %lld channels",
                    (long long)at->groups->i, (long long)at->in_channels->i);
  for (size_t i = 0; i < at->space; i++)
    if (at->kernel[i] < 1)
      return mth_fail(MTH_INVALID, where, "wanted 1 or more in 'kernel_size', found %lld",
                      (long long)at->kernel[i]);
  return MTH_OK;
}

// `args` from the kernel size on: stride, padding, dilation, groups, bias.
static mth_status read_walk(layer *at, mth_location where, const mth_arg *kernel,
                            const mth_arg *args) {
  MTH_TRY(read_axes(at, where, kernel, at->kernel));
  MTH_TRY(read_axes(at, where, &args[0], at->stride));
  MTH_TRY(read_axes(at, where, &args[2], at->dilation));
  MTH_TRY(read_padding(at, where, &args[1], at->padding));
  at->groups = &args[3];
  at->use_bias = args[4].b;
  return check_channels(at, where);
}

// ---- the composite ------------------------------------------------------------------------------

static mth_extent open_or(const mth_arg *channels) {
  if (!channels || channels->kind == MTH_ARG_NONE) return MTH_ANY;
  return channels->kind == MTH_ARG_DIM ? MTH_OF(channels->dim) : MTH_N(channels->i);
}

// [O, C/groups, k...], with a start that depends on the terms of a sum.
static mth_connection *add_weight(mth_sketch *s, const layer *at, mth_initializer *out_start) {
  mth_dim_table *dims = mth_context_dims(s->context);
  mth_extent extents[2 + space_max] = {open_or(at->out_channels), MTH_ANY};
  for (size_t i = 0; i < at->space; i++)
    extents[2 + i] = MTH_N(at->kernel[i]);
  const mth_shape shape = {.rank = 2 + at->space, .extents = extents};
  mth_connection *weight = mth_sketch_parameter(s, "weight", shape, (mth_initializer){0});
  const mth_dim *fan = mth_sketch_dim(s, weight, 1);
  for (size_t i = 0; i < at->space; i++)
    fan = mth_dim_multiply(dims, fan, mth_dim_constant(dims, at->kernel[i]));
  *out_start = (mth_initializer){MTH_INIT_UNIFORM, -1, 1, fan};
  if (s->status == MTH_OK) s->status = mth_connection_set_initializer(weight, *out_start);
  return weight;
}

static mth_connection *convolve(mth_sketch *s, const layer *at, mth_connection *weight) {
  mth_model *child = NULL;
  if (s->status != MTH_OK) return NULL;
  const mth_arg args[] = {MTH_ARG_IS("padding", 2 * at->space, at->padding),
                          MTH_ARG_IS("stride", at->space, at->stride),
                          MTH_ARG_IS("dilation", at->space, at->dilation), *at->groups};
  s->status = mth_model_create_op(s->context, "convolution", args, 4, &child);
  if (s->status != MTH_OK) return NULL;
  const mth_wire wires[] = {MTH_WIRE_TO("weight", weight), MTH_WIRE("padding", "padding"),
                            MTH_WIRE("stride", "stride"),  MTH_WIRE("dilation", "dilation"),
                            MTH_WIRE("input", "input"),    MTH_WIRE("groups", "groups")};
  child = mth_sketch_child(s, child, NULL, wires, sizeof wires / sizeof *wires);
  if (!child) return NULL;
  if (at->in_channels) {
    const mth_extent extents[2 + space_max] = {MTH_ANY, open_or(at->in_channels), MTH_ANY, MTH_ANY};
    mth_sketch_shape(s, mth_sketch_key(s, s->model, "input"),
                     (mth_shape){.rank = 2 + at->space, .extents = extents});
  }
  return mth_sketch_key(s, child, "output");
}

// bias [O] as [O, 1...], which broadcasts over places.
static mth_connection *add_bias(mth_sketch *s, const layer *at, mth_initializer start,
                                mth_connection *weight, mth_connection *y) {
  const mth_dim *one = mth_dim_constant(mth_context_dims(s->context), 1);
  const mth_dim *shape[1 + space_max] = {mth_sketch_dim(s, weight, 0), one, one};
  if (s->status != MTH_OK) return NULL;
  mth_connection *bias = mth_sketch_parameter(s, "bias", MTH_SHAPE(MTH_OF(shape[0])), start);
  return mth_sketch_binary(s, "add", y, mth_sketch_reshape(s, bias, 1 + at->space, shape));
}

static mth_status build(mth_context *context, const layer *at, mth_model **out_model) {
  mth_initializer start = {0};
  mth_sketch s;
  mth_sketch_begin(&s, context, at->class_name);
  mth_connection *weight = add_weight(&s, at, &start);
  mth_connection *y = convolve(&s, at, weight);
  if (at->use_bias) y = add_bias(&s, at, start, weight, y);
  mth_sketch_output(&s, y, "output");
  return mth_sketch_end(&s, out_model);
}

static mth_status make(mth_context *context, layer at, const mth_arg *kernel, const mth_arg *walk,
                       mth_model **out_model) {
  MTH_TRY(read_walk(&at, (mth_location){mth_context_sink(context), at.class_name}, kernel, walk));
  return build(context, &at, out_model);
}

static mth_status make_1d(mth_context *context, const mth_arg *args, mth_model **out_model) {
  const layer at = {.class_name = "Convolution1D", .space = 1, .out_channels = &args[1]};
  return make(context, at, &args[0], &args[2], out_model);
}

static mth_status make_2d(mth_context *context, const mth_arg *args, mth_model **out_model) {
  const layer at = {.class_name = "Convolution2D", .space = 2, .out_channels = &args[1]};
  return make(context, at, &args[0], &args[2], out_model);
}

static mth_status make_conv2d(mth_context *context, const mth_arg *args, mth_model **out_model) {
  const layer at = {
      .class_name = "Conv2d", .space = 2, .in_channels = &args[0], .out_channels = &args[1]};
  return make(context, at, &args[2], &args[3], out_model);
}

// ---- the table ----------------------------------------------------------------------------------

#define ONE {.kind = MTH_ARG_INT, .i = 1}
#define AXES (MTH_TAKES(INT) | MTH_TAKES(INTS))
#define OPEN_NUMBER (MTH_TAKES_INTEGER | MTH_TAKES(NONE))
#define WALK                                                                                       \
  MTH_PARAM_OR("stride", AXES, ONE),                                                               \
      MTH_PARAM_OR("padding", AXES | MTH_TAKES(TUPLE) | MTH_TAKES(STRING),                         \
                   {.kind = MTH_ARG_INT, .i = 0}),                                                 \
      MTH_PARAM_OR("dilation", AXES, ONE), MTH_PARAM_OR("groups", MTH_TAKES_INTEGER, ONE)

static const mth_class_param convolution[] = {
    MTH_PARAM("kernel_size", AXES),
    MTH_PARAM_OR("out_channels", OPEN_NUMBER, {.kind = MTH_ARG_NONE}), WALK,
    MTH_PARAM_OR("use_bias", MTH_TAKES(BOOL), {.kind = MTH_ARG_BOOL, .b = true})};
static const mth_class_param conv2d[] = {
    MTH_PARAM("in_channels", MTH_TAKES_INTEGER), MTH_PARAM("out_channels", MTH_TAKES_INTEGER),
    MTH_PARAM("kernel_size", AXES), WALK,
    MTH_PARAM_OR("bias", MTH_TAKES(BOOL), {.kind = MTH_ARG_BOOL, .b = true})};

static const mth_class classes[] = {
    MTH_CLASS("Convolution1D", convolution, make_1d),
    MTH_CLASS("Convolution2D", convolution, make_2d),
    MTH_CLASS("Conv2d", conv2d, make_conv2d),
};

mth_class_table mth_convolution_classes(void) {
  return (mth_class_table){classes, sizeof classes / sizeof *classes};
}
