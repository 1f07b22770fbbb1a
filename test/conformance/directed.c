// directed.c: cases whose inputs and results are numbers in the file, with losses or without; and
// cases that must fail.
#include "ir/parts.h"
#include "test/conformance/assemble.h"
#include "test/conformance/evaluate.h"

#include <string.h>

// One case, built and run once.
typedef struct directed {
  suite_run *run;
  const json_t *case_;
  mth_arena arena;
  assembled assembled;
  const char *round; // "" or " after a round trip", for messages
  evaluation found;
} directed;

// ---- what the file gives ------------------------------------------------------------------------

static bool read_into(directed *d, tensor_list *list, const char *name, const json_t *json) {
  const char *why;
  named_tensor *const item = &list->items[list->count];
  item->name = name;
  if (suite_tensor_read(&d->arena, json, &item->tensor, &why)) {
    list->count += 1;
    return true;
  }
  report_failure(d->run->report, "'%s': %s", name, why);
  return false;
}

// All tensors of an object. With "is_list", each key holds a list of tensors: input1, input2, ...
static bool read_tensors(directed *d, const json_t *object, bool is_list, tensor_list *out) {
  size_t most = json_object_size(object) + 1;
  const char *name;
  json_t *json;
  json_object_foreach((json_t *)(uintptr_t)object, name, json) if (is_list) most +=
      json_array_size(json);
  *out = (tensor_list){MTH_NEW_ARRAY(&d->arena, named_tensor, most), 0};
  json_object_foreach((json_t *)(uintptr_t)object, name, json) {
    if (!out->items) return false;
    if (strcmp(name, "is_list") == 0 || json_is_null(json)) continue;
    for (size_t i = 0; is_list && i < json_array_size(json); ++i) {
      const char *const part = mth_arena_format(&d->arena, "%s%zu", name, i + 1);
      if (!part || !read_into(d, out, part, json_array_get(json, i))) return false;
    }
    if (!is_list && !read_into(d, out, name, json)) return false;
  }
  return true;
}

static void make_float(tensor_list *list) { // whatever is trained is
  for (size_t i = 0; i < list->count; ++i)
    list->items[i].tensor.kind = SUITE_FLOAT;
}

// ---- comparing ----------------------------------------------------------------------------------

// A reference may differ from backend to backend: the column of NumPy counts.
static const json_t *reference_of(const json_t *json) {
  return json_is_object(json) ? json_object_get(json, "numpy") : json;
}

static void compare_tensor(directed *d, const char *what, const named_tensor *found,
                           const suite_tensor *wanted) {
  suite_report *const report = d->run->report;
  size_t worst;
  if (!suite_tensor_same_shape(&found->tensor, wanted))
    report_failure(report, "%s of '%s'%s has shape %s, wanted %s", what, found->name, d->round,
                   suite_tensor_shape_text(&d->arena, &found->tensor),
                   suite_tensor_shape_text(&d->arena, wanted));
  else if (!suite_tensor_is_exact(&found->tensor, wanted, &worst))
    report_failure(report, "%s of '%s'[%zu]%s is %.17g, wanted %.17g", what, found->name, worst,
                   d->round, found->tensor.values[worst], wanted->values[worst]);
}

static void compare_parts(directed *d, const char *what, const char *name, const json_t *wanted,
                          const tensor_list *found, size_t *compared) {
  for (size_t i = 0; i < json_array_size(wanted); ++i) {
    const char *const part = mth_arena_format(&d->arena, "%s%zu", name, i + 1), *why;
    const named_tensor *const item = part ? tensor_list_find(found, part) : NULL;
    suite_tensor tensor;
    if (!item)
      report_failure(d->run->report, "%s of '%s%zu'%s is missing", what, name, i + 1, d->round);
    else if (suite_tensor_read(&d->arena, json_array_get(wanted, i), &tensor, &why))
      compare_tensor(d, what, item, &tensor);
    *compared += item != NULL;
  }
}

// Every tensor of the reference and no other.
static void compare_all(directed *d, const char *what, const json_t *references,
                        const tensor_list *found, bool is_list) {
  suite_report *const report = d->run->report;
  const char *name, *why;
  json_t *json;
  size_t compared = 0;
  json_object_foreach((json_t *)(uintptr_t)references, name, json) {
    const json_t *const reference = reference_of(json);
    if (is_list) {
      compare_parts(d, what, name, reference, found, &compared);
      continue;
    }
    const named_tensor *const item = tensor_list_find(found, name);
    suite_tensor wanted;
    if (!item)
      report_failure(report, "%s of '%s'%s is missing", what, name, d->round);
    else if (!suite_tensor_read(&d->arena, reference, &wanted, &why))
      report_failure(report, "the reference for '%s': %s", name, why);
    else
      compare_tensor(d, what, item, &wanted);
    compared += item != NULL;
  }
  for (size_t i = 0; compared < found->count && !is_list && i < found->count; ++i)
    if (!json_object_get(references, found->items[i].name))
      report_failure(report, "%s of '%s'%s is not in the file", what, found->items[i].name,
                     d->round);
}

