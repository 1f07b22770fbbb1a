// mlir_writer_entry.c: ports, and the entries that evaluate and differentiate.
#include "frontend/mlir_writer_entry.h"

#include "frontend/mlir_writer_text.h"
#include "ir/model_core.h"

#include <math.h>
#include <string.h>

// ---- text of an entry ---------------------------------------------------------------------------

static mth_status add_connection_type(const mth_mlir_entry *e, const mth_connection *connection) {
  mth_type type;
  MTH_TRY(mth_mlir_type_of(e->writer, connection, &type));
  mth_mlir_add_type(e->writer, &type);
  return MTH_OK;
}

// How a parameter starts. In an outline, one that depends on an unknown dim makes its type unknown.
static mth_status read_initializer(const mth_mlir_entry *e, const mth_connection *connection,
                                   mth_init *out_init, bool *out_is_known) {
  const mth_initializer *start = mth_connection_initializer(connection);
  char where[256];
  double divisor = 1;
  *out_is_known = true;
  if (!start || start->kind == MTH_INIT_NONE) return MTH_OK;
  if (start->fan) {
    int64_t fan = 0;
    const mth_dim *known = mth_context_resolve(e->writer->context, start->fan);
    if (!known) return MTH_NO_MEMORY;
    *out_is_known = mth_dim_is_constant(known, &fan) && fan >= 0;
    if (!*out_is_known && e->writer->outline) {
      e->writer->outline->is_late = true;
      fan = 1;
    } else if (!*out_is_known)
      return mth_fail(MTH_INVALID, mth_connection_at(connection, where, sizeof where),
                      "it starts with numbers divided by sqrt(%s), which is not known here",
                      mth_dim_text(mth_context_dims(e->writer->context), known));
    divisor = fan > 0 ? sqrt((double)fan) : INFINITY; // of no inputs: all start at 0
  }
  *out_init = (mth_init){(int32_t)start->kind, 0, start->a / divisor, start->b / divisor};
  return MTH_OK;
}

static void add_initializer(mth_text *text, const mth_init *init) {
  static const char *const kinds[] = {"", "constant", "uniform", "normal"};
  if (init->kind == MTH_INIT_NONE) return;
  mth_text_add(text, ", mithril.init = \"%s\", mithril.init_a = ", kinds[init->kind]);
  mth_mlir_number(text, MTH_F64, init->a);
  mth_text_add(text, " : f64, mithril.init_b = ");
  mth_mlir_number(text, MTH_F64, init->b);
  mth_text_add(text, " : f64");
}

static mth_status note_port(const mth_mlir_entry *e, const mth_mlir_port *port,
                            const mth_init *init, bool is_init_known) {
  mth_type type;
  if (port->noted)
    type = *port->noted;
  else
    MTH_TRY(mth_mlir_type_of(e->writer, port->connection, &type));
  if (!is_init_known) type.rank = -1;
  return mth_mlir_outline_add(e->writer->outline, port->name, port->is_state ? MTH_STATE : MTH_IN,
                              &type, init);
}

static mth_status note_result(const mth_mlir_entry *e, const char *name,
                              const mth_connection *connection) {
  mth_type type;
  if (!e->writer->outline) return MTH_OK;
  MTH_TRY(mth_mlir_type_of(e->writer, connection, &type));
  return mth_mlir_outline_add(e->writer->outline, name, MTH_OUT, &type, NULL);
}

mth_status mth_mlir_add_port(mth_mlir_entry *e, const mth_mlir_port *port, bool first) {
  mth_text *text = e->writer->text;
  mth_text_add(text, "%s%%%zu: ", first ? "" : ",\n      ", e->value_count++);
  if (port->type)
    mth_text_add(text, "%s", port->type);
  else
    MTH_TRY(add_connection_type(e, port->connection));
  mth_text_add(text, " {mithril.port = ");
  mth_mlir_string(text, port->name);
  if (port->is_state) mth_text_add(text, ", mithril.role = \"state\"");
  mth_init init = {0};
  bool is_init_known = true;
  MTH_TRY(read_initializer(e, port->connection, &init, &is_init_known));
  add_initializer(text, &init);
  mth_text_add(text, "}");
  return e->writer->outline ? note_port(e, port, &init, is_init_known) : MTH_OK;
}

static bool is_argument(const mth_mlir_signature *s, const mth_connection *connection) {
  for (size_t i = 0; i < s->argument_count; i++)
    if (s->arguments[i] == connection) return true;
  return false;
}

