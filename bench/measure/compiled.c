// compiled: from text to a bound call.
#include "bench/measure/compiled.h"

#include <stdlib.h>
#include <string.h>

static void complain(void *user, const mth_diagnostic *diagnostic) {
  (void)user;
  fprintf(stderr, "%s: %s\n", diagnostic->where, diagnostic->message);
}
static const mth_sink complaints = {complain, NULL};

static void must(mth_status status, const char *what) {
  if (status != MTH_OK) bench_fail("%s failed: %s", what, mth_status_name(status));
}

mth_context *bench_context(void) {
  const mth_context_options options = {.struct_bytes = sizeof options, .sink = &complaints};
  mth_context *context;
  must(mth_context_create(&options, &context), "making a context");
  return context;
}

void bench_load(bench_compiled *compiled, mth_context *context, const char *text) {
  memset(compiled, 0, sizeof *compiled);
  const mth_module_text module = {text, strlen(text), "bench.mlir"};
  must(mth_compile_text(context, &module, NULL, &compiled->program), "compiling");
}

void bench_call(bench_compiled *compiled, const char *entry, size_t threads) {
  const mth_call_options options = {
      .struct_bytes = sizeof options, .thread_count = threads, .sink = &complaints};
  must(mth_call_create(compiled->program, entry, &options, &compiled->call), "making the call");
}

void bench_bind(bench_compiled *compiled, const char *port, float *data, int rank,
                const int64_t *shape) {
  const int i = compiled->port_count++;
  if (i >= BENCH_MAX_PORTS || rank > BENCH_MAX_RANK) bench_fail("too many ports or dims");
  if (rank) memcpy(compiled->shapes[i], shape, (size_t)rank * sizeof *shape);
  compiled->names[i] = port;
  compiled->tensors[i] = mth_tensor_make(MTH_F32, rank, compiled->shapes[i], data);
  must(mth_call_bind(compiled->call, port, &compiled->tensors[i]), port);
}

static bool is_bound(const bench_compiled *compiled, const char *port) {
  for (int i = 0; i < compiled->port_count; ++i)
    if (strcmp(compiled->names[i], port) == 0) return true;
  return false;
}

static const mth_entry_desc *find_entry(const bench_compiled *compiled, const char *name) {
  const int32_t index = mth_program_find_entry(compiled->program, name);
  if (index < 0) bench_fail("no entry '%s'", name);
  return &mth_program_get_desc(compiled->program)->entries[index];
}

void bench_bind_rest(bench_compiled *compiled, const char *entry) {
  const mth_entry_desc *const desc = find_entry(compiled, entry);
  for (int32_t p = 0; p < desc->port_count; ++p) {
    const mth_port_desc *const port = &desc->ports[p];
    if (is_bound(compiled, port->name)) continue;
    size_t count = 1;
    for (int32_t d = 0; d < port->rank; ++d) {
      if (port->dims[d] < 0) bench_fail("port '%s' has a symbolic dim", port->name);
      count *= (size_t)port->dims[d];
    }
    if (port->dtype != MTH_F32) bench_fail("port '%s' is not f32", port->name);
    float *const data = bench_random_floats(count, (uint64_t)p);
    compiled->owned[compiled->port_count] = data;
    bench_bind(compiled, port->name, data, port->rank, port->dims);
  }
}

void bench_count_kernels(const bench_compiled *compiled, const char *entry, int *out_kernels,
                         int *out_launches) {
  const mth_entry_desc *const desc = find_entry(compiled, entry);
  int kernels = 0;
  for (int32_t i = 0; i < desc->launch_count; ++i) {
    bool seen = false;
    for (int32_t j = 0; j < i && !seen; ++j)
      seen = desc->launches[j]->run == desc->launches[i]->run;
    kernels += !seen;
  }
  *out_kernels = kernels;
  *out_launches = desc->launch_count;
}

static void run(void *compiled) { must(mth_call_run(((bench_compiled *)compiled)->call), "a run"); }

bench_side bench_run_of(bench_compiled *compiled) { return (bench_side){run, compiled, NULL}; }

void bench_call_deinit(bench_compiled *compiled) {
  mth_call_destroy(compiled->call);
  for (int i = 0; i < compiled->port_count; ++i) {
    free(compiled->owned[i]);
    compiled->owned[i] = NULL;
  }
  compiled->port_count = 0;
}

void bench_compiled_deinit(bench_compiled *compiled) { mth_program_destroy(compiled->program); }
