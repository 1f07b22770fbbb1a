// functional.c: applying models to connections, making models of connections.
#include "ir/functional.h"

#include "ir/given.h"
#include "ir/graph.h"
#include "ir/measured.h"
#include "ir/model_core.h"

// ---- free inputs --------------------------------------------------------------------------------

static mth_status start(mth_context *context, const char *name, const mth_facts *facts,
                        mth_connection **out_connection) {
  mth_model *model = NULL;
  MTH_TRY(mth_model_create(context, NULL, &model));
  mth_status status = mth_model_add_input(model, name, facts, out_connection);
  if (status == MTH_OK) status = mth_list_push(&context->free_models, &context->journal, model);
  if (status == MTH_OK)
    model->is_free = true;
  else
    mth_model_destroy(model);
  return status;
}

mth_connection *mth_free_input(mth_context *context, const char *name, const mth_facts *facts) {
  mth_connection *made = NULL;
  return context && start(context, name, facts, &made) == MTH_OK ? made : NULL;
}

mth_connection *mth_input_beside(mth_connection *beside, const char *name, const mth_facts *facts) {
  mth_connection *made = NULL;
  mth_model *owner = beside ? mth_outermost(beside->model) : NULL;
  if (!owner || owner->failure != MTH_OK) return NULL;
  owner->failure = mth_model_add_input(owner, name, facts, &made);
  return made;
}

// ---- applying -----------------------------------------------------------------------------------

static mth_model *find_owner(const mth_wire *wires, size_t wire_count) {
  for (size_t i = 0; i < wire_count; i++) {
    mth_model *owner = NULL;
    if (wires[i].kind == MTH_WIRE_CONNECTION && wires[i].connection)
      owner = mth_outermost(wires[i].connection->model);
    if (wires[i].kind == MTH_WIRE_LIST) owner = find_owner(wires[i].parts, wires[i].part_count);
    if (owner) return owner;
  }
  return NULL;
}

// Adds the child, which is destroyed after a failure, with its outputs found before.
static mth_status apply(mth_model *owner, mth_model *child, const char *name, const mth_wire *wires,
                        size_t wire_count, size_t key_count, const char *const *keys,
                        mth_connection **out_connections) {
  mth_status status = owner->failure;
  if (status == MTH_OK && !child) status = mth_model_add(owner, NULL, name, wires, wire_count);
  if (status == MTH_OK && !keys) status = mth_model_canonical_output(child, &out_connections[0]);
  for (size_t i = 0; keys && i < key_count && status == MTH_OK; i++)
    status = mth_model_get(child, keys[i], &out_connections[i]);
  if (status == MTH_OK) status = mth_model_add(owner, child, name, wires, wire_count);
  if (status == MTH_OK) return MTH_OK;
  mth_model_destroy(child);
  for (size_t i = 0; i < key_count; i++)
    out_connections[i] = NULL;
  return status;
}

static void apply_or_keep(mth_model *child, const char *name, const mth_wire *wires,
                          size_t wire_count, size_t key_count, const char *const *keys,
                          mth_connection **out_connections) {
  if (!wires) wire_count = 0; // then no wire is a connection
  mth_model *owner = find_owner(wires, wire_count);
  for (size_t i = 0; i < key_count; i++)
    out_connections[i] = NULL;
  if (owner)
    owner->failure = apply(owner, child, name, wires, wire_count, key_count, keys, out_connections);
  else if (child) {
    char where[256];
    bool has_null = false; // what failed before was reported
    for (size_t i = 0; i < wire_count; i++)
      has_null |= wires[i].kind == MTH_WIRE_CONNECTION;
    if (!has_null)
      (void)mth_fail(MTH_INVALID, mth_model_at(child, where, sizeof where),
                     "it can not be applied: no wire is a connection");
    mth_model_destroy(child);
  }
}

mth_connection *mth_apply(mth_model *child, const char *name, const mth_wire *wires,
                          size_t wire_count) {
  mth_connection *made = NULL;
  apply_or_keep(child, name, wires, wire_count, 1, NULL, &made);
  return made;
}

mth_connection *mth_apply_to(mth_model *child, mth_connection *x) {
  mth_connection *input = NULL;
  mth_model *owner = x ? mth_outermost(x->model) : NULL;
  if (owner && owner->failure == MTH_OK) owner->failure = mth_model_canonical_input(child, &input);
  if (!input) {
    mth_model_destroy(child);
    return NULL;
  }
  return mth_apply(child, NULL, &MTH_WIRE_TO(input->key, x), 1);
}

void mth_apply_for(mth_model *child, const char *name, const mth_wire *wires, size_t wire_count,
                   size_t key_count, const char *const *keys, mth_connection **out_connections) {
  apply_or_keep(child, name, wires, wire_count, key_count, keys, out_connections);
}

// ---- finishing ----------------------------------------------------------------------------------

