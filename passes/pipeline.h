// pipeline.h: the order of the passes, from what a person writes to the LLVM dialect.
#ifndef MTH_PASSES_PIPELINE_H
#define MTH_PASSES_PIPELINE_H
#include "mlir-c/IR.h"
#include "passes/passes.h"
#ifdef __cplusplus
extern "C" {
#endif

// How many rows and columns of a product the target keeps in registers, by element type.
typedef struct mth_register_tiles {
  int64_t f32_rows, f32_columns;
  int64_t f64_rows, f64_columns;
} mth_register_tiles;

// One run of the pipeline over one module. Zero-initialise, then fill the fields above the line.
typedef struct mth_pipeline {
  MlirOperation module;
  mth_register_tiles tiles;
  const char *dump_after; // NULL, "all", or a pass's name
  void (*dump)(void *user, const char *pass, const char *text, size_t text_bytes);
  void *dump_user;
  // --------
  const mth_pass_info **trace; // not NULL: passes are only listed here, none runs
  size_t trace_count, trace_capacity;
} mth_pipeline;

// The phases, in this order; each takes the module from one form of docs/ir-forms.md to another.
// After a failure the module is only good to be destroyed.
//
// Fails  as the passes do, which have reported; MTH_INTERNAL if a pass leaves invalid IR, which a
//        release checks once a phase, and a build with asserts or a dump after every pass.
MTH_MUST_USE mth_status mth_pipeline_to_typed(mth_pipeline *pipeline);   // 1 -> 2
MTH_MUST_USE mth_status mth_pipeline_to_core(mth_pipeline *pipeline);    // 2 -> 3
MTH_MUST_USE mth_status mth_pipeline_to_kernels(mth_pipeline *pipeline); // 3 -> 4
MTH_MUST_USE mth_status mth_pipeline_to_linalg(mth_pipeline *pipeline);  // 4 -> 5, entries -> 9
MTH_MUST_USE mth_status mth_pipeline_kernels_to_llvm(mth_pipeline *pipeline); // kernels 5 -> 10
MTH_MUST_USE mth_status mth_pipeline_entries_to_llvm(mth_pipeline *pipeline); // entries 9 -> 10

// The phases as a table, in order, also for the command line of mithril-opt ("phase-core").
typedef struct mth_phase {
  const char *name, *summary;
  mth_status (*run)(mth_pipeline *pipeline);
} mth_phase;

enum { MTH_PHASE_COUNT = 6 };
extern const mth_phase mth_phases[MTH_PHASE_COUNT];

// Lists the passes of the phases [begin, end) in order, without running one. Returns how many there
// are; writes at most `capacity`.
size_t mth_pipeline_list(size_t begin, size_t end, const mth_pass_info **out_passes,
                         size_t capacity);

// Registers each phase as a pipeline of mithril-opt (pass_class.cpp). Needs mth_passes_register.
void mth_phases_register(void);

#ifdef __cplusplus
}
#endif
#endif
