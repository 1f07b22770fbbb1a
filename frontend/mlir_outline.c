// mlir_outline.c: noting ports.
#include "frontend/mlir_outline.h"

#include <string.h>

static bool names_state(const mth_mlir_outline *outline, const char *name) {
  for (const mth_mlir_outline_port *port = outline->first; port; port = port->next)
    if (port->desc.role == MTH_STATE && strcmp(port->desc.name, name) == 0) return true;
  return false;
}

// The extents as numbers; NULL if one is none, or without memory.
static const int64_t *known_dims(mth_arena *arena, const mth_type *type, bool *out_no_memory) {
  int64_t *dims = type->rank < 0 ? NULL : MTH_NEW_ARRAY(arena, int64_t, (size_t)type->rank);
  *out_no_memory = type->rank >= 0 && !dims;
  for (int32_t d = 0; dims && d < type->rank; ++d)
    if (!mth_dim_is_constant(type->dims[d], &dims[d])) return NULL;
  return dims;
}

mth_status mth_mlir_outline_add(mth_mlir_outline *outline, const char *name, mth_role role,
                                const mth_type *type, const mth_init *init) {
  if (role == MTH_OUT && names_state(outline, name)) return MTH_OK;
  mth_mlir_outline_port *port = MTH_NEW(outline->arena, mth_mlir_outline_port);
  bool no_memory;
  const int64_t *dims = known_dims(outline->arena, type, &no_memory);
  const char *copy = mth_arena_copy_text(outline->arena, name, strlen(name));
  if (!port || !copy || no_memory) return MTH_NO_MEMORY;
  port->desc = (mth_port_desc){.name = copy,
                               .role = (int32_t)role,
                               .dtype = (int32_t)type->dtype,
                               .rank = dims ? type->rank : -1,
                               .dims = dims};
  if (init) port->desc.init = *init;
  *(outline->last ? &outline->last->next : &outline->first) = port;
  outline->last = port;
  ++outline->port_count;
  return MTH_OK;
}

mth_status mth_mlir_outline_finish(mth_mlir_outline *outline, const char *name,
                                   mth_entry_desc *out_entry, bool *out_is_late) {
  static const mth_role order[] = {MTH_IN, MTH_STATE, MTH_OUT};
  mth_port_desc *ports = MTH_NEW_ARRAY(outline->arena, mth_port_desc, (size_t)outline->port_count);
  const char *copy = mth_arena_copy_text(outline->arena, name, strlen(name));
  if (!ports || !copy) return MTH_NO_MEMORY;
  int32_t count = 0;
  for (int k = 0; k < 3; ++k)
    for (const mth_mlir_outline_port *port = outline->first; port; port = port->next)
      if (port->desc.role == (int32_t)order[k]) ports[count++] = port->desc;
  *out_entry = (mth_entry_desc){.name = copy, .port_count = count, .ports = ports};
  *out_is_late = outline->is_late;
  *outline = (mth_mlir_outline){.arena = outline->arena};
  return MTH_OK;
}
