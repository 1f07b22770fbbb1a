// distances.c: distances of points, and how well predicted ones agree with given ones, as classes:
// NormModifier, DistanceMatrix, EncoderDistanceMatrix, MDSCore, MDS.
//
//   NormModifier(n)         = 4 (1 - 2 |((n - 1) mod 8) / 8 - 1/2|) + 1
//   DistanceMatrix(x, y, p) = sum_k |x_ik - y_jk|^p
//   EncoderDistanceMatrix(get_final_distance=true, robust=true)(norm, x, y) = D, or D^(1/p):
//     p = NormModifier(norm), D = DistanceMatrix(x, y, p)
//   MDSCore(exact_distances=true, robust=true)(norm, q, d) with p = NormModifier(norm):
//     exact  (sum |d - q^(1/p)|^p / sum d^p)^(1/p)
//     else   (sum |d^(1/p) - q^(1/p)|^p / sum d)^(1/p)
//   MDS(prediction_dim, input_type="distances") = MDSCore of the distances of `coords` and of
//     `input`: a matrix of them, one of "powered_distances" D, or "points" of which D is taken; it
//     is exact for "distances" alone. And coords once more
//
// Shapes  coords [N, prediction_dim]; x [N, d], y [M, d], D [N, M]; of MDSCore q and d [N, N];
//         norm a number, [] or [1].
// Numbers robust powers take the absolute value of their base and stay finite near 0.
#include "ir/models/class_tables.h"
#include "ir/models/pairwise.h"
#include "ir/sketch.h"

#include <string.h>

static mth_connection *modify_norm(mth_sketch *s, mth_connection *norm) {
  if (s->status != MTH_OK) return NULL;
  mth_connection *shifted = mth_divide_number(mth_subtract_number(norm, 1), 8);
  mth_connection *part = mth_subtract(shifted, mth_express_unary("floor", shifted));
  mth_connection *wave = mth_abs(mth_subtract_number(part, 0.5));
  return mth_add_number(mth_multiply_number(mth_add_number(mth_multiply_number(wave, -2), 1), 4),
                        1);
}

static mth_status make_norm_modifier(mth_context *context, const mth_arg *args,
                                     mth_model **out_model) {
  (void)args;
  mth_sketch s;
  mth_sketch_begin(&s, context, "NormModifier");
  mth_connection *norm = mth_sketch_input(&s, "input");
  mth_sketch_output(&s, modify_norm(&s, norm), "output");
  return mth_sketch_end(&s, out_model);
}

static mth_connection *sum_distances(mth_sketch *s, mth_connection *x, mth_connection *y,
                                     mth_connection *p) {
  mth_connection *d = mth_sketch_unary(s, "abs", mth_sketch_pairwise(s, x, y));
  d = mth_sketch_binary(s, "power", d, p);
  d = mth_sketch_op(s, "sum", 1, &d, 1, (mth_arg[]){MTH_ARG_IS("axis", 1, &(int64_t){2})});
  const mth_shape shapes[] = {MTH_SHAPE(MTH_LOCAL("N"), MTH_LOCAL("d")),
                              MTH_SHAPE(MTH_LOCAL("M"), MTH_LOCAL("d")),
                              MTH_SHAPE(MTH_LOCAL("N"), MTH_LOCAL("M"))};
  if (s->status == MTH_OK)
    s->status = mth_connections_set_shapes(3, (mth_connection *[]){x, y, d}, shapes);
  return d;
}

static mth_status make_distance_matrix(mth_context *context, const mth_arg *args,
                                       mth_model **out_model) {
  (void)args;
  mth_sketch s;
  mth_sketch_begin(&s, context, "DistanceMatrix");
  mth_connection *const x[] = {mth_sketch_input(&s, "left"), mth_sketch_input(&s, "right")};
  mth_connection *y = sum_distances(&s, x[0], x[1], mth_sketch_input(&s, "norm"));
  mth_sketch_output(&s, y, "output");
  mth_sketch_canonical(&s, 2, x, y);
  return mth_sketch_end(&s, out_model);
}

static mth_connection *robust_power(mth_sketch *s, mth_connection *base, mth_connection *exponent,
                                    bool robust) {
  const mth_arg arg = MTH_ARG_B("robust", true);
  mth_connection *const operands[] = {base, exponent};
  return mth_sketch_op(s, "power", 2, operands, robust ? 1 : 0, &arg);
}

static mth_status make_encoder(mth_context *context, const mth_arg *args, mth_model **out_model) {
  mth_sketch s;
  mth_sketch_begin(&s, context, "EncoderDistanceMatrix");
  mth_connection *p = modify_norm(&s, mth_sketch_input(&s, "norm"));
  mth_connection *const x[] = {mth_sketch_input(&s, "input1"), mth_sketch_input(&s, "input2")};
  mth_connection *y = sum_distances(&s, x[0], x[1], p);
  if (args[0].b) {
    mth_connection *q = mth_sketch_with_number(&s, "divide", "denominator", p, "numerator", 1);
    y = robust_power(&s, y, q, args[1].b);
  }
  mth_sketch_output(&s, y, "output");
  mth_sketch_canonical(&s, 2, x, y);
  return mth_sketch_end(&s, out_model);
}

