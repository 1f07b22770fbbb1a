// json_refusals_test.c: documents that are no models: each is refused with one text at one place.
#include "json_fixture.h"

#include <stdlib.h>

TEST(json_refusals, syntax_is_refused_at_line_and_column) {
  mth_context *context = new_context();
  EXPECT_UNREAD(context, "{'name':\n  'Relu',,}", MTH_INVALID, "json:2:10",
                "string or '}' expected near ','");
  EXPECT_UNREAD(context, "", MTH_INVALID, "json:1:1", "unexpected token near end of file");
  EXPECT_UNREAD(context, "'Relu' 3", MTH_INVALID, "json:1:8", "end of file expected near '3'");
  EXPECT_UNREAD(context, "{'name': 'Relu', 'name': 'Add'}", MTH_INVALID, "json:1:23",
                "duplicate object key near '\"name\"'");
  EXPECT_UNREAD(context, "{'name': 123456789012345678901234567890}", MTH_INVALID, "json:1:39",
                "too big integer");
  EXPECT_UNREAD(context, "[1e999]", MTH_INVALID, "json:1:6", "real number overflow near '1e999'");
  EXPECT_UNREAD(context, "{'name': '\xff'}", MTH_INVALID, "json:1:10",
                "unable to decode byte 0xff near '\"'");
  EXPECT_UNREAD(context, "{'name': '\\u0000'}", MTH_INVALID, "json:1:17",
                "\\u0000 is not allowed without JSON_ALLOW_NUL near '\"\\u0000\"'");
  EXPECT_UNREAD(context, "{'name': 'a\nb'}", MTH_INVALID, "json:1:11",
                "unexpected newline near '\"a'");
  EXPECT_UNREAD(context, "{'name': 'Relu', 'is_train_model': 1}", MTH_INVALID, "$.is_train_model",
                "wants a bool, found an integer");
  char deep[4097];
  memset(deep, '[', sizeof deep - 1);
  deep[sizeof deep - 1] = 0;
  EXPECT_UNREAD(context, deep, MTH_INVALID, "json:1:2049",
                "maximum parsing depth reached near '['");
  mth_context_destroy(context);
}

TEST(json_refusals, what_is_no_model_is_refused_at_its_place) {
  mth_context *context = new_context();
  EXPECT_UNREAD(context, "[1]", MTH_INVALID, "$",
                "a model wants an object or the name of its class, found a list");
  EXPECT_UNREAD(context, "{}", MTH_INVALID, "$", "a model wants a name, the one of its class");
  EXPECT_UNREAD(context, "{'name': 3}", MTH_INVALID, "$.name", "wants a string, found an integer");
  EXPECT_UNREAD(context, "{'name': 'Relu', 'conections': {}}", MTH_INVALID, "$.conections",
                "there is no such member here");
  EXPECT_UNREAD(
      context, "{'name': 'Model', 'class': '3'}", MTH_INVALID, "$.class",
      "3: a class name wants letters, digits and '_' and begins with no digit; found '3'");
  EXPECT_UNREAD(context, "{'name': 'Model', 'frozen': 1}", MTH_INVALID, "$.frozen",
                "wants a bool, found an integer");
  EXPECT_UNREAD(context, "{'name': 'Model', 'inputs': [{'name': 'x', 'shape': [1]}]}", MTH_INVALID,
                "$.inputs[0].shape", "there is no such member here");
  EXPECT_UNREAD(context, "{'name': 'Model', 'inputs': [3]}", MTH_INVALID, "$.inputs[0]",
                "wants a name or {\"tensor\": ...}, found an integer");
  mth_context_destroy(context);
}

