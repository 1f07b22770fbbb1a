// residual_test.c: blocks of convolutions as functions of connections: residual ones with and
// without projection, and a double convolution that a small UNet uses three times.
#include "test/programs/program_fixture.h"

// conv(x), which has the name `name` in its model.
static mth_connection *conv(mth_connection *x, const char *name, int64_t in, int64_t out,
                            int64_t kernel) {
  if (!x) return NULL;
  const mth_arg args[] = {MTH_ARG_I("in_channels", in), MTH_ARG_I("out_channels", out),
                          MTH_ARG_I("kernel_size", kernel), MTH_ARG_I("padding", kernel / 2)};
  mth_model *made = make(mth_model_context(mth_connection_model(x)), "Conv2d", 4, args);
  return mth_apply(made, name, &MTH_WIRE_TO("input", x), 1);
}

static mth_status finish(mth_context *context, const char *class_name, mth_connection *y,
                         mth_model **out_model) {
  const mth_named_output output = {"output", y};
  return mth_model_from(context, class_name, &output, 1, out_model);
}

// relu(conv2(relu(conv1(x))) + x), where x is projected if the channels differ
static mth_status make_residual(mth_context *context, int64_t in, int64_t out,
                                mth_model **out_model) {
  mth_connection *x = mth_free_input(context, "input", NULL);
  mth_connection *y = mth_relu(conv(x, "conv1", in, out, 3));
  y = conv(y, "conv2", out, out, 3);
  mth_connection *shortcut = in == out ? x : conv(x, "projection", in, out, 1);
  return finish(context, "Residual", mth_relu(mth_add(y, shortcut)), out_model);
}

static mth_status make_double_conv(mth_context *context, int64_t in, int64_t out,
                                   mth_model **out_model) {
  mth_connection *x = mth_free_input(context, "input", NULL);
  x = mth_relu(conv(x, "conv1", in, out, 3));
  return finish(context, "DoubleConv", mth_relu(conv(x, "conv2", out, out, 3)), out_model);
}

static mth_connection *double_conv(mth_connection *x, const char *name, int64_t in, int64_t out) {
  mth_model *made = NULL;
  if (!x || !check_ok(mth_model_context(mth_connection_model(x)),
                      make_double_conv(mth_model_context(mth_connection_model(x)), in, out, &made)))
    return NULL;
  return mth_apply(made, name, &MTH_WIRE_TO("input", x), 1);
}

// Every pixel twice in each direction.
static mth_connection *enlarge(mth_connection *x) {
  const mth_dim *d[4];
  if (!x) return NULL;
  mth_dim_table *dims = mth_context_dims(mth_model_context(mth_connection_model(x)));
  mth_shape_dims(x, 4, d);
  const mth_dim *one = mth_dim_constant(dims, 1), *two = mth_dim_constant(dims, 2);
  const mth_dim *split[] = {d[0], d[1], d[2], one, d[3], one};
  const mth_dim *wide[] = {d[0], d[1], d[2], two, d[3], two};
  const mth_dim *joined[] = {d[0], d[1], mth_dim_multiply(dims, d[2], two),
                             mth_dim_multiply(dims, d[3], two)};
  x = mth_reshape(x, 6, split);
  x = mth_express(NULL, "broadcast_to", 1, &x, 1, (mth_arg[]){MTH_ARG_DS("shape", 6, wide)});
  return mth_reshape(x, 4, joined);
}

static mth_status make_unet(mth_context *context, mth_model **out_model) {
  mth_connection *x = mth_free_input(context, "input", NULL);
  mth_connection *fine = double_conv(x, "down", 1, 3);
  const mth_index_item halves[] = {MTH_ALL, MTH_ALL, MTH_SLICE(.step = 2), MTH_SLICE(.step = 2)};
  mth_connection *coarse = double_conv(mth_index(fine, 4, halves), "bottom", 3, 4);
  mth_connection *both[] = {enlarge(coarse), fine};
  mth_connection *y = mth_express(NULL, "concat", 2, both, 1, (mth_arg[]){MTH_ARG_I("axis", 1)});
  return finish(context, "UNet", double_conv(y, "up", 7, 2), out_model);
}

// Compiles, checks gradients, and gives the tree of the model, three levels deep.
static void check(mth_context *context, mth_model *m, mth_shape shape, const char *const *lines) {
  const mth_entry_shape input = {"input", shape};
  const mth_entry_request entries[] = {
      {.name = "evaluate", .shapes = &input, .shape_count = 1},
      {.name = "gradients", .kind = MTH_ENTRY_GRADIENTS, .shapes = &input, .shape_count = 1}};
  mth_program *program = compile_f64(context, m, 2, entries);
  check_gradients(program, "output", 12);
  mth_program_destroy(program);
  mth_text tree = MTH_TEXT_INIT(mth_default_allocator());
  mth_model_tree(m, 3, &tree);
  const char *at = mth_text_get(&tree);
  for (size_t i = 0; lines[i]; i++) {
    const char *found = strstr(at, lines[i]);
    harness_check(found != NULL, false, __FILE__, __LINE__, "no line '%s' in\n%s", lines[i],
                  mth_text_get(&tree));
    if (found) at = found;
  }
  mth_text_deinit(&tree);
}

TEST(residual, without_projection) {
  mth_context *context = NULL;
  mth_model *m = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(check_ok(context, make_residual(context, 3, 3, &m)));
  EXPECT(!mth_model_find_child(m, "projection"));
  const char *const lines[] = {
      "Residual\n", "  conv1 (Conv2d)", "  Relu_0 (Relu)", "  conv2 (Conv2d)", "  Add", NULL};
  check(context, m, MTH_SHAPE(MTH_N(2), MTH_N(3), MTH_N(5), MTH_N(4)), lines);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(residual, with_projection) {
  mth_context *context = NULL;
  mth_model *m = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(check_ok(context, make_residual(context, 2, 4, &m)));
  const char *const lines[] = {"  conv2 (Conv2d)", "  projection (Conv2d)", "  Add", NULL};
  check(context, m, MTH_SHAPE(MTH_N(2), MTH_N(2), MTH_N(5), MTH_N(4)), lines);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(residual, a_double_convolution_serves_a_unet_three_times) {
  mth_context *context = NULL;
  mth_model *m = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  ASSERT(check_ok(context, make_unet(context, &m)));
  const char *const lines[] = {
      "UNet\n",   "  down (DoubleConv)", "    conv1 (Conv2d)", "  Indexer", "  bottom (DoubleConv)",
      "  Concat", "  up (DoubleConv)",   "    conv2 (Conv2d)", NULL};
  check(context, m, MTH_SHAPE(MTH_N(1), MTH_N(1), MTH_N(6), MTH_N(4)), lines);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
