// connection_test.c: facts flow through nested models, contradictions are refused with names, dims
// are integer symbols (rule R4).
#include "test/ir/model_fixture.h"

static mth_connection *append(mth_model *m, mth_model *child, const char *output) {
  const mth_wire wires[] = {MTH_WIRE("output", output)};
  EXPECT_INT(mth_model_append(m, child, NULL, wires, 1), MTH_OK);
  return key(m, output);
}

TEST(connection, flow_forward_and_backward) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *first = new_linear(context, 4);
  char text[256];
  mth_connection *hidden = append(m, first, "hidden");
  mth_model *second = new_linear(context, 3);
  append(m, second, "y");
  EXPECT_TEXT(shape_of(key(first, "weight"), text), "[4, u1]");
  EXPECT_TEXT(shape_of(key(second, "weight"), text), "[3, 4]");
  EXPECT_TEXT(shape_of(key(second, "bias"), text), "[3]");
  EXPECT_TEXT(shape_of(hidden, text), "[..., u1, 4]");
  ASSERT(mth_connection_set_shape(key(first, "input"), MTH_SHAPE(MTH_DECLARED("B"), MTH_N(8))) ==
         MTH_OK);
  EXPECT_TEXT(shape_of(key(first, "weight"), text), "[4, 8]");
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[B, 3]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection, an_input_size_may_be_stated_at_connection) { // R8
  mth_context *context = new_context();
  mth_model *m = new_model(context), *linear = new_linear(context, 10);
  char text[256];
  const mth_shape shape = MTH_SHAPE(MTH_REST, MTH_N(2048));
  mth_wire input = MTH_WIRE("input", "x");
  const mth_facts facts = {.shape = &shape};
  input.facts = &facts;
  ASSERT(mth_model_add(m, linear, NULL, &input, 1) == MTH_OK);
  EXPECT_TEXT(shape_of(key(linear, "weight"), text), "[10, 2048]");
  EXPECT_REFUSED(context, m, mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_ANY, MTH_N(7))),
                 "model 'Model', key 'x'", "'x' has shape [..., ?, 2048], wanted [?, 7]");
  EXPECT_TEXT(shape_of(key(m, "x"), text), "[..., u1, 2048]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection, unknown_dims_are_numbered_within_a_text) {
  mth_context *context = new_context();
  mth_dim_table *dims = mth_context_dims(context);
  mth_model *m = new_model(context);
  mth_connection *x = NULL, *y = NULL;
  char text[256];
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  ASSERT(mth_model_add_input(m, "y", NULL, &y) == MTH_OK);
  const mth_dim *d[2] = {NULL, NULL}, *two = mth_dim_constant(dims, 2);
  mth_shape_dims(x, 2, d);
  const mth_dim *half = mth_dim_floordiv(dims, d[0], two), *more = mth_dim_add(dims, d[1], two);
  ASSERT(mth_connection_set_shape(y, MTH_SHAPE(MTH_OF(more), MTH_OF(half), MTH_OF(d[1]))) ==
         MTH_OK);
  EXPECT_TEXT(shape_of(y, text), "[u1 + 2, u2 floordiv 2, u1]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection, local_names_mean_the_same_dim_in_one_call) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  mth_connection *a = NULL, *b = NULL;
  ASSERT(mth_model_add_input(m, "a", NULL, &a) == MTH_OK);
  ASSERT(mth_model_add_input(m, "b", NULL, &b) == MTH_OK);
  mth_connection *both[] = {a, b};
  const mth_shape shapes[] = {MTH_SHAPE(MTH_LOCAL("n"), MTH_LOCAL("n")),
                              MTH_SHAPE(MTH_LOCAL("n"), MTH_N(2))};
  ASSERT(mth_connections_set_shapes(2, both, shapes) == MTH_OK);
  ASSERT(mth_connection_set_shape(b, MTH_SHAPE(MTH_N(5), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(a, text), "[5, 5]");
  ASSERT(mth_connection_set_shape(a, MTH_SHAPE(MTH_ANY, MTH_LOCAL("n"))) == MTH_OK);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection, a_dim_is_an_integer_that_becomes_known_later) { // R4: x.shape[1] // 2
  mth_context *context = new_context();
  mth_dim_table *dims = mth_context_dims(context);
  mth_model *m = new_model(context), *reshape = NULL;
  char text[256];
  mth_connection *x = NULL;
  const mth_dim *n = NULL, *c = NULL;
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  EXPECT_ERROR(context, mth_connection_dim(x, 1, &c), "model 'Model', key 'x'",
               "its rank is not known yet");
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_ANY, MTH_ANY)) == MTH_OK);
  ASSERT(mth_connection_dim(x, 0, &n) == MTH_OK && mth_connection_dim(x, -1, &c) == MTH_OK);
  EXPECT_ERROR(context, mth_connection_dim(x, 2, &c), "model 'Model', key 'x'",
               "axis 2 is outside rank 2");
  const mth_dim *sizes[] = {n, mth_dim_constant(dims, 2),
                            mth_dim_floordiv(dims, c, mth_dim_constant(dims, 2))};
  ASSERT(mth_model_create_op(context, "reshape", (mth_arg[]){MTH_ARG_DS("shape", 3, sizes)}, 1,
                             &reshape) == MTH_OK);
  ASSERT(mth_model_add(m, reshape, NULL,
                       (mth_wire[]){MTH_WIRE("input", "x"), MTH_WIRE("output", "y")}, 2) == MTH_OK);
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_N(3), MTH_N(10))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[3, 2, 5]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection, dims_have_proper_names) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_connection *x = NULL;
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  const char *where = "model 'Model', key 'x'";
  EXPECT_REFUSED(context, m, mth_connection_set_shape(x, MTH_SHAPE(MTH_DECLARED("a b"))), where,
                 "a declared dim wants a name of letters, digits and '_'; found 'a b'");
  EXPECT_REFUSED(context, m, mth_connection_set_shape(x, MTH_SHAPE(MTH_DECLARED(NULL))), where,
                 "a declared dim wants a name of letters, digits and '_'; found ''");
  EXPECT_REFUSED(context, m, mth_connection_set_shape(x, MTH_SHAPE(MTH_LOCAL(NULL))), where,
                 "a local dim wants a name, found none");
  EXPECT_REFUSED(context, m, mth_connection_set_shape(x, MTH_SHAPE(MTH_N(-3))), where,
                 "wanted an extent of 0 or more, found -3");
  EXPECT_REFUSED(context, m, mth_connection_set_shape(x, MTH_SHAPE(MTH_REST, MTH_REST)), where,
                 "wanted at most one '...' in a shape, found two");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection, a_known_dim_is_an_integer_argument) { // R4
  mth_context *context = new_context();
  mth_dim_table *dims = mth_context_dims(context);
  mth_model *softmax = NULL;
  const mth_dim *one = mth_dim_constant(dims, 1), *open = mth_dim_symbol(dims, "C");
  const mth_arg unknown = MTH_ARG_DS("axis", 1, &open);
  ASSERT(mth_model_create_op(context, "Softmax", (mth_arg[]){MTH_ARG_DS("axis", 1, &one)}, 1,
                             &softmax) == MTH_OK);
  EXPECT_INT((int)mth_connection_value(key(softmax, "axis"))->i, 1);
  mth_model_destroy(softmax);
  ASSERT(mth_model_create_op(context, "Softmax", &unknown, 1, &softmax) == MTH_OK);
  const mth_arg *value = mth_connection_value(key(softmax, "axis"));
  ASSERT(value && value->kind == MTH_ARG_DIM);
  EXPECT(value->dim == open);
  mth_model_destroy(softmax);
  mth_context_destroy(context);
}

