// evaluator_layers.c: contractions, windows, norms, and the layers that are made of them.
//
// Source   each formula stands at its function; keys and shapes are those of the classes.
#include "test/conformance/evaluator.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static real plus(real x, real y) { return x + y; }
static real minus(real x, real y) { return x - y; }
static real times(real x, real y) { return x * y; }

// ---- linear -------------------------------------------------------------------------------------

static void run_matmul(evaluator *e) {
  const real_array x = evaluator_input(e, "left"), y = evaluator_input(e, "right");
  evaluator_output(e, "output", evaluator_matmul(e, x, y, false));
}

// input weight^T + bias
static real_array linear(evaluator *e, real_array x, const char *weight, const char *bias) {
  x = evaluator_matmul(e, x, evaluator_input(e, weight), true);
  return evaluator_has(e, bias) ? evaluator_map2(e, plus, x, evaluator_input(e, bias)) : x;
}

static void run_linear(evaluator *e) {
  evaluator_output(e, "output", linear(e, evaluator_input(e, "input"), "weight", "bias"));
}

static real_array activate(evaluator *e, const json_t *activation, real_array x) {
  const real_key input = {"input", x};
  return evaluator_call_model(e, activation, &input, 1, "output");
}

static void run_layer(evaluator *e) {
  const real_array x = linear(e, evaluator_input(e, "input"), "weight", "bias");
  evaluator_output(e, "output", activate(e, evaluator_arg(e, "activation"), x));
}

static void run_mlp(evaluator *e) {
  const json_t *const activations = evaluator_arg(e, "activations");
  real_array x = evaluator_input(e, "input");
  for (size_t i = 0; i < json_array_size(activations) && !e->why; ++i) {
    char weight[32], bias[32];
    snprintf(weight, sizeof weight, "weight%zu", i);
    snprintf(bias, sizeof bias, "bias%zu", i);
    x = activate(e, json_array_get(activations, i), linear(e, x, weight, bias));
  }
  evaluator_output(e, "output", x);
}

static void run_logistic_regression(evaluator *e) {
  const real_array x = linear(e, evaluator_input(e, "input"), "weight", "bias");
  const real_key input = {"input", x};
  evaluator_output(e, "output", x);
  evaluator_output(e, "probs_output", evaluator_call(e, "sigmoid", NULL, &input, 1, "output"));
}

static void run_linear_svm(evaluator *e) {
  const real_array x = linear(e, evaluator_input(e, "input"), "weight", "bias");
  const real_key input = {"input", x};
  evaluator_output(e, "output", x);
  evaluator_output(e, "decision_output", evaluator_call(e, "sign", NULL, &input, 1, "output"));
}

static void run_affine(evaluator *e) {
  const real_array x =
      evaluator_map2(e, times, evaluator_input(e, "input"), evaluator_input(e, "weight"));
  evaluator_output(e, "output", evaluator_map2(e, plus, x, evaluator_input(e, "bias")));
}

// x K x^T / 2
static void run_quadratic_form(evaluator *e) {
  const real_array x = evaluator_input(e, "input");
  real_array y =
      evaluator_matmul(e, evaluator_matmul(e, x, evaluator_input(e, "kernel"), false), x, true);
  for (size_t i = 0; i < y.count && !e->why; ++i)
    y.values[i] /= 2;
  evaluator_output(e, "output", y);
}

// (x - mean) / sqrt(variance + eps) over the last axis, * weight + bias where there are such
static void run_layer_norm(evaluator *e) {
  const real_array x = evaluator_input(e, "input");
  const size_t d = x.rank ? (size_t)x.extents[x.rank - 1] : 1;
  real_array y = evaluator_make(e, x.rank, x.extents);
  for (size_t i = 0; i + d <= x.count && d && !e->why; i += d) {
    real mean = 0, variance = 0;
    for (size_t j = 0; j < d; ++j)
      mean += x.values[i + j] / (real)d;
    for (size_t j = 0; j < d; ++j)
      variance += (x.values[i + j] - mean) * (x.values[i + j] - mean) / (real)d;
    for (size_t j = 0; j < d; ++j)
      y.values[i + j] =
          (x.values[i + j] - mean) / sqrtl(variance + evaluator_real(e, "eps", (real)1e-5));
  }
  if (evaluator_has(e, "weight")) y = evaluator_map2(e, times, y, evaluator_input(e, "weight"));
  if (evaluator_has(e, "bias")) y = evaluator_map2(e, plus, y, evaluator_input(e, "bias"));
  evaluator_output(e, "output", y);
}

