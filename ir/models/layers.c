// layers.c: Linear, Layer, MLP, Embedding, LayerNorm.
#include "ir/models/layers.h"

#include "ir/sketch.h"

#include <stdio.h>

static mth_extent open_or(int64_t extent) { return extent > 0 ? MTH_N(extent) : MTH_ANY; }

static void start(mth_sketch *sketch, mth_connection *parameter, mth_initializer initializer) {
  if (sketch->status == MTH_OK)
    sketch->status = mth_connection_set_initializer(parameter, initializer);
}

mth_status mth_linear(mth_context *context, int64_t dimension, bool use_bias,
                      mth_model **out_model) {
  mth_sketch s;
  mth_sketch_begin(&s, context, "Linear");
  mth_connection *weight = mth_sketch_parameter(
      &s, "weight", MTH_SHAPE(open_or(dimension), MTH_ANY), (mth_initializer){0});
  mth_connection *input = mth_sketch_input(&s, "input");
  const mth_initializer uniform = {MTH_INIT_UNIFORM, -1, 1, mth_sketch_dim(&s, weight, 1)};
  start(&s, weight, uniform);
  mth_connection *y =
      mth_sketch_binary(&s, "matmul", input, mth_sketch_unary(&s, "transpose", weight));
  if (use_bias) {
    const mth_dim *out = mth_sketch_dim(&s, weight, 0);
    mth_connection *bias = mth_sketch_parameter(&s, "bias", MTH_SHAPE(MTH_OF(out)), uniform);
    y = mth_sketch_binary(&s, "add", y, bias);
  }
  mth_sketch_output(&s, y, "output");
  return mth_sketch_end(&s, out_model);
}

// A child that is one op of one operand.
static mth_connection *activate(mth_sketch *sketch, const char *activation, mth_connection *x) {
  return activation ? mth_sketch_unary(sketch, activation, x) : x;
}

// Adds Linear(dimension) on `input` with its parameters as keys of the sketch.
static mth_connection *add_linear(mth_sketch *sketch, const char *name, int64_t dimension,
                                  mth_wire input, const char *weight, const char *bias) {
  mth_model *linear = NULL;
  if (sketch->status != MTH_OK) return NULL;
  sketch->status = mth_linear(sketch->context, dimension, true, &linear);
  if (sketch->status != MTH_OK) return NULL;
  const mth_wire wires[] = {MTH_WIRE("weight", weight), input, MTH_WIRE("bias", bias)};
  linear = mth_sketch_child(sketch, linear, name, wires, 3);
  return linear ? mth_sketch_key(sketch, linear, "output") : NULL;
}

mth_status mth_layer(mth_context *context, const char *activation, int64_t dimension,
                     mth_model **out_model) {
  mth_sketch s;
  mth_sketch_begin(&s, context, "Layer");
  mth_connection *y = add_linear(&s, NULL, dimension, MTH_WIRE("input", "input"), "weight", "bias");
  mth_sketch_output(&s, activate(&s, activation, y), "output");
  return mth_sketch_end(&s, out_model);
}

mth_status mth_mlp(mth_context *context, size_t count, const char *const *activations,
                   const int64_t *dimensions, mth_model **out_model) {
  mth_sketch s;
  mth_sketch_begin(&s, context, "MLP");
  mth_connection *x = NULL;
  for (size_t i = 0; i < count; i++) {
    char name[32], weight[32], bias[32];
    snprintf(name, sizeof name, "layer%zu", i);
    snprintf(weight, sizeof weight, "weight%zu", i);
    snprintf(bias, sizeof bias, "bias%zu", i);
    const mth_wire input = i ? MTH_WIRE_TO("input", x) : MTH_WIRE("input", "input");
    x = activate(&s, activations[i], add_linear(&s, name, dimensions[i], input, weight, bias));
  }
  if (count == 0 && s.status == MTH_OK)
    s.status = mth_fail(MTH_INVALID, (mth_location){mth_context_sink(context), "MLP"},
                        "an MLP wants at least one layer, 0 were given");
  mth_sketch_output(&s, x, "output");
  return mth_sketch_end(&s, out_model);
}

mth_status mth_embedding(mth_context *context, int64_t count, int64_t dimension, double deviation,
                         mth_model **out_model) {
  mth_sketch s;
  mth_sketch_begin(&s, context, "Embedding");
  mth_connection *weight =
      mth_sketch_parameter(&s, "weight", MTH_SHAPE(open_or(count), open_or(dimension)),
                           (mth_initializer){MTH_INIT_NORMAL, 0, deviation, NULL});
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_sketch_output(&s, mth_sketch_binary(&s, "gather", weight, input), "output");
  return mth_sketch_end(&s, out_model);
}

mth_status mth_layer_norm(mth_context *context, double epsilon, mth_model **out_model) {
  mth_sketch s;
  mth_sketch_begin(&s, context, "LayerNorm");
  mth_connection *weight = mth_sketch_parameter(&s, "weight", MTH_SHAPE(MTH_ANY),
                                                (mth_initializer){MTH_INIT_CONSTANT, 1, 0, NULL});
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_connection *bias = mth_sketch_parameter(&s, "bias", MTH_SHAPE(MTH_ANY),
                                              (mth_initializer){MTH_INIT_CONSTANT, 0, 0, NULL});
  mth_connection *y = mth_sketch_op(&s, "layer_norm", 3, (mth_connection *[]){input, weight, bias},
                                    1, (mth_arg[]){MTH_ARG_F("eps", epsilon)});
  mth_sketch_output(&s, y, "output");
  return mth_sketch_end(&s, out_model);
}
