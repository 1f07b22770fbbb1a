// op_cases.c: what each op must do.
//
// Length  one row an op, and above the rows the formulas that they alone name, one or two lines each:
//         in two files each formula would be declared once more, and a new op would touch three.
#include "test/numerics/op_cases.h"

#include <math.h>

#define SIZE(letter) (sizes[(letter) - 'A'])
#define ORACLE(name) static oracle_tensor name(const oracle_tensor *in, const case_sizes sizes)

// MAP1(name, formula of x), MAP2(name, formula of x and y): scalar definitions.
#define MAP1(name, ...)                                                                            \
  static long double name##_scalar(long double x) { return __VA_ARGS__; }                          \
  ORACLE(name) { return (void)sizes, oracle_map1(name##_scalar, in); }
#define MAP2(name, ...)                                                                            \
  static long double name##_scalar(long double x, long double y) { return __VA_ARGS__; }           \
  ORACLE(name) { return (void)sizes, oracle_map2(name##_scalar, &in[0], &in[1]); }

static long double keep_second(long double x, long double y) { return (void)x, y; }
MAP2(add, x + y)
MAP2(subtract, x - y)
MAP2(multiply, x *y)
MAP2(divide, x / y)
MAP2(power, powl(x, y))
MAP2(floor_divide, floorl(x / y))
MAP2(floor_divide_integers, y == 0 ? 0 : floorl(x / y))
MAP2(modulo_integers, y == 0 ? 0 : x - y * floorl(x / y))
ORACLE(modulo) { // exact, then rounded once or twice
  oracle_tensor y = oracle_map2(fmodl, &in[0], &in[1]);
  oracle_tensor d = oracle_map2(keep_second, &in[0], &in[1]);
  for (int64_t i = 0; i < y.count; ++i) {
    if (y.value[i] != 0 && (y.value[i] < 0) != (d.value[i] < 0)) y.value[i] += d.value[i];
    y.scale[i] = fabsl(d.value[i]);
  }
  return (void)sizes, oracle_free(&d), y;
}
MAP2(bits_and, (long double)((int64_t)x & (int64_t)y))
MAP2(bits_or, (long double)((int64_t)x | (int64_t)y))
MAP2(bits_xor, (long double)((int64_t)x ^ (int64_t)y))
MAP1(bits_not, -1 - x)
// By less than 0, or by the width or more, everything is moved out.
MAP2(shift_left, y < 0 || y > 63 ? 0 : (long double)(int64_t)((uint64_t)(int64_t)x << (int)y))
MAP2(shift_right, y < 0 || y > 63 ? -(x < 0) : floorl(ldexpl(x, -(int)y)))
MAP2(shift_left_bytes, y < 0 || y > 7 ? 0 : (long double)(int8_t)((uint32_t)(int32_t)x << (int)y))
MAP2(maximum, x > y ? x : y)
MAP2(minimum, x < y ? x : y)
MAP2(equal, x == y)
MAP2(not_equal, x != y)
MAP2(less, x < y)
MAP2(less_equal, x <= y)
MAP2(greater, x > y)
MAP2(greater_equal, x >= y)
MAP2(logical_and, x != 0 && y != 0)
MAP2(logical_or, x != 0 || y != 0)
MAP2(squared_error, (x - y) * (x - y))
MAP1(logical_not, x == 0)
MAP1(negate, -x)
MAP1(exponential, expl(x))
MAP1(logarithm, logl(x))
MAP1(square_root, sqrtl(x))
MAP1(absolute, fabsl(x))
MAP1(sign, (x > 0) - (x < 0))
MAP1(hyperbolic_tangent, tanhl(x))
MAP1(sigmoid, 1 / (1 + expl(-x)))
MAP1(relu, x > 0 ? x : 0)
MAP1(error_function, erfl(x))
MAP1(sine, sinl(x))
MAP1(cosine, cosl(x))
MAP1(identity, x)
MAP1(to_integer, truncl(x))

MAP1(logarithm_above_one, log1pl(x))
MAP1(rounded_down, floorl(x))
MAP1(square, x *x)
MAP1(softplus, log1pl(expl(-fabsl(x))) + (x > 0 ? x : 0))
MAP1(leaky_relu, x > 0 ? x : 0.25L * x)
MAP1(leaky_relu_default, x > 0 ? x : 0.01 * x)
MAP1(clamp, x < -2.5L ? -2.5L : x > 3 ? 3 : x)
MAP1(clamp_integer, x < -2 ? -2 : x)
MAP1(log_of_size, logl(fabsl(x)))
MAP1(robust_sqrt, fabsl(x) < 0.5L ? fabsl(x) / sqrtl(0.5L) : sqrtl(fabsl(x)))
MAP2(robust_power,
     y < 1 - logl(0.5L) / logl(fabsl(x)) && fabsl(x) < 0.5L ? fabsl(x) / 0.5L : powl(fabsl(x), y))

MAP2(absolute_error, fabsl(x - y))
MAP2(hinge, y *x < 1 ? 1 - y * x : 0)
MAP2(quad_hinge, y *x < 1 ? (1 - y * x) * (1 - y * x) : 0)
MAP2(quantile_half, fabsl(y - x) / 2)
MAP2(quantile, (y > x ? 0.3 : 0.3 - 1) * (y - x))
MAP2(kl_divergence, y *(logl(y) - logl(x)))

static oracle_tensor scaled_by(long double scale, oracle_tensor y) {
  for (int64_t i = 0; i < y.count; ++i)
    y.scale[i] = scale;
  return y;
}
// Sums whose terms may cancel: the error is one of the terms, which are at most this.
static long double robust_log_scalar(long double x) {
  return fabsl(x) < 0.5L ? logl(0.5L) + fabsl(x) / 0.5L - 1 : logl(fabsl(x));
}
static long double stable_reciprocal_scalar(long double x) {
  return fabsl(x) >= 0.5L ? 1 / x : (x < 0 ? -4 : 4) - 4 * x;
}
ORACLE(robust_log) { return (void)sizes, scaled_by(4, oracle_map1(robust_log_scalar, in)); }
ORACLE(stable_reciprocal) {
  return (void)sizes, scaled_by(4, oracle_map1(stable_reciprocal_scalar, in));
}
ORACLE(hinge_loss) { return scaled_by(5, hinge(in, sizes)); }
ORACLE(quad_hinge_loss) { return scaled_by(25, quad_hinge(in, sizes)); }
ORACLE(divergence) { return scaled_by(4, kl_divergence(in, sizes)); }
typedef long double ternary(long double x, long double y, long double z);
static oracle_tensor map3(ternary *f, const oracle_tensor *in, long double scale) {
  oracle_tensor out = oracle_make(in->rank, in->dims);
  for (int64_t i = 0; i < out.count; ++i)
    out.value[i] = f(in[0].value[i], in[1].value[i], in[2].value[in[2].rank ? i : 0]);
  return scaled_by(scale, out);
}
static long double binary_scalar(long double x, long double t, long double p) {
  return -p * t * logl(x) - (1 - t) * logl(1 - x);
}
static long double binary_with_logits_scalar(long double x, long double t, long double p) {
  const long double tail = log1pl(expl(-fabsl(x))) + (x < 0 ? -x : 0);
  return (1 - t) * x + ((p - 1) * t + 1) * tail;
}
ORACLE(binary) { return (void)sizes, map3(binary_scalar, in, 4); }
ORACLE(binary_with_logits) { return (void)sizes, map3(binary_with_logits_scalar, in, 64); }

// gelu is a product of x and a factor near 0 for large negative x, so its error is one of x.
static oracle_tensor scaled_by_input(oracle_tensor y, const oracle_tensor *x) {
  for (int64_t i = 0; i < y.count; ++i)
    y.scale[i] = fabsl(x->value[i]);
  return y;
}
static long double gelu_scalar(long double x) { return x / 2 * (1 + erfl(x * sqrtl(0.5L))); }
static long double gelu_tanh_scalar(long double x) {
  const long double two_over_pi = 0.636619772367581343075535053490057448L;
  return x / 2 * (1 + tanhl(sqrtl(two_over_pi) * (x + 0.044715L * x * x * x)));
}
ORACLE(gelu) { return (void)sizes, scaled_by_input(oracle_map1(gelu_scalar, in), in); }
ORACLE(gelu_tanh) { return (void)sizes, scaled_by_input(oracle_map1(gelu_tanh_scalar, in), in); }
ORACLE(where) { return (void)sizes, oracle_where(&in[0], &in[1], &in[2]); }

ORACLE(sum_all) { return (void)sizes, oracle_reduce(ORACLE_SUM, in, ~0u, false); }
ORACLE(sum_last) { return (void)sizes, oracle_reduce(ORACLE_SUM, in, 2, false); }
ORACLE(sum_first) { return (void)sizes, oracle_reduce(ORACLE_SUM, in, 1, false); }
ORACLE(sum_outer) { return (void)sizes, oracle_reduce(ORACLE_SUM, in, 1 | 4, false); }
ORACLE(sum_middle_keep) { return (void)sizes, oracle_reduce(ORACLE_SUM, in, 2, true); }
ORACLE(mean_last) { return (void)sizes, oracle_reduce(ORACLE_MEAN, in, 2, false); }
ORACLE(mean_all) { return (void)sizes, oracle_reduce(ORACLE_MEAN, in, ~0u, false); }
ORACLE(max_last) { return (void)sizes, oracle_reduce(ORACLE_MAX, in, 2, false); }
ORACLE(max_first) { return (void)sizes, oracle_reduce(ORACLE_MAX, in, 1, false); }
ORACLE(min_last) { return (void)sizes, oracle_reduce(ORACLE_MIN, in, 2, true); }

ORACLE(prod_last) { return (void)sizes, oracle_reduce(ORACLE_PROD, in, 2, false); }
ORACLE(prod_all) { return (void)sizes, oracle_reduce(ORACLE_PROD, in, ~0u, false); }
ORACLE(variance_last) { return (void)sizes, oracle_variance(in, 1, 0); }
ORACLE(variance_corrected) { return (void)sizes, oracle_variance(in, 0, 1); }
ORACLE(arg_max_last) { return (void)sizes, oracle_first_index(in, 1, 1); }
ORACLE(arg_min_first) {
  oracle_tensor y = oracle_first_index(in, 0, -1);
  const oracle_tensor kept = oracle_reshape(&y, 2, (int64_t[]){1, SIZE('N')});
  return oracle_free(&y), kept;
}
ORACLE(arg_max_all) {
  oracle_tensor flat = oracle_reshape(in, 1, (int64_t[]){SIZE('M') * SIZE('N')});
  const oracle_tensor y = oracle_first_index(&flat, 0, 1);
  return oracle_free(&flat), y;
}

ORACLE(matmul) { return (void)sizes, oracle_matmul(&in[0], &in[1]); }
ORACLE(matmul_bytes) {
  oracle_tensor y = oracle_matmul(&in[0], &in[1]);
  for (int64_t i = 0; i < y.count; ++i)
    y.value[i] = (int8_t)(uint8_t)(int64_t)y.value[i]; // wraps
  return (void)sizes, y;
}
ORACLE(reshape_swapped) { return oracle_reshape(in, 2, (int64_t[]){SIZE('N'), SIZE('M')}); }
ORACLE(transpose_2d) { return (void)sizes, oracle_transpose(in, (int64_t[]){1, 0}); }
ORACLE(transpose_heads) { return (void)sizes, oracle_transpose(in, (int64_t[]){0, 2, 1, 3}); }
ORACLE(transpose_cycle) { return (void)sizes, oracle_transpose(in, (int64_t[]){2, 0, 1}); }
ORACLE(broadcast_rows) { return oracle_broadcast_to(in, 2, (int64_t[]){SIZE('M'), SIZE('N')}); }
ORACLE(slice_step) {
  const int64_t start[] = {1, 2}, size[] = {3, 2}, step[] = {2, 3};
  return (void)sizes, oracle_slice(in, start, size, step);
}
ORACLE(slice_rows) {
  return oracle_slice(in, (int64_t[]){0, 1}, (int64_t[]){SIZE('M'), 2}, (int64_t[]){1, 1});
}
ORACLE(pad_both) { return (void)sizes, oracle_pad(in, (int64_t[]){1, 0}, (int64_t[]){2, 3}); }
ORACLE(concat_last) { return (void)sizes, oracle_concat(2, in, 1); }
ORACLE(concat_first) { return (void)sizes, oracle_concat(3, in, 0); }
ORACLE(at_least_1d) { return (void)sizes, oracle_reshape(in, 1, (int64_t[]){1}); }
ORACLE(only_element) { return (void)sizes, oracle_reshape(in, 0, NULL); }
static oracle_tensor number(int64_t value) {
  oracle_tensor y = oracle_make(0, NULL);
  y.value[0] = (long double)value;
  return y;
}
ORACLE(count_all) { return (void)in, number(SIZE('M') * SIZE('N')); }
ORACLE(count_outer) { return (void)in, number(SIZE('B') * SIZE('N')); }
ORACLE(concat_rows) {
  oracle_tensor rows[3];
  for (int i = 0; i < 3; ++i)
    rows[i] = oracle_reshape(&in[i], 1, (int64_t[]){in[i].count});
  const oracle_tensor y = oracle_concat(3, rows, 0);
  for (int i = 0; i < 3; ++i)
    oracle_free(&rows[i]);
  return (void)sizes, y;
}
// The monomials of (1, x, y, z) in the order of nested loops, the first left out.
ORACLE(polynomial_3_2) {
  oracle_tensor y = oracle_make(2, (int64_t[]){SIZE('M'), 9});
  for (int64_t n = 0; n < SIZE('M'); ++n) {
    const long double *x = in->value + 3 * n;
    const long double base[4] = {1, x[0], x[1], x[2]};
    long double *row = y.value + 9 * n;
    for (int i = 0, at = -1; i < 4; ++i)
      for (int j = i; j < 4; ++j, ++at)
        if (at >= 0) row[at] = base[i] * base[j];
  }
  for (int64_t i = 0; i < y.count; ++i)
    y.scale[i] = fabsl(y.value[i]);
  return y;
}
ORACLE(polynomial_1_3) {
  oracle_tensor y = oracle_make(2, (int64_t[]){SIZE('M'), 3});
  for (int64_t n = 0; n < SIZE('M'); ++n)
    for (int i = 0; i < 3; ++i)
      y.value[3 * n + i] = powl(in->value[n], i + 1);
  for (int64_t i = 0; i < y.count; ++i)
    y.scale[i] = fabsl(y.value[i]);
  return y;
}
ORACLE(gather) { return (void)sizes, oracle_gather(&in[0], &in[1]); }
// x[1:, -1:1:-2]
ORACLE(index_slices) {
  const int64_t M = in[0].dims[0], N = in[0].dims[1], dims[] = {M > 1 ? M - 1 : 0, (N - 1) / 2};
  oracle_tensor y = oracle_make(2, dims);
  for (int64_t i = 0; i < dims[0]; ++i)
    for (int64_t j = 0; j < dims[1]; ++j)
      y.value[i * dims[1] + j] = in[0].value[(i + 1) * N + N - 1 - 2 * j];
  return (void)sizes, y;
}
// x[t, ::-1]
ORACLE(index_rows) {
  oracle_tensor y = oracle_gather(&in[0], &in[1]);
  const int64_t N = in[0].dims[1];
  for (int64_t i = 0; i < y.count; ++i)
    y.value[i] = in[0].value[(int64_t)in[1].value[i / N] * N + N - 1 - i % N];
  return (void)sizes, y;
}
ORACLE(scatter_add) { return (void)sizes, oracle_scatter_add(&in[0], &in[1], 5); }
ORACLE(iota_rows) { return (void)in, oracle_iota(2, (int64_t[]){SIZE('M'), SIZE('N')}, 0); }
ORACLE(pick_middle) { return (void)sizes, oracle_pick(&in[0], &in[1], 1); }
ORACLE(pick_last) { return (void)sizes, oracle_pick(&in[0], &in[1], 1); }
ORACLE(one_hot) {
  oracle_tensor y = oracle_make(in[1].rank, in[1].dims);
  for (int64_t i = 0; i < y.count; ++i) {
    const int64_t N = SIZE('N'), m = i / N / 5, c = i / N % 5;
    y.value[i] = in[0].value[m * N + i % N] == (long double)c;
  }
  return y;
}
ORACLE(along_middle) {
  oracle_tensor y = oracle_make(in[1].rank, in[1].dims);
  for (int64_t i = 0; i < y.count; ++i)
    y.value[i] = in[0].value[i / SIZE('M') % SIZE('N')];
  return y;
}
ORACLE(class_weights) {
  oracle_tensor counts = oracle_reduce(ORACLE_SUM, in, 1 | 4, false),
                y = oracle_make(1, counts.dims);
  for (int64_t i = 0; i < 3; ++i) {
    y.value[i] = (counts.value[0] + counts.value[1] + counts.value[2]) / (3 * counts.value[i]);
    y.scale[i] = y.value[i] * (long double)in->count;
  }
  return (void)sizes, oracle_free(&counts), y;
}
ORACLE(windows_middle) {
  return (void)sizes, oracle_windows(in, 1, (oracle_slide){3, 4, -1, 2, 1});
}
ORACLE(windows_back) { return oracle_windows(in, 1, (oracle_slide){2, SIZE('N'), 1, 1, -2}); }
ORACLE(flatten_tail) {
  return oracle_reshape(in, 2, (int64_t[]){SIZE('B'), SIZE('M') * SIZE('N')});
}
ORACLE(flatten_head) {
  return oracle_reshape(in, 2, (int64_t[]){SIZE('B') * SIZE('M'), SIZE('N')});
}
ORACLE(flatten_all) { return oracle_reshape(in, 1, (int64_t[]){SIZE('M') * SIZE('N')}); }
ORACLE(squeeze) { return oracle_reshape(in, 2, (int64_t[]){SIZE('M'), 3}); }
ORACLE(swap_outer) { return (void)sizes, oracle_transpose(in, (int64_t[]){2, 1, 0}); }
ORACLE(split_last) {
  return oracle_slice(in, (int64_t[]){0, 6}, (int64_t[]){SIZE('M'), 2}, (int64_t[]){1, 1});
}
ORACLE(split_section) {
  return oracle_slice(in, (int64_t[]){3, 0}, (int64_t[]){3, SIZE('N')}, (int64_t[]){1, 1});
}
ORACLE(split_symbolic) {
  const int64_t rest = SIZE('M') - 4;
  return oracle_slice(in, (int64_t[]){4}, (int64_t[]){rest < 4 ? rest : 4}, (int64_t[]){1});
}
#define CONVOLVE(groups, stride, padding, dilation)                                                \
  ((void)sizes,                                                                                    \
   oracle_convolution(&in[0], &in[1], (int64_t[]){NUMBERS stride}, (int64_t[]){NUMBERS padding},   \
                      (int64_t[]){NUMBERS dilation}, groups))
#define NUMBERS(...) __VA_ARGS__
ORACLE(convolution_1d) { return CONVOLVE(1, (1), (0, 0), (1)); }
ORACLE(convolution_1d_wide) { return CONVOLVE(1, (2), (2, 1), (2)); }
ORACLE(convolution_1d_groups) { return CONVOLVE(2, (3), (0, 2), (1)); }
ORACLE(convolution_2d) { return CONVOLVE(1, (2, 1), (1, 0, 1, 2), (1, 1)); }
ORACLE(convolution_2d_groups) { return CONVOLVE(2, (1, 2), (1, 1, 0, 2), (1, 2)); }
ORACLE(convolution_3d) { return CONVOLVE(1, (1, 1, 2), (0, 1, 0, 0, 1, 1), (1, 1, 1)); }
ORACLE(softmax_last) { return (void)sizes, oracle_softmax(in, 1, false); }
ORACLE(softmax_first) { return (void)sizes, oracle_softmax(in, 0, false); }
ORACLE(softmax_all) {
  oracle_tensor row = oracle_reshape(in, 1, &in->count), y = oracle_softmax(&row, 0, false);
  oracle_free(&row);
  y.rank = 2, y.dims[0] = SIZE('M'), y.dims[1] = SIZE('N');
  return y;
}
ORACLE(log_softmax_all) {
  oracle_tensor row = oracle_reshape(in, 1, &in->count), y = oracle_softmax(&row, 0, true);
  oracle_free(&row);
  y.rank = 2, y.dims[0] = SIZE('M'), y.dims[1] = SIZE('N');
  return y;
}
ORACLE(log_softmax_last) { return (void)sizes, oracle_softmax(in, 1, true); }
ORACLE(layer_norm) { return (void)sizes, oracle_layer_norm(&in[0], &in[1], &in[2], 1e-5L); }
ORACLE(cross_entropy_last) { return (void)sizes, oracle_cross_entropy(&in[0], &in[1], 1); }
ORACLE(cross_entropy_middle) { return (void)sizes, oracle_cross_entropy(&in[0], &in[1], 1); }

// Error bounds. Arithmetic, square roots and selections round once or not at all. The functions
// that are expanded stay within 2 ULP in f64 and 4 in f32; sums within 1 of n * sum|terms|.
static const op_case table[] = {
    {"add", "", {"MN:f", "MN:f"}, 'f', -9, 9, add, 0.5, 0},
    {"add", "", {"MN:f", "N:f"}, 'f', -9, 9, add, 0.5, 0},
    {"add", "", {"M1:f", "1N:f"}, 'f', -9, 9, add, 0.5, 0},
    {"add", "", {"MN:i", "MN:i"}, 'i', -99, 99, add, 0, 0},
    {"subtract", "", {"BMN:f", "MN:f"}, 'f', -9, 9, subtract, 0.5, 0},
    {"multiply", "", {"M:f", "M:f"}, 'f', -9, 9, multiply, 0.5, 0},
    {"divide", "", {"MN:f", "M1:f"}, 'f', 1, 9, divide, 0.5, 0},
    {"floor_divide", "", {"MN:f", "M1:f"}, 'f', 0.5, 9, floor_divide, 0, 0},
    {"floor_divide", "", {"MN:i", "N:i"}, 'i', -9, 9, floor_divide_integers, 0, 0},
    {"modulo", "", {"MN:f", "M1:f"}, 'f', 0.5, 9, modulo, 0.5, 0},
    {"modulo", "", {"MN:i", "N:i"}, 'i', -9, 9, modulo_integers, 0, 0},
    {"power", "", {"MN:f", "MN:f"}, 'f', 0.1, 4, power, 4, 0},
    {"maximum", "", {"MN:f", ":f"}, 'f', -9, 9, maximum, 0, 0},
    {"minimum", "", {"MN:f", "MN:f"}, 'f', -9, 9, minimum, 0, 0},
    {"equal", "", {"MN:i", "N:i"}, 'b', 0, 3, equal, 0, 0},
    {"not_equal", "", {"MN:i", "N:i"}, 'b', 0, 3, not_equal, 0, 0},
    {"less", "", {"MN:f", "MN:f"}, 'b', -9, 9, less, 0, 0},
    {"less_equal", "", {"MN:i", "MN:i"}, 'b', 0, 3, less_equal, 0, 0},
    {"greater", "", {"MN:f", "M1:f"}, 'b', -9, 9, greater, 0, 0},
    {"greater_equal", "", {"MN:i", "MN:i"}, 'b', 0, 3, greater_equal, 0, 0},
    {"logical_and", "", {"MN:b", "MN:b"}, 'b', 0, 2, logical_and, 0, 0},
    {"logical_or", "", {"MN:b", "N:b"}, 'b', 0, 2, logical_or, 0, 0},
    {"logical_xor", "", {"MN:b", "N:b"}, 'b', 0, 2, not_equal, 0, 0},
    {"logical_not", "", {"MN:b"}, 'b', 0, 2, logical_not, 0, 0},
    {"logical_and", "", {"MN:i", "N:i"}, 'i', -999, 999, bits_and, 0, 0},
    {"logical_or", "", {"MN:i", "M1:i"}, 'i', -999, 999, bits_or, 0, 0},
    {"logical_xor", "", {"MN:i", "MN:i"}, 'i', -999, 999, bits_xor, 0, 0},
    {"logical_not", "", {"MN:i"}, 'i', -999, 999, bits_not, 0, 0},
    {"shift_left", "", {"MN:i", "MN:i"}, 'i', 0, 20, shift_left, 0, 0},
    {"shift_left", "", {"MN:i", "N:i"}, 'i', -2, 66, shift_left, 0, 0},
    {"shift_right", "", {"MN:i", "MN:i"}, 'i', -66, 66, shift_right, 0, 0},
    {"shift_left", "", {"MN:h", "N:h"}, 'h', -2, 9, shift_left_bytes, 0, 0},
    {"where", "", {"MN:b", "MN:f", "N:f"}, 'f', 0, 2, where, 0, 0},
    {"squared_error", "", {"MN:f", "MN:f"}, 'f', -9, 9, squared_error, 4, 0},
    {"negate", "", {"MN:f"}, 'f', -9, 9, negate, 0, 0},
    {"exp", "", {"MN:f"}, 'f', -20, 20, exponential, 4, 0},
    {"log", "", {"MN:f"}, 'f', 0.001, 50, logarithm, 4, 0},
    {"sqrt", "", {"MN:f"}, 'f', 0, 50, square_root, 0.5, 0},
    {"log", "{robust = true}", {"MN:f"}, 'f', -9, 9, log_of_size, 4, 0},
    {"log", "{robust = true, threshold = 0.5 : f64}", {"MN:f"}, 'f', -2, 2, robust_log, 4, 0},
    {"sqrt", "{robust = true, threshold = 0.5 : f64}", {"MN:f"}, 'f', -2, 2, robust_sqrt, 2, 0},
    {"power",
     "{robust = true, threshold = 0.5 : f64}",
     {"MN:f", "N:f"},
     'f',
     -2,
     2,
     robust_power,
     6,
     0},
    {"stable_reciprocal", "{threshold = 0.5 : f64}", {"MN:f"}, 'f', -2, 2, stable_reciprocal, 2, 0},
    {"log1p", "", {"MN:f"}, 'f', -0.9, 9, logarithm_above_one, 4, 0},
    {"floor", "", {"MN:f"}, 'f', -9, 9, rounded_down, 0, 0},
    {"square", "", {"MN:f"}, 'f', -9, 9, square, 0.5, 0},
    {"softplus", "", {"MN:f"}, 'f', -20, 20, softplus, 6, 0},
    {"leaky_relu", "{slope = 0.25 : f64}", {"MN:f"}, 'f', -9, 9, leaky_relu, 0.5, 0},
    {"leaky_relu", "", {"MN:f"}, 'f', -9, 9, leaky_relu_default, 2, 0},
    {"clamp", "{min_val = -2.5 : f64, max_val = 3.0 : f64}", {"MN:f"}, 'f', -9, 9, clamp, 0, 0},
    {"clamp", "{min_val = -2.5 : f64}", {"MN:i"}, 'i', -9, 9, clamp_integer, 0, 0},
    {"abs", "", {"MN:f"}, 'f', -9, 9, absolute, 0, 0},
    {"sign", "", {"MN:f"}, 'f', -9, 9, sign, 0, 0},
    {"tanh", "", {"MN:f"}, 'f', -4, 4, hyperbolic_tangent, 4, 0},
    {"sigmoid", "", {"MN:f"}, 'f', -20, 20, sigmoid, 6, 0},
    {"relu", "", {"MN:f"}, 'f', -9, 9, relu, 0, 0},
    {"gelu", "", {"MN:f"}, 'f', -6, 6, gelu, 6, 0},
    {"gelu", "{approximate = true}", {"MN:f"}, 'f', -6, 6, gelu_tanh, 6, 0},
    {"erf", "", {"MN:f"}, 'f', -4, 4, error_function, 4, 0},
    {"sin", "", {"MN:f"}, 'f', -9, 9, sine, 4, 0},
    {"cos", "", {"MN:f"}, 'f', -9, 9, cosine, 4, 0},
    {"stop_gradient", "", {"MN:f"}, 'f', -9, 9, identity, 0, 0},
    {"cast", "{dtype = i64}", {"MN:f"}, 'i', -9, 9, to_integer, 0, 0},
    {"cast", "{dtype = $F}", {"MN:i"}, 'f', -9, 9, identity, 0, 0},
    {"sum", "", {"MN:f"}, 'f', -9, 9, sum_all, 1, 0},
    {"sum", "{axis = array<i64: 1>}", {"MN:f"}, 'f', -9, 9, sum_last, 1, 0},
    {"sum", "{axis = array<i64: 0>}", {"MN:f"}, 'f', -9, 9, sum_first, 1, 0},
    {"sum", "{axis = array<i64: 0, 2>}", {"BMN:f"}, 'f', -9, 9, sum_outer, 1, 0},
    {"sum", "{axis = array<i64: 1>, keepdim = true}", {"BMN:f"}, 'f', -9, 9, sum_middle_keep, 1, 0},
    {"mean", "{axis = array<i64: 1>}", {"MN:f"}, 'f', -9, 9, mean_last, 2, 1},
    {"mean", "", {"MN:f"}, 'f', -9, 9, mean_all, 2, 1},
    {"reduce_max", "{axis = array<i64: 1>}", {"MN:f"}, 'f', -9, 9, max_last, 0, 1},
    {"reduce_max", "{axis = array<i64: 0>}", {"MN:f"}, 'f', -9, 9, max_first, 0, 1},
    {"reduce_min", "{axis = array<i64: 1>, keepdim = true}", {"MN:f"}, 'f', -9, 9, min_last, 0, 1},
    {"prod", "{axis = array<i64: 1>}", {"MN:f"}, 'f', 0.5, 1.5, prod_last, 1, 0},
    {"prod", "", {"MN:f"}, 'f', 0.9, 1.1, prod_all, 1, 0},
    {"prod", "{axis = array<i64: 1>}", {"M5:i"}, 'i', -9, 9, prod_last, 0, 0},
    {"variance", "{axis = array<i64: -1>}", {"MN:f"}, 'f', -9, 9, variance_last, 4, 1},
    {"variance",
     "{axis = array<i64: 0>, correction = 1.0 : f64}",
     {"MN:f"},
     'f',
     -9,
     9,
     variance_corrected,
     4,
     2},
    {"arg_max", "{axis = 1 : i64}", {"MN:f"}, 'i', -9, 9, arg_max_last, 0, 1},
    {"arg_max", "", {"MN:i"}, 'i', 0, 9, arg_max_all, 0, 1},
    {"arg_min", "{axis = -2 : i64, keepdim = true}", {"MN:i"}, 'i', 0, 3, arg_min_first, 0, 1},
    {"matmul", "", {"MK:f", "KN:f"}, 'f', -1, 1, matmul, 1, 0},
    {"matmul", "", {"BMK:f", "BKN:f"}, 'f', -1, 1, matmul, 1, 0},
    {"matmul", "", {"BMK:f", "KN:f"}, 'f', -1, 1, matmul, 1, 0},
    {"matmul", "", {"MK:i", "KN:i"}, 'i', -0x1p28, 0x1p28, matmul, 0, 0},
    {"matmul", "", {"BMK:i", "BKN:i"}, 'i', -99, 99, matmul, 0, 0},
    {"matmul", "", {"MK:w", "KN:w"}, 'w', -999, 999, matmul, 0, 0},
    {"matmul", "", {"BMK:w", "KN:w"}, 'w', -999, 999, matmul, 0, 0},
    {"matmul", "", {"MK:h", "KN:h"}, 'h', -128, 128, matmul_bytes, 0, 0},
    {"reshape", "{shape = [$N, $M]}", {"MN:f"}, 'f', -9, 9, reshape_swapped, 0, 0},
    {"transpose", "{axes = array<i64: 1, 0>}", {"MN:f"}, 'f', -9, 9, transpose_2d, 0, 0},
    {"transpose", "{axes = array<i64: 0, 2, 1, 3>}", {"BMNK:f"}, 'f', -9, 9, transpose_heads, 0, 0},
    {"transpose", "{axes = array<i64: 2, 0, 1>}", {"BMN:f"}, 'f', -9, 9, transpose_cycle, 0, 0},
    {"broadcast_to", "{shape = [$M, $N]}", {"N:f"}, 'f', -9, 9, broadcast_rows, 0, 0},
    {"slice",
     "{start = [1, 2], size = [3, 2], step = array<i64: 2, 3>}",
     {"89:f"},
     'f',
     -9,
     9,
     slice_step,
     0,
     0},
    {"slice",
     "{start = [0, 1], size = [$M, 2], step = array<i64: 1, 1>}",
     {"M4:f"},
     'f',
     -9,
     9,
     slice_rows,
     0,
     0},
    {"pad", "{low = [1, 0], high = [2, 3]}", {"MN:f"}, 'f', -9, 9, pad_both, 0, 0},
    {"concat", "{axis = 1 : i64}", {"MN:f", "MK:f"}, 'f', -9, 9, concat_last, 0, 0},
    {"concat", "{axis = 0 : i64}", {"MN:f", "KN:f", "MN:f"}, 'f', -9, 9, concat_first, 0, 0},
    {"atleast_1d", "", {":f"}, 'f', -9, 9, at_least_1d, 0, 0},
    {"atleast_1d", "", {"MN:f"}, 'f', -9, 9, identity, 0, 0},
    {"item", "", {"111:f"}, 'f', -9, 9, only_element, 0, 0},
    {"item", "", {":i"}, 'i', -9, 9, only_element, 0, 0},
    {"element_count", "", {"MN:f"}, 'f', -9, 9, count_all, 0, 0},
    {"element_count", "{axis = array<i64: 0, -1>}", {"BMN:f"}, 'f', -9, 9, count_outer, 0, 0},
    {"concat", "", {"MN:f", "K:f", ":f"}, 'f', -9, 9, concat_rows, 0, 0},
    {"polynomial_features", "{degree = 2 : i64}", {"M3:f"}, 'f', -3, 3, polynomial_3_2, 1, 0},
    {"polynomial_features", "{degree = 3 : i64}", {"M1:f"}, 'f', -3, 3, polynomial_1_3, 2, 0},
    {"gather", "", {"5N:f", "MK:i"}, 'f', 0, 5, gather, 0, 0},
    {"index",
     "{items = \"ar\", start = [1, -1], stop = [0, 1], step = array<i64: 1, -2>}",
     {"MN:f"},
     'f',
     -9,
     9,
     index_slices,
     0,
     1},
    {"index",
     "{items = \"ts\", start = [0, 0], stop = [0, 0], step = array<i64: 0, -1>}",
     {"5N:f", "MK:i"},
     'f',
     0,
     5,
     index_rows,
     0,
     0},
    {"scatter_add", "{size = [5]}", {"M:i", "MN:f"}, 'f', 0, 5, scatter_add, 1, 0},
    {"pick", "", {"M5N:f", "MN:i"}, 'f', 0, 5, pick_middle, 0, 0},
    {"pick", "{axis = -1 : i64}", {"M5:f", "M:i"}, 'f', 0, 5, pick_last, 0, 0},
    {"one_hot", "", {"MN:i", "M5N:f"}, 'f', 0, 5, one_hot, 0, 0},
    {"along_axis", "", {"N:f", "BNM:f"}, 'f', -9, 9, along_middle, 0, 0},
    {"class_weights", "", {"B3M:f"}, 'f', 0.5, 2, class_weights, 1, 1},
    {"absolute_error", "", {"MN:f", "N:f"}, 'f', -9, 9, absolute_error, 0.5, 0},
    {"hinge_loss", "", {"MN:f", "MN:f"}, 'f', -2, 2, hinge_loss, 1, 0},
    {"quad_hinge_loss", "", {"MN:f", "MN:f"}, 'f', -2, 2, quad_hinge_loss, 2, 0},
    {"quantile_loss", "", {"MN:f", "N:f"}, 'f', -9, 9, quantile_half, 1, 0},
    {"quantile_loss", "{quantile = 0.3 : f64}", {"MN:f", "MN:f"}, 'f', -9, 9, quantile, 3, 0},
    {"kl_divergence", "", {"MN:f", "MN:f"}, 'f', 0.1, 1, divergence, 4, 0},
    {"binary_cross_entropy", "", {"MN:f", "MN:f", ":f"}, 'f', 0.1, 0.9, binary, 4, 0},
    {"binary_cross_entropy",
     "{robust = true}",
     {"MN:f", "MN:f", "MN:f"},
     'f',
     0.1,
     0.9,
     binary,
     4,
     0},
    {"binary_cross_entropy_with_logits",
     "",
     {"MN:f", "MN:f", ":f"},
     'f',
     -3,
     3,
     binary_with_logits,
     2,
     0},
    {"iota", "{shape = [$M, $N], axis = 0 : i64, dtype = i64}", {NULL}, 'i', 0, 1, iota_rows, 0, 0},
    {"flatten_axes", "", {"BMN:f"}, 'f', -9, 9, flatten_tail, 0, 0},
    {"flatten_axes",
     "{start_dim = 0 : i64, end_dim = -2 : i64}",
     {"BMN:f"},
     'f',
     -9,
     9,
     flatten_head,
     0,
     0},
    {"flatten_axes", "{start_dim = 0 : i64}", {"MN:i"}, 'i', -9, 9, flatten_all, 0, 0},
    {"squeeze", "", {"1M13:f"}, 'f', -9, 9, squeeze, 0, 2},
    {"swap_axes", "{axis1 = 0 : i64, axis2 = -1 : i64}", {"BMN:f"}, 'f', -9, 9, swap_outer, 0, 0},
    {"split_part",
     "{split_size = 3 : i64, axis = 1 : i64, index = 2 : i64}",
     {"M8:f"},
     'f',
     -9,
     9,
     split_last,
     0,
     0},
    {"split_part",
     "{sections = 2 : i64, index = 1 : i64}",
     {"6N:f"},
     'f',
     -9,
     9,
     split_section,
     0,
     0},
    {"split_part",
     "{split_size = 4 : i64, index = 1 : i64}",
     {"M:f"},
     'f',
     -9,
     9,
     split_symbolic,
     0,
     5},
    {"buffer", "", {"MN:f"}, 'f', -9, 9, identity, 0, 0},
    {"windows",
     "{axis = 1 : i64, kernel = [3], count = [4], start = [-1], stride = 2 : i64}",
     {"MN:f"},
     'f',
     -9,
     9,
     windows_middle,
     0,
     0},
    {"windows",
     "{axis = -1 : i64, kernel = [2], count = [$N], start = [1], dilation = -2 : i64}",
     {"MN:f"},
     'f',
     -9,
     9,
     windows_back,
     0,
     0},
    {"convolution", "", {"BKM:f", "NK1:f"}, 'f', -1, 1, convolution_1d, 1, 1},
    {"convolution", "", {"BKM:i", "NK1:i"}, 'i', -99, 99, convolution_1d, 0, 1},
    {"convolution",
     "{stride = array<i64: 2>, padding = array<i64: 2, 1>, dilation = array<i64: 2>}",
     {"BKM:f", "NK2:f"},
     'f',
     -1,
     1,
     convolution_1d_wide,
     1,
     0},
    {"convolution",
     "{stride = array<i64: 3>, padding = array<i64: 0, 2>, groups = 2 : i64}",
     {"B6M:f", "433:f"},
     'f',
     -1,
     1,
     convolution_1d_groups,
     1,
     1},
    {"convolution",
     "{stride = array<i64: 2, 1>, padding = array<i64: 1, 0, 1, 2>}",
     {"B3MN:f", "K323:f"},
     'f',
     -1,
     1,
     convolution_2d,
     1,
     1},
    {"convolution",
     "{stride = array<i64: 1, 2>, padding = array<i64: 1, 1, 0, 2>, dilation = array<i64: 1, 2>, "
     "groups = 2 : i64}",
     {"B4MN:f", "6222:f"},
     'f',
     -1,
     1,
     convolution_2d_groups,
     1,
     1},
    {"convolution",
     "{stride = array<i64: 1, 1, 2>, padding = array<i64: 0, 1, 0, 0, 1, 1>}",
     {"B2M4N:f", "32223:f"},
     'f',
     -1,
     1,
     convolution_3d,
     1,
     1},
    {"softmax", "{axis = 1 : i64}", {"MN:f"}, 'f', -9, 9, softmax_last, 4, 0},
    {"softmax", "{axis = 0 : i64}", {"MN:f"}, 'f', -9, 9, softmax_first, 4, 0},
    {"softmax", "", {"MN:f"}, 'f', -9, 9, softmax_all, 4, 0},
    {"log_softmax", "", {"MN:f"}, 'f', -9, 9, log_softmax_all, 4, 0},
    {"log_softmax", "{axis = 1 : i64}", {"MN:f"}, 'f', -9, 9, log_softmax_last, 4, 0},
    {"layer_norm", "{eps = 1.0e-5 : f64}", {"MN:f", "N:f", "N:f"}, 'f', -9, 9, layer_norm, 4, 1},
    {"cross_entropy", "{axis = 1 : i64}", {"M5:f", "M:i"}, 'f', 0, 5, cross_entropy_last, 4, 0},
    {"cross_entropy", "{axis = 1 : i64}", {"B5M:f", "BM:i"}, 'f', 0, 5, cross_entropy_middle, 4, 0},
};

const op_case *op_cases(size_t *out_count) {
  *out_count = sizeof table / sizeof table[0];
  return table;
}
