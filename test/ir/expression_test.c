// expression_test.c: expressions make ops, which become children when they are used.
#include "ir/expression.h"
#include "test/ir/model_fixture.h"

// An open model with the inputs x [2,3] and y, a float.
static mth_model *new_open(mth_context *context) {
  mth_model *m = new_model(context);
  mth_connection *x = NULL, *y = NULL;
  const mth_shape shape = MTH_SHAPE(MTH_N(2), MTH_N(3));
  const mth_facts facts = {.shape = &shape}, real = {.families = MTH_FAMILY_FLOAT};
  EXPECT_INT(mth_model_add_input(m, "x", &facts, &x), MTH_OK);
  EXPECT_INT(mth_model_add_input(m, "y", &real, &y), MTH_OK);
  return m;
}

#define EXPECT_NONE(m, expression, wanted_where, wanted_message)                                   \
  do {                                                                                             \
    char *before_ = dump(m);                                                                       \
    EXPECT(!(expression));                                                                         \
    EXPECT_TEXT(mth_context_diagnostic(mth_model_context(m))->where, wanted_where);                \
    EXPECT_TEXT(mth_context_diagnostic(mth_model_context(m))->message, wanted_message);            \
    EXPECT_INT(mth_model_take_failure(m), MTH_INVALID);                                            \
    char *after_ = dump(m);                                                                        \
    EXPECT_TEXT(after_, before_);                                                                  \
    mth_release(mth_default_allocator(), before_);                                                 \
    mth_release(mth_default_allocator(), after_);                                                  \
  } while (0)

static const char *class_of(const mth_model *m, size_t child) {
  return child < mth_model_child_count(m) ? mth_model_class_name(mth_model_child(m, child)) : NULL;
}

