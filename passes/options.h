// options.h: the options structs of the passes that have any. passes.c names and documents the
// fields for the command line.
#ifndef MTH_PASSES_OPTIONS_H
#define MTH_PASSES_OPTIONS_H
#include <stdbool.h>
#include <stdint.h>

typedef struct mth_fold_static_options {
  int64_t max_bytes; // of one folded constant
} mth_fold_static_options;
// The register tile of a contraction: rows (mr) and columns (nr), for f64 and for all others.
typedef struct mth_pack_contractions_options {
  int64_t f32_mr, f32_nr, f64_mr, f64_nr;
} mth_pack_contractions_options;

#endif
