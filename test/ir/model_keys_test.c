// model_keys_test.c: merging, exposing and renaming keys: what the result is, and refusals.
#include "ir/model_core.h"
#include "test/ir/model_fixture.h"

static mth_status add(mth_model *m, const char *op, const char *input, const char *output) {
  const mth_wire wires[] = {MTH_WIRE("input", input), MTH_WIRE("output", output)};
  return mth_model_add(m, new_op(mth_model_context(m), op), NULL, wires, 2);
}

TEST(model_keys, merged_are_one_under_the_name_of_the_first_or_a_given_one) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(add(m, "Relu", "a", "b") == MTH_OK);
  ASSERT(add(m, "Tanh", "c", "d") == MTH_OK);
  ASSERT(add(m, "Sigmoid", "e", NULL) == MTH_OK);
  mth_connection *inputs[] = {key(m, "a"), key(m, "c"), key(m, "e")}, *c = inputs[1];
  EXPECT_REFUSED(context, m, mth_model_merge(m, inputs, 3, NULL), "model 'Model'",
                 "'a' and 'c' both have names: say which the merged key takes");
  EXPECT_REFUSED(context, m, mth_model_merge(m, inputs, 3, "d"), "model 'Model'",
                 "there is a key 'd' already");
  ASSERT(mth_model_merge(m, inputs, 3, "c") == MTH_OK);
  EXPECT(!mth_model_find(m, "a") && !mth_model_find(m, "e"));
  EXPECT(key(m, "c") == inputs[0]);
  EXPECT_INT((int)mth_model_canonical_input_count(m), 1);
  // Who holds one of the others holds the merged one.
  ASSERT(mth_model_expose(m, c, "x") == MTH_OK);
  EXPECT(key(m, "x") == inputs[0]);
  const mth_wire wire = MTH_WIRE_TO("input", c);
  ASSERT(mth_model_add(m, new_op(context, "Exponential"), "late", &wire, 1) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_N(3))) == MTH_OK);
  char text[256];
  EXPECT_TEXT(shape_of(key(mth_model_find_child(m, "late"), "output"), text), "[3]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_keys, who_holds_a_key_that_was_merged_asks_and_states_the_merged_one) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(add(m, "Relu", "a", "b") == MTH_OK);
  ASSERT(add(m, "Tanh", "c", NULL) == MTH_OK);
  mth_connection *into = key(m, "b"), *held = key(m, "c");
  ASSERT(mth_model_merge(m, (mth_connection *[]){held, into}, 2, "c") == MTH_OK);
  EXPECT_TEXT(mth_connection_key(held), "c");
  EXPECT_INT(mth_connection_class(held), MTH_KEY_INTERNAL);
  EXPECT_REFUSED(context, m, mth_connection_set_value(held, &MTH_ARG_F(NULL, 1)),
                 "model 'Model', key 'c'", "it is made by 'Relu' and can not be given a value");
  const mth_constant one = {.dtype = MTH_F64, .data = &(double){1}};
  EXPECT_REFUSED(context, m, mth_connection_set_constant(held, &one), "model 'Model', key 'c'",
                 "it is made by 'Relu' and can not be given a value");
  ASSERT(mth_connection_rename(held, "z") == MTH_OK);
  EXPECT(key(m, "z") == into && !mth_model_find(m, "c"));
  EXPECT_TEXT(mth_connection_key(held), "z");
  EXPECT(mth_connection_is_named(held));
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_keys, a_chain_merged_into_an_input_goes_on_behind_who_reads_it) { // R2
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_connection *chain = NULL;
  ASSERT(add(m, "Relu", "a", "b") == MTH_OK);
  ASSERT(add(m, "Tanh", "c", "d") == MTH_OK);
  ASSERT(add(m, "Sigmoid", "e", "f") == MTH_OK);
  ASSERT(mth_model_merge(m, (mth_connection *[]){key(m, "e"), key(m, "d")}, 2, "g") == MTH_OK);
  ASSERT(mth_model_canonical_output(m, &chain) == MTH_OK);
  EXPECT(chain == key(m, "b"));
  ASSERT(mth_model_merge(m, (mth_connection *[]){key(m, "c"), key(m, "b")}, 2, "h") == MTH_OK);
  ASSERT(mth_model_canonical_output(m, &chain) == MTH_OK);
  EXPECT(chain == key(m, "f"));
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_keys, an_output_is_what_others_are_merged_into) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(add(m, "Relu", "a", NULL) == MTH_OK);
  ASSERT(add(m, "Tanh", "c", "d") == MTH_OK);
  mth_connection *out = NULL;
  ASSERT(mth_model_canonical_output(m, &out) == MTH_OK);
  mth_connection *both[] = {key(m, "c"), out}, *outputs[] = {out, key(m, "d")};
  EXPECT_REFUSED(context, m, mth_model_merge(m, outputs, 2, "z"),
                 "model 'Model', key '$1' (Relu.output)",
                 "it is written twice: by 'output' of Relu and by 'output' of Tanh");
  EXPECT_REFUSED(context, m, mth_model_merge(m, both, 2, "input"), "model 'Model'",
                 "the name 'input' is for inputs only");
  ASSERT(mth_connection_rename(both[0], "input") == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_merge(m, both, 2, NULL), "model 'Model'",
                 "the name 'input' is for inputs only");
  ASSERT(mth_connection_rename(both[0], "c") == MTH_OK);
  ASSERT(mth_model_merge(m, both, 2, NULL) == MTH_OK);
  EXPECT(key(m, "c") == out); // the only name
  EXPECT_INT(mth_connection_class(out), MTH_KEY_INTERNAL);
  EXPECT_INT((int)mth_model_canonical_output_count(m), 1);
  EXPECT_INT((int)mth_model_canonical_input_count(m), 1);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_keys, merging_refuses_what_contradicts_and_changes_nothing) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *other = new_model(context);
  mth_connection *a = NULL, *b = NULL, *n = NULL, *far = NULL;
  const mth_shape two = MTH_SHAPE(MTH_N(2)), three = MTH_SHAPE(MTH_N(3));
  ASSERT(mth_model_add_input(m, "a", &(mth_facts){.shape = &two}, &a) == MTH_OK);
  ASSERT(mth_model_add_input(m, "b", &(mth_facts){.shape = &three}, &b) == MTH_OK);
  ASSERT(mth_model_add_input(m, "n", &(mth_facts){.families = MTH_FAMILY_INT}, &n) == MTH_OK);
  ASSERT(mth_model_add_input(other, "far", NULL, &far) == MTH_OK);
  ASSERT(mth_connection_set_differentiable(a, true) == MTH_OK);
