// two_precisions_test.c: one logical model, compiled for f64 and for f32 in one program: the numbers
// agree as f32 allows, and the code written to a file is the code that runs.
#include "test/programs/program_fixture.h"

enum { rows = 3, features = 3, units = 16 };

static const mth_entry_shape shape = {"input", MTH_SHAPE(MTH_N(rows), MTH_N(features))};
static const mth_entry_request entries[] = {
    {.name = "evaluate", .shapes = &shape, .shape_count = 1},
    {.name = "gradients", .kind = MTH_ENTRY_GRADIENTS, .shapes = &shape, .shape_count = 1}};

static mth_compile_options options_for(mth_dtype dtype) {
  return (mth_compile_options){.struct_bytes = sizeof(mth_compile_options),
                               .name = "linear",
                               .float_dtype = dtype,
                               .entries = entries,
                               .entry_count = 2};
}

static double at(const bound_entry *e, int port, size_t index) {
  const bool is_f64 = e->desc->ports[port].dtype == MTH_F64;
  return is_f64 ? e->data[port][index] : (double)((const float *)e->data[port])[index];
}

static void put(const bound_entry *e, int port, size_t index, double value) {
  if (e->desc->ports[port].dtype == MTH_F64)
    e->data[port][index] = value;
  else
    ((float *)e->data[port])[index] = (float)value;
}

// Ones for the input and the gradient of the output; parameters are the same for both precisions.
static void fill(const bound_entry *e) {
  for (int i = 0; i < e->desc->port_count; i++) {
    const char *name = e->desc->ports[i].name;
    const bool is_one = !strcmp(name, "input") || !strcmp(name, "output_gradient");
    uint64_t seed = strlen(name);
    for (size_t k = 0; e->desc->ports[i].role != MTH_OUT && k < e->counts[i]; k++)
      put(e, i, k, is_one ? 1 : (float)draw_number(&seed));
  }
}

// Binds an entry, fills and runs it.
static bool run(bound_entry *e, mth_program *program, const char *entry, mth_dtype dtype) {
  if (!bind_all(e, program, entry, 0)) return false;
  for (int i = 0; i < e->desc->port_count; i++)
    EXPECT_INT(e->desc->ports[i].dtype, dtype);
  fill(e);
  return mth_call_run(e->call) == MTH_OK;
}

static mth_program *compile(mth_context *context, mth_model *m, mth_dtype dtype) {
  const mth_compile_options options = options_for(dtype);
  mth_program *program = NULL;
  check_ok(context, mth_compile(m, &options, &program));
  return program;
}

// y = x weight^T + bias of ones: each is the sum of a row of weight and its bias.
static double wanted_output(const bound_entry *e, size_t unit) {
  const int weight = port_of(e, "weight"), bias = port_of(e, "bias");
  double sum = at(e, bias, unit);
  for (size_t k = 0; k < features; k++)
    sum += at(e, weight, unit * features + k);
  return sum;
}

// Four terms below 1 in f32: each sum is off by 4 * 2^-24 * 4 at most.
static const double f32_error = 16 * 0x1p-24;

static void check_numbers(mth_program *exact, mth_program *single) {
  bound_entry a, b;
  ASSERT(run(&a, exact, "evaluate", MTH_F64));
  ASSERT(run(&b, single, "evaluate", MTH_F32));
  const int y = port_of(&a, "output"), y32 = port_of(&b, "output");
  ASSERT(y >= 0 && y32 >= 0);
  EXPECT_INT(a.shapes[y][0], rows);
  EXPECT_INT(a.shapes[y][1], units);
  for (size_t i = 0; i < rows * units; i++) {
    EXPECT_NEAR(at(&a, y, i), wanted_output(&a, i % units), 1e-15);
    EXPECT_NEAR(at(&b, y32, i), at(&a, y, i), f32_error);
  }
  unbind_all(&a);
  unbind_all(&b);
  ASSERT(run(&a, exact, "gradients", MTH_F64));
  ASSERT(run(&b, single, "gradients", MTH_F32));
  const char *const gradients[] = {"weight_gradient", "bias_gradient"};
  EXPECT_INT((int)a.counts[port_of(&a, "output_gradient")], rows * units);
  for (size_t g = 0; g < 2; g++) {
    const int port = port_of(&a, gradients[g]), port32 = port_of(&b, gradients[g]);
    ASSERT(port >= 0 && port32 >= 0 && a.counts[port] == (g ? units : units * features));
    for (size_t i = 0; i < a.counts[port]; i++) { // a one for each row
      EXPECT_NEAR(at(&a, port, i), rows, 0);
      EXPECT_NEAR(at(&b, port32, i), rows, 0);
    }
  }
  unbind_all(&a);
  unbind_all(&b);
}

