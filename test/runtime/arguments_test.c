// arguments_test.c: what is said of every wrong argument, and that nothing ran.
#include "runtime/call.h"
#include "test/harness/harness.h"
#include "test/harness/sample_program.h"

#include <string.h>

enum { T = 7 };

// A call of `evaluate` whose every argument is right; a test spoils one.
typedef struct arguments {
  mth_diagnostic diagnostic;
  mth_sink sink;
  mth_program *program;
  mth_call *call;
  _Alignas(64) float input_data[64], w_data[16], mask_data[16], output_data[16];
  int64_t input_shape[2], w_shape[1], mask_shape[1], output_shape[1], twice_shape[1];
  DLTensor input, w, mask, output;
} arguments;

static bool open(arguments *a) {
  memset(a, 0, sizeof *a);
  a->sink = mth_sink_keep_first(&a->diagnostic);
  a->input_shape[0] = T, a->input_shape[1] = 3;
  a->w_shape[0] = 3;
  a->mask_shape[0] = a->output_shape[0] = T;
  a->input = mth_tensor_make(MTH_F32, 2, a->input_shape, a->input_data);
  a->w = mth_tensor_make(MTH_F32, 1, a->w_shape, a->w_data);
  a->mask = mth_tensor_make(MTH_F32, 1, a->mask_shape, a->mask_data);
  a->output = mth_tensor_make(MTH_F32, 1, a->output_shape, a->output_data);
  const mth_program_source source = {.struct_bytes = sizeof source, .desc = &sample_program};
  const mth_call_options options = {.struct_bytes = sizeof options, .sink = &a->sink};
  return mth_program_create(&source, &a->program) == MTH_OK &&
         mth_call_create(a->program, "evaluate", &options, &a->call) == MTH_OK &&
         mth_call_bind(a->call, "input", &a->input) == MTH_OK &&
         mth_call_bind(a->call, "w", &a->w) == MTH_OK &&
         mth_call_bind(a->call, "mask", &a->mask) == MTH_OK &&
         mth_call_bind(a->call, "output", &a->output) == MTH_OK;
}

// Runs, expects this report and untouched outputs, and that the call has taken no memory.
static void expect_refusal(arguments *a, const char *where, const char *message) {
  float before[16];
  memcpy(before, a->output_data, sizeof before);
  EXPECT(mth_call_run(a->call) == MTH_INVALID);
  EXPECT_TEXT(a->diagnostic.where, where);
  EXPECT_TEXT(a->diagnostic.message, message);
  EXPECT(memcmp(before, a->output_data, sizeof before) == 0);
  EXPECT_INT(mth_call_memory_bytes(a->call), 0);
  mth_call_destroy(a->call);
  mth_program_destroy(a->program);
}

static const char *const at_input = "entry 'evaluate', port 0 'input'";
static const char *const at_w = "entry 'evaluate', port 1 'w'";
static const char *const at_mask = "entry 'evaluate', port 2 'mask'";
static const char *const at_output = "entry 'evaluate', port 3 'output'";

TEST(arguments, right_ones_run) {
  arguments a;
  ASSERT(open(&a));
  EXPECT(mth_call_run(a.call) == MTH_OK);
  EXPECT(a.output_data[T - 1] == 1);
  EXPECT_INT(a.diagnostic.status, MTH_OK);
  mth_call_destroy(a.call);
  mth_program_destroy(a.program);
}

TEST(arguments, missing) {
  arguments a;
  ASSERT(open(&a));
  ASSERT(mth_call_bind(a.call, "w", NULL) == MTH_OK);
  expect_refusal(&a, at_w, "nothing is bound, wanted f32 [3]");
}

TEST(arguments, other_device) {
  arguments a;
  ASSERT(open(&a));
  a.mask.device.device_type = kDLCUDA;
  expect_refusal(&a, at_mask, "the tensor is on DLPack device type 2, wanted the CPU (1)");
}

TEST(arguments, other_dtype) {
  arguments a;
  ASSERT(open(&a));
  a.input.dtype.bits = 64;
  expect_refusal(&a, at_input, "the element type differs: wanted f32 [T, 3], found f64 [7, 3]");
}

