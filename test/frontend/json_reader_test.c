// json_reader_test.c: documents that are models, and documents that are none.
#include "frontend/json_reader.h"
#include "json_fixture.h"

#include "test/ir/failing_heap.h"

#include <unistd.h>

// ---- what documents say -------------------------------------------------------------------------

TEST(json_reader, a_name_alone_is_a_model) {
  mth_context *context = new_context();
  mth_model *relu = read_model(context, "'Relu'"), *same = read_model(context, "{'name': 'rELU'}");
  EXPECT_TEXT(mth_model_class_name(relu), "Relu");
  EXPECT_TEXT(mth_model_class_name(same), "Relu");
  mth_model_destroy(relu);
  mth_model_destroy(same);
  mth_context_destroy(context);
}

TEST(json_reader, children_are_wired_by_name_and_by_connect) {
  mth_context *context = new_context();
  char shape[256];
  mth_model *m = read_model(
      context,
      "{'name': 'Model', 'submodels': {'a': {'name': 'Linear', 'args': {'dimension': 3}}, 'b': "
      "'Relu'}, 'connections': {'a': {'input': 'x', 'weight': 'w'}, 'b': {'input': {'key': "
      "{'connect': [['a', 'output']]}}, 'output': 'y'}}, 'exposed_keys': ['y'], "
      "'assigned_shapes': [[['x', ['B', 5]]]]}");
  ASSERT(m);
  EXPECT_INT(mth_model_child_count(m), 2);
  EXPECT_TEXT(shape_of(key(m, "y"), shape), "[u1, 3]");
  EXPECT_TEXT(shape_of(key(m, "w"), shape), "[3, 5]");
  EXPECT_INT(mth_connection_class(key(m, "y")), MTH_KEY_OUTPUT);
  EXPECT(!mth_model_is_frozen(m));
  EXPECT_TEXT(mth_connection_key(mth_model_canonical_output_at(m, 0)), "y");
  EXPECT_INT(mth_model_canonical_output_count(m), 1);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_reader, a_child_may_drive_the_inputs_of_earlier_ones) {
  mth_context *context = new_context();
  mth_model *m = read_model(
      context, "{'name': 'Model', 'submodels': {'sum': 'Add', 'first': 'Relu'}, 'connections': "
               "{'sum': {'output': 'y'}, 'first': {'input': 'x', 'output': {'key': {'connect': "
               "[['sum', 'left'], ['sum', 'right']]}}}}}");
  ASSERT(m);
  mth_model *sum = mth_model_child(m, 0);
  mth_connection *driven = NULL;
  size_t named = 0, inputs = 0;
  for (size_t i = 0; i < mth_model_connection_count(m); i++) {
    mth_connection *c = mth_model_connection(m, i);
    named += mth_connection_is_named(c);
    inputs += mth_connection_class(c) == MTH_KEY_INPUT;
    if (mth_connection_class(c) == MTH_KEY_INTERNAL) driven = c;
  }
  EXPECT_TEXT(mth_model_class_name(sum), "Add");
  EXPECT(driven != NULL);
  EXPECT_INT(named, 2);
  EXPECT_INT(inputs, 1);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_reader, descriptors_state_type_value_and_differentiability) {
  mth_context *context = new_context();
  mth_model *m = read_model(
      context,
      "{'name': 'Model', 'submodels': {'m': 'Multiply', 'n': 'Add'}, 'connections': {'m': {'left': "
      "{'key': {'name': 'a', 'type': {'Tensor': ['int', 'float']}, 'differentiable': true, "
      "'expose': true, 'shape': [7]}}, 'right': {'key': {'name': 'b', 'value': {'tensor': [1, "
      "2.5]}}}}, 'n': {'left': {'key': {'name': 'c', 'type': ['int', {'Tensor': ['int']}], "
      "'differentiable': false}}, 'right': 2.5}}}");
  ASSERT(m);
  EXPECT_INT(mth_connection_families(key(m, "a")), MTH_FAMILY_FLOAT);
  EXPECT(mth_connection_is_differentiable(key(m, "a")));
  EXPECT_INT(mth_connection_rank(key(m, "a")), -1); // an old document's shape says nothing
  const mth_constant *b = mth_connection_constant(key(m, "b"));
  ASSERT(b);
  EXPECT_INT(b->dtype, MTH_F64);
  EXPECT_INT(b->extents[0], 2);
  EXPECT_NEAR(((const double *)b->data)[1], 2.5, 0);
  EXPECT_INT(mth_connection_families(key(m, "c")), MTH_FAMILY_INT);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_reader, arguments_are_converted_to_what_the_class_takes) {
  mth_context *context = new_context();
  mth_model *mean = read_model(
      context, "{'name': 'Mean', 'args': {'axis': [0, 2], 'keepdim': true}, 'tuples': ['axis']}");
  mth_model *sum = read_model(context, "{'name': 'Sum', 'args': {'axis': 1}}");
  mth_model *mlp = read_model(context, "{'name': 'mlp', 'args': {'activations': ['relu', {'name': "
                                       "'Softmax', 'args': {'axis': 0}}], 'dimensions': [4, 2]}}");
  ASSERT(mean && sum && mlp);
  const mth_arg *axis = mth_connection_value(key(mean, "axis"));
  EXPECT_INT(axis->count, 2);
  EXPECT_INT(axis->ints[1], 2);
  EXPECT(mth_connection_value(key(mean, "keepdim"))->b);
  EXPECT_INT(mth_connection_value(key(sum, "axis"))->count, 1);
  const mth_arg *activations = mth_model_class_args(mlp);
  EXPECT_TEXT(mth_model_class_name(activations->items[0].model), "Relu");
  EXPECT_TEXT(mth_model_class_name(activations->items[1].model), "Softmax");
  mth_model_destroy(mean);
  mth_model_destroy(sum);
  mth_model_destroy(mlp);
  mth_context_destroy(context);
}

