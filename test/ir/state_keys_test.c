// state_keys_test.c: binding inputs to outputs, and what models and physical models know of it.
#include "ir/state_keys.h"

#include "test/ir/failing_heap.h"
#include "test/ir/physical_fixture.h"

// a + b -> c, a bound to c; relu(c) -> o, exposed.
static mth_model *new_counter(mth_context *context, const mth_initializer *start) {
  mth_model *m = new_model(context);
  add_op(m, "Add", "a", "b", "c");
  EXPECT_INT(mth_model_bind_state(m, key(m, "a"), key(m, "c"), start), MTH_OK);
  add_op(m, "Relu", "c", NULL, "o");
  expose(m, "o");
  return m;
}

static const mth_initializer one = {MTH_INIT_CONSTANT, 1, 0, NULL};

TEST(state_keys, a_state_is_neither_input_nor_output) {
  mth_context *context = new_context();
  mth_model *m = new_counter(context, &one);
  mth_state state;
  char text[256];
  EXPECT_INT(mth_connection_class(key(m, "a")), MTH_KEY_LATENT_INPUT);
  EXPECT_INT(mth_model_state_count(m), 1);
  ASSERT(mth_model_state(m, 0, &state));
  EXPECT(state.input == key(m, "a") && state.output == key(m, "c"));
  EXPECT(!mth_model_state(m, 1, &state));
  EXPECT_INT(mth_connection_initializer(key(m, "a"))->kind, MTH_INIT_CONSTANT);
  EXPECT_SET(m, NULL, MTH_KEYS_STATE, "a");
  EXPECT_SET(m, NULL, MTH_KEYS_INPUTS, "b");
  EXPECT_SET(m, NULL, MTH_KEYS_OUTPUTS, "o");
  EXPECT_SET(m, OPTIONS(KEY(trainable, "a")), MTH_KEYS_OUTPUTS,
             "the trainable key 'a' is no input of the model");
  ASSERT(mth_connection_set_shape(key(m, "a"), MTH_SHAPE(MTH_N(2), MTH_N(3))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "c"), text), "[2, 3]"); // b may stretch, the sum may not
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(state_keys, both_have_one_type) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Add", "a", "b", "c");
  add_op(m, "Greater", "a", "b", "d");
  ASSERT(mth_connection_set_families(key(m, "a"), MTH_FAMILY_FLOAT) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_bind_state(m, key(m, "a"), key(m, "d"), NULL),
                 "model 'Model', key 'a'",
                 "Buffer: 'a' holds float, 'd' holds bool; they must be equal");
  ASSERT(mth_connection_set_shape(key(m, "c"), MTH_SHAPE(MTH_N(2))) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(m, "a"), MTH_SHAPE(MTH_N(1))) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_bind_state(m, key(m, "a"), key(m, "c"), NULL),
                 "model 'Model', key 'a'",
                 "Buffer: 'a' has shape [1], 'c' has shape [2]; they must be equal");
  EXPECT(mth_model_state_count(m) == 0);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(state_keys, what_can_not_be_bound) {
  mth_context *context = new_context();
  mth_model *m = new_counter(context, NULL), *sum = new_op(context, "Sum");
  const char *at_a = "model 'Model', key 'a'";
  add_op(m, "Relu", "x", NULL, "y");
  EXPECT_REFUSED(context, m, mth_model_bind_state(m, key(m, "a"), key(m, "y"), NULL), at_a,
                 "it holds the state of 'c' already");
  EXPECT_REFUSED(context, m, mth_model_bind_state(m, key(m, "x"), key(m, "c"), NULL),
                 "model 'Model', key 'c'", "it makes the state of 'a' already");
  EXPECT_REFUSED(context, m, mth_model_bind_state(m, key(m, "y"), key(m, "o"), NULL),
                 "model 'Model', key 'y'", "a state is held by an input; this is none");
  EXPECT_REFUSED(context, m, mth_model_bind_state(m, key(m, "x"), key(m, "b"), NULL),
                 "model 'Model', key 'b'", "a state is made by an output; nothing makes this");
  ASSERT(mth_connection_set_value(key(m, "b"), &MTH_ARG_F("", 2)) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_bind_state(m, key(m, "b"), key(m, "y"), NULL),
                 "model 'Model', key 'b'", "it has a value and can not hold a state");
  ASSERT(mth_model_add(m, sum, "sum", (mth_wire[]){MTH_WIRE("input", "y")}, 1) == MTH_OK);
  EXPECT_ERROR(context, mth_model_bind_state(m, key(sum, "axis"), key(m, "y"), NULL),
               "model 'Model', key '$2' (Sum.axis)", "a state is a tensor, not an argument");
  ASSERT(mth_model_add(m, new_op(context, "Length"), NULL,
                       (mth_wire[]){MTH_WIRE("input", "y"), MTH_WIRE("output", "length")},
                       2) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_bind_state(m, key(m, "x"), key(m, "length"), NULL),
                 "model 'Model', key 'length'", "a state is a tensor, not an argument");
  EXPECT_INT(mth_model_bind_state(m, NULL, key(m, "y"), NULL), MTH_INVALID);
  ASSERT(mth_model_freeze(m) == MTH_OK);
  EXPECT_REFUSED(context, m, mth_model_bind_state(m, key(m, "x"), key(m, "y"), NULL),
                 "model 'Model'", "it is frozen and can not be extended");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(state_keys, what_holds_a_state_takes_nothing_else) {
  mth_context *context = new_context();
  mth_model *m = new_counter(context, NULL), *parent = new_model(context),
            *relu = new_op(context, "Relu");
  const char *at_a = "model 'Model', key 'a'";
  EXPECT_REFUSED(context, m, mth_connection_set_value(key(m, "a"), &MTH_ARG_F("", 2)), at_a,
                 "it holds a state and can not be given a value");
  EXPECT_REFUSED(context, m, mth_connection_set_differentiable(key(m, "a"), true), at_a,
                 "it holds a state and can not be differentiable");
  mth_model *sum = mth_model_child(m, 0); // whose key leads there
  EXPECT_REFUSED(context, m, mth_connection_set_value(key(sum, "left"), &MTH_ARG_F("", 2)),
                 "model 'Add', key 'left'", "it holds a state and can not be given a value");
  EXPECT_REFUSED(context, m, mth_connection_set_differentiable(key(sum, "left"), true),
                 "model 'Add', key 'left'", "it holds a state and can not be differentiable");
  EXPECT_REFUSED(context, m, mth_model_expose(m, key(m, "a"), NULL), at_a,
                 "it holds a state and can not be an input");
  EXPECT_REFUSED(context, m, mth_model_add(m, relu, NULL, (mth_wire[]){MTH_WIRE("output", "a")}, 1),
                 at_a, "it holds a state and can not be written by 'output' of Relu");
  EXPECT_REFUSED(context, m,
                 mth_model_merge(m, (mth_connection *[]){key(m, "b"), key(m, "a")}, 2, "b"), at_a,
                 "it is bound to 'c' as a state and can not be merged into 'b'");
  EXPECT_REFUSED(context, parent,
                 mth_model_add(parent, m, NULL, (mth_wire[]){MTH_WIRE("a", "x")}, 1),
                 "model 'Model'", "the key 'a' holds a state and can not be wired");
  mth_model_destroy(m);
  mth_model_destroy(parent);
  mth_model_destroy(relu);
  mth_context_destroy(context);
}

TEST(state_keys, a_parent_and_a_copy_carry_them) {
  mth_context *context = new_context();
  mth_model *inner = new_counter(context, &one), *m = new_model(context), *copy = NULL;
  mth_state state;
  char text[256];
  ASSERT(mth_model_add(m, inner, "counter", NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, new_op(context, "Tanh"), NULL, NULL, 0) == MTH_OK);
  EXPECT_INT(mth_model_state_count(m), 1);
  EXPECT_SET(m, NULL, MTH_KEYS_STATE, "a");
  EXPECT_SET(m, NULL, MTH_KEYS_OUTPUTS, "output");
  EXPECT_KEYS(m, NULL, "a b c o output");
  ASSERT(mth_model_copy(m, &copy) == MTH_OK);
  EXPECT_KEYS(copy, NULL, "a b c o output");
  ASSERT(mth_model_state(copy, 0, &state));
  EXPECT(mth_connection_model(state.output) == copy);
  EXPECT_INT(mth_connection_initializer(state.input)->kind, MTH_INIT_CONSTANT);
  bool is_equal = false;
  ASSERT(mth_model_equal(m, copy, &is_equal, NULL) == MTH_OK);
  EXPECT(is_equal);
  ASSERT(mth_connection_set_shape(state.output, MTH_SHAPE(MTH_N(5))) == MTH_OK);
  EXPECT_TEXT(shape_of(state.input, text), "[5]");
  ASSERT(mth_connection_set_families(state.input, MTH_FAMILY_INT) == MTH_OK);
  EXPECT_INT(mth_connection_families(state.output), MTH_FAMILY_INT);
  mth_model_destroy(copy);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(state_keys, equal_models_bind_the_same) {
  mth_context *context = new_context();
  mth_model *models[2];
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  bool is_equal = true;
  for (size_t i = 0; i < 2; i++) {
    mth_model *m = models[i] = new_model(context);
    add_op(m, "Add", "a", "b", "c");
    add_op(m, "Subtract", "a", "b", "d");
    ASSERT(mth_connection_set_shape(key(m, "a"), MTH_SHAPE(MTH_N(2))) == MTH_OK);
    ASSERT(mth_connection_set_shape(key(m, "b"), MTH_SHAPE(MTH_N(2))) == MTH_OK);
    ASSERT(mth_model_bind_state(m, key(m, "a"), key(m, i ? "c" : "d"), NULL) == MTH_OK);
    ASSERT(mth_model_bind_state(m, key(m, "b"), key(m, i ? "d" : "c"), NULL) == MTH_OK);
  }
  ASSERT(mth_model_equal(models[0], models[1], &is_equal, &text) == MTH_OK);
  EXPECT(!is_equal);
  EXPECT_TEXT(mth_text_get(&text), "the state of key 'a' in Model");
  mth_text_deinit(&text);
  mth_model_destroy(models[0]);
  mth_model_destroy(models[1]);
  mth_context_destroy(context);
}

TEST(state_keys, names_of_states_come_last_and_new_states_are_never_dropped) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_model *add = add_op(m, "Add", NULL, "right", NULL);
  ASSERT(mth_model_bind_state(m, key(add, "left"), key(add, "output"), NULL) == MTH_OK);
  add_op(m, "Relu", "right", NULL, NULL);
  EXPECT_KEYS(m, NULL, "left right output_1 output");
  EXPECT_SET(m, NULL, MTH_KEYS_DISCARDED, "");
  EXPECT_SET(m, OPTIONS(FIXED("right")), MTH_KEYS_STATIC, "output right");
  EXPECT_SET(m, OPTIONS(FIXED("right")), MTH_KEYS_STATE, "left");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(state_keys, a_new_state_is_not_folded) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  add_op(m, "Relu", "x", NULL, "c");
  add_op(m, "Add", "a", "x", "o");
  ASSERT(mth_model_bind_state(m, key(m, "a"), key(m, "c"), NULL) == MTH_OK);
  EXPECT_SET(m, OPTIONS(FIXED("x")), MTH_KEYS_STATIC, "x");
  EXPECT_SET(m, NULL, MTH_KEYS_OUTPUTS, "o");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(state_keys, without_memory) {
  failing_heap heap = {.refused = SIZE_MAX};
  const mth_allocator allocator = failing_allocator(&heap);
  const mth_context_options options = {.struct_bytes = sizeof options, .allocator = &allocator};
  mth_context *context = NULL;
  ASSERT(mth_context_create(&options, &context) == MTH_OK);
  mth_model *m = new_model(context), *inner = new_model(context);
  mth_model *add = add_op(inner, "Add", NULL, "b", NULL);
  add_op(m, "Relu", "b", NULL, "y");
  for (int step = 0; step < 2; step++) { // bind, then carry
    mth_status status = MTH_NO_MEMORY;
    for (size_t refused = 0; status != MTH_OK && refused < 5000; refused++) {
      char *before = dump(m);
      heap.count = 0;
      heap.refused = refused;
      status = step ? mth_model_add(m, inner, NULL, NULL, 0)
                    : mth_model_bind_state(inner, key(add, "left"), key(add, "output"), &one);
      heap.refused = SIZE_MAX;
      EXPECT(status == MTH_OK || status == MTH_NO_MEMORY);
      EXPECT_INT(mth_model_state_count(step ? m : inner), status == MTH_OK);
      char *after = dump(m);
      if (status != MTH_OK) EXPECT_TEXT(after, before);
      mth_release(mth_default_allocator(), before);
      mth_release(mth_default_allocator(), after);
    }
    ASSERT(status == MTH_OK);
  }
  mth_model_destroy(m);
  mth_context_destroy(context);
  EXPECT_INT(heap.live, 0);
}