TEST(arguments, dtypes_that_we_lack) {
  arguments a;
  ASSERT(open(&a));
  a.input.dtype = (DLDataType){kDLUInt, 8, 1};
  expect_refusal(&a, at_input, "the element type differs: wanted f32 [T, 3], found uint8 [7, 3]");
  ASSERT(open(&a));
  a.input.dtype.lanes = 4;
  expect_refusal(&a, at_input,
                 "the element type differs: wanted f32 [T, 3], found DLPack type 2:32:4 [7, 3]");
}

TEST(arguments, other_rank) {
  arguments a;
  ASSERT(open(&a));
  a.input.ndim = 1;
  expect_refusal(&a, at_input, "wanted rank 2, found rank 1: wanted f32 [T, 3], found f32 [7]");
}

TEST(arguments, no_shape) {
  arguments a;
  ASSERT(open(&a));
  a.input.shape = NULL;
  expect_refusal(&a, at_input, "the tensor has rank 2 but no shape");
}

TEST(arguments, static_dim) {
  arguments a;
  ASSERT(open(&a));
  a.input_shape[1] = 4;
  expect_refusal(&a, at_input, "dim 1 is 4, wanted 3");
}

TEST(arguments, negative_dim) {
  arguments a;
  ASSERT(open(&a));
  a.input_shape[0] = -1;
  expect_refusal(&a, at_input, "dim 0 is -1, wanted 0 or more");
}

TEST(arguments, symbol_with_two_values) {
  arguments a;
  ASSERT(open(&a));
  a.mask_shape[0] = 5;
  expect_refusal(&a, at_mask, "'mask' dim 0 is 5, 'input' dim 0 is 7, both are T");
}

TEST(arguments, symbol_of_an_output) {
  arguments a;
  ASSERT(open(&a));
  a.output_shape[0] = 8;
  expect_refusal(&a, at_output, "'output' dim 0 is 8, 'input' dim 0 is 7, both are T");
}

TEST(arguments, symbol_without_a_name) {
  arguments a;
  ASSERT(open(&a));
  const mth_symbol_desc nameless[] = {{"", 0, 0}};
  mth_entry_desc entry = sample_entries[0];
  entry.symbols = nameless;
  const mth_program_desc desc = {MTH_PROGRAM_ABI, 1, "nameless", &entry};
  const mth_program_source source = {.struct_bytes = sizeof source, .desc = &desc};
  const mth_call_options options = {.struct_bytes = sizeof options, .sink = &a.sink};
  mth_program *program;
  mth_call *call;
  ASSERT(mth_program_create(&source, &program) == MTH_OK);
  ASSERT(mth_call_create(program, "evaluate", &options, &call) == MTH_OK);
  a.mask_shape[0] = 5;
  ASSERT(mth_call_bind(call, "input", &a.input) == MTH_OK);
  ASSERT(mth_call_bind(call, "w", &a.w) == MTH_OK);
  ASSERT(mth_call_bind(call, "mask", &a.mask) == MTH_OK);
  EXPECT(mth_call_run(call) == MTH_INVALID);
  EXPECT_TEXT(a.diagnostic.message, "'mask' dim 0 is 5, 'input' dim 0 is 7, wanted both equal");
  mth_call_destroy(call);
  mth_program_destroy(program);
  mth_call_destroy(a.call);
  mth_program_destroy(a.program);
}

TEST(arguments, computed_dim) {
  arguments a;
  ASSERT(open(&a));
  a.twice_shape[0] = 14;
  DLTensor twice = mth_tensor_make(MTH_F32, 1, a.twice_shape, a.output_data);
  ASSERT(mth_call_bind(a.call, "twice", &twice) == MTH_OK);
  expect_refusal(&a, "entry 'evaluate', port 4 'twice'", "dim 0 is 14, wanted 2*T + 1 = 15");
}

TEST(arguments, sizes_that_do_not_fit) {
  arguments a;
  ASSERT(open(&a));
  a.input_shape[0] = a.mask_shape[0] = INT64_MAX / 2;
  expect_refusal(&a, "entry 'evaluate'",
                 "a size is negative or too large where T = 4611686018427387903");
}

TEST(arguments, bytes_that_do_not_fit) {
  arguments a;
  ASSERT(open(&a));
  a.input_shape[0] = a.mask_shape[0] = a.output_shape[0] = INT64_MAX / 8;
  expect_refusal(&a, at_input, "f32 [1152921504606846975, 3] reaches beyond the address space");
}

