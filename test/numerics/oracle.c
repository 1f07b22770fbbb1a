// oracle.c: naive evaluation of ops.
#include "test/numerics/oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

oracle_tensor oracle_make(int rank, const int64_t *dims) {
  oracle_tensor t = {.rank = rank, .count = 1};
  for (int d = 0; d < rank; ++d)
    t.dims[d] = dims[d], t.count *= dims[d];
  const size_t elements = t.count ? (size_t)t.count : 1;
  t.value = calloc(elements, sizeof *t.value);
  t.scale = calloc(elements, sizeof *t.scale);
  if (!t.value || !t.scale) abort();
  return t;
}

void oracle_free(oracle_tensor *tensor) {
  free(tensor->value);
  free(tensor->scale);
  *tensor = (oracle_tensor){0};
}

// The multi-index of flat index `i`.
static void unflatten(const oracle_tensor *t, int64_t i, int64_t *index) {
  for (int d = t->rank - 1; d >= 0; --d)
    index[d] = i % t->dims[d], i /= t->dims[d];
}

static int64_t flatten(const oracle_tensor *t, const int64_t *index) {
  int64_t i = 0;
  for (int d = 0; d < t->rank; ++d)
    i = i * t->dims[d] + index[d];
  return i;
}

// The flat index of `t` that broadcasting aligns with `index` of a result of `rank` dims.
static int64_t aligned(const oracle_tensor *t, const int64_t *index, int rank) {
  int64_t own[ORACLE_RANK];
  for (int d = 0; d < t->rank; ++d)
    own[d] = t->dims[d] == 1 ? 0 : index[d + rank - t->rank];
  return flatten(t, own);
}

static oracle_tensor make_broadcast(int count, const oracle_tensor *const *operands) {
  int64_t dims[ORACLE_RANK];
  int rank = 0;
  for (int k = 0; k < count; ++k)
    if (operands[k]->rank > rank) rank = operands[k]->rank;
  for (int d = 0; d < rank; ++d) {
    dims[d] = 1;
    for (int k = 0; k < count; ++k) {
      const int own = d - (rank - operands[k]->rank);
      if (own >= 0 && operands[k]->dims[own] != 1) dims[d] = operands[k]->dims[own];
    }
  }
  return oracle_make(rank, dims);
}

oracle_tensor oracle_map1(oracle_unary *f, const oracle_tensor *x) {
  oracle_tensor y = oracle_make(x->rank, x->dims);
  for (int64_t i = 0; i < y.count; ++i)
    y.value[i] = f(x->value[i]), y.scale[i] = fabsl(y.value[i]);
  return y;
}

oracle_tensor oracle_map2(oracle_binary *f, const oracle_tensor *x, const oracle_tensor *y) {
  const oracle_tensor *const operands[] = {x, y};
  oracle_tensor z = make_broadcast(2, operands);
  int64_t index[ORACLE_RANK];
  for (int64_t i = 0; i < z.count; ++i) {
    unflatten(&z, i, index);
    z.value[i] = f(x->value[aligned(x, index, z.rank)], y->value[aligned(y, index, z.rank)]);
    z.scale[i] = fabsl(z.value[i]);
  }
  return z;
}

oracle_tensor oracle_where(const oracle_tensor *condition, const oracle_tensor *x,
                           const oracle_tensor *y) {
  const oracle_tensor *const operands[] = {condition, x, y};
  oracle_tensor z = make_broadcast(3, operands);
  int64_t index[ORACLE_RANK];
  for (int64_t i = 0; i < z.count; ++i) {
    unflatten(&z, i, index);
    const bool chosen = condition->value[aligned(condition, index, z.rank)] != 0;
    z.value[i] = chosen ? x->value[aligned(x, index, z.rank)] : y->value[aligned(y, index, z.rank)];
  }
  return z;
}

