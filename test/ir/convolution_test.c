// convolution_test.c: keys, shapes, starts and refusals of convolutional layers.
#include "ir/class.h"
#include "test/ir/model_fixture.h"

#define MAKE(context, name, model, ...)                                                            \
  mth_model_create_class(context, name, (const mth_arg[]){__VA_ARGS__},                            \
                         sizeof((const mth_arg[]){__VA_ARGS__}) / sizeof(mth_arg), model)
#define PAIR(key, a, b) MTH_ARG_IS(key, 2, ((const int64_t[]){a, b}))

static const char *keys_of(const mth_model *model, char storage[256]) {
  size_t used = 0;
  storage[0] = 0;
  for (size_t i = 0; i < mth_model_connection_count(model); i++) {
    const mth_connection *c = mth_model_connection(model, i);
    if (!mth_connection_is_named(c)) continue;
    used += (size_t)snprintf(storage + used, 256 - used, "%s%s", used ? " " : "",
                             mth_connection_key(c));
  }
  return storage;
}

// The shape of the output for an input of [2, 4, 9] or [2, 4, 9, 9].
static const char *output_of(mth_model *model, char storage[256]) {
  const int32_t rank = mth_connection_rank(key(model, "input"));
  const mth_extent extents[] = {MTH_N(2), MTH_N(4), MTH_N(9), MTH_N(9)};
  const mth_shape shape = {(size_t)rank, extents};
  EXPECT_INT(mth_connection_set_shape(key(model, "input"), shape), MTH_OK);
  return shape_of(key(model, "output"), storage);
}

