// call_test.c: runs of a program written by hand: results, every report, memory.
#include "runtime/call.h"
#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"
#include "test/harness/sample_program.h"

#include <stdlib.h>
#include <string.h>

// A call of the sample program and tensors for it.
typedef struct bench {
  mth_diagnostic diagnostic;
  mth_sink sink;
  mth_program *program;
  mth_call *call;
  float *input_data, *mask_data, w_data[3], slot_data[3];
  int64_t input_shape[2], mask_shape[1], w_shape[1];
  DLTensor input, mask, w, slot;
} bench;

static bool bench_open(bench *b, const char *entry, int64_t T, size_t threads) {
  memset(b, 0, sizeof *b);
  b->sink = mth_sink_keep_first(&b->diagnostic);
  b->input_data = aligned_alloc(64, (size_t)(T * 3 + 16) * 64);
  b->mask_data = aligned_alloc(64, (size_t)(T + 16) * 64);
  b->input_shape[0] = T, b->input_shape[1] = 3;
  b->mask_shape[0] = T;
  b->w_shape[0] = 3;
  b->input = mth_tensor_make(MTH_F32, 2, b->input_shape, b->input_data);
  b->mask = mth_tensor_make(MTH_F32, 1, b->mask_shape, b->mask_data);
  b->w = mth_tensor_make(MTH_F32, 1, b->w_shape, b->w_data);
  b->slot = mth_tensor_make(MTH_F32, 1, b->w_shape, b->slot_data);
  for (int64_t i = 0; i < T * 3; ++i)
    b->input_data[i] = (float)(i % 7) * 0.37f;
  for (int64_t i = 0; i < T; ++i)
    b->mask_data[i] = (float)(i % 2);
  for (int i = 0; i < 3; ++i)
    b->w_data[i] = (float)i + 0.1f;
  const mth_program_source source = {
      .struct_bytes = sizeof source, .desc = &sample_program, .sink = &b->sink};
  const mth_call_options options = {
      .struct_bytes = sizeof options, .thread_count = threads, .sink = &b->sink};
  if (mth_program_create(&source, &b->program) != MTH_OK) return false;
  if (mth_call_create(b->program, entry, &options, &b->call) != MTH_OK) return false;
  if (mth_call_bind(b->call, "input", &b->input) != MTH_OK) return false;
  if (mth_call_bind(b->call, "w", &b->w) != MTH_OK) return false;
  if (strcmp(entry, "step") == 0) return mth_call_bind(b->call, "slot", &b->slot) == MTH_OK;
  return mth_call_bind(b->call, "mask", &b->mask) == MTH_OK;
}

static void bench_close(bench *b) {
  mth_call_destroy(b->call);
  mth_program_destroy(b->program);
  free(b->input_data);
  free(b->mask_data);
}

static float wanted_output(const bench *b, int64_t t) {
  const float *x = b->input_data + t * 3;
  const float m = b->mask_data[t];
  return x[0] * b->w_data[0] * m + x[1] * b->w_data[1] * m + x[2] * b->w_data[2] * m + 1.0f;
}

TEST(call, lends_outputs_that_nobody_bound) {
  bench b;
  ASSERT(bench_open(&b, "evaluate", 5, 0));
  const DLTensor *output, *twice;
  ASSERT(mth_call_run(b.call) == MTH_OK);
  ASSERT(mth_call_output(b.call, "output", &output) == MTH_OK);
  ASSERT(mth_call_output(b.call, "twice", &twice) == MTH_OK);
  EXPECT_INT(output->ndim, 1);
  EXPECT_INT(output->shape[0], 5);
  EXPECT_INT(twice->shape[0], 11);
  for (int64_t t = 0; t < 5; ++t)
    EXPECT_NEAR(((float *)output->data)[t], wanted_output(&b, t), 1e-6);
  EXPECT_NEAR(((float *)twice->data)[10], 10, 0);
  bench_close(&b);
}

