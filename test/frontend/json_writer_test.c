// json_writer_test.c: models that are written and read back.
#include "ir/functional.h"
#include "ir/model_core.h"
#include "json_round_trip.h"
#include "test/ir/failing_heap.h"

// The document is this text, in which ' stands for ".
static void expect_document(const mth_model *model, const char *wanted) {
  mth_text text = written(model);
  for (size_t i = 0; i < text.byte_count; i++)
    if (text.bytes[i] == '"') text.bytes[i] = '\'';
  EXPECT_TEXT(mth_text_get(&text), wanted);
  mth_text_deinit(&text);
  expect_same_again(model);
}

static void add(mth_model *parent, mth_model *child, const mth_wire *wires, size_t count) {
  EXPECT_INT(mth_model_add(parent, child, NULL, wires, count), MTH_OK);
}

// ---- documents ----------------------------------------------------------------------------------

TEST(json_writer, ops_and_classes_are_names_and_arguments) {
  mth_context *context = new_context();
  mth_model *relu = new_op(context, "Relu"), *linear = new_linear(context, 3), *mean = NULL;
  const mth_arg args[] = {MTH_ARG_IS("axis", 2, ((const int64_t[]){0, -1})),
                          MTH_ARG_B("keepdim", true)};
  EXPECT_INT(mth_model_create_op(context, "Mean", args, 2, &mean), MTH_OK);
  expect_document(relu, "{'name': 'Relu'}\n");
  expect_document(linear, "{'name': 'Linear', 'args': {'dimension': 3, 'use_bias': true}}\n");
  expect_document(mean, "{'name': 'Mean', 'args': {'axis': [0, -1], 'keepdim': true}}\n");
  mth_model_destroy(relu);
  mth_model_destroy(linear);
  mth_model_destroy(mean);
  mth_context_destroy(context);
}

TEST(json_writer, children_are_written_with_their_wires) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const mth_shape shape = MTH_SHAPE(MTH_ANY, MTH_N(4));
  EXPECT_INT(mth_model_append(m, new_linear(context, 3), "first", &MTH_WIRE("input", "x"), 1),
             MTH_OK);
  EXPECT_INT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0), MTH_OK);
  EXPECT_INT(mth_model_append(m, new_linear(context, 2), NULL, &MTH_WIRE_OUT("output", "y"), 1),
             MTH_OK);
  EXPECT_INT(mth_connection_set_shape(key(m, "x"), shape), MTH_OK);
  expect_document(
      m, "{\n 'name': 'Model',\n 'submodels': {\n  'first': {'name': 'Linear', 'args': "
         "{'dimension': 3, 'use_bias': true, 'name': 'first'}},\n  'm_1': {'name': 'Relu'},\n  "
         "'m_2': {'name': 'Linear', 'args': {'dimension': 2, 'use_bias': true}}},\n 'connections': "
         "{\n  'first': {'input': 'x'},\n  'm_1': {'input': {'key': {'connect': [['first', "
         "'output']]}}},\n  'm_2': {'input': {'key': {'connect': [['m_1', 'output']]}}, 'output': "
         "'y'}},\n 'exposed_keys': ['y'],\n 'assigned_shapes': [[['x', [null, 4]]]]}\n");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, unknown_dims_have_names_where_they_stand_twice) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add(m, new_op(context, "Relu"), (mth_wire[]){MTH_WIRE("input", "x")}, 1);
  add(m, new_op(context, "Tanh"), (mth_wire[]){MTH_WIRE("input", "y")}, 1);
  add(m, new_op(context, "Exponential"), (mth_wire[]){MTH_WIRE("input", "z")}, 1);
  mth_connection *const keys[] = {key(m, "x"), key(m, "y"), key(m, "z")};
  const mth_dim *n = NULL;
  const mth_shape shapes[] = {MTH_SHAPE(MTH_LOCAL("n"), MTH_LOCAL("k"), MTH_REST_OF("V"), MTH_N(3)),
                              MTH_SHAPE(MTH_LOCAL("k"), MTH_REST_OF("V"), MTH_DECLARED("T")),
                              MTH_SHAPE(MTH_LOCAL("k"), MTH_ANY, MTH_ANY)};
  EXPECT_INT(mth_connections_set_shapes(3, keys, shapes), MTH_OK);
  EXPECT_INT(mth_connection_dim(keys[2], 1, &n), MTH_OK);
  mth_dim_table *table = mth_context_dims(context);
  const mth_dim *twice = mth_dim_add(table, mth_dim_multiply(table, mth_dim_constant(table, 2), n),
                                     mth_dim_constant(table, 1));
  EXPECT_INT(mth_connection_set_shape(keys[2], MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_OF(twice))), MTH_OK);
  mth_text text = written(m);
  EXPECT(strstr(mth_text_get(&text), "\"dims\": [\"u") != NULL);
  EXPECT(strstr(mth_text_get(&text), "\"symbols\": [\"T\"]") != NULL);
  EXPECT(strstr(mth_text_get(&text), "\"2*u") != NULL);
  EXPECT(strstr(mth_text_get(&text), "\"V1,...\"") != NULL);
  mth_text_deinit(&text);
  expect_same_again(m);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// ---- round trips --------------------------------------------------------------------------------

