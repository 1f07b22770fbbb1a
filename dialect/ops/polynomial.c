// polynomial.c: what features of polynomials become: products of columns, side by side. A product
// is its prefix, which is a feature of a lower degree, times one more column.
#include "dialect/axes.h"
#include "dialect/op_code.h"

#include <assert.h>

enum { most_columns = 1024 }; // as in ir/ops/polynomial.c

typedef struct features {
  mth_builder *b;
  int64_t d;
  mth_value columns[most_columns + 1]; // from 1 on, [N, 1] each
  mth_value made[most_columns];
  size_t count;
} features;

// Multiplies `prefix`, the null value for 1, by `left` columns from `first` on; 0 stands for 1.
static void add_monomials(features *f, mth_value prefix, int64_t first, int64_t left) {
  for (int64_t k = first; k <= f->d && f->b->status == MTH_OK; ++k) {
    const mth_value product = k == 0          ? prefix
                              : prefix.handle ? mth_build_multiply(f->b, prefix, f->columns[k])
                                              : f->columns[k];
    if (left > 1) {
      add_monomials(f, product, k, left - 1);
    } else if (product.handle) {
      assert(f->count < most_columns);
      f->made[f->count++] = product;
    }
  }
}

static mth_status decompose_features(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const mth_type *type = mth_build_type(b, op->operands[0]);
  features f = {.b = b};
  if (!type) return b->status;
  const mth_dim *const rows = type->dims[0], *const one = mth_dim_constant(b->dims, 1);
  const bool is_number = mth_dim_is_constant(type->dims[1], &f.d);
  assert(is_number && f.d <= most_columns); // its rule says so
  (void)is_number;
  for (int64_t k = 1; k <= f.d; ++k) {
    const mth_dim *const start[] = {mth_dim_constant(b->dims, 0), mth_dim_constant(b->dims, k - 1)};
    const mth_dim *const size[] = {rows, one};
    f.columns[k] = mth_build_slice(b, op->operands[0], 2, start, size);
  }
  add_monomials(&f, (mth_value){NULL}, 0, mth_site_arg(op, "degree")->i);
  const mth_arg axis = MTH_ARG_I("axis", 1);
  out[0] = mth_build(b, "concat", f.count, f.made, 1, &axis);
  return b->status;
}

static const mth_code codes[] = {
    {.name = "polynomial_features", .code = {.decompose = decompose_features}},
};

const mth_code_family mth_polynomial_codes = {codes, sizeof codes / sizeof codes[0]};
