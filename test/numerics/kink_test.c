// kink_test.c: gradients where a function has none, by the conventions of Mithril's semantics:
// relu, abs and sign have slope 0 at 0, leaky_relu its own, ties of maxima share equally, nothing
// flows through stop_gradient, powers of 0 have the gradients that their limits have, and robust
// functions those of their lines.
#include "jit/compiler.h"
#include "test/harness/harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { elements_max = 8 };

static void print_report(void *user, const mth_diagnostic *diagnostic) {
  (void)user;
  harness_check(false, false, __FILE__, __LINE__, "%s: %s", diagnostic->where, diagnostic->message);
}

static void run_loaded(const mth_entry_desc *entry, double *const *inputs, double *const *outputs) {
  int64_t sizes[2];
  void *ports[4] = {NULL};
  EXPECT(entry->port_count <= 4 && entry->computed_count == 0 && entry->symbol_count == 0);
  EXPECT_INT(entry->sizes(NULL, sizes), 0);
  for (int p = 0; p < entry->port_count; ++p) {
    const int number = entry->ports[p].name[1] - '0';
    ports[p] = entry->ports[p].role == MTH_IN ? inputs[number] : outputs[number];
  }
  void *workspace = aligned_alloc(64, (size_t)(sizes[0] + sizes[1] + 64) / 64 * 64);
  EXPECT(workspace && entry->run(NULL, ports, NULL, workspace) == 0);
  free(workspace);
}

// The gradients of `count` numbers each, for the op written in `body`, which makes %out of `shape`
// from %x0 (and %x1, unless it is NULL), with a cotangent of ones.
static bool differentiate(const char *body, const char *shape, int count, const double *x0,
                          const double *x1, double *out_d0, double *out_d1) {
  char text[2048], both[64], in[32];
  snprintf(in, sizeof in, "tensor<%dxf64>", count);
  snprintf(both, sizeof both, x1 ? "%s, %s" : "%s", in, in);
  char ports[160], wrt[] = "0, 1";
  snprintf(ports, sizeof ports,
           x1 ? "%%x0: %s {mithril.port = \"x0\"}, %%x1: %s {mithril.port = \"x1\"}"
              : "%%x0: %s {mithril.port = \"x0\"}",
           in, in);
  if (!x1) wrt[1] = 0;
  snprintf(text, sizeof text,
           "module @kink {\n"
           "mithril.model @m(%s) -> (%s {mithril.port = \"y\"}) {\n  %s\n"
           "  mithril.return %%out : %s\n}\n"
           "mithril.entry @e(%s) -> (%s {mithril.port = \"d0\"}%s%s%s) {\n"
           "  %%one = mithril.constant dense<1.0> : %s\n"
           "  %%g:%d = mithril.gradient @m (%s) of [0] cotangents (%%one) wrt [%s] : (%s, %s) -> "
           "(%s, %s)\n"
           "  mithril.return %s : %s\n}\n}\n",
           ports, shape, body, shape, ports, in, x1 ? ", " : "", x1 ? in : "",
           x1 ? " {mithril.port = \"d1\"}" : "", shape, x1 ? 3 : 2, x1 ? "%x0, %x1" : "%x0", wrt,
           both, shape, shape, both, x1 ? "%g#1, %g#2" : "%g#1", both);
  const mth_compiler_api *compiler = mth_compiler_get(MTH_COMPILER_ABI);
  mth_registry *registry;
  if (mth_registry_create(mth_default_allocator(), &registry) != MTH_OK) return false;
  const mth_sink sink = {print_report, NULL};
  const mth_compile_request request = {.struct_bytes = sizeof request,
                                       .registry = registry,
                                       .allocator = mth_default_allocator(),
                                       .sink = &sink,
                                       .source = text,
                                       .source_bytes = strlen(text),
                                       .source_name = "kink",
                                       .emit = MTH_EMIT_OBJECT};
  mth_artifact object;
  mth_loaded *loaded;
  const mth_program_desc *program;
  bool ok = compiler->compile(&request, &object) == MTH_OK;
  if (ok) {
    ok = compiler->load(registry, object.bytes, object.byte_count, NULL, &sink, &loaded,
                        &program) == MTH_OK;
    mth_release(mth_default_allocator(), object.bytes);
  }
  if (ok) {
    double a[elements_max], b[elements_max] = {0};
    memcpy(a, x0, (size_t)count * sizeof *a);
    if (x1) memcpy(b, x1, (size_t)count * sizeof *b);
    run_loaded(&program->entries[0], (double *[]){a, b}, (double *[]){out_d0, out_d1});
    compiler->unload(loaded);
  }
  mth_registry_destroy(registry);
  return harness_check(ok, false, __FILE__, __LINE__, "does not compile:\n%s", text);
}

