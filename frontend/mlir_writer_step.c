// mlir_writer_step.c: the entry that trains: loss, gradients, and an optimizer for each parameter.
//
// The optimizer is written once for each type of parameter, with the parameter's shape stated
// inside a change of its own. Arguments of the entry: the model's; a slot of each parameter; what
// all parameters share (step_count, learning_rate).
#include "frontend/mlir_writer_entry.h"
#include "frontend/mlir_writer_text.h"
#include "ir/model_core.h"

#include <string.h>

// An input of the optimizer other than the parameter and its gradient.
typedef struct slot {
  mth_connection *input, *output; // output NULL: not a state
  bool is_shared;                 // one for all parameters
  const char *type;               // of a shared one
  size_t argument;                // of a shared one: index among the entry's arguments
} slot;

// The optimizer's function for one type of parameter.
typedef struct rule {
  const char *symbol, *parameter_type;
  mth_mlir_signature signature;
  const char **argument_types, **result_types;
} rule;

typedef struct step {
  mth_mlir_entry *entry;
  const mth_model *optimizer;
  mth_connection *parameter, *gradient, *new_parameter;
  slot *slots;
  size_t slot_count, private_count; // slots of their own for each parameter come first
  rule *rules;                      // in the order of their types
  size_t rule_count;
  const rule **rule_of; // for each trained parameter
  size_t first_slot;    // value of the first slot of the first parameter
} step;

// ---- the optimizer's keys -----------------------------------------------------------------------

static mth_connection *find_successor(const mth_model *optimizer, const mth_connection *input) {
  char name[256];
  if (strlen(input->key) + 5 > sizeof name) return NULL;
  memcpy(name, "new_", 4);
  memcpy(name + 4, input->key, strlen(input->key) + 1);
  return mth_model_find(optimizer, name);
}

static mth_status find_slots(step *s) {
  const mth_model *optimizer = s->optimizer;
  s->slots = MTH_NEW_ARRAY(s->entry->writer->arena, slot, optimizer->connections.count);
  if (!s->slots) return MTH_NO_MEMORY;
  for (size_t shared = 0; shared < 2; shared++) {
    for (size_t i = 0; i < optimizer->connections.count; i++) {
      mth_connection *c = optimizer->connections.items[i];
      if (c == s->parameter || c == s->gradient || c->class_ != MTH_KEY_INPUT ||
          !mth_net_of(c)->is_tensor || mth_net_is_valued(c))
        continue;
      const slot found = {.input = c,
                          .output = find_successor(optimizer, c),
                          .is_shared =
                              strcmp(c->key, "step_count") == 0 || !find_successor(optimizer, c)};
      if (found.is_shared == (shared == 1)) s->slots[s->slot_count++] = found;
    }
    if (!shared) s->private_count = s->slot_count;
  }
  return MTH_OK;
}

static mth_status find_keys(step *s) {
  char where[256];
  if (s->optimizer->parent || s->optimizer->context != s->entry->writer->context)
    return mth_fail(MTH_INVALID, mth_model_at(s->optimizer, where, sizeof where),
                    "an optimizer must be a model of its own, of the same context");
  MTH_TRY(mth_model_get(s->optimizer, "parameter", &s->parameter));
  MTH_TRY(mth_model_get(s->optimizer, "gradient", &s->gradient));
  MTH_TRY(mth_model_get(s->optimizer, "new_parameter", &s->new_parameter));
  return find_slots(s);
}

// ---- its function for one type of parameter -----------------------------------------------------

static mth_status state_shape(const step *s, const mth_connection *parameter) {
  mth_mlir_writer *writer = s->entry->writer;
  mth_type type;
  MTH_TRY(mth_mlir_type_of(writer, parameter, &type));
  mth_extent *extents =
      MTH_NEW_ARRAY(writer->arena, mth_extent, type.rank < 0 ? 0 : (size_t)type.rank);
  if (!extents) return MTH_NO_MEMORY;
  for (int32_t i = 0; i < type.rank; i++)
    extents[i] = MTH_OF(type.dims[i]);
  const mth_shape shape = {type.rank < 0 ? 0 : (size_t)type.rank, extents};
  const mth_facts facts = {.shape = type.rank < 0 ? NULL : &shape, .families = MTH_FAMILY_FLOAT};
  const mth_facts shared = {.shape = &MTH_SCALAR_SHAPE, .families = MTH_FAMILY_FLOAT};
  MTH_TRY(mth_connection_state(s->parameter, &facts));
  MTH_TRY(mth_connection_state(s->gradient, &facts));
  MTH_TRY(mth_connection_state(s->new_parameter, &facts));
  for (size_t i = 0; i < s->slot_count; i++) {
    const slot *slot = &s->slots[i];
    MTH_TRY(mth_connection_state(slot->input, slot->is_shared ? &shared : &facts));
    if (slot->output)
      MTH_TRY(mth_connection_state(slot->output, slot->is_shared ? &shared : &facts));
  }
  return MTH_OK;
}