TEST(call, writes_into_outputs_that_are_bound) {
  bench b;
  ASSERT(bench_open(&b, "evaluate", 5, 0));
  float data[6] = {0};
  int64_t shape[] = {5};
  DLTensor mine = mth_tensor_make(MTH_F32, 1, shape, data);
  mine.byte_offset = sizeof(float);
  ASSERT(mth_call_bind(b.call, "output", &mine) == MTH_OK);
  ASSERT(mth_call_run(b.call) == MTH_OK);
  EXPECT(data[0] == 0);
  for (int64_t t = 0; t < 5; ++t)
    EXPECT_NEAR(data[1 + t], wanted_output(&b, t), 1e-6);
  const DLTensor *view;
  ASSERT(mth_call_output(b.call, "output", &view) == MTH_OK);
  EXPECT(view->data == data + 1);
  bench_close(&b);
}

TEST(call, writes_states_in_place) {
  bench b;
  ASSERT(bench_open(&b, "step", 1, 0));
  ASSERT(mth_call_run(b.call) == MTH_OK);
  ASSERT(mth_call_run(b.call) == MTH_OK);
  EXPECT(b.slot_data[2] == 2);
  EXPECT_NEAR(b.w_data[1], 1.1 + 2 * 0.37, 1e-6);
  const DLTensor *loss;
  ASSERT(mth_call_output(b.call, "loss", &loss) == MTH_OK);
  EXPECT_INT(loss->ndim, 0);
  EXPECT_NEAR(*(float *)loss->data, b.w_data[0] + b.w_data[1] + b.w_data[2], 0);
  bench_close(&b);
}

TEST(call, gives_the_same_bits_for_any_number_of_threads) {
  enum { rows = 1000 };
  static float first[rows];
  for (size_t threads = 1; threads <= 3; ++threads) {
    bench b;
    ASSERT(bench_open(&b, "evaluate", rows, threads));
    const DLTensor *output;
    for (int run = 0; run < 20; ++run) {
      ASSERT(mth_call_run(b.call) == MTH_OK);
      ASSERT(mth_call_output(b.call, "output", &output) == MTH_OK);
      if (threads == 1) memcpy(first, output->data, sizeof first);
      EXPECT(memcmp(first, output->data, sizeof first) == 0);
    }
    bench_close(&b);
  }
}

TEST(call, runs_with_no_rows_at_all) {
  bench b;
  ASSERT(bench_open(&b, "evaluate", 0, 2));
  b.input.data = NULL; // nothing to read: a frontend may give no memory
  b.mask.data = NULL;
  ASSERT(mth_call_run(b.call) == MTH_OK);
  const DLTensor *twice;
  ASSERT(mth_call_output(b.call, "twice", &twice) == MTH_OK);
  EXPECT_INT(twice->shape[0], 1);
  bench_close(&b);
}

TEST(call, memory_grows_only_beyond_all_earlier_runs) {
  bench b;
  ASSERT(bench_open(&b, "evaluate", 100, 2));
  EXPECT_INT(mth_call_memory_bytes(b.call), 0);
  ASSERT(mth_call_reserve(b.call) == MTH_OK);
  const size_t reserved = mth_call_memory_bytes(b.call);
  // workspace 448, scratch 2 * 64, output 448, twice 201 * 4 rounded up
  EXPECT_INT(reserved, 448 + 128 + 448 + 832);
  b.input_shape[0] = b.mask_shape[0] = 50;
  ASSERT(mth_call_run(b.call) == MTH_OK);
  EXPECT_INT(mth_call_memory_bytes(b.call), reserved);
  b.input_shape[0] = b.mask_shape[0] = 101;
  ASSERT(mth_call_run(b.call) == MTH_OK);
  EXPECT(mth_call_memory_bytes(b.call) >= reserved);
  bench_close(&b);
}

