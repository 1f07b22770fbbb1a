// parameters.c: the set of named buffers of a program.
#include "runtime/parameters.h"
#include "runtime/element.h"
#include "runtime/random.h"
#include "runtime/sized.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t buffer_alignment = 64;
enum { chunk_elems = 64 }; // drawn at a time

// A port that reads, as one entry knows it.
typedef struct use {
  const char *name;
  const mth_entry_desc *entry;
  int32_t port;
  size_t place; // in the program
} use;

struct mth_parameters {
  const mth_program *program;
  const mth_allocator *allocator;
  const mth_sink *sink;
  size_t count;
  const use *uses; // one per buffer, by name: the use that decides
  DLTensor *tensors;
  int64_t *shapes;
  char *data;
};

// The tables that tell what an entry's ports are: its own, or what was made of it.
static const mth_entry_desc *next_table(const mth_program *program, int32_t entry,
                                        const mth_entry_desc *previous) {
  const mth_entry_desc *outline = &mth_program_get_desc(program)->entries[entry];
  if (outline->run) return previous ? NULL : outline;
  if (!previous) return outline;
  return mth_program_next_specialisation(program, entry, previous == outline ? NULL : previous);
}

// Counts the ports that read, and lists the first `capacity` of them.
static size_t list_uses(const mth_program *program, use *uses, size_t capacity) {
  size_t count = 0;
  for (int32_t e = 0; e < mth_program_get_desc(program)->entry_count; ++e)
    for (const mth_entry_desc *table = NULL; (table = next_table(program, e, table));)
      for (int32_t p = 0; p < table->port_count; ++p) {
        if (table->ports[p].role == MTH_OUT) continue;
        if (count < capacity) uses[count] = (use){table->ports[p].name, table, p, count};
        ++count;
      }
  return count;
}

static int compare_uses(const void *a, const void *b) {
  const use *x = a, *y = b;
  const int order = strcmp(x->name, y->name);
  return order ? order : (x->place > y->place) - (x->place < y->place);
}

static const mth_port_desc *port_of(const use *use) { return &use->entry->ports[use->port]; }

static bool is_known(const use *use) {
  return port_of(use)->rank >= 0 && port_of(use)->dtype != MTH_DTYPE_NONE;
}

static bool is_symbolic(const use *use) {
  for (int32_t d = 0; d < port_of(use)->rank; ++d)
    if (port_of(use)->dims[d] < 0) return true;
  return false;
}

static bool is_same_type(const use *a, const use *b) {
  const mth_port_desc *x = port_of(a), *y = port_of(b);
  if (x->dtype != y->dtype || x->rank != y->rank) return false;
  for (int32_t d = 0; d < x->rank; ++d)
    if (x->dims[d] != y->dims[d]) return false;
  return true;
}

// Looks at all uses of one name. `*out_decides` is the use whose type and init the buffer gets, or
// NULL if the name is none of the set.
static mth_status decide(const use *uses, size_t count, mth_location at, const use **out_decides) {
  bool is_member = false, has_symbols = false;
  const use *known = NULL, *with_init = NULL;
  *out_decides = NULL;
  for (size_t i = 0; i < count; ++i) {
    const bool has_init = port_of(&uses[i])->init.kind != MTH_INIT_NONE;
    is_member = is_member || has_init || port_of(&uses[i])->role == MTH_STATE;
    if (!is_known(&uses[i])) continue;
    has_symbols = has_symbols || is_symbolic(&uses[i]);
    if (!known) known = &uses[i];
    if (has_init && !with_init) with_init = &uses[i];
  }
  if (!is_member || has_symbols) return MTH_OK;
  if (!known)
    return mth_fail(MTH_INVALID, at,
                    "the shape of '%s' in entry '%s' is not known yet: bind the entry's inputs "
                    "and reserve a call first",
                    uses->name, uses->entry->name);
  for (size_t i = 0; i < count; ++i) {
    if (!is_known(&uses[i]) || is_same_type(known, &uses[i])) continue;
    char one[512], other[512];
    return mth_fail(
        MTH_INVALID, at, "'%s' is %s in entry '%s' and %s in entry '%s'", uses->name,
        mth_port_describe(known->entry, known->port, one, sizeof one), known->entry->name,
        mth_port_describe(uses[i].entry, uses[i].port, other, sizeof other), uses[i].entry->name);
  }
  *out_decides = with_init ? with_init : known;
  return MTH_OK;
}