// softmax(q k^T scale + mask) v; causal: position l sees 0..l
static void run_attention(evaluator *e) {
  const real_array q = evaluator_input(e, "query"), v = evaluator_input(e, "value");
  real_array s = evaluator_matmul(e, q, evaluator_input(e, "key"), true);
  if (e->why) return;
  const real scale = evaluator_real(e, "scale", 1 / sqrtl((real)q.extents[q.rank - 1]));
  const size_t S = (size_t)s.extents[s.rank - 1], L = (size_t)s.extents[s.rank - 2];
  for (size_t i = 0; i < s.count; ++i) {
    s.values[i] *= scale;
    if (evaluator_bool(e, "is_causal", true) && i % S > i / S % L) s.values[i] = -INFINITY;
  }
  if (evaluator_has(e, "attn_mask"))
    s = evaluator_map2(e, plus, s, evaluator_input(e, "attn_mask"));
  const real_key input = {"input", s};
  const real_array p = evaluator_call(e, "softmax", NULL, &input, 1, "output");
  evaluator_output(e, "output", evaluator_matmul(e, p, v, false));
}

// ---- distances and kernels ----------------------------------------------------------------------

// out[n, m] = sum_k |x[n, k] - y[m, k]|^p
static real_array distances(evaluator *e, const real_array *x, const real_array *y, real p) {
  if (!e->why && (x->rank != 2 || y->rank != 2 || x->extents[1] != y->extents[1]))
    evaluator_refuse(e, "distances want [N, d] and [M, d]");
  if (e->why) return (real_array){0};
  const size_t d = (size_t)x->extents[1], M = (size_t)y->extents[0];
  real_array z = evaluator_make(e, 2, (int64_t[]){x->extents[0], y->extents[0]});
  for (size_t i = 0; i < z.count && !e->why; ++i)
    for (size_t k = 0; k < d; ++k)
      z.values[i] += powl(fabsl(x->values[i / M * d + k] - y->values[i % M * d + k]), p);
  return z;
}

static void run_cartesian_difference(evaluator *e) {
  const real_array x = evaluator_input(e, "left"), y = evaluator_input(e, "right");
  if (!e->why && (x.rank != 2 || y.rank != 2)) evaluator_refuse(e, "differences want rank 2");
  if (e->why) return;
  real_array a = x, b = y;
  a.rank = b.rank = 3;
  a.extents[2] = x.extents[1], a.extents[1] = 1;
  b.extents[2] = y.extents[1], b.extents[1] = y.extents[0], b.extents[0] = 1;
  evaluator_output(e, "output", evaluator_map2(e, minus, a, b));
}

// l^2 exp(-distance^2 / (2 sigma^2))
static real_array rbf(evaluator *e) {
  const real_array x = evaluator_input(e, "input1"), y = evaluator_input(e, "input2");
  const real_array l = evaluator_input(e, "l_scale"), sigma = evaluator_input(e, "sigma");
  real_array z = distances(e, &x, &y, 2);
  for (size_t i = 0; i < z.count && !e->why; ++i)
    z.values[i] =
        l.values[0] * l.values[0] * expl(-z.values[i] / (2 * sigma.values[0] * sigma.values[0]));
  return z;
}

static void run_rbf(evaluator *e) { evaluator_output(e, "output", rbf(e)); }

// |x y^T + c|^degree (robust), or without the absolute value
static void run_polynomial_kernel(evaluator *e) {
  real_array z =
      evaluator_matmul(e, evaluator_input(e, "input1"), evaluator_input(e, "input2"), true);
  z = evaluator_map2(e, plus, z, evaluator_input(e, "poly_coef"));
  const real_key inputs[] = {{"base", z}, {"exponent", evaluator_input(e, "degree")}};
  json_t *const args = json_pack("{s:b}", "robust", evaluator_bool(e, "robust", true));
  evaluator_output(e, "output", evaluator_call(e, "power", args, inputs, 2, "output"));
  json_decref(args);
}

static void run_kernelized_svm(evaluator *e) {
  const real_array k =
      evaluator_call_model(e, evaluator_arg(e, "kernel"), e->inputs, e->input_count, "output");
  evaluator_output(e, "kernel", k);
  evaluator_output(e, "output", linear(e, k, "weight", "bias"));
}