oracle_tensor oracle_reduce(oracle_fold fold, const oracle_tensor *x, unsigned axes, bool keepdim) {
  int64_t dims[ORACLE_RANK], terms = 1;
  int rank = 0;
  for (int d = 0; d < x->rank; ++d)
    if (axes >> d & 1) {
      terms *= x->dims[d];
      if (keepdim) dims[rank++] = 1;
    } else {
      dims[rank++] = x->dims[d];
    }
  oracle_tensor y = oracle_make(rank, dims);
  const bool adds = fold == ORACLE_SUM || fold == ORACLE_MEAN;
  for (int64_t i = 0; i < y.count; ++i)
    y.value[i] = adds ? 0 : fold == ORACLE_PROD ? 1 : fold == ORACLE_MAX ? -HUGE_VALL : HUGE_VALL;
  for (int64_t i = 0; i < x->count; ++i) {
    int64_t index[ORACLE_RANK], out[ORACLE_RANK];
    unflatten(x, i, index);
    int n = 0;
    for (int d = 0; d < x->rank; ++d)
      if (!(axes >> d & 1))
        out[n++] = index[d];
      else if (keepdim)
        out[n++] = 0;
    const int64_t o = flatten(&y, out);
    const long double v = x->value[i];
    if (adds)
      y.value[o] += v, y.scale[o] += fabsl(v);
    else if (fold == ORACLE_PROD)
      y.value[o] *= v;
    else if (isnan(v) || isnan(y.value[o]))
      y.value[o] = NAN;
    else
      y.value[o] = fold == ORACLE_MAX ? fmaxl(y.value[o], v) : fminl(y.value[o], v);
  }
  for (int64_t i = 0; fold == ORACLE_PROD && i < y.count; ++i)
    y.scale[i] = fabsl(y.value[i]) * (long double)terms;
  for (int64_t i = 0; adds && i < y.count; ++i) {
    y.scale[i] *= (long double)terms;
    if (fold == ORACLE_MEAN) y.value[i] /= (long double)terms, y.scale[i] /= (long double)terms;
  }
  return y;
}

// The flat index of the element of `x` at `along` on `axis`, and else at the index of y's element
// `i`.
static int64_t element_along(const oracle_tensor *x, const oracle_tensor *y, int64_t i, int axis,
                             int64_t along) {
  int64_t index[ORACLE_RANK], from[ORACLE_RANK];
  unflatten(y, i, index);
  for (int d = 0; d < x->rank; ++d)
    from[d] = d == axis ? along : index[d < axis ? d : d - 1];
  return flatten(x, from);
}

static oracle_tensor make_without(const oracle_tensor *x, int axis) {
  int64_t dims[ORACLE_RANK];
  for (int d = 0; d < x->rank - 1; ++d)
    dims[d] = x->dims[d < axis ? d : d + 1];
  return oracle_make(x->rank - 1, dims);
}

oracle_tensor oracle_variance(const oracle_tensor *x, int axis, long double correction) {
  oracle_tensor y = make_without(x, axis);
  const int64_t n = x->dims[axis];
  for (int64_t i = 0; i < y.count; ++i) {
    long double mean = 0, largest = 0;
    for (int64_t k = 0; k < n; ++k) {
      const long double v = x->value[element_along(x, &y, i, axis, k)];
      mean += v / (long double)n;
      if (fabsl(v) > largest) largest = fabsl(v);
    }
    for (int64_t k = 0; k < n; ++k) {
      const long double d = x->value[element_along(x, &y, i, axis, k)] - mean;
      y.value[i] += d * d / ((long double)n - correction);
    }
    y.scale[i] = largest * largest * (long double)n;
  }
  return y;
}

oracle_tensor oracle_first_index(const oracle_tensor *x, int axis, int sign) {
  oracle_tensor y = make_without(x, axis);
  for (int64_t i = 0; i < y.count; ++i)
    for (int64_t k = 1; k < x->dims[axis]; ++k) {
      const long double best = x->value[element_along(x, &y, i, axis, (int64_t)y.value[i])];
      const long double v = x->value[element_along(x, &y, i, axis, k)];
      if (sign > 0 ? v > best : v < best) y.value[i] = (long double)k;
    }
  return y;
}

