// random.c: cases whose arguments, shapes and numbers are drawn: the compiled model against the
// evaluator of this folder.
#include "test/conformance/assemble.h"
#include "test/conformance/differences.h"
#include "test/conformance/draw.h"
#include "test/conformance/evaluate.h"

#include <math.h>
#include <string.h>

enum { slopes_per_input = 12 };

// One iteration.
typedef struct trial {
  suite_run *run;
  const json_t *case_;
  mth_arena arena;
  draw draw;
  json_t *model;  // with the drawn arguments
  json_t *shapes; // the drawn random_shapes: a shape, or a dim, of [n, n]
  assembled assembled;
  const mth_physical_model *physical;
  tensor_list inputs, constants, cotangents;
  evaluation found;
  evaluator wanted;
} trial;

static const json_t *info_of(const trial *t, const char *key, bool *out_is_static) {
  const json_t *info = json_object_get(json_object_get(t->case_, "static_input_info"), key);
  *out_is_static = info != NULL;
  return info ? info : json_object_get(json_object_get(t->case_, "input_info"), key);
}

// ---- the model ----------------------------------------------------------------------------------

static bool is_listed(const json_t *list, const char *name) {
  for (size_t i = 0; i < json_array_size(list); ++i) {
    const json_t *const item = json_array_get(list, i);
    if (json_is_string(item) && strcmp(json_string_value(item), name) == 0) return true;
  }
  return false;
}

// The dictionary with "args": the regular ones and the drawn ones.
static bool draw_model(trial *t) {
  const json_t *const given = json_object_get(t->case_, "model"), *range;
  const json_t *const regular = json_object_get(given, "regular_args");
  const char *name, *why = "there is no memory";
  t->model = json_deep_copy(given);
  json_t *args = json_object_get(t->model, "args");
  if (!args) {
    args = json_object();
    json_object_set_new(t->model, "args", args);
  }
  json_object_update(args, (json_t *)(uintptr_t)regular);
  json_object_foreach(json_object_get(given, "randomized_args"), name, range) {
    json_t *const value =
        draw_argument(&t->draw, range, is_listed(json_object_get(given, "floats"), name), &why);
    if (!value) {
      report_failure(t->run->report, "argument '%s': %s", name, why);
      return false;
    }
    json_object_set_new(args, name, value);
  }
  json_object_del(t->model, "regular_args");
  json_object_del(t->model, "randomized_args");
  json_object_del(t->model, "floats");
  return true;
}

// ---- shapes that inputs share --------------------------------------------------------------------

static json_t *draw_extents(trial *t, const json_t *range) {
  const char *why;
  if (json_is_array(json_array_get(range, 0))) {
    json_t *const list = json_array();
    for (size_t i = 0; list && i < json_array_size(range); ++i)
      json_array_append_new(list, draw_extents(t, json_array_get(range, i)));
    return list;
  }
  json_t *const extent = draw_argument(&t->draw, range, false, &why);
  json_t *const pair = extent ? json_pack("[O, O]", extent, extent) : NULL;
  json_decref(extent);
  return pair;
}

// Each of random_shapes is drawn once, and used by every input that names it, whole or for a dim.
static bool draw_named_shapes(trial *t) {
  const char *name;
  json_t *range;
  t->shapes = json_object();
  json_object_foreach(json_object_get(t->case_, "random_shapes"), name, range) {
    json_t *const drawn = draw_extents(t, range);
    if (drawn && json_object_set_new(t->shapes, name, drawn) == 0) continue;
    report_failure(t->run->report, "shape '%s': wanted ranges of integers", name);
    return false;
  }
  return t->shapes;
}

