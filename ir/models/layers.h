// layers.h: the layers that networks are made of. Public.
//
// Each is a frozen composite, the caller's until it is added to a parent. Parameters are
// differentiable inputs that start as PyTorch's do. `input` is the canonical input. Linear, Layer
// and MLP have the named dim `input_size`: MTH_WIRE_I("input_size", 2048) states the last dim of
// `input` where they are added.
#ifndef MTH_IR_MODELS_LAYERS_H
#define MTH_IR_MODELS_LAYERS_H
#include "ir/model.h"

// output = input weight^T + bias
//
// Shapes  input [V.., in], weight [dimension, in], bias [dimension], output [V.., dimension].
//         dimension <= 0: open, until something fixes it.
// Starts  weight and bias uniform in +-1/sqrt(in).
// Keys    weight, input, bias, output
MTH_MUST_USE mth_status mth_linear(mth_context *context, int64_t dimension, bool use_bias,
                                   mth_model **out_model);

// output = activation(Linear(input)); `activation` names an op of one operand ("Relu").
// Keys  weight, input, bias, output
MTH_MUST_USE mth_status mth_layer(mth_context *context, const char *activation, int64_t dimension,
                                  mth_model **out_model);

// `count` layers in a row; an activation NULL leaves its layer linear.
// Keys   weight0, input, bias0, weight1, bias1, ..., output; children layer0, layer1, ...
// Fails  MTH_INVALID: count 0, or an activation that is no op.
MTH_MUST_USE mth_status mth_mlp(mth_context *context, size_t count, const char *const *activations,
                                const int64_t *dimensions, mth_model **out_model);

// output[i.., :] = weight[input[i..], :]
//
// Shapes  input [V..] of integers, weight [count, dimension], output [V.., dimension].
// Starts  weight normal with the given deviation (PyTorch: 1).
// Keys    weight, input, output
MTH_MUST_USE mth_status mth_embedding(mth_context *context, int64_t count, int64_t dimension,
                                      double deviation, mth_model **out_model);

// output = (input - mean) / sqrt(variance + epsilon) * weight + bias over the last axis, where the
// variance is that of the population.
//
// Source  Ba, Kiros & Hinton 2016, arXiv:1607.06450.
// Shapes  input, output [V.., d], weight, bias [d].
// Starts  weight 1, bias 0.
// Keys    input, weight, bias, output; the class takes use_scale and use_bias too
MTH_MUST_USE mth_status mth_layer_norm(mth_context *context, double epsilon, mth_model **out_model);
#endif
