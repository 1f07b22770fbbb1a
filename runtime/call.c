// call.c: calls of an entry: bindings, memory, runs.
#include "runtime/call.h"
#include "runtime/arguments.h"
#include "runtime/sized.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static const size_t memory_alignment = 64;

struct mth_call {
  mth_program *program;
  int32_t entry_index;
  const mth_entry_desc *outline; // of the program's own table: names and roles
  const mth_allocator *allocator;
  const mth_sink *sink;
  mth_pool *pool;
  mth_pool *own_pool; // NULL if the pool is borrowed
  atomic_bool is_running;
  bool has_views; // a run succeeded and its memory has not moved since

  mth_arguments arguments; // `entry` is the code in use; NULL before a late entry has any
  const DLTensor **bound;  // per port
  void **data;             // per port
  DLTensor *views;         // per port; of out ports, after a run

  int64_t *numbers; // symbols, then sizes, then the shapes of the out ports
  size_t number_capacity;

  bool profiles;
  mth_profile profile;
  size_t time_capacity; // rows of profile.times

  char *memory; // workspace, then each worker's scratch, then outputs that are not bound
  size_t memory_bytes;
};

static mth_location call_location(const mth_call *call, char *where, size_t where_bytes) {
  snprintf(where, where_bytes, "entry '%s'", call->outline->name);
  return (mth_location){call->sink, where};
}

__attribute__((cold)) static mth_status fail_memory(const mth_call *call, size_t bytes) {
  char where[256];
  return mth_fail(MTH_NO_MEMORY, call_location(call, where, sizeof where),
                  "no memory for %zu bytes of workspace and outputs", bytes);
}

// Makes `entry` the code in use: its numbers get their places. A failure changes nothing that the
// code in use needs.
static mth_status use_entry(mth_call *call, const mth_entry_desc *entry) {
  if (call->arguments.entry == entry) return MTH_OK;
  const size_t symbol_count = (size_t)entry->symbol_count;
  size_t count = symbol_count + 2 + (size_t)entry->computed_count;
  for (int32_t i = 0; i < entry->port_count; ++i)
    if (entry->ports[i].role == MTH_OUT) count += (size_t)entry->ports[i].rank;
  const size_t launch_count = (size_t)entry->launch_count;
  if (call->profiles && launch_count > call->time_capacity) {
    mth_launch_time *times = mth_allocate(call->allocator, launch_count, sizeof *times);
    if (!times) return fail_memory(call, launch_count * sizeof *times);
    mth_release(call->allocator, call->profile.times);
    call->profile.times = times;
    call->time_capacity = launch_count;
  }
  if (count > call->number_capacity) {
    int64_t *numbers = mth_allocate(call->allocator, count, sizeof *numbers);
    if (!numbers) return fail_memory(call, count * sizeof *numbers);
    mth_release(call->allocator, call->numbers);
    call->numbers = numbers;
    call->number_capacity = count;
  }
  if (call->profiles) {
    mth_launch_time *times = call->profile.times;
    for (size_t i = 0; i < launch_count; ++i)
      times[i] = (mth_launch_time){0};
    mth_profile_init(&call->profile, mth_pool_host(call->pool), times, entry->launch_count);
  }
  call->has_views = false; // their shapes are in `numbers`
  call->arguments.entry = entry;
  call->arguments.symbols = call->numbers;
  call->arguments.sizes = call->numbers + symbol_count;
  int64_t *shape = call->arguments.sizes + 2 + entry->computed_count;
  for (int32_t i = 0; i < entry->port_count; ++i) {
    const mth_port_desc *port = &entry->ports[i];
    if (port->role != MTH_OUT) continue;
    call->views[i] = mth_tensor_make((mth_dtype)port->dtype, port->rank, shape, NULL);
    shape += port->rank;
  }
  return MTH_OK;
}

// Whether the code in use takes the shapes that are bound, said without a report.
static bool entry_matches(mth_call *call) {
  mth_arguments quiet = call->arguments;
  quiet.sink = NULL;
  return mth_arguments_check_shapes(&quiet) == MTH_OK;
}

