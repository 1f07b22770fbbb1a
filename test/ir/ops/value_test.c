// value_test.c: compile-time values in models: shapes, tuples, slices, scalars (rule R4).
#include "ir/context.h"
#include "ir/model_core.h"
#include "test/ir/value_fixture.h"

// reshape(x, (x.shape[0], 2, x.shape[1] // 2))
static mth_model *new_shuffle(mth_context *context) {
  mth_model *m = new_model(context);
  add_input(m, "x", (mth_shape){0});
  ADD(m, "Shape", "s", MTH_WIRE("input", "x"));
  ADD(m, "TupleItem", "n", MTH_WIRE("input", "s"), MTH_WIRE_I("index", 0));
  ADD(m, "TupleItem", "c", MTH_WIRE("input", "s"), MTH_WIRE_I("index", -1));
  ADD(m, "ScalarFloorDivide", "half", MTH_WIRE("left", "c"), MTH_WIRE_I("right", 2));
  ADD(m, "ToTuple", "sizes",
      PARTS("inputs", MTH_WIRE(NULL, "n"), MTH_WIRE_I(NULL, 2), MTH_WIRE(NULL, "half")));
  ADD(m, "Reshape", "y", MTH_WIRE("input", "x"), MTH_WIRE("shape", "sizes"));
  return m;
}

