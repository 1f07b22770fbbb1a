// compose_test.c: adding children: rules R1 to R3, key classes, refusals that change nothing.
#include "ir/graph.h"
#include "test/ir/model_fixture.h"

#define ADD(m, child, name, ...)                                                                   \
  mth_model_add(m, child, name, (mth_wire[]){__VA_ARGS__},                                         \
                sizeof((mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire))
#define APPEND(m, child, name, ...)                                                                \
  mth_model_append(m, child, name, (mth_wire[]){__VA_ARGS__},                                      \
                   sizeof((mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire))

TEST(compose, append_continues_the_chain) { // R1, and the worked example of the semantics
  mth_context *context = new_context();
  mth_model *m = new_model(context), *first = new_linear(context, 4);
  ASSERT(ADD(m, first, NULL, MTH_WIRE("input", "x"), MTH_WIRE("weight", "w1")) == MTH_OK);
  EXPECT_INT(mth_connection_class(key(m, "x")), MTH_KEY_INPUT);
  EXPECT_INT(mth_connection_class(key(m, "w1")), MTH_KEY_INPUT);
  mth_connection *hidden = NULL;
  ASSERT(mth_model_canonical_output(m, &hidden) == MTH_OK);
  EXPECT_INT(mth_connection_class(hidden), MTH_KEY_LATENT_OUTPUT);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  EXPECT_INT(mth_connection_class(hidden), MTH_KEY_INTERNAL);
  ASSERT(APPEND(m, new_linear(context, 2), NULL, MTH_WIRE("output", "y")) == MTH_OK);
  EXPECT_INT(mth_connection_class(key(m, "y")), MTH_KEY_LATENT_OUTPUT);
  EXPECT_INT(mth_model_freeze(m), MTH_OK);
  EXPECT_INT(mth_connection_class(key(m, "y")), MTH_KEY_OUTPUT);
  EXPECT_TEXT(mth_model_name(mth_model_child(m, 0)), "Linear_0");
  EXPECT_TEXT(mth_model_name(mth_model_child(m, 1)), "Relu");
  EXPECT_TEXT(mth_model_name(mth_model_child(m, 2)), "Linear_1");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, append_is_add_when_no_input_is_free) { // R1, program U1
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(APPEND(m, new_linear(context, 16), NULL, MTH_WIRE("output", "output1")) == MTH_OK);
  ASSERT(APPEND(m, new_linear(context, 16), NULL, MTH_WIRE("output", "output2")) == MTH_OK);
  ASSERT(APPEND(m, new_op(context, "Add"), NULL, MTH_WIRE("left", "output1"),
                MTH_WIRE("right", "output2"), MTH_WIRE("output", "output")) == MTH_OK);
  mth_connection *chain = NULL;
  ASSERT(mth_model_canonical_output(m, &chain) == MTH_OK);
  EXPECT_TEXT(mth_connection_key(chain), "output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, append_refuses_several_free_inputs) { // R1
  mth_context *context = new_context();
  mth_model *m = new_model(context), *add = new_op(context, "Add");
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_append(m, add, NULL, NULL, 0), "model 'Add'",
                 "the chain can continue at one input, 2 are free: left, right; wire the others");
  ASSERT(APPEND(m, add, NULL, MTH_WIRE("right", "b")) == MTH_OK);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, two_heads_are_two_outputs_and_the_chain_stays) { // R2
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), "trunk", NULL, 0) == MTH_OK);
  mth_connection *trunk = NULL;
  ASSERT(mth_model_canonical_output(m, &trunk) == MTH_OK);
  ASSERT(ADD(m, new_op(context, "Tanh"), "side", MTH_WIRE("input", "other")) == MTH_OK);
  EXPECT_INT((int)mth_model_canonical_output_count(m), 2);
  mth_connection *chain = NULL;
  ASSERT(mth_model_canonical_output(m, &chain) == MTH_OK);
  EXPECT(chain == trunk); // `|=` that does not consume the chain leaves it
  ASSERT(ADD(m, new_op(context, "Sigmoid"), "head", MTH_WIRE_TO("input", trunk)) == MTH_OK);
  ASSERT(mth_model_canonical_output(m, &chain) == MTH_OK);
  EXPECT(chain != trunk); // one that consumes it moves it
  EXPECT_TEXT(mth_connection_key(key(mth_model_find_child(m, "head"), "output")), "output");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, without_a_chain_several_outputs_are_an_error_with_names) { // R2
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(ADD(m, new_op(context, "Relu"), NULL, MTH_WIRE("input", "x"), MTH_WIRE("output", "a")) ==
         MTH_OK);
  ASSERT(ADD(m, new_op(context, "Tanh"), NULL, MTH_WIRE("input", "x"), MTH_WIRE("output", "b")) ==
         MTH_OK);
  mth_connection *both[] = {key(m, "a"), key(m, "b")}, *found = NULL;
  ASSERT(mth_model_set_canonical_outputs(m, both, 2) == MTH_OK);
  EXPECT_ERROR(context, mth_model_canonical_output(m, &found), "model 'Model'",
               "wants one canonical output, there are 2: a, b");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, a_child_is_of_the_same_context) {
  mth_context *context = new_context(), *far = new_context();
  mth_model *m = new_model(context), *child = new_op(far, "Relu");
  EXPECT_REFUSED(context, m, mth_model_add(m, child, NULL, NULL, 0), "model 'Model'",
                 "the child 'Relu' is of another context");
  EXPECT_REFUSED(context, m, mth_model_append(m, child, NULL, NULL, 0), "model 'Model'",
                 "the child 'Relu' is of another context");
  mth_model_destroy(child); // still the caller's
  mth_model_destroy(m);
  mth_context_destroy(far);
  mth_context_destroy(context);
}