static mth_status keep_types(const mth_mlir_entry *e, mth_connection *const *connections,
                             size_t count, const char ***out_types) {
  const char **types = MTH_NEW_ARRAY(e->writer->arena, const char *, count);
  if (!types) return MTH_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    MTH_TRY(mth_mlir_type_text(e, connections[i], &types[i]));
  *out_types = types;
  return MTH_OK;
}

static mth_status write_rule(step *s, const mth_connection *parameter, rule *rule) {
  mth_mlir_entry *e = s->entry;
  mth_arena *arena = e->writer->arena;
  mth_connection **results = MTH_NEW_ARRAY(arena, mth_connection *, s->slot_count + 1);
  rule->symbol = mth_arena_format(arena, "%s.optimizer_%zu", e->request->name, s->rule_count);
  if (!results || !rule->symbol) return MTH_NO_MEMORY;
  MTH_TRY(state_shape(s, parameter));
  size_t count = 0;
  results[count++] = s->new_parameter;
  for (size_t i = 0; i < s->slot_count; i++)
    if (s->slots[i].output) results[count++] = s->slots[i].output;
  MTH_TRY(mth_mlir_write_model(e->writer, s->optimizer, rule->symbol, s->optimizer->class_name,
                               results, count, &rule->signature));
  MTH_TRY(keep_types(e, rule->signature.arguments, rule->signature.argument_count,
                     &rule->argument_types));
  MTH_TRY(keep_types(e, results, count, &rule->result_types));
  for (size_t i = 0; i < s->slot_count; i++)
    if (s->slots[i].is_shared) MTH_TRY(mth_mlir_type_text(e, s->slots[i].input, &s->slots[i].type));
  return MTH_OK;
}

static mth_status write_rules(step *s) {
  mth_mlir_entry *e = s->entry;
  const size_t trained = mth_mlir_trained_count(e);
  size_t index = 0;
  s->rules = MTH_NEW_ARRAY(e->writer->arena, rule, trained);
  s->rule_of = MTH_NEW_ARRAY(e->writer->arena, const rule *, trained);
  if (!s->rules || !s->rule_of) return MTH_NO_MEMORY;
  for (size_t i = 0; i < e->signature.argument_count; i++) {
    if (!e->trained[i]) continue;
    const char *type = NULL;
    size_t at = 0;
    MTH_TRY(mth_mlir_type_text(e, e->signature.arguments[i], &type));
    while (at < s->rule_count && strcmp(s->rules[at].parameter_type, type) != 0)
      at++;
    if (at == s->rule_count) {
      s->rules[at].parameter_type = type;
      const mth_change change = mth_change_begin(e->writer->context);
      const mth_status status = write_rule(s, e->signature.arguments[i], &s->rules[at]);
      mth_change_undo(change);
      MTH_TRY(status);
      s->rule_count++;
    }
    s->rule_of[index++] = &s->rules[at];
  }
  return MTH_OK;
}

// ---- the entry ----------------------------------------------------------------------------------

static mth_status add_arguments(step *s) {
  mth_mlir_entry *e = s->entry;
  mth_arena *arena = e->writer->arena;
  MTH_TRY(mth_mlir_add_input_ports(e));
  s->first_slot = e->value_count;
  for (size_t i = 0, index = 0; i < e->signature.argument_count; i++) {
    if (!e->trained[i]) continue;
    const char *type = s->rule_of[index++]->parameter_type;
    mth_type parameter_type;
    MTH_TRY(mth_mlir_type_of(e->writer, e->signature.arguments[i], &parameter_type));
    for (size_t j = 0; j < s->private_count; j++) {
      const mth_connection *input = s->slots[j].input;
      const mth_mlir_port port = {
          .name = mth_arena_format(arena, "%s_%s", e->argument_names[i], input->key),
          .connection = input,
          .is_state = true,
          .type = type,
          .noted = &parameter_type};
      if (!port.name) return MTH_NO_MEMORY;
      MTH_TRY(mth_mlir_add_port(e, &port, false));
    }
  }
  const mth_type shared_type = {.dtype = e->writer->float_dtype}; // state_shape says so
  for (size_t j = s->private_count; j < s->slot_count; j++) {
    slot *slot = &s->slots[j];
    const mth_mlir_port port = {.name = slot->input->key,
                                .connection = slot->input,
                                .is_state = slot->output != NULL,
                                .type = slot->type,
                                .noted = &shared_type};
    slot->argument = e->value_count;
    MTH_TRY(mth_mlir_add_port(e, &port, false));
  }
  return MTH_OK;
}

static mth_status add_results(const step *s) {
  const mth_mlir_entry *e = s->entry;
  mth_text *text = e->writer->text;
  MTH_TRY(mth_mlir_add_result_ports(e));
  for (size_t i = 0, index = 0; i < e->signature.argument_count; i++) {
    if (!e->trained[i]) continue;
    const char *type = s->rule_of[index++]->parameter_type;
    mth_text_add(text, ",\n      %s {mithril.port = \"%s\"}", type, e->argument_names[i]);
    for (size_t j = 0; j < s->private_count; j++)
      mth_text_add(text, ", %s {mithril.port = \"%s_%s\"}", type, e->argument_names[i],
                   s->slots[j].input->key);
  }
  for (size_t j = s->private_count; j < s->slot_count; j++)
    if (s->slots[j].output)
      mth_text_add(text, ", %s {mithril.port = \"%s\"}", s->slots[j].type, s->slots[j].input->key);
  return MTH_OK;
}

