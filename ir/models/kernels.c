// kernels.c: kernels of two tables of points, as classes: RBFKernel, PolynomialKernel; and
// KernelizedSVM, a layer over one.
//
//   RBFKernel(x, y)             = l_scale^2 exp(-1/2 |x - y|^2 / sigma^2)
//   PolynomialKernel(robust=true)(x, y) = (x y^T + poly_coef)^degree; robust: |base|^degree
//   KernelizedSVM(kernel)(x, y) = kernel(x, y) weight^T + bias
//
// Shapes  input1 [N, d], input2 [M, d], outputs [N, M]; sigma, l_scale [1]; weight [1, M], bias
//         [1], output of KernelizedSVM [N, 1].
// Keys    input1, input2, (-1/2,) sigma, l_scale, output; input2, input1, poly_coef, degree,
//         output; input1, input2, the kernel's, weight, bias, kernel, output. Both tables are
//         canonical.
#include "ir/models/class_tables.h"
#include "ir/models/pairwise.h"
#include "ir/sketch.h"

#include <string.h>

static mth_status make_rbf(mth_context *context, const mth_arg *args, mth_model **out_model) {
  (void)args;
  mth_sketch s;
  mth_sketch_begin(&s, context, "RBFKernel");
  mth_connection *const x[] = {mth_sketch_input(&s, "input1"), mth_sketch_input(&s, "input2")};
  mth_connection *d = mth_sketch_pairwise(&s, x[0], x[1]);
  mth_connection *squares = mth_sketch_unary(&s, "square", d);
  mth_connection *d2 =
      mth_sketch_op(&s, "sum", 1, &squares, 1, (mth_arg[]){MTH_ARG_IS("axis", 1, &(int64_t){2})});
  mth_connection *halved = mth_sketch_with_number(&s, "multiply", "left", d2, "right", -0.5);
  mth_connection *sigma = mth_sketch_input(&s, "sigma");
  mth_connection *l_scale = mth_sketch_input(&s, "l_scale");
  mth_sketch_shape(&s, sigma, MTH_SHAPE(MTH_N(1)));
  mth_sketch_shape(&s, l_scale, MTH_SHAPE(MTH_N(1)));
  mth_connection *exponent =
      mth_sketch_binary(&s, "divide", halved, mth_sketch_unary(&s, "square", sigma));
  mth_connection *y = mth_sketch_binary(&s, "multiply", mth_sketch_unary(&s, "square", l_scale),
                                        mth_sketch_unary(&s, "exp", exponent));
  mth_sketch_output(&s, y, "output");
  mth_sketch_canonical(&s, 2, x, y);
  return mth_sketch_end(&s, out_model);
}

static mth_status make_polynomial(mth_context *context, const mth_arg *args,
                                  mth_model **out_model) {
  mth_sketch s;
  mth_sketch_begin(&s, context, "PolynomialKernel");
  mth_connection *input2 = mth_sketch_input(&s, "input2");
  mth_connection *input1 = mth_sketch_input(&s, "input1");
  mth_connection *poly_coef = mth_sketch_input(&s, "poly_coef");
  mth_connection *degree = mth_sketch_input(&s, "degree");
  mth_sketch_shape(&s, input1, MTH_SHAPE(MTH_ANY, MTH_ANY));
  mth_sketch_shape(&s, input2, MTH_SHAPE(MTH_ANY, MTH_OF(mth_sketch_dim(&s, input1, 1))));
  mth_connection *products =
      mth_sketch_binary(&s, "matmul", input1, mth_sketch_unary(&s, "transpose", input2));
  mth_connection *base = mth_sketch_binary(&s, "add", products, poly_coef);
  const mth_arg robust = MTH_ARG_B("robust", true);
  mth_connection *y =
      mth_sketch_op(&s, "power", 2, (mth_connection *[]){base, degree}, args[0].b ? 1 : 0, &robust);
  mth_sketch_output(&s, y, "output");
  mth_sketch_canonical(&s, 2, (mth_connection *[]){input1, input2}, y);
  return mth_sketch_end(&s, out_model);
}

// ---- KernelizedSVM ------------------------------------------------------------------------------

enum { most_keys = 16 };

// Adds a copy of the kernel; its inputs become the composite's, its output `kernel`.
static mth_model *add_kernel(mth_sketch *s, const mth_model *kernel) {
  mth_wire wires[most_keys] = {MTH_WIRE("input1", "input1"), MTH_WIRE("input2", "input2"),
                               MTH_WIRE("output", "kernel")};
  size_t count = 3;
  mth_model *copy = NULL;
  if (s->status != MTH_OK) return NULL;
  for (size_t i = 0; i < mth_model_connection_count(kernel) && count < most_keys; i++) {
    const mth_connection *c = mth_model_connection(kernel, i);
    const char *key = mth_connection_key(c);
    const bool is_table = strcmp(key, "input1") == 0 || strcmp(key, "input2") == 0;
    if (mth_connection_class(c) == MTH_KEY_INPUT && mth_connection_is_named(c) && !is_table)
      wires[count++] = MTH_WIRE(key, key);
  }
  s->status = mth_model_copy(kernel, &copy);
  return mth_sketch_child(s, copy, NULL, wires, count);
}

static mth_status make_kernelized_svm(mth_context *context, const mth_arg *args,
                                      mth_model **out_model) {
  mth_model *linear = NULL;
  mth_sketch s;
  mth_sketch_begin(&s, context, "KernelizedSVM");
  add_kernel(&s, args[0].model);
  mth_connection *kernel = mth_sketch_key(&s, s.model, "kernel");
  if (s.status == MTH_OK)
    s.status = mth_model_create_class(context, "Linear", &MTH_ARG_I("dimension", 1), 1, &linear);
  const mth_wire wires[] = {MTH_WIRE_TO("input", kernel), MTH_WIRE("weight", "weight"),
                            MTH_WIRE("bias", "bias"), MTH_WIRE("output", "output")};
  mth_sketch_child(&s, linear, NULL, wires, 4);
  mth_connection *y = mth_sketch_key(&s, s.model, "output");
  mth_sketch_output(&s, kernel, NULL);
  mth_sketch_output(&s, y, NULL);
  mth_connection *const tables[] = {mth_sketch_key(&s, s.model, "input1"),
                                    mth_sketch_key(&s, s.model, "input2")};
  mth_sketch_canonical(&s, 2, tables, y);
  return mth_sketch_end(&s, out_model);
}

static const mth_class_param polynomial[] = {
    MTH_PARAM_OR("robust", MTH_TAKES(BOOL), {.kind = MTH_ARG_BOOL, .b = true})};
static const mth_class_param svm[] = {MTH_PARAM("kernel", MTH_TAKES(MODEL))};

static const mth_class classes[] = {
    MTH_PLAIN_CLASS("RBFKernel", make_rbf),
    MTH_CLASS("PolynomialKernel", polynomial, make_polynomial),
    MTH_CLASS("KernelizedSVM", svm, make_kernelized_svm),
};

mth_class_table mth_kernels_classes(void) {
  return (mth_class_table){classes, sizeof classes / sizeof *classes};
}