// Finds the code of a late entry for the shapes that are bound, or has it made.
static mth_status choose_specialisation(mth_call *call) {
  if (call->arguments.entry && entry_matches(call)) return MTH_OK;
  for (;;) {
    const mth_entry_desc *newest =
        mth_program_next_specialisation(call->program, call->entry_index, NULL);
    for (const mth_entry_desc *entry = newest; entry;
         entry = mth_program_next_specialisation(call->program, call->entry_index, entry)) {
      MTH_TRY(use_entry(call, entry));
      if (entry_matches(call)) return MTH_OK;
    }
    bool is_new = false;
    const mth_entry_desc *made = NULL;
    MTH_TRY(mth_program_specialise(call->program, call->entry_index, call->bound, newest,
                                   call->sink, &made, &is_new));
    // What was made for these shapes is used even if it does not take them: its checks say why.
    if (is_new) return use_entry(call, made);
  }
}

static size_t aligned(size_t bytes) {
  return (bytes + memory_alignment - 1) & ~(memory_alignment - 1);
}

// What the sizes of this run need: workspace and scratch, and outputs that are not bound.
static bool memory_needed(const mth_call *call, size_t *out_outputs, size_t *out_bytes) {
  const mth_entry_desc *entry = call->arguments.entry;
  const int64_t *sizes = call->arguments.sizes;
  const int64_t workers = (int64_t)mth_pool_thread_count(call->pool);
  int64_t scratch, bytes;
  if (sizes[0] < 0 || sizes[1] < 0 || __builtin_mul_overflow(workers, sizes[1], &scratch) ||
      __builtin_add_overflow(sizes[0], scratch, &bytes) || bytes > PTRDIFF_MAX - 64)
    return false;
  *out_outputs = aligned((size_t)bytes);
  bytes = (int64_t)*out_outputs;
  for (int32_t i = 0; i < entry->port_count; ++i) {
    const mth_port_desc *port = &entry->ports[i];
    if (port->role != MTH_OUT) continue;
    for (int32_t d = 0; d < port->rank; ++d)
      call->views[i].shape[d] = mth_arguments_extent(&call->arguments, i, d);
    size_t own = 0;
    if (!call->bound[i] &&
        !mth_shape_bytes((mth_dtype)port->dtype, port->rank, call->views[i].shape, &own))
      return false;
    if (own > PTRDIFF_MAX - 64 || __builtin_add_overflow(bytes, (int64_t)aligned(own), &bytes))
      return false;
  }
  *out_bytes = (size_t)bytes;
  return bytes <= PTRDIFF_MAX;
}

// Makes the block large enough and gives every output its place.
static mth_status fit_memory(mth_call *call) {
  size_t at, needed;
  char where[256];
  call->has_views = false; // their shapes and places are about to change
  if (!memory_needed(call, &at, &needed))
    return mth_fail(MTH_NO_MEMORY, call_location(call, where, sizeof where),
                    "workspace and outputs need more bytes than an address space has");
  if (needed > call->memory_bytes) {
    // The old block goes last: without memory the call is as it was, its outputs too.
    char *memory = call->allocator->allocate(call->allocator->user, needed, memory_alignment);
    if (!memory) return fail_memory(call, needed);
    mth_release(call->allocator, call->memory);
    call->memory = memory;
    call->memory_bytes = needed;
    call->arguments.owned = (mth_extent){(uintptr_t)memory, (uintptr_t)memory + needed};
  }
  const mth_entry_desc *entry = call->arguments.entry;
  for (int32_t i = 0; i < entry->port_count; ++i) {
    if (call->bound[i]) {
      call->data[i] = mth_tensor_data(call->bound[i]);
    } else if (entry->ports[i].role == MTH_OUT) {
      size_t own = 0;
      call->data[i] = call->memory + at;
      (void)mth_shape_bytes((mth_dtype)entry->ports[i].dtype, entry->ports[i].rank,
                            call->views[i].shape, &own); // memory_needed saw it succeed
      at += aligned(own);
    }
    call->views[i].data = call->data[i];
  }
  return MTH_OK;
}

