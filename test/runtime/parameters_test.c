// parameters_test.c: one set of buffers for all entries of a program.
#include "runtime/element.h"
#include "runtime/parameters.h"
#include "runtime/random.h"
#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"
#include "test/harness/sample_program.h"

#include <stdint.h>
#include <string.h>

static const mth_alias aliases[] = {{"dense_w", "w"}};

static mth_program *open_program(const mth_program_desc *desc) {
  const mth_program_source source = {
      .struct_bytes = sizeof source, .desc = desc, .alias_count = 1, .aliases = aliases};
  mth_program *program = NULL;
  return mth_program_create(&source, &program) == MTH_OK ? program : NULL;
}

TEST(parameters, are_the_states_and_what_has_an_init) {
  mth_program *program = open_program(&sample_program);
  ASSERT(program);
  mth_parameters *set;
  const mth_parameters_options options = {.struct_bytes = sizeof options, .seed = 42};
  ASSERT(mth_parameters_create(program, &options, &set) == MTH_OK);
  EXPECT_INT(mth_parameters_count(set), 2);
  EXPECT_TEXT(mth_parameters_name(set, 0), "slot");
  EXPECT_TEXT(mth_parameters_name(set, 1), "w");
  EXPECT(!mth_parameters_name(set, 2) && !mth_parameters_get(set, 2));
  const DLTensor *w = mth_parameters_find(set, "w"), *slot = mth_parameters_find(set, "slot");
  EXPECT(w == mth_parameters_get(set, 1));
  EXPECT(w == mth_parameters_find(set, "dense_w"));
  EXPECT(!mth_parameters_find(set, "input"));
  EXPECT_INT((uintptr_t)w->data % 64, 0);
  double u[3];
  mth_random_uniform(MTH_F32, 42, mth_random_stream("w"), 0, 3, u);
  for (int i = 0; i < 3; ++i) {
    EXPECT(((float *)w->data)[i] == (float)(-1 + 2 * u[i]));
    EXPECT(((float *)slot->data)[i] == 0);
  }
  mth_parameters_destroy(set);
  mth_program_destroy(program);
}

TEST(parameters, are_shared_by_the_entries_that_bind_them) {
  mth_program *program = open_program(&sample_program);
  ASSERT(program);
  mth_parameters *set;
  mth_call *step, *evaluate;
  ASSERT(mth_parameters_create(program, NULL, &set) == MTH_OK);
  ASSERT(mth_call_create(program, "step", NULL, &step) == MTH_OK);
  ASSERT(mth_call_create(program, "evaluate", NULL, &evaluate) == MTH_OK);
  ASSERT(mth_parameters_bind(set, step) == MTH_OK);
  ASSERT(mth_parameters_bind(set, evaluate) == MTH_OK);
  float x[] = {1, 1, 1}, ones[] = {1};
  int64_t x_shape[] = {1, 3}, mask_shape[] = {1};
  const DLTensor input = mth_tensor_make(MTH_F32, 2, x_shape, x);
  const DLTensor mask = mth_tensor_make(MTH_F32, 1, mask_shape, ones);
  ASSERT(mth_call_bind(step, "input", &input) == MTH_OK);
  ASSERT(mth_call_bind(evaluate, "input", &input) == MTH_OK);
  ASSERT(mth_call_bind(evaluate, "mask", &mask) == MTH_OK);
  const DLTensor *output;
  ASSERT(mth_call_run(evaluate) == MTH_OK);
  ASSERT(mth_call_output(evaluate, "output", &output) == MTH_OK);
  const float before = *(float *)output->data;
  ASSERT(mth_call_run(step) == MTH_OK);
  ASSERT(mth_call_run(evaluate) == MTH_OK);
  ASSERT(mth_call_output(evaluate, "output", &output) == MTH_OK);
  EXPECT_NEAR(*(float *)output->data, before + 3, 1e-6);
  mth_call_destroy(step);
  mth_call_destroy(evaluate);
  mth_parameters_destroy(set);
  mth_program_destroy(program);
}

// Programs of one or two entries that differ in their second port.
typedef struct pair {
  mth_port_desc ports[2][5];
  mth_entry_desc entries[2];
  mth_program_desc desc;
} pair;

static void make_pair(pair *p) {
  for (int e = 0; e < 2; ++e) {
    memcpy(p->ports[e], sample_evaluate_ports, sizeof p->ports[e]);
    p->entries[e] = sample_entries[0];
    p->entries[e].ports = p->ports[e];
  }
  p->entries[1].name = "again";
  p->desc = (mth_program_desc){MTH_PROGRAM_ABI, 2, "pair", p->entries};
}