static void expect_numbers(const char *what, int count, const double *found, const double *wanted) {
  for (int i = 0; i < count; ++i)
    harness_check(found[i] == wanted[i], false, __FILE__, __LINE__, "%s, element %d: %g, wanted %g",
                  what, i, found[i], wanted[i]);
}

static void expect_unary_with(const char *op, const char *attributes, int count, const double *x,
                              const double *wanted) {
  char body[240];
  snprintf(body, sizeof body, "%%out = mithril.%s %%x0 %s : (tensor<%dxf64>) -> tensor<%dxf64>", op,
           attributes, count, count);
  char shape[32];
  snprintf(shape, sizeof shape, "tensor<%dxf64>", count);
  double found[elements_max];
  if (differentiate(body, shape, count, x, NULL, found, NULL))
    expect_numbers(op, count, found, wanted);
}

static void expect_unary(const char *op, int count, const double *x, const double *wanted) {
  expect_unary_with(op, "", count, x, wanted);
}

TEST(Kink, SlopesAreZeroWhereTheyJump) {
  const double x[] = {0, -0.0, -1, 1};
  expect_unary("relu", 4, x, (const double[]){0, 0, 0, 1});
  expect_unary("abs", 4, x, (const double[]){0, 0, -1, 1});
  expect_unary("sign", 4, x, (const double[]){0, 0, 0, 0});
  expect_unary("floor", 4, x, (const double[]){0, 0, 0, 0});
}

TEST(Kink, TheSlopeOfASquareRootIsInfiniteAtZero) {
  expect_unary("sqrt", 2, (const double[]){0, 4}, (const double[]){INFINITY, 0.25});
}

TEST(Kink, ALeakyReluHasItsSlopeAtZero) {
  expect_unary_with("leaky_relu", "{slope = 0.25 : f64}", 3, (const double[]){0, -0.0, 2},
                    (const double[]){0.25, 0.25, 1});
}

TEST(Kink, AClampLetsItsBoundsThrough) {
  expect_unary_with("clamp", "{min_val = -1.0 : f64, max_val = 2.0 : f64}", 5,
                    (const double[]){-1.5, -1, 0, 2, 2.5}, (const double[]){0, 1, 1, 1, 0});
}

TEST(Kink, RobustFunctionsAreFiniteAtZero) {
  const double x[] = {0, -0.0, 0.25, -0.25, 4, -4};
  expect_unary_with("log", "{robust = true, threshold = 0.5 : f64}", 6, x,
                    (const double[]){2, 2, 2, -2, 0.25, -0.25});
  expect_unary_with("sqrt", "{robust = true, threshold = 0.25 : f64}", 6, x,
                    (const double[]){0, 0, 1, -1, 0.25, -0.25});
  expect_unary_with("stable_reciprocal", "{threshold = 0.5 : f64}", 6, x,
                    (const double[]){-4, -4, -4, -4, -0.0625, -0.0625});
  // The least normal number is the threshold unless another is given.
  const double t = 0x1p-1022;
  expect_unary_with("log", "{robust = true}", 3, (const double[]){0, t, t / 2},
                    (const double[]){1 / t, 1 / t, 1 / t});
}

TEST(Kink, ARobustPowerIsALineWhereItWouldBeSteep) {
  const double x[] = {0, -0.25, 0.25, -2}, y[] = {0, 0.25, 2, 3};
  double dx[elements_max], dy[elements_max];
  ASSERT(differentiate("%out = mithril.power %x0, %x1 {robust = true, threshold = 0.5 : f64} : "
                       "(tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64>",
                       "tensor<4xf64>", 4, x, y, dx, dy));
  expect_numbers("power, base", 4, dx, (const double[]){0, -2, 0.5, -12});
  expect_numbers("power, exponent", 4, dy, (const double[]){0, 0, 0.0625 * log(0.25), 8 * log(2)});
}

TEST(Kink, NothingFlowsThroughStopGradient) {
  expect_unary("stop_gradient", 2, (const double[]){1, 2}, (const double[]){0, 0});
}

