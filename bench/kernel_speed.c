// kernel_speed.c: kernels of the compiler against OpenBLAS and against C.
//
//   kernel_speed        one thread, one process; each figure is the best of several interleaved
//                       runs
//
// A product is timed with the packing of both operands. The C loops are what a person would write
// with clang's vectors, with the same formula for exp as a polynomial; their flags are in
// bench/CMakeLists.txt.
#include "test/numerics/loops_kernel.h"

#include <cblas.h>
#include <math.h>
#include <stdarg.h>
#include <time.h>

bool harness_check(bool ok, bool fatal, const char *file, int line, const char *format, ...) {
  (void)fatal;
  if (ok) return true;
  va_list args;
  va_start(args, format);
  fprintf(stderr, "%s:%d: ", file, line);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  exit(1);
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static float *floats(int64_t count) {
  float *const x = aligned_alloc(64, (size_t)(count + 16) * sizeof *x / 64 * 64 + 64);
  uint32_t state = 1;
  for (int64_t i = 0; i < count; ++i)
    state = state * 1664525u + 1013904223u, x[i] = (float)(int32_t)state / 2147483648.0f;
  return x;
}

#define PAR "\"parallel\""

// [?, ?] -> [ceil(extent / tile), K, tile]; the tiled axis is the first one or the second.
static void pack_text(char *text, size_t bytes, int tile, bool second) {
  snprintf(
      text, bytes,
      "func.func private @kernel(%%x: tensor<?x?xf32> {mithril.dims = [\"d%d\", \"d%d\"]},"
      " %%d0: index, %%d1: index) -> (tensor<?x?x%dxf32> {mithril.dims = [\"(d0 + %d) floordiv"
      " %d\", \"d1\"]}) attributes {mithril.kernel, mithril.grid_rank = 3 : i64} {\n"
      "  %%zero = arith.constant 0.0 : f32\n  %%one = arith.constant 1 : index\n"
      "  %%tile = arith.constant %d : index\n  %%panels = arith.ceildivsi %%d0, %%tile : index\n"
      "  %%last = arith.subi %%d0, %%one : index\n"
      "  %%e = tensor.empty(%%panels, %%d1) : tensor<?x?x%dxf32>\n"
      "  %%y = linalg.generic {indexing_maps = [affine_map<(p, k, r) -> (p, k, r)>],"
      " iterator_types = [" PAR ", " PAR ", " PAR "]} outs(%%e : tensor<?x?x%dxf32>) {\n"
      "  ^bb0(%%o: f32):\n    %%p = linalg.index 0 : index\n    %%k = linalg.index 1 : index\n"
      "    %%r = linalg.index 2 : index\n    %%z = arith.constant 0 : index\n"
      "    %%s = arith.muli %%p, %%tile : index\n    %%i = arith.addi %%s, %%r : index\n"
      "    %%c = arith.minsi %%i, %%last : index\n    %%cc = arith.maxsi %%c, %%z : index\n"
      "    %%v = tensor.extract %%x[%s] : tensor<?x?xf32>\n"
      "    %%lo = arith.cmpi sge, %%i, %%z : index\n"
      "    %%hi = arith.cmpi slt, %%i, %%d0 : index\n    %%in = arith.andi %%lo, %%hi : i1\n"
      "    %%w = arith.select %%in, %%v, %%zero : f32\n    linalg.yield %%w : f32\n"
      "  } -> tensor<?x?x%dxf32>\n  func.return %%y : tensor<?x?x%dxf32>\n}\n",
      second, !second, tile, tile - 1, tile, tile, tile, tile, second ? "%k, %cc" : "%cc, %k", tile,
      tile);
}

static void product_text(char *text, size_t bytes, int MR, int NR) {
  snprintf(
      text, bytes,
      "#a = affine_map<(m, n, k) -> (m floordiv %d, k, m mod %d)>\n"
      "#b = affine_map<(m, n, k) -> (n floordiv %d, k, n mod %d)>\n"
      "#c = affine_map<(m, n, k) -> (m, n)>\n#all = affine_map<(m, n) -> (m, n)>\n"
      "func.func private @kernel(%%x: tensor<?x?x%dxf32> {mithril.dims = [\"(d0 + %d) floordiv %d"
      "\", \"d2\"]}, %%w: tensor<?x?x%dxf32> {mithril.dims = [\"(d1 + %d) floordiv %d\", \"d2\"]}"
      ", %%d0: index, %%d1: index, %%d2: index) -> (tensor<?x?xf32> {mithril.dims = [\"d0\", "
      "\"d1\"]}) attributes {mithril.kernel, mithril.grid_rank = 2 : i64} {\n"
      "  %%e = tensor.empty(%%d0, %%d1) : tensor<?x?xf32>\n"
      "  %%s = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = [" PAR ", " PAR
      ", \"reduction\"]} ins(%%x, %%w : tensor<?x?x%dxf32>, tensor<?x?x%dxf32>) "
      "outs(%%e : tensor<?x?xf32>) attrs = {mithril.contract = array<i64: %d, %d>} {\n"
      "  ^bb0(%%p: f32, %%q: f32, %%o: f32):\n    %%m = arith.mulf %%p, %%q : f32\n"
      "    %%t = arith.addf %%o, %%m : f32\n    linalg.yield %%t : f32\n  } -> tensor<?x?xf32>\n"
      "  func.return %%s : tensor<?x?xf32>\n}\n",
      MR, MR, NR, NR, MR, MR - 1, MR, NR, NR - 1, NR, MR, NR, MR, NR);
}

static void product(int64_t M, int64_t N, int64_t K) {
  mth_target target;
  if (mth_target_init(&target, NULL, NULL, (mth_location){0}) != MTH_OK) return;
  const int MR = (int)target.tiles.f32_rows, NR = (int)target.tiles.f32_columns;
  mth_target_deinit(&target);
  char text[8192];
  loops_kernel pack_a, pack_b, multiply;
  pack_text(text, sizeof text, MR, false);
  loops_kernel_init(&pack_a, text, NULL);
  pack_text(text, sizeof text, NR, true);
  loops_kernel_init(&pack_b, text, NULL);
  product_text(text, sizeof text, MR, NR);
  const double start = now_ms();
  loops_kernel_init(&multiply, text, NULL);
  const double compile_ms = now_ms() - start;
  float *const x = floats(M * K), *const w = floats(K * N), *const y = floats(M * N);
  float *const px = floats((M + MR) * K), *const pw = floats((N + NR) * K);
  float *const z = floats(M * N);
  double a_ms = 1e9, b_ms = 1e9, best = 1e9, blas_ms = 1e9, total = 1e9;
  for (int run = 0; run < 60; ++run) {
    const double t0 = now_ms();
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)M, (int)N, (int)K, 1, x, (int)K, w,
                (int)N, 0, z, (int)N);
    const double t1 = now_ms();
    loops_kernel_run(&pack_a, (void *[]){x, px}, (int64_t[]){M, K});
    const double t2 = now_ms();
    loops_kernel_run(&pack_b, (void *[]){w, pw}, (int64_t[]){N, K});
    const double t3 = now_ms();
    loops_kernel_run(&multiply, (void *[]){px, pw, y}, (int64_t[]){M, N, K});
    const double t4 = now_ms();
    blas_ms = fmin(blas_ms, t1 - t0), a_ms = fmin(a_ms, t2 - t1), b_ms = fmin(b_ms, t3 - t2);
    best = fmin(best, t4 - t3), total = fmin(total, t4 - t1);
  }
  double worst = 0;
  for (int64_t i = 0; i < M * N; ++i)
    worst = fmax(worst, fabs((double)y[i] - (double)z[i]));
  const double flops = 2e-6 * (double)M * (double)N * (double)K;
  printf("product %lldx%lldx%lld: %.1f GFLOP/s, OpenBLAS %.1f: ratio %.3f; pack a %.3f, pack b "
         "%.3f, multiply %.3f ms; compiled in %.0f ms; differs by %.2g\n",
         (long long)M, (long long)N, (long long)K, flops / total, flops / blas_ms, blas_ms / total,
         a_ms, b_ms, best, compile_ms, worst);
  loops_kernel_deinit(&pack_a), loops_kernel_deinit(&pack_b), loops_kernel_deinit(&multiply);
  free(x), free(w), free(y), free(px), free(pw), free(z);
}