// What the optimizer of the index-th trained parameter, argument `argument`, takes as `input`.
static void add_operand(const step *s, const mth_connection *input, size_t argument, size_t index,
                        size_t gradient_value) {
  const mth_mlir_entry *e = s->entry;
  mth_text *text = e->writer->text;
  if (input == s->parameter) mth_text_add(text, "%%%zu", argument);
  if (input == s->gradient)
    mth_text_add(text, "%%%zu#%zu", gradient_value, e->signature.result_count + index);
  for (size_t j = 0; j < s->slot_count; j++)
    if (input == s->slots[j].input)
      mth_text_add(text, "%%%zu",
                   s->slots[j].is_shared ? s->slots[j].argument
                                         : s->first_slot + index * s->private_count + j);
}

static void add_update(step *s, size_t argument, size_t index, size_t gradient_value) {
  mth_mlir_entry *e = s->entry;
  mth_text *text = e->writer->text;
  const rule *rule = s->rule_of[index];
  const mth_mlir_signature *signature = &rule->signature;
  const size_t count = signature->result_count;
  mth_text_add(text, "    %%%zu", e->value_count++);
  if (count > 1) mth_text_add(text, ":%zu", count);
  mth_text_add(text, " = mithril.instance @%s \"%s.%s\" (", rule->symbol, s->optimizer->class_name,
               e->argument_names[argument]);
  for (size_t i = 0; i < signature->argument_count; i++) {
    if (i) mth_text_add(text, ", ");
    add_operand(s, signature->arguments[i], argument, index, gradient_value);
  }
  mth_text_add(text, ") : (");
  for (size_t i = 0; i < signature->argument_count; i++)
    mth_text_add(text, "%s%s", i ? ", " : "", rule->argument_types[i]);
  mth_text_add(text, ") -> (");
  for (size_t i = 0; i < count; i++)
    mth_text_add(text, "%s%s", i ? ", " : "", rule->result_types[i]);
  mth_text_add(text, ") loc(\"%s.%s\")\n", s->optimizer->class_name, e->argument_names[argument]);
}

// Returns the model's results, then for each parameter its new value and slots, then what is
// shared, from the last update.
static mth_status add_return(const step *s, size_t gradient_value, size_t first_update) {
  const mth_mlir_entry *e = s->entry;
  mth_text *text = e->writer->text;
  const size_t trained = mth_mlir_trained_count(e);
  const size_t count = s->rules[0].signature.result_count;
  mth_text_add(text, "    mithril.return ");
  for (size_t i = 0; i < e->signature.result_count; i++)
    mth_text_add(text, "%s%%%zu#%zu", i ? ", " : "", gradient_value, i);
  for (size_t i = 0; i < trained; i++)
    for (size_t j = 0; j < 1 + s->private_count; j++) {
      mth_text_add(text, ", %%%zu", first_update + i);
      if (count > 1) mth_text_add(text, "#%zu", j);
    }
  for (size_t j = 1 + s->private_count; j < count; j++)
    mth_text_add(text, ", %%%zu#%zu", first_update + trained - 1, j);
  mth_text_add(text, " : ");
  MTH_TRY(mth_mlir_add_types(e, e->signature.results, e->signature.result_count));
  for (size_t i = 0; i < trained; i++)
    for (size_t j = 0; j < 1 + s->private_count; j++)
      mth_text_add(text, ", %s", s->rule_of[i]->result_types[j]);
  for (size_t j = 1 + s->private_count; j < count; j++)
    mth_text_add(text, ", %s", s->rule_of[trained - 1]->result_types[j]);
  mth_text_add(text, "\n  }\n");
  return MTH_OK;
}

mth_status mth_mlir_add_step(mth_mlir_entry *e) {
  mth_text *text = e->writer->text;
  step s = {.entry = e, .optimizer = e->request->optimizer};
  MTH_TRY(find_keys(&s));
  MTH_TRY(write_rules(&s));
  mth_text_add(text, "  mithril.entry @%s(", e->request->name);
  MTH_TRY(add_arguments(&s));
  mth_text_add(text, ") -> (");
  MTH_TRY(add_results(&s));
  mth_text_add(text, ") {\n");
  size_t gradient_value = 0;
  MTH_TRY(mth_mlir_add_gradient(e, e->value_count, &gradient_value));
  const size_t first_update = e->value_count;
  for (size_t i = 0, index = 0; i < e->signature.argument_count; i++)
    if (e->trained[i]) add_update(&s, i, index++, gradient_value);
  return add_return(&s, gradient_value, first_update);
}