mth_status mth_mlir_add_input_ports(mth_mlir_entry *e) {
  const mth_mlir_signature *s = &e->signature;
  for (size_t i = 0; i < s->argument_count; i++) {
    const mth_mlir_port port = {
        .name = e->argument_names[i], .connection = s->arguments[i], .is_state = e->is_state[i]};
    MTH_TRY(mth_mlir_add_port(e, &port, e->value_count == 0));
  }
  for (size_t i = 0; !e->request->keeps_states && i < mth_physical_state_count(e->physical); i++) {
    const mth_physical_key *input = mth_physical_state_at(e->physical, i)->input;
    const mth_mlir_port port = {
        .name = input->name, .connection = input->connection, .is_state = true};
    if (!is_argument(s, input->connection))
      MTH_TRY(mth_mlir_add_port(e, &port, e->value_count == 0));
  }
  return MTH_OK;
}

mth_status mth_mlir_type_text(const mth_mlir_entry *e, const mth_connection *connection,
                              const char **out) {
  mth_text text = MTH_TEXT_INIT(e->writer->context->allocator);
  mth_type type;
  mth_status status = mth_mlir_type_of(e->writer, connection, &type);
  if (status == MTH_OK) {
    mth_mlir_type(&text, mth_context_dims(e->writer->context), &type);
    status = text.status;
  }
  *out = status == MTH_OK
             ? mth_arena_copy_text(e->writer->arena, mth_text_get(&text), text.byte_count)
             : NULL;
  mth_text_deinit(&text);
  return status != MTH_OK ? status : *out ? MTH_OK : MTH_NO_MEMORY;
}

// ---- evaluate -----------------------------------------------------------------------------------

mth_status mth_mlir_add_types(const mth_mlir_entry *e, mth_connection *const *connections,
                              size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (i) mth_text_add(e->writer->text, ", ");
    MTH_TRY(add_connection_type(e, connections[i]));
  }
  return MTH_OK;
}

static void add_values(const mth_mlir_entry *e, size_t first, size_t count) {
  for (size_t i = 0; i < count; i++)
    mth_text_add(e->writer->text, "%s%%%zu", i ? ", " : "", first + i);
}

// Result `index` of a value with `count` results.
static void add_result(const mth_mlir_entry *e, size_t value, size_t index, size_t count) {
  if (count == 1)
    mth_text_add(e->writer->text, "%%%zu", value);
  else
    mth_text_add(e->writer->text, "%%%zu#%zu", value, index);
}

mth_status mth_mlir_add_result_ports(const mth_mlir_entry *e) {
  const mth_mlir_signature *s = &e->signature;
  for (size_t i = 0; i < s->result_count; i++) {
    if (i) mth_text_add(e->writer->text, ", ");
    MTH_TRY(add_connection_type(e, s->results[i]));
    mth_text_add(e->writer->text, " {mithril.port = \"%s\"}", e->result_names[i]);
    MTH_TRY(note_result(e, e->result_names[i], s->results[i]));
  }
  return MTH_OK;
}

mth_status mth_mlir_add_evaluate(mth_mlir_entry *e) {
  const mth_mlir_signature *s = &e->signature;
  mth_text *text = e->writer->text;
  mth_text_add(text, "  mithril.entry @%s(", e->request->name);
  MTH_TRY(mth_mlir_add_input_ports(e));
  mth_text_add(text, ") -> (");
  MTH_TRY(mth_mlir_add_result_ports(e));
  const size_t result = e->value_count;
  mth_text_add(text, ") {\n    %%%zu", result);
  if (s->result_count > 1) mth_text_add(text, ":%zu", s->result_count);
  mth_text_add(text, " = mithril.instance @%s.model \"%s\" (", e->request->name,
               e->model->class_name);
  add_values(e, 0, s->argument_count);
  mth_text_add(text, ") : (");
  MTH_TRY(mth_mlir_add_types(e, s->arguments, s->argument_count));
  mth_text_add(text, ") -> (");
  MTH_TRY(mth_mlir_add_types(e, s->results, s->result_count));
  mth_text_add(text, ") loc(\"%s\")\n    mithril.return ", e->model->class_name);
  for (size_t i = 0; i < s->result_count; i++) {
    if (i) mth_text_add(text, ", ");
    add_result(e, result, i, s->result_count);
  }
  mth_text_add(text, " : ");
  MTH_TRY(mth_mlir_add_types(e, s->results, s->result_count));
  mth_text_add(text, "\n  }\n");
  return MTH_OK;
}

// ---- gradients ----------------------------------------------------------------------------------

size_t mth_mlir_trained_count(const mth_mlir_entry *e) {
  size_t count = 0;
  for (size_t i = 0; i < e->signature.argument_count; i++)
    count += e->trained[i];
  return count;
}