oracle_tensor oracle_matmul(const oracle_tensor *x, const oracle_tensor *y) {
  const int64_t M = x->dims[x->rank - 2], K = x->dims[x->rank - 1], N = y->dims[y->rank - 1];
  oracle_tensor xb = *x, yb = *y; // the batch dims alone
  xb.rank -= 2, yb.rank -= 2;
  const oracle_tensor *const operands[] = {&xb, &yb};
  oracle_tensor batch = make_broadcast(2, operands);
  int64_t dims[ORACLE_RANK];
  memcpy(dims, batch.dims, sizeof dims);
  dims[batch.rank] = M, dims[batch.rank + 1] = N;
  oracle_tensor z = oracle_make(batch.rank + 2, dims);
  for (int64_t b = 0; b < batch.count; ++b) {
    int64_t index[ORACLE_RANK];
    unflatten(&batch, b, index);
    const long double *xs = x->value + aligned(&xb, index, batch.rank) * M * K;
    const long double *ys = y->value + aligned(&yb, index, batch.rank) * K * N;
    for (int64_t m = 0; m < M; ++m)
      for (int64_t n = 0; n < N; ++n) {
        const int64_t o = (b * M + m) * N + n;
        for (int64_t k = 0; k < K; ++k) {
          z.value[o] += xs[m * K + k] * ys[k * N + n];
          z.scale[o] += fabsl(xs[m * K + k] * ys[k * N + n]);
        }
        z.scale[o] *= (long double)K;
      }
  }
  oracle_free(&batch);
  return z;
}

oracle_tensor oracle_reshape(const oracle_tensor *x, int rank, const int64_t *dims) {
  oracle_tensor y = oracle_make(rank, dims);
  for (int64_t i = 0; i < y.count; ++i)
    y.value[i] = x->value[i];
  return y;
}

oracle_tensor oracle_transpose(const oracle_tensor *x, const int64_t *axes) {
  int64_t dims[ORACLE_RANK];
  for (int d = 0; d < x->rank; ++d)
    dims[d] = x->dims[axes[d]];
  oracle_tensor y = oracle_make(x->rank, dims);
  for (int64_t i = 0; i < y.count; ++i) {
    int64_t index[ORACLE_RANK], from[ORACLE_RANK];
    unflatten(&y, i, index);
    for (int d = 0; d < x->rank; ++d)
      from[axes[d]] = index[d];
    y.value[i] = x->value[flatten(x, from)];
  }
  return y;
}

oracle_tensor oracle_slice(const oracle_tensor *x, const int64_t *start, const int64_t *size,
                           const int64_t *step) {
  oracle_tensor y = oracle_make(x->rank, size);
  for (int64_t i = 0; i < y.count; ++i) {
    int64_t index[ORACLE_RANK];
    unflatten(&y, i, index);
    for (int d = 0; d < x->rank; ++d)
      index[d] = start[d] + index[d] * step[d];
    y.value[i] = x->value[flatten(x, index)];
  }
  return y;
}

oracle_tensor oracle_pad(const oracle_tensor *x, const int64_t *low, const int64_t *high) {
  int64_t dims[ORACLE_RANK];
  for (int d = 0; d < x->rank; ++d)
    dims[d] = low[d] + x->dims[d] + high[d];
  oracle_tensor y = oracle_make(x->rank, dims);
  for (int64_t i = 0; i < x->count; ++i) {
    int64_t index[ORACLE_RANK];
    unflatten(x, i, index);
    for (int d = 0; d < x->rank; ++d)
      index[d] += low[d];
    y.value[flatten(&y, index)] = x->value[i];
  }
  return y;
}

oracle_tensor oracle_broadcast_to(const oracle_tensor *x, int rank, const int64_t *dims) {
  oracle_tensor y = oracle_make(rank, dims);
  for (int64_t i = 0; i < y.count; ++i) {
    int64_t index[ORACLE_RANK];
    unflatten(&y, i, index);
    y.value[i] = x->value[aligned(x, index, rank)];
  }
  return y;
}

oracle_tensor oracle_concat(int count, const oracle_tensor *parts, int axis) {
  int64_t dims[ORACLE_RANK];
  memcpy(dims, parts[0].dims, sizeof dims);
  for (int k = 1; k < count; ++k)
    dims[axis] += parts[k].dims[axis];
  oracle_tensor y = oracle_make(parts[0].rank, dims);
  int64_t offset = 0;
  for (int k = 0; k < count; offset += parts[k++].dims[axis])
    for (int64_t i = 0; i < parts[k].count; ++i) {
      int64_t index[ORACLE_RANK];
      unflatten(&parts[k], i, index);
      index[axis] += offset;
      y.value[flatten(&y, index)] = parts[k].value[i];
    }
  return y;
}

