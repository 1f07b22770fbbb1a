// rearrangements.c: rows in another order, diagonals, and all pairs of rows, as classes.
//
//   PermuteTensor       output[i, ...] = input[indices[i], ...]
//   TransposedDiagonal  output[i, 0] = input[i, i]
//   CartesianDifference output[i, j, k] = left[i, k] - right[j, k]
//
// Shapes  PermuteTensor: input, output [N, V...], indices [N]. TransposedDiagonal: input [N, N],
//         output [N, 1]. CartesianDifference: left [N, d], right [M, d], output [N, M, d].
// Keys    input, indices, output; input, output; left, right, output
#include "ir/models/class_tables.h"
#include "ir/sketch.h"

// Two connections whose local names mean the same dims.
static void relate(mth_sketch *s, mth_connection *a, mth_shape a_shape, mth_connection *b,
                   mth_shape b_shape) {
  if (s->status == MTH_OK)
    s->status = mth_connections_set_shapes(2, (mth_connection *[]){a, b},
                                           (const mth_shape[]){a_shape, b_shape});
}

static mth_status make_permutation(mth_context *context, const mth_arg *args,
                                   mth_model **out_model) {
  (void)args;
  mth_sketch s;
  mth_sketch_begin(&s, context, "PermuteTensor");
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_connection *indices = mth_sketch_input(&s, "indices");
  relate(&s, input, MTH_SHAPE(MTH_LOCAL("N"), MTH_REST), indices, MTH_SHAPE(MTH_LOCAL("N")));
  mth_sketch_output(&s, mth_sketch_binary(&s, "gather", input, indices), "output");
  return mth_sketch_end(&s, out_model);
}

static mth_status make_diagonal(mth_context *context, const mth_arg *args, mth_model **out_model) {
  (void)args;
  mth_sketch s;
  mth_sketch_begin(&s, context, "TransposedDiagonal");
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_sketch_shape(&s, input, MTH_SHAPE(MTH_LOCAL("N"), MTH_LOCAL("N")));
  const mth_dim *N = mth_sketch_dim(&s, input, 0);
  const mth_dim *const column[] = {N, mth_dim_constant(mth_context_dims(context), 1)};
  mth_connection *const operands[] = {
      input, mth_sketch_op(&s, "iota", 0, NULL, 3,
                           (mth_arg[]){MTH_ARG_DS("shape", 1, &N), MTH_ARG_I("axis", 0),
                                       MTH_ARG_T("dtype", MTH_I64)})};
  mth_connection *diagonal = mth_sketch_op(&s, "pick", 2, operands, 0, NULL); // along axis 1
  mth_sketch_output(&s, mth_sketch_reshape(&s, diagonal, 2, column), "output");
  return mth_sketch_end(&s, out_model);
}

static mth_status make_difference(mth_context *context, const mth_arg *args,
                                  mth_model **out_model) {
  (void)args;
  mth_sketch s;
  mth_sketch_begin(&s, context, "CartesianDifference");
  mth_connection *left = mth_sketch_input(&s, "left"), *right = mth_sketch_input(&s, "right");
  relate(&s, left, MTH_SHAPE(MTH_ANY, MTH_LOCAL("d")), right, MTH_SHAPE(MTH_ANY, MTH_LOCAL("d")));
  const mth_dim *one = mth_dim_constant(mth_context_dims(context), 1);
  const mth_dim *d = mth_sketch_dim(&s, left, 1);
  const mth_dim *rows[] = {mth_sketch_dim(&s, left, 0), one, d};
  const mth_dim *columns[] = {one, mth_sketch_dim(&s, right, 0), d};
  mth_connection *difference =
      mth_sketch_binary(&s, "subtract", mth_sketch_reshape(&s, left, 3, rows),
                        mth_sketch_reshape(&s, right, 3, columns));
  mth_sketch_output(&s, difference, "output");
  return mth_sketch_end(&s, out_model);
}

static const mth_class classes[] = {
    MTH_PLAIN_CLASS("PermuteTensor", make_permutation),
    MTH_PLAIN_CLASS("TransposedDiagonal", make_diagonal),
    MTH_PLAIN_CLASS("CartesianDifference", make_difference),
};

mth_class_table mth_rearrangements_classes(void) {
  return (mth_class_table){classes, sizeof classes / sizeof *classes};
}
