// report.h: what became of each case, told to people.
#ifndef MTH_TEST_CONFORMANCE_REPORT_H
#define MTH_TEST_CONFORMANCE_REPORT_H
#include "runtime/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// A class that the product does not have, and how many cases name it.
typedef struct missing_class {
  const char *name;
  size_t case_count;
  struct missing_class *next;
} missing_class;

typedef struct suite_report {
  FILE *out;
  bool is_verbose;         // a line for each case that passed or was skipped too
  const char *file, *name; // of the case that is running
  bool has_failed;         // that case
  size_t passed, failed, skipped;
  missing_class *missing; // by first appearance
  mth_arena arena;
} suite_report;

void report_begin(suite_report *report, const char *file, const char *name);
// One line of reason. A case may fail for several.
void report_failure(suite_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Something to know about a case that goes on.
void report_note(suite_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void report_skip(suite_report *report, const char *class_name);
// The running case passed, unless it failed or was skipped.
void report_end(suite_report *report);
// "N passed, N failed, N skipped", and the missing classes. True if nothing failed.
bool report_summary(suite_report *report);
#endif