TEST(value, a_shape_is_computed_with_before_it_is_known) {
  mth_context *context = new_context();
  mth_model *m = new_shuffle(context), *copy = NULL;
  char text[256];
  EXPECT_TEXT(value_text(m, "s", text), "?");
  EXPECT_INT(mth_connection_rank(key(m, "y")), 3); // the tuple has three items
  ASSERT(mth_model_copy(m, &copy) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(copy, "x"), MTH_SHAPE(MTH_DECLARED("B"), MTH_N(6))) ==
         MTH_OK);
  EXPECT_TEXT(value_text(copy, "s", text), "(B, 6)");
  EXPECT_TEXT(value_text(copy, "half", text), "3");
  EXPECT_TEXT(shape_of(key(copy, "y"), text), "[B, 2, 3]");
  EXPECT_TEXT(value_text(m, "s", text), "?"); // the copy stands apart
  // and back: the shape of the result says what the items are
  ASSERT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_ANY, MTH_ANY)) == MTH_OK);
  ASSERT(mth_connection_set_shape(key(m, "y"), MTH_SHAPE(MTH_N(5), MTH_ANY, MTH_N(4))) == MTH_OK);
  EXPECT_TEXT(value_text(m, "n", text), "5");
  ASSERT(mth_connection_set_shape(key(m, "x"), MTH_SHAPE(MTH_ANY, MTH_N(8))) == MTH_OK);
  EXPECT_TEXT(shape_of(key(m, "x"), text), "[5, 8]");
  mth_model_destroy(copy);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(value, sizes_and_lengths) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  const mth_arg axes[] = {MTH_ARG_I(NULL, 0), MTH_ARG_I(NULL, -1)};
  add_input(m, "x", MTH_SHAPE(MTH_DECLARED("B"), MTH_N(3), MTH_N(4)));
  ADD(m, "Size", "all", MTH_WIRE("input", "x"));
  ADD(m, "Size", "one", MTH_WIRE("input", "x"), MTH_WIRE_I("dim", -2));
  ADD(m, "Size", "some", MTH_WIRE("input", "x"), VALUE("dim", MTH_ARG_TUPLE_OF("dim", 2, axes)));
  ADD(m, "Length", "length", MTH_WIRE("input", "x"));
  ADD(m, "TupleLength", "count", MTH_WIRE("input", "some"));
  EXPECT_TEXT(value_text(m, "all", text), "12*B");
  EXPECT_TEXT(value_text(m, "one", text), "3");
  EXPECT_TEXT(value_text(m, "some", text), "(B, 4)");
  EXPECT_TEXT(value_text(m, "length", text), "B");
  EXPECT_TEXT(value_text(m, "count", text), "2");
  mth_model *size = NULL;
  ASSERT(mth_model_create_op(context, "Size", &MTH_ARG_OPEN_AS_INPUT("dim"), 1, &size) == MTH_OK);
  const mth_wire wires[] = {MTH_WIRE("input", "x"), MTH_WIRE_I("dim", 3)};
  EXPECT_REFUSED(context, m, mth_model_add(m, size, NULL, wires, 2),
                 "model 'Model', key '$3' (Size.dim)", "Size of 'x': axis 3 is outside of rank 3");
  mth_model_destroy(size);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(value, parts_of_tuples) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  char text[256];
  const mth_arg inner[] = {MTH_ARG_F(NULL, 0.5), MTH_ARG_B(NULL, true)};
  const mth_arg items[] = {MTH_ARG_I(NULL, 7), MTH_ARG_TUPLE_OF(NULL, 2, inner), MTH_ARG_I(NULL, 8),
                           MTH_ARG_I(NULL, 9)};
  const mth_wire tuple = VALUE("input", MTH_ARG_TUPLE_OF("input", 4, items));
  const mth_arg none = {.kind = MTH_ARG_NONE};
  ADD(m, "MakeSlice", "back", VALUE("start", none), VALUE("stop", none), MTH_WIRE_I("step", -2));
  ADD(m, "MakeSlice", "inner", MTH_WIRE_I("start", 1), MTH_WIRE_I("stop", 3), VALUE("step", none));
  EXPECT_TEXT(value_text(m, "back", text), "slice(None, None, -2)");
  ADD(m, "TupleItem", "a", tuple, MTH_WIRE("index", "back"));
  ADD(m, "TupleItem", "b", tuple, MTH_WIRE("index", "inner"));
  ADD(m, "TupleItem", "c", MTH_WIRE("input", "b"), MTH_WIRE_I("index", 0));
  ADD(m, "TupleItem", "d", MTH_WIRE("input", "c"), MTH_WIRE_I("index", 1));
  EXPECT_TEXT(value_text(m, "a", text), "(9, (0.5, true))");
  EXPECT_TEXT(value_text(m, "b", text), "((0.5, true), 8)");
  EXPECT_TEXT(value_text(m, "d", text), "true");
  mth_model *item = new_op(context, "TupleItem"), *zero = new_op(context, "MakeSlice");
  const mth_wire outside[] = {tuple, MTH_WIRE_I("index", 4)};
  EXPECT_REFUSED(context, m, mth_model_add(m, item, NULL, outside, 2),
                 "model 'Model', key '$12' (TupleItem.index)",
                 "TupleItem: index 4 is outside of a tuple of 4");
  const mth_wire bad[] = {MTH_WIRE_B("start", true)};
  EXPECT_INT(mth_model_add(m, zero, NULL, bad, 1), MTH_INVALID);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "MakeSlice: 'start' wants an integer or None, found true");
  mth_model_destroy(item);
  mth_model_destroy(zero);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(value, refuses_what_is_no_tensor) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const mth_arg row[] = {MTH_ARG_I(NULL, 1), MTH_ARG_I(NULL, 2)};
  const mth_arg ragged[] = {MTH_ARG_TUPLE_OF(NULL, 2, row), MTH_ARG_TUPLE_OF(NULL, 1, row)};
  const mth_arg uneven[] = {MTH_ARG_TUPLE_OF(NULL, 2, row), MTH_ARG_I(NULL, 1)};
  mth_model *tensor = new_op(context, "ToTensor");
  char text[256];
  const mth_wire wires[] = {VALUE("input", MTH_ARG_TUPLE_OF(NULL, 2, ragged)),
                            VALUE("input", MTH_ARG_TUPLE_OF(NULL, 2, uneven)),
                            VALUE("input", MTH_ARG_S(NULL, "a"))};
  EXPECT_REFUSED(context, m, mth_model_add(m, tensor, NULL, &wires[0], 1),
                 "model 'Model', key '$1' (ToTensor.input)",
                 "ToTensor: the items of a tuple have 2 and 1 items");
  EXPECT_REFUSED(context, m, mth_model_add(m, tensor, NULL, &wires[1], 1),
                 "model 'Model', key '$1' (ToTensor.input)",
                 "ToTensor: the items of a tuple have different ranks");
  EXPECT_REFUSED(context, m, mth_model_add(m, tensor, NULL, &wires[2], 1),
                 "model 'Model', key '$1' (ToTensor.input)",
                 "ToTensor: a tensor is made of numbers, found 'a'");
  const mth_arg whole[] = {ragged[0], ragged[0], ragged[0]};
  ASSERT(mth_connection_set_value(key(tensor, "input"), &MTH_ARG_TUPLE_OF(NULL, 3, whole)) ==
         MTH_OK);
  EXPECT_TEXT(shape_of(key(tensor, "output"), text), "[3, 2]");
  mth_model_destroy(tensor);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// Adds `op` with one wire too wrong; the model stays as it was.
