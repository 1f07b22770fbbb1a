// row_test.c: shapes that are known in front and behind, of unknown rank.
#include "test/ir/model_fixture.h"

typedef struct shapes {
  mth_context *context;
  mth_model *model;
  mth_connection *x, *y;
  char text[256];
} shapes;

static void open_shapes(shapes *s) {
  s->context = new_context();
  s->model = new_model(s->context);
  EXPECT_INT(mth_model_add_input(s->model, "x", NULL, &s->x), MTH_OK);
  EXPECT_INT(mth_model_add_input(s->model, "y", NULL, &s->y), MTH_OK);
}

static void close_shapes(shapes *s) {
  mth_model_destroy(s->model);
  mth_context_destroy(s->context);
}

#define STATE(c, ...) EXPECT_INT(mth_connection_set_shape(c, MTH_SHAPE(__VA_ARGS__)), MTH_OK)

// 2 may be the last dim or not: both forms are kept, in either order.
TEST(row, is_read_in_front_and_behind) {
  shapes s;
  open_shapes(&s);
  STATE(s.x, MTH_N(2), MTH_REST);
  STATE(s.x, MTH_REST, MTH_DECLARED("T"));
  STATE(s.y, MTH_REST, MTH_DECLARED("T"));
  STATE(s.y, MTH_N(2), MTH_REST);
  EXPECT_TEXT(shape_of(s.x, s.text), "[2, ...] and [..., T]");
  EXPECT_TEXT(shape_of(s.y, s.text), "[2, ...] and [..., T]");
  STATE(s.x, MTH_REST, MTH_N(5), MTH_ANY); // so there are two dims, and T is not 2
  EXPECT_TEXT(shape_of(s.x, s.text), "[2, ..., T] and [..., 5, T]");
  close_shapes(&s);
}

TEST(row, ends_to_wait_when_the_rank_is_known) {
  shapes s;
  open_shapes(&s);
  STATE(s.x, MTH_N(2), MTH_N(3), MTH_REST);
  STATE(s.x, MTH_REST, MTH_N(3), MTH_ANY);
  STATE(s.y, MTH_N(2), MTH_N(3), MTH_REST);
  STATE(s.y, MTH_REST, MTH_N(4), MTH_ANY);
  STATE(s.x, MTH_ANY, MTH_ANY, MTH_ANY);
  EXPECT_TEXT(shape_of(s.x, s.text), "[2, 3, u1]");
  EXPECT_ERROR(s.context, mth_connection_set_shape(s.y, MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_ANY)),
               "model 'Model', key 'y'",
               "'y' has shape [2, 3, ...] and [..., 4, ?], wanted [?, ?, ?]");
  STATE(s.y, MTH_ANY, MTH_ANY, MTH_ANY, MTH_ANY);
  EXPECT_TEXT(shape_of(s.y, s.text), "[2, 3, 4, u1]");
  close_shapes(&s);
}

// An op that was wired when one end was known hears of the other.
TEST(row, wakes_ops_at_its_other_end) {
  shapes s;
  open_shapes(&s);
  STATE(s.x, MTH_N(2), MTH_REST);
  const mth_wire wires[] = {MTH_WIRE("left", "x"), MTH_WIRE("right", "y"), MTH_WIRE("output", "z")};
  EXPECT_INT(mth_model_add(s.model, new_op(s.context, "MatrixMultiply"), NULL, wires, 3), MTH_OK);
  STATE(s.x, MTH_REST, MTH_N(5), MTH_N(7));
  STATE(s.y, MTH_ANY, MTH_N(4));
  EXPECT_TEXT(shape_of(s.y, s.text), "[7, 4]");
  EXPECT_TEXT(shape_of(key(s.model, "z"), s.text), "[2, ..., 4] and [..., 5, 4]");
  close_shapes(&s);
}

TEST(row, is_copied_in_both_forms) {
  shapes s;
  mth_model *copy = NULL;
  bool is_equal = false;
  open_shapes(&s);
  STATE(s.x, MTH_LOCAL("u"), MTH_REST);
  STATE(s.x, MTH_REST, MTH_N(3), MTH_LOCAL("u"));
  EXPECT_INT(mth_model_copy(s.model, &copy), MTH_OK);
  EXPECT_INT(mth_model_equal(s.model, copy, &is_equal, NULL), MTH_OK);
  EXPECT(is_equal);
  EXPECT_TEXT(shape_of(key(copy, "x"), s.text), "[u1, ..., u2] and [..., 3, u2]");
  mth_model_destroy(copy);
  close_shapes(&s);
}