TEST(connection, a_shape_is_unpacked_into_dims) { // R4: B, C, H, W = x.shape
  mth_context *context = new_context();
  mth_model *m = new_model(context), *softmax = new_op(context, "softmax");
  mth_connection *x = NULL;
  char text[256];
  const mth_dim *dims[3] = {NULL}, *many[40];
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  ASSERT(mth_connection_unpack(x, 3, dims) == MTH_OK);
  EXPECT_TEXT(shape_of(x, text), "[u1, u2, u3]");
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_N(2), MTH_OF(dims[0]), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(x, text), "[2, 2, u1]");
  ASSERT(mth_connection_unpack(x, 3, dims) == MTH_OK);
  EXPECT(mth_dim_is_constant(dims[1], NULL));
  const char *where = "model 'Model', key 'x'";
  EXPECT_REFUSED(context, m, mth_connection_unpack(x, 2, dims), where,
                 "'x' has shape [2, 2, ?], wanted [?, ?]");
  EXPECT_REFUSED(context, m, mth_connection_unpack(x, 40, many), where,
                 "a tensor has rank 32 or less, wanted 40");
  EXPECT_ERROR(context, mth_connection_unpack(key(softmax, "axis"), 2, dims),
               "model 'Softmax', key 'axis'", "it is an argument and has no shape");
  mth_model_destroy(softmax);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection, values_are_given_once) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *softmax = NULL;
  ASSERT(mth_model_create_op(context, "softmax", NULL, 0, &softmax) == MTH_OK);
  EXPECT_INT(mth_connection_class(key(softmax, "axis")), MTH_KEY_LATENT_INPUT);
  EXPECT_ERROR(context, mth_connection_set_value(key(softmax, "axis"), &MTH_ARG_I(NULL, 0)),
               "model 'Softmax', key 'axis'", "argument 'Softmax.axis' has the value -1 already");
  mth_model *mean = new_op(context, "Mean"); // whose keepdim has a default, which counts as given
  ASSERT(mth_model_add_input(m, "x", NULL, &(mth_connection *){NULL}) == MTH_OK);
  const mth_wire keeps[] = {MTH_WIRE("input", "x"), MTH_WIRE_B("keepdim", true)};
  EXPECT_REFUSED(context, m, mth_model_add(m, mean, NULL, keeps, 2),
                 "model 'Model', key '$1' (Mean.keepdim)",
                 "argument 'Mean.keepdim' has the value false already");
  EXPECT_ERROR(context, mth_connection_set_value(key(mean, "keepdim"), &MTH_ARG_B(NULL, true)),
               "model 'Mean', key 'keepdim'",
               "argument 'Mean.keepdim' has the value false already");
  mth_model_destroy(mean);
  EXPECT_ERROR(context, mth_connection_set_value(key(softmax, "output"), &MTH_ARG_F(NULL, 0)),
               "model 'Softmax', key 'output'",
               "it is made by 'Softmax' and can not be given a value");
  EXPECT_ERROR(context, mth_connection_set_value(key(softmax, "axis"), &MTH_ARG_S(NULL, "last")),
               "model 'Softmax', key 'axis'", "it takes an integer, found a string");
  EXPECT_ERROR(context, mth_connection_set_shape(key(softmax, "axis"), MTH_SCALAR_SHAPE),
               "model 'Softmax', key 'axis'", "it is an argument and has no shape");
  mth_model_destroy(softmax);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection, a_parameter_is_float_and_has_no_value) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_connection *x = NULL;
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  ASSERT(mth_connection_set_differentiable(x, true) == MTH_OK);
  EXPECT_INT(mth_connection_families(x), MTH_FAMILY_FLOAT);
  EXPECT(mth_connection_is_differentiable(x));
  EXPECT_REFUSED(context, m, mth_connection_set_families(x, MTH_FAMILY_INT),
                 "model 'Model', key 'x'", "'x' holds float, wanted int");
  EXPECT_INT(mth_connection_families(x), MTH_FAMILY_FLOAT);
  mth_connection *n = NULL;
  ASSERT(mth_model_add_input(m, "n", &(mth_facts){.families = MTH_FAMILY_INT}, &n) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_connection_set_differentiable(n, true), "model 'Model', key 'n'",
                 "'n' holds int, wanted float");
  mth_connection *one = NULL;
  const double data = 1;
  const mth_constant constant = {.dtype = MTH_F64, .data = &data};
  ASSERT(mth_model_add_constant(m, &constant, &one) == MTH_OK);
  EXPECT_ERROR(context, mth_connection_set_differentiable(one, true),
               "model 'Model', key '$1' (Model.constant)",
               "it has a value and can not be differentiable");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection, conflicts_name_both_sides_and_change_nothing) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *second = new_linear(context, 3), *embedding = NULL;
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE("output", "hidden")};
  const mth_wire input = MTH_WIRE("input", "hidden");
  ASSERT(mth_model_append(m, new_linear(context, 4), "first", wires, 2) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(second, "weight"), MTH_SHAPE(MTH_N(3), MTH_N(7))) == MTH_OK);
  ASSERT(mth_embedding(context, 10, 4, 1, &embedding) == MTH_OK);
  EXPECT_REFUSED(
      context, m, mth_model_add(m, second, "second", &input, 1), "model 'Model', key 'hidden'",
      "'hidden' and 'second.input' are to be one tensor, but their shapes are [..., ?, 4]"
      " and [..., ?, 7]");
  EXPECT_REFUSED(context, m, mth_model_add(m, embedding, NULL, &input, 1),
                 "model 'Model', key 'hidden'",
                 "'hidden' and 'Embedding.input' are to be one tensor, but one holds float, the "
                 "other int");
  EXPECT_REFUSED(context, m,
                 mth_connection_set_shape(key(m, "hidden"), MTH_SHAPE(MTH_N(2), MTH_N(6))),
                 "model 'Model', key 'hidden'", "'hidden' has shape [..., ?, 4], wanted [2, 6]");
  EXPECT_REFUSED(context, m, mth_connection_set_families(key(m, "hidden"), MTH_FAMILY_INT),
                 "model 'Model', key 'hidden'", "'hidden' holds float, wanted int");
  mth_model_destroy(second);
  mth_model_destroy(embedding);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection, an_op_that_contradicts_is_refused_with_its_name) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *add = new_op(context, "Add"), *reshape = NULL;
  mth_connection *a = NULL, *b = NULL;
  ASSERT(mth_model_add_input(m, "a", &(mth_facts){.shape = &MTH_SHAPE(MTH_N(2), MTH_N(6))}, &a) ==
         MTH_OK);
  ASSERT(mth_model_add_input(m, "b", &(mth_facts){.shape = &MTH_SHAPE(MTH_N(4))}, &b) == MTH_OK);
  const mth_wire wires[] = {MTH_WIRE("left", "a"), MTH_WIRE("right", "b")};
  EXPECT_REFUSED(context, m, mth_model_add(m, add, NULL, wires, 2), "model 'Model', key 'b'",
                 "Add: dim -1 of 'a' is 6, of 'b' it is 4; only a dim that is 1 broadcasts");
  const mth_dim *five = mth_dim_constant(mth_context_dims(context), 5);
  const mth_dim *sizes[] = {five, five};
  const mth_wire input = MTH_WIRE("input", "a");
  ASSERT(mth_model_create_op(context, "reshape", (mth_arg[]){MTH_ARG_DS("shape", 2, sizes)}, 1,
                             &reshape) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_add(m, reshape, NULL, &input, 1), "model 'Model', key 'a'",
                 "Reshape of 'a': the numbers of elements before and after differ: 12 and 25");
  mth_model_destroy(add);
  mth_model_destroy(reshape);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(connection, declared_dims_are_themselves) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_connection *x = NULL;
  const mth_facts facts = {.shape = &MTH_SHAPE(MTH_DECLARED("B"), MTH_N(8))};
  ASSERT(mth_model_add_input(m, "x", &facts, &x) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_connection_set_shape(x, MTH_SHAPE(MTH_DECLARED("T"), MTH_ANY)),
                 "model 'Model', key 'x'", "'x' has shape [B, 8], wanted [T, ?]");
  EXPECT_REFUSED(context, m, mth_connection_set_shape(x, MTH_SHAPE(MTH_N(4), MTH_ANY)),
                 "model 'Model', key 'x'", "'x' has shape [B, 8], wanted [4, ?]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}
