// functional_test.c: models applied to connections, models made of connections.
#include "ir/functional.h"
#include "test/ir/model_fixture.h"

static mth_status finish(mth_context *context, const char *name, mth_connection *y,
                         mth_model **out_model) {
  const mth_named_output output = {name, y};
  return mth_model_from(context, "Net", &output, 1, out_model);
}

TEST(functional, a_model_is_made_of_connections) { // R12: Relu()(x)
  mth_context *context = new_context();
  mth_model *net = NULL;
  mth_connection *x = mth_free_input(context, "input", NULL);
  mth_connection *unused = mth_input_beside(x, "unused", NULL);
  mth_connection *y = mth_apply_to(new_linear(context, 4), x);
  y = mth_add(mth_apply_to(new_op(context, "Relu"), y), y);
  EXPECT(mth_exp(unused) != NULL);
  ASSERT(finish(context, "output", y, &net) == MTH_OK);
  EXPECT_TEXT(mth_model_class_name(net), "Net");
  EXPECT(mth_model_is_frozen(net));
  EXPECT(!mth_model_find(net, "unused"));
  EXPECT_INT((int)mth_model_child_count(net), 3);
  EXPECT_TEXT(mth_model_name(mth_model_child(net, 0)), "Linear");
  EXPECT_TEXT(mth_model_name(mth_model_child(net, 2)), "Add");
  EXPECT_INT(mth_connection_class(key(net, "output")), MTH_KEY_OUTPUT);
  mth_connection *in = NULL, *out = NULL;
  ASSERT(mth_model_canonical_input(net, &in) == MTH_OK && in == x);
  ASSERT(mth_model_canonical_output(net, &out) == MTH_OK && out == key(net, "output"));
  // It composes as any model.
  mth_model *m = new_model(context);
  ASSERT(mth_model_append(m, new_linear(context, 3), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, net, NULL, NULL, 0) == MTH_OK);
  char text[256];
  ASSERT(mth_model_canonical_output(m, &out) == MTH_OK);
  EXPECT_TEXT(shape_of(out, text), "[..., u1, 4]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(functional, names_and_connections_mix_in_an_application) { // R11
  mth_context *context = new_context();
  mth_model *net = NULL;
  const mth_shape shape = MTH_SHAPE(MTH_N(2), MTH_N(3));
  mth_connection *x = mth_free_input(context, "x", &(mth_facts){.shape = &shape});
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE_TO("weight", x),
                            MTH_WIRE("output", "y")};
  mth_model *linear = NULL;
  ASSERT(mth_linear(context, 2, false, &linear) == MTH_OK);
  mth_connection *y = mth_apply(linear, "layer", wires, 3);
  char text[256];
  EXPECT_TEXT(shape_of(y, text), "[2, 2]");
  const mth_wire parts[] = {MTH_WIRE_TO(NULL, y), MTH_WIRE(NULL, "z")};
  mth_model *concat = new_op(context, "Concat");
  y = mth_apply(concat, NULL, &MTH_WIRE_PARTS("inputs", 2, parts), 1);
  ASSERT(finish(context, "output", y, &net) == MTH_OK);
  EXPECT_TEXT(mth_model_name(mth_model_child(net, 0)), "layer");
  EXPECT_INT(mth_connection_class(key(net, "z")), MTH_KEY_INPUT);
  EXPECT_INT(mth_connection_class(key(net, "y")), MTH_KEY_INTERNAL);
  mth_model_destroy(net);
  mth_context_destroy(context);
}

// Two outputs of one input.
static mth_model *new_pair(mth_context *context) {
  mth_model *pair = NULL;
  mth_connection *x = mth_free_input(context, "input", NULL);
  const mth_named_output outputs[] = {{"wave", mth_sin(x)}, {"other", mth_cos(x)}};
  EXPECT_INT(mth_model_from(context, "Pair", outputs, 2, &pair), MTH_OK);
  return pair;
}

TEST(functional, several_outputs_go_by_their_keys) {
  mth_context *context = new_context();
  mth_model *net = NULL;
  mth_connection *x = mth_free_input(context, "input", NULL), *both[2];
  const char *keys[] = {"other", "wave"};
  mth_apply_for(new_pair(context), NULL, &MTH_WIRE_TO("input", x), 1, 2, keys, both);
  const mth_named_output outputs[] = {{"a", both[0]}, {"b", mth_multiply(both[0], both[1])}};
  ASSERT(mth_model_from(context, NULL, outputs, 2, &net) == MTH_OK);
  EXPECT_TEXT(mth_model_class_name(net), "Model");
  EXPECT_INT((int)mth_model_canonical_output_count(net), 2);
  EXPECT_INT(mth_connection_class(key(net, "a")), MTH_KEY_OUTPUT); // used inside as well
  mth_model_destroy(net);
  mth_context_destroy(context);
}

TEST(functional, the_inputs_that_are_no_parameters_are_canonical) {
  mth_context *context = new_context();
  mth_model *net = NULL;
  mth_connection *a = mth_free_input(context, "a", NULL), *b = mth_input_beside(a, "b", NULL);
  mth_connection *w = mth_input_beside(a, "w", &(mth_facts){.differentiable = true});
  ASSERT(finish(context, "y", mth_add(mth_multiply(a, w), b), &net) == MTH_OK);
  EXPECT_INT((int)mth_model_canonical_input_count(net), 2);
  EXPECT(mth_model_canonical_input_at(net, 0) == a && mth_model_canonical_input_at(net, 1) == b);
  mth_model_destroy(net);
  mth_context_destroy(context);
}