#define REFUSED(x, y, where, message)                                                              \
  EXPECT_REFUSED(context, m, mth_model_merge(m, (mth_connection *[]){x, y}, 2, "z"), where, message)
  REFUSED(a, b, "model 'Model', key 'a'",
          "'a' and 'b' are to be one tensor, but their shapes are [2] and [3]");
  REFUSED(a, n, "model 'Model', key 'a'",
          "'a' and 'n' are to be one tensor, but one holds float, the other int");
  REFUSED(a, NULL, "model 'Model'", "a connection was wanted, NULL was given");
  REFUSED(a, far, "model 'Model'", "'far' of Model is no connection of this model or inside it");
#undef REFUSED
  ASSERT(mth_model_freeze(m) == MTH_OK);
  mth_connection *both[] = {a, b};
  EXPECT_REFUSED(context, m, mth_model_merge(m, both, 2, "z"), "model 'Model'",
                 "it is frozen and can not be extended");
  mth_model_destroy(other);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_keys, several_are_exposed_or_none) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(add(m, "Relu", "x", "a") == MTH_OK);
  ASSERT(add(m, "Tanh", "x", NULL) == MTH_OK);
  mth_connection *second = mth_model_canonical_output_at(m, 1);
  const mth_named_output bad[] = {{NULL, key(m, "a")}, {NULL, second}};
  EXPECT_REFUSED(context, m, mth_model_expose_all(m, bad, 2),
                 "model 'Model', key '$1' (Tanh.output)",
                 "it has no name: an unnamed connection is exposed under a new one");
  const mth_named_output good[] = {{NULL, key(m, "a")}, {"b", second}, {NULL, key(m, "x")}};
  ASSERT(mth_model_expose_all(m, good, 3) == MTH_OK);
  EXPECT_INT(mth_connection_class(key(m, "a")), MTH_KEY_OUTPUT);
  EXPECT_INT(mth_connection_class(key(m, "b")), MTH_KEY_OUTPUT);
  EXPECT_INT(mth_connection_class(key(m, "x")), MTH_KEY_INPUT);
  ASSERT(mth_model_expose_all(m, good, 3) == MTH_OK); // again: nothing changes
  ASSERT(mth_model_freeze(m) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_expose_all(m, good, 1), "model 'Model'",
                 "it is frozen and can not be extended");
  EXPECT_REFUSED(context, m, mth_model_expose(m, second, "c"), "model 'Model'",
                 "it is frozen and can not be extended");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_keys, renaming_refuses_names_that_are_taken_or_none) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(add(m, "Relu", "x", "y") == MTH_OK);
  EXPECT_REFUSED(context, m, mth_connection_rename(key(m, "x"), "y"), "model 'Model'",
                 "there is a key 'y' already");
  EXPECT_REFUSED(context, m, mth_connection_rename(key(m, "x"), ""), "model 'Model'",
                 "a key wants letters, digits and '_' and begins with no digit; found ''");
  EXPECT_REFUSED(context, m, mth_connection_rename(key(m, "x"), "$1"), "model 'Model'",
                 "a key wants letters, digits and '_' and begins with no digit; found '$1'");
  EXPECT_REFUSED(context, m, mth_connection_rename(key(m, "y"), "input"), "model 'Model'",
                 "the name 'input' is for inputs only");
  ASSERT(mth_connection_rename(key(m, "x"), "input") == MTH_OK);
  ASSERT(mth_connection_rename(key(m, "input"), "input") == MTH_OK);
  EXPECT(!mth_model_find(m, "x"));
  // Nothing may come to make a key that is called input.
  mth_model *tanh = new_op(context, "Tanh");
  const mth_wire driver[] = {MTH_WIRE("input", "z"), MTH_WIRE("output", "input")};
  EXPECT_REFUSED(context, m, mth_model_add(m, tanh, NULL, driver, 2), "model 'Model'",
                 "the name 'input' is for inputs only");
  const mth_wire empty = MTH_WIRE("output", "");
  EXPECT_REFUSED(context, m, mth_model_add(m, tanh, NULL, &empty, 1), "model 'Tanh', key 'output'",
                 "an output wants a name or none; \"\" was given");
  mth_connection *inner = key(mth_model_child(m, 0), "input");
  EXPECT_REFUSED(context, m, mth_connection_rename(inner, "z"), "model 'Relu'",
                 "an op takes no children and no new keys");
  ASSERT(mth_model_freeze(m) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_connection_rename(key(m, "y"), "z"), "model 'Model'",
                 "it is frozen and can not be extended");
  mth_model_destroy(tanh);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_keys, without_a_name_have_the_numbers_that_they_are_given) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(mth_model_add(m, new_op(context, "Relu"), NULL, NULL, 0) == MTH_OK);
  mth_connection *input = mth_model_connection(m, 0), *output = mth_model_connection(m, 1);
  const size_t swapped[] = {2, 1}, twice[] = {3, 3}, late[] = {4, 9};
  ASSERT(mth_model_set_numbers(m, 2, swapped, 7) == MTH_OK);
  EXPECT(mth_model_find(m, "$2") == input && mth_model_find(m, "$1") == output);
  EXPECT_REFUSED(context, m, mth_model_set_numbers(m, 1, swapped, 7), "model 'Model'",
                 "2 keys have no name, 1 numbers were given");
  EXPECT_REFUSED(context, m, mth_model_set_numbers(m, 2, twice, 7), "model 'Model'",
                 "the number 3 is given to two keys");
  EXPECT_REFUSED(context, m, mth_model_set_numbers(m, 2, late, 8), "model 'Model'",
                 "numbers of keys are 1 to 8 here, found 9");
  EXPECT(mth_model_find(m, "$2") == input && !mth_model_find(m, "$4"));
  ASSERT(mth_model_add(m, new_op(context, "Tanh"), NULL, NULL, 0) == MTH_OK);
  EXPECT_TEXT(mth_connection_key(mth_model_connection(m, 2)), "$8");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(model_keys, canonical_sets_take_what_they_are_for) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(add(m, "Relu", "x", "y") == MTH_OK);
  mth_connection *x = key(m, "x"), *y = key(m, "y");
  EXPECT_REFUSED(context, m, mth_model_set_canonical_inputs(m, &y, 1), "model 'Model', key 'y'",
                 "a canonical input must be an input");
  ASSERT(mth_model_set_canonical_outputs(m, NULL, 0) == MTH_OK);
  mth_model *tanh = new_op(context, "Tanh"), *arange = new_op(context, "Add");
  EXPECT_REFUSED(context, m, mth_model_append(m, tanh, NULL, NULL, 0), "model 'Model'",
                 "wants one canonical output, there is none"); // R1: no output to give
  mth_connection *found = NULL;
  EXPECT_ERROR(context, mth_model_canonical_input(arange, &found), "model 'Add'",
               "wants one canonical input, there are 2: left, right");
  ASSERT(mth_model_set_canonical_inputs(m, NULL, 0) == MTH_OK);
  EXPECT_ERROR(context, mth_model_canonical_input(m, &found), "model 'Model'",
               "wants one canonical input, there is none");
  ASSERT(mth_model_set_canonical_inputs(m, &x, 1) == MTH_OK);
  mth_model_destroy(arange);
  mth_model_destroy(tanh);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
