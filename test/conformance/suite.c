// suite.c: files of cases.
#include "test/conformance/suite.h"

#include <string.h>

static bool has(const json_t *object, const char *key) { return json_object_get(object, key); }

case_format suite_format(const json_t *case_) {
  const json_t *const model = json_object_get(case_, "model");
  const json_t *const results = json_object_get(case_, "results");
  if (has(json_object_get(case_, "kwargs"), "gradient")) return CASE_SUM_TO;
  if (!model) return CASE_UNKNOWN;
  if (has(case_, "error_info")) return CASE_ERROR;
  if (has(case_, "static_input_shapes")) return CASE_STATIC;
  if (has(results, "discard_keys")) return CASE_DISCARD;
  if (has(case_, "iterations") || has(case_, "input_info") || has(model, "randomized_args") ||
      has(model, "regular_args"))
    return CASE_RANDOM;
  if (!has(case_, "inputs") || !results) return CASE_UNKNOWN;
  return json_object_size(json_object_get(case_, "output_specs")) ? CASE_INTEGRATION
                                                                  : CASE_DIRECTED;
}

static void run_case(suite_run *run, const json_t *case_) {
  switch (suite_format(case_)) {
  case CASE_DIRECTED:
    run_directed(run, case_);
    break;
  case CASE_INTEGRATION:
    run_integration(run, case_);
    break;
  case CASE_ERROR:
    run_error(run, case_);
    break;
  case CASE_DISCARD:
    run_discard(run, case_);
    break;
  case CASE_STATIC:
    run_static(run, case_);
    break;
  case CASE_RANDOM:
    run_random(run, case_);
    break;
  case CASE_SUM_TO:
    run_sum_to(run, case_);
    break;
  case CASE_UNKNOWN:
    report_failure(run->report, "its keys are those of no format of this program");
    break;
  }
}

bool suite_run_file(suite_run *run, const char *path) {
  const char *const slash = strrchr(path, '/'), *const file = slash ? slash + 1 : path;
  json_error_t error;
  json_t *const cases = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
  if (!json_is_object(cases)) {
    report_begin(run->report, file, "(the file)");
    if (cases)
      report_failure(run->report, "wanted an object of cases");
    else
      report_failure(run->report, "line %d, column %d: %s", error.line, error.column, error.text);
    report_end(run->report);
    json_decref(cases);
    return false;
  }
  const char *name;
  json_t *case_;
  json_object_foreach(cases, name, case_) {
    if (run->only && !strstr(name, run->only)) continue;
    report_begin(run->report, file, name);
    run_case(run, case_);
    report_end(run->report);
  }
  json_decref(cases);
  return true;
}