// The shape that an input is described with, in ranges. A new reference, NULL if it has none or
// names one that is not there, which is reported.
static json_t *named_shape(trial *t, const json_t *info, bool *out_is_well) {
  const json_t *const shapes = json_object_get(info, "shapes");
  json_t *list = json_is_string(shapes)
                     ? json_incref(json_object_get(t->shapes, json_string_value(shapes)))
                     : json_copy((json_t *)(uintptr_t)shapes);
  *out_is_well = list || !shapes;
  for (size_t i = 0; i < json_array_size(list) && *out_is_well; ++i) {
    const char *const name = json_string_value(json_array_get(list, i));
    json_t *const dim = name ? json_object_get(t->shapes, name) : NULL;
    *out_is_well = !name || (dim && json_array_set(list, i, dim) == 0);
  }
  if (*out_is_well) return list;
  report_failure(t->run->report, "an input's shape names what random_shapes has not");
  json_decref(list);
  return NULL;
}

// ---- inputs -------------------------------------------------------------------------------------

static mth_shape to_shape(mth_arena *arena, const suite_tensor *tensor) {
  mth_extent *const extents = MTH_NEW_ARRAY(arena, mth_extent, tensor->rank + 1);
  for (size_t i = 0; extents && i < tensor->rank; ++i)
    extents[i] = MTH_N(tensor->extents[i]);
  return (mth_shape){extents ? tensor->rank : 0, extents};
}

// Literal tensors of a case may be ranges of integers.
static bool draw_literal(trial *t, const json_t *info, suite_tensor *out, const char **why) {
  const json_t *const first = json_array_get(info, 0);
  if (json_array_size(first) != 2) return suite_tensor_read(&t->arena, info, out, why);
  json_t *const drawn = draw_argument(&t->draw, info, false, why);
  const bool is_read = drawn && suite_tensor_read(&t->arena, drawn, out, why);
  json_decref(drawn);
  return is_read;
}

static bool is_literal(const json_t *info) {
  return json_is_array(info) || json_is_number(info) || json_is_boolean(info);
}

// What the case says of one input of the model: its shape, its numbers if they are literal, whether
// it is trained.
static bool describe_input(trial *t, const mth_physical_name *input) {
  bool is_static;
  const json_t *const info = info_of(t, input->name, &is_static);
  const bool is_fixed =
      is_static || strcmp(input->name, "threshold") == 0 || strcmp(input->name, "quantile") == 0;
  const char *why = NULL;
  suite_tensor tensor;
  mth_status status = MTH_OK;
  bool is_well;
  json_t *const shape = named_shape(t, info, &is_well);
  const bool is_drawn = draw_shape(&t->draw, shape, &tensor);
  json_decref(shape);
  if (!is_well) return false;
  if (is_literal(info)) {
    if (!draw_literal(t, info, &tensor, &why)) {
      report_failure(t->run->report, "input '%s': %s", input->name, why);
      return false;
    }
    t->constants.items[t->constants.count++] = (named_tensor){input->name, tensor};
    status = mth_connection_set_shape(input->connection, to_shape(&t->arena, &tensor));
  } else if (is_drawn) {
    status = mth_connection_set_shape(input->connection, to_shape(&t->arena, &tensor));
  }
  if (status == MTH_OK && !is_fixed)
    status = mth_connection_set_differentiable(input->connection, true);
  if (status != MTH_OK)
    report_failure(t->run->report, "input '%s': %s", input->name,
                   last_error(&t->arena, t->assembled.context));
  return status == MTH_OK;
}

// Every shape must follow from those that were given.
static bool find_shape(const trial *t, const mth_physical_key *key, suite_tensor *out) {
  bool is_known = key->rank >= 0 && key->rank <= suite_rank_max;
  *out = (suite_tensor){.rank = is_known ? (size_t)key->rank : 0};
  for (size_t i = 0; i < out->rank; ++i) {
    out->extents[i] = key->extents[i];
    is_known &= key->extents[i] >= 0;
  }
  if (!is_known) report_failure(t->run->report, "the shape of '%s' was not inferred", key->name);
  return is_known;
}

static bool draw_input(trial *t, const mth_physical_key *key) {
  bool is_static;
  const json_t *const info = info_of(t, key->name, &is_static);
  const char *why = NULL;
  named_tensor made = {key->name, {0}};
  suite_tensor shape;
  if (is_literal(info)) return true; // there already
  if (!find_shape(t, key, &shape)) return false;
  if (!draw_tensor(&t->draw, &t->arena, info, &shape, &made.tensor, &why)) {
    report_failure(t->run->report, "input '%s': %s", key->name, why);
    return false;
  }
  tensor_list *const list = key->role == MTH_ROLE_TRAINABLE ? &t->inputs : &t->constants;
  list->items[list->count++] = made;
  return true;
}