TEST(json_reader, arguments_that_are_keys_are_stated_of_the_keys) {
  mth_context *context = new_context();
  char shape[256];
  mth_model *add = read_model(context, "{'name': 'Add', 'args': {'left': {'shape_template': [2, "
                                       "'n', 'V,...']}, 'right': {'tensor': 3}}}");
  mth_model *half = read_model(context, "{'name': 'Multiply', 'args': {'right': 0.5}}");
  mth_model *linear = read_model(context, "{'name': 'Linear', 'args': {'weight': {'type': "
                                          "{'Tensor': ['float']}, 'value': {'tensor': [[1, 2.5]]}, "
                                          "'shape_template': [1, 2]}}}");
  ASSERT(add && half && linear);
  EXPECT_TEXT(shape_of(key(add, "left"), shape), "[2, u1, ...]");
  EXPECT_INT(mth_connection_constant(key(add, "right"))->dtype, MTH_I64);
  EXPECT_NEAR(*(const double *)mth_connection_constant(key(half, "right"))->data, 0.5, 0);
  EXPECT(mth_connection_constant(key(linear, "weight")) != NULL);
  mth_model_destroy(add);
  mth_model_destroy(half);
  mth_model_destroy(linear);
  mth_context_destroy(context);
}

TEST(json_reader, several_tensors_are_a_list_of_connections) {
  mth_context *context = new_context();
  char shape[256];
  mth_model *m = read_model(
      context, "{'name': 'Model', 'submodels': {'r': 'Relu', 'c': {'name': 'Concat', 'args': "
               "{'axis': 1}}}, 'connections': {'r': {'input': 'a'}, 'c': {'inputs': ['a', {'key': "
               "{'connect': [['r', 'output']]}}, {'tensor': [[1.0, 2.0]]}], 'output': 'y'}}, "
               "'assigned_shapes': [[['a', [1, 3]]]]}");
  ASSERT(m);
  EXPECT_TEXT(shape_of(key(m, "y"), shape), "[1, 8]");
  mth_model *three = read_model(context, "{'name': 'Concat', 'args': {'n': 3}}");
  EXPECT(three && mth_model_find(three, "input3") && !mth_model_find(three, "input4"));
  mth_model_destroy(m);
  mth_model_destroy(three);
  mth_context_destroy(context);
}

