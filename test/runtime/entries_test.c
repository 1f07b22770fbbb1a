// entries_test.c: lookups by name and alias; entries whose code comes late.
#include "runtime/entries.h"
#include "runtime/parameters.h"
#include "test/harness/failing_allocator.h"
#include "test/harness/harness.h"
#include "test/harness/sample_program.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static const mth_alias aliases[] = {
    {"layer_0_w", "w"}, {"mask", "w"}, {"nobody", "nothing"}, {"dense_slot", "slot"}};

TEST(entries, are_found_by_name_and_their_ports_by_alias_too) {
  const mth_program_source source = {
      .struct_bytes = sizeof source, .desc = &sample_program, .alias_count = 4, .aliases = aliases};
  mth_program *program;
  ASSERT(mth_program_create(&source, &program) == MTH_OK);
  EXPECT(mth_program_get_desc(program) == &sample_program);
  EXPECT_INT(mth_program_find_entry(program, "step"), 1);
  EXPECT_INT(mth_program_find_entry(program, "steps"), -1);
  for (int32_t e = 0; e < 2; ++e)
    for (int32_t p = 0; p < sample_entries[e].port_count; ++p)
      EXPECT_INT(mth_program_find_port(program, e, sample_entries[e].ports[p].name), p);
  EXPECT_INT(mth_program_find_port(program, 0, "layer_0_w"), 1);
  EXPECT_INT(mth_program_find_port(program, 0, "mask"), 2); // a name wins over an alias
  EXPECT_INT(mth_program_find_port(program, 1, "mask"), 1);
  EXPECT_INT(mth_program_find_port(program, 0, "nobody"), -1);
  EXPECT_INT(mth_program_find_port(program, 0, "dense_slot"), -1);
  EXPECT_INT(mth_program_find_port(program, 1, "dense_slot"), 2);
  EXPECT_INT(mth_program_find_port(program, 2, "w"), -1);
  EXPECT_INT(mth_program_find_port(program, -1, "w"), -1);
  mth_program_destroy(program);
}

static void count_release(void *user) { ++*(int *)user; }

TEST(entries, a_source_is_released_once_and_only_after_success) {
  int released = 0;
  mth_program_source source = {.struct_bytes = sizeof source,
                               .desc = &sample_program,
                               .release = count_release,
                               .user = &released};
  for (long fail_at = 0; fail_at < 4; ++fail_at) {
    failing_allocator failing = {.fail_at = fail_at};
    const mth_allocator allocator = failing_allocator_hook(&failing);
    mth_diagnostic diagnostic = {0};
    const mth_sink sink = mth_sink_keep_first(&diagnostic);
    mth_program *program = NULL;
    source.allocator = &allocator;
    source.sink = &sink;
    EXPECT(mth_program_create(&source, &program) == MTH_NO_MEMORY);
    EXPECT_TEXT(diagnostic.message, fail_at < 2    ? "no memory for program 'sample'"
                                    : fail_at == 2 ? "no memory for the 5 ports of entry 'evaluate'"
                                                   : "no memory for the 4 ports of entry 'step'");
    EXPECT_INT(failing.live, 0);
    EXPECT_INT(released, 0);
  }
  source.allocator = NULL;
  mth_program *program;
  ASSERT(mth_program_create(&source, &program) == MTH_OK);
  mth_program_destroy(program);
  EXPECT_INT(released, 1);
  mth_program_destroy(NULL);
}

TEST(entries, two_ports_of_one_name_are_refused) {
  mth_diagnostic diagnostic = {0};
  const mth_sink sink = mth_sink_keep_first(&diagnostic);
  mth_port_desc ports[5];
  memcpy(ports, sample_evaluate_ports, sizeof ports);
  ports[3].name = "input";
  mth_entry_desc entry = sample_entries[0];
  entry.ports = ports;
  const mth_program_desc desc = {MTH_PROGRAM_ABI, 1, "twice", &entry};
  const mth_program_source source = {.struct_bytes = sizeof source, .desc = &desc, .sink = &sink};
  mth_program *program;
  EXPECT(mth_program_create(&source, &program) == MTH_INVALID);
  EXPECT_TEXT(diagnostic.message, "entry 'evaluate' has two ports named 'input'");
}

TEST(entries, ports_describe_what_they_want) {
  char text[64];
  EXPECT_TEXT(mth_port_describe(&sample_entries[0], 0, text, sizeof text), "f32 [T, 3]");
  EXPECT_TEXT(mth_port_describe(&sample_entries[0], 4, text, sizeof text), "f32 [2*T + 1]");
  EXPECT_TEXT(mth_port_describe(&sample_entries[1], 3, text, sizeof text), "f32 []");
}

