// passes.h: the pass table, and nothing else that one pass may use of another.
#ifndef MTH_PASSES_PASSES_H
#define MTH_PASSES_PASSES_H
#include "mlir-c/Pass.h"
#include "runtime/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

// What holds for the whole module at a point of the pipeline (facts.def): sets of bits.
typedef enum mth_fact {
  MTH_FACT_NONE = 0,
#define MTH_FACT_ROW(name, bit, text) MTH_FACT_##name = 1 << (bit),
#include "passes/facts.def"
#undef MTH_FACT_ROW
} mth_fact;

typedef enum mth_option_kind {
  MTH_OPTION_BOOL,   // bool
  MTH_OPTION_INT,    // int64_t
  MTH_OPTION_STRING, // const char *
} mth_option_kind;

typedef struct mth_pass_option {
  const char *name, *help;
  mth_option_kind kind;
  size_t offset; // of the field in the pass's options struct
  int64_t default_int;
  const char *default_string;
} mth_pass_option;

typedef struct mth_pass_info {
  const char *name;              // on the command line
  const char *anchor;            // the op it runs on; it may not look outside that op
  const char *summary;           // one line
  unsigned needs, gives, breaks; // sets of mth_fact
  mth_status (*run)(MlirOperation anchor, const void *options); // the pass's own struct, or NULL
  const mth_pass_option *options;
  size_t option_count, options_bytes;
} mth_pass_info;

// The passes themselves, mth_pass_<function>.
#define MTH_PASS(function, ...)                                                                    \
  mth_status mth_pass_##function(MlirOperation anchor, const void *options);
#include "passes/passes.def"
#undef MTH_PASS

// All passes in default order. The table is static; `out_count` may not be NULL.
const mth_pass_info *mth_pass_table(size_t *out_count);
// The row with this command-line name, or NULL.
const mth_pass_info *mth_pass_find(const char *name);

// The index of the first pass whose needs do not hold when the passes run in this order, or
// `count` if the order is sound.
size_t mth_pipeline_check(const mth_pass_info *const *passes, size_t count);

// Wraps a row as an MLIR pass (pass_class.cpp). The caller owns it until it hands it to
// mlir*PassManagerAddOwnedPass. `info` must be static.
MlirPass mth_pass_create(const mth_pass_info *info);
// Registers every row in MLIR's pass registry, for textual pipelines. Call once per process, under
// pthread_once: the registry is process-wide and unlocked.
void mth_passes_register(void);

#ifdef __cplusplus
}
#endif
#endif
