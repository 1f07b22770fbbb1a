// compile_test.c: programs from models, with a compiler that knows only ports.
#define _GNU_SOURCE // memmem
#include "frontend/compile.h"
#include "ir/models/layers.h"
#include "ir/models/optimizers.h"
#include "runtime/parameters.h"
#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

// x -> Linear 4 `dense` -> relu -> `out`, and the mean of its sigmoid as `loss`.
typedef struct setting {
  mth_diagnostic diagnostic;
  mth_sink sink;
  mth_allocator allocator;
  failing_allocator failing;
  mth_context *context;
  mth_model *model, *sgd;
} setting;

static mth_status make_model(mth_context *context, mth_model **out_model) {
  mth_model *m = NULL, *child = NULL;
  MTH_TRY(mth_model_create(context, "Net", &m));
  *out_model = m;
  MTH_TRY(mth_linear(context, 4, true, &child));
  MTH_TRY(mth_model_append(m, child, "dense", (mth_wire[]){MTH_WIRE("input", "x")}, 1));
  MTH_TRY(mth_model_create_op(context, "relu", NULL, 0, &child));
  MTH_TRY(mth_model_append(m, child, NULL, (mth_wire[]){MTH_WIRE("output", "out")}, 1));
  MTH_TRY(mth_model_create_op(context, "sigmoid", NULL, 0, &child));
  MTH_TRY(mth_model_append(m, child, NULL, NULL, 0));
  MTH_TRY(mth_model_create_op(context, "mean", NULL, 0, &child));
  MTH_TRY(mth_model_append(m, child, NULL, (mth_wire[]){MTH_WIRE("output", "loss")}, 1));
  MTH_TRY(mth_model_expose(m, mth_model_find(m, "out"), NULL));
  return mth_model_expose(m, mth_model_find(m, "loss"), NULL);
}

static bool open_setting(setting *s) {
  *s = (setting){0};
  s->sink = mth_sink_keep_first(&s->diagnostic);
  setenv("MITHRIL_COMPILER", MTH_FAKE_COMPILER, 1);
  s->failing.fail_at = -1;
  s->allocator = failing_allocator_hook(&s->failing);
  const mth_context_options options = {
      .struct_bytes = sizeof options, .allocator = &s->allocator, .sink = &s->sink};
  const mth_sgd_options sgd = {.struct_bytes = sizeof sgd, .learning_rate = 0.1, .momentum = 0.9};
  const bool ok = mth_context_create(&options, &s->context) == MTH_OK &&
                  make_model(s->context, &s->model) == MTH_OK &&
                  mth_sgd(s->context, &sgd, &s->sgd) == MTH_OK;
  EXPECT_TEXT(s->diagnostic.message, ""); // why not
  return ok;
}

static void close_setting(setting *s) {
  mth_model_destroy(s->model);
  mth_model_destroy(s->sgd);
  mth_context_destroy(s->context);
  EXPECT_INT(s->failing.live, 0);
  unsetenv("MITHRIL_COMPILER");
}

// Objects that the compiler has loaded and not unloaded.
static int object_count(void) {
  void *library = dlopen(MTH_FAKE_COMPILER, RTLD_NOW | RTLD_NOLOAD);
  const int *count = library ? dlsym(library, "fake_compiler_loaded") : NULL;
  const int value = count ? *count : -1;
  if (library) dlclose(library);
  return value;
}

static const char *const out_alone[] = {"out"};
static const mth_entry_shape fixed[] = {{"x", MTH_SHAPE(MTH_N(2), MTH_N(8))}};
static const mth_entry_shape symbolic[] = {{"x", MTH_SHAPE(MTH_DECLARED("B"), MTH_N(8))}};

TEST(compile, entries_share_parameters_and_answer_to_path_names) {
  setting s;
  ASSERT(open_setting(&s));
  const mth_entry_request entries[] = {{.name = "evaluate",
                                        .outputs = out_alone,
                                        .output_count = 1,
                                        .shapes = symbolic,
                                        .shape_count = 1},
                                       {.name = "step",
                                        .kind = MTH_ENTRY_STEP,
                                        .loss = "loss",
                                        .optimizer = s.sgd,
                                        .shapes = fixed,
                                        .shape_count = 1}};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = entries, .entry_count = 2};
  mth_program *program;
  mth_parameters *parameters;
  ASSERT(mth_compile(s.model, &options, &program) == MTH_OK);
  EXPECT_INT(object_count(), 1);
  char text[64];
  const mth_program_desc *desc = mth_program_get_desc(program);
  const int32_t x = mth_program_find_port(program, 0, "x");
  ASSERT(x >= 0 && desc->entry_count == 2);
  EXPECT_TEXT(mth_port_describe(&desc->entries[0], x, text, sizeof text), "f32 [B, 8]");
  ASSERT(mth_parameters_create(program, NULL, &parameters) == MTH_OK);
  EXPECT(mth_parameters_find(parameters, "weight") != NULL);
  EXPECT(mth_parameters_find(parameters, "dense_weight") ==
         mth_parameters_find(parameters, "weight"));
  EXPECT(mth_parameters_find(parameters, "weight_momentum") != NULL);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  EXPECT_INT(object_count(), 0);
  close_setting(&s);
}