TEST(call, reserve_needs_shapes_only) {
  bench b;
  ASSERT(bench_open(&b, "evaluate", 100, 0));
  b.input.data = NULL;
  ASSERT(mth_call_bind(b.call, "mask", NULL) == MTH_OK);
  ASSERT(mth_call_bind(b.call, "w", NULL) == MTH_OK);
  EXPECT(mth_call_reserve(b.call) == MTH_OK);
  EXPECT(mth_call_run(b.call) == MTH_INVALID);
  ASSERT(mth_call_bind(b.call, "input", NULL) == MTH_OK);
  b.diagnostic.status = MTH_OK;
  EXPECT(mth_call_reserve(b.call) == MTH_INVALID);
  EXPECT_TEXT(b.diagnostic.message, "nothing is bound, wanted f32 [T, 3]");
  bench_close(&b);
}

TEST(call, names_what_there_is) {
  bench b;
  ASSERT(bench_open(&b, "evaluate", 5, 0));
  EXPECT(mth_call_bind(b.call, "inputs", &b.input) == MTH_INVALID);
  EXPECT_TEXT(b.diagnostic.where, "entry 'evaluate'");
  EXPECT_TEXT(b.diagnostic.message, "there is no port 'inputs', wanted one of 'input', 'w', "
                                    "'mask', 'output', 'twice'");
  b.diagnostic.status = MTH_OK;
  EXPECT(mth_call_bind_index(b.call, 5, &b.input) == MTH_INVALID);
  EXPECT_TEXT(b.diagnostic.message, "there is no port 5, wanted 0 to 4");
  b.diagnostic.status = MTH_OK;
  const DLTensor *tensor;
  EXPECT(mth_call_output(b.call, "w", &tensor) == MTH_INVALID);
  EXPECT_TEXT(b.diagnostic.message, "there is no output 'w', wanted one of 'output', 'twice'");
  b.diagnostic.status = MTH_OK;
  EXPECT(mth_call_output(b.call, "output", &tensor) == MTH_INVALID);
  EXPECT_TEXT(b.diagnostic.message, "nothing has run yet that wrote 'output'");
  b.diagnostic.status = MTH_OK;
  const mth_call_options options = {.struct_bytes = sizeof options, .sink = &b.sink};
  mth_call *call;
  EXPECT(mth_call_create(b.program, "train", &options, &call) == MTH_INVALID);
  EXPECT_TEXT(b.diagnostic.message, "there is no entry 'train', wanted one of 'evaluate', 'step'");
  b.diagnostic.status = MTH_OK;
  EXPECT(mth_call_create(NULL, "train", &options, &call) == MTH_INVALID);
  EXPECT_TEXT(b.diagnostic.message, "wanted a program and an entry's name");
  EXPECT(mth_call_bind(b.call, NULL, &b.input) == MTH_INVALID);
  const mth_call_options unsized = {.sink = &b.sink};
  EXPECT(mth_call_create(b.program, "step", &unsized, &call) == MTH_INVALID);
  bench_close(&b);
}

TEST(call, reports_failures_of_the_code) {
  bench b;
  ASSERT(bench_open(&b, "step", 13, 0));
  EXPECT(mth_call_run(b.call) == MTH_UNSUPPORTED);
  EXPECT_TEXT(b.diagnostic.where, "entry 'step'");
  EXPECT_TEXT(b.diagnostic.message,
              "the code failed with MTH_UNSUPPORTED; what it writes is undefined now");
  bench_close(&b);
}

static int32_t hungry_sizes(const int64_t *symbols, int64_t *out) {
  (void)sample_evaluate_sizes(symbols, out);
  out[1] = INT64_MAX / 64 * 64;
  return MTH_OK;
}

