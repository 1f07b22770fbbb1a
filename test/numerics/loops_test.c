// loops_test.c: kernels as loops over vectors compute what naive loops do.
#include "test/numerics/loops_kernel.h"

#include <math.h>

static uint64_t random_bits(uint64_t *state) { // splitmix64
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// `count` floats in [-1, 1), then guards that must stay as they are.
enum { GUARDS = 64 };
static float *floats(int64_t count, uint64_t *state) {
  float *const x = aligned_alloc(64, (size_t)(count + GUARDS) * sizeof *x / 64 * 64 + 64);
  for (int64_t i = 0; i < count; ++i)
    x[i] = (float)(int32_t)random_bits(state) / 2147483648.0f;
  for (int64_t i = count; i < count + GUARDS; ++i)
    x[i] = 12345;
  return x;
}

static bool guards_hold(const float *x, int64_t count) {
  for (int64_t i = count; i < count + GUARDS; ++i)
    if (x[i] != 12345) return false;
  return true;
}

static const int64_t sizes[] = {0, 1, 3, 15, 16, 17, 64, 100, 257, 1031};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

#define KERNEL(results, grid_rank)                                                                 \
  " -> (" results ") attributes {mithril.kernel, mithril.grid_rank = " #grid_rank " : i64} {\n"
#define PARALLEL "\"parallel\""
#define REDUCTION "\"reduction\""

// y[i, j] = max(x[i, j] * b[j], 0), two maps in one kernel.
static void check_map(int64_t M, int64_t N, bool is_static, uint64_t *seed) {
  char x_type[64], b_type[64], dims[64], sizes_of_empty[64], text[4096];
  if (is_static) {
    snprintf(x_type, sizeof x_type, "tensor<%dx%dxf32>", (int)M, (int)N);
    snprintf(b_type, sizeof b_type, "tensor<%dxf32>", (int)N);
    dims[0] = 0, sizes_of_empty[0] = 0;
  } else {
    snprintf(x_type, sizeof x_type, "tensor<?x?xf32>");
    snprintf(b_type, sizeof b_type, "tensor<?xf32>");
    snprintf(dims, sizeof dims, "{mithril.dims = [\"d0\", \"d1\"]}");
    snprintf(sizes_of_empty, sizeof sizes_of_empty, "%%d0, %%d1");
  }
  snprintf(text, sizeof text,
           "func.func private @kernel(%%x: %s %s, %%b: %s %s%s)"
           " -> (%s %s) attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {\n"
           "  %%zero = arith.constant 0.0 : f32\n"
           "  %%e = tensor.empty(%s) : %s\n"
           "  %%t = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,"
           " affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],"
           " iterator_types = [" PARALLEL ", " PARALLEL
           "]} ins(%%x, %%b : %s, %s) outs(%%e : %s) {\n"
           "  ^bb0(%%p: f32, %%q: f32, %%o: f32):\n"
           "    %%m = arith.mulf %%p, %%q : f32\n    linalg.yield %%m : f32\n  } -> %s\n"
           "  %%r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,"
           " affine_map<(i, j) -> (i, j)>], iterator_types = [" PARALLEL ", " PARALLEL "]}"
           " ins(%%t : %s) outs(%%e : %s) {\n  ^bb0(%%p: f32, %%o: f32):\n"
           "    %%m = arith.maximumf %%p, %%zero : f32\n    linalg.yield %%m : f32\n  } -> %s\n"
           "  func.return %%r : %s\n}\n",
           x_type, dims, b_type, is_static ? "" : "{mithril.dims = [\"d1\"]}",
           is_static ? "" : ", %d0: index, %d1: index", x_type, dims, sizes_of_empty, x_type,
           x_type, b_type, x_type, x_type, x_type, x_type, x_type, x_type);
  loops_kernel kernel;
  if (!loops_kernel_init(&kernel, text, NULL)) return;
  for (int s = 0; s < (is_static ? 1 : SIZES); ++s) {
    const int64_t rows = is_static ? M : sizes[s], columns = is_static ? N : sizes[SIZES - 1 - s];
    float *x = floats(rows * columns, seed), *b = floats(columns, seed);
    float *y = floats(rows * columns, seed);
    loops_kernel_run(&kernel, (void *[]){x, b, y}, (int64_t[]){rows, columns});
    int64_t wrong = 0;
    for (int64_t i = 0; i < rows * columns; ++i) {
      const float wanted = x[i] * b[i % columns];
      wrong += y[i] != (wanted > 0 ? wanted : 0);
    }
    EXPECT_INT(wrong, 0);
    EXPECT(guards_hold(y, rows * columns));
    free(x), free(b), free(y);
  }
  loops_kernel_deinit(&kernel);
}

TEST(loops, maps_of_symbolic_extents) { check_map(0, 0, false, &(uint64_t){1}); }
TEST(loops, maps_of_known_extents) {
  uint64_t seed = 2;
  for (int s = 1; s < SIZES; s += 2)
    check_map(sizes[s], sizes[SIZES - s], true, &seed);
}

// softmax along the last axis, as three reductions and maps would be fused.
static const char softmax[] =
    "#all = affine_map<(i, j) -> (i, j)>\n#row = affine_map<(i, j) -> (i)>\n"
    "#one = affine_map<(i) -> (i)>\n"
    "func.func private @kernel(%x: tensor<?x?xf32> {mithril.dims = [\"d0\", \"d1\"]},"
    " %d0: index, %d1: index)" KERNEL(
        "tensor<?x?xf32> {mithril.dims = [\"d0\", \"d1\"]}",
        1) "  %low = arith.constant 0xFF800000 : f32\n  %zero = arith.constant 0.0 : f32\n"
           "  %e = tensor.empty(%d0, %d1) : tensor<?x?xf32>\n  %r = tensor.empty(%d0) : "
           "tensor<?xf32>\n"
           "  %m0 = linalg.generic {indexing_maps = [#one], iterator_types = [" PARALLEL "]}"
           " outs(%r : tensor<?xf32>) {\n  ^bb0(%o: f32):\n    linalg.yield %low : f32\n"
           "  } -> tensor<?xf32>\n"
           "  %m = linalg.generic {indexing_maps = [#all, #row], iterator_types = [" PARALLEL
           ", " REDUCTION "]} ins(%x : tensor<?x?xf32>) outs(%m0 : tensor<?xf32>) {\n"
           "  ^bb0(%p: f32, %o: f32):\n    %a = arith.maximumf %p, %o : f32\n    linalg.yield %a : "
           "f32\n"
           "  } -> tensor<?xf32>\n"
           "  %x1 = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = [" PARALLEL
           ", " PARALLEL
           "]} ins(%x, %m : tensor<?x?xf32>, tensor<?xf32>) outs(%e : tensor<?x?xf32>) {\n"
           "  ^bb0(%p: f32, %q: f32, %o: f32):\n    %a = arith.subf %p, %q : f32\n"
           "    %b = math.exp %a : f32\n    linalg.yield %b : f32\n  } -> tensor<?x?xf32>\n"
           "  %s0 = linalg.generic {indexing_maps = [#one], iterator_types = [" PARALLEL "]}"
           " outs(%r : tensor<?xf32>) {\n  ^bb0(%o: f32):\n    linalg.yield %zero : f32\n"
           "  } -> tensor<?xf32>\n"
           "  %s = linalg.generic {indexing_maps = [#all, #row], iterator_types = [" PARALLEL
           ", " REDUCTION "]} ins(%x1 : tensor<?x?xf32>) outs(%s0 : tensor<?xf32>) {\n"
           "  ^bb0(%p: f32, %o: f32):\n    %a = arith.addf %p, %o : f32\n    linalg.yield %a : "
           "f32\n"
           "  } -> tensor<?xf32>\n"
           "  %y = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = [" PARALLEL
           ", " PARALLEL
           "]} ins(%x1, %s : tensor<?x?xf32>, tensor<?xf32>) outs(%e : tensor<?x?xf32>) {\n"
           "  ^bb0(%p: f32, %q: f32, %o: f32):\n    %a = arith.divf %p, %q : f32\n"
           "    linalg.yield %a : f32\n  } -> tensor<?x?xf32>\n"
           "  func.return %y : tensor<?x?xf32>\n}\n";

// Tolerance: exp within 2 ulp, the sum within 1031 ulp of its terms at worst, in fact near 10.
TEST(loops, softmax_along_rows) {
  uint64_t seed = 3;
  loops_kernel kernel;
  if (!loops_kernel_init(&kernel, softmax, NULL)) return;
  for (int s = 0; s < SIZES; ++s) {
    const int64_t M = sizes[(s * 3 + 5) % SIZES], N = sizes[s];
    float *x = floats(M * N, &seed), *y = floats(M * N, &seed);
    loops_kernel_run(&kernel, (void *[]){x, y}, (int64_t[]){M, N});
    double worst = 0;
    for (int64_t i = 0; i < M; ++i) {
      double sum = 0, most = -INFINITY;
      for (int64_t j = 0; j < N; ++j)
        most = fmax(most, x[i * N + j]);
      for (int64_t j = 0; j < N; ++j)
        sum += exp(x[i * N + j] - most);
      for (int64_t j = 0; j < N; ++j)
        worst = fmax(worst, fabs(y[i * N + j] / (exp(x[i * N + j] - most) / sum) - 1));
    }
    EXPECT_NEAR(worst, 0, 1e-6);
    EXPECT(guards_hold(y, M * N));
    free(x), free(y);
  }
  loops_kernel_deinit(&kernel);
}

// Sums along the first axis: lanes are columns, rows are added in index order, so bits are exact.
static const char column_sum[] =
    "func.func private @kernel(%x: tensor<?x?xf32> {mithril.dims = [\"d0\", \"d1\"]},"
    " %d0: index, %d1: index)" KERNEL(
        "tensor<?xf32> {mithril.dims = [\"d1\"]}",
        1) "  %zero = arith.constant 0.0 : f32\n  %e = tensor.empty(%d1) : tensor<?xf32>\n"
           "  %s0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],"
           " iterator_types = [" PARALLEL "]} outs(%e : tensor<?xf32>) {\n  ^bb0(%o: f32):\n"
           "    linalg.yield %zero : f32\n  } -> tensor<?xf32>\n"
           "  %s = linalg.generic {indexing_maps = [affine_map<(j, i) -> (i, j)>,"
           " affine_map<(j, i) -> (j)>], iterator_types = [" PARALLEL ", " REDUCTION "]}"
           " ins(%x : tensor<?x?xf32>) outs(%s0 : tensor<?xf32>) {\n  ^bb0(%p: f32, %o: f32):\n"
           "    %a = arith.addf %p, %o : f32\n    linalg.yield %a : f32\n  } -> tensor<?xf32>\n"
           "  func.return %s : tensor<?xf32>\n}\n";

TEST(loops, sums_along_columns_are_in_index_order) {
  uint64_t seed = 4;
  loops_kernel kernel;
  if (!loops_kernel_init(&kernel, column_sum, NULL)) return;
  for (int s = 0; s < SIZES; ++s) {
    const int64_t M = sizes[(s * 7 + 2) % SIZES], N = sizes[s];
    float *x = floats(M * N, &seed), *y = floats(N, &seed);
    loops_kernel_run(&kernel, (void *[]){x, y}, (int64_t[]){M, N});
    int64_t wrong = 0;
    for (int64_t j = 0; j < N; ++j) {
      float sum = 0;
      for (int64_t i = 0; i < M; ++i)
        sum = x[i * N + j] + sum;
      wrong += sum != y[j];
    }
    EXPECT_INT(wrong, 0);
    EXPECT(guards_hold(y, N));
    free(x), free(y);
  }
  loops_kernel_deinit(&kernel);
}

// A sum of everything: a grid of rank 0. The tree: element k to partial k mod 16, halves on halves.
static const char sum_all[] =
    "func.func private @kernel(%x: tensor<?xf32> {mithril.dims = [\"d0\"]}, %d0: index)" KERNEL(
        "tensor<f32>",
        0) "  %zero = arith.constant 0.0 : f32\n  %e = tensor.empty() : tensor<f32>\n"
           "  %s0 = linalg.generic {indexing_maps = [affine_map<() -> ()>], iterator_types = []}"
           " outs(%e : tensor<f32>) {\n  ^bb0(%o: f32):\n    linalg.yield %zero : f32\n"
           "  } -> tensor<f32>\n"
           "  %s = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>],"
           " iterator_types = [" REDUCTION "]} ins(%x : tensor<?xf32>) outs(%s0 : tensor<f32>) {\n"
           "  ^bb0(%p: f32, %o: f32):\n    %a = arith.addf %p, %o : f32\n    linalg.yield %a : "
           "f32\n"
           "  } -> tensor<f32>\n  func.return %s : tensor<f32>\n}\n";

TEST(loops, a_sum_is_a_fixed_tree_of_16_partials) {
  uint64_t seed = 5;
  static const char *const cpus[] = {NULL, "haswell", "x86-64"};
  for (size_t c = 0; c < 3; ++c) {
    loops_kernel kernel;
    if (!loops_kernel_init(&kernel, sum_all, cpus[c])) return;
    for (int s = 0; s < SIZES; ++s) {
      const int64_t N = sizes[s];
      float *x = floats(N, &seed), *y = floats(1, &seed);
      loops_kernel_run(&kernel, (void *[]){x, y}, (int64_t[]){N});
      float partials[16];
      for (int k = 0; k < 16; ++k)
        partials[k] = -0.0f;
      for (int64_t i = 0; i < N; ++i)
        partials[i % 16] = x[i] + partials[i % 16];
      for (int half = 8; half > 0; half /= 2)
        for (int k = 0; k < half; ++k)
          partials[k] += partials[k + half];
      EXPECT(memcmp(y, &(float){0.0f + partials[0]}, sizeof *y) == 0);
      EXPECT(guards_hold(y, 1));
      free(x), free(y);
    }
    loops_kernel_deinit(&kernel);
  }
}

// y[i, j] = table[clamp(rows[i]), j]: a row at a computed place.
static const char gather[] =
    "func.func private @kernel(%t: tensor<50x?xf32> {mithril.dims = [\"d1\"]},"
    " %r: tensor<?xi64> {mithril.dims = [\"d0\"]}, %d0: index, %d1: index)" KERNEL(
        "tensor<?x?xf32> {mithril.dims = [\"d0\", \"d1\"]}",
        2) "  %e = tensor.empty(%d0, %d1) : tensor<?x?xf32>\n"
           "  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>,"
           " affine_map<(i, j) -> (i, j)>], iterator_types = [" PARALLEL ", " PARALLEL "]}"
           " ins(%r : tensor<?xi64>) outs(%e : tensor<?x?xf32>) {\n  ^bb0(%p: i64, %o: f32):\n"
           "    %zero = arith.constant 0 : index\n    %last = arith.constant 49 : index\n"
           "    %a = arith.index_cast %p : i64 to index\n    %b = arith.maxsi %a, %zero : index\n"
           "    %c = arith.minsi %b, %last : index\n    %j = linalg.index 1 : index\n"
           "    %v = tensor.extract %t[%c, %j] : tensor<50x?xf32>\n    linalg.yield %v : f32\n"
           "  } -> tensor<?x?xf32>\n  func.return %y : tensor<?x?xf32>\n}\n";

TEST(loops, rows_at_computed_places) {
  uint64_t seed = 6;
  loops_kernel kernel;
  if (!loops_kernel_init(&kernel, gather, NULL)) return;
  for (int s = 0; s < SIZES; ++s) {
    const int64_t M = sizes[SIZES - 1 - s], N = sizes[s];
    float *table = floats(50 * N, &seed), *y = floats(M * N, &seed);
    int64_t *rows = calloc((size_t)M + 1, sizeof *rows);
    for (int64_t i = 0; i < M; ++i)
      rows[i] = (int64_t)(random_bits(&seed) % 60) - 5;
    loops_kernel_run(&kernel, (void *[]){table, rows, y}, (int64_t[]){M, N});
    int64_t wrong = 0;
    for (int64_t i = 0; i < M; ++i)
      for (int64_t j = 0; j < N; ++j) {
        const int64_t row = rows[i] < 0 ? 0 : rows[i] > 49 ? 49 : rows[i];
        wrong += y[i * N + j] != table[row * N + j];
      }
    EXPECT_INT(wrong, 0);
    EXPECT(guards_hold(y, M * N));
    free(table), free(rows), free(y);
  }
  loops_kernel_deinit(&kernel);
}

// Panels of 6 rows of x, zero beyond its end: [ceil(M/6), K, 6]; and the same of columns.
static void check_pack(bool is_transposed) {
  char text[4096];
  snprintf(text, sizeof text,
           "func.func private @kernel(%%x: tensor<?x?xf32> {mithril.dims = [\"d0\", \"d1\"]},"
           " %%d0: index, %%d1: index) -> (tensor<?x?x6xf32> {mithril.dims ="
           " [\"(d0 + 5) floordiv 6\", \"d1\"]}) attributes {mithril.kernel, mithril.grid_rank = 3 "
           ": i64} {\n"
           "  %%zero = arith.constant 0.0 : f32\n  %%one = arith.constant 1 : index\n"
           "  %%six = arith.constant 6 : index\n  %%panels = arith.ceildivsi %%d0, %%six : index\n"
           "  %%last = arith.subi %%d0, %%one : index\n"
           "  %%e = tensor.empty(%%panels, %%d1) : tensor<?x?x6xf32>\n"
           "  %%y = linalg.generic {indexing_maps = [affine_map<(p, k, r) -> (p, k, r)>],"
           " iterator_types = [" PARALLEL ", " PARALLEL ", " PARALLEL "]} outs(%%e :"
           " tensor<?x?x6xf32>) {\n  ^bb0(%%o: f32):\n    %%p = linalg.index 0 : index\n"
           "    %%k = linalg.index 1 : index\n    %%r = linalg.index 2 : index\n"
           "    %%s = arith.muli %%p, %%six : index\n    %%i = arith.addi %%s, %%r : index\n"
           "    %%in = arith.cmpi slt, %%i, %%d0 : index\n"
           "    %%c = arith.minsi %%i, %%last : index\n"
           "    %%v = tensor.extract %%x[%s] : tensor<?x?xf32>\n"
           "    %%w = arith.select %%in, %%v, %%zero : f32\n    linalg.yield %%w : f32\n"
           "  } -> tensor<?x?x6xf32>\n  func.return %%y : tensor<?x?x6xf32>\n}\n",
           is_transposed ? "%k, %c" : "%c, %k");
  if (is_transposed) { // x is [K, M]
    char *const dims = strstr(text, "[\"d0\", \"d1\"]");
    memcpy(dims, "[\"d1\", \"d0\"]", 12);
  }
  uint64_t seed = 7;
  loops_kernel kernel;
  if (!loops_kernel_init(&kernel, text, NULL)) return;
  for (int s = 1; s < SIZES; ++s) {
    const int64_t M = sizes[SIZES - s], K = sizes[s], panels = (M + 5) / 6;
    float *x = floats(M * K, &seed), *y = floats(panels * K * 6, &seed);
    loops_kernel_run(&kernel, (void *[]){x, y}, (int64_t[]){M, K});
    int64_t wrong = 0;
    for (int64_t p = 0; p < panels; ++p)
      for (int64_t k = 0; k < K; ++k)
        for (int64_t r = 0; r < 6; ++r) {
          const int64_t i = p * 6 + r;
          const float wanted = i >= M ? 0 : is_transposed ? x[k * M + i] : x[i * K + k];
          wrong += y[(p * K + k) * 6 + r] != wanted;
        }
    EXPECT_INT(wrong, 0);
    EXPECT(guards_hold(y, panels * K * 6));
    free(x), free(y);
  }
  loops_kernel_deinit(&kernel);
}

TEST(loops, packs_rows) { check_pack(false); }
TEST(loops, packs_columns) { check_pack(true); }