// Shapes that were inferred while compiling, against those of the numbers.
static void compare_shapes(directed *d, const tensor_list *found) {
  const json_t *const given = json_object_get(d->case_, "reference_shapes");
  for (size_t i = 0; i < found->count; ++i) {
    const named_tensor *const item = &found->items[i];
    const json_t *const wanted = json_object_get(given, item->name);
    if (!wanted) continue;
    bool is_same = json_is_array(wanted) && json_array_size(wanted) == item->tensor.rank;
    for (size_t j = 0; is_same && j < item->tensor.rank; ++j)
      is_same = json_integer_value(json_array_get(wanted, j)) == item->tensor.extents[j];
    if (!is_same)
      report_failure(d->run->report, "'%s'%s has shape %s, which reference_shapes has not",
                     item->name, d->round, suite_tensor_shape_text(&d->arena, &item->tensor));
  }
}

// ---- running ------------------------------------------------------------------------------------

static bool list_discarded(directed *d, evaluation_request *request) {
  const json_t *const keys = json_object_get(d->case_, "discard_keys");
  const char **const names = MTH_NEW_ARRAY(&d->arena, const char *, json_array_size(keys) + 1);
  for (size_t i = 0; names && i < json_array_size(keys); ++i)
    if (json_is_string(json_array_get(keys, i)))
      names[request->discarded_count++] = json_string_value(json_array_get(keys, i));
  request->discarded = names;
  return names;
}

static mth_connection *find_list(const mth_model *model) {
  for (size_t i = 0; i < mth_model_connection_count(model); ++i)
    if (mth_connection_is_list(mth_model_connection(model, i)))
      return mth_model_connection(model, i);
  return NULL;
}

// A list input takes as many tensors as the file gives, and all are trained.
static mth_status open_list(directed *d, const tensor_list *inputs) {
  mth_model *const model = d->assembled.model;
  mth_connection *const list = find_list(model);
  if (list) MTH_TRY(mth_connection_set_length(list, inputs->count));
  for (size_t i = 0; i < inputs->count; ++i) {
    mth_connection *const part = mth_model_find(model, inputs->items[i].name);
    if (part) MTH_TRY(mth_connection_set_differentiable(part, true));
  }
  return MTH_OK;
}

// Compiles and runs the assembled model. False if it could not, with `status` set unless the file
// itself was at fault, which is reported.
static bool run_model(directed *d, bool *out_is_list, mth_status *out_status) {
  const json_t *const inputs = json_object_get(d->case_, "inputs");
  evaluation_request request = {.model = d->assembled.model,
                                .loss = d->assembled.trains ? "final_cost" : NULL};
  *out_status = MTH_OK;
  *out_is_list = json_is_true(json_object_get(inputs, "is_list"));
  if (!read_tensors(d, inputs, *out_is_list, &request.inputs) ||
      !read_tensors(d, json_object_get(d->case_, "static_keys"), false, &request.constants) ||
      !read_tensors(d, json_object_get(d->case_, "output_grads"), false, &request.cotangents) ||
      !list_discarded(d, &request))
    return false;
  make_float(&request.inputs);
  make_float(&request.cotangents);
  request.is_inference = request.inputs.count == 0;
  if (*out_is_list) *out_status = open_list(d, &request.inputs);
  if (*out_status != MTH_OK) return false;
  *out_status = evaluate(&request, &d->arena, &d->found);
  return *out_status == MTH_OK;
}

// The suites were made with a system that does not hold arrays against inferred shapes: a case may
// state a size that its own arrays contradict. Then the arrays count: the model is made without
// that argument, if its class can do without, and the report says so.
static bool run_without_a_size(directed *d, bool *out_is_list, mth_status *out_status) {
  const json_t *const dictionary = json_object_get(d->case_, "model");
  const char *name;
  json_t *value;
  json_object_foreach(json_object_get(dictionary, "args"), name, value) {
    if (!json_is_integer(value)) continue;
    json_t *const copy = json_deep_copy(dictionary);
    json_object_del(json_object_get(copy, "args"), name);
    assembled other;
    mth_status status = assemble(d->case_, copy, &other);
    json_decref(copy);
    const assembled first = d->assembled;
    d->assembled = other;
    if (status == MTH_OK && run_model(d, out_is_list, &status)) {
      report_note(d->run->report, "made without '%s', which its arrays contradict", name);
      d->assembled = first;
      assembled_free(&other);
      *out_status = MTH_OK;
      return true;
    }
    d->assembled = first;
    assembled_free(&other);
  }
  return false;
}

