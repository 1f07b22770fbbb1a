// call_cost.c: what a call costs beside its kernels: checks, host function, nothing else.
//
//   build/bin/call_cost [repetitions]
//
// Prints the median and the least of interleaved rounds, in ns per run, for entries of one thread
// whose kernels do next to nothing. The goal is 200 ns for `x + y` on 4 floats, all checks made.
#include "runtime/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { rounds = 15, most_ports = 400 };

static void add(void *const *buffers, const int64_t *dims, const int64_t *tile, void *scratch) {
  const float *x = buffers[0], *y = buffers[1];
  float *out = buffers[2];
  (void)dims, (void)scratch;
  for (int64_t i = tile[0]; i < tile[1]; ++i)
    out[i] = x[i] + y[i];
}

static const mth_launch_desc add_launch = {0, 1, "add", add, {4096}};
static const mth_launch_desc *const add_launches[] = {&add_launch};

static int32_t run_add(const mth_host *host, void *const *ports, const int64_t *symbols,
                       void *workspace) {
  const mth_launch launch = {.desc = &add_launch,
                             .buffers = ports,
                             .dims = symbols,
                             .extent = {symbols[0]},
                             .work = symbols[0]};
  (void)workspace;
  return host->parallel_for(host, &launch);
}

static int32_t run_nothing(const mth_host *host, void *const *ports, const int64_t *symbols,
                           void *workspace) {
  (void)host, (void)ports, (void)symbols, (void)workspace;
  return MTH_OK;
}

static int32_t sizes(const int64_t *symbols, int64_t *out) {
  out[0] = out[1] = 0;
  out[2] = symbols[0];
  return MTH_OK;
}

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// Times runs of an entry whose ports are all [N] f32: `in_count` that are read, then states, then
// one out.
static mth_status measure(const char *what, mth_entry_fn *run, int32_t in_count,
                          int32_t state_count, int64_t repetitions) {
  static char names[most_ports][8];
  static mth_port_desc ports[most_ports];
  static DLTensor tensors[most_ports];
  static float data[most_ports][4];
  static const int64_t dims[] = {-1};
  static int64_t shape[] = {4};
  static const char *const computed[] = {"N"};
  static const mth_symbol_desc symbols[] = {{"N", 0, 0}};
  const int32_t port_count = in_count + state_count + 1;
  for (int32_t p = 0; p < port_count; ++p) {
    snprintf(names[p], sizeof names[p], "p%d", (int)p);
    const int32_t role = p < in_count ? MTH_IN : p + 1 < port_count ? MTH_STATE : MTH_OUT;
    ports[p] = (mth_port_desc){names[p], role, MTH_F32, 1, 0, dims, {0}};
    // Addresses in another order than the ports, as an allocator would hand them out.
    tensors[p] = mth_tensor_make(MTH_F32, 1, shape, data[(p * 7) % port_count]);
  }
  const mth_entry_desc entry = {"run", run,   sizes,   port_count,   1,       1,
                                1,     ports, symbols, add_launches, computed};
  const mth_program_desc desc = {MTH_PROGRAM_ABI, 1, "bench", &entry};
  const mth_program_source source = {.struct_bytes = sizeof source, .desc = &desc};
  mth_program *program = NULL;
  mth_call *call = NULL;
  MTH_TRY(mth_program_create(&source, &program));
  mth_status status = mth_call_create(program, "run", NULL, &call);
  for (int32_t p = 0; p < port_count && status == MTH_OK; ++p)
    status = mth_call_bind_index(call, p, &tensors[p]);
  double cost_ns[rounds];
  for (int round = 0; round < rounds && status == MTH_OK; ++round) {
    const double start = now_ns();
    for (int64_t i = 0; i < repetitions && status == MTH_OK; ++i)
      status = mth_call_run(call);
    cost_ns[round] = (now_ns() - start) / (double)repetitions;
  }
  if (status == MTH_OK) {
    qsort(cost_ns, rounds, sizeof *cost_ns, compare);
    printf("%-40s %4d ports  median %8.1f ns  least %8.1f ns\n", what, (int)port_count,
           cost_ns[rounds / 2], cost_ns[0]);
  }
  mth_call_destroy(call);
  mth_program_destroy(program);
  return status;
}

int main(int argc, char **argv) {
  const int64_t repetitions = argc > 1 ? atoll(argv[1]) : 100000;
  if (measure("x + y on 4 floats", run_add, 2, 0, repetitions) != MTH_OK) return 1;
  if (measure("small network, nothing computed", run_nothing, 7, 0, repetitions) != MTH_OK)
    return 1;
  if (measure("training step, nothing computed", run_nothing, 2, 390, repetitions / 50) != MTH_OK)
    return 1;
  return 0;
}
