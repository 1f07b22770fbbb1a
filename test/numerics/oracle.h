// oracle.h: naive evaluation of ops, to compare compiled code with. Loops in index order over long
// doubles, written from the ops' definitions; nothing of the product is used.
#ifndef MTH_TEST_NUMERICS_ORACLE_H
#define MTH_TEST_NUMERICS_ORACLE_H
#include <stdbool.h>
#include <stdint.h>

enum { ORACLE_RANK = 8 };

// A dense row-major tensor. A long double has 64 bits of mantissa, so it holds any int64 exactly.
// `scale[i]` bounds the error of a compiled result: |computed - value[i]| <= ulps * eps * scale[i],
// where eps is that of the computed dtype and `ulps` comes from the test. For a map it is |value|,
// for a sum of n terms n * sum|terms|.
typedef struct oracle_tensor {
  int rank;
  int64_t dims[ORACLE_RANK];
  int64_t count;
  long double *value, *scale;
} oracle_tensor;

// Makers return zeroed tensors; oracle_free gives them back. A test runs out of memory by aborting.
oracle_tensor oracle_make(int rank, const int64_t *dims);
void oracle_free(oracle_tensor *tensor);

typedef long double oracle_unary(long double x);
typedef long double oracle_binary(long double x, long double y);

oracle_tensor oracle_map1(oracle_unary *f, const oracle_tensor *x);
// Operands broadcast as in NumPy.
oracle_tensor oracle_map2(oracle_binary *f, const oracle_tensor *x, const oracle_tensor *y);
oracle_tensor oracle_where(const oracle_tensor *condition, const oracle_tensor *x,
                           const oracle_tensor *y);

typedef enum oracle_fold {
  ORACLE_SUM,
  ORACLE_MEAN,
  ORACLE_MAX,
  ORACLE_MIN,
  ORACLE_PROD
} oracle_fold;
// Folds the axes whose bit is set in `axes`. An empty sum is 0, an empty mean NaN, an empty max
// -inf.
oracle_tensor oracle_reduce(oracle_fold fold, const oracle_tensor *x, unsigned axes, bool keepdim);

// The sum of squared distances from the mean over `axis`, divided by the extent less `correction`.
oracle_tensor oracle_variance(const oracle_tensor *x, int axis, long double correction);
// The first index of the greatest element (sign 1) or the least (sign -1) along `axis`.
oracle_tensor oracle_first_index(const oracle_tensor *x, int axis, int sign);

oracle_tensor oracle_matmul(const oracle_tensor *x, const oracle_tensor *y);
oracle_tensor oracle_reshape(const oracle_tensor *x, int rank, const int64_t *dims);
oracle_tensor oracle_transpose(const oracle_tensor *x, const int64_t *axes);
oracle_tensor oracle_slice(const oracle_tensor *x, const int64_t *start, const int64_t *size,
                           const int64_t *step);
oracle_tensor oracle_pad(const oracle_tensor *x, const int64_t *low, const int64_t *high);
oracle_tensor oracle_broadcast_to(const oracle_tensor *x, int rank, const int64_t *dims);
oracle_tensor oracle_concat(int count, const oracle_tensor *parts, int axis);
// table [V, ...], indices any shape: indices.shape + table.shape[1:].
oracle_tensor oracle_gather(const oracle_tensor *table, const oracle_tensor *indices);
// indices any shape, updates indices.shape + rest: [size, rest...], zero where nothing was added.
oracle_tensor oracle_scatter_add(const oracle_tensor *indices, const oracle_tensor *updates,
                                 int64_t size);
// The element of x along `axis` that `target`, which lacks that axis, names.
oracle_tensor oracle_pick(const oracle_tensor *x, const oracle_tensor *target, int axis);
oracle_tensor oracle_iota(int rank, const int64_t *dims, int axis);

// One axis of a window: element k of window i lies at start + i*stride + k*dilation.
typedef struct oracle_slide {
  int64_t kernel, count, start, stride, dilation;
} oracle_slide;
// x [A..., L, E...]: [A..., kernel, count, E...], zero outside of x.
oracle_tensor oracle_windows(const oracle_tensor *x, int axis, oracle_slide slide);
// x [N, C, L...], w [O, C/groups, k...]: [N, O, P...]. `padding` lists low and high of each axis.
oracle_tensor oracle_convolution(const oracle_tensor *x, const oracle_tensor *w,
                                 const int64_t *stride, const int64_t *padding,
                                 const int64_t *dilation, int64_t groups);

oracle_tensor oracle_softmax(const oracle_tensor *x, int axis, bool logarithm);
// Over the last axis: (x - mean) / sqrt(var + eps) * weight + bias, var with divisor n.
oracle_tensor oracle_layer_norm(const oracle_tensor *x, const oracle_tensor *weight,
                                const oracle_tensor *bias, long double eps);
// -log_softmax(x)[target] along `axis`; target lacks that axis.
oracle_tensor oracle_cross_entropy(const oracle_tensor *x, const oracle_tensor *target, int axis);
#endif