// relu(a*x + b)*c, in C.
static void chain_in_c(const float *restrict a, const float *restrict x, const float *restrict b,
                       const float *restrict c, float *restrict y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const float t = a[i] * x[i] + b[i];
    y[i] = (t > 0 ? t : 0) * c[i];
  }
}

static void chain(int64_t n) {
  static const char text[] =
      "#i = affine_map<(i) -> (i)>\n"
      "func.func private @kernel(%a: tensor<?xf32> {mithril.dims = [\"d0\"]}, %x: tensor<?xf32> "
      "{mithril.dims = [\"d0\"]}, %b: tensor<?xf32> {mithril.dims = [\"d0\"]}, %c: tensor<?xf32> "
      "{mithril.dims = [\"d0\"]}, %d0: index) -> (tensor<?xf32> {mithril.dims = [\"d0\"]}) "
      "attributes {mithril.kernel, mithril.grid_rank = 1 : i64} {\n"
      "  %zero = arith.constant 0.0 : f32\n  %e = tensor.empty(%d0) : tensor<?xf32>\n"
      "  %y = linalg.generic {indexing_maps = [#i, #i, #i, #i, #i], iterator_types = [" PAR "]} "
      "ins(%a, %x, %b, %c : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) "
      "outs(%e : tensor<?xf32>) {\n  ^bb0(%p: f32, %q: f32, %r: f32, %s: f32, %o: f32):\n"
      "    %t = arith.mulf %p, %q : f32\n    %u = arith.addf %t, %r : f32\n"
      "    %v = arith.maximumf %u, %zero : f32\n    %w = arith.mulf %v, %s : f32\n"
      "    linalg.yield %w : f32\n  } -> tensor<?xf32>\n  func.return %y : tensor<?xf32>\n}\n";
  loops_kernel kernel;
  loops_kernel_init(&kernel, text, NULL);
  kernel.in_order = true;
  float *const a = floats(n), *const x = floats(n), *const b = floats(n), *const c = floats(n);
  float *const y = floats(n);
  double ours = 1e9, theirs = 1e9;
  for (int run = 0; run < 15; ++run) {
    const double t0 = now_ms();
    chain_in_c(a, x, b, c, y, n);
    const double t1 = now_ms();
    loops_kernel_run(&kernel, (void *[]){a, x, b, c, y}, &n);
    const double t2 = now_ms();
    theirs = fmin(theirs, t1 - t0), ours = fmin(ours, t2 - t1);
  }
  printf("relu(a*x+b)*c on %lld: %.4f ms, C %.4f ms: ratio %.3f\n", (long long)n, ours, theirs,
         ours / theirs);
  loops_kernel_deinit(&kernel);
  free(a), free(x), free(b), free(c), free(y);
}