static void run_once(directed *d) {
  const json_t *const results = json_object_get(d->case_, "results");
  bool is_list;
  mth_status status;
  bool has_run = run_model(d, &is_list, &status);
  if (!has_run && status == MTH_INVALID) has_run = run_without_a_size(d, &is_list, &status);
  if (!has_run) {
    if (status != MTH_OK)
      report_failure(d->run->report, "%s%s", last_error(&d->arena, d->assembled.context), d->round);
    return;
  }
  compare_all(d, "the value", json_object_get(results, "eval"), &d->found.outputs, false);
  compare_all(d, "the gradient", json_object_get(results, "grad"), &d->found.gradients, is_list);
  compare_shapes(d, &d->found.outputs);
  compare_shapes(d, &d->found.gradients);
}

static bool begin(directed *d, suite_run *run, const json_t *case_) {
  *d = (directed){
      .run = run, .case_ = case_, .round = "", .arena = MTH_ARENA_INIT(mth_default_allocator())};
  return assemble(case_, json_object_get(case_, "model"), &d->assembled) == MTH_OK;
}

static void end(directed *d) {
  assembled_free(&d->assembled);
  mth_arena_reset(&d->arena);
}

void run_directed(suite_run *run, const json_t *case_) {
  directed d;
  if (begin(&d, run, case_))
    run_once(&d);
  else
    report_assembly(run->report, &d.assembled);
  end(&d);
}

void run_integration(suite_run *run, const json_t *case_) {
  directed d;
  if (!begin(&d, run, case_)) {
    report_assembly(run->report, &d.assembled);
    end(&d);
    return;
  }
  assembled again;
  const mth_status status =
      assemble_round_trip(&d.assembled, &again); // before compiling freezes it
  run_once(&d);
  assembled_free(&d.assembled);
  d.assembled = again;
  d.round = " after a round trip";
  if (status == MTH_OK)
    run_once(&d);
  else
    report_failure(run->report, "the round trip: %s", last_error(&d.arena, again.context));
  end(&d);
}

// ---- cases that fail ----------------------------------------------------------------------------

// What the file's error classes are here. An AssertionError is a comparison that fails.
static mth_status status_of(const char *python_class) {
  static const struct {
    const char *python;
    mth_status ours;
  } kinds[] = {
      {"KeyError", MTH_INVALID},      {"ValueError", MTH_INVALID},
      {"TypeError", MTH_INVALID},     {"AttributeError", MTH_INVALID},
      {"IndexError", MTH_INVALID},    {"Exception", MTH_INVALID},
      {"RuntimeError", MTH_INVALID},  {"NotImplementedError", MTH_UNSUPPORTED},
      {"MemoryError", MTH_NO_MEMORY},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; ++i)
    if (strcmp(kinds[i].python, python_class) == 0) return kinds[i].ours;
  return MTH_OK;
}

static void expect_status(directed *d, mth_status found, mth_status wanted) {
  if (found == MTH_OK)
    report_failure(d->run->report, "it must fail, and it ran");
  else if (found != wanted)
    report_failure(d->run->report, "it failed with %s, wanted %s: %s", mth_status_name(found),
                   mth_status_name(wanted), last_error(&d->arena, d->assembled.context));
}

// The comparison must fail, for that reason alone: everything before it must work.
static void expect_mismatch(directed *d) {
  FILE *const quiet = tmpfile();
  suite_report inner = {.out = quiet, .file = d->run->report->file, .name = d->run->report->name};
  suite_run run = {.report = &inner, .seed = d->run->seed};
  suite_run *const outer = d->run;
  bool is_list;
  mth_status status = MTH_NO_MEMORY;
  if (quiet && run_model(d, &is_list, &status)) {
    const json_t *const results = json_object_get(d->case_, "results");
    d->run = &run;
    compare_all(d, "the value", json_object_get(results, "eval"), &d->found.outputs, false);
    compare_all(d, "the gradient", json_object_get(results, "grad"), &d->found.gradients, is_list);
    d->run = outer;
    if (!inner.has_failed) report_failure(outer->report, "the comparison must fail, and it holds");
  } else {
    report_failure(outer->report, "it did not get as far as comparing: %s",
                   last_error(&d->arena, d->assembled.context));
  }
  if (quiet) fclose(quiet);
}

void run_error(suite_run *run, const json_t *case_) {
  const json_t *const info = json_object_get(case_, "error_info");
  const char *const type = json_string_value(json_object_get(info, "error_type"));
  const bool is_mismatch = type && strcmp(type, "AssertionError") == 0;
  const mth_status wanted = type ? status_of(type) : MTH_OK;
  directed d;
  const bool is_built = begin(&d, run, case_);
  bool is_list;
  mth_status status;
  if (!is_mismatch && wanted == MTH_OK)
    report_failure(run->report, "error_info names no class of error that is known here");
  else if (!is_built && mth_context_diagnostic(d.assembled.context)->status == MTH_UNSUPPORTED &&
           wanted != MTH_UNSUPPORTED)
    report_assembly(run->report, &d.assembled);
  else if (!is_built)
    expect_status(&d, mth_context_diagnostic(d.assembled.context)->status, wanted);
  else if (is_mismatch)
    expect_mismatch(&d);
  else if (run_model(&d, &is_list, &status) || status != MTH_OK)
    expect_status(&d, status, wanted);
  end(&d);
}
