// window.c: what ops that slide a window become.
//
// A convolution is one contraction for all windows: their elements are columns, [N, G, C/G*k, P],
// that are seen through `windows` and packed. So is each of its gradients: that of the input is the
// convolution of the cotangent, spread by the stride, with the weight walked backwards.
#include "dialect/axes.h"
#include "dialect/op_code.h"

static const mth_dim *times(mth_builder *b, const mth_dim *x, const mth_dim *y) {
  return mth_dim_multiply(b->dims, x, y);
}

// How a window walks along one axis.
typedef struct slide {
  const mth_dim *kernel, *count, *start;
  int64_t stride, dilation;
} slide;

// [A..., L, E...] as [A..., kernel, count, E...]
static mth_value windows(mth_builder *b, mth_value x, int32_t axis, const slide *at) {
  const mth_arg args[] = {MTH_ARG_I("axis", axis),
                          MTH_ARG_DS("kernel", 1, &at->kernel),
                          MTH_ARG_DS("count", 1, &at->count),
                          MTH_ARG_DS("start", 1, &at->start),
                          MTH_ARG_I("stride", at->stride),
                          MTH_ARG_I("dilation", at->dilation)};
  return mth_build(b, "windows", 1, &x, 6, args);
}

// ---- windows ------------------------------------------------------------------------------------

// 0, 1, ... along `axis`, 1 element along the others: it broadcasts to the shape of `like`.
static mth_value count_along(mth_builder *b, mth_value like, int32_t axis) {
  const int32_t rank = mth_rank_of(b, like);
  const mth_dim *shape[mth_rank_max];
  for (int32_t i = 0; i < rank; ++i)
    shape[i] = i == axis ? mth_dim_of(b, like, i) : mth_number_dim(b, 1);
  const mth_arg args[] = {MTH_ARG_DS("shape", (size_t)rank, shape), MTH_ARG_I("axis", axis),
                          MTH_ARG_T("dtype", MTH_I64)};
  return mth_build(b, "iota", 0, NULL, 3, args);
}

// dx[j] = sum over k of g[k, i] where start + i*stride + k*dilation = j: with s[k, i*stride] = g[k,
// i] and zeros between, dx[j] = sum over k and l = k of s[k, j - start - l*dilation].
static mth_status gradient_windows(mth_builder *b, const mth_op_site *op,
                                   const mth_value *cotangents, mth_value *out) {
  const mth_value x = op->operands[0];
  const int32_t axis = mth_axis_of(mth_site_arg(op, "axis")->i, mth_rank_of(b, x));
  const mth_dim *start = mth_site_arg(op, "start")->dims[0];
  const slide back = {.kernel = mth_site_arg(op, "kernel")->dims[0],
                      .count = mth_dim_of(b, x, axis),
                      .start = mth_dim_subtract(b->dims, mth_number_dim(b, 0), start),
                      .stride = 1,
                      .dilation = -mth_site_arg(op, "dilation")->i};
  mth_value g = mth_build_spread(b, cotangents[0], axis + 1, mth_site_arg(op, "stride")->i);
  g = windows(b, g, axis + 1, &back);
  const mth_value met =
      mth_build_binary(b, "equal", count_along(b, g, axis), count_along(b, g, axis + 1));
  g = mth_build_where(b, met, g, mth_build_constant_like(b, g, 0));
  out[0] = mth_build_sum(b, g, 2, (const int64_t[]){axis, axis + 1}, false);
  return b->status;
}

// ---- convolution --------------------------------------------------------------------------------

typedef struct convolution {
  int32_t space;                                   // axes of space, from axis 2 on
  const mth_dim *groups, *in, *out;                // of one group: C/G and O/G
  const mth_dim *kernel;                           // elements of the window
  const mth_dim *batch;                            // N
  slide forward[mth_rank_max], back[mth_rank_max]; // over the input; over the spread cotangent
} convolution;

static int64_t number(const mth_op_site *op, const char *key, int32_t index, int64_t otherwise) {
  const mth_arg *arg = mth_site_arg(op, key);
  return arg->kind == MTH_ARG_INTS ? arg->ints[index] : otherwise;
}

static convolution read(mth_builder *b, const mth_op_site *op) {
  const mth_value x = op->operands[0], w = op->operands[1], y = op->results[0];
  convolution c = {.space = mth_rank_of(b, x) - 2,
                   .groups = mth_number_dim(b, mth_site_arg(op, "groups")->i),
                   .in = mth_dim_of(b, w, 1),
                   .kernel = mth_number_dim(b, 1),
                   .batch = mth_dim_of(b, x, 0)};
  c.out = mth_dim_floordiv(b->dims, mth_dim_of(b, w, 0), c.groups);
  for (int32_t i = 0; i < c.space; ++i) {
    const int64_t low = number(op, "padding", 2 * i, 0);
    const int64_t dilation = number(op, "dilation", i, 1);
    const mth_dim *kernel = mth_dim_of(b, w, i + 2);
    c.kernel = times(b, c.kernel, kernel);
    c.forward[i] = (slide){.kernel = kernel,
                           .count = mth_dim_of(b, y, i + 2),
                           .start = mth_number_dim(b, -low),
                           .stride = number(op, "stride", i, 1),
                           .dilation = dilation};
    c.back[i] = (slide){.kernel = kernel,
                        .count = mth_dim_of(b, x, i + 2),
                        .start = mth_number_dim(b, low),
                        .stride = 1,
                        .dilation = -dilation};
  }
  return c;
}

