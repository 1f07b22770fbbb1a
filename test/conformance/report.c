// report.c: what became of each case.
#include "test/conformance/report.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

void report_begin(suite_report *report, const char *file, const char *name) {
  report->file = file;
  report->name = name;
  report->has_failed = false;
}

static void say(suite_report *report, const char *what, const char *format, va_list args) {
  fprintf(report->out, "%s %s: %s: ", what, report->file, report->name);
  vfprintf(report->out, format, args);
  fprintf(report->out, "\n");
}

void report_failure(suite_report *report, const char *format, ...) {
  va_list args;
  va_start(args, format);
  say(report, "FAIL", format, args);
  va_end(args);
  report->has_failed = true;
}

void report_note(suite_report *report, const char *format, ...) {
  va_list args;
  va_start(args, format);
  say(report, "note", format, args);
  va_end(args);
}

static missing_class *find_missing(suite_report *report, const char *name) {
  missing_class **slot = &report->missing;
  while (*slot && strcasecmp((*slot)->name, name) != 0) // a document may write it in any case
    slot = &(*slot)->next;
  if (*slot) return *slot;
  *slot = MTH_NEW(&report->arena, missing_class);
  if (*slot) (*slot)->name = mth_arena_copy_text(&report->arena, name, strlen(name));
  return *slot && (*slot)->name ? *slot : NULL;
}

void report_skip(suite_report *report, const char *class_name) {
  missing_class *missing = find_missing(report, class_name);
  if (missing) missing->case_count += 1;
  report->skipped += 1;
  if (report->is_verbose)
    fprintf(report->out, "skip %s: %s: there is no class '%s'\n", report->file, report->name,
            class_name);
  report->name = NULL;
}

void report_end(suite_report *report) {
  if (!report->name) return; // skipped
  report->passed += !report->has_failed;
  report->failed += report->has_failed;
  if (report->is_verbose && !report->has_failed)
    fprintf(report->out, "pass %s: %s\n", report->file, report->name);
  report->name = NULL;
}

bool report_summary(suite_report *report) {
  if (report->missing) fprintf(report->out, "classes that cases name and the product has not:\n");
  for (const missing_class *c = report->missing; c; c = c->next)
    fprintf(report->out, "  %-24s %zu\n", c->name, c->case_count);
  fprintf(report->out, "%zu passed, %zu failed, %zu skipped\n", report->passed, report->failed,
          report->skipped);
  return report->failed == 0;
}
