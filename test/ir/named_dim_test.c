// named_dim_test.c: dims that a model gives names, stated where it is wired (rule R8).
#include "test/ir/model_fixture.h"

static mth_status add_with(mth_model *m, mth_model *child, mth_wire size) {
  const mth_wire wires[] = {MTH_WIRE("input", "x"), size};
  return mth_model_add(m, child, NULL, wires, 2);
}

TEST(named_dim, is_stated_where_the_model_is_wired) { // Linear(10)(input_size=2048)
  mth_context *context = new_context();
  mth_model *m = new_model(context), *linear = new_linear(context, 10);
  char text[256];
  ASSERT(add_with(m, linear, MTH_WIRE_I("input_size", 2048)) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "x"), text), "[..., u1, 2048]");
  EXPECT_TEXT(shape_of(key(linear, "weight"), text), "[10, 2048]");
  mth_model *other = new_linear(context, 4);
  EXPECT_REFUSED(context, m, add_with(m, other, MTH_WIRE_I("input_size", 2047)),
                 "model 'Linear', key 'input'", "'x' has shape [..., ?, 2048], wanted [..., 2047]");
  mth_model_destroy(other);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(named_dim, may_be_a_dim_of_another_connection) { // R4
  mth_context *context = new_context();
  mth_model *m = new_model(context), *linear = new_linear(context, 10);
  mth_connection *z = NULL;
  const mth_dim *dim = NULL;
  const mth_shape shape = MTH_SHAPE(MTH_ANY, MTH_ANY);
  char text[256];
  ASSERT(mth_model_add_input(m, "z", &(mth_facts){.shape = &shape}, &z) == MTH_OK);
  ASSERT(mth_connection_dim(z, 1, &dim) == MTH_OK);
  ASSERT(add_with(m, linear, MTH_WIRE_D("input_size", dim)) == MTH_OK);
  ASSERT(mth_connection_set_shape(z, MTH_SHAPE(MTH_N(5), MTH_N(7))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(linear, "weight"), text), "[10, 7]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(named_dim, goes_with_a_key_that_is_merged) {
  mth_context *context = new_context();
  mth_model *net = new_model(context), *copy = NULL, *m = new_model(context);
  char text[256];
  ASSERT(mth_model_add(net, new_op(context, "Relu"), NULL, &MTH_WIRE("input", "x"), 1) == MTH_OK);
  ASSERT(mth_model_add(net, new_op(context, "Tanh"), NULL, &MTH_WIRE("input", "y"), 1) == MTH_OK);
  ASSERT(mth_model_name_dim(net, "width", key(net, "y"), -1) == MTH_OK);
  mth_connection *const keys[] = {key(net, "x"), key(net, "y")};
  ASSERT(mth_model_merge(net, keys, 2, "z") == MTH_OK);
  ASSERT(mth_model_copy(net, &copy) == MTH_OK);
  const mth_wire wires[] = {MTH_WIRE("z", "x"), MTH_WIRE_I("width", 3)};
  ASSERT(mth_model_add(m, copy, NULL, wires, 2) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "x"), text), "[..., 3]");
  mth_model_destroy(net);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(named_dim, counts_from_either_end_and_is_copied) {
  mth_context *context = new_context();
  mth_model *net = new_model(context), *copy = NULL, *m = new_model(context);
  const mth_wire wires[] = {MTH_WIRE("input", "input"), MTH_WIRE("output", "output")};
  char text[256];
  ASSERT(mth_model_add(net, new_op(context, "Relu"), NULL, wires, 2) == MTH_OK);
  ASSERT(mth_model_name_dim(net, "channels", key(net, "input"), 1) == MTH_OK);
  ASSERT(mth_model_name_dim(net, "width", key(net, "output"), -2) == MTH_OK);
  ASSERT(mth_model_copy(net, &copy) == MTH_OK);
  const mth_arg three = {.kind = MTH_ARG_DIMS,
                         .count = 1,
                         .dims =
                             (const mth_dim *[]){mth_dim_constant(mth_context_dims(context), 3)}};
  const mth_wire sizes[] = {MTH_WIRE("input", "x"),
                            {.key = "channels", .kind = MTH_WIRE_VALUE, .value = three},
                            MTH_WIRE_I("width", 8)};
  ASSERT(mth_model_add(m, copy, NULL, sizes, 3) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_ANY, MTH_ANY)) ==
         MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "x"), text), "[u1, 3, 8, u2]");
  mth_model_destroy(net);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(named_dim, refusals_say_why_and_change_nothing) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *linear = new_linear(context, 10), *net = new_model(context);
  EXPECT_REFUSED(context, m, add_with(m, linear, MTH_WIRE("input_size", "n")), "model 'Linear'",
                 "'input_size' is a dim of 'input' and takes an integer");
  EXPECT_REFUSED(context, m, add_with(m, linear, MTH_WIRE_F("input_size", 2)), "model 'Linear'",
                 "'input_size' is a dim of 'input' and takes an integer");
  EXPECT_REFUSED(
      context, m, add_with(m, linear, MTH_WIRE_I("inputsize", 2)), "model 'Linear'",
      "there is no key 'inputsize'; the model has weight, input, bias, output and the dim "
      "input_size");
  EXPECT_REFUSED(context, m, add_with(m, linear, MTH_WIRE_I("input_size", -2)),
                 "model 'Linear', key 'input'", "wanted an extent of 0 or more, found -2");
  mth_connection *x = NULL, *other = NULL;
  ASSERT(mth_model_add_input(net, "x", NULL, &x) == MTH_OK);
  ASSERT(mth_model_name_dim(net, "size", x, 0) == MTH_OK);
  EXPECT_REFUSED(context, net, mth_model_name_dim(net, "size", x, 1), "model 'Model'",
                 "there is a dim called 'size' already");
  EXPECT_REFUSED(context, net, mth_model_add_input(net, "size", NULL, &other), "model 'Model'",
                 "there is a dim called 'size' already");
  EXPECT_REFUSED(context, net, mth_model_name_dim(net, "x", x, 1), "model 'Model'",
                 "there is a key 'x' already");
  EXPECT_REFUSED(context, net, mth_model_name_dim(net, "n", x, 32), "model 'Model', key 'x'",
                 "an axis of rank at most 32 was wanted, 32 was given");
  EXPECT_REFUSED(context, net, mth_model_name_dim(net, "n", NULL, 0), "model 'Model'",
                 "a connection was wanted, NULL was given");
  EXPECT_REFUSED(context, linear, mth_model_name_dim(linear, "n", key(linear, "input"), 0),
                 "model 'Linear'", "it is frozen and can not be extended");
  mth_model *reshape = new_op(context, "Reshape");
  ASSERT(mth_model_add(net, reshape, NULL, NULL, 0) == MTH_OK);
  EXPECT_REFUSED(context, net, mth_model_name_dim(net, "n", key(reshape, "shape"), 0),
                 "model 'Model', key '$2' (Reshape.shape)", "it is an argument and has no dims");
  mth_model_destroy(linear);
  mth_model_destroy(net);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
