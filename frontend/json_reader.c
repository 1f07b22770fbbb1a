// json_reader.c: documents of models.
#include "frontend/json.h"

#include "frontend/json_reader.h"
#include "frontend/json_train.h"
#include "frontend/json_value.h"

#include "ir/graph.h"
#include "ir/model_core.h"
#include "ir/parts.h"

#include <stdio.h>
#include <string.h>

// ---- one model ----------------------------------------------------------------------------------

static const char *const model_members[] = {
    "name", "class", "args", "tuples", "enums", "inputs", "submodels", "connections", "merged",
    "exposed_keys", "states", "assigned_shapes", "assigned_types", "assigned_differentiabilities",
    "assigned_constraints", "assigned_values", "assigned_initializers", "assigned_cins",
    "assigned_couts", "chain", "first_uses", "keys", "named_dims", "numbers", "frozen",
    // Of the root alone.
    "dims", "symbols",
    // Of old documents; they say nothing.
    "unnamed_keys", "types", "static_input_info", "is_train_model", "description", "NOTE", "note",
    "additional_info", NULL};

static mth_status check_members(mth_json_reading *reading, const json_t *object,
                                const mth_json_place *place) {
  MTH_TRY(mth_json_check_members(reading, object, place, model_members));
  for (size_t i = 0; place && i < 2; i++) {
    const char *member = i ? "symbols" : "dims";
    if (json_object_get(object, member))
      return mth_json_fail(reading, MTH_INVALID, MTH_JSON_KEY(place, member),
                           "only the document itself declares dims");
  }
  return MTH_OK;
}

// An input that no child made: its name, {"tensor": ...}, {"name": ..., "value": {"tensor": ...}},
// or
// {"name": ..., "list": true}.
static mth_status add_input(const mth_json_scope *scope, const json_t *input,
                            const mth_json_place *place) {
  static const char *const members[] = {"name", "value", "list", NULL};
  mth_json_reading *r = scope->reading;
  mth_connection *made = NULL;
  mth_constant constant;
  if (json_is_string(input))
    return mth_json_forward(
        r, place, mth_model_add_input(scope->model, json_string_value(input), NULL, &made));
  const json_t *held = json_object_get(input, "tensor") ? input : json_object_get(input, "value");
  const json_t *name = NULL;
  if (held != input) MTH_TRY(mth_json_check_members(r, input, place, members));
  if (held != input) MTH_TRY(mth_json_member(r, input, place, "name", JSON_STRING, &name));
  if (name && json_is_true(json_object_get(input, "list")))
    return mth_json_forward(r, place,
                            mth_model_add_list(scope->model, json_string_value(name), &made));
  if (!json_object_get(held, "tensor") || (held != input && !name))
    return mth_json_fail(r, MTH_INVALID, place, "wants a name or {\"tensor\": ...}, found %s",
                         mth_json_kind(input));
  MTH_TRY(mth_json_read_constant(r, held, held == input ? place : MTH_JSON_KEY(place, "value"),
                                 &constant));
  MTH_TRY(mth_json_forward(r, place, mth_model_add_constant(scope->model, &constant, &made)));
  return name ? mth_json_forward(r, place, mth_connection_rename(made, json_string_value(name)))
              : MTH_OK;
}

static mth_status add_inputs(const mth_json_scope *scope) {
  const json_t *inputs;
  const mth_json_place *place = MTH_JSON_KEY(scope->place, "inputs");
  MTH_TRY(
      mth_json_member(scope->reading, scope->object, scope->place, "inputs", JSON_ARRAY, &inputs));
  for (size_t i = 0; i < json_array_size(inputs); i++)
    MTH_TRY(add_input(scope, json_array_get(inputs, i), MTH_JSON_INDEX(place, i)));
  return MTH_OK;
}

static mth_status freeze(const mth_json_scope *scope) {
  const json_t *frozen = json_object_get(scope->object, "frozen");
  if (frozen && !json_is_boolean(frozen))
    return mth_json_fail(scope->reading, MTH_INVALID, MTH_JSON_KEY(scope->place, "frozen"),
                         "wants a bool, found %s", mth_json_kind(frozen));
  if (!json_is_true(frozen)) return MTH_OK;
  return mth_json_forward(scope->reading, scope->place, mth_model_freeze(scope->model));
}

static mth_status read_object(mth_json_reading *reading, const json_t *object,
                              const mth_json_place *place, mth_model **out_model) {
  mth_json_scope scope = {.reading = reading, .object = object, .place = place};
  const json_t *is_train = json_object_get(object, "is_train_model");
  if (is_train && !json_is_boolean(is_train))
    return mth_json_fail(reading, MTH_INVALID, MTH_JSON_KEY(place, "is_train_model"),
                         "wants a bool, found %s", mth_json_kind(is_train));
  if (json_is_true(is_train))
    return mth_json_fail(reading, MTH_INVALID, MTH_JSON_KEY(place, "is_train_model"),
                         "a TrainModel is a document of its own: mth_read_json_train reads it");
  MTH_TRY(check_members(reading, object, place));
  MTH_TRY(mth_json_make(reading, object, place, &scope.model));
  mth_status status = add_inputs(&scope);
  if (status == MTH_OK) status = mth_json_add_children(&scope);
  if (status == MTH_OK) status = mth_json_state_facts(&scope);
  if (status == MTH_OK) status = freeze(&scope);
  mth_release(reading->context->allocator, scope.children.slots);
  *out_model = scope.model;
  return status;
}

