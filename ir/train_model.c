// train_model.c: a TrainModel around a model, and the steps that its calls share.
#include "ir/train_model.h"

#include "ir/display_names.h"
#include "ir/train_model_core.h"

#include <math.h>
#include <string.h>

static bool is_reserved(const char *name) {
  return name && (strcmp(name, "loss") == 0 || strcmp(name, "final_cost") == 0);
}

// ---- the shared steps ---------------------------------------------------------------------------

typedef struct mth_train_made {
  mth_model *model;
  struct mth_train_made *next;
} mth_train_made;

mth_status mth_train_begin(mth_train_model *train, mth_train_change *out_change) {
  char where[256];
  if (!train) return MTH_INVALID; // there is nobody to report to
  mth_context *context = train->model->context;
  if (train->model->is_frozen)
    return mth_fail(MTH_INVALID, mth_model_at(train->model, where, sizeof where),
                    "it is finalized and can not be changed");
  *out_change = (mth_train_change){.train = train, .arena = MTH_ARENA_INIT(context->allocator)};
  return MTH_OK;
}

void mth_train_open(mth_train_change *change) {
  change->change = mth_change_begin(change->train->model->context);
  change->is_open = true;
  change->train->model->is_train_model = false; // it takes children from this call
}

mth_status mth_train_end(mth_train_change *change, mth_status status) {
  if (!change->is_open) mth_train_open(change);
  status = mth_change_end(change->change, status);
  for (const mth_train_made *made = change->made; made && status != MTH_OK; made = made->next)
    mth_model_destroy(made->model);
  change->train->model->is_train_model = true;
  mth_arena_reset(&change->arena);
  return status;
}

mth_model **mth_train_slot(mth_train_change *change) {
  mth_train_made *node = MTH_NEW(&change->arena, mth_train_made);
  if (!node) return NULL;
  node->next = change->made;
  change->made = node;
  return &node->model;
}

mth_status mth_train_find_output(const mth_model *child, mth_connection **out_output) {
  char where[256];
  size_t count = 0;
  for (size_t i = 0; i < child->connections.count; i++) {
    mth_connection *c = child->connections.items[i];
    const bool is_output =
        c->class_ == MTH_KEY_OUTPUT || mth_list_has(&child->canonical_outputs, c);
    if (is_output && count++ == 0) *out_output = c;
  }
  if (count == 1) return MTH_OK;
  return mth_fail(MTH_INVALID, mth_model_at(child, where, sizeof where),
                  "wanted a model of one output, it has %zu", count);
}

mth_status mth_train_add(mth_train_change *change, mth_model *child, const mth_wire *wires,
                         size_t wire_count, mth_connection **out_output) {
  mth_connection *output = NULL;
  MTH_TRY(mth_model_add(change->train->model, child, NULL, wires, wire_count));
  MTH_TRY(mth_train_find_output(child, &output));
  return mth_lift(change->train->model, output, out_output);
}

mth_status mth_train_op(mth_train_change *change, const char *op, size_t count,
                        mth_connection *const *operands, const mth_wire *wire,
                        mth_connection **out_output) {
  mth_context *context = change->train->model->context;
  mth_wire *wires = MTH_NEW_ARRAY(&change->arena, mth_wire, count + 1);
  mth_model **slot = mth_train_slot(change);
  size_t used = 0;
  if (!wires || !slot) return MTH_NO_MEMORY;
  const bool is_led = wire && wire->kind == MTH_WIRE_CONNECTION; // its default does not hold
  const mth_arg open = MTH_ARG_OPEN_AS_INPUT(is_led ? wire->key : NULL);
  MTH_TRY(mth_model_create_op_of(context, op, count, &open, is_led, slot));
  mth_model *child = *slot;
  for (size_t i = 0; i < child->connections.count && used < count; i++) {
    const mth_connection *key = child->connections.items[i];
    if (mth_net_of(key)->is_tensor && !key->is_produced)
      wires[used] = MTH_WIRE_TO(key->key, operands[used]), used++;
  }
  if (wire) wires[used++] = *wire;
  return mth_train_add(change, child, wires, used, out_output);
}

mth_status mth_train_scale(mth_train_change *change, mth_connection *value, const mth_coef *coef,
                           mth_connection **out_value) {
  const mth_constant number = {.dtype = MTH_F64, .data = &coef->number};
  const mth_wire wire = MTH_WIRE_T("right", coef->kind == MTH_COEF_TENSOR ? coef->tensor : &number);
  *out_value = value;
  if (coef->kind == MTH_COEF_NONE) return MTH_OK;
  return mth_train_op(change, "multiply", 1, &value, &wire, out_value);
}

mth_status mth_train_expose(mth_train_change *change, mth_connection *value, const char *key_name) {
  char where[256];
  if (!key_name) return MTH_OK;
  if (is_reserved(key_name))
    return mth_fail(MTH_INVALID, mth_model_at(change->train->model, where, sizeof where),
                    "the name '%s' is reserved", key_name);
  return mth_model_expose(change->train->model, value, key_name);
}

