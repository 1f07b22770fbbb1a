// channel_shuffle_test.c: operators of users, made of expressions and of dims that are not known
// yet.
#include "test/programs/program_fixture.h"

// B, C, H, W = x.shape; x.reshape(B, g, C // g, H, W).transpose(0, 2, 1, 3, 4).reshape(B, C, H, W)
static mth_status make_shuffle(mth_context *context, const mth_arg *args, mth_model **out_model) {
  mth_sketch s;
  mth_sketch_begin(&s, context, "ChannelShuffle");
  mth_connection *x = mth_sketch_input(&s, "input");
  const mth_dim *d[4];
  mth_shape_dims(x, 4, d);
  mth_dim_table *dims = mth_context_dims(context);
  const mth_dim *g = mth_dim_constant(dims, args[0].i);
  const mth_dim *split[] = {d[0], g, mth_dim_floordiv(dims, d[1], g), d[2], d[3]};
  x = mth_transpose(mth_reshape(x, 5, split), 5, (int64_t[]){0, 2, 1, 3, 4});
  mth_sketch_output(&s, mth_reshape(x, 4, d), "output");
  return mth_sketch_end(&s, out_model);
}

// A convolution of each channel by itself, then one that mixes them. The number of channels is the
// input's: groups = x.shape[1].
static mth_status make_separable(mth_context *context, const mth_arg *args, mth_model **out_model) {
  mth_sketch s;
  mth_model *depth = NULL, *mix = NULL;
  mth_sketch_begin(&s, context, "DepthwiseSeparableConv");
  mth_connection *x = mth_sketch_input(&s, "input");
  const mth_dim *d[4];
  mth_shape_dims(x, 4, d);
  const mth_arg by_channel[] = {MTH_ARG_I("kernel_size", 3), MTH_ARG_D("out_channels", d[1]),
                                MTH_ARG_D("groups", d[1]), MTH_ARG_I("padding", 1)};
  const mth_arg mixing[] = {MTH_ARG_I("kernel_size", 1), MTH_ARG_I("out_channels", args[0].i)};
  if (s.status == MTH_OK)
    s.status = mth_model_create_class(context, "Convolution2D", by_channel, 4, &depth);
  x = mth_apply_to(depth, x);
  if (s.status == MTH_OK)
    s.status = mth_model_create_class(context, "Convolution2D", mixing, 2, &mix);
  mth_sketch_output(&s, mth_apply_to(mix, x), "output");
  return mth_sketch_end(&s, out_model);
}

static const mth_class_param one_integer[] = {
    {.name = "count", .takes = MTH_TAKES(INT), .is_required = true}};
static const mth_class shuffle = {.struct_bytes = sizeof shuffle,
                                  .abi = MTH_CLASS_ABI,
                                  .name = "ChannelShuffle",
                                  .params = one_integer,
                                  .param_count = 1,
                                  .create = make_shuffle};
static const mth_class separable = {.struct_bytes = sizeof separable,
                                    .abi = MTH_CLASS_ABI,
                                    .name = "DepthwiseSeparableConv",
                                    .params = one_integer,
                                    .param_count = 1,
                                    .create = make_separable};

// Both entries for inputs of this shape. `parameter`: the input is one too, to have its gradient.
static mth_program *compile_both(mth_context *context, mth_model *m, mth_shape shape) {
  const mth_entry_shape input = {"input", shape};
  const mth_entry_request entries[] = {
      {.name = "evaluate", .shapes = &input, .shape_count = 1},
      {.name = "gradients", .kind = MTH_ENTRY_GRADIENTS, .shapes = &input, .shape_count = 1}};
  check_ok(context, mth_connection_set_differentiable(mth_model_find(m, "input"), true));
  return compile_f64(context, m, 2, entries);
}

TEST(channel_shuffle, permutes_channels) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(mth_register_class(context, &shuffle) == MTH_OK);
  mth_model *m = MAKE(context, "ChannelShuffle", MTH_ARG_I("count", 2));
  ASSERT(m);
  mth_program *program =
      compile_both(context, m, MTH_SHAPE(MTH_N(2), MTH_N(6), MTH_N(3), MTH_N(4)));
  bound_entry e;
  ASSERT(bind_all(&e, program, "evaluate", 0));
  fill_inputs(&e, 1);
  ASSERT(mth_call_run(e.call) == MTH_OK);
  for (size_t b = 0; b < 2; b++)
    for (size_t c = 0; c < 6; c++) // channel c is number c / 2 of group c % 2
      EXPECT(memcmp(data_of(&e, "output") + (b * 6 + c) * 12,
                    data_of(&e, "input") + (b * 6 + c % 2 * 3 + c / 2) * 12,
                    12 * sizeof(double)) == 0);
  unbind_all(&e);
  check_gradients(program, "output", 20);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(channel_shuffle, depthwise_convolutions_take_groups_from_the_input) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(mth_register_class(context, &separable) == MTH_OK);
  mth_model *m = MAKE(context, "DepthwiseSeparableConv", MTH_ARG_I("count", 5));
  ASSERT(m);
  mth_program *program =
      compile_both(context, m, MTH_SHAPE(MTH_N(1), MTH_N(3), MTH_N(4), MTH_N(5)));
  bound_entry e;
  ASSERT(bind_all(&e, program, "evaluate", 0));
  const int first = port_of(&e, "weight_0"), second = port_of(&e, "weight_1");
  ASSERT(first >= 0 && second >= 0);
  EXPECT_INT(e.shapes[first][0], 3); // [3, 1, 3, 3]
  EXPECT_INT(e.shapes[first][1], 1);
  EXPECT_INT(e.shapes[second][1], 3); // [5, 3, 1, 1]
  unbind_all(&e);
  check_gradients(program, "output", 12);
  mth_program_destroy(program);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
