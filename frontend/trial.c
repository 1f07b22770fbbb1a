// trial.c: running an entry on made-up inputs.
#include "frontend/trial.h"
#include "runtime/arena.h"
#include "runtime/element.h"
#include "runtime/parameters.h"
#include "runtime/random.h"
#include "runtime/sized.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

// A trial in progress. The arena holds tensors, shapes and data of the ports we make up.
typedef struct trial {
  mth_trial_options options;
  mth_program *program;
  const mth_entry_desc *entry;
  mth_arena arena;
  mth_location at;
  mth_parameters *parameters;
  mth_call *call;
  int64_t *symbols, *sizes;
} trial;

static mth_status fail_memory(const trial *t) {
  return mth_fail(MTH_NO_MEMORY, t->at, "no memory for the inputs of entry '%s'", t->entry->name);
}

static void fill(const trial *t, const mth_port_desc *port, const DLTensor *tensor, size_t bytes) {
  const mth_dtype_info *info = mth_dtype_get((mth_dtype)port->dtype);
  const size_t element_bytes = info->bits / 8;
  if (info->family != MTH_FAMILY_FLOAT || port->role != MTH_IN) return; // the arena zeroes
  for (size_t i = 0; i < bytes / element_bytes; ++i) {
    double u;
    mth_random_uniform(info->dtype, t->options.seed, mth_random_stream(port->name), i, 1, &u);
    mth_element_store(info->dtype, u, (char *)tensor->data + i * element_bytes);
  }
}

// Makes up one port's tensor and binds it.
static mth_status make_up(trial *t, int32_t index) {
  const mth_port_desc *port = &t->entry->ports[index];
  DLTensor *tensor = MTH_NEW(&t->arena, DLTensor);
  int64_t *shape = MTH_NEW_ARRAY(&t->arena, int64_t, (size_t)port->rank);
  size_t bytes;
  if (!tensor || !shape) return fail_memory(t);
  for (int32_t d = 0; d < port->rank; ++d)
    shape[d] = port->dims[d] >= 0 ? port->dims[d] : t->sizes[2 + (-1 - port->dims[d])];
  if (!mth_shape_bytes((mth_dtype)port->dtype, port->rank, shape, &bytes)) return fail_memory(t);
  void *data = mth_arena_alloc(&t->arena, bytes, 1);
  if (!data) return fail_memory(t);
  *tensor = mth_tensor_make((mth_dtype)port->dtype, port->rank, shape, data);
  fill(t, port, tensor, bytes);
  return mth_call_bind_index(t->call, index, tensor);
}

static mth_status set_up(trial *t) {
  const mth_program_desc *desc = mth_program_get_desc(t->program);
  const char *name = t->options.entry ? t->options.entry : desc->entries[0].name;
  const mth_call_options call = {.struct_bytes = sizeof call,
                                 .thread_count = t->options.thread_count,
                                 .allocator = t->options.allocator,
                                 .sink = t->options.sink,
                                 .profiles = t->options.profiles};
  MTH_TRY(mth_call_create(t->program, name, &call, &t->call));
  t->entry = &desc->entries[mth_call_get_entry_index(t->call)];
  if (!t->entry->run)
    return mth_fail(MTH_INVALID, t->at, "entry '%s' has no code before its shapes are known", name);
  t->symbols = MTH_NEW_ARRAY(&t->arena, int64_t, (size_t)t->entry->symbol_count);
  t->sizes = MTH_NEW_ARRAY(&t->arena, int64_t, (size_t)t->entry->computed_count + 2);
  if (!t->symbols || !t->sizes) return fail_memory(t);
  MTH_TRY(mth_symbols_read(t->entry, t->options.values, t->options.value_count, t->at, t->symbols));
  if (t->entry->sizes(t->symbols, t->sizes) != MTH_OK)
    return mth_fail(MTH_INVALID, t->at, "a size of entry '%s' is negative or too large", name);
  const mth_parameters_options parameters = {.struct_bytes = sizeof parameters,
                                             .seed = t->options.seed,
                                             .allocator = t->options.allocator,
                                             .sink = t->options.sink};
  MTH_TRY(mth_parameters_create(t->program, &parameters, &t->parameters));
  MTH_TRY(mth_parameters_bind(t->parameters, t->call));
  for (int32_t p = 0; p < t->entry->port_count; ++p)
    if (t->entry->ports[p].role != MTH_OUT &&
        !mth_parameters_find(t->parameters, t->entry->ports[p].name))
      MTH_TRY(make_up(t, p));
  return MTH_OK;
}