TEST(json_writer, facts_of_keys_are_kept) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const double numbers[] = {1, 2.5, -0.0};
  const mth_constant constant = {
      .dtype = MTH_F64, .rank = 1, .extents = (const int64_t[]){3}, .data = numbers};
  add(m, new_op(context, "Multiply"),
      (mth_wire[]){MTH_WIRE("left", "a"), MTH_WIRE_T("right", &constant)}, 2);
  add(m, new_op(context, "Add"),
      (mth_wire[]){MTH_WIRE("left", "b"), MTH_WIRE_AS("right", .name = "k", .constant = &constant)},
      2);
  add(m, new_op(context, "Add"), (mth_wire[]){MTH_WIRE("left", "c"), MTH_WIRE_F("right", 0.5)}, 2);
  add(m, new_op(context, "Maximum"), (mth_wire[]){MTH_WIRE("left", "d"), MTH_WIRE_I("right", 7)},
      2);
  EXPECT_INT(mth_connection_set_differentiable(key(m, "a"), true), MTH_OK);
  EXPECT_INT(mth_connection_set_differentiable(key(m, "b"), false), MTH_OK);
  EXPECT_INT(mth_connection_set_families(key(m, "d"), MTH_FAMILY_INT | MTH_FAMILY_BOOL), MTH_OK);
  EXPECT_INT(mth_connection_set_shape(key(m, "c"), MTH_SHAPE(MTH_ANY, MTH_LOCAL("q"))), MTH_OK);
  const mth_dim *q = NULL;
  EXPECT_INT(mth_connection_dim(key(m, "c"), 1, &q), MTH_OK);
  const mth_initializer start = {MTH_INIT_UNIFORM, -1, 1, q};
  EXPECT_INT(mth_connection_set_initializer(key(m, "a"), start), MTH_OK);
  expect_same_again(m);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, constants_and_free_inputs_are_kept) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const int64_t number = 4;
  const mth_constant constant = {.dtype = MTH_I64, .data = &number};
  mth_connection *k = NULL, *named = NULL, *x = NULL;
  EXPECT_INT(mth_model_add_constant(m, &constant, &named), MTH_OK);
  EXPECT_INT(mth_connection_rename(named, "four"), MTH_OK);
  add(m, new_op(context, "Relu"), (mth_wire[]){MTH_WIRE("input", "early")}, 1);
  EXPECT_INT(mth_model_add_constant(m, &constant, &k), MTH_OK);
  EXPECT_INT(mth_model_add_input(m, "mask", NULL, &x), MTH_OK);
  EXPECT_INT(mth_model_add_input(m, "used", NULL, &x), MTH_OK);
  add(m, new_op(context, "Add"), (mth_wire[]){MTH_WIRE_TO("left", k), MTH_WIRE_TO("right", x)}, 2);
  add(m, new_op(context, "Add"), (mth_wire[]){MTH_WIRE_TO("left", k), MTH_WIRE_TO("right", k)}, 2);
  const mth_constant empty = {
      .dtype = MTH_BOOL, .rank = 2, .extents = (const int64_t[]){3, 0}, .data = &number};
  EXPECT_INT(mth_model_add_constant(m, &empty, &x), MTH_OK);
  EXPECT_INT(mth_model_add_constant(m, &empty, &x), MTH_OK);
  EXPECT_INT(mth_connection_rename(x, "nothing"), MTH_OK);
  expect_same_again(m);
  mth_model *outer = new_model(context);
  add(outer, m, NULL, 0);
  expect_same_again(outer);
  mth_model_destroy(outer);
  mth_context_destroy(context);
}