// Leaves in `uses`, sorted, one use per buffer; `*count` becomes their number.
static mth_status choose_buffers(use *uses, size_t *count, mth_location at) {
  size_t kept = 0;
  qsort(uses, *count, sizeof *uses, compare_uses);
  for (size_t i = 0, end; i < *count; i = end) {
    for (end = i + 1; end < *count && strcmp(uses[end].name, uses[i].name) == 0;)
      ++end;
    const use *decides;
    MTH_TRY(decide(&uses[i], end - i, at, &decides));
    if (decides) uses[kept++] = *decides;
  }
  *count = kept;
  return MTH_OK;
}

static void initialise(const mth_port_desc *port, uint64_t seed, size_t elem_count, char *data) {
  const mth_dtype dtype = (mth_dtype)port->dtype;
  const size_t element_bytes = mth_dtype_get(dtype)->bits / 8;
  const uint64_t stream = mth_random_stream(port->name);
  const mth_init init = port->init;
  if (init.kind == MTH_INIT_NONE) return; // zeros already
  for (size_t first = 0; first < elem_count; first += chunk_elems) {
    const size_t count = elem_count - first < chunk_elems ? elem_count - first : chunk_elems;
    double values[chunk_elems] = {0};
    double factor = 0;
    if (init.kind == MTH_INIT_UNIFORM) {
      mth_random_uniform(dtype, seed, stream, first, count, values);
      factor = init.b - init.a;
    } else if (init.kind == MTH_INIT_NORMAL) {
      mth_random_normal(dtype, seed, stream, first, count, values);
      factor = init.b;
    }
    for (size_t i = 0; i < count; ++i)
      mth_element_store(dtype, init.a + factor * values[i], data + (first + i) * element_bytes);
  }
}

// Allocates and fills the buffers that `uses` lists.
static mth_status make_buffers(mth_parameters *set, uint64_t seed, mth_location at) {
  size_t dim_count = 0, data_bytes = 0;
  for (size_t i = 0; i < set->count; ++i) {
    const mth_port_desc *port = port_of(&set->uses[i]);
    size_t bytes;
    dim_count += (size_t)port->rank;
    if (!mth_shape_bytes((mth_dtype)port->dtype, port->rank, port->dims, &bytes) ||
        bytes > PTRDIFF_MAX - buffer_alignment ||
        __builtin_add_overflow(data_bytes,
                               (bytes + buffer_alignment - 1) / buffer_alignment * buffer_alignment,
                               &data_bytes))
      return mth_fail(MTH_NO_MEMORY, at,
                      "'%s' and those before it need more bytes than an address "
                      "space has",
                      port->name);
  }
  set->tensors = mth_allocate(set->allocator, set->count, sizeof *set->tensors);
  set->shapes = mth_allocate(set->allocator, dim_count, sizeof *set->shapes);
  set->data = mth_allocate_lines(set->allocator, data_bytes, 1);
  if (!set->tensors || !set->shapes || !set->data)
    return mth_fail(MTH_NO_MEMORY, at, "no memory for %zu bytes of parameters", data_bytes);
  int64_t *shape = set->shapes;
  char *data = set->data;
  for (size_t i = 0; i < set->count; ++i) {
    const mth_port_desc *port = port_of(&set->uses[i]);
    const mth_dtype_info *info = mth_dtype_get((mth_dtype)port->dtype);
    size_t bytes = 0;
    for (int32_t d = 0; d < port->rank; ++d)
      shape[d] = port->dims[d];
    (void)mth_shape_bytes(info->dtype, port->rank, shape, &bytes); // succeeded above
    set->tensors[i] = mth_tensor_make(info->dtype, port->rank, shape, data);
    initialise(port, seed, bytes / (info->bits / 8), data);
    shape += port->rank;
    data += (bytes + buffer_alignment - 1) / buffer_alignment * buffer_alignment;
  }
  return MTH_OK;
}

mth_status mth_parameters_create(const mth_program *program, const mth_parameters_options *given,
                                 mth_parameters **out_parameters) {
  mth_parameters_options options = {0};
  MTH_TRY(mth_sized_read(given, &options, sizeof options));
  const mth_location at = {options.sink, "parameters"};
  if (!program) return mth_fail(MTH_INVALID, at, "wanted a program");
  const mth_allocator *allocator = options.allocator ? options.allocator : mth_default_allocator();
  mth_parameters *set = mth_allocate(allocator, 1, sizeof *set);
  size_t count = list_uses(program, NULL, 0);
  use *uses = set ? mth_allocate(allocator, count, sizeof *uses) : NULL;
  mth_status status = MTH_OK;
  if (uses) {
    *set = (mth_parameters){
        .program = program, .allocator = allocator, .sink = options.sink, .uses = uses};
    // Not more than were counted: another thread may be specialising an entry.
    (void)list_uses(program, uses, count);
    status = choose_buffers(uses, &count, at);
    set->count = count;
    if (status == MTH_OK) status = make_buffers(set, options.seed, at);
  } else {
    mth_release(allocator, set);
    return mth_fail(MTH_NO_MEMORY, at, "no memory for a list of %zu ports", count);
  }
  if (status != MTH_OK) {
    mth_parameters_destroy(set);
    return status;
  }
  *out_parameters = set;
  return MTH_OK;
}

