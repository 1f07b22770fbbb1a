// list_gradient_test.c: gradients through lists and tuples, against naive loops and differences.
#include "test/numerics/model_check.h"

#define WIRES(...) (mth_wire[]){__VA_ARGS__}, sizeof((mth_wire[]){__VA_ARGS__}) / sizeof(mth_wire)

static mth_model *make(mth_context *context, const char *name, size_t count, const mth_arg *args) {
  mth_model *model = NULL;
  EXPECT_INT(mth_model_create_class(context, name, args, count, &model), MTH_OK);
  return model;
}

static mth_connection *part(mth_connection *list, size_t index) {
  mth_connection *found = NULL;
  EXPECT_INT(mth_connection_part(list, index, &found), MTH_OK);
  return found;
}

static void add(mth_model *m, mth_model *child, const mth_wire *wires, size_t count) {
  EXPECT_INT(mth_model_add(m, child, NULL, wires, count), MTH_OK);
  EXPECT_TEXT(mth_context_diagnostic(mth_model_context(m))->message, "");
}

static mth_model *new_product(mth_context *context) { return make(context, "Multiply", 0, NULL); }

static mth_model *new_concat(mth_context *context) {
  return make(context, "Concat", 1, &MTH_ARG_I("axis", 0));
}

// ---- a list that is made ------------------------------------------------------------------------

// Rows of [tanh(a), b, a], of which a is twice in the list.
static void stacked(const port *p, double *out) {
  for (int i = 0; i < N * d; i++) {
    out[i] = tanh(p[0].values[i]);
    out[(N + 1) * d + i] = p[0].values[i];
  }
  for (int i = 0; i < d; i++)
    out[N * d + i] = p[1].values[i];
}

TEST(list_gradient, of_a_list_that_is_made_and_concatenated) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  port ports[] = {table("a", N, 0.3), table("b", 1, 1.1)};
  add(m, new_op(context, "Tanh"), WIRES(MTH_WIRE("input", "a"), MTH_WIRE("output", "t")));
  add(m, make(context, "ToList", 1, &MTH_ARG_I("n", 3)),
      WIRES(MTH_WIRE("input1", "t"), MTH_WIRE("input2", "b"), MTH_WIRE("input3", "a"),
            MTH_WIRE("output", "list")));
  add(m, new_concat(context), WIRES(MTH_WIRE("inputs", "list"), MTH_WIRE_OUT("output", "output")));
  check(context, m, ports, 2, stacked, 2 * N + 1, d);
  mth_context_destroy(context);
}

// ---- parts of a list ----------------------------------------------------------------------------

// Of rows in parts of two: the second times the first, plus the second. The third has no gradient.
static void of_parts(const port *p, double *out) {
  const double *x = p[0].values;
  for (int i = 0; i < 2 * d; i++)
    out[i] = x[2 * d + i] * x[i] + x[2 * d + i];
}

TEST(list_gradient, of_parts_by_index) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  const mth_arg sizes[] = {MTH_ARG_I("split_size", 2), MTH_ARG_I("axis", 0)};
  port ports[] = {table("x", 6, 0.7)};
  add(m, make(context, "Split", 2, sizes), WIRES(MTH_WIRE("input", "x"), MTH_WIRE("output", "s")));
  mth_connection *first = part(key(m, "s"), 0), *second = part(key(m, "s"), 1);
  add(m, new_product(context),
      WIRES(MTH_WIRE_TO("left", second), MTH_WIRE_TO("right", first), MTH_WIRE("output", "p")));
  add(m, make(context, "Add", 0, NULL),
      WIRES(MTH_WIRE("left", "p"), MTH_WIRE_TO("right", second), MTH_WIRE_OUT("output", "output")));
  check(context, m, ports, 1, of_parts, 2, d);
  mth_context_destroy(context);
}

// ---- a list that is given -----------------------------------------------------------------------

// Of a list input `xs`: all of it in rows, times its part 1 (which has one row).
static mth_model *new_scaled(mth_context *context) {
  mth_model *m = new_model(context);
  mth_connection *xs = NULL;
  EXPECT_INT(mth_model_add_list(m, "xs", &xs), MTH_OK);
  add(m, new_concat(context), WIRES(MTH_WIRE("inputs", "xs"), MTH_WIRE("output", "rows")));
  add(m, new_product(context),
      WIRES(MTH_WIRE("left", "rows"), MTH_WIRE_TO("right", part(key(m, "xs"), 1)),
            MTH_WIRE_OUT("output", "output")));
  return m;
}

// p[0] [N,d], p[1] [1,d]
static void scaled(const port *p, double *out) {
  for (int i = 0; i < (N + 1) * d; i++)
    out[i] = (i < N * d ? p[0].values[i] : p[1].values[i - N * d]) * p[1].values[i % d];
}

TEST(list_gradient, of_a_list_that_is_wired_to_an_input) { // a name and a connection
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_connection *b = NULL;
  port ports[] = {table("a", N, 0.3), table("b", 1, 1.1)};
  ASSERT(mth_model_add_input(m, "b", NULL, &b) == MTH_OK);
  const mth_wire parts[] = {MTH_WIRE(NULL, "a"), MTH_WIRE_TO(NULL, b)};
  add(m, new_scaled(context),
      WIRES(MTH_WIRE_PARTS("xs", 2, parts), MTH_WIRE_OUT("output", "output")));
  check(context, m, ports, 2, scaled, N + 1, d);
  mth_context_destroy(context);
}

TEST(list_gradient, of_a_list_that_is_the_models_input) {
  mth_context *context = new_context();
  mth_model *m = new_scaled(context);
  port ports[] = {table("xs_0", N, 0.3), table("xs_1", 1, 1.1)};
  ASSERT(mth_connection_set_length(key(m, "xs"), 2) == MTH_OK);
  check(context, m, ports, 2, scaled, N + 1, d);
  mth_context_destroy(context);
}

// ---- tuples -------------------------------------------------------------------------------------

// tanh(x) [M,d] as [d,M], by a tuple of its sizes, times the number of rows: values pass no gradient on.
static void reshaped(const port *p, double *out) {
  for (int i = 0; i < M * d; i++)
    out[i] = tanh(p[0].values[i]) * (double)M;
}

TEST(list_gradient, through_a_tuple_of_sizes) {
  mth_context *context = new_context();
  port ports[] = {table("x", M, 0.9)};
  mth_connection *x = mth_free_input(context, "x", NULL);
  mth_connection *sizes = mth_shape_of(x), *rows = mth_tuple_item(sizes, 0);
  mth_connection *columns = mth_tuple_item(sizes, 1);
  mth_connection *turned = mth_tuple(2, (mth_connection *[]){columns, rows});
  mth_connection *y = mth_reshape_by(mth_tanh(x), turned);
  mth_model *m = NULL;
  const mth_named_output output = {"output", mth_multiply(y, rows)};
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "");
  ASSERT(mth_model_from(context, "Turned", &output, 1, &m) == MTH_OK);
  check(context, m, ports, 1, reshaped, d, M);
  mth_context_destroy(context);
}