TEST(parameters, known_with_two_types_are_refused) {
  pair p;
  make_pair(&p);
  static const int64_t four[] = {4};
  p.ports[1][1].dims = four;
  mth_program *program = open_program(&p.desc);
  ASSERT(program);
  mth_diagnostic diagnostic = {0};
  const mth_sink sink = mth_sink_keep_first(&diagnostic);
  const mth_parameters_options options = {.struct_bytes = sizeof options, .sink = &sink};
  mth_parameters *set;
  EXPECT(mth_parameters_create(program, &options, &set) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.where, "parameters");
  EXPECT_TEXT(diagnostic.message,
              "'w' is f32 [3] in entry 'evaluate' and f32 [4] in entry 'again'");
  p.ports[1][1].dims = sample_3;
  p.ports[1][1].dtype = MTH_F64;
  diagnostic.status = MTH_OK;
  EXPECT(mth_parameters_create(program, &options, &set) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message,
              "'w' is f32 [3] in entry 'evaluate' and f64 [3] in entry 'again'");
  mth_program_destroy(program);
}

TEST(parameters, the_first_init_decides_and_symbolic_states_are_left_out) {
  pair p;
  make_pair(&p);
  p.ports[0][1].init = (mth_init){0};
  p.ports[1][1].init = (mth_init){MTH_INIT_CONSTANT, 0, 0.25, 0};
  p.ports[0][2].role = p.ports[1][2].role = MTH_STATE; // mask [T]
  mth_program *program = open_program(&p.desc);
  ASSERT(program);
  mth_parameters *set;
  ASSERT(mth_parameters_create(program, NULL, &set) == MTH_OK);
  EXPECT_INT(mth_parameters_count(set), 1);
  EXPECT(((float *)mth_parameters_find(set, "w")->data)[2] == 0.25f);
  mth_parameters_destroy(set);
  mth_program_destroy(program);
}

TEST(parameters, one_entry_makes_a_name_a_parameter_for_all) {
  pair p;
  make_pair(&p);
  p.ports[1][1].init = (mth_init){0};
  mth_program *program = open_program(&p.desc);
  ASSERT(program);
  mth_parameters *set;
  ASSERT(mth_parameters_create(program, NULL, &set) == MTH_OK);
  EXPECT(mth_parameters_find(set, "w") != NULL);
  mth_parameters_destroy(set);
  mth_program_destroy(program);
}

TEST(parameters, normals_of_every_float_dtype_follow_the_stream) {
  static const int64_t many[] = {10, 20};
  const mth_dtype dtypes[] = {MTH_F16, MTH_BF16, MTH_F32, MTH_F64};
  for (int k = 0; k < 4; ++k) {
    pair p;
    make_pair(&p);
    p.desc.entry_count = 1;
    p.ports[0][1] =
        (mth_port_desc){"w", MTH_IN, (int32_t)dtypes[k], 2, 0, many, {MTH_INIT_NORMAL, 0, 1, 0.5}};
    mth_program *program = open_program(&p.desc);
    ASSERT(program);
    mth_parameters *set;
    const mth_parameters_options options = {.struct_bytes = sizeof options, .seed = 5};
    ASSERT(mth_parameters_create(program, &options, &set) == MTH_OK);
    const char *data = mth_parameters_find(set, "w")->data;
    const size_t bytes = mth_dtype_get(dtypes[k])->bits / 8;
    for (size_t i = 0; i < 200; ++i) {
      double n;
      char wanted[8];
      mth_random_normal(dtypes[k], 5, mth_random_stream("w"), i, 1, &n);
      mth_element_store(dtypes[k], 1 + 0.5 * n, wanted);
      EXPECT(memcmp(data + i * bytes, wanted, bytes) == 0);
    }
    mth_parameters_destroy(set);
    mth_program_destroy(program);
  }
}

TEST(parameters, of_another_program_are_refused) {
  pair p;
  make_pair(&p);
  mth_program *one = open_program(&sample_program), *other = open_program(&p.desc);
  ASSERT(one && other);
  mth_diagnostic diagnostic = {0};
  const mth_sink sink = mth_sink_keep_first(&diagnostic);
  const mth_parameters_options options = {.struct_bytes = sizeof options, .sink = &sink};
  mth_parameters *set;
  mth_call *call;
  ASSERT(mth_parameters_create(one, &options, &set) == MTH_OK);
  ASSERT(mth_call_create(other, "again", NULL, &call) == MTH_OK);
  EXPECT(mth_parameters_bind(set, call) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, "the call is of another program 'pair', wanted one of 'sample'");
  diagnostic.status = MTH_OK;
  mth_parameters *none;
  EXPECT(mth_parameters_create(NULL, &options, &none) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, "wanted a program");
  mth_call_destroy(call);
  mth_parameters_destroy(set);
  mth_program_destroy(one);
  mth_program_destroy(other);
}