static mth_status run_checked(mth_call *call) {
  call->arguments.sink = call->sink;
  if (!call->outline->run) {
    mth_arguments outline = call->arguments;
    outline.entry = call->outline;
    MTH_TRY(mth_arguments_check_bound(&outline));
    MTH_TRY(choose_specialisation(call));
  }
  MTH_TRY(mth_arguments_check_bound(&call->arguments));
  MTH_TRY(mth_arguments_check_shapes(&call->arguments));
  MTH_TRY(mth_arguments_check_data(&call->arguments));
  MTH_TRY(fit_memory(call));
  const mth_host *host = call->profiles ? &call->profile.host : mth_pool_host(call->pool);
  const int32_t result =
      call->arguments.entry->run(host, call->data, call->arguments.symbols, call->memory);
  call->has_views = result == MTH_OK;
  if (result == MTH_OK) return MTH_OK;
  char where[256];
  const bool is_known = result > 0 && result <= MTH_INTERNAL;
  const mth_status status = is_known ? (mth_status)result : MTH_INTERNAL;
  return mth_fail(status, call_location(call, where, sizeof where),
                  "the code failed with %s; what it writes is undefined now",
                  mth_status_name(status));
}

static mth_status reserve_checked(mth_call *call) {
  if (!call->outline->run) MTH_TRY(choose_specialisation(call));
  MTH_TRY(mth_arguments_check_shapes(&call->arguments));
  return fit_memory(call);
}

// A call has one memory, so two runs of it at once would mix: the second is refused.
static mth_status exclusively(mth_call *call, mth_status (*action)(mth_call *)) {
  char where[256];
  if (atomic_exchange_explicit(&call->is_running, true, memory_order_acquire))
    return mth_fail(MTH_INVALID, call_location(call, where, sizeof where),
                    "the call is running in another thread: make one call per thread");
  const mth_status status = action(call);
  atomic_store_explicit(&call->is_running, false, memory_order_release);
  return status;
}

// Names what there is: "wanted 'input' or 'w'".
static mth_status fail_no_port(const mth_call *call, const char *port, bool outs_alone) {
  char names[640] = "", where[256];
  int32_t listed = 0;
  for (int32_t i = 0; i < call->outline->port_count; ++i) {
    if (outs_alone && call->outline->ports[i].role != MTH_OUT) continue;
    const size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s'%s'", listed++ ? ", " : "",
             call->outline->ports[i].name);
  }
  return mth_fail(MTH_INVALID, call_location(call, where, sizeof where),
                  "there is no %s '%s', wanted one of %s", outs_alone ? "output" : "port",
                  port ? port : "", names);
}

static mth_status fail_no_entry(const mth_program *program, const char *entry, mth_location at) {
  const mth_program_desc *desc = mth_program_get_desc(program);
  char names[640] = "";
  for (int32_t i = 0; i < desc->entry_count; ++i) {
    const size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s'%s'", i ? ", " : "", desc->entries[i].name);
  }
  return mth_fail(MTH_INVALID, at, "there is no entry '%s', wanted one of %s", entry, names);
}

