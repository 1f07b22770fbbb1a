// random_shapes.c: shapes of programs.
//
// One copy of the model is told shapes until each input has numbers. Another is compiled for these
// shapes; its ports must have those that the first copy inferred.
#include "test/programs/random_shapes.h"

#include "ir/model_core.h"

#include <stdlib.h>
#include <string.h>

enum { most_inputs = 64, most_rank = 8 };

// What a program is compiled for.
typedef struct told {
  mth_entry_shape shapes[most_inputs];
  mth_extent extents[most_inputs][most_rank];
  size_t count;
  bool has_symbols; // declared ones stay
} told;

// An unknown dim becomes a number that the model takes. False: none does.
static bool tell_dim(mth_connection *key, int32_t axis, draws *d) {
  mth_extent extents[most_rank];
  const int32_t rank = mth_connection_rank(key);
  const int start = draw(d, 4);
  for (int32_t i = 0; i < rank; i++)
    extents[i] = MTH_ANY;
  for (int i = 0; i < 5; i++) {
    extents[axis] = MTH_N(i == 4 ? 12 : 1 + (start + i) % 4);
    if (mth_connection_set_shape(key, (mth_shape){(size_t)rank, extents}) == MTH_OK) return true;
  }
  return false;
}

static bool tell_rank(mth_connection *key, draws *d) {
  const mth_extent extents[] = {MTH_ANY, MTH_ANY, MTH_ANY, MTH_ANY};
  const int start = draw(d, 4);
  for (int i = 0; i < 5; i++)
    if (mth_connection_set_shape(key, (mth_shape){(size_t)((start + i) % 5), extents}) == MTH_OK)
      return true;
  return false;
}

static bool is_open(const mth_dim *dim) {
  if (mth_dim_is_symbol(dim)) return mth_dim_name(dim)[0] == '?';
  for (size_t i = 0; i < mth_dim_operand_count(dim); i++)
    if (is_open(mth_dim_operand(dim, i))) return true;
  return false;
}

// False: something is unknown and can not be told.
static bool tell_input(mth_connection *key, draws *d) {
  if (!(mth_connection_families(key) & MTH_FAMILY_FLOAT)) {
    if (mth_connection_set_families(key, MTH_FAMILY_INT) != MTH_OK &&
        mth_connection_set_families(key, MTH_FAMILY_BOOL) != MTH_OK)
      return false;
  } else if (mth_connection_set_families(key, MTH_FAMILY_FLOAT) != MTH_OK) {
    return false;
  }
  if (mth_connection_rank(key) < 0 && !tell_rank(key, d)) return false;
  if (mth_connection_rank(key) > most_rank) return false;
  for (int32_t i = 0; i < mth_connection_rank(key); i++) {
    const mth_dim *dim = NULL;
    if (mth_connection_dim(key, i, &dim) != MTH_OK) return false;
    if (is_open(dim) && !tell_dim(key, i, d)) return false;
  }
  return true;
}

static bool note_input(told *t, const mth_physical_key *key) {
  const int32_t rank = mth_connection_rank(key->connection);
  if (t->count == most_inputs) return false;
  for (int32_t i = 0; i < rank; i++) {
    const mth_dim *dim = NULL;
    if (mth_connection_dim(key->connection, i, &dim) != MTH_OK) return false;
    t->extents[t->count][i] = MTH_OF(dim);
    t->has_symbols |= !mth_dim_is_constant(dim, NULL);
  }
  t->shapes[t->count] = (mth_entry_shape){key->name, {(size_t)rank, t->extents[t->count]}};
  t->count++;
  return true;
}

static bool is_fixed(const mth_connection *key) {
  return mth_connection_constant(key) || mth_connection_value(key);
}

static bool is_told(const mth_physical_key *key) {
  return key->is_input && !is_fixed(key->connection) &&
         (key->role == MTH_ROLE_TRAINABLE || key->role == MTH_ROLE_DATA);
}

static bool tell_all(const mth_physical_model *p, draws *d, told *t) {
  for (size_t i = 0; i < mth_physical_key_count(p); i++) {
    const mth_physical_key *key = mth_physical_key_at(p, i);
    if (is_told(key) && (!key->is_tensor || !tell_input(key->connection, d))) return false;
  }
  for (size_t i = 0; i < mth_physical_key_count(p); i++) {
    const mth_physical_key *key = mth_physical_key_at(p, i);
    if (is_told(key) && !note_input(t, key)) return false;
  }
  return true;
}

// A port's shape and what the model says of its key. Symbols are one there and any here.
static bool same_shape(const mth_port_desc *port, mth_connection *key) {
  if (mth_connection_rank(key) != port->rank) return false;
  for (int32_t i = 0; i < port->rank; i++) {
    const mth_dim *dim = NULL;
    int64_t value = -1;
    if (mth_connection_dim(key, i, &dim) != MTH_OK) return false;
    if (mth_dim_is_constant(dim, &value) ? port->dims[i] != value : port->dims[i] >= 0)
      return false;
  }
  return true;
}

static bool is_known(const mth_connection *key, const mth_dim *dim) {
  const mth_dim *known =
      mth_solver_simplify(mth_model_context(mth_connection_model(key))->solver, dim);
  return known && mth_dim_is_constant(known, NULL);
}

// A port has no numbers where a dim is a symbol, or how a parameter starts depends on a dim of
// another that the program does without.
static bool is_open_port(mth_connection *key) {
  const mth_dim *dim = NULL;
  const mth_initializer *start = mth_connection_initializer(key);
  if (start && start->fan && !is_known(key, start->fan)) return true;
  for (int32_t i = 0; i < mth_connection_rank(key); i++)
    if (mth_connection_dim(key, i, &dim) != MTH_OK || !mth_dim_is_constant(dim, NULL)) return true;
  return false;
}