TEST(row, is_equal_only_in_both_forms) {
  shapes s;
  bool is_equal = true;
  open_shapes(&s);
  STATE(s.x, MTH_REST, MTH_N(3));
  mth_model *copy = NULL;
  EXPECT_INT(mth_model_copy(s.model, &copy), MTH_OK);
  STATE(s.x, MTH_N(2), MTH_REST);
  EXPECT_INT(mth_model_equal(s.model, copy, &is_equal, NULL), MTH_OK);
  EXPECT(!is_equal);
  STATE(key(copy, "x"), MTH_N(2), MTH_REST);
  EXPECT_INT(mth_model_equal(s.model, copy, &is_equal, NULL), MTH_OK);
  EXPECT(is_equal);
  mth_model_destroy(copy);
  close_shapes(&s);
}

// An op that states a rank reads the dims at once, whichever form its operands were written in.
TEST(row, that_is_stated_whole_is_known_whole) {
  shapes s;
  open_shapes(&s);
  STATE(s.x, MTH_REST, MTH_N(3));
  STATE(s.x, MTH_N(2), MTH_REST);
  const mth_wire wires[] = {MTH_WIRE("input1", "x"), MTH_WIRE("input2", "y"),
                            MTH_WIRE("output", "z")};
  mth_model *concat = NULL;
  const mth_arg axis = MTH_ARG_I("axis", 1);
  EXPECT_INT(mth_model_create_op_of(s.context, "Concat", 2, &axis, 1, &concat), MTH_OK);
  EXPECT_INT(mth_model_add(s.model, concat, NULL, wires, 3), MTH_OK);
  STATE(s.y, MTH_ANY, MTH_N(5), MTH_ANY);
  EXPECT_TEXT(shape_of(s.x, s.text), "[2, u1, 3]");
  EXPECT_TEXT(shape_of(key(s.model, "z"), s.text), "[2, u1 + 5, 3]");
  close_shapes(&s);
}

// What an op leaves of such a shape is known at both ends, too, whichever end was known first.
TEST(row, is_folded_in_both_forms) {
  shapes s;
  open_shapes(&s);
  const mth_arg last = MTH_ARG_IS("axis", 1, (int64_t[]){-1});
  mth_connection *const all[] = {s.x, s.y};
  for (size_t i = 0; i < 2; i++) {
    mth_model *sum = NULL;
    if (i) STATE(s.y, MTH_N(4), MTH_N(5), MTH_REST);
    STATE(all[i], MTH_REST, MTH_DECLARED("S"), MTH_DECLARED("T"));
    if (!i) STATE(s.x, MTH_N(4), MTH_N(5), MTH_REST);
    ASSERT(mth_model_create_op(s.context, "Sum", &last, 1, &sum) == MTH_OK);
    ASSERT(mth_model_add(s.model, sum, NULL, &MTH_WIRE_TO("input", all[i]), 1) == MTH_OK);
    EXPECT_TEXT(shape_of(all[i], s.text), "[4, 5, ...] and [..., S, T]");
    EXPECT_TEXT(shape_of(key(sum, "output"), s.text), "[4, ...] and [..., S]");
  }
  close_shapes(&s);
}

TEST(row, is_unfolded_in_both_forms) {
  shapes s;
  open_shapes(&s);
  const mth_arg args[] = {MTH_ARG_IS("axis", 1, (int64_t[]){-1}), MTH_ARG_B("keepdim", true)};
  mth_model *sum = NULL;
  STATE(s.y, MTH_REST, MTH_DECLARED("S"), MTH_ANY);
  STATE(s.y, MTH_N(4), MTH_N(5), MTH_REST);
  ASSERT(mth_model_create_op(s.context, "Sum", args, 2, &sum) == MTH_OK);
  const mth_wire wires[] = {MTH_WIRE_TO("input", s.x), MTH_WIRE_TO("output", s.y)};
  ASSERT(mth_model_add(s.model, sum, NULL, wires, 2) == MTH_OK);
  EXPECT_TEXT(shape_of(s.x, s.text), "[4, ..., u1] and [..., S, u1]");
  EXPECT_TEXT(shape_of(s.y, s.text), "[4, 5, ...] and [..., S, 1]");
  close_shapes(&s);
}
