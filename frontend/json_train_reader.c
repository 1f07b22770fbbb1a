// json_train_reader.c: TrainModels from documents.
#include "frontend/json.h"
#include "frontend/json_train.h"
#include "frontend/json_value.h"

#include "ir/graph.h"
#include "ir/model_core.h"

#include <stdio.h>
#include <string.h>

typedef struct training {
  mth_json_reading *reading;
  const json_t *object;
  mth_train_model *train;
  mth_coef *coefs; // of the regularizations so far
  size_t next[3];  // of losses, regularizations, metrics
} training;

// What a term has in common with others.
typedef struct term {
  mth_model *model;
  mth_wire *wires;
  size_t wire_count, step_count;
  mth_model **steps;
  mth_coef coef;
  const char *key_name, *reg_key, *pattern;
  const char **found; // by the pattern; NULL: not said
  size_t found_count;
} term;

static const char *const lists[] = {"losses", "regularizations", "metrics"};

// ---- parts of a term ----------------------------------------------------------------------------

static mth_status read_pattern(training *t, const json_t *form, const mth_json_place *place,
                               term *out) {
  static const char *const members[] = {"pattern", "found", NULL};
  mth_json_reading *r = t->reading;
  const json_t *pattern, *found;
  MTH_TRY(mth_json_check_members(r, form, place, members));
  MTH_TRY(mth_json_member(r, form, place, "pattern", JSON_STRING, &pattern));
  MTH_TRY(mth_json_member(r, form, place, "found", JSON_ARRAY, &found));
  out->pattern = json_string_value(pattern);
  if (!found) return MTH_OK;
  out->found_count = json_array_size(found);
  out->found = MTH_NEW_ARRAY(&r->arena, const char *, out->found_count);
  if (!out->found) return MTH_NO_MEMORY;
  for (size_t i = 0; i < out->found_count; i++) {
    const json_t *name = json_array_get(found, i);
    out->found[i] = json_string_value(name);
    if (!out->found[i])
      return mth_json_fail(r, MTH_INVALID, MTH_JSON_INDEX(MTH_JSON_KEY(place, "found"), i),
                           "wants the name of an input, found %s", mth_json_kind(name));
  }
  return MTH_OK;
}

static mth_status read_wire(training *t, const json_t *form, const mth_json_place *place,
                            mth_wire *wire, term *out) {
  mth_json_reading *r = t->reading;
  if (json_object_get(form, "pattern")) return read_pattern(t, form, place, out);
  out->wire_count += 1;
  if (json_is_string(form)) {
    *wire = MTH_WIRE(wire->key, json_string_value(form));
    return MTH_OK;
  }
  if (json_object_get(form, "tensor")) {
    mth_constant *constant = MTH_NEW(&r->arena, mth_constant);
    if (!constant) return MTH_NO_MEMORY;
    *wire = MTH_WIRE_T(wire->key, constant);
    return mth_json_read_constant(r, form, place, constant);
  }
  wire->kind = MTH_WIRE_VALUE;
  return mth_json_read_arg(r, form, place, 0, &wire->value);
}

static mth_status read_wires(training *t, const json_t *object, const mth_json_place *place,
                             term *out) {
  const json_t *args;
  const char *key;
  json_t *form;
  MTH_TRY(mth_json_member(t->reading, object, place, "args", JSON_OBJECT, &args));
  place = MTH_JSON_KEY(place, "args");
  out->wires = MTH_NEW_ARRAY(&t->reading->arena, mth_wire, json_object_size(args));
  if (!out->wires) return MTH_NO_MEMORY;
  json_object_foreach((json_t *)(uintptr_t)args, key, form) {
    mth_wire *wire = &out->wires[out->wire_count];
    wire->key = key;
    MTH_TRY(read_wire(t, form, MTH_JSON_KEY(place, key), wire, out));
  }
  return MTH_OK;
}

