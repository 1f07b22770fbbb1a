// program_fixture.h: what tests of whole programs share: compiling, binding every port of an entry
// to memory of the test, gradients against differences.
#ifndef MTH_TEST_PROGRAMS_PROGRAM_FIXTURE_H
#define MTH_TEST_PROGRAMS_PROGRAM_FIXTURE_H
#include "frontend/mithril.h"
#include "test/harness/harness.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_ports = 48, most_rank = 6 };

// Fails the running test with the context's last report.
static inline bool check_ok(mth_context *context, mth_status status) {
  const mth_diagnostic *why = mth_context_diagnostic(context);
  return harness_check(status == MTH_OK, false, __FILE__, __LINE__, "status %d: %s: %s",
                       (int)status, why->where, why->message);
}

static inline mth_model *make(mth_context *context, const char *class_name, size_t arg_count,
                              const mth_arg *args) {
  mth_model *model = NULL;
  check_ok(context, mth_model_create_class(context, class_name, args, arg_count, &model));
  return model;
}
#define MAKE(context, name, ...)                                                                   \
  make(context, name, sizeof((const mth_arg[]){__VA_ARGS__}) / sizeof(mth_arg),                    \
       (const mth_arg[]){__VA_ARGS__})

static inline mth_program *compile_f64(mth_context *context, mth_model *model, size_t entry_count,
                                       const mth_entry_request *entries) {
  const mth_compile_options options = {.struct_bytes = sizeof options,
                                       .float_dtype = MTH_F64,
                                       .entries = entries,
                                       .entry_count = entry_count};
  mth_program *program = NULL;
  check_ok(context, mth_compile(model, &options, &program));
  return program;
}

static inline void report_failure(void *user, const mth_diagnostic *diagnostic) {
  (void)user;
  harness_check(false, false, __FILE__, __LINE__, "%s: %s", diagnostic->where, diagnostic->message);
}

// An entry, every port of it bound to memory of its own; extents that are symbols are `batch`.
typedef struct bound_entry {
  mth_call *call;
  const mth_entry_desc *desc;
  DLTensor tensors[most_ports];
  int64_t shapes[most_ports][most_rank];
  size_t counts[most_ports];
  double *data[most_ports];
} bound_entry;

static inline bool bind_all(bound_entry *b, mth_program *program, const char *entry,
                            int64_t batch) {
  *b = (bound_entry){.call = NULL};
  const int32_t index = program ? mth_program_find_entry(program, entry) : -1;
  static const mth_sink sink = {report_failure, NULL};
  const mth_call_options options = {.struct_bytes = sizeof options, .sink = &sink};
  if (index < 0 || mth_call_create(program, entry, &options, &b->call) != MTH_OK) return false;
  b->desc = &mth_program_get_desc(program)->entries[index];
  for (int32_t i = 0; i < b->desc->port_count && i < most_ports; i++) {
    const mth_port_desc *port = &b->desc->ports[i];
    b->counts[i] = 1;
    for (int32_t d = 0; d < port->rank && d < most_rank; d++) {
      b->shapes[i][d] = port->dims[d] >= 0 ? port->dims[d] : batch;
      b->counts[i] *= (size_t)b->shapes[i][d];
    }
    b->data[i] = calloc(b->counts[i] + 1, sizeof(double));
    b->tensors[i] = mth_tensor_make((mth_dtype)port->dtype, port->rank, b->shapes[i], b->data[i]);
    if (!b->data[i] || mth_call_bind_index(b->call, i, &b->tensors[i]) != MTH_OK) return false;
  }
  return true;
}

static inline void unbind_all(bound_entry *b) {
  mth_call_destroy(b->call);
  for (int i = 0; i < most_ports; i++)
    free(b->data[i]);
}

static inline int port_of(const bound_entry *b, const char *name) { // -1: none
  for (int i = 0; b->desc && i < b->desc->port_count; i++)
    if (strcmp(b->desc->ports[i].name, name) == 0) return i;
  return -1;
}

static inline double *data_of(const bound_entry *b, const char *name) {
  const int port = port_of(b, name);
  return harness_check(port >= 0, false, __FILE__, __LINE__, "there is no port '%s'", name)
             ? b->data[port]
             : NULL;
}

static inline double draw_number(uint64_t *state) { // splitmix64, in [-1, 1)
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1;
}

// Random numbers for what an entry reads.
static inline void fill_inputs(bound_entry *b, uint64_t seed) {
  for (int i = 0; i < b->desc->port_count; i++)
    for (size_t e = 0; b->desc->ports[i].role != MTH_OUT && e < b->counts[i]; e++)
      b->data[i][e] = draw_number(&seed);
}

// The gradients of sum(output * cotangent) that the entry "gradients" gives, against central
// differences of the entry "evaluate", for up to `most` elements of each parameter. f64: with
// h = 1e-6 differences are good to 1e-9 of values near 1.
static inline void check_gradients(mth_program *program, const char *output, size_t most) {
  bound_entry eval, grad;
  char name[128];
  const double h = 1e-6;
  size_t compared = 0;
  bool ready = bind_all(&eval, program, "evaluate", 0);
  ready = bind_all(&grad, program, "gradients", 0) && ready;
  EXPECT(ready);
  if (ready) {
    fill_inputs(&grad, 7);
    for (int i = 0; i < eval.desc->port_count; i++) {
      const int same = port_of(&grad, eval.desc->ports[i].name);
      if (eval.desc->ports[i].role != MTH_OUT && same >= 0)
        memcpy(eval.data[i], grad.data[same], eval.counts[i] * sizeof(double));
    }
    EXPECT_INT(mth_call_run(grad.call), MTH_OK);
    snprintf(name, sizeof name, "%s_gradient", output);
    const double *cotangent = data_of(&grad, name), *y = data_of(&eval, output);
    const size_t count = eval.counts[port_of(&eval, output)];
    for (int i = 0; i < eval.desc->port_count; i++) {
      snprintf(name, sizeof name, "%s_gradient", eval.desc->ports[i].name);
      const int at = port_of(&grad, name);
      if (at < 0 || grad.desc->ports[at].role != MTH_OUT) continue;
      for (size_t e = 0; e < eval.counts[i] && e < most; e++) {
        const size_t element = e * 7919 % eval.counts[i];
        const double x = eval.data[i][element];
        double sums[2] = {0, 0};
        for (int side = 0; side < 2; side++) {
          eval.data[i][element] = x + (side ? h : -h);
          EXPECT_INT(mth_call_run(eval.call), MTH_OK);
          for (size_t k = 0; k < count; k++)
            sums[side] += y[k] * cotangent[k];
        }
        eval.data[i][element] = x;
        const double difference = (sums[1] - sums[0]) / (2 * h), found = grad.data[at][element];
        harness_check(fabs(found - difference) <= 1e-6 * (1 + fabs(difference)), false, __FILE__,
                      __LINE__, "%s[%zu] is %.12g, the difference %.12g", name, element, found,
                      difference);
        compared++;
      }
    }
  }
  EXPECT(compared > 0);
  unbind_all(&eval);
  unbind_all(&grad);
}
#endif