// Writes an artifact to a file and reads it back.
static mth_artifact through_file(mth_context *context, mth_model *m, mth_dtype dtype,
                                 mth_emit emit) {
  const mth_compile_options options = options_for(dtype);
  mth_artifact made = {NULL, 0}, read = {NULL, 0};
  char path[] = "/tmp/mithril_code_XXXXXX";
  const int descriptor = mkstemp(path);
  FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w+");
  EXPECT(file != NULL);
  check_ok(context, mth_compile_to(m, &options, emit, &made));
  read.bytes = calloc(made.byte_count + 1, 1);
  if (file && made.bytes && read.bytes) {
    EXPECT_INT((long long)fwrite(made.bytes, 1, made.byte_count, file), (long long)made.byte_count);
    rewind(file);
    read.byte_count = fread(read.bytes, 1, made.byte_count, file);
    EXPECT_INT((long long)read.byte_count, (long long)made.byte_count);
  }
  mth_release(mth_context_allocator(context), made.bytes);
  if (file) fclose(file);
  (void)remove(path);
  return read;
}

// The file's code gives the same bits as the program that was compiled into this process.
static void check_object(mth_context *context, mth_model *m, mth_program *program,
                         mth_dtype dtype) {
  mth_artifact object = through_file(context, m, dtype, MTH_EMIT_OBJECT);
  mth_program *loaded = NULL;
  bound_entry a, b;
  ASSERT(check_ok(context, mth_load_object(context, object.bytes, object.byte_count, &loaded)));
  ASSERT(run(&a, program, "evaluate", dtype));
  ASSERT(run(&b, loaded, "evaluate", dtype));
  const int y = port_of(&a, "output");
  EXPECT(y >= 0 && y == port_of(&b, "output") &&
         memcmp(a.data[y], b.data[y], a.counts[y] * sizeof(double)) == 0);
  unbind_all(&a);
  unbind_all(&b);
  mth_program_destroy(loaded);
  free(object.bytes);
}

// The code in words people read is of its precision alone.
static void check_text(mth_context *context, mth_model *m, mth_dtype dtype, const char *type,
                       const char *other) {
  mth_artifact text = through_file(context, m, dtype, MTH_EMIT_LLVM);
  ASSERT(text.bytes != NULL);
  EXPECT(strstr(text.bytes, type) && !strstr(text.bytes, other));
  EXPECT(strstr(text.bytes, "linear_evaluate") && strstr(text.bytes, "linear_gradients"));
  free(text.bytes);
}

TEST(two_precisions, agree_and_are_written_to_files) {
  mth_context *context = NULL;
  ASSERT(mth_context_create(NULL, &context) == MTH_OK);
  mth_model *m = NULL;
  ASSERT(mth_linear(context, units, true, &m) == MTH_OK);
  mth_program *exact = compile(context, m, MTH_F64), *single = compile(context, m, MTH_F32);
  ASSERT(exact && single);
  check_numbers(exact, single);
  check_object(context, m, exact, MTH_F64);
  check_object(context, m, single, MTH_F32);
  check_text(context, m, MTH_F64, "x double>", "x float>");
  check_text(context, m, MTH_F32, "x float>", "x double>");
  mth_program_destroy(exact);
  mth_program_destroy(single);
  mth_model_destroy(m);
  mth_context_destroy(context);
}
