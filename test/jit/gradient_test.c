// gradient_test: gradients of a compiled program against central differences of its own loss, and a
// training step that updates its parameters in place.
#include "jit/compiler.h"
#include "test/harness/harness.h"

#include <string.h>

enum { B = 5, I = 7, H = 9, O = 3 };

static const char model_text[] =
    "module @net {\n"
    "  mithril.model @loss(%x: tensor<5x7xf64> {mithril.port = \"x\"},\n"
    "      %t: tensor<5x3xf64> {mithril.port = \"t\"}, %v: tensor<7x9xf64> {mithril.port = "
    "\"v\"},\n"
    "      %w: tensor<9x3xf64> {mithril.port = \"w\"}, %b: tensor<3xf64> {mithril.port = \"b\"})\n"
    "      -> (tensor<f64> {mithril.port = \"loss\"}) {\n"
    "    %0 = mithril.matmul %x, %v : (tensor<5x7xf64>, tensor<7x9xf64>) -> tensor<5x9xf64>\n"
    "    %1 = mithril.tanh %0 : (tensor<5x9xf64>) -> tensor<5x9xf64>\n"
    "    %2 = mithril.matmul %1, %w : (tensor<5x9xf64>, tensor<9x3xf64>) -> tensor<5x3xf64>\n"
    "    %3 = mithril.add %2, %b : (tensor<5x3xf64>, tensor<3xf64>) -> tensor<5x3xf64>\n"
    "    %4 = mithril.squared_error %3, %t : (tensor<5x3xf64>, tensor<5x3xf64>) -> "
    "tensor<5x3xf64>\n"
    "    %5 = mithril.mean %4 : (tensor<5x3xf64>) -> tensor<f64>\n"
    "    mithril.return %5 : tensor<f64>\n"
    "  }\n"
    "  mithril.entry @evaluate(%x: tensor<5x7xf64> {mithril.port = \"x\"},\n"
    "      %t: tensor<5x3xf64> {mithril.port = \"t\"}, %v: tensor<7x9xf64> {mithril.port = "
    "\"v\"},\n"
    "      %w: tensor<9x3xf64> {mithril.port = \"w\"}, %b: tensor<3xf64> {mithril.port = \"b\"})\n"
    "      -> (tensor<f64> {mithril.port = \"loss\"}) {\n"
    "    %0 = mithril.instance @loss \"loss\" (%x, %t, %v, %w, %b) : (tensor<5x7xf64>,\n"
    "        tensor<5x3xf64>, tensor<7x9xf64>, tensor<9x3xf64>, tensor<3xf64>) -> tensor<f64>\n"
    "    mithril.return %0 : tensor<f64>\n"
    "  }\n"
    "  mithril.entry @gradients(%x: tensor<5x7xf64> {mithril.port = \"x\"},\n"
    "      %t: tensor<5x3xf64> {mithril.port = \"t\"}, %v: tensor<7x9xf64> {mithril.port = "
    "\"v\"},\n"
    "      %w: tensor<9x3xf64> {mithril.port = \"w\"}, %b: tensor<3xf64> {mithril.port = \"b\"})\n"
    "      -> (tensor<f64> {mithril.port = \"loss\"}, tensor<7x9xf64> {mithril.port = \"dv\"},\n"
    "          tensor<9x3xf64> {mithril.port = \"dw\"}, tensor<3xf64> {mithril.port = \"db\"}) {\n"
    "    %one = mithril.constant dense<1.0> : tensor<f64>\n"
    "    %0:4 = mithril.gradient @loss (%x, %t, %v, %w, %b) of [0] cotangents (%one) wrt [2, 3, 4] "
    ":\n"
    "        (tensor<5x7xf64>, tensor<5x3xf64>, tensor<7x9xf64>, tensor<9x3xf64>, tensor<3xf64>,\n"
    "        tensor<f64>) -> (tensor<f64>, tensor<7x9xf64>, tensor<9x3xf64>, tensor<3xf64>)\n"
    "    mithril.return %0#0, %0#1, %0#2, %0#3\n"
    "        : tensor<f64>, tensor<7x9xf64>, tensor<9x3xf64>, tensor<3xf64>\n"
    "  }\n"
    "  mithril.entry @step(%x: tensor<5x7xf64> {mithril.port = \"x\"},\n"
    "      %t: tensor<5x3xf64> {mithril.port = \"t\"},\n"
    "      %v: tensor<7x9xf64> {mithril.port = \"v\", mithril.role = \"state\"},\n"
    "      %w: tensor<9x3xf64> {mithril.port = \"w\", mithril.role = \"state\"},\n"
    "      %b: tensor<3xf64> {mithril.port = \"b\", mithril.role = \"state\"})\n"
    "      -> (tensor<f64> {mithril.port = \"loss\"}, tensor<7x9xf64> {mithril.port = \"v\"},\n"
    "          tensor<9x3xf64> {mithril.port = \"w\"}, tensor<3xf64> {mithril.port = \"b\"}) {\n"
    "    %one = mithril.constant dense<1.0> : tensor<f64>\n"
    "    %rate = mithril.constant dense<0.125> : tensor<f64>\n"
    "    %0:4 = mithril.gradient @loss (%x, %t, %v, %w, %b) of [0] cotangents (%one) wrt [2, 3, 4] "
    ":\n"
    "        (tensor<5x7xf64>, tensor<5x3xf64>, tensor<7x9xf64>, tensor<9x3xf64>, tensor<3xf64>,\n"
    "        tensor<f64>) -> (tensor<f64>, tensor<7x9xf64>, tensor<9x3xf64>, tensor<3xf64>)\n"
    "    %1 = mithril.multiply %0#1, %rate : (tensor<7x9xf64>, tensor<f64>) -> tensor<7x9xf64>\n"
    "    %2 = mithril.multiply %0#2, %rate : (tensor<9x3xf64>, tensor<f64>) -> tensor<9x3xf64>\n"
    "    %3 = mithril.multiply %0#3, %rate : (tensor<3xf64>, tensor<f64>) -> tensor<3xf64>\n"
    "    %4 = mithril.subtract %v, %1 : (tensor<7x9xf64>, tensor<7x9xf64>) -> tensor<7x9xf64>\n"
    "    %5 = mithril.subtract %w, %2 : (tensor<9x3xf64>, tensor<9x3xf64>) -> tensor<9x3xf64>\n"
    "    %6 = mithril.subtract %b, %3 : (tensor<3xf64>, tensor<3xf64>) -> tensor<3xf64>\n"
    "    mithril.return %0#0, %4, %5, %6\n"
    "        : tensor<f64>, tensor<7x9xf64>, tensor<9x3xf64>, tensor<3xf64>\n"
    "  }\n"
    "}\n";

