// regularizers.c: what a cost is charged for the size of parameters, as classes: L1, L2,
// QuadraticFormRegularizer.
//
//   L1(x) = sum |x|      L2(x) = 1/2 sum x^2      QuadraticFormRegularizer(x, K) = 1/2 x K x^T
//
// Shapes  L1, L2: any. QuadraticFormRegularizer: input [1, N], kernel [N, N], output [1, 1].
// Keys    input, (the factor,) output; input, kernel, (the factor,) output
#include "ir/models/class_tables.h"
#include "ir/models/pairwise.h"
#include "ir/sketch.h"

static mth_connection *halve(mth_sketch *sketch, mth_connection *x) {
  return mth_sketch_with_number(sketch, "multiply", "left", x, "right", 0.5);
}

static mth_status make_l1(mth_context *context, const mth_arg *args, mth_model **out_model) {
  (void)args;
  mth_sketch s;
  mth_sketch_begin(&s, context, "L1");
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_sketch_output(&s, mth_sketch_unary(&s, "sum", mth_sketch_unary(&s, "abs", input)), "output");
  return mth_sketch_end(&s, out_model);
}

static mth_status make_l2(mth_context *context, const mth_arg *args, mth_model **out_model) {
  (void)args;
  mth_sketch s;
  mth_sketch_begin(&s, context, "L2");
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_connection *sum = mth_sketch_unary(&s, "sum", mth_sketch_unary(&s, "square", input));
  mth_sketch_output(&s, halve(&s, sum), "output");
  return mth_sketch_end(&s, out_model);
}

static mth_status make_quadratic_form(mth_context *context, const mth_arg *args,
                                      mth_model **out_model) {
  (void)args;
  mth_sketch s;
  mth_sketch_begin(&s, context, "QuadraticFormRegularizer");
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_sketch_shape(&s, input, MTH_SHAPE(MTH_N(1), MTH_ANY));
  const mth_dim *n = mth_sketch_dim(&s, input, 1);
  mth_connection *kernel = mth_sketch_input(&s, "kernel");
  mth_sketch_shape(&s, kernel, MTH_SHAPE(MTH_OF(n), MTH_OF(n)));
  mth_connection *column = mth_sketch_unary(&s, "transpose", input);
  mth_connection *row = mth_sketch_binary(&s, "matmul", input, kernel);
  mth_sketch_output(&s, halve(&s, mth_sketch_binary(&s, "matmul", row, column)), "output");
  return mth_sketch_end(&s, out_model);
}

static const mth_class classes[] = {
    MTH_PLAIN_CLASS("L1", make_l1),
    MTH_PLAIN_CLASS("L2", make_l2),
    MTH_PLAIN_CLASS("QuadraticFormRegularizer", make_quadratic_form),
};

mth_class_table mth_regularizers_classes(void) {
  return (mth_class_table){classes, sizeof classes / sizeof *classes};
}