// What has no name of the user's is told by the child and the key that it comes from.
TEST(compose, reports_tell_where_unnamed_keys_come_from) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *block = new_model(context);
  ASSERT(ADD(block, new_op(context, "MatrixMultiply"), "inner", MTH_WIRE("left", "x")) == MTH_OK);
  mth_connection *weight = key(mth_model_find_child(block, "inner"), "right");
  ASSERT(mth_connection_set_shape(weight, MTH_SHAPE(MTH_N(4), MTH_N(2))) == MTH_OK);
  ASSERT(ADD(m, block, "block", MTH_WIRE("x", "y")) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_connection_set_shape(weight, MTH_SHAPE(MTH_N(3))),
                 "model 'inner', key 'right'", "'block.inner.right' has shape [4, 2], wanted [3]");
  ASSERT(ADD(m, new_op(context, "Tanh"), NULL, MTH_WIRE("input", "y")) == MTH_OK);
  mth_connection *found,
      *both[] = {mth_model_canonical_output_at(m, 0), mth_model_canonical_output_at(m, 1)};
  ASSERT(mth_model_set_canonical_outputs(m, both, 2) == MTH_OK);
  EXPECT_ERROR(
      context, mth_model_canonical_output(m, &found), "model 'Model'",
      "wants one canonical output, there are 2: $2 (block.inner.output), $3 (Tanh.output)");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// wave and other of one input; no chain output of its own.
static mth_model *new_pair(mth_context *context) {
  mth_model *pair = NULL;
  mth_connection *x = mth_free_input(context, "input", NULL);
  const mth_named_output outputs[] = {{"wave", mth_sin(x)}, {"other", mth_cos(x)}};
  EXPECT_INT(mth_model_from(context, "Pair", outputs, 2, &pair), MTH_OK);
  return pair;
}