TEST(Kink, TiesOfAMaximumShareEqually) {
  const double x[] = {1, 3, 3, 2};
  double found[elements_max];
  ASSERT(differentiate("%out = mithril.reduce_max %x0 : (tensor<4xf64>) -> tensor<f64>",
                       "tensor<f64>", 4, x, NULL, found, NULL));
  expect_numbers("reduce_max", 4, found, (const double[]){0, 0.5, 0.5, 0});
  ASSERT(differentiate("%out = mithril.reduce_min %x0 : (tensor<4xf64>) -> tensor<f64>",
                       "tensor<f64>", 4, (const double[]){2, 2, 2, 2}, NULL, found, NULL));
  expect_numbers("reduce_min", 4, found, (const double[]){0.25, 0.25, 0.25, 0.25});
}

TEST(Kink, AZeroFactorGetsTheProductOfTheOthers) {
  const double one[] = {2, 0, 3, -1}, two[] = {2, 0, 3, 0};
  double found[elements_max];
  const char *prod = "%out = mithril.prod %x0 : (tensor<4xf64>) -> tensor<f64>";
  ASSERT(differentiate(prod, "tensor<f64>", 4, one, NULL, found, NULL));
  expect_numbers("prod", 4, found, (const double[]){0, -6, 0, 0});
  ASSERT(differentiate(prod, "tensor<f64>", 4, two, NULL, found, NULL));
  expect_numbers("prod", 4, found, (const double[]){0, 0, 0, 0});
}

// Gradients of both sides of a loss of two vectors of three.
static void expect_loss(const char *op, const double *x, const double *t, const double *dx,
                        const double *dt) {
  char body[240];
  double found_x[elements_max], found_t[elements_max];
  snprintf(body, sizeof body,
           "%%out = mithril.%s : (tensor<3xf64>, tensor<3xf64>) -> tensor<3xf64>", op);
  if (!differentiate(body, "tensor<3xf64>", 3, x, t, found_x, found_t)) return;
  expect_numbers(op, 3, found_x, dx);
  expect_numbers(op, 3, found_t, dt);
}

TEST(Kink, LossesShareWhereTheyBend) {
  const double x[] = {2, 0.5, 1}, t[] = {0.5, -1, 2};
  expect_loss("absolute_error %x0, %x1", x, x, (const double[]){0, 0, 0},
              (const double[]){0, 0, 0});
  expect_loss("quantile_loss %x0, %x1 {quantile = 0.75 : f64}", x, (const double[]){2, 1, 0},
              (const double[]){-0.25, -0.75, 0.25}, (const double[]){0.25, 0.75, -0.25});
  expect_loss("hinge_loss %x0, %x1", x, t, (const double[]){-0.25, 1, 0},
              (const double[]){-1, -0.5, 0});
  expect_loss("quad_hinge_loss %x0, %x1", x, t, (const double[]){0, 3, 0},
              (const double[]){0, -1.5, 0});
  expect_loss("kl_divergence %x0, %x1 {threshold = 0.5 : f64}", (const double[]){0, 1, 2},
              (const double[]){0, 1, 2}, (const double[]){0, -1, -1}, (const double[]){0, 1, 1});
}

TEST(Kink, TwoEqualTensorsShareEqually) {
  const double x[] = {1, 2}, y[] = {1, 1};
  double dx[elements_max], dy[elements_max];
  ASSERT(differentiate(
      "%out = mithril.maximum %x0, %x1 : (tensor<2xf64>, tensor<2xf64>) -> tensor<2xf64>",
      "tensor<2xf64>", 2, x, y, dx, dy));
  expect_numbers("maximum", 2, dx, (const double[]){0.5, 1});
  expect_numbers("maximum", 2, dy, (const double[]){0.5, 0});
}

TEST(Kink, PowersOfZeroHaveTheirLimits) {
  const double x[] = {0, 0, 0}, y[] = {0, 1, 2};
  double dx[elements_max], dy[elements_max];
  ASSERT(differentiate(
      "%out = mithril.power %x0, %x1 : (tensor<3xf64>, tensor<3xf64>) -> tensor<3xf64>",
      "tensor<3xf64>", 3, x, y, dx, dy));
  expect_numbers("power, base", 3, dx, (const double[]){0, 1, 0});
  expect_numbers("power, exponent", 3, dy, (const double[]){0, 0, 0});
}