// Reserves `entry` for x of these extents.
static mth_status reserve(setting *s, mth_program *program, const char *entry, int32_t rank,
                          int64_t *shape, const mth_entry_desc **out_entry) {
  const mth_call_options options = {.struct_bytes = sizeof options, .sink = &s->sink};
  const DLTensor x = mth_tensor_make(MTH_F32, rank, shape, NULL);
  mth_call *call;
  MTH_TRY(mth_call_create(program, entry, &options, &call));
  mth_status status = mth_call_bind(call, "x", &x);
  if (status == MTH_OK) status = mth_call_reserve(call);
  (void)mth_call_profile(call, out_entry);
  mth_call_destroy(call);
  return status;
}

TEST(compile, shapes_that_are_not_given_come_with_the_first_run) {
  setting s;
  ASSERT(open_setting(&s));
  mth_program *program;
  ASSERT(mth_compile(s.model, NULL, &program) == MTH_OK);
  EXPECT_INT(object_count(), 0);
  const mth_entry_desc *outline = mth_program_get_desc(program)->entries, *code;
  EXPECT_TEXT(outline->name, "evaluate");
  EXPECT(!outline->run);
  ASSERT(mth_program_find_port(program, 0, "weight") >= 0);
  ASSERT(mth_program_find_port(program, 0, "loss") >= 0);
  int64_t shape[] = {5, 8};
  for (int round = 0; round < 2; ++round) {
    shape[0] = 5;
    ASSERT(reserve(&s, program, "evaluate", 2, shape, &code) == MTH_OK);
    char text[64];
    const int32_t weight = mth_program_find_port(program, 0, "weight");
    EXPECT_TEXT(mth_port_describe(code, weight, text, sizeof text), "f32 [4, 8]");
    const int32_t out = mth_program_find_port(program, 0, "out");
    EXPECT_TEXT(mth_port_describe(code, out, text, sizeof text), "f32 [5, 4]");
    shape[0] = 6;
    ASSERT(reserve(&s, program, "evaluate", 2, shape, &code) == MTH_OK);
    EXPECT_INT(object_count(), 2);
  }
  mth_program_destroy(program);
  EXPECT_INT(object_count(), 0);
  close_setting(&s);
}

TEST(compile, a_program_may_be_late_in_part_and_dims_stay_symbolic) {
  setting s;
  ASSERT(open_setting(&s));
  const mth_entry_shape rows[] = {{"x", MTH_SHAPE(MTH_DECLARED("B"), MTH_ANY)}};
  const mth_entry_request entries[] = {
      {.name = "late", .outputs = out_alone, .output_count = 1},
      {.name = "step",
       .kind = MTH_ENTRY_STEP,
       .loss = "loss",
       .optimizer = s.sgd,
       .shapes = fixed,
       .shape_count = 1},
      {.name = "train_late", .kind = MTH_ENTRY_STEP, .loss = "loss", .optimizer = s.sgd},
      {.name = "rows", .outputs = out_alone, .output_count = 1, .shapes = rows, .shape_count = 1}};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .name = "net", .entries = entries, .entry_count = 4};
  mth_program *program;
  const mth_entry_desc *code;
  ASSERT(mth_compile(s.model, &options, &program) == MTH_OK);
  EXPECT_INT(object_count(), 1);
  const mth_program_desc *desc = mth_program_get_desc(program);
  EXPECT_TEXT(desc->name, "net");
  EXPECT(!desc->entries[0].run && desc->entries[1].run && !desc->entries[2].run);
  const int32_t slot = mth_program_find_port(program, 2, "dense_weight");
  ASSERT(slot >= 0);
  EXPECT_INT(desc->entries[2].ports[slot].role, MTH_STATE);
  EXPECT(mth_program_find_port(program, 2, "weight_momentum") >= 0);
  int64_t shape[] = {3, 8};
  ASSERT(reserve(&s, program, "train_late", 2, shape, &code) == MTH_OK);
  ASSERT(reserve(&s, program, "late", 2, shape, &code) == MTH_OK);
  EXPECT_INT(object_count(), 3);
  mth_parameters *parameters;
  ASSERT(mth_parameters_create(program, NULL, &parameters) == MTH_OK);
  EXPECT_INT(mth_parameters_find(parameters, "weight")->shape[1], 8);
  mth_parameters_destroy(parameters);
  mth_program_destroy(program);
  close_setting(&s);
}