TEST(json_refusals, missing_classes_are_unsupported) {
  mth_context *context = new_context();
  EXPECT_UNREAD(context, "{'name': 'Relu', 'args': {'name': 7}}", MTH_INVALID, "$.args.name",
                "wants a string, found an integer");
  EXPECT_UNREAD(context, "'Nonesuch'", MTH_UNSUPPORTED, "$", "there is no class 'Nonesuch'");
  EXPECT_UNREAD(context, "{'name': 'Nonesuch', 'args': {'formula_key': 'f'}}", MTH_UNSUPPORTED,
                "$.name", "there is no class 'Nonesuch'");
  EXPECT_UNREAD(context, "{'name': 'Layer', 'args': {'activation': 'Nonesuch', 'dimension': 2}}",
                MTH_UNSUPPORTED, "$.args.activation", "there is no class 'Nonesuch'");
  EXPECT_UNREAD(context,
                "{'name': 'Model', 'submodels': {'a b': {'name': 'Nonesuch'}}, 'connections': "
                "{'a b': {}}}",
                MTH_UNSUPPORTED, "$.submodels[\"a b\"].name", "there is no class 'Nonesuch'");
  EXPECT_UNREAD(context, "{'name': 'Model', 'assigned_constraints': [{'fn': 'f', 'keys': []}]}",
                MTH_UNSUPPORTED, "$.assigned_constraints[0]",
                "there is no constraint function 'f'");
  EXPECT_UNREAD(context, "{'name': 'Relu', 'args': {'input': 3}, 'enums': {'input': 'Color'}}",
                MTH_INVALID, "$.enums.input",
                "wants an argument that is a string, found an integer");
  EXPECT_UNREAD(context, "{'name': 'Relu', 'args': {'input': 'RED'}, 'enums': {'input': 'Color'}}",
                MTH_UNSUPPORTED, "$.enums.input", "wants \"PaddingType\", found Color");
  EXPECT_UNREAD(context, "{'name': 'Relu', 'tuples': [3]}", MTH_INVALID, "$.tuples[0]",
                "wants the name of an argument, found an integer");
  mth_context_destroy(context);
}

TEST(json_refusals, wrong_arguments_are_refused_at_their_place) {
  mth_context *context = new_context();
  EXPECT_UNREAD(context, "{'name': 'Linear', 'args': {'dimension': 'x'}}", MTH_INVALID,
                "$.args.dimension", "wants an integer, or null; found a string");
  EXPECT_UNREAD(context, "{'name': 'Linear', 'args': {'colour': 3}}", MTH_INVALID, "$.args.colour",
                "'colour' is neither an argument nor a key of Linear");
  EXPECT_UNREAD(context, "{'name': 'Softmax', 'args': {'axis': [0]}}", MTH_INVALID, "$.args.axis",
                "wants an integer, or null; found a list");
  EXPECT_UNREAD(context, "{'name': 'Add', 'args': {'left': 'x'}}", MTH_INVALID, "$.args.left",
                "wants an integer, or a number, or a bool; found a string");
  EXPECT_UNREAD(context, "{'name': 'MLP', 'args': {'activations': [], 'dimensions': []}}",
                MTH_INVALID, "$.args", "MLP: an MLP wants at least one layer, 0 were given");
  EXPECT_UNREAD(context, "{'name': 'Concat', 'args': {'n': -1}}", MTH_INVALID, "$.args.n",
                "wants the number of parts, 0 to 4096, found another");
  EXPECT_UNREAD(context,
                "{'name': 'Model', 'submodels': {'a': {'name': 'Relu', 'args': {'name': 3}}}, "
                "'connections': {'a': {}}}",
                MTH_INVALID, "$.submodels.a.args.name", "wants a string, found an integer");
  mth_context_destroy(context);
}