TEST(parameters, take_values_from_elsewhere) {
  mth_program *program = open_program(&sample_program);
  ASSERT(program);
  mth_diagnostic diagnostic = {0};
  const mth_sink sink = mth_sink_keep_first(&diagnostic);
  const mth_parameters_options options = {.struct_bytes = sizeof options, .sink = &sink};
  mth_parameters *set;
  ASSERT(mth_parameters_create(program, &options, &set) == MTH_OK);
  float data[] = {0, 1, 2, 3};
  int64_t shape[] = {3}, strides[] = {2};
  DLTensor value = mth_tensor_make(MTH_F32, 1, shape, data);
  value.byte_offset = sizeof(float);
  const float *w = mth_parameters_find(set, "w")->data;
  ASSERT(mth_parameters_set(set, "dense_w", &value) == MTH_OK);
  EXPECT(w[0] == 1 && w[1] == 2 && w[2] == 3);
  EXPECT(mth_parameters_set(set, "weight", &value) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, "there is no parameter 'weight', wanted one of 'slot', 'w'");
  diagnostic.status = MTH_OK;
  data[1] = 9;
  shape[0] = 2;
  EXPECT(mth_parameters_set(set, "w", &value) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, "'w' is f32 [3], found f32 [2]");
  diagnostic.status = MTH_OK;
  shape[0] = 3;
  value.dtype.code = kDLInt;
  EXPECT(mth_parameters_set(set, "w", &value) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, "'w' is f32 [3], found i32 [3]");
  diagnostic.status = MTH_OK;
  value.dtype.code = kDLFloat;
  value.strides = strides;
  EXPECT(mth_parameters_set(set, "w", &value) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, "'w' wants contiguous elements in CPU memory");
  value.strides = NULL;
  value.data = NULL;
  EXPECT(mth_parameters_set(set, "w", &value) == MTH_INVALID);
  value.data = data;
  value.device.device_type = kDLCUDA;
  EXPECT(mth_parameters_set(set, "w", &value) == MTH_INVALID);
  EXPECT(w[0] == 1); // refusals changed nothing
  mth_parameters_destroy(set);
  mth_program_destroy(program);
}

TEST(parameters, too_large_for_an_address_space_are_refused) {
  pair p;
  make_pair(&p);
  static const int64_t huge[] = {INT64_MAX / 2};
  p.ports[0][1].dims = p.ports[1][1].dims = huge;
  mth_program *program = open_program(&p.desc);
  ASSERT(program);
  mth_diagnostic diagnostic = {0};
  const mth_sink sink = mth_sink_keep_first(&diagnostic);
  const mth_parameters_options options = {.struct_bytes = sizeof options, .sink = &sink};
  mth_parameters *set;
  EXPECT(mth_parameters_create(program, &options, &set) == MTH_NO_MEMORY);
  EXPECT_TEXT(diagnostic.message,
              "'w' and those before it need more bytes than an address space has");
  mth_program_destroy(program);
}

TEST(parameters, survive_every_allocation_failure) {
  mth_program *program = open_program(&sample_program);
  ASSERT(program);
  mth_status status = MTH_NO_MEMORY;
  for (long fail_at = 0; status != MTH_OK; ++fail_at) {
    ASSERT(fail_at < 50);
    failing_allocator failing = {.fail_at = fail_at};
    const mth_allocator allocator = failing_allocator_hook(&failing);
    mth_diagnostic diagnostic = {0};
    const mth_sink sink = mth_sink_keep_first(&diagnostic);
    const mth_parameters_options options = {
        .struct_bytes = sizeof options, .allocator = &allocator, .sink = &sink};
    mth_parameters *set = NULL;
    status = mth_parameters_create(program, &options, &set);
    if (status != MTH_OK) {
      EXPECT(status == MTH_NO_MEMORY);
      EXPECT_TEXT(diagnostic.message, fail_at < 2 ? "no memory for a list of 6 ports"
                                                  : "no memory for 128 bytes of parameters");
    }
    mth_parameters_destroy(set);
    EXPECT_INT(failing.live, 0);
  }
  mth_program_destroy(program);
}