TEST(expression, is_a_child_once_it_is_used) {
  mth_context *context = new_context();
  mth_model *m = new_open(context);
  mth_connection *x = key(m, "x"), *y = key(m, "y");
  mth_connection *z = mth_multiply_number(mth_add(x, y), 2);
  char shape[256];
  EXPECT_TEXT(shape_of(z, shape), "[..., 2, 3]"); // inferred at once
  EXPECT_INT((int)mth_model_child_count(m), 0);
  EXPECT_INT((int)mth_model_canonical_output_count(m), 0);
  mth_model *buffer = new_op(context, "Tanh");
  const mth_wire wires[] = {MTH_WIRE_TO("input", z), MTH_WIRE("output", "o")};
  ASSERT(mth_model_add(m, buffer, NULL, wires, 2) == MTH_OK);
  EXPECT_INT((int)mth_model_child_count(m), 3);
  EXPECT_TEXT(class_of(m, 0), "Add"); // before the child that uses them
  EXPECT_TEXT(class_of(m, 1), "Multiply");
  EXPECT_TEXT(class_of(m, 2), "Tanh");
  EXPECT_INT((int)mth_model_canonical_output_count(m), 1);
  EXPECT(mth_model_canonical_output_at(m, 0) == key(m, "o"));
  EXPECT_INT(mth_connection_class(x), MTH_KEY_INPUT);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(expression, that_nothing_uses_leaves_no_trace) {
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  char *before = dump(m);
  mth_connection *out = NULL;
  ASSERT(mth_model_canonical_output(m, &out) == MTH_OK);
  mth_connection *row = mth_reshape_to(out, 2, (int64_t[]){1, 7});
  EXPECT(mth_exp(row) != NULL);
  char *after = dump(m);
  EXPECT_TEXT(after, before);
  EXPECT_INT(mth_connection_class(out), MTH_KEY_LATENT_OUTPUT);
  ASSERT(mth_model_freeze(m) == MTH_OK);
  EXPECT_INT((int)mth_model_child_count(m), 1);
  EXPECT_INT(mth_connection_class(out), MTH_KEY_OUTPUT);
  // Its rule holds no longer: 4 columns are not 7 elements.
  EXPECT_INT(
      mth_connection_set_shape(key(m, mth_connection_key(out)), MTH_SHAPE(MTH_N(5), MTH_N(4))),
      MTH_OK);
  mth_release(mth_default_allocator(), before);
  mth_release(mth_default_allocator(), after);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(expression, that_nothing_uses_is_not_copied) {
  mth_context *context = new_context();
  mth_model *m = new_open(context), *copy = NULL;
  mth_connection *used = mth_add(key(m, "x"), key(m, "y")), *unused = mth_exp(used);
  ASSERT(mth_model_expose(m, used, "sum") == MTH_OK);
  ASSERT(mth_model_copy(m, &copy) == MTH_OK);
  EXPECT_INT((int)mth_model_child_count(copy), 1);
  EXPECT_NONE(copy, mth_add(key(copy, "sum"), unused), "model 'Model'",
              "'output' of Exponential is no connection of this model or inside it");
  EXPECT(mth_exp(key(copy, "sum")) != NULL); // the copy is open, as the model is
  ASSERT(mth_model_expose(m, unused, "late") == MTH_OK);
  ASSERT(mth_model_freeze(copy) == MTH_OK && mth_model_freeze(m) == MTH_OK);
  EXPECT_INT((int)mth_model_child_count(m), 2);
  mth_model_destroy(copy);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(expression, used_continues_the_chain_as_a_child_does) { // R2
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  ASSERT(mth_model_append(m, new_linear(context, 4), NULL, NULL, 0) == MTH_OK);
  mth_connection *out = NULL, *chain = NULL;
  ASSERT(mth_model_canonical_output(m, &out) == MTH_OK);
  mth_connection *y = mth_add_number(out, 1);
  ASSERT(mth_model_canonical_output(m, &chain) == MTH_OK);
  EXPECT(chain == out);
  ASSERT(mth_model_expose(m, y, "y") == MTH_OK);
  EXPECT_INT(mth_connection_class(out), MTH_KEY_INTERNAL);
  ASSERT(mth_model_canonical_output(m, &chain) == MTH_OK);
  EXPECT(chain == key(m, "y"));
  EXPECT_INT((int)mth_model_canonical_output_count(m), 1);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(expression, takes_connections_of_what_is_inside) {
  mth_context *context = new_context();
  mth_model *inner = new_model(context), *m = new_model(context);
  ASSERT(mth_model_append(inner, new_op(context, "Relu"), "relu", NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(inner, new_op(context, "Tanh"), NULL, NULL, 0) == MTH_OK);
  ASSERT(mth_model_append(m, inner, "inner", NULL, 0) == MTH_OK);
  mth_connection *hidden = key(mth_model_find_child(inner, "relu"), "output");
  mth_connection *y = mth_negate(hidden);
  ASSERT(mth_model_expose(m, y, "y") == MTH_OK);
  ASSERT(mth_model_freeze(m) == MTH_OK);
  EXPECT_INT((int)mth_model_child_count(m), 2);
  EXPECT_TEXT(class_of(m, 1), "Negate");
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(expression, is_used_by_merging_and_by_canonical_sets) {
  mth_context *context = new_context();
  mth_model *m = new_open(context);
  ASSERT(mth_model_add(m, new_op(context, "Relu"), NULL,
                       (mth_wire[]){MTH_WIRE("input", "z"), MTH_WIRE("output", "o")}, 2) == MTH_OK);
  mth_connection *sum = mth_add(key(m, "x"), key(m, "y")), *square = mth_multiply(sum, sum);
  mth_connection *both[] = {key(m, "z"), sum};
  ASSERT(mth_model_merge(m, both, 2, NULL) == MTH_OK);
  EXPECT_INT((int)mth_model_child_count(m), 2);
  EXPECT_INT(mth_connection_class(key(m, "z")), MTH_KEY_INTERNAL);
  ASSERT(mth_model_set_canonical_outputs(m, &square, 1) == MTH_OK);
  EXPECT_INT((int)mth_model_child_count(m), 3);
  ASSERT(mth_model_freeze(m) == MTH_OK);
  EXPECT_INT(mth_connection_class(mth_model_canonical_output_at(m, 0)), MTH_KEY_OUTPUT);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(expression, settled_by_a_refused_call_is_unused_again) {
  mth_context *context = new_context();
  mth_model *m = new_open(context), *tanh = new_op(context, "Tanh");
  mth_connection *sum = mth_add(key(m, "x"), key(m, "y"));
  const mth_wire cycle[] = {MTH_WIRE_TO("input", sum), MTH_WIRE("output", "y")};
  EXPECT_REFUSED(context, m, mth_model_add(m, tanh, NULL, cycle, 2), "model 'Model', key 'y'",
                 "a cycle: 'output' of Tanh would depend on itself");
  EXPECT_INT((int)mth_model_child_count(m), 0);
  const mth_wire fine[] = {MTH_WIRE_TO("input", sum), MTH_WIRE("output", "z")};
  ASSERT(mth_model_add(m, tanh, NULL, fine, 2) == MTH_OK);
  EXPECT_INT((int)mth_model_child_count(m), 2);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(expression, failure_is_kept_until_it_is_asked_for) {
  mth_context *context = new_context();
  mth_model *m = new_open(context);
  mth_connection *x = key(m, "x");
  char *before = dump(m);
  mth_connection *bad = mth_matmul(x, x);
  EXPECT(!bad);
  EXPECT_TEXT(mth_context_diagnostic(context)->where, "model 'Model', key 'x'");
  EXPECT_TEXT(
      mth_context_diagnostic(context)->message,
      "'x' and 'MatrixMultiply.right' are to be one tensor, but their shapes are [2, 3] and "
      "[..., 3, ?]");
  EXPECT(!mth_exp(mth_add(bad, x))); // passed on, reported once
  EXPECT(!mth_exp(x));               // nothing is added any more
  EXPECT_INT(mth_model_expose(m, bad, "z"), MTH_INVALID);
  EXPECT_INT(mth_model_freeze(m), MTH_INVALID);
  EXPECT_TEXT(
      mth_context_diagnostic(context)->message,
      "'x' and 'MatrixMultiply.right' are to be one tensor, but their shapes are [2, 3] and "
      "[..., 3, ?]");
  char *after = dump(m);
  EXPECT_TEXT(after, before);
  EXPECT_INT(mth_model_take_failure(m), MTH_INVALID);
  EXPECT_INT(mth_model_take_failure(m), MTH_OK);
  EXPECT(mth_exp(x) != NULL);
  ASSERT(mth_model_freeze(m) == MTH_OK);
  mth_release(mth_default_allocator(), before);
  mth_release(mth_default_allocator(), after);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(expression, refusals_say_why_and_change_nothing) {
  mth_context *context = new_context(), *stranger = new_context();
  mth_model *m = new_open(context), *other = new_open(context), *far = new_open(stranger);
  mth_connection *x = key(m, "x"), *three[] = {x, x, x};
  EXPECT_NONE(m, mth_add(x, key(other, "x")), "model 'Model'",
              "'x' of Model is no connection of this model or inside it");
  EXPECT_NONE(m, mth_add(x, key(far, "x")), "model 'Model'", "'x' of Model is of another context");
  EXPECT_NONE(m, mth_add(x, NULL), "model 'Model'", "operand 1 of 'add' is NULL");
  EXPECT_NONE(m, mth_express_unary("no_such_op", x), "no_such_op", "there is no op 'no_such_op'");
  EXPECT_NONE(m, mth_express_unary(NULL, x), "", "there is no op ''");
  EXPECT_NONE(m, mth_express(NULL, "add", 3, three, 0, NULL), "model 'Add'",
              "it takes 2 operands, 3 were given");
  EXPECT_NONE(m, mth_express_unary("add", x), "model 'Add'", "it takes 2 operands, 1 were given");
  EXPECT_NONE(m, mth_express_unary("reshape", x), "model 'Reshape'",
              "it wants the argument 'shape'");
  EXPECT_NONE(m, mth_shape_dim(x, 2), "model 'Model', key 'x'", "axis 2 is outside rank 2");
  mth_model *mean = NULL;
  ASSERT(mth_model_create_op(context, "Mean", NULL, 0, &mean) == MTH_OK);
  ASSERT(mth_model_add(m, mean, NULL, (mth_wire[]){MTH_WIRE("input", "x")}, 1) == MTH_OK);
  EXPECT_NONE(m, mth_exp(key(mean, "axis")), "model 'Mean', key 'axis'",
              "ToTensor: a tensor is made of numbers, found None");
  EXPECT_NONE(m, mth_reshape_by(x, x), "model 'Model', key 'x'",
              "it is a tensor, 'shape' of Reshape is an argument");
  mth_connection *late = mth_exp(x);
  ASSERT(mth_model_freeze(m) == MTH_OK);
  EXPECT_NONE(m, mth_exp(x), "model 'Model'", "it is frozen and can not be extended");
  EXPECT_NONE(m, mth_express(m, "iota", 0, NULL, 0, NULL), "model 'Model'",
              "it is frozen and can not be extended");
  mth_model *outer = new_model(context);
  ASSERT(mth_model_append(outer, m, NULL, NULL, 0) == MTH_OK);
  EXPECT_NONE(outer, mth_negate(late), "model 'Model'",
              "nothing used the expression 'Exponential' before its model froze");
  EXPECT_REFUSED(context, outer, mth_model_expose(outer, late, "z"), "model 'Model'",
                 "nothing used the expression 'Exponential' before its model froze");
  EXPECT(!mth_exp(NULL)); // there is no model to keep it
  mth_model_destroy(outer);
  mth_model_destroy(other);
  mth_model_destroy(far);
  mth_context_destroy(stranger);
  mth_context_destroy(context);
}

TEST(expression, computes_with_values) { // R4: x.reshape((x.shape[0], x.shape[1] // 2, -1))
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_connection *x = NULL;
  ASSERT(mth_model_add_input(m, "x", NULL, &x) == MTH_OK);
  mth_connection *shape = mth_shape_of(x), *n = mth_tuple_item(shape, 0);
  mth_connection *half = mth_divide_down_number(mth_tuple_item(shape, 1), 2);
  mth_connection *rest = mth_subtract_number(mth_subtract(n, n), 1);
  mth_connection *y = mth_reshape_by(x, mth_tuple(3, (mth_connection *[]){n, half, rest}));
  y = mth_divide(mth_sum(y, 0, NULL, false), mth_size_of(x)); // the value becomes a tensor
  ASSERT(mth_model_expose(m, y, "mean") == MTH_OK);
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_DECLARED("B"), MTH_N(6))) == MTH_OK);
  char text[256];
  const mth_arg *known = mth_connection_value(half);
  ASSERT(known && known->kind == MTH_ARG_INT);
  EXPECT_INT(known->i, 3);
  size_t found = 0;
  for (size_t i = 0; i < mth_model_child_count(m); i++)
    if (strcmp(class_of(m, i), "Reshape") == 0) {
      EXPECT_TEXT(shape_of(key(mth_model_child(m, i), "output"), text), "[B, 3, 2]");
      found++;
    }
  EXPECT_INT((int)found, 1);
  EXPECT_TEXT(shape_of(key(m, "mean"), text), "[]");
  // The sum, difference and so on of values are values.
  mth_connection *two = mth_length_of(mth_reverse_axes(mth_reshape_to(x, 2, (int64_t[]){-1, 2})));
  mth_connection *all[] = {mth_add(two, two),        mth_multiply_number(two, 2),
                           mth_maximum(n, two),      mth_minimum(n, two),
                           mth_negate(two),          mth_modulo(n, two),
                           mth_divide_down(n, two),  mth_modulo_number(n, 2),
                           mth_size_along(x, 0),     mth_divide(two, two),
                           mth_power(n, two),        mth_logical_and(two, two),
                           mth_logical_or(two, two), mth_logical_xor(two, two),
                           mth_shift_left(n, two),   mth_shift_right_number(n, 1)};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    ASSERT(all[i]);
    EXPECT(!mth_connection_is_tensor(all[i]));
  }
  EXPECT(mth_connection_is_tensor(mth_to_tensor(two)));
  EXPECT_INT(mth_model_take_failure(m), MTH_OK);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(expression, takes_parts_of_lists) { // R5: split[0] * split[1]
  mth_context *context = new_context();
  mth_model *split = NULL, *m = NULL;
  const mth_arg args[] = {MTH_ARG_I("split_size", 2), MTH_ARG_I("axis", 1)};
  ASSERT(mth_model_create_class(context, "Split", args, 2, &split) == MTH_OK);
  const mth_shape shape = MTH_SHAPE(MTH_N(3), MTH_N(4));
  mth_connection *x = mth_free_input(context, "x", &(mth_facts){.shape = &shape});
  mth_connection *halves = mth_apply_to(split, x);
  const mth_named_output y = {"y", mth_multiply(mth_part(halves, 0), mth_part(halves, 1))};
  char text[256];
  EXPECT_TEXT(shape_of(y.connection, text), "[3, 2]");
  m = mth_connection_model(x);
  EXPECT_NONE(m, mth_part(halves, 2), "model 'Split', key 'output'",
              "it has 2 parts, wanted part 2");
  EXPECT(!mth_part(NULL, 0));
  ASSERT(mth_model_from(context, "Net", &y, 1, &m) == MTH_OK);
  EXPECT_INT((int)mth_model_child_count(m), 2);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(expression, dims_state_the_rank) { // R4: B, C, H, W = x.shape
  mth_context *context = new_context();
  mth_model *m = new_model(context);
  mth_connection *x = NULL;
  ASSERT(mth_model_add_input(m, "input", NULL, &x) == MTH_OK);
  const mth_dim *B[4] = {NULL}, *none[40];
  mth_shape_dims(x, 4, B);
  EXPECT_INT(mth_connection_rank(x), 4);
  mth_dim_table *dims = mth_context_dims(context);
  const mth_dim *g = mth_dim_constant(dims, 2), *rest = mth_dim_floordiv(dims, B[1], g);
  const mth_dim *split[] = {B[0], g, rest, B[2], B[3]};
  mth_connection *y = mth_transpose(mth_reshape(x, 5, split), 5, (int64_t[]){0, 2, 1, 3, 4});
  y = mth_reshape(y, 4, B); // channel shuffle
  ASSERT(mth_model_expose(m, y, "output") == MTH_OK);
  ASSERT(mth_connection_set_shape(x, MTH_SHAPE(MTH_N(1), MTH_N(6), MTH_N(5), MTH_N(5))) == MTH_OK);
  char shape[256];
  EXPECT_TEXT(shape_of(key(m, "output"), shape), "[1, 6, 5, 5]");
  EXPECT_INT((int)mth_model_child_count(m), 3);
  mth_shape_dims(x, 40, none);
  EXPECT(!none[0] && !none[39]);
  EXPECT_TEXT(mth_context_diagnostic(context)->message,
              "a rank of at most 32 was wanted, 40 was given");
  EXPECT_TEXT(mth_context_diagnostic(context)->where, "model 'Model', key 'input'");
  EXPECT_INT(mth_model_take_failure(m), MTH_INVALID);
  mth_shape_dims(x, 3, none);
  EXPECT(!none[0]);
  EXPECT_INT(mth_model_take_failure(m), MTH_INVALID);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

// The op that a function makes.
#define EXPECT_OP(expression, op_)                                                                 \
  do {                                                                                             \
    const mth_connection *made_ = (expression);                                                    \
    ASSERT(made_);                                                                                 \
    EXPECT_TEXT(mth_model_op(mth_connection_model(made_))->name, op_);                             \
  } while (0)

TEST(expression, functions_are_named_after_their_ops) {
  mth_context *context = new_context();
  mth_model *m = new_open(context);
  mth_connection *x = key(m, "x"), *y = key(m, "y"), *t = mth_less(x, y);
  EXPECT_OP(mth_add(x, y), "add");
  EXPECT_OP(mth_subtract(x, y), "subtract");
  EXPECT_OP(mth_multiply(x, y), "multiply");
  EXPECT_OP(mth_divide(x, y), "divide");
  EXPECT_OP(mth_power(x, y), "power");
  EXPECT_OP(mth_maximum(x, y), "maximum");
  EXPECT_OP(mth_minimum(x, y), "minimum");
  EXPECT_OP(mth_add_number(x, 2), "add");
  EXPECT_OP(mth_subtract_number(x, 2), "subtract");
  EXPECT_OP(mth_multiply_number(x, 2), "multiply");
  EXPECT_OP(mth_divide_number(x, 2), "divide");
  EXPECT_OP(mth_power_number(x, 2), "power");
  EXPECT_OP(mth_divide_down(x, y), "floor_divide");
  EXPECT_OP(mth_divide_down_number(x, 2), "floor_divide");
  EXPECT_OP(mth_modulo(x, y), "modulo");
  EXPECT_OP(mth_modulo_number(x, 2), "modulo");
  EXPECT_OP(mth_matmul(x, mth_reverse_axes(x)), "matmul");
  EXPECT_OP(mth_equal(x, y), "equal");
  EXPECT_OP(mth_not_equal(x, y), "not_equal");
  EXPECT_OP(t, "less");
  EXPECT_OP(mth_less_equal(x, y), "less_equal");
  EXPECT_OP(mth_greater(x, y), "greater");
  EXPECT_OP(mth_greater_equal(x, y), "greater_equal");
  EXPECT_OP(mth_equal_number(x, 2), "equal");
  EXPECT_OP(mth_not_equal_number(x, 2), "not_equal");
  EXPECT_OP(mth_less_number(x, 2), "less");
  EXPECT_OP(mth_less_equal_number(x, 2), "less_equal");
  EXPECT_OP(mth_greater_equal_number(x, 2), "greater_equal");
  EXPECT_OP(mth_greater_number(x, 2), "greater");
  EXPECT_OP(mth_logical_and(t, t), "logical_and");
  EXPECT_OP(mth_logical_or(t, t), "logical_or");
  EXPECT_OP(mth_logical_xor(t, t), "logical_xor");
  EXPECT_OP(mth_logical_not(t), "logical_not");
  EXPECT_OP(mth_shift_left(t, t), "shift_left");
  EXPECT_OP(mth_shift_right(t, t), "shift_right");
  EXPECT_OP(mth_shift_left_number(t, 2), "shift_left");
  EXPECT_OP(mth_shift_right_number(t, 2), "shift_right");
  EXPECT_OP(mth_item(mth_sum(x, 0, NULL, true)), "item");
  EXPECT_OP(mth_at_least_1d(y), "atleast_1d");
  EXPECT_OP(mth_where(t, x, y), "where");
  EXPECT_OP(mth_negate(x), "negate");
  EXPECT_OP(mth_abs(x), "abs");
  EXPECT_OP(mth_sqrt(x), "sqrt");
  EXPECT_OP(mth_exp(x), "exp");
  EXPECT_OP(mth_log(x), "log");
  EXPECT_OP(mth_sin(x), "sin");
  EXPECT_OP(mth_cos(x), "cos");
  EXPECT_OP(mth_tanh(x), "tanh");
  EXPECT_OP(mth_sigmoid(x), "sigmoid");
  EXPECT_OP(mth_relu(x), "relu");
  EXPECT_OP(mth_cast(x, MTH_I64), "cast");
  EXPECT_OP(mth_sum(x, 0, NULL, false), "sum");
  EXPECT_OP(mth_mean(x, 1, (int64_t[]){-1}, true), "mean");
  EXPECT_OP(mth_max(x, 1, (int64_t[]){0}, false), "reduce_max");
  EXPECT_OP(mth_min(x, 2, (int64_t[]){0, 1}, false), "reduce_min");
  EXPECT_OP(mth_square(x), "square");
  EXPECT_OP(mth_floor(x), "floor");
  EXPECT_OP(mth_sign(x), "sign");
  EXPECT_OP(mth_clamp(x, -1, 1), "clamp");
  EXPECT_OP(mth_prod(x, 1, (int64_t[]){0}, false), "prod");
  EXPECT_OP(mth_variance(x, 1, (int64_t[]){0}, false, 1), "variance");
  EXPECT_OP(mth_arg_max(x, 1, false), "arg_max");
  EXPECT_OP(mth_arg_min(x, 1, false), "arg_min");
  EXPECT_OP(mth_reshape_to(x, 2, (int64_t[]){3, -1}), "reshape");
  EXPECT_OP(mth_transpose(x, 2, (int64_t[]){1, 0}), "transpose");
  EXPECT_INT(mth_model_take_failure(m), MTH_OK);
  mth_model_destroy(m);
  mth_context_destroy(context);
}

TEST(expression, constants_are_numbers_or_tensors_beside_a_connection) {
  mth_context *context = new_context();
  mth_model *m = new_open(context);
  mth_connection *x = key(m, "x");
  EXPECT_INT(mth_connection_families(mth_number(x, 2)), MTH_FAMILY_FLOAT);
  EXPECT_INT(mth_connection_families(mth_integer(x, 2)), MTH_FAMILY_INT);
  const int64_t rows[] = {1, 0}, extents[] = {2};
  const mth_constant indices = {.dtype = MTH_I64, .rank = 1, .extents = extents, .data = rows};
  mth_connection *y = mth_express_binary("gather", x, mth_constant_beside(x, &indices));
  char shape[256];
  EXPECT_TEXT(shape_of(y, shape), "[2, 3]");
  EXPECT(!mth_number(NULL, 2));
  EXPECT_INT(mth_model_take_failure(m), MTH_OK);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
