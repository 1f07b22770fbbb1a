// sample_program.h: a program written by hand, as compiled code would be: for tests of whatever
// runs programs, without a compiler.
//
//   evaluate  output[t] = sum_k input[t,k] * w[k] * mask[t] + 1    input [T,3], w [3], mask [T]
//             twice[i] = i                                         [2*T + 1]
//   step      w[k] += input[0,k]; slot[k] += 1; loss = sum_k w[k]  input [B,3], w, slot [3], loss
//   []
#ifndef MTH_TEST_SAMPLE_PROGRAM_H
#define MTH_TEST_SAMPLE_PROGRAM_H
#include "runtime/program.h"
#include "runtime/status.h"

#include <stdint.h>

enum { sample_block = 16, sample_work = 1000 }; // per row; so 33 rows are worth a second thread

static void sample_dot(void *const *buffers, const int64_t *dims, const int64_t *tile,
                       void *scratch) {
  const float *input = buffers[0], *w = buffers[1], *mask = buffers[2];
  float *hidden = buffers[3], *products = scratch;
  (void)dims;
  // Through scratch, so that two workers with one scratch would spoil each other's sums.
  for (int64_t t = tile[0]; t < tile[1]; ++t) {
    for (int64_t k = 0; k < 3; ++k)
      products[k] = input[t * 3 + k] * w[k] * mask[t];
    hidden[t] = products[0] + products[1] + products[2];
  }
}

static void sample_plus_one(void *const *buffers, const int64_t *dims, const int64_t *tile,
                            void *scratch) {
  const float *hidden = buffers[0];
  float *output = buffers[1];
  (void)dims, (void)scratch;
  for (int64_t t = tile[0]; t < tile[1]; ++t)
    output[t] = hidden[t] + 1.0f;
}

static const mth_launch_desc sample_launches[] = {
    {0, 1, "dot", sample_dot, {sample_block}}, {1, 1, "plus_one", sample_plus_one, {sample_block}}};

static int32_t sample_launch(const mth_host *host, const mth_launch *launch) {
  if (host) return host->parallel_for(host, launch);
  const int64_t whole[2] = {0, launch->extent[0]};
  if (launch->extent[0] > 0)
    launch->desc->run(launch->buffers, launch->dims, whole, launch->scratch);
  return MTH_OK;
}

static int32_t sample_evaluate(const mth_host *host, void *const *ports, const int64_t *symbols,
                               void *workspace) {
  const int64_t T = symbols[0];
  const int64_t workspace_bytes = (T * 4 + 63) / 64 * 64;
  void *const dot[] = {ports[0], ports[1], ports[2], workspace};
  void *const plus_one[] = {workspace, ports[3]};
  mth_launch launch = {.desc = &sample_launches[0],
                       .buffers = dot,
                       .dims = symbols,
                       .extent = {T},
                       .work = T * sample_work,
                       .scratch_bytes = 64,
                       .scratch = (char *)workspace + workspace_bytes};
  int32_t status = sample_launch(host, &launch);
  if (status != MTH_OK) return status;
  launch.desc = &sample_launches[1];
  launch.buffers = plus_one;
  status = sample_launch(host, &launch);
  float *twice = ports[4];
  for (int64_t i = 0; i < 2 * T + 1; ++i)
    twice[i] = (float)i;
  return status;
}

static int32_t sample_evaluate_sizes(const int64_t *symbols, int64_t *out) {
  if (symbols[0] > INT64_MAX / 8) return MTH_INVALID;
  out[0] = (symbols[0] * 4 + 63) / 64 * 64;
  out[1] = 64;
  out[2] = symbols[0];
  out[3] = 2 * symbols[0] + 1;
  return MTH_OK;
}

static int32_t sample_step(const mth_host *host, void *const *ports, const int64_t *symbols,
                           void *workspace) {
  const float *input = ports[0];
  float *w = ports[1], *slot = ports[2], *loss = ports[3];
  (void)host, (void)workspace;
  if (symbols[0] == 13) return MTH_UNSUPPORTED; // code may fail; here it does when asked to
  *loss = 0;
  for (int k = 0; k < 3; ++k) {
    w[k] += symbols[0] ? input[k] : 0;
    slot[k] += 1;
    *loss += w[k];
  }
  return MTH_OK;
}

static int32_t sample_step_sizes(const int64_t *symbols, int64_t *out) {
  out[0] = out[1] = 0;
  out[2] = symbols[0];
  return MTH_OK;
}

static const int64_t sample_rows_by_3[] = {-1, 3}, sample_3[] = {3}, sample_rows[] = {-1},
                     sample_twice[] = {-2};
static const char *const sample_computed[] = {"T", "2*T + 1"};
static const char *const sample_batch[] = {"B"};
static const mth_symbol_desc sample_T[] = {{"T", 0, 0}}, sample_B[] = {{"B", 0, 0}};
static const mth_launch_desc *const sample_evaluate_launches[] = {&sample_launches[0],
                                                                  &sample_launches[1]};

static const mth_port_desc sample_evaluate_ports[] = {
    {"input", MTH_IN, MTH_F32, 2, 0, sample_rows_by_3, {0}},
    {"w", MTH_IN, MTH_F32, 1, 0, sample_3, {MTH_INIT_UNIFORM, 0, -1, 1}},
    {"mask", MTH_IN, MTH_F32, 1, 0, sample_rows, {0}},
    {"output", MTH_OUT, MTH_F32, 1, 0, sample_rows, {0}},
    {"twice", MTH_OUT, MTH_F32, 1, 0, sample_twice, {0}},
};
static const mth_port_desc sample_step_ports[] = {
    {"input", MTH_IN, MTH_F32, 2, 0, sample_rows_by_3, {0}},
    {"w", MTH_STATE, MTH_F32, 1, 0, sample_3, {MTH_INIT_UNIFORM, 0, -1, 1}},
    {"slot", MTH_STATE, MTH_F32, 1, 0, sample_3, {0}},
    {"loss", MTH_OUT, MTH_F32, 0, 0, NULL, {0}},
};
static const mth_entry_desc sample_entries[] = {
    {"evaluate", sample_evaluate, sample_evaluate_sizes, 5, 1, 2, 2, sample_evaluate_ports,
     sample_T, sample_evaluate_launches, sample_computed},
    {"step", sample_step, sample_step_sizes, 4, 1, 1, 0, sample_step_ports, sample_B, NULL,
     sample_batch},
};
static const mth_program_desc sample_program = {MTH_PROGRAM_ABI, 2, "sample", sample_entries};
#endif
