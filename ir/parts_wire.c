// parts_wire.c: wiring keys that take several tensors (rule R3).
#include "ir/model_core.h"
#include "ir/parts_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const mth_wire *find_wire(const mth_wire *wires, size_t wire_count, const char *key) {
  for (size_t i = 0; i < wire_count; i++)
    if (wires[i].key && strcmp(wires[i].key, key) == 0) return &wires[i];
  return NULL;
}

static bool leads_to_list(const mth_model *parent, const mth_wire *wire) {
  const mth_connection *to = wire->kind == MTH_WIRE_CONNECTION ? wire->connection
                             : wire->kind == MTH_WIRE_NAME     ? mth_model_find(parent, wire->name)
                                                               : NULL;
  return to && mth_connection_is_list(to);
}

mth_status mth_parts_find(mth_model *model, const char *key, mth_connection **out_part) {
  const char *digits = strrchr(key, '_');
  char name[256];
  *out_part = NULL;
  if (!digits || !digits[1] || mth_model_find(model, key)) return MTH_OK;
  if (strspn(digits + 1, "0123456789") != strlen(digits + 1) || strlen(digits) > 6) return MTH_OK;
  snprintf(name, sizeof name, "%.*s", (int)(digits - key), key);
  mth_connection *list = mth_model_find(model, name);
  if (!list || !mth_connection_is_list(list)) return MTH_OK;
  MTH_TRY(mth_parts_get(list, strtoul(digits + 1, NULL, 10), out_part));
  const char *interned = mth_names_intern(&model->context->names, key);
  return interned && (*out_part)->key == interned ? MTH_OK
                                                  : mth_connection_rename_inside(*out_part, key);
}

mth_status mth_parts_close(mth_model *op, size_t count, size_t *out_first) {
  mth_journal *journal = &op->context->journal;
  mth_connection *list = mth_model_find(op, mth_op_model_list_key(op));
  if (list) { // arguments are no connections of a list
    MTH_TRY(mth_list_remove(&op->connections, journal, list));
    MTH_TRY(mth_list_remove(&op->canonical_inputs, journal, list));
    MTH_TRY(mth_connection_forget(list));
  }
  return mth_op_model_spread(op, count, out_first);
}

mth_status mth_parts_wire(mth_model *parent, mth_model *child, const mth_wire *wires,
                          size_t wire_count, mth_wire **out_wires, size_t *out_count) {
  char where[256];
  const char *key = mth_op_model_list_key(child);
  const mth_wire *list = find_wire(wires, wire_count, key);
  mth_connection *known = NULL;
  for (size_t i = 0; !list && i < wire_count; i++) // a misspelled key is told as such
    if (wires[i].key) MTH_TRY(mth_model_get(child, wires[i].key, &known));
  if (!list)
    return mth_fail(MTH_INVALID, mth_model_at(child, where, sizeof where),
                    "'%s' takes several tensors: wire it to a list", key);
  const size_t part_count = list->kind == MTH_WIRE_LIST ? list->part_count : 1;
  const mth_wire *parts = list->kind == MTH_WIRE_LIST ? list->parts : list;
  size_t count = 0, first = 0;
  mth_wire *made = mth_allocate(parent->context->allocator, wire_count + part_count, sizeof *made);
  if (!made) return MTH_NO_MEMORY;
  *out_wires = made;
  if (leads_to_list(parent, list)) {
    memcpy(made, wires, wire_count * sizeof *made);
    *out_count = wire_count;
    return mth_parts_wait(child);
  }
  MTH_TRY(mth_parts_close(child, part_count, &first));
  for (size_t i = 0; i < wire_count; i++)
    if (&wires[i] != list) made[count++] = wires[i];
  for (size_t i = 0; i < part_count; i++) {
    made[count] = parts[i];
    made[count++].key = ((mth_connection *)child->connections.items[first + i])->key;
  }
  *out_count = count;
  return MTH_OK;
}