static mth_status read_steps(training *t, const json_t *object, const mth_json_place *place,
                             term *out) {
  const json_t *steps = json_object_get(object, "reduce_steps");
  if (json_is_null(steps)) return MTH_OK;
  MTH_TRY(mth_json_member(t->reading, object, place, "reduce_steps", JSON_ARRAY, &steps));
  place = MTH_JSON_KEY(place, "reduce_steps");
  out->step_count = json_array_size(steps);
  out->steps = MTH_NEW_ARRAY(&t->reading->arena, mth_model *, out->step_count);
  if (!out->steps) return MTH_NO_MEMORY;
  for (size_t i = 0; i < out->step_count; i++)
    MTH_TRY(mth_json_read_model(t->reading, json_array_get(steps, i), MTH_JSON_INDEX(place, i),
                                &out->steps[i]));
  return MTH_OK;
}

// A number, a tensor, or the tensor of an earlier regularization: one coefficient for both.
static mth_status read_coef(training *t, const json_t *object, const mth_json_place *place,
                            mth_coef *out) {
  mth_json_reading *r = t->reading;
  const json_t *coef = json_object_get(object, "coef");
  const json_t *same = json_object_get(coef, "same_as");
  place = MTH_JSON_KEY(place, "coef");
  if (!coef || json_is_null(coef)) return MTH_OK;
  double number;
  if (mth_json_read_float(coef, &number)) {
    *out = MTH_COEF(number);
    return MTH_OK;
  }
  if (json_is_integer(same)) {
    const json_int_t index = json_integer_value(same);
    if (index < 0 || (size_t)index >= t->next[1])
      return mth_json_fail(r, MTH_INVALID, MTH_JSON_KEY(place, "same_as"),
                           "wants the index of an earlier regularization, found %lld",
                           (long long)index);
    *out = t->coefs[index];
    return MTH_OK;
  }
  if (!json_object_get(coef, "tensor"))
    return mth_json_fail(r, MTH_INVALID, place, "wants a number or {\"tensor\": ...}, found %s",
                         mth_json_kind(coef));
  mth_constant *constant = MTH_NEW(&r->arena, mth_constant);
  if (!constant) return MTH_NO_MEMORY;
  *out = MTH_COEF_OF(constant);
  return mth_json_read_constant(r, coef, place, constant);
}

static mth_status read_text(training *t, const json_t *object, const mth_json_place *place,
                            const char *member, const char **out) {
  const json_t *text = json_object_get(object, member);
  if (json_is_null(text)) return MTH_OK;
  MTH_TRY(mth_json_member(t->reading, object, place, member, JSON_STRING, &text));
  *out = json_string_value(text);
  return MTH_OK;
}

static mth_status read_term(training *t, size_t kind, const json_t *object,
                            const mth_json_place *place, term *out) {
  static const char *const members[] = {"model",    "args", "reduce_steps", "coef", "reg_key",
                                        "key_name", NULL};
  const json_t *model = json_object_get(object, "model");
  if (!model)
    return mth_json_fail(t->reading, MTH_INVALID, place, "wants an object with \"model\", found %s",
                         json_is_object(object) ? "none" : mth_json_kind(object));
  MTH_TRY(mth_json_check_members(t->reading, object, place, members));
  MTH_TRY(mth_json_read_model(t->reading, model, MTH_JSON_KEY(place, "model"), &out->model));
  MTH_TRY(read_wires(t, object, place, out));
  if (kind == 1 && json_array_size(json_object_get(object, "reduce_steps")))
    return mth_json_fail(t->reading, MTH_INVALID, MTH_JSON_KEY(place, "reduce_steps"),
                         "a regularization takes no steps, found %zu",
                         json_array_size(json_object_get(object, "reduce_steps")));
  MTH_TRY(read_steps(t, object, place, out));
  MTH_TRY(read_coef(t, object, place, &out->coef));
  MTH_TRY(read_text(t, object, place, "key_name", &out->key_name));
  return read_text(t, object, place, "reg_key", &out->reg_key);
}

// ---- adding -------------------------------------------------------------------------------------