TEST(compile, a_first_run_that_makes_no_sense_says_why) {
  setting s;
  ASSERT(open_setting(&s));
  mth_program *program;
  const mth_entry_desc *code;
  ASSERT(mth_compile(s.model, NULL, &program) == MTH_OK);
  int64_t shape[] = {2, 8};
  mth_diagnostic of_call = {0};
  const mth_sink sink = mth_sink_keep_first(&of_call);
  const DLTensor x = mth_tensor_make(MTH_F32, 0, shape, NULL); // Linear wants two dims
  const mth_call_options options = {.struct_bytes = sizeof options, .sink = &sink};
  mth_call *call;
  ASSERT(mth_call_create(program, "evaluate", &options, &call) == MTH_OK);
  ASSERT(mth_call_bind(call, "x", &x) == MTH_OK);
  EXPECT(mth_call_reserve(call) == MTH_INVALID);
  EXPECT_TEXT(of_call.where, "entry 'evaluate'");
  EXPECT(strncmp(of_call.message, "no code for these shapes: ", 26) == 0);
  EXPECT(strstr(of_call.message, s.diagnostic.message) != NULL);
  EXPECT_INT(object_count(), 0);
  mth_call_destroy(call);
  EXPECT(reserve(&s, program, "evaluate", 2, shape, &code) == MTH_OK); // and the program lives on
  mth_program_destroy(program);
  close_setting(&s);
}

TEST(compile, to_text_and_to_objects) {
  setting s;
  ASSERT(open_setting(&s));
  const mth_entry_request entry = {.name = "evaluate", .shapes = fixed, .shape_count = 1};
  const mth_code_options code = {.struct_bytes = sizeof code, .cpu = "znver3"};
  mth_compile_options options = {.struct_bytes = sizeof options,
                                 .name = "net",
                                 .float_dtype = MTH_F64,
                                 .entries = &entry,
                                 .entry_count = 1,
                                 .code = &code};
  mth_artifact artifact;
  ASSERT(mth_compile_to(s.model, &options, MTH_EMIT_LLVM, &artifact) == MTH_OK);
  const char *wanted = "emit 3 cpu znver3 features -: module @net {";
  EXPECT(artifact.byte_count > strlen(wanted) &&
         memcmp(artifact.bytes, wanted, strlen(wanted)) == 0);
  EXPECT(memmem(artifact.bytes, artifact.byte_count, "tensor<2x8xf64>", 15) != NULL);
  mth_release(mth_context_allocator(s.context), artifact.bytes);
  options.entry_count = 0; // shapes are needed here
  EXPECT(mth_compile_to(s.model, &options, MTH_EMIT_OBJECT, &artifact) == MTH_INVALID);
  EXPECT(s.diagnostic.status == MTH_INVALID);
  close_setting(&s);
}

TEST(compile, what_the_writer_refuses_is_refused) {
  setting s;
  ASSERT(open_setting(&s));
  const mth_entry_request entry = {.name = "two words"};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = &entry, .entry_count = 1};
  mth_program *program;
  EXPECT(mth_compile(s.model, &options, &program) == MTH_INVALID);
  EXPECT(strstr(s.diagnostic.message, "found 'two words'") != NULL);
  EXPECT(mth_compile(NULL, &options, &program) == MTH_INVALID);
  mth_artifact artifact;
  EXPECT(mth_compile_to(NULL, &options, MTH_EMIT_LLVM, &artifact) == MTH_INVALID);
  const mth_compile_options unsized = {0};
  EXPECT(mth_compile(s.model, &unsized, &program) == MTH_INVALID);
  EXPECT_INT(object_count(), 0);
  close_setting(&s);
}

// Compiling, and the first run of what came late, with every allocation failed in turn.
static mth_status compile_and_reserve(setting *s, const mth_compile_options *options) {
  mth_program *program = NULL;
  const mth_entry_desc *code;
  int64_t shape[] = {5, 8};
  mth_status status = mth_compile(s->model, options, &program);
  if (status == MTH_OK) status = reserve(s, program, options->entries[0].name, 2, shape, &code);
  mth_program_destroy(program);
  return status;
}

TEST(compile, survives_every_allocation_failure) {
  setting s;
  ASSERT(open_setting(&s));
  const mth_entry_request entries[] = {
      {.name = "late", .kind = MTH_ENTRY_STEP, .loss = "loss", .optimizer = s.sgd},
      {.name = "evaluate", .shapes = symbolic, .shape_count = 1}};
  const mth_compile_options options = {
      .struct_bytes = sizeof options, .entries = entries, .entry_count = 2};
  ASSERT(compile_and_reserve(&s, &options) == MTH_OK); // whatever the context keeps is there now
  mth_status status = MTH_NO_MEMORY;
  for (long fail_at = 0; status != MTH_OK; ++fail_at) {
    ASSERT(fail_at < 5000);
    s.failing.count = 0;
    s.failing.fail_at = fail_at;
    status = compile_and_reserve(&s, &options);
    s.failing.fail_at = -1;
    EXPECT(status == MTH_OK || status == MTH_NO_MEMORY);
    EXPECT_INT(object_count(), 0);
  }
  close_setting(&s);
}