// exp as passes/math/exponential.c has it for f32 <= 0: 2^n * p(r).
static inline float exp_in_c(float x) {
  const float n = rintf(x * 0x1.715476p+0f);
  const float r = fmaf(n, -0x1.7f7d1cp-20f, fmaf(n, -0x1.62e4p-1f, x));
  float p = 0x1.6850e4p-10f;
  p = fmaf(p, r, 0x1.123bccp-7f);
  p = fmaf(p, r, 0x1.555b98p-5f);
  p = fmaf(p, r, 0x1.55548ep-3f);
  p = fmaf(p, r, 0x1.fffff8p-2f);
  p = fmaf(p, r, 1.0f);
  p = fmaf(p, r, 1.0f);
  union {
    int32_t i;
    float f;
  } scale = {((int32_t)n + 127) << 23};
  return x < -87 ? 0 : p * scale.f;
}

static void softmax_in_c(const float *restrict x, float *restrict y, int64_t M, int64_t N) {
  for (int64_t i = 0; i < M; ++i) {
    const float *const row = x + i * N;
    float most[16], sums[16] = {0}, top = -INFINITY, sum = 0;
    for (int k = 0; k < 16; ++k)
      most[k] = -INFINITY;
    for (int64_t j = 0; j < N; j += 16)
      for (int k = 0; k < 16; ++k)
        most[k] = most[k] > row[j + k] ? most[k] : row[j + k];
    for (int k = 0; k < 16; ++k)
      top = top > most[k] ? top : most[k];
    for (int64_t j = 0; j < N; j += 16)
      for (int k = 0; k < 16; ++k)
        sums[k] += y[i * N + j + k] = exp_in_c(row[j + k] - top);
    for (int k = 0; k < 16; ++k)
      sum += sums[k];
    for (int64_t j = 0; j < N; ++j)
      y[i * N + j] /= sum;
  }
}