static mth_status find_finished(mth_context *context, const mth_named_output *outputs,
                                size_t output_count, mth_model **out_model) {
  const mth_location at = {&context->sink, "outputs"};
  mth_model *model = NULL;
  MTH_TRY(mth_check_given(at, outputs, output_count, "outputs"));
  for (size_t i = 0; i < output_count && !model; i++)
    model = outputs[i].connection ? mth_outermost(outputs[i].connection->model) : NULL;
  for (size_t i = 0; i < output_count; i++) {
    if (outputs[i].connection) continue;
    if (model && model->failure != MTH_OK) return model->failure; // it was reported
    if (!model && context->last.status != MTH_OK) return context->last.status;
    return mth_fail(MTH_INVALID, at, "output %zu ('%s') is NULL", i,
                    outputs[i].name ? outputs[i].name : "");
  }
  if (!model) return mth_fail(MTH_INVALID, at, "a model wants outputs, none were given");
  *out_model = model;
  return mth_model_check_open(model);
}

static mth_status expose_all(mth_model *model, const mth_named_output *outputs, size_t output_count,
                             mth_connection **out_lifted) {
  char where[256];
  for (size_t i = 0; i < output_count; i++) {
    MTH_TRY(mth_lift(model, outputs[i].connection, &out_lifted[i]));
    const mth_connection *c = out_lifted[i];
    const mth_location at = mth_connection_at(c, where, sizeof where);
    if (!c->is_produced) return mth_fail(MTH_INVALID, at, "an input can not be an output as well");
    for (size_t j = 0; j < i; j++)
      if (out_lifted[j] == c)
        return mth_fail(MTH_INVALID, at, "it is an output twice: 2 names of one connection");
    MTH_TRY(mth_model_expose_inside(model, out_lifted[i], outputs[i].name));
  }
  return MTH_OK;
}

static void measure_all(mth_measuring *m, const mth_model *model) {
  if (model->op) mth_measure(m, model);
  for (size_t i = 0; i < model->children.count; i++)
    measure_all(m, model->children.items[i]);
}

// An input that no child reads stays if a dim of it is an argument of one.
static mth_status drop_idle(mth_model *model, mth_arena *arena) {
  const size_t count = model->connections.count;
  mth_connection **inputs = MTH_NEW_ARRAY(arena, mth_connection *, count);
  mth_measuring m = {.inputs = inputs, .is_used = MTH_NEW_ARRAY(arena, bool, count)};
  if (!inputs || !m.is_used) return MTH_NO_MEMORY;
  bool has_idle = false;
  for (size_t i = 0; i < count; i++) {
    mth_connection *c = model->connections.items[i];
    if (c->class_ != MTH_KEY_INPUT || !mth_net_of(c)->is_tensor) continue;
    m.is_used[m.input_count] = c->first_use != NULL;
    has_idle |= !c->first_use;
    inputs[m.input_count++] = c;
  }
  if (has_idle) measure_all(&m, model);
  for (size_t i = m.input_count; i-- > 0;)
    if (!m.is_used[i]) MTH_TRY(mth_connection_forget(inputs[i]));
  return mth_model_drop_forgotten(model);
}

static mth_status drop_idle_inputs(mth_model *model) {
  mth_arena arena = MTH_ARENA_INIT(model->context->allocator);
  const mth_status status = drop_idle(model, &arena);
  mth_arena_reset(&arena);
  return status;
}

static mth_status choose_canonical_inputs(mth_model *model) {
  mth_connection *input = mth_model_find(model, "input");
  mth_list *set = &model->canonical_inputs;
  for (size_t i = set->count; i-- > 0;) {
    mth_connection *c = set->items[i];
    if (input ? c != input : mth_net_of(c)->differentiable == MTH_YES)
      MTH_TRY(mth_list_remove(set, &model->context->journal, c));
  }
  return MTH_OK;
}

static mth_status finish(mth_model *model, const char *class_name, const mth_named_output *outputs,
                         size_t output_count, mth_connection **lifted) {
  mth_context *context = model->context;
  if (class_name) {
    MTH_TRY(mth_check_class_name(context, class_name));
    const char *interned = mth_names_intern(&context->names, class_name);
    if (!interned) return MTH_NO_MEMORY;
    MTH_TRY(mth_journal_save(&context->journal, &model->class_name, sizeof model->class_name));
    model->class_name = interned;
  }
  MTH_TRY(expose_all(model, outputs, output_count, lifted));
  if (model->is_free) MTH_TRY(drop_idle_inputs(model));
  MTH_TRY(choose_canonical_inputs(model));
  MTH_TRY(mth_model_set_canonical_outputs(model, lifted, output_count));
  MTH_TRY(mth_model_freeze_inside(model));
  MTH_TRY(mth_journal_save(&context->journal, &model->is_free, sizeof model->is_free));
  model->is_free = false;
  return mth_list_remove(&context->free_models, &context->journal, model);
}

mth_status mth_model_from(mth_context *context, const char *class_name,
                          const mth_named_output *outputs, size_t output_count,
                          mth_model **out_model) {
  mth_model *model = NULL;
  if (!context) return MTH_INVALID; // there is nobody to report to
  MTH_TRY(find_finished(context, outputs, output_count, &model));
  mth_connection **lifted =
      mth_allocate(context->allocator, output_count, sizeof(mth_connection *));
  if (!lifted) return MTH_NO_MEMORY;
  const mth_change change = mth_change_begin(context);
  const mth_status status =
      mth_change_end(change, finish(model, class_name, outputs, output_count, lifted));
  mth_release(context->allocator, lifted);
  if (status == MTH_OK) *out_model = model;
  return status;
}
