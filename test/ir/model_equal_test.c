// model_equal_test.c: models that are the same, and each way in which they are not.
#include "ir/model_core.h"
#include "ir/model_equal.h"
#include "ir/models/layers.h"
#include "ir/state_keys.h"
#include "model_fixture.h"

// "" if they are equal, else the difference, in storage that the next call reuses.
static const char *compare(const mth_model *a, const mth_model *b, char storage[256]) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  bool is_equal = false;
  EXPECT_INT(mth_model_equal(a, b, &is_equal, &text), MTH_OK);
  EXPECT(is_equal == (text.byte_count == 0));
  snprintf(storage, 256, "%s", mth_text_get(&text));
  mth_text_deinit(&text);
  return storage;
}

// x, y -> relu(x) + y, with a block inside.
static mth_model *make(mth_context *context) {
  mth_model *m = new_model(context), *relu = new_op(context, "Relu"), *add = new_op(context, "Add");
  EXPECT_INT(mth_model_add(m, new_linear(context, 4), NULL, &MTH_WIRE("input", "x"), 1), MTH_OK);
  EXPECT_INT(mth_model_append(m, relu, "act", &MTH_WIRE("output", "h"), 1), MTH_OK);
  EXPECT_INT(mth_model_append(m, add, NULL, &MTH_WIRE("right", "y"), 1), MTH_OK);
  return m;
}

typedef struct pair {
  mth_context *context;
  mth_model *a, *b;
} pair;

static pair begin(void) {
  pair p = {.context = new_context()};
  p.a = make(p.context);
  EXPECT_INT(mth_model_copy(p.a, &p.b), MTH_OK);
  return p;
}

static void end(pair p, const char *wanted) {
  char text[256];
  EXPECT_TEXT(compare(p.a, p.b, text), wanted);
  EXPECT(compare(p.b, p.a, text)[0] != 0 || !wanted[0]);
  mth_model_destroy(p.a);
  mth_model_destroy(p.b);
  mth_context_destroy(p.context);
}

TEST(model_equal, a_model_equals_its_copy_and_its_twin) {
  char text[256];
  pair p = begin();
  mth_model *twin = make(p.context);
  EXPECT_TEXT(compare(p.a, p.a, text), "");
  EXPECT_TEXT(compare(p.a, twin, text), "");
  mth_model_destroy(twin);
  end(p, "");
}

TEST(model_equal, unknown_dims_are_equal_up_to_renaming) {
  pair p = begin();
  const mth_shape shape = MTH_SHAPE(MTH_LOCAL("n"), MTH_LOCAL("k"), MTH_REST, MTH_LOCAL("n"));
  EXPECT_INT(mth_connection_set_shape(key(p.a, "y"), shape), MTH_OK);
  EXPECT_INT(mth_connection_set_shape(key(p.b, "y"), shape), MTH_OK);
  end(p, "");
  p = begin();
  EXPECT_INT(mth_connection_set_shape(key(p.a, "y"), MTH_SHAPE(MTH_LOCAL("n"), MTH_LOCAL("n"))),
             MTH_OK);
  EXPECT_INT(mth_connection_set_shape(key(p.b, "y"), MTH_SHAPE(MTH_LOCAL("n"), MTH_LOCAL("k"))),
             MTH_OK);
  end(p, "a dim of key 'right' in Add of Model");
}

TEST(model_equal, expressions_over_unknown_dims_are_compared) {
  char text[256];
  mth_context *context = new_context();
  mth_model *models[3];
  mth_dim_table *table = mth_context_dims(context);
  for (int64_t i = 0; i < 3; i++) { // [n, 2 n], [n, 2 n], [n, 3 n]
    models[i] = new_op(context, "Relu");
    mth_connection *input = key(models[i], "input");
    const mth_dim *n = NULL;
    EXPECT_INT(mth_connection_set_shape(input, MTH_SHAPE(MTH_ANY, MTH_ANY)), MTH_OK);
    EXPECT_INT(mth_connection_dim(input, 0, &n), MTH_OK);
    const mth_dim *times = mth_dim_multiply(table, mth_dim_constant(table, i < 2 ? 2 : 3), n);
    EXPECT_INT(mth_connection_set_shape(input, MTH_SHAPE(MTH_ANY, MTH_OF(times))), MTH_OK);
  }
  EXPECT_TEXT(compare(models[0], models[1], text), "");
  EXPECT_TEXT(compare(models[0], models[2], text), "a dim of key 'input' in Relu");
  for (size_t i = 0; i < 3; i++)
    mth_model_destroy(models[i]);
  mth_context_destroy(context);
}