static mth_status add_term(const training *t, size_t kind, const term *w) {
  const mth_loss_options loss = {sizeof loss, w->steps, w->step_count, w->coef, w->key_name};
  const mth_regularization_options regularization = {.struct_bytes = sizeof regularization,
                                                     .reg_key = w->reg_key,
                                                     .key_name = w->key_name,
                                                     .pattern = w->pattern,
                                                     .found = w->found,
                                                     .found_count = w->found_count};
  const mth_metric_options metric = {sizeof metric, w->steps, w->step_count, w->key_name};
  if (kind == 0)
    return mth_train_model_add_loss(t->train, w->model, w->wires, w->wire_count, &loss);
  if (kind == 1)
    return mth_train_model_add_regularization(t->train, w->model, w->coef, w->wires, w->wire_count,
                                              &regularization);
  return mth_train_model_add_metric(t->train, w->model, w->wires, w->wire_count, &metric);
}

static mth_status add_next(training *t, size_t kind) {
  const mth_json_place *place = MTH_JSON_INDEX(MTH_JSON_KEY(NULL, lists[kind]), t->next[kind]);
  const json_t *object = json_array_get(json_object_get(t->object, lists[kind]), t->next[kind]);
  term read = {0};
  MTH_TRY(read_term(t, kind, object, place, &read));
  MTH_TRY(mth_json_forward(t->reading, place, add_term(t, kind, &read)));
  mth_json_release(t->reading, read.model); // the TrainModel has taken them
  for (size_t i = 0; i < read.step_count; i++)
    mth_json_release(t->reading, read.steps[i]);
  if (kind == 1) t->coefs[t->next[1]] = read.coef;
  t->next[kind] += 1;
  return MTH_OK;
}

// "order" says which list the next term is of; what it does not mention comes after, list by list.
static mth_status add_terms(training *t) {
  const json_t *order, *list;
  const mth_json_place *place = MTH_JSON_KEY(NULL, "order");
  size_t counts[3];
  for (size_t kind = 0; kind < 3; kind++) {
    MTH_TRY(mth_json_member(t->reading, t->object, NULL, lists[kind], JSON_ARRAY, &list));
    counts[kind] = json_array_size(list);
  }
  t->coefs = MTH_NEW_ARRAY(&t->reading->arena, mth_coef, counts[1]);
  if (!t->coefs) return MTH_NO_MEMORY;
  MTH_TRY(mth_json_member(t->reading, t->object, NULL, "order", JSON_ARRAY, &order));
  for (size_t i = 0; i < json_array_size(order); i++) {
    const char *name = json_string_value(json_array_get(order, i));
    size_t kind = 0;
    while (kind < 3 && (!name || strcmp(name, lists[kind]) != 0))
      kind++;
    if (kind == 3 || t->next[kind] == counts[kind])
      return mth_json_fail(t->reading, MTH_INVALID, MTH_JSON_INDEX(place, i),
                           "wants losses, regularizations or metrics, as often as there are some");
    MTH_TRY(add_next(t, kind));
  }
  for (size_t kind = 0; kind < 3; kind++)
    while (t->next[kind] < counts[kind])
      MTH_TRY(add_next(t, kind));
  return MTH_OK;
}

// ---- the whole ----------------------------------------------------------------------------------

// Children go by their names here, those without one by their number.
static mth_status name_children(mth_json_scope *scope) {
  const mth_model *model = scope->model;
  mth_context *context = scope->reading->context;
  for (size_t i = 0; i < model->children.count; i++) {
    mth_model *child = model->children.items[i];
    char id[32];
    snprintf(id, sizeof id, "m_%zu", i);
    const char *name = mth_names_intern(&context->names, child->name ? child->name : id);
    if (!name || !mth_name_map_set(&scope->children, context->allocator, name, child))
      return MTH_NO_MEMORY;
  }
  return MTH_OK;
}

static mth_status state_facts(const training *t) {
  mth_json_scope scope = {
      .reading = t->reading, .object = t->object, .model = mth_train_model_get(t->train)};
  mth_status status = name_children(&scope);
  if (status == MTH_OK) status = mth_json_state_facts(&scope);
  mth_release(t->reading->context->allocator, scope.children.slots);
  return status;
}

