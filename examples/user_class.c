// user_class.c: operators of a user's own, as classes: composites that are built from their
// arguments and from dims of their input that are not known yet. Prints what is inferred.
#include "frontend/mithril.h"

#include <stdio.h>

static mth_connection *convolve(mth_connection *x, const mth_arg *args, size_t count) {
  mth_model *convolution = NULL;
  mth_context *context = x ? mth_model_context(mth_connection_model(x)) : NULL;
  if (!context || mth_model_create_class(context, "Convolution2D", args, count, &convolution))
    return NULL;
  return mth_apply_to(convolution, x);
}

// A convolution of each channel by itself, then one that mixes them.
static mth_status make_separable(mth_context *context, const mth_arg *args, mth_model **out_model) {
  mth_connection *x = mth_free_input(context, "input", NULL);
  const mth_dim *d[4]; // batch, channels, height, width
  mth_shape_dims(x, 4, d);
  const mth_arg by_channel[] = {MTH_ARG_I("kernel_size", 3), MTH_ARG_D("out_channels", d[1]),
                                MTH_ARG_D("groups", d[1]), MTH_ARG_I("padding", 1)};
  const mth_arg mixing[] = {MTH_ARG_I("kernel_size", 1), MTH_ARG_I("out_channels", args[0].i)};
  const mth_named_output output = {"output", convolve(convolve(x, by_channel, 4), mixing, 2)};
  return mth_model_from(context, "Separable", &output, 1, out_model);
}

static const mth_class_param out_channels = {
    .name = "out_channels", .takes = MTH_TAKES(INT), .is_required = true};
static const mth_class separable = {.struct_bytes = sizeof separable,
                                    .abi = MTH_CLASS_ABI,
                                    .name = "Separable",
                                    .params = &out_channels,
                                    .param_count = 1,
                                    .create = make_separable};

// The channels of each group next to each other become those of all groups in turn.
static mth_status make_shuffle(mth_context *context, const mth_arg *args, mth_model **out_model) {
  mth_connection *x = mth_free_input(context, "input", NULL);
  const mth_dim *d[4];
  mth_shape_dims(x, 4, d);
  mth_dim_table *dims = mth_context_dims(context);
  const mth_dim *groups = mth_dim_constant(dims, args[0].i);
  const mth_dim *split[] = {d[0], groups, mth_dim_floordiv(dims, d[1], groups), d[2], d[3]};
  x = mth_transpose(mth_reshape(x, 5, split), 5, (int64_t[]){0, 2, 1, 3, 4});
  const mth_named_output output = {"output", mth_reshape(x, 4, d)};
  return mth_model_from(context, "ChannelShuffle", &output, 1, out_model);
}

static const mth_class_param group_count = {
    .name = "groups", .takes = MTH_TAKES(INT), .is_required = true};
static const mth_class shuffle = {.struct_bytes = sizeof shuffle,
                                  .abi = MTH_CLASS_ABI,
                                  .name = "ChannelShuffle",
                                  .params = &group_count,
                                  .param_count = 1,
                                  .create = make_shuffle};

static void show(const mth_model *model, mth_text *text) {
  for (size_t i = 0; i < mth_model_connection_count(model); ++i) {
    const mth_connection *key = mth_model_connection(model, i);
    if (!mth_connection_is_named(key)) continue;
    mth_text_add(text, " %s ", mth_connection_key(key));
    mth_connection_shape_text(key, text);
  }
  mth_text_add(text, "\n");
}

static mth_status show_class(mth_context *context, const mth_class *class_, mth_arg arg,
                             int64_t channels, mth_text *text) {
  mth_model *model = NULL;
  MTH_TRY(mth_register_class(context, class_));
  MTH_TRY(mth_model_create_class(context, class_->name, &arg, 1, &model));
  show(model, text);
  const mth_shape shape = MTH_SHAPE(MTH_DECLARED("B"), MTH_N(channels), MTH_N(8), MTH_N(8));
  const mth_status status = mth_connection_set_shape(mth_model_find(model, "input"), shape);
  if (status == MTH_OK) {
    show(model, text);
    mth_model_tree(model, 1, text);
  }
  mth_model_destroy(model);
  return status;
}

static mth_status run(mth_context *context, mth_text *text) {
  MTH_TRY(show_class(context, &separable, MTH_ARG_I("out_channels", 5), 3, text));
  return show_class(context, &shuffle, MTH_ARG_I("groups", 2), 6, text);
}

int main(void) {
  mth_context *context = NULL;
  if (mth_context_create(NULL, &context) != MTH_OK) return 1;
  mth_text text = MTH_TEXT_INIT(mth_context_allocator(context));
  const mth_status status = run(context, &text);
  printf("%s", mth_text_get(&text));
  if (status != MTH_OK) fprintf(stderr, "%s\n", mth_context_diagnostic(context)->message);
  mth_text_deinit(&text);
  mth_context_destroy(context);
  return status == MTH_OK ? 0 : 1;
}