mth_status mth_train_make_entry(mth_train_change *change, mth_model *model, const mth_coef *coef,
                                const char *key_name, mth_train_entry **out_entry) {
  mth_model *owner = change->train->model;
  char where[256];
  const mth_location at = mth_model_at(owner, where, sizeof where);
  if (coef->kind > MTH_COEF_TENSOR)
    return mth_fail(MTH_INVALID, at, "there is no coefficient of kind %d", (int)coef->kind);
  if (coef->kind == MTH_COEF_NUMBER && !isfinite(coef->number))
    return mth_fail(MTH_INVALID, at, "a coefficient wants a finite number, found %g", coef->number);
  mth_train_entry *entry = mth_model_own(owner, 1, sizeof *entry);
  const char *name = key_name ? mth_names_intern(&owner->context->names, key_name) : NULL;
  if (!entry || (key_name && !name)) return MTH_NO_MEMORY;
  *entry = (mth_train_entry){
      .term = {.model = model, .coef = *coef, .key_name = name},
      .coef_identity = coef->kind == MTH_COEF_TENSOR ? coef->tensor : NULL,
  };
  if (coef->kind == MTH_COEF_TENSOR)
    MTH_TRY(mth_model_own_constant(owner, coef->tensor, at, &entry->term.coef.tensor));
  *out_entry = entry;
  return MTH_OK;
}

bool mth_train_can_be_trained(const mth_connection *input) {
  return input->class_ == MTH_KEY_INPUT && mth_net_of(input)->is_tensor &&
         !mth_net_is_valued(input) && mth_net_of(input)->differentiable != MTH_NO &&
         (mth_connection_families(input) & MTH_FAMILY_FLOAT);
}

bool mth_train_is_open_input(const mth_connection *key) {
  return key->class_ == MTH_KEY_INPUT && mth_net_of(key)->is_tensor && !mth_net_is_valued(key);
}

const char *mth_train_wire_name(const mth_wire *wire) {
  if (wire->kind == MTH_WIRE_NAME) return wire->name;
  return wire->kind == MTH_WIRE_KEY && wire->facts ? wire->facts->name : NULL;
}

static mth_status check_names(const mth_wire *wires, size_t wire_count, mth_location at) {
  for (size_t i = 0; i < wire_count; i++) {
    const mth_wire *wire = &wires[i];
    const char *name = mth_train_wire_name(wire);
    if (is_reserved(name)) return mth_fail(MTH_INVALID, at, "the name '%s' is reserved", name);
    if (wire->kind == MTH_WIRE_LIST) MTH_TRY(check_names(wire->parts, wire->part_count, at));
  }
  return MTH_OK;
}

mth_status mth_train_check_wires(const mth_model *model, const mth_wire *wires, size_t wire_count,
                                 mth_location at, const char *what) {
  MTH_TRY(check_names(wires, wire_count, at));
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *key = model->connections.items[i];
    bool is_wired = !mth_train_is_open_input(key);
    for (size_t j = 0; j < wire_count && !is_wired; j++)
      is_wired = wires[j].key && strcmp(wires[j].key, key->key) == 0;
    if (!is_wired)
      return mth_fail(MTH_INVALID, at, "the input '%s' of a %s has no wire", key->key, what);
  }
  return MTH_OK;
}

// ---- wrapping -----------------------------------------------------------------------------------

// A key of the model that is wrapped, and what the TrainModel calls it.
typedef struct wrapping {
  mth_wire *wires;
  size_t count;
  mth_arena arena;
  const char **outputs; // the names of the outputs
  size_t output_count;
} wrapping;

static bool is_given(const wrapping *w, const mth_model *model, const char *name) {
  for (size_t i = 0; i < w->count; i++)
    if (strcmp(w->wires[i].name, name) == 0) return true;
  return mth_model_find(model, name) != NULL;
}

// An output without a name is called after its origin, with '_' in front while that is taken.
static mth_status name_output(wrapping *w, const mth_model *model, const mth_connection *output) {
  const char *name = output->name ? output->name : mth_net_of(output)->origin;
  while (!output->name && (is_given(w, model, name) || strcmp(name, "input") == 0)) {
    name = mth_arena_format(&w->arena, "_%s", name);
    if (!name) return MTH_NO_MEMORY;
  }
  w->wires[w->count++] = MTH_WIRE(output->key, name);
  w->outputs[w->output_count++] = name;
  return MTH_OK;
}