TEST(json_refusals, wrong_wires_are_refused_at_their_place) {
  mth_context *context = new_context();
#define ONE_CHILD "{'name': 'Model', 'submodels': {'a': 'Add'}, 'connections': {'a': "
  EXPECT_UNREAD(context, "{'name': 'Model', 'submodels': {'a': 'Add'}}", MTH_INVALID,
                "$.connections.a", "wants an object of keys, found nothing");
  EXPECT_UNREAD(context, ONE_CHILD "{}, 'b': {}}}", MTH_INVALID, "$.connections.b",
                "there is no submodel 'b'");
  EXPECT_UNREAD(context, "{'name': 'Model', 'submodels': {'self': 'Add'}, 'connections': {}}",
                MTH_INVALID, "$.submodels.self", "no submodel can be called 'self'");
  EXPECT_UNREAD(context, ONE_CHILD "{'colour': 'x'}}}", MTH_INVALID, "$.connections.a",
                "model 'Add': there is no key 'colour'; the model has left, right, output");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'kye': {}}}}}", MTH_INVALID,
                "$.connections.a.left.kye",
                "an argument wants one of dim, slice, float, string, open");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'key': 3}}}}", MTH_INVALID,
                "$.connections.a.left.key", "wants an object, found an integer");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'key': {'nmae': 'x'}}}}}", MTH_INVALID,
                "$.connections.a.left.key.nmae", "there is no such member here");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'key': {'differentiable': 3}}}}}", MTH_INVALID,
                "$.connections.a.left.key.differentiable", "wants a bool, found an integer");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'key': {'connect': []}}}}}", MTH_INVALID,
                "$.connections.a.left.key.connect",
                "wants a list of [submodel, key], found a list");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'key': {'connect': [['b', 'output']]}}}}}",
                MTH_INVALID, "$.connections.a.left.key.connect[0][0]", "there is no submodel 'b'");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'key': {'connect': [['a', 'output']]}}}}}",
                MTH_INVALID, "$.connections.a.left.key.connect[0][0]",
                "the submodel 'a' comes later");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'key': {'name': 'x', 'type': 'str'}}}}}", MTH_INVALID,
                "$.connections.a.left.key.type",
                "'left' of Add is a tensor, the type is a scalar's");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'tensor': [[1, 2], [3]]}}}}", MTH_INVALID,
                "$.connections.a.left.tensor[1]",
                "the lists of a tensor are equally long: wanted 2 elements, found 1");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'tensor': [1, [2]]}}}}", MTH_INVALID,
                "$.connections.a.left.tensor[1]", "a tensor wants a number here, found a list");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'tensor': [[1], 2]}}}}", MTH_INVALID,
                "$.connections.a.left.tensor[1]", "a tensor wants a list here, found an integer");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'tensor': [1], 'shape': [0]}}}}", MTH_INVALID,
                "$.connections.a.left", "only an empty tensor states its shape and dtype");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'tensor': [], 'shape': [2]}}}}", MTH_INVALID,
                "$.connections.a.left.shape",
                "only an empty tensor states its shape: an extent must be 0");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'tensor': [], 'shape': [-1]}}}}", MTH_INVALID,
                "$.connections.a.left.shape[0]",
                "an extent wants an integer from 0, found an integer");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': {'tensor': [], 'dtype': 'f'}}}}", MTH_INVALID,
                "$.connections.a.left.dtype", "wants float64, int64 or bool, found 'f'");
  EXPECT_UNREAD(context, ONE_CHILD "{'left': 'x', 'output': 'x'}}}", MTH_INVALID, "$.connections.a",
                "model 'Model', key 'x': a cycle: 'output' of Add would depend on itself");
#undef ONE_CHILD
  mth_context_destroy(context);
}