mth_status mth_json_read_model(mth_json_reading *reading, const json_t *value,
                               const mth_json_place *place, mth_model **out_model) {
  if (json_is_string(value)) return mth_json_make(reading, value, place, out_model);
  if (!json_is_object(value))
    return mth_json_fail(reading, MTH_INVALID, place,
                         "a model wants an object or the name of its class, found %s",
                         mth_json_kind(value));
  MTH_TRY(mth_json_enter(reading, place));
  const mth_status status = read_object(reading, value, place, out_model);
  reading->level -= 1;
  return status;
}

// ---- dims ---------------------------------------------------------------------------------------

static mth_status declare(mth_json_reading *reading, const json_t *name, bool is_symbol,
                          const mth_json_place *place) {
  mth_context *context = reading->context;
  const char *text = json_string_value(name);
  if (!text || !mth_is_name(text))
    return mth_json_fail(reading, MTH_INVALID, place,
                         "the name of a dim wants letters, digits and '_', found %s",
                         text ? text : mth_json_kind(name));
  const char *interned = mth_names_intern(&context->names, text);
  if (!interned) return MTH_NO_MEMORY;
  if (mth_name_map_get(&reading->dims, interned))
    return mth_json_fail(reading, MTH_INVALID, place, "the dim '%.80s' is declared twice", text);
  const mth_dim *dim =
      is_symbol ? mth_dim_symbol(context->dims, text) : mth_dim_fresh(context->dims);
  if (!dim ||
      !mth_name_map_set(&reading->dims, context->allocator, interned, (void *)(uintptr_t)dim))
    return MTH_NO_MEMORY;
  return MTH_OK;
}

static mth_status declare_all(mth_json_reading *reading, const json_t *document, const char *member,
                              bool is_symbol) {
  const json_t *names;
  const mth_json_place *place = MTH_JSON_KEY(NULL, member);
  MTH_TRY(mth_json_member(reading, document, NULL, member, JSON_ARRAY, &names));
  for (size_t i = 0; i < json_array_size(names); i++)
    MTH_TRY(declare(reading, json_array_get(names, i), is_symbol, MTH_JSON_INDEX(place, i)));
  return MTH_OK;
}

mth_status mth_json_declare_dims(mth_json_reading *reading, const json_t *document) {
  MTH_TRY(declare_all(reading, document, "dims", false));
  return declare_all(reading, document, "symbols", true);
}

mth_status mth_json_read_document(mth_json_reading *reading, const json_t *document,
                                  mth_model **out_model) {
  MTH_TRY(mth_json_declare_dims(reading, document));
  return mth_json_read_model(reading, document, NULL, out_model);
}

// ---- texts ----------------------------------------------------------------------------

static mth_status refuse_syntax(mth_context *context, const char *file, const json_error_t *error) {
  char where[256];
  snprintf(where, sizeof where, "%.200s:%d:%d", file ? file : "json",
           error->line < 1 ? 1 : error->line, error->column < 1 ? 1 : error->column);
  if (json_error_code(error) == json_error_out_of_memory)
    return mth_fail(MTH_NO_MEMORY, (mth_location){&context->sink, where}, "no memory to read it");
  return mth_fail(MTH_INVALID, (mth_location){&context->sink, where}, "%s", error->text);
}

mth_status mth_json_parse(mth_context *context, const char *file, const char *text,
                          size_t byte_count, json_t **out_document) {
  json_error_t error;
  *out_document = json_loadb(text, byte_count, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
  return *out_document ? MTH_OK : refuse_syntax(context, file, &error);
}

mth_status mth_json_read_text(mth_context *context, const char *file, const char *text,
                              size_t byte_count, mth_model **out_model,
                              mth_train_model **out_train) {
  json_t *document;
  if (!text)
    return mth_fail(MTH_INVALID, (mth_location){&context->sink, "json"}, "there is no text");
  MTH_TRY(mth_json_parse(context, file, text, byte_count, &document));
  const bool is_train =
      out_train && (!out_model || json_is_true(json_object_get(document, "is_train_model")));
  mth_json_reading reading;
  mth_model *model = NULL;
  mth_train_model *train = NULL;
  mth_json_begin(&reading, context, file);
  mth_status status = mth_json_declare_dims(&reading, document);
  if (status == MTH_OK)
    status = is_train ? mth_json_read_train(&reading, document, &train)
                      : mth_json_read_model(&reading, document, NULL, &model);
  if (status == MTH_OK && model) mth_json_release(&reading, model);
  status = mth_json_end(&reading, status);
  json_decref(document);
  if (status != MTH_OK) {
    mth_train_model_destroy(train);
    return status;
  }
  if (out_model) *out_model = model;
  if (out_train) *out_train = train;
  return MTH_OK;
}

mth_status mth_read_json(mth_context *context, const char *text, size_t byte_count,
                         mth_model **out_model) {
  if (!context || !out_model) return MTH_INVALID; // there is nobody to report to
  return mth_json_read_text(context, NULL, text, byte_count, out_model, NULL);
}

mth_status mth_read_json_train(mth_context *context, const char *text, size_t byte_count,
                               mth_train_model **out_train) {
  if (!context || !out_train) return MTH_INVALID; // there is nobody to report to
  return mth_json_read_text(context, NULL, text, byte_count, NULL, out_train);
}
