// json_mutate.c: mutations of documents that stay JSON.
#include "test/fuzz/json_mutate.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { most_values = 4096 };

static const char *const keys[] = {"name",
                                   "class",
                                   "args",
                                   "tuples",
                                   "enums",
                                   "inputs",
                                   "submodels",
                                   "connections",
                                   "merged",
                                   "exposed_keys",
                                   "assigned_shapes",
                                   "assigned_types",
                                   "assigned_differentiabilities",
                                   "assigned_values",
                                   "assigned_initializers",
                                   "assigned_cins",
                                   "assigned_couts",
                                   "chain",
                                   "first_uses",
                                   "keys",
                                   "frozen",
                                   "dims",
                                   "symbols",
                                   "unnamed_keys",
                                   "key",
                                   "connect",
                                   "value",
                                   "type",
                                   "differentiable",
                                   "tensor",
                                   "shape",
                                   "dtype",
                                   "dim",
                                   "slice",
                                   "float",
                                   "string",
                                   "open",
                                   "input",
                                   "output",
                                   "left",
                                   "right",
                                   "weight",
                                   "bias",
                                   "a",
                                   "b",
                                   "m_0",
                                   "m_1",
                                   "axis",
                                   "axes",
                                   "keepdim",
                                   "dimension",
                                   "use_bias",
                                   "activation",
                                   "activations",
                                   "dimensions",
                                   "n",
                                   "input1",
                                   "input2",
                                   "index",
                                   "kind",
                                   "fan",
                                   "shape_template",
                                   "kernel_size",
                                   "stride",
                                   "padding",
                                   "groups",
                                   "out_channels",
                                   "start",
                                   "stop",
                                   "step",
                                   "start_dim",
                                   "end_dim",
                                   "sections",
                                   "split_size",
                                   "named_dims",
                                   "numbers",
                                   "states",
                                   "list",
                                   "is_train_model",
                                   "model",
                                   "losses",
                                   "regularizations",
                                   "metrics",
                                   "loss_combiner",
                                   "reduce_steps",
                                   "coef",
                                   "same_as",
                                   "pattern",
                                   "reg_key",
                                   "key_name",
                                   "order",
                                   "finalized",
                                   "target"};

static const char *const values[] = {
    "null",
    "true",
    "false",
    "0",
    "1",
    "2",
    "3",
    "7",
    "-1",
    "-2",
    "64",
    "100000",
    "2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "0.5",
    "-0.0",
    "1e308",
    "[]",
    "{}",
    "[0]",
    "[1, 2]",
    "[[1.0, 2.0], [3.0, 4.0]]",
    "[null, 4]",
    "[\"n\", \"n\"]",
    "[\"V,...\", 3]",
    "[\"n\", \"...\"]",
    "[[\"x\", [2, \"n\"]]]",
    "[\"a\", \"output\"]",
    "[\"b\", 0]",
    "[\"self\", 0]",
    "[\"x\", true]",
    "[\"x\", \"y\"]",
    "\"\"",
    "\"x\"",
    "\"y\"",
    "\"w\"",
    "\"n\"",
    "\"T\"",
    "\"2*n + 1\"",
    "\"n floordiv 2\"",
    "\"input\"",
    "\"output\"",
    "\"$1\"",
    "\"a\"",
    "\"b\"",
    "\"Model\"",
    "\"Relu\"",
    "\"Tanh\"",
    "\"Add\"",
    "\"Multiply\"",
    "\"Power\"",
    "\"Where\"",
    "\"Linear\"",
    "\"Layer\"",
    "\"MLP\"",
    "\"Embedding\"",
    "\"LayerNorm\"",
    "\"Concat\"",
    "\"Reshape\"",
    "\"Transpose\"",
    "\"BroadcastTo\"",
    "\"Mean\"",
    "\"Sum\"",
    "\"Softmax\"",
    "\"MatrixMultiply\"",
    "\"CrossEntropy\"",
    "\"SquaredError\"",
    "\"Shape\"",
    "\"ToTuple\"",
    "\"TupleItem\"",
    "\"Slice\"",
    "\"ToTensor\"",
    "\"ScalarMultiply\"",
    "\"Size\"",
    "\"Flatten\"",
    "\"Convolution1D\"",
    "\"Convolution2D\"",
    "\"LogisticRegression\"",
    "\"Dtype.float32\"",
    "\"Dtype.x\"",
    "\"Constant.EPSILON\"",
    "\"Constant.ZEROS\"",
    "{\"tensor\": \"Constant.LEFT_EPSILON\"}",
    "{\"width\": [\"x\", -1]}",
    "[[[], [1, 2, 3]]]",
    "{\"model\": \"SquaredError\", \"args\": {\"input\": \"y\", \"target\": \"t\"}}",
    "{\"model\": \"L2\", \"coef\": 0.5, \"args\": {\"input\": {\"pattern\": \"w\"}}}",
    "{\"same_as\": 0}",
    "\"(Ellipsis,)\"",
    "\"SAME\"",
    "\"normal\"",
    "\"float\"",
    "\"Tensor\"",
    "{\"Tensor\": [\"int\", \"bool\"]}",
    "{\"tensor\": [[1, 2, 3]]}",
    "{\"tensor\": 1.5}",
    "{\"dim\": \"n\"}",
    "{\"dim\": \"3*n\"}",
    "{\"open\": true}",
    "{\"key\": {\"name\": \"x\"}}",
    "{\"key\": {\"connect\": [[\"a\", \"output\"]]}}",
    "{\"key\": {\"name\": \"k\", \"value\": {\"tensor\": 2}}}",
    "{\"kind\": \"uniform\", \"fan\": 3}",
    "{\"name\": \"Linear\", \"args\": {\"dimension\": 3}}",
    ("{\"name\": \"Model\", \"submodels\": {\"a\": \"Relu\"}, "
     "\"connections\": {\"a\": {\"input\": \"x\"}}}")};

