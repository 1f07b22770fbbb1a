// schedules_test.c: every kind of schedule computes what naive loops do, products above all.
#include "test/numerics/loops_kernel.h"

#include <math.h>

static uint64_t random_bits(uint64_t *state) { // splitmix64
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// Elements of either type, at random in [-1, 1).
typedef struct numbers {
  void *data;
  bool f64;
} numbers;

static numbers numbers_create(bool f64, int64_t count) {
  return (numbers){aligned_alloc(64, (size_t)(count * 8 + 63) / 64 * 64 + 64), f64};
}
static double get(numbers x, int64_t i) {
  return x.f64 ? ((double *)x.data)[i] : (double)((float *)x.data)[i];
}
static void set(numbers x, int64_t i, double value) {
  if (x.f64)
    ((double *)x.data)[i] = value;
  else
    ((float *)x.data)[i] = (float)value;
}
static void fill(numbers x, int64_t count, uint64_t *seed) {
  for (int64_t i = 0; i < count; ++i)
    set(x, i, (double)(int32_t)random_bits(seed) / 2147483648.0);
}

// [B, extent, K] -> [B, ceil(extent/tile), K, tile], zero beyond the end.
static numbers pack(numbers x, int64_t B, int64_t extent, int64_t K, int64_t tile) {
  const int64_t panels = (extent + tile - 1) / tile;
  const numbers y = numbers_create(x.f64, B * panels * K * tile);
  for (int64_t b = 0; b < B; ++b)
    for (int64_t p = 0; p < panels; ++p)
      for (int64_t k = 0; k < K; ++k)
        for (int64_t r = 0; r < tile; ++r) {
          const int64_t i = p * tile + r;
          set(y, ((b * panels + p) * K + k) * tile + r,
              i < extent ? get(x, (b * extent + i) * K + k) : 0);
        }
  return y;
}

// y[b, m, n] = max(sum_k x[b, m, k] * w[b, n, k] + bias[n], 0), or without the epilogue.
static void product_text(char *text, size_t bytes, const char *e, int MR, int NR, bool epilogue,
                         bool transposed) {
  const char *const out = "tensor<?x?x?x";
  int n = snprintf(
      text, bytes,
      "#a = affine_map<(b, m, n, k) -> (b, m floordiv %d, k, m mod %d)>\n"
      "#b = affine_map<(b, m, n, k) -> (b, n floordiv %d, k, n mod %d)>\n"
      "#c = affine_map<(b, m, n, k) -> (b, %s)>\n#all = affine_map<(b, m, n) -> (b, %s)>\n"
      "func.func private @kernel("
      "%%x: tensor<?x?x?x%dx%s> {mithril.dims = [\"d0\", \"(d1 + %d) floordiv %d\", \"d3\"]}, "
      "%%w: tensor<?x?x?x%dx%s> {mithril.dims = [\"d0\", \"(d2 + %d) floordiv %d\", \"d3\"]}, "
      "%%bias: tensor<?x%s> {mithril.dims = [\"d2\"]}, "
      "%%d0: index, %%d1: index, %%d2: index, %%d3: index) -> (%s%s> {mithril.dims = [\"d0\", "
      "%s]}) attributes {mithril.kernel, mithril.grid_rank = 3 : i64} {\n"
      "  %%zero = arith.constant 0.0 : %s\n  %%e = tensor.empty(%%d0, %s) : %s%s>\n"
      "  %%s0 = linalg.generic {indexing_maps = [#all], iterator_types = [\"parallel\", "
      "\"parallel\", \"parallel\"]} outs(%%e : %s%s>) {\n  ^bb0(%%o: %s):\n"
      "    linalg.yield %%zero : %s\n  } -> %s%s>\n"
      "  %%s = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = [\"parallel\", "
      "\"parallel\", \"parallel\", \"reduction\"]} ins(%%x, %%w : tensor<?x?x?x%dx%s>, "
      "tensor<?x?x?x%dx%s>) outs(%%s0 : %s%s>) attrs = {mithril.contract = array<i64: %d, %d>} {\n"
      "  ^bb0(%%p: %s, %%q: %s, %%o: %s):\n    %%m = arith.mulf %%p, %%q : %s\n"
      "    %%t = arith.addf %%o, %%m : %s\n    linalg.yield %%t : %s\n  } -> %s%s>\n",
      MR, MR, NR, NR, transposed ? "n, m" : "m, n", transposed ? "n, m" : "m, n", MR, e, MR - 1, MR,
      NR, e, NR - 1, NR, e, out, e, transposed ? "\"d2\", \"d1\"" : "\"d1\", \"d2\"", e,
      transposed ? "%d2, %d1" : "%d1, %d2", out, e, out, e, e, e, out, e, MR, e, NR, e, out, e, MR,
      NR, e, e, e, e, e, e, out, e);
  if (epilogue)
    snprintf(
        text + n, bytes - (size_t)n,
        "  %%y = linalg.generic {indexing_maps = [#all, affine_map<(b, m, n) -> (n)>, #all], "
        "iterator_types = [\"parallel\", \"parallel\", \"parallel\"]} ins(%%s, %%bias : %s%s>, "
        "tensor<?x%s>) outs(%%e : %s%s>) {\n  ^bb0(%%p: %s, %%q: %s, %%o: %s):\n"
        "    %%t = arith.addf %%p, %%q : %s\n    %%u = arith.maximumf %%t, %%zero : %s\n"
        "    linalg.yield %%u : %s\n  } -> %s%s>\n  func.return %%y : %s%s>\n}\n",
        out, e, e, out, e, e, e, e, e, e, e, out, e, out, e);
  else
    snprintf(text + n, bytes - (size_t)n, "  func.return %%s : %s%s>\n}\n", out, e);
}

// Each element is one chain of fused multiply-adds in k order: bits are exact, on every processor.
static void check_product(bool f64, int MR, int NR, bool epilogue, bool transposed,
                          const char *cpu) {
  static const int64_t shapes[][4] = {{1, 1, 1, 1},      {1, 0, 5, 3},     {2, 5, 0, 3},
                                      {1, 13, 31, 0},    {2, 14, 32, 7},   {1, 15, 33, 17},
                                      {1, 113, 257, 64}, {3, 57, 70, 129}, {1, 300, 300, 31}};
  char text[8192];
  product_text(text, sizeof text, f64 ? "f64" : "f32", MR, NR, epilogue, transposed);
  uint64_t seed = 11;
  loops_kernel kernel;
  if (!loops_kernel_init(&kernel, text, cpu)) return;
  for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; ++s) {
    const int64_t B = shapes[s][0], M = shapes[s][1], N = shapes[s][2], K = shapes[s][3];
    const numbers x = numbers_create(f64, B * M * K), w = numbers_create(f64, B * N * K);
    const numbers bias = numbers_create(f64, N), y = numbers_create(f64, B * M * N + 1);
    fill(x, B * M * K, &seed), fill(w, B * N * K, &seed), fill(bias, N, &seed);
    set(y, B * M * N, 12345);
    const numbers px = pack(x, B, M, K, MR), pw = pack(w, B, N, K, NR);
    loops_kernel_run(&kernel, (void *[]){px.data, pw.data, bias.data, y.data}, shapes[s]);
    int64_t wrong = 0;
    for (int64_t b = 0; b < B; ++b)
      for (int64_t m = 0; m < M; ++m)
        for (int64_t n = 0; n < N; ++n) {
          double sum = 0;
          for (int64_t k = 0; k < K; ++k) {
            const double p = get(x, (b * M + m) * K + k), q = get(w, (b * N + n) * K + k);
            sum = f64 ? fma(p, q, sum) : (double)fmaf((float)p, (float)q, (float)sum);
          }
          if (epilogue) sum = f64 ? sum + get(bias, n) : (double)((float)sum + (float)get(bias, n));
          if (epilogue && sum < 0) sum = 0;
          wrong += get(y, transposed ? (b * N + n) * M + m : (b * M + m) * N + n) != sum;
        }
    EXPECT_INT(wrong, 0);
    EXPECT(get(y, B * M * N) == 12345);
    free(x.data), free(w.data), free(bias.data), free(y.data), free(px.data), free(pw.data);
  }
  loops_kernel_deinit(&kernel);
}

TEST(schedules, products_f32) {
  check_product(false, 14, 32, true, false, NULL);
  check_product(false, 14, 32, false, false, NULL);
  check_product(false, 6, 16, true, false, "haswell");
  check_product(false, 4, 8, true, false, "x86-64-v3");
}
TEST(schedules, products_written_transposed) {
  check_product(false, 14, 32, true, true, NULL);
  check_product(false, 14, 32, false, true, NULL);
  check_product(false, 6, 16, false, true, "haswell");
  check_product(true, 14, 16, true, true, NULL);
}
TEST(schedules, products_f64) {
  check_product(true, 14, 16, true, false, NULL);
  check_product(true, 6, 8, false, false, "haswell");
}
