// assemble.c: models of cases.
#include "test/conformance/assemble.h"

#include "test/conformance/tensor.h"

#include <stdlib.h>
#include <string.h>

enum { wires_max = 16, steps_max = 8 };

typedef struct assembly {
  assembled *out;
  mth_context *context;
  mth_arena arena;
  mth_train_model *train;
} assembly;

const char *last_error(mth_arena *arena, const mth_context *context) {
  const mth_diagnostic *const d = mth_context_diagnostic(context);
  if (d->status == MTH_OK) return "no error was reported";
  const char *const text = mth_arena_format(arena, "%s: %s", d->where, d->message);
  return text ? text : d->message;
}

// A file that says what no model can be told is the file's error, with its place.
static mth_status refuse(const assembly *a, const char *where, const char *what) {
  return mth_fail(MTH_INVALID, (mth_location){mth_context_sink(a->context), where}, "%s", what);
}

// ---- models -------------------------------------------------------------------------------------

static mth_status read_model(assembly *a, const json_t *dictionary, mth_model **out) {
  char *const text = json_dumps(dictionary, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
  if (!text) return refuse(a, "model", "wanted a dictionary");
  const mth_status status = mth_read_json(a->context, text, strlen(text), out);
  free(text);
  return status;
}

// A class name, or {"fn": name, "params": constructor arguments}.
static mth_status make_model(assembly *a, const json_t *spec, mth_model **out) {
  const json_t *const name = json_is_object(spec) ? json_object_get(spec, "fn") : spec;
  const json_t *const params = json_object_get(spec, "params");
  if (!json_is_string(name)) return refuse(a, "output_specs", "wanted the name of a class");
  json_t *const dictionary = json_pack("{s:O, s:O*}", "name", name, "args", params);
  if (!dictionary) return MTH_NO_MEMORY;
  const mth_status status = read_model(a, dictionary, out);
  json_decref(dictionary);
  return status;
}

// A list of models; NULL or an empty list gives none. After a failure nothing is left.
static mth_status make_steps(assembly *a, const json_t *specs, mth_model **out, size_t *out_count) {
  mth_status status = MTH_OK;
  *out_count = 0;
  if (specs && !json_is_array(specs) && !json_is_null(specs))
    return refuse(a, "reduce_steps", "wanted a list of classes");
  if (json_array_size(specs) > steps_max) return refuse(a, "reduce_steps", "there are too many");
  while (*out_count < json_array_size(specs) && status == MTH_OK) {
    status = make_model(a, json_array_get(specs, *out_count), &out[*out_count]);
    if (status == MTH_OK) *out_count += 1;
  }
  while (status != MTH_OK && *out_count > 0)
    mth_model_destroy(out[--*out_count]);
  return status;
}

// ---- wires --------------------------------------------------------------------------------------

// {"tensor": numbers} as a constant in the arena.
static mth_status read_constant(assembly *a, const json_t *object, mth_constant *out) {
  suite_tensor tensor;
  const char *why;
  if (!suite_tensor_read(&a->arena, json_object_get(object, "tensor"), &tensor, &why))
    return refuse(a, "tensor", why);
  const bool is_float = tensor.kind == SUITE_FLOAT;
  int64_t *const extents = MTH_NEW_ARRAY(&a->arena, int64_t, tensor.rank + 1);
  int64_t *const ints = MTH_NEW_ARRAY(&a->arena, int64_t, tensor.count + 1);
  if (!extents || !ints) return MTH_NO_MEMORY;
  memcpy(extents, tensor.extents, tensor.rank * sizeof *extents);
  for (size_t i = 0; i < tensor.count; ++i)
    ints[i] = (int64_t)tensor.values[i];
  *out = (mth_constant){.dtype = is_float ? MTH_F64 : MTH_I64,
                        .rank = tensor.rank,
                        .extents = extents,
                        .data = is_float ? (const void *)tensor.values : ints};
  return MTH_OK;
}

static mth_status make_wire(assembly *a, const char *key, const json_t *to, mth_wire *out) {
  *out = MTH_WIRE(key, json_string_value(to));
  if (json_is_string(to)) return MTH_OK;
  if (json_is_integer(to)) *out = MTH_WIRE_I(key, json_integer_value(to));
  if (json_is_real(to)) *out = MTH_WIRE_F(key, json_real_value(to));
  if (json_is_boolean(to)) *out = MTH_WIRE_B(key, json_is_true(to));
  if (!json_is_object(to)) return MTH_OK;
  mth_constant *const constant = MTH_NEW(&a->arena, mth_constant);
  if (!constant) return MTH_NO_MEMORY;
  MTH_TRY(read_constant(a, to, constant));
  *out = MTH_WIRE_T(key, constant);
  return MTH_OK;
}

// ---- losses, metrics, regularizers --------------------------------------------------------------

static mth_status add_loss(assembly *a, const char *output, const json_t *spec) {
  const json_t *const loss = json_object_get(spec, "loss"), *to;
  const json_t *const kwargs = json_object_get(loss, "call_kwargs");
  const char *const target = json_string_value(json_object_get(spec, "target_key")), *key;
  mth_wire wires[wires_max] = {MTH_WIRE("input", output)};
  mth_model *model = NULL, *steps[steps_max];
  mth_loss_options options = {.struct_bytes = sizeof options, .steps = steps};
  size_t count = 1;
  if (!loss || json_is_null(loss)) return MTH_OK;
  if (target) wires[count++] = MTH_WIRE("target", target);
  if (json_object_size(kwargs) > wires_max - 2) return refuse(a, output, "too many call_kwargs");
  json_object_foreach((json_t *)(uintptr_t)kwargs, key, to)
      MTH_TRY(make_wire(a, key, to, &wires[count++]));
  MTH_TRY(make_model(a, loss, &model));
  mth_status status =
      make_steps(a, json_object_get(spec, "reduce_steps"), steps, &options.step_count);
  if (status == MTH_OK) {
    status = mth_train_model_add_loss(a->train, model, wires, count, &options);
    for (size_t i = 0; status != MTH_OK && i < options.step_count; ++i)
      mth_model_destroy(steps[i]);
  }
  if (status != MTH_OK) mth_model_destroy(model);
  return status;
}

static mth_status add_metrics(assembly *a, const char *output, const json_t *spec) {
  const json_t *const metrics = json_object_get(spec, "metrics");
  const char *const target = json_string_value(json_object_get(spec, "target_key"));
  for (size_t i = 0; i < json_array_size(metrics); ++i) {
    mth_model *model = NULL;
    const mth_wire wires[] = {MTH_WIRE("pred", output), MTH_WIRE("label", target)};
    MTH_TRY(make_model(a, json_array_get(metrics, i), &model));
    const mth_status status =
        mth_train_model_add_metric(a->train, model, wires, target ? 2 : 1, NULL);
    if (status != MTH_OK) mth_model_destroy(model);
    MTH_TRY(status);
  }
  return MTH_OK;
}

static mth_status read_coef(assembly *a, const json_t *json, mth_coef *out) {
  mth_constant *const constant = MTH_NEW(&a->arena, mth_constant);
  *out = MTH_COEF(json_number_value(json));
  if (json_is_number(json)) return MTH_OK;
  if (!json_is_object(json)) return refuse(a, "regularizations", "wanted a coefficient");
  if (!constant) return MTH_NO_MEMORY;
  MTH_TRY(read_constant(a, json, constant));
  *out = MTH_COEF_OF(constant);
  return MTH_OK;
}

static mth_status add_regularization(assembly *a, const json_t *spec) {
  const bool is_pattern = json_is_true(json_object_get(spec, "regex"));
  mth_regularization_options options = {.struct_bytes = sizeof options};
  mth_wire wires[wires_max];
  mth_coef coef;
  mth_model *model = NULL;
  const char *key;
  json_t *to;
  size_t count = 0;
  MTH_TRY(read_coef(a, json_object_get(spec, "coef"), &coef));
  json_object_foreach((json_t *)(uintptr_t)spec, key, to) {
    if (strcmp(key, "model") == 0 || strcmp(key, "coef") == 0 || strcmp(key, "regex") == 0)
      continue;
    if (count == wires_max) return refuse(a, "regularizations", "too many connections");
    if (is_pattern && json_is_string(to)) {
      options.pattern = json_string_value(to);
      continue;
    }
    MTH_TRY(make_wire(a, key, to, &wires[count++]));
  }
  MTH_TRY(make_model(a, json_object_get(spec, "model"), &model));
  const mth_status status =
      mth_train_model_add_regularization(a->train, model, coef, wires, count, &options);
  if (status != MTH_OK) mth_model_destroy(model);
  return status;
}

static mth_status add_all(assembly *a, const json_t *case_) {
  const json_t *const combiner = json_object_get(case_, "final_loss_combiner");
  const json_t *const regularizations = json_object_get(case_, "regularizations");
  const char *output;
  json_t *spec;
  json_object_foreach(json_object_get(case_, "output_specs"), output, spec) {
    MTH_TRY(add_loss(a, output, spec));
    MTH_TRY(add_metrics(a, output, spec));
  }
  for (size_t i = 0; i < json_array_size(regularizations); ++i)
    MTH_TRY(add_regularization(a, json_array_get(regularizations, i)));
  if (combiner && !json_is_null(combiner)) {
    mth_model *model = NULL;
    MTH_TRY(make_model(a, combiner, &model));
    const mth_status status = mth_train_model_set_loss_combiner(a->train, model);
    if (status != MTH_OK) mth_model_destroy(model);
    MTH_TRY(status);
  }
  return mth_train_model_finalize(a->train, &a->out->model);
}

// ---- a case -------------------------------------------------------------------------------------

static mth_status build(assembly *a, const json_t *case_, const json_t *dictionary) {
  mth_model *model = NULL;
  MTH_TRY(read_model(a, dictionary, &model));
  if (json_object_size(json_object_get(case_, "output_specs")) == 0) {
    a->out->model = model;
    return MTH_OK;
  }
  const mth_status status = mth_train_model_create(a->context, model, &a->train);
  if (status != MTH_OK) mth_model_destroy(model);
  MTH_TRY(status);
  a->out->train = a->train;
  a->out->trains = true;
  return add_all(a, case_);
}

mth_status assemble(const json_t *case_, const json_t *model, assembled *out) {
  *out = (assembled){0};
  MTH_TRY(mth_context_create(NULL, &out->context));
  assembly a = {
      .out = out, .context = out->context, .arena = MTH_ARENA_INIT(mth_default_allocator())};
  const mth_status status = build(&a, case_, model);
  mth_arena_reset(&a.arena);
  return status;
}

void assembled_free(assembled *a) {
  if (a->train)
    mth_train_model_destroy(a->train);
  else
    mth_model_destroy(a->model);
  mth_context_destroy(a->context);
  *a = (assembled){0};
}

mth_status assemble_round_trip(const assembled *a, assembled *out) {
  mth_text text = MTH_TEXT_INIT(mth_default_allocator());
  *out = (assembled){.trains = a->trains};
  mth_status status = mth_context_create(NULL, &out->context);
  if (status == MTH_OK) status = mth_write_json(a->model, &text);
  if (status != MTH_OK && out->context) { // the writer reported to the other context
    const mth_diagnostic *const d = mth_context_diagnostic(a->context);
    status = mth_fail(status, (mth_location){mth_context_sink(out->context), d->where}, "%s",
                      d->message);
  }
  if (status == MTH_OK)
    status = mth_read_json(out->context, mth_text_get(&text), text.byte_count, &out->model);
  mth_text_deinit(&text);
  return status;
}

// ---- reporting ----------------------------------------------------------------------------------

// What stands between the first two quotes of a message.
static const char *quoted(mth_arena *arena, const char *message) {
  const char *const first = strchr(message, '\'');
  const char *const last = first ? strchr(first + 1, '\'') : NULL;
  return last ? mth_arena_copy_text(arena, first + 1, (size_t)(last - first - 1)) : NULL;
}

void report_assembly(suite_report *report, const assembled *a) {
  mth_arena arena = MTH_ARENA_INIT(mth_default_allocator());
  const mth_diagnostic *const d = a->context ? mth_context_diagnostic(a->context) : NULL;
  const bool is_class = d && d->status == MTH_UNSUPPORTED && strstr(d->message, "class");
  const char *const name = is_class ? quoted(&arena, d->message) : NULL;
  if (name && *name)
    report_skip(report, name);
  else
    report_failure(report, "%s", d ? last_error(&arena, a->context) : "there is no context");
  mth_arena_reset(&arena);
}