// Inputs x, y, z of one dim each: those of `given`, by whichever two are unknown, or none: all are.
static mth_model *make_sum(mth_context *context, const char *given) {
  mth_model *m = new_model(context);
  mth_dim_table *table = mth_context_dims(context);
  const mth_dim *n = mth_dim_fresh(table), *k = mth_dim_fresh(table), *p = mth_dim_fresh(table);
  const mth_dim *x = n, *y = k, *z = p;
  if (strcmp(given, "xy") == 0) z = mth_dim_add(table, n, k);
  if (strcmp(given, "zy") == 0) x = mth_dim_subtract(table, p, k);
  if (strcmp(given, "zx") == 0) y = mth_dim_subtract(table, p, n);
  const mth_shape shapes[] = {MTH_SHAPE(MTH_OF(x)), MTH_SHAPE(MTH_OF(y)), MTH_SHAPE(MTH_OF(z))};
  for (size_t i = 0; i < 3; i++)
    EXPECT_INT(mth_model_add_input(m, (const char *[]){"x", "y", "z"}[i],
                                   &(mth_facts){.shape = &shapes[i]}, &(mth_connection *){NULL}),
               MTH_OK);
  return m;
}

TEST(model_equal, a_formula_may_be_solved_for_another_dim) {
  char text[256];
  mth_context *context = new_context();
  static const char *const ways[] = {"xy", "zy", "zx", ""};
  mth_model *models[4];
  for (size_t i = 0; i < 4; i++)
    models[i] = make_sum(context, ways[i]);
  for (size_t i = 0; i < 4; i++)
    for (size_t k = 0; k < 4; k++)
      EXPECT((compare(models[i], models[k], text)[0] == 0) == (i == k || (i < 3 && k < 3)));
  for (size_t i = 0; i < 4; i++)
    mth_model_destroy(models[i]);
  mth_context_destroy(context);
}

TEST(model_equal, facts_of_keys_are_compared) {
  pair p = begin();
  EXPECT_INT(mth_connection_set_shape(key(p.b, "y"), MTH_SHAPE(MTH_ANY, MTH_REST)), MTH_OK);
  end(p, "the shape of key 'right' in Add of Model");
  p = begin();
  EXPECT_INT(mth_connection_set_shape(key(p.a, "x"), MTH_SHAPE(MTH_N(2), MTH_N(3))), MTH_OK);
  EXPECT_INT(mth_connection_set_shape(key(p.b, "x"), MTH_SHAPE(MTH_N(2), MTH_N(5))), MTH_OK);
  end(p, "a dim of key 'input' in Transpose of Linear of Model");
  p = begin();
  EXPECT_INT(mth_connection_set_families(key(p.b, "y"), MTH_FAMILY_INT), MTH_OK);
  end(p, "the element type of key 'right' in Add of Model");
  p = begin();
  EXPECT_INT(mth_connection_set_differentiable(key(p.b, "y"), false), MTH_OK);
  end(p, "the differentiability of key 'right' in Add of Model");
  p = begin();
  const mth_initializer start = {MTH_INIT_CONSTANT, 1, 0, NULL};
  EXPECT_INT(mth_connection_set_initializer(key(p.b, "y"), start), MTH_OK);
  end(p, "the initializer of key 'right' in Add of Model");
  p = begin();
  const mth_arg numbers[] = {MTH_ARG_F(NULL, 1.5), MTH_ARG_F(NULL, 2.5)};
  EXPECT_INT(mth_connection_set_value(key(p.a, "y"), &numbers[0]), MTH_OK);
  EXPECT_INT(mth_connection_set_value(key(p.b, "y"), &numbers[1]), MTH_OK);
  end(p, "the constant of key 'right' in Add of Model");
}

TEST(model_equal, names_beside_those_of_keys_are_compared) {
  pair p = begin();
  EXPECT_INT(mth_model_name_dim(p.a, "n", key(p.a, "x"), 0), MTH_OK);
  end(p, "the named dims in Model");
  p = begin();
  EXPECT_INT(mth_model_name_dim(p.a, "n", key(p.a, "x"), 0), MTH_OK);
  EXPECT_INT(mth_model_name_dim(p.b, "n", key(p.b, "x"), 1), MTH_OK);
  end(p, "the named dims in Model");
  p = begin();
  EXPECT_INT(mth_model_name_dim(p.a, "n", key(p.a, "x"), 0), MTH_OK);
  EXPECT_INT(mth_model_name_dim(p.b, "n", key(p.b, "y"), 0), MTH_OK);
  end(p, "the named dims in Model");
  p = begin();
  EXPECT_INT(mth_model_set_numbers(p.a, 4, (const size_t[]){7, 2, 3, 4}, 9), MTH_OK);
  end(p, "the number of key '$7' in Model");
  p = begin();
  EXPECT_INT(mth_model_set_numbers(p.a, 4, (const size_t[]){1, 2, 3, 4}, 9), MTH_OK);
  end(p, "the last number of a key in Model");
}