// All monomials of degree 1 to `degree` of the columns, in lexicographic order of combinations with
// replacement of (1, x1, .., xd).
static void run_polynomial_features(evaluator *e) {
  const real_array x = evaluator_input(e, "input");
  const size_t degree = (size_t)evaluator_int(e, "degree", 1);
  if (!e->why && (x.rank != 2 || degree > 16))
    evaluator_refuse(e, "features want [N, d], degree <= 16");
  if (e->why) return;
  const size_t d = (size_t)x.extents[1], N = (size_t)x.extents[0];
  size_t columns = 1;
  for (size_t i = 1; i <= degree; ++i)
    columns = columns * (d + i) / i;
  real_array y = evaluator_make(e, 2, (int64_t[]){(int64_t)N, (int64_t)columns - 1});
  size_t pick[16] = {0}; // 0: the factor 1; k: column k - 1. Never falls
  for (size_t column = 0; column < columns && !e->why; ++column) {
    for (size_t n = 0; n < N && column; ++n) {
      real product = 1;
      for (size_t i = 0; i < degree; ++i)
        if (pick[i]) product *= x.values[n * d + pick[i] - 1];
      y.values[n * (columns - 1) + column - 1] = product;
    }
    size_t i = degree;
    while (i > 0 && pick[i - 1] == d)
      --i;
    if (!i) break;
    const size_t next = pick[i - 1] + 1;
    for (--i; i < degree; ++i)
      pick[i] = next;
  }
  evaluator_output(e, "output", y);
}

// Linear of the features.
static void run_polynomial_regression(evaluator *e) {
  const real_key input = {"input", evaluator_input(e, "input")};
  const real_array x = evaluator_call(e, "polynomialfeatures", e->args, &input, 1, "output");
  evaluator_output(e, "output", linear(e, x, "weight", "bias"));
}

// ---- windows ------------------------------------------------------------------------------------

// One integer or a list of them, for each of `count` axes.
static void integers(evaluator *e, const char *name, int64_t otherwise, size_t count,
                     int64_t *out) {
  const json_t *const arg = evaluator_arg(e, name);
  for (size_t i = 0; i < count; ++i) {
    const json_t *const item = json_is_array(arg) ? json_array_get(arg, i) : arg;
    out[i] = json_is_integer(item) ? (int64_t)json_integer_value(item) : otherwise;
  }
}

// Zeros in front and behind on each axis: "SAME", "VALID", one number, a number or a pair per axis;
// of one axis, a pair.
static void paddings(evaluator *e, size_t count, const int64_t *kernel, int64_t (*out)[2]) {
  const json_t *const arg = evaluator_arg(e, "padding");
  const bool is_same = json_is_string(arg) && strcmp(json_string_value(arg), "SAME") == 0;
  for (size_t i = 0; i < count; ++i) {
    const json_t *item = json_is_array(arg) && count > 1 ? json_array_get(arg, i) : arg;
    for (size_t side = 0; side < 2; ++side) {
      const json_t *const number = json_is_array(item) ? json_array_get(item, side) : item;
      out[i][side] = is_same                   ? kernel[i] / 2
                     : json_is_integer(number) ? (int64_t)json_integer_value(number)
                                               : 0;
    }
  }
}

typedef struct windows {
  size_t axes; // of space
  int64_t kernel[8], stride[8], dilation[8], padding[8][2];
} windows;

static void slide(evaluator *e, windows *w, const real_array *x, int64_t *extents) {
  for (size_t i = 0; i < w->axes; ++i) {
    const int64_t whole = x->extents[2 + i] + w->padding[i][0] + w->padding[i][1];
    extents[2 + i] = (whole - (w->kernel[i] - 1) * w->dilation[i] - 1) / w->stride[i] + 1;
    if (extents[2 + i] < 1) evaluator_refuse(e, "a window does not fit");
  }
}

// The element of x's space that window position `at` and kernel element `k` meet, or -1 in padding.
static int64_t meet(const windows *w, const real_array *x, const int64_t *extents, size_t at,
                    size_t k) {
  int64_t place = 0, stride = 1;
  for (size_t i = w->axes; i-- > 0;) {
    const int64_t o = (int64_t)(at % (size_t)extents[2 + i]),
                  j = (int64_t)(k % (size_t)w->kernel[i]);
    at /= (size_t)extents[2 + i], k /= (size_t)w->kernel[i];
    const int64_t source = o * w->stride[i] + j * w->dilation[i] - w->padding[i][0];
    if (source < 0 || source >= x->extents[2 + i]) return -1;
    place += source * stride;
    stride *= x->extents[2 + i];
  }
  return place;
}

static size_t product(const int64_t *extents, size_t count) {
  size_t all = 1;
  for (size_t i = 0; i < count; ++i)
    all *= (size_t)extents[i];
  return all;
}