// A value and where it is.
typedef struct spot {
  json_t *in, *value; // `in` NULL: the root
  const char *key;    // of an object
  size_t index;       // of a list
} spot;

typedef struct spots {
  spot items[most_values];
  size_t count;
} spots;

static unsigned next(unsigned *seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return *seed >> 8;
}

static void collect(spots *s, json_t *in, json_t *value, const char *key, size_t index) {
  const char *inner_key;
  json_t *inner;
  if (s->count == most_values) return;
  s->items[s->count++] = (spot){in, value, key, index};
  for (size_t i = 0; i < json_array_size(value); i++)
    collect(s, value, json_array_get(value, i), NULL, i);
  json_object_foreach(value, inner_key, inner) collect(s, value, inner, inner_key, 0);
}

static json_t *known(unsigned *seed) {
  return json_loads(values[next(seed) % (sizeof values / sizeof *values)], JSON_DECODE_ANY, NULL);
}

static const char *known_key(unsigned *seed) {
  return keys[next(seed) % (sizeof keys / sizeof *keys)];
}

// Takes `value`.
static void put(spot *at, json_t *value) {
  if (json_is_object(at->in))
    json_object_set_new(at->in, at->key, value);
  else if (json_is_array(at->in))
    json_array_set_new(at->in, at->index, value);
  else
    json_decref(value);
}

static void drop(spot *at) {
  if (json_is_object(at->in))
    json_object_del(at->in, at->key);
  else if (json_is_array(at->in))
    json_array_remove(at->in, at->index);
}

static void change(spots *s, unsigned *seed) {
  spot *at = &s->items[next(seed) % s->count];
  const spot *other = &s->items[next(seed) % s->count];
  switch (next(seed) % 6) {
  case 0:
    put(at, known(seed));
    break;
  case 1:
    put(at, json_deep_copy(other->value));
    break;
  case 2:
    drop(at);
    break;
  case 3: // a member or an element more
    if (json_is_object(at->value)) json_object_set_new(at->value, known_key(seed), known(seed));
    if (json_is_array(at->value)) json_array_append_new(at->value, known(seed));
    break;
  case 4: // the same of another value
    if (json_is_object(at->value))
      json_object_set_new(at->value, other->key && next(seed) % 2 ? other->key : known_key(seed),
                          json_deep_copy(other->value));
    if (json_is_array(at->value)) json_array_append_new(at->value, json_deep_copy(other->value));
    break;
  default: // another key
    if (json_is_object(at->in)) {
      json_object_set_new(at->in, known_key(seed), json_deep_copy(at->value));
      json_object_del(at->in, at->key);
    }
  }
}

size_t mth_json_mutate(uint8_t *data, size_t byte_count, size_t capacity, unsigned seed) {
  json_t *document = json_loadb((const char *)data, byte_count, JSON_DECODE_ANY, NULL);
  spots *s = document ? malloc(sizeof *s) : NULL;
  char *text = NULL;
  size_t bytes = 0;
  if (s) {
    s->count = 0;
    collect(s, NULL, document, NULL, 0);
    change(s, &seed);
    text = json_dumps(document, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
  }
  if (text && strlen(text) <= capacity) {
    bytes = strlen(text);
    memcpy(data, text, bytes);
  }
  free(text);
  free(s);
  json_decref(document);
  return bytes;
}