oracle_tensor oracle_gather(const oracle_tensor *table, const oracle_tensor *indices) {
  int64_t dims[ORACLE_RANK], row = 1;
  int rank = indices->rank;
  memcpy(dims, indices->dims, sizeof dims);
  for (int d = 1; d < table->rank; ++d)
    dims[rank++] = table->dims[d], row *= table->dims[d];
  oracle_tensor y = oracle_make(rank, dims);
  for (int64_t i = 0; i < indices->count; ++i)
    for (int64_t j = 0; j < row; ++j)
      y.value[i * row + j] = table->value[(int64_t)indices->value[i] * row + j];
  return y;
}

oracle_tensor oracle_scatter_add(const oracle_tensor *indices, const oracle_tensor *updates,
                                 int64_t size) {
  int64_t dims[ORACLE_RANK] = {size}, row = 1;
  int rank = 1;
  for (int d = indices->rank; d < updates->rank; ++d)
    dims[rank++] = updates->dims[d], row *= updates->dims[d];
  oracle_tensor y = oracle_make(rank, dims);
  for (int64_t i = 0; i < indices->count; ++i)
    for (int64_t j = 0; j < row; ++j) {
      const int64_t o = (int64_t)indices->value[i] * row + j;
      y.value[o] += updates->value[i * row + j];
      y.scale[o] += fabsl(updates->value[i * row + j]) * (long double)indices->count;
    }
  return y;
}

oracle_tensor oracle_pick(const oracle_tensor *x, const oracle_tensor *target, int axis) {
  oracle_tensor y = make_without(x, axis);
  for (int64_t i = 0; i < y.count; ++i)
    y.value[i] = x->value[element_along(x, &y, i, axis, (int64_t)target->value[i])];
  return y;
}

oracle_tensor oracle_iota(int rank, const int64_t *dims, int axis) {
  oracle_tensor y = oracle_make(rank, dims);
  for (int64_t i = 0; i < y.count; ++i) {
    int64_t index[ORACLE_RANK];
    unflatten(&y, i, index);
    y.value[i] = (long double)index[axis];
  }
  return y;
}

// Calls `row` on each line of x along `axis`: its first flat index, its stride, its length.
typedef void line_fn(const oracle_tensor *x, oracle_tensor *y, int64_t first, int64_t stride,
                     int64_t length);

static void each_line(const oracle_tensor *x, oracle_tensor *y, int axis, line_fn *line) {
  int64_t stride = 1;
  for (int d = axis + 1; d < x->rank; ++d)
    stride *= x->dims[d];
  const int64_t length = x->dims[axis];
  for (int64_t i = 0; i < x->count; ++i)
    if (i / stride % length == 0) line(x, y, i, stride, length);
}

static void log_softmax_line(const oracle_tensor *x, oracle_tensor *y, int64_t first,
                             int64_t stride, int64_t length) {
  long double most = -HUGE_VALL, sum = 0;
  for (int64_t k = 0; k < length; ++k)
    most = fmaxl(most, x->value[first + k * stride]);
  for (int64_t k = 0; k < length; ++k)
    sum += expl(x->value[first + k * stride] - most);
  for (int64_t k = 0; k < length; ++k) {
    const long double shifted = x->value[first + k * stride] - most;
    y->value[first + k * stride] = shifted - logl(sum);
    // One rounding of the shift, one of the logarithm and the sum's own error n.
    y->scale[first + k * stride] = fabsl(shifted) + logl(sum) + (long double)length;
  }
}

oracle_tensor oracle_windows(const oracle_tensor *x, int axis, oracle_slide slide) {
  int64_t dims[ORACLE_RANK];
  for (int d = 0; d <= x->rank; ++d)
    dims[d] = d == axis       ? slide.kernel
              : d == axis + 1 ? slide.count
                              : x->dims[d < axis ? d : d - 1];
  oracle_tensor y = oracle_make(x->rank + 1, dims);
  for (int64_t i = 0; i < y.count; ++i) {
    int64_t index[ORACLE_RANK], from[ORACLE_RANK];
    unflatten(&y, i, index);
    for (int d = 0; d < x->rank; ++d)
      from[d] = d == axis
                    ? slide.start + index[axis + 1] * slide.stride + index[axis] * slide.dilation
                    : index[d < axis ? d : d + 1];
    if (from[axis] >= 0 && from[axis] < x->dims[axis]) y.value[i] = x->value[flatten(x, from)];
  }
  return y;
}

