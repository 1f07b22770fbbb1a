// suite.h: what a case of a suite file asks for. The format is told from a case's keys, never from
// the file's name.
#ifndef MTH_TEST_CONFORMANCE_SUITE_H
#define MTH_TEST_CONFORMANCE_SUITE_H
#include "test/conformance/report.h"

#include <jansson.h>
#include <stdint.h>

typedef enum case_format {
  CASE_DIRECTED,    // inputs, results: numbers are given
  CASE_INTEGRATION, // the same with losses; twice, the second time from its own JSON
  CASE_ERROR,       // error_info: building, compiling or comparing must fail
  CASE_DISCARD,     // results.discard_keys
  CASE_STATIC,      // static_input_shapes, results.static_keys
  CASE_RANDOM,      // inputs are drawn; compared with the evaluator of this folder
  CASE_SUM_TO,      // kwargs.gradient: a gradient summed over broadcast axes
  CASE_UNKNOWN,
} case_format;

case_format suite_format(const json_t *case_);

// What a run of cases shares.
typedef struct suite_run {
  suite_report *report;
  uint64_t seed;    // of what is drawn
  const char *only; // NULL, or a part of the names of the cases to run
} suite_run;

// Runs the cases of one file, in order. False if the file is no JSON object of cases, which is
// reported as a failure.
bool suite_run_file(suite_run *run, const char *path);

// One case of each format; failures go to the report.
void run_directed(suite_run *run, const json_t *case_);
void run_integration(suite_run *run, const json_t *case_);
void run_error(suite_run *run, const json_t *case_);
void run_discard(suite_run *run, const json_t *case_);
void run_static(suite_run *run, const json_t *case_);
void run_random(suite_run *run, const json_t *case_);
void run_sum_to(suite_run *run, const json_t *case_);
#endif
