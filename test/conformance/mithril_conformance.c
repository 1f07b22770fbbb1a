// mithril_conformance.c: runs suite files of model cases against this product.
//
//   mithril-conformance [--only PART] [--seed N] [--verbose] FILE.json ...
#include "test/conformance/suite.h"

#include <stdlib.h>
#include <string.h>

static int usage(FILE *out, int code) {
  fprintf(out,
          "usage: mithril-conformance [options] FILE.json ...\n"
          "Builds the models of the cases, compiles, evaluates and differentiates them, compares\n"
          "what the files say, and prints one line of reason for each failure.\n"
          "  --only PART  only cases whose name has PART in it\n"
          "  --seed N     of what is drawn for randomized cases (default 1)\n"
          "  --verbose    a line for each case\n"
          "Exits with 1 if a case failed, 2 if it could not start.\n");
  return code;
}

int main(int argc, char **argv) {
  suite_report report = {.out = stdout, .arena = MTH_ARENA_INIT(mth_default_allocator())};
  suite_run run = {.report = &report, .seed = 1};
  int first_file = 1;
  for (; first_file < argc && argv[first_file][0] == '-'; ++first_file) {
    const char *const option = argv[first_file];
    const bool takes_value = strcmp(option, "--only") == 0 || strcmp(option, "--seed") == 0;
    if (strcmp(option, "--help") == 0) return usage(stdout, 0);
    if (strcmp(option, "--verbose") == 0) {
      report.is_verbose = true;
      continue;
    }
    if (!takes_value || ++first_file == argc) return usage(stderr, 2);
    char *end = argv[first_file];
    if (strcmp(option, "--only") == 0) {
      run.only = argv[first_file];
      continue;
    }
    run.seed = strtoull(argv[first_file], &end, 10);
    if (*end || end == argv[first_file]) return usage(stderr, 2);
  }
  if (first_file >= argc) return usage(stderr, 2);
  for (int i = first_file; i < argc; ++i)
    suite_run_file(&run, argv[i]);
  const bool all_well = report_summary(&report);
  mth_arena_reset(&report.arena);
  return all_well ? 0 : 1;
}