TEST(json_refusals, wrong_facts_are_refused_at_their_place) {
  mth_context *context = new_context();
#define RELU "{'name': 'Relu', "
  EXPECT_UNREAD(context, RELU "'assigned_shapes': [3]}", MTH_INVALID, "$.assigned_shapes[0]",
                "wants a list of [key, shape], found an integer");
  EXPECT_UNREAD(context, RELU "'assigned_shapes': [[['input']]]}", MTH_INVALID,
                "$.assigned_shapes[0][0]", "wants a list of a key and what is stated of it");
  EXPECT_UNREAD(context, RELU "'assigned_shapes': [[['input', 3]]]}", MTH_INVALID,
                "$.assigned_shapes[0][0][1]", "wants a list of dims, found an integer");
  EXPECT_UNREAD(context, RELU "'assigned_shapes': [[['input', [-1]]]]}", MTH_INVALID,
                "$.assigned_shapes[0][0][1][0]",
                "a dim wants an integer from 0, a name or null; found a negative number");
  EXPECT_UNREAD(context, RELU "'assigned_shapes': [[['input', ['2*b']]]]}", MTH_INVALID,
                "$.assigned_shapes[0][0][1][0]",
                "the dim 'b' is declared neither in $.dims nor in $.symbols");
  EXPECT_UNREAD(context, RELU "'assigned_shapes': [[['input', ['?1']]]]}", MTH_INVALID,
                "$.assigned_shapes[0][0][1][0]",
                "the dim '?1' is declared neither in $.dims nor in $.symbols");
  EXPECT_UNREAD(context, RELU "'assigned_shapes': [[['input', ['2*']]]]}", MTH_INVALID,
                "$.assigned_shapes[0][0][1][0]",
                "dim expression \"2*\", column 3: wanted a number, a symbol or '(', found the end");
  EXPECT_UNREAD(context, RELU "'assigned_shapes': [[['input', ['a b,...']]]]}", MTH_INVALID,
                "$.assigned_shapes[0][0][1][0]", "'a b' is no name of dims");
  EXPECT_UNREAD(context, RELU "'assigned_shapes': [[['input', ['V,...', '...']]]]}", MTH_INVALID,
                "$.assigned_shapes[0]",
                "model 'Relu', key 'input': wanted at most one '...' in a shape, found two");
  EXPECT_UNREAD(context, RELU "'assigned_shapes': [[['input', [1]], ['output', [2]]]]}",
                MTH_INVALID, "$.assigned_shapes[0]",
                "model 'Relu', key 'input': 'Relu.output' has shape [1], wanted [2]");
  EXPECT_UNREAD(context, RELU "'assigned_types': [['input', 'complex']]}", MTH_INVALID,
                "$.assigned_types[0][1]", "there is no type 'complex'");
  EXPECT_UNREAD(context, RELU "'assigned_types': [['input', {'Tensor': ['str']}]]}", MTH_INVALID,
                "$.assigned_types[0][1].Tensor[0]",
                "there is no type 'str' of elements; wanted int, float or bool");
  EXPECT_UNREAD(context, RELU "'assigned_types': [['input', 'str']]}", MTH_INVALID,
                "$.assigned_types[0][1]", "'input' is a tensor, the type is a scalar's");
  EXPECT_UNREAD(context, RELU "'assigned_types': [['input', {'Set': []}]]}", MTH_INVALID,
                "$.assigned_types[0][1]",
                "wants the name of a type, a union, {\"Tensor\": ...}, list or tuple, found an "
                "object");
  EXPECT_UNREAD(context, RELU "'assigned_differentiabilities': [['input', 1]]}", MTH_INVALID,
                "$.assigned_differentiabilities[0][1]", "wants a bool, found an integer");
  EXPECT_UNREAD(context, RELU "'assigned_differentiabilities': [['x', true]]}", MTH_INVALID,
                "$.assigned_differentiabilities[0][0]",
                "model 'Relu': there is no key 'x'; the model has input, output");
  EXPECT_UNREAD(context, RELU "'assigned_differentiabilities': [[['self', 2], true]]}", MTH_INVALID,
                "$.assigned_differentiabilities[0][0][1]",
                "wants an index into the 2 external keys of Relu, found 2");
  EXPECT_UNREAD(context, RELU "'assigned_differentiabilities': [[['self', 'q', 'x'], true]]}",
                MTH_INVALID, "$.assigned_differentiabilities[0][0][1]",
                "there is no child 'q' inside");
  EXPECT_UNREAD(context, RELU "'assigned_differentiabilities': [[[3, 0], true]]}", MTH_INVALID,
                "$.assigned_differentiabilities[0][0][0]",
                "wants the id of a submodel, found an integer");
  EXPECT_UNREAD(context, RELU "'assigned_differentiabilities': [[['self', null], true]]}",
                MTH_INVALID, "$.assigned_differentiabilities[0][0][1]",
                "wants a key or its index, found null");
  EXPECT_UNREAD(context, RELU "'assigned_differentiabilities': [[['self'], true]]}", MTH_INVALID,
                "$.assigned_differentiabilities[0][0]",
                "wants a key, or a list of a submodel and its key; found a shorter list");
  EXPECT_UNREAD(context, RELU "'assigned_initializers': [['input', {'kind': 'odd'}]]}", MTH_INVALID,
                "$.assigned_initializers[0][1]",
                "an initializer wants \"kind\": constant, uniform or normal");
  EXPECT_UNREAD(context,
                RELU "'assigned_initializers': [['input', {'kind': 'normal', 'fan': 'x'}]]}",
                MTH_INVALID, "$.assigned_initializers[0][1].fan",
                "wants an integer or a dim, found a string");
  EXPECT_UNREAD(context, RELU "'assigned_values': [['input', 'x']]}", MTH_INVALID,
                "$.assigned_values[0][1]",
                "model 'Relu', key 'input': a tensor takes a number or a constant as its value");
  EXPECT_UNREAD(context, RELU "'assigned_values': [['input', {'float': 'x'}]]}", MTH_INVALID,
                "$.assigned_values[0][1].float", "wants inf, -inf or nan, found 'x'");
  EXPECT_UNREAD(context, RELU "'assigned_values': [['input', {'slice': [1]}]]}", MTH_INVALID,
                "$.assigned_values[0][1].slice", "a slice wants [start, stop, step]");
  EXPECT_UNREAD(context, RELU "'assigned_values': [['input', {'slice': [1, 'x', 2]}]]}",
                MTH_INVALID, "$.assigned_values[0][1].slice[1]",
                "a slice wants integers and null, found a string");
  EXPECT_UNREAD(context, RELU "'assigned_values': [['input', {}]]}", MTH_INVALID,
                "$.assigned_values[0][1]",
                "an argument wants one of dim, slice, float, string, open; found 0 members");
  EXPECT_UNREAD(context, RELU "'assigned_values': [['input', 'Dtype.quad']]}", MTH_UNSUPPORTED,
                "$.assigned_values[0][1]", "there is no element type 'quad'");
  EXPECT_UNREAD(context, RELU "'assigned_values': [['input', 'Constant.PI']]}", MTH_INVALID,
                "$.assigned_values[0][1]", "there is no constant 'PI'");
  EXPECT_UNREAD(context, RELU "'assigned_values': [['input', {'tensor': 'Constant.PI'}]]}",
                MTH_INVALID, "$.assigned_values[0][1].tensor", "there is no constant 'PI'");
  EXPECT_UNREAD(context, RELU "'assigned_values': [['input', {'tensor': ['Constant.EPSILON']}]]}",
                MTH_INVALID, "$.assigned_values[0][1].tensor[0]",
                "a tensor wants a number here, found a string");
  EXPECT_UNREAD(context, RELU "'assigned_values': [['input', {'tensor': 'Constant.ONES'}]]}",
                MTH_INVALID, "$.assigned_values[0][1].tensor",
                "'Constant.ONES' is for assigned_values and assigned_initializers of a key whose "
                "shape is known");
  EXPECT_UNREAD(context, RELU "'assigned_values': [['input', 'Constant.ZEROS']]}", MTH_INVALID,
                "$.assigned_values[0][1]", "the shape of 'input' must be known to fill it");
  EXPECT_UNREAD(context,
                RELU "'assigned_shapes': [[['input', [100000, 100000]]]], "
                     "'assigned_values': [['input', 'Constant.ZEROS']]}",
                MTH_INVALID, "$.assigned_values[0][1]",
                "'input' has too many elements to be filled");
  EXPECT_UNREAD(context, RELU "'assigned_initializers': [['input', {'kind': 'normal', 'b': 'x'}]]}",
                MTH_INVALID, "$.assigned_initializers[0][1].b", "wants a number, found a string");
  EXPECT_UNREAD(context,
                RELU
                "'assigned_values': [['input', {'tensor': [], 'shape': [0,0,0,0,0,0,0,0,0,0,0,0,"
                "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}]]}",
                MTH_INVALID, "$.assigned_values[0][1].shape", "a tensor has at most rank 32");
  EXPECT_UNREAD(context, RELU "'exposed_keys': ['input']}", MTH_INVALID, "$.exposed_keys[0]",
                "model 'Relu': an op takes no children and no new keys");
#undef RELU
  mth_context_destroy(context);
}

