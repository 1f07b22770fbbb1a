// ops.c: three ops outside of Mithril's tree, as a shared object: `swish`, made of other ops, and
// `prefix_sum` and `suffix_sum`, which are C functions. docs/add-an-op.md explains it.
//
//   cc -std=c17 -shared -fPIC -I<mithril> ops.c -o libops.so
#include "frontend/mithril.h"

// ---- swish(x) = x sigmoid(beta x) ---------------------------------------------------------------

static mth_status infer_swish(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1)); // 0: the operand, 1: the result
  return mth_rule_same_shape(rule, 0, 1);
}

// sigmoid(beta x), which the op and its gradient need
static mth_value gate(mth_builder *b, const mth_op_site *op, mth_value *out_bx) {
  const mth_value x = op->operands[0];
  const mth_value beta = mth_build_constant_like(b, x, mth_site_arg(op, "beta")->f);
  *out_bx = mth_build_multiply(b, beta, x);
  return mth_build_unary(b, "sigmoid", *out_bx);
}

static mth_status decompose_swish(mth_builder *b, const mth_op_site *op, mth_value *out_results) {
  mth_value bx;
  out_results[0] = mth_build_multiply(b, op->operands[0], gate(b, op, &bx));
  return b->status;
}

// g s (1 + beta x (1 - s)), s = sigmoid(beta x)
static mth_status gradient_swish(mth_builder *b, const mth_op_site *op, const mth_value *cotangents,
                                 mth_value *out_cotangents) {
  mth_value bx;
  const mth_value s = gate(b, op, &bx), one = mth_build_constant_like(b, bx, 1);
  const mth_value rest = mth_build_multiply(b, bx, mth_build_subtract(b, one, s));
  const mth_value slope = mth_build_multiply(b, s, mth_build_add(b, one, rest));
  out_cotangents[0] = mth_build_multiply(b, cotangents[0], slope);
  return b->status;
}

static const mth_op_key swish_inputs[] = {
    {.name = "input", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_FLOAT},
    {.name = "beta",
     .kind = MTH_KEY_ARG,
     .arg_kind = MTH_ARG_FLOAT,
     .value = {.kind = MTH_ARG_FLOAT, .f = 1}}};
static const mth_op_key float_output[] = {
    {.name = "output", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_FLOAT}};

static const mth_op swish = {.struct_bytes = sizeof(mth_op),
                             .abi = MTH_OP_ABI,
                             .name = "swish",
                             .model = "Swish",
                             .category = MTH_CATEGORY_MAP,
                             .inputs = swish_inputs,
                             .input_count = 2,
                             .outputs = float_output,
                             .output_count = 1,
                             .infer = infer_swish,
                             .code = {.gradient = gradient_swish, .decompose = decompose_swish}};

// ---- prefix_sum: y[n,d] = sum_{e <= d} x[n,e];  suffix_sum: y[n,d] = sum_{e >= d} x[n,e]
// ---------

// A kernel is told the sizes, neither the element type nor the rank nor arguments: those are fixed
// here.
static mth_status infer_sums(mth_rule *rule) {
  MTH_TRY(mth_rule_state_rank(rule, 0, 2));
  MTH_TRY(mth_rule_state_dtype(rule, 0, MTH_F32));
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  return mth_rule_same_shape(rule, 0, 1);
}

void user_prefix_sum(void *const *buffers, const int64_t *dims, const int64_t *tile,
                     void *scratch) {
  (void)tile, (void)scratch;         // one tile, no scratch
  const float *const x = buffers[0]; // [N,D]: dims[0], dims[1]
  float *const y = buffers[1];       // [N,D]: dims[2], dims[3]
  for (int64_t n = 0; n < dims[0]; ++n) {
    float sum = 0;
    for (int64_t d = 0; d < dims[1]; ++d)
      y[n * dims[1] + d] = sum += x[n * dims[1] + d];
  }
}

void user_suffix_sum(void *const *buffers, const int64_t *dims, const int64_t *tile,
                     void *scratch) {
  (void)tile, (void)scratch;
  const float *const x = buffers[0];
  float *const y = buffers[1];
  for (int64_t n = 0; n < dims[0]; ++n) {
    float sum = 0;
    for (int64_t d = dims[1]; d-- > 0;)
      y[n * dims[1] + d] = sum += x[n * dims[1] + d];
  }
}

// x[n,e] reaches y[n,d] for d >= e, so each sum is the other's gradient.
static mth_status gradient_prefix_sum(mth_builder *b, const mth_op_site *op,
                                      const mth_value *cotangents, mth_value *out_cotangents) {
  (void)op;
  out_cotangents[0] = mth_build_unary(b, "suffix_sum", cotangents[0]);
  return b->status;
}

static mth_status gradient_suffix_sum(mth_builder *b, const mth_op_site *op,
                                      const mth_value *cotangents, mth_value *out_cotangents) {
  (void)op;
  out_cotangents[0] = mth_build_unary(b, "prefix_sum", cotangents[0]);
  return b->status;
}

static const mth_op_key float_input[] = {
    {.name = "input", .kind = MTH_KEY_TENSOR, .families = MTH_FAMILY_FLOAT}};

static const mth_op prefix_sum = {.struct_bytes = sizeof(mth_op),
                                  .abi = MTH_OP_ABI,
                                  .name = "prefix_sum",
                                  .model = "PrefixSum",
                                  .category = MTH_CATEGORY_OPAQUE,
                                  .inputs = float_input,
                                  .input_count = 1,
                                  .outputs = float_output,
                                  .output_count = 1,
                                  .infer = infer_sums,
                                  .code = {.gradient = gradient_prefix_sum,
                                           .kernel_symbol = "user_prefix_sum",
                                           .kernel = user_prefix_sum}};

static const mth_op suffix_sum = {.struct_bytes = sizeof(mth_op),
                                  .abi = MTH_OP_ABI,
                                  .name = "suffix_sum",
                                  .model = "SuffixSum",
                                  .category = MTH_CATEGORY_OPAQUE,
                                  .inputs = float_input,
                                  .input_count = 1,
                                  .outputs = float_output,
                                  .output_count = 1,
                                  .infer = infer_sums,
                                  .code = {.gradient = gradient_suffix_sum,
                                           .kernel_symbol = "user_suffix_sum",
                                           .kernel = user_suffix_sum}};

// ---- The door -----------------------------------------------------------------------------------

const mth_op_library *mth_op_library_get(void) {
  static const mth_op *const ops[] = {&swish, &prefix_sum, &suffix_sum};
  static const mth_op_library library = {sizeof library, MTH_OP_ABI, ops, 3};
  return &library;
}