TEST(call, reports_sizes_beyond_the_address_space) {
  bench b;
  ASSERT(bench_open(&b, "evaluate", 5, 0));
  mth_entry_desc entry = sample_entries[0];
  entry.sizes = hungry_sizes;
  const mth_program_desc desc = {MTH_PROGRAM_ABI, 1, "hungry", &entry};
  const mth_program_source source = {.struct_bytes = sizeof source, .desc = &desc};
  mth_program *program;
  mth_call *call;
  const mth_call_options options = {
      .struct_bytes = sizeof options, .thread_count = 2, .sink = &b.sink};
  ASSERT(mth_program_create(&source, &program) == MTH_OK);
  ASSERT(mth_call_create(program, "evaluate", &options, &call) == MTH_OK);
  ASSERT(mth_call_bind(call, "input", &b.input) == MTH_OK);
  EXPECT(mth_call_reserve(call) == MTH_NO_MEMORY);
  EXPECT_TEXT(b.diagnostic.message,
              "workspace and outputs need more bytes than an address space has");
  mth_call_destroy(call);
  mth_program_destroy(program);
  bench_close(&b);
}

// An entry that starts a second run of its own call, as another thread would.
static mth_call *reentered_call;
static mth_status reentered_status;

static int32_t reenter(const mth_host *host, void *const *ports, const int64_t *symbols,
                       void *workspace) {
  (void)host, (void)ports, (void)symbols, (void)workspace;
  reentered_status = mth_call_run(reentered_call);
  return MTH_OK;
}

TEST(call, refuses_two_runs_at_once) {
  bench b;
  ASSERT(bench_open(&b, "evaluate", 5, 0));
  mth_entry_desc entry = sample_entries[0];
  entry.run = reenter;
  const mth_program_desc desc = {MTH_PROGRAM_ABI, 1, "reenter", &entry};
  const mth_program_source source = {.struct_bytes = sizeof source, .desc = &desc};
  const mth_call_options options = {.struct_bytes = sizeof options, .sink = &b.sink};
  mth_program *program;
  ASSERT(mth_program_create(&source, &program) == MTH_OK);
  ASSERT(mth_call_create(program, "evaluate", &options, &reentered_call) == MTH_OK);
  const DLTensor *const tensors[] = {&b.input, &b.w, &b.mask};
  for (int32_t i = 0; i < 3; ++i)
    ASSERT(mth_call_bind_index(reentered_call, i, tensors[i]) == MTH_OK);
  EXPECT(mth_call_run(reentered_call) == MTH_OK);
  EXPECT(reentered_status == MTH_INVALID);
  EXPECT_TEXT(b.diagnostic.message,
              "the call is running in another thread: make one call per thread");
  mth_call_destroy(reentered_call);
  mth_program_destroy(program);
  bench_close(&b);
}

// Everything that a first run allocates, failed in turn.
TEST(call, survives_every_allocation_failure) {
  bench b;
  ASSERT(bench_open(&b, "evaluate", 5, 0));
  bool finished = false;
  for (long fail_at = 0; !finished; ++fail_at) {
    ASSERT(fail_at < 100);
    failing_allocator failing = {.fail_at = fail_at};
    const mth_allocator allocator = failing_allocator_hook(&failing);
    const mth_call_options options = {
        .struct_bytes = sizeof options, .allocator = &allocator, .sink = &b.sink};
    mth_call *call = NULL;
    b.diagnostic.status = MTH_OK;
    mth_status status = mth_call_create(b.program, "evaluate", &options, &call);
    if (status == MTH_OK) {
      const DLTensor *const tensors[] = {&b.input, &b.w, &b.mask};
      for (int32_t i = 0; i < 3; ++i)
        EXPECT(mth_call_bind_index(call, i, tensors[i]) == MTH_OK);
      status = mth_call_run(call);
      EXPECT(status == MTH_OK || mth_call_memory_bytes(call) == 0);
      if (status != MTH_OK) {
        EXPECT_TEXT(b.diagnostic.message, "no memory for 256 bytes of workspace and outputs");
        EXPECT(mth_call_run(call) == MTH_OK); // memory came back: the call still works
      }
    }
    finished = status == MTH_OK;
    EXPECT(finished || (status == MTH_NO_MEMORY && b.diagnostic.status == MTH_NO_MEMORY));
    mth_call_destroy(call);
    EXPECT_INT(failing.live, 0);
  }
  bench_close(&b);
}