// A late program: `scale` is out = x * weight with weight [K], for x [N,K], whose code is made for
// each N and K. The code reads its extents from static tables made on demand.
enum { most_codes = 8 };

typedef struct late {
  mth_diagnostic diagnostic;
  mth_sink sink;
  int codes, released, wrong_ports;
  _Atomic int inside, most_inside;
  int64_t x_dims[most_codes][2], w_dims[most_codes][1];
  mth_port_desc ports[most_codes][3];
  mth_entry_desc entries[most_codes];
  mth_program_desc descs[most_codes];
  mth_program *program;
} late;

static int32_t scale_2_by_3(const mth_host *host, void *const *ports, const int64_t *symbols,
                            void *workspace) {
  (void)host, (void)symbols, (void)workspace;
  const float *x = ports[0], *w = ports[1];
  for (int i = 0; i < 6; ++i)
    ((float *)ports[2])[i] = x[i] * w[i % 3];
  return MTH_OK;
}

static int32_t scale_1_by_2(const mth_host *host, void *const *ports, const int64_t *symbols,
                            void *workspace) {
  (void)host, (void)symbols, (void)workspace;
  const float *x = ports[0], *w = ports[1];
  for (int i = 0; i < 2; ++i)
    ((float *)ports[2])[i] = x[i] * w[i];
  return MTH_OK;
}

static int32_t no_sizes(const int64_t *symbols, int64_t *out) {
  (void)symbols;
  out[0] = out[1] = 0;
  return MTH_OK;
}

// The second code has more of everything, so that going over to it takes memory.
static int32_t more_sizes(const int64_t *symbols, int64_t *out) {
  (void)symbols;
  out[0] = 1 << 16;
  out[1] = out[2] = out[3] = out[4] = 0;
  return MTH_OK;
}

static const char *const more_computed[] = {"a", "b", "c"};

static mth_status make_code(void *user, int32_t entry_index, const DLTensor *const *bound,
                            mth_location at, const mth_program_desc **out_desc) {
  late *l = user;
  const int inside = ++l->inside;
  if (inside > l->most_inside) l->most_inside = inside;
  const DLTensor *x = bound[0];
  mth_status status = MTH_OK;
  if (entry_index != 0 || !x || x->ndim != 2 || l->codes == most_codes) {
    status = mth_fail(MTH_INVALID, at, "'scale' wants x of rank 2");
  } else {
    const int i = l->codes++;
    l->x_dims[i][0] = x->shape[0];
    l->x_dims[i][1] = l->w_dims[i][0] = x->shape[1];
    const char *first = l->wrong_ports ? "y" : "x";
    l->ports[i][0] = (mth_port_desc){first, MTH_IN, MTH_F32, 2, 0, l->x_dims[i], {0}};
    l->ports[i][1] = (mth_port_desc){
        "weight", MTH_STATE, MTH_F32, 1, 0, l->w_dims[i], {MTH_INIT_CONSTANT, 0, 3, 0}};
    l->ports[i][2] = (mth_port_desc){"out", MTH_OUT, MTH_F32, 2, 0, l->x_dims[i], {0}};
    l->entries[i] = (mth_entry_desc){.name = "scale",
                                     .run = x->shape[1] == 3 ? scale_2_by_3 : scale_1_by_2,
                                     .sizes = no_sizes,
                                     .port_count = 3,
                                     .ports = l->ports[i]};
    if (x->shape[1] != 3) {
      l->entries[i].sizes = more_sizes;
      l->entries[i].computed_count = 3;
      l->entries[i].computed = more_computed;
      l->entries[i].launch_count = 2;
      l->entries[i].launches = sample_evaluate_launches;
    }
    l->descs[i] = (mth_program_desc){MTH_PROGRAM_ABI, 1, "late", &l->entries[i]};
    *out_desc = &l->descs[i];
  }
  --l->inside;
  return status;
}

static const mth_port_desc late_ports[] = {
    {"x", MTH_IN, MTH_F32, -1, 0, NULL, {0}},
    {"weight", MTH_STATE, MTH_F32, -1, 0, NULL, {MTH_INIT_CONSTANT, 0, 3, 0}},
    {"out", MTH_OUT, MTH_F32, -1, 0, NULL, {0}},
};
static const mth_entry_desc late_entry = {.name = "scale", .port_count = 3, .ports = late_ports};
static const mth_program_desc late_desc = {MTH_PROGRAM_ABI, 1, "late", &late_entry};

static void release_late(void *user) { ++((late *)user)->released; }