static mth_status name_keys(wrapping *w, const mth_model *model) {
  const char *const *names = NULL;
  bool is_exposed = false;
  MTH_TRY(mth_model_display_names(model, &w->arena, &names));
  w->wires = MTH_NEW_ARRAY(&w->arena, mth_wire, model->connections.count);
  w->outputs = MTH_NEW_ARRAY(&w->arena, const char *, model->connections.count);
  if (!w->wires || !w->outputs) return MTH_NO_MEMORY;
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *c = model->connections.items[i];
    is_exposed |= c->class_ == MTH_KEY_OUTPUT;
    if (c->class_ == MTH_KEY_INPUT && (c->name || !mth_net_is_valued(c)))
      w->wires[w->count++] = MTH_WIRE(c->key, names[i]);
  }
  for (size_t i = 0; i < model->connections.count; i++) {
    const mth_connection *c = model->connections.items[i];
    const bool is_output =
        is_exposed ? c->class_ == MTH_KEY_OUTPUT : mth_list_has(&model->canonical_outputs, c);
    if (is_output) MTH_TRY(name_output(w, model, c));
  }
  return MTH_OK;
}

static mth_status wrap(mth_train_model *train, wrapping *w) {
  mth_model *model = train->model;
  char where[256];
  const mth_location at = mth_model_at(train->inner, where, sizeof where);
  MTH_TRY(name_keys(w, train->inner));
  for (size_t i = 0; i < w->count; i++)
    if (is_reserved(w->wires[i].name))
      return mth_fail(MTH_INVALID, at, "its key '%s' has a name that a TrainModel reserves",
                      w->wires[i].name);
  if (w->output_count == 0)
    return mth_fail(MTH_INVALID, at, "wanted a model with an output, it has none");
  MTH_TRY(mth_model_add(model, train->inner, NULL, w->wires, w->count));
  for (size_t i = 0; i < w->output_count; i++) {
    mth_connection *output = mth_model_find(model, w->outputs[i]);
    MTH_TRY(mth_model_expose(model, output, NULL));
    MTH_TRY(mth_list_push(&train->outputs, &model->context->journal, output));
  }
  return MTH_OK;
}

static mth_status check_inner(mth_context *context, const mth_model *model) {
  const mth_location at = {&context->sink, "TrainModel"};
  if (!model) return mth_fail(MTH_INVALID, at, "the model to train is NULL");
  if (model->context != context)
    return mth_fail(MTH_INVALID, at, "the model '%s' is of another context", model->class_name);
  if (model->is_train_model) return mth_fail(MTH_INVALID, at, "a TrainModel can not be a child");
  return MTH_OK;
}

mth_status mth_train_model_create(mth_context *context, mth_model *model,
                                  mth_train_model **out_train) {
  if (!context || !out_train) return MTH_INVALID; // there is nobody to report to
  MTH_TRY(check_inner(context, model));
  mth_train_model *train = mth_allocate(context->allocator, 1, sizeof *train);
  if (!train) return MTH_NO_MEMORY;
  train->inner = model;
  wrapping w = {.arena = MTH_ARENA_INIT(context->allocator)};
  mth_status status = mth_model_make(context, "TrainModel", &train->model);
  if (status == MTH_OK) {
    const mth_change change = mth_change_begin(context);
    status = mth_change_end(change, wrap(train, &w));
    train->model->is_train_model = true;
  }
  mth_arena_reset(&w.arena);
  if (status == MTH_OK)
    *out_train = train;
  else
    mth_train_model_destroy(train);
  return status;
}

// What is not a child of the TrainModel yet is destroyed by itself.
static void destroy_loose(mth_list *entries, const mth_allocator *allocator) {
  for (size_t i = 0; i < entries->count; i++)
    mth_model_destroy(((mth_train_entry *)entries->items[i])->term.model);
  mth_release(allocator, entries->items);
}

void mth_train_model_destroy(mth_train_model *train) {
  if (!train) return;
  const mth_allocator *allocator = train->inner->context->allocator;
  destroy_loose(&train->losses, allocator);
  destroy_loose(&train->metrics, allocator);
  destroy_loose(&train->regularizations, allocator);
  mth_release(allocator, train->outputs.items);
  mth_model_destroy(train->combiner);
  mth_model_destroy(train->model);
  mth_release(allocator, train);
}

// ---- asking -------------------------------------------------------------------------------------

static const mth_train_term *term_at(const mth_list *entries, size_t index) {
  return index < entries->count ? &((const mth_train_entry *)entries->items[index])->term : NULL;
}

mth_model *mth_train_model_get(const mth_train_model *train) { return train->model; }
mth_model *mth_train_model_inner(const mth_train_model *train) { return train->inner; }
size_t mth_train_model_loss_count(const mth_train_model *train) { return train->losses.count; }

const mth_train_term *mth_train_model_loss(const mth_train_model *train, size_t index) {
  return term_at(&train->losses, index);
}

size_t mth_train_model_regularization_count(const mth_train_model *train) {
  return train->regularizations.count;
}

const mth_train_term *mth_train_model_regularization(const mth_train_model *train, size_t index) {
  return term_at(&train->regularizations, index);
}

size_t mth_train_model_metric_count(const mth_train_model *train) { return train->metrics.count; }

const mth_train_term *mth_train_model_metric(const mth_train_model *train, size_t index) {
  return term_at(&train->metrics, index);
}

const mth_model *mth_train_model_loss_combiner(const mth_train_model *train) {
  return train->combiner;
}