static bool make_lists(trial *t, size_t most) {
  tensor_list *const lists[] = {&t->inputs, &t->constants, &t->cotangents};
  for (size_t i = 0; i < 3; ++i)
    if (!(lists[i]->items = MTH_NEW_ARRAY(&t->arena, named_tensor, most + 1))) return false;
  return true;
}

static bool is_input(const mth_physical_key *key) {
  return key->is_tensor && (key->role == MTH_ROLE_TRAINABLE || key->role == MTH_ROLE_DATA);
}

// Of an input of which nothing is known the reference makes one element.
static mth_status give_one_element(trial *t, const mth_physical_options *options) {
  bool has_given = false;
  for (size_t i = 0; i < mth_physical_key_count(t->physical); ++i) {
    const mth_physical_key *const key = mth_physical_key_at(t->physical, i);
    if (!is_input(key) || key->rank >= 0) continue;
    MTH_TRY(mth_connection_set_shape(key->connection, MTH_SHAPE(MTH_N(1))));
    has_given = true;
  }
  if (!has_given) return MTH_OK;
  return mth_physical_model_create(t->assembled.model, options, &t->arena, &t->physical);
}

static bool draw_inputs(trial *t) {
  const bool is_inference = json_is_true(json_object_get(t->case_, "inference"));
  const mth_physical_options options = {
      .struct_bytes = sizeof options, .inference = is_inference, .safe_shapes = true};
  mth_physical_name *names = NULL;
  size_t count = 0;
  mth_status status = mth_list_physical_names(t->assembled.model, &t->arena, &names, &count);
  if (status == MTH_OK && !make_lists(t, count)) status = MTH_NO_MEMORY;
  for (size_t i = 0; status == MTH_OK && i < count; ++i)
    if (!names[i].is_output && !describe_input(t, &names[i])) return false;
  if (status == MTH_OK)
    status = mth_physical_model_create(t->assembled.model, &options, &t->arena, &t->physical);
  if (status == MTH_OK) status = give_one_element(t, &options);
  if (status != MTH_OK) {
    report_failure(t->run->report, "%s", last_error(&t->arena, t->assembled.context));
    return false;
  }
  const mth_physical_key **const keys =
      MTH_NEW_ARRAY(&t->arena, const mth_physical_key *, mth_physical_key_count(t->physical));
  const size_t inputs = keys ? mth_physical_list(t->physical, MTH_KEYS_INPUTS, keys) : 0;
  for (size_t i = 0; i < inputs; ++i)
    if (is_input(keys[i]) && !draw_input(t, keys[i])) return false;
  return keys != NULL;
}

// ---- outputs ------------------------------------------------------------------------------------

static bool to_real(trial *t, const suite_tensor *tensor, real_array *out) {
  *out = evaluator_make(&t->wanted, tensor->rank, tensor->extents);
  for (size_t i = 0; i < out->count && out->values; ++i)
    out->values[i] = (real)tensor->values[i];
  return out->values;
}

static bool run_evaluator(trial *t) {
  const size_t count = t->inputs.count + t->constants.count;
  real_key *const keys = MTH_NEW_ARRAY(&t->arena, real_key, count + 1);
  t->wanted = (evaluator){.arena = &t->arena,
                          .class_name = json_string_value(json_object_get(t->model, "name")),
                          .args = json_object_get(t->model, "args"),
                          .model = t->model,
                          .inputs = keys,
                          .input_count = count};
  for (size_t i = 0; keys && i < count; ++i) {
    const bool is_trained = i < t->inputs.count;
    const named_tensor *const from =
        is_trained ? &t->inputs.items[i] : &t->constants.items[i - t->inputs.count];
    keys[i].name = from->name;
    if (!to_real(t, &from->tensor, &keys[i].array)) return false;
  }
  if (keys && evaluator_run(&t->wanted)) return true;
  report_failure(t->run->report, "the evaluator: %s", t->wanted.why);
  return false;
}