TEST(json_refusals, dims_are_declared_once_at_the_root) {
  mth_context *context = new_context();
  EXPECT_UNREAD(context, "{'dims': ['3'], 'name': 'Relu'}", MTH_INVALID, "$.dims[0]",
                "the name of a dim wants letters, digits and '_', found 3");
  EXPECT_UNREAD(context, "{'dims': ['n', 'n'], 'name': 'Relu'}", MTH_INVALID, "$.dims[1]",
                "the dim 'n' is declared twice");
  EXPECT_UNREAD(context, "{'dims': ['n'], 'symbols': ['n'], 'name': 'Relu'}", MTH_INVALID,
                "$.symbols[0]", "the dim 'n' is declared twice");
  EXPECT_UNREAD(context,
                "{'name': 'Model', 'submodels': {'a': {'name': 'Relu', 'dims': []}}, "
                "'connections': {'a': {}}}",
                MTH_INVALID, "$.submodels.a.dims", "only the document itself declares dims");
  mth_context_destroy(context);
}

TEST(json_refusals, depth_and_rank_are_limited) {
  mth_context *context = new_context();
  char text[8192] = "";
  for (int i = 0; i < 65; i++)
    strcat(text, "{'name':'Model','submodels':{'a':");
  strcat(text, "'Relu'");
  for (int i = 0; i < 65; i++)
    strcat(text, "},'connections':{'a':{}}}");
  mth_model *model = NULL;
  EXPECT_INT(read_quoted(context, text, &model), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "models and lists nest at most 64 deep");
  EXPECT(strncmp(mth_context_diagnostic(context)->where, "$...", 4) == 0);
  EXPECT(strlen(mth_context_diagnostic(context)->where) > 200);
  strcpy(text, "{'name': 'Relu', 'assigned_values': [['input', {'tensor': ");
  for (int i = 0; i < 33; i++)
    strcat(text, "[");
  strcat(text, "1");
  for (int i = 0; i < 33; i++)
    strcat(text, "]");
  strcat(text, "}]]}");
  EXPECT_UNREAD(context, text, MTH_INVALID, "$.assigned_values[0][1].tensor",
                "a tensor has at most rank 32");
  strcpy(text, "{'name': 'Relu', 'assigned_shapes': [[['input', [1");
  for (int i = 0; i < 33; i++)
    strcat(text, ",1");
  strcat(text, "]]]]}");
  EXPECT_UNREAD(context, text, MTH_INVALID, "$.assigned_shapes[0][0][1]",
                "a shape has at most rank 32, found 34");
  mth_context_destroy(context);
}

