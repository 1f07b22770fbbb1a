// parts_test.c: lists of tensors: parts, lengths that become known late, lists wired to lists.
#include "ir/graph.h"
#include "ir/parts.h"

#include "test/ir/parts_fixture.h"

TEST(parts, of_a_split_are_selected_before_their_number_is_known) { // R5
  mth_context *context = new_context();
  mth_model *m = new_model(context), *copy = NULL;
  char text[256];
  add_input(m, "x", (mth_shape){0});
  ADD_MODEL(m, new_class(context, "Split", MTH_ARG_I("split_size", 4)), MTH_WIRE("input", "x"),
            MTH_WIRE("output", "gates"));
  mth_connection *gates = key(m, "gates");
  EXPECT(mth_connection_is_list(gates) && !mth_connection_is_tensor(gates));
  EXPECT_INT(length_of(gates), 99);
  ADD_MODEL(m, new_op(context, "Relu"), MTH_WIRE_TO("input", part(gates, 2)),
            MTH_WIRE("output", "y"));
  EXPECT(part(gates, 2) == part(gates, 2));
  ASSERT(mth_model_copy(m, &copy) == MTH_OK);
  for (int i = 0; i < 2; i++) { // the copy has a list of its own
    mth_model *own = i ? copy : m;
    ASSERT(mth_connection_set_shape(key(own, "x"), MTH_SHAPE(MTH_N(10), MTH_ANY)) == MTH_OK);
    EXPECT_INT(length_of(key(own, "gates")), 3);
    EXPECT_TEXT(shape_of(part(key(own, "gates"), 0), text), "[4, u1]");
    EXPECT_TEXT(shape_of(key(own, "y"), text), "[2, u1]");
    mth_connection *none = NULL;
    EXPECT_REFUSED(context, own, mth_connection_part(key(own, "gates"), 3, &none),
                   "model 'Model', key 'gates'", "it has 3 parts, wanted part 3");
  }
  mth_model_destroy(copy);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(parts, a_list_is_wired_to_a_list_whose_length_becomes_known_late) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  add_input(m, "x", (mth_shape){0});
  ADD_MODEL(m, new_class(context, "Split", MTH_ARG_I("split_size", 2)), MTH_WIRE("input", "x"),
            MTH_WIRE("output", "parts"));
  ADD_MODEL(m, new_op(context, "Concat"), MTH_WIRE("inputs", "parts"), MTH_WIRE("output", "y"));
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[...]");
  ASSERT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_N(5), MTH_N(7))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[5, 7]");
  EXPECT_INT(length_of(key(m, "parts")), 3);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(parts, a_chain_goes_through_lists) { // R1
  mth_context *context = new_context();
  mth_model *m = new_model(context), *concat = new_op(context, "Concat");
  char text[256];
  add_input(m, "x", MTH_SHAPE(MTH_N(4)));
  ADD_MODEL(m, new_class(context, "Split", MTH_ARG_I("sections", 2)), MTH_WIRE("input", "x"));
  ASSERT(mth_model_append(m, concat, NULL, (mth_wire[]){MTH_WIRE("output", "y")}, 1) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[4]");
  mth_model *second = new_op(context, "Concat"), *relu = new_op(context, "Relu");
  EXPECT_REFUSED(context, m, mth_model_append(m, second, NULL, NULL, 0), "model 'Concat'",
                 "'inputs' takes several tensors: wire it to a list");
  EXPECT_REFUSED(context, m,
                 mth_model_add(m, relu, NULL,
                               &MTH_WIRE_TO("input", mth_connection_model(key(concat, "output"))
                                                         ? key(mth_model_child(m, 0), "output")
                                                         : NULL),
                               1),
                 "model 'Model', key '$1' (Split.output)",
                 "it is a list, 'input' of Relu is a tensor");
  mth_model_destroy(second);
  mth_model_destroy(relu);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// A composite that concatenates its list input `xs`.
static mth_model *new_joined(mth_context *context) {
  mth_model *inner = new_model(context);
  mth_connection *xs = NULL;
  EXPECT_INT(mth_model_add_list(inner, "xs", &xs), MTH_OK);
  ADD_MODEL(inner, new_op(context, "Concat"), MTH_WIRE("inputs", "xs"), MTH_WIRE("output", "y"));
  return inner;
}

TEST(parts, a_composite_takes_a_list) { // R3
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  add_input(m, "a", MTH_SHAPE(MTH_N(2)));
  ADD_MODEL(m, new_joined(context),
            PARTS("xs", MTH_WIRE(NULL, "a"), MTH_WIRE(NULL, "b"), MTH_WIRE(NULL, "a")),
            MTH_WIRE("y", "y"));
  ASSERT(mth_connection_set_shape(key(m, "y"), MTH_SHAPE(MTH_N(9))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "b"), text), "[5]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(parts, a_free_list_has_inputs_once_its_length_is_stated) {
  mth_context *context = new_context();
  mth_model *m = new_joined(context);
  char text[256];
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[...]");
  mth_connection *first = part(key(m, "xs"), 0);
  EXPECT_TEXT(mth_connection_key(first), "xs_0");
  EXPECT_REFUSED(context, m, mth_connection_set_length(key(m, "xs"), 0), "model 'Model', key 'xs'",
                 "it has 0 parts, part 0 is used");
  ASSERT(mth_connection_set_length(key(m, "xs"), 2) == MTH_OK);
  EXPECT_INT(mth_connection_set_length(key(m, "xs"), 3), MTH_INVALID);
  ASSERT(mth_connection_set_shape(first, MTH_SHAPE(MTH_N(3), MTH_N(4))) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(m, "xs_1"), MTH_SHAPE(MTH_N(1), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[4, 4]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(parts, a_part_that_is_used_inside_must_be_there) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *inner = new_joined(context);
  add_input(m, "x", MTH_SHAPE(MTH_N(4)));
  ADD_MODEL(m, new_class(context, "Split", MTH_ARG_I("sections", 2)), MTH_WIRE("input", "x"),
            MTH_WIRE("output", "halves"));
  (void)part(key(inner, "xs"), 2);
  EXPECT_REFUSED(context, m,
                 mth_model_add(m, inner, NULL, (mth_wire[]){MTH_WIRE("xs", "halves")}, 1),
                 "model 'Model', key 'halves'", "it has 2 parts, part 2 is used");
  mth_model_destroy(inner);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(parts, lists_reach_through_a_nest) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *maker = new_model(context), *around = new_model(context);
  char text[256];
  add_input(maker, "x", (mth_shape){0});
  ADD_MODEL(maker, new_class(context, "Split", MTH_ARG_I("sections", 2)), MTH_WIRE("input", "x"),
            MTH_WIRE("output", "halves"));
  ADD_MODEL(around, maker, MTH_WIRE("x", "x"), MTH_WIRE("halves", "halves"));
  ADD_MODEL(m, around, MTH_WIRE("x", "x"), MTH_WIRE("halves", "halves"));
  ADD_MODEL(m, new_joined(context), MTH_WIRE("xs", "halves"), MTH_WIRE("y", "y"));
  ADD_MODEL(m, new_op(context, "Relu"), MTH_WIRE_TO("input", part(key(maker, "halves"), 1)),
            MTH_WIRE("output", "z"));
  ASSERT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_N(6), MTH_N(5))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[6, 5]");
  EXPECT_TEXT(shape_of(key(m, "z"), text), "[3, 5]");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(parts, exposing_a_list_exposes_its_parts) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  add_input(m, "x", (mth_shape){0});
  ADD_MODEL(m, new_class(context, "Split", MTH_ARG_I("split_size", 2)), MTH_WIRE("input", "x"),
            MTH_WIRE("output", "parts"));
  EXPECT_REFUSED(context, m, mth_model_expose(m, key(m, "parts"), NULL),
                 "model 'Model', key 'parts'", "the length of the list is not known");
  ASSERT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_N(3))) == MTH_OK);
  ASSERT(mth_model_expose(m, key(m, "parts"), "p") == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "p_0"), text), "[2]");
  EXPECT_TEXT(shape_of(key(m, "p_1"), text), "[1]");
  EXPECT_INT(mth_connection_class(key(m, "p_1")), MTH_KEY_OUTPUT);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(parts, of_an_output_list_are_the_outputs_of_a_model) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *open = new_model(context);
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const mth_write_options options = {.struct_bytes = sizeof options};
  add_input(m, "x", MTH_SHAPE(MTH_N(4)));
  ADD_MODEL(m, new_class(context, "Split", MTH_ARG_I("sections", 2)), MTH_WIRE("input", "x"));
  EXPECT_INT(mth_write_module(m, &options, &text), MTH_OK);
  EXPECT(strstr(mth_text_get(&text), "{mithril.port = \"output_1\"}") != NULL);
  add_input(open, "x", (mth_shape){0});
  ADD_MODEL(open, new_class(context, "Split", MTH_ARG_I("split_size", 2)), MTH_WIRE("input", "x"));
  EXPECT_INT(mth_write_module(open, &options, &text), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "the length of the list is not known, so its parts can not be outputs");
  mth_text_deinit(&text);
  mth_model_destroy(open);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(parts, a_list_without_a_length_can_not_be_written) {
  mth_context *context = new_context();
  mth_model *m = new_joined(context);
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  const mth_write_options options = {.struct_bytes = sizeof options};
  EXPECT_ERROR(context, mth_write_module(m, &options, &text), "model 'Concat'",
               "it is not known how many tensors 'inputs' takes");
  mth_text_deinit(&text);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(parts, what_is_no_list_has_none) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *softmax = new_op(context, "Softmax");
  mth_connection *none = NULL, *list = NULL;
  add_input(m, "x", (mth_shape){0});
  const char *where = "model 'Model', key 'x'";
  EXPECT_REFUSED(context, m, mth_connection_part(key(m, "x"), 0, &none), where,
                 "it is no list, but a tensor");
  EXPECT_REFUSED(context, m, mth_connection_set_length(key(m, "x"), 0), where,
                 "it is no list, but a tensor");
  EXPECT_ERROR(context, mth_connection_part(key(softmax, "axis"), 0, &none),
               "model 'Softmax', key 'axis'", "it is no list, but an argument");
  ASSERT(mth_model_add_list(m, "l", &list) == MTH_OK);
  mth_connection *both[] = {list, key(m, "x")};
  EXPECT_REFUSED(context, m, mth_model_merge(m, both, 2, NULL), "model 'Model'",
                 "'l' is a list; lists are wired, not merged");
  mth_model *concat = new_op(context, "Concat");
  EXPECT_ERROR(context, mth_connection_part(key(concat, "inputs"), 0, &none),
               "model 'Concat', key 'inputs'", "it has parts once its length is known");
  ASSERT(mth_connection_set_length(key(concat, "inputs"), 2) == MTH_OK);
  EXPECT(mth_model_find(concat, "input2") && !mth_model_find(concat, "inputs"));
  mth_model_destroy(concat);
  mth_model_destroy(softmax);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(parts, stand_in_the_order_of_the_list_however_they_are_asked_for) {
  mth_context *context = new_context();
  mth_model *split = new_class(context, "Split", MTH_ARG_I("split_size", 2));
  mth_model *list = new_class(context, "ToList", MTH_ARG_I("n", 4));
  mth_model *const models[] = {split, list};
  for (size_t m = 0; m < 2; m++) {
    static const size_t asked[] = {2, 0, 3, 1};
    char keys[128] = "", children[128] = "";
    for (size_t i = 0; i < 4; i++)
      part(key(models[m], "output"), asked[i]);
    for (size_t i = 0; i < mth_model_connection_count(models[m]); i++) {
      const mth_connection *c = mth_model_connection(models[m], i);
      if (strncmp(mth_connection_key(c), "output_", 7) == 0) strcat(keys, mth_connection_key(c));
    }
    for (size_t i = 0; i < mth_model_child_count(models[m]); i++) {
      EXPECT_INT(mth_model_child(models[m], i)->position, i);
      strcat(children, mth_model_name(mth_model_child(models[m], i)));
    }
    EXPECT_TEXT(keys, "output_0output_1output_2output_3");
    EXPECT_TEXT(children, m ? "part_0part_1part_2part_3" : "lengthpart_0part_1part_2part_3");
    mth_model_destroy(models[m]);
  }
  mth_context_destroy(context);
}

TEST(parts, are_not_more_than_a_list_may_have) {
  mth_context *context = new_context();
  mth_model *split = new_class(context, "Split", MTH_ARG_I("split_size", 2));
  mth_model *concat = new_op(context, "Concat"), *made = NULL;
  mth_connection *found = NULL;
  EXPECT_ERROR(context, mth_connection_part(key(split, "output"), SIZE_MAX, &found),
               "model 'Split'",
               "the list 'output' has 65536 parts at most, 18446744073709551615 were wanted");
  EXPECT_ERROR(context, mth_connection_set_length(key(concat, "inputs"), 65537), "model 'Concat'",
               "the list 'inputs' has 65536 parts at most, 65537 were wanted");
  EXPECT_ERROR(context, mth_model_create_op_of(context, "Concat", SIZE_MAX / 2, NULL, 0, &made),
               "model 'Concat'",
               "the list 'inputs' has 65536 parts at most, 9223372036854775807 were wanted");
  mth_model_destroy(split);
  mth_model_destroy(concat);
  mth_context_destroy(context);
}
