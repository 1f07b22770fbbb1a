// transformer.h: attention and the block around it. Public; ownership as in layers.h.
#ifndef MTH_IR_MODELS_TRANSFORMER_H
#define MTH_IR_MODELS_TRANSFORMER_H
#include "ir/model.h"

typedef struct mth_attention_options {
  size_t struct_bytes; // sizeof(mth_attention_options)
  int64_t dim;         // D
  int64_t heads;       // H, divides D
  int64_t hidden;      // of the block's MLP; 0: 4 D
  double epsilon;      // of the block's norms; 0: 1e-5
} mth_attention_options;

// q, k, v = split(Linear(3 D)(input)) into H heads of Dh = D / H columns each;
// output = Linear(D)(join heads(softmax(mask(q k^T / sqrt(Dh))) v)), where position t sees 0..t.
//
// Source  Vaswani et al. 2017, arXiv:1706.03762; one Linear for q, k, v as in GPT-2.
// Shapes  input, output [B, T, D]; B and T stay open.
// Keys    weight_qkv, input, bias_qkv, weight_output, bias_output, output; children qkv, projection
// Fails   MTH_INVALID: heads does not divide dim, or one of them is not positive.
MTH_MUST_USE mth_status mth_causal_self_attention(mth_context *context,
                                                  const mth_attention_options *options,
                                                  mth_model **out_model);

// x = input + attention(LayerNorm(input)); output = x + MLP(LayerNorm(x)) with gelu inside.
//
// Shapes  input, output [B, T, D].
// Keys    input, then the children's parameters, unnamed; output; children norm1, attention,
//         norm2, expand, contract
MTH_MUST_USE mth_status mth_transformer_block(mth_context *context,
                                              const mth_attention_options *options,
                                              mth_model **out_model);
#endif