static bool open_late(late *l, mth_call **out_call) {
  memset(l, 0, sizeof *l);
  l->sink = mth_sink_keep_first(&l->diagnostic);
  const mth_program_source source = {.struct_bytes = sizeof source,
                                     .desc = &late_desc,
                                     .specialise = make_code,
                                     .release = release_late,
                                     .user = l,
                                     .sink = &l->sink};
  const mth_call_options options = {.struct_bytes = sizeof options, .sink = &l->sink};
  return mth_program_create(&source, &l->program) == MTH_OK &&
         mth_call_create(l->program, "scale", &options, out_call) == MTH_OK;
}

TEST(entries, late_code_is_made_once_per_shape_and_found_again) {
  static late l;
  mth_call *call;
  ASSERT(open_late(&l, &call));
  float x_data[6] = {1, 2, 3, 4, 5, 6}, w_data[3] = {10, 20, 30};
  int64_t x_shape[] = {2, 3}, w_shape[] = {3};
  const DLTensor x = mth_tensor_make(MTH_F32, 2, x_shape, x_data);
  const DLTensor w = mth_tensor_make(MTH_F32, 1, w_shape, w_data);
  ASSERT(mth_call_bind(call, "x", &x) == MTH_OK);
  ASSERT(mth_call_bind(call, "weight", &w) == MTH_OK);
  const DLTensor *out;
  for (int run = 0; run < 3; ++run) {
    x_shape[0] = 2, x_shape[1] = w_shape[0] = 3;
    ASSERT(mth_call_run(call) == MTH_OK);
    ASSERT(mth_call_output(call, "out", &out) == MTH_OK);
    EXPECT_INT(out->shape[0] * 10 + out->shape[1], 23);
    EXPECT(((float *)out->data)[5] == 180);
    x_shape[0] = 1, x_shape[1] = w_shape[0] = 2;
    ASSERT(mth_call_run(call) == MTH_OK);
    ASSERT(mth_call_output(call, "out", &out) == MTH_OK);
    EXPECT_INT(out->shape[0] * 10 + out->shape[1], 12);
    EXPECT(((float *)out->data)[1] == 40);
  }
  EXPECT_INT(l.codes, 2);
  mth_call_destroy(call);
  mth_program_destroy(l.program);
  EXPECT_INT(l.released, 1);
}

TEST(entries, parameters_of_a_late_entry_follow_a_reserve) {
  static late l;
  mth_call *call;
  ASSERT(open_late(&l, &call));
  const mth_parameters_options options = {.struct_bytes = sizeof options, .sink = &l.sink};
  mth_parameters *parameters;
  EXPECT(mth_parameters_create(l.program, &options, &parameters) == MTH_INVALID);
  EXPECT_TEXT(l.diagnostic.message, "the shape of 'weight' in entry 'scale' is not known yet: bind "
                                    "the entry's inputs and reserve a call first");
  float x_data[6] = {1, 2, 3, 4, 5, 6};
  int64_t x_shape[] = {2, 3};
  const DLTensor x = mth_tensor_make(MTH_F32, 2, x_shape, x_data);
  ASSERT(mth_call_bind(call, "x", &x) == MTH_OK);
  l.diagnostic.status = MTH_OK;
  EXPECT(mth_call_run(call) == MTH_INVALID);
  EXPECT_TEXT(l.diagnostic.message, "nothing is bound, wanted f32 [...]");
  EXPECT_INT(l.codes, 0);
  ASSERT(mth_call_reserve(call) == MTH_OK);
  ASSERT(mth_parameters_create(l.program, &options, &parameters) == MTH_OK);
  EXPECT_INT(mth_parameters_find(parameters, "weight")->shape[0], 3);
  ASSERT(mth_parameters_bind(parameters, call) == MTH_OK);
  ASSERT(mth_call_run(call) == MTH_OK);
  EXPECT_INT(l.codes, 1);
  const DLTensor *out;
  ASSERT(mth_call_output(call, "out", &out) == MTH_OK);
  EXPECT(((float *)out->data)[5] == 18);
  mth_parameters_destroy(parameters);
  mth_call_destroy(call);
  mth_program_destroy(l.program);
}