TEST(json_writer, formulas_of_unknown_dims_are_written_as_they_were) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *concat = NULL;
  mth_connection *x = NULL;
  const mth_shape shape = MTH_SHAPE(MTH_N(1), MTH_LOCAL("b"), MTH_N(1));
  const mth_arg axis = MTH_ARG_I("axis", 1);
  EXPECT_INT(mth_model_add_input(m, "x", &(mth_facts){.shape = &shape}, &x), MTH_OK);
  EXPECT_INT(mth_model_create_op_of(context, "Concat", 2, &axis, 1, &concat), MTH_OK);
  add(m, concat, (mth_wire[]){MTH_WIRE("input2", "x")}, 1);
  expect_same_again(m); // its length is that of the output less that of input1
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, parts_of_a_list_are_used_in_any_order) { // a gate: a * sigmoid(b)
  mth_context *context = new_context();
  mth_model *m = new_model(context), *split = NULL;
  mth_connection *a = NULL, *b = NULL;
  EXPECT_INT(mth_model_create_class(context, "Split", &MTH_ARG_I("split_size", 4), 1, &split),
             MTH_OK);
  add(m, split, (mth_wire[]){MTH_WIRE("input", "x")}, 1);
  EXPECT_INT(mth_connection_part(key(split, "output"), 0, &a), MTH_OK);
  EXPECT_INT(mth_connection_part(key(split, "output"), 1, &b), MTH_OK);
  EXPECT_INT(mth_model_expose(m, mth_multiply(a, mth_sigmoid(b)), "y"), MTH_OK);
  expect_same_again(m); // the second part is read first
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, numbers_of_a_precision_are_kept) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *log = NULL, *norm = NULL;
  const mth_arg robust[] = {MTH_ARG_B("robust", true), MTH_ARG_NAMED("threshold", MTH_EPSILON)};
  const mth_arg eps[] = {MTH_ARG_NAMED("eps", MTH_LEFT_EPSILON), MTH_ARG_B("use_bias", false)};
  const mth_arg least = MTH_ARG_NAMED(NULL, MTH_MIN_POSITIVE_NORMAL);
  EXPECT_INT(mth_model_create_op(context, "Log", robust, 2, &log), MTH_OK);
  EXPECT_INT(mth_model_create_class(context, "LayerNorm", eps, 2, &norm), MTH_OK);
  add(m, log, (mth_wire[]){MTH_WIRE("input", "x")}, 1);
  add(m, norm, (mth_wire[]){MTH_WIRE("input", "x")}, 1);
  add(m, new_op(context, "Add"),
      (mth_wire[]){MTH_WIRE("left", "x"), {.key = "right", .kind = MTH_WIRE_VALUE, .value = least}},
      2);
  add(m, new_op(context, "Maximum"),
      (mth_wire[]){MTH_WIRE("left", "x"), MTH_WIRE_AS("right", .name = "floor", .value = &least)},
      2);
  mth_text text = written(m);
  EXPECT(strstr(mth_text_get(&text), "\"right\": \"Constant.MIN_POSITIVE_NORMAL\"") != NULL);
  mth_text_deinit(&text);
  expect_same_again(m);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, named_dims_are_kept) {
  mth_context *context = new_context();
  mth_model *net = new_model(context), *m = new_model(context), *again = NULL;
  add(net, new_op(context, "Relu"), (mth_wire[]){MTH_WIRE("input", "x"), MTH_WIRE("output", "y")},
      2);
  add(net, new_op(context, "Tanh"), NULL, 0); // keys without a name
  EXPECT_INT(mth_model_name_dim(net, "width", key(net, "y"), -1), MTH_OK);
  EXPECT_INT(mth_model_name_dim(net, "batch", key(net, "x"), 0), MTH_OK);
  EXPECT_INT(mth_model_name_dim(net, "other", mth_model_connection(net, 2), 1), MTH_OK);
  expect_document(net,
                  "{\n 'name': 'Model',\n 'submodels': {'m_0': {'name': 'Relu'}, 'm_1': {'name': "
                  "'Tanh'}},\n 'connections': {'m_0': {'input': 'x', 'output': 'y'}, 'm_1': "
                  "{}},\n 'named_dims': {'width': ['y', -1], 'batch': ['x', 0], 'other': "
                  "[['m_1', 'input'], 1]}}\n");
  mth_text text = written(net);
  EXPECT_INT(mth_read_json(context, mth_text_get(&text), text.byte_count, &again), MTH_OK);
  ASSERT(again);
  add(m, again, (mth_wire[]){MTH_WIRE("x", "x"), MTH_WIRE_I("width", 7)}, 2);
  EXPECT_INT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_ANY, MTH_ANY)), MTH_OK);
  char shape[256];
  EXPECT_TEXT(shape_of(key(m, "x"), shape), "[u1, 7]");
  expect_same_again(m);
  mth_text_deinit(&text);
  mth_model_destroy(net);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, numbers_of_keys_without_a_name_are_kept) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *inner = new_model(context);
  add(m, new_op(context, "Relu"), NULL, 0);
  add(m, new_op(context, "Add"), NULL, 0);
  mth_connection *const merged[] = {key(m, "$1"), key(m, "$3")};
  EXPECT_INT(mth_model_merge(m, merged, 2, NULL), MTH_OK);
  add(m, new_op(context, "Tanh"), NULL, 0);
  EXPECT(mth_model_find(m, "$6") && !mth_model_find(m, "$3"));
  expect_same_again(m);
  add(inner, m, NULL, 0);
  expect_same_again(inner);
  mth_model_destroy(inner);
  mth_context_destroy(context);
}