static const char softmax_text[] =
    "#all = affine_map<(i, j) -> (i, j)>\n#row = affine_map<(i, j) -> (i)>\n"
    "#one = affine_map<(i) -> (i)>\n"
    "func.func private @kernel(%x: tensor<4096x1024xf32>) -> tensor<4096x1024xf32> attributes "
    "{mithril.kernel, mithril.grid_rank = 1 : i64} {\n"
    "  %low = arith.constant 0xFF800000 : f32\n  %zero = arith.constant 0.0 : f32\n"
    "  %e = tensor.empty() : tensor<4096x1024xf32>\n  %r = tensor.empty() : tensor<4096xf32>\n"
    "  %m0 = linalg.generic {indexing_maps = [#one], iterator_types = [" PAR "]} outs(%r : "
    "tensor<4096xf32>) {\n  ^bb0(%o: f32):\n    linalg.yield %low : f32\n  } -> tensor<4096xf32>\n"
    "  %m = linalg.generic {indexing_maps = [#all, #row], iterator_types = [" PAR
    ", \"reduction\"]} ins(%x : tensor<4096x1024xf32>) outs(%m0 : tensor<4096xf32>) {\n"
    "  ^bb0(%p: f32, %o: f32):\n    %a = arith.maximumf %p, %o : f32\n    linalg.yield %a : f32\n"
    "  } -> tensor<4096xf32>\n"
    "  %x1 = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = [" PAR ", " PAR
    "]} ins(%x, %m : tensor<4096x1024xf32>, tensor<4096xf32>) outs(%e : tensor<4096x1024xf32>) {\n"
    "  ^bb0(%p: f32, %q: f32, %o: f32):\n    %a = arith.subf %p, %q : f32\n"
    "    %b = math.exp %a : f32\n    linalg.yield %b : f32\n  } -> tensor<4096x1024xf32>\n"
    "  %s0 = linalg.generic {indexing_maps = [#one], iterator_types = [" PAR "]} outs(%r : "
    "tensor<4096xf32>) {\n  ^bb0(%o: f32):\n    linalg.yield %zero : f32\n  } -> tensor<4096xf32>\n"
    "  %s = linalg.generic {indexing_maps = [#all, #row], iterator_types = [" PAR
    ", \"reduction\"]} ins(%x1 : tensor<4096x1024xf32>) outs(%s0 : tensor<4096xf32>) {\n"
    "  ^bb0(%p: f32, %o: f32):\n    %a = arith.addf %p, %o : f32\n    linalg.yield %a : f32\n"
    "  } -> tensor<4096xf32>\n"
    "  %y = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = [" PAR ", " PAR
    "]} ins(%x1, %s : tensor<4096x1024xf32>, tensor<4096xf32>) outs(%e : tensor<4096x1024xf32>) {\n"
    "  ^bb0(%p: f32, %q: f32, %o: f32):\n    %a = arith.divf %p, %q : f32\n"
    "    linalg.yield %a : f32\n  } -> tensor<4096x1024xf32>\n"
    "  func.return %y : tensor<4096x1024xf32>\n}\n";

static void softmax(void) {
  enum { M = 4096, N = 1024 };
  loops_kernel kernel;
  loops_kernel_init(&kernel, softmax_text, NULL);
  kernel.in_order = true;
  float *const x = floats(M * N), *const y = floats(M * N);
  double ours = 1e9, theirs = 1e9;
  for (int run = 0; run < 20; ++run) {
    const double t0 = now_ms();
    softmax_in_c(x, y, M, N);
    const double t1 = now_ms();
    loops_kernel_run(&kernel, (void *[]){x, y}, NULL);
    const double t2 = now_ms();
    theirs = fmin(theirs, t1 - t0), ours = fmin(ours, t2 - t1);
  }
  printf("softmax 4096x1024: %.2f ms, C %.2f ms: ratio %.3f\n", ours, theirs, ours / theirs);
  loops_kernel_deinit(&kernel);
  free(x), free(y);
}

int main(void) {
  openblas_set_num_threads(1);
  product(512, 512, 512);
  product(511, 509, 513);
  product(1024, 1024, 1024);
  product(128, 768, 768);
  product(128, 768, 3072);
  product(64, 64, 64);
  chain(16 << 20);
  chain(1 << 14);
  softmax();
  return 0;
}
