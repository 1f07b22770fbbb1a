// layers.c: Linear, Layer, MLP, Embedding, LayerNorm.
#include "ir/models/layers.h"

#include "ir/models/class_tables.h"
#include "ir/sketch.h"

#include <stdio.h>

// The extent that an argument says: a number, a symbol (rule R4), or None, which is open.
static mth_extent extent_of(const mth_arg *arg) {
  if (arg->kind == MTH_ARG_DIM) return MTH_OF(arg->dim);
  return arg->kind == MTH_ARG_INT && arg->i > 0 ? MTH_N(arg->i) : MTH_ANY;
}

static void start(mth_sketch *sketch, mth_connection *parameter, mth_initializer initializer) {
  if (sketch->status == MTH_OK)
    sketch->status = mth_connection_set_initializer(parameter, initializer);
}

static mth_arg number_or_none(const char *key, int64_t number) {
  return number > 0 ? MTH_ARG_I(key, number) : (mth_arg){.key = key, .kind = MTH_ARG_NONE};
}

// ---- Linear -------------------------------------------------------------------------------------

static mth_status make_linear(mth_context *context, const mth_arg *args, mth_model **out_model) {
  const bool use_bias = args[1].b;
  mth_sketch s;
  mth_sketch_begin(&s, context, "Linear");
  mth_connection *weight = mth_sketch_parameter(
      &s, "weight", MTH_SHAPE(extent_of(&args[0]), MTH_ANY), (mth_initializer){0});
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_sketch_name_dim(&s, "input_size", input, -1);
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

mth_status mth_linear(mth_context *context, int64_t dimension, bool use_bias,
                      mth_model **out_model) {
  const mth_arg args[] = {number_or_none("dimension", dimension), MTH_ARG_B("use_bias", use_bias)};
  return mth_model_create_class(context, "Linear", args, 2, out_model);
}

// ---- Layer, MLP ---------------------------------------------------------------------------------

// activation(x); None: x itself.
static mth_connection *activate(mth_sketch *sketch, const mth_arg *activation, mth_connection *x) {
  mth_model *child = NULL;
  mth_connection *input = NULL, *output = NULL;
  if (sketch->status != MTH_OK || activation->kind == MTH_ARG_NONE) return x;
  sketch->status = mth_model_copy(activation->model, &child);
  if (sketch->status != MTH_OK) return NULL;
  sketch->status = mth_model_canonical_input(child, &input);
  if (sketch->status == MTH_OK) sketch->status = mth_model_canonical_output(child, &output);
  if (sketch->status != MTH_OK) {
    mth_model_destroy(child);
    return NULL;
  }
  const mth_wire wire = MTH_WIRE_TO(mth_connection_key(input), x);
  child = mth_sketch_child(sketch, child, NULL, &wire, 1);
  return child ? output : NULL;
}

// Adds Linear(dimension) on `input` with its parameters as keys of the sketch.
static mth_connection *add_linear(mth_sketch *sketch, const char *name, mth_arg dimension,
                                  mth_wire input, const char *weight, const char *bias) {
  mth_model *linear = NULL;
  if (sketch->status != MTH_OK) return NULL;
  dimension.key = "dimension";
  sketch->status = mth_model_create_class(sketch->context, "Linear", &dimension, 1, &linear);
  if (sketch->status != MTH_OK) return NULL;
  const mth_wire wires[] = {MTH_WIRE("weight", weight), input, MTH_WIRE("bias", bias)};
  linear = mth_sketch_child(sketch, linear, name, wires, 3);
  return linear ? mth_sketch_key(sketch, linear, "output") : NULL;
}

static mth_status make_layer(mth_context *context, const mth_arg *args, mth_model **out_model) {
  mth_sketch s;
  mth_sketch_begin(&s, context, "Layer");
  mth_connection *y = add_linear(&s, NULL, args[1], MTH_WIRE("input", "input"), "weight", "bias");
  mth_sketch_name_dim(&s, "input_size", mth_sketch_key(&s, s.model, "input"), -1);
  mth_sketch_output(&s, activate(&s, &args[0], y), "output");
  return mth_sketch_end(&s, out_model);
}

mth_status mth_layer(mth_context *context, const char *activation, int64_t dimension,
                     mth_model **out_model) {
  const mth_arg args[] = {MTH_ARG_S("activation", activation),
                          number_or_none("dimension", dimension)};
  return mth_model_create_class(context, "Layer", args, 2, out_model);
}

static mth_status refuse_mlp(mth_context *context, size_t activations, size_t dimensions) {
  const mth_location at = {mth_context_sink(context), "MLP"};
  if (activations == 0)
    return mth_fail(MTH_INVALID, at, "an MLP wants at least one layer, 0 were given");
  return mth_fail(MTH_INVALID, at,
                  "an MLP wants as many dimensions as activations, found %zu and %zu", dimensions,
                  activations);
}

static mth_status make_mlp(mth_context *context, const mth_arg *args, mth_model **out_model) {
  const mth_arg *activations = &args[0], *dimensions = &args[1];
  if (activations->count == 0 || activations->count != dimensions->count)
    return refuse_mlp(context, activations->count, dimensions->count);
  mth_sketch s;
  mth_sketch_begin(&s, context, "MLP");
  mth_connection *x = NULL;
  for (size_t i = 0; i < activations->count; i++) {
    char name[32], weight[32], bias[32];
    snprintf(name, sizeof name, "layer%zu", i);
    snprintf(weight, sizeof weight, "weight%zu", i);
    snprintf(bias, sizeof bias, "bias%zu", i);
    const mth_wire input = i ? MTH_WIRE_TO("input", x) : MTH_WIRE("input", "input");
    const mth_arg *activation = &activations->items[i], *dimension = &dimensions->items[i];
    x = activate(&s, activation, add_linear(&s, name, *dimension, input, weight, bias));
  }
  mth_sketch_name_dim(&s, "input_size", mth_sketch_key(&s, s.model, "input"), -1);
  mth_sketch_output(&s, x, "output");
  return mth_sketch_end(&s, out_model);
}

mth_status mth_mlp(mth_context *context, size_t count, const char *const *activations,
                   const int64_t *dimensions, mth_model **out_model) {
  if (!context) return MTH_INVALID; // there is nobody to report to
  mth_arena arena = MTH_ARENA_INIT(mth_context_allocator(context));
  mth_arg *names = MTH_NEW_ARRAY(&arena, mth_arg, count);
  mth_arg *numbers = MTH_NEW_ARRAY(&arena, mth_arg, count);
  for (size_t i = 0; names && numbers && i < count; i++) {
    if (activations[i]) names[i] = MTH_ARG_S(NULL, activations[i]);
    numbers[i] = number_or_none(NULL, dimensions[i]);
  }
  const mth_arg args[] = {MTH_ARG_TUPLE_OF("activations", count, names),
                          MTH_ARG_TUPLE_OF("dimensions", count, numbers)};
  const mth_status status =
      names && numbers ? mth_model_create_class(context, "MLP", args, 2, out_model) : MTH_NO_MEMORY;
  mth_arena_reset(&arena);
  return status;
}

// ---- Embedding, LayerNorm -----------------------------------------------------------------------

static mth_status make_embedding(mth_context *context, const mth_arg *args, mth_model **out_model) {
  mth_sketch s;
  mth_sketch_begin(&s, context, "Embedding");
  mth_connection *weight =
      mth_sketch_parameter(&s, "weight", MTH_SHAPE(extent_of(&args[0]), extent_of(&args[1])),
                           (mth_initializer){MTH_INIT_NORMAL, 0, args[2].f, NULL});
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_sketch_output(&s, mth_sketch_binary(&s, "gather", weight, input), "output");
  return mth_sketch_end(&s, out_model);
}

mth_status mth_embedding(mth_context *context, int64_t count, int64_t dimension, double deviation,
                         mth_model **out_model) {
  const mth_arg args[] = {number_or_none("num_embeddings", count), number_or_none("dim", dimension),
                          MTH_ARG_F("deviation", deviation)};
  return mth_model_create_class(context, "Embedding", args, 3, out_model);
}

// (input - mean) / sqrt(variance + eps) over the last axis
static mth_connection *standardize(mth_sketch *s, mth_connection *input, const mth_arg *epsilon) {
  const mth_arg last[] = {MTH_ARG_I("axis", -1), MTH_ARG_B("keepdim", true)};
  mth_connection *mean = mth_sketch_op(s, "mean", 1, &input, 2, last);
  mth_connection *variance = mth_sketch_op(s, "variance", 1, &input, 2, last);
  variance = mth_sketch_binary(s, "add", variance, mth_sketch_float(s, epsilon));
  return mth_sketch_binary(s, "divide", mth_sketch_binary(s, "subtract", input, mean),
                           mth_sketch_unary(s, "sqrt", variance));
}

// parameter [d] goes with x [V.., d]
static void same_last_dim(mth_sketch *s, mth_connection *x, mth_connection *parameter) {
  const mth_shape shapes[] = {MTH_SHAPE(MTH_REST, MTH_LOCAL("d")), MTH_SHAPE(MTH_LOCAL("d"))};
  if (s->status == MTH_OK && parameter)
    s->status = mth_connections_set_shapes(2, (mth_connection *[]){x, parameter}, shapes);
}

static mth_connection *normalize(mth_sketch *s, mth_connection *input, mth_connection *weight,
                                 mth_connection *bias, const mth_arg *epsilon) {
  if (weight && bias)
    return mth_sketch_op(s, "layer_norm", 3, (mth_connection *[]){input, weight, bias}, 1, epsilon);
  mth_connection *y = standardize(s, input, epsilon);
  if (weight) y = mth_sketch_binary(s, "multiply", y, weight);
  return bias ? mth_sketch_binary(s, "add", y, bias) : y;
}

static mth_status make_layer_norm(mth_context *context, const mth_arg *args,
                                  mth_model **out_model) {
  const mth_initializer one = {MTH_INIT_CONSTANT, 1, 0, NULL},
                        zero = {MTH_INIT_CONSTANT, 0, 0, NULL};
  mth_connection *weight = NULL, *bias = NULL;
  mth_sketch s;
  mth_sketch_begin(&s, context, "LayerNorm");
  mth_connection *input = mth_sketch_input(&s, "input");
  if (args[1].b) weight = mth_sketch_parameter(&s, "weight", MTH_SHAPE(MTH_ANY), one);
  if (args[2].b) bias = mth_sketch_parameter(&s, "bias", MTH_SHAPE(MTH_ANY), zero);
  same_last_dim(&s, input, weight);
  same_last_dim(&s, input, bias);
  mth_sketch_output(&s, normalize(&s, input, weight, bias, &args[0]), "output");
  return mth_sketch_end(&s, out_model);
}

mth_status mth_layer_norm(mth_context *context, double epsilon, mth_model **out_model) {
  return mth_model_create_class(context, "LayerNorm", &MTH_ARG_F("eps", epsilon), 1, out_model);
}

// ---- the table ----------------------------------------------------------------------------------

#define OPEN_NUMBER (MTH_TAKES_INTEGER | MTH_TAKES(NONE))
#define ANY_MODEL (MTH_TAKES(MODEL) | MTH_TAKES(NONE))

static const mth_class_param linear[] = {
    MTH_PARAM_OR("dimension", OPEN_NUMBER, {.kind = MTH_ARG_NONE}),
    MTH_PARAM_OR("use_bias", MTH_TAKES(BOOL), {.kind = MTH_ARG_BOOL, .b = true})};
static const mth_class_param layer[] = {
    MTH_PARAM("activation", ANY_MODEL),
    MTH_PARAM_OR("dimension", OPEN_NUMBER, {.kind = MTH_ARG_NONE})};
static const mth_class_param mlp[] = {MTH_PARAM("activations", MTH_TAKES(TUPLE) | MTH_TAKES(MODEL)),
                                      MTH_PARAM("dimensions", MTH_TAKES(TUPLE))};
static const mth_class_param embedding[] = {
    MTH_PARAM_OR("num_embeddings", OPEN_NUMBER, {.kind = MTH_ARG_NONE}),
    MTH_PARAM_OR("dim", OPEN_NUMBER, {.kind = MTH_ARG_NONE}),
    MTH_PARAM_OR("deviation", MTH_TAKES(FLOAT), {.kind = MTH_ARG_FLOAT, .f = 1})};
static const mth_class_param layer_norm[] = {
    MTH_PARAM_OR("eps", MTH_TAKES(FLOAT), {.kind = MTH_ARG_FLOAT, .f = 1e-5}),
    MTH_PARAM_OR("use_scale", MTH_TAKES(BOOL), {.kind = MTH_ARG_BOOL, .b = true}),
    MTH_PARAM_OR("use_bias", MTH_TAKES(BOOL), {.kind = MTH_ARG_BOOL, .b = true})};

static const mth_class classes[] = {
    MTH_CLASS("Linear", linear, make_linear),
    MTH_CLASS("Layer", layer, make_layer),
    MTH_CLASS("MLP", mlp, make_mlp),
    MTH_CLASS("Embedding", embedding, make_embedding),
    MTH_CLASS("LayerNorm", layer_norm, make_layer_norm),
};

mth_class_table mth_layers_classes(void) {
  return (mth_class_table){classes, sizeof classes / sizeof *classes};
}