TEST(json_writer, lists_that_ops_were_wired_to_are_kept) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *made = NULL;
  const double number = 2;
  const mth_constant constant = {
      .dtype = MTH_F64, .rank = 1, .extents = (const int64_t[]){1}, .data = &number};
  add(m, new_op(context, "Relu"), (mth_wire[]){MTH_WIRE("input", "x")}, 1);
  const mth_wire parts[] = {MTH_WIRE(NULL, "x"),
                            {.kind = MTH_WIRE_OPEN},
                            MTH_WIRE_TO(NULL, key(mth_model_child(m, 0), "output")),
                            MTH_WIRE_T(NULL, &constant)};
  add(m, new_op(context, "Concat"), (mth_wire[]){MTH_WIRE_PARTS("inputs", 4, parts)}, 1);
  EXPECT_INT(mth_model_create_op_of(context, "Concat", 2, NULL, 0, &made), MTH_OK);
  add(m, made, (mth_wire[]){MTH_WIRE("input1", "x")}, 1);
  expect_same_again(m);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, lists_and_their_parts_are_kept) {
  mth_context *context = new_context();
  static const char *const texts[] = {
      "{'name': 'Model', 'submodels': {'l': {'name': 'ToList', 'args': {'n': 2}}, 'c': {'name': "
      "'Concat', 'args': {'axis': 0}}}, 'connections': {'l': {'input1': 'a', 'input2': 'b'}, 'c': "
      "{'input': {'key': {'connect': [['l', 'output']]}}, 'output': 'y'}}}",
      "{'name': 'Model', 'submodels': {'s': {'name': 'Split', 'args': {'split_size': 2, 'axis': "
      "1}}, 'r': 'Relu', 'c': {'name': 'Concat', 'args': {'axis': 1}}}, 'connections': {'s': "
      "{'input': 'x'}, 'r': {'input': {'key': {'connect': [['s', 'output_1']]}}}, 'c': {'input': "
      "{'key': {'connect': [['s', 'output']]}}, 'output': 'y'}}}",
      "{'name': 'Model', 'inputs': [{'name': 'xs', 'list': true}], 'submodels': {'c': 'Concat'}, "
      "'connections': {'c': {'inputs': 'xs', 'output': 'y'}}}",
      "{'name': 'Model', 'inputs': [{'name': 'xs', 'list': true}], 'submodels': {'c': 'Concat'}, "
      "'connections': {'c': {'inputs': 'xs'}}, 'assigned_values': [['xs', 3]]}",
      "{'name': 'Concat', 'args': {'input': 3}}",
      "{'name': 'Split', 'args': {'split_size': {'open': true}, 'sections': null, 'axis': 0}}"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    mth_model *m = read_model(context, texts[i]), *outer = new_model(context);
    ASSERT(m);
    expect_same_again(m);
    add(outer, m, NULL, 0);
    expect_same_again(outer);
    mth_model_destroy(outer);
  }
  mth_context_destroy(context);
}