// Does a pattern not say what it found?
static bool finds_by_facts(const json_t *object) {
  const json_t *terms = json_object_get(object, lists[1]);
  const char *key;
  json_t *form;
  for (size_t i = 0; i < json_array_size(terms); i++) {
    json_t *args = json_object_get(json_array_get(terms, i), "args");
    json_object_foreach(args, key, form) {
      if (json_object_get(form, "pattern") && !json_object_get(form, "found")) return true;
    }
  }
  return false;
}

// What a term is wired to must be trained, so this is stated before terms are added. What is not
// trained may have been so when a term was added; without a list of what it found, a pattern goes
// by what the document says.
static mth_status state_parameters(const training *t) {
  const bool all = finds_by_facts(t->object);
  const json_t *pairs = json_object_get(t->object, "assigned_differentiabilities");
  const mth_json_place *place = MTH_JSON_KEY(NULL, "assigned_differentiabilities");
  for (size_t i = 0; i < json_array_size(pairs); i++) {
    const json_t *pair = json_array_get(pairs, i);
    const char *name = json_string_value(json_array_get(pair, 0));
    mth_connection *key = name ? mth_model_find(mth_train_model_get(t->train), name) : NULL;
    const bool is_early = all || json_is_true(json_array_get(pair, 1));
    if (key && json_array_size(pair) == 2 && is_early)
      MTH_TRY(mth_json_set_differentiable(t->reading, json_array_get(pair, 1),
                                          MTH_JSON_INDEX(MTH_JSON_INDEX(place, i), 1), key));
  }
  return MTH_OK;
}

static mth_status set_combiner(const training *t) {
  const json_t *combiner = json_object_get(t->object, "loss_combiner");
  const mth_json_place *place = MTH_JSON_KEY(NULL, "loss_combiner");
  mth_model *model = NULL;
  if (!combiner || json_is_null(combiner)) return MTH_OK;
  MTH_TRY(mth_json_read_model(t->reading, combiner, place, &model));
  MTH_TRY(mth_json_forward(t->reading, place, mth_train_model_set_loss_combiner(t->train, model)));
  mth_json_release(t->reading, model);
  return MTH_OK;
}

static mth_status fill(training *t) {
  const json_t *finalized = json_object_get(t->object, "finalized");
  mth_model *final = NULL;
  if (finalized && !json_is_boolean(finalized))
    return mth_json_fail(t->reading, MTH_INVALID, MTH_JSON_KEY(NULL, "finalized"),
                         "wants a bool, found %s", mth_json_kind(finalized));
  MTH_TRY(state_parameters(t));
  MTH_TRY(add_terms(t));
  MTH_TRY(set_combiner(t));
  if (json_is_true(finalized))
    MTH_TRY(mth_json_forward(t->reading, MTH_JSON_KEY(NULL, "finalized"),
                             mth_train_model_finalize(t->train, &final)));
  return state_facts(t);
}

mth_status mth_json_read_train(mth_json_reading *reading, const json_t *object,
                               mth_train_model **out_train) {
  static const char *const members[] = {"is_train_model",
                                        "model",
                                        "losses",
                                        "regularizations",
                                        "metrics",
                                        "loss_combiner",
                                        "order",
                                        "finalized",
                                        "dims",
                                        "symbols",
                                        "assigned_types",
                                        "assigned_differentiabilities",
                                        "assigned_shapes",
                                        "assigned_values",
                                        "assigned_initializers",
                                        "numbers",
                                        NULL};
  const json_t *model = json_object_get(object, "model");
  mth_model *inner = NULL;
  if (!json_is_true(json_object_get(object, "is_train_model")) || !model)
    return mth_json_fail(reading, MTH_INVALID, NULL,
                         "a TrainModel wants \"is_train_model\": true and \"model\"");
  MTH_TRY(mth_json_check_members(reading, object, NULL, members));
  MTH_TRY(mth_json_read_model(reading, model, MTH_JSON_KEY(NULL, "model"), &inner));
  training t = {.reading = reading, .object = object};
  MTH_TRY(mth_json_forward(reading, MTH_JSON_KEY(NULL, "model"),
                           mth_train_model_create(reading->context, inner, &t.train)));
  mth_json_release(reading, inner);
  *out_train = t.train;
  return fill(&t);
}