static void run_convolution(evaluator *e, size_t axes) {
  const real_array x = evaluator_input(e, "input"), weight = evaluator_input(e, "weight");
  windows w = {.axes = axes};
  if (!e->why && (x.rank != axes + 2 || weight.rank != axes + 2))
    evaluator_refuse(e, "a convolution's ranks");
  if (e->why) return;
  memcpy(w.kernel, weight.extents + 2, axes * sizeof *w.kernel);
  integers(e, "stride", 1, axes, w.stride);
  integers(e, "dilation", 1, axes, w.dilation);
  paddings(e, axes, w.kernel, w.padding);
  int64_t extents[suite_rank_max] = {x.extents[0], weight.extents[0]};
  slide(e, &w, &x, extents);
  real_array y = evaluator_make(e, x.rank, extents);
  const size_t groups = (size_t)evaluator_int(e, "groups", 1);
  const size_t Cin = (size_t)x.extents[1], own = (size_t)weight.extents[1],
               Cout = (size_t)extents[1];
  const size_t space = product(x.extents + 2, axes), taps = product(w.kernel, axes);
  const size_t places = product(extents + 2, axes);
  for (size_t i = 0; i < y.count && !e->why; ++i) {
    const size_t n = i / places / Cout, co = i / places % Cout, group = co / (Cout / groups);
    for (size_t c = 0; c < own; ++c)
      for (size_t k = 0; k < taps; ++k) {
        const int64_t at = meet(&w, &x, extents, i % places, k);
        if (at < 0) continue;
        y.values[i] += x.values[(n * Cin + group * own + c) * space + (size_t)at] *
                       weight.values[(co * own + c) * taps + k];
      }
  }
  if (evaluator_has(e, "bias")) { // [O], as [O, 1...]
    real_array bias = evaluator_input(e, "bias");
    for (; bias.rank < 1 + axes; ++bias.rank)
      bias.extents[bias.rank] = 1;
    y = evaluator_map2(e, plus, y, bias);
  }
  evaluator_output(e, "output", y);
}

static void run_convolution_1d(evaluator *e) { run_convolution(e, 1); }
static void run_convolution_2d(evaluator *e) { run_convolution(e, 2); }

// The largest of a window, or its mean where padding counts as zeros.
static void run_pool(evaluator *e, size_t axes, bool takes_max) {
  const real_array x = evaluator_input(e, "input");
  windows w = {.axes = axes};
  if (!e->why && x.rank != axes + 2) evaluator_refuse(e, "a pool's rank");
  if (e->why) return;
  integers(e, "kernel_size", 1, axes, w.kernel);
  memcpy(w.stride, w.kernel, sizeof w.stride);
  if (evaluator_arg(e, "stride") && !json_is_null(evaluator_arg(e, "stride")))
    integers(e, "stride", 1, axes, w.stride);
  integers(e, "dilation", 1, axes, w.dilation);
  paddings(e, axes, w.kernel, w.padding);
  int64_t extents[suite_rank_max] = {x.extents[0], x.extents[1]};
  slide(e, &w, &x, extents);
  real_array y = evaluator_make(e, x.rank, extents);
  const size_t space = product(x.extents + 2, axes), taps = product(w.kernel, axes);
  const size_t places = product(extents + 2, axes);
  for (size_t i = 0; i < y.count && !e->why; ++i) {
    real most = -INFINITY, sum = 0;
    for (size_t k = 0; k < taps; ++k) {
      const int64_t at = meet(&w, &x, extents, i % places, k);
      const real value = at < 0 ? 0 : x.values[i / places * space + (size_t)at];
      if (at >= 0 && value > most) most = value;
      sum += value;
    }
    y.values[i] = takes_max ? most : sum / (real)taps;
  }
  evaluator_output(e, "output", y);
}

static void run_max_pool_1d(evaluator *e) { run_pool(e, 1, true); }
static void run_max_pool_2d(evaluator *e) { run_pool(e, 2, true); }
static void run_avg_pool_2d(evaluator *e) { run_pool(e, 2, false); }

static const evaluator_class classes[] = {
    {"matrixmultiply", run_matmul},
    {"linear", run_linear},
    {"layer", run_layer},
    {"mlp", run_mlp},
    {"logisticregression", run_logistic_regression},
    {"linearsvm", run_linear_svm},
    {"elementwiseaffine", run_affine},
    {"quadraticformregularizer", run_quadratic_form},
    {"layernorm", run_layer_norm},
    {"scaleddotproduct", run_attention},
    {"cartesiandifference", run_cartesian_difference},
    {"rbfkernel", run_rbf},
    {"polynomialkernel", run_polynomial_kernel},
    {"kernelizedsvm", run_kernelized_svm},
    {"polynomialfeatures", run_polynomial_features},
    {"polynomialregression", run_polynomial_regression},
    {"convolution1d", run_convolution_1d},
    {"convolution2d", run_convolution_2d},
    {"maxpool1d", run_max_pool_1d},
    {"maxpool2d", run_max_pool_2d},
    {"avgpool2d", run_avg_pool_2d},
};

evaluator_table evaluator_layers(void) {
  return (evaluator_table){classes, sizeof classes / sizeof *classes};
}