TEST(convolution, has_the_keys_and_shapes_of_its_arguments) {
  mth_context *context = new_context();
  mth_model *one = NULL, *two = NULL, *open = NULL;
  char text[256];
  ASSERT(MAKE(context, "convolution1d", &one, MTH_ARG_I("kernel_size", 3),
              MTH_ARG_I("out_channels", 5), PAIR("padding", 0, 2)) == MTH_OK);
  EXPECT_TEXT(keys_of(one, text), "weight input stride padding dilation groups bias output");
  EXPECT_TEXT(output_of(one, text), "[2, 5, 9]");
  EXPECT_TEXT(shape_of(key(one, "weight"), text), "[5, 4, 3]");
  EXPECT_TEXT(shape_of(key(one, "bias"), text), "[5]");
  EXPECT(mth_connection_is_differentiable(key(one, "bias")));
  const mth_initializer *start = mth_connection_initializer(key(one, "weight"));
  EXPECT(start && start->fan);
  ASSERT(MAKE(context, "Convolution2D", &two, PAIR("kernel_size", 3, 2), PAIR("stride", 1, 3),
              MTH_ARG_I("dilation", 2), MTH_ARG_I("groups", 2), MTH_ARG_I("out_channels", 6),
              MTH_ARG_B("use_bias", false)) == MTH_OK);
  EXPECT_TEXT(keys_of(two, text), "weight input stride padding dilation groups output");
  EXPECT_TEXT(output_of(two, text), "[2, 6, 5, 3]");
  EXPECT_TEXT(shape_of(key(two, "weight"), text), "[6, 2, 3, 2]");
  ASSERT(MAKE(context, "Convolution2D", &open, MTH_ARG_I("kernel_size", 3)) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(open, "weight"),
                                  MTH_SHAPE(MTH_N(7), MTH_ANY, MTH_ANY, MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(output_of(open, text), "[2, 7, 7, 7]");
  mth_model_destroy(one);
  mth_model_destroy(two);
  mth_model_destroy(open);
  mth_context_destroy(context);
}

// A depthwise convolution: as many groups as the input, which is known later, has channels.
TEST(convolution, takes_groups_that_are_known_later) {
  mth_context *context = new_context();
  mth_model *model = new_model(context), *layer = NULL;
  mth_connection *input = NULL;
  const mth_dim *channels = NULL;
  char text[256];
  ASSERT(mth_model_add_input(model, "input", NULL, &input) == MTH_OK);
  ASSERT(mth_connection_set_shape(input, MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_ANY, MTH_ANY)) == MTH_OK);
  ASSERT(mth_connection_dim(input, 1, &channels) == MTH_OK);
  ASSERT(MAKE(context, "Convolution2D", &layer, MTH_ARG_I("kernel_size", 3),
              MTH_ARG_D("out_channels", channels), MTH_ARG_D("groups", channels)) == MTH_OK);
  ASSERT(mth_model_add(model, layer, "depthwise", (mth_wire[]){MTH_WIRE_TO("input", input)}, 1) ==
         MTH_OK);
  ASSERT(mth_connection_set_shape(input, MTH_SHAPE(MTH_N(2), MTH_N(6), MTH_N(9), MTH_ANY)) ==
         MTH_OK);
  EXPECT_TEXT(shape_of(key(layer, "weight"), text), "[6, 1, 3, 3]");
  EXPECT_TEXT(shape_of(key(layer, "output"), text), "[2, 6, 7, u1]");
  mth_model_destroy(model);
  mth_context_destroy(context);
}

TEST(convolution, pads_as_it_is_told) {
  mth_context *context = new_context();
  const mth_arg rows[] = {MTH_ARG_I(NULL, 1), MTH_ARG_I(NULL, 3)};
  const mth_arg mixed[] = {MTH_ARG_TUPLE_OF(NULL, 2, rows), MTH_ARG_I(NULL, 2)};
  const struct {
    mth_arg padding;
    const char *wanted;
  } cases[] = {{MTH_ARG_I("padding", 2), "[2, 4, 11, 11]"},
               {PAIR("padding", 1, 0), "[2, 4, 9, 7]"},
               {MTH_ARG_TUPLE_OF("padding", 2, rows), "[2, 4, 9, 13]"},
               {MTH_ARG_TUPLE_OF("padding", 2, mixed), "[2, 4, 11, 11]"},
               {MTH_ARG_S("padding", "VALID"), "[2, 4, 7, 7]"},
               {MTH_ARG_S("padding", "SAME"), "[2, 4, 9, 9]"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    mth_model *model = NULL;
    char text[256];
    ASSERT(MAKE(context, "Conv2d", &model, MTH_ARG_I("in_channels", 4),
                MTH_ARG_I("out_channels", 4), MTH_ARG_I("kernel_size", 3),
                cases[i].padding) == MTH_OK);
    EXPECT_TEXT(output_of(model, text), cases[i].wanted);
    mth_model_destroy(model);
  }
  mth_context_destroy(context);
}

TEST(convolution, refuses_what_has_no_meaning) {
  mth_context *context = new_context();
  mth_model *model = NULL;
#define REFUSES(wanted, ...)                                                                       \
  EXPECT_ERROR(context, MAKE(context, "Convolution2D", &model, __VA_ARGS__), "Convolution2D",      \
               wanted)
  const mth_arg k = MTH_ARG_I("kernel_size", 2);
  const mth_arg sides[] = {MTH_ARG_I(NULL, 1), MTH_ARG_S(NULL, "x")};
  REFUSES("the argument 'kernel_size' is missing", MTH_ARG_I("out_channels", 2));
  REFUSES("wanted 1 or more in 'kernel_size', found 0", MTH_ARG_I("kernel_size", 0));
  REFUSES("wanted one number or 2 in 'stride', found 3", k,
          MTH_ARG_IS("stride", 3, ((const int64_t[]){1, 1, 1})));
  REFUSES("wanted one number or 2 in 'padding', found 3", k,
          MTH_ARG_IS("padding", 3, ((const int64_t[]){1, 1, 1})));
  REFUSES("wanted one number or two for an axis in 'padding'", k,
          MTH_ARG_TUPLE_OF("padding", 2, sides));
  REFUSES("wanted \"SAME\", \"VALID\" or numbers in 'padding', found \"FULL\"", k,
          MTH_ARG_S("padding", "FULL"));
  REFUSES("padding \"SAME\" wants an odd kernel size, found 2", k, MTH_ARG_S("padding", "SAME"));
  REFUSES("wanted 1 or more in 'groups', found 0", k, MTH_ARG_I("groups", 0));
  EXPECT_ERROR(context,
               MAKE(context, "Conv2d", &model, MTH_ARG_I("in_channels", 4),
                    MTH_ARG_I("out_channels", 6), k, MTH_ARG_I("groups", 3)),
               "Conv2d", "3 groups do not divide 4 channels");
  EXPECT(model == NULL);
  mth_context_destroy(context);
}
