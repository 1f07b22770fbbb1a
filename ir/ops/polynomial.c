// polynomial.c: what features of polynomials mean.
//
// Shapes  input [N, d], output [N, C(d + degree, degree) - 1]: a column for each monomial of the
//         columns x_1 ... x_d of total degree 1 to `degree`, in lexicographic order of combinations
//         of (1, x_1, ..., x_d) with repetition. For d = 2 and degree 2: x_1, x_2, x_1^2, x_1 x_2,
//         x_2^2. In a program d is a number.
#include "ir/ops/signature.h"

enum { most_columns = 1024, most_degree = 64 };

// C(d + degree, degree) - 1; most_columns + 1 if it is more than that.
static int64_t count_columns(int64_t d, int64_t degree) {
  int64_t count = 1;
  for (int64_t i = 1; i <= degree && count <= most_columns + 1; ++i)
    count = count * (d + i) / i; // each is a binomial coefficient; d is at most most_columns
  return count - 1 > most_columns ? most_columns + 1 : count - 1;
}

static mth_status infer_features(mth_rule *rule) {
  MTH_TRY(mth_rule_same_type(rule, 0, 1));
  MTH_TRY(mth_rule_state_rank(rule, 0, 2));
  MTH_TRY(mth_rule_state_rank(rule, 1, 2));
  MTH_TRY(mth_rule_same_dim(rule, 0, 0, 1, 0));
  const mth_arg *degree = mth_rule_arg(rule, "degree");
  if (!degree || degree->kind != MTH_ARG_INT) return MTH_OK;
  if (degree->i < 1 || degree->i > most_degree)
    return mth_rule_fail(rule, "wanted a 'degree' of 1 to %d, found %lld", (int)most_degree,
                         (long long)degree->i);
  const mth_dim *dim = mth_rule_dim(rule, 0, 1);
  int64_t d;
  if (!dim) return MTH_OK;
  if (!mth_dim_is_constant(dim, &d)) {
    if (!mth_rule_is_program(rule)) return MTH_OK;
    return mth_rule_fail(rule, "the number of features must be a number, it is %s",
                         mth_rule_dim_text(rule, dim));
  }
  const int64_t count = d > most_columns ? d : count_columns(d, degree->i);
  if (d < 1 || count > most_columns)
    return mth_rule_fail(rule, "wanted 1 to %d columns of %lld features to degree %lld",
                         (int)most_columns, (long long)d, (long long)degree->i);
  return mth_rule_state_dim(rule, 1, 1, mth_dim_constant(mth_rule_dims(rule), count));
}

static const mth_op_key inputs[] = {MTH_IN("input", MTH_NUMBER), MTH_NEEDED("degree", MTH_ARG_INT)};
static const mth_op_key number[] = {MTH_OUTPUT(MTH_NUMBER)};

static const mth_op ops[] = {
    MTH_OP("polynomial_features", "PolynomialFeatures", OPAQUE, inputs, number, 0, infer_features),
};

mth_op_table mth_polynomial_ops(void) { return (mth_op_table){ops, sizeof ops / sizeof *ops}; }