mth_status mth_mlir_add_gradient(mth_mlir_entry *e, size_t first_cotangent, size_t *out_value) {
  const mth_mlir_signature *s = &e->signature;
  mth_text *text = e->writer->text;
  size_t one = 0;
  if (e->loss < s->result_count) {
    one = e->value_count++;
    mth_text_add(text, "    %%%zu = mithril.constant dense<1.0> : ", one);
    MTH_TRY(add_connection_type(e, s->results[e->loss]));
    mth_text_add(text, " loc(\"%s\")\n", e->result_names[e->loss]);
  }
  *out_value = e->value_count++;
  mth_text_add(text, "    %%%zu:%zu = mithril.gradient @%s.model (", *out_value,
               s->result_count + mth_mlir_trained_count(e), e->request->name);
  add_values(e, 0, s->argument_count);
  mth_text_add(text, ") of [");
  size_t listed = 0;
  for (size_t i = 0; i < s->result_count; i++)
    if (e->has_cotangent[i]) mth_text_add(text, "%s%zu", listed++ ? ", " : "", i);
  mth_text_add(text, "] cotangents (");
  listed = 0;
  for (size_t i = 0, next = first_cotangent; i < s->result_count; i++)
    if (e->has_cotangent[i])
      mth_text_add(text, "%s%%%zu", listed++ ? ", " : "", i == e->loss ? one : next++);
  mth_text_add(text, ") wrt [");
  listed = 0;
  for (size_t i = 0; i < s->argument_count; i++)
    if (e->trained[i]) mth_text_add(text, "%s%zu", listed++ ? ", " : "", i);
  mth_text_add(text, "] : (");
  MTH_TRY(mth_mlir_add_types(e, s->arguments, s->argument_count));
  for (size_t i = 0; i < s->result_count; i++)
    if (e->has_cotangent[i]) {
      mth_text_add(text, ", ");
      MTH_TRY(add_connection_type(e, s->results[i]));
    }
  mth_text_add(text, ") -> (");
  MTH_TRY(mth_mlir_add_types(e, s->results, s->result_count));
  for (size_t i = 0; i < s->argument_count; i++)
    if (e->trained[i]) {
      mth_text_add(text, ", ");
      MTH_TRY(add_connection_type(e, s->arguments[i]));
    }
  mth_text_add(text, ") loc(\"%s\")\n", e->model->class_name);
  return MTH_OK;
}

mth_status mth_mlir_add_gradients(mth_mlir_entry *e) {
  const mth_mlir_signature *s = &e->signature;
  mth_text *text = e->writer->text;
  mth_text_add(text, "  mithril.entry @%s(", e->request->name);
  MTH_TRY(mth_mlir_add_input_ports(e));
  const size_t first_cotangent = e->value_count;
  for (size_t i = 0; i < s->result_count; i++) {
    if (!e->has_cotangent[i] || i == e->loss) continue;
    const char *name = mth_arena_format(e->writer->arena, "%s_gradient", e->result_names[i]);
    if (!name) return MTH_NO_MEMORY;
    const mth_mlir_port port = {.name = name, .connection = s->results[i]};
    MTH_TRY(mth_mlir_add_port(e, &port, false));
  }
  mth_text_add(text, ") -> (");
  MTH_TRY(mth_mlir_add_result_ports(e));
  for (size_t i = 0; i < s->argument_count; i++) {
    if (!e->trained[i]) continue;
    mth_text_add(text, ", ");
    MTH_TRY(add_connection_type(e, s->arguments[i]));
    const char *name = mth_arena_format(e->writer->arena, "%s_gradient", e->argument_names[i]);
    if (!name) return MTH_NO_MEMORY;
    mth_text_add(text, " {mithril.port = \"%s\"}", name);
    MTH_TRY(note_result(e, name, s->arguments[i]));
  }
  mth_text_add(text, ") {\n");
  size_t value = 0;
  MTH_TRY(mth_mlir_add_gradient(e, first_cotangent, &value));
  const size_t count = s->result_count + mth_mlir_trained_count(e);
  mth_text_add(text, "    mithril.return ");
  for (size_t i = 0; i < count; i++)
    mth_text_add(text, "%s%%%zu#%zu", i ? ", " : "", value, i);
  mth_text_add(text, " : ");
  MTH_TRY(mth_mlir_add_types(e, s->results, s->result_count));
  for (size_t i = 0; i < s->argument_count; i++)
    if (e->trained[i]) {
      mth_text_add(text, ", ");
      MTH_TRY(add_connection_type(e, s->arguments[i]));
    }
  mth_text_add(text, "\n  }\n");
  return MTH_OK;
}
