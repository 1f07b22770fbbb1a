// options.h: the options structs of the passes that have any. passes.c names and documents the
// fields for the command line.
#ifndef MTH_PASSES_OPTIONS_H
#define MTH_PASSES_OPTIONS_H
#include <stdbool.h>
#include <stdint.h>

typedef struct mth_fold_static_options {
  int64_t max_bytes; // of one folded constant
} mth_fold_static_options;

#endif