static void add_tensor(const char *name, const DLTensor *tensor, size_t shown, mth_text *text) {
  char type[512];
  size_t bytes = 0;
  const mth_dtype dtype = mth_tensor_dtype(tensor);
  const size_t element_bytes = mth_dtype_get(dtype)->bits / 8;
  (void)mth_shape_bytes(dtype, tensor->ndim, tensor->shape, &bytes); // it was allocated
  const size_t count = bytes / element_bytes;
  mth_text_add(text, "%s %s =", name, mth_tensor_describe(tensor, type, sizeof type));
  for (size_t i = 0; i < count && i < shown; ++i)
    mth_text_add(text, " %.9g",
                 mth_element_load(dtype, (const char *)tensor->data + i * element_bytes));
  mth_text_add(text, count > shown ? " ...\n" : "\n");
}

static void add_profile(const trial *t, mth_text *text) {
  const mth_entry_desc *entry;
  const mth_launch_time *times = mth_call_profile(t->call, &entry);
  for (int32_t l = 0; times && l < entry->launch_count; ++l) {
    const mth_launch_time *row = &times[l];
    const double least_ns = row->least_ns ? (double)row->least_ns : 1;
    mth_text_add(text, "launch %-4d %-24s %10.3f us  %8.3f operations/ns\n", (int)l,
                 entry->launches[l]->kernel, least_ns / 1e3, (double)row->work / least_ns);
  }
}

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static mth_status run_and_show(trial *t, mth_text *text) {
  const size_t run_count = t->options.run_count ? t->options.run_count : 1;
  double least_ns = 0;
  for (size_t i = 0; i < run_count; ++i) {
    const double start_ns = now_ns();
    MTH_TRY(mth_call_run(t->call));
    const double took_ns = now_ns() - start_ns;
    if (i == 0 || took_ns < least_ns) least_ns = took_ns;
  }
  for (int32_t p = 0; p < t->entry->port_count; ++p) {
    const DLTensor *tensor;
    if (t->entry->ports[p].role != MTH_OUT) continue;
    MTH_TRY(mth_call_output(t->call, t->entry->ports[p].name, &tensor));
    add_tensor(t->entry->ports[p].name, tensor, t->options.shown_elems ? t->options.shown_elems : 8,
               text);
  }
  mth_text_add(text, "%zu run%s, the fastest %.3f us, %zu bytes\n", run_count,
               run_count == 1 ? "" : "s", least_ns / 1e3, mth_call_memory_bytes(t->call));
  if (t->options.profiles) add_profile(t, text);
  return MTH_OK;
}

mth_status mth_trial_run(mth_program *program, const mth_trial_options *given, mth_text *text) {
  trial t = {.program = program};
  MTH_TRY(mth_sized_read(given, &t.options, sizeof t.options));
  t.at = (mth_location){t.options.sink, "trial"};
  t.arena = MTH_ARENA_INIT(t.options.allocator ? t.options.allocator : mth_default_allocator());
  mth_status status = set_up(&t);
  if (status == MTH_OK) status = run_and_show(&t, text);
  mth_call_destroy(t.call);
  mth_parameters_destroy(t.parameters);
  mth_arena_reset(&t.arena);
  return status;
}