mth_status mth_call_create(mth_program *program, const char *entry, const mth_call_options *given,
                           mth_call **out_call) {
  mth_call_options options = {0};
  MTH_TRY(mth_sized_read(given, &options, sizeof options));
  const mth_location at = {options.sink, "call"};
  if (!program || !entry) return mth_fail(MTH_INVALID, at, "wanted a program and an entry's name");
  const int32_t entry_index = mth_program_find_entry(program, entry);
  if (entry_index < 0) return fail_no_entry(program, entry, at);
  const mth_allocator *allocator = options.allocator ? options.allocator : mth_default_allocator();
  mth_call *call = mth_allocate(allocator, 1, sizeof *call);
  if (!call) return mth_fail(MTH_NO_MEMORY, at, "no memory for a call of '%s'", entry);
  *call = (mth_call){.program = program,
                     .entry_index = entry_index,
                     .outline = &mth_program_get_desc(program)->entries[entry_index],
                     .allocator = allocator,
                     .sink = options.sink,
                     .pool = options.pool,
                     .profiles = options.profiles};
  const size_t port_count = (size_t)call->outline->port_count;
  mth_status status = MTH_OK;
  if (!options.pool) {
    const mth_pool_options pool = {.struct_bytes = sizeof pool,
                                   .thread_count = options.thread_count ? options.thread_count : 1,
                                   .allocator = allocator,
                                   .sink = options.sink};
    status = mth_pool_create(&pool, &call->own_pool);
    call->pool = call->own_pool;
  }
  if (status == MTH_OK) {
    call->bound = mth_allocate(allocator, port_count, sizeof *call->bound);
    call->data = mth_allocate(allocator, port_count, sizeof *call->data);
    call->views = mth_allocate(allocator, port_count, sizeof *call->views);
    call->arguments.extents = mth_allocate(allocator, port_count, sizeof(mth_extent));
    call->arguments.order = mth_allocate(allocator, port_count, sizeof(int32_t));
    if (!call->bound || !call->data || !call->views || !call->arguments.extents ||
        !call->arguments.order)
      status = mth_fail(MTH_NO_MEMORY, at, "no memory for a call of '%s'", entry);
  }
  if (status == MTH_OK) {
    call->arguments.bound = call->bound;
    call->arguments.sink = call->sink;
    for (int32_t i = 0; i < call->outline->port_count; ++i)
      call->arguments.order[i] = i;
    if (call->outline->run) status = use_entry(call, call->outline);
  }
  if (status != MTH_OK) {
    mth_call_destroy(call);
    return status;
  }
  *out_call = call;
  return MTH_OK;
}

void mth_call_destroy(mth_call *call) {
  if (!call) return;
  const mth_allocator *allocator = call->allocator;
  mth_pool_destroy(call->own_pool);
  mth_release(allocator, call->memory);
  mth_release(allocator, call->profile.times);
  mth_release(allocator, call->numbers);
  mth_release(allocator, call->arguments.order);
  mth_release(allocator, call->arguments.extents);
  mth_release(allocator, call->views);
  mth_release(allocator, call->data);
  mth_release(allocator, (void *)call->bound);
  mth_release(allocator, call);
}

mth_status mth_call_bind(mth_call *call, const char *port, const DLTensor *tensor) {
  const int32_t index = mth_program_find_port(call->program, call->entry_index, port);
  if (index < 0) return fail_no_port(call, port, false);
  call->bound[index] = tensor;
  return MTH_OK;
}

mth_status mth_call_bind_index(mth_call *call, int32_t port_index, const DLTensor *tensor) {
  char where[256];
  if (port_index < 0 || port_index >= call->outline->port_count)
    return mth_fail(MTH_INVALID, call_location(call, where, sizeof where),
                    "there is no port %d, wanted 0 to %d", port_index,
                    call->outline->port_count - 1);
  call->bound[port_index] = tensor;
  return MTH_OK;
}

mth_status mth_call_reserve(mth_call *call) { return exclusively(call, reserve_checked); }

mth_status mth_call_run(mth_call *call) { return exclusively(call, run_checked); }

mth_status mth_call_output(mth_call *call, const char *port, const DLTensor **out_tensor) {
  const int32_t index = mth_program_find_port(call->program, call->entry_index, port);
  if (index < 0 || call->outline->ports[index].role != MTH_OUT)
    return fail_no_port(call, port, true);
  char where[256];
  if (!call->has_views)
    return mth_fail(MTH_INVALID, call_location(call, where, sizeof where),
                    "nothing has run yet that wrote '%s'", port);
  *out_tensor = &call->views[index];
  return MTH_OK;
}

const mth_launch_time *mth_call_profile(const mth_call *call, const mth_entry_desc **out_entry) {
  *out_entry = call->arguments.entry;
  return call->profile.times;
}

size_t mth_call_memory_bytes(const mth_call *call) { return call->memory_bytes; }
mth_program *mth_call_get_program(const mth_call *call) { return call->program; }
int32_t mth_call_get_entry_index(const mth_call *call) { return call->entry_index; }
mth_pool *mth_call_get_pool(const mth_call *call) { return call->pool; }