TEST(arguments, data_that_wraps_around) {
  arguments a;
  ASSERT(open(&a));
  a.input.data = (void *)(UINTPTR_MAX - 63);
  a.input_shape[0] = a.mask_shape[0] = a.output_shape[0] = 16;
  expect_refusal(&a, at_input, "f32 [16, 3] reaches beyond the address space");
}

TEST(arguments, no_data) {
  arguments a;
  ASSERT(open(&a));
  a.w.data = NULL;
  expect_refusal(&a, at_w, "the tensor has no data");
}

TEST(arguments, unaligned_data) {
  arguments a;
  ASSERT(open(&a));
  a.w.byte_offset = 2;
  expect_refusal(&a, at_w, "the data is not aligned to the 4 bytes of an f32");
}

TEST(arguments, strides_that_skip) {
  arguments a;
  int64_t strides[] = {1, 7};
  ASSERT(open(&a));
  a.input.strides = strides;
  expect_refusal(&a, at_input,
                 "wanted contiguous row-major elements, found strides [1, 7] for f32 [7, 3]");
}

TEST(arguments, strides_of_extent_one_do_not_matter) {
  arguments a;
  int64_t strides[] = {99, 1}, mask_strides[] = {-5};
  ASSERT(open(&a));
  a.input_shape[0] = a.mask_shape[0] = a.output_shape[0] = 1;
  a.input.strides = strides;
  a.mask.strides = mask_strides;
  EXPECT(mth_call_run(a.call) == MTH_OK);
  mth_call_destroy(a.call);
  mth_program_destroy(a.program);
}

TEST(arguments, output_over_an_input) {
  arguments a;
  ASSERT(open(&a));
  a.output.data = a.input_data + 20; // its first element is the input's last
  expect_refusal(&a, at_output, "'output' is written and shares memory with 'input'");
  ASSERT(open(&a));
  a.output.data = a.input_data + 21;
  EXPECT(mth_call_run(a.call) == MTH_OK);
  mth_call_destroy(a.call);
  mth_program_destroy(a.program);
}

TEST(arguments, output_inside_a_large_input_behind_a_small_one) {
  arguments a;
  ASSERT(open(&a));
  a.w.data = a.input_data + 2; // two inputs may overlap; the wide one must not be forgotten
  a.output.data = a.input_data + 10;
  expect_refusal(&a, at_output, "'output' is written and shares memory with 'input'");
}

TEST(arguments, two_outputs_in_one_place) {
  arguments a;
  ASSERT(open(&a));
  a.twice_shape[0] = 15;
  DLTensor twice = mth_tensor_make(MTH_F32, 1, a.twice_shape, a.output_data);
  ASSERT(mth_call_bind(a.call, "twice", &twice) == MTH_OK);
  expect_refusal(&a, "entry 'evaluate', port 4 'twice'",
                 "'twice' is written and shares memory with 'output'");
}

TEST(arguments, two_inputs_may_be_one) {
  arguments a;
  ASSERT(open(&a));
  a.mask.data = a.input_data;
  EXPECT(mth_call_run(a.call) == MTH_OK);
  mth_call_destroy(a.call);
  mth_program_destroy(a.program);
}

TEST(arguments, an_output_that_the_call_lent_comes_back_as_input) {
  arguments a;
  ASSERT(open(&a));
  ASSERT(mth_call_bind(a.call, "output", NULL) == MTH_OK);
  ASSERT(mth_call_run(a.call) == MTH_OK);
  const DLTensor *lent;
  ASSERT(mth_call_output(a.call, "output", &lent) == MTH_OK);
  const DLTensor copy = *lent;
  ASSERT(mth_call_bind(a.call, "mask", &copy) == MTH_OK);
  EXPECT(mth_call_run(a.call) == MTH_INVALID);
  EXPECT_TEXT(a.diagnostic.where, at_mask);
  EXPECT_TEXT(a.diagnostic.message,
              "the tensor lies in memory of the call itself, an output that it lent: bind a "
              "tensor of your own to that output");
  mth_call_destroy(a.call);
  mth_program_destroy(a.program);
}