void mth_parameters_destroy(mth_parameters *set) {
  if (!set) return;
  mth_release(set->allocator, set->data);
  mth_release(set->allocator, set->shapes);
  mth_release(set->allocator, set->tensors);
  mth_release(set->allocator, (void *)(uintptr_t)set->uses);
  mth_release(set->allocator, set);
}

size_t mth_parameters_count(const mth_parameters *set) { return set->count; }

const char *mth_parameters_name(const mth_parameters *set, size_t index) {
  return index < set->count ? set->uses[index].name : NULL;
}

const DLTensor *mth_parameters_get(const mth_parameters *set, size_t index) {
  return index < set->count ? &set->tensors[index] : NULL;
}

static const DLTensor *find_exactly(const mth_parameters *set, const char *name) {
  size_t low = 0, high = set->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(set->uses[middle].name, name);
    if (order == 0) return &set->tensors[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

const DLTensor *mth_parameters_find(const mth_parameters *set, const char *name) {
  const DLTensor *found = find_exactly(set, name);
  const mth_program_desc *desc = mth_program_get_desc(set->program);
  for (int32_t e = 0; e < desc->entry_count && !found; ++e) {
    const int32_t port = mth_program_find_port(set->program, e, name);
    if (port >= 0) found = find_exactly(set, desc->entries[e].ports[port].name);
  }
  return found;
}

static mth_status fail_no_parameter(const mth_parameters *set, const char *name, mth_location at) {
  char names[900] = "";
  for (size_t i = 0; i < set->count; ++i) {
    const size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s'%s'", i ? ", " : "", set->uses[i].name);
  }
  return mth_fail(MTH_INVALID, at, "there is no parameter '%s', wanted one of %s", name ? name : "",
                  names);
}

static bool is_same_shape(const DLTensor *a, const DLTensor *b) {
  if (a->ndim != b->ndim || (b->ndim > 0 && !b->shape)) return false;
  for (int d = 0; d < a->ndim; ++d)
    if (a->shape[d] != b->shape[d]) return false;
  return true;
}

mth_status mth_parameters_set(const mth_parameters *set, const char *name, const DLTensor *value) {
  const mth_location at = {set->sink, "parameters"};
  const DLTensor *tensor = name ? mth_parameters_find(set, name) : NULL;
  char wanted[512], found[512];
  size_t bytes = 0;
  if (!tensor) return fail_no_parameter(set, name, at);
  const mth_dtype dtype = mth_tensor_dtype(tensor);
  if (mth_tensor_dtype(value) != dtype || !is_same_shape(tensor, value))
    return mth_fail(MTH_INVALID, at, "'%s' is %s, found %s", name,
                    mth_tensor_describe(tensor, wanted, sizeof wanted),
                    mth_tensor_describe(value, found, sizeof found));
  (void)mth_shape_bytes(dtype, tensor->ndim, tensor->shape, &bytes); // it was allocated
  if (value->device.device_type != kDLCPU || !mth_tensor_is_contiguous(value) ||
      (!value->data && bytes))
    return mth_fail(MTH_INVALID, at, "'%s' wants contiguous elements in CPU memory", name);
  if (bytes) memmove(tensor->data, mth_tensor_data(value), bytes);
  return MTH_OK;
}

mth_status mth_parameters_bind(const mth_parameters *set, mth_call *call) {
  if (mth_call_get_program(call) != set->program)
    return mth_fail(MTH_INVALID, (mth_location){set->sink, "parameters"},
                    "the call is of another program '%s', wanted one of '%s'",
                    mth_program_get_desc(mth_call_get_program(call))->name,
                    mth_program_get_desc(set->program)->name);
  const mth_entry_desc *entry =
      &mth_program_get_desc(set->program)->entries[mth_call_get_entry_index(call)];
  for (int32_t p = 0; p < entry->port_count; ++p) {
    if (entry->ports[p].role == MTH_OUT) continue;
    const DLTensor *tensor = find_exactly(set, entry->ports[p].name);
    if (tensor) MTH_TRY(mth_call_bind_index(call, p, tensor));
  }
  return MTH_OK;
}