TEST(json_writer, composing_in_any_way_is_kept) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *inner = new_model(context);
  add(inner, new_linear(context, 2), (mth_wire[]){MTH_WIRE("input", "x")}, 1);
  add(inner, new_op(context, "Relu"), (mth_wire[]){MTH_WIRE("input", "x")}, 1);
  mth_connection *hidden = key(mth_model_child(inner, 1), "output");
  EXPECT_INT(mth_model_append(m, inner, "block", NULL, 0), MTH_OK);
  // A chain that goes on elsewhere than the outputs say, and a connection from deep inside.
  mth_connection *product = NULL;
  mth_model *linear = mth_model_child(inner, 0);
  for (size_t i = 0; i < mth_model_child_count(linear); i++)
    if (strcmp(mth_model_class_name(mth_model_child(linear, i)), "MatrixMultiply") == 0)
      product = key(mth_model_child(linear, i), "output");
  ASSERT(product);
  add(m, new_op(context, "Add"),
      (mth_wire[]){MTH_WIRE_TO("left", product), MTH_WIRE_TO("right", hidden)}, 2);
  EXPECT_INT(mth_model_append(m, new_op(context, "Tanh"), "last", &MTH_WIRE("output", "t"), 1),
             MTH_OK);
  expect_same_again(m);
  EXPECT_INT(mth_model_set_canonical_outputs(m, (mth_connection *[]){product, hidden}, 2), MTH_OK);
  expect_same_again(m);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, values_that_outputs_were_merged_with_are_kept) {
  mth_context *context = new_context();
  mth_model *m = read_model(
      context,
      "{'name': 'Model', 'submodels': {'t': {'name': 'ToTuple', 'args': {'n': 2, 'input2': "
      "3}}, 'i': 'TupleItem'}, 'connections': {'t': {}, 'i': {}}, 'merged': [[['t', "
      "'input2'], ['i', 'output']]]}");
  ASSERT(m);
  expect_same_again(m);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, merged_and_reordered_keys_are_kept) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_model *add_op = new_op(context, "Add"), *relu = new_op(context, "Relu"),
            *times = new_op(context, "Multiply");
  add(m, add_op, NULL, 0);
  add(m, relu, (mth_wire[]){MTH_WIRE("input", "a")}, 1);
  add(m, times, (mth_wire[]){MTH_WIRE("left", "b"), MTH_WIRE("output", "y")}, 2);
  EXPECT_INT(
      mth_model_merge(m, (mth_connection *[]){key(add_op, "left"), key(add_op, "right")}, 2, NULL),
      MTH_OK);
  EXPECT_INT(mth_model_merge(m, (mth_connection *[]){key(m, "b"), key(relu, "output")}, 2, "c"),
             MTH_OK);
  EXPECT_INT(mth_model_merge(m, (mth_connection *[]){key(times, "right"), key(m, "a")}, 2, NULL),
             MTH_OK);
  EXPECT_INT(mth_model_set_canonical_inputs(m, (mth_connection *[]){key(m, "a")}, 1), MTH_OK);
  expect_same_again(m);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, expressions_are_kept) {
  mth_context *context = new_context();
  mth_connection *x = mth_free_input(context, "x", NULL);
  mth_connection *y = mth_input_beside(x, "y", NULL);
  const mth_dim *dims[3];
  mth_shape_dims(x, 3, dims);
  mth_connection *z = mth_add(mth_multiply_number(x, 2), y);
  mth_dim_table *table = mth_context_dims(context);
  z = mth_reshape(z, 2, (const mth_dim *[]){dims[0], mth_dim_multiply(table, dims[1], dims[2])});
  z = mth_mean(mth_where(mth_less_number(z, 0), mth_negate(z), mth_exp(z)), 1, (int64_t[]){-1},
               true);
  mth_model *m = NULL;
  const mth_named_output outputs[] = {{"out", z}, {"twice", mth_add(z, z)}};
  ASSERT(mth_model_from(context, "Net", outputs, 2, &m) == MTH_OK);
  expect_same_again(m);
  mth_model *outer = new_model(context);
  add(outer, m, (mth_wire[]){MTH_WIRE("x", "input"), MTH_WIRE("y", "input")}, 2);
  expect_same_again(outer);
  mth_model_destroy(outer);
  mth_context_destroy(context);
}

