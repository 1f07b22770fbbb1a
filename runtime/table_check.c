// table_check.c: checks of a program's table.
#include "runtime/table_check.h"
#include "runtime/dlpack.h"

#include <inttypes.h>
#include <string.h>

// A role's place among the ports: in, then state, then out.
static int role_place(int32_t role) { return role == MTH_IN ? 0 : role == MTH_STATE ? 1 : 2; }

static const char *role_name(int32_t role) {
  return role == MTH_IN ? "in" : role == MTH_STATE ? "state" : "out";
}

static mth_status check_port(const mth_entry_desc *entry, int32_t index, bool is_late,
                             mth_location at) {
  const mth_port_desc *port = &entry->ports[index];
  if (!port->name || !*port->name)
    return mth_fail(MTH_INVALID, at, "port %d of entry '%s' has no name", index, entry->name);
  if (port->role < MTH_IN || port->role > MTH_STATE)
    return mth_fail(MTH_INVALID, at, "port '%s' of entry '%s' has role %d, wanted %d to %d",
                    port->name, entry->name, port->role, MTH_IN, MTH_STATE);
  if (index > 0 && role_place(port->role) < role_place(port[-1].role))
    return mth_fail(MTH_INVALID, at,
                    "port '%s' of entry '%s' is %s after one that is %s, wanted in, state, out",
                    port->name, entry->name, role_name(port->role), role_name(port[-1].role));
  const bool may_lack_dtype = is_late && port->dtype == MTH_DTYPE_NONE;
  if (!may_lack_dtype && !mth_dtype_get((mth_dtype)port->dtype))
    return mth_fail(MTH_INVALID, at, "port '%s' of entry '%s' has unknown dtype %d", port->name,
                    entry->name, port->dtype);
  if (port->init.kind < MTH_INIT_NONE || port->init.kind > MTH_INIT_NORMAL)
    return mth_fail(MTH_INVALID, at, "port '%s' of entry '%s' has unknown init %d", port->name,
                    entry->name, port->init.kind);
  if (port->rank < (is_late ? -1 : 0) || port->rank > MTH_TENSOR_MAX_RANK)
    return mth_fail(MTH_INVALID, at, "port '%s' of entry '%s' has rank %d, wanted 0 to %d",
                    port->name, entry->name, port->rank, MTH_TENSOR_MAX_RANK);
  if (port->rank > 0 && !port->dims)
    return mth_fail(MTH_INVALID, at, "port '%s' of entry '%s' has no dims", port->name,
                    entry->name);
  for (int32_t d = 0; d < port->rank; ++d)
    if (port->dims[d] < -(int64_t)entry->computed_count)
      return mth_fail(MTH_INVALID, at,
                      "port '%s' dim %d of entry '%s' is computed dim %" PRId64 " of %d",
                      port->name, d, entry->name, -1 - port->dims[d], entry->computed_count);
  return MTH_OK;
}

static mth_status check_symbol(const mth_entry_desc *entry, int32_t index, mth_location at) {
  const mth_symbol_desc *symbol = &entry->symbols[index];
  if (!symbol->name)
    return mth_fail(MTH_INVALID, at, "symbol %d of entry '%s' has no name", index, entry->name);
  if (symbol->port < 0 || symbol->port >= entry->port_count)
    return mth_fail(MTH_INVALID, at, "symbol '%s' of entry '%s' is read from port %d of %d",
                    symbol->name, entry->name, symbol->port, entry->port_count);
  const mth_port_desc *port = &entry->ports[symbol->port];
  if (port->role == MTH_OUT)
    return mth_fail(MTH_INVALID, at, "symbol '%s' of entry '%s' is read from '%s', which is out",
                    symbol->name, entry->name, port->name);
  if (symbol->dim < 0 || symbol->dim >= port->rank)
    return mth_fail(MTH_INVALID, at, "symbol '%s' of entry '%s' is dim %d of '%s', which has %d",
                    symbol->name, entry->name, symbol->dim, port->name, port->rank);
  return MTH_OK;
}