static bool check_ports(const mth_entry_desc *entry, const mth_physical_model *p, bool is_outline,
                        mth_text *failure) {
  for (int32_t i = 0; i < entry->port_count; i++) {
    const mth_port_desc *port = &entry->ports[i];
    const mth_physical_key *key = mth_physical_find(p, port->name);
    mth_connection *at = key ? key->connection : NULL;
    if (at && port->rank < 0 && is_open_port(at)) continue;
    if (at && same_shape(port, at)) continue;
    char text[256];
    mth_text_add(failure, "port '%s' is %s in the %s, inferred is ", port->name,
                 port->rank < 0 ? "of unknown shape"
                                : mth_port_describe(entry, i, text, sizeof text),
                 is_outline ? "outline" : "program");
    if (at) mth_connection_shape_text(at, failure);
    mth_text_add(failure, "\n");
    return false;
  }
  return true;
}

// Runs it with zeros; symbols are 3.
static bool run(mth_program *program, mth_text *failure) {
  enum { most_ports = 80, extent = 3 };
  const mth_entry_desc *entry = &mth_program_get_desc(program)->entries[0];
  DLTensor tensors[most_ports];
  int64_t shapes[most_ports][most_rank];
  void *data[most_ports] = {NULL};
  mth_call *call = NULL;
  bool is_open = false;
  mth_diagnostic seen = {0};
  const mth_sink sink = mth_sink_keep_first(&seen);
  const mth_call_options options = {.struct_bytes = sizeof options, .sink = &sink};
  bool holds = mth_call_create(program, entry->name, &options, &call) == MTH_OK;
  for (int32_t i = 0; holds && i < entry->port_count && i < most_ports; i++) {
    const mth_port_desc *port = &entry->ports[i];
    size_t count = 1;
    if (port->role == MTH_OUT) continue;
    if (port->rank < 0 || port->dtype == MTH_DTYPE_NONE) break; // open
    for (int32_t k = 0; k < port->rank; k++) {
      shapes[i][k] = port->dims[k] >= 0 ? port->dims[k] : extent;
      count *= (size_t)shapes[i][k];
    }
    data[i] = calloc(count + 1, 8);
    tensors[i] = mth_tensor_make((mth_dtype)port->dtype, port->rank, shapes[i], data[i]);
    holds = data[i] && mth_call_bind_index(call, i, &tensors[i]) == MTH_OK;
  }
  for (int32_t i = 0; i < entry->port_count; i++)
    if (entry->ports[i].rank < 0 || entry->ports[i].dtype == MTH_DTYPE_NONE ||
        entry->port_count > most_ports)
      is_open = true;
  holds = holds && (is_open || mth_call_run(call) == MTH_OK);
  if (!holds) mth_text_add(failure, "does not run: %s: %s\n", seen.where, seen.message);
  mth_call_destroy(call);
  for (int i = 0; i < most_ports; i++)
    free(data[i]);
  return holds;
}

static bool check_program(mth_model *model, const told *t, const mth_physical_model *p, bool runs,
                          mth_arena *arena, random_counts *counts, mth_text *failure) {
  const mth_entry_request entry = {
      .name = "evaluate", .shapes = t->shapes, .shape_count = t->count};
  const mth_write_options writing = {
      .struct_bytes = sizeof writing, .entries = &entry, .entry_count = 1};
  const mth_compile_options compiling = {
      .struct_bytes = sizeof compiling, .entries = &entry, .entry_count = 1};
  mth_outline outline = {0};
  mth_program *program = NULL;
  const mth_diagnostic *report = mth_context_diagnostic(mth_model_context(model));
  mth_status status = mth_write_outline(model, &writing, arena, &outline);
  bool holds = status == MTH_OK && check_ports(&outline.desc->entries[0], p, true, failure);
  if (holds && runs) {
    status = mth_compile(model, &compiling, &program);
    holds = status == MTH_OK &&
            check_ports(&mth_program_get_desc(program)->entries[0], p, false, failure) &&
            run(program, failure);
  }
  if (status == MTH_UNSUPPORTED) {
    holds = true; // and reported
    counts->uncompiled++;
  } else if (status == MTH_INVALID && t->has_symbols && strchr(report->message, 'T')) {
    holds = true; // a symbol may still be 1, or 6, to a model, but not to a program
    counts->uncompiled++;
  } else if (status != MTH_OK) {
    mth_text_add(failure, "not compiled: %s: %s\n", report->where, report->message);
  }
  mth_program_destroy(program);
  return holds;
}

bool check_compiled_shapes(const mth_model *model, draws *d, bool runs, random_counts *counts,
                           mth_text *failure) {
  mth_model *shaped = NULL, *compiled = NULL;
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_physical_options options = {.struct_bytes = sizeof options};
  const mth_physical_model *p = NULL;
  told t = {.count = 0};
  bool holds =
      mth_model_copy(model, &shaped) == MTH_OK && mth_model_copy(model, &compiled) == MTH_OK;
  const bool is_ready =
      holds && mth_physical_model_create(shaped, &options, &arena, &p) == MTH_OK &&
      tell_all(p, d, &t) && mth_physical_model_create(shaped, &options, &arena, &p) == MTH_OK;
  if (!is_ready) counts->uncompiled++;
  if (is_ready) {
    holds = check_program(compiled, &t, p, runs, &arena, counts, failure);
    counts->compiled++;
    counts->run += runs;
  }
  mth_model_destroy(shaped);
  mth_model_destroy(compiled);
  mth_arena_reset(&arena);
  return holds;
}
