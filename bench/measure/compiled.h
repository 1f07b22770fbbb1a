// compiled.h: an entry compiled from textual dialect, with tensors bound, ready to be timed.
#ifndef MTH_BENCH_COMPILED_H
#define MTH_BENCH_COMPILED_H
#include "bench/measure/measure.h"
#include "frontend/compile_text.h"
#include "runtime/call.h"

enum { BENCH_MAX_PORTS = 512, BENCH_MAX_RANK = 4 };

typedef struct bench_compiled {
  mth_program *program;
  mth_call *call;
  int port_count;
  const char *names[BENCH_MAX_PORTS];
  float *owned[BENCH_MAX_PORTS]; // data of tensors that bench_bind_rest made
  int64_t shapes[BENCH_MAX_PORTS][BENCH_MAX_RANK];
  DLTensor tensors[BENCH_MAX_PORTS];
} bench_compiled;

// A context that prints every report. Like everything here it ends the program if it fails.
mth_context *bench_context(void);
// Compiles `text` for this machine and loads it.
void bench_load(bench_compiled *compiled, mth_context *context, const char *text);
// Makes the call of `entry`, with a pool of `threads`.
void bench_call(bench_compiled *compiled, const char *entry, size_t threads);
// Ends the call: another entry may follow.
void bench_call_deinit(bench_compiled *compiled);
void bench_compiled_deinit(bench_compiled *compiled);

// Binds an f32 tensor of this shape.
void bench_bind(bench_compiled *compiled, const char *port, float *data, int rank,
                const int64_t *shape);
// Binds every port that is not bound by the above: f32, static shapes, random numbers.
void bench_bind_rest(bench_compiled *compiled, const char *entry);
// Kernels of an entry that are different code, and its launches.
void bench_count_kernels(const bench_compiled *compiled, const char *entry, int *out_kernels,
                         int *out_launches);
// A run of the call, to be timed.
bench_side bench_run_of(bench_compiled *compiled);
#endif