TEST(json_refusals, long_lists_of_wires) {
  mth_context *context = new_context();
  char *const text = malloc(40000);
  strcpy(text, "{\"name\": \"Model\", \"submodels\": {\"c\": \"Concat\"}, "
               "\"connections\": {\"c\": {\"inputs\": [\"x\"");
  char *end = text + strlen(text);
  for (size_t i = 0; i < 4096; i++)
    end = stpcpy(end, ",\"x\"");
  strcpy(end, "]}}}");
  mth_model *model = NULL;
  EXPECT_ERROR(context, mth_read_json(context, text, strlen(text), &model),
               "$.connections.c.inputs", "wants at most 4096 parts, found 4097");
  free(text);
  mth_context_destroy(context);
}

TEST(json_refusals, our_own_members_are_checked_too) {
  mth_context *context = new_context();
#define TWO "{'name': 'Model', 'submodels': {'a': 'Relu'}, 'connections': {'a': {'input': 'x'}}, "
  EXPECT_UNREAD(context, TWO "'merged': [[['a', 'input']]]}", MTH_INVALID, "$.merged[0]",
                "wants a list of two keys or more, found fewer");
  EXPECT_UNREAD(context, TWO "'merged': [3]}", MTH_INVALID, "$.merged[0]",
                "wants a list of two keys or more, found an integer");
  EXPECT_UNREAD(context, TWO "'merged': [['x', 'y']]}", MTH_INVALID, "$.merged[0][1]",
                "model 'Model': there is no key 'y'; the model has x");
  EXPECT_UNREAD(context, TWO "'first_uses': ['x']}", MTH_INVALID, "$.first_uses[0]",
                "model 'Model', key 'x': it leads to no key of Model");
  EXPECT_UNREAD(context,
                "{'name': 'Model', 'inputs': [{'name': 'l', 'list': true}], 'assigned_values': "
                "[['l', 0.5]]}",
                MTH_INVALID, "$.assigned_values[0][1]", "a list wants its length, found a number");
  EXPECT_UNREAD(context,
                "{'name': 'Model', 'inputs': [{'name': 'l', 'list': true}], 'assigned_values': "
                "[['l', 1000000000000]]}",
                MTH_INVALID, "$.assigned_values[0][1]",
                "a list has at most 4096 parts, found 1000000000000");
  EXPECT_UNREAD(context, TWO "'chain': 'x'}", MTH_INVALID, "$.chain",
                "model 'Model', key 'x': the chain goes on at an output, and it is an input");
  EXPECT_UNREAD(context, TWO "'keys': ['y']}", MTH_INVALID, "$.keys[0]",
                "model 'Model': there is no key 'y'; the model has x");
  EXPECT_UNREAD(context, TWO "'named_dims': []}", MTH_INVALID, "$.named_dims",
                "wants an object, found a list");
  EXPECT_UNREAD(context, TWO "'named_dims': {'n': ['x']}}", MTH_INVALID, "$.named_dims.n",
                "wants a list of a key and an axis, found another list");
  EXPECT_UNREAD(context, TWO "'named_dims': {'n': 'x'}}", MTH_INVALID, "$.named_dims.n",
                "wants a list of a key and an axis, found a string");
  EXPECT_UNREAD(context, TWO "'named_dims': {'n': ['y', 0]}}", MTH_INVALID, "$.named_dims.n[0]",
                "model 'Model': there is no key 'y'; the model has x");
  EXPECT_UNREAD(context, TWO "'named_dims': {'x': ['x', 0]}}", MTH_INVALID, "$.named_dims.x",
                "model 'Model': there is a key 'x' already");
  EXPECT_UNREAD(context, TWO "'named_dims': {'n': ['x', 40]}}", MTH_INVALID, "$.named_dims.n",
                "model 'Model', key 'x': an axis of rank at most 32 was wanted, 40 was given");
  EXPECT_UNREAD(context, TWO "'numbers': {}}", MTH_INVALID, "$.numbers",
                "wants a list, found an object");
  EXPECT_UNREAD(context, TWO "'numbers': [[]]}", MTH_INVALID, "$.numbers[0]",
                "wants a list of a path and of numbers, found another list");
  EXPECT_UNREAD(context, TWO "'numbers': [7]}", MTH_INVALID, "$.numbers[0]",
                "wants a list of a path and of numbers, found an integer");
  EXPECT_UNREAD(context, TWO "'numbers': [[['b'], [1]]]}", MTH_INVALID, "$.numbers[0][0][0]",
                "there is no submodel 'b'");
  EXPECT_UNREAD(context, TWO "'numbers': [[['a', 'b'], [1]]]}", MTH_INVALID, "$.numbers[0][0][1]",
                "there is no child 'b' inside");
  EXPECT_UNREAD(context, TWO "'numbers': [[[], []]]}", MTH_INVALID, "$.numbers[0][1]",
                "wants a list of numbers and the last one, found an empty one");
  EXPECT_UNREAD(context, TWO "'numbers': [[[], 3]]}", MTH_INVALID, "$.numbers[0][1]",
                "wants a list of numbers and the last one, found an integer");
  EXPECT_UNREAD(context, TWO "'numbers': [[[], [-1, 1]]]}", MTH_INVALID, "$.numbers[0][1][0]",
                "wants the number of a key, found a negative one");
  EXPECT_UNREAD(context, TWO "'numbers': [[[], [1, null]]]}", MTH_INVALID, "$.numbers[0][1][1]",
                "wants the number of a key, found null");
  EXPECT_UNREAD(context, TWO "'numbers': [[[], [3, 2]]]}", MTH_INVALID, "$.numbers[0][1]",
                "model 'Model': numbers of keys are 1 to 2 here, found 3");
#undef TWO
  mth_context_destroy(context);
}
