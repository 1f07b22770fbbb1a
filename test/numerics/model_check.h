// model_check.h: a model against a naive formula, and its gradients against central differences.
//
// Tolerance: f64. A value is a sum of a few functions of numbers near 1, so 1e-12 of its size
// holds. Differences with step 1e-6 err by about 1e-9; 1e-7 leaves room. Inputs lie off the kinks.
#ifndef MTH_TEST_NUMERICS_MODEL_CHECK_H
#define MTH_TEST_NUMERICS_MODEL_CHECK_H
#include "frontend/compile.h"
#include "runtime/call.h"
#include "test/ir/train_fixture.h"

#include <math.h>

enum { N = 3, M = 4, d = 2, most_elems = 16, most_ports = 6 };

typedef struct port {
  const char *name;
  int rank;
  int64_t extents[2];
  double values[most_elems];
} port;

typedef void naive(const port *ports, double *out); // out [rows, columns]

static inline size_t count_of(const port *p) {
  size_t count = 1;
  for (int i = 0; i < p->rank; i++)
    count *= (size_t)p->extents[i];
  return count;
}

static inline double weighted(naive *f, const port *ports, size_t out_count) {
  double out[most_elems], sum = 0;
  f(ports, out);
  for (size_t i = 0; i < out_count; i++)
    sum += out[i] * cos((double)i);
  return sum;
}

static inline DLTensor view(port *p) {
  DLTensor t;
  memset(&t, 0, sizeof t);
  t.data = p->values;
  t.ndim = p->rank;
  t.shape = p->extents;
  t.dtype = (DLDataType){2, 64, 1};
  t.device = (DLDevice){1, 0};
  return t;
}

static inline void check_outputs(mth_call *call, naive *f, port *ports, size_t count,
                                 size_t out_count) {
  double wanted[most_elems];
  const DLTensor *output = NULL;
  f(ports, wanted);
  ASSERT(mth_call_output(call, "output", &output) == MTH_OK);
  for (size_t i = 0; i < out_count; i++)
    EXPECT_NEAR(((const double *)output->data)[i], wanted[i], 1e-12 * (1 + fabs(wanted[i])));
  for (size_t p = 0; p < count; p++) {
    char name[64];
    snprintf(name, sizeof name, "%s_gradient", ports[p].name);
    ASSERT(mth_call_output(call, name, &output) == MTH_OK);
    for (size_t i = 0; i < count_of(&ports[p]); i++) {
      const double at = ports[p].values[i], h = 1e-6;
      ports[p].values[i] = at + h;
      const double above = weighted(f, ports, out_count);
      ports[p].values[i] = at - h;
      const double below = weighted(f, ports, out_count);
      ports[p].values[i] = at;
      EXPECT_NEAR(((const double *)output->data)[i], (above - below) / (2 * h), 1e-7);
    }
  }
}

// Takes the model. Every port is trained; the cotangent of element i of `output` is cos(i).
static inline void check(mth_context *context, mth_model *model, port *ports, size_t count,
                         naive *f, int64_t rows, int64_t columns) {
  port cotangent = {"output_gradient", rows ? 2 : 0, {rows, columns}, {0}};
  const size_t out_count = count_of(&cotangent);
  mth_entry_shape shapes[most_ports];
  mth_extent extents[most_ports][2];
  mth_program *program = NULL;
  mth_call *call = NULL;
  DLTensor tensors[most_ports + 1];
  static const char *const output = "output";
  for (size_t i = 0; i < out_count; i++)
    cotangent.values[i] = cos((double)i);
  for (size_t i = 0; i < count; i++) {
    extents[i][0] = MTH_N(ports[i].extents[0]);
    extents[i][1] = MTH_N(ports[i].extents[1]);
    shapes[i] = (mth_entry_shape){ports[i].name, {(size_t)ports[i].rank, extents[i]}};
    ASSERT(mth_connection_set_differentiable(key(model, ports[i].name), true) == MTH_OK);
  }
  const mth_entry_request entry = {.name = "entry",
                                   .kind = MTH_ENTRY_GRADIENTS,
                                   .outputs = &output,
                                   .output_count = 1,
                                   .shapes = shapes,
                                   .shape_count = count};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .float_dtype = MTH_F64, .entries = &entry, .entry_count = 1};
  EXPECT_INT(mth_compile(model, &options, &program), MTH_OK);
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "");
  ASSERT(program && mth_call_create(program, "entry", NULL, &call) == MTH_OK);
  for (size_t i = 0; i <= count; i++) {
    port *p = i < count ? &ports[i] : &cotangent;
    tensors[i] = view(p);
    EXPECT_INT(mth_call_bind(call, p->name, &tensors[i]), MTH_OK);
  }
  ASSERT(mth_call_run(call) == MTH_OK);
  check_outputs(call, f, ports, count, out_count);
  mth_call_destroy(call);
  mth_program_destroy(program);
  mth_model_destroy(model);
}

// Takes the model. Its output, a number, for these inputs.
static inline void check_value(mth_context *context, mth_model *model, port *ports, size_t count,
                               double wanted) {
  mth_entry_shape shapes[most_ports];
  mth_extent extents[most_ports][2];
  mth_program *program = NULL;
  mth_call *call = NULL;
  DLTensor tensors[most_ports];
  const DLTensor *output = NULL;
  static const char *const name = "output";
  for (size_t i = 0; i < count; i++) {
    extents[i][0] = MTH_N(ports[i].extents[0]);
    extents[i][1] = MTH_N(ports[i].extents[1]);
    shapes[i] = (mth_entry_shape){ports[i].name, {(size_t)ports[i].rank, extents[i]}};
    tensors[i] = view(&ports[i]);
  }
  const mth_entry_request entry = {
      .name = "entry", .outputs = &name, .output_count = 1, .shapes = shapes, .shape_count = count};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .float_dtype = MTH_F64, .entries = &entry, .entry_count = 1};
  EXPECT_INT(mth_compile(model, &options, &program), MTH_OK);
  EXPECT_TEXT(mth_context_diagnostic(context)->message, "");
  ASSERT(program && mth_call_create(program, "entry", NULL, &call) == MTH_OK);
  for (size_t i = 0; i < count; i++)
    EXPECT_INT(mth_call_bind(call, ports[i].name, &tensors[i]), MTH_OK);
  ASSERT(mth_call_run(call) == MTH_OK && mth_call_output(call, name, &output) == MTH_OK);
  EXPECT_NEAR(*(const double *)output->data, wanted, 1e-12 * (1 + fabs(wanted)));
  mth_call_destroy(call);
  mth_program_destroy(program);
  mth_model_destroy(model);
}

static inline port table(const char *name, int rows, double phase) {
  port p = {name, 2, {rows, d}, {0}};
  for (int i = 0; i < rows * d; i++)
    p.values[i] = sin(2.3 * i + phase);
  return p;
}

static inline port number(const char *name, int rank, double value) {
  return (port){name, rank, {1, 1}, {value}};
}
#endif
