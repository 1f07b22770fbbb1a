// estimators.c: small models with a layer of parameters, as classes: LinearSVM,
// LogisticRegression, PolynomialRegression, ElementWiseAffine; and SiLU.
//
//   LinearSVM(x)          = x weight^T + bias, and its sign
//   LogisticRegression(x) = x weight^T + bias, and its sigmoid
//   PolynomialRegression(degree, dimension=None)(x) = Linear(dimension) of the monomials of x's
//                           columns, up to `degree`
//   ElementWiseAffine(x)  = x * weight + bias
//   SiLU(x)               = x / (1 + exp(-x))
//
// Shapes  of the first two: input [V.., in], weight [1, in], bias [1], outputs [V.., 1].
//         PolynomialRegression: input [N, d], weight [dimension, C(d + degree, degree) - 1].
// Keys    weight, input, bias, output, decision_output or probs_output; input, weight, bias,
//         output; input, weight, bias, output; input, output. A chain goes on from `output`.
#include "ir/models/class_tables.h"
#include "ir/sketch.h"

// Linear(1) and an op on its output, which is an output too.
static mth_status make_linear_and(mth_context *context, const char *class_name, const char *op,
                                  const char *output, mth_model **out_model) {
  const mth_wire wires[] = {MTH_WIRE("weight", "weight"), MTH_WIRE("input", "input"),
                            MTH_WIRE("bias", "bias"), MTH_WIRE("output", "output")};
  mth_model *linear = NULL;
  mth_sketch s;
  mth_sketch_begin(&s, context, class_name);
  if (s.status == MTH_OK)
    s.status = mth_model_create_class(context, "Linear", &MTH_ARG_I("dimension", 1), 1, &linear);
  mth_sketch_child(&s, linear, NULL, wires, 4);
  mth_sketch_name_dim(&s, "input_size", mth_sketch_key(&s, s.model, "input"), -1);
  mth_connection *y = mth_sketch_key(&s, s.model, "output");
  mth_sketch_output(&s, y, NULL);
  mth_sketch_output(&s, mth_sketch_unary(&s, op, y), output);
  return mth_sketch_end(&s, out_model);
}

static mth_status make_linear_svm(mth_context *context, const mth_arg *args,
                                  mth_model **out_model) {
  (void)args;
  return make_linear_and(context, "LinearSVM", "sign", "decision_output", out_model);
}

static mth_status make_logistic_regression(mth_context *context, const mth_arg *args,
                                           mth_model **out_model) {
  (void)args;
  return make_linear_and(context, "LogisticRegression", "sigmoid", "probs_output", out_model);
}

static mth_status make_polynomial(mth_context *context, const mth_arg *args,
                                  mth_model **out_model) {
  mth_model *features = NULL, *linear = NULL;
  mth_arg degree = args[0], dimension = args[1];
  mth_sketch s;
  mth_sketch_begin(&s, context, "PolynomialRegression");
  degree.key = "degree";
  dimension.key = "dimension";
  const mth_wire input = MTH_WIRE("input", "input");
  if (s.status == MTH_OK)
    s.status = mth_model_create_op(context, "polynomial_features", &degree, 1, &features);
  features = mth_sketch_child(&s, features, NULL, &input, 1);
  if (s.status == MTH_OK)
    s.status = mth_model_create_class(context, "Linear", &dimension, 1, &linear);
  mth_connection *x = features ? mth_sketch_key(&s, features, "output") : NULL;
  const mth_wire wires[] = {MTH_WIRE_TO("input", x), MTH_WIRE("weight", "weight"),
                            MTH_WIRE("bias", "bias")};
  linear = mth_sketch_child(&s, linear, NULL, wires, 3);
  mth_sketch_output(&s, linear ? mth_sketch_key(&s, linear, "output") : NULL, "output");
  return mth_sketch_end(&s, out_model);
}

static mth_status make_affine(mth_context *context, const mth_arg *args, mth_model **out_model) {
  (void)args;
  mth_sketch s;
  mth_sketch_begin(&s, context, "ElementWiseAffine");
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_connection *weight = mth_sketch_input(&s, "weight");
  mth_connection *bias = mth_sketch_input(&s, "bias");
  mth_connection *scaled = mth_sketch_binary(&s, "multiply", input, weight);
  mth_sketch_output(&s, mth_sketch_binary(&s, "add", scaled, bias), "output");
  return mth_sketch_end(&s, out_model);
}

static mth_status make_silu(mth_context *context, const mth_arg *args, mth_model **out_model) {
  (void)args;
  mth_sketch s;
  mth_sketch_begin(&s, context, "SiLU");
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_connection *power = mth_exp(mth_negate(input));
  mth_sketch_output(&s, mth_divide(input, mth_add_number(power, 1)), "output");
  return mth_sketch_end(&s, out_model);
}

static const mth_class_param polynomial[] = {
    MTH_PARAM("degree", MTH_TAKES(INT)),
    MTH_PARAM_OR("dimension", MTH_TAKES(INT) | MTH_TAKES(NONE), {.kind = MTH_ARG_NONE})};

static const mth_class classes[] = {
    MTH_PLAIN_CLASS("LinearSVM", make_linear_svm),
    MTH_PLAIN_CLASS("LogisticRegression", make_logistic_regression),
    MTH_CLASS("PolynomialRegression", polynomial, make_polynomial),
    MTH_PLAIN_CLASS("ElementWiseAffine", make_affine),
    MTH_PLAIN_CLASS("SiLU", make_silu),
};

mth_class_table mth_estimators_classes(void) {
  return (mth_class_table){classes, sizeof classes / sizeof *classes};
}