static const mth_dim *extent(mth_builder *b, mth_value x, int32_t first) {
  const mth_dim *product = mth_number_dim(b, 1);
  for (int32_t i = first; i < mth_rank_of(b, x); ++i)
    product = times(b, product, mth_dim_of(b, x, i));
  return product;
}

// All windows of x [N, C, L...] as [N, C, k..., P...].
static mth_value all_windows(mth_builder *b, mth_value x, int32_t space, const slide *slides) {
  int64_t axes[mth_rank_max] = {0, 1};
  for (int32_t i = 0; i < space; ++i) {
    x = windows(b, x, 2 + 2 * i, &slides[i]); // [N, C, k, P, k, P, ...]
    axes[2 + i] = 2 + 2 * i;
    axes[2 + space + i] = 3 + 2 * i;
  }
  return mth_build_transpose(b, x, (size_t)(2 + 2 * space), axes);
}

// x with the axes of [N, C, ...], in two parts that lie side by side, as [N, G, c, p].
static mth_value as_columns(mth_builder *b, mth_value x, const convolution *c, const mth_dim *rows,
                            const mth_dim *columns) {
  return mth_build_reshape(b, x, 4, (const mth_dim *const[]){c->batch, c->groups, rows, columns});
}

// y[n, g, o, p] = sum over c, k of w[g, o, (c, k)] x[n, g, (c, k), p]
static mth_status decompose_convolution(mth_builder *b, const mth_op_site *op, mth_value *out) {
  const convolution c = read(b, op);
  const mth_dim *terms = times(b, c.in, c.kernel);
  const mth_value columns = as_columns(b, all_windows(b, op->operands[0], c.space, c.forward), &c,
                                       terms, extent(b, op->results[0], 2));
  const mth_value weight =
      mth_build_reshape(b, op->operands[1], 3, (const mth_dim *const[]){c.groups, c.out, terms});
  out[0] = mth_build_reshape_like(b, mth_build_matmul(b, weight, columns), op->results[0]);
  return b->status;
}

// dx[n, g, c, l] = sum over o, k of w[g, (o, k), c] s[n, g, (o, k), l], s the windows back
static mth_value gradient_of_input(mth_builder *b, const mth_op_site *op, const convolution *c,
                                   mth_value g) {
  for (int32_t i = 0; i < c->space; ++i)
    g = mth_build_spread(b, g, i + 2, c->forward[i].stride);
  const mth_dim *terms = times(b, c->out, c->kernel);
  const mth_value columns =
      as_columns(b, all_windows(b, g, c->space, c->back), c, terms, extent(b, op->operands[0], 2));
  const mth_dim *const parts[] = {c->groups, c->out, c->in, c->kernel};
  mth_value weight = mth_build_reshape(b, op->operands[1], 4, parts);
  weight = mth_build_transpose(b, weight, 4, (const int64_t[]){0, 2, 1, 3});
  weight = mth_build_reshape(b, weight, 3, (const mth_dim *const[]){c->groups, c->in, terms});
  return mth_build_reshape_like(b, mth_build_matmul(b, weight, columns), op->operands[0]);
}

// dw[g, o, (c, k)] = sum over n, p of dy[g, o, (n, p)] x[g, (n, p), (c, k)]
static mth_value gradient_of_weight(mth_builder *b, const mth_op_site *op, const convolution *c,
                                    mth_value g) {
  const mth_dim *places = extent(b, op->results[0], 2);
  const mth_dim *terms = times(b, c->in, c->kernel), *sum = times(b, c->batch, places);
  g = mth_build_transpose(b, as_columns(b, g, c, c->out, places), 4, (const int64_t[]){1, 2, 0, 3});
  g = mth_build_reshape(b, g, 3, (const mth_dim *const[]){c->groups, c->out, sum});
  // [N, C, k..., P...] -> [N, P..., C, k...]
  int64_t axes[mth_rank_max] = {0};
  for (int32_t i = 0; i <= c->space; ++i) {
    if (i < c->space) axes[1 + i] = 2 + c->space + i;
    axes[1 + c->space + i] = 1 + i;
  }
  mth_value x = all_windows(b, op->operands[0], c->space, c->forward);
  x = mth_build_transpose(b, x, (size_t)(2 + 2 * c->space), axes);
  x = mth_build_reshape(b, x, 3, (const mth_dim *const[]){sum, c->groups, terms});
  x = mth_build_transpose(b, x, 3, (const int64_t[]){1, 0, 2});
  return mth_build_reshape_like(b, mth_build_matmul(b, g, x), op->operands[1]);
}

static mth_status gradient_convolution(mth_builder *b, const mth_op_site *op,
                                       const mth_value *cotangents, mth_value *out) {
  const convolution c = read(b, op);
  out[0] = gradient_of_input(b, op, &c, cotangents[0]);
  out[1] = gradient_of_weight(b, op, &c, cotangents[0]);
  return b->status;
}

static const mth_code codes[] = {
    {.name = "windows", .code = {.gradient = gradient_windows}},
    {.name = "convolution",
     .code = {.gradient = gradient_convolution, .decompose = decompose_convolution}},
};

const mth_code_family mth_window_codes = {codes, sizeof codes / sizeof codes[0]};