TEST(json_writer, library_models_are_kept) {
  mth_context *context = new_context();
  mth_model *models[6] = {NULL};
  const mth_attention_options attention = {.struct_bytes = sizeof attention, .dim = 8, .heads = 2};
  const mth_sgd_options sgd = {.struct_bytes = sizeof sgd, .learning_rate = 0.1, .momentum = 0.9};
  const mth_adam_options adam = {.struct_bytes = sizeof adam, .learning_rate = 0.001};
  EXPECT_INT(mth_mlp(context, 2, (const char *[]){"Relu", NULL}, (int64_t[]){3, 0}, &models[0]),
             MTH_OK);
  EXPECT_INT(mth_layer_norm(context, 1e-5, &models[1]), MTH_OK);
  EXPECT_INT(mth_embedding(context, 10, 4, 0.02, &models[2]), MTH_OK);
  EXPECT_INT(mth_transformer_block(context, &attention, &models[3]), MTH_OK);
  EXPECT_INT(mth_sgd(context, &sgd, &models[4]), MTH_OK);
  EXPECT_INT(mth_adam(context, &adam, &models[5]), MTH_OK);
  for (size_t i = 0; i < 6; i++) {
    expect_same_again(models[i]);
    mth_model_destroy(models[i]);
  }
  mth_context_destroy(context);
}

// output = relu(input), whose last dim is an argument.
static mth_status make_wide(mth_context *context, const mth_arg *args, mth_model **out) {
  mth_model *m = NULL, *child = NULL;
  const mth_extent last = args[0].kind == MTH_ARG_INT ? MTH_N(args[0].i) : MTH_OF(args[0].dim);
  MTH_TRY(mth_model_create(context, "Wide", &m));
  *out = m;
  MTH_TRY(mth_model_create_op(context, "Relu", NULL, 0, &child));
  MTH_TRY(mth_model_add(m, child, NULL,
                        (mth_wire[]){MTH_WIRE("input", "input"), MTH_WIRE("output", "output")}, 2));
  MTH_TRY(mth_connection_set_shape(mth_model_find(m, "input"), MTH_SHAPE(MTH_REST, last)));
  return mth_model_freeze(m);
}

