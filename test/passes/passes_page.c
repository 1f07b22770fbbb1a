// passes_page.c: prints docs/passes.md from the tables of passes, facts and phases.
#include "passes/pipeline.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
  unsigned bit;
  const char *name, *text;
} facts[] = {
#define MTH_FACT_ROW(name, bit, text) {1u << (bit), #name, text},
#include "passes/facts.def"
#undef MTH_FACT_ROW
};
enum { fact_count = sizeof facts / sizeof facts[0] };

static void print_facts(const char *what, unsigned set) {
  if (!set) return;
  printf("; %s", what);
  for (size_t i = 0; i < fact_count; ++i)
    if (set & facts[i].bit) printf(" `%s`", facts[i].name);
}

static void print_option(const mth_pass_option *option) {
  printf("  - `%s`, ", option->name);
  switch (option->kind) {
  case MTH_OPTION_BOOL:
    printf("%s: ", option->default_int ? "true" : "false");
    break;
  case MTH_OPTION_INT:
    printf("%" PRId64 ": ", option->default_int);
    break;
  case MTH_OPTION_STRING:
    printf("\"%s\": ", option->default_string);
    break;
  }
  printf("%s\n", option->help);
}

static void print_pass(const mth_pass_info *pass) {
  printf("- **`%s`**: %s", pass->name, pass->summary);
  print_facts("needs", pass->needs);
  print_facts("gives", pass->gives);
  print_facts("breaks", pass->breaks);
  printf("\n");
  for (size_t i = 0; i < pass->option_count; ++i)
    print_option(&pass->options[i]);
}

// Tells of each pass once, in the phase that runs it first.
static void print_phase(size_t index) {
  enum { most = 64 };
  const mth_pass_info *before[4 * most], *passes[most];
  const size_t before_count = mth_pipeline_list(0, index, before, 4 * most);
  const size_t count = mth_pipeline_list(index, index + 1, passes, most);
  printf("\n## %s: %s\n\nRuns", mth_phases[index].name, mth_phases[index].summary);
  for (size_t i = 0; i < count; ++i)
    printf("%s `%s`", i ? "," : "", passes[i]->name);
  printf(".\n\n");
  for (size_t i = 0; i < count; ++i) {
    bool seen = false;
    for (size_t j = 0; j < before_count; ++j)
      seen = seen || before[j] == passes[i];
    for (size_t j = 0; j < i; ++j)
      seen = seen || passes[j] == passes[i];
    if (!seen) print_pass(passes[i]);
  }
}

int main(void) {
  printf(
      "# Passes\n\n"
      "Made from `passes/passes.def` and `passes/pipeline.c` by `cmake --build build --target "
      "pages`; "
      "do not edit.\nThe program's forms between the phases: [ir-forms.md](ir-forms.md). Each pass "
      "and each phase is an option of `mithril-opt`;\nan option of a pass is given as "
      "`--pass=option=value` and has the default shown here.\n\n"
      "| Fact | Says |\n|---|---|\n");
  for (size_t i = 0; i < fact_count; ++i)
    printf("| `%s` | %s |\n", facts[i].name, facts[i].text);
  for (size_t phase = 0; phase < MTH_PHASE_COUNT; ++phase)
    print_phase(phase);
  return 0;
}