oracle_tensor oracle_convolution(const oracle_tensor *x, const oracle_tensor *w,
                                 const int64_t *stride, const int64_t *padding,
                                 const int64_t *dilation, int64_t groups) {
  const int space = x->rank - 2;
  int64_t dims[ORACLE_RANK] = {x->dims[0], w->dims[0]};
  for (int d = 0; d < space; ++d)
    dims[2 + d] = (x->dims[2 + d] + padding[2 * d] + padding[2 * d + 1] -
                   (w->dims[2 + d] - 1) * dilation[d] - 1) /
                      stride[d] +
                  1;
  oracle_tensor y = oracle_make(x->rank, dims);
  oracle_tensor window = *w; // [C/groups, k...]
  window.rank = w->rank - 1;
  for (int d = 0; d < window.rank; ++d)
    window.dims[d] = w->dims[d + 1];
  window.count = w->dims[0] ? w->count / w->dims[0] : 0;
  for (int64_t i = 0; i < y.count; ++i) {
    int64_t out[ORACLE_RANK], at[ORACLE_RANK], from[ORACLE_RANK];
    unflatten(&y, i, out);
    const int64_t first = out[1] / (w->dims[0] / groups) * w->dims[1]; // channel of the group
    for (int64_t k = 0; k < window.count; ++k) {
      unflatten(&window, k, at);
      from[0] = out[0], from[1] = first + at[0];
      bool inside = true;
      for (int d = 0; d < space; ++d) {
        from[2 + d] = out[2 + d] * stride[d] + at[1 + d] * dilation[d] - padding[2 * d];
        inside = inside && from[2 + d] >= 0 && from[2 + d] < x->dims[2 + d];
      }
      if (!inside) continue;
      const long double term = x->value[flatten(x, from)] * w->value[out[1] * window.count + k];
      y.value[i] += term, y.scale[i] += fabsl(term);
    }
    y.scale[i] *= (long double)window.count;
  }
  return y;
}

oracle_tensor oracle_softmax(const oracle_tensor *x, int axis, bool logarithm) {
  oracle_tensor y = oracle_make(x->rank, x->dims);
  each_line(x, &y, axis, log_softmax_line);
  for (int64_t i = 0; !logarithm && i < y.count; ++i) {
    y.value[i] = expl(y.value[i]);
    y.scale[i] = y.value[i] * (1 + y.scale[i]);
  }
  return y;
}

oracle_tensor oracle_layer_norm(const oracle_tensor *x, const oracle_tensor *weight,
                                const oracle_tensor *bias, long double eps) {
  oracle_tensor y = oracle_make(x->rank, x->dims);
  const int64_t D = x->dims[x->rank - 1];
  for (int64_t r = 0; D && r < x->count / D; ++r) {
    const long double *row = x->value + r * D;
    long double mean = 0, variance = 0, magnitude = 0;
    for (int64_t i = 0; i < D; ++i)
      mean += row[i] / (long double)D, magnitude += fabsl(row[i]) / (long double)D;
    for (int64_t i = 0; i < D; ++i)
      variance += (row[i] - mean) * (row[i] - mean) / (long double)D;
    const long double deviation = sqrtl(variance + eps);
    for (int64_t i = 0; i < D; ++i) {
      y.value[r * D + i] = (row[i] - mean) / deviation * weight->value[i] + bias->value[i];
      // The mean is off by eps * D * magnitude, the deviation relatively by eps * D.
      y.scale[r * D + i] = (fabsl(row[i]) + magnitude * (long double)D) / deviation *
                               fabsl(weight->value[i]) *
                               (1 + (long double)D * magnitude / deviation) +
                           fabsl(bias->value[i]);
    }
  }
  return y;
}

oracle_tensor oracle_cross_entropy(const oracle_tensor *x, const oracle_tensor *target, int axis) {
  oracle_tensor logs = oracle_softmax(x, axis, true);
  oracle_tensor y = oracle_make(target->rank, target->dims);
  for (int64_t i = 0; i < y.count; ++i) {
    int64_t index[ORACLE_RANK], from[ORACLE_RANK];
    unflatten(target, i, index);
    for (int d = 0; d < x->rank; ++d)
      from[d] = d == axis ? (int64_t)target->value[i] : index[d < axis ? d : d - 1];
    const int64_t o = flatten(x, from);
    y.value[i] = -logs.value[o], y.scale[i] = logs.scale[o];
  }
  oracle_free(&logs);
  return y;
}
