// arguments.c: checks before a run.
//
// The way without an error is straight and short: a training step has hundreds of ports, and a
// small model runs in less time than a careless check. Whatever words a report are in functions of
// their own, called only when something is wrong.
#include "runtime/arguments.h"
#include "runtime/entries.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COLD __attribute__((cold, noinline))

// Reports that port `index` is wrong.
__attribute__((format(printf, 3, 4))) COLD static mth_status
fail(const mth_arguments *args, int32_t index, const char *format, ...) {
  if (!args->sink) return MTH_INVALID;
  char where[256], message[1024];
  snprintf(where, sizeof where, "entry '%s', port %d '%s'", args->entry->name, index,
           args->entry->ports[index].name);
  va_list rest;
  va_start(rest, format);
  vsnprintf(message, sizeof message, format, rest);
  va_end(rest);
  return mth_fail(MTH_INVALID, (mth_location){args->sink, where}, "%s", message);
}

COLD static mth_status fail_unbound(const mth_arguments *args, int32_t index) {
  char wanted[512];
  return fail(args, index, "nothing is bound, wanted %s",
              mth_port_describe(args->entry, index, wanted, sizeof wanted));
}

COLD static mth_status fail_type(const mth_arguments *args, int32_t index) {
  const DLTensor *tensor = args->bound[index];
  if (tensor->device.device_type != kDLCPU)
    return fail(args, index, "the tensor is on DLPack device type %d, wanted the CPU (%d)",
                tensor->device.device_type, kDLCPU);
  if (tensor->ndim > 0 && !tensor->shape)
    return fail(args, index, "the tensor has rank %d but no shape", tensor->ndim);
  char wanted[512], found[512];
  mth_port_describe(args->entry, index, wanted, sizeof wanted);
  mth_tensor_describe(tensor, found, sizeof found);
  if (mth_tensor_dtype(tensor) != (mth_dtype)args->entry->ports[index].dtype)
    return fail(args, index, "the element type differs: wanted %s, found %s", wanted, found);
  return fail(args, index, "wanted rank %d, found rank %d: wanted %s, found %s",
              args->entry->ports[index].rank, tensor->ndim, wanted, found);
}

COLD static mth_status fail_sizes(const mth_arguments *args) {
  char values[512] = "";
  for (int32_t s = 0; s < args->entry->symbol_count; ++s) {
    const size_t used = strlen(values);
    const char *name = args->entry->symbols[s].name;
    snprintf(values + used, sizeof values - used, "%s%s = %" PRId64, s ? ", " : "",
             *name ? name : "?", args->symbols[s]);
  }
  char where[256];
  snprintf(where, sizeof where, "entry '%s'", args->entry->name);
  return mth_fail(MTH_INVALID, (mth_location){args->sink, where},
                  "a size is negative or too large where %s", values);
}

COLD static mth_status fail_dim(const mth_arguments *args, int32_t index, int32_t d) {
  const mth_entry_desc *entry = args->entry;
  const int64_t wanted = entry->ports[index].dims[d], found = args->bound[index]->shape[d];
  if (found < 0) return fail(args, index, "dim %d is %" PRId64 ", wanted 0 or more", d, found);
  if (wanted >= 0)
    return fail(args, index, "dim %d is %" PRId64 ", wanted %" PRId64, d, found, wanted);
  const char *text = entry->computed[-1 - wanted];
  const int64_t value = args->sizes[2 + (-1 - wanted)];
  for (int32_t s = 0; s < entry->symbol_count; ++s) {
    const mth_symbol_desc *symbol = &entry->symbols[s];
    if (entry->ports[symbol->port].dims[symbol->dim] != wanted) continue;
    const char *other = entry->ports[symbol->port].name;
    if (*symbol->name)
      return fail(args, index,
                  "'%s' dim %d is %" PRId64 ", '%s' dim %d is %" PRId64 ", both are %s",
                  entry->ports[index].name, d, found, other, symbol->dim, value, symbol->name);
    return fail(args, index,
                "'%s' dim %d is %" PRId64 ", '%s' dim %d is %" PRId64 ", wanted both equal",
                entry->ports[index].name, d, found, other, symbol->dim, value);
  }
  return fail(args, index, "dim %d is %" PRId64 ", wanted %s = %" PRId64, d, found, text, value);
}

COLD static mth_status fail_data(const mth_arguments *args, int32_t index) {
  const DLTensor *tensor = args->bound[index];
  if (!tensor->data) return fail(args, index, "the tensor has no data");
  const mth_dtype_info *info = mth_dtype_get((mth_dtype)args->entry->ports[index].dtype);
  if ((uintptr_t)mth_tensor_data(tensor) % (info->bits / 8) != 0)
    return fail(args, index, "the data is not aligned to the %zu bytes of an %s", info->bits / 8,
                mth_dtype_name(info->dtype));
  char strides[512] = "";
  for (int i = 0; tensor->strides && i < tensor->ndim; ++i) {
    const size_t used = strlen(strides);
    snprintf(strides + used, sizeof strides - used, "%s%" PRId64, i ? ", " : "",
             tensor->strides[i]);
  }
  char found[512];
  if (!mth_tensor_is_contiguous(tensor))
    return fail(args, index, "wanted contiguous row-major elements, found strides [%s] for %s",
                strides, mth_tensor_describe(tensor, found, sizeof found));
  return fail(args, index, "%s reaches beyond the address space",
              mth_tensor_describe(tensor, found, sizeof found));
}