// A number, or {"eval": a, "grad": b}; one number is for both, ten times as much for gradients.
static double tolerance(const json_t *case_, const char *key, bool is_gradient) {
  const json_t *const given = json_object_get(case_, key);
  if (json_is_object(given))
    return json_number_value(json_object_get(given, is_gradient ? "grad" : "eval"));
  const double both = json_is_number(given) ? json_number_value(given) : 1e-13;
  return is_gradient ? 10 * both : both;
}

static const real_array *wanted_output(const trial *t, const char *name) {
  for (size_t i = 0; i < t->wanted.output_count; ++i)
    if (strcmp(t->wanted.outputs[i].name, name) == 0) return &t->wanted.outputs[i].array;
  return NULL;
}

static void compare_output(trial *t, const named_tensor *found) {
  const real_array *const wanted = wanted_output(t, found->name);
  suite_tensor rounded;
  size_t worst;
  if (!wanted) {
    report_failure(t->run->report, "the evaluator has no output '%s'", found->name);
    return;
  }
  if (!suite_tensor_make(&t->arena, SUITE_FLOAT, wanted->rank, wanted->extents, &rounded)) return;
  for (size_t i = 0; i < rounded.count; ++i)
    rounded.values[i] = (double)wanted->values[i];
  if (!suite_tensor_same_shape(&found->tensor, &rounded))
    report_failure(t->run->report, "output '%s' has shape %s, wanted %s", found->name,
                   suite_tensor_shape_text(&t->arena, &found->tensor),
                   suite_tensor_shape_text(&t->arena, &rounded));
  else if (!suite_tensor_is_near(&found->tensor, &rounded,
                                 tolerance(t->case_, "64bit_tolerance", false),
                                 tolerance(t->case_, "64bit_relative_tolerance", false), &worst))
    report_failure(t->run->report, "output '%s'[%zu] is %.17g, wanted %.17g", found->name, worst,
                   found->tensor.values[worst], rounded.values[worst]);
}

// The shape that was inferred, before anything ran.
static void compare_inferred(trial *t, const named_tensor *found) {
  const mth_physical_key *const key = mth_physical_find(t->physical, found->name);
  suite_tensor inferred;
  if (!key || !find_shape(t, key, &inferred)) return;
  if (!suite_tensor_same_shape(&inferred, &found->tensor))
    report_failure(t->run->report, "output '%s' was inferred as %s, and is %s", found->name,
                   suite_tensor_shape_text(&t->arena, &inferred),
                   suite_tensor_shape_text(&t->arena, &found->tensor));
}

// ---- gradients ----------------------------------------------------------------------------------

static bool draw_cotangents(trial *t) {
  const char *why = NULL;
  for (size_t i = 0; i < t->wanted.output_count; ++i) {
    const mth_physical_key *const key = mth_physical_find(t->physical, t->wanted.outputs[i].name);
    const real_array *const array = &t->wanted.outputs[i].array;
    suite_tensor shape = {.rank = array->rank};
    memcpy(shape.extents, array->extents, sizeof shape.extents);
    if (!key || !key->is_output || !key->is_differentiable) continue;
    named_tensor *const made = &t->cotangents.items[t->cotangents.count++];
    made->name = t->wanted.outputs[i].name;
    if (!draw_tensor(&t->draw, &t->arena, NULL, &shape, &made->tensor, &why)) return false;
  }
  return true;
}