TEST(json_writer, arguments_keep_unknown_dims) {
  static const mth_class_param params[] = {
      {.name = "width", .takes = MTH_TAKES_INTEGER, .is_required = true}};
  static const mth_class wide = {sizeof wide, MTH_CLASS_ABI, "Wide", params, 1, make_wide};
  mth_context *context = new_context();
  mth_model *m = new_model(context), *child = NULL;
  mth_connection *x = NULL;
  const mth_dim *n = NULL;
  const mth_shape shape = MTH_SHAPE(MTH_ANY, MTH_ANY);
  EXPECT_INT(mth_register_class(context, &wide), MTH_OK);
  EXPECT_INT(mth_model_add_input(m, "x", &(mth_facts){.shape = &shape}, &x), MTH_OK);
  EXPECT_INT(mth_connection_dim(x, 0, &n), MTH_OK);
  const mth_arg args[] = {MTH_ARG_D("width", n)};
  EXPECT_INT(mth_model_create_class(context, "Wide", args, 1, &child), MTH_OK);
  add(m, child, (mth_wire[]){MTH_WIRE_TO("input", x), MTH_WIRE("output", "y")}, 2);
  expect_document(m, "{\n 'name': 'Model',\n 'submodels': {'m_0': {'name': 'Wide', 'args': "
                     "{'width': {'dim': 'u1'}}}},\n 'connections': {'m_0': {'input': 'x', "
                     "'output': 'y'}},\n 'assigned_shapes': [[['x', ['u1', 'u1']]]],\n 'dims': "
                     "['u1']}\n");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, values_that_are_computed_are_kept) {
  mth_context *context = new_context();
  mth_model *m = NULL;
  char shape[256];
  const char *const text =
      "{'name': 'Model', 'submodels': {'s': 'Shape', 'i': {'name': 'TupleItem', 'args': {'index': "
      "0}}, 't': {'name': 'ToTuple', 'args': {'n': 3, 'input2': 3}}, 'r': 'Reshape', 'k': {'name': "
      "'Sum', 'args': {'axis': {'open': true}, 'keepdim': true}}, 'a': 'Add'}, 'connections': "
      "{'s': "
      "{'input': 'x'}, 'i': {'input': {'key': {'connect': [['s', 'output']]}}}, 't': {'input1': "
      "{'key': {'connect': [['i', 'output']]}}, 'input3': 4}, 'r': {'input': 'x', 'shape': {'key': "
      "{'connect': [['t', 'output']]}}, 'output': 'y'}, 'k': {'input': 'y', 'axis': 'where'}, 'a': "
      "{'left': {'key': {'connect': [['i', 'output']]}}, 'right': 'y', 'output': 'z'}}, "
      "'assigned_shapes': [[['x', ['n', 12]]]]}";
  ASSERT(read_quoted(context, text, &m) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "y"), shape), "[u1, 3, 4]");
  EXPECT(mth_connection_value(key(m, "where")) == NULL);
  expect_same_again(m);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, names_of_children_are_kept) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  EXPECT_INT(mth_model_add(m, new_op(context, "Relu"), "Relu_0", NULL, 0), MTH_OK);
  EXPECT_INT(mth_model_add(m, new_op(context, "Relu"), "self", NULL, 0), MTH_OK);
  add(m, new_op(context, "Relu"), NULL, 0);
  add(m, new_op(context, "Relu"), NULL, 0);
  expect_same_again(m);
  EXPECT_INT(mth_model_freeze(m), MTH_OK);
  expect_same_again(m);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// ---- refusals, memory ---------------------------------------------------------------------------