COLD static mth_status fail_shared(const mth_arguments *args, int32_t a, int32_t b) {
  const mth_entry_desc *entry = args->entry;
  // The one that is written is named first; of two, the one with the higher index.
  const bool a_is_written = entry->ports[a].role != MTH_IN;
  const bool b_is_written = entry->ports[b].role != MTH_IN;
  const bool a_first = a_is_written == b_is_written ? a > b : a_is_written;
  const int32_t written = a_first ? a : b, other = a_first ? b : a;
  return fail(args, written, "'%s' is written and shares memory with '%s'",
              entry->ports[written].name, entry->ports[other].name);
}

mth_status mth_arguments_check_bound(const mth_arguments *args) {
  for (int32_t i = 0; i < args->entry->port_count; ++i)
    if (!args->bound[i] && args->entry->ports[i].role != MTH_OUT) return fail_unbound(args, i);
  return MTH_OK;
}

int64_t mth_arguments_extent(const mth_arguments *args, int32_t port, int32_t dim) {
  const int64_t extent = args->entry->ports[port].dims[dim];
  return extent >= 0 ? extent : args->sizes[2 + (-1 - extent)];
}

static bool type_is_right(const mth_port_desc *port, const DLTensor *tensor) {
  const mth_dtype_info *info = mth_dtype_get((mth_dtype)port->dtype);
  return tensor->device.device_type == kDLCPU && tensor->ndim == port->rank &&
         tensor->dtype.code == info->dlpack_code && tensor->dtype.bits == info->dlpack_bits &&
         tensor->dtype.lanes == 1 && (tensor->ndim == 0 || tensor->shape);
}

mth_status mth_arguments_check_shapes(const mth_arguments *args) {
  const mth_entry_desc *entry = args->entry;
  for (int32_t i = 0; i < entry->port_count; ++i)
    if (args->bound[i] && !type_is_right(&entry->ports[i], args->bound[i]))
      return fail_type(args, i);
  for (int32_t s = 0; s < entry->symbol_count; ++s) {
    const mth_symbol_desc *symbol = &entry->symbols[s];
    if (!args->bound[symbol->port]) return fail_unbound(args, symbol->port);
    args->symbols[s] = args->bound[symbol->port]->shape[symbol->dim];
    if (args->symbols[s] < 0) return fail_dim(args, symbol->port, symbol->dim);
  }
  if (entry->sizes(args->symbols, args->sizes) != MTH_OK) return fail_sizes(args);
  for (int32_t i = 0; i < entry->port_count; ++i) {
    const DLTensor *tensor = args->bound[i];
    for (int32_t d = 0; tensor && d < tensor->ndim; ++d)
      if (tensor->shape[d] != mth_arguments_extent(args, i, d)) return fail_dim(args, i, d);
  }
  return MTH_OK;
}

// Where a bound tensor lies. False if it cannot be used.
static bool read_extent(const mth_port_desc *port, const DLTensor *tensor, mth_extent *out) {
  size_t bytes;
  if (!mth_shape_bytes((mth_dtype)port->dtype, tensor->ndim, tensor->shape, &bytes)) return false;
  *out = (mth_extent){0, 0};
  if (bytes == 0) return true;
  const size_t element_bytes = mth_dtype_get((mth_dtype)port->dtype)->bits / 8;
  const uintptr_t begin = (uintptr_t)mth_tensor_data(tensor);
  if (!tensor->data || begin % element_bytes != 0 || !mth_tensor_is_contiguous(tensor))
    return false;
  *out = (mth_extent){begin, begin + bytes};
  return out->end > begin;
}

mth_status mth_arguments_check_data(const mth_arguments *args) {
  const mth_entry_desc *entry = args->entry;
  for (int32_t i = 0; i < entry->port_count; ++i) {
    args->extents[i] = (mth_extent){0, 0};
    if (!args->bound[i]) continue;
    if (!read_extent(&entry->ports[i], args->bound[i], &args->extents[i]))
      return fail_data(args, i);
    if (args->extents[i].begin < args->owned.end && args->owned.begin < args->extents[i].end)
      return fail(args, i,
                  "the tensor lies in memory of the call itself, an output that it lent: bind a "
                  "tensor of your own to that output");
  }
  // Addresses seldom change, so the order of the last run is nearly right: insertion sort is
  // linear then.
  for (int32_t i = 1; i < entry->port_count; ++i) {
    const int32_t port = args->order[i];
    int32_t at = i;
    for (; at > 0 && args->extents[args->order[at - 1]].begin > args->extents[port].begin; --at)
      args->order[at] = args->order[at - 1];
    args->order[at] = port;
  }
  // Of the ports so far, the one that reaches furthest, and the written one that does. Empty
  // extents come first, at 0, and reach nothing.
  int32_t furthest = -1, furthest_written = -1;
  for (int32_t i = 0; i < entry->port_count; ++i) {
    const int32_t port = args->order[i];
    const mth_extent extent = args->extents[port];
    const bool is_written = entry->ports[port].role != MTH_IN;
    const int32_t rival = is_written ? furthest : furthest_written;
    if (rival >= 0 && extent.begin < args->extents[rival].end)
      return fail_shared(args, port, rival);
    if (furthest < 0 || extent.end > args->extents[furthest].end) furthest = port;
    if (is_written && (furthest_written < 0 || extent.end > args->extents[furthest_written].end))
      furthest_written = port;
  }
  return MTH_OK;
}
