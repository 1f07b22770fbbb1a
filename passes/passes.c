// passes.c: the table of passes, and their options for the command line.
#include "passes/passes.h"

#include "passes/options.h"

#include <string.h>

#define NO_OPTIONS NULL, 0, 0
#define OPTIONS(pass)                                                                              \
  pass##_options, sizeof pass##_options / sizeof pass##_options[0], sizeof(mth_##pass##_options)

static const mth_pass_option fold_static_options[] = {
    {"max-bytes", "largest constant to compute, in bytes", MTH_OPTION_INT,
     offsetof(mth_fold_static_options, max_bytes), INT64_C(1) << 26, NULL}};
#define TILE(field, option, number, what)                                                          \
  {option,         what " of the register tile",                                                   \
   MTH_OPTION_INT, offsetof(mth_pack_contractions_options, field),                                 \
   number,         NULL}
static const mth_pass_option pack_contractions_options[] = {
    TILE(f32_mr, "f32-mr", 14, "f32 rows"), TILE(f32_nr, "f32-nr", 32, "f32 columns"),
    TILE(f64_mr, "f64-mr", 14, "f64 rows"), TILE(f64_nr, "f64-nr", 16, "f64 columns")};

static const mth_pass_info table[] = {
#define MTH_PASS(function, name, anchor, needs, gives, breaks, options, summary)                   \
  {name, anchor, summary, needs, gives, breaks, mth_pass_##function, options},
#include "passes/passes.def"
#undef MTH_PASS
    {0}};

enum { row_count = sizeof table / sizeof table[0] - 1 };

const mth_pass_info *mth_pass_table(size_t *out_count) {
  *out_count = row_count;
  return table;
}

const mth_pass_info *mth_pass_find(const char *name) {
  for (size_t i = 0; i < row_count; ++i)
    if (strcmp(table[i].name, name) == 0) return &table[i];
  return NULL;
}

size_t mth_pipeline_check(const mth_pass_info *const *passes, size_t count) {
  unsigned facts = MTH_FACT_NONE;
  for (size_t i = 0; i < count; ++i) {
    if (passes[i]->needs & ~facts) return i;
    facts = (facts & ~passes[i]->breaks) | passes[i]->gives;
  }
  return count;
}