static mth_status make_mds(mth_context *context, const mth_arg *args, mth_model **out_model) {
  const bool exact = args[0].b, robust = args[1].b;
  mth_sketch s;
  mth_sketch_begin(&s, context, "MDSCore");
  mth_connection *p = modify_norm(&s, mth_sketch_input(&s, "norm"));
  mth_connection *q = mth_sketch_unary(&s, "stable_reciprocal", p);
  mth_connection *predicted = mth_sketch_input(&s, "pred_distances");
  mth_connection *given = mth_sketch_input(&s, "distances");
  const mth_shape square = MTH_SHAPE(MTH_LOCAL("N"), MTH_LOCAL("N"));
  if (s.status == MTH_OK)
    s.status = mth_connections_set_shapes(2, (mth_connection *[]){predicted, given},
                                          (const mth_shape[]){square, square});
  mth_connection *roots = exact ? given : robust_power(&s, given, q, robust);
  mth_connection *error =
      mth_sketch_binary(&s, "subtract", roots, robust_power(&s, predicted, q, robust));
  mth_connection *errors =
      mth_sketch_unary(&s, "sum", robust_power(&s, mth_sketch_unary(&s, "abs", error), p, robust));
  mth_connection *whole =
      mth_sketch_unary(&s, "sum", exact ? robust_power(&s, given, p, robust) : given);
  mth_connection *share =
      mth_sketch_binary(&s, "multiply", errors, mth_sketch_unary(&s, "stable_reciprocal", whole));
  mth_connection *y = robust_power(&s, share, q, robust);
  mth_sketch_output(&s, y, "output");
  mth_sketch_canonical(&s, 1, &predicted, y);
  return mth_sketch_end(&s, out_model);
}

// ---- MDS ----------------------------------------------------------------------------------------

// D of one table with itself, by a child with its inputs wired to `points`.
static mth_connection *encode(mth_sketch *s, mth_connection *points) {
  const mth_arg args[] = {MTH_ARG_B("get_final_distance", false)};
  const mth_wire wires[] = {MTH_WIRE("norm", "norm"), MTH_WIRE_TO("input1", points),
                            MTH_WIRE_TO("input2", points)};
  mth_model *child = NULL;
  if (s->status != MTH_OK) return NULL;
  s->status = mth_model_create_class(s->context, "EncoderDistanceMatrix", args, 1, &child);
  child = mth_sketch_child(s, child, NULL, wires, 3);
  return child ? mth_sketch_key(s, child, "output") : NULL;
}

static mth_status make_mds_of(mth_context *context, const mth_arg *args, mth_model **out_model) {
  const bool points = strcmp(args[1].s, "points") == 0, plain = strcmp(args[1].s, "distances") == 0;
  if (!points && !plain && strcmp(args[1].s, "powered_distances") != 0)
    return mth_fail(MTH_INVALID, (mth_location){mth_context_sink(context), "MDS"},
                    "wanted \"points\", \"distances\" or \"powered_distances\" in 'input_type', "
                    "found \"%s\"",
                    args[1].s);
  const mth_arg exact = MTH_ARG_B("exact_distances", plain);
  mth_model *core = NULL;
  mth_sketch s;
  mth_sketch_begin(&s, context, "MDS");
  (void)mth_sketch_input(&s, "norm");
  mth_connection *coords = mth_sketch_input(&s, "coords");
  mth_sketch_shape(&s, coords, MTH_SHAPE(MTH_ANY, MTH_N(args[0].i)));
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_connection *predicted = encode(&s, coords);
  mth_connection *given = points ? encode(&s, input) : input;
  if (s.status == MTH_OK) s.status = mth_model_create_class(context, "MDSCore", &exact, 1, &core);
  const mth_wire wires[] = {MTH_WIRE("norm", "norm"), MTH_WIRE_TO("pred_distances", predicted),
                            MTH_WIRE_TO("distances", given), MTH_WIRE("output", "output")};
  mth_sketch_child(&s, core, NULL, wires, 4);
  mth_connection *y = mth_sketch_key(&s, s.model, "output");
  mth_sketch_output(&s, y, NULL);
  mth_sketch_output(&s, mth_sketch_unary(&s, "buffer", coords), "predicted_coords");
  mth_sketch_canonical(&s, 1, &input, y);
  return mth_sketch_end(&s, out_model);
}

static const mth_class_param mds_of[] = {
    MTH_PARAM("prediction_dim", MTH_TAKES(INT)),
    MTH_PARAM_OR("input_type", MTH_TAKES(STRING), {.kind = MTH_ARG_STRING, .s = "distances"})};
static const mth_class_param encoder[] = {
    MTH_PARAM_OR("get_final_distance", MTH_TAKES(BOOL), {.kind = MTH_ARG_BOOL, .b = true}),
    MTH_PARAM_OR("robust", MTH_TAKES(BOOL), {.kind = MTH_ARG_BOOL, .b = true})};
static const mth_class_param mds[] = {
    MTH_PARAM_OR("exact_distances", MTH_TAKES(BOOL), {.kind = MTH_ARG_BOOL, .b = true}),
    MTH_PARAM_OR("robust", MTH_TAKES(BOOL), {.kind = MTH_ARG_BOOL, .b = true})};

static const mth_class classes[] = {
    MTH_PLAIN_CLASS("NormModifier", make_norm_modifier),
    MTH_PLAIN_CLASS("DistanceMatrix", make_distance_matrix),
    MTH_CLASS("EncoderDistanceMatrix", encoder, make_encoder),
    MTH_CLASS("MDSCore", mds, make_mds),
    MTH_CLASS("MDS", mds_of, make_mds_of),
};

mth_class_table mth_distances_classes(void) {
  return (mth_class_table){classes, sizeof classes / sizeof *classes};
}