TEST(json_writer, a_child_is_refused) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *relu = new_op(context, "Relu");
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  add(m, relu, NULL, 0);
  EXPECT_ERROR(context, mth_write_json(relu, &text), "model 'Relu'",
               "a child can not be written; copy it");
  EXPECT_INT(mth_write_json(NULL, &text), MTH_INVALID);
  EXPECT_INT(mth_write_json(m, NULL), MTH_INVALID);
  EXPECT_INT(text.byte_count, 0);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_writer, what_is_not_finite_is_kept) {
  mth_context *context = new_context();
  mth_model *relu = new_op(context, "Relu");
  const mth_initializer start = {MTH_INIT_UNIFORM, -__builtin_inf(), __builtin_nan(""), NULL};
  EXPECT_INT(mth_connection_set_initializer(key(relu, "input"), start), MTH_OK);
  expect_same_again(relu);
  mth_model_destroy(relu);
  mth_context_destroy(context);
}

static mth_status make(mth_context *context, mth_model **out_model) {
  mth_model *m = NULL, *child = NULL;
  MTH_TRY(mth_model_create(context, NULL, &m));
  *out_model = m;
  MTH_TRY(mth_layer(context, "Relu", 4, &child));
  MTH_TRY(mth_model_append(m, child, NULL, &MTH_WIRE("input", "x"), 1));
  MTH_TRY(mth_model_create_op(context, "Add", NULL, 0, &child));
  MTH_TRY(mth_model_append(m, child, NULL, &MTH_WIRE_F("right", 2.5), 1));
  mth_connection *x = mth_model_find(m, "x");
  MTH_TRY(mth_model_name_dim(m, "width", x, -1));
  return mth_connection_set_shape(x, MTH_SHAPE(MTH_LOCAL("n"), MTH_LOCAL("n"), MTH_DECLARED("T")));
}

// Named and unnamed keys, numbers that reading does not give, and a formula of unknown dims.
static mth_status make_with_formula(mth_context *context, mth_model **out_model) {
  mth_model *m = NULL, *child = NULL;
  const mth_arg axis = MTH_ARG_I("axis", 0), *const none = NULL;
  MTH_TRY(mth_model_create(context, NULL, &m));
  *out_model = m;
  MTH_TRY(mth_model_create_op_of(context, "Concat", 2, &axis, 1, &child));
  MTH_TRY(mth_model_add(m, child, NULL, &MTH_WIRE("input1", "x"), 1));
  MTH_TRY(mth_connection_set_shape(mth_model_find(m, "x"), MTH_SHAPE(MTH_LOCAL("n"))));
  MTH_TRY(mth_model_create_op(context, "Relu", none, 0, &child));
  MTH_TRY(mth_model_add(m, child, NULL, NULL, 0));
  return mth_model_set_numbers(m, 4, (const size_t[]){4, 2, 3, 1}, 9);
}

static void fail_each_allocation(mth_status (*make_one)(mth_context *, mth_model **)) {
  failing_heap heap = {.refused = SIZE_MAX};
  const mth_allocator allocator = failing_allocator(&heap);
  const mth_context_options options = {.struct_bytes = sizeof options, .allocator = &allocator};
  mth_context *context = NULL;
  mth_model *m = NULL;
  ASSERT(mth_context_create(&options, &context) == MTH_OK);
  ASSERT(make_one(context, &m) == MTH_OK);
  char *before = dump(m);
  mth_status status = MTH_NO_MEMORY;
  size_t swept = 0;
  for (; status != MTH_OK && swept < 20000; swept++) {
    mth_text text = MTH_TEXT_INIT(&allocator);
    heap.count = 0;
    heap.refused = swept;
    status = mth_write_json(m, &text);
    heap.refused = SIZE_MAX;
    EXPECT(status == MTH_OK || status == MTH_NO_MEMORY);
    EXPECT(status == MTH_OK || text.byte_count == 0);
    mth_text_deinit(&text);
  }
  char *after = dump(m);
  EXPECT_TEXT(after, before);
  mth_release(mth_default_allocator(), before);
  mth_release(mth_default_allocator(), after);
  EXPECT_INT(status, MTH_OK);
  EXPECT(swept > 100);
  mth_model_destroy(m);
  mth_context_destroy(context);
  EXPECT_INT(heap.live, 0);
}

TEST(json_writer, every_allocation_may_fail) {
  fail_each_allocation(make);
  fail_each_allocation(make_with_formula);
}