#define REFUSED(op, wanted_where, wanted, ...)                                                     \
  do {                                                                                             \
    const mth_arg open_ = MTH_ARG_OPEN_AS_INPUT("dim");                                            \
    mth_model *child_ = NULL;                                                                      \
    EXPECT_INT(mth_model_create_op(context, op, &open_, !strcmp(op, "Size"), &child_), MTH_OK);    \
    EXPECT_REFUSED(context, m,                                                                     \
                   mth_model_add(m, child_, NULL, (mth_wire[]){__VA_ARGS__},                       \
                                 sizeof((mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire)),            \
                   wanted_where, wanted);                                                          \
    mth_model_destroy(child_);                                                                     \
  } while (0)

TEST(value, sizes_want_integers) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const char *at = "model 'Model', key '$1' (Size.dim)";
  mth_arg many[mth_rank_max + 1];
  for (size_t i = 0; i <= mth_rank_max; i++)
    many[i] = MTH_ARG_I(NULL, 0);
  const mth_arg mixed[] = {MTH_ARG_I(NULL, 0), MTH_ARG_F(NULL, 0.5)};
  add_input(m, "x", MTH_SHAPE(MTH_N(2)));
  const mth_wire x = MTH_WIRE("input", "x");
  REFUSED("Size", at, "Size of 'x': 'dim' wants an integer, a tuple of them or None, found 0.5", x,
          MTH_WIRE_F("dim", 0.5));
  REFUSED("Size", at, "Size of 'x': 'dim' wants integers, found (0, 0.5)", x,
          VALUE("dim", MTH_ARG_TUPLE_OF("dim", 2, mixed)));
  REFUSED("Size", at, "Size of 'x': wanted at most 32 axes, found 33", x,
          VALUE("dim", MTH_ARG_TUPLE_OF("dim", mth_rank_max + 1, many)));
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(value, parts_want_tuples_and_integers) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const mth_arg items[] = {MTH_ARG_I(NULL, 7), MTH_ARG_I(NULL, 8)};
  const mth_wire tuple = VALUE("input", MTH_ARG_TUPLE_OF("input", 2, items));
  REFUSED("TupleLength", "model 'Model', key '$1' (TupleLength.input)",
          "TupleLength: wanted a tuple, found 5", MTH_WIRE_I("input", 5));
  REFUSED("TupleItem", "model 'Model', key '$2' (TupleItem.index)",
          "TupleItem: wanted a tuple, found 5", MTH_WIRE_I("input", 5), MTH_WIRE_I("index", 0));
  REFUSED("TupleItem", "model 'Model', key '$2' (TupleItem.index)",
          "TupleItem: 'index' wants an integer or a slice, found 'a'", tuple,
          VALUE("index", MTH_ARG_S("index", "a")));
  const mth_arg parts[] = {{.kind = MTH_ARG_NONE}, {.kind = MTH_ARG_NONE}, MTH_ARG_I(NULL, 0)};
  const mth_arg still = {.key = "index", .kind = MTH_ARG_SLICE, .count = 3, .items = parts};
  REFUSED("TupleItem", "model 'Model', key '$2' (TupleItem.index)",
          "TupleItem: a slice wants a step that is not 0", tuple, VALUE("index", still));
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(value, tuples_nest_to_a_limit) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_arg nest[40] = {MTH_ARG_I(NULL, 1)};
  for (size_t i = 1; i < 40; i++)
    nest[i] = MTH_ARG_TUPLE_OF(NULL, 1, &nest[i - 1]);
  nest[39].key = "input";
  REFUSED("ToTensor", "model 'Model', key '$1' (ToTensor.input)",
          "ToTensor: tuples nest at most 32 deep", VALUE("input", nest[39]));
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// What is wanted of a tuple may be known before it is made.
TEST(value, a_made_tuple_is_what_is_wanted_of_it) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_solver *solver = context->solver;
  mth_var items[2], three, number;
  const mth_op *op = mth_registry_find(context->registry, "to_tuple");
  const mth_arg sizes = MTH_ARG_IS("shape", 3, ((const int64_t[]){1, 2, 3}));
  const mth_sink *sink = mth_context_sink(context);
  const mth_location at = {sink, "here"};
  ASSERT(mth_solver_add_arg(solver, MTH_ARG_NONE, "a", &items[0]) == MTH_OK);
  ASSERT(mth_solver_add_arg(solver, MTH_ARG_NONE, "b", &items[1]) == MTH_OK);
  ASSERT(mth_solver_add_arg(solver, MTH_ARG_NONE, "three", &three) == MTH_OK);
  ASSERT(mth_solver_add_arg(solver, MTH_ARG_NONE, "number", &number) == MTH_OK);
  ASSERT(mth_solver_state_value(solver, three, &sizes, at) == MTH_OK);
  ASSERT(mth_solver_state_value(solver, number, &MTH_ARG_I("n", 5), at) == MTH_OK);
  mth_rule_id rule;
  const mth_var short_[] = {items[0], items[1], three}, none[] = {items[0], items[1], number};
  EXPECT_ERROR(context, mth_solver_apply(solver, op, 0, NULL, 3, short_, at, &rule), "here",
               "ToTuple: wanted a tuple of 3, made one of 2");
  EXPECT_ERROR(context, mth_solver_apply(solver, op, 0, NULL, 3, none, at, &rule), "here",
               "ToTuple: the result is a tuple, wanted 5");
  mth_model_destroy(m);
  mth_context_destroy(context);
}
