// char_lm_aot: trains the network of char_lm from an object that was compiled ahead of time. Holds
// no compiler: the object, libmithril_rt and libc.
//
//   char_lm_aot [--text FILE] [--steps N] [--threads N] [--seed N]
//
// Prints each loss as %a: the same bits as `char_lm --losses`.
#include "char_lm.h" // made by `mithril compile`, beside the object

#include "examples/char_lm/corpus.h"
#include "runtime/dlpack.h"
#include "runtime/parameters.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { batch = 32, length = 64 };

static int64_t inputs[batch * length], targets[batch * length];

static mth_status train(mth_program *program, const corpus *text, int64_t steps, size_t threads,
                        uint64_t seed, const mth_sink *sink) {
  int64_t shape[] = {batch, length};
  const DLTensor ids = mth_tensor_make(MTH_I64, 2, shape, inputs);
  const DLTensor wanted = mth_tensor_make(MTH_I64, 2, shape, targets);
  const mth_parameters_options start = {.struct_bytes = sizeof start, .seed = seed, .sink = sink};
  const mth_call_options run = {.struct_bytes = sizeof run, .thread_count = threads, .sink = sink};
  mth_parameters *parameters = NULL;
  mth_call *step = NULL;
  mth_status status = mth_parameters_create(program, &start, &parameters);
  if (status == MTH_OK) status = mth_call_create(program, "step", &run, &step);
  if (status == MTH_OK) status = mth_parameters_bind(parameters, step);
  if (status == MTH_OK) status = mth_call_bind(step, "ids", &ids);
  if (status == MTH_OK) status = mth_call_bind(step, "targets", &wanted);
  for (int64_t i = 1; status == MTH_OK && i <= steps; ++i) {
    const DLTensor *loss;
    corpus_batch(text, seed, (uint64_t)i, batch, length, inputs, targets);
    status = mth_call_run(step);
    if (status == MTH_OK) status = mth_call_output(step, "loss", &loss);
    if (status == MTH_OK) printf("%a\n", (double)*(const float *)mth_tensor_data(loss));
  }
  mth_call_destroy(step);
  mth_parameters_destroy(parameters);
  return status;
}

int main(int argc, char **argv) {
  const char *path = "LICENSE";
  long long steps = 100, threads = 1, seed = 1;
  for (int i = 1; i < argc; i += 2) {
    long long *number = strcmp(argv[i], "--steps") == 0     ? &steps
                        : strcmp(argv[i], "--threads") == 0 ? &threads
                        : strcmp(argv[i], "--seed") == 0    ? &seed
                                                            : NULL;
    char *end = NULL;
    if (i + 1 < argc && number)
      *number = strtoll(argv[i + 1], &end, 10);
    else if (i + 1 < argc && strcmp(argv[i], "--text") == 0)
      path = argv[i + 1];
    if (i + 1 >= argc || (number ? *end || *number < 0 : path != argv[i + 1])) {
      fprintf(stderr, "usage: %s [--text FILE] [--steps N] [--threads N] [--seed N]\n", argv[0]);
      return 2;
    }
  }
  corpus text;
  if (!corpus_read(path, &text)) return 1;
  mth_diagnostic said = {0};
  const mth_sink sink = mth_sink_keep_first(&said);
  mth_program *program = NULL;
  mth_status status = text.length > length ? MTH_OK : MTH_INVALID;
  const mth_program_source source = {
      .struct_bytes = sizeof source, .desc = &char_lm_program, .sink = &sink};
  if (status == MTH_OK) status = mth_program_create(&source, &program);
  if (status == MTH_OK)
    status = train(program, &text, steps, (size_t)threads, (uint64_t)seed, &sink);
  if (status != MTH_OK) fprintf(stderr, "%s: %s: %s\n", path, said.where, said.message);
  mth_program_destroy(program);
  corpus_free(&text);
  return status == MTH_OK ? 0 : 1;
}