// Compares some elements of a gradient with differences. What the differences themselves do not
// know better than this (a kink or a pole is near) is no measure, but it must be the exception.
static void compare_gradient(trial *t, const weighted_sum *sum, size_t input) {
  const char *const name = t->inputs.items[input].name;
  const suite_tensor *const x = &t->inputs.items[input].tensor;
  const named_tensor *const found = tensor_list_find(&t->found.gradients, name);
  size_t tried = 0, inside = 0, known = 0;
  if (!found || !suite_tensor_same_shape(&found->tensor, x)) {
    report_failure(t->run->report, "the gradient of '%s' %s", name,
                   found ? "has another shape than it" : "is missing");
    return;
  }
  for (; tried < slopes_per_input && tried < x->count; ++tried) {
    const bool takes_all = x->count <= slopes_per_input;
    const size_t at = takes_all ? tried : (size_t)draw_integer(&t->draw, 0, (int64_t)x->count - 1);
    real slope, error;
    if (!reaches_numbers(sum, input, at)) continue;
    if (isnan(found->tensor.values[at]) && has_nan(sum)) continue;
    inside += 1;
    if (!differentiate(sum, input, at, &slope, &error)) continue;
    if (!(error <= 1e-6L * (1 + fabsl(slope)))) continue;
    known += 1;
    const real bound = error + (real)tolerance(t->case_, "64bit_tolerance", true) +
                       (real)tolerance(t->case_, "64bit_relative_tolerance", true) * fabsl(slope);
    if (fabsl((real)found->tensor.values[at] - slope) <= bound) continue;
    report_failure(t->run->report,
                   "the gradient of '%s'[%zu] is %.17g, differences say %.17Lg +- %.2Lg", name, at,
                   found->tensor.values[at], slope, bound);
    return;
  }
  if (2 * known < inside)
    report_failure(t->run->report, "differences know only %zu of %zu slopes of '%s'", known, inside,
                   name);
}

static void compare_gradients(trial *t) {
  real_key *const cotangents = MTH_NEW_ARRAY(&t->arena, real_key, t->cotangents.count + 1);
  for (size_t i = 0; cotangents && i < t->cotangents.count; ++i) {
    cotangents[i].name = t->cotangents.items[i].name;
    if (!to_real(t, &t->cotangents.items[i].tensor, &cotangents[i].array)) return;
  }
  const weighted_sum sum = {&t->wanted, cotangents, t->cotangents.count};
  for (size_t i = 0; cotangents && i < t->inputs.count; ++i)
    compare_gradient(t, &sum, i);
}

// ---- a case -------------------------------------------------------------------------------------

static void run_trial(trial *t) {
  const bool is_inference = json_is_true(json_object_get(t->case_, "inference"));
  if (!draw_model(t) || !draw_named_shapes(t)) return;
  if (assemble(t->case_, t->model, &t->assembled) != MTH_OK) {
    report_assembly(t->run->report, &t->assembled);
    return;
  }
  if (!draw_inputs(t) || !run_evaluator(t) || !draw_cotangents(t)) return;
  const evaluation_request request = {.model = t->assembled.model,
                                      .inputs = t->inputs,
                                      .constants = t->constants,
                                      .cotangents = t->cotangents,
                                      .is_inference = is_inference || t->inputs.count == 0};
  if (evaluate(&request, &t->arena, &t->found) != MTH_OK) {
    report_failure(t->run->report, "%s", last_error(&t->arena, t->assembled.context));
    return;
  }
  for (size_t i = 0; i < t->found.outputs.count; ++i) {
    compare_output(t, &t->found.outputs.items[i]);
    compare_inferred(t, &t->found.outputs.items[i]);
  }
  if (t->found.outputs.count == 0) report_failure(t->run->report, "there are no outputs");
  if (!request.is_inference) compare_gradients(t);
}

void run_random(suite_run *run, const json_t *case_) {
  const json_t *const given = json_object_get(case_, "iterations");
  const int64_t iterations = json_is_integer(given) ? json_integer_value(given) : 10;
  uint64_t seed = run->seed;
  for (const char *c = run->report->name; *c; ++c)
    seed = seed * 31 + (unsigned char)*c;
  draw state = {seed};
  for (int64_t i = 0; i < iterations && run->report->name && !run->report->has_failed; ++i) {
    trial t = {.run = run,
               .case_ = case_,
               .arena = MTH_ARENA_INIT(mth_default_allocator()),
               .draw = state};
    run_trial(&t);
    state = t.draw;
    assembled_free(&t.assembled);
    json_decref(t.model);
    json_decref(t.shapes);
    mth_arena_reset(&t.arena);
  }
}