TEST(model_equal, composition_is_compared) {
  pair p = begin();
  EXPECT_INT(mth_model_add(p.b, new_op(p.context, "Relu"), NULL, NULL, 0), MTH_OK);
  end(p, "the number of children, 3 and 4 in Model");
  p = begin();
  EXPECT_INT(mth_connection_rename(key(p.b, "y"), "z"), MTH_OK);
  end(p, "the origin of key 'right' in Add of Model");
  p = begin();
  EXPECT_INT(mth_model_expose(p.b, key(p.b, "h"), NULL), MTH_OK);
  end(p, "the class of key 'h' in Model");
  p = begin();
  EXPECT_INT(mth_model_add_input(p.b, "more", NULL, &(mth_connection *){NULL}), MTH_OK);
  end(p, "the number of keys, 7 and 8 in Model");
  p = begin();
  EXPECT_INT(mth_model_set_canonical_inputs(p.b, (mth_connection *[]){key(p.b, "y")}, 1), MTH_OK);
  end(p, "the canonical inputs in Model");
  p = begin();
  EXPECT_INT(mth_model_set_canonical_outputs(p.b, (mth_connection *[]){key(p.b, "h")}, 1), MTH_OK);
  end(p, "the canonical outputs in Model");
  p = begin();
  EXPECT_INT(mth_model_freeze(p.b), MTH_OK);
  end(p, "what is frozen or open in Model");
}

static mth_model *two_relus(mth_context *context, const char *second, const char *input) {
  mth_model *m = new_model(context);
  EXPECT_INT(mth_model_add(m, new_op(context, "Relu"), "a", &MTH_WIRE("input", "x"), 1), MTH_OK);
  EXPECT_INT(mth_model_add(m, new_op(context, second), "b",
                           (mth_wire[]){MTH_WIRE("input", input), MTH_WIRE("output", "y")}, 2),
             MTH_OK);
  EXPECT_INT(mth_model_add(m, new_op(context, "Relu"), NULL, &MTH_WIRE("input", "z"), 1), MTH_OK);
  return m;
}

TEST(model_equal, classes_arguments_names_and_wires_are_compared) {
  char text[256];
  mth_context *context = new_context();
  mth_model *a = two_relus(context, "Relu", "x"), *b = two_relus(context, "Tanh", "x"),
            *c = two_relus(context, "Relu", "z"), *four = new_linear(context, 4),
            *five = new_linear(context, 5), *axis[2];
  for (int64_t i = 0; i < 2; i++)
    EXPECT_INT(mth_model_create_op(context, "Softmax", &MTH_ARG_I("axis", i), 1, &axis[i]), MTH_OK);
  EXPECT_TEXT(compare(a, b, text), "the class, Relu and Tanh in b of Model");
  EXPECT_TEXT(compare(a, c, text), "what it leads to of key 'input' in b of Model");
  EXPECT_TEXT(compare(four, five, text), "the argument 'dimension' in Linear");
  EXPECT_TEXT(compare(axis[0], axis[1], text), "a dim of key 'axis' in Softmax");
  mth_model *const all[] = {a, b, c, four, five, axis[0], axis[1]};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    mth_model_destroy(all[i]);
  mth_context_destroy(context);
}

TEST(model_equal, states_are_compared) {
  char text[256];
  mth_context *context = new_context();
  mth_model *models[2];
  for (size_t i = 0; i < 2; i++) {
    mth_model *m = models[i] = new_model(context);
    const mth_wire a[] = {MTH_WIRE("input", "a"), MTH_WIRE("output", "p")};
    const mth_wire b[] = {MTH_WIRE("input", "b"), MTH_WIRE("output", "q")};
    EXPECT_INT(mth_model_add(m, new_op(context, "Relu"), NULL, a, 2), MTH_OK);
    EXPECT_INT(mth_model_add(m, new_op(context, "Relu"), NULL, b, 2), MTH_OK);
    for (size_t k = 0; k < 2; k++) {
      mth_connection *input = key(m, k ? "a" : "b");
      EXPECT_INT(mth_connection_set_shape(input, MTH_SHAPE(MTH_N(2))), MTH_OK);
      EXPECT_INT(mth_connection_set_families(input, MTH_FAMILY_FLOAT), MTH_OK);
    }
    EXPECT_INT(mth_model_bind_state(m, key(m, "a"), key(m, i ? "q" : "p"), NULL), MTH_OK);
    EXPECT_INT(mth_model_bind_state(m, key(m, "b"), key(m, i ? "p" : "q"), NULL), MTH_OK);
  }
  EXPECT_TEXT(compare(models[0], models[0], text), "");
  EXPECT_TEXT(compare(models[0], models[1], text), "the state of key 'a' in Model");
  mth_model_destroy(models[0]);
  mth_model_destroy(models[1]);
  mth_context_destroy(context);
}

TEST(model_equal, models_of_two_contexts_are_refused) {
  mth_context *one = new_context(), *two = new_context();
  mth_model *a = new_model(one), *b = new_model(two);
  bool is_equal = true;
  EXPECT_INT(mth_model_equal(a, b, &is_equal, NULL), MTH_INVALID);
  EXPECT_INT(mth_model_equal(a, NULL, &is_equal, NULL), MTH_INVALID);
  mth_model_destroy(a);
  mth_model_destroy(b);
  mth_context_destroy(one);
  mth_context_destroy(two);
}
