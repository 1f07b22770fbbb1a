// index_item_test.c: shapes of x[...] and refusals.
#include "ir/index_item.h"
#include "test/ir/model_fixture.h"

#define COUNT(...) (sizeof((mth_index_item[]){__VA_ARGS__}) / sizeof(mth_index_item))
#define INDEX(x, ...) mth_index(x, COUNT(__VA_ARGS__), (mth_index_item[]){__VA_ARGS__})
#define EXPECT_SHAPE(expression, wanted)                                                           \
  do {                                                                                             \
    const mth_connection *made_ = (expression);                                                    \
    char text_[256];                                                                               \
    ASSERT(made_);                                                                                 \
    EXPECT_TEXT(shape_of(made_, text_), wanted);                                                   \
  } while (0)

static mth_connection *new_input(mth_context *context, mth_shape shape) {
  return mth_free_input(context, "x", &(mth_facts){.shape = &shape});
}

TEST(index_item, shapes_are_those_of_numpy) {
  mth_context *context = new_context();
  mth_connection *x = new_input(context, MTH_SHAPE(MTH_N(5), MTH_N(6), MTH_N(7)));
  EXPECT_SHAPE(INDEX(x, MTH_AT(0)), "[6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_AT(-5)), "[6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_AT(4), MTH_AT(-1), MTH_AT(6)), "[]");
  EXPECT_SHAPE(INDEX(x, MTH_ELLIPSIS, MTH_AT(1)), "[5, 6]");
  EXPECT_SHAPE(INDEX(x, MTH_AT(1), MTH_ELLIPSIS, MTH_NEW_AXIS, MTH_AT(1)), "[6, 1]");
  EXPECT_SHAPE(INDEX(x, MTH_ELLIPSIS, MTH_ALL, MTH_ALL, MTH_ALL, MTH_NEW_AXIS), "[5, 6, 7, 1]");
  EXPECT_SHAPE(mth_index(x, 0, NULL), "[5, 6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.start = MTH_BOUND(2))), "[3, 6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.start = MTH_BOUND(-2))), "[2, 6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.start = MTH_BOUND(-9))), "[5, 6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.start = MTH_BOUND(9))), "[0, 6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.stop = MTH_BOUND(-2))), "[3, 6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.stop = MTH_BOUND(9))), "[5, 6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.start = MTH_BOUND(3), .stop = MTH_BOUND(1))), "[0, 6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.step = 2), MTH_SLICE(.step = 4)), "[3, 2, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.step = -2), MTH_SLICE(.step = -1)), "[3, 6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.start = MTH_BOUND(9), .stop = MTH_BOUND(0), .step = -3)),
               "[2, 6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.start = MTH_BOUND(1), .stop = MTH_BOUND(3), .step = -1)),
               "[0, 6, 7]");
  mth_context_destroy(context);
}

TEST(index_item, index_tensors_join_their_dims) {
  mth_context *context = new_context();
  mth_connection *x = new_input(context, MTH_SHAPE(MTH_N(5), MTH_N(6), MTH_N(7)));
  const mth_shape row = MTH_SHAPE(MTH_N(3)), column = MTH_SHAPE(MTH_N(2), MTH_N(1));
  mth_connection *t = mth_input_beside(x, "t", &(mth_facts){.shape = &row});
  mth_connection *u = mth_input_beside(x, "u", &(mth_facts){.shape = &column});
  EXPECT_SHAPE(INDEX(x, MTH_AT_TENSOR(t)), "[3, 6, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_ALL, MTH_AT_TENSOR(u)), "[5, 2, 1, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_AT_TENSOR(t), MTH_AT_TENSOR(u)), "[2, 3, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_ALL, MTH_AT_TENSOR(t), MTH_AT(0)), "[5, 3]");
  EXPECT_SHAPE(INDEX(x, MTH_AT(0), MTH_ALL, MTH_AT_TENSOR(t)), "[3, 6]"); // apart: in front
  EXPECT_SHAPE(INDEX(x, MTH_AT_TENSOR(t), MTH_NEW_AXIS, MTH_AT_TENSOR(t)), "[3, 1, 7]");
  EXPECT_SHAPE(INDEX(x, MTH_ALL, MTH_AT_TENSOR(t), MTH_NEW_AXIS), "[5, 3, 1, 7]");
  EXPECT_INT(mth_connection_families(t), MTH_FAMILY_INT);
  mth_context_destroy(context);
}

TEST(index_item, symbolic_dims_and_ones_that_come_later) { // R4
  mth_context *context = new_context();
  mth_connection *x = mth_free_input(context, "x", NULL), *last = INDEX(x, MTH_ALL, MTH_AT(-1));
  mth_connection *tail = INDEX(x, MTH_SLICE(.start = MTH_BOUND(1)));
  char text[256];
  EXPECT_TEXT(shape_of(last, text), "[...]"); // x has two axes or more
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_DECLARED("B"), MTH_ANY, MTH_N(3))) == MTH_OK);
  EXPECT_TEXT(shape_of(last, text), "[B, 3]");
  EXPECT_TEXT(shape_of(tail, text), "[max(B - 1, 0), u1, 3]");
  const mth_dim *n = mth_shape_dim(x, 1);
  EXPECT_SHAPE(INDEX(x, MTH_ALL, MTH_SLICE(.stop = MTH_BOUND_DIM(n))), "[B, u1, 3]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.start = MTH_BOUND(-2))), "[min(B, 2), u1, 3]");
  mth_connection *y = INDEX(x, MTH_ALL, MTH_SLICE(.stop = MTH_BOUND(-2), .step = 2));
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_ANY, MTH_N(9), MTH_ANY)) == MTH_OK);
  EXPECT_TEXT(shape_of(y, text), "[B, 4, 3]");
  EXPECT_SHAPE(INDEX(x, MTH_ALL, MTH_AT_DIM(mth_shape_dim(x, 0))), "[B, 3]");
  mth_context_destroy(context);
}