static mth_status check_launch(const mth_entry_desc *entry, int32_t index, mth_location at) {
  const mth_launch_desc *launch = entry->launches[index];
  if (!launch || !launch->run || !launch->kernel)
    return mth_fail(MTH_INVALID, at, "launch %d of entry '%s' has no kernel", index, entry->name);
  if (launch->index != index)
    return mth_fail(MTH_INVALID, at, "launch %d of entry '%s' has index %d", index, entry->name,
                    launch->index);
  if (launch->grid_rank < 1 || launch->grid_rank > MTH_GRID_RANK)
    return mth_fail(MTH_INVALID, at, "launch %d of entry '%s' has grid rank %d, wanted 1 to %d",
                    index, entry->name, launch->grid_rank, MTH_GRID_RANK);
  for (int32_t d = 0; d < launch->grid_rank; ++d)
    if (launch->block[d] < 1)
      return mth_fail(MTH_INVALID, at,
                      "launch %d of entry '%s' has block %" PRId64 " in grid dim %d, wanted 1 up",
                      index, entry->name, launch->block[d], d);
  return MTH_OK;
}

static mth_status check_entry(const mth_program_desc *desc, int32_t index, bool allows_late,
                              mth_location at) {
  const mth_entry_desc *entry = &desc->entries[index];
  if (!entry->name || !*entry->name)
    return mth_fail(MTH_INVALID, at, "entry %d has no name", index);
  for (int32_t i = 0; i < index; ++i)
    if (strcmp(desc->entries[i].name, entry->name) == 0)
      return mth_fail(MTH_INVALID, at, "two entries are named '%s'", entry->name);
  const bool is_late = !entry->run;
  if (is_late && !allows_late)
    return mth_fail(MTH_INVALID, at, "entry '%s' has no code", entry->name);
  if (!is_late && !entry->sizes)
    return mth_fail(MTH_INVALID, at, "entry '%s' has no sizes", entry->name);
  if (entry->port_count < 0 || entry->symbol_count < 0 || entry->computed_count < 0 ||
      entry->launch_count < 0 || (entry->port_count && !entry->ports) ||
      (entry->symbol_count && !entry->symbols) || (entry->launch_count && !entry->launches) ||
      (entry->computed_count && !entry->computed))
    return mth_fail(MTH_INVALID, at, "entry '%s' has a count without its rows", entry->name);
  for (int32_t i = 0; i < entry->port_count; ++i)
    MTH_TRY(check_port(entry, i, is_late, at));
  for (int32_t i = 0; i < entry->symbol_count; ++i)
    MTH_TRY(check_symbol(entry, i, at));
  for (int32_t i = 0; i < entry->launch_count; ++i)
    MTH_TRY(check_launch(entry, i, at));
  return MTH_OK;
}

mth_status mth_table_check(const mth_program_desc *desc, bool allows_late, mth_location at) {
  if (!desc) return mth_fail(MTH_INVALID, at, "there is no table");
  if (desc->abi != MTH_PROGRAM_ABI)
    return mth_fail(MTH_INVALID, at, "the table is of ABI %d, wanted %d: compile it again",
                    desc->abi, MTH_PROGRAM_ABI);
  if (!desc->name) return mth_fail(MTH_INVALID, at, "the program has no name");
  if (desc->entry_count < 1 || !desc->entries)
    return mth_fail(MTH_INVALID, at, "program '%s' has no entries", desc->name);
  for (int32_t i = 0; i < desc->entry_count; ++i)
    MTH_TRY(check_entry(desc, i, allows_late, at));
  return MTH_OK;
}

mth_status mth_table_check_specialised(const mth_entry_desc *outline, const mth_program_desc *desc,
                                       mth_location at, const mth_entry_desc **out_entry) {
  MTH_TRY(mth_table_check(desc, false, at));
  const mth_entry_desc *entry = NULL;
  for (int32_t i = 0; i < desc->entry_count; ++i)
    if (strcmp(desc->entries[i].name, outline->name) == 0) entry = &desc->entries[i];
  if (!entry)
    return mth_fail(MTH_INVALID, at, "the specialised program has no entry '%s'", outline->name);
  if (entry->port_count != outline->port_count)
    return mth_fail(MTH_INVALID, at, "the specialised entry has %d ports, wanted %d",
                    entry->port_count, outline->port_count);
  for (int32_t i = 0; i < entry->port_count; ++i) {
    const mth_port_desc *found = &entry->ports[i], *wanted = &outline->ports[i];
    if (strcmp(found->name, wanted->name) != 0 || found->role != wanted->role)
      return mth_fail(MTH_INVALID, at,
                      "port %d of the specialised entry is '%s' (%s), wanted '%s' (%s)", i,
                      found->name, role_name(found->role), wanted->name, role_name(wanted->role));
  }
  *out_entry = entry;
  return MTH_OK;
}
