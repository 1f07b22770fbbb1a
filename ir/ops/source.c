// source.c: what ops that make tensors out of numbers mean.
//
// Shapes  the argument `shape`. iota counts 0, 1, ... along `axis`. random_* draw from the
//         counter-based generator by (seed, stream, element index): random_uniform in [0,1).
//         dim_values holds `dims`, integers that may be symbols of the program, in row-major order.
#include "ir/ops/signature.h"

// States the shape and element type of the result from the arguments.
static mth_status infer_made(mth_rule *rule) {
  const size_t result = mth_rule_result(rule, 0);
  const mth_arg *shape = mth_rule_arg(rule, "shape"), *dtype = mth_rule_arg(rule, "dtype");
  if (dtype && dtype->kind == MTH_ARG_DTYPE)
    MTH_TRY(mth_rule_state_dtype(rule, result, dtype->dtype));
  if (!shape || shape->kind != MTH_ARG_DIMS) return MTH_OK;
  return mth_rule_state_shape(rule, result, shape->count, shape->dims);
}

static mth_status infer_iota(mth_rule *rule) {
  MTH_TRY(infer_made(rule));
  const mth_arg *axis = mth_rule_arg(rule, "axis");
  const int32_t rank = mth_rule_rank(rule, mth_rule_result(rule, 0));
  int32_t at;
  if (!axis || axis->kind != MTH_ARG_INT || rank < 0) return MTH_OK;
  return mth_rule_axis(rule, axis->i, rank, &at);
}

// As many dims as the shape has elements.
static mth_status infer_dims(mth_rule *rule) {
  MTH_TRY(infer_made(rule));
  const mth_arg *shape = mth_rule_arg(rule, "shape"), *dims = mth_rule_arg(rule, "dims");
  if (!shape || shape->kind != MTH_ARG_DIMS || !dims || dims->kind != MTH_ARG_DIMS) return MTH_OK;
  const mth_dim *count = mth_dim_constant(mth_rule_dims(rule), 1);
  for (size_t i = 0; i < shape->count; ++i)
    count = mth_dim_multiply(mth_rule_dims(rule), count, shape->dims[i]);
  return mth_rule_equate(rule, count, mth_dim_constant(mth_rule_dims(rule), (int64_t)dims->count),
                         "the shape has not as many elements as there are dims");
}

static mth_status infer_random(mth_rule *rule) {
  MTH_TRY(mth_rule_state_dtype(rule, 0, MTH_I64));
  MTH_TRY(mth_rule_state_rank(rule, 0, 0));
  return infer_made(rule);
}

static const mth_op_key iota[] = {MTH_NEEDED("shape", MTH_ARG_DIMS),
                                  MTH_NEEDED("axis", MTH_ARG_INT),
                                  MTH_NEEDED("dtype", MTH_ARG_DTYPE)};
static const mth_op_key listed[] = {MTH_NEEDED("dims", MTH_ARG_DIMS),
                                    MTH_NEEDED("shape", MTH_ARG_DIMS),
                                    MTH_NEEDED("dtype", MTH_ARG_DTYPE)};
static const mth_op_key draw[] = {MTH_IN("seed", MTH_FAMILY_INT), MTH_NEEDED("shape", MTH_ARG_DIMS),
                                  MTH_NEEDED("stream", MTH_ARG_INT),
                                  MTH_NEEDED("dtype", MTH_ARG_DTYPE)};
static const mth_op_key number[] = {MTH_OUTPUT(MTH_NUMBER)};
static const mth_op_key real[] = {MTH_OUTPUT(MTH_FAMILY_FLOAT)};

static const mth_op ops[] = {
    MTH_OP("iota", "Iota", MAP, iota, number, 0, infer_iota),
    MTH_OP("dim_values", NULL, MAP, listed, number, 0, infer_dims),
    MTH_OP("random_normal", "RandomNormal", RANDOM, draw, real, 0, infer_random),
    MTH_OP("random_uniform", "RandomUniform", RANDOM, draw, real, 0, infer_random),
};

mth_op_table mth_source_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