typedef struct fixture {
  mth_registry *registry;
  mth_artifact object;
  mth_loaded *loaded;
  const mth_program_desc *program; // NULL: the test has failed
  double x[B * I], t[B * O], v[I * H], w[H * O], b[O];
} fixture;

static void fill(double *values, size_t count, uint32_t *state) {
  for (size_t i = 0; i < count; ++i) {
    *state = *state * 1664525u + 1013904223u;
    values[i] = (double)(*state >> 8) * 0x1p-23 - 1;
  }
}

static void set_up(fixture *f) {
  *f = (fixture){0};
  mth_diagnostic found = {0};
  const mth_sink sink = mth_sink_keep_first(&found);
  const mth_compiler_api *const compiler = mth_compiler_get(MTH_COMPILER_ABI);
  mth_status status = mth_registry_create(mth_default_allocator(), &f->registry);
  const mth_compile_request request = {.struct_bytes = sizeof request,
                                       .registry = f->registry,
                                       .sink = &sink,
                                       .source = model_text,
                                       .source_bytes = strlen(model_text),
                                       .source_name = "net.mlir",
                                       .emit = MTH_EMIT_OBJECT};
  if (status == MTH_OK) status = compiler->compile(&request, &f->object);
  if (status == MTH_OK)
    status = compiler->load(f->registry, f->object.bytes, f->object.byte_count, NULL, &sink,
                            &f->loaded, &f->program);
  EXPECT_INT(status, MTH_OK);
  EXPECT_TEXT(found.message, "");
  uint32_t state = 1;
  fill(f->x, B * I, &state);
  fill(f->t, B * O, &state);
  fill(f->v, I * H, &state);
  fill(f->w, H * O, &state);
  fill(f->b, O, &state);
}