TEST(compose, a_child_with_several_outputs_ends_the_chain) { // R2
  mth_context *context = new_context();
  mth_model *m = new_model(context), *pair = new_pair(context), *relu = new_op(context, "Relu");
  ASSERT(mth_model_append(m, new_op(context, "Tanh"), NULL, NULL, 0) == MTH_OK);
  ASSERT(APPEND(m, pair, NULL, MTH_WIRE("wave", "a"), MTH_WIRE("other", "b")) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_append(m, relu, NULL, NULL, 0), "model 'Model'",
                 "wants one canonical output, there are 2: a, b");
  mth_connection *b = key(m, "b"), *chain = NULL;
  ASSERT(mth_model_set_canonical_outputs(m, &b, 1) == MTH_OK); // until one is set
  ASSERT(mth_model_append(m, relu, NULL, NULL, 0) == MTH_OK);
  EXPECT_INT(mth_connection_class(b), MTH_KEY_INTERNAL);
  ASSERT(mth_model_canonical_output(m, &chain) == MTH_OK && chain == key(relu, "output")->outer);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, a_shortcut_leaves_the_chain_and_its_sum_takes_it) { // R2: a residual block by hand
  mth_context *context = new_context();
  mth_model *m = new_model(context), *sum = new_op(context, "Add");
  ASSERT(APPEND(m, new_linear(context, 8), "block", MTH_WIRE("input", "x")) == MTH_OK);
  mth_connection *out = NULL, *chain = NULL;
  ASSERT(mth_model_canonical_output(m, &out) == MTH_OK);
  ASSERT(ADD(m, new_linear(context, 8), "shortcut", MTH_WIRE("input", "x"),
             MTH_WIRE("output", "short")) == MTH_OK);
  ASSERT(mth_model_canonical_output(m, &chain) == MTH_OK && chain == out);
  EXPECT_INT((int)mth_model_canonical_output_count(m), 2);
  ASSERT(ADD(m, sum, NULL, MTH_WIRE("left", "short"), MTH_WIRE_TO("right", out)) == MTH_OK);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  EXPECT_INT((int)mth_model_canonical_output_count(m), 1);
  EXPECT_INT((int)mth_model_canonical_input_count(m), 1);
  EXPECT(key(sum, "output")->outer->first_use != NULL);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, append_of_a_child_without_inputs_is_add) { // R1
  mth_context *context = new_context();
  mth_model *m = new_model(context), *count = NULL;
  const int64_t size = 4;
  const mth_arg args[] = {MTH_ARG_IS("shape", 1, &size), MTH_ARG_I("axis", 0),
                          MTH_ARG_T("dtype", MTH_I64)};
  ASSERT(mth_model_create_op(context, "Iota", args, 3, &count) == MTH_OK);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  ASSERT(APPEND(m, count, NULL, MTH_WIRE("output", "n")) == MTH_OK);
  mth_connection *chain = NULL;
  ASSERT(mth_model_canonical_output(m, &chain) == MTH_OK && chain == key(m, "n"));
  EXPECT_INT((int)mth_model_canonical_output_count(m), 2);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, a_list_of_names_and_connections) { // R3
  mth_context *context = new_context();
  mth_model *m = new_model(context), *concat = NULL;
  ASSERT(mth_model_create_op(context, "Concat", (mth_arg[]){MTH_ARG_I("axis", 1)}, 1, &concat) ==
         MTH_OK);
  ASSERT(ADD(m, new_op(context, "Relu"), NULL, MTH_WIRE("input", "x"), MTH_WIRE("output", "a")) ==
         MTH_OK);
  const mth_wire parts[] = {MTH_WIRE_TO(NULL, key(m, "a")), MTH_WIRE(NULL, "b")};
  const char *list = mth_model_op(concat)->inputs[0].name;
  ASSERT(ADD(m, concat, NULL, MTH_WIRE_PARTS(list, 2, parts), MTH_WIRE("output", "ab")) == MTH_OK);
  EXPECT_INT(mth_connection_class(key(m, "b")), MTH_KEY_INPUT);
  EXPECT_INT(mth_connection_class(key(m, "a")), MTH_KEY_INTERNAL);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, an_input_that_comes_to_be_driven_is_internal) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(ADD(m, new_op(context, "Relu"), NULL, MTH_WIRE("input", "h"), MTH_WIRE("output", "y")) ==
         MTH_OK);
  ASSERT(ADD(m, new_op(context, "Tanh"), NULL, MTH_WIRE("input", "x"), MTH_WIRE("output", "h")) ==
         MTH_OK);
  EXPECT_INT(mth_connection_class(key(m, "h")), MTH_KEY_INTERNAL);
  EXPECT_INT((int)mth_model_canonical_input_count(m), 1);
  EXPECT(mth_model_canonical_input_at(m, 0) == key(m, "x"));
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, refusals_say_why_and_change_nothing) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(ADD(m, new_op(context, "Relu"), "first", MTH_WIRE("input", "x"),
             MTH_WIRE("output", "y")) == MTH_OK);
  mth_model *relu = new_op(context, "Relu"), *other = new_model(context);
  EXPECT_REFUSED(context, m, ADD(m, relu, NULL, MTH_WIRE("inputs", "x")), "model 'Relu'",
                 "there is no key 'inputs'; the model has input, output");
  EXPECT_REFUSED(context, m, ADD(m, relu, NULL, MTH_WIRE("output", "y")), "model 'Model', key 'y'",
                 "it is written twice: by 'output' of Relu and by 'output' of Relu");
  EXPECT_REFUSED(context, m, ADD(m, relu, NULL, MTH_WIRE("input", "y"), MTH_WIRE("output", "x")),
                 "model 'Model', key 'x'", "a cycle: 'output' of Relu would depend on itself");
  EXPECT_REFUSED(context, m, ADD(m, relu, "first", MTH_WIRE("input", "x")), "model 'Model'",
                 "there is a child named 'first' already");
  EXPECT_REFUSED(context, m, ADD(m, relu, NULL, MTH_WIRE("output", "input")), "model 'Model'",
                 "the name 'input' is for inputs only");
  EXPECT_REFUSED(context, m, ADD(m, relu, NULL, MTH_WIRE("input", "a b")), "model 'Model'",
                 "a key wants letters, digits and '_' and begins with no digit; found 'a b'");
  EXPECT_REFUSED(context, m, ADD(m, relu, NULL, MTH_WIRE("input", "x"), MTH_WIRE("input", "y")),
                 "model 'Relu'", "the key 'input' is wired twice");
  EXPECT_REFUSED(context, m, mth_model_add(m, m, NULL, NULL, 0), "model 'Model'",
                 "a model can not be its own child");
  EXPECT_REFUSED(context, m, mth_model_add(m, mth_model_child(m, 0), NULL, NULL, 0),
                 "model 'Model'", "the child 'first' has a parent already; add a copy");
  EXPECT_REFUSED(context, m,
                 ADD(m, relu, NULL, MTH_WIRE_TO("input", mth_model_find(relu, "output"))),
                 "model 'Relu', key 'input'", "it can not be wired to 'output' of the same model");
  ASSERT(ADD(other, new_op(context, "Relu"), NULL, MTH_WIRE("input", "z")) == MTH_OK);
  EXPECT_REFUSED(context, m, ADD(m, relu, NULL, MTH_WIRE_TO("input", key(other, "z"))),
                 "model 'Model'", "'z' of Model is no connection of this model or inside it");
  ASSERT(mth_model_freeze(m) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_add(m, relu, NULL, NULL, 0), "model 'Model'",
                 "it is frozen and can not be extended");
  EXPECT_REFUSED(context, m, mth_model_add(relu, other, NULL, NULL, 0), "model 'Relu'",
                 "an op takes no children and no new keys");
  mth_model_destroy(relu);
  mth_model_destroy(other);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, a_refused_child_can_be_added_elsewhere) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *relu = new_op(context, "Relu");
  EXPECT_INT(ADD(m, relu, "r", MTH_WIRE("output", "input")), MTH_INVALID);
  EXPECT(!mth_model_parent(relu));
  EXPECT_INT((int)mth_model_child_count(m), 0);
  EXPECT(!mth_model_find_child(m, "r"));
  ASSERT(ADD(m, relu, "r", MTH_WIRE("output", "y")) == MTH_OK);
  EXPECT(mth_model_find_child(m, "r") == relu);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, unnamed_children_skip_names_that_are_taken) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const char *names[] = {"first", NULL, NULL, "Relu_0"};
  for (size_t i = 0; i < 4; i++)
    ASSERT(mth_model_append(m, new_op(context, "Relu"), names[i], NULL, 0) == MTH_OK);
  ASSERT(mth_model_freeze(m) == MTH_OK);
  EXPECT_TEXT(mth_model_name(mth_model_child(m, 1)), "Relu_1");
  EXPECT_TEXT(mth_model_name(mth_model_child(m, 2)), "Relu_2");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(compose, exposing_needs_a_name_and_reaches_inside) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(mth_model_append(m, new_op(context, "Relu"), "a", NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_op(context, "Tanh"), "b", NULL, 0) == MTH_OK);
  mth_connection *inner = key(mth_model_find_child(m, "a"), "output");
  EXPECT_REFUSED(context, m, mth_model_expose(m, inner, NULL), "model 'Model', key '$2' (a.output)",
                 "it has no name: an unnamed connection is exposed under a new one");
  ASSERT(mth_model_expose(m, inner, "features") == MTH_OK);
  EXPECT_INT(mth_connection_class(key(m, "features")), MTH_KEY_OUTPUT);
  EXPECT_REFUSED(context, m, mth_model_expose(m, key(m, "features"), "input"), "model 'Model'",
                 "the name 'input' is for inputs only");
  mth_model_destroy(m);
  mth_context_destroy(context);
}