TEST(functional, ends_a_model_that_was_begun_otherwise) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *net = NULL;
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  mth_connection *idle = NULL, *out = NULL;
  ASSERT(mth_model_add_input(m, "idle", NULL, &idle) == MTH_OK);
  ASSERT(mth_model_canonical_output(m, &out) == MTH_OK);
  ASSERT(finish(context, "output", mth_relu(out), &net) == MTH_OK);
  EXPECT(net == m);
  EXPECT(mth_model_find(net, "idle") == idle); // it was not begun by a free input
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(functional, refusals_say_why_and_leave_the_model_open) {
  mth_context *context = new_context();
  mth_model *net = NULL, *m = new_model(context);
  EXPECT_ERROR(context, mth_model_from(context, NULL, NULL, 0, &net), "outputs",
               "a model wants outputs, none were given");
  mth_connection *x = mth_free_input(context, "x", NULL), *y = mth_exp(x);
  mth_model *open = mth_connection_model(x);
  EXPECT_REFUSED(context, open, finish(context, NULL, y, &net),
                 "model 'Net', key '$1' (Exponential.output)",
                 "it has no name: an unnamed connection is exposed under a new one");
  EXPECT_REFUSED(context, open, finish(context, "x", y, &net), "model 'Net'",
                 "there is a key 'x' already");
  EXPECT_REFUSED(context, open, finish(context, "y", x, &net), "model 'Net', key 'x'",
                 "an input can not be an output as well");
  const mth_named_output twice[] = {{"a", y}, {"b", y}};
  EXPECT_REFUSED(context, open, mth_model_from(context, "Net", twice, 2, &net),
                 "model 'Net', key 'a'", "it is an output twice: 2 names of one connection");
  const mth_named_output one = {"y", y}, null[] = {{"y", y}, {"z", NULL}};
  EXPECT_REFUSED(context, open, mth_model_from(context, "my net", &one, 1, &net), "my net",
                 "a class name wants letters, digits and '_' and begins with no digit; found "
                 "'my net'");
  EXPECT_REFUSED(context, open, mth_model_from(context, NULL, null, 2, &net), "outputs",
                 "output 1 ('z') is NULL");
  mth_connection *other = mth_free_input(context, "x", NULL);
  const mth_named_output two[] = {{"y", y}, {"z", mth_exp(other)}};
  EXPECT_REFUSED(context, open, mth_model_from(context, NULL, two, 2, &net), "model 'Model'",
                 "'output' of Exponential is no connection of this model or inside it");
  EXPECT_REFUSED(context, m, mth_model_append(m, open, NULL, NULL, 0), "model 'Model'",
                 "the child 'Model' is not finished: mth_model_from does that");
  ASSERT(finish(context, "y", y, &net) == MTH_OK);
  EXPECT_ERROR(context, finish(context, "z", y, &net), "model 'Net'",
               "it is frozen and can not be extended");
  mth_model_destroy(net);
  mth_model_destroy(m);
  mth_model_destroy(mth_connection_model(other)); // or the context does
  mth_context_destroy(context);
}

TEST(functional, failures_are_passed_on_and_reported_once) {
  mth_context *context = new_context();
  mth_model *net = NULL;
  EXPECT(!mth_free_input(context, "my input", NULL));
  EXPECT(!mth_free_input(NULL, "x", NULL));
  EXPECT(!mth_input_beside(NULL, "x", NULL));
  mth_connection *x = mth_free_input(context, "x", NULL);
  mth_model *open = mth_connection_model(x);
  char *before = dump(open);
  mth_connection *y = mth_apply(new_op(context, "Relu"), NULL, &MTH_WIRE_TO("inputs", x), 1);
  EXPECT(!y);
  const char *message = "there is no key 'inputs'; the model has input, output";
  EXPECT_TEXT(mth_context_diagnostic(context)->message, message);
  EXPECT(!mth_apply_to(new_op(context, "Relu"), y)); // destroyed, silently
  EXPECT(!mth_apply_to(new_op(context, "Relu"), x));
  EXPECT(!mth_input_beside(x, "z", NULL));
  EXPECT_INT(finish(context, "y", y, &net), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message, message);
  EXPECT_INT(mth_model_take_failure(open), MTH_INVALID);
  char *after = dump(open);
  EXPECT_TEXT(after, before);

  mth_connection *both[] = {x};
  EXPECT(!mth_apply(new_pair(context), NULL, &MTH_WIRE_TO("input", x), 1));
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "wants one canonical output, there are 2: wave, other");
  EXPECT_INT(mth_model_take_failure(open), MTH_INVALID);
  mth_apply_for(new_pair(context), NULL, &MTH_WIRE_TO("input", x), 1, 1, &(const char *){"no"},
                both);
  EXPECT(!both[0]);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "there is no key 'no'; the model has input, wave, other");
  EXPECT_INT(mth_model_take_failure(open), MTH_INVALID);
  EXPECT(!mth_apply_to(new_op(context, "Add"), x));
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "wants one canonical input, there are 2: left, right");
  EXPECT_INT(mth_model_take_failure(open), MTH_INVALID);
  EXPECT(!mth_apply(new_op(context, "Relu"), NULL, &MTH_WIRE("input", "x"), 1));
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "it can not be applied: no wire is a connection");
  EXPECT_TEXT(mth_context_diagnostic(context)->where, "model 'Relu'");
  EXPECT(!mth_apply(NULL, NULL, &MTH_WIRE_TO("input", x), 1));
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "the child is NULL");
  EXPECT_INT(mth_model_take_failure(open), MTH_INVALID);
  mth_release(mth_default_allocator(), before);
  mth_release(mth_default_allocator(), after);
  mth_context_destroy(context);
}