static void tear_down(fixture *f) {
  mth_compiler_get(MTH_COMPILER_ABI)->unload(f->loaded);
  mth_release(mth_default_allocator(), f->object.bytes);
  mth_registry_destroy(f->registry);
}

static void run(const mth_entry_desc *entry, void *const *ports) {
  int64_t sizes[2];
  ASSERT(entry->sizes(NULL, sizes) == MTH_OK);
  void *const workspace = mth_allocate(mth_default_allocator(), (size_t)(sizes[0] + sizes[1]), 1);
  EXPECT_INT(entry->run(NULL, ports, NULL, workspace), MTH_OK);
  mth_release(mth_default_allocator(), workspace);
}

static double loss_of(fixture *f) {
  double loss = -1;
  run(&f->program->entries[0], (void *[]){f->x, f->t, f->v, f->w, f->b, &loss});
  return loss;
}

// The gradient of `count` parameters against central differences. The loss is smooth, so the error
// is step^2 times a third derivative, plus rounding over the step.
static void compare(fixture *f, double *parameters, const double *gradient, size_t count) {
  const double step = 1e-5;
  for (size_t i = 0; i < count; ++i) {
    const double kept = parameters[i];
    parameters[i] = kept + step;
    const double above = loss_of(f);
    parameters[i] = kept - step;
    const double below = loss_of(f);
    parameters[i] = kept;
    EXPECT_NEAR(gradient[i], (above - below) / (2 * step), 1e-9);
  }
}

TEST(Gradient, AgreesWithCentralDifferences) {
  fixture f;
  set_up(&f);
  if (f.program) {
    double loss, dv[I * H], dw[H * O], db[O];
    run(&f.program->entries[1], (void *[]){f.x, f.t, f.v, f.w, f.b, &loss, dv, dw, db});
    EXPECT_NEAR(loss, loss_of(&f), 0); // the same kernels
    compare(&f, f.v, dv, I * H);
    compare(&f, f.w, dw, H * O);
    compare(&f, f.b, db, O);
  }
  tear_down(&f);
}

TEST(Step, UpdatesItsStatesAsTheGradientsSay) {
  fixture f;
  set_up(&f);
  if (f.program) {
    double loss, dv[I * H], dw[H * O], db[O], v[I * H], w[H * O], b[O], step_loss;
    run(&f.program->entries[1], (void *[]){f.x, f.t, f.v, f.w, f.b, &loss, dv, dw, db});
    memcpy(v, f.v, sizeof v), memcpy(w, f.w, sizeof w), memcpy(b, f.b, sizeof b);
    run(&f.program->entries[2], (void *[]){f.x, f.t, v, w, b, &step_loss});
    EXPECT_NEAR(step_loss, loss, 0);
    for (int i = 0; i < I * H; ++i)
      EXPECT_NEAR(v[i], f.v[i] - 0.125 * dv[i], 1e-15);
    for (int i = 0; i < H * O; ++i)
      EXPECT_NEAR(w[i], f.w[i] - 0.125 * dw[i], 1e-15);
    for (int i = 0; i < O; ++i)
      EXPECT_NEAR(b[i], f.b[i] - 0.125 * db[i], 1e-15);
  }
  tear_down(&f);
}

TEST(Step, TrainingLowersTheLoss) {
  fixture f;
  set_up(&f);
  if (f.program) {
    const double before = loss_of(&f);
    double loss;
    for (int step = 0; step < 200; ++step)
      run(&f.program->entries[2], (void *[]){f.x, f.t, f.v, f.w, f.b, &loss});
    EXPECT(loss_of(&f) < before / 10);
  }
  tear_down(&f);
}