TEST(entries, late_code_that_fails_or_does_not_fit_is_reported) {
  static late l;
  mth_call *call;
  ASSERT(open_late(&l, &call));
  float data[6] = {0};
  int64_t x_shape[] = {2, 3}, w_shape[] = {2};
  DLTensor x = mth_tensor_make(MTH_F32, 1, x_shape, data);
  const DLTensor w = mth_tensor_make(MTH_F32, 1, w_shape, data);
  ASSERT(mth_call_bind(call, "x", &x) == MTH_OK);
  ASSERT(mth_call_bind(call, "weight", &w) == MTH_OK);
  EXPECT(mth_call_run(call) == MTH_INVALID);
  EXPECT_TEXT(l.diagnostic.where, "entry 'scale'");
  EXPECT_TEXT(l.diagnostic.message, "'scale' wants x of rank 2");
  x.ndim = 2;
  l.diagnostic.status = MTH_OK;
  EXPECT(mth_call_run(call) == MTH_INVALID);
  EXPECT_TEXT(l.diagnostic.where, "entry 'scale', port 1 'weight'");
  EXPECT_TEXT(l.diagnostic.message, "dim 0 is 2, wanted 3");
  x_shape[1] = 2;
  l.wrong_ports = 1;
  l.diagnostic.status = MTH_OK;
  EXPECT(mth_call_run(call) == MTH_INVALID);
  EXPECT_TEXT(l.diagnostic.message, "port 0 of the specialised entry is 'y' (in), wanted 'x' (in)");
  mth_call_destroy(call);
  mth_program_destroy(l.program);
}

TEST(entries, late_code_survives_every_allocation_failure) {
  static late l;
  mth_call *unused;
  ASSERT(open_late(&l, &unused));
  float x_data[6] = {1, 2, 3, 4, 5, 6}, w_data[3] = {10, 20, 30};
  int64_t x_shape[] = {2, 3}, w_shape[] = {3};
  const DLTensor x = mth_tensor_make(MTH_F32, 2, x_shape, x_data);
  const DLTensor w = mth_tensor_make(MTH_F32, 1, w_shape, w_data);
  long failures = 0;
  for (long fail_at = 0; fail_at < 6; ++fail_at) {
    failing_allocator failing = {.fail_at = -1};
    const mth_allocator allocator = failing_allocator_hook(&failing);
    const mth_call_options options = {
        .struct_bytes = sizeof options, .allocator = &allocator, .profiles = true};
    mth_call *call;
    ASSERT(mth_call_create(l.program, "scale", &options, &call) == MTH_OK);
    EXPECT(mth_call_bind(call, "x", &x) == MTH_OK);
    EXPECT(mth_call_bind(call, "weight", &w) == MTH_OK);
    failing.count = 0;
    failing.fail_at = fail_at;
    for (int run = 0; run < 4; ++run) {
      x_shape[0] = run % 2 ? 1 : 2;
      x_shape[1] = w_shape[0] = run % 2 ? 2 : 3;
      mth_status status = mth_call_run(call);
      if (status != MTH_OK) {
        EXPECT(status == MTH_NO_MEMORY);
        ++failures;
        status = mth_call_run(call);
      }
      EXPECT(status == MTH_OK);
    }
    mth_call_destroy(call);
    EXPECT_INT(failing.live, 0);
  }
  EXPECT_INT(failures, 4); // numbers, times of launches, and the memory of each code
  mth_call_destroy(unused);
  mth_program_destroy(l.program);
}

static void *run_late(void *user) {
  late *l = user;
  float x_data[6] = {0}, w_data[3] = {0};
  int64_t x_shape[] = {2, 3}, w_shape[] = {3};
  const DLTensor x = mth_tensor_make(MTH_F32, 2, x_shape, x_data);
  const DLTensor w = mth_tensor_make(MTH_F32, 1, w_shape, w_data);
  mth_call *call;
  mth_status status = mth_call_create(l->program, "scale", NULL, &call);
  if (status != MTH_OK) return l;
  for (int i = 0; i < 50 && status == MTH_OK; ++i) {
    x_shape[0] = i % 2 ? 2 : 1;
    x_shape[1] = w_shape[0] = i % 2 ? 3 : 2;
    status = mth_call_bind(call, "x", &x);
    if (status == MTH_OK) status = mth_call_bind(call, "weight", &w);
    if (status == MTH_OK) status = mth_call_run(call);
  }
  mth_call_destroy(call);
  return status == MTH_OK ? NULL : l;
}

TEST(entries, late_code_is_made_by_one_thread_at_a_time) {
  static late l;
  mth_call *call;
  ASSERT(open_late(&l, &call));
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i)
    ASSERT(pthread_create(&threads[i], NULL, run_late, &l) == 0);
  for (int i = 0; i < 3; ++i) {
    void *failed;
    pthread_join(threads[i], &failed);
    EXPECT(!failed);
  }
  EXPECT_INT(l.codes, 2);
  EXPECT_INT(l.most_inside, 1);
  mth_call_destroy(call);
  mth_program_destroy(l.program);
}