TEST(index_item, values_are_indices_and_bounds) { // x[n // 2], x[k:], with k given later
  mth_context *context = new_context();
  mth_connection *x = new_input(context, MTH_SHAPE(MTH_DECLARED("B"), MTH_N(6)));
  mth_model *m = mth_connection_model(x), *add = new_op(context, "ScalarAdd");
  mth_connection *half = mth_divide_down_number(mth_size_along(x, 1), 2), *k = NULL;
  char text[256];
  EXPECT_SHAPE(INDEX(x, MTH_ALL, MTH_AT_VALUE(half)), "[B]");
  EXPECT_SHAPE(INDEX(x, MTH_ALL, MTH_SLICE(.start = MTH_BOUND_VALUE(half))), "[B, 3]");
  EXPECT_SHAPE(INDEX(x, MTH_SLICE(.stop = MTH_BOUND_VALUE(mth_size_along(x, 0)))), "[B, 6]");
  const mth_wire wires[] = {MTH_WIRE("left", "k"), MTH_WIRE_I("right", 1)};
  ASSERT(mth_model_add(m, add, NULL, wires, 2) == MTH_OK);
  ASSERT(mth_model_get(m, "k", &k) == MTH_OK);
  mth_connection *tail = INDEX(x, MTH_ALL, MTH_SLICE(.stop = MTH_BOUND_VALUE(k)));
  ASSERT(tail);
  ASSERT(mth_connection_set_value(k, &MTH_ARG_I("k", 4)) == MTH_OK);
  EXPECT_TEXT(shape_of(tail, text), "[B, 4]");
  EXPECT(!INDEX(x, MTH_AT_VALUE(x)));
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "an integer is wanted of an index, it is a tensor");
  EXPECT_INT(mth_model_take_failure(m), MTH_INVALID);
  EXPECT(!INDEX(x, MTH_AT_VALUE(mth_shape_of(x))));
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "an integer is wanted of an index, it is another value");
  EXPECT_INT(mth_model_take_failure(m), MTH_INVALID);
  EXPECT(!INDEX(x, MTH_AT_VALUE(NULL)));
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "a connection was wanted, NULL was given");
  EXPECT_INT(mth_model_take_failure(m), MTH_INVALID);
  mth_model *made = NULL;
  EXPECT_ERROR(context, mth_model_create_index(context, 1, &MTH_AT_VALUE(k), &made),
               "model 'Indexer'",
               "a value is an index of an expression alone; wanted a number or a dim");
  mth_context_destroy(context);
}

