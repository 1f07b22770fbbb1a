// nest_test.c: kernels of less common shape compute what naive loops do, bit for bit.
#include "test/numerics/loops_kernel.h"

#include <math.h>

static uint64_t random_bits(uint64_t *state) { // splitmix64
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static void *room(int64_t bytes) { return aligned_alloc(64, (size_t)(bytes + 63) / 64 * 64 + 64); }

static float *floats(int64_t count, uint64_t *seed) {
  float *const x = room(count * 4);
  for (int64_t i = 0; i < count; ++i)
    x[i] = (float)(int32_t)random_bits(seed) / 2147483648.0f;
  return x;
}

static const int64_t extents[] = {1, 2, 7, 16, 31, 64, 129, 300};
enum { EXTENTS = sizeof extents / sizeof extents[0] };
#define P "\"parallel\""
#define R "\"reduction\""
#define MATRIX "tensor<?x?xf32>"
#define ROW "tensor<?xf32>"

// y[i, j] = x[i, j] / sum_i exp2(x[i, j]) with the powers kept: scratch that lanes share.
static const char columns[] =
    "#all = affine_map<(j, i) -> (i, j)>\n#kept = affine_map<(j, i) -> (j, i)>\n"
    "#one = affine_map<(j) -> (j)>\n#row = affine_map<(j, i) -> (j)>\n"
    "func.func private @kernel(%x: " MATRIX " {mithril.dims = [\"d0\", \"d1\"]}, %d0: index, "
    "%d1: index) -> (" MATRIX " {mithril.dims = [\"d0\", \"d1\"]}) attributes {mithril.kernel, "
    "mithril.grid_rank = 1 : i64} {\n  %zero = arith.constant 0.0 : f32\n"
    "  %r = tensor.empty(%d1) : " ROW "\n  %k = tensor.empty(%d1, %d0) : " MATRIX "\n"
    "  %e = tensor.empty(%d0, %d1) : " MATRIX "\n"
    "  %t = linalg.generic {indexing_maps = [#all, #kept], iterator_types = [" P ", " P "]} "
    "ins(%x : " MATRIX ") outs(%k : " MATRIX ") {\n  ^bb0(%p: f32, %o: f32):\n"
    "    %a = arith.mulf %p, %p : f32\n    linalg.yield %a : f32\n  } -> " MATRIX "\n"
    "  %s0 = linalg.generic {indexing_maps = [#one], iterator_types = [" P "]} outs(%r : " ROW
    ") {\n  ^bb0(%o: f32):\n    linalg.yield %zero : f32\n  } -> " ROW "\n"
    "  %s = linalg.generic {indexing_maps = [#kept, #row], iterator_types = [" P ", " R "]} "
    "ins(%t : " MATRIX ") outs(%s0 : " ROW ") {\n  ^bb0(%p: f32, %o: f32):\n"
    "    %a = arith.addf %o, %p : f32\n    linalg.yield %a : f32\n  } -> " ROW "\n"
    "  %y = linalg.generic {indexing_maps = [#kept, #row, #all], iterator_types = [" P ", " P "]} "
    "ins(%t, %s : " MATRIX ", " ROW ") outs(%e : " MATRIX
    ") {\n  ^bb0(%p: f32, %q: f32, %o: f32):\n"
    "    %a = arith.divf %p, %q : f32\n    linalg.yield %a : f32\n  } -> " MATRIX "\n"
    "  func.return %y : " MATRIX "\n}\n";

TEST(nest, columns_kept_in_scratch) {
  uint64_t seed = 1;
  loops_kernel kernel;
  if (!loops_kernel_init(&kernel, columns, NULL)) return;
  for (int s = 0; s < EXTENTS; ++s) {
    const int64_t M = extents[(s * 3 + 1) % EXTENTS], N = extents[s];
    float *x = floats(M * N, &seed), *y = floats(M * N, &seed);
    loops_kernel_run(&kernel, (void *[]){x, y}, (int64_t[]){M, N});
    int64_t wrong = 0;
    for (int64_t j = 0; j < N; ++j) {
      float sum = 0;
      for (int64_t i = 0; i < M; ++i)
        sum = sum + x[i * N + j] * x[i * N + j];
      for (int64_t i = 0; i < M; ++i)
        wrong += y[i * N + j] != x[i * N + j] * x[i * N + j] / sum;
    }
    EXPECT_INT(wrong, 0);
    free(x), free(y);
  }
  loops_kernel_deinit(&kernel);
}

// y[i, j] = x[j, i] + x[j, i + 1]: turned, through a slice.
static const char turned[] =
    "func.func private @kernel(%x: " MATRIX " {mithril.dims = [\"d1\", \"d0 + 1\"]}, %d0: index, "
    "%d1: index) -> (" MATRIX " {mithril.dims = [\"d0\", \"d1\"]}) attributes {mithril.kernel, "
    "mithril.grid_rank = 2 : i64} {\n  %e = tensor.empty(%d0, %d1) : " MATRIX "\n"
    "  %v = tensor.extract_slice %x[0, 1] [%d1, %d0] [1, 1] : " MATRIX " to " MATRIX "\n"
    "  %w = tensor.extract_slice %x[0, 0] [%d1, %d0] [1, 1] : " MATRIX " to " MATRIX "\n"
    "  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, "
    "affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = [" P ", " P "]} "
    "ins(%v, %w : " MATRIX ", " MATRIX ") outs(%e : " MATRIX ") {\n"
    "  ^bb0(%p: f32, %q: f32, %o: f32):\n    %a = arith.addf %p, %q : f32\n"
    "    linalg.yield %a : f32\n  } -> " MATRIX "\n  func.return %y : " MATRIX "\n}\n";

TEST(nest, transposed_slices) {
  uint64_t seed = 2;
  loops_kernel kernel;
  if (!loops_kernel_init(&kernel, turned, NULL)) return;
  for (int s = 0; s < EXTENTS; ++s) {
    const int64_t M = extents[(s * 5 + 2) % EXTENTS], N = extents[s];
    float *x = floats(N * (M + 1), &seed), *y = floats(M * N, &seed);
    loops_kernel_run(&kernel, (void *[]){x, y}, (int64_t[]){M, N});
    int64_t wrong = 0;
    for (int64_t i = 0; i < M; ++i)
      for (int64_t j = 0; j < N; ++j)
        wrong += y[i * N + j] != x[j * (M + 1) + i + 1] + x[j * (M + 1) + i];
    EXPECT_INT(wrong, 0);
    free(x), free(y);
  }
  loops_kernel_deinit(&kernel);
}

// y[rows[n], c] += x[n, c], in index order; negative rows count from the end, then are clamped.
static const char scatter[] =
    "func.func private @kernel(%r: tensor<?xi64> {mithril.dims = [\"d0\"]}, %x: " MATRIX
    " {mithril.dims = [\"d0\", \"d1\"]}, %d0: index, %d1: index) -> (tensor<9x?xf32> "
    "{mithril.dims = [\"d1\"]}) attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {\n"
    "  %zero = arith.constant 0.0 : f32\n  %e = tensor.empty(%d1) : tensor<9x?xf32>\n"
    "  %s0 = linalg.generic {indexing_maps = [affine_map<(c, r) -> (r, c)>], iterator_types = [" P
    ", " P "]} outs(%e : tensor<9x?xf32>) {\n  ^bb0(%o: f32):\n    linalg.yield %zero : f32\n"
    "  } -> tensor<9x?xf32>\n"
    "  %s = linalg.generic {indexing_maps = [affine_map<(c, n) -> (n)>, "
    "affine_map<(c, n) -> (n, c)>, affine_map<(c, n) -> (0, c)>], iterator_types = [" P ", " R "]} "
    "ins(%r, %x : tensor<?xi64>, " MATRIX ") outs(%s0 : tensor<9x?xf32>) attrs = "
    "{mithril.scatter} {\n  ^bb0(%i: i64, %p: f32, %o: f32):\n    %a = arith.addf %o, %p : f32\n"
    "    linalg.yield %a : f32\n  } -> tensor<9x?xf32>\n  func.return %s : tensor<9x?xf32>\n}\n";

TEST(nest, scatter_in_index_order) {
  uint64_t seed = 3;
  loops_kernel kernel;
  if (!loops_kernel_init(&kernel, scatter, NULL)) return;
  for (int s = 0; s < EXTENTS; ++s) {
    const int64_t M = extents[(s * 5 + 2) % EXTENTS], N = extents[s];
    int64_t *rows = room(M * 8);
    for (int64_t i = 0; i < M; ++i)
      rows[i] = (int64_t)(random_bits(&seed) % 26) - 13;
    float *x = floats(M * N, &seed), *y = floats(9 * N, &seed);
    float *wanted = calloc((size_t)(9 * N), sizeof *wanted);
    loops_kernel_run(&kernel, (void *[]){rows, x, y}, (int64_t[]){M, N});
    for (int64_t i = 0; i < M; ++i) {
      const int64_t row = rows[i] < 0 ? rows[i] + 9 : rows[i];
      for (int64_t j = 0; j < N; ++j)
        wanted[(row < 0 ? 0 : row > 8 ? 8 : row) * N + j] += x[i * N + j];
    }
    EXPECT(memcmp(wanted, y, (size_t)(9 * N) * sizeof *y) == 0);
    free(rows), free(x), free(y), free(wanted);
  }
  loops_kernel_deinit(&kernel);
}

// y[b] = max over i, j of double(x[b, i, j]) where m[b, i, j]: two reduction loops, bool and f64.
static const char masked[] =
    "#all = affine_map<(b, i, j) -> (b, i, j)>\n#one = affine_map<(b) -> (b)>\n"
    "func.func private @kernel(%x: tensor<?x5x?xf32> {mithril.dims = [\"d0\", \"d1\"]}, "
    "%m: tensor<?x5x?xi8> {mithril.dims = [\"d0\", \"d1\"]}, %d0: index, %d1: index) -> "
    "(tensor<?xf64> {mithril.dims = [\"d0\"]}) attributes {mithril.kernel, mithril.grid_rank = 1 "
    ": i64} {\n  %low = arith.constant 0xFFF0000000000000 : f64\n  %zero = arith.constant 0 : i8\n"
    "  %e = tensor.empty(%d0) : tensor<?xf64>\n"
    "  %s0 = linalg.generic {indexing_maps = [#one], iterator_types = [" P "]} outs(%e : "
    "tensor<?xf64>) {\n  ^bb0(%o: f64):\n    linalg.yield %low : f64\n  } -> tensor<?xf64>\n"
    "  %s = linalg.generic {indexing_maps = [#all, #all, affine_map<(b, i, j) -> (b)>], "
    "iterator_types = [" P ", " R ", " R "]} ins(%x, %m : tensor<?x5x?xf32>, tensor<?x5x?xi8>) "
    "outs(%s0 : tensor<?xf64>) {\n  ^bb0(%p: f32, %q: i8, %o: f64):\n"
    "    %c = arith.cmpi ne, %q, %zero : i8\n    %a = arith.extf %p : f32 to f64\n"
    "    %b = arith.select %c, %a, %low : f64\n    %d = arith.maximumf %b, %o : f64\n"
    "    linalg.yield %d : f64\n  } -> tensor<?xf64>\n  func.return %s : tensor<?xf64>\n}\n";

TEST(nest, masked_maximum_over_two_loops) {
  uint64_t seed = 4;
  static const char *const cpus[] = {NULL, "haswell"};
  for (int c = 0; c < 2; ++c) {
    loops_kernel kernel;
    if (!loops_kernel_init(&kernel, masked, cpus[c])) return;
    for (int s = 0; s < EXTENTS; ++s) {
      const int64_t B = extents[(s * 5 + 2) % EXTENTS], N = extents[s];
      float *x = floats(B * 5 * N, &seed);
      int8_t *mask = room(B * 5 * N);
      double *y = room(B * 8);
      for (int64_t i = 0; i < B * 5 * N; ++i)
        mask[i] = random_bits(&seed) % 3 == 0;
      loops_kernel_run(&kernel, (void *[]){x, mask, y}, (int64_t[]){B, N});
      int64_t wrong = 0;
      for (int64_t b = 0; b < B; ++b) {
        double most = -INFINITY;
        for (int64_t i = 0; i < 5 * N; ++i)
          if (mask[b * 5 * N + i]) most = fmax(most, (double)x[b * 5 * N + i]);
        wrong += most != y[b];
      }
      EXPECT_INT(wrong, 0);
      free(x), free(mask), free(y);
    }
    loops_kernel_deinit(&kernel);
  }
}

// y[i, j] = float(half(x[i, 2 j] * bf16(w[j]))): strided reads, narrow floats in and out.
static const char narrow[] =
    "func.func private @kernel(%x: tensor<?x?xf16> {mithril.dims = [\"d0\", \"2*d1\"]}, "
    "%w: tensor<?xbf16> {mithril.dims = [\"d1\"]}, %d0: index, %d1: index) -> (tensor<?x?xf16> "
    "{mithril.dims = [\"d0\", \"d1\"]}) attributes {mithril.kernel, mithril.grid_rank = 2 : i64} "
    "{\n"
    "  %e = tensor.empty(%d0, %d1) : tensor<?x?xf16>\n"
    "  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j * 2)>, "
    "affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = [" P ", " P "]} "
    "ins(%x, %w : tensor<?x?xf16>, tensor<?xbf16>) outs(%e : tensor<?x?xf16>) {\n"
    "  ^bb0(%p: f16, %q: bf16, %o: f16):\n    %a = arith.extf %p : f16 to f32\n"
    "    %b = arith.extf %q : bf16 to f32\n    %c = arith.mulf %a, %b : f32\n"
    "    %d = arith.truncf %c : f32 to f16\n    linalg.yield %d : f16\n  } -> tensor<?x?xf16>\n"
    "  func.return %y : tensor<?x?xf16>\n}\n";

TEST(nest, strided_narrow_floats) {
  uint64_t seed = 5;
  static const char *const cpus[] = {NULL, "haswell"};
  for (int c = 0; c < 2; ++c) {
    loops_kernel kernel;
    if (!loops_kernel_init(&kernel, narrow, cpus[c])) return;
    for (int s = 0; s < EXTENTS; ++s) {
      const int64_t M = extents[(s * 5 + 2) % EXTENTS], N = extents[s];
      _Float16 *x = room(M * N * 4), *y = room(M * N * 2);
      uint16_t *w = room(N * 2);
      for (int64_t i = 0; i < 2 * M * N; ++i)
        x[i] = (_Float16)((float)(int32_t)random_bits(&seed) / 2147483648.0f);
      for (int64_t i = 0; i < N; ++i)
        w[i] = (uint16_t)(0x3f80 + random_bits(&seed) % 64);
      loops_kernel_run(&kernel, (void *[]){x, w, y}, (int64_t[]){M, N});
      int64_t wrong = 0;
      for (int64_t i = 0; i < M; ++i)
        for (int64_t j = 0; j < N; ++j) {
          union {
            uint32_t bits;
            float value;
          } q = {(uint32_t)w[j] << 16};
          wrong += y[i * N + j] != (_Float16)((float)x[i * 2 * N + 2 * j] * q.value);
        }
      EXPECT_INT(wrong, 0);
      free(x), free(w), free(y);
    }
    loops_kernel_deinit(&kernel);
  }
}

// The index of the first maximum: a fold that only index order defines.
static const char first_maximum[] =
    "func.func private @kernel(%x: " MATRIX " {mithril.dims = [\"d0\", \"d1\"]}, %d0: index, "
    "%d1: index) -> (" ROW " {mithril.dims = [\"d0\"]}, tensor<?xi64> {mithril.dims = [\"d0\"]}) "
    "attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {\n"
    "  %low = arith.constant 0xFF800000 : f32\n  %zero = arith.constant 0 : i64\n"
    "  %e = tensor.empty(%d0) : " ROW "\n  %f = tensor.empty(%d0) : tensor<?xi64>\n"
    "  %s0:2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], "
    "iterator_types = [" P "]} outs(%e, %f : " ROW ", tensor<?xi64>) {\n"
    "  ^bb0(%o: f32, %q: i64):\n    linalg.yield %low, %zero : f32, i64\n  } -> (" ROW
    ", tensor<?xi64>)\n"
    "  %s:2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, "
    "affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>], iterator_types = [" P ", " R "]} "
    "ins(%x : " MATRIX ") outs(%s0#0, %s0#1 : " ROW ", tensor<?xi64>) {\n"
    "  ^bb0(%p: f32, %o: f32, %q: i64):\n    %j = linalg.index 1 : index\n"
    "    %k = arith.index_cast %j : index to i64\n    %c = arith.cmpf ogt, %p, %o : f32\n"
    "    %a = arith.select %c, %p, %o : f32\n    %b = arith.select %c, %k, %q : i64\n"
    "    linalg.yield %a, %b : f32, i64\n  } -> (" ROW ", tensor<?xi64>)\n"
    "  func.return %s#0, %s#1 : " ROW ", tensor<?xi64>\n}\n";

TEST(nest, two_results_in_index_order) {
  uint64_t seed = 6;
  loops_kernel kernel;
  if (!loops_kernel_init(&kernel, first_maximum, NULL)) return;
  for (int s = 0; s < EXTENTS; ++s) {
    const int64_t M = extents[(s * 5 + 2) % EXTENTS], N = extents[s];
    float *x = floats(M * N, &seed), *y = floats(M, &seed);
    int64_t *at = room(M * 8);
    loops_kernel_run(&kernel, (void *[]){x, y, at}, (int64_t[]){M, N});
    int64_t wrong = 0;
    for (int64_t i = 0; i < M; ++i) {
      int64_t best = 0;
      for (int64_t j = 1; j < N; ++j)
        if (x[i * N + j] > x[i * N + best]) best = j;
      wrong += at[i] != best || y[i] != x[i * N + best];
    }
    EXPECT_INT(wrong, 0);
    free(x), free(y), free(at);
  }
  loops_kernel_deinit(&kernel);
}