TEST(json_reader, keys_are_found_by_pairs_and_paths) {
  mth_context *context = new_context();
  char shape[256];
  mth_model *m = read_model(
      context,
      "{'name': 'Model', 'submodels': {'a': {'name': 'Linear', 'args': {'dimension': 3}}}, "
      "'connections': {'a': {}}, 'assigned_differentiabilities': [[['a', 1], true]], "
      "'assigned_shapes': [[[['self', 1], ['n', 4]]]], 'assigned_couts': [], 'assigned_cins': "
      "[['a', 'weight']], 'assigned_types': [[['a', 'output'], {'Tensor': 'float'}]]}");
  ASSERT(m);
  mth_model *a = mth_model_child(m, 0);
  EXPECT(mth_connection_is_differentiable(key(a, "input")));
  EXPECT_TEXT(shape_of(key(a, "input"), shape), "[u1, 4]");
  EXPECT_INT(mth_model_canonical_output_count(m), 0);
  EXPECT_INT(mth_model_canonical_input_count(m), 1);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_reader, dims_of_the_document_are_one_unknown_everywhere) {
  mth_context *context = new_context();
  char shape[256];
  mth_model *m = read_model(
      context,
      "{'dims': ['n'], 'symbols': ['T'], 'name': 'Model', 'submodels': {'a': {'name': "
      "'Relu'}, 'b': {'name': 'Reshape', 'args': {'shape': [{'dim': 'T'}, {'dim': '2*n'}]}}}, "
      "'connections': {'a': {'input': 'x'}, 'b': {'input': 'z', 'output': 'y'}}, "
      "'assigned_shapes': [[['x', ['n', 'T', '2*n + 1']]], [['x', [3, null, null]]]]}");
  ASSERT(m);
  EXPECT_TEXT(shape_of(key(m, "x"), shape), "[3, T, 7]");
  EXPECT_TEXT(shape_of(key(m, "y"), shape), "[T, 6]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// Stands in for the class where the product has none of this name.
static mth_status make_stand_in(mth_context *context, const mth_arg *args, mth_model **out) {
  mth_model *child = NULL;
  (void)args;
  MTH_TRY(mth_model_create(context, NULL, out));
  MTH_TRY(mth_model_create_op(context, "Relu", NULL, 0, &child));
  MTH_TRY(mth_model_add(*out, child, NULL, NULL, 0));
  return mth_model_freeze(*out);
}

static const mth_class_param flatten_params[] = {
    {.name = "start_dim", .takes = MTH_TAKES(INT), .value = {.kind = MTH_ARG_INT, .i = 1}},
    {.name = "end_dim", .takes = MTH_TAKES(INT), .value = {.kind = MTH_ARG_INT, .i = -1}},
};
static const mth_class_param split_params[] = {
    {.name = "split_size", .takes = MTH_TAKES_INTEGER | MTH_TAKES(NONE)},
    {.name = "sections", .takes = MTH_TAKES_INTEGER | MTH_TAKES(NONE)},
    {.name = "axis", .takes = MTH_TAKES(INT)},
};
static const mth_class stand_ins[] = {
    {sizeof(mth_class), MTH_CLASS_ABI, "Flatten", flatten_params, 2, make_stand_in},
    {sizeof(mth_class), MTH_CLASS_ABI, "Split", split_params, 3, make_stand_in},
};

// The value of an argument of the class, or of the op, that a model is.
static const mth_arg *argument(const mth_model *model, const char *name) {
  const mth_class *class_ = mth_model_class(model);
  for (size_t i = 0; class_ && i < class_->param_count; i++)
    if (strcmp(class_->params[i].name, name) == 0) return &mth_model_class_args(model)[i];
  return mth_connection_value(key(model, name));
}

static void expect_integer(mth_context *context, const char *text, const char *name,
                           int64_t wanted) {
  mth_model *m = read_model(context, text);
  const mth_arg *found = m ? argument(m, name) : NULL;
  EXPECT(found && found->kind == MTH_ARG_INT);
  if (found) EXPECT_INT(found->i, wanted);
  mth_model_destroy(m);
}

TEST(json_reader, defaults_of_documents_are_filled_in) {
  mth_context *context = new_context();
  for (size_t i = 0; i < 2; i++)
    if (!mth_json_has_class(context, stand_ins[i].name))
      EXPECT_INT(mth_register_class(context, &stand_ins[i]), MTH_OK);
  expect_integer(context, "'Flatten'", "start_dim", 0);
  expect_integer(context, "{'name': 'flatten', 'args': {'start_dim': 1}}", "start_dim", 1);
  const char *const counted = "{'name': 'Split', 'args': {'split_size': 4, 'axis': 1}}";
  const char *const sized =
      "{'name': 'Split', 'args': {'split_size': 4, 'sections': null, 'axis': 1}}";
  expect_integer(context, counted, "sections", 4);
  expect_integer(context, sized, "split_size", 4);
  mth_context_destroy(context);
}

TEST(json_reader, old_members_say_nothing) {
  mth_context *context = new_context();
  mth_model *m = read_model(
      context, "{'name': 'Model', 'types': {'x': 'tensor'}, 'static_input_info': 3, "
               "'unnamed_keys': ['q'], 'submodels': {'a': 'Relu'}, 'connections': {'a': {'input': "
               "'q', 'output': 'y'}}}");
  ASSERT(m);
  EXPECT(mth_model_find(m, "q") == NULL);
  EXPECT(mth_model_find(m, "y") != NULL);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_reader, names_of_children_are_arguments) {
  mth_context *context = new_context();
  mth_model *m = read_model(
      context,
      "{'name': 'Model', 'class': 'Block', 'frozen': true, 'inputs': ['mask', {'name': "
      "'one', 'value': {'tensor': 1}}], 'submodels': {'a': {'name': 'Relu', 'args': {'name': "
      "'first'}}, 'b': 'Relu'}, 'connections': {'a': {}, 'b': {}}}");
  ASSERT(m);
  EXPECT_TEXT(mth_model_class_name(m), "Block");
  EXPECT_TEXT(mth_model_name(mth_model_child(m, 0)), "first");
  EXPECT_TEXT(mth_model_name(mth_model_child(m, 1)), "Relu");
  EXPECT_INT(mth_connection_class(key(m, "mask")), MTH_KEY_INPUT);
  EXPECT(mth_connection_constant(key(m, "one")) != NULL);
  EXPECT(mth_model_is_frozen(m));
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_reader, order_chain_values_and_starts_are_stated) {
  mth_context *context = new_context();
  mth_connection *chain = NULL;
  mth_model *m = read_model(
      context,
      "{'name': 'Model', 'submodels': {'a': 'Relu', 'b': {'name': 'Linear', 'args': {'dimension': "
      "2}}}, 'connections': {'a': {'input': 'x', 'output': 'u'}, 'b': {'input': 'z', 'output': "
      "'v', 'weight': 'w'}}, 'keys': ['v', 'z'], 'chain': 'v', 'assigned_values': [['z', "
      "{'tensor': [[1, 2, 3]]}]], 'assigned_initializers': [['w', {'kind': 'normal', 'a': 1, 'b': "
      "0.5, 'fan': 7}]]}");
  ASSERT(m);
  EXPECT_TEXT(mth_connection_key(mth_model_connection(m, 0)), "v");
  EXPECT_TEXT(mth_connection_key(mth_model_connection(m, 1)), "z");
  EXPECT_TEXT(mth_connection_key(mth_model_connection(m, 2)), "x");
  EXPECT_INT(mth_model_canonical_output(m, &chain), MTH_OK);
  EXPECT_TEXT(mth_connection_key(chain), "v");
  EXPECT_INT(mth_connection_constant(key(m, "z"))->rank, 2);
  const mth_initializer *start = mth_connection_initializer(key(m, "w"));
  EXPECT_INT(start->kind, MTH_INIT_NORMAL);
  EXPECT_NEAR(start->a, 1, 0);
  EXPECT_NEAR(start->b, 0.5, 0);
  EXPECT(mth_dim_is_constant(start->fan, NULL));
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(json_reader, files_stand_before_places) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  char path[] = "/tmp/json_reader_XXXXXX", where[300];
  const int file = mkstemp(path);
  ASSERT(file >= 0);
  FILE *out = fdopen(file, "w");
  fputs("{\"name\": \"Nonesuch\"}", out);
  fclose(out);
  EXPECT_INT(mth_read_json_file(context, path, &model), MTH_UNSUPPORTED);
  snprintf(where, sizeof where, "%s: $.name", path);
  EXPECT_TEXT(mth_context_diagnostic(context)->where, where);
  out = fopen(path, "w");
  fputs("{\n\"name\" 3}", out);
  fclose(out);
  EXPECT_INT(mth_read_json_file(context, path, &model), MTH_INVALID);
  snprintf(where, sizeof where, "%s:2:8", path);
  EXPECT_TEXT(mth_context_diagnostic(context)->where, where);
  out = fopen(path, "w");
  fputs("\"Relu\"", out);
  fclose(out);
  EXPECT_INT(mth_read_json_file(context, path, &model), MTH_OK);
  mth_model_destroy(model);
  model = NULL;
  remove(path);
  EXPECT_INT(mth_read_json_file(context, path, &model), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->where, path);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "cannot be read: No such file or directory");
  EXPECT_INT(mth_read_json_file(context, "/tmp", &model), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "cannot be read: Is a directory");
  EXPECT(model == NULL);
  mth_context_destroy(context);
}

TEST(json_reader, calls_without_text_or_context_are_refused) {
  mth_context *context = new_context();
  mth_model *model = NULL;
  EXPECT_INT(mth_read_json(NULL, "3", 1, &model), MTH_INVALID);
  EXPECT_INT(mth_read_json(context, "3", 1, NULL), MTH_INVALID);
  EXPECT_INT(mth_read_json_file(context, NULL, &model), MTH_INVALID);
  EXPECT_ERROR(context, mth_read_json(context, NULL, 0, &model), "json", "there is no text");
  mth_context_destroy(context);
}

// ---- memory -------------------------------------------------------------------------------------

static const char *const whole =
    "{'name': 'Model', 'dims': ['n'], 'submodels': {'a': {'name': 'Layer', 'args': {'activation': "
    "'Relu', 'dimension': 3}}, 'b': {'name': 'Model', 'submodels': {'m': 'Multiply'}, "
    "'connections': {'m': {'left': 'x', 'right': {'tensor': [[1.5, 2, 3]]}}}}}, 'connections': "
    "{'a': {'input': 'in'}, 'b': {'x': {'key': {'connect': [['a', 'output']]}}}}, "
    "'assigned_shapes': [[['in', ['n', 4]]]]}";

TEST(json_reader, every_allocation_may_fail) {
  failing_heap heap = {.refused = SIZE_MAX};
  const mth_allocator allocator = failing_allocator(&heap);
  const mth_context_options options = {.struct_bytes = sizeof options, .allocator = &allocator};
  mth_status status = MTH_NO_MEMORY;
  size_t swept = 0;
  for (; status != MTH_OK && swept < 20000; swept++) {
    mth_context *context = NULL;
    mth_model *model = NULL;
    heap = (failing_heap){.refused = SIZE_MAX};
    ASSERT(mth_context_create(&options, &context) == MTH_OK);
    heap.count = 0;
    heap.refused = swept;
    status = read_quoted(context, whole, &model);
    heap.refused = SIZE_MAX;
    EXPECT(status == MTH_OK || status == MTH_NO_MEMORY);
    EXPECT(status == MTH_OK || mth_context_diagnostic(context)->status == MTH_NO_MEMORY);
    mth_model_destroy(model);
    mth_context_destroy(context);
    EXPECT_INT(heap.live, 0);
  }
  EXPECT_INT(status, MTH_OK);
  EXPECT(swept > 100);
}

TEST(json_reader, zeros_and_ones_fill_a_key_of_known_shape) {
  mth_context *context = new_context();
  mth_model *m = read_model(
      context, "{'name': 'Add', 'assigned_shapes': [[['left', [2, 1]], ['right', [3]]]], "
               "'assigned_values': [['left', 'Constant.ONES'], ['right', 'Constant.ZEROS']]}");
  ASSERT(m);
  const mth_constant *ones = mth_connection_constant(key(m, "left"));
  const mth_constant *zeros = mth_connection_constant(key(m, "right"));
  EXPECT(ones->rank == 2 && ones->extents[0] == 2 && ((const double *)ones->data)[1] == 1);
  EXPECT(zeros->rank == 1 && zeros->extents[0] == 3 && ((const double *)zeros->data)[2] == 0);
  mth_model_destroy(m);
  m = read_model(context,
                 "{'name': 'Add', 'assigned_initializers': [['left', 'Constant.ONES'], ['right', "
                 "{'kind': 'uniform', 'a': '-inf', 'b': 1}]]}");
  ASSERT(m);
  EXPECT_INT(mth_connection_initializer(key(m, "left"))->kind, MTH_INIT_CONSTANT);
  EXPECT(mth_connection_initializer(key(m, "left"))->a == 1);
  EXPECT(mth_connection_initializer(key(m, "right"))->a < -1e300);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