TEST(index_item, refusals_say_what_is_outside) {
  mth_context *context = new_context();
  mth_connection *x = new_input(context, MTH_SHAPE(MTH_N(5), MTH_N(6)));
  mth_model *m = mth_connection_model(x);
  const mth_shape two = MTH_SHAPE(MTH_N(2)), three = MTH_SHAPE(MTH_N(3));
  mth_connection *t = mth_input_beside(x, "t", &(mth_facts){.shape = &two});
  mth_connection *u = mth_input_beside(x, "u", &(mth_facts){.shape = &three});
#define REFUSED(expression, wanted_)                                                               \
  do {                                                                                             \
    EXPECT(!(expression));                                                                         \
    EXPECT_TEXT(mth_context_diagnostic(context)->message, wanted_);                                \
    EXPECT_INT(mth_model_take_failure(m), MTH_INVALID);                                            \
  } while (0)
  REFUSED(INDEX(x, MTH_AT(5)), "Indexer of 'x': index 5 is outside axis 0 of extent 5");
  REFUSED(INDEX(x, MTH_ALL, MTH_AT(-7)), "Indexer of 'x': index -7 is outside axis 1 of extent 6");
  REFUSED(INDEX(x, MTH_AT(0), MTH_AT(0), MTH_AT(0)),
          "'x' and 'Indexer.input' are to be one tensor, but their shapes are [5, 6] and "
          "[..., ?, ?, ?]");
  REFUSED(INDEX(x, MTH_ELLIPSIS, MTH_ELLIPSIS), "Indexer of 'x': '...' stands twice, at item 1");
  REFUSED(INDEX(x, MTH_AT_TENSOR(t), MTH_AT_TENSOR(u)),
          "Indexer of 'x', 't', 'u': index tensors do not broadcast: 2 and 3");
  REFUSED(INDEX(x, MTH_AT_TENSOR(NULL)), "operand 1 of 'index' is NULL");
  REFUSED(mth_index(x, 1, &(mth_index_item){.kind = (mth_index_kind)9}),
          "Indexer of 'Indexer.input': 'items' wants letters of \"isabrnet\", found \"?\"");
#undef REFUSED
  EXPECT(!mth_index(NULL, 0, NULL));
  const mth_dim *zero = mth_dim_constant(mth_context_dims(context), 0);
  const mth_arg uneven[] = {MTH_ARG_S("items", "ss"), MTH_ARG_DS("start", 1, &zero),
                            MTH_ARG_DS("stop", 1, &zero), MTH_ARG_IS("step", 1, &(int64_t){0})};
  mth_model *made = NULL;
  EXPECT_ERROR(
      context, mth_model_create_op_of(context, "index", 0, uneven, 4, &made), "model 'Indexer'",
      "Indexer of 'Indexer.input': wanted start, stop and step for 2 items, found 1, 1 and 1");
  mth_arg still[] = {MTH_ARG_S("items", "s"), uneven[1], uneven[2], uneven[3]};
  EXPECT_ERROR(
      context, mth_model_create_op_of(context, "index", 1, still, 4, &made), "model 'Indexer'",
      "Indexer of 'Indexer.input', 'Indexer.input1': 'items' has 0 index tensors, 1 are given");
  ASSERT(mth_model_create_op_of(context, "index", 0, still, 4, &made) == MTH_OK);
  EXPECT_ERROR(context, mth_connection_set_shape(key(made, "input"), two),
               "model 'Indexer', key 'input'",
               "Indexer of 'Indexer.input': item 0 is a slice with step 0");
  mth_model_destroy(made);
  mth_context_destroy(context);
}

TEST(index_item, ranks_have_a_limit) {
  mth_context *context = new_context();
  mth_extent extents[mth_rank_max + 1];
  for (size_t i = 0; i <= mth_rank_max; i++)
    extents[i] = MTH_N(2);
  const mth_shape most = {.extents = extents, .rank = mth_rank_max},
                  more = {.extents = extents, .rank = mth_rank_max + 1};
  mth_connection *x = new_input(context, most), *far = mth_input_beside(x, "far", &(mth_facts){0}),
                 *t = mth_input_beside(x, "t", &(mth_facts){0});
  mth_model *m = mth_connection_model(x);
  ASSERT(mth_connection_set_shape(far, more) == MTH_OK); // a model may say so
  ASSERT(mth_connection_set_shape(t, more) == MTH_OK);
#define REFUSED(expression, wanted_)                                                               \
  do {                                                                                             \
    EXPECT(!(expression));                                                                         \
    EXPECT_TEXT(mth_context_diagnostic(context)->message, wanted_);                                \
    EXPECT_INT(mth_model_take_failure(m), MTH_INVALID);                                            \
  } while (0)
  REFUSED(INDEX(far, MTH_AT(0)), "Indexer of 'far': wanted rank 32 or less, found 33");
  REFUSED(INDEX(x, MTH_AT_TENSOR(t)), "Indexer of 'x', 't': wanted rank 32 or less, found 33");
  REFUSED(INDEX(x, MTH_NEW_AXIS),
          "Indexer of 'x': the result wants rank 33, at most 32 is possible");
#undef REFUSED
  mth_context_destroy(context);
}

TEST(index_item, is_a_model_too) {
  mth_context *context = new_context();
  mth_model *m = new_model(context), *made = NULL;
  const mth_index_item items[] = {MTH_ALL, MTH_AT_TENSOR(NULL)};
  ASSERT(mth_model_create_index(context, 2, items, &made) == MTH_OK);
  const mth_shape shape = MTH_SHAPE(MTH_N(5), MTH_N(6)), four = MTH_SHAPE(MTH_N(4));
  const mth_wire wires[] = {MTH_WIRE_AS("input", .name = "x", .shape = &shape),
                            MTH_WIRE_AS("input1", .name = "t", .shape = &four),
                            MTH_WIRE("output", "y")};
  ASSERT(mth_model_add(m, made, NULL, wires, 3) == MTH_OK);
  char text[256];
  EXPECT_TEXT(shape_of(key(m, "y"), text), "[5, 4]");
  ASSERT(mth_model_freeze(m) == MTH_OK);
  EXPECT_TEXT(mth_model_name(made), "Indexer");
  mth_model_destroy(m);
  mth_context_destroy(context);
}
