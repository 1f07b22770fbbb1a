// transformer.c: causal self-attention and the transformer block.
#include "ir/models/transformer.h"

#include "ir/models/layers.h"
#include "ir/sketch.h"

#include <math.h>

static mth_status check(mth_context *context, const mth_attention_options *options) {
  if (!context) return MTH_INVALID; // there is nobody to report to
  const mth_location at = {mth_context_sink(context), "attention"};
  if (!options || options->struct_bytes != sizeof *options)
    return mth_fail(MTH_INVALID, at, "wants mth_attention_options of %zu bytes",
                    sizeof(mth_attention_options));
  if (options->dim <= 0 || options->heads <= 0 || options->dim % options->heads != 0)
    return mth_fail(MTH_INVALID, at,
                    "wants heads that divide dim, both positive; found heads %lld, dim %lld",
                    (long long)options->heads, (long long)options->dim);
  return MTH_OK;
}

// Adds Linear(dimension) on x; its parameters are named if `weight` is.
static mth_connection *linear(mth_sketch *s, const char *name, int64_t dimension, mth_connection *x,
                              const char *weight, const char *bias) {
  mth_model *child = NULL;
  if (s->status != MTH_OK) return NULL;
  s->status = mth_linear(s->context, dimension, true, &child);
  if (s->status != MTH_OK) return NULL;
  const mth_wire wires[] = {MTH_WIRE_TO("input", x), MTH_WIRE("weight", weight),
                            MTH_WIRE("bias", bias)};
  child = mth_sketch_child(s, child, name, wires, weight ? 3 : 1);
  return child ? mth_sketch_key(s, child, "output") : NULL;
}

// Columns [part * D, part * D + D) of x [B, T, 3 D] as heads [B, H, T, Dh], axes in `order`.
static mth_connection *take_heads(mth_sketch *s, mth_connection *x, int64_t part, int64_t D,
                                  int64_t H, const mth_dim *B, const mth_dim *T,
                                  const int64_t order[4]) {
  mth_dim_table *dims = mth_context_dims(s->context);
  const mth_dim *zero = mth_dim_constant(dims, 0);
  const mth_dim *start[] = {zero, zero, mth_dim_constant(dims, part * D)};
  const mth_dim *size[] = {B, T, mth_dim_constant(dims, D)};
  const mth_dim *split[] = {B, T, mth_dim_constant(dims, H), mth_dim_constant(dims, D / H)};
  const mth_arg args[] = {MTH_ARG_DS("start", 3, start), MTH_ARG_DS("size", 3, size)};
  mth_connection *columns = mth_sketch_op(s, "slice", 1, &x, 2, args);
  return mth_sketch_transpose(s, mth_sketch_reshape(s, columns, 4, split), 4, order);
}

// mask[i, j] = j <= i
static mth_connection *causal_mask(mth_sketch *s, const mth_dim *T) {
  const mth_dim *square[] = {T, T};
  mth_connection *index[2];
  for (int64_t axis = 0; axis < 2; axis++)
    index[axis] = mth_sketch_op(s, "iota", 0, NULL, 3,
                                (mth_arg[]){MTH_ARG_DS("shape", 2, square), MTH_ARG_I("axis", axis),
                                            MTH_ARG_T("dtype", MTH_I64)});
  return mth_sketch_binary(s, "less_equal", index[1], index[0]);
}

mth_status mth_causal_self_attention(mth_context *context, const mth_attention_options *options,
                                     mth_model **out_model) {
  MTH_TRY(check(context, options));
  const int64_t D = options->dim, H = options->heads;
  const int64_t rows[] = {0, 2, 1, 3}, columns[] = {0, 2, 3, 1};
  mth_sketch s;
  mth_sketch_begin(&s, context, "CausalSelfAttention");
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_sketch_shape(&s, input, MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_N(D)));
  const mth_dim *B = mth_sketch_dim(&s, input, 0), *T = mth_sketch_dim(&s, input, 1);
  mth_connection *qkv = linear(&s, "qkv", 3 * D, input, "weight_qkv", "bias_qkv");
  mth_connection *q = take_heads(&s, qkv, 0, D, H, B, T, rows);
  mth_connection *k = take_heads(&s, qkv, 1, D, H, B, T, columns);
  mth_connection *v = take_heads(&s, qkv, 2, D, H, B, T, rows);
  mth_connection *scale = mth_sketch_number(&s, 1 / sqrt((double)(D / H)));
  mth_connection *hidden = mth_sketch_number(&s, -(double)INFINITY);
  mth_connection *mask = causal_mask(&s, T);
  mth_connection *scores =
      mth_sketch_binary(&s, "multiply", mth_sketch_binary(&s, "matmul", q, k), scale);
  scores = mth_sketch_op(&s, "where", 3, (mth_connection *[]){mask, scores, hidden}, 0, NULL);
  mth_connection *weights =
      mth_sketch_op(&s, "softmax", 1, &scores, 1, (mth_arg[]){MTH_ARG_I("axis", -1)});
  mth_connection *heads =
      mth_sketch_transpose(&s, mth_sketch_binary(&s, "matmul", weights, v), 4, rows);
  const mth_dim *joined[] = {B, T, mth_dim_constant(mth_context_dims(context), D)};
  mth_connection *y = mth_sketch_reshape(&s, heads, 3, joined);
  y = linear(&s, "projection", D, y, "weight_output", "bias_output");
  mth_sketch_output(&s, y, "output");
  return mth_sketch_end(&s, out_model);
}

static mth_connection *norm(mth_sketch *s, const char *name, double epsilon, mth_connection *x) {
  mth_model *child = NULL;
  if (s->status != MTH_OK) return NULL;
  s->status = mth_layer_norm(s->context, epsilon, &child);
  if (s->status != MTH_OK) return NULL;
  child = mth_sketch_child(s, child, name, (mth_wire[]){MTH_WIRE_TO("input", x)}, 1);
  return child ? mth_sketch_key(s, child, "output") : NULL;
}

static mth_connection *attend(mth_sketch *s, const mth_attention_options *options,
                              mth_connection *x) {
  mth_model *child = NULL;
  if (s->status != MTH_OK) return NULL;
  s->status = mth_causal_self_attention(s->context, options, &child);
  if (s->status != MTH_OK) return NULL;
  child = mth_sketch_child(s, child, "attention", (mth_wire[]){MTH_WIRE_TO("input", x)}, 1);
  return child ? mth_sketch_key(s, child, "output") : NULL;
}

mth_status mth_transformer_block(mth_context *context, const mth_attention_options *options,
                                 mth_model **out_model) {
  MTH_TRY(check(context, options));
  const int64_t D = options->dim;
  const int64_t hidden = options->hidden > 0 ? options->hidden : 4 * D;
  const double epsilon = options->epsilon > 0 ? options->epsilon : 1e-5;
  mth_sketch s;
  mth_sketch_begin(&s, context, "TransformerBlock");
  mth_connection *input = mth_sketch_input(&s, "input");
  mth_sketch_shape(&s, input, MTH_SHAPE(MTH_ANY, MTH_ANY, MTH_N(D)));
  mth_connection *y = attend(&s, options, norm(&s, "norm1", epsilon, input));
  mth_connection *x = mth_sketch_binary(&s, "add", input, y);
  y = norm(&s, "norm2", epsilon, x);
  y = mth_sketch_unary(&s, "gelu", linear(&s, "expand", hidden, y, NULL, NULL));
  y = linear(&s, "contract", D, y, NULL, NULL);
  mth_sketch_output(&s, mth_sketch_binary(&s, "add", x, y), "output");
  return mth_sketch_end(&s, out_model);
}
